"""Which notices are owed on a person, and how each stands; also those to victims."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from risicoscreener.dossier.record import Dossier
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.notices.claims import Key, Said, names_of_stays
from risicoscreener.reentry.notices.entries import Died, Entry, Judged, Sent, Withdrawn
from risicoscreener.reentry.notices.found import (
    TO_VICTIMS,
    NoticeFound,
    Notices,
    Reason,
    Unfounded,
    table_of,
)
from risicoscreener.reentry.notices.history import Ledger, Owed, State, course_of
from risicoscreener.reentry.notices.rules import NoticeRule, ground, notice_rules
from risicoscreener.reentry.sharing import Purpose, View, find_purpose, purposes
from risicoscreener.reentry.sharing.giving import issue
from risicoscreener.reentry.sharing.minimising import minimised
from risicoscreener.victims import DutyFound, Planned, duties

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import DossierTables
    from risicoscreener.screening.record.decision import Actor
    from risicoscreener.screening.record.log import RecordLog


def notices(
    dossier: Dossier,
    as_of: dt.date,
    entries: Iterable[Entry] = (),
    *,
    planned: Iterable[Planned] = (),
    rules: tuple[NoticeRule, ...] | None = None,
    table: Iterable[Purpose] | None = None,
    victims: bool = True,
) -> Notices:
    """Which notices were and are owed on a person, by what is known on a day.

    Parameters
    ----------
    dossier
        A valid dossier.
    as_of
        The day; what was recorded, came true or was sent later is not looked at.
    entries
        What was sent, judged, or is known of a death; of other people is left out.
    planned
        Liberties with a day that the dossier does not have yet.
    rules, table
        The notices, and the table of purposes with their grounds; those of the package by default.
    victims
        Whether the notices to victims are listed too (`victims.duties`).

    Raises
    ------
    ReentryError
        For what is no dossier or date, a judgement on a ground that no notice has or on a detention
        that the dossier does not have, and deaths that contradict each other.
    """
    _check(dossier, as_of)
    known = notice_rules() if rules is None else rules
    grounds = purposes() if table is None else tuple(table)
    mine = [entry for entry in entries if entry.person_id == dossier.person_id]
    planned = tuple(planned)
    said = _said(mine, planned)
    _check_judgements(said, known)
    _check_stays(said, dossier, as_of)
    course = course_of(dossier, as_of, known, grounds, said)
    by_key = _by_key(mine)
    ledgers = {}
    for rule in known:
        for key, versions in course.versions.items():
            if key[0] == rule.id:
                stay = key[1].split("/")[0]
                ended = course.ended.get(stay)
                sent = by_key.get(key, [])
                ledgers[key] = Ledger(rule, versions, sent, as_of, ended, grounds)
    found = [
        _found(dossier.person_id, ledger, key, owed, grounds)
        for key, ledger in ledgers.items()
        for owed in ledger.owed()
    ]
    if victims:
        found += [
            _to_victim(dossier.person_id, one) for one in duties(dossier, as_of, planned=planned)
        ]
    found.sort(key=lambda one: (one.due_on or dt.date.max, one.notice, one.about))
    return Notices(
        person_id=dossier.person_id,
        as_of=as_of,
        found=tuple(found),
        unfounded=tuple(_unfounded(by_key, ledgers, known, as_of, grounds)),
    )


def prepare(
    dossier: Dossier,
    found: NoticeFound,
    as_of: dt.date,
    *,
    table: Iterable[Purpose] | None = None,
    log: RecordLog | None = None,
    by: Actor | None = None,
) -> tuple[View, Sent]:
    """The notice itself, with exactly the fields of its ground, and the entry to keep once sent.

    Raises
    ------
    ReentryError
        If there is nothing to send: it was sent or lapsed, has no day or addressee, was not judged
        yet, is a withdrawal (which has no fields), or goes to victims.
    """
    if found.purpose is None:
        raise ReentryError(f"{found.notice} goes to a victim; expected a notice with a purpose")
    if found.state not in ("due", "overdue") or found.kind == "withdrawal" or found.to is None:
        raise ReentryError(
            f"{found.notice} of {found.about} is a {found.kind} and {found.state}; expected a "
            "notice or renewal that is due or overdue"
        )
    if found.person_id != dossier.person_id:
        raise ReentryError(
            f"{found.notice} is about {found.person_id}, and the dossier is of "
            f"{dossier.person_id}; expected the dossier of whom the notice is about"
        )
    purpose = find_purpose(found.recipient, found.purpose, as_of, table=table)
    content = minimised(dossier, purpose, as_of)
    content |= _told(found, as_of)
    view = issue(dossier, purpose, as_of, content, log=log, by=by)
    sent = Sent(
        person_id=dossier.person_id,
        notice=found.notice,
        about=found.about,
        to=found.to,
        sent_on=as_of,
        event_on=found.event_on,
        fields=view.fields,
    )
    return view, sent


def _told(found: NoticeFound, as_of: dt.date) -> dict[str, Any]:
    """What a notice tells, in the table of its event: the one day, and not what it was before."""
    day = str(found.event_on)
    match found.event:
        case "arrival":
            return {"detentions": [{"arrived_on": day}]}
        case "liberty":
            return {"liberties": [{"kind": found.about.split("/")[0], "started_on": day}]}
        case "escape":
            return {"conduct": [{"occurred_on": day, "subject": "escape"}]}
    is_over = found.event_on is not None and found.event_on <= as_of
    return {"detentions": [{"released_on" if is_over else "expected_release_on": day}]}


def notices_of_many(
    dossiers: Iterable[Dossier] | DossierTables,
    as_of: dt.date,
    entries: Iterable[Entry] = (),
    **settings: Any,
) -> Iterator[Notices]:
    """The notices of many people, one after the other; settings as of `notices`."""
    of_person: dict[str, list[Entry]] = {}
    for entry in entries:
        of_person.setdefault(entry.person_id, []).append(entry)
    settings |= {n: tuple(v) for n in ("planned", "table") if (v := settings.get(n)) is not None}
    records = dossiers if isinstance(dossiers, Iterable) else dossiers.to_dossiers()
    for dossier in records:
        yield notices(dossier, as_of, of_person.get(dossier.person_id, ()), **settings)


def list_notices(
    dossiers: Iterable[Dossier] | DossierTables,
    as_of: dt.date,
    entries: Iterable[Entry] = (),
    *,
    states: Iterable[State] | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """The notices of many people: the same answers as `notices` of each, as rows.

    Parameters
    ----------
    states
        Only those in these states; all by default. `OPEN` are those still to be done, `WRONG` those
        not done in time.
    settings
        As of `notices`.

    Returns
    -------
    DataFrame
        ``person_id``, ``notice``, ``about``, ``kind``, ``recipient``, ``to``, ``event_on``,
        ``known_on``, ``due_on``, ``sent_on``, ``state``, ``source``; in the order of the last day.
    """
    return table_of(notices_of_many(dossiers, as_of, entries, **settings), states)


def _check(dossier: Any, as_of: Any) -> None:
    if not isinstance(dossier, Dossier):
        kind = type(dossier).__name__
        raise ReentryError(f"the dossier is of type {kind}; expected a Dossier (see read_dossier)")
    if not isinstance(as_of, dt.date) or isinstance(as_of, dt.datetime):
        raise ReentryError(f"as_of is {as_of!r}; expected a date, without a time")


def _said(entries: list[Entry], planned: tuple[Planned, ...]) -> Said:
    return Said(
        planned=planned,
        judged=tuple(entry for entry in entries if isinstance(entry, Judged)),
        died=_death([entry for entry in entries if isinstance(entry, Died)]),
    )


def _death(died: list[Died]) -> Died | None:
    """The death as it was recorded last."""
    last = max(died, key=lambda one: one.recorded_at, default=None)
    for one in died:
        if last is not None and one.recorded_at == last.recorded_at and one != last:
            raise ReentryError(
                f"{one.person_id} died on {last.died_on} and on {one.died_on}, both recorded on "
                f"{one.recorded_at}; expected one day"
            )
    return last


def _by_key(entries: list[Entry]) -> dict[Key, list[Sent | Withdrawn]]:
    found: dict[Key, list[Sent | Withdrawn]] = {}
    for entry in entries:
        if isinstance(entry, (Sent, Withdrawn)):
            found.setdefault((entry.notice, entry.about), []).append(entry)
    return found


def _found(
    person_id: str, ledger: Ledger, key: Key, owed: Owed, grounds: tuple[Purpose, ...]
) -> NoticeFound:
    rule = ledger.rule
    purpose = ground(rule, owed.known_on, grounds)
    assert purpose is not None, "what is owed was claimed on a day on which its ground holds"
    return NoticeFound(
        person_id=person_id,
        notice=rule.id,
        about=key[1],
        event=rule.event,
        recipient=rule.recipient,
        purpose=rule.purpose,
        text=rule.text,
        informer=rule.informer,
        source=purpose.source,
        to_verify=purpose.to_verify or rule.to_verify,
        fields=() if owed.kind == "withdrawal" else purpose.named,
        **owed._asdict(),
    )


_OF_VICTIMS: dict[str, State] = {"informed": "sent", "informed_late": "late"}


def _to_victim(person_id: str, one: DutyFound) -> NoticeFound:
    state: Any = _OF_VICTIMS.get(one.state, one.state)
    return NoticeFound(
        person_id=person_id,
        notice=one.duty.id,
        about=TO_VICTIMS if one.position is None else f"{TO_VICTIMS} {one.position + 1}",
        kind="notice",
        event=one.duty.event,
        recipient=TO_VICTIMS,
        purpose=None,
        to=TO_VICTIMS if one.position is None else f"{TO_VICTIMS} {one.position + 1}",
        event_on=one.event_on,
        known_on=None,
        due_on=one.due_on,
        sent_on=one.informed_on,
        state=state,
        text=one.duty.text,
        informer=one.duty.informer,
        source=one.duty.source,
        to_verify=one.duty.to_verify,
    )


def _check_judgements(said: Said, known: tuple[NoticeRule, ...]) -> None:
    """A judgement on a ground that no notice has is a slip, and must not be passed over."""
    grounds = sorted({rule.judged for rule in known if rule.judged is not None})
    there = ", ".join(grounds) or "none, since no notice asks for a judgement"
    for one in said.judged:
        if one.purpose not in grounds:
            raise ReentryError(
                f"{_named(one)}: purpose is {one.purpose!r}; expected one of: {there}"
            )


def _check_stays(said: Said, dossier: Dossier, as_of: dt.date) -> None:
    """A judgement on a detention that there is not would leave the one that was meant unjudged."""
    names = list(names_of_stays(dossier, dt.date.max).values())
    there = ", ".join(names) or "none, since the dossier has no detention"
    for one in said.judged:
        if one.judged_on <= as_of and one.about not in names:
            raise ReentryError(
                f"{_named(one)}: about is {one.about!r}; expected a detention by its first "
                f"recorded arrival, one of: {there}"
            )


def _named(one: Judged) -> str:
    return f"judgement on {one.person_id} of {one.judged_on}"


def _unfounded(
    by_key: dict[Key, list[Sent | Withdrawn]],
    ledgers: dict[Key, Ledger],
    known: tuple[NoticeRule, ...],
    as_of: dt.date,
    grounds: tuple[Purpose, ...],
) -> Iterator[Unfounded]:
    rules = {rule.id for rule in known}
    for key, entries in by_key.items():
        for entry in entries:
            if entry.sent_on > as_of:
                continue
            if key not in ledgers:
                reason: Reason = "no_such_duty" if key[0] in rules else "no_such_notice"
                yield Unfounded(entry=entry, reason=reason)
                continue
            why: Any = ledgers[key].without_ground(entry)
            if why is not None:
                yield Unfounded(entry=entry, reason=why)
            elif isinstance(entry, Sent):
                yield from _too_much(entry, ledgers[key].rule, grounds)


def _too_much(entry: Sent, rule: NoticeRule, grounds: tuple[Purpose, ...]) -> Iterator[Unfounded]:
    if entry.fields is None:
        yield Unfounded(entry=entry, reason="fields_not_kept")
        return
    purpose = ground(rule, entry.sent_on, grounds)
    named = set() if purpose is None else set(purpose.named)
    beyond = tuple(field for field in entry.fields if field not in named)
    if beyond:
        yield Unfounded(entry=entry, reason="field_too_many", fields=beyond)
