//! `none`: a public client names itself and proves nothing (RFC 6749 §3.2.1).

use super::{CredentialsError, Presented, named};
use crate::{AuthMethod, Form};

/// Reads the name.
///
/// # Errors
/// [`CredentialsError`].
pub fn parse(form: &Form<'_>) -> Result<Presented, CredentialsError> {
    Ok(Presented {
        client_id: named(form)?,
        secret: None,
        raw_secret: None,
        raw_client_id: None,
        method: AuthMethod::None,
    })
}
