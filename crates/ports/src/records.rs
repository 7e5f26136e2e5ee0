//! Records: what is kept. They embed the facts that the rules of `valetkey-oauth2` judge.

mod account;
mod client;
mod code;
mod consent;
mod event;
mod flow;
mod grant;
mod key;
mod oauth1;
mod session;
mod token;

pub use account::{Account, Username, username_key};
pub use client::{Client, ClientKind, ClientOrigin, ClientSecret, Lifetimes, PkcePolicy, SecretHash};
pub use code::Code;
pub use consent::Consent;
pub use event::{Event, EventKind, Refusal, RefusedSignature};
pub use flow::{Approval, Asked, AuthorizationFlow, Flow, TemporaryFlow};
pub use grant::{AccountMark, Grant, Standing};
pub use key::{KeyState, SigningKeyRecord};
pub use oauth1::{
    Allowance, Callback, Crossing, Held, OAuth1Client, Sealed, SharedSecret, Stage, TemporaryCredentials,
    TokenCredentials, Use,
};
pub use session::Session;
pub use token::{AccessRecord, FamilyId, NewRefresh, RefreshRecord, Rotation};
