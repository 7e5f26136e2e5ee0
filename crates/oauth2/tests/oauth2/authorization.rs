use proptest::prelude::*;
use valetkey_oauth2::{
    ErrorCode, Form, RedirectUri, ResponseMode, ResponseType,
    messages::{
        Delivery, Parameters, Prompt, Target, TargetError,
        authorization::{response_mode_of, state_of},
        response_mode,
    },
};

use crate::{form, vector};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn refused(text: &str) -> ErrorCode {
    match Parameters::parse(&form(text)) {
        Err((code, _)) => code,
        Ok(parameters) => panic!("{text} was read as {parameters:?}"),
    }
}

#[test]
fn the_example_of_rfc_6749_4_1_1_is_read() {
    let text = vector("rfc6749-4.1.1-query.txt");
    let form = form(&text);
    let target = Target::parse(&form).unwrap();
    assert_eq!(target.client_id.as_str(), "s6BhdRkqt3");
    assert_eq!(target.redirect_uri.unwrap().as_str(), "https://client.example.com/cb");
    let parameters = Parameters::parse(&form).unwrap();
    assert_eq!((parameters.response_type, parameters.state.as_deref()), (ResponseType::Code, Some("xyz")));
    assert_eq!(parameters.delivery_mode(), ResponseMode::Query);
}

#[test]
fn sec_az_02_errors_of_the_target_are_found_before_anything_else() {
    assert_eq!(Target::parse(&form("response_type=nonsense")), Err(TargetError::ClientIdMissing));
    assert_eq!(Target::parse(&form("client_id=%00")), Err(TargetError::ClientIdMalformed));
    for uri in ["javascript:alert(1)", "/cb", "https://a.example/%23x%23#y", "http://evil.example/cb"] {
        let text = format!("client_id=x&redirect_uri={}", uri.replace('%', "%25").replace('#', "%23"));
        assert!(matches!(Target::parse(&form(&text)), Err(TargetError::RedirectUriMalformed(_))), "{uri}");
    }
}

#[test]
fn each_wrong_parameter_has_its_code() {
    use ErrorCode as E;
    let long = "x".repeat(4097);
    for (text, code) in [
        ("scope=a", E::InvalidRequest),
        ("response_type=magic", E::UnsupportedResponseType),
        ("response_type=code token", E::UnsupportedResponseType),
        ("response_type=code&response_mode=web_message", E::InvalidRequest),
        ("response_type=code&scope=a%22b", E::InvalidScope),
        ("response_type=code&resource=/relative", E::InvalidTarget),
        ("response_type=code&resource=https://a.example%23f", E::InvalidTarget),
        ("response_type=code&max_age=-1", E::InvalidRequest),
        ("response_type=code&max_age=%2B1", E::InvalidRequest),
        ("response_type=code&request=x", E::RequestNotSupported),
        ("response_type=code&request_uri=urn:x", E::RequestUriNotSupported),
        (&format!("response_type=code&state={long}"), E::InvalidRequest),
    ] {
        assert_eq!(refused(text), code, "{text}");
    }
}

#[test]
fn sec_co_10_plain_absent_and_unknown_challenge_methods_are_refused() {
    for method in
        ["", "&code_challenge_method=plain", "&code_challenge_method=s256", "&code_challenge_method=S512"]
    {
        let text = format!("response_type=code&code_challenge={CHALLENGE}{method}");
        assert_eq!(refused(&text), ErrorCode::InvalidRequest, "{method}");
    }
    assert_eq!(refused("response_type=code&code_challenge_method=S256"), ErrorCode::InvalidRequest);
    let text = format!("response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256");
    assert!(Parameters::parse(&form(&text)).unwrap().challenge.is_some());
}

#[test]
fn sec_co_11_a_challenge_of_another_form_is_refused() {
    for challenge in ["short", &CHALLENGE[1..], &format!("{CHALLENGE}A"), &CHALLENGE.replace('-', "%2B")] {
        let text = format!("response_type=code&code_challenge={challenge}&code_challenge_method=S256");
        assert_eq!(refused(&text), ErrorCode::InvalidRequest, "{challenge}");
    }
}

#[test]
fn sec_az_10_a_token_never_travels_in_a_query() {
    assert_eq!(refused("response_type=token&response_mode=query"), ErrorCode::InvalidRequest);
    let default = Parameters::parse(&form("response_type=token")).unwrap();
    assert_eq!(default.delivery_mode(), ResponseMode::Fragment);
    assert_eq!(response_mode_of(&form("response_type=token&response_mode=query")), ResponseMode::Fragment);
    assert_eq!(response_mode_of(&form("response_type=code id_token")), ResponseMode::Fragment);
    assert_eq!(response_mode_of(&form("response_mode=form_post")), ResponseMode::FormPost);
}

