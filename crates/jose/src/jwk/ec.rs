//! `"kty":"EC"` (RFC 7518 §6.2).

use serde::ser::SerializeMap;
use serde_json::{Map, Value};
use valetkey_crypto::{Curve, PublicKey};

use super::octets;
use crate::{Algorithm, JoseError, base64url, json};

pub(super) fn read(object: &Map<String, Value>) -> Result<PublicKey, JoseError> {
    let curve = match json::text(object, "crv")?.ok_or(JoseError::KeyRejected)? {
        "P-256" => Curve::P256,
        "P-384" => Curve::P384,
        "P-521" => Curve::P521,
        _ => return Err(JoseError::UnsupportedKey),
    };
    Ok(PublicKey::Ec { curve, x: octets(object, "x")?, y: octets(object, "y")? })
}

pub(super) fn write<M: SerializeMap>(map: &mut M, curve: Curve, x: &[u8], y: &[u8]) -> Result<(), M::Error> {
    map.serialize_entry("kty", "EC")?;
    map.serialize_entry("crv", crv(curve))?;
    map.serialize_entry("x", &base64url::encode(x))?;
    map.serialize_entry("y", &base64url::encode(y))
}

/// Each curve has its one algorithm (RFC 7518 §3.4).
pub(super) const fn algorithms(curve: Curve) -> &'static [Algorithm] {
    match curve {
        Curve::P256 => &[Algorithm::Es256],
        Curve::P384 => &[Algorithm::Es384],
        Curve::P521 => &[Algorithm::Es512],
    }
}

pub(crate) const fn crv(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => "P-256",
        Curve::P384 => "P-384",
        Curve::P521 => "P-521",
    }
}
