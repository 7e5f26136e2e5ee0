"""An API in a process of its own, which asks the server about each signature: reached by requests-oauthlib."""

import os
import subprocess
import time
from dataclasses import dataclass

import pytest
import requests
from requests import Request
from requests_oauthlib import OAuth1Session, OAuth2Session

import oauth1
from person import Person
from server import ENVIRONMENT, PATIENCE, Server, free_port

BINARY = os.environ.get("GUARDED_API_BIN", "target/debug/examples/guarded_api")
SCOPES = """
[[scopes]]
name = "profile"
description = "Your name"
default = true
[[scopes]]
name = "notes:write"
description = "Write notes"
default = true
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One that knows what the API asks for."""
    folder = tmp_path_factory.mktemp("guarded")
    config = folder / "valetkey.toml"
    config.write_text('database = "sqlite://data/valetkey.sqlite"\nmaster_key_file = "data/master.key"\n' + SCOPES)
    running = Server(folder, "--config", str(config))
    running.place = ["--config", str(config)]
    yield running
    running.stop()


@dataclass(frozen=True)
class Api:
    origin: str

    def at(self, path: str) -> str:
        return f"{self.origin}{path}"


def answers(api):
    try:
        return requests.get(api.origin, timeout=2).ok
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="module")
def api(server):
    made = server.cli("client", "create", "--name", "Notes", "--grant", "client_credentials", "--introspect")
    listen = f"127.0.0.1:{free_port()}"
    api = Api(f"http://{listen}")
    own = {"ISSUER": server.issuer, "AUDIENCE": server.issuer, "OAUTH1": "on", "LISTEN": listen}
    own |= {"CLIENT_ID": made["client_id"], "CLIENT_SECRET": made["client_secret"], "PUBLIC_URL": api.origin}
    process = subprocess.Popen([BINARY], env=ENVIRONMENT | own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    end = time.monotonic() + PATIENCE
    while not answers(api):
        assert process.poll() is None and time.monotonic() < end, "the API does not answer"
        time.sleep(0.05)
    yield api
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def consumer(server):
    return server.consumer(scope="profile notes:write")


@pytest.fixture
def person(server):
    return Person(server.account())


def session_of(server, consumer, person, realm=None, **more):
    how = {"signature_method": "HMAC-SHA256", **more}
    session = OAuth1Session(consumer.key, consumer.secret, callback_uri=consumer.callback, **how)
    session.fetch_request_token(oauth1.request_token(server), realm=realm)
    session.parse_authorization_response(person.authorize(session.authorization_url(oauth1.authorize(server))))
    session.fetch_access_token(oauth1.access_token(server))
    return session


@pytest.mark.parametrize("kind", ["AUTH_HEADER", "QUERY"])
def test_a_signed_request_is_one_of_that_person(server, api, consumer, person, kind):
    session = session_of(server, consumer, person, signature_type=kind)
    told = session.get(api.at("/whoami"), params={"q": "a b&c=d~é"})
    assert told.status_code == 200, told.text
    assert told.json()["client"] == consumer.key
    assert told.json()["subject"] == session.get(oauth1.me(server)).json()["sub"]
    assert "OAuth1" in told.json()["protocol"]
    assert set(told.json()["scope"].split()) == {"profile", "notes:write"}


@pytest.mark.parametrize("kind", ["AUTH_HEADER", "QUERY", "BODY"])
def test_a_form_is_signed_with_what_is_in_it(server, api, consumer, person, kind):
    session = session_of(server, consumer, person, signature_type=kind)
    form = {"title": "a b+c&d=é", "empty": ""}
    assert session.post(api.at("/notes"), data=form).status_code == 200
    request = session.prepare_request(Request("POST", api.at("/notes"), data=form))
    request.prepare_body(request.body.replace(b"title=a", b"title=b"), None)
    answer = session.send(request)
    assert (answer.status_code, oauth1.problem(answer)) == (401, "signature_invalid")


def test_another_body_is_covered_by_its_hash(server, api, consumer, person):
    session = session_of(server, consumer, person)
    session._client.force_include_body = True
    how = {"headers": {"Content-Type": "text/plain"}}
    assert session.post(api.at("/notes"), data="a note", **how).status_code == 200
    request = session.prepare_request(Request("POST", api.at("/notes"), data="a note", **how))
    assert b"oauth_body_hash" in request.headers["Authorization"]
    request.body = b"A NOTE"
    answer = session.send(request)
    assert (answer.status_code, oauth1.problem(answer)) == (401, "parameter_rejected")
    assert "body" in answer.headers["WWW-Authenticate"]


def test_a_realm_that_was_not_allowed_is_too_little(server, api, consumer, person):
    session = session_of(server, consumer, person, realm=["profile"])
    assert session.get(api.at("/whoami")).status_code == 200
    assert session.post(api.at("/notes"), data={"title": "x"}).status_code == 403


def test_a_request_that_is_sent_again_is_refused(server, api, consumer, person):
    session = session_of(server, consumer, person)
    request = session.prepare_request(Request("GET", api.at("/whoami")))
    assert session.send(request).status_code == 200
    again = session.send(request)
    assert (again.status_code, oauth1.problem(again)) == (401, "nonce_used")


def test_a_wrong_secret_is_refused(server, api, consumer, person):
    session = session_of(server, consumer, person)
    session._client.client.resource_owner_secret = "a guess"
    answer = session.get(api.at("/whoami"))
    assert (answer.status_code, oauth1.problem(answer)) == (401, "signature_invalid")


def test_what_the_person_takes_back_is_dead_at_once(server, api, consumer, person):
    session = session_of(server, consumer, person)
    assert session.get(api.at("/whoami")).status_code == 200
    person.disconnect(server, consumer.key)
    answer = session.get(api.at("/whoami"))
    assert (answer.status_code, oauth1.problem(answer)) == (401, "token_revoked")


def test_strangers_hear_of_both_protocols(api):
    answer = requests.get(api.at("/whoami"), timeout=10)
    assert answer.status_code == 401
    challenges = answer.headers["WWW-Authenticate"]
    assert "Bearer " in challenges and "OAuth realm=" in challenges
    assert requests.get(api.at("/"), timeout=10).text == "hello, stranger"


def test_handlers_see_no_difference(server, api, consumer, person):
    """The token that the OAuth 1 one is exchanged for opens the same door."""
    session = session_of(server, consumer, person)
    asked = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": session.token["oauth_token"],
        "subject_token_type": "urn:valetkey:oauth1-token",
    }
    token = session.post(server.metadata["token_endpoint"], data=asked).json()
    newer, older = OAuth2Session(token=token).get(api.at("/whoami")), session.get(api.at("/whoami"))
    assert newer.status_code == older.status_code == 200, newer.text
    for fact in ["subject", "client", "scope"]:
        assert newer.json()[fact] == older.json()[fact]
