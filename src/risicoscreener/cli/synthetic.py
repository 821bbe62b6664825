"""Commands on synthetic cohorts: `synth make` and the others of that group."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_count, as_path, as_seed
from risicoscreener.cli.sharing import EXIT_FAILED, progress, say_json, so_far
from risicoscreener.writing import check_place

if TYPE_CHECKING:
    from risicoscreener.synthetic.targets import Attainment, Target

WIDTH_OF_FILES = 200
"""Columns of a table that is written to a file or a pipe."""


def _make(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic.storage import write_cohort

    with progress("simulating", arguments) as advance:
        report = so_far(advance, arguments.n)
        write_cohort(
            arguments.out,
            arguments.n,
            seed=arguments.seed,
            population=arguments.population,
            n_jobs=arguments.jobs,
            on_part=lambda done, _total: report(done),
        )
    print(f"{arguments.n:,} synthetic people written to {arguments.out}", file=sys.stderr)
    return 0


def _targets(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic.targets import Attainment, targets

    found = Attainment(targets(), {seed: _reached(seed, arguments) for seed in arguments.seeds})
    if arguments.json:
        say_json(found.to_dict())
    elif arguments.markdown:
        print(found.markdown())
    else:
        _show_attainment(found)
    if found.ok:
        return 0
    missed = ", ".join(target.key for target in found.missed())
    print(f"confirmed or derived targets that are missed: {missed}", file=sys.stderr)
    return EXIT_FAILED


def _reached(seed: int, arguments: argparse.Namespace) -> Any:
    from risicoscreener.synthetic.targets import reach

    with progress(f"seed {seed}", arguments) as advance:
        return reach(
            arguments.n,
            seed=seed,
            n_jobs=arguments.jobs,
            on_block=so_far(advance, arguments.n),
        )


def _show_attainment(found: Attainment) -> None:
    from risicoscreener.synthetic.targets import conflicts

    _show_table(found.columns(), found.rows())
    print("\nWhere targets cannot both hold, or one has two published values:")
    for conflict in conflicts():
        print(
            f"\n  {', '.join(conflict.between)}\n    {conflict.why}\n    Chosen: {conflict.chosen}"
        )


def _show_table(columns: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    width = None if sys.stdout.isatty() else WIDTH_OF_FILES
    Console(file=sys.stdout, width=width, no_color=not sys.stdout.isatty()).print(table)


def _fit(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic.calibration import calibrate

    if arguments.out:
        check_place(arguments.out)
    wanted = _wanted(arguments)
    found = calibrate(
        wanted,
        n=arguments.n,
        seed=arguments.seed,
        n_jobs=arguments.jobs,
        on_step=None if arguments.json else lambda line: print(line, file=sys.stderr),
    )
    if arguments.json:
        say_json(found.to_dict())
    else:
        _show_table(found.columns(), found.rows())
    return 0


def _wanted(arguments: argparse.Namespace) -> tuple[Target, ...] | None:
    from risicoscreener.synthetic.aggregates import read_aggregates

    return read_aggregates(arguments.targets) if arguments.targets else None


def _sensitivity(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic.sensitivity import sensitivity

    with progress("moving targets", arguments) as advance:
        before = 0

        def report(done: int, total: int) -> None:
            nonlocal before
            advance(done - before, total)
            before = done

        found = sensitivity(
            arguments.target or None,
            n=arguments.n,
            seed=arguments.seed,
            n_jobs=arguments.jobs,
            on_variation=report,
        )
    if arguments.json:
        say_json(found.to_dict())
    elif arguments.markdown:
        print(found.markdown())
    else:
        _show_table(found.columns(), found.rows())
    return 0


def add_synthetic(commands: Any) -> None:
    """Declare the commands on synthetic cohorts."""
    group = commands.add_parser("synth", help="Make synthetic cohorts, and see what they reach.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    make = add_command(actions, "make", _make, "Write a synthetic cohort with its truth apart.")
    _add_size(make, 1000)
    make.add_argument("--seed", type=as_seed, default=1)
    make.add_argument("--population", default="sentenced", choices=("sentenced", "flow"))
    make.add_argument("--out", type=as_path, required=True, metavar="DIR")

    reached = add_command(
        actions,
        "targets",
        _targets,
        "Hold cohorts of all releases against published aggregates; ends on 1 if a confirmed or "
        "derived one is missed.",
    )
    _add_size(reached, 200_000)
    reached.add_argument(
        "--seeds", type=as_seed, nargs="+", default=[1], metavar="SEED", help="one or more (1)"
    )
    reached.add_argument("--markdown", action="store_true", help="print the table as Markdown")

    fit = add_command(actions, "fit", _fit, "Fit the free parameters to published aggregates.")
    _add_size(fit, 20_000)
    fit.add_argument("--seed", type=as_seed, default=1)
    fit.add_argument(
        "--targets",
        type=as_path,
        metavar="FILE",
        help="aggregates (.csv or .toml); by default all confirmed and derived ones",
    )
    fit.add_argument("--out", type=as_path, metavar="FILE", help="write a scenario (.toml)")

    moved = add_command(
        actions,
        "sensitivity",
        _sensitivity,
        "Move what is recalled or assumed to the ends of its tolerance, one at a time.",
    )
    _add_size(moved, 20_000)
    moved.add_argument("--seed", type=as_seed, default=1)
    moved.add_argument(
        "--target", action="append", metavar="KEY", help="only this target; repeatable"
    )
    moved.add_argument("--markdown", action="store_true", help="print the table as Markdown")


def _add_size(parser: argparse.ArgumentParser, people: int) -> None:
    parser.add_argument("-n", type=as_count, default=people, help=f"number of people ({people})")
    parser.add_argument(
        "--jobs", type=as_count, default=1, metavar="N", help="number of processes (1)"
    )
