"""Gives damaged files to everything that reads files, and says what it should not have done.

    python scripts/fuzz.py PARSER… [--inputs N] [--seconds S] [--seed K] [--from N] [--keep FOLDER]
    python scripts/fuzz.py all --seconds 60
    python scripts/fuzz.py --list

Each input is a good file of the package with a few of its parts, or its bytes, changed; input N of
a seed is always the same, so that `--from N --inputs 1` gives it again. A parser may read a file or
refuse it with an error of the library. Found are: any other error; an error whose message is empty,
longer than 20,000 letters or no text; more than 20 seconds of processor time or two gigabytes more
memory; a process that is lost; and a file that is left behind. Ends with 1 if something is found.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import mmap
import os
import random
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz_parsers import PARSERS, Parser
from risicoscreener.errors import RisicoscreenerError

MOST_SECONDS = 20
MOST_MEMORY = 2 << 30
LONGEST_MESSAGE = 20_000
HARNESS = 70
"""How a child ends when an input could not be made: a fault of ours, and no finding."""


class TooLong(BaseException):
    """The time of one input is over; no `except Exception` of a parser takes it for its own."""


@dataclass
class Found:
    """What a parser did with some inputs.

    Attributes
    ----------
    inputs, read, refused
        How many there were, and what became of them.
    findings
        What should not be, by where it happened: the number of the first input, and what was said.
    times
        How often each was found.
    """

    inputs: int = 0
    read: int = 0
    refused: int = 0
    findings: dict[str, tuple[int, str]] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)

    def add(self, where: str, number: int, said: str) -> None:
        """One finding more."""
        self.findings.setdefault(where, (number, said))
        self.times[where] += 1


def damaged(name: str, parser: Parser, seed: int, number: int) -> tuple[str, bytes]:
    """Input ``number`` of a parser: its name and content."""
    rng = random.Random(f"{name}/{seed}/{number}")
    file, content = rng.choice(parser.seeds())
    for _ in range(rng.choice((1, 1, 1, 2))):
        content = parser.change(rng, content)
    return file, content


def tried(parser: Parser, file: str, content: bytes, folder: Path) -> str | None:
    """Let a parser read one input; None if it read it, else why it refused it.

    Raises
    ------
    BaseException
        Whatever the parser should not have raised.
    """
    place = folder / "input"
    place.mkdir()
    path = place / file
    path.write_bytes(content)
    before = _names(folder)
    with _in_time():
        try:
            parser.read(path)
            reason = None
        except RisicoscreenerError as error:
            reason = str(error)
    shutil.rmtree(place)
    left = _names(folder) - {n for n in before if not n.startswith("input")}
    if left:
        for path in (folder / "here", folder / "temporary"):
            shutil.rmtree(path)
            path.mkdir()
        raise AssertionError(f"left behind: {', '.join(sorted(left))}")
    if reason is not None:
        _check_message(reason)
    return reason


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def _check_message(reason: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_MESSAGE:
        raise AssertionError(f"a message of {len(reason)} letters: {reason[:200]}")
    reason.encode("utf-8")


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TooLong(f"more than {MOST_SECONDS} seconds of processor time")

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def where_raised(error: BaseException) -> str:
    """The kind of an error, and the innermost line of the package that it went through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/risicoscreener/" in f.filename]
    last = own[-1] if own else frames[-1]
    place = last.filename.rpartition("/src/risicoscreener/")[2] or last.filename
    return f"{type(error).__name__} in {place}:{last.lineno} ({last.name})"


# --- in a process of its own, since a library in C may end it ------------------------------------


def fuzz(
    name: str, *, inputs: int, seconds: float, seed: int, first: int = 0, keep: Path | None = None
) -> Found:
    """Give inputs to a parser until there were enough or the time is over."""
    parser, found = PARSERS[name], Found()
    _warm(parser)
    until = time.monotonic() + seconds
    number = mmap.mmap(-1, 8)
    number[:8] = struct.pack("q", first)
    end = first + inputs
    while (at := struct.unpack("q", number[:8])[0]) < end and time.monotonic() < until:
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        child = os.fork()
        if child == 0:
            _in_child(name, seed, end, until, number, folder, found)
        _, status = os.waitpid(child, 0)
        report = folder / "report.json"
        if report.exists():
            _merge(found, json.loads(report.read_text("utf-8")))
        if os.waitstatus_to_exitcode(status) == HARNESS:
            raise RuntimeError(f"input {struct.unpack('q', number[:8])[0]} could not be made")
        if os.WIFSIGNALED(status) or not report.exists():
            at = struct.unpack("q", number[:8])[0]
            how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "no report"
            found.inputs += 1
            found.add(f"process lost by {how}", at, "the process ended")
            number[:8] = struct.pack("q", at + 1)
        shutil.rmtree(folder, ignore_errors=True)
    if keep is not None:
        _keep(name, parser, seed, found, keep)
    return found


