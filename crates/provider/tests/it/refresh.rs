//! Refresh tokens: rotation, the retry window, reuse (RFC 6749 §6, RFC 9700 §4.14.2, decision 4).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use valetkey_oauth2::{GrantId, HandleHash, Timestamp};
use valetkey_ports::{
    AccessRecord, FamilyId, NewRefresh, Ports, Random, RefreshRecord, Rotation, Standing, StoreError, Tokens,
};
use valetkey_provider::people::Actor;

use crate::{
    browser::Browser,
    world::{World, build, policy, scope},
};

#[tokio::test]
async fn a_refresh_rotates_and_the_new_one_goes_on() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let first = Browser::new(&world, &anna).dance(&app, &[("scope", "read write")]).await;
    world.advance(100);
    let second = world.refresh(&app, &first.text("refresh_token")).await.ok();
    assert_ne!(second.text("refresh_token"), first.text("refresh_token"));
    assert_eq!(second.text("scope"), "read write");
    world.advance(100);
    let third = world.refresh(&app, &second.text("refresh_token")).await.ok();
    assert_ne!(third.text("refresh_token"), second.text("refresh_token"));
    assert!(world.is_active(&app, &first.text("access_token")).await);
}

#[tokio::test]
async fn sec_tk_01_a_retry_within_the_window_gets_the_same_successor() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let first =
        Browser::new(&world, &anna).dance(&app, &[("scope", "read write")]).await.text("refresh_token");
    let second = world.refresh(&app, &first).await.ok();
    world.advance(29);
    let retried = world.refresh(&app, &first).await.ok();
    assert_eq!(retried.text("refresh_token"), second.text("refresh_token"));
    assert_ne!(retried.text("access_token"), second.text("access_token"));
    // Another scope is no retry: refused, and nothing ends.
    let other = [("grant_type", "refresh_token"), ("refresh_token", &*first), ("scope", "read")];
    world.token(&app, &other).await.refused(400, "invalid_grant");
    let third = world.refresh(&app, &second.text("refresh_token")).await.ok();
    // The successor was used: no retry any more, and still nothing ends.
    world.refresh(&app, &first).await.refused(400, "invalid_grant");
    world.refresh(&app, &third.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn sec_tk_02_reuse_after_the_window_kills_the_grant() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let first = Browser::new(&world, &anna).dance(&app, &[]).await;
    let second = world.refresh(&app, &first.text("refresh_token")).await.ok();
    world.advance(30);
    world.refresh(&app, &first.text("refresh_token")).await.refused(400, "invalid_grant");
    world.refresh(&app, &second.text("refresh_token")).await.refused(400, "invalid_grant");
    assert!(!world.is_active(&app, &second.text("access_token")).await);
    assert!(world.events().await.contains(&"refresh_reused".to_owned()));
}

