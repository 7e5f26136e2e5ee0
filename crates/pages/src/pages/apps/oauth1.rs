//! What an app has for OAuth 1 (RFC 5849): its part of the form, and its facts.

use std::time::Duration;

use valetkey_oauth2::{Form, Timestamp};
use valetkey_ports::{Client, OAuth1Client, SharedSecret};
use valetkey_provider::{Engine, registry::OAuth1Draft};

use crate::{
    contexts::{MethodChoice, OAuth1Facts, OAuth1Form, SecretRow},
    view,
};

const DAY: u64 = 24 * 60 * 60;
const PEM: &str = "-----BEGIN";

/// What a form says; what it cannot say stays as it is in `draft`.
pub(super) fn read(form: &Form<'_>, draft: OAuth1Draft) -> OAuth1Draft {
    let text = |name: &str| form.get(name).unwrap_or_default().trim();
    OAuth1Draft {
        is_on: form.get("oauth1").is_some(),
        methods: form.all("oauth1_method").map(str::to_owned).collect(),
        rsa_keys: keys(text("oauth1_rsa_keys")),
        may_use_oob: form.get("oauth1_oob").is_some(),
        may_sign_alone: form.get("oauth1_alone").is_some(),
        // Days are coarse: a lifetime that nobody touched stays what it was.
        token_lifetime: if text("oauth1_days") == days(draft.token_lifetime) {
            draft.token_lifetime
        } else {
            lifetime(text("oauth1_days"))
        },
        sunset: text("oauth1_sunset").to_owned(),
        ..draft
    }
}

/// The form's part, where the server speaks OAuth 1 or the app has something for it.
pub(super) fn form(engine: &Engine, draft: &OAuth1Draft) -> Option<OAuth1Form> {
    let policy = &engine.policy().oauth1;
    if !policy.is_on && !draft.is_on {
        return None;
    }
    let mut names: Vec<&String> = Vec::new();
    for name in policy.methods.iter().chain(&policy.switchable_methods).chain(&draft.methods) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let choice = |name: &String| MethodChoice {
        name: name.clone(),
        is_weak: is_weak(name),
        is_checked: draft.methods.contains(name),
    };
    Some(OAuth1Form {
        is_on: draft.is_on,
        methods: names.into_iter().map(choice).collect(),
        default_methods: policy.methods.clone(),
        rsa_keys: draft.rsa_keys.join("\n"),
        may_use_oob: draft.may_use_oob,
        may_sign_alone: draft.may_sign_alone,
        days: days(draft.token_lifetime),
        default_seconds: policy.token_lifetime.map(view::seconds),
        sunset: draft.sunset.clone(),
    })
}

/// What an app has.
pub(super) fn facts(engine: &Engine, client: &Client, own: &OAuth1Client, now: Timestamp) -> OAuth1Facts {
    let (policy, paths) = (&engine.policy().oauth1, &engine.policy().paths);
    let methods = own.methods.as_ref().unwrap_or(&policy.methods);
    let mut secrets: Vec<&SharedSecret> = own.live_secrets(now).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.created_at));
    let row = |secret: &&SharedSecret| SecretRow {
        created_at: secret.created_at.seconds(),
        expires_at: secret.expires_at.map(Timestamp::seconds),
    };
    OAuth1Facts {
        is_served: policy.is_on,
        methods: methods.clone(),
        weak_methods: methods.iter().filter(|name| is_weak(name)).cloned().collect(),
        rsa_keys: own.rsa_keys.clone(),
        may_use_oob: own.may_use_oob,
        may_sign_alone: own.may_sign_alone,
        token_seconds: own.token_lifetime.or(policy.token_lifetime).map(view::seconds),
        sunset_at: engine.oauth1_sunset(client).map(Timestamp::seconds),
        endpoints: [&paths.oauth1_request_token, &paths.oauth1_authorize, &paths.oauth1_access_token]
            .map(|path| engine.issuer().join(path))
            .to_vec(),
        secrets: secrets.iter().map(row).collect(),
    }
}

/// What a page warns of (decision 31: HMAC with SHA-1 is not among it).
fn is_weak(method: &str) -> bool {
    matches!(method, "PLAINTEXT" | "RSA-SHA1")
}

/// The keys of a field that holds several, one after another.
fn keys(text: &str) -> Vec<String> {
    let mut starts: Vec<usize> = text.match_indices(PEM).map(|(at, _)| at).collect();
    // What stands before the first is a key too, if a broken one: it must not vanish unsaid.
    if starts.first() != Some(&0) && !text.is_empty() {
        starts.insert(0, 0);
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let keys = starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end));
    keys.map(|key| key.trim().replace("\r\n", "\n")).filter(|key| !key.is_empty()).collect()
}

/// A lifetime as the field shows it: in whole days, not fewer than it has.
fn days(lifetime: Option<Duration>) -> String {
    lifetime.map(|lifetime| lifetime.as_secs().div_ceil(DAY).to_string()).unwrap_or_default()
}

/// A lifetime as the field says it; what is no number is refused like zero.
fn lifetime(days: &str) -> Option<Duration> {
    let count = |days: &str| days.parse::<u64>().ok()?.checked_mul(DAY);
    (!days.is_empty()).then(|| Duration::from_secs(count(days).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_and_nothing_vanishes() {
        let one = "-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----";
        assert_eq!(keys(&format!("{one}\r\n\r\n{one}")), [one, one]);
        assert_eq!(keys(&format!("MIIB {one}")), ["MIIB", one]);
        assert_eq!(keys("AA"), ["AA"]);
        assert!(keys("").is_empty());
    }

    #[test]
    fn a_lifetime_that_nobody_touched_stays_what_it_was() {
        let odd = Some(Duration::from_secs(DAY + 5));
        let draft = || OAuth1Draft { token_lifetime: odd, ..OAuth1Draft::default() };
        let read = |text: &str| read(&Form::parse(text.as_bytes(), &[]).unwrap(), draft()).token_lifetime;
        assert_eq!(days(odd), "2");
        assert_eq!(read("oauth1_days=2"), odd);
        assert_eq!(read("oauth1_days=3"), Some(Duration::from_secs(3 * DAY)));
        assert_eq!(read("oauth1_days="), None);
        assert_eq!(read("oauth1_days=soon"), Some(Duration::ZERO));
        assert_eq!(read("oauth1_days=99999999999999999999"), Some(Duration::ZERO));
    }
}
