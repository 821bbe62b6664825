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
from pathlib import Path

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from _national import AS_OF, national_tables
from bench_screen_many import give_back_memory, rows_of
from risicoscreener import Screener, native
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
    "features": ("many.py", "compute_block"),
    "scores, intervals, support, reasons": ("brief.py", "brief_many"),
    "  of which probabilities": ("program.py", "probability_many"),
    "decision": ("compiled.py", "decide_many"),
    "put in columns": ("table.py", "fill"),
}
"""Name of each stage to the function that does it; what is left over is shown as such."""


def account(people: int) -> str:
    """The account as a page."""
    dossiers = national_tables(people)
    give_back_memory()
    size, copied = copy_of_inputs(dossiers)
    validation = validation_by_table(dossiers)
    stages, all_of_it = stages_of_screening(dossiers)
    checks = {f"validation of {name}": seconds for name, seconds in validation.items()}
    total = sum(validation.values()) + all_of_it
    rest = all_of_it - sum(stages[name] for name in stages if not name.startswith(" "))
    parts = {**checks, **stages, "the rest of screening": rest}
    lines = [
        f"{people:,} people, {rows_of(dossiers):,} rows, {size / 2**30:.2f} GiB of inputs",
        f"{'a copy of their memory':36}{copied:8.2f} s",
        *(
            f"{name:36}{seconds:8.2f} s{seconds / copied:8.1f} copies"
            for name, seconds in parts.items()
        ),
        f"{'validation and screening':36}{total:8.2f} s{total / copied:8.1f} copies",
        *([] if native.available() else [f"without the compiled library: {native.why_not()}"]),
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


def stages_of_screening(dossiers: DossierTables) -> tuple[dict[str, float], float]:
    """Processor time of each stage, and of all."""
    route = Screener.load().route("leave")
    profile = cProfile.Profile(time.process_time)
    with threadpool_limits(1, "blas"):
        started = time.process_time()
        source = FromDossiers(route.plan, dossiers, AS_OF)
        screened = ScreenedTable(route, source)
        prepared = time.process_time()
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
    whole = {"whose rows are where": prepared - started, **stages}
    return {**whole, "as Arrow table": ended - before}, ended - started


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
columns that its features need where they are, and then works on what it found: 67 features, two
models, their intervals and the policy for each person, which are some 400 numbers a person that
were not among the inputs.
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
