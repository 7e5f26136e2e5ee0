//! Black-box tests of the rows JW-01 to JW-21 that belong to this crate, each named by its row.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::{Value, json};
use valetkey_crypto::{PublicKey, Scheme, Sign, aws_lc};
use valetkey_jose::jws::{MAX_KID_LEN, MAX_LEN};
use valetkey_jose::{
    Algorithm, Expectations, JoseError, Jwk, Jwks, KeySet, SecretKey, SigningKey, TokenKind, VerifyingKey,
    base64url, json as strict_json, jwt,
};

const ISSUER: &str = "https://as.example";
const AUDIENCE: &str = "https://api.example";
const NOW: i64 = 1_700_000_000;

#[test]
fn sec_jw_01_an_unsigned_token_is_refused_in_every_spelling() {
    let bench = Bench::new();
    for alg in ["none", "None", "NONE", "nOnE", "", "ES256 ", "es256"] {
        let unsigned = format!("{}.{}.", encode(&json!({"alg": alg, "typ": "at+jwt"})), encode(&claims()));
        assert_eq!(bench.verify(&unsigned), Err(JoseError::UnsupportedAlgorithm), "{alg:?}");
        let signed = bench.sign(&json!({"alg": alg, "typ": "at+jwt"}), &claims());
        assert_eq!(bench.verify(&signed), Err(JoseError::UnsupportedAlgorithm), "{alg:?}");
    }
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": bench.key.kid()});
    let stripped = format!("{}.{}.", encode(&header), encode(&claims()));
    assert_eq!(bench.verify(&stripped), Err(JoseError::BadSignature));
    assert_eq!(
        bench.verify(&bench.sign(&json!({"typ": "at+jwt"}), &claims())),
        Err(JoseError::UnsupportedAlgorithm)
    );
}

#[test]
fn sec_jw_01_an_algorithm_outside_the_allow_list_is_refused() {
    let bench = Bench::new();
    let token = bench.key.sign_jwt("at+jwt", &claims()).unwrap();
    let expect = Expectations::access_token(ISSUER, AUDIENCE, NOW).algorithms(&[Algorithm::Rs256]);
    assert_eq!(jwt::verify(&token, &bench.keys, &expect).unwrap_err(), JoseError::AlgorithmNotAllowed);
}

#[test]
fn sec_jw_02_a_public_key_never_serves_as_hmac_secret() {
    let bench = Bench::new();
    let published = serde_json::to_vec(bench.key.public_jwk()).unwrap();
    let PublicKey::Ec { x, y, .. } = bench.key.public_jwk().public_key() else { unreachable!() };
    for secret in [published, [&[4], &x[..], y].concat()] {
        let forger = SecretKey::new(Algorithm::Hs256, &secret).unwrap();
        let token = forger.sign_jwt("at+jwt", &claims()).unwrap();
        assert_eq!(bench.verify(&token), Err(JoseError::AlgorithmNotAllowed));
        // Even where HMAC is allowed, that key serves ES256 only.
        let expect = Expectations::access_token(ISSUER, AUDIENCE, NOW).algorithms(Algorithm::SYMMETRIC);
        assert_eq!(jwt::verify(&token, &bench.keys, &expect).unwrap_err(), JoseError::UnknownKey);
    }
}

#[test]
fn sec_jw_02_a_key_that_names_its_algorithm_serves_no_other() {
    let (key, _) = SigningKey::generate(Algorithm::Rs256).unwrap();
    let mut jwk = serde_json::to_value(key.public_jwk()).unwrap();
    let token = key.sign_jwt("at+jwt", &claims()).unwrap();
    let expect = Expectations::access_token(ISSUER, AUDIENCE, NOW);

    jwk["alg"] = "PS256".into();
    assert_eq!(jwt::verify(&token, &key_set(&jwk), &expect).unwrap_err(), JoseError::UnknownKey);
    jwk.as_object_mut().unwrap().remove("alg");
    assert!(jwt::verify(&token, &key_set(&jwk), &expect).is_ok());
}

