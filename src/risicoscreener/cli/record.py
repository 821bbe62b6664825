"""The commands about a record of screenings and decisions: `record verify`, `show`, `replay`, …."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_case, add_command, as_day, as_path
from risicoscreener.cli.common import (
    EXIT_FAILED,
    read_bytes,
    read_frame,
    say_json,
    screener_of,
    to_plain,
)
from risicoscreener.errors import RecordError

if TYPE_CHECKING:
    from risicoscreener.screening.record import Actor, RecordLog

PASSWORD_VARIABLE = "RISICOSCREENER_KEY_PASSWORD"  # noqa: S105  (a name, not a password)


def _open(arguments: argparse.Namespace, *, create: bool = False) -> RecordLog:
    from risicoscreener.screening.record import open_log

    return open_log(arguments.record, create=create)


def _verify(arguments: argparse.Namespace) -> int:
    from risicoscreener.models.signing import read_public_key
    from risicoscreener.screening.record import read_checkpoints
    from risicoscreener.screening.record.verification import to_plain as plain_verification

    marks = [mark for path in arguments.checkpoints for mark in read_checkpoints(path)]
    if (arguments.checkpoints or arguments.trust) and not marks:
        where = " and ".join(arguments.checkpoints) or "no file of checkpoints"
        raise RecordError(f"there is no checkpoint in {where}; expected one to compare with")
    keys = [read_public_key(path) for path in arguments.trust] if arguments.trust else None
    with _open(arguments) as log:
        found = log.verify(marks, trusted_keys=keys)
    if arguments.json:
        say_json(plain_verification(found))
    else:
        print(found.text(arguments.lang))
    return 0 if found.ok else EXIT_FAILED


def _show(arguments: argparse.Namespace) -> int:
    from risicoscreener.screening.record.entries import shown

    with _open(arguments) as log:
        if arguments.entry is not None:
            say_json(shown(log.entry(arguments.entry)))
            return 0
        entries = log.about(arguments.person) if arguments.person else log.entries()
        if arguments.json:
            say_json([shown(entry) for entry in entries])
            return 0
        for entry in entries:
            link, payload = entry.link, entry.payload
            subject = "-" if payload is None else payload.subject
            print(f"{link.sequence:8}  {link.recorded_at:%Y-%m-%d %H:%M}  {link.kind:15} {subject}")
    return 0


def _replay(arguments: argparse.Namespace) -> int:
    from risicoscreener.screening.record import Replayer

    with _open(arguments) as log:
        replayer = Replayer(log, screener_of(arguments) if arguments.with_present else None)
        chosen = (replayer.entry(log.entry(number)) for number in arguments.entry)
        failed, plain = False, []
        for found in chosen if arguments.entry else replayer.all():
            failed |= found.status in ("differs", "impossible")
            if arguments.json:
                plain.append({**to_plain(found), "same": found.same})
            else:
                print(found.text(arguments.lang))
    if arguments.json:
        say_json(plain)
    return EXIT_FAILED if failed else 0


def _due(arguments: argparse.Namespace) -> int:
    with _open(arguments) as log:
        found = log.due(arguments.day or dt.date.today(), _started(arguments.started))
    if arguments.json:
        say_json(to_plain(found))
        return 0
    for one in found:
        print(f"{one.sequence:8}  {one.subject}  {one.category}  {one.started}  {one.last_day}")
    return 0


def _started(path: str) -> dict[str, dt.date]:
    """The days on which terms started, from a table with person_id and started_on."""
    frame = read_frame(path)
    lacking = [name for name in ("person_id", "started_on") if name not in frame]
    if lacking:
        raise RecordError(f"{path} has no column {lacking[0]}; expected person_id and started_on")
    started = {}
    for person, day in zip(frame["person_id"], frame["started_on"], strict=True):
        if person in started:
            raise RecordError(f"{path} has {person} twice; expected one day for each person")
        try:
            started[person] = dt.date.fromisoformat(str(day)[:10])
        except ValueError:
            raise RecordError(
                f"{path}: started_on of {person} is {day!r}; expected YYYY-MM-DD"
            ) from None
    return started


def _stats(arguments: argparse.Namespace) -> int:
    from risicoscreener.monitoring import decisions_in, overrides, unusual_deciders

    with _open(arguments) as log:
        decisions = list(decisions_in(log))
    table = overrides(decisions, arguments.by, fast_seconds=arguments.fast)
    unusual = unusual_deciders(decisions, fast_seconds=arguments.fast) if arguments.unusual else ()
    if arguments.json:
        said = table.to_dict()
        if arguments.unusual:
            said["unusual"] = [vars(one) for one in unusual]
        say_json(said)
        return 0
    print(table.text(arguments.lang))
    for one in unusual:
        print(one.text(arguments.lang))
    return 0


def _checkpoint(arguments: argparse.Namespace) -> int:
    from risicoscreener.models.signing import read_private_key
    from risicoscreener.screening.record import keep

    password = os.environ.get(PASSWORD_VARIABLE)
    key = None
    if arguments.key:
        key = read_private_key(arguments.key, None if password is None else password.encode())
    with _open(arguments) as log:
        mark = log.checkpoint(key)
    keep(mark, arguments.out)
    print(f"entry {mark.sequence}, {mark.sha256}, added to {arguments.out}", file=sys.stderr)
    return 0


def _screen(arguments: argparse.Namespace) -> int:
    from risicoscreener.screening.record import digest_of

    screener = screener_of(arguments)
    given = read_bytes(arguments.dossier)
    result = screener.screen(given, arguments.decision, as_of=arguments.as_of)
    with _open(arguments, create=True) as log:
        entry = log.append_screening(result, given, screener)
    said = {
        "entry": entry.link.sequence,
        "sha256": entry.sha256,
        "screening": digest_of(result),
        "outcome": result.outcome,
    }
    _say_written(said, arguments, result.text(arguments.lang))
    return 0


def _decide(arguments: argparse.Namespace) -> int:
    from risicoscreener.screening.record import decision_body, read_decision, standing

    decision = read_decision(read_bytes(arguments.decision))
    with _open(arguments) as log:
        entry = log.append_decision(decision)
        stands = standing(log, entry)
    body = decision_body(entry)
    said = {
        "entry": entry.link.sequence,
        "sha256": entry.sha256,
        "standing": stands,
        "findings": to_plain(body.findings),
        "second_readers": to_plain(body.second_readers),
    }
    _say_written(said, arguments, f"{body.text(arguments.lang)}\n")
    return 0


def _second(arguments: argparse.Namespace) -> int:
    from risicoscreener.screening.record import read_second_reading

    reading = read_second_reading(read_bytes(arguments.reading))
    with _open(arguments) as log:
        entry = log.append_second_reading(reading)
    _say_written({"entry": entry.link.sequence, "sha256": entry.sha256}, arguments, "")
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    started = _started(arguments.started) if arguments.started else {}
    with _open(arguments) as log:
        marker = log.delete(
            arguments.entry, basis=arguments.basis, by=_actor(arguments.by), started=started
        )
    _say_written({"entry": marker.link.sequence, "sha256": marker.sha256}, arguments, "")
    return 0


def _purge(arguments: argparse.Namespace) -> int:
    with _open(arguments) as log:
        log.purge()
    return 0


def _actor(text: str) -> Actor:
    from risicoscreener.screening.record import Actor

    role, _, pseudonym = text.partition(":")
    return Actor(role, pseudonym)


def _say_written(said: dict[str, Any], arguments: argparse.Namespace, text: str) -> None:
    if arguments.json:
        say_json(said)
        return
    print(text, end="")
    plain = ", ".join(f"{k} {v}" for k, v in said.items() if isinstance(v, (int, str)))
    print(plain)


def add_record(commands: Any) -> None:
    """Declare the commands about a record."""
    record = commands.add_parser(
        "record", help="Add to, verify, repeat or delete from a record of screenings and decisions."
    )
    actions = record.add_subparsers(required=True, metavar="ACTION")

    def add(name: str, command: Any, help_text: str) -> argparse.ArgumentParser:
        parser = add_command(actions, name, command, help_text)
        parser.add_argument(
            "record",
            type=as_path,
            metavar="RECORD",
            help="a file, or postgresql://user@host/database (a password is best in ~/.pgpass)",
        )
        return parser

    _add_looking(add)
    _add_writing(add)


def _add_looking(add: Any) -> None:
    verify = add("verify", _verify, "Check that nothing was changed, removed, added or moved.")
    verify.add_argument(
        "--checkpoints", type=as_path, action="append", default=[], metavar="FILE",
        help="checkpoints that were kept elsewhere; repeatable",
    )  # fmt: skip
    verify.add_argument(
        "--trust", type=as_path, action="append", metavar="PEM",
        help="public key that must have signed the checkpoints; repeatable",
    )  # fmt: skip
    show = add("show", _show, "List the entries, or show one.")
    show.add_argument("--entry", type=int, metavar="N", help="all of one entry, as JSON")
    show.add_argument("--person", metavar="ID", help="only about this case id")
    replay = add("replay", _replay, "Repeat screenings from the facts as known then.")
    replay.add_argument("--entry", type=int, action="append", default=[], metavar="N")
    replay.add_argument(
        "--with-present", action="store_true",
        help="with the present models and policies, to see what they would say",
    )  # fmt: skip
    replay.add_argument("--bundle", type=as_path, metavar="FILE", help="for --with-present")
    replay.add_argument("--policies", type=as_path, metavar="DIR", help="for --with-present")
    due = add("due", _due, "List the entries whose term of retention has passed.")
    due.add_argument(
        "--started", type=as_path, required=True, metavar="FILE",
        help="table with person_id and started_on, the day on which the term started",
    )  # fmt: skip
    due.add_argument("--day", type=as_day, metavar="DATE", help="as of this day (today)")
    stats = add("stats", _stats, "Say how people follow screenings.")
    stats.add_argument("--by", default="kind", help="kind, decider, prison, month, advice, band, …")
    stats.add_argument("--fast", type=float, default=30.0, metavar="SECONDS")
    stats.add_argument("--unusual", action="store_true", help="also each decider beside the others")


def _add_writing(add: Any) -> None:
    mark = add("checkpoint", _checkpoint, "Write what the record is now, to be kept elsewhere.")
    mark.add_argument("--out", type=as_path, required=True, metavar="FILE", help="added to")
    mark.add_argument("--key", type=as_path, metavar="PEM", help="private key to sign with")
    screen = add("screen", _screen, "Screen a dossier and record it; makes a record if needed.")
    screen.add_argument("dossier", type=as_path, metavar="DOSSIER.json")
    add_case(screen)
    decide = add("decide", _decide, "Record the decision of a person on a recorded screening.")
    decide.add_argument("decision", type=as_path, metavar="DECISION.json")
    second = add("second", _second, "Record what a second reader says of a decision.")
    second.add_argument("reading", type=as_path, metavar="READING.json")
    delete = add("delete", _delete, "Delete what entries say, under a legal basis.")
    delete.add_argument("entry", type=int, nargs="+", metavar="N")
    delete.add_argument("--basis", required=True, help="a name in retention.toml, such as term")
    delete.add_argument("--by", required=True, metavar="ROLE:ID", help="such as archivist:ARC-0001")
    delete.add_argument("--started", type=as_path, metavar="FILE", help="as of `due`, for a term")
    add("purge", _purge, "Empty a file of what was deleted, where a reader kept `delete` from it.")
