"""One dossier: what a compiled reader would bring `screen` down to, and mypyc on what is generated.

    python benchmarks/kernels/bench_one.py [--examples 20000] [--mypyc]

The reader in C takes the bytes of a dossier to checked columns, features, scores and intervals;
deciding and putting the result together stay in Python. The same reading in Rust, with every access
checked, is timed beside it. Before anything is timed, its answers are compared with ours on
dossiers that were altered or damaged at random: what it takes as sound ours takes too, with equal
features, contributions and decision, and probabilities equal to 1e-12. Under a sanitizer:

    LD_PRELOAD="$(gcc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 \\
        PYTHONMALLOC=malloc MORE_CFLAGS="-O1 -g -fsanitize=address" \\
        python benchmarks/kernels/bench_one.py

With --mypyc the generated feature function is compiled by mypyc (15 s) and timed beside itself.
"""

from __future__ import annotations

import argparse
import copy
import datetime as dt
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _c import gcc
from _reader import CReader
from _rust import rustc

from _full_dossier import AS_OF, full_dossier
from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import DossierError
from risicoscreener.features.one import PlanWriter, compile_one
from risicoscreener.screening import Screener
from risicoscreener.screening.route import Route

LAST = dt.date.today()
LAST_DAY = (LAST - EPOCH).days


def microseconds(run: Callable[[], Any], n: int = 1000, rounds: int = 15) -> float:
    """CPU time of a call: the least of some rounds."""
    least = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for _ in range(n):
            run()
        least = min(least, (time.process_time() - started) / n * 1e6)
    return least


# -- equality ----------------------------------------------------------------------------------


def examples(n: int, seed: int) -> list[bytes]:
    """Dossiers of which a table, a row, a field or some bytes were altered, or nothing."""
    rng = random.Random(seed)
    made = []
    for _ in range(n):
        plain = copy.deepcopy(full_dossier())
        for _ in range(rng.choice((0, 1, 1, 2))):
            _alter(plain, rng)
        separators = rng.choice(((", ", ": "), (",", ":")))
        text = json.dumps(plain, separators=separators, indent=rng.choice((None, None, 1)))
        made.append(_damage(text.encode(), rng) if rng.random() < 0.3 else text.encode())
    return made


def _alter(plain: dict[str, Any], rng: random.Random) -> None:
    name = rng.choice([n for n in plain if isinstance(plain[n], list)])
    rows = plain[name]
    what = rng.random()
    if what < 0.15:
        plain[name] = rng.sample(rows, rng.randrange(len(rows) + 1))
    elif what < 0.25 and rows:
        rows.append(dict(rng.choice(rows)))
    elif rows:
        row = rng.choice(rows)
        field = rng.choice(list(row))
        day = (AS_OF - dt.timedelta(days=rng.randrange(-400, 8000))).isoformat()
        other = (rng.choice(rows).get(field), day, None, True, 3, 0, "x", "none", "é", 1e9, -1, 2.5)
        if rng.random() < 0.2:
            del row[field]
        else:
            row[field] = rng.choice(other)


