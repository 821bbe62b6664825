"""Continuity of care: flags with their reason, and to whom each may go.

A flag is read from facts as of a day. What cannot be established for want of facts is said. Who
may have it is decided by the table of purposes. Consent is handed in by whoever uses this, with its
day, recipient, purpose and end; it is never read from a dossier.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import FALSE, TRUE
from risicoscreener.decision.policy import Test
from risicoscreener.errors import ReentryError
from risicoscreener.features.catalogue import Catalogue
from risicoscreener.reentry.conditions.covering import (
    check_consents,
    consent_for,
    covers,
    outside,
    purpose_for,
)
from risicoscreener.reentry.conditions.situation import present_stay, read_record, those_inside
from risicoscreener.reentry.conditions.wording import say
from risicoscreener.reentry.reading import (
    Reader,
    holds,
    inputs_of,
    read_data,
    with_own_features,
)
from risicoscreener.reentry.sharing import Consent, Purpose
from risicoscreener.screening.audience import recipients
from risicoscreener.screening.render import say_date, say_number
from risicoscreener.texts import LANGUAGES, InWords, Lang, Section, Texts, check_language
from risicoscreener.victims.interests import check_day, check_dossier

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import Dossier, DossierTables
    from risicoscreener.features.definition import Feature

RELEASE = "days_until_release"
YES_OR_NO = "yes or no"


class Flag(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that the care-continuity officer is told; see ``care.toml`` for the fields."""

    id: str
    text: Texts
    when: tuple[Test, ...]
    tells: dict[str, tuple[str, ...]]
    source: str
    no_release_date: bool = False
    needs_date: str | None = None
    remark: Texts | None = None
    to_verify: bool = False


