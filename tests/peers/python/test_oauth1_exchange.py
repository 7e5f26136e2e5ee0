"""The way over: an OAuth 1 token is exchanged for OAuth 2 ones (RFC 8693), signed by requests-oauthlib."""

import pytest
import requests
from oauthlib.oauth1 import Client
from requests_oauthlib import OAuth1Session, OAuth2Session

import oauth1

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
SUBJECT = "urn:valetkey:oauth1-token"


@pytest.fixture
def consumer(server):
    return server.consumer()


@pytest.fixture
def session(server, consumer, person):
    session = OAuth1Session(consumer.key, consumer.secret, callback_uri=consumer.callback, signature_method="HMAC-SHA256")
    session.fetch_request_token(oauth1.request_token(server))
    session.parse_authorization_response(person.authorize(session.authorization_url(oauth1.authorize(server))))
    session.fetch_access_token(oauth1.access_token(server))
    return session


def question(session, **more):
    return {
        "grant_type": GRANT,
        "subject_token": session.token["oauth_token"],
        "subject_token_type": SUBJECT,
        **more,
    }


def exchange(server, session, **more):
    return session.post(server.metadata["token_endpoint"], data=question(session, **more))


def test_the_grant_is_announced(server):
    assert GRANT in server.metadata["grant_types_supported"]


def test_a_signed_question_is_answered_with_a_bearer_token_of_the_same_person(server, session, person):
    answer = exchange(server, session)
    assert answer.status_code == 200, answer.text
    token = answer.json()
    assert token["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert token["token_type"].lower() == "bearer"
    assert token["scope"] == "profile"
    newer = OAuth2Session(token=token).get(oauth1.me(server))
    older = session.get(oauth1.me(server))
    assert newer.status_code == older.status_code == 200
    assert newer.json() == older.json()
    assert newer.json()["username"] == person.account.username


def test_the_signature_may_stand_in_the_form_and_not_in_the_address(server, session):
    session._client.client.signature_type = "BODY"
    assert exchange(server, session).status_code == 200
    session._client.client.signature_type = "QUERY"
    assert exchange(server, session).status_code == 400


def test_what_the_person_takes_back_ends_both(server, consumer, session, person):
    token = exchange(server, session).json()
    person.disconnect(server, consumer.key)
    assert OAuth2Session(token=token).get(oauth1.me(server)).status_code == 401
    assert session.get(oauth1.me(server)).status_code == 401
    assert exchange(server, session).status_code == 400


def test_a_web_app_goes_on_with_a_secret_of_its_own(server, person):
    """It is registered for both protocols; the proof is a header that the library makes."""
    more = ["--grant", "refresh_token", "--grant", "authorization_code"]
    made = server.cli(
        "client", "create", "--name", "Both", "--oauth1", "--redirect-uri", "https://both.example/", "--scope", "profile", *more
    )
    key, secret = made["client_id"], made["client_secret"]
    session = OAuth1Session(key, made["oauth1_secret"], callback_uri="https://both.example/")
    session.fetch_request_token(oauth1.request_token(server))
    session.parse_authorization_response(person.authorize(session.authorization_url(oauth1.authorize(server))))
    token = session.fetch_access_token(oauth1.access_token(server))
    endpoint = server.metadata["token_endpoint"]
    prover = Client(key, made["oauth1_secret"], token["oauth_token"], token["oauth_token_secret"])
    _, headers, _ = prover.sign(endpoint, "POST")
    asked = question(session, subject_token_proof=headers["Authorization"])
    first = requests.post(endpoint, data=asked, auth=(key, secret), timeout=10)
    assert first.status_code == 200, first.text
    again = requests.post(endpoint, data=asked, auth=(key, secret), timeout=10)
    assert again.status_code == 400, "a proof is used once"
    newer = OAuth2Session(key, token=first.json())
    refreshed = newer.refresh_token(endpoint, auth=(key, secret))
    assert refreshed["access_token"] != first.json()["access_token"]
    assert newer.get(oauth1.me(server)).status_code == 200


def test_the_name_of_a_token_alone_is_worth_nothing(server, session):
    web = server.client("client_credentials")
    answer = requests.post(server.metadata["token_endpoint"], data=question(session), auth=(web.id, web.secret), timeout=10)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] in ("invalid_grant", "invalid_request", "unauthorized_client")


def test_another_token_is_not_what_was_signed_with(server, session):
    answer = exchange(server, session, subject_token="nobody's")
    assert answer.status_code == 400
