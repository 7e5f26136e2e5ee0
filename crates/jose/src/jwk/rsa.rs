//! `"kty":"RSA"` (RFC 7518 §6.3).

use serde::ser::SerializeMap;
use serde_json::{Map, Value};
use valetkey_crypto::PublicKey;

use super::octets;
use crate::{JoseError, base64url};

pub(super) fn read(object: &Map<String, Value>) -> Result<PublicKey, JoseError> {
    Ok(PublicKey::Rsa { n: octets(object, "n")?, e: octets(object, "e")? })
}

pub(super) fn write<M: SerializeMap>(map: &mut M, n: &[u8], e: &[u8]) -> Result<(), M::Error> {
    map.serialize_entry("kty", "RSA")?;
    map.serialize_entry("n", &base64url::encode(n))?;
    map.serialize_entry("e", &base64url::encode(e))
}
