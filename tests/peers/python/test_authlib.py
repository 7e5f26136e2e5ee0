"""Authlib's `OAuth2Session`."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session


def session_of(server, client, method="client_secret_basic", **more):
    return OAuth2Session(
        client.id,
        client.secret,
        redirect_uri=client.redirect_uri,
        scope="profile",
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
        token_endpoint=server.metadata["token_endpoint"],
        **more,
    )


def dance(server, session, person, **how):
    verifier = generate_token(48)
    url, state = session.create_authorization_url(server.metadata["authorization_endpoint"], code_verifier=verifier)
    callback = person.authorize(url, **how)
    token = session.fetch_token(authorization_response=callback, state=state, code_verifier=verifier)
    return callback, token


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_code_with_pkce_gives_a_token_that_opens_the_api(server, web, person, method):
    session = session_of(server, web, method)
    callback, token = dance(server, session, person)
    assert parse_qs(urlsplit(callback).query)["iss"] == [server.issuer]
    assert token["token_type"].lower() == "bearer"
    assert token["expires_in"] > 0
    me = session.get(server.at("/api/me"))
    assert me.status_code == 200, me.text
    assert me.json()["sub"]


def test_a_public_client_needs_no_secret(server, public, person):
    session = session_of(server, public, "none")
    _, token = dance(server, session, person)
    again = session.refresh_token(refresh_token=token["refresh_token"])
    assert again["access_token"] != token["access_token"]


def test_denial_reaches_the_client_as_access_denied(server, web, person):
    session = session_of(server, web)
    url, state = session.create_authorization_url(
        server.metadata["authorization_endpoint"], code_verifier=generate_token(48)
    )
    # The session leaves errors to the app: without a code it would go on to ask for client credentials.
    told = parse_qs(urlsplit(person.authorize(url, decision="deny")).query)
    assert told["error"] == ["access_denied"]
    assert told["state"] == [state]
    assert told["iss"] == [server.issuer]


def test_a_code_is_redeemed_once(server, web, person):
    session = session_of(server, web)
    verifier = generate_token(48)
    url, state = session.create_authorization_url(server.metadata["authorization_endpoint"], code_verifier=verifier)
    callback = person.authorize(url)
    session.fetch_token(authorization_response=callback, state=state, code_verifier=verifier)
    with pytest.raises(OAuthError) as refused:
        session.fetch_token(authorization_response=callback, state=state, code_verifier=verifier)
    assert refused.value.error == "invalid_grant"


def test_refresh_rotates(server, web, person):
    session = session_of(server, web)
    _, first = dance(server, session, person)
    second = session.refresh_token(refresh_token=first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert session.get(server.at("/api/me")).status_code == 200


def test_an_expired_token_is_refreshed_by_the_session(server, web, person):
    kept = []
    session = session_of(server, web, update_token=lambda token, **_: kept.append(token))
    _, token = dance(server, session, person)
    session.token = {**token, "expires_at": int(time.time()) - 10}
    assert session.get(server.at("/api/me")).status_code == 200
    assert len(kept) == 1


def test_client_credentials(server, web):
    session = session_of(server, web)
    token = session.fetch_token(grant_type="client_credentials")
    assert token["access_token"]
    assert "refresh_token" not in token


def test_introspection_tells_what_a_token_is_worth(server, web, person):
    session = session_of(server, web)
    _, token = dance(server, session, person)
    for hint, handle in (("access_token", token["access_token"]), ("refresh_token", token["refresh_token"])):
        told = session.introspect_token(server.metadata["introspection_endpoint"], token=handle, token_type_hint=hint)
        assert told.status_code == 200
        assert told.json()["active"] is True
        assert told.json()["client_id"] == web.id
    told = session.introspect_token(server.metadata["introspection_endpoint"], token="not one of ours")
    assert told.json() == {"active": False}


def test_revocation_ends_the_token_and_what_came_with_it(server, web, person):
    session = session_of(server, web)
    _, token = dance(server, session, person)
    revoked = session.revoke_token(
        server.metadata["revocation_endpoint"], token=token["refresh_token"], token_type_hint="refresh_token"
    )
    assert revoked.status_code == 200
    revoked.json()  # some clients parse the body of every 200
    told = session.introspect_token(server.metadata["introspection_endpoint"], token=token["access_token"])
    assert told.json() == {"active": False}
    with pytest.raises(OAuthError) as refused:
        session.refresh_token(refresh_token=token["refresh_token"])
    assert refused.value.error == "invalid_grant"
