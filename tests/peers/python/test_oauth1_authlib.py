"""Authlib's `OAuth1Session`."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth1Session

import keys
import oauth1
from person import Person


def session_of(server, consumer, method="HMAC-SHA1", callback=None, **more):
    session = OAuth1Session(
        consumer.key,
        consumer.secret,
        redirect_uri=callback or consumer.callback,
        signature_method=method,
        rsa_key=keys.private_key() if method.startswith("RSA") else None,
        **more,
    )
    session.verify = server.trust
    return session


def dance(server, session, person):
    session.fetch_request_token(oauth1.request_token(server))
    back = person.authorize(session.create_authorization_url(oauth1.authorize(server)))
    session.parse_authorization_response(back)
    return session.fetch_access_token(oauth1.access_token(server))


@pytest.mark.parametrize("method", ["HMAC-SHA1", "RSA-SHA1", "PLAINTEXT"])
def test_three_legs_lead_to_the_api_by_every_signature_method(either, method):
    person = Person(either.account(), either.trust)
    session = session_of(either, either.consumer(method), method)
    token = dance(either, session, person)
    assert token["oauth_authorized_realms"] == "profile"
    answer = session.get(oauth1.me(either))
    assert answer.status_code == 200, answer.text
    assert answer.json()["username"] == person.account.username


@pytest.mark.parametrize("kind", ["HEADER", "QUERY", "BODY"])
def test_the_signature_may_stand_in_header_query_or_body(server, person, kind):
    session = session_of(server, server.consumer(), signature_type=kind)
    dance(server, session, person)
    if kind == "BODY":  # which a GET does not have
        session.auth.signature_type = "QUERY"
    assert session.get(oauth1.me(server)).status_code == 200


def test_out_of_band_the_person_carries_the_verifier(server, person):
    session = session_of(server, server.consumer(more=["--oob"]), callback="oob")
    session.fetch_request_token(oauth1.request_token(server))
    page = person.page(session.create_authorization_url(oauth1.authorize(server)))
    session.fetch_access_token(oauth1.access_token(server), verifier=oauth1.verifier(page))
    assert session.get(oauth1.me(server)).status_code == 200


def test_a_denial_reaches_the_client(server, person):
    session = session_of(server, server.consumer())
    session.fetch_request_token(oauth1.request_token(server))
    back = person.authorize(session.create_authorization_url(oauth1.authorize(server)), decision="deny")
    told = dict(parse_qsl(urlsplit(back).query))
    assert told == {"oauth_token": session.token["oauth_token"], "oauth_problem": "permission_denied"}
    session.parse_authorization_response(back)
    with pytest.raises(OAuthError) as refused:
        session.fetch_access_token(oauth1.access_token(server))
    assert refused.value.error == "missing_verifier"


def test_a_wrong_verifier_is_refused_and_the_right_one_still_holds(server, person):
    session = session_of(server, server.consumer())
    session.fetch_request_token(oauth1.request_token(server))
    back = person.authorize(session.create_authorization_url(oauth1.authorize(server)))
    with pytest.raises(OAuthError) as refused:
        session.fetch_access_token(oauth1.access_token(server), verifier="a guess")
    assert refused.value.error == "fetch_token_denied"
    assert "verifier_invalid" in refused.value.description
    session.parse_authorization_response(back)
    session.fetch_access_token(oauth1.access_token(server))
    assert session.get(oauth1.me(server)).status_code == 200
