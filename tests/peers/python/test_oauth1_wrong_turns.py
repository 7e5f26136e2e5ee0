"""Each wrong turn that the guides' servers met, and what is said to it here; requests signed by oauthlib."""

import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from oauthlib.oauth1 import Client

import oauth1
from person import Person
from server import Production, Server

CALLBACK = "https://client.example/ready"
LONG_AGO = "1136073600"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One whose counts of wrong guesses are nobody else's."""
    running = Server(tmp_path_factory.mktemp("wrong-turns"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def person(server):
    return Person(server.account())


@pytest.fixture(scope="module")
def consumer(server):
    return server.consumer(callback=CALLBACK)


@pytest.fixture(scope="module")
def token(server, consumer, person):
    """What the person has allowed."""
    answer = send(server, client(consumer, callback_uri=CALLBACK), oauth1.request_token(server))
    return trade(server, consumer, allowed(server, person, oauth1.facts(answer)))


def client(consumer, token=None, **more):
    token = token or {}
    more = {"client_secret": consumer.secret, "signature_method": "HMAC-SHA256", **more}
    return Client(
        consumer.key,
        resource_owner_key=token.get("oauth_token"),
        resource_owner_secret=token.get("oauth_token_secret"),
        **more,
    )


def send(server, signer, url, method="POST", **more):
    url, headers, _ = signer.sign(url, method)
    return requests.request(method, url, headers=headers, timeout=10, verify=server.trust, **more)


def begin(server, consumer, **more):
    return send(server, client(consumer, callback_uri=CALLBACK, **more), oauth1.request_token(server))


def allowed(server, person, temporary):
    back = person.authorize(f"{oauth1.authorize(server)}?oauth_token={temporary['oauth_token']}")
    return temporary | dict(parse_qsl(urlsplit(back).query))


def trade(server, consumer, temporary, status=200):
    signer = client(consumer, temporary, verifier=temporary["oauth_verifier"])
    answer = send(server, signer, oauth1.access_token(server))
    assert answer.status_code == status, answer.text
    return oauth1.facts(answer) if status == 200 else answer


def me(server, consumer, token, **more):
    return send(server, client(consumer, token, **more), oauth1.me(server), "GET")


def is_refused(answer, status, problem):
    """The status, a challenge that names the problem, and a body that nobody keeps."""
    assert (answer.status_code, oauth1.problem(answer)) == (status, problem), answer.text
    assert answer.headers["Cache-Control"] == "no-store"


# Asking for temporary credentials: what is signed, the status, and the problem that is named.
FIRST_LEG = {
    "the callback is missing": ({"callback_uri": None}, 400, "parameter_absent"),
    "the callback is not registered": ({"callback_uri": "https://evil.example/"}, 400, "parameter_rejected"),
    "the callback is registered with another path": ({"callback_uri": f"{CALLBACK}/"}, 400, "parameter_rejected"),
    "oob is not registered": ({"callback_uri": "oob"}, 400, "parameter_rejected"),
    "the secret is wrong": ({"client_secret": "a guess"}, 401, "signature_invalid"),
    "the timestamp is old": ({"timestamp": LONG_AGO}, 401, "timestamp_refused"),
    "the timestamp lies ahead": ({"timestamp": str(int(time.time()) + 3600)}, 401, "timestamp_refused"),
    "the timestamp is no number": ({"timestamp": "today"}, 400, "parameter_rejected"),
    "the nonce is empty": ({"nonce": ""}, 400, "parameter_rejected"),
    "PLAINTEXT is not for this client": ({"signature_method": "PLAINTEXT"}, 400, "signature_method_rejected"),
    # What it may use is told to who has proved to be it.
    "RSA-SHA1 is not for this client": ({"signature_method": "RSA-SHA1"}, 401, "signature_invalid"),
    "the method does not exist": ({"signature_method": "HMAC-MD5"}, 400, "signature_method_rejected"),
}


@pytest.mark.parametrize("turn", FIRST_LEG)
def test_first_leg(server, consumer, turn):
    signed, status, problem = FIRST_LEG[turn]
    signer = client(consumer, **{"callback_uri": CALLBACK, **signed})
    if signer.signature_method in ("HMAC-MD5", "RSA-SHA1"):
        Client.SIGNATURE_METHODS, kept = {**Client.SIGNATURE_METHODS}, Client.SIGNATURE_METHODS
        Client.register_signature_method(signer.signature_method, lambda *_: "c2lnbmVk")
        answer = send(server, signer, oauth1.request_token(server))
        Client.SIGNATURE_METHODS = kept
    else:
        answer = send(server, signer, oauth1.request_token(server))
    is_refused(answer, status, problem)
    told = oauth1.facts(answer)
    assert told["oauth_problem"] == problem
    assert ("error" in told) == (status == 400)
    assert "a guess" not in answer.text and str(consumer.secret) not in answer.text


@pytest.mark.parametrize("nonce", ["a-b-c-d", "x", "with space & é", "n" * 512])
def test_nonces_of_any_length_and_alphabet_are_taken(server, consumer, nonce):
    assert begin(server, consumer, nonce=nonce).status_code == 200


def test_nobody_signed(server):
    answer = requests.post(oauth1.request_token(server), timeout=10)
    is_refused(answer, 401, None)
    answer = requests.post(oauth1.request_token(server), headers={"Authorization": "Bearer abc"}, timeout=10)
    is_refused(answer, 401, None)
    answer = requests.get(oauth1.me(server), timeout=10)
    assert answer.status_code == 401
    challenges = answer.headers["WWW-Authenticate"]
    assert "Bearer " in challenges and "OAuth realm=" in challenges


def test_a_client_that_is_not_known(server, consumer):
    stranger = Client("nobody", "a guess", callback_uri=CALLBACK)
    is_refused(send(server, stranger, oauth1.request_token(server)), 401, "consumer_key_unknown")


# What no library sends: the request, by its header and its query.
BROKEN = {
    "a header that ends early": ({"Authorization": 'OAuth oauth_consumer_key="abc'}, ""),
    "a header without pairs": ({"Authorization": "OAuth garbage"}, ""),
    "a header with a broken escape": ({"Authorization": 'OAuth oauth_consumer_key="%zz"'}, ""),
    "octets that are no UTF-8": ({}, "?oauth_consumer_key=%ff%fe"),
    "a parameter twice": ({}, "?oauth_consumer_key=a&oauth_consumer_key=b"),
}


@pytest.mark.parametrize("turn", BROKEN)
def test_what_cannot_be_read(server, turn):
    headers, query = BROKEN[turn]
    answer = requests.post(oauth1.request_token(server) + query, headers=headers, timeout=10)
    assert answer.status_code == 400, answer.text
    assert answer.headers["WWW-Authenticate"].startswith("OAuth realm=")
    assert oauth1.facts(answer)["error"] == "invalid_request"


@pytest.mark.parametrize("leg", ["request_token", "access_token"])
def test_parameters_in_two_places(server, consumer, leg):
    url, headers, _ = client(consumer).sign(f"{server.at('/oauth1/')}{leg}?oauth_callback=oob", "POST")
    answer = requests.post(url, headers=headers, timeout=10)
    assert answer.status_code == 400, answer.text
    assert "(" not in oauth1.facts(answer)["error_description"]


def test_a_version_that_is_not_ours(server, consumer):
    url, headers, _ = client(consumer, callback_uri=CALLBACK).sign(oauth1.request_token(server), "POST")
    headers["Authorization"] = headers["Authorization"].replace('oauth_version="1.0"', 'oauth_version="2.0"')
    is_refused(requests.post(url, headers=headers, timeout=10), 400, "version_rejected")


@pytest.mark.parametrize("query", ["", "?oauth_token=", "?oauth_token=nobody's", "?oauth_token=%3Cscript%3E"])
def test_a_page_says_that_there_is_nothing_to_decide(server, query):
    answer = requests.get(oauth1.authorize(server) + query, timeout=10, allow_redirects=False)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<script>" not in answer.text and "Location" not in answer.headers


def test_the_page_names_the_app_and_the_callback_has_only_what_is_due(server, consumer):
    person = Person(server.account())
    temporary = oauth1.facts(begin(server, consumer))
    assert temporary["oauth_callback_confirmed"] == "true"
    assert sorted(temporary) == ["oauth_callback_confirmed", "oauth_token", "oauth_token_secret"]
    seen = []
    person.fill = lambda page, *how, fill=person.fill: (seen.append(page.text), fill(page, *how))[1]
    back = person.authorize(f"{oauth1.authorize(server)}?oauth_token={temporary['oauth_token']}")
    assert any(consumer.name in page for page in seen)
    assert back.startswith(f"{CALLBACK}?")
    assert [name for name, _ in parse_qsl(urlsplit(back).query)] == ["oauth_token", "oauth_verifier"]
    token = trade(server, consumer, temporary | dict(parse_qsl(urlsplit(back).query)))
    assert sorted(token) == ["oauth_authorized_realms", "oauth_token", "oauth_token_secret"]


def test_a_decision_is_made_once(server, consumer, person):
    temporary = allowed(server, person, oauth1.facts(begin(server, consumer)))
    page = person.browser.get(f"{oauth1.authorize(server)}?oauth_token={temporary['oauth_token']}", timeout=10)
    assert page.status_code == 400
    trade(server, consumer, temporary)
    is_refused(trade(server, consumer, temporary, 401), 401, "token_used")


def test_the_third_leg_before_anybody_has_decided(server, consumer):
    temporary = oauth1.facts(begin(server, consumer)) | {"oauth_verifier": "a guess"}
    is_refused(trade(server, consumer, temporary, 401), 401, "permission_unknown")


def test_a_wrong_verifier_and_too_many_of_them(server, consumer, person):
    temporary = allowed(server, person, oauth1.facts(begin(server, consumer)))
    for _ in range(5):
        is_refused(trade(server, consumer, temporary | {"oauth_verifier": "a guess"}, 401), 401, "verifier_invalid")
    # Now the right one is no use either.
    is_refused(trade(server, consumer, temporary, 401), 401, "permission_denied")


def test_a_verifier_is_needed(server, consumer, person):
    temporary = allowed(server, person, oauth1.facts(begin(server, consumer)))
    is_refused(send(server, client(consumer, temporary), oauth1.access_token(server)), 400, "parameter_absent")


def test_temporary_credentials_open_nothing(server, consumer, person):
    temporary = allowed(server, person, oauth1.facts(begin(server, consumer)))
    is_refused(me(server, consumer, temporary), 401, "token_rejected")


def test_who_i_am(server, consumer, person, token):
    answer = me(server, consumer, token)
    assert (answer.status_code, answer.json()["username"]) == (200, person.account.username)


# At the API: what is signed, the status, and the problem that is named.
RESOURCE = {
    "the secret is wrong": ({"client_secret": "a guess"}, 401, "signature_invalid"),
    "the timestamp is old": ({"timestamp": LONG_AGO}, 401, "timestamp_refused"),
    "PLAINTEXT is not for this client": ({"signature_method": "PLAINTEXT"}, 400, "signature_method_rejected"),
    "the token is unknown": ({"resource_owner_key": "nobody's"}, 401, "token_rejected"),
    "there is no token": ({"resource_owner_key": None, "resource_owner_secret": None}, 401, "parameter_absent"),
    "the nonce is empty": ({"nonce": ""}, 400, "parameter_rejected"),
}


@pytest.mark.parametrize("turn", RESOURCE)
def test_resource(server, consumer, token, turn):
    signed, status, problem = RESOURCE[turn]
    signer = client(consumer, token)
    for name, value in signed.items():
        setattr(signer, name, value)
    answer = send(server, signer, oauth1.me(server), "GET")
    assert (answer.status_code, oauth1.problem(answer)) == (status, problem), answer.text


def test_a_changed_request_no_longer_fits_its_signature(server, consumer, token):
    url, headers, _ = client(consumer, token).sign(f"{oauth1.me(server)}?a=1", "GET")
    for other in [url.replace("a=1", "a=2"), f"{url}&b=2", oauth1.me(server)]:
        answer = requests.get(other, headers=headers, timeout=10)
        assert (answer.status_code, oauth1.problem(answer)) == (401, "signature_invalid"), other
    # Nobody's mistake has used the nonce up.
    assert requests.get(url, headers=headers, timeout=10).status_code == 200
    answer = requests.get(url, headers=headers, timeout=10)
    assert (answer.status_code, oauth1.problem(answer)) == (401, "nonce_used")


def test_a_signature_and_a_bearer_token_at_once(server, consumer, token):
    url, headers, _ = client(consumer, token, signature_type="QUERY").sign(oauth1.me(server), "GET")
    answer = requests.get(url, headers={"Authorization": "Bearer abc"}, timeout=10)
    assert answer.status_code == 400, answer.text


def test_other_methods_are_refused_by_name(server):
    for path in ["/oauth1/request_token", "/oauth1/access_token"]:
        answer = requests.put(server.at(path), timeout=10)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
    answer = requests.get(server.metadata["token_endpoint"], timeout=10)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.fixture(scope="module")
def exposed(tmp_path_factory):
    """One that may be addressed in clear, but gives no credentials away there."""
    running = Production(tmp_path_factory.mktemp("exposed"), "http://id.example", "insecure_transport = true")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def careless(tmp_path_factory):
    """One that does, and at the paths of the guide."""
    more = 'insecure_transport = true\n[oauth1]\nenforce_ssl = false\n[paths]\noauth1_request_token = "/oauth/request_token"'
    running = Production(tmp_path_factory.mktemp("careless"), "http://id.example", more)
    yield running
    running.stop()


def in_clear(server, consumer, path):
    """Clients sign for the name that they address."""
    signer = client(consumer, callback_uri=CALLBACK)
    _, headers, _ = signer.sign(f"http://id.example{path}", "POST")
    headers["Host"] = "id.example"
    return requests.post(server.at(path), headers=headers, timeout=10)


def test_credentials_are_not_given_over_a_clear_channel(exposed):
    answer = in_clear(exposed, exposed.consumer(callback=CALLBACK), "/oauth1/request_token")
    assert answer.status_code == 400
    assert oauth1.facts(answer)["error"] == "insecure_transport_protocol"


def test_but_where_that_is_switched_off(careless):
    assert in_clear(careless, careless.consumer(callback=CALLBACK), "/oauth/request_token").status_code == 200
