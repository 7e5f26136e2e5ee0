//! The person shows who they are.

use std::time::Duration;

use valetkey_oauth2::{ErrorCode, Timestamp};

use crate::{
    config::Paths,
    step::{Step, View},
};

/// Due without a session, under `prompt=login`, and past `max_age` (OpenID Connect Core §3.1.2.1), unless somebody has
/// logged in within this flow.
pub(super) struct Login;

impl Step for Login {
    fn is_due(&self, view: &View<'_>, now: Timestamp) -> bool {
        let Some((session, _)) = view.session else { return true };
        if view.flow.has_logged_in {
            return false;
        }
        let prompt = view.flow.prompt();
        let too_old = view
            .flow
            .max_age()
            .is_some_and(|seconds| now > session.authenticated_at.plus(Duration::from_secs(seconds)));
        prompt.login || prompt.select_account || too_old
    }

    fn page<'p>(&self, paths: &'p Paths) -> &'p str {
        &paths.login
    }

    fn refusal(&self) -> (ErrorCode, &'static str) {
        (ErrorCode::LoginRequired, "Nobody is logged in: ask again without prompt=none.")
    }
}
