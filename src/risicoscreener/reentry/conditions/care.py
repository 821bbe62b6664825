"""Continuity of care: flags with their reason, and to whom each may go.

A flag is read from facts as of a day. What cannot be established for want of facts is said. Consent
is handed in by whoever uses this, with its day, scope and end; it is never read from a dossier.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import TRUE, UNKNOWN
from risicoscreener.decision.policy import Test
from risicoscreener.errors import ReentryError
from risicoscreener.features.catalogue import Catalogue
from risicoscreener.reentry.conditions.definition import read_toml, with_own_features
from risicoscreener.reentry.conditions.situation import present_stay, read_record
from risicoscreener.reentry.conditions.wording import say
from risicoscreener.reentry.reading import Reader, holds, inputs_of
from risicoscreener.screening.render import say_date, say_number
from risicoscreener.texts import LANGUAGES, Lang, Section, Texts, check_language, sections_as_text
from risicoscreener.victims.interests import check_day, check_dossier

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import Dossier
    from risicoscreener.features.definition import Feature

Needs = Literal["basis", "consent", "never"]
RELEASE = ("days_until_release", "days_until_conditional_release")
ALL = "all"
YES_OR_NO = "yes or no"


class Flag(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that the care-continuity officer is told; see ``care.toml`` for the fields."""

    id: str
    text: Texts
    when: tuple[Test, ...]
    medical: bool
    source: str
    no_release_date: bool = False
    remark: Texts | None = None
    to_verify: bool = False


class Recipient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who can be given a flag, and what that needs."""

    id: str
    text: Texts
    medical: Needs
    other: Needs
    basis: str
    remark: Texts | None = None
    to_verify: bool = False


class CareRules(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Flags and recipients, and the features that the flags read beside the shipped ones."""

    flags: tuple[Flag, ...]
    recipients: tuple[Recipient, ...]
    features: dict[str, Any] = {}

    @classmethod
    def shipped(cls) -> CareRules:
        """Those of the package: a reference, to be checked before any use."""
        return _shipped()

    @cached_property
    def definitions(self) -> Catalogue:
        """The features that flags read."""
        return with_own_features(self.features, "care.toml")

    @cached_property
    def reader(self) -> Reader:
        """Reads from a dossier what the flags need."""
        tests = (test for flag in self.flags for test in flag.when)
        return Reader.of([*inputs_of(tests), *RELEASE], self.definitions)


@cache
def _shipped() -> CareRules:
    text = (files("risicoscreener.reentry.conditions") / "care.toml").read_text("utf-8")
    made: CareRules = read_toml(text, "care.toml", CareRules)
    return made


