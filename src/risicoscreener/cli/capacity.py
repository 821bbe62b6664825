"""The command that forecasts cells and work: `capacity`."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import (
    add_command,
    as_count,
    as_day,
    as_jobs,
    as_path,
    as_seed,
)
from risicoscreener.cli.common import progress, read_frame, say_json, so_far, write_text
from risicoscreener.errors import ImpactError
from risicoscreener.strict_toml import parse_toml
from risicoscreener.writing import check_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.dossier import DossierTables
    from risicoscreener.impact.capacity import (
        CapacitySettings,
        Forecast,
        Scenario,
        Stays,
    )

PEOPLE, YEARS, MONTHS, REPLICATES = 1000, 5, 24, 200


def _capacity(arguments: argparse.Namespace) -> int:
    for path in (arguments.html, arguments.out):
        if path:
            check_place(path)
    settings = _settings(arguments)
    scenarios = _scenarios(arguments)
    stays, dossiers = _stays(arguments)
    if arguments.backtest:
        return _look_back(arguments, stays, settings)
    found = [
        _forecast(arguments, _under(arguments, stays, dossiers, policy), settings, scenario)
        for policy, scenario in scenarios
    ]
    _say(found, arguments)
    return 0


def _say(found: Sequence[Forecast], arguments: argparse.Namespace) -> None:
    from risicoscreener.impact.capacity import compare_forecasts
    from risicoscreener.reentry.sharing.csv_text import csv_text

    said = found[0] if len(found) == 1 else compare_forecasts(found[0], found[1])
    if arguments.html:
        from risicoscreener.report.capacity_page import capacity_page

        write_text(arguments.html, capacity_page(found, arguments.lang))
    if arguments.out:
        write_text(arguments.out, csv_text(said.months(arguments.lang)))
    if arguments.json:
        say_json(said.to_dict())
    else:
        print(said.text(arguments.lang), end="")


def _look_back(arguments: argparse.Namespace, stays: Stays, settings: CapacitySettings) -> int:
    from risicoscreener.impact.capacity import backtest
    from risicoscreener.reentry.sharing.csv_text import csv_text

    found = backtest(
        stays,
        arguments.backtest,
        settings,
        months=arguments.months,
        replicates=arguments.replicates,
        seed=arguments.seed,
        level=arguments.level,
    )
    if arguments.out:
        write_text(arguments.out, csv_text(found.to_frame()))
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang), end="")
    return 0


def _settings(arguments: argparse.Namespace) -> CapacitySettings:
    from risicoscreener.impact.capacity import CapacitySettings

    given = CapacitySettings.of()
    if arguments.settings:
        given = CapacitySettings.read(arguments.settings)
    return given.with_(dict(arguments.set))


def _scenarios(arguments: argparse.Namespace) -> list[tuple[str | None, Scenario]]:
    """What is forecast: under a policy or as it was, and what is laid beside it."""
    from risicoscreener.impact.capacity import Scenario

    if arguments.scenario and arguments.against:
        raise ImpactError(
            "--scenario and --against are both given; expected one thing that differs"
        )
    if arguments.against and not arguments.policy:
        raise ImpactError(
            "--against is given without --policy; expected the policy that it is against"
        )
    if arguments.backtest and (arguments.scenario or arguments.policy or arguments.html):
        raise ImpactError(
            "--backtest is given with --scenario, --policy or --html; expected it alone: what came "
            "after came as it did"
        )
    for name in filter(None, (arguments.policy, arguments.against)):
        from risicoscreener.impact import policy_of

        policy_of(name)  # before the slow part
    first: tuple[str | None, Scenario] = (
        arguments.policy,
        Scenario(label=arguments.policy or ""),
    )
    if arguments.against:
        return [first, (arguments.against, Scenario(label=arguments.against))]
    if arguments.scenario:
        return [first, (arguments.policy, Scenario.read(arguments.scenario))]
    return [first]


def _stays(arguments: argparse.Namespace) -> tuple[Stays, DossierTables | None]:
    from risicoscreener.impact.capacity import Stays
    from risicoscreener.impact.settings import months_after

    day = arguments.start or dt.date.today()
    seen_from = months_after(day, -12 * arguments.years)
    if arguments.stays:
        frame = read_frame(arguments.stays)
        return Stays.from_frame(frame, seen_from=seen_from, seen_until=day), None
    if arguments.cohort:
        from risicoscreener.dossier import DossierTables

        dossiers = DossierTables.read(arguments.cohort)
        return Stays.of(dossiers, day, seen_from=seen_from), dossiers
    dossiers, index = _synthetic(arguments, day)
    return Stays.of(dossiers, day, seen_from=seen_from, index=index), dossiers


def _synthetic(arguments: argparse.Namespace, day: dt.date) -> tuple[DossierTables, Any]:
    from risicoscreener.impact.capacity.around import flow_around
    from risicoscreener.synthetic import simulate

    n, calendar = flow_around(day, arguments.years, arguments.people)
    with progress("people", arguments) as advance:
        cohort = simulate(
            n,
            seed=arguments.seed,
            population="flow",
            changes=calendar,
            n_jobs=arguments.jobs,
            on_block=so_far(advance, n),
        )
    return cohort.tables, cohort.index()


def _under(
    arguments: argparse.Namespace, stays: Stays, dossiers: DossierTables | None, policy: str | None
) -> Stays:
    """The stays with what a policy says of them, as if it had always been there."""
    if policy is None:
        return stays
    if dossiers is None:
        raise ImpactError("--policy is given with --stays; expected dossiers (--cohort) to screen")
    from risicoscreener.impact import book_of, policy_of
    from risicoscreener.impact.capacity import outcomes_under
    from risicoscreener.screening import Screener

    compiled = policy_of(policy)
    shipped = Screener.load(bundle=arguments.bundle)
    screener = Screener(shipped.bundle, book_of(compiled, start=dt.date(1900, 1, 1)))
    return outcomes_under(stays, dossiers, screener, [compiled.policy.kind])


def _forecast(
    arguments: argparse.Namespace, stays: Stays, settings: CapacitySettings, scenario: Scenario
) -> Forecast:
    from risicoscreener.impact.capacity import forecast

    with progress(scenario.label or "capacity", arguments) as advance:
        return forecast(
            stays,
            settings,
            months=arguments.months,
            scenario=scenario,
            replicates=arguments.replicates,
            seed=arguments.seed,
            level=arguments.level,
            on_run=so_far(advance, arguments.replicates),
        )


def _as_setting(text: str) -> tuple[str, Any]:
    """A setting as it is typed: ``places.regular=900``."""
    import tomllib

    key, sign, value = text.partition("=")
    if not sign or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is no setting; expected section.name=value")
    try:
        return key.strip(), parse_toml(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()


def _as_whole(least: int, most: int, what: str) -> Any:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no {what}; expected {least} to {most}")
        return int(text)

    return read


def _as_level(text: str) -> float:
    try:
        level = float(text)
    except ValueError:
        level = 0.0
    if not 0.5 <= level <= 0.999:
        raise argparse.ArgumentTypeError(f"{text!r} is no coverage; expected 0.5 to 0.999")
    return level


def add_capacity(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command that forecasts capacity."""
    about = (
        "Forecast cells, self-reporters who wait, the flexible shell and the work of casemanagers "
        "and psychologists, with intervals, and which falls short first. With --scenario or "
        "--against: what a change does, with the same people and the same chance. Without --cohort "
        "or --stays from synthetic people: then it says nothing about real numbers."
    )
    parser = add_command(commands, "capacity", _capacity, about)
    add = parser.add_argument
    add("--cohort", type=as_path, metavar="DIR", help="tables of dossiers")
    add("--stays", type=as_path, metavar="FILE", help="a table with a row for each stay")
    add("--people", type=as_count, default=PEOPLE, metavar="N", help=f"a year ({PEOPLE})")
    add("--start", type=as_day, metavar="DATE", help="first day of the forecast (today)")
    years = _as_whole(1, 10, "number of years")
    add("--years", type=years, default=YEARS, metavar="Y", help=f"watched before it ({YEARS})")
    months = _as_whole(1, 120, "number of months")
    add("--months", type=months, default=MONTHS, metavar="M", help=f"months ({MONTHS})")
    add("--settings", type=as_path, metavar="FILE", help="settings as TOML")
    add(
        "--set",
        type=_as_setting,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="one setting (places.regular=900); may be repeated",
    )
    add("--scenario", type=as_path, metavar="FILE", help="changes as TOML, laid beside it")
    add("--policy", type=as_path, metavar="ID", help="who needs a deep assessment by this policy")
    add("--against", type=as_path, metavar="ID", help="another policy, laid beside it")
    add("--bundle", type=as_path, metavar="FILE", help="models; the shipped ones by default")
    add(
        "--backtest",
        type=as_day,
        metavar="DATE",
        help="forecast from this earlier day instead, and say how right it would have been",
    )
    replicates = _as_whole(1, 1000, "number of replicates")
    add("--replicates", type=replicates, default=REPLICATES, metavar="R", help=f"({REPLICATES})")
    add("--level", type=_as_level, default=0.9, metavar="L", help="coverage of intervals (0.9)")
    add("--seed", type=as_seed, default=1, help="of people and chance (1)")
    add("--jobs", type=as_jobs, default=1, metavar="N", help="processes that draw people (1)")
    add("--html", type=as_path, metavar="OUT.html", help="also write a page with pictures")
    add("--out", type=as_path, metavar="OUT.csv", help="also write the months as a table")
