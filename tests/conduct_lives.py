"""Dossiers in which much happens in few weeks, and definitions that speak of it."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from risicoscreener.conduct import Definition, Definitions, Rule
from risicoscreener.dossier.record import Conduct, Detention, Dossier, Inquiry, Person
from risicoscreener.dossier.schema import tables
from risicoscreener.texts import Texts

DAY = dt.date(2020, 10, 20)
"""Soon after the national rule changed, so that both versions are in reach."""
PRISONS = ("PI-01", "PI-02", "PI-03")
_COLUMNS = tables()["conduct"].columns
_GRADES = {
    "week_review": _COLUMNS["grade"].codes,
    "incident": _COLUMNS["grade"].codes[1:],
    "positive_act": _COLUMNS["grade"].codes[:1],
}
"""A row of another grade is refused: it contradicts itself."""
_SAID = Texts(nl="zo", en="so")


def _ago(days: int) -> dt.date:
    return DAY - dt.timedelta(days=days)


@st.composite
def _conduct(draw: st.DrawFn, number: int) -> Conduct:
    occurred = draw(st.integers(0, 55))
    recorded = draw(st.integers(-3, occurred))
    # Codes at the beginning of their lists meet often.
    code = {
        name: draw(st.sampled_from(_COLUMNS[name].codes[:limit]))
        for name, limit in (("category", 2), ("subject", 11), ("discipline", 7))
    }
    kind = draw(st.sampled_from(("week_review", "week_review", "incident", "positive_act")))
    return Conduct(
        occurred_on=_ago(occurred),
        recorded_at=_ago(recorded),
        kind=kind,
        grade=draw(st.sampled_from(_GRADES[kind])),
        fact_id=f"c{number}",
        **code,
    )


@st.composite
def lives(draw: st.DrawFn, person_id: str = "p1") -> Dossier:
    """A dossier of conduct around `DAY`, with corrections, stays and moves."""
    reviewed = draw(st.booleans())
    conduct = [draw(_conduct(i)) for i in range(draw(st.integers(0, 2 if reviewed else 9)))]
    for i, row in enumerate(conduct[1:], start=1):
        before = conduct[i - 1]
        if before.recorded_at <= row.recorded_at and draw(st.integers(0, 5)) == 0:
            conduct[i] = _correcting(row, before, draw(st.booleans()))
    if reviewed:
        conduct += [
            Conduct(
                occurred_on=_ago(7 * week),
                recorded_at=_ago(7 * week),
                kind="week_review",
                category=category,
                grade="desired",
            )
            for week in range(7)
            for category in ("reintegration", "living_climate")
        ]
    asked = draw(st.booleans())
    return Dossier(
        person_id=person_id,
        person=Person(birth_date=dt.date(1990, 1, 1), sex="male"),
        conduct=conduct,
        detentions=_stays(draw),
        inquiries=[
            Inquiry(
                recorded_at=_ago(1),
                subject="conduct",
                source="prison",
                consulted_on=_ago(1),
                complete=True,
            )
        ]
        if asked
        else [],
    )


def _correcting(row: Conduct, other: Conduct, void: bool) -> Conduct:
    import msgspec

    return msgspec.structs.replace(row, supersedes=other.fact_id, void=void)


def _stays(draw: st.DrawFn) -> list[Detention]:
    moves = sorted(draw(st.lists(st.integers(0, 60), max_size=3, unique=True)), reverse=True)
    stays = []
    for i, ago in enumerate(moves):
        left = moves[i + 1] if i + 1 < len(moves) else draw(st.sampled_from((None, 0, -5)))
        stays.append(
            Detention(
                recorded_at=_ago(draw(st.integers(-2, ago))),
                arrived_on=_ago(ago),
                released_on=None if left is None else _ago(min(left, ago)),
                regime="sentence",
                prison=draw(st.sampled_from((None, *PRISONS))),
            )
        )
    return stays


def local(**changes: object) -> Definition:
    """A definition of PI-01, where being late twice in a week is intolerable."""
    rule = Rule(
        id="late_again",
        grade="intolerable",
        subjects=("late",),
        kinds=("incident",),
        times=2,
        within_days=7,
        text=_SAID,
        source="project",
    )
    usual = {
        "name": "pi_01",
        "scope": "local",
        "prisons": ("PI-01",),
        "valid_from": dt.date(2020, 9, 15),
        "title": _SAID,
        "source": "project",
        "rules": (rule,),
    }
    return Definition(**{**usual, **changes})


@st.composite
def definitions(draw: st.DrawFn) -> Definitions:
    """The national rule and up to two of prisons."""
    more = []
    for i in range(draw(st.integers(0, 2))):
        times, grade = draw(st.integers(1, 3)), draw(st.sampled_from(("undesired", "intolerable")))
        rule = Rule(
            id="some",
            grade=grade,
            kinds=("week_review",) if grade == "undesired" or draw(st.booleans()) else (),
            subjects=tuple(draw(st.sets(st.sampled_from(_COLUMNS["subject"].codes), max_size=6))),
            times=times,
            within_days=draw(st.integers(1, 30)) if times > 1 else None,
            text=_SAID,
            source="project",
        )
        first = dt.date(2020, 10, 1) + dt.timedelta(days=draw(st.integers(-30, 15)))
        prisons = tuple(sorted(draw(st.sets(st.sampled_from(PRISONS), min_size=1))))
        more.append(local(name=f"local_{i}", valid_from=first, prisons=prisons, rules=(rule,)))
    return Definitions.shipped().and_also(*more)
