"""The command `plan`: goals of the D&R plan, how far they are, and what they do for liberties."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, add_sources, as_day, as_path
from risicoscreener.cli.common import (
    day_of,
    read_bytes,
    read_one_dossier,
    say_json,
    screener_of,
    to_plain,
    write_text,
)
from risicoscreener.errors import ReentryError

if TYPE_CHECKING:
    from risicoscreener.reentry.plan import GoalCatalogue


def _plan(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.plan import (
        GoalCatalogue,
        liberties_if_reached,
        plan_progress,
        propose_goals,
        read_plan,
    )

    known = GoalCatalogue.from_files(arguments.own_goals, arguments.own_needs)
    if arguments.goals:
        return _say_goals(known, arguments)
    if (arguments.dossier is None) == (arguments.folder is None):
        raise ReentryError("expected one of: a DOSSIER.json, --folder DIR, or --goals")
    if arguments.folder is not None:
        return _say_plans(known, arguments)
    dossier = read_one_dossier(arguments.dossier)
    plan = read_plan(read_bytes(arguments.plan), known) if arguments.plan else None
    day = day_of(dossier, arguments.as_of)
    options: dict[str, Any] = {"plan": plan, "catalogue": known}
    parts: dict[str, Any] = {"progress": plan_progress(dossier, day, **options)}
    if arguments.propose:
        result = screener_of(arguments).screen(dossier, arguments.decision, as_of=day)
        parts["proposals"] = propose_goals(dossier, day, result=result, **options)
    if arguments.liberties:
        screener = screener_of(arguments)
        parts["liberties"] = liberties_if_reached(dossier, day, screener=screener, **options)
    if arguments.html:
        from risicoscreener.reentry.plan import days_of_course, progress_over
        from risicoscreener.report.plan_page import plan_page

        days = days_of_course(dossier, day, arguments.every)
        course = progress_over(dossier, days, **options)
        page = plan_page(course, arguments.lang, parts.get("proposals"), parts.get("liberties"))
        write_text(arguments.html, page)
    if arguments.json:
        say_json({name: part.to_dict() for name, part in parts.items()})
    else:
        print("\n".join(part.text(arguments.lang) for part in parts.values()), end="")
    return 0


def _say_goals(known: GoalCatalogue, arguments: argparse.Namespace) -> int:
    if arguments.json:
        say_json([to_plain(goal) for goal in known.goals])
        return 0
    for goal in known.goals:
        text = goal.text.text(arguments.lang)
        print(f"{goal.id}: {text} [{goal.subject}, {goal.term_days}; {goal.source}]")
    return 0


def _say_plans(known: GoalCatalogue, arguments: argparse.Namespace) -> int:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.reentry.plan import list_plans

    for name in ("plan", "propose", "liberties", "html", "every"):
        if getattr(arguments, name):
            raise ReentryError(f"--{name} goes with one DOSSIER.json, not with --folder")
    today = dt.date.today()
    dossiers = DossierTables.read(arguments.folder, recorded_by=today)
    frame = list_plans(dossiers, arguments.as_of or today, catalogue=known)
    if arguments.json:
        say_json(to_plain(frame.astype(object).where(frame.notna(), None).to_dict("records")))
    else:
        from risicoscreener.reentry.sharing.csv_text import csv_text

        print(csv_text(frame), end="")
    return 0


def _as_days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 365):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of days; expected a whole number from 1 to 365"
        )
    return int(text)


def add_plan(commands: Any) -> None:
    """Declare `plan`."""
    parser = add_command(
        commands,
        "plan",
        _plan,
        "The D&R plan: how far each goal is, what could be proposed, what it does for liberties.",
    )
    parser.add_argument(
        "dossier",
        nargs="?",
        type=as_path,
        metavar="DOSSIER.json",
        help="a dossier as JSON, - for stdin",
    )
    parser.add_argument(
        "--folder", type=as_path, metavar="DIR", help="dossiers as tables: a CSV of plans"
    )
    parser.add_argument("--plan", type=as_path, metavar="FILE", help="which goals were set, JSON")
    parser.add_argument("--as-of", type=as_day, metavar="DATE", help="day of the picture")
    parser.add_argument("--propose", action="store_true", help="goals that could be proposed")
    parser.add_argument(
        "--decision", default="leave", help="decision whose screening weighs the needs (leave)"
    )
    parser.add_argument("--liberties", action="store_true", help="outcomes if goals were reached")
    parser.add_argument("--goals", action="store_true", help="print the catalogue of goals")
    parser.add_argument("--html", type=as_path, metavar="FILE", help="write a page as well")
    parser.add_argument(
        "--every", type=_as_days, metavar="DAYS", help="days between columns of the page"
    )
    parser.add_argument("--own-goals", type=as_path, metavar="FILE", help="own goals")
    parser.add_argument("--own-needs", type=as_path, metavar="FILE", help="own needs")
    add_sources(parser)
