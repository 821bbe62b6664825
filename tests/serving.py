"""A service in this process or in one of its own, and tokens that it believes."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from risicoscreener.serve import Settings, make_app
from risicoscreener.serve.logs import Log

ISSUER, AUDIENCE = "https://issuer.example.org", "risicoscreener"
DECIDER = ("screenings", "explanations", "purpose:decision_maker/decision", "role:director")
EVERYTHING = (
    *DECIDER,
    "policies",
    "purpose:person/access",
    "purpose:municipality/reintegration",
    "purpose:probation/reintegration",
    "purpose:evaluator/evaluation",
)
SCREEN = "/v1/screenings?recipient=decision_maker&purpose=decision"
EXPLAIN = "/v1/explanations?recipient=decision_maker&purpose=decision"
JSON = {"content-type": "application/json"}
LINES = {"content-type": "application/x-ndjson"}


class Issuer:
    """Signs tokens; `keys` is a file with its public keys."""

    def __init__(self, folder: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.keys = folder / "keys.json"
        self.publish("one")

    def publish(self, kid: str) -> None:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        self.keys.write_text(json.dumps({"keys": [{**public, "kid": kid, "use": "sig"}]}))

    def token(
        self,
        *scopes: str,
        key: Any = None,
        alg: str = "ES256",
        kid: str = "one",
        head: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        now = int(time.time())
        said = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "system-a",
            "client_id": claims.get("sub", "system-a"),
            "jti": "token-1",
            "iat": now,
            "exp": now + 600,
            "scope": " ".join(scopes),
        }
        said |= claims
        plain = {name: value for name, value in said.items() if value is not None}
        named = {"kid": kid, "typ": "at+jwt", **(head or {})}
        return jwt.encode(plain, key or self.key, algorithm=alg, headers=named)

    def bearer(self, *scopes: str, **claims: Any) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(*scopes, **claims)}"}

    def settings(self, record: str | Path, **given: Any) -> Settings:
        return Settings(
            record=str(record), issuer=ISSUER, audience=AUDIENCE, keys=str(self.keys), **given
        )


class Running:
    """A service in this process; `lines` is what it logged."""

    def __init__(self, settings: Settings, **given: Any) -> None:
        self.stream = io.StringIO()
        self.edge = make_app(settings, log=Log(self.stream, b"k" * 32), **given)
        self.service = self.edge.app.state.service
        self.service.start()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @asynccontextmanager
    async def client(self) -> Any:
        transport = httpx.ASGITransport(app=self.edge, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
            yield found

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with self.client() as client:
                return await client.request(method, path, **given)

        return asyncio.run(asked())

    def post(self, path: str, content: Any, headers: dict[str, str]) -> httpx.Response:
        return self.ask("POST", path, content=content, headers={**JSON, **headers})

    def close(self) -> None:
        self.service.stop()


@contextmanager
def running(settings: Settings, **given: Any) -> Iterator[Running]:
    found = Running(settings, **given)
    try:
        yield found
    finally:
        found.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Process:
    """A service in a process of its own, as the command starts it."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.said = folder / f"said-{self.port}.log"
        command = [sys.executable, "-m", "risicoscreener", "serve", "--port", str(self.port)]
        with self.said.open("wb") as stream:
            self.process = subprocess.Popen(
                [*command, *words], stdout=stream, stderr=subprocess.STDOUT, env=os.environ
            )
        try:
            self._wait()
        except BaseException:  # nobody else would end it
            self.process.kill()
            self.process.wait()
            raise

    def _wait(self) -> None:
        end = time.monotonic() + 300  # on a machine that does much else
        while time.monotonic() < end:
            assert self.process.poll() is None, self.said.read_text()
            try:
                if httpx.get(f"{self.address}/v1/readiness").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError(self.said.read_text())

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(60)


@contextmanager
def process(folder: Path, *words: str) -> Iterator[Process]:
    found = Process(folder, *words)
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.process.kill()
            found.process.wait()


def words_of(settings: Settings, *more: str) -> list[str]:
    """The settings as they are typed."""
    assert settings.record is not None
    assert settings.keys is not None
    return [
        *("--record", settings.record, "--issuer", ISSUER, "--audience", AUDIENCE),
        *("--jwks", settings.keys, *more),
    ]


DAY = dt.date(2026, 6, 1)


def on_a_day() -> dt.date:
    """The day on which tests give: the same each time."""
    return DAY
