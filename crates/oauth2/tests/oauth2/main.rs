//! The rules as tables, the specifications' examples, and properties that must hold of every request.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod authorization;
mod code;
mod credentials;
mod form;
mod messages;
mod refresh;
mod rules;

use valetkey_oauth2::{ClientId, Form, Handle, HandleKind, Resource, Scope, Timestamp};

fn vector(name: &str) -> String {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap().trim_end().to_owned()
}

fn json(text: &[u8]) -> serde_json::Value {
    serde_json::from_slice(text).unwrap()
}

fn form(text: &str) -> Form<'_> {
    Form::parse(text.as_bytes(), &["resource"]).unwrap()
}

fn client(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

fn resource(uri: &str) -> Resource {
    Resource::parse(uri).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn handle(kind: HandleKind, byte: u8) -> Handle {
    Handle::mint(kind, &[byte; 32])
}
