"""Stays from dossiers and from a table: what was known on a day, and what is wrong with a table."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from risicoscreener.dossier import DossierTables
from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity import Stays
from risicoscreener.synthetic import simulate

FIRST, AS_OF = dt.date(2020, 1, 1), dt.date(2022, 1, 1)


def dossiers(detentions: list[dict], liberties: list[dict] | None = None) -> DossierTables:
    def frame(rows):
        return pd.DataFrame(rows).assign(person_id="case-0001")

    persons = pd.DataFrame(
        {"person_id": ["case-0001"], "birth_date": [dt.date(1980, 1, 1)], "sex": ["male"]}
    )
    tables = {"persons": persons, "detentions": frame(detentions)}
    if liberties:
        tables["liberties"] = frame(liberties)
    return DossierTables.from_frames(tables, recorded_by=dt.date(2026, 1, 1))


def one(rows, liberties=None, as_of=AS_OF) -> Stays:
    found = dossiers(rows, liberties)
    assert not len(found.quarantine)
    return Stays.of(found, as_of, seen_from=FIRST)


REMAND = {
    "fact_id": "a",
    "recorded_at": dt.date(2021, 3, 2),
    "arrived_on": dt.date(2021, 3, 1),
    "regime": "remand",
    "prison": "PI-03",
}
SENTENCED = REMAND | {
    "fact_id": "b",
    "supersedes": "a",
    "recorded_at": dt.date(2021, 6, 1),
    "regime": "sentence",
    "sentence_days": 500,
    "expected_release_on": dt.date(2022, 7, 14),
    "conditional_release_on": dt.date(2022, 4, 14),
}


def day(found) -> dt.date | None:
    return None if found == -1 else dt.date(1970, 1, 1) + dt.timedelta(days=int(found))


def test_a_correction_is_one_stay_of_which_the_ground_changed():
    found = one([REMAND, SENTENCED])
    assert len(found) == 1
    assert (found.kind[0], found.regime[0], found.prison[0]) == ("remand", "sentence", "PI-03")
    assert day(found.switched[0]) == dt.date(2021, 6, 1)
    assert day(found.left[0]) is None
    assert day(found.expected[0]) == dt.date(2022, 7, 14)
    assert found.sentence_days[0] == 500


def test_what_was_recorded_later_is_not_known():
    found = one([REMAND, SENTENCED], as_of=dt.date(2021, 5, 1))
    assert (found.regime[0], day(found.switched[0]), day(found.expected[0])) == (
        "remand",
        None,
        None,
    )
    with pytest.raises(ImpactError, match="there is no stay from 2020-01-01 to 2021-03-01"):
        one([REMAND], as_of=dt.date(2021, 3, 1))


def test_a_release_that_lies_ahead_is_not_known():
    ended = SENTENCED | {"released_on": dt.date(2021, 12, 31)}
    assert day(one([REMAND, ended]).left[0]) == dt.date(2021, 12, 31)
    later = SENTENCED | {"released_on": dt.date(2022, 4, 14)}
    assert day(one([REMAND, later]).left[0]) is None


def test_what_was_withdrawn_does_not_count():
    gone = {"fact_id": "c", "supersedes": "b", "void": True, "recorded_at": dt.date(2021, 7, 1)}
    with pytest.raises(ImpactError, match="there is no stay"):
        one([REMAND, SENTENCED, SENTENCED | gone])


def test_placements_and_programmes():
    ended = SENTENCED | {"released_on": dt.date(2021, 12, 20)}
    asked = {
        "recorded_at": dt.date(2021, 8, 1),
        "asked_on": dt.date(2021, 8, 1),
        "decision": "granted",
        "decided_on": dt.date(2021, 8, 20),
    }
    liberties = [
        asked | {"kind": "low_security", "started_on": dt.date(2021, 9, 1)},
        asked | {"kind": "penitentiary_programme", "started_on": dt.date(2021, 11, 1)},
        asked | {"kind": "short_leave", "started_on": dt.date(2021, 10, 1)},
    ]
    found = one([REMAND, ended], liberties)
    assert day(found.low_from[0]) == dt.date(2021, 9, 1)
    assert day(found.left[0]) == dt.date(2021, 11, 1)
    moved = SENTENCED | {"unit": "low_security", "unit_since": dt.date(2021, 9, 15)}
    assert day(one([REMAND, moved]).low_from[0]) == dt.date(2021, 9, 15)


def test_who_was_there_already_counts_from_the_first_day():
    earlier = REMAND | {"arrived_on": dt.date(2019, 11, 1), "recorded_at": dt.date(2019, 11, 1)}
    found = one([earlier])
    assert day(found.entered[0]) == FIRST
    assert found.length[0] == (AS_OF - dt.date(2019, 11, 1)).days - 1


@pytest.fixture(scope="module")
def cohort():
    around = {
        "calendar.as_of_from": dt.date(2016, 1, 1),
        "calendar.as_of_to": dt.date(2025, 12, 31),
    }
    return simulate(2500, seed=5, population="flow", changes=around)


def test_an_earlier_picture_is_what_later_stays_say_of_that_day_but_for_slow_records(cohort):
    later = Stays.of(cohort.tables, dt.date(2023, 1, 1), seen_from=FIRST, index=cohort.index())
    then = Stays.of(cohort.tables, AS_OF, seen_from=FIRST, index=cohort.index())
    back = later.until(AS_OF)
    assert len(then) <= len(back) <= len(then) * 1.01
    assert abs(int(then.inside.sum()) - int(back.inside.sum())) <= 3
    days = np.arange(back.seen_from, back.seen_until)
    assert (back.occupancy(days) == later.occupancy(days)).all()


def test_a_shuffled_future_changes_no_stay(cohort):
    """What is recorded after the day may be anything."""
    frames = {
        name: cohort.tables.to_pandas(name) for name in ("persons", "detentions", "liberties")
    }
    for name in ("detentions", "liberties"):
        rows = frames[name]
        frames[name] = rows[rows["recorded_at"] <= np.datetime64(AS_OF)]
    cut = DossierTables.from_frames(frames, recorded_by=dt.date(2030, 1, 1))
    one = Stays.of(cohort.tables, AS_OF, seen_from=FIRST)
    other = Stays.of(cut, AS_OF, seen_from=FIRST)
    for name in ("arrived", "left", "kind", "regime", "switched", "low_from", "expected"):
        assert (getattr(one, name) == getattr(other, name)).all(), name


def table(**changes) -> pd.DataFrame:
    columns = {
        "arrived_on": ["2021-01-01", "2021-02-01"],
        "left_on": ["2021-01-10", None],
        "kind": ["remand", "sentence"],
        "sentence_days": ["", "60"],
    }
    frame = pd.DataFrame(columns | changes)
    return frame.replace("", None)


def test_a_table_of_text_as_it_comes_from_a_file():
    found = Stays.from_frame(table(), seen_from=FIRST, seen_until=AS_OF)
    assert found.sentence_days.tolist() == [0, 60]
    assert found.inside.tolist() == [False, True]
    assert found.prison.tolist() == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": ["remand", "prison"]}, "kind is 'prison' in row 1; expected one of remand"),
        ({"arrived_on": ["2021-01-01", None]}, "arrived_on is NaT in row 1; expected a date"),
        ({"left_on": ["2020-12-01", None]}, "left_on is 2020-12-01 in row 0; expected a day on or"),
        ({"left_on": ["soon", None]}, "column 'left_on' holds no dates: 'soon' in row 0; expected"),
        ({"left_on": ["01/02/2022", None]}, "holds no dates: '01/02/2022' in row 0"),
        ({"left_on": ["2022-02-01T00:00Z", None]}, "they have a zone; expected YYYY-MM-DD"),
        ({"sentence_days": ["x", "60"]}, "sentence_days is 'x' in row 0; expected a whole number"),
        ({"sentence_days": ["-3", "60"]}, "sentence_days is '-3' in row 0"),
        ({"arrived_on": ["2025-01-01"] * 2, "left_on": [None] * 2}, "there is no stay from"),
    ],
)
def test_what_is_wrong_with_a_table(changes, said):
    with pytest.raises(ImpactError) as found:
        Stays.from_frame(table(**changes), seen_from=FIRST, seen_until=AS_OF)
    assert said in str(found.value)


def test_a_table_with_a_column_twice():
    twice = pd.concat([table(), table()[["kind"]]], axis="columns")
    with pytest.raises(ImpactError, match="the table has the column 'kind' twice"):
        Stays.from_frame(twice, seen_from=FIRST, seen_until=AS_OF)


def test_a_table_without_a_column():
    with pytest.raises(ImpactError, match="the table has no column 'kind'"):
        Stays.from_frame(table().drop(columns="kind"), seen_from=FIRST, seen_until=AS_OF)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (AS_OF, FIRST, "stays are watched from 2022-01-01 to 2020-01-01"),
        (dt.datetime(2020, 1, 1), AS_OF, "seen_from is datetime"),
    ],
)
def test_a_period_that_is_none(first, last, said):
    with pytest.raises(ImpactError, match=said):
        Stays.from_frame(table(), seen_from=first, seen_until=last)


def test_looking_back_to_a_day_that_was_not_watched():
    found = Stays.from_frame(table(), seen_from=FIRST, seen_until=AS_OF)
    with pytest.raises(ImpactError, match="day is 2019-01-01; expected one after 2020-01-01"):
        found.until(dt.date(2019, 1, 1))