def _warm(parser: Parser) -> None:
    """Read a good file once, so that what is imported and kept is there before the time begins."""
    with tempfile.TemporaryDirectory() as folder:
        for file, content in parser.seeds()[:1]:
            path = Path(folder) / file
            path.write_bytes(content)
            with contextlib.suppress(Exception):  # what is wrong is found later
                parser.read(path)


def _in_child(
    name: str, seed: int, end: int, until: float, number: mmap.mmap, folder: Path, _: Found
) -> None:
    """Go on with the next inputs; write a report; never returns."""
    code = HARNESS
    try:
        for place in ("here", "temporary"):
            (folder / place).mkdir()
        os.chdir(folder / "here")
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "temporary")
        size = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * mmap.PAGESIZE
        resource.setrlimit(resource.RLIMIT_AS, (size + MOST_MEMORY, size + MOST_MEMORY))
        warnings.simplefilter("error", RuntimeWarning)
        found = Found()
        at = struct.unpack("q", number[:8])[0]
        while at < end and time.monotonic() < until:
            _one(name, seed, at, folder, found)
            at += 1
            number[:8] = struct.pack("q", at)
            if at % 200 == 0:
                _report(folder, found)
        _report(folder, found)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _one(name: str, seed: int, number: int, folder: Path, found: Found) -> None:
    parser = PARSERS[name]
    file, content = damaged(name, parser, seed, number)
    found.inputs += 1
    try:
        reason = tried(parser, file, content, folder)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # all that is not meant
        shutil.rmtree(folder / "input", ignore_errors=True)
        found.add(where_raised(error), number, f"{type(error).__name__}: {error}"[:300])
    else:
        found.read += reason is None
        found.refused += reason is not None


def _report(folder: Path, found: Found) -> None:
    plain = {**vars(found), "times": dict(found.times)}
    unfinished = folder / "unfinished.json"
    unfinished.write_text(json.dumps(plain), "utf-8")
    unfinished.replace(folder / "report.json")


def _merge(found: Found, plain: dict[str, Any]) -> None:
    found.inputs += plain["inputs"]
    found.read += plain["read"]
    found.refused += plain["refused"]
    found.times.update(plain["times"])
    for where, (number, said) in plain["findings"].items():
        found.findings.setdefault(where, (number, said))


def _keep(name: str, parser: Parser, seed: int, found: Found, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, _ in found.findings.values():
        file, content = damaged(name, parser, seed, number)
        (folder / f"{name}-{seed}-{number}-{file}").write_bytes(content)


def main(words: list[str]) -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("parsers", nargs="*", metavar="PARSER")
    ask.add_argument("--list", action="store_true")
    ask.add_argument("--inputs", type=int, default=10**9)
    ask.add_argument("--seconds", type=float, default=60.0)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--from", type=int, default=0, dest="first")
    ask.add_argument("--keep", type=Path)
    asked = ask.parse_args(words)
    if asked.list or not asked.parsers:
        print("\n".join(PARSERS))
        return 0
    names = list(PARSERS) if asked.parsers == ["all"] else asked.parsers
    unknown = [name for name in names if name not in PARSERS]
    if unknown:
        ask.error(f"there is no parser {unknown[0]}; expected one of {', '.join(PARSERS)}")
    print(f"{'parser':<16}{'inputs':>10}{'read':>10}{'refused':>10}{'found':>7}", flush=True)
    total = Found()
    for name in names:
        found = fuzz(
            name,
            inputs=asked.inputs,
            seconds=asked.seconds,
            seed=asked.seed,
            first=asked.first,
            keep=asked.keep,
        )
        print(_line(name, found), flush=True)
        for where, (number, said) in found.findings.items():
            print(f"    input {number}, {found.times[where]} times: {where}\n        {said!r}")
        _merge(total, vars(found))
    print(_line("all", total))
    return int(bool(total.findings))


def _line(name: str, found: Found) -> str:
    numbers = f"{found.inputs:>10,}{found.read:>10,}{found.refused:>10,}{len(found.findings):>7}"
    return f"{name:<16}{numbers}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
