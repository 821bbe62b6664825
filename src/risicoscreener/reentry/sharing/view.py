"""A view: the copy of a dossier, or of a result, with exactly what a purpose names."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import EARLIEST, LATEST, id_column
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.minimising import Row, minimised, release_of
from risicoscreener.reentry.sharing.purposes import PERSONS, Purpose, find_purpose
from risicoscreener.reentry.sharing.wording import field_label, say, table_label, value_label
from risicoscreener.screening.audience import recipients
from risicoscreener.screening.record.chain import canonical, sha256_of
from risicoscreener.texts import (
    Lang,
    Section,
    Texts,
    check_language,
    sections_as_html,
    sections_as_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from risicoscreener.decision import PolicyBook
    from risicoscreener.screening.record.decision import Actor
    from risicoscreener.screening.record.log import RecordLog
    from risicoscreener.screening.result import ScreeningResult

SCREENING = "screening"
SALT_BYTES = 16


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
    """

    person_id: str
    recipient: str
    purpose: str
    given_on: dt.date
    reference: str
    until: dt.date | None = None
    withdrawn_on: dt.date | None = None

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


class View(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one recipient gets for one purpose, and until when it may be used.

    Attributes
    ----------
    fields
        What could be in it, as ``table.column``; also what turned out to be empty.
    consent
        The reference of the consent that it rests on, if the purpose needs one.
    content
        Per table the rows with the named columns; ``persons`` is one row; ``screening`` is the
        extract of a result.
    salt, sha256
        The hash is of the salt and all else, so that nobody can guess the content from it.
    """

    format_version: Literal[1] = 1
    recipient: str
    purpose: str
    title: Texts
    source: str
    to_verify: bool
    as_of: dt.date
    ends_on: dt.date
    fields: tuple[str, ...]
    consent: str | None = None
    content: dict[str, Any]
    salt: str
    sha256: str = ""

    def text(self, lang: Lang = "nl") -> str:
        """The view in words, in ``nl`` or ``en``."""
        return sections_as_text(_outline(self, check_language(lang)))

    def html(self, lang: Lang = "nl") -> str:
        """The same as an HTML fragment; everything from outside is escaped."""
        lang = check_language(lang)
        return sections_as_html(_outline(self, lang), lang, "rs-view")

    def _repr_html_(self) -> str:
        return self.html()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, to write as JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def to_json(self) -> bytes:
        """The view as JSON; `open_view` reads it."""
        return msgspec.json.encode(self)

    def to_frames(self) -> dict[str, Any]:
        """A DataFrame for each table that the purpose names, with its columns, also if empty."""
        import pandas as pd

        named: dict[str, list[str]] = {}
        for field in self.fields:
            table, name = field.split(".")
            named.setdefault(table, []).append(name)
        return {
            table: pd.DataFrame(_rows_in(self.content, table), columns=names)
            for table, names in named.items()
        }


def share(
    dossier: Dossier,
    recipient: str,
    purpose: str,
    as_of: dt.date,
    *,
    consent: Consent | None = None,
    result: ScreeningResult | None = None,
    policies: PolicyBook | None = None,
    table: Iterable[Purpose] | None = None,
    log: RecordLog | None = None,
    by: Actor | None = None,
    salt: str | None = None,
) -> View:
    """What a recipient may get of a dossier for a purpose, as known on a day.

    Parameters
    ----------
    dossier
        A valid dossier.
    recipient, purpose
        Names of the table of purposes.
    as_of
        The day on which it is given; only facts known by then are in it.
    consent
        The consent that the purpose needs, if it does.
    result
        A screening of this person, of which the extract for this recipient goes along.
    policies
        Those with which the result was made; those of the package by default.
    table
        A table of purposes; that of the package by default.
    log, by
        A record in which it is written before it is given, and who gives it.
    salt
        For tests; a new one by default.

    Raises
    ------
    ReentryError
        If there is no such recipient or purpose, its basis does not hold on the day, consent is
        needed and does not hold, or no extract of a screening is for this purpose. The message
        says what there is.
    """
    _check_dossier(dossier)
    _check_day(as_of)
    wanted = find_purpose(recipient, purpose, as_of, table=table)
    _check_may_be_given(wanted, consent, dossier.person_id, as_of)
    content = minimised(dossier, wanted, as_of)
    if result is not None:
        content[SCREENING] = _extract(result, wanted, dossier.person_id, as_of, policies)
    return issue(dossier, wanted, as_of, content, consent=consent, log=log, by=by, salt=salt)


def issue(
    dossier: Dossier,
    purpose: Purpose,
    as_of: dt.date,
    content: dict[str, Any],
    *,
    consent: Consent | None = None,
    log: RecordLog | None = None,
    by: Actor | None = None,
    salt: str | None = None,
) -> View:
    """A view of content that was minimised for a purpose, recorded first if there is a record.

    Raises
    ------
    ReentryError
        If there is a column in it that the purpose does not name, consent is needed and does not
        hold, or the purpose is no view.
    """
    _check_may_be_given(purpose, consent, dossier.person_id, as_of)
    _check_content(content, purpose)
    view = _sealed(
        View(
            recipient=purpose.recipient,
            purpose=purpose.id,
            title=purpose.title,
            source=purpose.source,
            to_verify=purpose.to_verify,
            as_of=as_of,
            ends_on=_ends_on(dossier, purpose, consent, as_of),
            fields=purpose.named,
            consent=consent.reference if purpose.needs_consent and consent is not None else None,
            content=content,
            salt=secrets.token_hex(SALT_BYTES) if salt is None else salt,
        )
    )
    if log is not None:
        from risicoscreener.reentry.sharing.log import record_given

        record_given(log, view, dossier.person_id, by)
    return view


def _check_content(content: dict[str, Any], purpose: Purpose) -> None:
    named = {*purpose.named, *((SCREENING,) if purpose.extract else ())}
    given = {SCREENING} & set(content)
    for table in set(content) - {SCREENING}:
        given |= {f"{table}.{name}" for row in _rows_in(content, table) for name in row}
    beyond = sorted(given - named)
    if beyond:
        raise ReentryError(
            f"{purpose.recipient}/{purpose.id} does not name {beyond[0]}; expected only "
            f"{', '.join(sorted(named))}"
        )


def open_view(data: bytes | str, as_of: dt.date, *, log: RecordLog | None = None) -> View:
    """A view that was stored, if it may still be used on a day.

    Parameters
    ----------
    data
        What `View.to_json` gave.
    log
        The record in which it was written: it must be there, and not be revoked by that day.

    Raises
    ------
    ReentryError
        If it is no view, was changed, has expired, was revoked, or was given after the day.
    """
    _check_day(as_of)
    try:
        view = msgspec.json.decode(data, type=View)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ReentryError(f"this is no view: {error}") from None
    if view.sha256 != _digest(view):
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
    if log is not None:
        from risicoscreener.reentry.sharing.log import check_standing

        check_standing(log, view.sha256, as_of)
    return view


def _rows_in(content: dict[str, Any], table: str) -> list[Row]:
    rows = content.get(table, [])
    return [rows] if isinstance(rows, dict) else list(rows)


# --- consent, end and hash ----------------------------------------------------------------------


def _check_may_be_given(
    purpose: Purpose, consent: Consent | None, person_id: str, as_of: dt.date
) -> None:
    if purpose.form != "view":
        raise ReentryError(
            f"{purpose.recipient}/{purpose.id} is given pseudonymised only; make it with "
            "sharing.research"
        )
    _check_consent(purpose, consent, person_id, as_of)


def _check_consent(
    purpose: Purpose, consent: Consent | None, person_id: str, as_of: dt.date
) -> None:
    if not purpose.needs_consent:
        return
    name = f"{purpose.recipient}/{purpose.id}"
    if consent is None:
        raise ReentryError(f"{name} needs the consent of the person; none was given")
    asked = (person_id, purpose.recipient, purpose.id)
    given = (consent.person_id, consent.recipient, consent.purpose)
    if asked != given:
        differs = next(f for f, a, b in zip(_OF_CONSENT, asked, given, strict=True) if a != b)
        raise ReentryError(
            f"{name}: the consent is of another {differs}; expected one of this person, for this "
            "recipient and purpose"
        )
    if not consent.holds_on(as_of):
        raise ReentryError(
            f"{name}: the consent does not hold on {as_of}; expected one that was given by then "
            "and neither ended nor was withdrawn"
        )


_OF_CONSENT = ("person", "recipient", "purpose")


def _ends_on(
    dossier: Dossier, purpose: Purpose, consent: Consent | None, as_of: dt.date
) -> dt.date:
    """The last day of use: after release where that is known, else after it was given."""
    start = release_of(dossier, as_of) if purpose.keep_from == "release" else None
    term = dt.timedelta(days=purpose.keep_days)
    after = max(start or as_of, as_of)
    end = after + term if after <= LATEST else after
    if purpose.needs_consent and consent is not None:
        return min(end, consent.last_day)
    return end


def _sealed(view: View) -> View:
    return msgspec.structs.replace(view, sha256=_digest(view))


def _digest(view: View) -> str:
    return sha256_of(canonical(msgspec.structs.replace(view, sha256="")))


def _extract(
    result: ScreeningResult,
    purpose: Purpose,
    person_id: str,
    as_of: dt.date,
    policies: PolicyBook | None,
) -> Any:
    if not purpose.extract:
        raise ReentryError(
            f"{purpose.recipient}/{purpose.id} gets no extract of a screening; give no result"
        )
    if result.person_id != person_id:
        raise ReentryError("the result is of another person; expected one of this dossier")
    if result.as_of > as_of:
        raise ReentryError(
            f"the result is as of {result.as_of}; expected one of {as_of} or before, the day on "
            "which it is given"
        )
    return result.for_audience(purpose.recipient, policies=policies).to_dict()


def _check_dossier(dossier: Any) -> None:
    if not isinstance(dossier, Dossier):
        kind = type(dossier).__name__
        raise ReentryError(f"the dossier is of type {kind}; expected a Dossier (see read_dossier)")


def _check_day(day: Any) -> None:
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        raise ReentryError(f"as_of is {day!r}; expected a date, without a time")
    if not EARLIEST <= day <= LATEST:
        raise ReentryError(f"as_of is {day}; expected a day from {EARLIEST} to {LATEST}")


# --- in words -----------------------------------------------------------------------------------


def _outline(view: View, lang: Lang) -> list[Section]:
    titled = recipients().get(view.recipient)
    recipient = view.recipient if titled is None else titled.text(lang)
    person = view.content.get(PERSONS, {}).get(id_column().name)
    key = "title" if person else "title_nobody"
    heading = say("view", key, lang, recipient=recipient, person_id=person)
    source = view.source
    if view.to_verify:
        source = say("purpose", "unread", lang, source=source)
    lines = [
        say("view", "purpose", lang, purpose=view.title.text(lang)),
        say("purpose", "basis", lang, basis=source),
        say("view", "as_of", lang, day=view.as_of),
        say("view", "ends", lang, day=view.ends_on),
        say("view", "reference", lang, id=view.sha256[:16]),
    ]
    sections: list[Section] = [(heading, lines)]
    for table in dict.fromkeys(field.split(".")[0] for field in view.fields):
        told = [_said_row(table, row, lang) for row in _rows_in(view.content, table) if row]
        nothing = [say("view", "nothing", lang)]
        sections.append((table_label(table, lang), told or nothing))
    if SCREENING in view.content:
        sections.append(
            (say("view", SCREENING, lang), _said_extract(view.content[SCREENING], lang))
        )
    return sections


def _said_row(table: str, row: Row, lang: Lang) -> str:
    return "; ".join(
        f"{field_label(table, name, lang)}: {value_label(table, name, value, lang)}"
        for name, value in row.items()
    )


def _said_extract(extract: dict[str, Any], lang: Lang) -> list[str]:
    from risicoscreener.screening.result import ScreeningResult

    result = msgspec.convert(extract, ScreeningResult)
    lines = (line.strip() for line in result.text(lang).splitlines())
    return [line for line in lines if line.strip("-=")]
