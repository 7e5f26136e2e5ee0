"""The release binary on a free port, with its data in a folder of its own: for trying out, or in production over TLS."""

import json
import os
import secrets
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import requests

import keys

BINARY = os.environ.get("VALETKEY_BIN", "target/release/valetkey")
PATIENCE = 30

# What whoever runs the tests has set for a server of their own is not for these.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("VALETKEY_")}


@dataclass(frozen=True)
class Client:
    """A registered client, as its developer knows it."""

    id: str
    secret: str | None
    redirect_uri: str


@dataclass(frozen=True)
class Consumer:
    """A client that speaks OAuth 1 (RFC 5849), as its developer knows it."""

    key: str
    secret: str | None
    callback: str
    name: str


@dataclass(frozen=True)
class Account:
    """Somebody with a password."""

    username: str
    password: str


class Server:
    """A running `valetkey dev`, and its command line."""

    # Whom its callers trust: an authority's file, or those that the machine trusts.
    trust: str | bool = True

    def __init__(self, folder: Path, *more: str):
        self.folder = folder
        self.log = folder / "log"
        self.port = free_port()
        self.place = ["--data", str(folder / "data")]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.run("dev", "--port", str(self.port), *self.place, *more)

    def run(self, *words: str):
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [BINARY, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT
            )
        self.wait_until_ready()
        self.metadata = self.get("/.well-known/oauth-authorization-server").json()
        self.issuer = self.metadata["issuer"]

    def at(self, path: str) -> str:
        return f"{self.origin}{path}"

    def get(self, path: str, **more) -> requests.Response:
        return requests.get(self.at(path), timeout=10, verify=self.trust, **more)

    def wait_until_ready(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended at its start:\n{self.said()}")
            try:
                if self.get("/readyz").ok:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the server is not ready after {PATIENCE} s:\n{self.said()}")

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cli(self, *words: str, given: str | None = None) -> dict:
        """One command of the command line; its JSON."""
        command = [BINARY, *words, *self.place, "--json"]
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=60, env=ENVIRONMENT
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def client(self, *grants: str, redirect_uri="https://client.example/callback", scope="profile", public=False) -> Client:
        """Registers a client."""
        words = ["client", "create", "--name", f"App {secrets.token_hex(3)}", "--scope", scope]
        if "authorization_code" in grants:
            words += ["--redirect-uri", redirect_uri]
        for grant in grants:
            words += ["--grant", grant]
        if public:
            words += ["--public"]
        made = self.cli(*words)
        return Client(made["client_id"], made.get("client_secret"), redirect_uri)

    def consumer(self, *methods: str, more=(), callback="https://client.example/ready", scope="profile") -> Consumer:
        """Registers a client that speaks OAuth 1, by the server's signature methods if none is named."""
        name = f"Consumer {secrets.token_hex(3)}"
        words = ["client", "create", "--name", name, "--scope", scope, "--oauth1", "--redirect-uri", callback]
        for method in methods:
            words += ["--oauth1-method", method]
        if any(method.startswith("RSA") for method in methods):
            words += ["--oauth1-rsa-key", str(keys.public_key_file(self.folder))]
        made = self.cli(*words, *more)
        return Consumer(made["client_id"], made.get("oauth1_secret"), callback, name)

    def account(self) -> Account:
        """Makes an account."""
        made = Account(f"user-{secrets.token_hex(4)}", secrets.token_urlsafe(18))
        self.cli("user", "create", "--username", made.username, "--password-stdin", given=made.password + "\n")
        return made


class Production(Server):
    """A running `valetkey serve`, over TLS with a certificate of its own unless it is told otherwise."""

    def __init__(self, folder: Path, issuer: str = "https://localhost:{port}", more: str = ""):
        self.folder = folder
        self.log = folder / "log"
        self.port = free_port()
        issuer = issuer.format(port=self.port)
        text = f'issuer = "{issuer}"\nlisten = "127.0.0.1:{self.port}"\ndatabase = "sqlite://valetkey.sqlite"\n'
        text += f'master_key_file = "master.key"\n{more}\n'
        if issuer.startswith("https:"):
            certificate, key = keys.certificate(folder)
            text += f'[tls]\ncertificate_file = "{certificate.name}"\nkey_file = "{key.name}"\n'
            self.trust = str(certificate)
        self.origin = issuer if self.trust is not True else f"http://127.0.0.1:{self.port}"
        config = folder / "valetkey.toml"
        config.write_text(text)
        (folder / "master.key").write_bytes(secrets.token_bytes(32))
        self.place = ["--config", str(config)]
        self.run("serve", *self.place)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
