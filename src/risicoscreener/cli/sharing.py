"""The commands on sharing: `share table`, `view`, `open`, `revoke`, `log`, `research`, `check`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from contextlib import ExitStack
from pathlib import Path
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
from risicoscreener.strict_json import decode_json
from risicoscreener.writing import check_new_folder, check_place

if TYPE_CHECKING:
    from risicoscreener.reentry.sharing import Consent, Purpose
    from risicoscreener.screening.record import Actor, RecordLog


def _table(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.sharing import purposes_text

    known = _purposes(arguments)
    chosen = [one for one in known if arguments.recipient in (None, one.recipient)]
    if not chosen:
        there = ", ".join(dict.fromkeys(one.recipient for one in known))
        raise ReentryError(f"recipient is {arguments.recipient!r}; expected one of {there}")
    if arguments.json:
        say_json([one.to_dict() for one in chosen])
    else:
        print(purposes_text(arguments.lang, table=chosen), end="")
    return 0


def _purposes(arguments: argparse.Namespace) -> tuple[Purpose, ...]:
    from risicoscreener.reentry.sharing import purposes, read_purposes

    return read_purposes(arguments.table) if arguments.table else purposes()


def _view(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.sharing import share

    if arguments.out:
        check_place(arguments.out)
    given = read_bytes(arguments.dossier) if arguments.decision else None
    dossier = read_one_dossier(arguments.dossier)
    day = day_of(dossier, arguments.as_of)
    settings: dict[str, Any] = {"table": _purposes(arguments)}
    if given is not None:
        screener = screener_of(arguments)
        settings["result"] = screener.screen(given, arguments.decision, as_of=day)
        settings["policies"] = screener.policies
    if arguments.consent:
        settings["consent"] = _consent(arguments.consent)
    with ExitStack() as open_:
        if arguments.log:
            settings["log"] = open_.enter_context(_log(arguments.log, create=True))
            settings["by"] = _by(arguments)
        view = share(dossier, arguments.recipient, arguments.purpose, day, **settings)
    if arguments.out:
        write_text(arguments.out, view.to_json().decode() + "\n")
    if arguments.json:
        say_json(view.to_dict())
    else:
        print(view.text(arguments.lang), end="")
    return 0


def _consent(path: str) -> Consent:
    import msgspec

    from risicoscreener.reentry.sharing import Consent

    try:
        return decode_json(Path(path).read_bytes(), Consent)
    except msgspec.DecodeError as error:
        raise ReentryError(f"{path} is no consent: {error}") from None


def _open(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.sharing import open_view

    data = Path(arguments.view).read_bytes()
    with ExitStack() as open_:
        log = open_.enter_context(_log(arguments.log)) if arguments.log else None
        day = arguments.as_of or dt.date.today()
        view = open_view(data, day, table=_purposes(arguments), log=log)
    if arguments.json:
        say_json(view.to_dict())
    else:
        print(view.text(arguments.lang), end="")
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.sharing.log import find_given, revoke

    with _log(arguments.record) as log:
        found = find_given(log, arguments.reference)
        entry = revoke(log, found.sha256, arguments.on or dt.date.today(), _by(arguments))
    said = {"entry": entry.link.sequence, "revoked": found.sha256}
    if arguments.json:
        say_json(said)
    else:
        print(f"entry {said['entry']}, revoked {found.sha256[:16]}")
    return 0


def _show_log(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.sharing.log import given_about, given_text

    with _log(arguments.record) as log:
        if arguments.json:
            say_json(to_plain(given_about(log, arguments.person)))
            return 0
        day = arguments.as_of or dt.date.today()
        print(given_text(log, arguments.person, day, arguments.lang), end="")
    return 0


def _research(arguments: argparse.Namespace) -> int:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.reentry.sharing.research import (
        export,
        new_key,
        read_key,
        read_project,
        shipped_project,
    )

    check_new_folder(arguments.out)
    project = read_project(arguments.project) if arguments.project else shipped_project()
    today = dt.date.today()
    tables = DossierTables.read(arguments.folder, on_error="quarantine", recorded_by=today)
    apart = int(tables.quarantined_rows.sum())
    if apart:
        print(f"note: {apart} unusable row(s) are left out", file=sys.stderr)
    key = read_key(arguments.key) if arguments.key else new_key(arguments.new_key)
    made = export(tables, project, key, arguments.as_of or today, earlier=arguments.earlier)
    with ExitStack() as open_:
        log = open_.enter_context(_log(arguments.log, create=True)) if arguments.log else None
        made.write(arguments.out, log=log, by=_by(arguments) if log is not None else None)
    if arguments.json:
        say_json(made.report.to_dict())
    else:
        print(made.report.text(arguments.lang), end="")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.sharing.research import open_export

    with ExitStack() as open_:
        log = open_.enter_context(_log(arguments.log)) if arguments.log else None
        report = open_export(arguments.folder, arguments.as_of or dt.date.today(), log=log)
    if arguments.json:
        say_json(report.to_dict())
    else:
        print(report.text(arguments.lang), end="")
    return 0


def _log(path: str, *, create: bool = False) -> RecordLog:
    from risicoscreener.screening.record import open_log

    return open_log(path, create=create)


def _by(arguments: argparse.Namespace) -> Actor:
    """Who gives it; a record has to say that."""
    from risicoscreener.screening.record import Actor

    if not arguments.by:
        raise ReentryError(
            "a record says who gives; expected --by ROLE:ID, such as director:DIR-00A1"
        )
    role, _, pseudonym = arguments.by.partition(":")
    return Actor(role, pseudonym)


def add_sharing(commands: Any) -> None:
    """Declare the commands on sharing."""
    share = commands.add_parser(
        "share", help="What goes to whom for which purpose; exports for research."
    )
    actions = share.add_subparsers(required=True, metavar="ACTION")
    table = add_command(actions, "table", _table, "List who may get what, on which basis.")
    table.add_argument("--recipient", metavar="NAME", help="only of this recipient")
    _add_table(table)
    _add_view(actions)
    _add_of_record(actions)
    _add_research(actions)


def _add_view(actions: Any) -> None:
    view = add_command(
        actions, "view", _view, "The copy of a dossier with exactly what a purpose names."
    )
    view.add_argument("dossier", type=as_path, metavar="DOSSIER.json", help="a dossier as JSON")
    view.add_argument("--recipient", required=True, metavar="NAME", help="such as municipality")
    view.add_argument("--purpose", required=True, metavar="NAME", help="such as reintegration")
    view.add_argument("--as-of", type=as_day, metavar="DATE", help="day on which it is given")
    view.add_argument(
        "--decision", metavar="KIND", help="also the extract of a screening for this decision"
    )
    view.add_argument("--consent", type=as_path, metavar="FILE", help="consent, as JSON")
    view.add_argument("--out", "-o", type=as_path, metavar="FILE", help="write it as JSON")
    add_sources(view)
    _add_table(view)
    _add_log(view)
    opened = add_command(actions, "open", _open, "Show a view, if it may still be used.")
    opened.add_argument("view", type=as_path, metavar="VIEW.json")
    opened.add_argument("--as-of", type=as_day, metavar="DATE", help="the day; today by default")
    opened.add_argument("--log", type=as_path, metavar="RECORD", help="that it must be in")
    _add_table(opened)


def _add_table(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--table", type=as_path, metavar="FILE", help="purposes of your own, as TOML"
    )


def _add_log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log", type=as_path, metavar="RECORD", help="a record in which it is kept"
    )
    parser.add_argument("--by", metavar="ROLE:ID", help="who gives it, such as director:DIR-00A1")


def _add_of_record(actions: Any) -> None:
    revoke = add_command(actions, "revoke", _revoke, "Say that a view may not be used any more.")
    revoke.add_argument("record", type=as_path, metavar="RECORD")
    revoke.add_argument("reference", help="the reference of the view, or its beginning")
    revoke.add_argument("--on", type=as_day, metavar="DATE", help="from this day (today)")
    revoke.add_argument("--by", required=True, metavar="ROLE:ID")
    log = add_command(actions, "log", _show_log, "List who got what of a person.")
    log.add_argument("record", type=as_path, metavar="RECORD")
    log.add_argument("person", metavar="ID")
    log.add_argument("--as-of", type=as_day, metavar="DATE", help="the day; today by default")


def _add_research(actions: Any) -> None:
    research = add_command(
        actions, "research", _research, "An export in which nobody is named, with its risk."
    )
    research.add_argument("folder", type=as_path, metavar="DIR", help="dossiers as tables")
    research.add_argument(
        "--project", type=as_path, metavar="FILE", help="the study, as TOML; an example by default"
    )
    key = research.add_mutually_exclusive_group(required=True)
    key.add_argument("--key", type=as_path, metavar="FILE", help="the key of the project")
    key.add_argument("--new-key", type=as_path, metavar="FILE", help="make the key")
    research.add_argument(
        "--out", "-o", type=as_path, required=True, metavar="DIR", help="a new folder"
    )
    research.add_argument("--as-of", type=as_day, metavar="DATE", help="the day; today by default")
    research.add_argument(
        "--earlier", action="append", default=[], type=as_path, metavar="DIR",
        help="an export of this project that they have already; repeatable",
    )  # fmt: skip
    _add_log(research)
    check = add_command(
        actions, "check", _check, "Show an export, if it is whole and may still be used."
    )
    check.add_argument("folder", type=as_path, metavar="DIR")
    check.add_argument("--as-of", type=as_day, metavar="DATE", help="the day; today by default")
    check.add_argument("--log", type=as_path, metavar="RECORD", help="that it must be in")
