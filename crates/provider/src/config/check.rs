//! What a policy may not say, and what it says that is weak.

mod oauth1;

use std::time::Duration;

use super::{Policy, Switch};

/// Where the metadata document lies (RFC 8414 §3).
const METADATA: &str = "/.well-known/oauth-authorization-server";

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
        self.check_lifetimes()?;
        self.check_paths()?;
        self.check_resources()?;
        self.oauth1.check()?;
        if self.keys.publish_ahead >= self.keys.rotate_every {
            return refuse("keys must be published ahead for less time than they sign");
        }
        if self.demo && !self.issuer.is_loopback() {
            return refuse("demo mode is for an issuer on loopback only");
        }
        Ok(self.warnings())
    }

    fn check_lifetimes(&self) -> Result<(), InvalidPolicy> {
        let refuse = |text: &str| Err(InvalidPolicy(text.to_owned()));
        let lifetimes = &self.lifetimes;
        if lifetimes.code > Duration::from_secs(600) || lifetimes.code.as_secs() == 0 {
            return refuse(
                "an authorization code lives between 1 second and 10 minutes (RFC 6749 section 4.1.2)",
            );
        }
        // Time is counted in whole seconds: what is shorter is dead when it is made.
        let all = [
            ("access_token", lifetimes.access_token),
            ("refresh_idle", lifetimes.refresh_idle),
            ("refresh_absolute", lifetimes.refresh_absolute),
            ("flow", lifetimes.flow),
            ("session_idle", lifetimes.session_idle),
            ("session_absolute", lifetimes.session_absolute),
            ("the window of the limits", self.limits.window),
        ];
        if let Some((name, _)) = all.into_iter().find(|(_, lifetime)| lifetime.as_secs() == 0) {
            return Err(InvalidPolicy(format!("{name} must be a second at least")));
        }
        if !lifetimes.refresh_retry.is_zero() && lifetimes.refresh_retry.as_secs() == 0 {
            return refuse("refresh_retry must be a second at least, or zero");
        }
        if lifetimes.refresh_idle > lifetimes.refresh_absolute {
            return refuse("refresh_idle must not be longer than refresh_absolute");
        }
        if lifetimes.session_idle > lifetimes.session_absolute {
            return refuse("session_idle must not be longer than session_absolute");
        }
        Ok(())
    }

    fn check_paths(&self) -> Result<(), InvalidPolicy> {
        let paths = &self.paths;
        let all = [
            &paths.authorize,
            &paths.token,
            &paths.revoke,
            &paths.introspect,
            &paths.jwks,
            &paths.login,
            &paths.consent,
            &paths.oauth1_request_token,
            &paths.oauth1_authorize,
            &paths.oauth1_access_token,
            &paths.oauth1_verify,
        ];
        for (place, path) in all.iter().enumerate() {
            let is_plain = path.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) && !path.contains("//");
            if !path.starts_with('/') || path.len() < 2 || !is_plain || path.contains(['?', '#', ';', '\\']) {
                return Err(InvalidPolicy(format!(
                    "the path {path:?} must begin with one slash and have no query, no space and no empty part"
                )));
            }
            if all.iter().take(place).any(|other| other == path) || path.as_str() == METADATA {
                return Err(InvalidPolicy(format!("two things cannot lie on one path: {path}")));
            }
        }
        Ok(())
    }

    fn check_resources(&self) -> Result<(), InvalidPolicy> {
        for (place, resource) in self.resources.iter().enumerate() {
            let uri = &resource.uri;
            if self.resources.iter().take(place).any(|other| other.uri == *uri) {
                return Err(InvalidPolicy(format!("the resource {uri} is there twice")));
            }
            if resource.access_token_seconds == Some(0) {
                return Err(InvalidPolicy(format!("access tokens for {uri} must live at least a second")));
            }
            let unknown = resource.scope.as_ref().map(|scope| scope.without(self.scopes.all()));
            if let Some(unknown) = unknown.filter(|unknown| !unknown.is_empty()) {
                return Err(InvalidPolicy(format!(
                    "the resource {uri} names scopes that there are not: {unknown}"
                )));
            }
        }
        Ok(())
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
        warnings.extend(self.oauth1.warnings());
        warnings
    }
}

#[cfg(test)]
mod tests {
    use valetkey_oauth2::{Issuer, Resource, Scope};

    use super::*;
    use crate::config::ResourceServer;

    fn refused(change: impl FnOnce(&mut Policy)) -> String {
        let mut policy = Policy::new(Issuer::parse("https://id.example").unwrap());
        assert!(policy.check().is_ok());
        change(&mut policy);
        policy.check().map(drop).unwrap_err().0
    }

