"""The command on notices: `notices`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_day, as_path
from risicoscreener.cli.common import EXIT_FAILED, day_of, read_one_dossier, say_json, to_plain
from risicoscreener.errors import ReentryError

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import Dossier
    from risicoscreener.reentry.notices import Entry, Notices
    from risicoscreener.victims import Planned


def _notices(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.notices import notices, read_entries, read_notice_rules

    if bool(arguments.dossier) == bool(arguments.folder):
        raise ReentryError("give one dossier as a file, or many with --folder; not both")
    entries = read_entries(arguments.sent) if arguments.sent else ()
    settings: dict[str, Any] = {"planned": [_planned(text) for text in arguments.planned]}
    if arguments.rules:
        settings["rules"] = read_notice_rules(arguments.rules)
    if arguments.folder:
        return _many(arguments, entries, settings)
    dossier = read_one_dossier(arguments.dossier)
    day = day_of(dossier, arguments.as_of)
    if arguments.unfounded:
        raise ReentryError("--unfounded is a list for --folder; of one dossier it is shown anyway")
    found = notices(dossier, day, entries, **settings)
    _note_others(entries, {dossier.person_id}, "of other people")
    if arguments.prepare:
        return _prepare(arguments, dossier, found)
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang), end="")
    return EXIT_FAILED if arguments.check and (found.wrong or found.unfounded) else 0


def _note_others(entries: tuple[Entry, ...], known: set[str], whose: str) -> None:
    others = sum(entry.person_id not in known for entry in entries)
    if others:
        print(f"note: {others} entries are {whose} and left out", file=sys.stderr)


def _prepare(arguments: argparse.Namespace, dossier: Dossier, found: Notices) -> int:
    """The one notice that was asked for, and the line to keep once it is sent."""
    from risicoscreener.reentry.notices import entries_as_lines, prepare

    still = {
        f"{one.notice} {one.about}": one
        for one in found.in_state("due", "overdue")
        if one.kind != "withdrawal" and one.purpose is not None
    }
    if arguments.prepare not in still:
        there = ", ".join(still) or "(nothing is to be sent)"
        raise ReentryError(f"--prepare is {arguments.prepare!r}; expected one of {there}")
    view, entry = prepare(dossier, still[arguments.prepare], found.as_of)
    line = entries_as_lines([entry]).strip()
    if arguments.json:
        say_json({"view": view.to_dict(), "entry": to_plain(entry)})
        return 0
    print(view.text(arguments.lang))
    print(line)
    return 0


def _many(
    arguments: argparse.Namespace, entries: tuple[Entry, ...], settings: dict[str, Any]
) -> int:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.reentry.notices import (
        OPEN,
        WRONG,
        notices_of_many,
        table_of,
        table_of_unfounded,
    )

    if arguments.prepare or arguments.planned:
        raise ReentryError("--prepare and --planned are about one person; give one dossier")
    today = dt.date.today()
    tables = DossierTables.read(arguments.folder, on_error="quarantine", recorded_by=today)
    apart = int(tables.quarantined_rows.sum())
    if apart:
        print(
            f"note: {apart} unusable row(s) are left out: the list may lack some", file=sys.stderr
        )
    pictures = list(notices_of_many(tables, arguments.as_of or today, entries, **settings))
    _note_others(entries, {one.person_id for one in pictures}, "of people not in the folder")
    unfounded = sum(len(one.unfounded) for one in pictures)
    if arguments.unfounded:
        _say_frame(table_of_unfounded(pictures), arguments)
    else:
        if unfounded:
            said = "were sent without a ground or with too much; --unfounded lists them"
            print(f"note: {unfounded} {said}", file=sys.stderr)
        _say_frame(table_of(pictures, None if arguments.all else (*OPEN, *WRONG)), arguments)
    wrong = apart or unfounded or any(one.wrong for one in pictures)
    return EXIT_FAILED if arguments.check and wrong else 0


def _say_frame(frame: pd.DataFrame, arguments: argparse.Namespace) -> None:
    from risicoscreener.reentry.sharing.csv_text import csv_text

    if arguments.json:
        rows = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
        say_json(to_plain(rows))
    else:
        print(csv_text(frame), end="")


def _planned(text: str) -> Planned:
    """A planned liberty as it is typed: KIND:DAY:DECIDED."""
    from risicoscreener.dossier.vocabulary import vocabularies
    from risicoscreener.victims import Planned

    kind, *days = text.split(":")
    kinds = vocabularies()["liberty_kind"].codes
    if kind not in kinds:
        raise ReentryError(f"--planned {text!r}: kind {kind!r}; expected one of {', '.join(kinds)}")
    try:
        on, decided_on = (as_day(day) for day in days)
    except (ValueError, argparse.ArgumentTypeError):
        raise ReentryError(
            f"--planned {text!r}; expected KIND:DAY:DECIDED, such as "
            "short_leave:2024-05-01:2024-04-02"
        ) from None
    return Planned(kind, on, decided_on)


def add_notices(commands: Any) -> None:
    """Declare the command on notices."""
    parser = add_command(
        commands,
        "notices",
        _notices,
        "Who must be told what of a detention, by when; what was missed.",
    )
    parser.add_argument(
        "dossier", nargs="?", type=as_path, metavar="DOSSIER.json", help="a dossier as JSON"
    )
    parser.add_argument("--folder", type=as_path, metavar="DIR", help="many: dossiers as tables")
    parser.add_argument("--as-of", type=as_day, metavar="DATE", help="day of the picture")
    parser.add_argument(
        "--sent", type=as_path, metavar="FILE",
        help="what was sent, judged or withdrawn: JSON lines, or CSV",
    )  # fmt: skip
    parser.add_argument(
        "--rules", type=as_path, metavar="FILE", help="notices of your own, as TOML"
    )
    parser.add_argument(
        "--planned", action="append", default=[], metavar="KIND:DAY:DECIDED",
        help="a liberty that the dossier does not have yet; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--prepare", metavar="REFERENCE",
        help="the notice itself with its fields, by the reference between brackets in the list",
    )  # fmt: skip
    parser.add_argument(
        "--all", action="store_true", help="with --folder: also what is done or not needed"
    )
    parser.add_argument(
        "--unfounded", action="store_true",
        help="with --folder: list what was sent without a ground or with a field too many",
    )  # fmt: skip
    parser.add_argument(
        "--check", action="store_true",
        help="end on 1 if anything was late, missed or unfounded, still has to be judged or has no "
        "addressee after its last day, or was in a row that cannot be used",
    )  # fmt: skip
