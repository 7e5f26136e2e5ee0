//! One grant a file: its parameters, the facts it needs, its rule. A rule is a pure function of record, request and time.

pub mod authorization_code;
pub mod client_credentials;
pub mod implicit;
mod legacy;
pub mod password;
pub mod refresh_token;
pub mod token_exchange;

pub use legacy::Legacy;
