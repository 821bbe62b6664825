"""Static-99R: points by hand, borders, and for whom it is not."""

from __future__ import annotations

from typing import Any

import pytest

from risicoscreener.instruments import Instrument, InstrumentResult, verify

MAN: dict[str, Any] = {
    "sex": "male",
    "age_at_release": 37.0,
    "lived_with_partner": True,
    "index_violence": False,
    "prior_violence": False,
    "prior_sex_charges": 0,
    "prior_sex_convictions": 0,
    "prior_sentencing_dates": 0,
    "non_contact_convictions": False,
    "unrelated_victim": False,
    "stranger_victim": False,
    "male_victim": False,
}


@pytest.fixture(scope="module")
def static() -> Instrument:
    return Instrument.load("static_99r", "2012")


def score(instrument: Instrument, **changes: Any) -> InstrumentResult:
    return instrument.score(MAN | changes)


def points(instrument: Instrument, **changes: Any) -> float | None:
    return score(instrument, **changes).scores[0].points


def test_every_golden_vector_is_reproduced(static: Instrument) -> None:
    found = verify(static)
    assert found.vectors == 15
    assert found.ok, str(found)


def test_the_total_goes_from_minus_three_to_twelve(static: Instrument) -> None:
    worst = {name: True for name, value in MAN.items() if isinstance(value, bool)}
    assert points(static, age_at_release=60.0) == -3
    assert (
        points(
            static,
            **worst
            | {
                "age_at_release": 18.0,
                "lived_with_partner": False,
                "prior_sex_charges": 500,
                "prior_sex_convictions": 500,
                "prior_sentencing_dates": 500,
            },
        )
        == 12
    )


@pytest.mark.parametrize(
    ("charges", "convictions", "wanted"),
    [(0, 0, 0), (1, 0, 1), (2, 1, 1), (2, 2, 2), (3, 1, 2), (5, 3, 2), (5, 4, 3), (6, 0, 3)],
)
def test_charges_and_convictions_are_one_item_the_higher_of_both(
    static: Instrument, charges: int, convictions: int, wanted: int
) -> None:
    found = points(static, prior_sex_charges=charges, prior_sex_convictions=convictions)
    assert found == wanted


@pytest.mark.parametrize(
    "item",
    [
        "index_violence",
        "prior_violence",
        "non_contact_convictions",
        "unrelated_victim",
        "male_victim",
    ],
)
def test_each_of_these_is_one_point(static: Instrument, item: str) -> None:
    assert points(static, **{item: True}) == 1


def test_never_having_lived_with_a_partner_is_one_point(static: Instrument) -> None:
    assert points(static, lived_with_partner=False) == 1


def test_a_fourth_sentencing_date_is_one_point(static: Instrument) -> None:
    assert [points(static, prior_sentencing_dates=n) for n in (3, 4)] == [0, 1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sex": "female"}, "man"),
        ({"age_at_release": 17.9}, "out_of_range"),
        ({"stranger_victim": True}, "unrelated_if_stranger"),
        ({"prior_sex_charges": 1, "prior_sex_convictions": 2}, "convictions_within_charges"),
        ({"male_victim": None}, "missing"),
    ],
)
def test_for_whom_it_is_not_and_what_contradicts_itself_there_is_no_score(
    static: Instrument, changes: dict[str, Any], code: str
) -> None:
    result = score(static, **changes)
    assert not result.ok
    assert [problem.code for problem in result.problems] == [code]