    #[test]
    fn every_path_is_checked_and_two_things_do_not_lie_on_one() {
        type Field = fn(&mut Policy) -> &mut String;
        let fields: [Field; 11] = [
            |policy| &mut policy.paths.authorize,
            |policy| &mut policy.paths.token,
            |policy| &mut policy.paths.revoke,
            |policy| &mut policy.paths.introspect,
            |policy| &mut policy.paths.jwks,
            |policy| &mut policy.paths.login,
            |policy| &mut policy.paths.consent,
            |policy| &mut policy.paths.oauth1_request_token,
            |policy| &mut policy.paths.oauth1_authorize,
            |policy| &mut policy.paths.oauth1_access_token,
            |policy| &mut policy.paths.oauth1_verify,
        ];
        for (place, field) in fields.into_iter().enumerate() {
            for wrong in
                ["", "/", "login", "//evil.example", "/a?b", "/a#b", "/a b", "/a;b", "/\\evil", METADATA]
            {
                refused(|policy| *field(policy) = wrong.to_owned());
            }
            let next = fields[(place + 1) % fields.len()];
            let said = refused(|policy| *field(policy) = next(policy).clone());
            assert!(said.contains("one path"), "{said}");
        }
    }

    #[test]
    fn what_would_be_dead_when_it_is_made_is_refused() {
        let half = Duration::from_millis(500);
        refused(|policy| policy.lifetimes.code = half);
        refused(|policy| policy.lifetimes.access_token = half);
        refused(|policy| policy.lifetimes.refresh_idle = half);
        refused(|policy| policy.lifetimes.flow = Duration::ZERO);
        refused(|policy| policy.lifetimes.session_idle = half);
        refused(|policy| policy.lifetimes.refresh_retry = half);
        refused(|policy| policy.limits.window = half);
        let mut policy = Policy::new(Issuer::parse("https://id.example").unwrap());
        policy.lifetimes.refresh_retry = Duration::ZERO;
        assert!(policy.check().is_ok());
    }

    #[test]
    fn what_oauth_1_cannot_be_is_refused() {
        let said = refused(|policy| policy.oauth1.methods.push("HMAC-MD5".into()));
        assert!(said.contains("HMAC-MD5") && said.contains("HMAC-SHA256"), "{said}");
        refused(|policy| policy.oauth1.switchable_methods.push("plaintext".into()));
        refused(|policy| {
            policy.oauth1.methods.clear();
            policy.oauth1.switchable_methods.clear();
        });
        refused(|policy| policy.oauth1.window = Duration::ZERO);
        refused(|policy| policy.oauth1.window = Duration::from_secs(100_000));
        refused(|policy| policy.oauth1.temporary_lifetime = Duration::from_millis(900));
        refused(|policy| policy.oauth1.token_lifetime = Some(Duration::ZERO));
        refused(|policy| policy.oauth1.verifier_tries = 0);
        for realm in ["a\"b", "a\\b", "a\nb", "\u{e4}"] {
            refused(|policy| policy.oauth1.realm = realm.to_owned());
        }
        for link in ["", "moving", "javascript:x", "https://id.example/a b", "https://id.example/>"] {
            refused(|policy| policy.oauth1.sunset_link = Some(link.to_owned()));
        }
    }

    #[test]
    fn sec_o1_09_what_is_weak_in_oauth_1_is_said() {
        type Change = fn(&mut Policy);
        let warnings = |change: Change| {
            let mut policy = Policy::new(Issuer::parse("https://id.example").unwrap());
            change(&mut policy);
            policy.check().unwrap().into_iter().map(|warning| warning.0).collect::<Vec<_>>()
        };
        assert_eq!(warnings(|_| {}), [""; 0]);
        let changes: [(Change, &str); 4] = [
            (|policy| policy.oauth1.methods.push("PLAINTEXT".into()), "PLAINTEXT"),
            (|policy| policy.oauth1.methods.push("RSA-SHA1".into()), "RSA-SHA1"),
            (|policy| policy.oauth1.enforce_ssl = false, "enforce_ssl"),
            (|policy| policy.oauth1.window = Duration::from_secs(601), "ten minutes"),
        ];
        for (change, word) in changes {
            let said = warnings(change);
            assert!(said.len() == 1 && said[0].contains(word), "{word}: {said:?}");
        }
        let off = warnings(|policy| {
            policy.oauth1.enforce_ssl = false;
            policy.oauth1.is_on = false;
        });
        assert_eq!(off, [""; 0]);
    }

    #[test]
    fn the_profile_legacy_takes_every_method_and_the_other_none_that_is_weak() {
        use crate::config::Profile;
        let mut policy = Policy::new(Issuer::parse("https://id.example").unwrap());
        let usual = policy.oauth1.methods.clone();
        Profile::Legacy.apply(&mut policy);
        Profile::Legacy.apply(&mut policy);
        assert_eq!(policy.oauth1.methods, [&usual[..], &["RSA-SHA1".into(), "PLAINTEXT".into()]].concat());
        Profile::OAuth21.apply(&mut policy);
        assert_eq!(policy.oauth1.methods, usual);
    }

    #[test]
    fn a_resource_is_there_once_and_knows_only_scopes_that_there_are() {
        let api = || ResourceServer {
            uri: Resource::parse("https://api.example").unwrap(),
            name: "API".into(),
            scope: None,
            token_format: None,
            access_token_seconds: None,
            introspectors: Vec::new(),
        };
        refused(|policy| policy.resources = vec![api(), api()]);
        refused(|policy| {
            policy.resources = vec![ResourceServer { access_token_seconds: Some(0), ..api() }];
        });
        let scope = Scope::parse("profile nonsense").ok();
        let said = refused(|policy| policy.resources = vec![ResourceServer { scope, ..api() }]);
        assert!(said.contains("nonsense"), "{said}");
    }
}
