"""PSA: every combination of its factors against the published table, written out anew."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from risicoscreener.errors import ModelError
from risicoscreener.instruments import Instrument, verify

YES_NO = (False, True)
COUNTS = (0, 1, 2, 3, 9)
AGES = (18, 20, 21, 22, 23, 60)


def load(id: str) -> Instrument:
    return Instrument.load(id, "2016")


def combinations(**values: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


@pytest.mark.parametrize("id", ["psa_fta", "psa_nca", "psa_nvca"])
def test_every_golden_vector_is_reproduced(id: str) -> None:
    found = verify(load(id))
    assert found.vectors == 14
    assert found.ok, str(found)


def test_failure_to_appear_is_the_published_table() -> None:
    fta = load("psa_fta")
    scale = {0: 1, 1: 2, 2: 3, 3: 4, 4: 4, 5: 5, 6: 5, 7: 6}
    for case in combinations(
        pending_charge=YES_NO,
        prior_conviction=YES_NO,
        recent_failures_to_appear=COUNTS,
        older_failure_to_appear=YES_NO,
    ):
        points = case["pending_charge"] + case["prior_conviction"] + case["older_failure_to_appear"]
        points += {0: 0, 1: 2}.get(case["recent_failures_to_appear"], 4)
        (score,) = fta.score(case).scores
        assert (score.points, score.scaled) == (points, scale[points])


def test_new_criminal_activity_is_the_published_table() -> None:
    nca = load("psa_nca")
    scale = {0: 1, 1: 2, 2: 2, 3: 3, 4: 3, 5: 4, 6: 4, 7: 5, 8: 5}
    for case in combinations(
        age_at_arrest=(22, 23),
        pending_charge=YES_NO,
        prior_misdemeanour=YES_NO,
        prior_felony=YES_NO,
        prior_violent_convictions=COUNTS,
        recent_failures_to_appear=COUNTS,
        prior_incarceration=YES_NO,
    ):
        points = 2 * (case["age_at_arrest"] <= 22) + 3 * case["pending_charge"]
        points += case["prior_misdemeanour"] + case["prior_felony"]
        points += 2 * case["prior_incarceration"]
        points += {0: 0, 1: 1, 2: 1}.get(case["prior_violent_convictions"], 2)
        points += {0: 0, 1: 1}.get(case["recent_failures_to_appear"], 2)
        (score,) = nca.score(case).scores
        assert (score.points, score.scaled) == (points, scale.get(points, 6))


def test_the_flag_of_violence_is_the_published_table() -> None:
    nvca = load("psa_nvca")
    for case in combinations(
        age_at_arrest=AGES,
        current_violent_offence=YES_NO,
        pending_charge=YES_NO,
        prior_conviction=YES_NO,
        prior_violent_convictions=COUNTS,
    ):
        points = 2 * case["current_violent_offence"]
        points += case["current_violent_offence"] and case["age_at_arrest"] <= 20
        points += case["pending_charge"] + case["prior_conviction"]
        points += {0: 0, 1: 1, 2: 1}.get(case["prior_violent_convictions"], 2)
        (score,) = nvca.score(case).scores
        assert (score.points, score.band) == (points, "flag" if points >= 4 else "no_flag")


def test_three_violent_convictions_are_two_points_where_the_source_code_gives_one() -> None:
    """The code at the source asks for one or more before it asks for three or more."""
    case = {
        "age_at_arrest": 40,
        "pending_charge": False,
        "prior_misdemeanour": False,
        "prior_felony": False,
        "recent_failures_to_appear": 0,
        "prior_incarceration": False,
    }
    nca = load("psa_nca")
    points = [
        nca.score(case | {"prior_violent_convictions": n}).scores[0].points for n in (1, 2, 3)
    ]
    assert points == [1, 1, 2]


@pytest.mark.parametrize("id", ["psa_fta", "psa_nca", "psa_nvca"])
def test_an_unknown_factor_gives_no_score(id: str) -> None:
    instrument = load(id)
    result = instrument.score({})
    assert not result.ok
    assert {p.fields[0] for p in result.problems} == set(instrument.inputs)


def test_points_without_a_probability_are_no_risk_model() -> None:
    with pytest.raises(ModelError, match="points and no probability"):
        load("psa_fta").model()
