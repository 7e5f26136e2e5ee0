"""requests-oauthlib's `OAuth1Session`, and oauthlib below it, which sign every way there is."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from requests import Request
from requests_oauthlib import OAuth1Session
from requests_oauthlib.oauth1_session import TokenRequestDenied, VerifierMissing

import keys
import oauth1
from person import Person


def session_of(server, consumer, method="HMAC-SHA256", callback=None, **more):
    session = OAuth1Session(
        consumer.key,
        consumer.secret,
        callback_uri=callback or consumer.callback,
        signature_method=method,
        rsa_key=keys.private_key() if method.startswith("RSA") else None,
        **more,
    )
    session.verify = server.trust
    return session


def ask(server, session, person, decision="allow", **more) -> str:
    """The first two legs; where the browser was sent in the end."""
    session.fetch_request_token(oauth1.request_token(server), **more)
    return person.authorize(session.authorization_url(oauth1.authorize(server)), decision)


def dance(server, session, person, **more) -> dict:
    """All three."""
    session.parse_authorization_response(ask(server, session, person, **more))
    return session.fetch_access_token(oauth1.access_token(server))


def somebody(server):
    return Person(server.account(), server.trust)


@pytest.mark.parametrize("method", oauth1.ALL)
def test_three_legs_lead_to_the_api_by_every_signature_method(either, method):
    consumer = either.consumer(method)
    person = somebody(either)
    session = session_of(either, consumer, method)
    token = dance(either, session, person)
    assert token["oauth_authorized_realms"] == "profile"
    answer = session.get(oauth1.me(either))
    assert answer.status_code == 200, answer.text
    assert answer.json()["username"] == person.account.username
    assert answer.json()["client_id"] == consumer.key


@pytest.mark.parametrize("method", sorted(set(oauth1.ALL) - set(oauth1.WEAK) - set(oauth1.RSA)))
def test_who_is_registered_for_no_method_has_those_of_the_server(server, person, method):
    session = session_of(server, server.consumer(), method)
    dance(server, session, person)
    assert session.get(oauth1.me(server)).status_code == 200


@pytest.mark.parametrize("kind", ["AUTH_HEADER", "QUERY", "BODY"])
@pytest.mark.parametrize("method", ["HMAC-SHA1", "RSA-SHA256", "PLAINTEXT"])
def test_the_signature_may_stand_in_header_query_or_body(server, person, method, kind):
    session = session_of(server, server.consumer(method), method, signature_type=kind)
    dance(server, session, person)
    if kind == "BODY":  # which a GET does not have
        session._client.client.signature_type = "QUERY"
    assert session.get(oauth1.me(server), params={"q": "a b&c=d~é", "empty": ""}).status_code == 200


def test_a_callback_with_odd_characters_is_carried_and_signed_as_it_is(server, person):
    callback = "https://client.example/ready/%C3%A9?a=b%20c&plus=1%2B1&d"
    consumer = server.consumer(callback=callback)
    session = session_of(server, consumer)
    back = ask(server, session, person)
    assert back.startswith(f"{callback}&oauth_token=")
    session.parse_authorization_response(back)
    session.fetch_access_token(oauth1.access_token(server))
    assert session.get(oauth1.me(server)).status_code == 200


def test_out_of_band_the_person_carries_the_verifier(server, person):
    consumer = server.consumer(more=["--oob"])
    session = session_of(server, consumer, callback="oob")
    session.fetch_request_token(oauth1.request_token(server))
    page = person.page(session.authorization_url(oauth1.authorize(server)))
    verifier = oauth1.verifier(page)
    assert consumer.name in page.text
    # Typed in the way of people.
    typed = f" {verifier[:4].lower()}-{verifier[4:]} "
    session.fetch_access_token(oauth1.access_token(server), verifier=typed)
    assert session.get(oauth1.me(server)).status_code == 200


def test_out_of_band_a_denial_ends_on_a_page(server, person):
    session = session_of(server, server.consumer(more=["--oob"]), callback="oob")
    session.fetch_request_token(oauth1.request_token(server))
    page = person.page(session.authorization_url(oauth1.authorize(server)), decision="deny")
    assert 'class="verifier"' not in page.text
    with pytest.raises(TokenRequestDenied) as refused:
        session.fetch_access_token(oauth1.access_token(server), verifier="ABCDEFGH")
    assert oauth1.problem(refused.value.response) == "permission_denied"


def test_a_denial_reaches_the_client_and_gives_it_nothing(server, person):
    session = session_of(server, server.consumer())
    told = dict(parse_qsl(urlsplit(ask(server, session, person, decision="deny")).query))
    assert told == {"oauth_token": session.token["oauth_token"], "oauth_problem": "permission_denied"}
    with pytest.raises(VerifierMissing):
        session.fetch_access_token(oauth1.access_token(server))
    with pytest.raises(TokenRequestDenied) as refused:
        session.fetch_access_token(oauth1.access_token(server), verifier="a guess")
    assert refused.value.status_code == 401
    assert oauth1.problem(refused.value.response) == "permission_denied"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (None, {"profile"}),
        (["profile", "email"], {"profile", "email"}),
        (["email"], {"email"}),
        # Nothing of the catalogue: it names the protection space, as many servers have one.
        (["Photos"], {"profile"}),
    ],
)
def test_realms_are_the_scopes_that_the_person_is_asked_for(server, person, asked, given):
    session = session_of(server, server.consumer(scope="profile email"))
    token = dance(server, session, person, realm=asked)
    assert set(token["oauth_authorized_realms"].split()) == given
    answer = session.get(oauth1.me(server))
    assert answer.status_code == (200 if "profile" in given else 403)


def test_a_realm_beyond_the_registration_is_refused(server):
    with pytest.raises(TokenRequestDenied) as refused:
        session_of(server, server.consumer()).fetch_request_token(oauth1.request_token(server), realm=["email"])
    assert refused.value.status_code == 400
    assert oauth1.facts(refused.value.response)["error"] == "invalid_realm"


def test_what_was_allowed_is_traded_once(server, person):
    consumer = server.consumer()
    session = session_of(server, consumer)
    session.parse_authorization_response(ask(server, session, person))
    temporary = session.token
    session.fetch_access_token(oauth1.access_token(server))
    again = session_of(server, consumer)
    again.token = temporary
    with pytest.raises(TokenRequestDenied) as refused:
        again.fetch_access_token(oauth1.access_token(server))
    assert refused.value.status_code == 401
    assert oauth1.problem(refused.value.response) == "token_used"


def test_a_request_that_is_sent_again_is_refused(server, person):
    consumer = server.consumer()
    session = session_of(server, consumer)
    dance(server, session, person)
    request = session.prepare_request(Request("GET", oauth1.me(server)))
    assert session.send(request).status_code == 200
    replayed = session.send(request)
    assert (replayed.status_code, oauth1.problem(replayed)) == (401, "nonce_used")


def test_a_wrong_secret_is_refused_whosever_it_is(server, person):
    consumer = server.consumer()
    session = session_of(server, consumer)
    token = dance(server, session, person)
    for wrong in [{"client_secret": "a guess"}, {"resource_owner_secret": "a guess"}]:
        right = {"client_secret": consumer.secret, "resource_owner_secret": token["oauth_token_secret"]}
        told = OAuth1Session(consumer.key, resource_owner_key=token["oauth_token"], **{**right, **wrong})
        answer = told.get(oauth1.me(server))
        assert (answer.status_code, oauth1.problem(answer)) == (401, "signature_invalid")
    assert session.get(oauth1.me(server)).status_code == 200


def test_anothers_token_opens_nothing(server, person):
    token = dance(server, session_of(server, server.consumer()), person)
    other = server.consumer()
    told = OAuth1Session(
        other.key,
        other.secret,
        resource_owner_key=token["oauth_token"],
        resource_owner_secret=token["oauth_token_secret"],
    )
    answer = told.get(oauth1.me(server))
    assert (answer.status_code, oauth1.problem(answer)) == (401, "token_rejected")


def test_two_legs_are_for_clients_that_may_sign_alone(server):
    alone = server.consumer(more=["--sign-alone"])
    answer = OAuth1Session(alone.key, alone.secret, signature_method="HMAC-SHA256").get(oauth1.me(server))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"sub": alone.key, "client_id": alone.key}
    other = server.consumer()
    answer = OAuth1Session(other.key, other.secret, signature_method="HMAC-SHA256").get(oauth1.me(server))
    assert (answer.status_code, oauth1.problem(answer)) == (401, "parameter_absent")


def test_what_the_person_takes_back_is_dead_at_once(server, person):
    consumer = server.consumer()
    session = session_of(server, consumer)
    dance(server, session, person)
    assert session.get(oauth1.me(server)).status_code == 200
    person.disconnect(server, consumer.key)
    answer = session.get(oauth1.me(server))
    assert (answer.status_code, oauth1.problem(answer)) == (401, "token_revoked")
    # The next time the person is asked anew.
    dance(server, session_of(server, consumer), person)
