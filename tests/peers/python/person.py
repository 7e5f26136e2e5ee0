"""A person with a browser that knows HTML forms, cookies and redirects, and nothing else."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

from server import Account


@dataclass
class Form:
    """A form of a page, with what it would send."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    boxes: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[Form] = []
        self.form: Form | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.form = Form(given.get("action") or "", (given.get("method") or "get").lower())
            self.found.append(self.form)
        elif self.form is not None and tag in ("input", "button") and given.get("name"):
            name, value, kind = given["name"], given.get("value") or "", given.get("type") or "text"
            self.form.names.add(name)
            if tag == "button" or kind == "submit":
                return
            if kind in ("checkbox", "radio"):
                if "checked" in given and "disabled" not in given:
                    self.form.boxes.setdefault(name, []).append(value or "on")
            else:
                self.form.fields.append((name, value))

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None


class Person:
    """Logs in, consents or denies, and tells where the browser was sent in the end."""

    def __init__(self, account: Account, trust: str | bool = True):
        self.account = account
        self.browser = requests.Session()
        self.browser.verify = trust

    def authorize(self, url: str, decision: str = "allow", scopes: list[str] | None = None) -> str:
        """Follows an authorization request to its end: the redirect that leaves the server."""
        end = self.follow(url, decision, scopes)
        assert isinstance(end, str), f"neither a login nor a consent page: {end.url}\n{end.text}"
        return end

    def page(self, url: str, decision: str = "allow") -> requests.Response:
        """Follows a request to the page that it ends on."""
        end = self.follow(url, decision, None)
        assert not isinstance(end, str), f"left for {end}"
        return end

    def follow(self, url: str, decision: str, scopes: list[str] | None) -> str | requests.Response:
        home = urlsplit(url).netloc
        answer = self.browser.get(url, allow_redirects=False, timeout=20)
        for _ in range(12):
            if answer.is_redirect or answer.status_code == 303:
                url = urljoin(answer.url, answer.headers["Location"])
                if urlsplit(url).netloc != home:
                    return url
                answer = self.browser.get(url, allow_redirects=False, timeout=20)
                continue
            assert answer.status_code == 200, f"{answer.url} answered {answer.status_code}:\n{answer.text}"
            filled = self.fill(answer, decision, scopes)
            if filled is None:
                return answer
            answer = filled
        raise AssertionError(f"no end of pages: {answer.url}")

    def fill(self, page: requests.Response, decision: str, scopes: list[str] | None) -> requests.Response | None:
        for form in Forms(page.text).found:
            if "password" in form.names:
                return self.send(page, form, username=self.account.username, password=self.account.password)
            if "decision" in form.names:
                if scopes is not None:
                    form.boxes["scope"] = scopes
                return self.send(page, form, decision=decision)
        return None

    def disconnect(self, server, client_id: str):
        """Takes back, on the page of connected apps, what one app may do."""
        page = self.browser.get(server.at("/account/apps"), timeout=20)
        for form in Forms(page.text).found:
            if form.action == "/account/apps/revoke" and ("client_id", client_id) in form.fields:
                answer = self.send(page, form)
                assert answer.status_code == 303, answer.text
                return
        raise AssertionError(f"{client_id} is not connected:\n{page.text}")

    def send(self, page: requests.Response, form: Form, **values: str) -> requests.Response:
        fields = [(name, value) for name, value in form.fields if name not in values]
        fields += [(name, value) for name, ticked in form.boxes.items() for value in ticked]
        fields += list(values.items())
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        target = urljoin(page.url, form.action)
        return self.browser.post(target, data=fields, headers={"Origin": origin}, allow_redirects=False, timeout=30)
