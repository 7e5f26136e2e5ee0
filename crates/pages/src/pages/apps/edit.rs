//! `/apps/new` and `/apps/{id}/edit`: an app is registered, or changed.

use async_trait::async_trait;
use valetkey_oauth2::Form;
use valetkey_provider::{people::Actor, registry::ClientDraft};

use super::{
    draft::{self, Wrong},
    own_app, secret, unknown,
};
use crate::{
    page::{Outcome, Page, encode},
    site::Site,
    visit::{Visit, notice},
};

pub(in crate::pages) struct New;

#[async_trait]
impl Page for New {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        draft::page(site, visit, None, &draft::blank(site.engine()), Wrong::default())
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let draft = draft::read(form, ClientDraft::default());
        let unticked = draft::unticked(&draft);
        if !unticked.is_empty() {
            return draft::page(site, visit, None, &draft, Wrong::of(unticked));
        }
        match site.engine().register(&draft, &Actor::of(visit.live()?.account())).await? {
            Ok(registered) => secret::show_once(site, visit, &registered, true),
            Err(problems) => draft::page(site, visit, None, &draft, Wrong::of(problems)),
        }
    }

    async fn stale(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        draft::page(site, visit, None, &draft::read(form, ClientDraft::default()), Wrong::stale())
    }
}

pub(in crate::pages) struct Edit;

#[async_trait]
impl Page for Edit {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        draft::page(site, visit, Some(client.id.as_str()), &ClientDraft::from(&client), Wrong::default())
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        let draft = draft::read(form, ClientDraft::from(&client));
        let actor = Actor::of(visit.live()?.account());
        let unticked = draft::unticked(&draft);
        if !unticked.is_empty() {
            return draft::page(site, visit, Some(client.id.as_str()), &draft, Wrong::of(unticked));
        }
        match site.engine().update_client(&client.id, &draft, &actor).await?.ok_or_else(unknown)? {
            // A change of kind may make a secret, and so may OAuth 1 when it is switched on.
            Ok(changed) if changed.secret.is_some() || changed.oauth1_secret.is_some() => {
                secret::show_once(site, visit, &changed, false)
            }
            Ok(_) => {
                let mut response = site.to(&format!("/apps/{}", encode(client.id.as_str())));
                notice::set(site.engine(), &mut response, "app_saved", None);
                Ok(response)
            }
            Err(problems) => draft::page(site, visit, Some(client.id.as_str()), &draft, Wrong::of(problems)),
        }
    }

    async fn stale(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        let draft = draft::read(form, ClientDraft::from(&client));
        draft::page(site, visit, Some(client.id.as_str()), &draft, Wrong::stale())
    }
}
