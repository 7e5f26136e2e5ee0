//! The pages there are, and who may see them: nothing but the list.

mod client_demo;
mod consent;
mod home;
mod login;
mod logout;

use crate::{
    page::{
        Page,
        Role::{self, Anybody, Person},
    },
    router::Route,
};

/// Every page.
pub(crate) const ALL: &[Route] = &[
    show("/", Anybody, &home::Home),
    form("/login", Anybody, &login::Login),
    form("/logout", Anybody, &logout::Logout),
    form("/consent", Anybody, &consent::Consent),
    form("/client", Person, &client_demo::ClientDemo),
];

/// A page to look at.
const fn show(path: &'static str, role: Role, page: &'static dyn Page) -> Route {
    Route { path, methods: "GET", role, page }
}

/// A page with a form that comes back to it.
const fn form(path: &'static str, role: Role, page: &'static dyn Page) -> Route {
    Route { path, methods: "GET, POST", role, page }
}
