use std::time::Duration;

use proptest::prelude::*;
use valetkey_oauth2::{
    ErrorCode, HandleHash, HandleKind,
    grants::refresh_token::{Params, RefreshFacts, Refusal, Verdict, judge, retry_binding},
    resources, scopes,
};

use crate::{at, client, form, handle, resource, scope};

const WINDOW: Duration = Duration::from_secs(30);

fn hash(generation: u8) -> HandleHash {
    handle(HandleKind::RefreshToken, generation).hash()
}

/// Generation 3 was made at 1000, generation 2 at 990, generation 1 long before.
fn facts() -> RefreshFacts {
    RefreshFacts {
        client_id: client("app"),
        scope: scope("read write admin"),
        resources: vec![resource("https://a.example"), resource("https://b.example")],
        current: hash(3),
        previous: Some(hash(2)),
        earlier: Some(hash(1)),
        rotated_at: at(1000),
        earlier_rotated_at: Some(at(990)),
        retry_binding: Some(binding("")),
        successor: Some(vec![7; 16]),
        idle_expires_at: at(5000),
        absolute_expires_at: at(9000),
        generation: 3,
    }
}

fn asked(rest: &str) -> Params {
    let text = format!("refresh_token={}{rest}", handle(HandleKind::RefreshToken, 3).expose());
    Params::parse(&form(&text)).unwrap()
}

fn binding(rest: &str) -> [u8; 32] {
    let asked = asked(rest);
    retry_binding(&client("app"), asked.scope.as_ref(), &asked.resources, None)
}

fn verdict(facts: &RefreshFacts, generation: u8, rest: &str, now: i64) -> Verdict {
    judge(facts, &hash(generation), &client("app"), &asked(rest), &binding(rest), WINDOW, at(now))
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Rotate { .. } => "rotate",
        Verdict::Retry { .. } => "retry",
        Verdict::Spent => "spent",
        Verdict::Reused => "reused",
        Verdict::Refused(_) => "refused",
    }
}

#[test]
fn sec_tk_02_each_generation_has_its_verdict_at_each_moment() {
    for (generation, now, expected) in [
        (3, 1000, "rotate"),
        (3, 4999, "rotate"),
        (3, 5000, "refused"),
        (2, 1000, "retry"),
        (2, 1029, "retry"),
        (2, 1030, "reused"),
        (2, 4999, "reused"),
        (1, 1000, "spent"),
        (1, 1019, "spent"),
        (1, 1020, "reused"),
        (0, 1000, "reused"),
        (9, 1000, "reused"),
    ] {
        assert_eq!(
            word(&verdict(&facts(), generation, "", now)),
            expected,
            "generation {generation} at {now}"
        );
    }
}

#[test]
fn sec_tk_01_a_retry_gets_the_same_successor_and_other_requests_end_nothing() {
    let Verdict::Retry { sealed, scope: given, .. } = verdict(&facts(), 2, "", 1010) else {
        panic!("no retry")
    };
    assert_eq!((sealed, given), (vec![7; 16], facts().scope));
    assert_eq!(verdict(&facts(), 2, "&scope=read", 1010), Verdict::Spent);
    assert_eq!(verdict(&facts(), 2, "&resource=https://a.example", 1010), Verdict::Spent);
    let erased = RefreshFacts { successor: None, ..facts() };
    assert_eq!(verdict(&erased, 2, "", 1010), Verdict::Spent);
    let unbound = RefreshFacts { retry_binding: None, ..facts() };
    assert_eq!(verdict(&unbound, 2, "", 1010), Verdict::Spent);
}

#[test]
fn sec_tk_01_a_window_of_nothing_means_strict_rotation() {
    let asked = asked("");
    let strict = |generation| {
        judge(&facts(), &hash(generation), &client("app"), &asked, &binding(""), Duration::ZERO, at(1000))
    };
    assert_eq!((word(&strict(3)), word(&strict(2)), word(&strict(1))), ("rotate", "reused", "reused"));
}

#[test]
fn sec_tk_04_a_family_belongs_to_its_client() {
    for generation in [3, 2, 1, 0] {
        let verdict =
            judge(&facts(), &hash(generation), &client("thief"), &asked(""), &binding(""), WINDOW, at(1000));
        assert_eq!(verdict, Verdict::Refused(Refusal::OtherClient), "{generation}");
    }
    assert_eq!(Refusal::OtherClient.wire(), Refusal::TokenUnknown.wire());
}

#[test]
fn sec_tk_04_scope_and_resource_only_shrink() {
    let Verdict::Rotate { scope: given, resources: targets } =
        verdict(&facts(), 3, "&scope=admin read&resource=https://b.example", 1000)
    else {
        panic!("refused")
    };
    assert_eq!((given.as_str(), targets), ("admin read", vec![resource("https://b.example")]));
    assert_eq!(
        verdict(&facts(), 3, "&scope=read root", 1000),
        Verdict::Refused(Refusal::Scope(scopes::Refusal::Wider))
    );
    assert_eq!(
        verdict(&facts(), 3, "&resource=https://c.example", 1000),
        Verdict::Refused(Refusal::Resource(resources::Refusal::Wider))
    );
    assert_eq!(Refusal::Scope(scopes::Refusal::Wider).wire().0, ErrorCode::InvalidScope);
}

#[test]
fn sec_tk_06_a_family_dies_idle_and_dies_of_age() {
    let busy = RefreshFacts { idle_expires_at: at(99_999), ..facts() };
    assert_eq!(word(&verdict(&busy, 3, "", 8999)), "rotate");
    assert_eq!(verdict(&busy, 3, "", 9000), Verdict::Refused(Refusal::Expired));
}

#[test]
fn sec_tk_21_what_is_no_refresh_token_is_refused() {
    let code = handle(HandleKind::Code, 3);
    for (text, refusal) in [
        ("refresh_token=", Refusal::TokenMissing),
        ("refresh_token=tGzv3JOkF0XG5Qx2TlKWIA", Refusal::TokenMalformed),
        (&format!("refresh_token={}", code.expose()), Refusal::TokenMalformed),
        (
            &format!("refresh_token={}A", handle(HandleKind::RefreshToken, 1).expose()),
            Refusal::TokenMalformed,
        ),
    ] {
        assert_eq!(Params::parse(&form(text)).err(), Some(refusal), "{text}");
    }
}

#[test]
fn a_binding_is_of_sets_and_of_every_part() {
    assert_eq!(binding("&scope=a b"), binding("&scope=b a"));
    let all = [
        binding(""),
        binding("&scope=a"),
        binding("&scope=a b"),
        binding("&resource=https://a.example"),
        retry_binding(&client("other"), None, &[], None),
        retry_binding(&client("app"), None, &[], Some(b"")),
        retry_binding(&client("app"), None, &[], Some(b"key")),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[at + 1..].contains(one), "{at}");
    }
}

proptest! {
    #[test]
    fn sec_tk_04_narrowing_never_widens(granted in "([a-e] ){0,4}", wanted in "([a-g] ){0,4}") {
        let (granted, wanted) = (scope(&granted), scope(&wanted));
        match scopes::narrow(&granted, Some(&wanted)) {
            Ok(given) => prop_assert!(given.is_within(&granted)),
            Err(refusal) => {
                prop_assert_eq!(refusal, scopes::Refusal::Wider);
                prop_assert!(!wanted.is_within(&granted));
            }
        }
    }
}
