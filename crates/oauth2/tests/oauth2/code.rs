use valetkey_oauth2::{
    Challenge, ErrorCode, HandleKind, PkceError, RedirectUri, Verifier,
    grants::authorization_code::{IssuedCode, Params, Refusal, may_kill, narrow, redeem},
    resources,
};

use crate::{at, client, form, handle, json, resource, scope, vector};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn code() -> IssuedCode {
    IssuedCode {
        client_id: client("app"),
        redirect_uri: RedirectUri::parse("https://app.example/cb").unwrap(),
        redirect_uri_was_sent: true,
        challenge: Some(Verifier::parse(VERIFIER).unwrap().challenge()),
        expires_at: at(1060),
        scope: scope("read write"),
        resources: vec![resource("https://a.example"), resource("https://b.example")],
    }
}

fn asked(rest: &str) -> Params {
    let text = format!("code={}{rest}", handle(HandleKind::Code, 1).expose());
    Params::parse(&form(&text)).unwrap()
}

const GOOD: &str =
    "&redirect_uri=https://app.example/cb&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[test]
fn the_example_of_rfc_7636_appendix_b_holds() {
    let example = json(vector("rfc7636-appendix-b.json").as_bytes());
    let text = |name: &str| example[name].as_str().unwrap().to_owned();
    let challenge = Challenge::parse(&text("code_challenge"), Some(&text("code_challenge_method"))).unwrap();
    let verifier = Verifier::parse(&text("code_verifier")).unwrap();
    assert!(challenge.is_met_by(&verifier));
    assert_eq!(verifier.challenge().to_string(), text("code_challenge"));
}

#[test]
fn sec_co_11_a_verifier_has_43_to_128_unreserved_characters() {
    for (length, is_taken) in [(42, false), (43, true), (128, true), (129, false)] {
        assert_eq!(Verifier::parse(&"a".repeat(length)).is_ok(), is_taken, "{length}");
    }
    for strange in ['+', '/', '=', ' ', '\0', 'é'] {
        let text = format!("{}{strange}", "a".repeat(43));
        assert_eq!(Verifier::parse(&text).err(), Some(PkceError::Verifier), "{strange:?}");
    }
}

#[test]
fn the_right_client_redeems_until_the_last_second() {
    for now in [1000, 1059] {
        assert_eq!(redeem(&code(), &client("app"), &asked(GOOD), at(now)), Ok(()));
    }
    for now in [1060, 1061, i64::MAX] {
        assert_eq!(redeem(&code(), &client("app"), &asked(GOOD), at(now)), Err(Refusal::Expired));
    }
}

#[test]
fn sec_co_03_another_clients_code_is_refused() {
    let refusal = redeem(&code(), &client("thief"), &asked(GOOD), at(1000)).unwrap_err();
    assert_eq!((refusal, refusal.wire().0), (Refusal::OtherClient, ErrorCode::InvalidGrant));
    assert_eq!(refusal.wire(), Refusal::CodeUnknown.wire(), "nobody learns whether the code is there");
}

#[test]
fn sec_co_04_a_redirect_uri_that_was_sent_is_repeated_identically() {
    let verifier = format!("&code_verifier={VERIFIER}");
    let other = format!("{verifier}&redirect_uri=https://app.example/cb/");
    let garbage = format!("code={}&redirect_uri=nonsense", handle(HandleKind::Code, 1).expose());
    let app = client("app");
    assert_eq!(redeem(&code(), &app, &asked(&verifier), at(1000)), Err(Refusal::RedirectUriMissing));
    assert_eq!(redeem(&code(), &app, &asked(&other), at(1000)), Err(Refusal::RedirectUriMismatch));
    assert_eq!(Params::parse(&form(&garbage)).err(), Some(Refusal::RedirectUriMismatch));
    let unsent = IssuedCode { redirect_uri_was_sent: false, ..code() };
    assert_eq!(redeem(&unsent, &app, &asked(&verifier), at(1000)), Ok(()));
    assert_eq!(redeem(&unsent, &app, &asked(GOOD), at(1000)), Ok(()));
    assert_eq!(redeem(&unsent, &app, &asked(&other), at(1000)), Err(Refusal::RedirectUriMismatch));
}

#[test]
fn sec_co_08_a_verifier_without_a_challenge_is_refused() {
    let bare = IssuedCode { challenge: None, ..code() };
    assert_eq!(redeem(&bare, &client("app"), &asked(GOOD), at(1000)), Err(Refusal::VerifierUnexpected));
    let plain = asked("&redirect_uri=https://app.example/cb");
    assert_eq!(redeem(&bare, &client("app"), &plain, at(1000)), Ok(()));
}

#[test]
fn sec_co_09_an_omitted_or_empty_verifier_is_refused() {
    for rest in
        ["&redirect_uri=https://app.example/cb", "&redirect_uri=https://app.example/cb&code_verifier="]
    {
        let refusal = redeem(&code(), &client("app"), &asked(rest), at(1000));
        assert_eq!(refusal, Err(Refusal::VerifierMissing));
    }
    let wrong = asked(&GOOD.replace("dBjf", "dBjg"));
    assert_eq!(redeem(&code(), &client("app"), &wrong, at(1000)), Err(Refusal::VerifierMismatch));
}

#[test]
fn resources_only_narrow() {
    let narrower = asked(&format!("{GOOD}&resource=https://b.example"));
    assert_eq!(redeem(&code(), &client("app"), &narrower, at(1000)), Ok(()));
    assert_eq!(narrow(&code(), &narrower), Ok(vec![resource("https://b.example")]));
    assert_eq!(narrow(&code(), &asked(GOOD)), Ok(code().resources));
    let wider = asked(&format!("{GOOD}&resource=https://b.example&resource=https://c.example"));
    let refusal = redeem(&code(), &client("app"), &wider, at(1000)).unwrap_err();
    assert_eq!(refusal, Refusal::Resource(resources::Refusal::Wider));
    assert_eq!(refusal.wire().0, ErrorCode::InvalidTarget);
}

#[test]
fn sec_co_02_only_the_right_client_ends_a_grant_by_replay() {
    let bare = IssuedCode { challenge: None, ..code() };
    let wrong = asked(&GOOD.replace("dBjf", "dBjg"));
    for (code, by, is_authenticated, asked, kills) in [
        (code(), "app", true, asked(""), true),
        (code(), "app", false, asked(GOOD), true),
        (code(), "app", false, asked(""), false),
        (code(), "app", false, wrong, false),
        (code(), "other", true, asked(GOOD), false),
        (code(), "other", false, asked(GOOD), false),
        (bare.clone(), "app", true, asked(""), true),
        (bare, "app", false, asked(GOOD), false),
    ] {
        assert_eq!(may_kill(&code, &client(by), is_authenticated, &asked), kills, "{by} {is_authenticated}");
    }
}

#[test]
fn sec_ca_14_every_problem_of_a_code_is_an_invalid_grant() {
    let example = vector("rfc6749-4.1.3-body.txt");
    assert_eq!(Params::parse(&form(&example)).err(), Some(Refusal::CodeMalformed));
    for refusal in [
        Refusal::CodeMalformed,
        Refusal::CodeUnknown,
        Refusal::CodeConsumed,
        Refusal::OtherClient,
        Refusal::Expired,
    ] {
        assert_eq!(refusal.wire(), Refusal::CodeUnknown.wire());
    }
    assert_eq!(Params::parse(&form("x=1")).unwrap_err().wire().0, ErrorCode::InvalidRequest);
}
