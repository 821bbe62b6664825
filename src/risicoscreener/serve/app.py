"""The service: what can be asked, of whom it is believed, and what is answered."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from risicoscreener.errors import RisicoscreenerError
from risicoscreener.screening import Screener
from risicoscreener.serve.answers import Answers, Asked, Prepared
from risicoscreener.serve.asking import asked_of, key_of
from risicoscreener.serve.bodies import (
    JSON,
    LINES,
    Line,
    check_accepted,
    media_type_of,
    read_lines,
    read_whole,
)
from risicoscreener.serve.edge import Edge, afterwards_of, fault, seen_of
from risicoscreener.serve.limits import Buckets, Places
from risicoscreener.serve.logs import Log
from risicoscreener.serve.looking import add_looking
from risicoscreener.serve.pages import add_pages
from risicoscreener.serve.problems import MEDIA_TYPE, Problem, problem_of, unavailable
from risicoscreener.serve.recording import Earlier, Recorder, Written
from risicoscreener.serve.settings import Settings
from risicoscreener.serve.tokens import DEMO, Client, Verifier
from risicoscreener.serve.wording import language_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from risicoscreener.screening.record import Actor
    from risicoscreener.screening.record.chain import Entry


class Service:
    """What a running service has: models, record, keys, limits.

    Parameters
    ----------
    settings
        Checked settings.
    log
        Where lines go.
    today, clock
        The day on which something is given, and seconds that only go forward.
    """

    def __init__(
        self,
        settings: Settings,
        log: Log,
        today: Callable[[], dt.date] = dt.date.today,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self.log, self.today = settings, log, today
        self.screener = Screener.load(settings.bundle, settings.policies, today=today)
        self.answers = Answers(self.screener, records=not settings.demo, today=today)
        self.recorder: Recorder | None = None
        self.buckets = Buckets(settings.requests_per_minute, settings.burst, clock)
        self.places = Places(settings.max_at_once_of_client)
        self.verifier = None if settings.demo else Verifier(settings)
        self.edge: Edge | None = None
        self._threads: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Open the record, read the keys, start threads.

        Raises
        ------
        RecordError, ServiceError
            If the record or the keys cannot be had.
        """
        if self.verifier is not None:
            self.verifier.load()
        self.answers.get_ready()
        if self.settings.record is not None:
            self.recorder = Recorder(self.settings.record)
        self._threads = ThreadPoolExecutor(self.settings.threads, thread_name_prefix="screen")

    def stop(self) -> None:
        """Write what waits, and let go of everything."""
        if self._threads is not None:
            self._threads.shutdown()
        if self.recorder is not None:
            self.recorder.close()

    @property
    def stopping(self) -> bool:
        """Whether the service is being stopped."""
        return self.edge is not None and self.edge.stopping

    def check_usable(self) -> None:
        """Raise BundleError after the last day on which the models may decide, by their own rule.

        The day is that of the service, whatever day a picture is of: it decides now.
        """
        self.screener.bundle.check_usable(self.today())

    async def client(self, request: Request, scope: str) -> Client:
        """Who asks, if it may; it has one of its places until the request is over.

        Raises
        ------
        Problem
            401, 403, 429 or 503.
        """
        if self.verifier is None:
            client = DEMO
        else:
            client = await self.verifier.client(request.headers.get("authorization", ""))
        seen_of(request).client = client.id
        client.check(scope)
        self.places.take(client.id, afterwards_of(request))
        return client

    def check_still(self, client: Client) -> None:
        """Raise Problem 401 if the token of a client has ended since: a stream can be long."""
        if self.verifier is not None:
            self.verifier.check_still(client)

    async def in_thread(self, work: Callable[..., Any], *given: Any) -> Any:
        """The result of work in a thread, so that others are heard meanwhile.

        Raises
        ------
        Problem
            503 if it takes too long.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.settings.answer_seconds):
                return await loop.run_in_executor(self._threads, work, *given)
        except TimeoutError:
            raise _too_long() from None

    async def answer(
        self, dossier: bytes, asked: Asked, client: Client, by: Actor | None, given_key: str = ""
    ) -> tuple[Prepared, Entry | None]:
        """The answer to one dossier; it is in the record.

        Raises
        ------
        Problem, RisicoscreenerError
            As `check_usable`, `Answers.prepare` and `Answers.again`.
        """
        self.check_usable()
        key = self.answers.key(client.id, given_key, asked, dossier) if given_key else None
        if key is not None and self.recorder is not None:
            before = await self.in_thread(self.recorder.earlier, key.name)
            if before is not None:
                return await self._again(before, dossier, asked, key)
        prepare = partial(self.answers.prepare, dossier, asked, by, key)
        if self.recorder is None:
            return await self.in_thread(prepare), None
        prepared, written = await self._recorded(self.recorder, prepare)
        if isinstance(written, Earlier):
            return await self._again(written, dossier, asked, key)
        return prepared, written[0]

    async def _recorded(
        self, recorder: Recorder, prepare: Callable[[], Prepared]
    ) -> tuple[Prepared, Written]:
        """What was prepared, and what was written of it.

        Raises
        ------
        Problem
            503 if it takes too long, which says whether it may have been kept.
        """
        assert self._threads is not None
        done: Future[tuple[Prepared, Written]] = Future()
        self._threads.submit(recorder.add_made, prepare, done)
        try:
            async with asyncio.timeout(self.settings.answer_seconds):
                return await asyncio.wrap_future(done)
        except TimeoutError:
            raise (_too_long() if done.cancel() else _unknown_whether_kept()) from None

    async def _again(
        self, before: Earlier, dossier: bytes, asked: Asked, key: Any
    ) -> tuple[Prepared, Entry | None]:
        prepared = await self.in_thread(self.answers.again, before, dossier, asked, key)
        return prepared, before.entry

    async def answer_line(
        self, line: Line, asked: Asked, client: Client, by: Actor | None, given_key: str
    ) -> bytes:
        """The answer to one line of a stream, also where it is a problem."""
        try:
            if isinstance(line.content, Problem):
                raise line.content
            key = f"{given_key}/{line.number}" if given_key else ""
            prepared, entry = await self.answer(line.content, asked, client, by, key)
            return b'{"line":%d,"status":200,%b\n' % (line.number, prepared.body(entry)[1:])
        except Problem as error:
            return _problem_line(line.number, error, asked)
        except RisicoscreenerError as error:
            return _problem_line(line.number, problem_of(error), asked)


def _too_long() -> Problem:
    return unavailable("too-long", "the answer took too long; nothing was kept")


def _unknown_whether_kept() -> Problem:
    return unavailable(
        "record",
        "the record did not answer in time, so that it is not known whether this was kept; "
        "ask again with the same Idempotency-Key",
    )


def _problem_line(number: int, problem: Problem, asked: Asked) -> bytes:
    said = {"line": number, "status": problem.status, "problem": problem.to_dict(asked.lang)}
    return msgspec.json.encode(said) + b"\n"


def make_app(
    settings: Settings,
    *,
    log: Log | None = None,
    today: Callable[[], dt.date] = dt.date.today,
    clock: Callable[[], float] = time.monotonic,
) -> Edge:
    """The service as an ASGI application.

    Parameters
    ----------
    settings
        What it is told.
    log
        Where its lines go; standard error by default.
    today, clock
        The day on which something is given, and seconds that only go forward.

    Raises
    ------
    ServiceError
        If the settings do not fit together, or a package is not installed.
    BundleError, PolicyError
        If models or policies cannot be used.
    """
    service = Service(settings.checked(), log or Log(), today, clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            await asyncio.to_thread(service.start)
        except Exception as error:
            assert service.edge is not None
            service.edge.failed = error
            service.log.fault(error)
            raise
        bundle = service.screener.bundle
        standing = bundle.standing(today())
        service.log.say("started", demo=settings.demo, bundle=bundle.id, standing=standing)
        try:
            yield
        finally:
            await asyncio.to_thread(service.stop)
            service.log.say("stopped")

    api = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    api.state.service = service
    _add_problems(api)
    _add_screenings(api, service)
    add_looking(api, service)
    if settings.demo:
        add_pages(api, service)
    service.edge = Edge(api, settings, service.log)
    return service.edge


def _add_problems(api: FastAPI) -> None:
    def said(request: Request, problem: Problem) -> Response:
        seen = seen_of(request)
        seen.problem = problem.code
        lang = language_of(request.headers.get("accept-language", ""))
        body = problem.to_json(lang, seen.request_id)
        headers = {"Content-Language": lang, **problem.headers}
        return Response(body, problem.status, headers, media_type=MEDIA_TYPE)

    @api.exception_handler(Problem)
    async def of_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return said(request, error)

    @api.exception_handler(RisicoscreenerError)
    async def of_library(request: Request, error: Exception) -> Response:
        assert isinstance(error, RisicoscreenerError)
        return said(request, problem_of(error))

    @api.exception_handler(HTTPException)
    async def of_framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return said(request, _of_framework(error.status_code, dict(error.headers or {})))

    @api.exception_handler(Exception)
    async def of_fault(request: Request, _: Exception) -> Response:  # what surrounds it logs it
        return said(request, fault())


def _of_framework(status: int, headers: dict[str, str]) -> Problem:
    if status == 405:
        detail = f"expected one of the methods {headers.get('Allow', headers.get('allow', ''))}"
        return Problem(405, "method", detail, headers)
    if status == 404:
        return Problem(404, "not-found", "there is nothing at this address")
    return Problem(status, "request", "the request cannot be understood", headers)


def _add_screenings(api: FastAPI, service: Service) -> None:
    async def begin(
        request: Request, what: Literal["screening", "explanation"], scope: str
    ) -> tuple[Client, Asked, Actor | None]:
        client = await service.client(request, scope)
        asked = asked_of(request, what, service.screener.kinds, service.today())
        seen = seen_of(request)
        seen.recipient, seen.purpose = asked.recipient, asked.purpose
        seen.decision = asked.decision
        client.check(f"purpose:{asked.recipient}/{asked.purpose}")
        by = None if service.settings.demo else client.actor()
        service.check_usable()
        return client, asked, by

    async def one(request: Request, client: Client, asked: Asked, by: Actor | None) -> Response:
        check_accepted(request, JSON)
        service.buckets.take(client.id)
        limits = service.settings
        dossier = await read_whole(request, limits.max_dossier_bytes, limits.read_seconds)
        prepared, entry = await service.answer(dossier, asked, client, by, key_of(request))
        seen = seen_of(request)
        seen.case, seen.outcome = prepared.person_id, prepared.outcome
        seen.entry = None if entry is None else entry.link.sequence
        return Response(prepared.body(entry), 200, {"Content-Language": asked.lang}, JSON)

    async def screenings(request: Request) -> Response:
        seen_of(request).route = "/v1/screenings"
        kind = media_type_of(request)
        client, asked, by = await begin(request, "screening", "screenings")
        if kind == JSON:
            return await one(request, client, asked, by)
        check_accepted(request, LINES)
        service.buckets.take(client.id)
        lines = _answer_lines(service, request, client, asked, by)
        return _Stream(lines, 200, {"Content-Language": asked.lang}, LINES)

    async def explanations(request: Request) -> Response:
        seen_of(request).route = "/v1/explanations"
        if media_type_of(request) != JSON:
            raise Problem(415, "media-type", f"expected {JSON}", {"Accept-Post": JSON})
        client, asked, by = await begin(request, "explanation", "explanations")
        return await one(request, client, asked, by)

    # nothing in them is declared for the framework to read, which would take a tenth of the time
    for path, answer in (("/v1/screenings", screenings), ("/v1/explanations", explanations)):
        api.router.routes.append(Route(path, answer, methods=["POST"]))


class _Stream(StreamingResponse):
    """A body that is sent while that of the request still comes in.

    The class above listens for whoever goes away, and so would take the parts of the request.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await self.stream_response(send)


