//! CORS: browser apps read their own answers, never with cookies (security UI-28, decision 27).

use http::{Method, Request, header};
use valetkey_oauth2::Origin;

use crate::{
    browser::Browser,
    world::{Answer, World, signed},
};

const OWN: &str = "https://app.example";

async fn preflight(world: &World, path: &str, origin: &str) -> Answer {
    let request = Request::builder()
        .method(Method::OPTIONS)
        .uri(path)
        .header(header::ORIGIN, origin)
        .header("access-control-request-method", "POST")
        .body(bytes::Bytes::new())
        .unwrap();
    world.send(request).await
}

#[tokio::test]
async fn sec_ui_28_the_token_endpoint_answers_the_clients_own_origins() {
    let world = World::new().await;
    let (spa, web, anna) = (world.spa().await, world.web().await, world.person("anna").await);
    let token = Browser::new(&world, &anna).dance(&spa, &[]).await.text("refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    let ask = async |app, origin: &'static str| {
        let mut request = signed(app, "/oauth2/token", &fields);
        request.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
        world.send(request).await
    };
    let answer = ask(&spa, OWN).await.ok();
    assert_eq!(answer.header("access-control-allow-origin"), Some(OWN));
    assert_eq!(answer.header("vary"), Some("origin"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    for (app, origin) in [(&spa, "https://evil.example"), (&spa, "null"), (&web, OWN)] {
        let answer = ask(app, origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
    // A web app may name origins of its own.
    let web =
        world.tweak(&web, |client| client.origins = vec![Origin::parse("https://b.example").unwrap()]).await;
    let answer = ask(&web, "https://b.example").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://b.example"));
}

#[tokio::test]
async fn sec_ui_28_a_preflight_is_answered_for_registered_origins() {
    let world = World::new().await;
    world.spa().await;
    for path in ["/oauth2/token", "/oauth2/revoke"] {
        let answer = preflight(&world, path, OWN).await;
        assert_eq!(answer.status.as_u16(), 204);
        assert_eq!(answer.header("access-control-allow-origin"), Some(OWN));
        assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let answer = preflight(&world, path, "https://evil.example").await;
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let answer = preflight(&world, "/.well-known/jwks.json", "https://any.example").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn sec_ui_28_an_origin_that_was_registered_just_now_is_known() {
    let world = World::new().await;
    assert_eq!(preflight(&world, "/oauth2/token", OWN).await.header("access-control-allow-origin"), None);
    world.spa().await;
    assert_eq!(
        preflight(&world, "/oauth2/token", OWN).await.header("access-control-allow-origin"),
        Some(OWN)
    );
}

#[tokio::test]
async fn sec_ui_28_pages_and_introspection_are_for_nobody() {
    let world = World::new().await;
    world.spa().await;
    for path in ["/oauth2/authorize", "/oauth2/introspect"] {
        let answer = preflight(&world, path, OWN).await;
        assert_eq!(answer.status.as_u16(), 405, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}