#[test]
fn sec_jw_03_a_key_brought_along_by_the_token_is_ignored() {
    let bench = Bench::new();
    let (forger, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let pair = forger_pair();
    let jwk = serde_json::to_value(forger.public_jwk()).unwrap();
    for (name, value) in [
        ("jwk", jwk),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIB"])),
    ] {
        let header = json!({"alg": "ES256", "typ": "at+jwt", name: value});
        assert_eq!(
            bench.verify(&sign_with(&*pair, &header, &claims())),
            Err(JoseError::BadSignature),
            "{name}"
        );
        // Beside the right key it does no harm.
        assert!(bench.verify(&bench.sign(&header, &claims())).is_ok(), "{name}");
    }
}

#[test]
fn sec_jw_04_a_kid_is_an_exact_name_of_bounded_length() {
    let bench = Bench::new();
    for kid in
        ["../../etc/passwd", "' OR 1=1 --", "", &bench.key.kid()[1..], &format!("{} ", bench.key.kid())]
    {
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": kid});
        assert_eq!(bench.verify(&bench.sign(&header, &claims())), Err(JoseError::UnknownKey), "{kid:?}");
    }
    let long = json!({"alg": "ES256", "typ": "at+jwt", "kid": "k".repeat(MAX_KID_LEN + 1)});
    assert_eq!(bench.verify(&bench.sign(&long, &claims())), Err(JoseError::TooLong));
    for kid in [json!(1), json!(null), json!(["a"]), json!({})] {
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": kid});
        assert_eq!(bench.verify(&bench.sign(&header, &claims())), Err(JoseError::WrongType("kid")));
    }
    // Without a kid, every key of the set is tried.
    let header = json!({"alg": "ES256", "typ": "at+jwt"});
    assert!(bench.verify(&bench.sign(&header, &claims())).is_ok());
}

#[test]
fn sec_jw_05_an_extension_in_the_header_is_refused() {
    let bench = Bench::new();
    for (name, value) in [
        ("crit", json!([])),
        ("crit", json!(["exp"])),
        ("crit", json!(["b64"])),
        ("crit", json!(["alg", "alg"])),
        ("crit", json!("exp")),
        ("crit", json!(null)),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
    ] {
        let header = json!({"alg": "ES256", "typ": "at+jwt", name: value, "exp": 1});
        assert_eq!(
            bench.verify(&bench.sign(&header, &claims())),
            Err(JoseError::UnsupportedHeader(name)),
            "{header}"
        );
    }
}

#[test]
fn sec_jw_06_a_claim_of_the_wrong_type_is_not_an_absent_claim() {
    let bench = Bench::new();
    for (name, wrong) in [
        ("exp", json!("1700000300")),
        ("exp", json!(null)),
        ("exp", json!([1_700_000_300])),
        ("exp", json!(1e300)),
        ("nbf", json!("1700000300")),
        ("nbf", json!(true)),
        ("iat", json!({})),
        ("iss", json!([ISSUER])),
        ("sub", json!(7)),
        ("aud", json!({"0": AUDIENCE})),
        ("aud", json!([AUDIENCE, 1])),
        ("aud", json!(null)),
        ("jti", json!(1)),
        ("client_id", json!(["app"])),
        ("scope", json!(["read"])),
    ] {
        let mut claims = claims();
        claims[name] = wrong;
        assert_eq!(bench.verify_claims(&claims), Err(JoseError::WrongType(name)), "{claims}");
    }
    for (name, wrong) in [("typ", json!(["at+jwt"])), ("typ", json!(null)), ("alg", json!(["ES256"]))] {
        let mut header = json!({"alg": "ES256", "typ": "at+jwt"});
        header[name] = wrong;
        assert_eq!(
            bench.verify(&bench.sign(&header, &claims())),
            Err(JoseError::WrongType(name)),
            "{header}"
        );
    }
    for payload in [json!([1]), json!("text"), json!(null)] {
        assert_eq!(bench.verify_claims(&payload), Err(JoseError::BadJson));
    }
}

#[test]
fn sec_jw_07_every_required_claim_is_required() {
    let bench = Bench::new();
    assert_eq!(bench.verify_claims(&claims()), Ok(()));
    for &name in TokenKind::ACCESS_TOKEN.required {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(bench.verify_claims(&claims), Err(JoseError::MissingClaim(name)));
    }
    let expect = Expectations::access_token(ISSUER, AUDIENCE, NOW).require(&["cnf"]);
    let token = bench.key.sign_jwt("at+jwt", &claims()).unwrap();
    assert_eq!(jwt::verify(&token, &bench.keys, &expect).unwrap_err(), JoseError::MissingClaim("cnf"));
}

#[test]
fn sec_jw_07_issuer_and_audience_are_compared_octet_by_octet() {
    let bench = Bench::new();
    for issuer in ["https://as.example/", "https://AS.example", "https://as.example.evil.example", ""] {
        let mut claims = claims();
        claims["iss"] = issuer.into();
        assert_eq!(bench.verify_claims(&claims), Err(JoseError::WrongIssuer), "{issuer:?}");
    }
    for audience in [json!("https://api.example/"), json!("api.example"), json!(["https://api"]), json!("")] {
        let mut claims = claims();
        claims["aud"] = audience;
        assert_eq!(bench.verify_claims(&claims), Err(JoseError::WrongAudience), "{claims}");
    }
    let mut empty = claims();
    empty["aud"] = json!([]);
    assert_eq!(bench.verify_claims(&empty), Err(JoseError::MissingClaim("aud")));
    let mut several = claims();
    several["aud"] = json!(["https://other.example", AUDIENCE]);
    assert_eq!(bench.verify_claims(&several), Ok(()));
}

#[test]
fn sec_jw_07_a_token_lives_from_its_start_to_just_before_its_end() {
    let bench = Bench::new();
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        claims
    };
    assert_eq!(bench.verify_claims(&with("exp", json!(NOW))), Err(JoseError::Expired));
    assert_eq!(bench.verify_claims(&with("exp", json!(NOW + 1))), Ok(()));
    assert_eq!(bench.verify_claims(&with("exp", json!(-1))), Err(JoseError::Expired));
    assert_eq!(bench.verify_claims(&with("exp", json!(i64::MIN))), Err(JoseError::Expired));
    assert_eq!(bench.verify_claims(&with("nbf", json!(NOW + 1))), Err(JoseError::NotYetValid));
    assert_eq!(bench.verify_claims(&with("nbf", json!(i64::MAX))), Err(JoseError::NotYetValid));
    assert_eq!(bench.verify_claims(&with("nbf", json!(NOW))), Ok(()));
    assert_eq!(bench.verify_claims(&with("iat", json!(NOW + 1))), Err(JoseError::NotYetValid));
    assert_eq!(bench.verify_claims(&with("iat", json!(1_699_999_999.5))), Ok(()));

    let token = bench.key.sign_jwt("at+jwt", &with("exp", json!(NOW - 4))).unwrap();
    let lenient = Expectations::access_token(ISSUER, AUDIENCE, NOW).leeway(5);
    assert!(jwt::verify(&token, &bench.keys, &lenient).is_ok());
}

