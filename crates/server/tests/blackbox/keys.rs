//! Signing keys (JW-20, JW-21).

use crate::harness::{Server, text};

#[tokio::test]
async fn sec_jw_20_after_a_rotation_old_and_new_tokens_hold() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let old = server.tokens(&client, &account).await;
    let before = kids(&server).await;
    server.cli(&["key", "rotate"], "");
    server.settled().await;
    let after = kids(&server).await;
    assert!(before.iter().all(|kid| after.contains(kid)), "{before:?} {after:?}");
    let new = server.tokens(&client, &account).await;
    server.me(text(&old, "access_token")).await.ok();
    server.me(text(&new, "access_token")).await.ok();
}

#[tokio::test]
async fn sec_jw_21_no_private_key_in_the_jwks() {
    let server = Server::start().await;
    let jwks = server.get("/.well-known/jwks.json").await;
    for key in jwks.ok()["keys"].as_array().expect("keys") {
        let members = key.as_object().expect("a key");
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(!members.contains_key(private), "{private}");
        }
        assert_ne!(key["kty"], "oct");
    }
    assert!(!jwks.header("etag").is_empty() && jwks.header("cache-control").contains("max-age"), "{jwks:?}");
}

async fn kids(server: &Server) -> Vec<String> {
    let jwks = server.get("/.well-known/jwks.json").await.ok();
    jwks["keys"].as_array().expect("keys").iter().map(|key| text(key, "kid").to_owned()).collect()
}
