"""The release binary on a free port, with its data in a folder of its own."""

import json
import os
import secrets
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import requests

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
class Account:
    """Somebody with a password."""

    username: str
    password: str


class Server:
    """A running `valetkey dev`, and its command line."""

    def __init__(self, folder: Path):
        self.data = folder / "data"
        self.log = folder / "log"
        self.port = free_port()
        with self.log.open("wb") as log:
            command = [BINARY, "dev", "--port", str(self.port), "--data", str(self.data)]
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT
            )
        self.wait_until_ready()
        self.metadata = requests.get(self.at("/.well-known/oauth-authorization-server"), timeout=10).json()
        self.issuer = self.metadata["issuer"]

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_until_ready(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended at its start:\n{self.said()}")
            try:
                if requests.get(self.at("/readyz"), timeout=2).ok:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.05)
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
        command = [BINARY, *words, "--data", str(self.data), "--json"]
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

    def account(self) -> Account:
        """Makes an account."""
        made = Account(f"user-{secrets.token_hex(4)}", secrets.token_urlsafe(18))
        self.cli("user", "create", "--username", made.username, "--password-stdin", given=made.password + "\n")
        return made


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
