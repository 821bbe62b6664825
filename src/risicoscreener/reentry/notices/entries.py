"""What a caller hands in beside the dossier: notices that were sent, judgements, and death."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from risicoscreener.errors import ReentryError
from risicoscreener.strict_json import read_json


class Sent(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="entry", tag="sent"
):
    """A notice that was sent.

    Attributes
    ----------
    notice, about
        As of `NoticeFound`: which notice, and which detention, liberty or escape.
    to
        The municipality or office to which it went.
    event_on
        The day that was told; None if the notice named none.
    fields
        What was in it, as ``table.column``; None if that was not kept.
    """

    person_id: str
    notice: str
    about: str
    to: str
    sent_on: dt.date
    event_on: dt.date | None = None
    fields: tuple[str, ...] | None = None


class Withdrawn(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="entry",
    tag="withdrawn",
):
    """That a recipient was told that an earlier notice is not so any more."""

    person_id: str
    notice: str
    about: str
    to: str
    sent_on: dt.date


class Judged(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="entry", tag="judged"
):
    """That somebody judged whether a ground is there in a detention."""

    person_id: str
    purpose: str
    about: str
    judged_on: dt.date
    applies: bool


class Died(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="entry", tag="died"
):
    """That someone died, for which a dossier has no fact."""

    person_id: str
    died_on: dt.date
    recorded_at: dt.date


Entry: TypeAlias = Sent | Withdrawn | Judged | Died
_KINDS = ("sent", "withdrawn", "judged", "died")
_FLAGS = {"true": True, "false": False}


def read_entries(path: str | os.PathLike[str]) -> tuple[Entry, ...]:
    """Entries from a file: JSON, one on each line, or CSV with a column for each field.

    In CSV the fields of a notice are separated by spaces, and what is empty is absent.

    Raises
    ------
    ReentryError
        If a line is no entry; it names the line and what was expected.
    """
    name = os.fspath(path)
    try:
        text = Path(path).read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReentryError(f"{name} is not UTF-8: {error}") from None
    if name.lower().endswith(".csv"):
        rows = _csv_rows(text, name)
    else:
        rows = [
            (number, _json_row(line, f"{name}, line {number}"))
            for number, line in enumerate(text.split("\n"), 1)  # other breaks can be in a text
            if line.strip()
        ]
    return tuple(entry_of(row, f"{name}, line {number}") for number, row in rows)


def entry_of(row: Any, where: str = "entry") -> Entry:
    """An entry from plain values.

    Raises
    ------
    ReentryError
        If it is none.
    """
    if not isinstance(row, dict) or row.get("entry") not in _KINDS:
        got = row.get("entry") if isinstance(row, dict) else row
        raise ReentryError(f"{where}: entry is {got!r}; expected one of {', '.join(_KINDS)}")
    try:
        found: Entry = msgspec.convert(row, Entry)
    except msgspec.ValidationError as error:
        raise ReentryError(f"{where}: {error}") from None
    if isinstance(found, Died) and found.recorded_at < found.died_on:
        raise ReentryError(f"{where}: recorded_at lies before died_on; expected that day or later")
    return found


def entries_as_lines(entries: Iterable[Entry]) -> str:
    """Entries as JSON, one on each line; `read_entries` reads them."""
    return "".join(msgspec.json.encode(entry).decode() + "\n" for entry in entries)


def _json_row(line: str, where: str) -> Any:
    try:
        row, repeated = read_json(line)
    except (ValueError, RecursionError) as error:
        raise ReentryError(f"{where} is no JSON: {error}") from None
    if repeated:
        raise ReentryError(f"{where}: {repeated[0].key} is there twice; expected each field once")
    return row


def _csv_rows(text: str, name: str) -> list[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    try:
        header = reader.fieldnames or []
        if len(set(header)) < len(header):
            raise ReentryError(f"{name}: a column is there twice; expected each once")
        return [(reader.line_num, _csv_row(row)) for row in reader]
    except csv.Error as error:
        raise ReentryError(f"{name}, line {reader.line_num}: {error}") from None


def _csv_row(row: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {key: value for key, value in row.items() if value not in ("", None)}
    if "fields" in given:
        given["fields"] = given["fields"].split()
    if given.get("applies") in _FLAGS:
        given["applies"] = _FLAGS[given["applies"]]
    return given
