"""Giving: what a purpose names is copied, sealed, recorded, and ends on a day."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import EARLIEST, LATEST
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.consent import Consent, check_consent
from risicoscreener.reentry.sharing.content import check_names
from risicoscreener.reentry.sharing.extracts import extract_of
from risicoscreener.reentry.sharing.minimising import last_stay, minimised
from risicoscreener.reentry.sharing.purposes import Purpose, find_purpose
from risicoscreener.reentry.sharing.view import SCREENING, View, digest_of_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from risicoscreener.decision import PolicyBook
    from risicoscreener.screening.record.decision import Actor
    from risicoscreener.screening.record.log import RecordLog
    from risicoscreener.screening.result import ScreeningResult

SALT_BYTES = 16


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
        needed and does not hold, the term of use after release has passed, or no extract of a
        screening is for this purpose. The message says what there is.
    """
    _check_dossier(dossier)
    check_day(as_of)
    wanted = find_purpose(recipient, purpose, as_of, table=table)
    _check_may_be_given(wanted, consent, dossier.person_id, as_of)
    content = minimised(dossier, wanted, as_of)
    if result is not None:
        content[SCREENING] = extract_of(result, wanted, dossier.person_id, as_of, policies)
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
        hold, the term of use has passed, or the purpose is no view.
    """
    _check_may_be_given(purpose, consent, dossier.person_id, as_of)
    check_names(content, purpose)
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


def _check_may_be_given(
    purpose: Purpose, consent: Consent | None, person_id: str, as_of: dt.date
) -> None:
    if purpose.form != "view":
        raise ReentryError(
            f"{purpose.recipient}/{purpose.id} is given pseudonymised only; make it with "
            "sharing.research"
        )
    check_consent(purpose, consent, person_id, as_of)


def _ends_on(
    dossier: Dossier, purpose: Purpose, consent: Consent | None, as_of: dt.date
) -> dt.date:
    """The last day of use: so long after release, or else after it was given."""
    term = dt.timedelta(days=purpose.keep_days)
    start = _term_starts(dossier, as_of) if purpose.keep_from == "release" else as_of
    end = start + term if start <= LATEST else start
    if end < as_of:
        raise ReentryError(
            f"{purpose.recipient}/{purpose.id} could be used until {end}, {purpose.keep_days} days "
            f"after release on {start}; expected a day by then, not {as_of}"
        )
    if purpose.needs_consent and consent is not None:
        return min(end, consent.last_day)
    return end


def _term_starts(dossier: Dossier, as_of: dt.date) -> dt.date:
    """The release of the last stay; while someone is inside when it is expected, or today."""
    stay = last_stay(dossier, as_of)
    if stay is not None and stay.released_on is not None:
        return stay.released_on
    expected = None if stay is None else stay.expected_release_on
    return max(expected or as_of, as_of)


def _sealed(view: View) -> View:
    return msgspec.structs.replace(view, sha256=digest_of_view(view))


def _check_dossier(dossier: Any) -> None:
    if not isinstance(dossier, Dossier):
        kind = type(dossier).__name__
        raise ReentryError(f"the dossier is of type {kind}; expected a Dossier (see read_dossier)")


def check_day(day: Any) -> None:
    """Raise ReentryError for what is no day that can be meant."""
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        raise ReentryError(f"as_of is {day!r}; expected a date, without a time")
    if not EARLIEST <= day <= LATEST:
        raise ReentryError(f"as_of is {day}; expected a day from {EARLIEST} to {LATEST}")
