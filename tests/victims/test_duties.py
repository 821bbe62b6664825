"""Deadlines from the day of the liberty, and how each duty stands."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings

from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.record import (
    Conduct,
    Detention,
    Dossier,
    Inquiry,
    Liberty,
    Person,
    VictimFact,
)
from risicoscreener.errors import DossierError
from risicoscreener.victims import (
    OPEN,
    Planned,
    duties,
    duties_text,
    interests,
    list_duties,
    shipped_duties,
)
from strategies import as_of_days, dossier_sets, dossiers

RELEASE = dt.date(2022, 7, 1)
LAST_DAY = dt.date(2022, 6, 24)


def case(
    informed_on=None,
    asked=True,
    liberties=(),
    conduct=(),
    victims=1,
    prison="PI-01",
    person_id="p1",
):
    return Dossier(
        person_id=person_id,
        person=Person(birth_date=dt.date(1990, 1, 1), sex="male"),
        detentions=[
            Detention(
                recorded_at=dt.date(2022, 1, 10),
                arrived_on=dt.date(2022, 1, 10),
                regime="sentence",
                prison=prison,
                expected_release_on=RELEASE,
            )
        ],
        liberties=list(liberties),
        conduct=list(conduct),
        victims=[
            VictimFact(
                fact_id=f"v{i}",
                recorded_at=dt.date(2022, 1, 1),
                known_on=dt.date(2022, 1, 1),
                interest="known",
                informed_on=informed_on,
            )
            for i in range(victims)
        ],
        inquiries=[
            Inquiry(
                recorded_at=dt.date(2022, 1, 1),
                subject="victims",
                source="victim_service",
                consulted_on=dt.date(2022, 1, 1),
                complete=True,
            )
        ]
        if asked
        else [],
    )


def leave(decided, started, **changes):
    return Liberty(
        recorded_at=decided,
        kind="short_leave",
        asked_on=decided,
        decision="granted",
        decided_on=decided,
        started_on=started,
        **changes,
    )


@pytest.mark.parametrize(
    ("informed_on", "as_of", "state"),
    [
        (None, LAST_DAY, "due"),
        (None, dt.date(2022, 6, 25), "overdue"),
        (None, RELEASE, "overdue"),
        (None, dt.date(2022, 7, 2), "missed"),
        (LAST_DAY, RELEASE, "informed"),
        (dt.date(2022, 6, 25), RELEASE, "informed_late"),
        (dt.date(2022, 1, 9), LAST_DAY, "due"),
        (dt.date(2022, 4, 1), RELEASE, "informed"),
        (dt.date(2022, 3, 31), RELEASE, "overdue"),
        (dt.date(2022, 6, 24), dt.date(2022, 6, 23), "due"),
    ],
)
def test_the_end_of_a_detention(informed_on, as_of, state):
    (found,) = duties(case(informed_on), as_of)
    assert (found.duty.id, found.due_on, found.event_on) == ("release", LAST_DAY, RELEASE)
    assert found.state == state


def test_only_the_first_leave_is_told():
    leaves = [
        leave(dt.date(2022, 3, 1), dt.date(2022, 4, 1)),
        leave(dt.date(2022, 2, 1), dt.date(2022, 3, 1)),
    ]
    found = [
        d for d in duties(case(liberties=leaves), dt.date(2022, 5, 1)) if d.duty.id == "first_leave"
    ]
    assert [(d.event_on, d.due_on, d.state) for d in found] == [
        (dt.date(2022, 3, 1), dt.date(2022, 2, 22), "missed")
    ]


def test_a_leave_without_a_day_and_one_that_is_planned():
    granted = case(liberties=[leave(dt.date(2022, 3, 1), None)])
    (found,) = (d for d in duties(granted, dt.date(2022, 3, 2)) if d.duty.id == "first_leave")
    assert (found.state, found.due_on) == ("no_date", None)
    planned = [Planned("short_leave", dt.date(2022, 3, 20), dt.date(2022, 3, 1))]
    (found,) = (
        d
        for d in duties(case(), dt.date(2022, 3, 2), planned=planned)
        if d.duty.id == "first_leave"
    )
    assert (found.state, found.due_on) == ("due", dt.date(2022, 3, 13))
    with pytest.raises(DossierError, match="planned 'holiday'"):
        duties(case(), RELEASE, planned=[Planned("holiday", RELEASE, RELEASE)])


def test_who_does_not_return_is_reported_on_the_day():
    day = dt.date(2022, 4, 2)
    gone = leave(dt.date(2022, 3, 1), dt.date(2022, 4, 1), outcome="absconded", ended_on=day)
    found = [d for d in duties(case(liberties=[gone]), day) if d.duty.id == "escape"]
    assert [(d.due_on, d.state) for d in found] == [(day, "due")]
    escape = Conduct(
        recorded_at=day,
        occurred_on=day,
        kind="incident",
        category="living_climate",
        grade="intolerable",
        subject="escape",
    )
    found = [
        d for d in duties(case(conduct=[escape]), dt.date(2022, 4, 3)) if d.duty.id == "escape"
    ]
    assert [d.state for d in found] == ["missed"]


def test_without_inquiry_it_is_not_known_whom_to_tell():
    (found,) = duties(case(asked=False, victims=0), LAST_DAY)
    assert (found.state, found.position) == ("not_inquired", None)
    assert duties(case(victims=0), LAST_DAY) == ()
    (passed,) = duties(case(asked=False, victims=0), dt.date(2022, 7, 2))
    assert (passed.state, passed.position) == ("missed", None)


def test_a_whole_prison():
    people = [
        case(person_id="a"),
        case(LAST_DAY, person_id="b"),
        case(person_id="c", prison="PI-02"),
    ]
    frame = list_duties(people, RELEASE, prison="PI-01")
    assert frame[["person_id", "state"]].values.tolist() == [["a", "overdue"], ["b", "informed"]]
    assert list_duties(people, RELEASE, states=OPEN)["person_id"].tolist() == ["a", "c"]
    of_tables = list_duties(DossierTables.from_dossiers(people), RELEASE, prison="PI-01")
    assert of_tables.equals(frame)
    assert list_duties([], RELEASE).empty


def test_every_duty_has_a_source_and_says_what_was_not_read():
    for duty in shipped_duties():
        assert duty.source
        assert duty.to_verify
        assert duty.remark is not None
        assert bool(duty.liberties) == (duty.event == "liberty")


@given(dossiers(only=("detentions", "liberties", "victims", "inquiries", "conduct")), as_of_days())
@settings(deadline=None)
def test_a_duty_stands_as_it_did_on_the_day_and_can_be_read(dossier, as_of):
    found = duties(dossier, as_of)
    then = duties(as_known(dossier, as_of), as_of)
    assert [(d.duty.id, d.due_on, d.state) for d in found] == [
        (d.duty.id, d.due_on, d.state) for d in then
    ]
    for lang in ("nl", "en"):
        assert "{" not in duties_text(found, lang)


@given(dossier_sets(max_persons=4, max_rows=3), as_of_days())
@settings(deadline=None)
def test_tables_list_what_records_list(people, as_of):
    frame = list_duties(people, as_of)
    assert list_duties(DossierTables.from_dossiers(people), as_of).equals(frame)
    assert len(frame) == sum(len(duties(p, as_of)) for p in people)


@pytest.mark.parametrize("day", ["2022-01-01", dt.datetime(2022, 1, 1), None])
def test_what_is_no_day_is_refused(day):
    for ask in (duties, interests):
        with pytest.raises(DossierError, match="as_of is"):
            ask(case(), day)


def test_what_are_no_dossiers_is_refused():
    with pytest.raises(DossierError, match="of type int; expected records or DossierTables"):
        list_duties(3, RELEASE)
    for ask in (duties, interests):
        with pytest.raises(DossierError, match="of type str; expected a Dossier"):
            ask("x", RELEASE)


@pytest.mark.parametrize(
    ("planned", "expected"),
    [
        (("short_leave", RELEASE, RELEASE), "expected Planned"),
        (Planned("short_leave", "2024-05-01", RELEASE), "planned on is '2024-05-01'"),
        (Planned("short_leave", RELEASE, None), "planned decided_on is None"),
    ],
)
def test_a_plan_that_cannot_be_understood_is_refused(planned, expected):
    with pytest.raises(DossierError, match=expected):
        duties(case(), RELEASE, planned=[planned])
