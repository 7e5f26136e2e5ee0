//! What a policy may not say, and what it says that is weak.

use std::time::Duration;

use super::{Policy, Switch};

/// A policy that cannot hold.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidPolicy(pub String);

/// A choice that is weaker than the default: said at start and by `config check`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Warning(pub String);

impl Policy {
    /// Checks what can be checked, and collects what should be said.
    ///
    /// # Errors
    /// [`InvalidPolicy`] for what cannot hold.
    pub fn check(&self) -> Result<Vec<Warning>, InvalidPolicy> {
        let refuse = |text: &str| Err(InvalidPolicy(text.to_owned()));
        let ten_minutes = Duration::from_secs(600);
        if self.lifetimes.code > ten_minutes || self.lifetimes.code.is_zero() {
            return refuse(
                "an authorization code lives between 1 second and 10 minutes (RFC 6749 section 4.1.2)",
            );
        }
        if self.lifetimes.access_token.is_zero() {
            return refuse("an access token must live at least a second");
        }
        if self.lifetimes.refresh_idle > self.lifetimes.refresh_absolute {
            return refuse("refresh_idle must not be longer than refresh_absolute");
        }
        if self.lifetimes.session_idle > self.lifetimes.session_absolute {
            return refuse("session_idle must not be longer than session_absolute");
        }
        if self.keys.publish_ahead >= self.keys.rotate_every {
            return refuse("keys must be published ahead for less time than they sign");
        }
        if self.demo && !self.issuer.is_loopback() {
            return refuse("demo mode is for an issuer on loopback only");
        }
        for path in [
            &self.paths.authorize,
            &self.paths.token,
            &self.paths.revoke,
            &self.paths.introspect,
            &self.paths.jwks,
        ] {
            if !path.starts_with('/') || path.contains(['?', '#', ';']) {
                return refuse("every path begins with a slash and has no query");
            }
        }
        Ok(self.warnings())
    }

    fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let mut warn = |when: bool, text: &str| {
            if when {
                warnings.push(Warning(text.to_owned()));
            }
        };
        warn(self.demo, "demo mode: anybody on this machine logs in without a password");
        warn(!self.issuer.is_secure(), "the issuer is plain http: everything on the way can be read");
        warn(
            self.implicit != Switch::Off,
            "the implicit grant is on: tokens travel in URLs (RFC 9700 section 2.1.2)",
        );
        warn(
            self.password_grant != Switch::Off,
            "the password grant is on: apps see passwords (RFC 9700 section 2.4)",
        );
        warn(self.lifetimes.code > Duration::from_secs(60), "authorization codes live longer than a minute");
        warn(
            self.lifetimes.access_token > Duration::from_secs(3600),
            "access tokens live longer than an hour: a JWT cannot be called back by guards that check it offline",
        );
        warn(
            self.lifetimes.refresh_retry > Duration::from_secs(120),
            "refresh tokens can be retried for longer than two minutes",
        );
        warn(
            self.passwords.min_length < 15,
            "passwords may be shorter than 15 characters though they are the only factor",
        );
        warnings
    }
}
