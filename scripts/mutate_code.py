"""Changes the code in many small ways, one at a time, and counts which changes the tests find.

    python scripts/mutate_code.py map   FOLDER TEST_PATHS…         # which test runs which line
    python scripts/mutate_code.py try   FOLDER PART [--sample N] [--seed S] [OPTIONS]
    python scripts/mutate_code.py again FOLDER PART [TEST_PATHS…] [--seconds S]  # what lives
    python scripts/mutate_code.py compare FOLDER PART [--sample N]  # the quick ways, and anew
    python scripts/mutate_code.py score FOLDER [PART…] [--survivors]

PART is a package below src/risicoscreener (`decision`, `features`, `screening`) or a module of one.
`map` runs the tests once and keeps, per test, the lines that it runs and its time. `try` draws
changes at random (all, without --sample) and runs for each the tests that reach its line, the
quickest first, up to --seconds of them, until one fails; it continues where it was stopped, and
stops after --minutes. With --anew every change is tried in a process that imports all anew.
`score` gives what was found. A change that cannot be seen from outside is listed, with the reason,
in scripts/mutants_equivalent.toml and counted apart.

Run it in a copy of the checkout, because tests write files:

    git archive HEAD | tar x -C COPY
    cp src/risicoscreener/native/*.so* COPY/src/risicoscreener/native
    cd COPY && PYTHONPATH=src python scripts/mutate_code.py …
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import random
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mutation_children import Ended, prepare, run
from mutation_collected import Collected
from mutation_points import Change, changed, changes

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "risicoscreener"
MOST_SECONDS = 10.0
MOST_TESTS = 250
FIRST_TESTS = 10
SLOWEST_TEST = 15.0
CHILD_SECONDS = 180
AGAIN_SECONDS, AGAIN_TESTS = 60.0, 3000


# --- which test runs which line ------------------------------------------------------------------


class Timing:
    """A plugin of pytest: writes the time of each test that passed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seconds = folder, defaultdict[str, float](float)
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Add up the phases of a test."""
        self.seconds[report.nodeid] += report.duration
        if report.failed or report.skipped:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write what passed: a test that is skipped or fails finds nothing."""
        passed = {k: v for k, v in self.seconds.items() if k not in self.failed}
        (self.folder / "tests.json").write_text(json.dumps(passed))


def mapped(folder: Path, paths: list[str], jobs: int) -> int:
    """Run the tests with coverage per test; write tests.json and lines.json."""
    import coverage
    import pytest

    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "coverage"
    settings = folder / "coveragerc"
    settings.write_text(f"[run]\nbranch = False\ndata_file = {data}\nsource = risicoscreener\n")
    flags = ["-q", "-p", "no:cacheprovider", f"--cov-config={settings}", f"--cov={PACKAGE}"]
    flags += ["--cov-context=test", "--cov-report=", "--hypothesis-seed=0", "-n", str(jobs)]
    code = pytest.main([*flags, *paths], [Timing(folder)])
    found = coverage.CoverageData(str(data))
    found.read()
    lines = {}
    for file in found.measured_files():
        per_line = found.contexts_by_lineno(file)
        lines[Path(file).relative_to(ROOT).as_posix()] = {
            line: sorted({c.split("|")[0] for c in contexts if c})
            for line, contexts in per_line.items()
        }
    (folder / "lines.json").write_text(json.dumps(lines))
    return int(code)


