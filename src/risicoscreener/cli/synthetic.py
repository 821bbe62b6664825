"""Commands on synthetic cohorts: `synth make` and the others of that group."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_count, as_jobs, as_path, as_seed
from risicoscreener.cli.common import EXIT_FAILED, progress, say_json, so_far
from risicoscreener.errors import DataError

if TYPE_CHECKING:
    from risicoscreener.synthetic.aims.targets import Attainment, Target
    from risicoscreener.synthetic.scenario import Scenario

PEOPLE, POPULATION = 1000, "sentenced"
WIDTH_OF_FILES = 1000
"""Columns of a table that is written to a file or a pipe."""


def _make(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic.storing.storage import write_cohort

    _check_new_cohort(arguments.out)
    scenario = _scenario(arguments)
    n = arguments.n or (PEOPLE if scenario is None else scenario.people)
    with progress("simulating", arguments) as advance:
        report = so_far(advance, n)
        write_cohort(
            arguments.out,
            n,
            seed=arguments.seed,
            population=None if scenario else arguments.population or POPULATION,
            scenario=scenario,
            n_jobs=arguments.jobs,
            on_part=lambda done, _total: report(done),
            with_targets=True,
        )
    print(f"{n:,} synthetic people written to {arguments.out}", file=sys.stderr)
    return 0


def _check_new_cohort(folder: str) -> None:
    """Check where a cohort is to stand, before a fit that takes long."""
    from risicoscreener.writing import check_new_folder

    try:
        check_new_folder(folder)
    except OSError as error:
        raise DataError(
            f"a cohort cannot be written to {folder}: {error.strerror}; expected a folder that is "
            "not there yet or is empty: give another --out, or move what is there"
        ) from None


def _scenario(arguments: argparse.Namespace) -> Scenario | None:
    """The scenario that was asked for; one with targets of its own is fitted to them first."""
    from risicoscreener.synthetic.scenario import Scenario

    if arguments.scenario is None:
        return None
    scenario = Scenario.load(arguments.scenario)
    if not scenario.targets:
        return scenario
    from risicoscreener.synthetic.scenario_file import fitted

    print(f"scenario {scenario.id} has targets: fitting to them", file=sys.stderr)
    return fitted(scenario, n_jobs=arguments.jobs, on_step=_say_step(arguments))


def _say_step(arguments: argparse.Namespace) -> Callable[[str], None] | None:
    return None if arguments.json else lambda line: print(line, file=sys.stderr)


def _start(scenario: Scenario | None) -> dict[str, Any]:
    """Population and changes of a scenario, as functions that draw all releases take them."""
    if scenario is None:
        return {}
    return {"population": scenario.population, "changes": dict(scenario.changes)}


def _targets(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic.aims.targets import Attainment, targets

    start = _start(_scenario(arguments))
    found = Attainment(
        targets(), {seed: _reached(seed, arguments, start) for seed in arguments.seeds}
    )
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


def _reached(seed: int, arguments: argparse.Namespace, start: dict[str, Any]) -> Any:
    from risicoscreener.synthetic.aims.targets import reach

    with progress(f"seed {seed}", arguments) as advance:
        return reach(
            arguments.n,
            seed=seed,
            n_jobs=arguments.jobs,
            on_block=so_far(advance, arguments.n),
            **start,
        )


def _show_attainment(found: Attainment) -> None:
    from risicoscreener.synthetic.aims.targets import conflicts

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
    from risicoscreener.synthetic.aims.calibration import calibrate
    from risicoscreener.synthetic.parameters import DEFAULT_POPULATION
    from risicoscreener.synthetic.scenario import Scenario
    from risicoscreener.synthetic.scenario_file import (
        check_scenario_place,
        fitted_scenario,
        write_scenario,
    )

    if arguments.out:
        check_scenario_place(arguments.out)
    scenario = Scenario.load(arguments.scenario) if arguments.scenario else None
    wanted = _wanted(arguments, scenario)
    found = calibrate(
        wanted,
        **_start(scenario),
        n=arguments.n,
        seed=arguments.seed,
        n_jobs=arguments.jobs,
        on_step=_say_step(arguments),
    )
    if wanted is not None:
        found.check()
    if arguments.out:
        population = scenario.population if scenario else DEFAULT_POPULATION
        name = Path(arguments.out).stem
        write_scenario(fitted_scenario(name, found, population, arguments.n), arguments.out)
        print(f"scenario written to {arguments.out}", file=sys.stderr)
    if arguments.json:
        say_json(found.to_dict())
    else:
        _show_table(found.columns(), found.rows())
    return 0


def _wanted(arguments: argparse.Namespace, scenario: Scenario | None) -> tuple[Target, ...] | None:
    """Targets of a table, else those of the scenario, else all confirmed and derived ones."""
    from risicoscreener.synthetic.aims.aggregates import read_aggregates
    from risicoscreener.synthetic.scenario_file import targets_of

    if arguments.targets:
        return read_aggregates(arguments.targets)
    return targets_of(scenario) if scenario is not None and scenario.targets else None


def _scenarios(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic.scenario import Scenario

    if arguments.show:
        _show_scenario(Scenario.load(arguments.show), arguments)
        return 0
    shipped = Scenario.shipped().values()
    titles = {scenario.id: scenario.title.text(arguments.lang) for scenario in shipped}
    if arguments.json:
        say_json([{"id": name, "title": title} for name, title in titles.items()])
        return 0
    for name, title in titles.items():
        print(f"{name:34} {title}")
    return 0


def _show_scenario(scenario: Scenario, arguments: argparse.Namespace) -> None:
    from risicoscreener.synthetic.scenario_file import plain_scenario, scenario_text

    if arguments.json:
        say_json(plain_scenario(scenario))
        return
    print(scenario_text(scenario), end="")


def _sensitivity(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic.aims.sensitivity import sensitivity

    scenario = _scenario(arguments)
    with progress("moving targets", arguments) as advance:
        before = 0

        def report(done: int, total: int) -> None:
            nonlocal before
            advance(done - before, total)
            before = done

        found = sensitivity(
            arguments.target or None,
            **_start(scenario),
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
    make.add_argument(
        "-n", type=as_count, help=f"number of people (that of the scenario, or {PEOPLE})"
    )
    make.add_argument("--seed", type=as_seed, default=1)
    drawn = make.add_mutually_exclusive_group()
    drawn.add_argument("--population", choices=("sentenced", "flow"), help=f"who ({POPULATION})")
    _add_scenario(drawn)
    _add_jobs(make)
    make.add_argument("--out", type=as_path, required=True, metavar="DIR")

    reached = add_command(
        actions,
        "targets",
        _targets,
        "Hold cohorts of all releases against published aggregates; ends on 1 if a confirmed or "
        "derived one is missed.",
    )
    _add_scenario(reached)
    _add_size(reached, 200_000)
    reached.add_argument(
        "--seeds", type=as_seed, nargs="+", default=[1], metavar="SEED", help="one or more (1)"
    )
    reached.add_argument("--markdown", action="store_true", help="print the table as Markdown")

    fit = add_command(actions, "fit", _fit, "Fit the free parameters to published aggregates.")
    _add_scenario(fit)
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
    _add_scenario(moved)
    _add_size(moved, 20_000)
    moved.add_argument("--seed", type=as_seed, default=1)
    moved.add_argument(
        "--target", action="append", metavar="KEY", help="only this target; repeatable"
    )
    moved.add_argument("--markdown", action="store_true", help="print the table as Markdown")

    listed = add_command(actions, "scenarios", _scenarios, "List the scenarios, or show one.")
    listed.add_argument(
        "--show", type=as_path, metavar="ID", help="a scenario by its id, or a file (.toml)"
    )


def _add_size(parser: argparse.ArgumentParser, people: int) -> None:
    parser.add_argument("-n", type=as_count, default=people, help=f"number of people ({people})")
    _add_jobs(parser)


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs", type=as_jobs, default=1, metavar="N", help="number of processes (1)"
    )


def _add_scenario(parser: Any) -> None:
    parser.add_argument(
        "--scenario", type=as_path, metavar="ID", help="a scenario by its id, or a file (.toml)"
    )
