//! From settings to the engine's policy.

use anyhow::{anyhow, bail};
use valetkey_oauth2::Issuer;
use valetkey_provider::{
    Policy,
    config::{Catalogue, KeyPolicy, Limits, PasswordPolicy, Paths, ServerLifetimes, Warning},
};

use super::{Settings, oauth1};

/// The policy for that issuer.
pub(crate) fn policy(settings: &Settings, issuer: Issuer) -> anyhow::Result<Policy> {
    if !issuer.is_secure() && !issuer.is_loopback() && !settings.insecure_transport {
        bail!(
            "the issuer {issuer} is plain http, where passwords and tokens can be read on the way: use https (with [tls] \
             or behind a proxy), or say --insecure-transport if you must"
        );
    }
    let mut policy = Policy::new(issuer);
    settings.profile.apply(&mut policy);
    policy.implicit = settings.implicit.unwrap_or(policy.implicit);
    policy.password_grant = settings.password_grant.unwrap_or(policy.password_grant);
    settings.oauth1.apply(&mut policy.oauth1)?;
    let paths = settings.paths.clone();
    policy.paths = Paths {
        authorize: paths.authorize,
        token: paths.token,
        revoke: paths.revoke,
        introspect: paths.introspect,
        jwks: paths.jwks,
        oauth1_request_token: paths.oauth1_request_token,
        oauth1_authorize: paths.oauth1_authorize,
        oauth1_access_token: paths.oauth1_access_token,
        oauth1_verify: paths.oauth1_verify,
        ..Paths::default()
    };
    policy.token_format = settings.token_format;
    policy.sign_up = settings.sign_up;
    policy.app_registration = settings.app_registration;
    policy.resources.clone_from(&settings.resources);
    if !settings.scopes.is_empty() {
        let wrong =
            |names: Vec<String>| anyhow!("these are no scope names (RFC 6749 section 3.3): {names:?}");
        policy.scopes = Catalogue::new(settings.scopes.clone()).map_err(wrong)?;
    }
    let lifetimes = &settings.lifetimes;
    policy.lifetimes = ServerLifetimes {
        code: lifetimes.code.0,
        access_token: lifetimes.access_token.0,
        refresh_idle: lifetimes.refresh_idle.0,
        refresh_absolute: lifetimes.refresh_absolute.0,
        refresh_retry: lifetimes.refresh_retry.0,
        flow: lifetimes.flow.0,
        session_idle: lifetimes.session_idle.0,
        session_absolute: lifetimes.session_absolute.0,
    };
    let passwords = &settings.passwords;
    policy.passwords = PasswordPolicy {
        min_length: passwords.min_length,
        max_length: passwords.max_length,
        parallel: passwords.parallel,
        queue: passwords.queue,
    };
    let limits = &settings.limits;
    policy.limits = Limits {
        per_account: limits.logins_per_account,
        per_source: limits.logins_per_source,
        window: limits.login_window.0,
        per_source_tokens: limits.wrong_secrets_per_source,
        sign_ups: limits.sign_ups_per_source,
    };
    policy.keys = KeyPolicy {
        rotate_every: settings.keys.rotate_every.0,
        publish_ahead: settings.keys.publish_ahead.0,
    };
    Ok(policy)
}

/// What is weak about the settings themselves, beside what the policy says.
pub(crate) fn warnings(settings: &Settings, issuer: &Issuer) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if issuer.is_secure()
        && settings.tls.is_none()
        && !settings.listen.ip().is_loopback()
        && settings.trusted_proxies.0.is_empty()
    {
        warnings.push(Warning(
            "the issuer is https, but this server neither speaks TLS ([tls]) nor knows a proxy that does \
             (trusted_proxies): everything looks as if it came from one address"
                .to_owned(),
        ));
    }
    for client in settings.clients.iter().filter(|client| client.pkce == "optional") {
        warnings.push(Warning(format!(
            "the client {:?} may leave out PKCE (RFC 9700 section 2.1.1)",
            client.name
        )));
    }
    warnings.extend(oauth1::warnings(settings));
    warnings
}
