"""None missed, none without ground, none with a field too many: over generated careers.

The oracle says again, day by day and in the slowest way, what an officer would know each morning,
to whom it has to be told, and what each recipient holds. It shares nothing with the library but
the sentence it checks; the numbers of the notices are written out here by hand.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import msgspec
from hypothesis import event, given, settings
from hypothesis import strategies as st

from careers import FIRST, beside, careers, day, sent_anyhow
from risicoscreener.dossier import DossierTables
from risicoscreener.reentry.notices import (
    Died,
    Judged,
    Sent,
    Withdrawn,
    list_notices,
    notices,
    prepare,
)
from risicoscreener.reentry.sharing import find_purpose

DAY = dt.timedelta(days=1)
AS_OF = day(260)


class Told(NamedTuple):
    """The terms of a notice, written out."""

    what: str
    who: str
    ground: tuple[str, str]
    since: dt.date
    before: int | None
    after: int
    fix: int
    offences: frozenset[str] = frozenset()
    severity: int = 1
    judged: bool = False


_RISK = dt.date(2021, 7, 1)
_SERIOUS = frozenset({"homicide", "serious_violence", "sexual"})
TOLD = {
    "detention_begin": Told(
        "arrival", "residence", ("municipality", "detention_begin"), dt.date(2019, 1, 1), None, 3, 3
    ),
    "detention_end": Told(
        "release", "return", ("municipality", "detention_end"), dt.date(2019, 1, 1), 30, 3, 3
    ),
    "bij_return": Told(
        "release", "return", ("mayor", "return_serious_offence"), dt.date(2011, 7, 1), 30, 3, 3,
        _SERIOUS | {"robbery"}, 3,
    ),
    "bij_leave": Told(
        "leave", "return", ("mayor", "leave_serious_offence"), dt.date(2011, 7, 1), 7, 1, 1,
        _SERIOUS | {"robbery"}, 3,
    ),
    "serious_risk_municipality": Told(
        "release", "return", ("municipality", "serious_risk"), _RISK, 60, 3, 3, _SERIOUS, 1, True
    ),
    "serious_risk_probation": Told(
        "release", "probation", ("probation", "serious_risk"), _RISK, 60, 3, 3, _SERIOUS, 1, True
    ),
    "serious_risk_escape": Told(
        "escape", "return", ("municipality", "serious_risk_escape"), _RISK, None, 0, 1, _SERIOUS, 1, True
    ),
}  # fmt: skip


# --- what is known on a morning -----------------------------------------------------------------


def seen(rows: list[Any], today: dt.date) -> list[Any]:
    """Facts recorded by today that no fact recorded by today has replaced or withdrawn."""
    recorded = [row for row in rows if row.recorded_at <= today]
    replaced = {row.supersedes for row in recorded} - {None}
    return [row for row in recorded if not row.void and row.fact_id not in replaced]


def by(value: dt.date | None, today: dt.date) -> dt.date | None:
    return value if value is not None and value <= today else None


def first_of_chain(rows: list[Any], row: Any) -> Any:
    while row.supersedes is not None:
        row = next(other for other in rows if other.fact_id == row.supersedes)
    return row


def morning(dossier: Any, today: dt.date, said: list[Any], planned: list[Any]) -> dict[Any, Any]:
    """(notice, about) to (event, recipient, to be judged), as an officer would find it today."""
    found: dict[Any, Any] = {}
    death = next((e for e in said if isinstance(e, Died) and e.recorded_at <= today), None)
    for stay in seen(dossier.detentions, today):
        about = first_of_chain(dossier.detentions, stay).arrived_on.isoformat()
        out = by(stay.released_on, today)
        closing = today if out is None else min(today, max(out, stay.recorded_at))
        for notice, told in TOLD.items():
            if today < told.since:
                continue
            events = happenings(dossier, stay, about, out, death, told, today, planned)
            for name, on in events:
                if on is not None and on < told.since:
                    continue
                judged = [
                    e for e in said
                    if isinstance(e, Judged) and e.about == about and e.judged_on <= today
                ]  # fmt: skip
                verdict = None
                for one in sorted(judged, key=lambda e: e.judged_on, reverse=True)[:1]:
                    same = {e.applies for e in judged if e.judged_on == one.judged_on}
                    verdict = one.applies if len(same) == 1 else "two ways"
                counts = not told.offences or any(
                    case.offence_class in told.offences
                    and case.severity >= told.severity
                    and case.index_offence
                    for case in seen(dossier.convictions, closing)
                )
                if told.judged and verdict is False:
                    continue
                if not counts and not (told.judged and verdict in (True, "two ways")):
                    continue
                to = recipient(dossier, stay, told, closing)
                found[notice, name] = (on, to, told.judged and verdict is not True)
    return found


def happenings(
    dossier: Any,
    stay: Any,
    about: str,
    out: dt.date | None,
    death: Any,
    told: Told,
    today: dt.date,
    planned: list[Any],
) -> list[tuple[str, dt.date | None]]:
    mine = [
        row for row in seen(dossier.liberties, today)
        if row.asked_on >= stay.arrived_on and (out is None or row.asked_on < out)
    ]  # fmt: skip
    granted = [r for r in mine if by(r.decided_on, today) and r.decision == "granted"]
    if told.what == "arrival":
        return [(about, stay.arrived_on)]
    if told.what == "release":
        died = death is not None and death.died_on >= stay.arrived_on
        if died and (out is None or death.died_on <= out):
            return [(about, death.died_on)] if told.ground[1] == "detention_end" else []
        early = any(row.kind == "conditional_release" for row in granted)
        if out is not None:
            return [(about, out)]
        if early and stay.conditional_release_on is not None:
            return [(about, stay.conditional_release_on)]
        return [(about, stay.expected_release_on)]
    if told.what == "escape":
        days = [
            row.occurred_on for row in seen(dossier.conduct, today)
            if row.subject == "escape" and row.occurred_on >= stay.arrived_on
        ] + [
            row.ended_on for row in mine
            if row.outcome == "absconded" and by(row.ended_on, today)
        ]  # fmt: skip
        return [(f"{about}/{on}", on) for on in set(days) if out is None or on < out]
    leaves: list[tuple[str, dt.date | None]] = []
    used: list[Any] = []
    for row in granted:
        if row.kind != "short_leave":
            continue
        on = by(row.started_on, today)
        plans = [
            p for p in planned
            if p.decided_on == row.decided_on and p.decided_on <= today and p not in used
        ]  # fmt: skip
        used += plans[:1]
        if on is None and plans:
            on = plans[0].on
        count = sum(n.startswith(f"short_leave/{row.decided_on}") for n, _ in leaves)
        leaves.append((f"short_leave/{row.decided_on}" + (f"-{count + 1}" if count else ""), on))
    for p in planned:
        in_stay = p.decided_on >= stay.arrived_on and (out is None or p.decided_on < out)
        if p not in used and p.decided_on <= today and in_stay:
            leaves.append((f"short_leave/{p.decided_on}", p.on))
    leaves = [(n, on) for n, on in leaves if death is None or (on and on < death.died_on)]
    leaves.sort(key=lambda one: (one[1] or dt.date.max, one[0]))
    return leaves[:1]


def recipient(dossier: Any, stay: Any, told: Told, closing: dt.date) -> str | None:
    if told.who == "probation":
        return "probation"
    rows = [row for row in seen(dossier.housing, closing) if row.municipality]
    if told.who == "return":
        lived = [row for row in rows if by(row.until_on, closing) is None]
        for row in sorted(lived, key=lambda row: row.from_on, reverse=True):
            first = next(r for r in lived if r.from_on == row.from_on)
            return str(first.municipality)
    before = [row for row in rows if row.from_on <= stay.arrived_on]
    latest = max((row.from_on for row in before), default=None)
    return next((row.municipality for row in before if row.from_on == latest), None)


# --- day after day ------------------------------------------------------------------------------


class Post:
    """What is owed on one notice about one thing, as it goes from day to day."""

    def __init__(self, told: Told, entries: list[Any], ended: dt.date | None) -> None:
        self.told, self.entries, self.ended = told, entries, ended
        self.now: Any = None
        self.since = self.until = FIRST
        self.held: dict[str, Any] = {}
        self.row: dict[str, Any] | None = None
        self.rows: list[dict[str, Any]] = []
        self.told_of: list[Any] = []

    def says(self, entry: Any, claim: Any) -> bool:
        return (
            isinstance(entry, Sent)
            and claim is not None
            and (entry.to, entry.event_on) == (claim[1], claim[0])
        )

    def day(self, today: dt.date, claim: Any) -> None:
        arriving = [entry for entry in self.entries if entry.sent_on == today]
        if claim != self.now:
            old = [entry for entry in arriving if not self.says(entry, claim)]
            for entry in old:
                self.arrive(entry, today, only_old=True)
            at_morning = dict(self.held)
            for entry in old:
                at_morning[entry.to] = entry
            self.change(today, claim, at_morning)
            arriving = [entry for entry in arriving if entry not in old]
            for entry in arriving:
                self.arrive(entry, today)
            for entry in [e for e in self.entries if e.sent_on == today]:
                self.held[entry.to] = entry
            return
        for entry in arriving:
            self.arrive(entry, today)
            self.held[entry.to] = entry

    def change(self, today: dt.date, claim: Any, held: dict[str, Any]) -> None:
        if self.row is not None:
            self.row["until"] = today
        if claim is None:
            self.row = None
        else:
            before = held.get(claim[1])
            renewed = isinstance(before, Sent) and before.event_on != claim[0]
            right = self.says(before, claim)
            due = None
            if claim[0] is not None:
                due = today + dt.timedelta(days=self.told.after)
                if self.told.before is not None:
                    due = max(due, claim[0] - dt.timedelta(days=self.told.before))
                if renewed:
                    due = today + dt.timedelta(days=self.told.fix)
            self.row = {
                "kind": "renewal" if renewed else "notice",
                "claim": claim,
                "known": today,
                "due": due,
                "until": None,
                "first": before.sent_on if right else None,
                "right": right,
            }
            self.rows.append(self.row)
        self.now = claim
        if today >= self.told.since:
            self.withdraw(today, claim, held)

    def withdraw(self, today: dt.date, claim: Any, held: dict[str, Any]) -> None:
        for row in self.rows:
            if row["kind"] == "withdrawal" and row["again"] is None:
                fits = claim is not None and claim[0] is not None and claim[1] == row["to"]
                if fits and row["known"] < today:
                    row["again"] = today
        for to, entry in held.items():
            if not isinstance(entry, Sent) or any(entry is other for other in self.told_of):
                continue
            still = claim is not None and claim[1] == to and claim[0] is not None
            gone_by = entry.event_on is not None and entry.event_on < today
            if still or (gone_by and self.told.what != "arrival"):
                continue
            self.told_of.append(entry)
            self.rows.append(
                {
                    "kind": "withdrawal",
                    "to": to,
                    "event": entry.event_on,
                    "known": today,
                    "due": today + dt.timedelta(days=self.told.fix),
                    "again": None,
                    "sent": next(
                        (
                            e.sent_on
                            for e in self.entries
                            if isinstance(e, Withdrawn) and e.to == to and e.sent_on == today
                        ),
                        None,
                    ),
                }
            )

    def arrive(self, entry: Any, today: dt.date, only_old: bool = False) -> None:
        row = self.row
        if row is not None and entry.to == row["claim"][1]:
            if self.says(entry, row["claim"]):
                row["first"] = row["first"] or today
                row["right"] = True
            elif not only_old:
                row["right"] = False
        for other in self.rows:
            if other["kind"] == "withdrawal" and other["sent"] is None:
                in_time = other["again"] is None or today <= other["again"]
                if isinstance(entry, Withdrawn) and entry.to == other["to"] and in_time:
                    other["sent"] = today

    def end(self) -> list[tuple[Any, ...]]:
        return [self.told_as(row) for row in self.rows]

    def told_as(self, row: dict[str, Any]) -> tuple[Any, ...]:
        due = row["due"]
        if row["kind"] == "withdrawal":
            sent, again = row["sent"], row["again"]
            if sent is not None:
                state = "sent" if sent <= due else "late"
            elif again is not None:
                state = "missed" if due < again else "lapsed"
            elif due >= AS_OF:
                state = "due"
            else:
                state = "missed" if row["event"] and row["event"] < AS_OF else "overdue"
            return ("withdrawal", row["to"], row["event"], row["known"], due, sent, state)
        on, to, judge = row["claim"]
        able = on is not None and not judge
        sent = row["first"] if able and row["right"] else None
        over = self.ended if self.told.before is None else on
        if sent is not None:
            state = "late" if sent > due else "sent" if row["until"] is None else "superseded"
        elif row["until"] is not None:
            state = "missed" if due is not None and due < row["until"] else "lapsed"
        elif on is None:
            state = "to_judge" if judge else "no_date"
        elif due < AS_OF and over is not None and over < AS_OF:
            state = "missed"
        elif judge:
            state = "to_judge"
        elif to is None:
            state = "no_addressee"
        else:
            state = "due" if AS_OF <= due else "overdue"
        return (row["kind"], to, on, row["known"], due, sent, state)


def by_hand(dossier: Any, entries: list[Any], planned: list[Any]) -> set[tuple[Any, ...]]:
    """Everything owed up to `AS_OF`, found by living through every day."""
    ended = {}
    death = next((e for e in entries if isinstance(e, Died) and e.recorded_at <= AS_OF), None)
    for stay in seen(dossier.detentions, AS_OF):
        about = first_of_chain(dossier.detentions, stay).arrived_on.isoformat()
        ended[about] = by(stay.released_on, AS_OF) or (death.died_on if death else None)
    posts: dict[Any, Post] = {}
    today = FIRST - 120 * DAY
    while today <= AS_OF:
        claims = morning(dossier, today, entries, planned)
        for key in claims:
            if key not in posts:
                sent = [
                    e for e in entries
                    if isinstance(e, (Sent, Withdrawn)) and (e.notice, e.about) == key
                ]  # fmt: skip
                sent.sort(key=lambda e: e.sent_on)
                posts[key] = Post(TOLD[key[0]], sent, ended.get(key[1].split("/")[0]))
                for entry in sent:
                    if entry.sent_on < today:
                        posts[key].held[entry.to] = entry
        for key, post in posts.items():
            post.day(today, claims.get(key))
        today += DAY
    return {(*key, *row) for key, post in posts.items() for row in post.end()}


def found_in(picture: Any) -> set[tuple[Any, ...]]:
    return {
        (f.notice, f.about, f.kind, f.to, f.event_on, f.known_on, f.due_on, f.sent_on, f.state)
        for f in picture.found
    }


def what_there_was(dossier: Any, said: list[Any], planned: list[Any]) -> list[Any]:
    """Notices that were owed at some time."""
    return list(notices(dossier, AS_OF, said, planned=planned, victims=False).found)


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_what_is_found_is_what_an_officer_finds_who_lives_through_every_day(data):
    dossier = data.draw(careers())
    said, planned = data.draw(beside(dossier))
    entries = said + data.draw(sent_anyhow(what_there_was(dossier, said, planned)))
    picture = notices(dossier, AS_OF, entries, planned=planned, victims=False)
    for state in sorted({f.state for f in picture.found}):
        event(state)
    for kind in sorted({f.kind for f in picture.found}):
        event(kind)
    assert found_in(picture) == by_hand(dossier, entries, planned)
    assert len(picture.found) == len(found_in(picture))


def an_officer(dossier: Any, said: list[Any], planned: list[Any], delay: int) -> list[Any]:
    """What an officer sends who looks every morning and does what is open, a delay later."""
    entries = list(said)
    waiting: dict[Any, dt.date] = {}
    today = FIRST
    while today <= AS_OF:
        picture = notices(dossier, today, entries, planned=planned, victims=False)
        for one in picture.in_state("due", "overdue"):
            key = (one.notice, one.about, one.kind, one.to, one.event_on)
            if (today - waiting.setdefault(key, today)).days < delay:
                continue
            if one.kind == "withdrawal":
                entries.append(
                    Withdrawn(
                        person_id="case-0001", notice=one.notice, about=one.about, to=one.to,
                        sent_on=today,
                    )
                )  # fmt: skip
            else:
                entries.append(prepare(dossier, one, today)[1])
        today += DAY
    return entries


@given(st.data())
@settings(deadline=None, max_examples=12)
def test_an_officer_who_sends_what_is_open_misses_nothing_and_sends_nothing_without_ground(data):
    dossier = data.draw(careers())
    said, planned = data.draw(beside(dossier))
    entries = an_officer(dossier, said, planned, delay=0)
    picture = notices(dossier, AS_OF, entries, planned=planned, victims=False)
    assert picture.unfounded == ()
    late = picture.in_state("late", "overdue", "missed")
    assert not [f for f in late if f.to is not None and not was_to_judge(f, picture)]
    for entry in entries:
        if isinstance(entry, Sent):
            told = TOLD[entry.notice]
            assert set(entry.fields or ()) <= set(find_purpose(*told.ground, entry.sent_on).named)


def was_to_judge(found: Any, picture: Any) -> bool:
    """Whether nobody had judged yet: then there was nothing to send."""
    return TOLD[found.notice].judged and found.sent_on is None


@given(st.data())
@settings(deadline=None, max_examples=25)
def test_one_person_and_many_get_the_same_answers(data):
    dossier = data.draw(careers())
    said, _ = data.draw(beside(dossier))
    other = data.draw(careers())
    other = msgspec.structs.replace(other, person_id="case-0002")
    tables = DossierTables.from_dossiers([dossier, other])
    frame = list_notices(tables, AS_OF, said)
    for one in (dossier, other):
        alone = notices(one, AS_OF, said).to_frame()
        of_many = frame[frame.person_id == one.person_id].reset_index(drop=True)
        assert sorted(map(str, alone.to_dict("records"))) == sorted(
            map(str, of_many.to_dict("records"))
        )
