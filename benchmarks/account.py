"""Where the time of a batch goes: each stage against a copy of the memory of its inputs.

    python benchmarks/account.py --people 1000000 --write

One thread, processor time, on the tables of `bench_screen_many.py`. With `--write` the account is
written to docs/speed-account.md.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from _national import AS_OF, national_tables
from bench_screen_many import give_back_memory, rows_of
from risicoscreener import Screener
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.assembling import assemble
from risicoscreener.dossier.casting import Form
from risicoscreener.dossier.frames import frame_of
from risicoscreener.features import many
from risicoscreener.screening.block import Block
from risicoscreener.screening.sources import FromDossiers
from risicoscreener.screening.table import ScreenedTable

PAGE = Path(__file__).parents[1] / "docs" / "speed-account.md"
STAGES = {
    "columns to numbers": ("many.py", "rows"),
    "score": ("program.py", "score_many"),
    "interval": ("program.py", "interval_many"),
    "support": ("support.py", "check_many"),
    "decision": ("compiled.py", "decide_many"),
    "reasons": ("block.py", "strongest"),
    "put in columns": ("table.py", "fill"),
}
"""Name of each stage to the function that does it; what is left over is shown as such."""


def account(people: int) -> str:
    """The account as a page."""
    dossiers = national_tables(people)
    give_back_memory()
    size, copied = copy_of_inputs(dossiers)
    validation = validation_by_table(dossiers)
    features, stages, all_of_it = stages_of_screening(dossiers)
    columns = {f"features of {name}": seconds for name, seconds in features.items()}
    checks = {f"validation of {name}": seconds for name, seconds in validation.items()}
    total = sum(validation.values()) + all_of_it
    rest = (
        all_of_it
        - sum(features.values())
        - sum(seconds for name, seconds in stages.items() if name != "columns to numbers")
    )
    parts = {**checks, **columns, **stages, "the rest of screening": rest}
    lines = [
        f"{people:,} people, {rows_of(dossiers):,} rows, {size / 2**30:.2f} GiB of inputs",
        f"{'a copy of their memory':32}{copied:8.2f} s",
        *(
            f"{name:32}{seconds:8.2f} s{seconds / copied:8.1f} copies"
            for name, seconds in parts.items()
        ),
        f"{'validation and screening':32}{total:8.2f} s{total / copied:8.1f} copies",
        "(columns to numbers are part of the features)",
    ]
    return "\n".join(lines)


def copy_of_inputs(dossiers: DossierTables) -> tuple[int, float]:
    """Bytes of all that the tables hold, each buffer once, and how long copying them takes."""
    buffers: dict[int, pa.Buffer] = {}
    for table in dossiers.tables.values():
        for column in table.columns:
            if column.null_count < len(column):
                for chunk in column.chunks:
                    buffers |= {b.address: b for b in _buffers(chunk) if b is not None and b.size}
    sources = [np.frombuffer(buffer, np.uint8) for buffer in buffers.values()]
    room = np.zeros(max(map(len, sources)), np.uint8)
    runs = []
    for _ in range(3):
        started = time.process_time()
        for source in sources:
            np.copyto(room[: len(source)], source)
        runs.append(time.process_time() - started)
    return sum(map(len, sources)), min(runs)


def _buffers(chunk: pa.Array) -> list[pa.Buffer | None]:
    if pa.types.is_dictionary(chunk.type):
        return [*chunk.indices.buffers(), *chunk.dictionary.buffers()]
    return list(chunk.buffers())


def validation_by_table(dossiers: DossierTables) -> dict[str, float]:
    """Processor time of validating each table, in one thread."""
    persons = dossiers.tables["persons"]
    alone = _validated({"persons": persons})
    found = {"persons": alone}
    for name, table in dossiers.tables.items():
        if name != "persons":
            found[name] = max(_validated({"persons": persons, name: table}) - alone, 0.0)
    return found


def _validated(tables: dict[str, pa.Table]) -> float:
    frames = {name: frame_of(name, table) for name, table in tables.items()}
    runs = []
    for _ in range(2):  # the first also reads what the schema is
        started = time.process_time()
        assemble(frames, Form.FRAME, "raise", None, 1)
        runs.append(time.process_time() - started)
    return min(runs)


def stages_of_screening(
    dossiers: DossierTables,
) -> tuple[dict[str, float], dict[str, float], float]:
    """Processor time of the features of each table, of each stage, and of all."""
    route = Screener.load().route("leave")
    profile = cProfile.Profile(time.process_time)
    with threadpool_limits(1, "blas"), features_timed() as features:
        started = time.process_time()
        source = FromDossiers(route.plan, dossiers, AS_OF)
        screened = ScreenedTable(route, source)
        profile.enable()
        for begin in range(0, len(screened), many.BLOCK):
            rows = slice(begin, min(begin + many.BLOCK, len(screened)))
            screened.fill(Block(route, source, rows), begin)
        profile.disable()
        before = time.process_time()
        screened.to_arrow()
        ended = time.process_time()
    calls = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    stages = {
        name: sum(
            call[3]
            for (path, _, called), call in calls.items()
            if Path(path).name == file and called == function
        )
        for name, (file, function) in STAGES.items()
    }
    return dict(features), {**stages, "as Arrow table": ended - before}, ended - started


@contextmanager
def features_timed() -> Iterator[defaultdict[str, float]]:
    """Note for each table how long its features take."""
    found: defaultdict[str, float] = defaultdict(float)
    computed: Callable[..., Any] = many._Block._table

    def timed(block: Any, table: str, features: Any) -> None:
        started = time.process_time()
        computed(block, table, features)
        found[table] += time.process_time() - started

    many._Block._table = timed  # type: ignore[method-assign]
    try:
        yield found
    finally:
        many._Block._table = computed  # type: ignore[method-assign]


def page_of(found: str, people: int) -> str:
    return f"""# Where the time of a batch goes

Written by `python benchmarks/account.py --people {people} --write`: processor time of one thread,
each stage next to the time of copying the memory of the inputs once. Stages run in as many threads
as there are processors, so that by the clock a batch takes about this divided by their number.

```text
{found}
```

A copy reads and writes each byte once. Validation reads each column some three times: for its
range, for the order of its days, and to find a fact that was given twice. Screening reads the
columns that its features need, twice where values may be absent (once to fill them in), and then
works on what it found: 67 features, two models, their intervals and the policy for each person,
which are some 400 numbers a person that were not among the inputs. The interval is a product of
matrices with some twenty thousand multiplications a person; it is arithmetic, not memory.
"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    asked = parser.parse_args()
    found = account(asked.people)
    print(found)
    if asked.write:
        PAGE.write_text(page_of(found, asked.people), encoding="utf-8")
