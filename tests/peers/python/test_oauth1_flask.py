"""Authlib's client for Flask, with OAuth 1: the app of the guide, which shows who logged in."""

from urllib.parse import urlsplit

import pytest
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, jsonify, request, url_for

import oauth1
from person import Person

CALLBACK = "http://127.0.0.1:8000/authorized"


def app_of(server, consumer, **kwargs):
    app = Flask(__name__)
    app.secret_key = "only for this test"
    at = urlsplit(consumer.callback)
    app.config |= {"SERVER_NAME": at.netloc, "PREFERRED_URL_SCHEME": at.scheme}
    kept = {}
    oauth = OAuth(app, fetch_token=lambda name: kept.get(name))
    oauth.register(
        "valetkey",
        client_id=consumer.key,
        client_secret=consumer.secret,
        request_token_url=oauth1.request_token(server),
        authorize_url=oauth1.authorize(server),
        access_token_url=oauth1.access_token(server),
        api_base_url=f"{server.issuer}/api/",
        client_kwargs=kwargs,
    )

    @app.get("/")
    def home():
        if "valetkey" not in kept:
            return oauth.valetkey.authorize_redirect(url_for("authorized", _external=True))
        answer = oauth.valetkey.get("me")
        return jsonify(answer.json() if answer.ok else None), answer.status_code

    @app.get("/authorized")
    def authorized():
        if denied := request.args.get("oauth_problem"):
            return jsonify(denied=denied), 403
        try:
            kept["valetkey"] = oauth.valetkey.authorize_access_token()
        except OAuthError as error:
            return jsonify(error=error.error), 403
        return jsonify(kept=sorted(kept["valetkey"]))

    return app.test_client()


@pytest.fixture
def consumer(server):
    return server.consumer(callback=CALLBACK)


@pytest.mark.parametrize("kind", ["HEADER", "QUERY", "BODY"])
def test_the_app_learns_who_logged_in(server, consumer, person, kind):
    app = app_of(server, consumer, signature_type=kind)
    back = person.authorize(app.get("/").headers["Location"])
    assert back.startswith(consumer.callback)
    token = app.get(back)
    assert token.json == {"kept": ["oauth_authorized_realms", "oauth_token", "oauth_token_secret"]}
    if kind == "BODY":  # which a GET does not have
        return
    shown = app.get("/")
    assert shown.status_code == 200, shown.text
    assert shown.json["username"] == person.account.username


def test_the_app_hears_of_a_denial(server, consumer, person):
    app = app_of(server, consumer)
    back = person.authorize(app.get("/").headers["Location"], decision="deny")
    shown = app.get(back)
    assert (shown.status_code, shown.json) == (403, {"denied": "permission_denied"})


def test_the_app_is_shut_out_once_the_person_takes_it_back(server, consumer, person):
    app = app_of(server, consumer)
    assert app.get(person.authorize(app.get("/").headers["Location"])).status_code == 200
    assert app.get("/").status_code == 200
    person.disconnect(server, consumer.key)
    assert app.get("/").status_code == 401


def test_over_tls(production, monkeypatch):
    consumer = production.consumer(callback="https://app.example/authorized")
    person = Person(production.account(), production.trust)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", production.trust)
    app = app_of(production, consumer)
    assert app.get(person.authorize(app.get("/").headers["Location"])).status_code == 200
    assert app.get("/").json["username"] == person.account.username
