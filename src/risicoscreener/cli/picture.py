"""Commands over time: `follow`, `admissible`, `rescreen`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from typing import Any

from risicoscreener.cli.arguments import add_command, add_sources, as_day, as_path
from risicoscreener.cli.common import read_bytes, read_frame, say_json, screener_of, write_text
from risicoscreener.errors import RisicoscreenerError
from risicoscreener.writing import check_place, put_in_place


def _follow(arguments: argparse.Namespace) -> int:
    from risicoscreener.screening.picture import follow, read_events

    _check_picture(arguments)
    found = read_events(read_bytes(arguments.events), arguments.events)
    screener = screener_of(arguments)
    followed = follow(
        found.person,
        found.events,
        kinds=arguments.decision,
        until=arguments.until,
        screener=screener,
    )
    if arguments.picture:
        from risicoscreener.report.detention import plot_detention
        from risicoscreener.screening.picture.course import course_of

        course = course_of(
            followed.picture.dossier,
            kinds=arguments.decision,
            first=followed.first,
            last=followed.last,
            screener=screener,
        )
        _save(plot_detention(course, language=arguments.lang), arguments.picture)
    if arguments.json:
        say_json(followed.to_dict())
    else:
        print(followed.text(arguments.lang, moves=not arguments.outcomes_only), end="")
    return 0


def _admissible(arguments: argparse.Namespace) -> int:
    from risicoscreener.screening.admissible import admissible

    _check_picture(arguments)
    timeline = admissible(
        read_bytes(arguments.dossier),
        arguments.decision,
        arguments.as_of,
        until=arguments.until,
        screener=screener_of(arguments),
    )
    if arguments.picture:
        _save(timeline.plot(language=arguments.lang).figure, arguments.picture)
    if arguments.json:
        say_json(timeline.to_dict())
    else:
        print(timeline.text(arguments.lang), end="")
    return 0


def _rescreen(arguments: argparse.Namespace) -> int:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.screening.picture import rescreen_list

    if bool(arguments.since) == bool(arguments.last):
        raise RisicoscreenerError(
            "give --since DATE, if everyone was screened on one day, or --last FILE with results"
        )
    if arguments.out:
        check_place(arguments.out)
    day = arguments.day or dt.date.today()
    dossiers = DossierTables.read(
        arguments.folder, on_error="quarantine", recorded_by=dt.date.today()
    )
    found = rescreen_list(
        dossiers,
        day,
        arguments.since or read_frame(arguments.last),
        kinds=arguments.decision,
        screener=screener_of(arguments),
        only_inside=not arguments.everyone,
    )
    if arguments.out:
        from risicoscreener.reentry.sharing.csv_text import csv_text

        write_text(arguments.out, csv_text(found.to_frame()))
    counts = {name: count for name, count in found.counts().items() if count}
    if arguments.json:
        people = len(found.people())
        print(json.dumps({"screenings": len(found), "people": people, "reasons": counts}))
    else:
        _say_list(found, counts, arguments.lang)
    if dossiers.problems:
        print(f"{len(dossiers.problems)} problem(s); rows set apart", file=sys.stderr)
    return 0


def _say_list(found: Any, counts: dict[str, int], lang: Any) -> None:
    from risicoscreener.screening.picture.wording import say

    people = len(found.people())
    print(say("rescreen", "total", lang, screenings=len(found), people=people, day=found.day))
    for name, count in counts.items():
        print(f"{count:10,}  {say('rescreen', name, lang)}")


def _check_picture(arguments: argparse.Namespace) -> None:
    """What would go wrong after the work goes wrong before it."""
    if not arguments.picture:
        return
    if not arguments.picture.endswith((".png", ".svg", ".pdf")):
        raise RisicoscreenerError(
            f"{arguments.picture}: expected a name that ends in .png, .svg or .pdf"
        )
    check_place(arguments.picture)


def _save(figure: Any, path: str) -> None:
    with put_in_place(path) as unfinished:
        figure.savefig(unfinished, format=path.rsplit(".", 1)[1], dpi=110)


def add_picture(commands: Any) -> None:
    """Declare the commands over time."""
    many = add_command(
        commands, "follow", _follow, "Follow someone fact by fact: what moved, and why."
    )
    many.add_argument(
        "events", type=as_path, metavar="EVENTS.jsonl", help="facts in order, - for stdin"
    )
    _add_kinds(many)
    many.add_argument("--until", type=as_day, metavar="DATE", help="last day (that of the last)")
    many.add_argument("--outcomes-only", action="store_true", help="leave out what moved")
    _add_drawing(many)

    one = add_command(
        commands, "admissible", _admissible, "Say from which day which liberty is possible."
    )
    one.add_argument(
        "dossier", type=as_path, metavar="DOSSIER.json", help="a dossier as JSON, - for stdin"
    )
    _add_kinds(one)
    one.add_argument("--as-of", type=as_day, metavar="DATE", help="day of the picture")
    one.add_argument("--until", type=as_day, metavar="DATE", help="last day to look at (release)")
    _add_drawing(one)

    listed = add_command(
        commands, "rescreen", _rescreen, "List who has to be screened again on a morning, and why."
    )
    listed.add_argument(
        "folder", type=as_path, help="folder with persons.parquet (or .csv) and the other tables"
    )
    _add_kinds(listed)
    listed.add_argument("--day", type=as_day, metavar="DATE", help="the morning (today)")
    listed.add_argument(
        "--since", type=as_day, metavar="DATE", help="day on which everyone was last screened"
    )
    listed.add_argument(
        "--last", type=as_path, metavar="FILE", help="last results: person_id, as_of and more"
    )
    listed.add_argument("--everyone", action="store_true", help="also who is not in detention")
    listed.add_argument("--out", type=as_path, metavar="FILE.csv", help="write the list")


def _add_kinds(parser: argparse.ArgumentParser) -> None:
    add_sources(parser)
    parser.add_argument(
        "--decision", action="append", metavar="KIND", help="a kind of decision; repeatable (all)"
    )


def _add_drawing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--picture", type=as_path, metavar="FILE", help="also draw it (.png, .svg or .pdf)"
    )
