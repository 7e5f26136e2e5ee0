//! `/admin/keys`: what tokens are signed with.

use async_trait::async_trait;
use valetkey_oauth2::{Form, Timestamp};
use valetkey_ports::{KeyState, SigningKeyRecord};

use crate::{
    contexts::{self, KeyRow},
    page::{Outcome, Page},
    site::Site,
    visit::{Visit, notice},
};

pub(in crate::pages) struct Keys;

#[async_trait]
impl Page for Keys {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let engine = site.engine();
        let keys = engine.ports().keys.list().await?;
        let current = keys.iter().find(|key| key.state == KeyState::Current);
        let next = keys.iter().find(|key| key.state == KeyState::Next).map(|key| key.activates_at);
        let scheduled = current.map(|key| key.activates_at.plus(engine.policy().keys.rotate_every));
        let page = contexts::AdminKeys {
            page: visit.page(site, "keys"),
            keys: keys.iter().rev().map(row).collect(),
            next_rotation_at: next.or(scheduled).map(Timestamp::seconds),
        };
        site.ok(visit, "admin_keys", &page)
    }
}

fn row(key: &SigningKeyRecord) -> KeyRow {
    KeyRow {
        kid: key.kid.clone(),
        algorithm: key.algorithm.clone(),
        state: match key.state {
            KeyState::Next => "published",
            KeyState::Current => "active",
            KeyState::Retiring => "retiring",
            KeyState::Gone => "retired",
        },
        created_at: key.created_at.seconds(),
        active_from: Some(key.activates_at.seconds()),
        gone_from: None,
    }
}

pub(in crate::pages) struct RotateKeys;

#[async_trait]
impl Page for RotateKeys {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let by = format!("administrator {}", visit.live()?.account().id);
        let keys = site.engine().rotate_keys(false, &by).await?;
        let next = keys.iter().find(|key| key.state == KeyState::Next);
        let kid = next.or(keys.last()).map(|key| key.kid.as_str()).unwrap_or_default();
        let mut response = site.to("/admin/keys");
        notice::set(site.engine(), &mut response, "key_rotated", Some(kid));
        Ok(response)
    }
}
