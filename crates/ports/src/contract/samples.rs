//! Records to keep: whole ones, each unlike any other.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use valetkey_oauth2::{
    AccountId, AuthMethod, ClientId, Form, GrantId, GrantType, HandleHash, RedirectUri, Resource, Scope,
    SessionId, Timestamp, TokenFormat, Verifier, grants::authorization_code::IssuedCode,
    messages::authorization::Parameters,
};

use crate::{
    AccessRecord, Account, Allowance, Approval, Asked, AuthorizationFlow, Callback, Client, ClientKind,
    ClientOrigin, ClientSecret, Code, Consent, Event, EventKind, FamilyId, Flow, Grant, KeyState, Lifetimes,
    NewGrant, NewRefresh, OAuth1Client, PkcePolicy, Ports, Refusal, Rotation, Sealed, SecretHash, Session,
    SharedSecret, SigningKeyRecord, Stage, TemporaryCredentials, TokenCredentials, Username,
};

/// So many seconds.
#[must_use]
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// 32 bytes that were never given before.
#[must_use]
pub fn bytes() -> [u8; 32] {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    valetkey_crypto::digest::sha256(&count.to_be_bytes())
}

fn some<const N: usize>() -> [u8; N] {
    *bytes().first_chunk::<N>().unwrap()
}

/// A handle's hash.
#[must_use]
pub fn hash() -> HandleHash {
    HandleHash::from_bytes(bytes())
}

/// A scope.
#[must_use]
pub fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

/// A resource.
#[must_use]
pub fn resource(text: &str) -> Resource {
    Resource::parse(text).unwrap()
}

/// A client's id.
#[must_use]
pub fn client_id() -> ClientId {
    ClientId::mint(&some())
}

/// An account's id.
#[must_use]
pub fn account_id(now: Timestamp) -> AccountId {
    AccountId::mint(now, &some())
}

/// A grant's id.
#[must_use]
pub fn grant_id(now: Timestamp) -> GrantId {
    GrantId::mint(now, &some())
}

/// A client with something in every field.
#[must_use]
pub fn client(now: Timestamp) -> Client {
    Client {
        id: client_id(),
        name: "Foto Ä \u{1f4f7}".to_owned(),
        kind: ClientKind::Web,
        owner: Some(account_id(now)),
        origin: ClientOrigin::Pages,
        site: Some("https://app.example/".to_owned()),
        logo: None,
        policy: Some("https://app.example/policy".to_owned()),
        terms: None,
        redirect_uris: vec![RedirectUri::parse("https://app.example/cb?x=1").unwrap()],
        grant_types: vec![GrantType::AUTHORIZATION_CODE, GrantType::new("urn:example:own")],
        scope: scope("read write"),
        default_scope: Some(scope("read")),
        resources: vec![resource("https://api.example/")],
        auth_methods: vec![AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost],
        oauth1: Some(OAuth1Client {
            methods: Some(vec!["HMAC-SHA256".to_owned()]),
            secrets: vec![SharedSecret { sealed: sealed(), created_at: now, expires_at: None }],
            rsa_keys: vec!["-----BEGIN PUBLIC KEY-----".to_owned()],
            may_use_oob: true,
            may_sign_alone: true,
            token_lifetime: Some(seconds(86_400)),
            sunset: Some(now.plus(seconds(864_000))),
        }),
        secrets: vec![ClientSecret {
            hash: SecretHash::Sha256(hash()),
            created_at: now,
            expires_at: Some(now.plus(seconds(9))),
        }],
        pkce: PkcePolicy::Required,
        token_format: Some(TokenFormat::Opaque),
        lifetimes: Lifetimes { access_token: Some(seconds(300)), ..Lifetimes::default() },
        origins: Vec::new(),
        is_trusted: true,
        may_introspect: false,
        disabled_at: None,
        not_before: now.minus(seconds(1)),
        created_at: now,
        updated_at: now,
    }
}

/// An account that may log in now.
#[must_use]
pub fn account(now: Timestamp) -> Account {
    let id = account_id(now);
    Account {
        id,
        username: Username::new(&format!("Anna {id}")),
        name: Some("Anna Ä".to_owned()),
        email: Some("anna@example.org".to_owned()),
        password: Some("$argon2id$v=19$…".to_owned()),
        is_admin: false,
        is_demo: false,
        disabled_at: None,
        not_before: now.minus(seconds(1)),
        created_at: now,
    }
}

