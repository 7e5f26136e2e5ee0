//! The pages there are, and who may see them: nothing but the list.

mod account;
mod admin;
mod apps;
mod client_demo;
mod consent;
mod home;
mod login;
mod logout;
mod setup;
mod signup;

use crate::{
    page::{
        Page,
        Role::{self, Administrator, Anybody, Developer, Person},
    },
    router::Route,
};

/// Every page. One that is not listed is not there.
pub(crate) const ALL: &[Route] = &[
    show("/", Anybody, &home::Home),
    form("/login", Anybody, &login::Login),
    form("/signup", Anybody, &signup::Signup),
    form("/logout", Anybody, &logout::Logout),
    form("/setup/{link}", Anybody, &setup::Setup),
    form("/consent", Anybody, &consent::Consent),
    show("/account", Person, &account::Overview),
    form("/account/password", Person, &account::Password),
    show("/account/sessions", Person, &account::Sessions),
    act("/account/sessions/end", Person, &account::EndSession),
    show("/account/apps", Person, &account::Connected),
    act("/account/apps/revoke", Person, &account::Revoke),
    show("/apps", Developer, &apps::List),
    form("/apps/new", Developer, &apps::New),
    show("/apps/{id}", Developer, &apps::Detail),
    form("/apps/{id}/edit", Developer, &apps::Edit),
    form("/apps/{id}/secret", Developer, &apps::Secret),
    act("/apps/{id}/secret/retire", Developer, &apps::Retire),
    act("/apps/{id}/oauth1-secret", Developer, &apps::OAuth1Secret),
    act("/apps/{id}/oauth1-secret/retire", Developer, &apps::RetireOAuth1),
    act("/apps/{id}/delete", Developer, &apps::Delete),
    form("/client", Developer, &client_demo::ClientDemo),
    show("/admin", Administrator, &admin::Overview),
    show("/admin/clients", Administrator, &admin::Clients),
    act("/admin/clients/{id}/disable", Administrator, &admin::DisableClient),
    act("/admin/clients/{id}/enable", Administrator, &admin::EnableClient),
    act("/admin/clients/{id}/revoke-tokens", Administrator, &admin::RevokeTokens),
    show("/admin/accounts", Administrator, &admin::Accounts),
    act("/admin/accounts/{id}/disable", Administrator, &admin::DisableAccount),
    act("/admin/accounts/{id}/enable", Administrator, &admin::EnableAccount),
    act("/admin/accounts/{id}/end-sessions", Administrator, &admin::EndSessions),
    show("/admin/sessions", Administrator, &admin::Sessions),
    show("/admin/keys", Administrator, &admin::Keys),
    act("/admin/keys/rotate", Administrator, &admin::RotateKeys),
    show("/admin/refusals", Administrator, &admin::Refusals),
    show("/admin/oauth1", Administrator, &admin::OAuth1),
    show("/admin/events", Administrator, &admin::Events),
];

/// A page to look at.
const fn show(path: &'static str, role: Role, page: &'static dyn Page) -> Route {
    Route { path, methods: "GET", role, page }
}

/// A page with a form that comes back to it.
const fn form(path: &'static str, role: Role, page: &'static dyn Page) -> Route {
    Route { path, methods: "GET, POST", role, page }
}

/// A button on another page.
const fn act(path: &'static str, role: Role, page: &'static dyn Page) -> Route {
    Route { path, methods: "POST", role, page }
}