async def _answer_lines(
    service: Service, request: Request, client: Client, asked: Asked, by: Actor | None
) -> AsyncIterator[bytes]:
    """Answers to the lines of a body, some at a time; the last line says whether it is whole."""
    limits, key = service.settings, key_of(request)
    seen, answered = seen_of(request), 0
    said: dict[str, Any] = {"done": True}
    try:
        async for batch in read_lines(
            request, limits.max_dossier_bytes, limits.max_stream_lines, limits.read_seconds
        ):
            if service.stopping:
                raise unavailable("stopping", "the service is being stopped")
            await _wait_for(service, client, len(batch))
            service.check_still(client)
            found = await asyncio.gather(
                *(service.answer_line(line, asked, client, by, key) for line in batch)
            )
            answered += len(batch)
            yield b"".join(found)
    except Problem as error:
        seen.problem = error.code
        said = {"done": False, "problem": error.to_dict(asked.lang, seen.request_id)}
    seen.lines = answered
    yield msgspec.json.encode({**said, "answered": answered}) + b"\n"


async def _wait_for(service: Service, client: Client, lines: int) -> None:
    """Let a stream go on at the rate of its client; the request itself took the first."""
    for _ in range(lines):
        while (seconds := service.buckets.seconds_until_one(client.id)) > 0:
            await asyncio.sleep(min(seconds, 1.0))
        service.buckets.take(client.id)
