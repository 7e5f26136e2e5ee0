"""What the tests of OAuth 1 share: where its endpoints are, and what its answers say."""

import re
from html import unescape
from urllib.parse import parse_qsl

from requests import Response

HMAC = ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"]
RSA = ["RSA-SHA1", "RSA-SHA256", "RSA-SHA512"]
ALL = [*HMAC, *RSA, "PLAINTEXT"]
# Those that a client must be registered for, one by one.
WEAK = ["RSA-SHA1", "PLAINTEXT"]


def request_token(server) -> str:
    return server.at("/oauth1/request_token")


def authorize(server) -> str:
    return server.at("/oauth1/authorize")


def access_token(server) -> str:
    return server.at("/oauth1/access_token")


def me(server) -> str:
    return server.at("/api/me")


def facts(answer: Response) -> dict[str, str]:
    """A form-encoded answer; a name twice is a fault."""
    assert answer.headers["Content-Type"] == "application/x-www-form-urlencoded", answer.headers
    pairs = parse_qsl(answer.text, strict_parsing=True, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs), answer.text
    return dict(pairs)


def problem(answer: Response) -> str | None:
    """The problem that the challenge names (the `oauth_problem` extension)."""
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith("OAuth realm="), challenge
    found = re.search(r'oauth_problem="([^"]*)"', challenge)
    return found and found[1]


def verifier(page: Response) -> str:
    """The code that the person carries to the app by hand, as it is shown."""
    found = re.search(r'class="verifier".*?<code[^>]*>(.*?)</code>', page.text, re.DOTALL)
    assert found, f"there is no verifier to read:\n{page.text}"
    return unescape(re.sub(r"<[^>]*>", "", found[1])).strip()
