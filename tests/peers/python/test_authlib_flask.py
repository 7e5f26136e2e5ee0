"""Authlib's client for Flask: the app of the guides, with its three routes."""

import pytest
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, jsonify, url_for

HOST = "127.0.0.1:5000"


def by_discovery(server):
    return {"server_metadata_url": f"{server.issuer}/.well-known/oauth-authorization-server"}


def by_hand(server):
    return {
        "authorize_url": server.metadata["authorization_endpoint"],
        "access_token_url": server.metadata["token_endpoint"],
    }


def app_of(server, client, registration):
    app = Flask(__name__)
    app.secret_key = "only for this test"
    app.config["SERVER_NAME"] = HOST
    oauth = OAuth(app)
    oauth.register(
        "valetkey",
        client_id=client.id,
        client_secret=client.secret,
        api_base_url=f"{server.issuer}/",
        client_kwargs={"scope": "profile", "code_challenge_method": "S256"},
        **registration,
    )

    @app.get("/login")
    def login():
        return oauth.valetkey.authorize_redirect(url_for("authorize", _external=True))

    @app.get("/authorize")
    def authorize():
        try:
            token = oauth.valetkey.authorize_access_token()
        except OAuthError as error:
            return jsonify(error=error.error), 403
        return jsonify(oauth.valetkey.get("api/me", token=token).json())

    return app.test_client()


@pytest.fixture
def client(server):
    return server.client("authorization_code", redirect_uri=f"http://{HOST}/authorize")


@pytest.mark.parametrize("registration", [by_discovery, by_hand])
def test_the_app_learns_who_logged_in(server, client, person, registration):
    app = app_of(server, client, registration(server))
    callback = person.authorize(app.get("/login").headers["Location"])
    assert callback.startswith(client.redirect_uri)
    shown = app.get(callback)
    assert shown.status_code == 200, shown.text
    assert shown.json["sub"]


def test_the_app_hears_of_a_denial(server, client, person):
    app = app_of(server, client, by_discovery(server))
    callback = person.authorize(app.get("/login").headers["Location"], decision="deny")
    shown = app.get(callback)
    assert shown.status_code == 403
    assert shown.json == {"error": "access_denied"}
