"""Opening a view that was stored: only if it may be used, and has only what its purpose names."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from risicoscreener.dossier.problems import on_one_line
from risicoscreener.dossier.schema import id_column
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.content import check_content
from risicoscreener.reentry.sharing.extracts import check_extract
from risicoscreener.reentry.sharing.giving import check_day
from risicoscreener.reentry.sharing.purposes import PERSONS, Purpose, find_purpose
from risicoscreener.reentry.sharing.view import SCREENING, View, digest_of_view
from risicoscreener.strict_json import decode_json, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from risicoscreener.screening.record.log import RecordLog


def open_view(
    data: bytes | str,
    as_of: dt.date,
    *,
    table: Iterable[Purpose] | None = None,
    log: RecordLog | None = None,
) -> View:
    """A view that was stored, if it may still be used on a day.

    A hash can be computed anew by whoever changes a view, so it is also looked through: it has
    the fields that its purpose names and no others, each with a value that a dossier can have.

    Parameters
    ----------
    data
        What `View.to_json` gave.
    table
        The table of purposes by which it was given; that of the package by default.
    log
        The record in which it was written: it must be there, and not be revoked by that day.

    Raises
    ------
    ReentryError
        If it is no view, was changed, has more than its purpose names, has expired, was revoked,
        or was given after the day.
    """
    check_day(as_of)
    view = _decoded(data)
    if view.sha256 != digest_of_view(view):
        raise ReentryError("the view was changed: its hash is another; expected it as it was given")
    if as_of < view.as_of:
        raise ReentryError(
            f"the view was given on {view.as_of}; expected a day from then, not {as_of}"
        )
    if as_of > view.ends_on:
        raise ReentryError(
            f"the view expired: it could be used up to and including {view.ends_on}; destroy it, "
            "and ask for a new one if there is still a basis"
        )
    _check_by_table(view, table)
    if log is not None:
        from risicoscreener.reentry.sharing.log import check_standing

        check_standing(log, view.sha256, as_of)
    return view


def _decoded(data: bytes | str) -> View:
    if not isinstance(data, bytes | str):
        kind = type(data).__name__
        raise ReentryError(f"this is no view: it is of type {kind}; expected what to_json gave")
    try:
        view = decode_json(data, View)
        text = data if isinstance(data, str) else data.decode()
        _, repeated = read_json(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ReentryError(f"this is no view: {on_one_line(str(error))}") from None
    if repeated:
        twice = on_one_line(repeated[0].key)
        raise ReentryError(f"this is no view: {twice} is there twice; expected each field once")
    return view


def _check_by_table(view: View, table: Iterable[Purpose] | None) -> None:
    """What a view says of itself and has in it, against the purpose for which it was given."""
    purpose = find_purpose(view.recipient, view.purpose, view.as_of, table=table)
    where = f"{purpose.recipient}/{purpose.id}"
    if purpose.form != "view":
        raise ReentryError(f"{where} is given pseudonymised only; expected another purpose")
    longest = view.as_of + dt.timedelta(days=purpose.keep_days)
    if purpose.keep_from == "issue" and view.ends_on > longest:
        raise ReentryError(f"{where}: ends_on is {view.ends_on}; expected {longest} at the latest")
    if purpose.needs_consent != bool(view.consent):
        needed = "a reference" if purpose.needs_consent else "none"
        raise ReentryError(f"{where}: consent is {view.consent!r}; expected {needed}")
    for said in (view.source, view.title.nl, view.title.en, view.consent or ""):
        if not said.isprintable():
            raise ReentryError(f"{where}: {said!r} is no line of text; expected one")
    check_content(view.content, view.fields, purpose)
    if SCREENING in view.content:
        person = view.content.get(PERSONS, {}).get(id_column().name)
        check_extract(view.content[SCREENING], purpose, person, view.as_of)
