"""The steps of the well-known guide that makes an OAuth server, by hand: its routes for trying out, and its app."""

import pytest
import requests
from requests_oauthlib import OAuth1Session

import oauth1
from person import Forms, Person
from server import Account


@pytest.fixture
def newcomer(server):
    """Whoever presses the button of the home page, without a password: on this machine, for trying out."""
    person = Person(Account("demo", ""))
    home = person.browser.get(server.at("/"), timeout=10)
    form = next(form for form in Forms(home.text).found if "demo" in form.names)
    answer = person.send(home, form, demo=person.account.username)
    assert answer.status_code == 303, answer.text
    return person


def test_who_is_not_logged_in_gets_no_client_but_the_home_page(server):
    answer = requests.get(server.at("/client"), timeout=10, allow_redirects=False)
    assert answer.status_code in (302, 303)
    assert answer.headers["Location"] == "/"


def test_the_home_page_says_who_i_am(server, newcomer):
    assert newcomer.account.username in newcomer.browser.get(server.at("/"), timeout=10).text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_client_for_trying_out_speaks_both_protocols(server, newcomer, method):
    how = {"data": {"any": "form"}, "headers": {"Origin": server.origin}} if method == "POST" else {}
    made = newcomer.browser.request(method, server.at("/client"), timeout=10, **how)
    assert made.headers["Content-Type"] == "application/json"
    key, secret = made.json()["client_key"], made.json()["client_secret"]
    assert key == made.json()["client_id"]

    session = OAuth1Session(key, secret, callback_uri="http://localhost:8000/authorized")
    session.fetch_request_token(oauth1.request_token(server))
    session.parse_authorization_response(newcomer.authorize(session.authorization_url(oauth1.authorize(server))))
    session.fetch_access_token(oauth1.access_token(server))
    assert session.get(oauth1.me(server)).json()["username"] == newcomer.account.username

    asked = requests.post(
        server.metadata["token_endpoint"], data={"grant_type": "client_credentials"}, auth=(key, secret), timeout=10
    )
    assert asked.status_code == 200, asked.text


def test_in_production_there_is_no_such_route(production):
    assert production.get("/client", allow_redirects=False).status_code == 404
