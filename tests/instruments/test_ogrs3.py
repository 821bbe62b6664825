"""OGRS3: the thousand cases of the official sheet, its borders, and what it refuses."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import pytest

from risicoscreener.instruments import Instrument, InstrumentResult, golden_files, verify
from risicoscreener.instruments.golden import GoldenCase

SHEET = Path(__file__).with_name("sheets") / "ogrs3.csv"
COUNTED = 50

PERSON = {
    "sex": "male",
    "birth_date": "1980-06-15",
    "first_sanction_date": "2000-06-15",
    "conviction_date": "2012-06-15",
    "followup_date": "2012-06-15",
    "offence": "burglary_domestic",
    "previous_sanctions": 4,
}


@pytest.fixture(scope="module")
def ogrs3() -> Instrument:
    return Instrument.load("ogrs3", "2009")


@pytest.fixture(scope="module")
def cases(ogrs3: Instrument) -> dict[str, GoldenCase]:
    return {case.name.split()[0]: case for file in golden_files(ogrs3) for case in file.cases}


def sheet() -> list[dict[str, str]]:
    with SHEET.open() as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def probabilities(result: InstrumentResult) -> list[float]:
    return [score.probability or math.nan for score in result.scores]


def score(instrument: Instrument, **changes: Any) -> InstrumentResult:
    return instrument.score(PERSON | changes)


# -- the sheet -------------------------------------------------------------------------------


def test_every_golden_vector_is_reproduced(ogrs3: Instrument) -> None:
    found = verify(ogrs3)
    assert found.vectors == 1000
    assert found.ok, str(found)


def test_993_cases_of_the_sheet_are_equal_to_it(
    ogrs3: Instrument, cases: dict[str, GoldenCase]
) -> None:
    equal = [
        row["case"]
        for row in sheet()
        if probabilities(ogrs3.score(cases[row["case"]].inputs))
        == pytest.approx([float(row["sheet_1y"]), float(row["sheet_2y"])], abs=1e-9)
    ]
    assert len(equal) == 993


def test_the_other_seven_are_those_with_more_than_fifty_earlier_sanctions(
    ogrs3: Instrument, cases: dict[str, GoldenCase]
) -> None:
    many = {row["case"] for row in sheet() if int(row["previous_sanctions"]) > COUNTED}
    (named,) = (file for file in golden_files(ogrs3) if "other seven" in file.origin)
    assert {case.name.split()[0] for case in named.cases} == many
    assert len(many) == 7


def test_the_sheet_has_for_those_seven_what_fifty_earlier_sanctions_would_give(
    ogrs3: Instrument, cases: dict[str, GoldenCase]
) -> None:
    for row in sheet():
        if int(row["previous_sanctions"]) > COUNTED:
            inputs = cases[row["case"]].inputs
            capped = probabilities(ogrs3.score(inputs | {"previous_sanctions": COUNTED}))
            assert capped == pytest.approx(
                [float(row["sheet_1y"]), float(row["sheet_2y"])], abs=1e-9
            )
            assert probabilities(ogrs3.score(inputs)) > capped


# -- by hand ---------------------------------------------------------------------------------


def test_a_case_computed_by_hand(ogrs3: Instrument) -> None:
    """A woman of 43, criminal damage, five earlier sanctions from 14 to 37 (the library's test)."""
    result = score(
        ogrs3,
        sex="female",
        offence="criminal_damage",
        previous_sanctions=5,
        birth_date="1972-09-09",
        conviction_date="2009-09-09",
        first_sanction_date="1986-09-09",
        followup_date="2015-09-15",
    )
    lp = 1.251124464 * math.log(6 / 33) + 0.463062792 - 1.524652221 + 0.204960477
    wanted = [1 / (1 + math.exp(-(lp + a))) for a in (1.402562384, 2.121705678)]
    assert probabilities(result) == pytest.approx(wanted, abs=1e-15)
    assert result.derived["age_at_followup"] == 43
    assert sum(result.contributions.values()) == pytest.approx(lp + 1.402562384, abs=1e-15)


def test_drink_driving_lowers_and_other_motoring_raises(ogrs3: Instrument) -> None:
    """The library's list of names has these two the other way round."""
    added = {
        offence: score(ogrs3, offence=offence).contributions["offence"]
        for offence in ("drink_driving", "motoring_offences")
    }
    assert added == {"drink_driving": -0.121439408, "motoring_offences": 0.262228428}


# -- borders ---------------------------------------------------------------------------------

BORDERS = (12, 14, 16, 18, 21, 25, 30, 35, 40, 50)


@pytest.mark.parametrize("age", BORDERS)
@pytest.mark.parametrize("sex", ["male", "female"])
def test_an_age_group_starts_on_the_birthday(ogrs3: Instrument, sex: str, age: int) -> None:
    person = {"birth_date": "1980-06-15", "previous_sanctions": 0, "sex": sex}
    day = f"{1980 + age}-06-"
    last, first = (
        score(
            ogrs3,
            **person,
            followup_date=day + at,
            conviction_date=day + "14",
            first_sanction_date=day + "14",
        ).contributions
        for at in ("14", "15")
    )
    differ = {name for name in first if first[name] != last[name]}
    assert differ == {f"age_at_followup_{'men' if sex == 'male' else 'women'}"}


def test_someone_born_on_29_february_is_a_year_older_on_1_march(ogrs3: Instrument) -> None:
    ages = [
        score(
            ogrs3,
            birth_date="1992-02-29",
            followup_date=day,
            conviction_date="2012-06-15",
            first_sanction_date="2012-06-15",
        ).derived["age_at_followup"]
        for day in ("2013-02-28", "2013-03-01")
    ]
    assert ages == [20, 21]


def test_a_first_sanction_adds_less_than_a_later_one(ogrs3: Instrument) -> None:
    added = [
        score(ogrs3, previous_sanctions=n).contributions["previous_sanctions"] for n in (0, 1, 2)
    ]
    assert added == [0.126142106, 0.463062792, 0.463062792]


def test_more_sanctions_never_lower_the_probability(ogrs3: Instrument) -> None:
    found = [probabilities(score(ogrs3, previous_sanctions=n)) for n in range(61)]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("sanctions", "band"), [(0, "low"), (8, "medium"), (25, "high"), (120, "very_high")]
)
def test_the_band_is_that_of_two_years(ogrs3: Instrument, sanctions: int, band: str) -> None:
    one, two = score(ogrs3, previous_sanctions=sanctions).scores
    assert (one.band, two.band) == (None, band)


