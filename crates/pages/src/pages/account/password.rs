//! `/account/password`: a new one for the old one. The old one is the fresh factor (security UI-21).

use async_trait::async_trait;
use http::StatusCode;
use valetkey_oauth2::{Form, Secret};
use valetkey_provider::{answer, people::ChangeRefusal};

use crate::{
    contexts::{self, Message, Problems},
    page::{Outcome, Page},
    pages::signup,
    site::{Site, retry_after},
    visit::{Visit, notice},
};

pub(in crate::pages) struct Password;

#[async_trait]
impl Page for Password {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        page(site, visit, StatusCode::OK, Problems::new(), None)
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let engine = site.engine();
        let secret = |name: &str| Secret::new(form.get(name).unwrap_or_default());
        let (current, new) = (secret("current_password"), secret("new_password"));
        let browser = visit.as_browser(engine);
        let refusal =
            match engine.change_password(visit.live()?, &current, &new, &browser, visit.peer).await? {
                Ok(session) => {
                    let mut response = site.to("/account");
                    answer::set_cookie(&mut response, &engine.cookies().set_session(&session.session));
                    answer::set_cookie(&mut response, &engine.cookies().set_device(&session.device));
                    notice::set(engine, &mut response, "password_changed", None);
                    return Ok(response);
                }
                Err(refusal) => refusal,
            };
        match refusal {
            ChangeRefusal::WrongPassword => {
                let said = Message::new("problem.password_current");
                let problems = Problems::from([("current_password", said)]);
                page(site, visit, StatusCode::UNPROCESSABLE_ENTITY, problems, None)
            }
            ChangeRefusal::Password(refusal) => {
                let problems = Problems::from([("new_password", signup::password(refusal))]);
                page(site, visit, StatusCode::UNPROCESSABLE_ENTITY, problems, None)
            }
            ChangeRefusal::TooMany(seconds) => {
                let said = Message::new("problem.slow_down").with("seconds", seconds.to_string());
                let status = StatusCode::TOO_MANY_REQUESTS;
                let mut response = page(site, visit, status, Problems::new(), Some(said))?;
                retry_after(&mut response, seconds);
                Ok(response)
            }
        }
    }

    async fn stale(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let said = Message::new("problem.stale");
        page(site, visit, StatusCode::FORBIDDEN, Problems::new(), Some(said))
    }
}

fn page(
    site: &Site,
    visit: &Visit<'_>,
    status: StatusCode,
    problems: Problems,
    error: Option<Message>,
) -> Outcome {
    let password = contexts::AccountPassword {
        page: visit.page(site, "password"),
        problems,
        error,
        password_length: site.engine().policy().passwords.min_length,
    };
    site.html(visit, status, "account_password", &password)
}