#[test]
fn sec_az_16_none_stands_alone() {
    assert_eq!(refused("response_type=code&prompt=none login"), ErrorCode::InvalidRequest);
    assert_eq!(refused("response_type=code&prompt=create none"), ErrorCode::InvalidRequest);
    assert!(Prompt::parse("none").unwrap().none);
    let both = Prompt::parse("consent login").unwrap();
    assert_eq!(both.to_string(), "login consent");
    assert!(Prompt::parse("create").unwrap().is_empty());
}

#[test]
fn sec_az_14_a_state_of_four_kilobytes_is_taken() {
    let state = "s".repeat(4096);
    let text = format!("response_type=code&state={state}&nonce={}", "n".repeat(64));
    assert_eq!(Parameters::parse(&form(&text)).unwrap().state.unwrap(), state);
}

#[test]
fn what_is_stored_is_read_back() {
    let text = format!(
        "response_type=code&state=%E2%82%AC&scope=a b&resource=https://a.example&prompt=login&max_age=0\
         &code_challenge={CHALLENGE}&code_challenge_method=S256&response_mode=form_post"
    );
    let parameters = Parameters::parse(&form(&text)).unwrap();
    let stored = serde_json::to_string(&parameters).unwrap();
    assert_eq!(serde_json::from_str::<Parameters>(&stored).unwrap(), parameters);
    assert_eq!(parameters.max_age, Some(0));
}

#[test]
fn the_locations_of_the_specifications_are_written() {
    let uri = RedirectUri::parse("https://client.example.com/cb").unwrap();
    let code = ("code", "SplxlOBeZQQYbYS6WxSbIA");
    for (name, mode, params) in [
        ("rfc6749-4.1.2-location.txt", ResponseMode::Query, &[code, ("state", "xyz")][..]),
        (
            "rfc6749-4.1.2.1-location.txt",
            ResponseMode::Query,
            &[("error", "access_denied"), ("state", "xyz")],
        ),
        (
            "rfc6749-4.2.2-location.txt",
            ResponseMode::Fragment,
            &[
                ("access_token", "2YotnFZFEjr1zCsicMWpAA"),
                ("state", "xyz"),
                ("token_type", "example"),
                ("expires_in", "3600"),
            ],
        ),
    ] {
        assert_eq!(response_mode::write(mode, &uri, params), Delivery::Redirect(vector(name)), "{name}");
    }
    let uri = RedirectUri::parse("https://client.example/cb").unwrap();
    let params = [
        ("code", "x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58"),
        ("state", "ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI"),
        ("iss", "https://honest.as.example"),
    ];
    let written = response_mode::write(ResponseMode::Query, &uri, &params);
    assert_eq!(written, Delivery::Redirect(vector("rfc9207-2.1-location.txt")));
}

#[test]
fn the_redirect_uris_own_query_stays_byte_for_byte() {
    for (uri, mode, location) in [
        ("https://a.example/cb?x=%7e+y", ResponseMode::Query, "https://a.example/cb?x=%7e+y&code=1"),
        ("https://a.example/cb?", ResponseMode::Query, "https://a.example/cb?code=1"),
        ("https://a.example/cb?x&", ResponseMode::Query, "https://a.example/cb?x&code=1"),
        ("https://a.example/cb?x", ResponseMode::Fragment, "https://a.example/cb?x#code=1"),
        ("com.example.app:/cb", ResponseMode::Query, "com.example.app:/cb?code=1"),
    ] {
        let uri = RedirectUri::parse(uri).unwrap();
        let written = response_mode::write(mode, &uri, &[("code", "1")]);
        assert_eq!(written, Delivery::Redirect(location.to_owned()));
    }
}

proptest! {
    #[test]
    fn sec_az_14_the_state_comes_back_unchanged(state in any::<String>().prop_filter("absent", |text| !text.is_empty())) {
        let encoded: String = state.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let text = format!("response_type=broken&state={encoded}");
        let asked = form(&text);
        prop_assert_eq!(state_of(&asked), Some(state.as_str()));
        let uri = RedirectUri::parse("https://a.example/cb?keep=1").unwrap();
        for (mode, mark) in [(ResponseMode::Query, '?'), (ResponseMode::Fragment, '#')] {
            let Delivery::Redirect(location) = response_mode::write(mode, &uri, &[("state", &state)]) else {
                panic!("not a redirect");
            };
            prop_assert!(location.is_ascii() && location.matches('#').count() <= 1);
            let (_, answer) = location.split_once(mark).unwrap();
            let answer = Form::parse(answer.as_bytes(), &[]).unwrap();
            prop_assert_eq!(answer.get("state"), Some(state.as_str()));
        }
    }
}
