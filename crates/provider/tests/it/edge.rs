//! The shape of requests and refusals: methods, media types, sizes, doubled parameters, whole answers.

use bytes::Bytes;
use http::{Method, Request, header};

use crate::{
    browser::Browser,
    world::{World, form, post, signed},
};

const POSTED: &[&str] = &["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect"];

#[tokio::test]
async fn sec_ca_15_get_and_other_methods_are_405() {
    let world = World::new().await;
    for path in POSTED {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::HEAD] {
            let request = Request::builder().method(method).uri(*path).body(Bytes::new()).unwrap();
            let answer = world.send(request).await;
            assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("POST")), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
}

#[tokio::test]
async fn sec_ca_15_another_or_no_media_type_is_415() {
    let world = World::new().await;
    for path in POSTED {
        for media in [Some("application/json"), Some("text/plain"), Some("multipart/form-data"), None] {
            let mut request = Request::builder().method(Method::POST).uri(*path);
            if let Some(media) = media {
                request = request.header(header::CONTENT_TYPE, media);
            }
            let body = form(&[("grant_type", "client_credentials")]);
            let answer = world.send(request.body(body.into()).unwrap()).await;
            answer.refused(415, "invalid_request");
        }
    }
    let app = world.web().await;
    let mut request = signed(&app, "/oauth2/token", &[("grant_type", "client_credentials")]);
    let media = "Application/X-WWW-Form-Urlencoded; charset=utf-8".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, media);
    world.send(request).await.ok();
}

