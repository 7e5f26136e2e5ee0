//! Client authentication and the token endpoint's manners (CA).

use crate::harness::{Answer, Client, ClientOptions, Server, basic};

const CREDENTIALS: &[(&str, &str)] = &[("grant_type", "client_credentials")];

fn secret(client: &Client) -> &str {
    client.secret.as_deref().expect("a confidential client")
}

#[tokio::test]
async fn sec_ca_01_secrets_are_long_and_not_in_the_database() {
    let server = Server::start().await;
    let client = server.web();
    assert!(secret(&client).len() >= 43);
    for file in std::fs::read_dir(server.data()).expect("the data") {
        let path = file.expect("a file").path();
        let Ok(content) = std::fs::read(&path) else { continue };
        let found = content.windows(secret(&client).len()).any(|part| part == secret(&client).as_bytes());
        assert!(!found, "{}", path.display());
    }
}

#[tokio::test]
async fn sec_ca_02_two_methods_in_one_request_fail() {
    let server = Server::start().await;
    let client = server.web();
    let form =
        [("grant_type", "client_credentials"), ("client_id", &client.id), ("client_secret", secret(&client))];
    server.post("/oauth2/token", &form).await.ok();
    server.token(&client, &form).await.is_refusal(400, "invalid_request");
}

#[tokio::test]
async fn sec_ca_02_a_method_that_the_client_does_not_have_fails() {
    let server = Server::start().await;
    let client = server.client(&ClientOptions {
        more: &["--auth-method", "client_secret_basic"],
        ..ClientOptions::default()
    });
    server.token(&client, CREDENTIALS).await.ok();
    let form =
        [("grant_type", "client_credentials"), ("client_id", &client.id), ("client_secret", secret(&client))];
    server.post("/oauth2/token", &form).await.is_refusal(401, "invalid_client");
    let form = [("grant_type", "client_credentials"), ("client_id", &client.id)];
    server.post("/oauth2/token", &form).await.is_refusal(401, "invalid_client");
}