#[tokio::test]
async fn sec_tk_02_a_much_older_generation_kills_the_grant_too() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let oldest = Browser::new(&world, &anna).dance(&app, &[]).await.text("refresh_token");
    let mut latest = oldest.clone();
    for _ in 0..4 {
        world.advance(60);
        latest = world.refresh(&app, &latest).await.ok().text("refresh_token");
    }
    world.refresh(&app, &oldest).await.refused(400, "invalid_grant");
    world.refresh(&app, &latest).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn sec_tk_03_the_window_revives_nothing_that_was_revoked() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let own = Actor::Account(anna.id);
    for end in 0..4 {
        let first = browser.dance(&app, &[]).await.text("refresh_token");
        let second = world.refresh(&app, &first).await.ok().text("refresh_token");
        match end {
            0 => drop(world.post_as(&app, "/oauth2/revoke", &[("token", &second)]).await.ok()),
            1 => assert!(world.engine().withdraw(&anna.id, &app.client.id, &own).await.unwrap()),
            2 => assert!(world.engine().end_account(&anna.id, &own).await.unwrap()),
            _ => {
                let actor = Actor::COMMAND_LINE;
                assert!(world.engine().revoke_client_tokens(&app.client.id, &actor).await.unwrap().is_done());
            }
        }
        world.refresh(&app, &first).await.refused(400, "invalid_grant");
        world.refresh(&app, &second).await.refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn sec_tk_04_a_refresh_never_widens() {
    let world = World::new().await;
    let (app, other, anna) = (world.web().await, world.web().await, world.person("anna").await);
    let asked = [("scope", "read"), ("resource", "https://api.example/photos")];
    let token = Browser::new(&world, &anna).dance(&app, &asked).await.text("refresh_token");
    let with = |name: &'static str, value: &'static str| {
        [("grant_type", "refresh_token"), ("refresh_token", token.as_str()), (name, value)]
    };
    world.token(&app, &with("scope", "read write")).await.refused(400, "invalid_scope");
    world.token(&app, &with("resource", "https://api.example/mail")).await.refused(400, "invalid_target");
    world.refresh(&other, &token).await.refused(400, "invalid_grant");
    let refreshed = world.refresh(&app, &token).await.ok();
    assert_eq!(refreshed.text("scope"), "read");
}

#[tokio::test]
async fn a_narrowed_refresh_does_not_narrow_the_grant() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let first =
        Browser::new(&world, &anna).dance(&app, &[("scope", "read write")]).await.text("refresh_token");
    let narrow = [("grant_type", "refresh_token"), ("refresh_token", &*first), ("scope", "read")];
    let second = world.token(&app, &narrow).await.ok();
    assert_eq!(second.text("scope"), "read");
    let third = world.refresh(&app, &second.text("refresh_token")).await.ok();
    assert_eq!(third.text("scope"), "read write");
}

#[tokio::test]
async fn sec_tk_05_a_refresh_asks_again_whether_all_may_still_be() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let actor = Actor::COMMAND_LINE;
    let engine = world.engine();
    let mut browser = Browser::new(&world, &anna);
    let token = browser.dance(&app, &[("scope", "read write")]).await.text("refresh_token");
    // What the client no longer may, its tokens no longer do.
    world.tweak(&app, |client| client.scope = scope("profile read")).await;
    let narrowed = world.refresh(&app, &token).await.ok();
    assert_eq!(narrowed.text("scope"), "read");
    let token = narrowed.text("refresh_token");
    assert!(engine.disable_client(&app.client.id, &actor).await.unwrap().is_done());
    world.refresh(&app, &token).await.refused(401, "invalid_client");
    assert!(engine.enable_client(&app.client.id, &actor).await.unwrap().is_done());
    let token = world.refresh(&app, &token).await.ok().text("refresh_token");
    assert!(engine.disable_account(&anna.id, &actor).await.unwrap());
    world.refresh(&app, &token).await.refused(400, "invalid_grant");
    assert!(engine.enable_account(&anna.id, &actor).await.unwrap());
    world.refresh(&app, &token).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn sec_tk_06_a_refresh_token_dies_unused_and_dies_anyhow() {
    const DAY: u64 = 24 * 60 * 60;
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let unused = browser.dance(&app, &[]).await.text("refresh_token");
    let mut used = browser.dance(&app, &[]).await.text("refresh_token");
    world.advance(30 * DAY - 1);
    used = world.refresh(&app, &used).await.ok().text("refresh_token");
    world.advance(1);
    world.refresh(&app, &unused).await.refused(400, "invalid_grant");
    for _ in 0..11 {
        world.advance(29 * DAY);
        used = world.refresh(&app, &used).await.ok().text("refresh_token");
    }
    world.advance(16 * DAY - 1);
    used = world.refresh(&app, &used).await.ok().text("refresh_token");
    world.advance(1);
    world.refresh(&app, &used).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn sec_tk_21_an_altered_token_is_refused_before_it_is_looked_for() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let token = Browser::new(&world, &anna).dance(&app, &[]).await.text("refresh_token");
    for altered in
        [token[..token.len() - 1].to_owned(), format!("{token}A"), token.to_lowercase(), format!(" {token}")]
    {
        world.refresh(&app, &altered).await.refused(400, "invalid_grant");
    }
    world.refresh(&app, &token).await.ok();
}