# -- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(PERSON))
def test_without_an_input_there_is_no_score(ogrs3: Instrument, name: str) -> None:
    result = score(ogrs3, **{name: None})
    assert not result.ok
    assert [(p.code, p.fields) for p in result.problems] == [("missing", (name,))]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"followup_date": "2012-06-14"}, "conviction_not_after_followup"),
        ({"first_sanction_date": "2012-06-16"}, "first_sanction_not_after_conviction"),
        ({"birth_date": "2001-01-01"}, "first_sanction_after_birth"),
        ({"birth_date": "2003-01-01", "first_sanction_date": "2012-06-15"}, "old_enough"),
        ({"previous_sanctions": -1}, "out_of_range"),
        ({"previous_sanctions": 2.5}, "wrong_kind"),
        ({"offence": "jaywalking"}, "not_allowed"),
        ({"birth_date": "15-06-1980"}, "wrong_kind"),
    ],
)
def test_what_contradicts_itself_has_no_score_and_is_named(
    ogrs3: Instrument, changes: dict[str, Any], code: str
) -> None:
    result = score(ogrs3, **changes)
    assert not result.ok
    assert code in {problem.code for problem in result.problems}


# -- as a model ------------------------------------------------------------------------------


@pytest.mark.parametrize("horizon", ["one_year", "two_years"])
def test_the_lowered_program_says_the_same(
    ogrs3: Instrument, cases: dict[str, GoldenCase], horizon: str
) -> None:
    model = ogrs3.model(horizon=horizon)
    place = ogrs3.horizons.index(horizon)
    for case in list(cases.values())[::5]:
        values = ogrs3.feature_values(case.inputs)
        assert model.program.assess_one(values).probability == pytest.approx(
            probabilities(ogrs3.score(case.inputs))[place], abs=1e-12
        )
