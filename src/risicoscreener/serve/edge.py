"""What surrounds every request: its id, headers, limits on what runs at once, and a line of log."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from msgspec import Struct

from risicoscreener.serve.logs import Log
from risicoscreener.serve.problems import MEDIA_TYPE, Problem, unavailable
from risicoscreener.serve.settings import Settings, asks_this_machine
from risicoscreener.serve.wording import language_of

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.types import Message, Receive, Scope, Send

API_VERSION = "1.0.0"
SEEN = "risicoscreener.seen"
"""Where a request carries what is noted of it."""
AFTERWARDS = "risicoscreener.afterwards"
"""Where a request carries what is to be done once it is over, however it ends."""
PREFIX = "/v1/"
OPEN_TO_ALL = "/v1/openapi.json"
ASKED_HEADERS = "Authorization, Content-Type, Accept-Language, Idempotency-Key, X-Request-Id"
SHOWN_HEADERS = "API-Version, Retry-After, X-Request-Id"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
HEADERS = (
    (b"api-version", API_VERSION.encode()),
    (b"cache-control", b"no-store"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
ONCE = (
    b"authorization",
    b"content-encoding",
    b"content-type",
    b"host",
    b"idempotency-key",
    b"origin",
    b"traceparent",
    b"x-request-id",
)
"""What is said once: of two, what stands before the service could have looked at the other."""
CLOSED = b"default-src 'none'; frame-ancestors 'none'"
"""Policy of contents for what is no page; a page says its own."""


class Seen(Struct):
    """What is noted of a request for the log: nothing that was typed, nobody by name."""

    request_id: str
    trace_id: str | None = None
    client: str | None = None
    route: str | None = None
    recipient: str | None = None
    purpose: str | None = None
    decision: str | None = None
    case: str | None = None
    outcome: str | None = None
    entry: int | None = None
    lines: int | None = None
    problem: str | None = None


def seen_of(request: Request) -> Seen:
    """What is noted of a request."""
    seen: Seen = request.scope[SEEN]
    return seen


def afterwards_of(request: Request) -> ExitStack:
    """What is to be done once a request is over."""
    afterwards: ExitStack = request.scope[AFTERWARDS]
    return afterwards


class Edge:
    """The application as the server sees it.

    Parameters
    ----------
    app
        What answers.
    settings
        Limits and other sites that may call.
    log
        Where lines go.
    clock
        Seconds that only go forward.

    Attributes
    ----------
    stopping
        Once true, what comes is refused; what runs is finished.
    running
        Requests that are worked on.
    failed
        Why the service did not start, if it did not.
    """

    def __init__(
        self,
        app: FastAPI,
        settings: Settings,
        log: Log,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.app, self._settings, self._log, self._clock = app, settings, log, clock
        self.stopping = False
        self.running = 0
        self.failed: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens in it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers: dict[bytes, str] = {n: value.decode("latin-1") for n, value in scope["headers"]}
        seen = scope[SEEN] = _seen(headers)
        answer = _Answer(send, seen, self._of_origin(scope, headers), self._settings.stall_seconds)
        afterwards = scope[AFTERWARDS] = ExitStack()
        started = self._clock()
        self.running += 1
        try:
            refused = _ambiguous(scope["headers"], headers)
            refused = refused or self._refused(scope, headers.get(b"host", ""))
            if refused is not None:
                await answer.problem(refused, headers)
            elif scope["method"] == "OPTIONS" and b"origin" in headers:
                await answer.preflight()
            else:
                await self.app(scope, receive, answer.send)
        except Exception as error:
            self._log.fault(error, request_id=seen.request_id)
            if not answer.status:
                await answer.problem(fault(), headers)
        finally:
            self.running -= 1
            afterwards.close()
            self._write(scope, seen, answer, self._clock() - started)

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """What a server does around an application: for tests, and to ask without a server."""
        async with self.app.router.lifespan_context(self.app):
            yield

    def _refused(self, scope: Scope, host: str) -> Problem | None:
        """Why a request is not begun; whether the service lives can always be asked.

        A page of another site reaches a demonstration under a name that it makes lead here: such a
        name is not this machine.
        """
        if self._settings.demo and not asks_this_machine(host):
            return Problem(403, "host", "a demonstration is for this machine; expected 127.0.0.1")
        if scope["path"] == "/v1/health":
            return None
        if self.stopping:
            return unavailable("stopping", "the service is being stopped")
        if self.running > self._settings.max_at_once:
            return unavailable("busy", "too much is asked at once", seconds=1)
        return None

    def _of_origin(self, scope: Scope, headers: dict[bytes, str]) -> list[tuple[bytes, bytes]]:
        """What lets a page of another site read the answer, if it may."""
        if scope["path"] == OPEN_TO_ALL:
            return [(b"access-control-allow-origin", b"*")]
        found: list[tuple[bytes, bytes]] = [(b"vary", b"Origin, Accept-Language")]
        origin = headers.get(b"origin", "")
        if origin in self._settings.origins:
            found += [
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-expose-headers", SHOWN_HEADERS.encode()),
            ]
        return found

    def _write(self, scope: Scope, seen: Seen, answer: _Answer, seconds: float) -> None:
        noted = {name: getattr(seen, name) for name in seen.__struct_fields__}
        if noted["case"] is not None:
            noted["case"] = self._log.pseudonym(noted["case"])
        noted["route"] = noted["route"] or "unknown"
        self._log.say(
            "request",
            method=scope["method"] if scope["method"].isalpha() else "unknown",
            status=answer.status,
            whole=answer.whole,
            ms=round(seconds * 1000, 2),
            bytes_out=answer.size,
            **noted,
        )


class _Answer:
    """Sends an answer, with the headers that each has, and no slower than may be."""

    def __init__(
        self, send: Send, seen: Seen, extra: list[tuple[bytes, bytes]], seconds: float
    ) -> None:
        self._send, self._seen, self._extra, self._seconds = send, seen, extra, seconds
        self.status, self.size, self.whole = 0, 0, False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._headers(message)}
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
            self.whole = not message.get("more_body", False)
        async with asyncio.timeout(self._seconds):
            await self._send(message)

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        own = list(message.get("headers", []))
        names = {name for name, _ in own}
        added = [pair for pair in HEADERS if pair[0] not in names]
        if b"content-security-policy" not in names:
            added.append((b"content-security-policy", CLOSED))
        return [*own, *added, *self._extra, (b"x-request-id", self._seen.request_id.encode())]

    async def problem(self, problem: Problem, headers: dict[bytes, str]) -> None:
        self._seen.problem = problem.code
        lang = language_of(headers.get(b"accept-language", ""))
        body = problem.to_json(lang, self._seen.request_id)
        said = {"content-type": MEDIA_TYPE, "content-language": lang, **problem.headers}
        await self._whole(problem.status, said, body)

    async def preflight(self) -> None:
        """What a browser asks before a page of another site may."""
        said = {
            "access-control-allow-methods": "GET, HEAD, POST",
            "access-control-allow-headers": ASKED_HEADERS,
            "access-control-max-age": "600",
        }
        await self._whole(204, said, b"")

    async def _whole(self, status: int, said: dict[str, str], body: bytes) -> None:
        listed = [(name.lower().encode(), value.encode("latin-1")) for name, value in said.items()]
        if status != 204:
            listed.append((b"content-length", str(len(body)).encode()))
        await self.send({"type": "http.response.start", "status": status, "headers": listed})
        await self.send({"type": "http.response.body", "body": body})


def _ambiguous(listed: Iterable[tuple[bytes, bytes]], headers: dict[bytes, str]) -> Problem | None:
    """Why it is not clear what a request says, where others could read it otherwise.

    Of a length that is said in two ways the connection has to be closed (RFC 9112, section 6.1).
    """
    detail = ""
    if b"transfer-encoding" in headers and b"content-length" in headers:
        detail = "its length is said in two ways; expected Content-Length or Transfer-Encoding"
    names = [name for name, _ in listed]
    if len(names) > len(headers):
        twice = [name.decode() for name in ONCE if names.count(name) > 1]
        detail = f"{', '.join(twice)} is there twice; expected it once" if twice else detail
    return Problem(400, "request", detail, {"Connection": "close"}) if detail else None


def _seen(headers: dict[bytes, str]) -> Seen:
    given = headers.get(b"x-request-id", "").lower()
    trace = _TRACE.fullmatch(headers.get(b"traceparent", ""))
    return Seen(
        request_id=given if _UUID.fullmatch(given) else str(uuid4()),
        trace_id=trace.group(1) if trace else None,
    )


def fault() -> Problem:
    """The answer to what should not have happened; it says nothing of it."""
    return Problem(500, "fault", "something failed in the service; its log has this instance")
