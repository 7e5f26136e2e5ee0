use proptest::prelude::*;
use valetkey_oauth2::{
    AuthMethod, ErrorCode, GrantType, Issuer, ResponseType,
    messages::{
        Introspection, Metadata, TokenResponse, TokenTypeHint,
        bearer::{self, BearerError},
        introspection, revocation,
        token::write_error,
    },
};

use crate::{at, client, form, json, resource, scope, vector};

#[test]
fn the_answers_of_rfc_6749_5_are_written() {
    let extra = [("example_parameter", "example_value".into())];
    let response = TokenResponse {
        access_token: "2YotnFZFEjr1zCsicMWpAA",
        token_type: "example",
        expires_in: 3600,
        refresh_token: Some("tGzv3JOkF0XG5Qx2TlKWIA"),
        scope: None,
        extra: &extra,
    };
    assert_eq!(json(&response.write()), json(vector("rfc6749-5.1.json").as_bytes()));
    assert_eq!(
        json(&write_error(ErrorCode::InvalidRequest, "", None)),
        json(vector("rfc6749-5.2.json").as_bytes())
    );
}

#[test]
fn an_empty_scope_is_not_said() {
    let nothing = scope("");
    let response = TokenResponse {
        access_token: "mine",
        token_type: "Bearer",
        expires_in: 1,
        refresh_token: None,
        scope: Some(&nothing),
        extra: &[],
    };
    let written = String::from_utf8(response.write()).unwrap();
    assert_eq!(written, r#"{"access_token":"mine","token_type":"Bearer","expires_in":1}"#);
}

#[test]
fn an_extension_cannot_say_what_the_specification_says() {
    let extra = [("scope", "everything".into()), ("access_token", "another".into()), ("more", 1.into())];
    let response = TokenResponse {
        access_token: "mine",
        token_type: "Bearer",
        expires_in: 1,
        refresh_token: None,
        scope: None,
        extra: &extra,
    };
    let written = String::from_utf8(response.write()).unwrap();
    assert_eq!(written, r#"{"access_token":"mine","token_type":"Bearer","expires_in":1,"more":1}"#);
}

#[test]
fn a_description_holds_only_what_appendix_a_8_knows() {
    let written = write_error(ErrorCode::InvalidGrant, "a\"b\\c\nd\u{e9}", Some("https://docs.example/e"));
    assert_eq!(
        String::from_utf8(written).unwrap(),
        r#"{"error":"invalid_grant","error_description":"a?b?c?d?","error_uri":"https://docs.example/e"}"#
    );
}

#[test]
fn every_code_reads_back() {
    for code in ErrorCode::ALL {
        assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
    }
}

#[test]
fn sec_tk_16_an_inactive_token_has_one_answer() {
    assert_eq!(introspection::INACTIVE, br#"{"active":false}"#);
}

#[test]
fn an_active_token_is_described() {
    let (app, read, audience) = (client("app"), scope("read"), [resource("https://a.example")]);
    let answer = Introspection {
        scope: Some(&read),
        client_id: &app,
        username: Some("Zoë \"Z\""),
        token_type: Some("Bearer"),
        exp: Some(at(2000)),
        iat: Some(at(1000)),
        nbf: None,
        sub: Some("s"),
        aud: &audience,
        iss: Some("https://id.example"),
        jti: None,
    };
    let expected = serde_json::json!({
        "active": true, "scope": "read", "client_id": "app", "username": "Zoë \"Z\"", "token_type": "Bearer",
        "exp": 2000, "iat": 1000, "sub": "s", "aud": "https://a.example", "iss": "https://id.example",
    });
    assert_eq!(json(&answer.write()), expected);
    let both = [resource("https://a.example"), resource("https://b.example")];
    let answer = Introspection { aud: &both, ..answer };
    assert_eq!(json(&answer.write())["aud"], serde_json::json!(["https://a.example", "https://b.example"]));
}

#[test]
fn a_wrong_hint_counts_as_none() {
    let hint = |text: &str| revocation::Params::parse(&form(text)).unwrap().hint;
    assert_eq!(hint("token=x&token_type_hint=refresh_token"), Some(TokenTypeHint::RefreshToken));
    assert_eq!(hint("token=x&token_type_hint=magic"), None);
    assert!(revocation::Params::parse(&form("token=")).is_err());
    assert_eq!(revocation::DONE, b"{}");
}

#[test]
fn metadata_says_what_there_is_and_leaves_out_the_rest() {
    let mut metadata = Metadata::new(Issuer::parse("https://id.example").unwrap());
    metadata.token_endpoint = Some("https://id.example/oauth2/token".into());
    metadata.response_types_supported = vec![ResponseType::Code];
    metadata.grant_types_supported = vec![GrantType::AUTHORIZATION_CODE];
    metadata.token_endpoint_auth_methods_supported = vec![AuthMethod::ClientSecretBasic, AuthMethod::None];
    metadata.code_challenge_methods_supported = vec!["S256".into()];
    metadata.authorization_response_iss_parameter_supported = true;
    let expected = serde_json::json!({
        "issuer": "https://id.example",
        "token_endpoint": "https://id.example/oauth2/token",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    assert_eq!(json(&metadata.write()), expected);
}

#[test]
fn a_bearer_token_is_read_from_its_header() {
    for (header, expected) in [
        (Some("Bearer mF_9.B5f-4.1JqM"), Ok("mF_9.B5f-4.1JqM")),
        (Some("bearer  abc+/~=="), Ok("abc+/~==")),
        (None, Err(BearerError::Missing)),
        (Some("Basic YTpi"), Err(BearerError::OtherScheme)),
        (Some("Bearerx y"), Err(BearerError::OtherScheme)),
        (Some("Bearer"), Err(BearerError::Malformed)),
        (Some("Bearer ="), Err(BearerError::Malformed)),
        (Some("Bearer a b"), Err(BearerError::Malformed)),
        (Some("Bearer a=b"), Err(BearerError::Malformed)),
        (Some("Bearer \"a\""), Err(BearerError::Malformed)),
    ] {
        assert_eq!(bearer::parse(header.map(str::as_bytes)), expected, "{header:?}");
    }
}

#[test]
fn the_challenges_of_rfc_6750_3_are_written() {
    let vectors = vector("rfc6750-3-challenges.txt");
    let bare = bearer::Challenge { realm: Some("example"), ..Default::default() };
    let expired =
        bearer::Challenge { error: Some((ErrorCode::InvalidToken, "The access token expired")), ..bare };
    assert_eq!(vectors.lines().collect::<Vec<_>>(), [bare.write(), expired.write()]);
    assert_eq!(bearer::Challenge::default().write(), "Bearer");
    let odd = bearer::Challenge { realm: Some("a\"\r\nb"), ..Default::default() };
    assert_eq!(odd.write(), "Bearer realm=\"a???b\"");
}

proptest! {
    #[test]
    fn whatever_stands_in_an_answer_it_stays_json(token in any::<String>(), extra in any::<String>()) {
        let extra = [("more", serde_json::Value::from(extra))];
        let response = TokenResponse {
            access_token: &token, token_type: "Bearer", expires_in: 1, refresh_token: None, scope: None, extra: &extra,
        };
        let read = json(&response.write());
        prop_assert_eq!(read["access_token"].as_str(), Some(token.as_str()));
        prop_assert_eq!(&read["more"], &extra[0].1);
    }
}