#[tokio::test]
async fn sec_op_10_a_large_body_is_413_and_many_parameters_are_refused() {
    let world = World::new().await;
    let app = world.web().await;
    let long = "x".repeat(64 * 1024);
    for path in POSTED {
        world.post(path, &[("x", &long)]).await.refused(413, "invalid_request");
    }
    let many: Vec<(String, String)> = (0..101).map(|n| (format!("p{n}"), "1".into())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    world.send(post("/oauth2/token", &many)).await.refused(400, "invalid_request");
    let fifty = [&[("grant_type", "client_credentials")], &many[..50]].concat();
    world.token(&app, &fifty).await.ok();
}

#[tokio::test]
async fn sec_az_11_doubled_parameters_are_refused_in_bodies_too() {
    let world = World::new().await;
    let app = world.web().await;
    for (path, twice) in [
        ("/oauth2/token", [("grant_type", "client_credentials"), ("grant_type", "client_credentials")]),
        ("/oauth2/revoke", [("token", "x"), ("token", "x")]),
        ("/oauth2/introspect", [("token", "x"), ("token", "y")]),
    ] {
        world.post_as(&app, path, &twice).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn sec_ca_16_nothing_is_taken_from_the_url() {
    let world = World::new().await;
    let app = world.web().await;
    for path in POSTED {
        let uri = format!("{path}?token=x");
        world.post_as(&app, &uri, &[("token", "x")]).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_refusal_in_full() {
    let world = World::new().await;
    let app = world.web().await;
    let answer = world.refresh(&app, "nonsense").await;
    assert_eq!(answer.status.as_u16(), 400);
    assert_eq!(
        answer.body,
        "{\"error\":\"invalid_grant\",\"error_description\":\"Authorize again: the refresh token is unknown, \
         expired, revoked, already used, or of another client.\"}"
    );
    let mut headers: Vec<(&str, &str)> =
        answer.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    headers.sort_unstable();
    assert_eq!(
        headers,
        [
            ("cache-control", "no-store"),
            ("content-type", "application/json"),
            ("x-content-type-options", "nosniff")
        ]
    );
}

#[tokio::test]
async fn an_unknown_client_in_full() {
    let world = World::new().await;
    let answer =
        world.post("/oauth2/token", &[("grant_type", "client_credentials"), ("client_id", "x")]).await;
    assert_eq!(answer.status.as_u16(), 401);
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"valetkey\""));
    assert_eq!(
        answer.body,
        "{\"error\":\"invalid_client\",\"error_description\":\"Client authentication failed: check the client_id, \
         the secret and the method registered for it.\"}"
    );
}

#[tokio::test]
async fn sec_op_12_no_description_says_more_than_plain_ascii_words() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut descriptions = Vec::new();
    for fields in [
        vec![],
        vec![("grant_type", "x\u{e4}\"\\")],
        vec![("grant_type", "authorization_code")],
        vec![("grant_type", "authorization_code"), ("code", "secret-text")],
        vec![("grant_type", "refresh_token"), ("refresh_token", "secret-text")],
        vec![("grant_type", "client_credentials"), ("scope", "secret-text")],
        vec![("grant_type", "client_credentials"), ("resource", "secret-text")],
    ] {
        descriptions.push(world.token(&app, &fields).await.text("error_description"));
    }
    let mut browser = Browser::new(&world, &anna);
    for more in
        [("scope", "secret-text"), ("response_mode", "secret-text"), ("code_challenge", "secret-text")]
    {
        descriptions.push(browser.authorize(&app, &[more]).await.params["error_description"].clone());
    }
    for description in descriptions {
        // RFC 6749 §5.2: no quotes, no backslashes, nothing beyond ASCII.
        let is_plain =
            description.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\');
        assert!(is_plain && description.ends_with('.'), "{description}");
        assert!(!description.contains("secret-text"), "{description}");
    }
}

#[tokio::test]
async fn sec_op_11_odd_bodies_are_refused_without_a_panic() {
    let world = World::new().await;
    for body in [&b"%"[..], b"\xff\xfe", b"a=%zz", b"=", b"&&&&", b"grant_type", b"grant_type=%00", b"\0\0\0"]
    {
        for path in POSTED {
            let request = Request::builder()
                .method(Method::POST)
                .uri(*path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Bytes::copy_from_slice(body))
                .unwrap();
            let answer = world.send(request).await;
            assert!(answer.status.is_client_error(), "{path} {body:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn sec_op_08_only_the_exact_path_is_served() {
    let world = World::new().await;
    for path in
        ["/oauth2/token/", "/OAUTH2/token", "/oauth2//token", "/oauth2/token;x", "/oauth2/%74oken", "/"]
    {
        assert_eq!(world.post(path, &[]).await.status.as_u16(), 404, "{path}");
    }
}

#[tokio::test]
async fn sec_ui_02_a_forms_token_is_the_browsers_and_the_sessions() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let cookies = world.engine().cookies();
    let mut browser = Browser::new(&world, &anna);
    let app = world.web().await;
    browser.get(&crate::browser::authorize_uri(&app, &[])).await;
    let headers =
        |browser: &Browser<'_>| browser.request(&Method::POST, "/login", String::new()).headers().clone();
    let before = headers(&browser);
    let handle = cookies.browser(&before).unwrap();
    let token = cookies.form_token(&handle, None);
    assert!(cookies.is_own_form(&before, &token));
    assert!(!cookies.is_own_form(&before, "") && !cookies.is_own_form(&before, &token[1..]));
    // Another browser, no browser, or another session: no.
    let mut other = Browser::new(&world, &anna);
    other.get(&crate::browser::authorize_uri(&app, &[])).await;
    assert!(!cookies.is_own_form(&headers(&other), &token));
    assert!(!cookies.is_own_form(&http::HeaderMap::new(), &token));
    browser.log_in(&anna).await;
    assert!(!cookies.is_own_form(&headers(&browser), &token));
}

#[tokio::test]
async fn sec_ui_02_a_form_from_another_site_is_refused() {
    let world = World::new().await;
    let cookies = world.engine().cookies();
    let anna = world.person("anna").await;
    let mut browser = Browser::new(&world, &anna);
    browser.get(&crate::browser::authorize_uri(&world.web().await, &[])).await;
    let headers = browser.request(&Method::POST, "/login", String::new()).headers().clone();
    let token = cookies.form_token(&cookies.browser(&headers).unwrap(), None);
    let with = |name: &'static str, value: &'static str| {
        let mut headers = headers.clone();
        headers.insert(name, value.parse().unwrap());
        cookies.is_own_form(&headers, &token)
    };
    assert!(with("origin", "https://id.example") && with("sec-fetch-site", "same-origin"));
    assert!(with("origin", "null") && with("sec-fetch-site", "none"));
    assert!(!with("origin", "https://evil.example") && !with("origin", "http://id.example"));
    assert!(!with("sec-fetch-site", "cross-site") && !with("sec-fetch-site", "same-site"));
}

#[tokio::test]
async fn sec_ui_05_cookies_are_bound_to_the_host_and_hidden_from_scripts() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut browser = Browser::new(&world, &anna);
    let answer = browser.get(&crate::browser::authorize_uri(&world.web().await, &[])).await;
    let set = answer.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-vk_browser=vk_br_"), "{set}");
    for attribute in ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(!set.to_lowercase().contains("domain"));
}
