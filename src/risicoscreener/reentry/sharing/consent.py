"""That someone agreed to one purpose of one recipient, and whether that holds."""

from __future__ import annotations

import datetime as dt

import msgspec
from msgspec import Struct

from risicoscreener.dossier.schema import LATEST
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.purposes import Purpose

_NAMED = ("person", "recipient", "purpose")


class Consent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That someone agreed to one purpose of one recipient.

    Attributes
    ----------
    reference
        Where the consent itself is kept; no words of it.
    until
        The last day on which it holds, if it ends by itself.
    withdrawn_on
        The day from which it does not hold any more.

    Raises
    ------
    ReentryError
        If it does not say where it is kept.
    """

    person_id: str
    recipient: str
    purpose: str
    given_on: dt.date
    reference: str
    until: dt.date | None = None
    withdrawn_on: dt.date | None = None

    def __post_init__(self) -> None:
        if not self.reference.strip() or not self.reference.isprintable():
            raise ReentryError(
                f"reference of the consent is {self.reference!r}; expected where it is kept"
            )

    @property
    def last_day(self) -> dt.date:
        """The last day on which it holds, as far as is known."""
        last = LATEST if self.until is None else self.until
        if self.withdrawn_on is not None and self.withdrawn_on <= last:
            return self.withdrawn_on - dt.timedelta(days=1)
        return last

    def holds_on(self, day: dt.date) -> bool:
        """Whether it holds on a day."""
        return self.given_on <= day <= self.last_day


def check_consent(
    purpose: Purpose, consent: Consent | None, person_id: str, as_of: dt.date
) -> None:
    """Raise ReentryError unless what needs consent has one that holds on the day.

    The consent has to be of this person, for this recipient and purpose, and say where it is kept.
    """
    if not purpose.needs_consent:
        return
    name = f"{purpose.recipient}/{purpose.id}"
    if consent is None:
        raise ReentryError(f"{name} needs the consent of the person; none was given")
    _check_words(consent, name)
    asked = (person_id, purpose.recipient, purpose.id)
    given = (consent.person_id, consent.recipient, consent.purpose)
    if asked != given:
        differs = next(f for f, a, b in zip(_NAMED, asked, given, strict=True) if a != b)
        raise ReentryError(
            f"{name}: the consent is of another {differs}; expected one of this person, for this "
            "recipient and purpose"
        )
    if not consent.holds_on(as_of):
        raise ReentryError(
            f"{name}: the consent does not hold on {as_of}; expected one that was given by then "
            "and neither ended nor was withdrawn"
        )


def _check_words(consent: Consent, name: str) -> None:
    try:
        msgspec.convert(msgspec.to_builtins(consent), Consent)
    except msgspec.ValidationError as error:
        raise ReentryError(f"{name}: the consent cannot be understood: {error}") from None