class Reach:
    """Which tests to run for a change, in which order."""

    def __init__(self, folder: Path) -> None:
        self.lines = json.loads((folder / "lines.json").read_text())
        self.seconds: dict[str, float] = json.loads((folder / "tests.json").read_text())

    def tests(
        self, change: Change, budget: float = MOST_SECONDS, most: int = MOST_TESTS
    ) -> list[str]:
        """The tests that reach the line, quickest first; then those that reach the file; then all.

        A line that is run once, and whose result is kept, is charged to the first test alone, and
        one that is run when the module is imported to none.
        """
        of_file = self.lines.get(change.file, {})
        on_line = set(of_file.get(str(change.line), ()))
        nearby = {test for tests in of_file.values() for test in tests} - on_line
        others = self.seconds.keys() - on_line - nearby
        chosen: list[str] = []
        for test in [t for some in (on_line, nearby, others) for t in self._quickest(some)]:
            cost = self.seconds[test]
            if cost <= min(budget, SLOWEST_TEST) and len(chosen) < most:
                chosen.append(test)
                budget -= cost
        return chosen

    def files(self) -> list[str]:
        """The files of all tests."""
        return sorted({test.split("::")[0] for test in self.seconds})

    def _quickest(self, tests: Iterable[str]) -> list[str]:
        """The quickest first, but two of each function before more of any: others see other."""
        seen = Counter[str]()
        turns: dict[str, int] = {}
        for test in sorted((t for t in tests if t in self.seconds), key=self.seconds.__getitem__):
            function = test.split("[")[0]
            turns[test] = seen[function] // 2
            seen[function] += 1
        return sorted(turns, key=lambda test: (turns[test] > 0, self.seconds[test]))


# --- trying changes ------------------------------------------------------------------------------


def every_change(part: str) -> list[Change]:
    """All changes of a package or a module, in the order of files and lines."""
    path = PACKAGE.joinpath(*part.split("."))
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return [
        change
        for file in files
        for change in changes(file.read_text("utf-8"), file.relative_to(ROOT).as_posix())
    ]


def tried(asked: argparse.Namespace) -> int:
    """Try changes until all of the sample are done or the time is over."""
    folder, part = asked.folder, asked.part
    reach = Reach(folder)
    wanted = every_change(part)
    total = len(wanted)
    random.Random(asked.seed).shuffle(wanted)  # what is done when the time is over is a sample too
    done = {(r["file"], *r["place"]) for r in results(folder, part)}
    left = [c for c in wanted[: asked.sample] if (c.file, *c.place) not in done]
    prepare()
    until = time.monotonic() + 60 * asked.minutes
    print(f"{part}: {len(left)} of {total} changes left, {len(done)} done before", flush=True)

    def work(try_one: Try) -> None:
        with (folder / f"results-{part}.jsonl").open("a") as file:
            for change in left:
                if time.monotonic() > until:
                    break
                names = reach.tests(change, asked.seconds)
                row = {**asdict(change), "of": total, **try_one(names, change)}
                file.write(json.dumps(row) + "\n")
                file.flush()
                if not row["failed"]:
                    said = f"{change.file}:{change.line} {change.before} -> {change.after}"
                    print("  lives:", said, flush=True)

    if asked.anew:
        work(lambda tests, change: outcome(one(tests, change), "anew"))
    else:
        collected(reach.files(), lambda try_one, _: work(try_one))
    return 0


Try = Callable[[list[str], Change], dict[str, Any]]


def outcome(ended: Ended, way: str) -> dict[str, Any]:
    """What is kept of a change that was tried."""
    return {
        "failed": ended.failed,
        "how": ended.how,
        "by": ended.by,
        "seconds": round(ended.seconds, 2),
        "tests": len(ended.outcomes),
        "way": way,
    }


def collected(files: list[str], work: Callable[[Try, list[str]], None]) -> None:
    """Work with tests that are collected once, and anew for changes for which that will not do."""
    with Elsewhere() as elsewhere:

        def begin(tests: Collected) -> None:
            def try_one(names: list[str], change: Change) -> dict[str, Any]:
                path, place = ROOT / change.file, change.place
                found = tests.run(names, path, place, seconds=CHILD_SECONDS) if names else None
                return outcome(*(found or (elsewhere.one(names, change), "anew")))

            work(try_one, [*tests.items])

        Collected(ROOT, PACKAGE, begin).collect(files)


class Elsewhere:
    """A process in which the package is not imported, which tries changes anew."""

    def __enter__(self) -> Elsewhere:
        forking = multiprocessing.get_context("fork")
        self._here, there = forking.Pipe()
        self._process = forking.Process(target=_serve, args=(there,))
        self._process.start()
        there.close()
        return self

    def one(self, tests: list[str], change: Change) -> Ended:
        """Run the tests of one change."""
        self._here.send((tests, change))
        found: Ended = self._here.recv()
        return found

    def __exit__(self, *_: object) -> None:
        self._here.send(None)
        self._process.join()


