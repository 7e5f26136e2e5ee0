//! `"kty":"OKP"` (RFC 8037 §2); of its curves only Ed25519 signs here.

use serde::ser::SerializeMap;
use serde_json::{Map, Value};
use valetkey_crypto::PublicKey;

use super::octets;
use crate::{JoseError, base64url, json};

pub(super) fn read(object: &Map<String, Value>) -> Result<PublicKey, JoseError> {
    if json::text(object, "crv")?.ok_or(JoseError::KeyRejected)? != "Ed25519" {
        return Err(JoseError::UnsupportedKey);
    }
    let x = octets(object, "x")?.try_into().map_err(|_| JoseError::KeyRejected)?;
    Ok(PublicKey::Ed25519 { x })
}

pub(super) fn write<M: SerializeMap>(map: &mut M, x: &[u8; 32]) -> Result<(), M::Error> {
    map.serialize_entry("kty", "OKP")?;
    map.serialize_entry("crv", "Ed25519")?;
    map.serialize_entry("x", &base64url::encode(x))
}
