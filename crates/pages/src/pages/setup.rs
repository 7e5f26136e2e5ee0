//! `/setup/{link}`: the first administrator, by a link that works once.

use async_trait::async_trait;
use http::StatusCode;
use valetkey_oauth2::{Form, Handle, HandleKind};
use valetkey_provider::{Failure, people::AccountRefusal};

use super::{
    login::{Onward, begin},
    signup::{Wrong, new_account},
};
use crate::{
    contexts,
    page::{Outcome, Page, not_found},
    site::{Site, retry_after},
    visit::{Visit, notice},
};

pub(super) struct Setup;

#[async_trait]
impl Page for Setup {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        link(site, visit).await?;
        page(site, visit, "", StatusCode::OK, Wrong::default())
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let link = link(site, visit).await?;
        let new = new_account(form);
        match site.engine().claim_setup(&link, &new, visit.peer).await? {
            Ok(account) => {
                let onward = Onward { next: Some("/admin".to_owned()), ..Onward::default() };
                let mut response = begin(site, visit, onward, &account).await?;
                notice::set(site.engine(), &mut response, "account_made", None);
                Ok(response)
            }
            Err(AccountRefusal::SignUpOff) => Err(gone()),
            Err(refusal) => {
                let wrong = Wrong::of(refusal);
                let mut response = page(site, visit, &new.username, wrong.status, wrong)?;
                if let AccountRefusal::TooMany(seconds) = refusal {
                    retry_after(&mut response, seconds);
                }
                Ok(response)
            }
        }
    }

    async fn stale(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        link(site, visit).await?;
        let username = form.get("username").unwrap_or_default();
        page(site, visit, username, StatusCode::FORBIDDEN, Wrong::stale())
    }
}

/// The link, if it is still good.
async fn link(site: &Site, visit: &Visit<'_>) -> Result<Handle, Failure> {
    let link = Handle::parse(HandleKind::Setup, visit.param("link")).map_err(|_| gone())?;
    if site.engine().find_setup(&link).await? { Ok(link) } else { Err(gone()) }
}

fn gone() -> Failure {
    not_found("the setup link is unknown, used or too old")
}

fn page(site: &Site, visit: &Visit<'_>, username: &str, status: StatusCode, wrong: Wrong) -> Outcome {
    let setup = contexts::Setup {
        page: visit.page(site, ""),
        action: site.skin.at(visit.path),
        username: username.to_owned(),
        problems: wrong.problems,
        error: wrong.error,
        password_length: site.engine().policy().passwords.min_length,
    };
    site.html(visit, status, "setup", &setup)
}
