"""requests-oauthlib, and oauthlib below it."""

import pytest
from oauthlib.oauth2 import BackendApplicationClient
from oauthlib.oauth2.rfc6749.errors import AccessDeniedError, InvalidClientError, InvalidGrantError
from requests_oauthlib import OAuth2Session


def dance(server, client, person, **how):
    session = OAuth2Session(client.id, redirect_uri=client.redirect_uri, scope=["profile"], pkce="S256")
    url, _ = session.authorization_url(server.metadata["authorization_endpoint"])
    callback = person.authorize(url, **how)
    token = session.fetch_token(
        server.metadata["token_endpoint"],
        authorization_response=callback,
        client_secret=client.secret,
        include_client_id=True if client.secret is None else None,
    )
    return session, token


def test_code_with_pkce_gives_a_token_that_opens_the_api(server, web, person):
    session, token = dance(server, web, person)
    assert token["access_token"]
    assert session.get(server.at("/api/me")).status_code == 200


def test_a_public_client_needs_no_secret(server, public, person):
    session, _ = dance(server, public, person)
    assert session.get(server.at("/api/me")).status_code == 200


def test_denial_reaches_the_client_as_access_denied(server, web, person):
    with pytest.raises(AccessDeniedError):
        dance(server, web, person, decision="deny")


def test_refresh_rotates_and_the_old_chain_goes_on_with_the_new_token(server, web, person):
    session, first = dance(server, web, person)
    first = dict(first)
    second = dict(session.refresh_token(server.metadata["token_endpoint"], auth=(web.id, web.secret)))
    assert second["refresh_token"] != first["refresh_token"]
    third = session.refresh_token(server.metadata["token_endpoint"], auth=(web.id, web.secret))
    assert third["refresh_token"] != second["refresh_token"]


def test_the_session_refreshes_by_itself(server, web, person):
    _, token = dance(server, web, person)
    kept = []
    session = OAuth2Session(
        web.id,
        token={**token, "expires_in": -10, "expires_at": 1},
        auto_refresh_url=server.metadata["token_endpoint"],
        auto_refresh_kwargs={"client_id": web.id, "client_secret": web.secret},
        token_updater=kept.append,
    )
    assert session.get(server.at("/api/me")).status_code == 200
    assert len(kept) == 1


def test_an_unknown_refresh_token_is_an_invalid_grant(server, web, person):
    session, _ = dance(server, web, person)
    with pytest.raises(InvalidGrantError):
        session.refresh_token(server.metadata["token_endpoint"], refresh_token="gone", auth=(web.id, web.secret))


def test_client_credentials(server, web):
    session = OAuth2Session(client=BackendApplicationClient(web.id, scope=["profile"]))
    token = session.fetch_token(server.metadata["token_endpoint"], client_id=web.id, client_secret=web.secret)
    assert token["access_token"]
    assert "refresh_token" not in token


def test_a_wrong_secret_is_an_invalid_client(server, web):
    session = OAuth2Session(client=BackendApplicationClient(web.id))
    with pytest.raises(InvalidClientError):
        session.fetch_token(server.metadata["token_endpoint"], client_id=web.id, client_secret="a guess")


def test_introspection_and_revocation_over_the_session(server, web, person):
    session, token = dance(server, web, person)
    auth = (web.id, web.secret)
    ask = lambda path, handle: session.post(  # noqa: E731
        server.metadata[path], data={"token": handle}, auth=auth, withhold_token=True
    )
    assert ask("introspection_endpoint", token["access_token"]).json()["active"] is True
    assert ask("revocation_endpoint", token["access_token"]).status_code == 200
    assert ask("introspection_endpoint", token["access_token"]).json() == {"active": False}
