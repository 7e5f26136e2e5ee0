//! `/signup`: makes an account, within an authorization request or by itself.

use async_trait::async_trait;
use http::StatusCode;
use valetkey_oauth2::{Form, Secret};
use valetkey_provider::{
    Policy,
    people::{AccountRefusal, NewAccount, PasswordRefusal},
};

use super::login::{Onward, begin};
use crate::{
    contexts::{self, Message, Problems},
    page::{Outcome, Page, not_found},
    site::{Site, retry_after},
    visit::{Visit, notice},
};

pub(super) struct Signup;

#[async_trait]
impl Page for Signup {
    fn is_served(&self, policy: &Policy) -> bool {
        policy.sign_up
    }

    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let onward = Onward::of(site, visit, &visit.query).await?;
        if visit.session().is_some() && onward.flow.is_none() {
            return Ok(site.to(onward.next.as_deref().unwrap_or("/")));
        }
        page(site, visit, &onward, "", StatusCode::OK, Wrong::default())
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let onward = Onward::of(site, visit, form).await?;
        let new = new_account(form);
        match site.engine().sign_up(&new, visit.peer).await? {
            Ok(account) => {
                let is_home = onward.flow.is_none();
                let mut response = begin(site, visit, onward, &account).await?;
                if is_home {
                    notice::set(site.engine(), &mut response, "account_made", None);
                }
                Ok(response)
            }
            Err(AccountRefusal::SignUpOff) => Err(not_found("people make no accounts for themselves here")),
            Err(refusal) => {
                let wrong = Wrong::of(refusal);
                let mut response = page(site, visit, &onward, &new.username, wrong.status, wrong)?;
                if let AccountRefusal::TooMany(seconds) = refusal {
                    retry_after(&mut response, seconds);
                }
                Ok(response)
            }
        }
    }

    async fn stale(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let onward = Onward::of(site, visit, form).await?;
        let username = form.get("username").unwrap_or_default();
        page(site, visit, &onward, username, StatusCode::FORBIDDEN, Wrong::stale())
    }
}

/// What a form says about a new account.
pub(super) fn new_account(form: &Form<'_>) -> NewAccount {
    NewAccount {
        username: form.get("username").unwrap_or_default().to_owned(),
        password: Some(Secret::new(form.get("password").unwrap_or_default())),
        ..NewAccount::default()
    }
}

/// What is wrong with a form about an account.
#[derive(Default)]
pub(super) struct Wrong {
    pub(super) status: StatusCode,
    pub(super) problems: Problems,
    pub(super) error: Option<Message>,
}

impl Wrong {
    pub(super) fn stale() -> Self {
        Self { error: Some(Message::new("problem.stale")), ..Self::default() }
    }

    pub(super) fn of(refusal: AccountRefusal) -> Self {
        let about = |field: &'static str, message: Message| Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            problems: Problems::from([(field, message)]),
            error: None,
        };
        match refusal {
            AccountRefusal::UsernameTaken => about("username", Message::new("problem.username_taken")),
            AccountRefusal::UsernameInvalid => about("username", Message::new("problem.username")),
            AccountRefusal::Password(refusal) => about("password", password(refusal)),
            AccountRefusal::EmailInvalid => about("username", Message::new("problem.username")),
            AccountRefusal::SignUpOff => Self {
                status: StatusCode::NOT_FOUND,
                error: Some(Message::new("problem.setup")),
                ..Self::default()
            },
            AccountRefusal::TooMany(seconds) => Self {
                status: StatusCode::TOO_MANY_REQUESTS,
                error: Some(Message::new("problem.slow_down").with("seconds", seconds.to_string())),
                ..Self::default()
            },
        }
    }
}

/// Why a password is too weak, in words.
pub(super) fn password(refusal: PasswordRefusal) -> Message {
    match refusal {
        PasswordRefusal::TooShort { min } => {
            Message::new("problem.password_short").with("count", min.to_string())
        }
        PasswordRefusal::TooLong { max } => {
            Message::new("problem.password_long").with("count", max.to_string())
        }
        PasswordRefusal::Common => Message::new("problem.password_common"),
        PasswordRefusal::LikeUsername => Message::new("problem.password_name"),
    }
}

fn page(
    site: &Site,
    visit: &Visit<'_>,
    onward: &Onward,
    username: &str,
    status: StatusCode,
    wrong: Wrong,
) -> Outcome {
    let signup = contexts::Signup {
        page: visit.page(site, ""),
        flow: onward.flow_field(),
        next: onward.next.clone(),
        username: username.to_owned(),
        problems: wrong.problems,
        error: wrong.error,
        client: onward.client.clone(),
        login_url: site.skin.at(&format!("/login{}", onward.query())),
        password_length: site.engine().policy().passwords.min_length,
    };
    site.html(visit, status, "signup", &signup)
}
