//! Answers, callbacks and challenges.

use valetkey_crypto::Secret;
use valetkey_oauth1::answers::{self, InvalidAnswer, TemporaryCredentials, TokenCredentials};
use valetkey_oauth1::challenge::Challenge;
use valetkey_oauth1::{Problem, Report};

#[test]
fn token_credentials_are_written_and_read_with_what_a_server_adds() {
    let plain = "oauth_token=j49ddk933skd9dks&oauth_token_secret=ll399dj47dskfjdk";
    let mut answer = TokenCredentials {
        token: "j49ddk933skd9dks".into(),
        secret: Secret::new("ll399dj47dskfjdk"),
        extra: vec![],
    };
    assert_eq!(answer.write(), plain);
    assert_eq!(TokenCredentials::parse(plain.as_bytes()), Ok(answer.clone()));
    answer.extra.push(("oauth_authorized_realms".into(), "photos albums".into()));
    assert_eq!(answer.write(), format!("{plain}&oauth_authorized_realms=photos%20albums"));
    assert_eq!(TokenCredentials::parse(answer.write().as_bytes()), Ok(answer));
}

#[test]
fn answers_that_lack_something_are_refused() {
    let parse = |body: &str| TemporaryCredentials::parse(body.as_bytes()).map(|_| ());
    assert_eq!(parse(""), Err(InvalidAnswer::Missing("oauth_token")));
    assert_eq!(parse("oauth_token=&oauth_token_secret=b"), Err(InvalidAnswer::Missing("oauth_token")));
    assert_eq!(parse("oauth_token=a"), Err(InvalidAnswer::Missing("oauth_token_secret")));
    assert_eq!(
        parse("oauth_token=a&oauth_token_secret=b"),
        Err(InvalidAnswer::Missing("oauth_callback_confirmed"))
    );
    for word in ["True", "false", ""] {
        let body = format!("oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed={word}");
        assert_eq!(parse(&body), Err(InvalidAnswer::NotConfirmed), "{word}");
    }
    assert_eq!(parse("oauth_token=a&oauth_token=b"), Err(InvalidAnswer::Doubled("oauth_token".into())));
    assert_eq!(parse("oauth_token=%FF"), Err(InvalidAnswer::Malformed));
    assert_eq!(parse("oauth_token=a&oauth_token_secret=&oauth_callback_confirmed=true&x_extra=1\n"), Ok(()));
}

#[test]
fn a_callback_gets_the_two_parameters_at_the_end_of_its_query_and_nothing_else() {
    for (uri, expected) in [
        ("http://c.example/cb", "http://c.example/cb?oauth_token=a%2Bb&oauth_verifier=v"),
        ("http://c.example", "http://c.example?oauth_token=a%2Bb&oauth_verifier=v"),
        ("http://c.example/cb?x=1", "http://c.example/cb?x=1&oauth_token=a%2Bb&oauth_verifier=v"),
        ("http://c.example/cb?", "http://c.example/cb?oauth_token=a%2Bb&oauth_verifier=v"),
        ("http://c.example/cb?x#f?g", "http://c.example/cb?x&oauth_token=a%2Bb&oauth_verifier=v#f?g"),
        ("app:back", "app:back?oauth_token=a%2Bb&oauth_verifier=v"),
    ] {
        assert_eq!(answers::callback(uri, "a+b", "v"), expected);
    }
}

#[test]
fn every_problem_travels_in_a_challenge_and_in_a_body() {
    let full = Report {
        problem: Problem::TimestampRefused,
        advice: Some("Set your clock, \"please\".".into()),
        absent: vec!["oauth_nonce".into(), "a b".into()],
        rejected: vec!["oauth_x".into()],
        timestamps: Some((1, 2)),
        versions: Some(("1.0".into(), "1.0".into())),
    };
    let plain = Problem::ALL.iter().map(|problem| Report::from(*problem));
    for report in plain.chain([full]) {
        let challenge = Challenge { realm: Some("a \"b\" \\ é".into()), report: Some(report.clone()) };
        assert_eq!(Challenge::parse(&challenge.write()), Some(challenge));
        let pairs = report.pairs();
        let read = Report::from_pairs(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        assert_eq!(read, Some(report.clone()));
        assert!([400, 401].contains(&report.problem.status()));
    }
}

#[test]
fn challenges_are_read_as_servers_write_them() {
    let bare = Challenge { realm: None, report: None };
    assert_eq!(bare.write(), "OAuth");
    assert_eq!(Challenge::parse("OAuth"), Some(bare));
    assert_eq!(Challenge::parse("Bearer realm=\"x\""), None);
    assert_eq!(Challenge::parse("OAuth realm=\"x"), None);
    let raw =
        Challenge::parse("oauth oauth_problem=token_expired,oauth_problem_advice=\"100% over\", other=1")
            .unwrap();
    assert_eq!(raw.report, Some(Report::from(Problem::TokenExpired).advice("100% over")));
    let nameless =
        "OAuth oauth_problem=parameter_absent, oauth_parameters_absent=\"a%26%3D1%26%26oauth_nonce\"";
    assert_eq!(Challenge::parse(nameless).unwrap().report.unwrap().absent, ["a", "oauth_nonce"]);
    assert_eq!(Challenge::parse("OAuth oauth_problem=\"no_such_word\"").unwrap().report, None);
}
