"""Hypothesis strategies of detentions with moving dates, and of what was sent about them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from risicoscreener.dossier import Dossier
from risicoscreener.dossier.record import (
    Conduct,
    Conviction,
    Detention,
    Housing,
    Liberty,
    Person,
)
from risicoscreener.reentry.notices import Died, Entry, Judged, NoticeFound, Sent, Withdrawn
from risicoscreener.reentry.notices.claims import names_of_stays
from risicoscreener.victims import Planned

FIRST = dt.date(2021, 6, 20)
"""Some days before grounds begin, so that careers run over that day."""
MUNICIPALITIES = ("GM0001", "GM0001", "GM0002", "GM0002", None)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


@st.composite
def careers(draw: st.DrawFn) -> Dossier:
    """Up to two detentions, each with corrections; addresses, cases, liberties and escapes."""
    stays, start = [], draw(st.integers(0, 40))
    for number in range(2):
        chain, start = draw(chains(start, f"d{number}"))
        stays += chain
        if chain[-1].released_on is None and not chain[-1].void:
            break
    return Dossier(
        person_id="case-0001",
        person=Person(birth_date=dt.date(1990, 1, 1), sex="male"),
        detentions=stays,
        housing=draw(
            st.lists(addresses(), max_size=3, unique_by=lambda r: (r.from_on, r.recorded_at))
        ),
        convictions=draw(st.lists(cases(), max_size=2, unique_by=lambda row: row.recorded_at)),
        liberties=draw(st.lists(liberties(), max_size=2, unique_by=lambda row: row.recorded_at)),
        conduct=draw(st.lists(incidents(), max_size=2, unique_by=lambda row: row.occurred_on)),
    )


@st.composite
def chains(draw: st.DrawFn, start: int, name: str) -> tuple[list[Detention], int]:
    """One detention as it was recorded and corrected, and the first day of the next."""
    arrived, recorded = start, start + draw(st.integers(0, 10))
    released: int | None = None
    rows: list[Detention] = []
    for i in range(draw(st.integers(1, 5))):
        if i:
            recorded += draw(st.integers(0, 30))
            change = draw(
                st.sampled_from(("release", "release", "arrival", "prison", "void", "end"))
            )
        else:
            change = "release"
        if change == "arrival":
            arrived = max(start, min(recorded, arrived + draw(st.integers(-2, 2))))
        if change == "end":
            released = max(arrived, recorded - draw(st.integers(-5, 5)))
        expected = draw(st.none() | st.integers(arrived, arrived + 150))
        conditional = draw(st.none() | st.integers(arrived, arrived + 120))
        rows.append(
            Detention(
                fact_id=f"{name}-{i}",
                supersedes=f"{name}-{i - 1}" if i else None,
                void=change == "void",
                recorded_at=day(recorded),
                arrived_on=day(arrived),
                regime="sentence",
                prison=f"PI-{i % 2}",
                expected_release_on=None if expected is None else day(expected),
                conditional_release_on=None if conditional is None else day(conditional),
                released_on=None if released is None else day(released),
            )
        )
        if change == "void":
            break
    return rows, max(recorded, released or 0) + draw(st.integers(1, 20))


@st.composite
def addresses(draw: st.DrawFn) -> Housing:
    start = draw(st.integers(-30, 100) | st.integers(-30, 0))
    until = draw(st.none() | st.integers(start, start + 120))
    return Housing(
        recorded_at=day(start + draw(st.integers(0, 40))),
        from_on=day(start),
        until_on=None if until is None else day(until),
        status="own_address",
        municipality=draw(st.sampled_from(MUNICIPALITIES)),
    )


@st.composite
def cases(draw: st.DrawFn) -> Conviction:
    judged = draw(st.integers(-50, 80))
    return Conviction(
        recorded_at=day(judged + draw(st.integers(0, 60))),
        offence_class=draw(st.sampled_from(("sexual", "serious_violence", "robbery", "theft"))),
        offence_on=day(judged - 100),
        judged_on=day(judged),
        sanction="custodial",
        severity=draw(st.sampled_from((3, 5, 2, 4))),
        index_offence=draw(st.integers(0, 3)) < 3,
    )


@st.composite
def liberties(draw: st.DrawFn) -> Liberty:
    asked = draw(st.integers(0, 150))
    decided = asked + draw(st.integers(0, 10))
    started = draw(st.none() | st.integers(decided, decided + 30))
    ended = draw(st.none() | st.integers(started, started + 5)) if started is not None else None
    return Liberty(
        recorded_at=day(asked + draw(st.integers(0, 5))),
        kind=draw(st.sampled_from(("short_leave", "conditional_release", "low_security"))),
        asked_on=day(asked),
        decision=draw(st.sampled_from(("granted", "granted", "denied"))),
        decided_on=day(decided),
        started_on=None if started is None else day(started),
        outcome=None if ended is None else draw(st.sampled_from(("returned", "absconded"))),
        ended_on=None if ended is None else day(ended),
    )


@st.composite
def incidents(draw: st.DrawFn) -> Conduct:
    on = draw(st.integers(0, 150))
    return Conduct(
        recorded_at=day(on + draw(st.integers(0, 3))),
        occurred_on=day(on),
        kind="incident",
        category="living_climate",
        grade="intolerable",
        subject=draw(st.sampled_from(("escape", "escape", "order"))),
    )


@st.composite
def beside(draw: st.DrawFn, dossier: Dossier) -> tuple[list[Entry], list[Planned]]:
    """Judgements, a death, planned liberties: what is known beside a dossier."""
    stays = sorted(names_of_stays(dossier, dt.date.max).values())
    found: list[Entry] = []
    for _ in range(draw(st.integers(0, 3))):
        found.append(
            Judged(
                person_id="case-0001",
                purpose="serious_risk",
                about=draw(st.sampled_from(stays)),
                judged_on=day(draw(st.integers(0, 200))),
                applies=draw(st.booleans()),
            )
        )
    if draw(st.integers(0, 4)) == 4:
        died = draw(st.integers(0, 200))
        found.append(
            Died(
                person_id="case-0001",
                died_on=day(died),
                recorded_at=day(died + draw(st.integers(0, 5))),
            )
        )
    planned = []
    for row in dossier.liberties:
        if row.kind == "short_leave" and draw(st.booleans()):
            assert row.decided_on is not None
            later = row.decided_on + dt.timedelta(days=draw(st.integers(0, 30)))
            planned.append(Planned("short_leave", later, row.decided_on))
    return found, planned[:1]


@st.composite
def sent_anyhow(draw: st.DrawFn, owed: list[NoticeFound]) -> list[Entry]:
    """Notices that were sent: most as they were owed at some time, others wrong in something."""
    found: list[Entry] = []
    if not owed:
        return found
    for _ in range(draw(st.integers(0, 8))):
        one = draw(st.sampled_from(owed))
        assert one.known_on is not None
        off = dt.timedelta(days=draw(st.sampled_from((0, 0, 0, 1))))
        to = draw(st.sampled_from((one.to, one.to, one.to, "GM0001", "GM0002")))
        common: dict[str, Any] = {
            "person_id": "case-0001",
            "notice": one.notice,
            "about": one.about,
            "to": to or "GM0001",
            "sent_on": one.known_on + dt.timedelta(days=draw(st.integers(-2, 40))),
        }
        if draw(st.integers(0, 4)) == 4:
            found.append(Withdrawn(**common))
        else:
            event_on = None if one.event_on is None else one.event_on + off
            found.append(Sent(**common, event_on=event_on, fields=()))
    return found
