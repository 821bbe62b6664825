"""Bodies of requests, read within a size and a time; nothing larger is ever in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from starlette.requests import ClientDisconnect

from risicoscreener.serve.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import Request

JSON, LINES = "application/json", "application/x-ndjson"
LINES_AT_ONCE = 64
BYTES_AT_ONCE = 1_000_000


class Line(Struct, frozen=True):
    """A line of a stream: its number from 1, and its bytes, or what is wrong with it."""

    number: int
    content: bytes | Problem


def media_type_of(request: Request) -> str:
    """What kind of body a request has.

    Raises
    ------
    Problem
        415 if it is none that is understood.
    """
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if kind.strip().lower() not in (JSON, LINES) or charset not in ("", "charset=utf-8"):
        raise _unsupported(f"the content type is {given[:100]!r}; expected {JSON} or {LINES}")
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() != "identity":
        raise _unsupported(f"the content encoding is {encoding[:100]!r}; expected none")
    return kind.strip().lower()


def _unsupported(detail: str) -> Problem:
    return Problem(415, "media-type", detail, {"Accept-Post": f"{JSON}, {LINES}"})


def check_accepted(request: Request, *offered: str) -> None:
    """Raise Problem 406 if a client takes none of what is offered."""
    accepted = ",".join(request.headers.getlist("accept")) or "*/*"
    for part in accepted.lower().split(","):
        wanted, *parameters = (piece.strip() for piece in part.split(";"))
        if any(p.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for p in parameters):
            continue
        for kind in offered:
            if wanted in ("*/*", kind, f"{kind.split('/')[0]}/*"):
                return
    raise Problem(406, "not-acceptable", f"expected Accept to name {' or '.join(offered)}")


async def read_whole(request: Request, most: int, seconds: float) -> bytes:
    """The body of a request.

    Raises
    ------
    Problem
        413 if it is larger than ``most`` bytes, which is known before it is read if the client
        says so; 408 if it is not there in time; 400 if the client goes away, who does not read it.
    """
    _check_stated(request, most)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                body += part
                if len(body) > most:
                    raise _too_large(most)
    except TimeoutError:
        raise _too_slow(seconds) from None
    except ClientDisconnect:
        raise _cut_off() from None
    return bytes(body)


def _check_stated(request: Request, most: int) -> None:
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and (len(stated) > 15 or int(stated) > most):
        raise _too_large(most)


def _too_large(most: int) -> Problem:
    detail = f"the body has more than {most:,} bytes; expected at most that many"
    return Problem(413, "too-large", detail, {"Connection": "close"})


def _too_slow(seconds: float) -> Problem:
    detail = f"nothing more came within {seconds:g} seconds"
    return Problem(408, "too-slow", detail, {"Connection": "close"})


def _cut_off() -> Problem:
    return Problem(400, "cut-off", "the client went away before the body was whole")


async def read_lines(
    request: Request, longest: int, most: int, seconds: float
) -> AsyncIterator[list[Line]]:
    """The lines of a body, some at a time, as they come in; empty lines are passed over.

    Parameters
    ----------
    longest
        Bytes of one line; one that is longer is passed over and said to be so.
    most
        How many lines there may be.
    seconds
        How long it may take until something more comes.

    Raises
    ------
    Problem
        408, 413, or 400 if the client goes away; what was read before has been given out.
    """
    cutter = _Cutter(longest, most)
    parts = request.stream().__aiter__()
    while True:
        try:
            async with asyncio.timeout(seconds):
                part = await parts.__anext__()
        except StopAsyncIteration:
            break
        except TimeoutError:
            raise _too_slow(seconds) from None
        except ClientDisconnect:
            raise _cut_off() from None
        for batch in cutter.cut(part):
            yield batch
        waiting = cutter.take()
        if waiting:
            yield waiting
    rest = cutter.end()
    if rest:
        yield rest


class _Cutter:
    """Cuts bytes into lines."""

    def __init__(self, longest: int, most: int) -> None:
        self._longest, self._most = longest, most
        self._rest = bytearray()
        self._too_long = False
        self._number = 0
        self._lines: list[Line] = []
        self._size = 0

    def cut(self, part: bytes) -> Iterator[list[Line]]:
        """Whole batches in what came in, and all that waits before there are too many lines."""
        *ended, rest = part.split(b"\n")
        for piece in ended:
            self._grow(piece)
            if self._number == self._most and self._lines:
                yield self.take()
            self._finish()
            if len(self._lines) >= LINES_AT_ONCE or self._size >= BYTES_AT_ONCE:
                yield self.take()
        self._grow(rest)

    def take(self) -> list[Line]:
        """The lines that wait."""
        lines, self._lines, self._size = self._lines, [], 0
        return lines

    def end(self) -> list[Line]:
        """The last line, which need not end with a new line."""
        if self._rest or self._too_long:
            self._finish()
        return self.take()

    def _grow(self, piece: bytes) -> None:
        if len(self._rest) + len(piece) > self._longest:
            self._too_long = True
            self._rest.clear()
        elif not self._too_long:
            self._rest += piece

    def _finish(self) -> None:
        self._number += 1
        if self._number > self._most:
            detail = f"the stream has more than {self._most:,} lines; expected at most that many"
            raise Problem(413, "too-large", detail)
        content: bytes | Problem = bytes(self._rest.strip())
        if self._too_long:
            content = _too_large(self._longest)
        if content:
            self._lines.append(Line(self._number, content))
            self._size += len(self._rest)
        self._rest.clear()
        self._too_long = False
