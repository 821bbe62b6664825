"""The command `conditions`: the shortened screening on the five basic conditions, and care."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_day, as_path
from risicoscreener.cli.common import day_of, read_bytes, say_json, to_plain, write_text
from risicoscreener.errors import ReentryError

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.reentry.conditions import BasicConditions, Situation
    from risicoscreener.reentry.sharing import Consent

WITH_FILE = ("answers", "arrival", "release", "moves_to", "html")


def _conditions(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.conditions import BasicConditions

    known = BasicConditions.from_files(arguments.own_questions, arguments.own_actions)
    if arguments.questions:
        return _say_questions(known, arguments)
    if (arguments.file is None) == (arguments.folder is None):
        raise ReentryError("expected one of: a FILE, --folder DIR, or --questions")
    if arguments.folder is not None:
        return _of_many(known, arguments)
    return _of_one(known, arguments)


def _say_questions(known: BasicConditions, arguments: argparse.Namespace) -> int:
    if arguments.json:
        say_json([to_plain(question) for question in known.questions])
        return 0
    for number, question in enumerate(known.questions, start=1):
        print(f"{number}. {question.text.text(arguments.lang)} [{question.id}]")
        for answer in question.answers:
            print(f"   - {answer.id}: {answer.text.text(arguments.lang)}")
    return 0


def _of_many(known: BasicConditions, arguments: argparse.Namespace) -> int:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.reentry.conditions import action_lists, list_care_flags

    for name in WITH_FILE:
        if getattr(arguments, name):
            raise ReentryError(f"--{name.replace('_', '-')} goes with one FILE, not with --folder")
    today = dt.date.today()
    dossiers = DossierTables.read(arguments.folder, recorded_by=today)
    day = arguments.as_of or today
    if arguments.care:
        frame = list_care_flags(dossiers, day, consents=_consents(arguments), lang=arguments.lang)
        if arguments.recipient:
            frame = frame[frame["allowed"] & (frame["recipient"] == arguments.recipient)]
    else:
        frame = action_lists(
            dossiers,
            day,
            minutes_per_day=arguments.minutes,
            conditions=known,
            recipient=arguments.recipient,
            consents=_consents(arguments),
            lang=arguments.lang,
        )
    if arguments.json:
        say_json(to_plain(frame.astype(object).where(frame.notna(), None).to_dict("records")))
    else:
        from risicoscreener.reentry.sharing.csv_text import csv_text

        print(csv_text(frame), end="")
    return 0


def _of_one(known: BasicConditions, arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.conditions import action_list, moved

    if arguments.care:
        return _care(arguments)
    situation = _situation(known, arguments)
    options: dict[str, Any] = {"minutes_per_day": arguments.minutes, "conditions": known}
    if arguments.moves_to:
        change = moved(situation, arguments.moves_to, **options)
        if arguments.recipient:
            change = change.for_recipient(arguments.recipient, consents=_consents(arguments))
        if arguments.json:
            say_json(to_plain(change))
        else:
            print(change.text(arguments.lang), end="")
        return 0
    found = action_list(situation, **options)
    if arguments.recipient:
        found = found.for_recipient(arguments.recipient, consents=_consents(arguments))
    if arguments.html:
        from risicoscreener.report.actions_page import actions_page

        write_text(arguments.html, actions_page(found, arguments.lang))
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang), end="")
    return 0


def _care(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.conditions import care_flags

    dossier = _dossier(read_bytes(arguments.file))
    if dossier is None:
        raise ReentryError("--care reads a dossier; this file has answers")
    day = day_of(dossier, arguments.as_of)
    found = care_flags(dossier, day, consents=_consents(arguments))
    if arguments.recipient:
        found = found.for_recipient(arguments.recipient)
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang), end="")
    return 0


def _consents(arguments: argparse.Namespace) -> tuple[Consent, ...]:
    from risicoscreener.reentry.conditions import read_consents

    return read_consents(read_bytes(arguments.consents)) if arguments.consents else ()


def _dossier(data: bytes) -> Dossier | None:
    """The dossier in a file; None if it holds answers."""
    from risicoscreener.dossier import read_dossier

    try:
        plain = json.loads(data)
    except ValueError:
        plain = {}
    if isinstance(plain, dict) and "as_of" in plain and "person" not in plain:
        return None
    return read_dossier(data, recorded_by=dt.date.today())


def _situation(known: BasicConditions, arguments: argparse.Namespace) -> Situation:
    import msgspec

    from risicoscreener.reentry.conditions import read_situation, situation_of
    from risicoscreener.reentry.conditions.situation import read_record

    data = read_bytes(arguments.file)
    answers: dict[str, str | None] = {}
    if arguments.answers:
        said = read_bytes(arguments.answers)
        answers = read_record(said, dict[str, str | None], str(Path(arguments.answers)))
    dossier = _dossier(data)
    days = {
        name: day
        for name, day in (
            ("release_on", arguments.release),
            ("arrival_on", arguments.arrival),
        )
        if day is not None
    }
    if dossier is not None:
        day = day_of(dossier, arguments.as_of)
        return situation_of(dossier, day, answers=answers, conditions=known, **days)
    given = read_situation(data, known)
    if arguments.as_of:
        days["as_of"] = arguments.as_of
    return msgspec.structs.replace(given, answers={**given.answers, **answers}, **days)


def _as_minutes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 1440):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of minutes; expected a whole number from 1 to 1440"
        )
    return int(text)


def add_conditions(commands: Any) -> None:
    """Declare `conditions`."""
    parser = add_command(
        commands,
        "conditions",
        _conditions,
        "The shortened screening on the five basic conditions: what is done, by whom, by when.",
    )
    parser.add_argument(
        "file", nargs="?", type=as_path, metavar="FILE", help="a dossier, or answers, as JSON"
    )
    parser.add_argument("--questions", action="store_true", help="print the questions")
    parser.add_argument("--folder", type=as_path, metavar="DIR", help="dossiers as tables: a CSV")
    parser.add_argument(
        "--answers", type=as_path, metavar="FILE", help="question to answer, as JSON"
    )
    parser.add_argument("--as-of", type=as_day, metavar="DATE", help="day of the list")
    parser.add_argument("--release", type=as_day, metavar="DATE", help="expected release")
    parser.add_argument(
        "--arrival", type=as_day, metavar="DATE", help="arrival of a self-reporter, ahead"
    )
    parser.add_argument(
        "--moves-to", type=as_day, metavar="DATE", help="what changes if the release moves"
    )
    parser.add_argument(
        "--minutes", type=_as_minutes, metavar="N", help="time of the prison on a working day (60)"
    )
    parser.add_argument(
        "--for",
        dest="recipient",
        metavar="RECIPIENT",
        help="only what they may have (municipality)",
    )
    parser.add_argument("--care", action="store_true", help="flags on continuity of care")
    parser.add_argument("--consents", type=as_path, metavar="FILE", help="consents, as JSON")
    parser.add_argument("--html", type=as_path, metavar="FILE", help="write a page as well")
    parser.add_argument("--own-questions", type=as_path, metavar="FILE", help="own questions")
    parser.add_argument("--own-actions", type=as_path, metavar="FILE", help="own actions")
