"""The command that simulates what a policy would do: `impact`."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING

from risicoscreener.cli.arguments import (
    add_command,
    as_count,
    as_day,
    as_jobs,
    as_path,
    as_seed,
)
from risicoscreener.cli.common import progress, say_json, so_far, write_text
from risicoscreener.errors import ImpactError
from risicoscreener.writing import check_place

if TYPE_CHECKING:
    from risicoscreener.decision import CompiledPolicy
    from risicoscreener.impact import Impact, ImpactComparison, People, Settings

PEOPLE, MONTHS, WARM_UP, REPLICATES = 5000, 12, 3, 5


def _impact(arguments: argparse.Namespace) -> int:
    from risicoscreener.impact import compare_impacts, policy_of

    for path in (arguments.html, arguments.out):
        if path:
            check_place(path)
    policies = [policy_of(name) for name in (arguments.policy, arguments.against) if name]
    _check_kinds(policies)
    settings = _settings(arguments, policies)
    people = _people(arguments, settings)
    found = [_simulated(arguments, people, policy, settings) for policy in policies]
    said = found[0] if len(found) == 1 else compare_impacts(found[0], found[1])
    if arguments.html:
        from risicoscreener.report.impact_page import impact_page

        write_text(arguments.html, impact_page(found, arguments.lang))
    if arguments.out:
        from risicoscreener.reentry.sharing.csv_text import csv_text

        write_text(arguments.out, csv_text(said.to_frame(arguments.lang)))
    _say(said, arguments)
    return 0


def _say(said: Impact | ImpactComparison, arguments: argparse.Namespace) -> None:
    if arguments.json:
        say_json(said.to_dict())
    else:
        print(said.text(arguments.lang), end="")


def _check_kinds(policies: list[CompiledPolicy]) -> None:
    kinds = {policy.policy.kind for policy in policies}
    if len(kinds) > 1:
        raise ImpactError(
            f"{' and '.join(policy.id for policy in policies)} decide on different things; "
            "expected two versions for one kind of decision"
        )


def _settings(arguments: argparse.Namespace, policies: list[CompiledPolicy]) -> Settings:
    from risicoscreener.impact import Settings

    start = arguments.start or max(policy.policy.valid_from for policy in policies)
    return Settings.of(
        start,
        policies[0].policy.kind,
        capacity=arguments.capacity,
        months=arguments.months,
        warm_up_months=arguments.warm_up,
        priority=arguments.priority,
        replicates=arguments.replicates,
        seed=arguments.seed,
    )


def _people(arguments: argparse.Namespace, settings: Settings) -> People:
    from risicoscreener.impact import People
    from risicoscreener.impact.around import cohort_around
    from risicoscreener.synthetic import at_liberty, load_parameters, simulate

    n, calendar = cohort_around(settings, arguments.people)
    with progress("people", arguments) as advance:
        cohort = simulate(
            n,
            seed=arguments.seed,
            population=arguments.population,
            changes=calendar,
            n_jobs=arguments.jobs,
            on_block=so_far(advance, n),
        )
    parameters = load_parameters(arguments.population, calendar)
    return People.of(cohort.tables, cohort.index(), at_liberty(cohort, parameters))


def _simulated(
    arguments: argparse.Namespace, people: People, policy: CompiledPolicy, settings: Settings
) -> Impact:
    from risicoscreener.impact import book_of, simulate
    from risicoscreener.impact.settings import months_after
    from risicoscreener.screening import Screener

    # Each policy as if it had always been there: what differs is the policy alone.
    begin = months_after(settings.start, -settings.warm_up_months) - dt.timedelta(days=1)
    shipped = Screener.load(bundle=arguments.bundle)
    screener = Screener(shipped.bundle, book_of(policy, start=begin))
    with progress(policy.id, arguments) as advance:
        report = so_far(advance, settings.replicates)
        return simulate(people, screener, settings, label=policy.id, on_run=report)


def _as_capacity(text: str) -> float:
    """Assessments a week as they are typed."""
    try:
        capacity = float(text)
    except ValueError:
        capacity = 0.0
    if not 0 < capacity <= 1e6:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no capacity; expected assessments a week, above 0"
        )
    return capacity


def _as_months(text: str) -> int:
    """A number of months as it is typed."""
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 0 <= int(text) <= 120):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of months; expected 0 to 120")
    return int(text)


def _as_replicates(text: str) -> int:
    """A number of replicates as it is typed."""
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of replicates; expected 1 to 1000")
    return int(text)


def add_impact(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command that simulates."""
    about = (
        "Simulate months of decisions about synthetic people: outcomes, the queue for deep "
        "assessments, liberties lost. With --against: what differs under another policy, with the "
        "same people and the same chance. Says nothing about real numbers."
    )
    parser = add_command(commands, "impact", _impact, about)
    add = parser.add_argument
    policy = "a policy by id (leave/2021-07-01), shipped or an example, or a TOML file"
    add("--policy", type=as_path, required=True, metavar="ID", help=policy)
    add(
        "--against",
        type=as_path,
        metavar="ID",
        help="what is laid beside it: " + policy,
    )
    add("--people", type=as_count, default=PEOPLE, metavar="N", help=f"people a year ({PEOPLE})")
    add("--months", type=_as_months, default=MONTHS, metavar="M", help=f"months ({MONTHS})")
    add(
        "--capacity",
        type=_as_capacity,
        required=True,
        metavar="C",
        help="deep assessments a week that psychologists finish",
    )
    add("--start", type=as_day, metavar="DATE", help="first day (that of the later policy)")
    add(
        "--warm-up",
        type=_as_months,
        default=WARM_UP,
        metavar="M",
        help=f"months before it, not reported ({WARM_UP})",
    )
    add(
        "--priority",
        choices=("fifo", "earliest_date", "time_bound_first"),
        default="fifo",
        help="whose assessment is taken up first (fifo)",
    )
    add(
        "--population",
        choices=("sentenced", "flow"),
        default="sentenced",
        help="sentences of at least half a year, or all who come in (sentenced)",
    )
    add("--bundle", type=as_path, metavar="FILE", help="models; the shipped ones by default")
    add(
        "--replicates",
        type=_as_replicates,
        default=REPLICATES,
        metavar="R",
        help=f"runs with other chance ({REPLICATES})",
    )
    add("--seed", type=as_seed, default=1, help="of people and chance (1)")
    add("--jobs", type=as_jobs, default=1, metavar="N", help="processes that draw people (1)")
    add("--html", type=as_path, metavar="OUT.html", help="also write a page with pictures")
    add("--out", type=as_path, metavar="OUT.csv", help="also write the figures as a table")