#[tokio::test]
async fn sec_ca_03_the_basic_header_is_form_decoded_and_refuses_rubbish() {
    let server = Server::start().await;
    let (id, given) =
        ("id:with colon+and/slash%", "a secret: with \"everything\" + 100% of it \u{e4}\u{20ac}");
    let words =
        ["client", "create", "--name", "Given", "--grant", "client_credentials", "--scope", "profile"];
    let words: Vec<&str> = words.into_iter().chain(["--client-id", id, "--client-secret", given]).collect();
    if server.try_cli(&words, "").is_ok() {
        let request = server.http.post(server.at("/oauth2/token")).header("authorization", basic(id, given));
        Answer::of(request.form(CREDENTIALS)).await.ok();
    }
    for header in
        ["Basic", "Basic ", "Basic !!!", "Basic bm9jb2xvbg==", "Basic AAAA", "basic eDp5", "Basic eDolMDA="]
    {
        let request = server.http.post(server.at("/oauth2/token")).header("authorization", header);
        let answer = Answer::of(request.form(CREDENTIALS)).await;
        assert!([400, 401].contains(&answer.status), "{header}: {answer:?}");
        assert!(
            ["invalid_client", "invalid_request"].contains(&answer.error().as_str()),
            "{header}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn sec_ca_10_a_client_uses_only_its_own_grant_types() {
    let server = Server::start().await;
    let web_only =
        server.client(&ClientOptions { grants: &["authorization_code"], ..ClientOptions::default() });
    server.token(&web_only, CREDENTIALS).await.is_refusal(400, "unauthorized_client");
    let machine = server.client(&ClientOptions {
        grants: &["client_credentials"],
        redirect_uris: &[],
        ..ClientOptions::default()
    });
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    server.token(&machine, &form).await.is_refusal(400, "unauthorized_client");
    server.token(&machine, &[("grant_type", "nonsense")]).await.is_refusal(400, "unsupported_grant_type");
}

#[tokio::test]
async fn sec_ca_11_the_password_grant_is_off_and_not_advertised() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let form = [
        ("grant_type", "password"),
        ("username", account.username.as_str()),
        ("password", &account.password),
    ];
    let answer = server.token(&client, &form).await;
    assert!(
        ["unsupported_grant_type", "unauthorized_client"].contains(&answer.error().as_str()),
        "{answer:?}"
    );
    let grants = server.metadata["grant_types_supported"].as_array().expect("a list").clone();
    assert!(!grants.contains(&"password".into()) && !grants.contains(&"implicit".into()), "{grants:?}");
}

#[tokio::test]
async fn sec_ca_12_a_clients_own_token_is_nobodys() {
    let server = Server::start().await;
    let client = server.web();
    let token = server.token(&client, CREDENTIALS).await.ok();
    let told = server.introspect(&client, token["access_token"].as_str().expect("a token")).await;
    assert_eq!(told["sub"], client.id);
    let uuid = "0190a6c2-7f3b-7cc1-8a51-3d2f6e4b9a01";
    let words = ["client", "create", "--name", "X", "--grant", "client_credentials", "--client-id", uuid];
    assert!(server.try_cli(&words, "").is_err(), "a client id may not look like an account's");
}

#[tokio::test]
async fn sec_ca_13_a_public_client_gets_nothing_that_needs_proof() {
    let server = Server::start().await;
    let public = server.public();
    let answer = server.token(&public, CREDENTIALS).await;
    assert!(["unauthorized_client", "invalid_client"].contains(&answer.error().as_str()), "{answer:?}");
    let answer = server.post_as(&public, "/oauth2/introspect", &[("token", "x")]).await;
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[tokio::test]
async fn sec_ca_14_unknown_client_and_wrong_secret_look_alike() {
    let server = Server::start().await;
    let known = Client { secret: Some("a guess".into()), ..server.web() };
    let unknown = Client { id: "nobody-at-all".into(), ..known.clone() };
    let (known, unknown) =
        (server.token(&known, CREDENTIALS).await, server.token(&unknown, CREDENTIALS).await);
    known.is_refusal(401, "invalid_client");
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    assert!(known.header("www-authenticate").starts_with("Basic"), "{known:?}");
}

#[tokio::test]
async fn sec_ca_15_wrong_methods_and_types_get_405_and_415() {
    let server = Server::start().await;
    for path in ["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect"] {
        for method in ["GET", "PUT", "DELETE", "PATCH", "HEAD"] {
            let method = method.parse().expect("a method");
            let answer = Answer::of(server.http.request(method, server.at(path))).await;
            assert_eq!(answer.status, 405, "{path}: {answer:?}");
            assert!(answer.header("allow").contains("POST"), "{answer:?}");
        }
        for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x", "nonsense"] {
            let request = server.http.post(server.at(path)).header("content-type", kind).body("grant_type=x");
            assert_eq!(Answer::of(request).await.status, 415, "{path} {kind}");
        }
        let bare = Answer::of(server.http.post(server.at(path)).body("grant_type=x")).await;
        assert!([400, 415].contains(&bare.status), "{bare:?}");
    }
}

#[tokio::test]
async fn sec_ca_16_nothing_secret_in_a_query() {
    let server = Server::start().await;
    let client = server.web();
    let path = format!("/oauth2/token?client_id={}&client_secret={}", client.id, secret(&client));
    let answer = server.post(&path, CREDENTIALS).await;
    assert!([400, 401].contains(&answer.status), "{answer:?}");
    let answer = server.token(&client, &[]).await;
    answer.is_refusal(400, "invalid_request");
    let answer = server.post_as(&client, "/oauth2/token?grant_type=client_credentials", &[]).await;
    answer.is_refusal(400, "invalid_request");
}

#[tokio::test]
async fn sec_ca_17_two_secrets_while_one_is_replaced() {
    let server = Server::start().await;
    let old = server.web();
    let made = server.cli(&["client", "rotate-secret", &old.id], "");
    let new = Client { secret: made["client_secret"].as_str().map(str::to_owned), ..old.clone() };
    assert_ne!(old.secret, new.secret);
    server.token(&old, CREDENTIALS).await.ok();
    server.token(&new, CREDENTIALS).await.ok();
    let shown = server.cli(&["client", "show", &old.id], "").to_string();
    assert!(!shown.contains(secret(&new)) && !shown.contains(secret(&old)));
}
