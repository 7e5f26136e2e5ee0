//! Requests that are badly made (RFC 5849 §3.1, §3.5): 400, or 401 where there is no trace of OAuth 1; never a fault.

use bytes::Bytes;
use http::{Method, Request, header};
use valetkey_oauth1::{Alphabet, Limits, Place};
use valetkey_provider::registry::OAuth1Draft;

use super::{ACCESS_TOKEN, Ask, FORM, ME, REQUEST_TOKEN, get, header_of, refusal, temporary, token};
use crate::{
    browser::Browser,
    world::{World, policy},
};

fn post(path: &str, content_type: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let request = Request::builder().method(Method::POST).uri(path);
    request.header(header::CONTENT_TYPE, content_type).body(body.into()).unwrap()
}

#[tokio::test]
async fn who_does_not_sign_is_asked_to() {
    let world = World::new().await;
    for path in [REQUEST_TOKEN, ACCESS_TOKEN] {
        world.tls(Request::get(path).body(Bytes::new()).unwrap()).await.unsigned(401, "");
        world.tls(Request::post(path).body(Bytes::new()).unwrap()).await.unsigned(401, "");
        world.tls(get(&format!("{path}?a=1"), "Bearer mF_9.B5f-4.1JqM")).await.unsigned(401, "");
        world.tls(get(path, "Basic YTpi")).await.unsigned(401, "");
        world.tls(get(path, "OAuthX a=\"b\"")).await.unsigned(401, "");
        world.tls(post(path, FORM, "a=1&b=2")).await.unsigned(401, "");
        world.tls(post(path, "application/json", "{\"oauth_consumer_key\":1}")).await.unsigned(401, "");
    }
    let refused = refusal(world.verify(&Request::get(ME).body(Bytes::new()).unwrap()).await);
    assert_eq!(refused.challenge("valetkey"), "OAuth realm=\"valetkey\"");
}

#[tokio::test]
async fn broken_headers_are_badly_made() {
    let world = World::new().await;
    for header in [
        "OAuth oauth_consumer_key",
        "OAuth oauth_consumer_key=\"a",
        "OAuth oauth_consumer_key=\"a\\\"",
        "OAuth =\"a\"",
        "OAuth \"a\"",
        "OAuth a=\"b\" c=\"d\"",
        "OAuth realm=\"a\", realm=\"b\"",
        "OAuth oauth_nonce=\"a\\\"b\"",
    ] {
        world.tls(get(REQUEST_TOKEN, header)).await.badly_made("invalid_request", "");
    }
    for header in ["OAuth oauth_nonce=\"%\"", "OAuth oauth_nonce=\"%zz\"", "OAuth oauth_nonce=\"%4\""] {
        world.tls(get(REQUEST_TOKEN, header)).await.badly_made("invalid_request", "parameter_rejected");
    }
    let mut twice = get(REQUEST_TOKEN, "OAuth oauth_nonce=\"a\"");
    twice.headers_mut().append(header::AUTHORIZATION, "OAuth oauth_nonce=\"a\"".parse().unwrap());
    world.tls(twice).await.badly_made("invalid_request", "");
    for header in ["OAuth", "OAuth ", "oauth realm=\"x\"", "OAuth ,,,"] {
        world.tls(get(REQUEST_TOKEN, header)).await.badly_made("invalid_request", "parameter_absent");
    }
    let raw = header::HeaderValue::from_bytes(b"OAuth oauth_nonce=\"\xe9\"").unwrap();
    let mut beyond = get(REQUEST_TOKEN, "x");
    beyond.headers_mut().insert(header::AUTHORIZATION, raw);
    world.tls(beyond).await.badly_made("invalid_request", "parameter_rejected");
}

