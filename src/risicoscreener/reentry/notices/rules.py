"""Which notices there are, read from their file and tied to the table of purposes."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.reading import text_of
from risicoscreener.reentry.sharing import Purpose, purposes
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import Texts

Event = Literal["arrival", "release", "liberty", "escape"]
Days = Annotated[int, Meta(ge=0, le=365)]


class NoticeRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has to be told, to whom and when at the latest; the words of ``notices.toml``.

    Attributes
    ----------
    recipient, purpose
        The entry of the table of purposes with the legal ground and the fields.
    days_before
        None for what is told afterwards.
    judged
        The ground of which somebody has to judge first whether it is there (`Judged.purpose`).
    """

    id: str
    recipient: str
    purpose: str
    event: Event
    days_after: Days
    correct_within_days: Days
    addressee: Literal["residence", "return", "recipient"]
    text: Texts
    informer: Texts
    source: str
    days_before: Days | None = None
    liberties: tuple[str, ...] = ()
    first_only: bool = False
    needs_rows: str | None = None
    judged: str | None = None
    by_death: bool = False
    remark: Texts | None = None
    to_verify: bool = False

    def due_on(self, event_on: dt.date | None, known_on: dt.date) -> dt.date | None:
        """The last day to tell of an event that became known on a day; None without a day."""
        if event_on is None:
            return None
        soonest = known_on + dt.timedelta(days=self.days_after)
        if self.days_before is None:
            return soonest
        return max(event_on - dt.timedelta(days=self.days_before), soonest)


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    notices: tuple[NoticeRule, ...]


@cache
def notice_rules() -> tuple[NoticeRule, ...]:
    """The notices that the package ships, in the order of their file."""
    text = (files("risicoscreener.reentry.notices") / "notices.toml").read_text("utf-8")
    return _checked(text, "notices.toml", purposes())


def read_notice_rules(
    path: str | os.PathLike[str], *, table: Iterable[Purpose] | None = None
) -> tuple[NoticeRule, ...]:
    """Notices of your own.

    Parameters
    ----------
    table
        The table of purposes that they name; that of the package by default.

    Raises
    ------
    ReentryError
        If they cannot be understood, or name a purpose or a kind of liberty that there is not.
    """
    known = purposes() if table is None else tuple(table)
    return _checked(text_of(path), os.fspath(path), known)


def ground(rule: NoticeRule, on: dt.date, table: tuple[Purpose, ...]) -> Purpose | None:
    """The entry of the table of purposes on which a notice rests on a day; None if none holds."""
    for purpose in table:
        if (purpose.recipient, purpose.id) == (rule.recipient, rule.purpose) and purpose.holds_on(
            on
        ):
            return purpose
    return None


def _checked(text: str, name: str, table: tuple[Purpose, ...]) -> tuple[NoticeRule, ...]:
    try:
        found = msgspec.convert(parse_toml(text), _File).notices
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ReentryError(f"{name}: {error}") from None
    seen: set[str] = set()
    for rule in found:
        where = f"{name}: {rule.id}"
        if rule.id in seen:
            raise ReentryError(f"{where} is there twice; expected one of each id")
        seen.add(rule.id)
        _check(rule, where, table)
    return found


def _check(rule: NoticeRule, where: str, table: tuple[Purpose, ...]) -> None:
    grounds = [p for p in table if (p.recipient, p.id) == (rule.recipient, rule.purpose)]
    if not grounds:
        there = ", ".join(dict.fromkeys(f"{p.recipient}/{p.id}" for p in table))
        raise ReentryError(
            f"{where}: purpose is {rule.recipient}/{rule.purpose}; expected one of {there}"
        )
    for purpose in grounds:
        if rule.needs_rows is not None and rule.needs_rows not in purpose.fields:
            there = ", ".join(purpose.fields)
            raise ReentryError(
                f"{where}: needs_rows is {rule.needs_rows!r}; expected one of {there}"
            )
    kinds = vocabularies()["liberty_kind"].codes
    unknown = [kind for kind in rule.liberties if kind not in kinds]
    if unknown:
        raise ReentryError(f"{where}: liberty {unknown[0]!r}; expected one of {', '.join(kinds)}")
    if (rule.event == "liberty") != bool(rule.liberties):
        raise ReentryError(f"{where}: liberties are for the event liberty, which needs them")
    if rule.event in ("arrival", "escape") and rule.days_before is not None:
        raise ReentryError(f"{where}: days_before of an {rule.event}; expected it left out")
