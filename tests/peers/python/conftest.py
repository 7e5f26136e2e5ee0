"""One server of each kind for all tests; people and clients are made for each."""

import os

# The issuer of `dev` is http on loopback, which both libraries refuse unless told.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
# These win over the authority that a session is told to trust.
for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
    os.environ.pop(name, None)

import pytest

from person import Person
from server import Production, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("dev"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def production(tmp_path_factory):
    running = Production(tmp_path_factory.mktemp("serve"))
    yield running
    running.stop()


@pytest.fixture(params=["dev", "TLS"])
def either(request):
    """On loopback without TLS, and in production with it."""
    return request.getfixturevalue("server" if request.param == "dev" else "production")


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