#[tokio::test]
async fn sec_co_03_a_public_clients_refresh_token_is_its_own() {
    let world = World::new().await;
    let (spa, other, anna) = (world.spa().await, world.spa().await, world.person("anna").await);
    let token = Browser::new(&world, &anna).dance(&spa, &[]).await.text("refresh_token");
    world.refresh(&other, &token).await.refused(400, "invalid_grant");
    world.refresh(&spa, &token).await.ok();
}

#[tokio::test]
async fn a_client_without_the_grant_gets_no_refresh_token() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let app = world
        .tweak(&app, |client| client.grant_types = vec![valetkey_oauth2::GrantType::AUTHORIZATION_CODE])
        .await;
    let answer = Browser::new(&world, &anna).dance(&app, &[]).await;
    assert!(answer.json().get("refresh_token").is_none());
}

/// A store in which somebody else is always faster.
struct AlwaysLate(Arc<dyn Tokens>);

#[async_trait::async_trait]
impl Tokens for AlwaysLate {
    async fn put_access(&self, record: &AccessRecord) -> Result<(), StoreError> {
        self.0.put_access(record).await
    }
    async fn find_access(&self, hash: &HandleHash) -> Result<Option<(AccessRecord, Standing)>, StoreError> {
        self.0.find_access(hash).await
    }
    async fn revoke_access(&self, hash: &HandleHash) -> Result<bool, StoreError> {
        self.0.revoke_access(hash).await
    }
    async fn deny(&self, jti: &str, until: Timestamp) -> Result<(), StoreError> {
        self.0.deny(jti, until).await
    }
    async fn is_denied(&self, jti: &str) -> Result<bool, StoreError> {
        self.0.is_denied(jti).await
    }
    async fn find_refresh(&self, family: &FamilyId) -> Result<Option<(RefreshRecord, Standing)>, StoreError> {
        self.0.find_refresh(family).await
    }
    async fn rotate(&self, _rotation: &Rotation) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn hang(
        &self,
        grant: &GrantId,
        refresh: &NewRefresh,
        access: Option<&AccessRecord>,
    ) -> Result<bool, StoreError> {
        self.0.hang(grant, refresh, access).await
    }
    async fn end_family(&self, family: &FamilyId) -> Result<bool, StoreError> {
        self.0.end_family(family).await
    }
    async fn purge(&self, now: Timestamp, retry_before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.0.purge(now, retry_before, batch).await
    }
}

/// Counts what is drawn.
struct Drawn(Arc<dyn Random>, AtomicUsize);

impl Random for Drawn {
    fn fill(&self, bytes: &mut [u8]) {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.fill(bytes);
    }
}

#[tokio::test]
async fn a_refresh_that_comes_too_late_signs_nothing() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let token = Browser::new(&world, &anna).dance(&app, &[]).await.text("refresh_token");
    let drawn = Arc::new(Drawn(world.ports.random.clone(), AtomicUsize::new(0)));
    let tokens = Arc::new(AlwaysLate(world.ports.tokens.clone()));
    let ports = Ports { tokens, random: drawn.clone(), ..world.ports.clone() };
    let late = World { provider: build(policy(), ports.clone()).await, ports, clock: world.clock.clone() };
    drawn.1.store(0, Ordering::SeqCst);
    assert_eq!(late.refresh(&app, &token).await.status.as_u16(), 503);
    // Four looks, a successor each: no access token got as far as a name.
    assert_eq!(drawn.1.load(Ordering::SeqCst), 4);
    world.refresh(&app, &token).await.ok();
}