def _serve(asked: Connection) -> None:
    while (what := asked.recv()) is not None:
        asked.send(one(*what))


def tried_again(folder: Path, part: str, paths: list[str], most: float) -> int:
    """Run more tests on the changes that live, and note which are found now.

    Whole test files where some are named; else all tests that reach the file, as far as the time
    that is set for that goes.
    """
    rows = results(folder, part)
    living = [row for row in rows if not row["failed"] and _key(row) not in equivalents()]
    reach = None if paths else Reach(folder)
    prepare()
    if paths and run(ROOT, paths, None, seconds=600).failed:
        raise SystemExit(f"{' '.join(paths)} fail without a change")

    def work(try_one: Try, every: list[str]) -> None:
        for row in living:
            change = _as_it_is_now(row)
            if change is None:
                continue
            names = every if reach is None else reach.tests(change, most, AGAIN_TESTS)
            ended = try_one(names, change)
            if ended["failed"]:
                row.update(ended)
            said = "found" if ended["failed"] else "lives"
            print(said, row["file"], row["line"], ended["by"], flush=True)
            text = "".join(json.dumps(row) + "\n" for row in rows)
            (folder / f"results-{part}.jsonl").write_text(text)

    collected(paths if reach is None else reach.files(), work)
    return 0


def compared(folder: Path, part: str, sample: int, seed: int) -> int:
    """Try anew some of the changes that were found in each other way; 1 if one is not found."""
    rows = [row for row in results(folder, part) if row["failed"]]
    random.Random(seed).shuffle(rows)
    other = Counter[str]()
    prepare()
    for way in ("in place", "collected"):
        chosen = [row for row in rows if row.get("way") == way][:sample]
        for row in chosen:
            change = _as_it_is_now(row)
            ended = one([row["by"]], change) if change else Ended(failed=True)
            other[way] += not ended.failed
            if not ended.failed:
                print(f"not found anew: {row['file']}:{row['line']} {row['by']}", flush=True)
        print(f"{part}: {len(chosen)} found {way} tried anew, {other[way]} not found", flush=True)
    return int(other.total() > 0)


def _as_it_is_now(row: dict[str, Any]) -> Change | None:
    """The change of a row, where it stands in the file now; nothing where it is there no more."""
    source = (ROOT / row["file"]).read_text("utf-8")
    there = [c for c in changes(source, row["file"]) if c.key == _key(row)]
    return min(there, key=lambda c: abs(c.line - row["line"]), default=None)


def one(tests: list[str], change: Change) -> Ended:
    """Run the tests of one change anew: a few first, of which few files need to be collected."""
    ended = Ended(failed=False)
    path = ROOT / change.file
    tree = changed(path.read_text("utf-8"), change.place)
    for some in filter(None, (tests[:FIRST_TESTS], tests[FIRST_TESTS:])):
        ended = _and_before(ended, run(ROOT, some, (path, tree), seconds=CHILD_SECONDS))
        if ended.how == "import" and run(ROOT, some[:1], None, seconds=120).failed:
            raise SystemExit(f"{some[0]} does not run without a change; map the tests anew")
        if ended.failed:
            break
    return ended


def _and_before(before: Ended, ended: Ended) -> Ended:
    outcomes = before.outcomes | ended.outcomes
    return replace(ended, seconds=before.seconds + ended.seconds, outcomes=outcomes)


def results(folder: Path, part: str) -> list[dict[str, Any]]:
    """What was found for a part until now."""
    path = folder / f"results-{part}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# --- what it comes to ----------------------------------------------------------------------------


def equivalents() -> dict[str, str]:
    """Changes that nobody can see from outside: key and reason."""
    path = ROOT / "scripts" / "mutants_equivalent.toml"
    listed = tomllib.loads(path.read_text("utf-8"))["change"] if path.exists() else []
    fields = ("file", "within", "kind", "before", "after")
    return {"|".join(entry[name] for name in fields): entry["because"] for entry in listed}


