"""How many times as long each other way takes, each checked to answer as ours does, then timed.

    python benchmarks/compare.py [--task features] [--sizes 1000 10000] [--write] [--check]
                                 [--rsr-calculator CHECKOUT]

Every competitor in `benchmarks/competitors/` runs in turn with ours on the same data; the figure is
the median of the ratios of such pairs. With ``--write`` the figures go to
`benchmarks/results/latest.json`, the ratios to `history.jsonl` beside it, and both become
`docs/benchmarks.md` with its pictures. With ``--check`` the ratios are held against the last ones
in the history, and what fell by more than a third is named (exit code 1). The library at the source
of OGRS3 and RSR takes part if Node is there and a checkout of it is named. A size above a million
goes in parts of a million, each made, checked, timed once and forgotten; all sizes of all tasks
take some half an hour and 10 GB, ``--sizes 1 1000 100000`` a few minutes and 2 GB.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator

import history
from competitors import all_competitors, all_tasks
from competitors._interface import Competitor, Files, Task
from competitors._measuring import BUDGET, NotEqualError, Row, measured
from competitors._page import page, seconds
from competitors._pictures import draw_history, draw_ratios, draw_scaling
from competitors._results import Results, joined, load, results, save
from competitors.with_node import VARIABLE as RSR_CALCULATOR
from risicoscreener.writing import put_in_place

FILES = Files()


def chosen(task: Task, sizes: list[int]) -> list[int]:
    """The sizes at which a task is timed: those asked for, or its own."""
    single, many = 1 in task.sizes, task.sizes[-1] > 1
    fitting = [size for size in sizes if (single if size == 1 else many)]
    return fitting or list(task.sizes)


def present(competitors: list[Competitor]) -> list[Competitor]:
    """Those whose libraries are installed; the others are named."""
    found = []
    for competitor in competitors:
        why = competitor.absent()
        if why:
            print(f"{competitor.name} is skipped for {competitor.task}: {why}")
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


def write(found: Results, files: Files) -> None:
    """The figures, the history, the page and its pictures."""
    history.append(found.entries(), files.history)
    save(joined(found, load(files.latest)), files.latest)
    write_page(files)


def write_page(files: Files) -> None:
    """The page and its pictures, of the figures that are there."""
    found = load(files.latest)
    if found is None:
        raise SystemExit("there are no results yet; run with --write")
    tasks = list(all_tasks().values())
    draw_ratios(found.rows, tasks, files.picture("ratios"))
    draw_scaling(found.rows, tasks, files.picture("scaling"))
    draw_history(history.read(files.history), files.picture("history"))
    with put_in_place(files.page) as unfinished:
        unfinished.write_text(page(found, tasks, all_competitors()), "utf-8")


def check(found: Results, files: Files) -> int:
    """Name what fell by more than a third since the last run; 1 if something did."""
    fell = history.fallen(found.entries(), history.read(files.history))
    for now, then in fell:
        print(
            f"{now.task}, {now.competitor}, {now.size:,}: {now.ratio:.3g} times as long as ours, "
            f"where it was {then.ratio:.3g} on {then.date}"
        )
    if not fell:
        print("nothing fell by more than a third since the last run")
    return int(bool(fell))


def main(arguments: list[str] | None = None, files: Files = FILES) -> int:
    """Compare, print, and write or check if asked to."""
    tasks = all_tasks()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--task", nargs="+", choices=tasks, default=list(tasks))
    parser.add_argument("--sizes", nargs="+", type=int, default=[])
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds for each competitor")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--page", action="store_true", help="the page anew, without measuring")
    parser.add_argument("--rsr-calculator", help="checkout of NOMS-DIGITAL-STUDIO/rsr-calculator")
    given = parser.parse_args(arguments)
    if given.rsr_calculator:
        os.environ[RSR_CALCULATOR] = given.rsr_calculator
    if given.page:
        write_page(files)
        return 0
    busy = os.getloadavg()[0]
    try:
        rows = list(compared([tasks[name] for name in given.task], given.sizes, given.budget))
    except NotEqualError as error:
        print(error, file=sys.stderr)
        return 1
    found = results(rows, busy)
    fell = check(found, files) if given.check else 0
    if given.write:
        write(found, files)
    return fell


if __name__ == "__main__":
    sys.exit(main())
