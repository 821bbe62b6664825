"""How many times as long each other way takes, each checked to answer as ours does, then timed.

    python benchmarks/compare.py [--task features] [--sizes 1000 10000] [--write] [--check]

Every competitor in `benchmarks/competitors/` runs in turn with ours on the same data; the figure is
the median of the ratios of such pairs. With ``--write`` the figures go to
`benchmarks/results/latest.json`, the ratios to `history.jsonl` beside it, and both become
`docs/benchmarks.md` with its pictures. With ``--check`` the ratios are held against the last ones
in the history, and what fell by more than a third is named (exit code 1).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from competitors import all_competitors, all_tasks
from competitors._interface import Competitor, Task, lacking
from competitors._measuring import BUDGET, NotEqualError, Row, measured


def chosen(task: Task, sizes: list[int]) -> list[int]:
    """The sizes at which a task is timed: those asked for, or its own."""
    return [size for size in sizes if size <= task.sizes[-1] * 10] or list(task.sizes)


def present(competitors: list[Competitor]) -> list[Competitor]:
    """Those whose libraries are installed; the others are named."""
    found = []
    for competitor in competitors:
        absent = lacking(competitor)
        if absent:
            print(f"{competitor.name} is skipped for {competitor.task}: no {', '.join(absent)}")
        else:
            found.append(competitor)
    return found


def compared(tasks: list[Task], sizes: list[int], budget: float) -> Iterator[Row]:
    """Every row, printed as it comes."""
    competitors = present([c for c in all_competitors() if c.task in {t.id for t in tasks}])
    for task in tasks:
        print(f"\n{task.title}")
        for size in chosen(task, sizes):
            for row in measured(task, size, competitors, budget):
                print(
                    f"  {row.size:>10,} {task.unit:<8}{row.competitor:<40}{row.ratio:>10,.2f} x "
                    f"({row.low:,.2f} to {row.high:,.2f}; processor {row.cpu_ratio:,.2f}); "
                    f"{seconds(row.theirs)} and {seconds(row.ours)}",
                    flush=True,
                )
                yield row


def seconds(took: float) -> str:
    """A time with its unit."""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if took * factor >= 1:
            return f"{took * factor:,.3g} {unit}"
    return f"{took * 1e6:,.3g} µs"


def main(arguments: list[str] | None = None) -> int:
    """Compare, print, and write or check if asked to."""
    tasks = all_tasks()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--task", nargs="+", choices=tasks, default=list(tasks))
    parser.add_argument("--sizes", nargs="+", type=int, default=[])
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds for each competitor")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(arguments)
    try:
        rows = list(compared([tasks[name] for name in given.task], given.sizes, given.budget))
    except NotEqualError as error:
        print(error, file=sys.stderr)
        return 1
    del rows
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    sys.exit(main())
