//! `client_secret_basic`: name and secret in an HTTP Basic header (RFC 6749 §2.3.1, RFC 7617).
//!
//! The specification has both form-encoded before they are joined; many libraries do not do that. So both readings are kept
//! where they differ. A name with a colon in it must be encoded; the secret may have colons.

use std::borrow::Cow;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use super::{CredentialsError, Presented, after_scheme, has_control};
use crate::{AuthMethod, ClientId, Form, Secret, form};

const MOST_BYTES: usize = 4096;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads the header. A `client_id` in the body is let pass if it is the same. An empty secret is what some
/// libraries send for a public client: it names itself and proves nothing.
///
/// # Errors
/// [`CredentialsError`].
pub fn parse(header: &[u8], form: &Form<'_>) -> Result<Presented, CredentialsError> {
    let encoded = after_scheme(header, "basic").ok_or(CredentialsError::OtherScheme)?;
    if encoded.len() > MOST_BYTES {
        return Err(CredentialsError::BasicMalformed);
    }
    let pair = BASE64.decode(encoded).map(Zeroizing::new).map_err(|_| CredentialsError::BasicMalformed)?;
    let pair = std::str::from_utf8(&pair).map_err(|_| CredentialsError::BasicMalformed)?;
    let (raw_name, raw_secret) = pair.split_once(':').ok_or(CredentialsError::BasicMalformed)?;
    // What does not decode was not encoded: then the raw text is the one reading there is.
    let name = form::decode(raw_name.as_bytes()).unwrap_or(Cow::Borrowed(raw_name));
    let secret = form::decode(raw_secret.as_bytes()).unwrap_or(Cow::Borrowed(raw_secret));
    if [raw_name, raw_secret, &name, &secret].into_iter().any(has_control) {
        return Err(CredentialsError::BasicMalformed);
    }
    if name.is_empty() {
        return Err(CredentialsError::Missing);
    }
    let client_id = ClientId::parse(&name);
    let raw_client_id = (name != raw_name).then(|| ClientId::parse(raw_name).ok()).flatten();
    let (client_id, raw_client_id) = match (client_id, raw_client_id) {
        (Ok(client_id), raw) => (client_id, raw),
        (Err(_), Some(raw)) => (raw, None),
        (Err(_), None) => return Err(CredentialsError::ClientIdMalformed),
    };
    let in_body = form.get("client_id");
    let is_named = |id: &ClientId| in_body.is_none_or(|named| named == id.as_str());
    if !is_named(&client_id) && !raw_client_id.as_ref().is_some_and(is_named) {
        return Err(CredentialsError::ClientIdMismatch);
    }
    let method = if secret.is_empty() { AuthMethod::None } else { AuthMethod::ClientSecretBasic };
    Ok(Presented {
        client_id,
        raw_secret: (secret != raw_secret).then(|| Secret::new(raw_secret)),
        raw_client_id,
        secret: (!secret.is_empty()).then(|| Secret::new(secret.into_owned())),
        method,
    })
}