class CareRules(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Flags, and the features that they read beside the shipped ones."""

    flags: tuple[Flag, ...]
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
        return Reader.of([*inputs_of(tests), RELEASE], self.definitions)


@cache
def _shipped() -> CareRules:
    made: CareRules = read_data("risicoscreener.reentry.conditions", "care.toml", CareRules)
    return made


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
    sharing: tuple[Sharing, ...]
    source: str
    remark: Texts | None
    to_verify: bool

    def may_go_to(self, recipient: str) -> bool:
        """Whether it may be shared with a recipient."""
        return any(one.recipient == recipient and one.allowed for one in self.sharing)


class CareFlags(InWords, frozen=True, kw_only=True):
    """The flags for one person as of a day."""

    kind: ClassVar[str] = "risicoscreener-care"

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
        if recipient not in outside():
            raise ReentryError(f"recipient {recipient!r}; expected one of {', '.join(outside())}")
        kept = tuple(
            msgspec.structs.replace(
                flag, sharing=tuple(s for s in flag.sharing if s.recipient == recipient)
            )
            for flag in self.flags
            if flag.may_go_to(recipient)
        )
        return msgspec.structs.replace(self, flags=kept)

    def sections(self, lang: Lang) -> list[Section]:
        """Headings with their lines."""
        lang = check_language(lang)
        head = say(
            "heading", "care", lang, person_id=self.person_id, as_of=say_date(self.as_of, lang)
        )
        lines = [line for flag in self.flags for line in _lines(flag, lang)]
        return [(head, lines or [say("care", "nothing", lang)])]

    def to_frame(self, lang: Lang = "nl") -> pd.DataFrame:
        """A row for each flag and recipient."""
        import pandas as pd

        lang = check_language(lang)
        rows = [
            (
                *(self.person_id, self.as_of, flag.id, flag.state, flag.text.text(lang)),
                *(flag.reason.text(lang), one.recipient, one.allowed),
                *(one.text.text(lang), flag.source),
            )
            for flag in self.flags
            for one in flag.sharing
        ]
        return pd.DataFrame(rows, columns=list(_COLUMNS))


_COLUMNS = (
    *("person_id", "as_of", "flag", "state", "text", "reason"),
    *("recipient", "allowed", "why", "source"),
)


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
    table: Iterable[Purpose] | None = None,
) -> CareFlags:
    """Flags on care for someone in detention, and to whom each may go.

    Parameters
    ----------
    dossier
        A valid dossier; only what was known on the day is looked at.
    consents
        What the person agreed to. Without consent a flag that needs it may not be shared.
    rules
        The flags; the shipped ones by default.
    table
        The table of purposes; the shipped one by default.

    Returns
    -------
    CareFlags
        Those that are raised, and those that cannot be established.

    Raises
    ------
    DossierError
        For what is no dossier or no day.
    ReentryError
        For somebody who is not in detention on the day, and for a consent that is of somebody
        else, names a recipient that there is not, or ends before it begins.
    """
    check_dossier(dossier)
    check_day(as_of)
    known = CareRules.shipped() if rules is None else rules
    agreed = check_consents(consents, dossier.person_id)
    purposes = None if table is None else tuple(table)
    if present_stay(dossier, as_of) is None:
        raise ReentryError(f"{dossier.person_id} is not in detention on {as_of}; expected a stay")
    values = known.reader.values(dossier, as_of)
    flags = tuple(
        CareFlag(
            id=flag.id,
            state="raised" if truth == TRUE else "unknown",
            text=flag.text,
            reason=reason_of(inputs_of(flag.when), values, known.definitions),
            sharing=tuple(
                _sharing(flag, recipient, (dossier.person_id, as_of), agreed, purposes)
                for recipient in outside()
            ),
            source=flag.source,
            remark=flag.remark,
            to_verify=flag.to_verify,
        )
        for flag in known.flags
        if (truth := _truth(flag, values)) != FALSE
    )
    return CareFlags(person_id=dossier.person_id, as_of=as_of, flags=flags)


def list_care_flags(
    dossiers: Iterable[Dossier] | DossierTables,
    as_of: dt.date,
    *,
    consents: Iterable[Consent] = (),
    rules: CareRules | None = None,
    lang: Lang = "nl",
) -> pd.DataFrame:
    """The flags for everyone who is in detention on a day, as one table.

    Parameters
    ----------
    dossiers
        Records or tables.
    consents
        Of any of these people; others are no mistake here.
    rules, lang
        As for `care_flags` and `CareFlags.to_frame`.

    Returns
    -------
    DataFrame
        The rows of each person's `CareFlags.to_frame`.
    """
    import pandas as pd

    agreed = tuple(consents)
    found = []
    for dossier in those_inside(dossiers, as_of):
        own = [one for one in agreed if one.person_id == dossier.person_id]
        found.append(care_flags(dossier, as_of, consents=own, rules=rules).to_frame(lang))
    if not found:
        return pd.DataFrame(columns=list(_COLUMNS))
    return pd.concat(found, ignore_index=True)


def _truth(flag: Flag, values: dict[str, float]) -> int:
    """Whether a flag is raised; one on a day that is not known is not there at all."""
    if flag.no_release_date and not math.isnan(values[RELEASE]):
        return FALSE
    if flag.needs_date is not None and math.isnan(values[flag.needs_date]):
        return FALSE
    return holds(flag.when, values)


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
    flag: Flag,
    recipient: str,
    of: tuple[str, dt.date],
    consents: tuple[Consent, ...],
    table: tuple[Purpose, ...] | None,
) -> Sharing:
    person_id, day = of
    try:
        purpose = purpose_for(recipient, day, table=table)
    except ReentryError:
        return _said_of(recipient, False, "no_basis_now")
    if not covers(purpose, flag.tells):
        return _said_of(recipient, False, "not_covered")
    if not purpose.needs_consent:
        return _said_of(recipient, True, "basis", purpose=purpose)
    consent = consent_for(purpose, consents, person_id, day)
    if consent is None:
        return _said_of(recipient, False, "no_consent")
    return _said_of(recipient, True, "consent", day=consent.given_on)


def _said_of(
    recipient: str,
    allowed: bool,
    key: str,
    *,
    purpose: Purpose | None = None,
    day: dt.date | None = None,
) -> Sharing:
    said = {}
    for lang in LANGUAGES:
        values = {
            "basis": "" if purpose is None else purpose.basis(lang),
            "day": "" if day is None else say_date(day, lang),
        }
        why = say("care", key, lang, **values)
        name = recipients()[recipient].text(lang)
        may = "may" if allowed else "may_not"
        said[lang] = say("care", may, lang, recipient=name, why=why)
    return Sharing(recipient=recipient, allowed=allowed, text=Texts(**said))


def read_consents(source: bytes | str) -> tuple[Consent, ...]:
    """Consents from a JSON list, as `risicoscreener.reentry.sharing.Consent`.

    Raises
    ------
    ReentryError
        That names the field, what was there and what was expected.
    """
    found: tuple[Consent, ...] = read_record(source, tuple[Consent, ...], "the consents")
    return found