#[test]
fn sec_op_20_no_leeway_is_longer_than_a_minute() {
    let bench = Bench::new();
    let ends = |name: &str, at: i64, leeway: u16| {
        let mut claims = claims();
        claims[name] = json!(at);
        let token = bench.key.sign_jwt("at+jwt", &claims).unwrap();
        let expect = Expectations::access_token(ISSUER, AUDIENCE, NOW).leeway(leeway);
        jwt::verify(&token, &bench.keys, &expect).map(drop)
    };
    for leeway in [60, 61, 300, u16::MAX] {
        for name in ["iat", "nbf"] {
            assert_eq!(ends(name, NOW + 60, leeway), Ok(()), "{name}, {leeway} s");
            assert_eq!(ends(name, NOW + 61, leeway), Err(JoseError::NotYetValid), "{name}, {leeway} s");
        }
        assert_eq!(ends("exp", NOW - 59, leeway), Ok(()), "{leeway} s");
        assert_eq!(ends("exp", NOW - 60, leeway), Err(JoseError::Expired), "{leeway} s");
    }
}

#[test]
fn sec_jw_07_the_type_of_token_is_checked() {
    let bench = Bench::new();
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        let header = json!({"alg": "ES256", "typ": typ});
        assert_eq!(bench.verify(&bench.sign(&header, &claims())), Ok(()), "{typ}");
    }
    for typ in ["JWT", "jwt", "at+jwt ", "application/application/at+jwt", "dpop+jwt", ""] {
        let header = json!({"alg": "ES256", "typ": typ});
        assert_eq!(bench.verify(&bench.sign(&header, &claims())), Err(JoseError::WrongTyp), "{typ}");
    }
    assert_eq!(bench.verify(&bench.sign(&json!({"alg": "ES256"}), &claims())), Err(JoseError::WrongTyp));
    // And an access token is not taken for another kind.
    let token = bench.key.sign_jwt("at+jwt", &claims()).unwrap();
    let expect = Expectations::new(TokenKind::CLIENT_ASSERTION, ISSUER, AUDIENCE, NOW);
    assert_eq!(jwt::verify(&token, &bench.keys, &expect).unwrap_err(), JoseError::WrongTyp);
}

