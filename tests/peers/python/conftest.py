"""One server for all tests; people and clients are made for each."""

import os

# The issuer of `dev` is http on loopback, which both libraries refuse unless told.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

import pytest

from person import Person
from server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("valetkey"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def account(server):
    return server.account()


@pytest.fixture
def person(account):
    return Person(account)


@pytest.fixture
def web(server):
    """A confidential client with the usual grants."""
    return server.client("authorization_code", "refresh_token", "client_credentials")


@pytest.fixture
def public(server):
    """A client that can keep no secret."""
    return server.client("authorization_code", "refresh_token", public=True)