class Consent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That someone agrees that flags go to recipients.

    Attributes
    ----------
    given_on, until
        First and last day on which it holds.
    flags
        Names of flags, or ``all``.
    to
        Names of recipients.
    withdrawn_on
        From that day it holds no longer.
    """

    given_on: dt.date
    flags: tuple[str, ...]
    to: tuple[str, ...]
    until: dt.date
    withdrawn_on: dt.date | None = None

    def covers(self, flag: str, recipient: str, day: dt.date) -> bool:
        """Whether it holds on a day for a flag and a recipient."""
        holds_then = self.given_on <= day <= self.until
        withdrawn = self.withdrawn_on is not None and day >= self.withdrawn_on
        scope = flag in self.flags or ALL in self.flags
        return holds_then and not withdrawn and scope and recipient in self.to


class Sharing(Struct, frozen=True, kw_only=True):
    """Whether a flag may go to a recipient, and why."""

    recipient: str
    allowed: bool
    text: Texts


class CareFlag(Struct, frozen=True, kw_only=True):
    """One flag that was raised, or that could not be established.

    Attributes
    ----------
    state
        ``raised`` or ``unknown``: facts that it needs are lacking.
    reason
        The values that it rests on.
    """

    id: str
    state: Literal["raised", "unknown"]
    text: Texts
    reason: Texts
    medical: bool
    sharing: tuple[Sharing, ...]
    source: str
    remark: Texts | None
    to_verify: bool

    def may_go_to(self, recipient: str) -> bool:
        """Whether it may be shared with a recipient."""
        return any(one.recipient == recipient and one.allowed for one in self.sharing)


class CareFlags(Struct, frozen=True, kw_only=True):
    """The flags for one person as of a day."""

    person_id: str
    as_of: dt.date
    flags: tuple[CareFlag, ...]

    def for_recipient(self, recipient: str) -> CareFlags:
        """Only what may go to a recipient; what may not is not there.

        Raises
        ------
        ReentryError
            For a recipient that there is not.
        """
        _check_recipient(recipient, CareRules.shipped())
        kept = tuple(
            msgspec.structs.replace(
                flag, sharing=tuple(s for s in flag.sharing if s.recipient == recipient)
            )
            for flag in self.flags
            if flag.may_go_to(recipient)
        )
        return msgspec.structs.replace(self, flags=kept)

    def text(self, lang: Lang = "nl") -> str:
        """The flags as plain text, in ``nl`` or ``en``."""
        return sections_as_text(self.sections(lang))

    def sections(self, lang: Lang) -> list[Section]:
        """Headings with their lines."""
        lang = check_language(lang)
        head = say(
            "heading", "care", lang, person_id=self.person_id, as_of=say_date(self.as_of, lang)
        )
        lines = [line for flag in self.flags for line in _lines(flag, lang)]
        return [(head, lines or [say("care", "nothing", lang)])]

    def to_dict(self) -> dict[str, Any]:
        """Dictionaries, lists, numbers and text."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def to_frame(self, lang: Lang = "nl") -> pd.DataFrame:
        """A row for each flag and recipient."""
        import pandas as pd

        lang = check_language(lang)
        rows = [
            (
                *(self.person_id, self.as_of, flag.id, flag.state, flag.text.text(lang)),
                *(flag.reason.text(lang), flag.medical, one.recipient, one.allowed),
                *(one.text.text(lang), flag.source),
            )
            for flag in self.flags
            for one in flag.sharing
        ]
        names = ["person_id", "as_of", "flag", "state", "text", "reason", "medical"]
        return pd.DataFrame(rows, columns=[*names, "recipient", "allowed", "why", "source"])


def _lines(flag: CareFlag, lang: Lang) -> Iterator[str]:
    text, reason = flag.text.text(lang), flag.reason.text(lang)
    if flag.state == "unknown":
        text = say("care", "unknown", lang, text=text)
    said = say("care", "flag", lang, text=text, reason=reason)
    sharing = "; ".join(one.text.text(lang) for one in flag.sharing)
    yield f"{said} ({flag.source}). {sharing}"


def care_flags(
    dossier: Dossier,
    as_of: dt.date,
    *,
    consents: Iterable[Consent] = (),
    rules: CareRules | None = None,
) -> CareFlags:
    """Flags on care for someone in detention, and to whom each may go.

    Parameters
    ----------
    dossier
        A valid dossier; only what was known on the day is looked at.
    consents
        What the person agreed to. Without consent a flag that needs it may not be shared.
    rules
        Flags and recipients; the shipped ones by default.

    Returns
    -------
    CareFlags
        Those that are raised, and those that cannot be established.

    Raises
    ------
    DossierError
        For what is no dossier or no day.
    ReentryError
        For somebody who is not in detention on the day, and for a consent that names a flag or
        recipient that there is not, or ends before it begins.
    """
    check_dossier(dossier)
    check_day(as_of)
    known = CareRules.shipped() if rules is None else rules
    agreed = tuple(consents)
    for consent in agreed:
        check_consent(consent, known)
    if present_stay(dossier, as_of) is None:
        raise ReentryError(f"{dossier.person_id} is not in detention on {as_of}; expected a stay")
    values = known.reader.values(dossier, as_of)
    found = [_found(flag, values, as_of, agreed, known) for flag in known.flags]
    flags = tuple(flag for flag in found if flag is not None)
    return CareFlags(person_id=dossier.person_id, as_of=as_of, flags=flags)