def _key(row: dict[str, Any]) -> str:
    return "|".join(row[name] for name in ("file", "within", "kind", "before", "after"))


def interval(found: int, of: int) -> tuple[float, float]:
    """The interval of Wilson at 95 % for a share."""
    if not of:
        return math.nan, math.nan
    z, p = 1.959964, found / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return middle - half, middle + half


def _share(rows: list[dict[str, Any]], same: dict[str, str]) -> str:
    """What share was found of the changes that somebody can see."""
    found = sum(row["failed"] for row in rows)
    of = found + sum(not row["failed"] and _key(row) not in same for row in rows)
    low, high = interval(found, of)
    return f"{found / of:.1%} ({low:.1%} to {high:.1%})"


def scored(folder: Path, parts: list[str], *, survivors: bool) -> int:
    """Print the score of each part."""
    same = equivalents()
    print(f"{'part':<12}{'changes':>9}{'tried':>7}{'found':>7}{'same':>6}{'live':>6}   score")
    for part in parts or sorted(p.stem[8:] for p in folder.glob("results-*.jsonl")):
        rows = results(folder, part)
        live = [row for row in rows if not row["failed"]]
        hidden = [row for row in live if _key(row) in same]
        print(
            f"{part:<12}{rows[0]['of']:>9,}{len(rows):>7,}{len(rows) - len(live):>7,}"
            f"{len(hidden):>6}{len(live) - len(hidden):>6}   {_share(rows, same)}"
        )
        found_by = Counter(row["how"] for row in rows if row["failed"]).most_common()
        print(f"{'':<12}by {', '.join(f'{how} {n}' for how, n in found_by)}")
        later = [{**row, "failed": row["failed"] and not row.get("later")} for row in rows]
        if later != rows:
            n = sum(row.get("later", False) for row in rows)
            print(f"{'':<12}{n} by tests written after; without them {_share(later, same)}")
        unseen = [row for row in rows if not row.get("earlier")]
        if unseen != rows:
            print(f"{'':<12}{len(unseen)} not tried before the tests were: {_share(unseen, same)}")
        if survivors:
            for row in live:
                mark = "same" if _key(row) in same else "LIVES"
                print(f"  {mark} {row['file']}:{row['line']} in {row['within']} [{row['kind']}]")
                print(f"      {row['before']}\n   -> {row['after']}")
    return 0


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    mapping = commands.add_parser("map")
    trying = commands.add_parser("try")
    again = commands.add_parser("again")
    compare = commands.add_parser("compare")
    score = commands.add_parser("score")
    for command in (mapping, trying, again, compare, score):
        command.add_argument("folder", type=Path)
    mapping.add_argument("paths", nargs="+")
    mapping.add_argument("--jobs", type=int, default=2)
    trying.add_argument("part")
    trying.add_argument("--sample", type=int)
    trying.add_argument("--seed", type=int, default=1)
    trying.add_argument("--minutes", type=float, default=600)
    trying.add_argument("--seconds", type=float, default=MOST_SECONDS)
    trying.add_argument("--anew", action="store_true")
    again.add_argument("part")
    again.add_argument("paths", nargs="*")
    again.add_argument("--seconds", type=float, default=AGAIN_SECONDS)
    compare.add_argument("part")
    compare.add_argument("--sample", type=int, default=50)
    compare.add_argument("--seed", type=int, default=1)
    score.add_argument("parts", nargs="*")
    score.add_argument("--survivors", action="store_true")
    asked = parser.parse_args(words)
    match asked.command:
        case "map":
            return mapped(asked.folder, asked.paths, asked.jobs)
        case "try":
            return tried(asked)
        case "again":
            return tried_again(asked.folder, asked.part, asked.paths, asked.seconds)
        case "compare":
            return compared(asked.folder, asked.part, asked.sample, asked.seed)
        case _:
            return scored(asked.folder, asked.parts, survivors=asked.survivors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