#[test]
fn sec_jw_09_doubled_members_are_refused_wherever_they_stand() {
    let bench = Bench::new();
    let claims = claims().to_string();
    for header in [
        r#"{"alg":"ES256","alg":"ES256","typ":"at+jwt"}"#,
        r#"{"alg":"ES256","typ":"at+jwt","x":{"a":1,"a":1}}"#,
        r#"{"alg":"ES256","\u0061lg":"none","typ":"at+jwt"}"#,
    ] {
        assert_eq!(
            bench.verify(&bench.sign_text(header, &claims)),
            Err(JoseError::DuplicateMember),
            "{header}"
        );
    }
    let header = r#"{"alg":"ES256","typ":"at+jwt"}"#;
    let doubled = claims.replacen('{', r#"{"sub":"admin","#, 1);
    assert_eq!(bench.verify(&bench.sign_text(header, &doubled)), Err(JoseError::DuplicateMember));
    let nested = claims.replacen('{', r#"{"cnf":{"jkt":"a","jkt":"b"},"#, 1);
    assert_eq!(bench.verify(&bench.sign_text(header, &nested)), Err(JoseError::DuplicateMember));
    assert_eq!(Jwk::parse(br#"{"kty":"EC","kty":"OKP"}"#), Err(JoseError::DuplicateMember));
    assert_eq!(Jwks::parse(br#"{"keys":[],"keys":[]}"#), Err(JoseError::DuplicateMember));
}

#[test]
fn sec_jw_10_psychic_and_deformed_ecdsa_signatures_are_refused() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512] {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let keys = KeySet::from_iter([VerifyingKey::from_jwk(key.public_jwk()).unwrap()]);
        let token = key.sign_jwt("at+jwt", &claims()).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let right = base64url::decode(signature).unwrap();
        let half = right.len() / 2;
        let zero = vec![0; half];
        let group_order_or_more = vec![0xff; half];

        let mut padded = vec![0];
        padded.extend_from_slice(&right);
        for wrong in [
            [&zero[..], &zero].concat(),
            [&zero[..], &right[half..]].concat(),
            [&right[..half], &zero].concat(),
            [&group_order_or_more[..], &right[half..]].concat(),
            [&right[..half], &group_order_or_more].concat(),
            der(&right[..half], &right[half..]),
            right[..right.len() - 1].to_vec(),
            [&right[..], &[0]].concat(),
            padded,
            [&right[half..], &right[..half]].concat(),
            Vec::new(),
        ] {
            let token = format!("{signed}.{}", base64url::encode(&wrong));
            let expect = Expectations::access_token(ISSUER, AUDIENCE, NOW);
            assert_eq!(
                jwt::verify(&token, &keys, &expect).unwrap_err(),
                JoseError::BadSignature,
                "{algorithm}"
            );
        }
    }
}

#[test]
fn sec_jw_10_a_curve_has_its_one_algorithm() {
    let (key, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let mut jwk = serde_json::to_value(key.public_jwk()).unwrap();
    for alg in ["ES384", "ES512", "EdDSA", "RS256", "HS256"] {
        jwk["alg"] = alg.into();
        assert_eq!(Jwk::parse(jwk.to_string().as_bytes()), Err(JoseError::KeyMismatch), "{alg}");
    }
    jwk["alg"] = "ES384".into();
    jwk["crv"] = "P-384".into();
    assert_eq!(Jwk::parse(jwk.to_string().as_bytes()), Err(JoseError::KeyRejected));
}

#[test]
fn sec_jw_11_weak_keys_are_refused_at_the_door() {
    let rsa = |n: &[u8], e: &[u8]| {
        let jwk = json!({"kty": "RSA", "n": base64url::encode(n), "e": base64url::encode(e)});
        Jwk::parse(jwk.to_string().as_bytes())
    };
    assert_eq!(rsa(&[0xff; 128], &[1, 0, 1]), Err(JoseError::WeakKey));
    assert_eq!(rsa(&[&[0x7f][..], &[0xff; 255]].concat(), &[1, 0, 1]), Err(JoseError::WeakKey));
    let (key, _) = SigningKey::generate(Algorithm::Rs256).unwrap();
    let PublicKey::Rsa { n, .. } = key.public_jwk().public_key() else { unreachable!() };
    assert!(rsa(n, &[1, 0, 1]).is_ok());
    for e in [&[1][..], &[2], &[1, 0, 0], &[1, 0, 0, 0, 1]] {
        assert_eq!(rsa(n, e), Err(JoseError::WeakKey), "{e:?}");
    }
    assert_eq!(rsa(n, &[]), Err(JoseError::KeyRejected));
    assert_eq!(rsa(n, &[0, 1, 0, 1]), Err(JoseError::KeyRejected));
    assert_eq!(rsa(&[&[0], &n[..]].concat(), &[1, 0, 1]), Err(JoseError::KeyRejected));
    assert_eq!(rsa(&vec![0xff; 2048], &[1, 0, 1]), Err(JoseError::KeyRejected));

    for (algorithm, octets) in [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)] {
        assert!(SecretKey::new(algorithm, &vec![7; octets]).is_ok());
        assert_eq!(SecretKey::new(algorithm, &vec![7; octets - 1]).unwrap_err(), JoseError::WeakKey);
    }

    let mut points = vec![[0; 32]; 3];
    points[1][0] = 1;
    points[2][31] = 0x80;
    for x in points {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": base64url::encode(&x)});
        assert_eq!(Jwk::parse(jwk.to_string().as_bytes()), Err(JoseError::WeakKey));
    }
}

#[test]
fn sec_jw_11_a_point_off_its_curve_is_refused() {
    let (key, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let PublicKey::Ec { x, y, .. } = key.public_jwk().public_key() else { unreachable!() };
    let ec = |x: &[u8], y: &[u8]| {
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": base64url::encode(x), "y": base64url::encode(y)});
        Jwk::parse(jwk.to_string().as_bytes())
    };
    assert!(ec(x, y).is_ok());
    let mut off = y.clone();
    off[31] ^= 1;
    assert_eq!(ec(x, &off), Err(JoseError::KeyRejected));
    assert_eq!(ec(&[0; 32], &[0; 32]), Err(JoseError::KeyRejected));
    assert_eq!(ec(&x[1..], y), Err(JoseError::KeyRejected));
    assert_eq!(ec(&[&[0], &x[..]].concat(), y), Err(JoseError::KeyRejected));
    assert_eq!(ec(x, &[]), Err(JoseError::KeyRejected));
}

#[test]
fn sec_jw_14_a_token_of_many_dots_is_refused() {
    let bench = Bench::new();
    for token in [".".repeat(MAX_LEN), "..".into(), "a.b.c.d".into(), "a.b".into(), "a".into(), String::new()]
    {
        let refusal = bench.verify(&token).unwrap_err();
        let expected = if token == ".." { JoseError::BadJson } else { JoseError::NotCompact };
        assert_eq!(refusal, expected, "{} octets", token.len());
    }
    assert_eq!(bench.verify(&".".repeat(MAX_LEN + 1)), Err(JoseError::TooLong));
    let mut large = claims();
    large["padding"] = "x".repeat(MAX_LEN).into();
    assert_eq!(bench.verify_claims(&large), Err(JoseError::TooLong));
}

#[test]
fn sec_jw_14_deep_json_is_refused() {
    let bench = Bench::new();
    let nest = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    let limit = strict_json::MAX_DEPTH;
    assert!(strict_json::parse_object(nest(limit).as_bytes()).is_ok());
    assert_eq!(strict_json::parse_object(nest(limit + 1).as_bytes()), Err(JoseError::TooDeep));
    let deep = bench.sign_text(&nest(2000), "{}");
    assert_eq!(bench.verify(&deep), Err(JoseError::TooDeep));
    let arrays = format!(r#"{{"a":{}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_eq!(
        bench.verify(&bench.sign_text(r#"{"alg":"ES256","typ":"at+jwt"}"#, &arrays)),
        Err(JoseError::TooDeep)
    );
}

#[test]
fn sec_jw_14_one_token_has_one_spelling() {
    let bench = Bench::new();
    let token = bench.key.sign_jwt("at+jwt", &claims()).unwrap();
    assert_eq!(bench.verify(&token), Ok(()));
    for varied in [
        format!("{token}="),
        format!("{token}\n"),
        format!(" {token}"),
        token.replacen('.', "=.", 1),
        token.replacen('.', ".\u{20}", 1),
    ] {
        assert!(bench.verify(&varied).is_err(), "{varied:?}");
    }
    // The last character of an ES256 signature carries four bits that must be zero.
    let (rest, last) = token.split_at(token.len() - 1);
    assert!("AQgw".contains(last));
    for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let varied = format!("{rest}{character}");
        assert_eq!(bench.verify(&varied).is_ok(), varied == token);
    }
}

#[test]
fn sec_jw_18_the_json_serializations_are_refused() {
    let bench = Bench::new();
    let token = bench.key.sign_jwt("at+jwt", &claims()).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let flattened = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]});
    let general =
        json!({"payload": parts[1], "signatures": [{"protected": parts[0], "signature": parts[2]}]});
    for form in [flattened, general] {
        assert_eq!(bench.verify(&form.to_string()), Err(JoseError::NotCompact));
    }
    assert!(bench.verify(&format!("{{\"a\":\"{token}\"}}")).is_err());
}

#[test]
fn sec_jw_21_private_and_symmetric_members_have_no_place_in_a_key_set() {
    let (key, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let public = serde_json::to_value(key.public_jwk()).unwrap();
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert!(public.get(member).is_none());
        let mut private = public.clone();
        private[member] = "AQ".into();
        assert_eq!(Jwk::parse(private.to_string().as_bytes()), Err(JoseError::PrivateMember));
        let set = json!({"keys": [public, private]});
        assert_eq!(Jwks::parse(set.to_string().as_bytes()), Err(JoseError::PrivateMember));
    }
    let set = json!({"keys": [{"kty": "oct", "k": base64url::encode(&[7; 32])}]});
    assert_eq!(Jwks::parse(set.to_string().as_bytes()), Err(JoseError::PrivateMember));
    assert!(!format!("{key:?}").contains("PKCS"));
}

/// One key of the issuer, and the set that a resource server would hold.
struct Bench {
    key: SigningKey,
    pair: Box<dyn valetkey_crypto::KeyPair>,
    keys: KeySet,
}

impl Bench {
    fn new() -> Self {
        let (key, pkcs8) = SigningKey::generate(Algorithm::Es256).unwrap();
        let pair = aws_lc::key_pair(Scheme::EcdsaP256Sha256, &pkcs8).unwrap();
        let keys = KeySet::from_iter([VerifyingKey::from_jwk(key.public_jwk()).unwrap()]);
        Self { key, pair, keys }
    }

    fn verify(&self, token: &str) -> Result<(), JoseError> {
        jwt::verify(token, &self.keys, &Expectations::access_token(ISSUER, AUDIENCE, NOW)).map(|_| ())
    }

    fn verify_claims(&self, claims: &Value) -> Result<(), JoseError> {
        self.verify(&self.key.sign_jwt("at+jwt", claims).unwrap())
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        sign_with(&*self.pair, header, claims)
    }

    fn sign_text(&self, header: &str, claims: &str) -> String {
        sign_text_with(&*self.pair, header, claims)
    }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "user", "aud": AUDIENCE, "exp": NOW + 300, "iat": NOW, "nbf": NOW,
        "jti": "1", "client_id": "app", "scope": "read",
    })
}

fn forger_pair() -> Box<dyn valetkey_crypto::KeyPair> {
    let pkcs8 = aws_lc::generate(Scheme::EcdsaP256Sha256).unwrap();
    aws_lc::key_pair(Scheme::EcdsaP256Sha256, &pkcs8).unwrap()
}

fn key_set(jwk: &Value) -> KeySet {
    KeySet::from_iter([VerifyingKey::from_jwk(&Jwk::parse(jwk.to_string().as_bytes()).unwrap()).unwrap()])
}

fn encode(json: &Value) -> String {
    base64url::encode(json.to_string().as_bytes())
}

fn sign_with(key: &(impl Sign + ?Sized), header: &Value, claims: &Value) -> String {
    sign_text_with(key, &header.to_string(), &claims.to_string())
}

fn sign_text_with(key: &(impl Sign + ?Sized), header: &str, claims: &str) -> String {
    let input = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(claims.as_bytes()));
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(&signature))
}

/// `SEQUENCE { INTEGER r, INTEGER s }`: right in X.509, wrong in JOSE.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let start = number.iter().position(|octet| *octet != 0).unwrap_or(number.len() - 1);
        let mut body = number[start..].to_vec();
        if body[0] & 0x80 != 0 {
            body.insert(0, 0);
        }
        [&[2, u8::try_from(body.len()).unwrap()], &body[..]].concat()
    };
    let body = [integer(r), integer(s)].concat();
    let length = u8::try_from(body.len()).unwrap();
    if length < 0x80 {
        [&[0x30, length], &body[..]].concat()
    } else {
        [&[0x30, 0x81, length], &body[..]].concat()
    }
}
