"""Who got what of whom, on which basis and until when: entries of a record, without content.

The record is the one of screenings and decisions (`screening.record`): append-only, each entry
naming the one before it by its hash. What an entry of sharing says is which fields, and not what
was in them.

What an entry says can be deleted. That something was revoked must not be forgotten with it: the
link itself, which stays, rests on a mark that only who has the hash of the view can tell.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec
from msgspec import Struct

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.wording import say
from risicoscreener.screening.audience import recipients
from risicoscreener.screening.record.chain import Draft, canonical, sha256_of
from risicoscreener.screening.record.decision import Actor
from risicoscreener.texts import Lang, check_language, sections_as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.reentry.sharing.view import View
    from risicoscreener.screening.record.chain import Entry
    from risicoscreener.screening.record.log import RecordLog

_Said = TypeVar("_Said", bound=Struct)
GIVEN, REVOKED = "sharing", "sharing_revoked"
FORGOTTEN = dt.date.min
"""Stands for the day of a revocation of which what it said was deleted: before any day."""
SHORTEST = 8
"""Digits of a hash that name what was given."""
CATEGORY = "sharing"
"""What entries of sharing belong to in ``retention.toml``."""


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That something was given: to whom, for what, on which basis, which fields, until when.

    Attributes
    ----------
    sha256
        The hash of what was given, which is salted there.
    """

    format_version: Literal[1] = 1
    recipient: str
    purpose: str
    source: str
    to_verify: bool
    fields: tuple[str, ...]
    sha256: str
    as_of: dt.date
    ends_on: dt.date
    by: Actor
    consent: str | None = None


