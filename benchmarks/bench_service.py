"""The service beside a bare echo of the same framework, on the same machine in the same run.

    python benchmarks/bench_service.py                      # a short run
    python benchmarks/bench_service.py --minutes 10         # the long one, with memory over time
    python benchmarks/bench_service.py --record postgres    # the record on a server of its own

Users ask one after the other over connections of their own; those who are timed at a rate do not
wait with the next because one was late. The echo reads a body and sends it back: it has no tokens,
no record, no screening. All of this runs on one machine: services have one processor, and the users
another, where there is one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]

import httpx  # noqa: E402
import uvloop  # noqa: E402

import _load  # noqa: E402
import private_postgres  # noqa: E402
from serving import (  # noqa: E402
    DECIDER,
    JSON,
    SCREEN,
    Issuer,
    Process,
    free_port,
    process,
    words_of,
)

ECHO = """
import sys, uvicorn
from fastapi import FastAPI, Request, Response
app = FastAPI()
@app.post("/echo")
async def echo(request: Request) -> Response:
    return Response(await request.body(), media_type="application/json")
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", access_log=False, http="h11")
"""
WITHIN_SECONDS = 0.005
"""A tenth of the 50 ms that the service of England's prison and probation service promises."""


@contextmanager
def on_last_processor() -> Iterator[None]:
    """What is started within stays there; this process goes to the others."""
    every = set(range(os.cpu_count() or 1))
    last = max(every)
    os.sched_setaffinity(0, {last})
    try:
        yield
    finally:
        os.sched_setaffinity(0, every - {last} or every)


def memory_mb(pid: int) -> float:
    with Path(f"/proc/{pid}/status").open() as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def wait_for(address: str) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            httpx.post(address, content=b"{}")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(address)


def run(port: int, request: bytes, lasting: float, users: int, rate: float | None) -> _load.Load:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the service has
        return runner.run(
            _load.load(
                "127.0.0.1", port, lambda *_: request, users=users, lasting=lasting, per_second=rate
            )
        )


def compare(service: Process, asked: bytes, body: bytes, lasting: float, users: int) -> None:
    """As fast as both can, in turn."""
    port = free_port()
    with on_last_processor():
        echo = subprocess.Popen([sys.executable, "-c", ECHO, str(port)])
    try:
        wait_for(f"http://127.0.0.1:{port}/echo")
        echoed = _load.request_of("/echo", body, JSON)
        for _ in range(2):
            for name, at, request, pid in (
                ("bare echo", port, echoed, echo.pid),
                ("the service", service.port, asked, service.process.pid),
            ):
                before = cpu_seconds(pid)
                found = run(at, request, lasting, users, None)
                each = (cpu_seconds(pid) - before) / max(1, len(found.seconds)) * 1e3
                print(f"{name:12} {users} users, no pause: {found}; CPU {each:.2f} ms each")
    finally:
        echo.kill()
        echo.wait()


def soak(service: Process, asked: bytes, minutes: float, users: int, rate: float) -> bool:
    """At a rate, with memory over time."""
    parts = max(1, round(minutes))
    whole = _load.Load()
    for part in range(parts):
        found = run(service.port, asked, minutes * 60 / parts, users, rate)
        whole.seconds += found.seconds
        whole.failures += found.failures
        whole.lasted += found.lasted
        print(f"minute {part + 1}: {found}; {memory_mb(service.process.pid):.1f} MB", flush=True)
    print(f"{users} users, {rate:g} a second, {whole.lasted:.0f} s: {whole}")
    return not whole.failures and whole.percentile(0.95) < WITHIN_SECONDS


def main(minutes: float, users: int, rate: float, record: str, example: str) -> bool:
    body = json.dumps(json.loads((ROOT / "examples" / f"{example}.json").read_text())).encode()
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        issuer = Issuer(folder)
        target = str(folder / "record.db")
        if record == "postgres":
            target = open_.enter_context(private_postgres.server()).new_schema("service")
        settings = folder / "service.toml"
        settings.write_text("requests_per_minute = 1000000\nburst = 100000\n")
        words = words_of(issuer.settings(target), "--settings", str(settings))
        with on_last_processor():
            service = open_.enter_context(process(folder, *words))
        bearer = {**JSON, "Authorization": f"Bearer {issuer.token(*DECIDER, exp=2**31)}"}
        asked = _load.request_of(SCREEN, body, bearer)
        print(f"a dossier of {len(body):,} bytes, record on {record}, one process")
        run(service.port, asked, 1.0, users, None)
        compare(service, asked, body, 3.0, users)
        ok = soak(service, asked, minutes, users, rate)
        print("0 failures and p95 below 5 ms" if ok else "NOT within 5 ms, or with failures")
        return ok


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=0.2)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--record", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--example", default="grant")
    given = parser.parse_args()
    sys.exit(not main(given.minutes, given.users, given.rate, given.record, given.example))