/// A session of an hour, ten minutes unused.
#[must_use]
pub fn session(account: &Account, now: Timestamp) -> Session {
    Session {
        id: SessionId::mint(now, &some()),
        account: account.id,
        created_at: now,
        authenticated_at: now,
        last_seen_at: now,
        idle_expires_at: now.plus(seconds(600)),
        expires_at: now.plus(seconds(3600)),
        user_agent: "Mozilla/5.0 (Ä)".to_owned(),
        address: "2001:db8::1".to_owned(),
    }
}

/// A flow of ten minutes.
#[must_use]
pub fn flow(now: Timestamp) -> Flow {
    let query = "response_type=code&state=a%20b&scope=read&prompt=login";
    Flow {
        client: client_id(),
        scope: scope("read"),
        browser: Some(hash()),
        started_at: now,
        has_logged_in: false,
        expires_at: now.plus(seconds(600)),
        approval: None,
        asked: Asked::OAuth2(AuthorizationFlow {
            redirect_uri: RedirectUri::parse("https://app.example/cb").unwrap(),
            redirect_uri_was_sent: true,
            parameters: Parameters::parse(&Form::parse(query.as_bytes(), &[]).unwrap()).unwrap(),
        }),
    }
}

/// The same flow, approved.
#[must_use]
pub fn approved(flow: &Flow, now: Timestamp) -> Flow {
    let approval =
        Approval { account: account_id(now), session: SessionId::mint(now, &some()), scope: scope("read") };
    Flow { approval: Some(approval), has_logged_in: true, ..flow.clone() }
}

/// A sealed secret.
#[must_use]
pub fn sealed() -> Sealed {
    Sealed::from_bytes(bytes().to_vec())
}

/// Temporary credentials of ten minutes.
#[must_use]
pub fn temporary(client: &ClientId, now: Timestamp) -> TemporaryCredentials {
    TemporaryCredentials {
        hash: hash(),
        client: client.clone(),
        secret: sealed(),
        callback: Callback::Uri(RedirectUri::parse("https://app.example/cb?x=1").unwrap()),
        scope: scope("read write"),
        expires_at: now.plus(seconds(600)),
        stage: Stage::Asked,
    }
}

/// What somebody allowed of them.
#[must_use]
pub fn allowance(account: AccountId, now: Timestamp) -> Allowance {
    Allowance {
        verifier: hash(),
        account,
        session: Some(SessionId::mint(now, &some())),
        scope: scope("read"),
        grant: grant_id(now),
        authorized_at: now,
    }
}

/// Token credentials of a grant, until they are revoked.
#[must_use]
pub fn credentials(grant: &Grant) -> TokenCredentials {
    TokenCredentials {
        hash: hash(),
        grant: grant.id,
        secret: sealed(),
        issued_at: grant.authorized_at,
        expires_at: None,
        exchanged_at: None,
    }
}

/// A consent.
#[must_use]
pub fn consent(account: AccountId, client: &ClientId, now: Timestamp) -> Consent {
    Consent {
        account,
        client: client.clone(),
        scope: scope("read write"),
        resources: vec![resource("https://api.example/"), resource("urn:example:b")],
        digest: bytes(),
        given_at: now,
        updated_at: now,
        not_before: Timestamp::default(),
    }
}

/// A grant of a day.
#[must_use]
pub fn grant(account: AccountId, client: &ClientId, now: Timestamp) -> Grant {
    Grant {
        id: grant_id(now),
        client: client.clone(),
        account: Some(account),
        session: Some(SessionId::mint(now, &some())),
        grant_type: GrantType::AUTHORIZATION_CODE,
        scope: scope("read write"),
        resources: vec![resource("https://api.example/"), resource("urn:example:b")],
        authorized_at: now,
        expires_at: now.plus(seconds(86_400)),
        last_used_at: now,
        revoked_at: None,
    }
}

/// A client's standing grant.
#[must_use]
pub fn standing_grant(client: &ClientId, now: Timestamp) -> Grant {
    Grant {
        id: Grant::standing_id(client),
        client: client.clone(),
        account: None,
        session: None,
        grant_type: GrantType::CLIENT_CREDENTIALS,
        scope: scope("read"),
        resources: Vec::new(),
        authorized_at: now,
        expires_at: Timestamp::from_seconds(i64::MAX),
        last_used_at: now,
        revoked_at: None,
    }
}

