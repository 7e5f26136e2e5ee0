//! The metadata document (RFC 8414): nothing advertised that is refused, nothing served that is hidden.

use http::{Method, header};
use serde_json::{Value, json};
use valetkey_oauth2::Issuer;
use valetkey_provider::{Policy, Switch};

use crate::world::{Answer, World, policy};

async fn get(world: &World, path: &str) -> Answer {
    let request = http::Request::builder().method(Method::GET).uri(path).body(bytes::Bytes::new()).unwrap();
    world.send(request).await
}

async fn document(rules: Policy) -> Value {
    get(&World::with(rules).await, "/.well-known/oauth-authorization-server").await.ok().json()
}

#[tokio::test]
async fn it_tells_what_holds() {
    let document = document(policy()).await;
    assert_eq!(document["issuer"], "https://id.example");
    assert_eq!(document["token_endpoint"], "https://id.example/oauth2/token");
    assert_eq!(document["authorization_endpoint"], "https://id.example/oauth2/authorize");
    assert_eq!(document["revocation_endpoint"], "https://id.example/oauth2/revoke");
    assert_eq!(document["introspection_endpoint"], "https://id.example/oauth2/introspect");
    assert_eq!(document["jwks_uri"], "https://id.example/.well-known/jwks.json");
    assert_eq!(document["response_types_supported"], json!(["code"]));
    assert_eq!(document["response_modes_supported"], json!(["query", "fragment", "form_post"]));
    assert_eq!(
        document["grant_types_supported"],
        json!([
            "authorization_code",
            "client_credentials",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:token-exchange"
        ])
    );
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(document["scopes_supported"], json!(["profile", "read", "write", "admin"]));
    assert_eq!(
        document["introspection_endpoint_auth_methods_supported"],
        json!(["client_secret_basic", "client_secret_post"])
    );
}

#[tokio::test]
async fn legacies_are_told_of_when_somebody_may_use_them() {
    for switch in [Switch::PerClient, Switch::All] {
        let mut rules = policy();
        rules.implicit = switch;
        rules.password_grant = switch;
        let document = document(rules).await;
        assert_eq!(document["response_types_supported"], json!(["code", "token"]));
        let grants = document["grant_types_supported"].as_array().unwrap();
        assert!(grants.contains(&json!("implicit")) && grants.contains(&json!("password")), "{grants:?}");
    }
}

#[tokio::test]
async fn every_endpoint_that_is_told_of_is_there() {
    let world = World::new().await;
    let document = get(&world, "/.well-known/oauth-authorization-server").await.json();
    for (name, value) in document.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            let path = value.as_str().unwrap().strip_prefix("https://id.example").unwrap();
            assert!(world.provider.serves(path), "{name}");
        }
    }
}

#[tokio::test]
async fn sec_oi_14_no_host_header_shapes_it() {
    let world = World::new().await;
    let request = http::Request::builder()
        .uri("/.well-known/oauth-authorization-server")
        .header(header::HOST, "evil.example")
        .header("x-forwarded-host", "evil.example")
        .body(bytes::Bytes::new())
        .unwrap();
    let answer = world.send(request).await.ok();
    assert!(!answer.body.contains("evil"));
}

#[tokio::test]
async fn an_issuer_with_a_path_is_found_in_both_forms() {
    let mut rules = policy();
    rules.issuer = Issuer::parse("https://id.example/tenant").unwrap();
    let world = World::with(rules).await;
    for path in
        ["/.well-known/oauth-authorization-server/tenant", "/tenant/.well-known/oauth-authorization-server"]
    {
        let document = get(&world, path).await.ok().json();
        assert_eq!(document["issuer"], "https://id.example/tenant");
        assert_eq!(document["token_endpoint"], "https://id.example/tenant/oauth2/token");
    }
    assert_eq!(get(&world, "/.well-known/oauth-authorization-server").await.status.as_u16(), 404);
    assert!(world.provider.serves("/tenant/oauth2/token") && !world.provider.serves("/oauth2/token"));
}

#[tokio::test]
async fn it_is_cached_by_its_tag() {
    let world = World::new().await;
    let first = get(&world, "/.well-known/oauth-authorization-server").await.ok();
    assert_eq!(first.header("cache-control"), Some("public, max-age=3600"));
    let tag = first.header("etag").unwrap();
    let request = http::Request::builder()
        .uri("/.well-known/oauth-authorization-server")
        .header(header::IF_NONE_MATCH, format!("\"other\", W/{tag}"))
        .body(bytes::Bytes::new())
        .unwrap();
    let again = world.send(request).await;
    assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
}
