//! The pages of a developer's apps.

mod app;
mod draft;
mod edit;
mod list;
mod oauth1;
mod secret;

use valetkey_oauth2::ClientId;
use valetkey_ports::Client;
use valetkey_provider::{Failure, people::Actor, registry::Changed};

use crate::{
    page::{forbidden, not_found},
    site::Site,
    visit::Visit,
};

pub(super) use app::{Delete, Detail};
pub(super) use edit::{Edit, New};
pub(super) use list::List;
pub(super) use secret::{OAuth1Secret, Retire, RetireOAuth1, Secret};

/// The app that the path names, if it is this developer's business; a stranger's is not there (security OP-01).
async fn own_app(site: &Site, visit: &Visit<'_>) -> Result<Client, Failure> {
    let id = ClientId::parse(visit.param("id")).map_err(|_| unknown())?;
    let actor = Actor::of(visit.live()?.account());
    site.engine().client_for(&id, &actor).await?.ok_or_else(unknown)
}

fn unknown() -> Failure {
    not_found("there is no such app, or it is somebody else's")
}

/// What became of a change, as a page says it.
pub(super) fn done(changed: Changed) -> Result<(), Failure> {
    match changed {
        Changed::Done => Ok(()),
        Changed::NotFound => Err(unknown()),
        Changed::ReadOnly => Err(forbidden()),
    }
}