def _found(
    flag: Flag,
    values: dict[str, float],
    as_of: dt.date,
    consents: tuple[Consent, ...],
    rules: CareRules,
) -> CareFlag | None:
    undated = math.isnan(values["days_until_release"])
    if flag.no_release_date and not undated:
        return None
    reads_date = any(test.input == "days_until_release" for test in flag.when)
    truth = holds(flag.when, values)
    if reads_date and undated and truth == UNKNOWN:
        rest = tuple(test for test in flag.when if test.input != "days_until_release")
        if holds(rest, values) == TRUE and flag.medical:
            return None  # another flag says that the day is not known
    if truth not in (TRUE, UNKNOWN):
        return None
    return CareFlag(
        id=flag.id,
        state="raised" if truth == TRUE else "unknown",
        text=flag.text,
        reason=_reason(flag, values, rules),
        medical=flag.medical,
        sharing=tuple(_sharing(flag, r, as_of, consents) for r in rules.recipients),
        source=flag.source,
        remark=flag.remark,
        to_verify=flag.to_verify,
    )


def _reason(flag: Flag, values: dict[str, float], rules: CareRules) -> Texts:
    return reason_of(inputs_of(flag.when), values, rules.definitions)


def reason_of(names: Iterable[str], values: dict[str, float], definitions: Catalogue) -> Texts:
    """Values with what they are called, in each language."""
    listed = list(names)
    said = {
        lang: "; ".join(_said(definitions[name], values[name], lang) for name in listed)
        for lang in LANGUAGES
    }
    return Texts(**said)


def _said(feature: Feature, value: float, lang: Lang) -> str:
    if math.isnan(value):
        found = say("phrase", "not_known", lang)
    elif feature.unit == YES_OR_NO:
        found = say("phrase", "yes" if value else "no", lang)
    else:
        found = say_number(value, lang)
    return f"{feature.text[lang]}: {found}"


def _sharing(
    flag: Flag, recipient: Recipient, day: dt.date, consents: tuple[Consent, ...]
) -> Sharing:
    needs: Needs = recipient.medical if flag.medical else recipient.other
    consent = next((c for c in consents if c.covers(flag.id, recipient.id, day)), None)
    allowed = needs == "basis" or (needs == "consent" and consent is not None)
    said = {}
    for lang in LANGUAGES:
        if needs == "basis":
            why = say("care", "basis", lang, basis=recipient.basis)
            if recipient.to_verify:
                why = f"{why}; {say('phrase', 'to_verify', lang)}"
        elif needs == "never":
            why = say("care", "never", lang)
        elif consent is None:
            why = say("care", "no_consent", lang)
        else:
            why = say("care", "consent", lang, day=say_date(consent.given_on, lang))
        key = "may" if allowed else "may_not"
        said[lang] = say("care", key, lang, recipient=recipient.text.text(lang), why=why)
    return Sharing(recipient=recipient.id, allowed=allowed, text=Texts(**said))


def check_consent(consent: Consent, rules: CareRules) -> None:
    """Raise ReentryError for a consent that cannot be meant."""
    flags = {ALL, *(flag.id for flag in rules.flags)}
    for name in consent.flags:
        if name not in flags:
            known = ", ".join(sorted(flags))
            raise ReentryError(f"consent: flag {name!r}; expected one of {known}")
    for name in consent.to:
        _check_recipient(name, rules)
    if consent.until < consent.given_on:
        raise ReentryError(
            f"consent: until {consent.until} lies before given_on {consent.given_on}; expected that "
            "day or later"
        )


def _check_recipient(name: str, rules: CareRules) -> None:
    known = [recipient.id for recipient in rules.recipients]
    if name not in known:
        raise ReentryError(f"recipient {name!r}; expected one of {', '.join(known)}")


def read_consents(source: bytes | str) -> tuple[Consent, ...]:
    """Consents from a JSON list.

    Raises
    ------
    ReentryError
        That names the field, what was there and what was expected.
    """
    found: tuple[Consent, ...] = read_record(source, tuple[Consent, ...], "the consents")
    for consent in found:
        check_consent(consent, CareRules.shipped())
    return found
