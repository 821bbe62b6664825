"""Commands that read one part of a dossier: `conduct`, `victims`, `duties`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_day, as_path
from risicoscreener.cli.common import day_of, read_one_dossier, say_json, to_plain
from risicoscreener.errors import DossierError

if TYPE_CHECKING:
    from risicoscreener.dossier import DossierTables


def _conduct(arguments: argparse.Namespace) -> int:
    from risicoscreener.conduct import Definitions, classify

    dossier = read_one_dossier(arguments.dossier)
    known = Definitions.shipped()
    if arguments.definitions:
        known = known.and_also(*Definitions.from_directory(arguments.definitions).all)
    found = classify(
        dossier, day_of(dossier, arguments.as_of), definitions=known, weeks=arguments.weeks
    )
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang), end="")
    return 0


def _victims(arguments: argparse.Namespace) -> int:
    from risicoscreener.victims import duties, duties_text, interests

    dossier = read_one_dossier(arguments.dossier)
    day = day_of(dossier, arguments.as_of)
    found, owed = interests(dossier, day), duties(dossier, day)
    if arguments.json:
        say_json({"interests": found.to_dict(), "duties": [to_plain(one) for one in owed]})
        return 0
    print(found.text(arguments.lang))
    print(duties_text(owed, arguments.lang), end="")
    return 0


def _duties(arguments: argparse.Namespace) -> int:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.victims import OPEN, list_duties

    today = dt.date.today()
    dossiers = DossierTables.read(arguments.folder, on_error="quarantine", recorded_by=today)
    states = None if arguments.all else OPEN
    day = arguments.as_of or today
    _check_prison(dossiers, arguments.prison)
    frame = list_duties(dossiers, day, prison=arguments.prison, states=states)
    apart = int(dossiers.quarantined_rows.sum())
    if apart:
        print(
            f"note: {apart} unusable row(s) are left out: the list may lack some", file=sys.stderr
        )
    if arguments.json:
        rows = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
        say_json(to_plain(rows))
    else:
        from risicoscreener.reentry.sharing.csv_text import csv_text

        print(csv_text(frame), end="")
    return 0


def _check_prison(dossiers: DossierTables, prison: str | None) -> None:
    """Refuse a prison in which nobody ever was: that nobody waits there would be no news."""
    known = sorted(set(dossiers.tables["detentions"].column("prison").to_pylist()) - {None})
    if prison is not None and prison not in known:
        raise DossierError(f"prison {prison!r}; expected one of {', '.join(known) or '(none)'}")


def add_conduct(commands: Any) -> None:
    """Declare the commands that read a part of a dossier."""
    conduct = _of_one(commands, "conduct", _conduct, "Conduct by week, with the rules it rests on.")
    conduct.add_argument(
        "--definitions", type=as_path, metavar="DIR", help="definitions of a prison, as TOML files"
    )
    conduct.add_argument("--weeks", type=int, default=6, help="weeks to look back (6)")
    _of_one(commands, "victims", _victims, "Interests of victims, and who must be told what.")

    listed = add_command(commands, "duties", _duties, "Victims of a prison yet to be informed.")
    listed.add_argument("folder", type=as_path, metavar="DIR", help="dossiers as tables")
    listed.add_argument("--as-of", type=as_day, metavar="DATE", help="the day; today by default")
    listed.add_argument("--prison", metavar="NAME", help="only people who stay there")
    listed.add_argument("--all", action="store_true", help="also what is done, or too late to do")


def _of_one(commands: Any, name: str, command: Any, help_text: str) -> argparse.ArgumentParser:
    parser = add_command(commands, name, command, help_text)
    parser.add_argument(
        "dossier", type=as_path, metavar="DOSSIER.json", help="a dossier as JSON, - for stdin"
    )
    parser.add_argument("--as-of", type=as_day, metavar="DATE", help="day of the picture")
    return parser
