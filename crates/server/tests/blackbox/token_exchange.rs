//! From OAuth 1 to OAuth 2, from outside: a real signature, on SQLite, and the operator's view of it.

use serde_json::Value;
use valetkey_crypto::Secret;

use crate::harness::{
    Account, Answer, Browser, Client, ClientOptions, FORM, Pair, REDIRECT_URI, Server, Signer, text,
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const OAUTH1_TOKEN: &str = "urn:valetkey:oauth1-token";

/// A client of both protocols, and what it signs with: its own secret, and a token's.
struct Mover {
    client: Client,
    signer: Signer,
    token: Option<Pair>,
}

impl Mover {
    fn new(server: &Server, more: &[&str]) -> Self {
        let words = ["client", "create", "--name", "Mover", "--redirect-uri", REDIRECT_URI, "--oauth1"];
        let words = [&words[..], more].concat();
        let made = server.cli(&words, "");
        let client = Client {
            id: text(&made, "client_id").to_owned(),
            secret: made["client_secret"].as_str().map(str::to_owned),
            redirect_uri: REDIRECT_URI.to_owned(),
        };
        let signer = Signer::new(&client.id, text(&made, "oauth1_secret"));
        Self { client, signer, token: None }
    }

    /// A value of the `Authorization` header.
    fn sign(&self, method: &str, url: &str, more: &[(&'static str, &str)]) -> String {
        self.signer.sign(method, url, self.token.as_ref(), more)
    }

    /// Sends a signed POST without a body.
    async fn post(&self, server: &Server, path: &str, more: &[(&'static str, &str)]) -> Answer {
        let url = format!("{}{path}", server.issuer());
        let header = self.sign("POST", &url, more);
        Answer::of(server.http.post(server.at(path)).header("authorization", header)).await
    }

    async fn three_legs(&mut self, server: &Server, account: &Account) {
        let answer = self.post(server, "/oauth1/request_token", &[("oauth_callback", REDIRECT_URI)]).await;
        let first = Pair::temporary(&answer);
        let page = format!("/oauth1/authorize?oauth_token={}", first.token);
        let back = Browser::new(server).allow(&page, account).await.redirected();
        self.token = Some(first);
        let verifier = [("oauth_verifier", back["oauth_verifier"].as_str())];
        let answer = self.post(server, "/oauth1/access_token", &verifier).await;
        self.token = Some(Pair::token(&answer));
    }

    fn name(&self) -> &str {
        self.token.as_ref().map_or("", |pair| &pair.token)
    }

    /// Signs the exchange itself.
    async fn exchange(&self, server: &Server) -> Answer {
        let fields =
            [("grant_type", GRANT), ("subject_token_type", OAUTH1_TOKEN), ("subject_token", self.name())];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let url = format!("{}/oauth2/token", server.issuer());
        let header = self.signer.sign_form(&url, self.token.as_ref(), &body);
        let request = server.http.post(server.at("/oauth2/token")).header("content-type", FORM);
        Answer::of(request.header("authorization", header).body(body)).await
    }

    /// Shows itself as in OAuth 2, and brings a proof.
    async fn exchange_by_proof(&self, server: &Server, proof: &str) -> Answer {
        let fields = [
            ("grant_type", GRANT),
            ("subject_token_type", OAUTH1_TOKEN),
            ("subject_token", self.name()),
            ("subject_token_proof", proof),
        ];
        server.token(&self.client, &fields).await
    }

    fn proof(&self, server: &Server) -> String {
        self.sign("POST", &format!("{}/oauth2/token", server.issuer()), &[])
    }

    async fn me(&self, server: &Server) -> Answer {
        let header = self.sign("GET", &format!("{}/api/me", server.issuer()), &[]);
        Answer::of(server.http.get(server.at("/api/me")).header("authorization", header)).await
    }
}

const BOTH: &[&str] = &["--grant", "authorization_code", "--grant", "refresh_token"];

#[tokio::test]
async fn sec_o1_13_tokens_of_both_protocols_hang_from_one_grant_and_pass_for_one_another_nowhere() {
    let server = Server::start().await;
    let account = server.account();
    let mut mover = Mover::new(&server, BOTH);
    mover.three_legs(&server, &account).await;
    let signed = mover.exchange(&server).await.ok();
    let proved = mover.exchange_by_proof(&server, &mover.proof(&server)).await.ok();
    for answer in [&signed, &proved] {
        assert_eq!(answer["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
        assert_eq!(server.me(text(answer, "access_token")).await.ok()["username"], account.username.as_str());
    }
    assert_eq!(mover.me(&server).await.ok()["username"], account.username.as_str());
    // No token is one of the other protocol's.
    assert_eq!(server.me(mover.name()).await.status, 401);
    let strange = Mover {
        client: mover.client.clone(),
        signer: mover.signer.clone(),
        token: Some(Pair { token: text(&signed, "access_token").to_owned(), secret: Secret::new("x") }),
    };
    assert_eq!(strange.me(&server).await.status, 401);
    // One grant, whatever hangs from it.
    let grants = server.cli(&["grant", "list", "--user", &account.username], "");
    let grants = grants["grants"].as_array().expect("a list").clone();
    assert_eq!(grants.len(), 1, "{grants:?}");
    let after = server.refresh(&mover.client, text(&signed, "refresh_token")).await.ok();
    server.cli(&["grant", "revoke", text(&grants[0], "id")], "");
    assert_eq!(mover.me(&server).await.status, 401);
    for token in [text(&after, "access_token"), text(&proved, "access_token")] {
        assert_eq!(server.me(token).await.status, 401);
    }
    for token in [text(&after, "refresh_token"), text(&proved, "refresh_token")] {
        server.refresh(&mover.client, token).await.is_refusal(400, "invalid_grant");
    }
    mover.exchange(&server).await.is_refusal(400, "invalid_request");
}

#[tokio::test]
async fn sec_tk_22_only_who_signs_exchanges_and_once_each_time() {
    let server = Server::start().await;
    let account = server.account();
    let mut mover = Mover::new(&server, BOTH);
    mover.three_legs(&server, &account).await;
    let proof = mover.proof(&server);
    let thief = server.client(&ClientOptions { more: &["--oauth1"], ..ClientOptions::default() });
    let signer = Signer::new(&thief.id, "guessed");
    let thief = Mover { client: thief, signer, token: mover.token.clone() };
    thief.exchange_by_proof(&server, &proof).await.is_refusal(400, "invalid_request");
    thief.exchange(&server).await.is_refusal(401, "invalid_client");
    mover.exchange_by_proof(&server, &proof).await.ok();
    mover.exchange_by_proof(&server, &proof).await.is_refusal(400, "invalid_request");
    mover.exchange_by_proof(&server, "").await.is_refusal(400, "invalid_request");
}

#[tokio::test]
async fn a_native_app_that_spoke_oauth_1_alone_moves_and_refreshes() {
    let server = Server::start().await;
    let account = server.account();
    let mut mover = Mover::new(&server, &["--native"]);
    assert!(mover.client.secret.is_none());
    mover.three_legs(&server, &account).await;
    let moved = mover.exchange_by_proof(&server, &mover.proof(&server)).await.ok();
    let next = server.refresh(&mover.client, text(&moved, "refresh_token")).await.ok();
    server.me(text(&next, "access_token")).await.ok();
}

#[tokio::test]
async fn the_operator_sees_who_signs_and_who_has_come_over() {
    let server = Server::start().await;
    let account = server.account();
    let mut mover = Mover::new(&server, BOTH);
    mover.three_legs(&server, &account).await;
    mover.me(&server).await.ok();
    mover.exchange(&server).await.ok();
    let mine = async || -> Option<Value> {
        let told = server.cli(&["oauth1", "status"], "");
        let clients = told["clients"].as_array().expect("a list").clone();
        clients.into_iter().find(|client| client["client_id"] == mover.client.id.as_str())
    };
    let mut told = mine().await;
    // The counts are written down now and then.
    for _ in 0..60 {
        if told.as_ref().is_some_and(|told| told["signed"] == 3 && told["exchanges"] == 1) {
            break;
        }
        server.settled().await;
        told = mine().await;
    }
    let told = told.expect("the client is listed");
    assert_eq!((&told["signed"], &told["exchanges"]), (&3.into(), &1.into()), "{told}");
    assert_eq!(told["methods"], serde_json::json!({ "HMAC-SHA256": 3 }));
    assert_eq!((&told["live_tokens"], &told["exchanged_tokens"]), (&1.into(), &1.into()));
    assert!(told["last_signed_at"].is_u64() && told["sunset"].is_null(), "{told}");
    let whole = server.cli(&["oauth1", "status", "--days", "2"], "");
    assert_eq!(whole["days"].as_array().map(Vec::len), Some(2));
    assert!(server.try_cli(&["oauth1", "status", "--days", "0"], "").is_err());
}
