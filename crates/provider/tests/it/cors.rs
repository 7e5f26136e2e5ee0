//! CORS: browser apps read their own answers, never with cookies (security UI-28, decision 27).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::{Method, Request, header};
use valetkey_oauth2::{AccountId, ClientId, Origin};
use valetkey_ports::{Client, Clients, Page, Ports, StoreError};

use crate::{
    browser::Browser,
    world::{Answer, World, build, peer, policy, read, signed},
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

/// Counts how often all clients are listed.
struct Counted {
    inner: Arc<dyn Clients>,
    lists: AtomicUsize,
}

#[async_trait::async_trait]
impl Clients for Counted {
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        self.inner.find(id).await
    }
    async fn put(&self, client: &Client) -> Result<(), StoreError> {
        self.inner.put(client).await
    }
    async fn update(&self, client: &Client) -> Result<bool, StoreError> {
        self.inner.update(client).await
    }
    async fn delete(&self, id: &ClientId) -> Result<bool, StoreError> {
        self.inner.delete(id).await
    }
    async fn list(&self, owner: Option<&AccountId>, page: &Page) -> Result<Vec<Client>, StoreError> {
        self.lists.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.inner.list(owner, page).await
    }
}

#[tokio::test]
async fn however_many_preflights_read_all_clients_once() {
    let world = World::new().await;
    let spa = world.spa().await;
    let counted = Arc::new(Counted { inner: world.ports.clients.clone(), lists: AtomicUsize::new(0) });
    let ports = Ports { clients: counted.clone(), ..world.ports.clone() };
    let world = World { provider: build(policy(), ports.clone()).await, ports, clock: world.clock };
    counted.lists.store(0, Ordering::SeqCst);
    let preflight = |origin: String| {
        let request = Request::builder()
            .method("OPTIONS")
            .uri("/oauth2/token")
            .header("origin", origin)
            .body(bytes::Bytes::new())
            .unwrap();
        let provider = world.provider.clone();
        tokio::spawn(async move { read(&provider.handle(&request, &peer()).await) })
    };
    let asked: Vec<_> = (0..50).map(|count| preflight(format!("https://{count}.example"))).collect();
    let ours = preflight("https://app.example".into());
    for answer in asked {
        assert!(answer.await.unwrap().header("access-control-allow-origin").is_none());
    }
    assert!(ours.await.unwrap().header("access-control-allow-origin").is_some());
    // One page with the client, and the empty one after it.
    assert_eq!(counted.lists.swap(0, Ordering::SeqCst), 2);
    // A change is a new epoch: once more.
    world.tweak(&spa, |client| client.origins = vec![Origin::parse("https://7.example").unwrap()]).await;
    let seven = preflight("https://7.example".into()).await.unwrap();
    assert!(seven.header("access-control-allow-origin").is_some());
    assert_eq!(counted.lists.load(Ordering::SeqCst), 2);
}
