"""How long what is recorded is kept, and under which legal bases it is deleted.

Deleted is what an entry says, with its salt. What stays is the link with a hash that nobody can
guess back, and a marker in the chain that names the entries, the basis, and who deleted by role and
pseudonym.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from risicoscreener.dossier.months import months_later
from risicoscreener.errors import RecordError
from risicoscreener.screening.record.chain import Draft, canonical
from risicoscreener.screening.record.decision import Actor
from risicoscreener.screening.record.entries import CHAIN, DeletionBody
from risicoscreener.screening.record.wording import read
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.screening.record.log import RecordLog


class Category(Struct, frozen=True, forbid_unknown_fields=True):
    """What something belongs to by law, and how long that is kept.

    Attributes
    ----------
    years, months
        The term; both 0 where there is none and it is kept as long as the record.
    starts
        With what the term starts.
    """

    text: Texts
    starts: Texts
    source: str
    years: int = 0
    months: int = 0
    remark: Texts | None = None
    to_verify: bool = False

    def last_day(self, started: dt.date) -> dt.date | None:
        """The last day of a term that started on a day; None without a term."""
        months = 12 * self.years + self.months
        return months_later(started, months) if months else None


class Basis(Struct, frozen=True, forbid_unknown_fields=True):
    """A legal basis to delete; ``needs_term``: only what is due."""

    text: Texts
    source: str
    needs_term: bool = False
    remark: Texts | None = None
    to_verify: bool = False


class Due(Struct, frozen=True):
    """An entry whose term has passed: since which day, and when the term started."""

    sequence: int
    subject: str
    category: str
    started: dt.date
    last_day: dt.date


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    categories: dict[str, Category]
    bases: dict[str, Basis]


@cache
def _file() -> _File:
    return msgspec.toml.decode(read("retention.toml"), type=_File)


def categories() -> dict[str, Category]:
    """What entries belong to, by name."""
    return _file().categories


def bases() -> dict[str, Basis]:
    """The bases to delete, by name."""
    return _file().bases


def due(log: RecordLog, day: dt.date, started: Mapping[str, dt.date]) -> tuple[Due, ...]:
    """The entries whose term of retention has passed on a day, in order.

    Parameters
    ----------
    started
        By case id the day on which the term started, such as that on which the Minister received
        the file. Whoever is detained again is not in it: the term has lapsed. Nothing is due of
        whom it does not name, nor what was recorded after that day: then the file was in use.
    """
    found = []
    for entry in log.entries():
        payload, link = entry.payload, entry.link
        since = None if payload is None else started.get(payload.subject)
        category = categories().get(link.category)
        if payload is None or since is None or category is None:
            continue
        last_day = category.last_day(since)
        if last_day is not None and day > last_day and link.recorded_at.date() <= since:
            found.append(Due(link.sequence, payload.subject, link.category, since, last_day))
    return tuple(found)


def deletion_draft(
    log: RecordLog,
    sequences: tuple[int, ...],
    basis: str,
    by: Actor,
    day: dt.date,
    started: Mapping[str, dt.date],
) -> Draft:
    """The marker of a deletion.

    Parameters
    ----------
    sequences
        The entries, each once, in order.
    basis
        A name in ``retention.toml``.
    by
        Who deletes.
    day, started
        As of `due`, for a basis that needs a term that has passed.

    Raises
    ------
    RecordError
        If there is no such basis or entry, an entry was deleted before or proves the record, or
        its term has not passed where the basis asks for that.
    """
    known = bases().get(basis)
    if known is None:
        raise RecordError(f"basis is {basis!r}; expected one of {', '.join(bases())}")
    if not sequences:
        raise RecordError("no entries are given; expected at least one to delete")
    for sequence in sequences:
        entry = log.entry(sequence)
        if entry.payload is None:
            raise RecordError(f"entry {sequence} was deleted already; expected one that is there")
        if entry.link.category == CHAIN:
            raise RecordError(f"entry {sequence} proves the record; expected one about a person")
    if known.needs_term:
        passed = {one.sequence for one in due(log, day, started)}
        early = [sequence for sequence in sequences if sequence not in passed]
        if early:
            raise RecordError(
                f"the term of entry {early[0]} has not passed on {day}, or it is not known when it "
                f"started; expected entries that are due, or a basis other than {basis}"
            )
    try:
        actor = msgspec.convert(msgspec.to_builtins(by), Actor)
    except msgspec.ValidationError as error:
        raise RecordError(f"by: {error}") from None
    body = DeletionBody(sequences=sequences, basis=basis, by=actor)
    return Draft(kind="deletion", category=CHAIN, body=canonical(body))
