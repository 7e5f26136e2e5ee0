//! `client_secret_post`: name and secret in the body (RFC 6749 §2.3.1).

use super::{CredentialsError, Presented, has_control, named};
use crate::{AuthMethod, Form, Secret};

/// Reads both.
///
/// # Errors
/// [`CredentialsError`].
pub fn parse(form: &Form<'_>) -> Result<Presented, CredentialsError> {
    let secret = form.get("client_secret").ok_or(CredentialsError::Missing)?;
    if has_control(secret) {
        return Err(CredentialsError::SecretMalformed);
    }
    Ok(Presented {
        client_id: named(form)?,
        secret: Some(Secret::new(secret)),
        raw_secret: None,
        raw_client_id: None,
        method: AuthMethod::ClientSecretPost,
    })
}
