//! `/client`: the route of the well-known guide, for trying out. It makes a client for whoever is logged in and
//! answers in JSON. A new client is a change, so it is `POST`; `GET` does it too, as the guide says, in demo mode only.

use async_trait::async_trait;
use valetkey_oauth2::Form;
use valetkey_provider::Policy;

use crate::{
    page::{Outcome, Page, not_found},
    site::Site,
    visit::Visit,
};

pub(super) struct ClientDemo;

#[async_trait]
impl Page for ClientDemo {
    fn is_served(&self, policy: &Policy) -> bool {
        policy.demo
    }

    fn stranger(&self, _visit: &Visit<'_>) -> String {
        "/".to_owned()
    }

    async fn show(&self, _site: &Site, _visit: &Visit<'_>) -> Outcome {
        Err(not_found("not yet"))
    }

    async fn act(&self, _site: &Site, _visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        Err(not_found("not yet"))
    }
}