class Revoked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That what was given may not be used any more from a day on, such as consent withdrawn."""

    format_version: Literal[1] = 1
    sha256: str
    on: dt.date
    by: Actor


def record_given(log: RecordLog, view: View, person_id: str, by: Actor | None) -> Entry:
    """Record that a view is given; see `share`, which does this first.

    Raises
    ------
    ReentryError
        If it is not said who gives it.
    """
    given = Given(
        recipient=view.recipient,
        purpose=view.purpose,
        source=view.source,
        to_verify=view.to_verify,
        fields=view.fields,
        sha256=view.sha256,
        as_of=view.as_of,
        ends_on=view.ends_on,
        by=by,  # type: ignore[arg-type]  # checked by record_draft
        consent=view.consent,
    )
    return log.append([record_draft(given, person_id)])[0]


def record_draft(given: Given, person_id: str) -> Draft:
    """The entry of something given, of one person or (empty) of nobody in particular.

    Raises
    ------
    ReentryError
        If it is not said who gives it.
    """
    checked = msgspec.structs.replace(given, by=_checked(given.by))
    return _draft(GIVEN, person_id, given.sha256, canonical(checked))


def revoke(log: RecordLog, sha256: str, on: dt.date, by: Actor) -> Entry:
    """Record that what was given may not be used any more from a day on.

    Raises
    ------
    ReentryError
        If nothing of that hash was given according to the record, or it was revoked already, from
        that day or an earlier one.
    """
    entry = _entry_of(log, sha256)
    before = _revoked_on(log, sha256)
    if before is not None and before <= on:
        raise ReentryError(f"{sha256[:16]} was revoked already; expected one that can be used")
    subject = "" if entry.payload is None else entry.payload.subject
    body = canonical(Revoked(sha256=sha256, on=on, by=_checked(by)))
    mark = _mark_of(sha256)
    return log.append([_draft(REVOKED, subject, sha256, body, {sha256_of(mark): mark})])[0]


def check_standing(log: RecordLog, sha256: str, as_of: dt.date) -> None:
    """Raise ReentryError for what was never given according to the record, or is revoked."""
    _entry_of(log, sha256)
    revoked = _revoked_on(log, sha256)
    if revoked == FORGOTTEN:
        raise ReentryError(
            "it was revoked, on a day that the record does not have any more; destroy it"
        )
    if revoked is not None and revoked <= as_of:
        raise ReentryError(f"it was revoked on {revoked}; destroy it")


def find_given(log: RecordLog, reference: str) -> Given:
    """What was given with a hash that begins so.

    Raises
    ------
    ReentryError
        If there is none, or more than one.
    """
    found = {
        given.sha256: given
        for entry in log.entries()
        if entry.link.kind == GIVEN and entry.payload is not None
        for given in [_body(entry)]
        if given.sha256.startswith(reference)
    }
    if len(found) != 1 or len(reference) < SHORTEST:
        raise ReentryError(
            f"{log.name} has {len(found)} given with {reference!r}; expected exactly one, "
            f"by at least {SHORTEST} digits"
        )
    return next(iter(found.values()))


def given_about(log: RecordLog, person_id: str) -> tuple[Given, ...]:
    """All that was given of a person, in order; also what expired or was revoked."""
    found = [e for e in log.about(person_id) if e.link.kind == GIVEN and e.payload is not None]
    return tuple(_body(entry) for entry in found)


def standing_given(
    log: RecordLog, recipient: str, purpose: str, as_of: dt.date
) -> tuple[Given, ...]:
    """What of nobody in particular was given for a purpose and may still be used on a day."""
    found = [e for e in log.about() if e.link.kind == GIVEN and e.payload is not None]
    wanted = [
        one for one in map(_body, found) if (one.recipient, one.purpose) == (recipient, purpose)
    ]
    standing = []
    for one in wanted:
        revoked = _revoked_on(log, one.sha256)
        if one.ends_on >= as_of and (revoked is None or revoked > as_of):
            standing.append(one)
    return tuple(standing)


def given_text(log: RecordLog, person_id: str, as_of: dt.date, lang: Lang = "nl") -> str:
    """Who got what of a person, in words, and whether it may still be used on a day."""
    lang = check_language(lang)
    lines = []
    for one in given_about(log, person_id):
        titled = recipients().get(one.recipient)
        revoked = _revoked_on(log, one.sha256)
        source = say("purpose", "unread", lang, source=one.source) if one.to_verify else one.source
        standing = "valid" if as_of <= one.ends_on else "expired"
        if revoked is not None and revoked <= as_of:
            standing = "forgotten" if revoked == FORGOTTEN else "revoked"
        lines.append(
            say(
                "log",
                "line",
                lang,
                day=one.as_of,
                recipient=one.recipient if titled is None else titled.text(lang),
                purpose=one.purpose,
                source=source,
                fields=len(one.fields),
                by=one.by.id,
                id=one.sha256[:16],
                standing=say("log", standing, lang, ends_on=one.ends_on, revoked_on=revoked),
            )
        )
    heading = say("log", "heading", lang, person_id=person_id)
    return sections_as_text([(heading, lines or [say("log", "nothing", lang)])])


def _draft(
    kind: str, subject: str, sha256: str, body: bytes, blobs: Mapping[str, bytes] | None = None
) -> Draft:
    return Draft(
        kind=kind,
        category=CATEGORY,
        subject=subject,
        reference=sha256,
        body=body,
        blobs=blobs or {},
    )


def _mark_of(sha256: str) -> bytes:
    """What a link that revokes rests on: it tells nothing to who does not have the view."""
    return b"risicoscreener-sharing revoked\0" + sha256.encode()


def _checked(by: Actor | None) -> Actor:
    try:
        return msgspec.convert(msgspec.to_builtins(by), Actor)
    except msgspec.ValidationError as error:
        raise ReentryError(f"by: {error}; expected who gives or revokes it, as an Actor") from None


def _entry_of(log: RecordLog, sha256: str) -> Entry:
    for entry in log.about(reference=sha256):
        if entry.link.kind == GIVEN:
            return entry
    raise ReentryError(
        f"{log.name} has nothing given with hash {sha256[:16]}; expected one that is"
    )


def _revoked_on(log: RecordLog, sha256: str) -> dt.date | None:
    """From which day something is revoked; `FORGOTTEN` where what said so was deleted."""
    days = [
        _read(entry, Revoked).on
        for entry in log.about(reference=sha256)
        if entry.link.kind == REVOKED and entry.payload is not None
    ]
    given = _entry_of(log, sha256).link.sequence
    mark = sha256_of(_mark_of(sha256))
    for entry in log.erased():
        # one without a mark, of before there were any, may have revoked all that was given by then
        may_concern = mark in entry.link.blobs or (
            not entry.link.blobs and given < entry.link.sequence
        )
        if entry.link.kind == REVOKED and may_concern:
            return FORGOTTEN
    return min(days, default=None)


def _body(entry: Entry) -> Given:
    return _read(entry, Given)


def _read(entry: Entry, kind: type[_Said]) -> _Said:
    from risicoscreener.screening.record.entries import said_in

    assert entry.payload is not None
    return said_in(entry.payload, entry.link.sequence, kind)