/// An access token of ten minutes under a grant.
#[must_use]
pub fn access(grant: &Grant, now: Timestamp) -> AccessRecord {
    AccessRecord {
        hash: hash(),
        grant: grant.id,
        client: grant.client.clone(),
        account: grant.account,
        scope: scope("read"),
        audience: vec![resource("https://api.example/"), resource("urn:example:b")],
        issued_at: now,
        expires_at: now.plus(seconds(600)),
    }
}

/// A new family: an hour unused, a day at all.
#[must_use]
pub fn refresh(now: Timestamp) -> NewRefresh {
    NewRefresh {
        family: FamilyId::from_bytes(some()),
        current: hash(),
        idle_expires_at: now.plus(seconds(3600)),
        absolute_expires_at: now.plus(seconds(86_400)),
    }
}

/// A grant with both tokens.
#[must_use]
pub fn new_grant(now: Timestamp) -> NewGrant {
    let grant = grant(account_id(now), &client_id(), now);
    let access = access(&grant, now);
    NewGrant { grant, refresh: Some(refresh(now)), access: Some(access), credentials: None }
}

/// The grant that a code stands for, with both tokens.
#[must_use]
pub fn grant_of(code: &Code, now: Timestamp) -> NewGrant {
    let mut grant = grant(code.account, &code.facts.client_id, now);
    grant.id = code.grant;
    grant.authorized_at = code.authorized_at;
    let access = access(&grant, now);
    NewGrant { grant, refresh: Some(refresh(now)), access: Some(access), credentials: None }
}

/// Opens a grant with both tokens.
pub async fn opened(ports: &Ports, now: Timestamp) -> (Grant, NewRefresh, AccessRecord) {
    let new = new_grant(now);
    assert_eq!(ports.grants.open(&new).await.unwrap(), crate::Opened::Fresh);
    (new.grant, new.refresh.unwrap(), new.access.unwrap())
}

/// A rotation from a handle, with an access token.
#[must_use]
pub fn rotation(grant: &Grant, family: FamilyId, from: HandleHash, now: Timestamp) -> Rotation {
    Rotation {
        family,
        from,
        to: hash(),
        successor: bytes().repeat(3),
        retry_binding: bytes(),
        idle_expires_at: now.plus(seconds(3600)),
        access: Some(access(grant, now)),
        marks_use: true,
        now,
    }
}

/// A code of a minute, remembered for a day.
#[must_use]
pub fn code(client: &ClientId, now: Timestamp) -> Code {
    Code {
        facts: IssuedCode {
            client_id: client.clone(),
            redirect_uri: RedirectUri::parse("https://app.example/cb").unwrap(),
            redirect_uri_was_sent: true,
            challenge: Some(Verifier::mint(&bytes()).challenge()),
            expires_at: now.plus(seconds(60)),
            scope: scope("read"),
            resources: vec![resource("https://api.example/")],
        },
        grant: grant_id(now),
        account: account_id(now),
        session: Some(SessionId::mint(now, &some())),
        authorized_at: now,
        authenticated_at: now.minus(seconds(5)),
        remembered_until: now.plus(seconds(86_400)),
    }
}

/// A key.
#[must_use]
pub fn key(state: KeyState, now: Timestamp) -> SigningKeyRecord {
    SigningKeyRecord {
        kid: format!("{:?}", hash()),
        algorithm: "ES256".to_owned(),
        state,
        sealed: bytes().to_vec(),
        public: r#"{"kty":"EC"}"#.to_owned(),
        created_at: now,
        activates_at: now,
        retired_at: None,
    }
}

/// An event.
#[must_use]
pub fn event(kind: EventKind, account: Option<AccountId>, at: Timestamp) -> Event {
    Event { account, client: Some(client_id()), detail: format!("no. {:?}", hash()), ..Event::new(kind, at) }
}

/// A refusal.
#[must_use]
pub fn refusal(request_id: &str, at: Timestamp) -> Refusal {
    Refusal {
        request_id: request_id.to_owned(),
        at,
        endpoint: "token".to_owned(),
        client: Some("nobody".to_owned()),
        code: "invalid_grant".to_owned(),
        reason: format!("no. {:?}", hash()),
        address: None,
        signature: None,
    }
}
