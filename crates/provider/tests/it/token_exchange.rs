//! The way over from OAuth 1 to OAuth 2 (RFC 8693): a token of the older protocol, and a signature with it, give tokens of
//! the newer one, from the same grant. With it, what is said of the end of OAuth 1 (RFC 8594, RFC 9745).

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use http::{Request, header};
use serde_json::Value;
use valetkey_oauth1::{
    Methods, Place, Received, Secrets, answers,
    sign::{Outgoing, Signer, Stamp},
};
use valetkey_oauth2::{HandleHash, Resource, Secret, Timestamp};
use valetkey_ports::{Account, Page};
use valetkey_provider::{
    Failure, Peer,
    oauth1::{EXCHANGE, SignedAccess},
    people::Actor,
    registry::{ClientDraft, OAuth1Draft},
};

use crate::{
    browser::Browser,
    world::{Answer, App, CALLBACK, ISSUER, World, build, claims, form, peer, policy, read, scope, web},
};

const EXCHANGE_GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const OAUTH1_TOKEN: &str = "urn:valetkey:oauth1-token";
const TOKEN: &str = "/oauth2/token";
const POST_TOKEN: &str = "POST /oauth2/token";
const DAY: u64 = 24 * 60 * 60;

/// A client that speaks OAuth 1, and the secret that it signs with.
#[derive(Clone)]
struct Mover {
    app: App,
    secret: Secret,
}

/// OAuth 1 token credentials.
#[derive(Clone)]
struct Held {
    token: String,
    secret: Secret,
}

impl Held {
    fn hash(&self) -> HandleHash {
        HandleHash::of(&self.token)
    }
}

static NONCES: AtomicU32 = AtomicU32::new(1);

fn tls() -> Peer {
    Peer { is_secure: true, ..peer() }
}

/// A client of both protocols.
fn both() -> ClientDraft {
    ClientDraft { oauth1: OAuth1Draft { is_on: true, ..OAuth1Draft::default() }, ..web("Mover") }
}

/// One that speaks OAuth 1 alone.
fn only_1(kind: &str) -> ClientDraft {
    ClientDraft { kind: kind.into(), grant_types: Vec::new(), ..both() }
}

impl World {
    async fn mover(&self, draft: ClientDraft) -> Mover {
        let made = self.engine().register(&draft, &Actor::COMMAND_LINE).await.unwrap().unwrap();
        Mover { app: App { client: made.client, secret: made.secret }, secret: made.oauth1_secret.unwrap() }
    }