#[tokio::test]
async fn what_is_missing_is_named_and_all_of_it() {
    let world = World::new().await;
    let all = [
        ("oauth_consumer_key", "k"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_signature", "AAAA"),
        ("oauth_timestamp", "1790000000"),
        ("oauth_nonce", "n"),
        ("oauth_callback", "oob"),
    ];
    for (name, _) in all {
        let rest: Vec<_> = all.into_iter().filter(|(own, _)| *own != name).collect();
        let answer = world.tls(get(REQUEST_TOKEN, &header_of(&rest))).await;
        answer.badly_made("invalid_request", "parameter_absent");
        assert_eq!(answer.members()["oauth_parameters_absent"], name, "{answer:?}");
    }
    let answer = world.tls(get(REQUEST_TOKEN, &header_of(&all[..1]))).await;
    let absent = "oauth_signature_method&oauth_signature&oauth_timestamp&oauth_nonce";
    assert_eq!(answer.members()["oauth_parameters_absent"], absent);
}

#[tokio::test]
async fn sec_o1_07_protocol_parameters_stand_in_one_place_each_once() {
    let world = World::new().await;
    let by = world.usual().await;
    let signed = |place| world.first_leg(&by).at(place).request();
    let params = "oauth_consumer_key=a&oauth_nonce=b";
    // In two places.
    let mut both = signed(Place::Header);
    *both.uri_mut() = format!("{REQUEST_TOKEN}?{params}").parse().unwrap();
    world.tls(both).await.badly_made("invalid_request", "parameter_rejected");
    let mut both = signed(Place::Header);
    *both.body_mut() = params.into();
    both.headers_mut().insert(header::CONTENT_TYPE, FORM.parse().unwrap());
    world.tls(both).await.badly_made("invalid_request", "parameter_rejected");
    let mut both = signed(Place::Body);
    *both.uri_mut() = format!("{REQUEST_TOKEN}?oauth_token=x").parse().unwrap();
    let answer = world.tls(both).await;
    answer.badly_made("invalid_request", "parameter_rejected");
    assert!(answer.members()["error_description"].contains("not in two"), "{answer:?}");
    // Twice in one.
    for place in [Place::Query, Place::Body] {
        let mut request = signed(place);
        let doubled = "&oauth_nonce=again";
        if place == Place::Query {
            *request.uri_mut() = format!("{}{doubled}", request.uri()).parse().unwrap();
        } else {
            *request.body_mut() = [request.body(), doubled.as_bytes()].concat().into();
        }
        let answer = world.tls(request).await;
        answer.badly_made("invalid_request", "parameter_rejected");
        assert_eq!(answer.members()["oauth_parameters_rejected"], "oauth_nonce=");
    }
    let mut request = signed(Place::Header);
    let value = request.headers()[header::AUTHORIZATION].to_str().unwrap().to_owned();
    let value = format!("{value}, oauth_unheard=\"1\", oauth_unheard=\"1\"");
    request.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
    world.tls(request).await.badly_made("invalid_request", "parameter_rejected");
    // A JSON body that looks like a form is none.
    let mut request = signed(Place::Header);
    *request.body_mut() = params.into();
    request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    temporary(&world.tls(request).await);
}

#[tokio::test]
async fn sec_o1_06_what_is_signed_is_what_was_sent_whatever_its_encoding() {
    let world = World::new().await;
    let by = world.usual().await;
    for query in [
        "b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q",
        "a=1&a=1&a=",
        "%E2%98%83=%F0%9F%A6%80",
        "name=%FF%FE",
        "z=&=y",
        "a=~-._&A=%7E%2D",
        "plus=a%2Bb+c",
        "a[]=1&a[]=2",
    ] {
        for place in [Place::Header, Place::Query, Place::Body] {
            let ask = Ask { path: format!("{REQUEST_TOKEN}?{query}"), ..world.first_leg(&by) };
            temporary(&world.sign(&ask.at(place)).await);
        }
        let form = world.first_leg(&by).body("application/x-www-form-urlencoded; charset=utf-8", query);
        temporary(&world.sign(&form).await);
    }
    // The path is taken as it was sent: another spelling is another request, and another path is nobody's.
    let mut respelt = world.first_leg(&by).request();
    *respelt.uri_mut() = "/oauth1/%72equest_token".parse().unwrap();
    assert_eq!(world.tls(respelt).await.status.as_u16(), 404);
    // A method in other letters is another method of HTTP.
    let mut lower = world.first_leg(&by).request();
    *lower.method_mut() = Method::from_bytes(b"post").unwrap();
    assert_eq!(world.tls(lower).await.status.as_u16(), 405);
}

#[tokio::test]
async fn values_that_cannot_be_are_refused_and_legal_ones_taken() {
    let world = World::new().await;
    let by = world.usual().await;
    let long = "n".repeat(512);
    for nonce in [
        "x",
        "-",
        "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
        "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
        "a+b/c==",
        "\u{e4}",
        &long,
    ] {
        temporary(&world.sign(&world.first_leg(&by).stamped(world.now().seconds(), nonce)).await);
    }
    for (name, value) in [
        ("oauth_nonce", ""),
        ("oauth_nonce", "a\0b"),
        ("oauth_nonce", "a\nb"),
        ("oauth_nonce", &*"n".repeat(513)),
        ("oauth_timestamp", ""),
        ("oauth_timestamp", "0"),
        ("oauth_timestamp", "-1790000000"),
        ("oauth_timestamp", "+1790000000"),
        ("oauth_timestamp", "1790000000.5"),
        ("oauth_timestamp", "1790000000 "),
        ("oauth_timestamp", "0x6ab13b80"),
        ("oauth_timestamp", "17900000000"),
        ("oauth_timestamp", "\u{661}\u{667}\u{669}"),
        ("oauth_consumer_key", ""),
        ("oauth_consumer_key", &*"k".repeat(513)),
        ("oauth_token", &*"t".repeat(1025)),
        ("oauth_verifier", ""),
        ("oauth_signature", &*"A".repeat(4097)),
    ] {
        let usual = [
            ("oauth_consumer_key", by.app.id()),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_signature", "AAAA"),
            ("oauth_timestamp", "1790000000"),
            ("oauth_nonce", "n"),
        ];
        let mut params: Vec<_> = usual.into_iter().filter(|(own, _)| *own != name).collect();
        params.push((name, value));
        let answer = world.tls(get(REQUEST_TOKEN, &header_of(&params))).await;
        answer.badly_made("invalid_request", "parameter_rejected");
        assert_eq!(answer.members()["oauth_parameters_rejected"], format!("{name}="), "{value:?}");
    }
    for (version, is_legal) in [("1.0", true), ("1.0a", false), ("2.0", false), ("", false)] {
        let answer = world.sign(&world.first_leg(&by).param("oauth_version", version)).await;
        if is_legal {
            temporary(&answer);
        } else {
            answer.badly_made("invalid_request", "version_rejected");
            assert_eq!(answer.members()["oauth_acceptable_versions"], "1.0-1.0");
        }
    }
}

#[tokio::test]
async fn an_operator_says_which_characters_and_lengths_are_legal() {
    let mut rules = policy();
    rules.oauth1.limits.nonce = (16, Alphabet::Alphanumeric);
    let world = World::with(rules).await;
    let by = world.usual().await;
    let now = world.now().seconds();
    temporary(&world.sign(&world.first_leg(&by).stamped(now, "abcdefgh12345678")).await);
    for nonce in ["abcdefgh123456789", "abc-def"] {
        let answer = world.sign(&world.first_leg(&by).stamped(now, nonce)).await;
        answer.badly_made("invalid_request", "parameter_rejected");
    }
}

#[tokio::test]
async fn a_pair_of_lengths_holds_for_what_clients_make_and_lets_ours_through() {
    let mut rules = policy();
    rules.oauth1.limits = Limits::default().lengths(10, 100);
    let world = World::with(rules).await;
    let (now, anna) = (world.now().seconds(), world.person("anna").await);
    let by = world.consumer(OAuth1Draft { may_use_oob: true, ..OAuth1Draft::default() }).await;
    let stamped = |ask: Ask| {
        let nonce = format!("long-{}", ask.nonce);
        ask.stamped(now, &nonce)
    };
    for nonce in ["short", &"n".repeat(101)] {
        let answer = world.sign(&world.first_leg(&by).stamped(now, nonce)).await;
        answer.badly_made("invalid_request", "parameter_rejected");
    }
    // A verifier that is typed is as long as that, too.
    let ask = world.ask(&by, "POST", REQUEST_TOKEN).param("oauth_callback", "oob");
    let first = temporary(&world.sign(&stamped(ask)).await);
    let page = Browser::new(&world, &anna).decide(&first).await;
    let code = page.body.split_once("<code>").unwrap().1.split('<').next().unwrap().to_owned();
    assert_eq!(code.len(), 10);
    let ask = stamped(world.last_leg(&by, &first, &code.to_lowercase()));
    let (pair, _) = token(&world.sign(&ask).await);
    world.may(&stamped(world.resource(&by, &pair))).await;
    // What would keep our own tokens out is no policy.
    let letters = Limits { token: (512, Alphabet::Alphanumeric), ..Limits::default() };
    for limits in [Limits::default().lengths(30, 100), Limits::default().lengths(20, 30), letters] {
        let mut rules = policy();
        rules.oauth1.limits = limits;
        assert!(rules.check().is_err());
    }
}

#[tokio::test]
async fn garbage_is_refused_and_never_our_fault() {
    let world = World::new().await;
    let by = world.usual().await;
    let many = (0..1100).map(|count| format!("a{count}=1")).collect::<Vec<_>>().join("&");
    let bodies: [&[u8]; 9] = [
        b"\xff\xfe\0\x01",
        b"%",
        b"%zz=%zz",
        b"&&&&",
        b"====",
        b"oauth_nonce",
        b"oauth_signature=%FF&oauth_nonce=%FF&oauth_consumer_key=%FF&oauth_signature_method=%FF&oauth_timestamp=%FF",
        b"{\"a\":[[[[[[",
        many.as_bytes(),
    ];
    for path in [REQUEST_TOKEN, ACCESS_TOKEN] {
        for body in bodies {
            for content_type in [FORM, "application/json", "multipart/form-data; boundary=x", "x", "\u{e9}"] {
                let answer = world.tls(post(path, content_type, body.to_vec())).await;
                assert!(matches!(answer.status.as_u16(), 400 | 401), "{body:?} {content_type}: {answer:?}");
                assert!(answer.header("www-authenticate").unwrap().starts_with("OAuth realm="));
                // The same beside a header that is signed.
                let mut signed = world.first_leg(&by).request();
                *signed.body_mut() = body.to_vec().into();
                signed.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().unwrap());
                assert!(world.tls(signed).await.status.as_u16() < 500);
            }
        }
        for query in ["%", "%zz", "a=%FF&oauth_nonce=%FF", "oauth_token", "oauth_signature=&&", "'\"<>"] {
            let Ok(uri) = format!("{path}?{query}").parse::<http::Uri>() else { continue };
            let answer = world.tls(Request::get(uri).body(Bytes::new()).unwrap()).await;
            assert!(matches!(answer.status.as_u16(), 400 | 401), "{query}: {answer:?}");
        }
        // Beyond ASCII, where the edge let it through: badly made.
        let uri = http::Uri::from_maybe_shared(Bytes::from(format!("{path}?oauth_nonce=caf\u{e9}")));
        if let Ok(uri) = uri {
            let answer = world.tls(Request::get(uri).body(Bytes::new()).unwrap()).await;
            answer.badly_made("invalid_request", "parameter_rejected");
        }
        let large = world.tls(post(path, FORM, vec![b'a'; 64 * 1024 + 1])).await;
        assert_eq!((large.status.as_u16(), &*large.members()["error"]), (413, "invalid_request"));
    }
}
