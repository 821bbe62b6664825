"""Users of a service: each asks, waits for the answer, waits a while, and asks again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SLEEP_IS_LATE = 0.002
"""Seconds by which a sleep of this event loop can end too late."""


class Connection:
    """One connection over which requests go one after the other."""

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to a whole request."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._place)
        assert self._reader is not None
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        headers = dict(
            line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
        )
        body = await self._reader.readexactly(int(headers.get(b"content-length", b"0")))
        if headers.get(b"connection") == b"close":
            self.close()
        return status, body

    def close(self) -> None:
        """Let go."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def request_of(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST as bytes."""
    said = {"Host": "service", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


@dataclass
class Load:
    """What came of a load: seconds for each answer, and what was not answered well."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    lasted: float = 0.0

    def percentile(self, share: float) -> float:
        """Seconds within which this share was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def __str__(self) -> str:
        if not self.seconds:
            return f"nothing answered, {len(self.failures)} failures"
        p50, p95, p99 = (self.percentile(share) * 1e3 for share in (0.5, 0.95, 0.99))
        return (
            f"{len(self.seconds):,} answered, {len(self.failures)} failures, "
            f"{len(self.seconds) / self.lasted:,.1f} a second; median {p50:.2f} ms, "
            f"p95 {p95:.2f} ms, p99 {p99:.2f} ms, longest {max(self.seconds) * 1e3:.1f} ms"
        )


async def _until(due: float) -> None:
    """Wait for a moment; at the end without sleep, which would be late by a thousandth or two."""
    early = due - time.perf_counter() - SLEEP_IS_LATE
    if early > 0:
        await asyncio.sleep(early)
    while time.perf_counter() < due:
        await asyncio.sleep(0)


async def load(
    host: str,
    port: int,
    request: Callable[[int, int], bytes],
    *,
    users: int,
    lasting: float,
    per_second: float | None = None,
    keep: bool = False,
) -> Load:
    """Users that ask for some seconds.

    Parameters
    ----------
    request
        What user i asks as request j.
    per_second
        Requests of all users in a second; as fast as they are answered if None. A request that is
        late does not put off those after it, so that a slow answer counts for all it delays.
    keep
        Whether answers are kept.
    """
    found = Load()
    started = time.perf_counter()
    pause = None if per_second is None else users / per_second

    async def user(number: int) -> None:
        connection = Connection(host, port)
        asked = 0
        begin = started + (0.0 if pause is None else pause * number / users)
        while True:
            due = time.perf_counter() if pause is None else begin + asked * pause
            if due > started + lasting or time.perf_counter() > started + lasting:
                break
            await _until(due)
            try:
                status, body = await connection.ask(request(number, asked))
            except (OSError, EOFError, ValueError) as error:
                found.failures.append(type(error).__name__)
                connection.close()
                if isinstance(error, ConnectionRefusedError):
                    break
            else:
                if status == 200:
                    found.seconds.append(time.perf_counter() - due)
                    if keep:
                        found.answers.append(body)
                else:
                    found.failures.append(str(status))
            asked += 1
        connection.close()

    await asyncio.gather(*(user(number) for number in range(users)))
    found.lasted = time.perf_counter() - started
    return found