    /// Signs a request, `POST /path`, with the parameters in its header or its form.
    fn signed_with(
        &self,
        by: &Mover,
        held: Option<&Held>,
        line: &str,
        fields: &[(&str, &str)],
        more: &[(&'static str, &str)],
        place: Place,
    ) -> Request<Bytes> {
        let (method, path) = line.split_once(' ').unwrap();
        let methods = Methods::all();
        let method_of = methods.find("HMAC-SHA1").unwrap();
        let secrets = Secrets { client: &by.secret, token: held.map(|held| &held.secret) };
        let mut signer = Signer::new(method_of, by.app.id(), secrets.into()).place(place);
        if let Some(held) = held {
            signer = signer.token(&held.token);
        }
        for (name, value) in more {
            signer = signer.parameter(name, *value);
        }
        let url = format!("{ISSUER}{path}");
        let body = form(fields);
        let outgoing = Outgoing::new(method, &url);
        let outgoing = if fields.is_empty() {
            outgoing
        } else {
            outgoing.body("application/x-www-form-urlencoded", body.as_bytes())
        };
        let nonce = format!("n-{}", NONCES.fetch_add(1, Ordering::Relaxed));
        let signed = signer.sign(&outgoing, &Stamp::new(self.now().seconds(), &nonce)).unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if method == "POST" {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(value) = signed.authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        request.body(signed.body.unwrap_or_else(|| body.into_bytes()).into()).unwrap()
    }

    async fn over_tls(&self, request: &Request<Bytes>) -> Answer {
        read(&self.provider.handle(request, &tls()).await)
    }

    /// A signed request for a resource: what it proves.
    async fn call(&self, by: &Mover, held: &Held) -> Result<SignedAccess, Failure> {
        let request = self.signed_with(by, Some(held), "GET /api/me", &[], &[], Place::Header);
        let value = request.headers()[header::AUTHORIZATION].as_bytes();
        let values = [value];
        let received = Received::new("GET", "/api/me").authorization(&values);
        self.engine().verify_signature(&received, true, &tls()).await
    }

    async fn may_call(&self, by: &Mover, held: &Held) -> bool {
        match self.call(by, held).await {
            Ok(_) => true,
            Err(Failure::Signature(_)) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    /// All three legs of OAuth 1, with a person who allows it.
    async fn hold(&self, by: &Mover, person: &Account, realm: &str) -> Held {
        let callback = [("oauth_callback", CALLBACK)];
        let mut first =
            self.signed_with(by, None, "POST /oauth1/request_token", &[], &callback, Place::Header);
        let value = first.headers()[header::AUTHORIZATION].to_str().unwrap();
        // The realm is not signed (RFC 5849 §3.4.1.3.1).
        let value = value.replacen("OAuth ", &format!("OAuth realm=\"{realm}\", "), 1);
        first.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
        let answer = self.over_tls(&first).await.ok();
        let temporary = answers::TemporaryCredentials::parse(answer.body.as_bytes()).unwrap();
        let temporary = Held { token: temporary.token, secret: temporary.secret };
        let uri = format!("/oauth1/authorize?oauth_token={}", temporary.token);
        let back = Browser::new(self, person).go(&uri).await;
        let verifier = [("oauth_verifier", back.params["oauth_verifier"].as_str())];
        let last = self.signed_with(
            by,
            Some(&temporary),
            "POST /oauth1/access_token",
            &[],
            &verifier,
            Place::Header,
        );
        let answer = self.over_tls(&last).await.ok();
        let held = answers::TokenCredentials::parse(answer.body.as_bytes()).unwrap();
        Held { token: held.token, secret: held.secret }
    }

    /// The exchange by a signed request (a).
    fn signing(&self, by: &Mover, held: &Held, more: &[(&str, &str)], place: Place) -> Request<Bytes> {
        self.signed_with(by, Some(held), POST_TOKEN, &fields(&held.token, more), &[], place)
    }

    async fn exchange(&self, by: &Mover, held: &Held, more: &[(&str, &str)]) -> Answer {
        self.over_tls(&self.signing(by, held, more, Place::Header)).await
    }

    /// A proof for the exchange by parameter (b).
    fn proof(&self, by: &Mover, held: &Held) -> String {
        let request = self.signed_with(by, Some(held), POST_TOKEN, &[], &[], Place::Header);
        request.headers()[header::AUTHORIZATION].to_str().unwrap().to_owned()
    }

    async fn exchange_by_proof(&self, app: &App, held: &Held, proof: &str, more: &[(&str, &str)]) -> Answer {
        let mut all = vec![("subject_token_proof", proof)];
        all.extend(more);
        self.token(app, &fields(&held.token, &all)).await
    }

    async fn kept(&self, held: &Held) -> valetkey_ports::TokenCredentials {
        self.ports.credentials.find(&held.hash()).await.unwrap().unwrap().0.credentials
    }
}

/// The fields of an exchange: the usual, replaced or completed.
fn fields<'a>(token: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual =
        [("grant_type", EXCHANGE_GRANT), ("subject_token_type", OAUTH1_TOKEN), ("subject_token", token)];
    let mut all: Vec<_> =
        usual.into_iter().filter(|(name, _)| more.iter().all(|(own, _)| own != name)).collect();
    all.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    all
}

async fn begun(draft: ClientDraft) -> (World, Mover, Account, Held) {
    let world = World::new().await;
    let (mover, anna) = (world.mover(draft).await, world.person("anna").await);
    let held = world.hold(&mover, &anna, "read write").await;
    (world, mover, anna, held)
}

#[tokio::test]
async fn sec_o1_13_the_whole_move_two_protocols_side_by_side_and_one_end_for_both() {
    let (world, mover, anna, held) = begun(both()).await;
    let before = world.kept(&held).await;
    assert_eq!(before.exchanged_at, None);
    let by_signature = world.exchange(&mover, &held, &[]).await.ok();
    let in_form = world.over_tls(&world.signing(&mover, &held, &[], Place::Body)).await.ok();
    let by_proof = world.exchange_by_proof(&mover.app, &held, &world.proof(&mover, &held), &[]).await.ok();
    for answer in [&by_signature, &in_form, &by_proof] {
        let body = answer.json();
        let mut members: Vec<&String> = body.as_object().unwrap().keys().collect();
        members.sort();
        let expected =
            ["access_token", "expires_in", "issued_token_type", "refresh_token", "scope", "token_type"];
        assert_eq!(members, expected);
        assert_eq!(body["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
        assert_eq!((&body["token_type"], &body["scope"]), (&"Bearer".into(), &"read write".into()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        // One grant for all: that of the OAuth 1 token.
        let claims = claims(&answer.text("access_token"));
        assert_eq!(claims["gid"], before.grant.to_string());
        assert_eq!(
            (&claims["sub"], &claims["client_id"]),
            (&anna.id.to_string().into(), &mover.app.id().into())
        );
        assert_eq!(claims["aud"], "https://id.example");
        assert!(world.is_active(&mover.app, &answer.text("access_token")).await);
        assert!(world.is_active(&mover.app, &answer.text("refresh_token")).await);
    }
    assert!(world.may_call(&mover, &held).await);
    let grants = world.ports.grants.list_account(&anna.id, &Page::first(10)).await.unwrap();
    assert_eq!(grants.len(), 1);
    assert_eq!(world.events().await.iter().filter(|kind| *kind == "token_exchanged").count(), 3);
    assert!(world.kept(&held).await.exchanged_at.is_some());
    // What each token is in one world it is in that world only.
    assert!(!world.is_active(&mover.app, &held.token).await);
    // Revoked once, both protocols are dead at once.
    world.advance(1);
    world.engine().ports().grants.revoke(&before.grant, &mover.app.client.id, world.now()).await.unwrap();
    assert!(!world.may_call(&mover, &held).await);
    for answer in [&by_signature, &in_form, &by_proof] {
        assert!(!world.is_active(&mover.app, &answer.text("access_token")).await);
        world.refresh(&mover.app, &answer.text("refresh_token")).await.refused(400, "invalid_grant");
    }
    world.exchange(&mover, &held, &[]).await.refused(400, "invalid_request");
    let proof = world.proof(&mover, &held);
    world.exchange_by_proof(&mover.app, &held, &proof, &[]).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn sec_tk_20_consent_account_client_and_revocation_each_end_both_halves() {
    for end in ["consent", "refresh token", "account", "client"] {
        let (world, mover, anna, held) = begun(both()).await;
        let moved = world.exchange(&mover, &held, &[]).await.ok();
        world.advance(2);
        let (engine, id) = (world.engine(), &mover.app.client.id);
        match end {
            "consent" => assert!(engine.withdraw(&anna.id, id, &Actor::COMMAND_LINE).await.unwrap()),
            "refresh token" => {
                let token = moved.text("refresh_token");
                world.post_as(&mover.app, "/oauth2/revoke", &[("token", &token)]).await.ok();
            }
            "account" => {
                let mut account = world.ports.accounts.find(&anna.id).await.unwrap().unwrap();
                account.disabled_at = Some(world.now());
                assert!(world.ports.accounts.update(&account).await.unwrap());
            }
            _ => {
                let until = world.now();
                world.tweak(&mover.app, |client| client.not_before = until).await;
            }
        }
        assert!(!world.may_call(&mover, &held).await, "{end}");
        assert!(!world.is_active(&mover.app, &moved.text("access_token")).await, "{end}");
        world.refresh(&mover.app, &moved.text("refresh_token")).await.refused(400, "invalid_grant");
        world.exchange(&mover, &held, &[]).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_disabled_client_exchanges_nothing() {
    let (world, mover, _, held) = begun(both()).await;
    world.engine().disable_client(&mover.app.client.id, &Actor::COMMAND_LINE).await.unwrap();
    let refused = world.exchange(&mover, &held, &[]).await;
    refused.refused(401, "invalid_client");
    assert!(
        refused.header("www-authenticate").unwrap().starts_with("OAuth realm=\"valetkey\""),
        "{refused:?}"
    );
}

#[tokio::test]
async fn it_may_be_repeated_and_each_time_begins_a_family_of_its_own() {
    let (world, mover, _, held) = begun(both()).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        world.advance(3600);
        tokens.push(world.exchange(&mover, &held, &[]).await.ok().text("refresh_token"));
        assert_eq!(world.kept(&held).await.exchanged_at, Some(world.now()));
    }
    for token in &tokens {
        let next = world.refresh(&mover.app, token).await.ok();
        assert_eq!(next.text("scope"), "read write");
    }
    assert!(world.may_call(&mover, &held).await);
}

#[tokio::test]
async fn sec_tk_22_naming_a_token_proves_nothing() {
    let (world, mover, _, held) = begun(both()).await;
    world.token(&mover.app, &fields(&held.token, &[])).await.refused(400, "invalid_request");
    // Neither does the client alone, by a signature without the token.
    let alone = world.signed_with(&mover, None, POST_TOKEN, &fields(&held.token, &[]), &[], Place::Header);
    world.over_tls(&alone).await.refused(401, "invalid_client");
    // Nor a signature with a secret that is not the token's.
    let guessed = Held { secret: Secret::new("guessed"), ..held.clone() };
    let refused = world.exchange(&mover, &guessed, &[]).await;
    refused.refused(401, "invalid_client");
    assert!(refused.header("www-authenticate").unwrap().contains("oauth_problem=\"signature_invalid\""));
    let proof = world.proof(&mover, &guessed);
    world.exchange_by_proof(&mover.app, &held, &proof, &[]).await.refused(400, "invalid_request");
    // And the proof is for this endpoint: the signature of another request is none.
    let other = world.signed_with(&mover, Some(&held), "GET /api/me", &[], &[], Place::Header);
    let other = other.headers()[header::AUTHORIZATION].to_str().unwrap();
    world.exchange_by_proof(&mover.app, &held, other, &[]).await.refused(400, "invalid_request");
    for broken in ["OAuth", "Bearer x", "OAuth oauth_token=\"x\""] {
        world.exchange_by_proof(&mover.app, &held, broken, &[]).await.refused(400, "invalid_request");
    }
    assert_eq!(world.kept(&held).await.exchanged_at, None);
    assert!(!world.events().await.contains(&"token_exchanged".to_owned()));
}

#[tokio::test]
async fn sec_tk_22_another_clients_token_is_exchanged_by_nobody_else() {
    let (world, mover, anna, held) = begun(both()).await;
    let thief = world.mover(both()).await;
    let own = world.hold(&thief, &anna, "read").await;
    // The thief signs with its own secret and the token's, which leaked.
    world.exchange(&thief, &held, &[]).await.refused(400, "invalid_request");
    let proof = world.proof(&thief, &held);
    world.exchange_by_proof(&thief.app, &held, &proof, &[]).await.refused(400, "invalid_request");
    // It found a proof of the right client, and brings it as itself.
    let found = world.proof(&mover, &held);
    world.exchange_by_proof(&thief.app, &held, &found, &[]).await.refused(400, "invalid_request");
    // It names another token than it signs with.
    let named = [("subject_token", held.token.as_str())];
    world.exchange(&thief, &own, &named).await.refused(400, "invalid_request");
    let proof = world.proof(&thief, &own);
    world.exchange_by_proof(&thief.app, &held, &proof, &[]).await.refused(400, "invalid_request");
    // What it found is still its owner's to use: nobody's mistake uses a nonce up.
    world.exchange_by_proof(&mover.app, &held, &found, &[]).await.ok();
}

#[tokio::test]
async fn sec_o1_03_a_proof_counts_once_in_either_way() {
    let (world, mover, _, held) = begun(both()).await;
    let proof = world.proof(&mover, &held);
    world.exchange_by_proof(&mover.app, &held, &proof, &[]).await.ok();
    world.exchange_by_proof(&mover.app, &held, &proof, &[]).await.refused(400, "invalid_request");
    let request = world.signing(&mover, &held, &[], Place::Header);
    world.over_tls(&request).await.ok();
    let again = world.over_tls(&request).await;
    again.refused(401, "invalid_client");
    assert!(again.header("www-authenticate").unwrap().contains("nonce_used"), "{again:?}");
    // And for its time only.
    let proof = world.proof(&mover, &held);
    world.advance(400);
    world.exchange_by_proof(&mover.app, &held, &proof, &[]).await.refused(400, "invalid_request");
    // A request's signature covers its form: with another scope it is another request.
    let mut changed = world.signing(&mover, &held, &[("scope", "read")], Place::Header);
    let body = String::from_utf8(changed.body().to_vec()).unwrap().replace("scope=read", "scope=write");
    *changed.body_mut() = body.into();
    world.over_tls(&changed).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn one_way_of_showing_oneself_a_request() {
    let (world, mover, _, held) = begun(both()).await;
    let proof = world.proof(&mover, &held);
    for more in [
        ("subject_token_proof", proof.as_str()),
        ("client_secret", mover.app.secret.as_ref().unwrap().expose()),
        ("client_assertion", "x"),
        ("client_id", "another"),
    ] {
        world.exchange(&mover, &held, &[more]).await.refused(400, "invalid_request");
    }
    let mut twice = world.signing(&mover, &held, &[], Place::Body);
    twice.headers_mut().insert(header::AUTHORIZATION, mover.app.basic().parse().unwrap());
    world.over_tls(&twice).await.refused(400, "invalid_request");
    world.exchange(&mover, &held, &[("client_id", mover.app.id())]).await.ok();
    // A signature shows a client to this grant only.
    for grant in ["client_credentials", "refresh_token", "authorization_code"] {
        let request = world.signing(&mover, &held, &[("grant_type", grant)], Place::Header);
        world.over_tls(&request).await.refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn what_is_asked_is_read_as_the_specification_says() {
    let (world, mover, _, held) = begun(both()).await;
    let kinds =
        ["access_token", "refresh_token"].map(|kind| format!("urn:ietf:params:oauth:token-type:{kind}"));
    for kind in &kinds {
        let answer = world.exchange(&mover, &held, &[("requested_token_type", kind)]).await.ok();
        assert_eq!(answer.text("issued_token_type"), kinds[0]);
    }
    let jwt = "urn:ietf:params:oauth:token-type:jwt";
    for more in [
        ("requested_token_type", jwt),
        ("subject_token_type", jwt),
        ("subject_token_type", ""),
        ("subject_token", ""),
        ("actor_token", "x"),
        ("actor_token_type", jwt),
    ] {
        world.exchange(&mover, &held, &[more]).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn sec_tk_22_the_scope_only_shrinks_and_says_so() {
    let (world, mover, _, held) = begun(both()).await;
    let narrow = world.exchange(&mover, &held, &[("scope", "read")]).await.ok();
    assert_eq!(narrow.text("scope"), "read");
    assert_eq!(claims(&narrow.text("access_token"))["scope"], "read");
    for wider in ["read profile", "admin", "unheard-of"] {
        world.exchange(&mover, &held, &[("scope", wider)]).await.refused(400, "invalid_scope");
    }
    // A narrowed token leaves the grant as it is.
    assert_eq!(
        world.refresh(&mover.app, &narrow.text("refresh_token")).await.ok().text("scope"),
        "read write"
    );
    // What the client may no longer have is not given again.
    let mover = Mover { app: world.tweak(&mover.app, |client| client.scope = scope("read")).await, ..mover };
    assert_eq!(world.exchange(&mover, &held, &[]).await.ok().text("scope"), "read");
    world.exchange(&mover, &held, &[("scope", "write")]).await.refused(400, "invalid_scope");
}

#[tokio::test]
async fn a_resource_is_named_at_the_exchange_and_at_every_refresh() {
    let (world, mover, _, held) = begun(both()).await;
    let photos = "https://api.example/photos";
    for name in ["resource", "audience"] {
        let moved = world.exchange(&mover, &held, &[(name, photos)]).await.ok();
        assert_eq!(claims(&moved.text("access_token"))["aud"], photos);
        let ask = |resource| {
            let token = moved.text("refresh_token");
            let (world, app) = (&world, &mover.app);
            async move {
                let form =
                    [("grant_type", "refresh_token"), ("refresh_token", &*token), ("resource", resource)];
                world.token(app, &form).await
            }
        };
        ask("https://unknown.example/").await.refused(400, "invalid_target");
        assert_eq!(claims(&ask(photos).await.ok().text("access_token"))["aud"], photos);
        world
            .exchange(&mover, &held, &[(name, "https://unknown.example/")])
            .await
            .refused(400, "invalid_target");
    }
    world.exchange(&mover, &held, &[("audience", "photos")]).await.refused(400, "invalid_target");
    // A client's own list holds here too.
    let only = Resource::parse("https://api.example/mail").unwrap();
    let mover = Mover { app: world.tweak(&mover.app, |client| client.resources = vec![only]).await, ..mover };
    world.exchange(&mover, &held, &[("resource", photos)]).await.refused(400, "invalid_target");
}

#[tokio::test]
async fn sec_tk_02_a_reused_refresh_token_ends_its_family_and_the_older_half_goes_on() {
    let (world, mover, _, held) = begun(both()).await;
    let moved = world.exchange(&mover, &held, &[]).await.ok().text("refresh_token");
    let other = world.exchange(&mover, &held, &[]).await.ok().text("refresh_token");
    let next = world.refresh(&mover.app, &moved).await.ok().text("refresh_token");
    world.advance(60);
    world.refresh(&mover.app, &moved).await.refused(400, "invalid_grant");
    // The family is dead, also in the hands of whoever has the newest token.
    world.refresh(&mover.app, &next).await.refused(400, "invalid_grant");
    assert!(world.events().await.contains(&"refresh_reused".to_owned()));
    // What the person allowed is not.
    assert!(world.may_call(&mover, &held).await);
    world.refresh(&mover.app, &other).await.ok();
    world.exchange(&mover, &held, &[]).await.ok();
}

#[tokio::test]
async fn a_native_app_moves_and_refreshes_by_its_id() {
    let redirect_uris = vec![CALLBACK.to_owned()];
    let (world, mover, _, held) = begun(ClientDraft { redirect_uris, ..only_1("native") }).await;
    assert!(mover.app.secret.is_none() && mover.app.client.grant_types.is_empty());
    let by_proof = world.exchange_by_proof(&mover.app, &held, &world.proof(&mover, &held), &[]).await.ok();
    let signed = world.exchange(&mover, &held, &[]).await.ok();
    for answer in [by_proof, signed] {
        let first = answer.text("refresh_token");
        let next = world.refresh(&mover.app, &first).await.ok();
        // A retry gets the same again, as for everybody.
        assert_eq!(
            world.refresh(&mover.app, &first).await.ok().text("refresh_token"),
            next.text("refresh_token")
        );
        world.refresh(&mover.app, &next.text("refresh_token")).await.ok();
    }
}

#[tokio::test]
async fn a_web_app_without_a_secret_for_oauth_2_signs_and_refreshes_once_it_has_one() {
    let (world, mover, _, held) = begun(only_1("web")).await;
    let moved = world.exchange(&mover, &held, &[]).await.ok().text("refresh_token");
    let named = [("grant_type", "refresh_token"), ("refresh_token", &*moved), ("client_id", mover.app.id())];
    world.post(TOKEN, &named).await.refused(401, "invalid_client");
    let draft =
        ClientDraft { grant_types: vec!["refresh_token".into()], ..ClientDraft::from(&mover.app.client) };
    let changed = world.engine().update_client(&mover.app.client.id, &draft, &Actor::COMMAND_LINE).await;
    let changed = changed.unwrap().unwrap().unwrap();
    let app = App { client: changed.client, secret: changed.secret };
    world.refresh(&app, &moved).await.ok();
}

#[tokio::test]
async fn sec_ca_10_only_what_was_exchanged_is_refreshed_by_a_client_that_may_not_refresh() {
    let (world, mover, anna, held) = begun(both()).await;
    let danced = Browser::new(&world, &anna).dance(&mover.app, &[]).await.text("refresh_token");
    let moved = world.exchange(&mover, &held, &[]).await.ok().text("refresh_token");
    let less = |client: &mut valetkey_ports::Client| {
        client.grant_types.retain(|grant| grant.as_str() != "refresh_token");
    };
    let app = world.tweak(&mover.app, less).await;
    world.refresh(&app, &danced).await.refused(400, "unauthorized_client");
    let moved = world.refresh(&app, &moved).await.ok().text("refresh_token");
    // Without OAuth 1 there is nothing left that lets it.
    let app = world.tweak(&app, |client| client.oauth1 = None).await;
    world.refresh(&app, &moved).await.refused(400, "unauthorized_client");
}

#[tokio::test]
async fn what_was_given_an_end_ends_in_both_protocols() {
    let lifetime = std::time::Duration::from_secs(1000);
    let oauth1 = OAuth1Draft { is_on: true, token_lifetime: Some(lifetime), ..OAuth1Draft::default() };
    let (world, mover, _, held) = begun(ClientDraft { oauth1, ..both() }).await;
    world.advance(700);
    let moved = world.exchange(&mover, &held, &[]).await.ok();
    assert_eq!(moved.json()["expires_in"], 300);
    let next = world.refresh(&mover.app, &moved.text("refresh_token")).await.ok();
    world.advance(300);
    world.refresh(&mover.app, &next.text("refresh_token")).await.refused(400, "invalid_grant");
    assert!(!world.is_active(&mover.app, &moved.text("access_token")).await);
    world.exchange(&mover, &held, &[]).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn opaque_tokens_hang_from_the_same_grant() {
    let (world, mover, _, held) = begun(both()).await;
    let opaque = |client: &mut valetkey_ports::Client| {
        client.token_format = Some(valetkey_oauth2::TokenFormat::Opaque);
    };
    let mover = Mover { app: world.tweak(&mover.app, opaque).await, ..mover };
    let moved = world.exchange(&mover, &held, &[("scope", "read")]).await.ok();
    let told = world.introspect(&mover.app, &moved.text("access_token")).await;
    assert_eq!((&told["active"], &told["scope"]), (&true.into(), &"read".into()));
    let grant = world.kept(&held).await.grant;
    world.advance(1);
    world.ports.grants.revoke(&grant, &mover.app.client.id, world.now()).await.unwrap();
    assert!(!world.is_active(&mover.app, &moved.text("access_token")).await);
}

#[tokio::test]
async fn exchanges_are_counted_by_themselves_and_signed_requests_too() {
    let (world, mover, _, held) = begun(both()).await;
    for _ in 0..2 {
        world.exchange(&mover, &held, &[]).await.ok();
    }
    assert!(world.may_call(&mover, &held).await);
    world.engine().write_uses().await.unwrap();
    let uses = world.ports.usage.list(Some(&mover.app.client.id), Timestamp::from_seconds(0)).await.unwrap();
    let count = |word: &str| uses.iter().filter(|used| used.what == word).map(|used| used.count).sum::<u64>();
    // Two legs and one call; two exchanges.
    assert_eq!((count("HMAC-SHA1"), count(EXCHANGE)), (3, 2));
    let crossings = world.ports.credentials.crossings(world.now()).await.unwrap();
    assert_eq!((crossings[0].live, crossings[0].exchanged), (1, 1));
}

#[tokio::test]
async fn it_is_told_of_and_served_where_oauth_1_is_spoken_and_nowhere_else() {
    let (world, mover, _, held) = begun(both()).await;
    let document = async |world: &World| -> Value {
        let request = Request::get("/.well-known/oauth-authorization-server").body(Bytes::new()).unwrap();
        world.send(request).await.json()["grant_types_supported"].clone()
    };
    assert!(document(&world).await.as_array().unwrap().contains(&EXCHANGE_GRANT.into()));
    let mut off = policy();
    off.oauth1.is_on = false;
    let moved = world.exchange(&mover, &held, &[]).await.ok().text("refresh_token");
    let provider = build(off, world.ports.clone()).await;
    let without = World { provider, ports: world.ports.clone(), clock: Arc::clone(&world.clock) };
    assert!(!document(&without).await.as_array().unwrap().contains(&EXCHANGE_GRANT.into()));
    without.exchange(&mover, &held, &[]).await.refused(401, "invalid_client");
    let proof = world.proof(&mover, &held);
    without.exchange_by_proof(&mover.app, &held, &proof, &[]).await.refused(400, "unsupported_grant_type");
    // Whoever has come over stays.
    without.refresh(&mover.app, &moved).await.ok();
    // A client without OAuth 1 has nothing to exchange.
    let app = world.web().await;
    world.exchange_by_proof(&app, &held, &proof, &[]).await.refused(400, "unauthorized_client");
}

#[tokio::test]
async fn the_end_is_announced_on_every_signed_answer_and_after_it_the_exchange_goes_on() {
    let world = World::new().await;
    let sunset = world.now().plus(std::time::Duration::from_secs(90 * DAY));
    let mut rules = policy();
    rules.oauth1.sunset = Some(sunset);
    let provider = build(rules, world.ports.clone()).await;
    let world = World { provider, ..world };
    let (mover, anna) = (world.mover(both()).await, world.person("anna").await);
    let held = world.hold(&mover, &anna, "read").await;
    let since = format!("@{}", mover.app.client.created_at.seconds());
    let link = "<https://id.example/.well-known/oauth-authorization-server>; rel=\"sunset deprecation\"";
    // The clock stands at 2026-09-21T14:13:20Z.
    let told = [("deprecation", since.as_str()), ("sunset", "Sun, 20 Dec 2026 14:13:20 GMT"), ("link", link)];
    let first = [("oauth_callback", CALLBACK)];
    let first = world.signed_with(&mover, None, "POST /oauth1/request_token", &[], &first, Place::Header);
    let answer = world.over_tls(&first).await.ok();
    for (name, text) in told {
        assert_eq!(answer.header(name), Some(text));
    }
    let access = world.call(&mover, &held).await.unwrap();
    let headers: Vec<_> =
        access.headers.iter().map(|(name, text)| (name.as_str(), text.to_str().unwrap())).collect();
    assert_eq!(headers, told);
    // The second before the end is before it.
    world.advance(90 * DAY - 1);
    assert!(world.may_call(&mover, &held).await);
    world.advance(1);
    let Err(Failure::Signature(refusal)) = world.call(&mover, &held).await else { panic!("it went on") };
    let answer = read(&refusal.answer("valetkey"));
    assert_eq!(answer.status.as_u16(), 401);
    for (name, text) in told {
        assert_eq!(answer.header(name), Some(text));
    }
    let problem = answer.header("www-authenticate").unwrap();
    assert!(problem.contains("consumer_key_refused") && problem.contains("RFC%208693"), "{problem}");
    let first = [("oauth_callback", CALLBACK)];
    let first = world.signed_with(&mover, None, "POST /oauth1/request_token", &[], &first, Place::Header);
    assert_eq!(world.over_tls(&first).await.status.as_u16(), 401);
    // Late is not too late.
    world.exchange(&mover, &held, &[]).await.ok();
    let moved = world.exchange_by_proof(&mover.app, &held, &world.proof(&mover, &held), &[]).await.ok();
    world.refresh(&mover.app, &moved.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn a_page_of_ones_own_is_linked_and_no_end_is_before_the_beginning() {
    let world = World::new().await;
    let mut rules = policy();
    rules.oauth1.sunset = Some(Timestamp::from_seconds(1_700_000_000));
    rules.oauth1.sunset_link = Some("https://id.example/moving".into());
    let provider = build(rules, world.ports.clone()).await;
    let world = World { provider, ..world };
    let mover = world.mover(both()).await;
    let told = world.engine().sunset_headers(&mover.app.client);
    let told: Vec<_> = told.iter().map(|(_, text)| text.to_str().unwrap()).collect();
    // RFC 9745 §4: the sunset is not before the deprecation.
    let link = "<https://id.example/moving>; rel=\"sunset deprecation\"";
    assert_eq!(told, ["@1700000000", "Tue, 14 Nov 2023 22:13:20 GMT", link]);
    let mut client = mover.app.client.clone();
    for (at, date) in [(-1, "Thu, 01 Jan 1970 00:00:00 GMT"), (i64::MAX, "Tue, 14 Nov 2023 22:13:20 GMT")] {
        client.oauth1.as_mut().unwrap().sunset = Some(Timestamp::from_seconds(at));
        assert_eq!(world.engine().sunset_headers(&client)[1].1, date);
    }
}
