use proptest::prelude::*;
use valetkey_oauth2::{
    ErrorCode, ResponseMode,
    grants::{Legacy, client_credentials, implicit, password},
    resources, scopes,
};

use crate::{form, resource, scope};

#[test]
fn sec_az_15_a_scope_is_refused_whole_or_given_whole() {
    let (allowed, default, catalogue) = (scope("read write"), scope("read admin"), scope("read write admin"));
    for (asked, expected) in [
        (Some("write"), Ok("write")),
        (Some("write read"), Ok("write read")),
        (Some("read admin"), Err(scopes::Refusal::NotAllowed)),
        (Some("read root"), Err(scopes::Refusal::Unknown)),
        (Some(""), Ok("read")),
        (None, Ok("read")),
    ] {
        let given = scopes::allow(asked.map(scope).as_ref(), &allowed, &default, &catalogue);
        assert_eq!(
            given.as_ref().map(valetkey_oauth2::Scope::as_str),
            expected.as_ref().copied(),
            "{asked:?}"
        );
    }
}

#[test]
fn sec_ca_13_a_public_client_cannot_act_for_itself() {
    assert_eq!(client_credentials::allow(true), Ok(()));
    let refusal = client_credentials::allow(false).unwrap_err();
    assert_eq!(refusal.wire().0, ErrorCode::UnauthorizedClient);
    let params = client_credentials::Params::parse(&form("scope=a&resource=https://a.example")).unwrap();
    assert_eq!((params.scope, params.resources), (Some(scope("a")), vec![resource("https://a.example")]));
}

#[test]
fn sec_ca_11_the_password_grant_is_off_unless_switched_on() {
    use password::Refusal;
    for (setting, is_switched_on, expected) in [
        (Legacy::Off, true, Err(Refusal::Off)),
        (Legacy::Off, false, Err(Refusal::Off)),
        (Legacy::PerClient, false, Err(Refusal::NotAllowed)),
        (Legacy::PerClient, true, Ok(())),
        (Legacy::All, false, Ok(())),
    ] {
        assert_eq!(password::allow(setting, is_switched_on), expected);
    }
    assert_eq!(Legacy::default(), Legacy::Off);
    assert_eq!(password::Params::parse(&form("username=a")).err(), Some(Refusal::PasswordMissing));
    let params = password::Params::parse(&form("username=a&password=b")).unwrap();
    assert_eq!(params.password.expose(), "b");
    assert!(!format!("{params:?}").contains("\"b\""));
}

#[test]
fn sec_az_09_the_implicit_grant_is_off_unless_switched_on() {
    use implicit::{Refusal, allow};
    assert_eq!(allow(Legacy::Off, true, None), Err(Refusal::Off));
    assert_eq!(allow(Legacy::PerClient, false, None), Err(Refusal::NotAllowed));
    assert_eq!(allow(Legacy::All, false, None), Ok(ResponseMode::Fragment));
    assert_eq!(allow(Legacy::All, false, Some(ResponseMode::Query)), Err(Refusal::InQuery));
    assert_eq!(Refusal::Off.wire().0, ErrorCode::UnsupportedResponseType);
}

#[test]
fn a_resource_is_known_or_the_request_is_refused() {
    let default = resource("https://id.example");
    let known = resource("https://a.example");
    let allow = |asked: &[_]| resources::allow(asked, &default, |resource| *resource == known);
    assert_eq!(allow(&[]), Ok(vec![default.clone()]));
    assert_eq!(allow(std::slice::from_ref(&known)), Ok(vec![known.clone()]));
    assert_eq!(allow(&[known.clone(), resource("https://b.example")]), Err(resources::Refusal::Unknown));
}

proptest! {
    #[test]
    fn sec_az_15_nobody_gets_what_is_not_allowed(
        asked in "([a-f] ){0,4}", allowed in "([a-f] ){0,4}", default in "([a-f] ){0,4}", catalogue in "([a-f] ){0,5}",
    ) {
        let (asked, allowed) = (scope(&asked), scope(&allowed));
        let (default, catalogue) = (scope(&default), scope(&catalogue));
        if let Ok(given) = scopes::allow(Some(&asked), &allowed, &default, &catalogue) {
            prop_assert!(given.is_within(&allowed) && given.is_within(&catalogue));
            prop_assert!(asked.is_empty() || given == asked);
        }
    }
}
