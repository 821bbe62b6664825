"""Commands for pilots over sites: `pilot power`, `allocate`, `register`, `analyse`, `report`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_day, as_path, as_seed
from risicoscreener.cli.common import EXIT_FAILED, read_frame, say_json, write_text
from risicoscreener.errors import PilotError
from risicoscreener.writing import check_place

if TYPE_CHECKING:
    from risicoscreener.evaluation.pilots import PilotDesign, PilotJudgement, Power

MOST_RUNS = 100_000


def _power(arguments: argparse.Namespace) -> int:
    from risicoscreener.evaluation.pilots import (
        Assumed,
        people_needed,
        periods_needed,
        power,
        read_registration,
        simulated_power,
        sites_needed,
    )

    if arguments.registration:
        registered = read_registration(arguments.registration)
        design, assumed, plan = (
            registered.pilot_design(),
            registered.assumed(),
            registered.plan(),
        )
        _refuse_options(arguments)
        effect = registered.good * registered.rule.worthwhile
        if arguments.effect is not None:
            effect = arguments.effect
    else:
        for name, value in _DEFAULTS.items():
            if getattr(arguments, name) is None:
                setattr(arguments, name, value)
        design, plan = _design(arguments), None
        if arguments.level is None or arguments.effect is None:
            raise PilotError("--level and --effect are absent; expected both, or a registration")
        assumed = Assumed(
            arguments.outcome,
            arguments.level,
            arguments.per_cell,
            icc=arguments.icc,
            cac=arguments.cac,
            sd=arguments.sd,
            between_cv=arguments.between_cv,
            size_cv=arguments.size_cv,
        )
        effect = arguments.effect
    if arguments.runs:
        found = simulated_power(
            design, assumed, effect, plan=plan, runs=arguments.runs, seed=arguments.seed
        )
    else:
        found = power(design, assumed, effect)
    needed = {
        "sites_needed": sites_needed(design, assumed, effect),
        "people_needed": people_needed(design, assumed, effect),
        "periods_needed": periods_needed(design, assumed, effect),
    }
    if arguments.json:
        say_json(found.to_dict() | needed)
    else:
        print(found.text(arguments.lang), end="")
        _say_needed(found, needed, arguments.lang)
    return 0


_DEFAULTS: dict[str, Any] = {
    "design": "stepped_wedge",
    "sites": 8,
    "steps": None,
    "before": 1,
    "after": 1,
    "outcome": "binary",
    "level": None,
    "per_cell": 30.0,
    "icc": 0.05,
    "cac": 0.8,
    "sd": 1.0,
    "between_cv": 0.25,
    "size_cv": 0.0,
}
"""What is assumed of a pilot without a registration, which says all of it itself."""


def _refuse_options(arguments: argparse.Namespace) -> None:
    for name in _DEFAULTS:
        if getattr(arguments, name) is not None:
            raise PilotError(
                f"--{name.replace('_', '-')} is given beside a registration, which says it itself; "
                "expected one of the two"
            )


def _say_needed(found: Power, needed: dict[str, int | None], lang: str) -> None:
    from risicoscreener.evaluation.pilots.telling import say

    if found.enough:
        return
    sites, people = needed["sites_needed"], needed["people_needed"]
    print(say("power_sites", lang, sites=sites) if sites else say("power_no_sites", lang))
    print(say("power_people", lang, people=people) if people else say("power_no_people", lang))
    if needed["periods_needed"]:
        print(say("power_periods", lang, periods=needed["periods_needed"]))


def _design(arguments: argparse.Namespace) -> PilotDesign:
    """A design from numbers: sites without names."""
    from risicoscreener.evaluation.pilots import parallel, stepped_wedge

    n, sites = arguments.sites, [str(i + 1) for i in range(arguments.sites)]
    if arguments.design == "parallel":
        periods = [str(i + 1) for i in range(arguments.before + arguments.after)]
        return parallel(sites, sites[: n // 2], periods=periods, start=arguments.before)
    steps = arguments.steps or n
    if not 2 <= steps <= n:
        raise PilotError(f"--steps is {steps}; expected 2 to the number of sites, {n}")
    groups = [sites[n * i // steps : n * (i + 1) // steps] for i in range(steps)]
    return stepped_wedge(groups)


def _allocate(arguments: argparse.Namespace) -> int:
    from dataclasses import replace

    from risicoscreener.evaluation.pilots import allocate, read_registration

    registered = read_registration(arguments.registration)
    if registered.hash:
        raise PilotError("it was registered already; lots are drawn for a draft")
    design = registered.pilot_design()
    drawn = allocate(
        replace(design, balance={}, keep=1.0),
        seed=arguments.seed,
        balance=design.balance,
        keep=design.keep if design.keep < 1 else 0.1,
    )
    if arguments.json:
        say_json(drawn.to_dict())
        return 0
    print("[design.starts]")
    for site, start in zip(drawn.design.sites, drawn.design.starts, strict=True):
        period = drawn.design.periods[start] if start >= 0 else "never"
        print(f"{json.dumps(site)} = {json.dumps(period)}")
    print(f"# seed {drawn.seed}; drawn out of {drawn.possible} assignments")
    return 0


def _register(arguments: argparse.Namespace) -> int:
    from risicoscreener.evaluation.pilots import read_registration, register

    check_place(arguments.out)
    text = register(arguments.registration, arguments.on or dt.date.today())
    write_text(arguments.out, text)
    found = read_registration(text.encode())
    if arguments.json:
        say_json({"registered_on": str(found.registered_on), "hash": found.hash})
    else:
        print(f"{found.registered_on}  sha256 {found.hash}")
    return 0


def _analyse(arguments: argparse.Namespace) -> int:
    found = _judged(arguments)
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang), end="")
    return 0


def _report(arguments: argparse.Namespace) -> int:
    from risicoscreener.report.pilot_page import pilot_page

    check_place(arguments.out)
    found = _judged(arguments)
    write_text(arguments.out, pilot_page(found, arguments.lang))
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.recommendation.text(arguments.lang))
    return 0


def _judged(arguments: argparse.Namespace) -> PilotJudgement:
    from risicoscreener.evaluation.pilots import judge, read_registration

    registration = read_registration(arguments.registration)
    expected = getattr(arguments, "hash", None)
    if expected and registration.checksum() != expected:
        raise PilotError(
            f"the registration has checksum {registration.checksum()}; expected {expected}: "
            "it is not the one that was published"
        )
    if not registration.is_registered:
        print("note: this plan was not registered beforehand", file=sys.stderr)
    return judge(registration, read_frame(arguments.data), method=arguments.method)


def _verify(arguments: argparse.Namespace) -> int:
    from risicoscreener.evaluation.pilots import read_registration

    found = read_registration(arguments.registration)
    same = found.is_registered and (not arguments.hash or arguments.hash == found.hash)
    if arguments.json:
        say_json({"registered": found.is_registered, "hash": found.checksum(), "same": same})
    else:
        print(found.checksum())
    return 0 if same else EXIT_FAILED


def _as_number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e12:
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return value


def _as_whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text) <= MOST_RUNS):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 to {MOST_RUNS}")
    return int(text)


def add_pilot(commands: Any) -> None:
    """Declare the commands for pilots."""
    about = "Pilots over sites: power, lots, registration, analysis and a report for a decision."
    pilot = commands.add_parser("pilot", help=about, description=about)
    parts = pilot.add_subparsers(required=True, metavar="WHAT")
    _add_power(parts)
    draw = add_command(
        parts,
        "allocate",
        _allocate,
        "Draw lots: which site of a draft gets which of its starts, within strata and balanced.",
    )
    _add_registration(draw)
    draw.add_argument("--seed", type=as_seed, required=True, metavar="N", help="of the lots")
    put = add_command(
        parts, "register", _register, "Give a draft its date and checksum; publish the latter."
    )
    _add_registration(put)
    put.add_argument("--on", type=as_day, metavar="DATE", help="day; today by default")
    put.add_argument("--out", type=as_path, required=True, metavar="OUT.toml", help="the file")
    verify = add_command(
        parts, "verify", _verify, "Whether a registration is as it was; ends on 1 if not."
    )
    _add_registration(verify)
    verify.add_argument("--hash", metavar="SHA256", help="checksum as it was published")
    look = add_command(
        parts, "analyse", _analyse, "Analyse a pilot as it was registered, and apply its rule."
    )
    page = add_command(parts, "report", _report, "The same as a page for who decides.")
    for parser in (look, page):
        _add_registration(parser)
        parser.add_argument(
            "data",
            type=as_path,
            metavar="DATA",
            help="a row for each person (site, period, outcome) or for each site and period "
            "(site, period, size, total); CSV or Parquet",
        )
        parser.add_argument("--hash", metavar="SHA256", help="checksum as it was published")
        parser.add_argument(
            "--method", metavar="NAME", help="another method than registered: nothing is advised"
        )
    page.add_argument("--out", type=as_path, required=True, metavar="OUT.html", help="the page")


def _add_registration(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "registration", type=as_path, metavar="PILOT.toml", help="what is agreed on"
    )


def _add_power(parts: Any) -> None:
    parser = add_command(
        parts,
        "power",
        _power,
        "What a pilot could find, by formula or by simulation with its own analysis.",
    )
    add = parser.add_argument
    add("registration", type=as_path, nargs="?", metavar="PILOT.toml", help="or the options below")
    add("--design", choices=("stepped_wedge", "parallel"), help="(stepped_wedge)")
    add("--sites", type=_as_whole, metavar="N", help="number of sites (8)")
    add("--steps", type=_as_whole, metavar="N", help="groups in a stepped wedge (one a site)")
    add("--before", type=_as_whole, metavar="N", help="parallel: periods before (1)")
    add("--after", type=_as_whole, metavar="N", help="parallel: periods after (1)")
    add("--outcome", choices=("binary", "count", "continuous"), help="(binary)")
    add("--level", type=_as_number, metavar="X", help="share, rate or mean without the new way")
    add("--effect", type=_as_number, metavar="X", help="difference to be found, -0.05 say")
    add("--per-cell", type=_as_number, metavar="N", help="people a cell (30)")
    add("--icc", type=_as_number, metavar="X", help="correlation in a site (0.05)")
    add("--cac", type=_as_number, metavar="X", help="of it between periods (0.8)")
    add("--sd", type=_as_number, metavar="X", help="continuous: between people (1)")
    add("--between-cv", type=_as_number, metavar="X", help="counts: of rates (0.25)")
    add("--size-cv", type=_as_number, metavar="X", help="of sizes of sites (0)")
    add("--runs", type=_as_whole, default=0, metavar="N", help="simulate so many pilots")
    add("--seed", type=as_seed, default=1, metavar="N", help="of the simulation (1)")
