"""What may go to whom, by the table of purposes: nothing here has a rule of its own."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing import Consent, Purpose, find_purpose

Tells = Mapping[str, tuple[str, ...]]
"""Per table of the dossier the kinds that something tells of; no kinds: of any."""


class _Recipients(Struct, frozen=True, forbid_unknown_fields=True):
    purpose_of: dict[str, str]
    tells_of: dict[str, dict[str, tuple[str, ...]]]


@cache
def _file() -> _Recipients:
    text = (files("risicoscreener.reentry.conditions") / "recipients.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _Recipients)


def outside() -> tuple[str, ...]:
    """The recipients of lists and flags for whom the table of purposes decides."""
    return tuple(_file().purpose_of)


def tells_of(condition: str) -> dict[str, tuple[str, ...]]:
    """What is told of by what concerns a basic condition."""
    return _file().tells_of[condition]


def purpose_for(recipient: str, on: dt.date, *, table: Iterable[Purpose] | None = None) -> Purpose:
    """The purpose for which a recipient can be given a list or a flag.

    Raises
    ------
    ReentryError
        If there is none, or none that holds on the day.
    """
    if recipient not in _file().purpose_of:
        raise ReentryError(f"recipient {recipient!r}; expected one of {', '.join(outside())}")
    return find_purpose(recipient, _file().purpose_of[recipient], on, table=table)


def covers(purpose: Purpose, tells: Tells) -> bool:
    """Whether everything that something tells of is among what the purpose gives."""
    return all(_covers_table(purpose, table, kinds) for table, kinds in tells.items())


def _covers_table(purpose: Purpose, table: str, kinds: tuple[str, ...]) -> bool:
    if table not in purpose.fields:
        return False
    given = purpose.where.get(table, {}).get("kind")
    return given is None or (bool(kinds) and set(kinds) <= set(given))


def consent_for(
    purpose: Purpose, consents: Iterable[Consent], person_id: str, on: dt.date
) -> Consent | None:
    """The consent of a person to a purpose that holds on a day."""
    asked = (person_id, purpose.recipient, purpose.id)
    for one in consents:
        if (one.person_id, one.recipient, one.purpose) == asked and one.holds_on(on):
            return one
    return None


def may_have(recipient: str, consents: Iterable[Consent], person_id: str, on: dt.date) -> bool:
    """Whether a recipient can be given anything of a person: no consent is needed, or it is there.

    Raises
    ------
    ReentryError
        As `purpose_for`.
    """
    purpose = purpose_for(recipient, on)
    return not purpose.needs_consent or bool(consent_for(purpose, consents, person_id, on))


def check_consents(consents: Iterable[Consent], person_id: str) -> tuple[Consent, ...]:
    """Consents of this person alone, for recipients that there are.

    Raises
    ------
    ReentryError
        For one of somebody else, for another recipient, or that ends before it begins.
    """
    listed = tuple(consents)
    for one in listed:
        if one.person_id != person_id:
            raise ReentryError(
                f"consent of {one.person_id!r}; expected one of {person_id!r}, for whom this is"
            )
        if one.recipient not in outside():
            raise ReentryError(
                f"consent: recipient {one.recipient!r}; expected one of {', '.join(outside())}"
            )
        if one.until is not None and one.until < one.given_on:
            raise ReentryError(
                f"consent: until {one.until} lies before given_on {one.given_on}; expected that "
                "day or later"
            )
    return listed
