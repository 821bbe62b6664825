"""Send anything to the service, and look for what it should not have answered.

    python scripts/fuzz_service.py                       # a hundred thousand requests
    python scripts/fuzz_service.py --requests 1000000    # a million, over both processors

Requests go to the application itself, without a socket: bodies of noise, dossiers with
something wrong, streams of them, addresses and headers of all kinds, tampered tokens. A
fault is an answer of 500, one that is no problem by RFC 9457 where it should be, one without the
headers that each must have, or an exception.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import io
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from risicoscreener.serve import make_app  # noqa: E402
from risicoscreener.serve.logs import Log  # noqa: E402
from serving import EVERYTHING, Issuer  # noqa: E402

EXAMPLES = [
    json.loads((ROOT / "examples" / f"{name}.json").read_text("utf-8"))
    for name in ("grant", "deny", "deep_assessment")
]
SMALL = {"person_id": "case-0001", "person": {"birth_date": "1980-01-01", "sex": "male"}}
PATHS = [
    "/v1/screenings",
    "/v1/explanations",
    "/v1/policies",
    "/v1/policies/leave/2021-07-01",
    "/v1/bundle",
    "/v1/purposes",
    "/v1/health",
    "/v1/readiness",
    "/v1/openapi.json",
    "/",
    "/v1/screenings/",
    "/v1/policies/%2e%2e/%2e%2e",
    "/v1/policies/leave/\x00",
    "/static/../settings.py",
]
METHODS = ["POST", "POST", "POST", "POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "X"]
KINDS = [
    "application/json",
    "application/json",
    "application/x-ndjson",
    "application/json; charset=utf-8",
    "text/plain",
    "application/x-www-form-urlencoded",
    "",
    "\xff",
]
VALUES: list[Any] = [
    None, True, False, 0, -1, 1e308, -1e308, 2**63, 10**400, "", "0", "x" * 300, "\x00", "\ud800",
    "1900-01-01", "9999-12-31", "2024-02-30", "0001-01-01", [], {}, [[]], {"a": 1}, "=1+1", "NaN",
]  # fmt: skip
QUERY = [
    "recipient=decision_maker", "purpose=decision", "recipient=person", "purpose=access",
    "decision=leave", "decision=conditional_release", "decision=x", "asOf=2024-01-01",
    "asOf=0000-00-00", "asOf=2999-01-01", "onError=quarantine", "onError=", "lang=en", "lang=%ff",
    "a", "=", "&&", "recipient=%00", "purpose=" + "x" * 300,
]  # fmt: skip


class Fuzz:
    """Makes requests of a seed."""

    def __init__(self, seed: int, issuer: Issuer) -> None:
        self.random = random.Random(seed)
        self.token = issuer.token(*EVERYTHING)

    def body(self) -> bytes:
        """A body."""
        pick = self.random.random()
        if pick < 0.1:
            return self.random.randbytes(self.random.randrange(200))
        if pick < 0.2:
            return json.dumps(self.value(3)).encode("utf-8", "surrogatepass")
        lines = [self.dossier() for _ in range(1 if pick < 0.8 else self.random.randrange(5))]
        return b"\n".join(lines)

    def dossier(self) -> bytes:
        """A dossier in which something may be wrong."""
        small = self.random.random() < 0.8
        plain = json.loads(json.dumps(SMALL if small else self.random.choice(EXAMPLES)))
        for _ in range(self.random.randrange(3)):
            self.spoil(plain)
        text = json.dumps(plain).encode("utf-8", "surrogatepass")
        if self.random.random() < 0.2:
            place = self.random.randrange(len(text))
            cut = self.random.randrange(3)
            text = text[:place] + self.random.randbytes(cut) + text[place + cut :]
        return text

    def spoil(self, plain: Any) -> None:
        """Put something where it does not belong."""
        here = plain
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                return
            key = self.random.choice(keys)
            if not isinstance(here[key], (dict, list)) or not here[key]:
                break
            if self.random.random() < 0.15:
                break
            here = here[key]
        here[key] = self.value(2)

    def value(self, depth: int) -> Any:
        """Any value."""
        if depth and self.random.random() < 0.3:
            if self.random.random() < 0.5:
                return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
            return {str(self.random.choice(VALUES)): self.value(depth - 1) for _ in range(3)}
        return copy.deepcopy(self.random.choice(VALUES))

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Headers."""
        token = self.token
        if self.random.random() < 0.1:
            place = self.random.randrange(len(token))
            token = token[:place] + self.random.choice("aZ.=\x7f") + token[place + 1 :]
        kinds = KINDS[:3] if self.random.random() < 0.85 else KINDS
        said = {"host": "127.0.0.1", "content-type": self.random.choice(kinds)}
        if self.random.random() < 0.95:
            said["authorization"] = f"Bearer {token}"
        for name, values in (
            ("accept", ["*/*", "application/json", "text/html", ";;,", "application/*;q=0"]),
            ("accept-language", ["en", "nl", "\xff", ",;q"]),
            ("idempotency-key", ["a-shared-key", f"key-{self.random.random()}", "short", "\x01"]),
            ("content-length", ["-1", "9" * 30, "abc", "5", "\xb2"]),
            ("content-encoding", ["gzip", "identity"]),
            ("origin", ["https://a.example.org", "null"]),
            ("x-request-id", ["../../etc", "0f8fad5b-d9cb-469f-a165-70867728950e"]),
            ("traceparent", ["00-zz", f"00-{'a' * 32}-{'b' * 16}-01"]),
        ):
            if self.random.random() < 0.1:
                said[name] = self.random.choice(values)
        return [(name.encode(), value.encode("latin-1")) for name, value in said.items()]

    def query(self) -> bytes:
        """The parameters of an address."""
        if self.random.random() < 0.75:
            return b"recipient=decision_maker&purpose=decision"
        chosen = self.random.choices(QUERY, k=self.random.randrange(6))
        return "&".join(chosen).encode("latin-1")

    def scope(self) -> dict[str, Any]:
        """A request."""
        path = self.random.choice(PATHS) if self.random.random() < 0.3 else PATHS[0]
        usual = "POST" if path in PATHS[:2] else "GET"
        method = self.random.choice(METHODS) if self.random.random() < 0.1 else usual
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("latin-1"),
            "query_string": self.query(),
            "root_path": "",
            "headers": self.headers(),
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }


async def ask(
    app: Any, scope: dict[str, Any], body: bytes
) -> tuple[int, dict[bytes, bytes], bytes]:
    """The answer to a request."""
    sent: list[dict[str, Any]] = []
    given = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return given.pop() if given else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), content


def fault_in(status: int, headers: dict[bytes, bytes], body: bytes) -> str:
    """What is wrong with an answer, or nothing."""
    if status >= 500:
        return f"status {status}: {body[:200]!r}"
    if not {b"api-version", b"x-content-type-options", b"x-request-id"} <= set(headers):
        return "a header is missing"
    if status >= 400:
        said = json.loads(body)
        if headers[b"content-type"] != b"application/problem+json" or said["status"] != status:
            return f"no problem: {body[:200]!r}"
    if headers.get(b"content-type") == b"application/x-ndjson":
        for line in body.splitlines():
            if json.loads(line).get("status", 200) >= 500:
                return f"a line: {line[:200]!r}"
    return ""


async def fuzz(requests: int, seed: int) -> tuple[Counter[int], list[str]]:
    """Send so many requests; the statuses of the answers, and the faults."""
    counted: Counter[int] = Counter()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        issuer = Issuer(Path(folder))
        settings = issuer.settings(
            Path(folder) / "record.db", requests_per_minute=10_000_000, burst=10_000_000
        )
        log = io.StringIO()
        app = make_app(settings, log=Log(log))
        service = app.app.state.service  # type: ignore[attr-defined]
        service.start()
        made = Fuzz(seed, issuer)
        for number in range(requests):
            if number % 1000 == 0:
                log.truncate(0)
                log.seek(0)
                made.token = issuer.token(*EVERYTHING)
            scope, body = made.scope(), made.body()
            try:
                status, headers, content = await ask(app, scope, body)
                wrong = fault_in(status, headers, content)
            except Exception as error:  # that is what is looked for
                status, wrong = 0, repr(error)
            counted[status] += 1
            if wrong:
                faults.append(f"seed {seed}, request {number}: {scope['method']} {wrong}")
        service.stop()
    return counted, faults


def one(given: tuple[int, int]) -> tuple[Counter[int], list[str]]:
    """A part of the requests, in a process."""
    return asyncio.run(fuzz(*given))


def main(requests: int, seed: int, jobs: int) -> bool:
    """Send so many requests from several processes; whether nothing was wrong."""
    started = time.perf_counter()
    per_part = 20_000  # requests of one service
    parts = [
        (min(per_part, requests - first), seed + place)
        for place, first in enumerate(range(0, requests, per_part))
    ]
    counted: Counter[int] = Counter()
    faults: list[str] = []
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for some, wrong in pool.imap_unordered(one, parts):
            counted += some
            faults += wrong
            for fault in wrong[:5]:
                print(fault, flush=True)
            print(f"{sum(counted.values()):,} requests, {len(faults)} faults", flush=True)
    seconds = time.perf_counter() - started
    said = ", ".join(f"{status}: {n:,}" for status, n in sorted(counted.items()))
    print(f"{sum(counted.values()):,} requests in {seconds:,.0f} s, {len(faults)} faults; {said}")
    return not faults


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    sys.exit(not main(given.requests, given.seed, given.jobs))