def _damage(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return rng.choice(
        (
            data[:at],
            data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
            data[:at] + data[at + rng.randrange(1, 30) :],
            data[:at] + data[at : at + 40] + data[at:],
            data + data[:at],
        )
    )


def check_equal(reader: Any, route: Route, n: int) -> None:
    """The reader takes nothing that ours refuses, and finds the same in what it takes."""
    taken = sound = 0
    for data in examples(n, seed=1):
        try:
            dossier = read_dossier(data, recorded_by=LAST)
        except DossierError:
            dossier = None
        found = reader.look(data, AS_OF, LAST_DAY)
        sound += dossier is not None
        if found is None:
            continue
        taken += 1
        assert dossier is not None, data
        person_id, seen = found
        ours = route.look(dossier, AS_OF)
        assert person_id == dossier.person_id
        assert _same(seen.values, ours.values), data
        assert seen.at == ours.at
        assert seen.decided == ours.decided
        for mine, theirs in zip(seen.assessments.values(), ours.assessments.values(), strict=True):
            assert _same(mine.contributions, theirs.contributions)
            assert abs(mine.probability - theirs.probability) < 1e-12
            assert mine.interval is not None
            assert theirs.interval is not None
            assert abs(mine.interval.upper - theirs.interval.upper) < 1e-12
            assert mine.support is not None
            assert theirs.support is not None
            assert mine.support.status == theirs.support.status
    print(f"{n:,} dossiers, {sound:,} of them sound: {taken:,} read in C, all equal to ours")


def _same(a: Any, b: Any) -> bool:
    return all(x == y or (x != x and y != y) for x, y in zip(a, b, strict=True))


# -- time ----------------------------------------------------------------------------------------


def in_c(screener: Screener, route: Route, n_examples: int) -> None:
    reader = CReader(route)
    check_equal(reader, route, n_examples)
    data = json.dumps(full_dossier()).encode()
    last = LAST_DAY
    dossier = read_dossier(data)
    found = reader.look(data, AS_OF, last)
    assert found is not None

    def screen() -> Any:
        person_id, seen = reader.look(data, AS_OF, last)
        return route.result(person_id, AS_OF, *seen, 0)

    assert screen().outcome == screener.screen(data, "leave", as_of=AS_OF).outcome
    pairs = {
        "read and check": (
            lambda: reader.read(data, last),
            lambda: read_dossier(data, recorded_by=LAST),
        ),
        f"{len(route.names)} features": (
            None,
            lambda: route.features_of(dossier, AS_OF),
        ),
        "read, features, models": (lambda: reader.only_c(data, AS_OF, last), None),
        "and as objects, decided": (
            lambda: reader.look(data, AS_OF, last),
            lambda: route.look(read_dossier(data, recorded_by=LAST), AS_OF),
        ),
        "put the result together": (None, lambda: route.result("x", AS_OF, *found[1], 0)),
        "screen": (screen, lambda: screener.screen(data, "leave", as_of=AS_OF)),
    }
    print(f"a dossier of {len(data):,} bytes{'in C':>18}{'in Python':>14}")
    for name, ways in pairs.items():
        told = ["" if way is None else f"{microseconds(way):.1f} µs" for way in ways]
        print(f"  {name:<32}{told[0]:>11}{told[1]:>14}")


def in_rust(screener_reads: Callable[[bytes, int], int], n_examples: int) -> None:
    """Reading alone in both; the one in Rust leaves out the agreements between fields."""
    from _rust import reader

    read = reader()
    some = examples(n_examples, seed=2)
    both = [(screener_reads(data, LAST_DAY), read(data, LAST_DAY)) for data in some]
    assert all(in_rust >= in_c for in_c, in_rust in both)
    more = sum(in_rust > in_c for in_c, in_rust in both)
    print(
        f"{n_examples:,} dossiers: Rust takes what C takes, and {more} that do not agree in fields"
    )
    data = json.dumps(full_dossier()).encode()
    pairs = [
        (
            microseconds(lambda: read(data, LAST_DAY), rounds=3),
            microseconds(lambda: screener_reads(data, LAST_DAY), rounds=3),
        )
        for _ in range(5)
    ]
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"  read and check in Rust: {pairs[0][0]:.1f} µs, {ratio:.2f} times as long as in C")


def by_mypyc(route: Route) -> None:
    """The generated function as it is; its rows stay objects of Python."""
    writer = PlanWriter(route.plan)
    source = writer.source()
    with tempfile.TemporaryDirectory() as folder:
        scope = "\n".join(f"{name} = SCOPE[{name!r}]" for name in writer.scope)
        module = Path(folder) / "generated_features.py"
        module.write_text(f"from plan_scope import SCOPE\n{scope}\n\n{source}")
        (Path(folder) / "plan_scope.py").write_text("from typing import Any\nSCOPE: Any = {}\n")
        started = time.perf_counter()
        command = ["mypyc", "--follow-imports=skip", module.name]
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        if done.returncode:
            print("mypyc:", (done.stdout + done.stderr)[-300:])
            return
        print(f"mypyc took {time.perf_counter() - started:.0f} s")
        sys.path.insert(0, folder)
        import plan_scope

        plan_scope.SCOPE.update(writer.scope)
        import generated_features

    assert generated_features.__file__.endswith(".so")
    function = compile_one(route.plan)
    dossier = read_dossier(json.dumps(full_dossier()).encode())
    assert _same(function(dossier, AS_OF), generated_features.features_of(dossier, AS_OF))
    plain = microseconds(lambda: function(dossier, AS_OF))
    compiled = microseconds(lambda: generated_features.features_of(dossier, AS_OF))
    print(f"generated features: {plain:.1f} µs; compiled by mypyc {compiled:.1f} µs")


def main(n_examples: int, mypyc: bool) -> None:
    screener = Screener.load()
    route = screener.route("leave")
    if gcc():
        in_c(screener, route, n_examples)
        if rustc():
            in_rust(CReader(route).read, n_examples)
        else:
            print("there is no rustc: nothing in Rust")
    else:
        print("there is no gcc: nothing in C")
    if mypyc:
        by_mypyc(route)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--mypyc", action="store_true")
    given = parser.parse_args()
    main(given.examples, given.mypyc)
