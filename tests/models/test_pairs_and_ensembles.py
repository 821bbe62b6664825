"""Interactions of two features, and replicates instead of a covariance."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from models.strategies import calibrations, jittered, number, pairs, rows, terms
from risicoscreener.errors import ModelError
from risicoscreener.models import Ensemble, PairTerm, ScoringProgram, Term
from risicoscreener.models.golden import golden_inputs


@st.composite
def scored(draw: Any) -> tuple[ScoringProgram, list[ScoringProgram], list[list[float]]]:
    """A program with pairs and steps, replicates of it, and rows to score."""
    names = [f"feature_{i}" for i in range(draw(st.integers(2, 4)))]
    joined = draw(st.lists(st.sampled_from(names[1:]), max_size=2, unique=True))
    program = ScoringProgram(
        intercept=draw(number),
        terms=tuple(draw(terms(name, jumps=True)) for name in names),
        pairs=tuple(draw(pairs(names[0], other)) for other in joined),
        calibration=draw(calibrations),
    )
    replicates = [jittered(program, seed) for seed in range(12)]
    ensemble = Ensemble.from_programs(program, replicates, level=0.9)
    program = msgspec.structs.replace(program, uncertainty=ensemble)
    return program, replicates, draw(st.lists(rows(len(names)), min_size=1, max_size=6))


@given(scored())
def test_one_person_and_many_get_the_same_doubles(case: Any) -> None:
    program, _, inputs = case
    many = program.score_many(inputs, contributions=True)
    for i, values in enumerate(inputs):
        probability, lp, parts = program.score_one(values)
        assert probability == many.probability[i]
        assert lp == many.linear_predictor[i]
        assert parts == many.contributions[i].tolist()


@given(scored())
def test_the_linear_predictor_is_the_sum_that_the_documentation_says(case: Any) -> None:
    program, _, inputs = case
    for values in inputs:
        by_name = dict(zip(program.features, values, strict=True))
        expected = program.intercept
        for function, term in zip(program.functions, program.terms, strict=True):
            x = by_name[term.feature]
            expected += term.missing if math.isnan(x) else function.one(x)
        for pair in program.pairs:
            place = []
            for feature, cut in (
                (pair.first, pair.first_edges),
                (pair.second, pair.second_edges),
            ):
                x = by_name[feature]
                place.append(len(cut) + 1 if math.isnan(x) else sum(edge <= x for edge in cut))
            expected += pair.values[place[0]][place[1]]
        _, lp, parts = program.score_one(values)
        assert lp == pytest.approx(expected, rel=1e-12, abs=1e-9)
        assert program.reference + sum(parts) == pytest.approx(lp, rel=1e-9, abs=1e-9)


@given(scored())
def test_the_standard_error_is_the_spread_over_the_replicates(case: Any) -> None:
    program, replicates, inputs = case
    lps = np.array([r.score_many(inputs).linear_predictor for r in replicates])
    expected = lps.std(axis=0, ddof=1)
    many = program.interval_many(inputs)
    assert many is not None
    for i, values in enumerate(inputs):
        one = program.interval_one(values)
        assert one is not None
        assert one.standard_error == pytest.approx(expected[i], rel=1e-7, abs=1e-8)
        assert many.standard_error[i] == pytest.approx(one.standard_error, rel=1e-9, abs=1e-9)


@settings(max_examples=30)
@given(scored())
def test_a_program_with_pairs_survives_json_to_the_last_bit(case: Any) -> None:
    program, _, inputs = case
    again = ScoringProgram.from_dict(json.loads(json.dumps(program.to_dict())))
    assert again == program
    assert again.assess_one(inputs[0]) == program.assess_one(inputs[0])


def small(**changes: Any) -> ScoringProgram:
    base: dict[str, Any] = {
        "intercept": 0.5,
        "terms": (Term("a", (0.0, 1.0), (0.0, 1.0), 0.0), Term("b", (0.0,), (0.0,), 0.0)),
    }
    return ScoringProgram(**(base | changes))


def pair(**changes: Any) -> PairTerm:
    table = ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0))
    return PairTerm(
        **(
            {
                "first": "a",
                "second": "b",
                "first_edges": (0.5,),
                "second_edges": (0.0,),
                "values": table,
            }
            | changes
        )
    )


def test_half_of_a_pair_counts_to_each_of_its_features() -> None:
    program = small(pairs=(pair(reference=1.0),))
    _, lp, contributions = program.score_one([0.5, -1.0])
    assert lp == 0.5 + 0.5 + 4.0
    assert contributions == [0.5 + 1.5, 1.5]


def test_an_unknown_value_has_a_cell_of_its_own() -> None:
    program = small(pairs=(pair(),))
    assert program.score_one([math.nan, 0.0])[1] == 0.5 + 8.0
    assert program.score_one([0.0, math.nan])[1] == 0.5 + 3.0


def test_the_interval_takes_the_quantile_of_student() -> None:
    draws = np.zeros((20, 6))
    draws[:, 0] = np.linspace(-1, 1, 20)
    program = small(uncertainty=Ensemble.from_draws(draws, level=0.9))
    interval = program.interval_one([0.0, 0.0])
    assert interval is not None
    assert interval.standard_error == pytest.approx(draws[:, 0].std(ddof=1))
    half = student.ppf(0.95, 19) * interval.standard_error
    assert interval.upper == pytest.approx(1 / (1 + math.exp(-0.5 - half)), rel=1e-12)


def test_golden_inputs_reach_every_cell_of_a_pair() -> None:
    program = small(pairs=(pair(),))
    reached = {pair().one(*row) for row in golden_inputs(program)}
    assert reached == {float(i) for i in range(1, 10)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"first_edges": (1.0, 1.0)}, "do not ascend"),
        ({"first_edges": (1.0, 2.0)}, "not of 4 rows of 3"),
        ({"values": ((1.0, 2.0, 3.0), (4.0, 5.0), (7.0, 8.0, 9.0))}, "not of 3 rows of 3"),
        ({"reference": math.nan}, "NaN or infinity"),
    ],
)
def test_a_pair_that_is_no_table_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        pair(**changes)


@pytest.mark.parametrize(
    "wrong",
    [(pair(second="c"),), (pair(second="a"),), (pair(), pair(first="b", second="a"))],
)
def test_a_pair_joins_two_features_of_the_program_once(wrong: tuple[PairTerm, ...]) -> None:
    with pytest.raises(ModelError, match="must join two different features"):
        small(pairs=wrong)


def test_replicates_of_another_size_or_too_few_are_refused() -> None:
    with pytest.raises(ModelError, match="have 5 coefficients; the program has 6"):
        small(uncertainty=Ensemble.from_draws(np.zeros((20, 5))))
    with pytest.raises(ModelError, match="at least 10 times 6"):
        small(uncertainty=Ensemble.from_draws(np.zeros((9, 6))))


def test_a_replicate_with_other_knots_is_put_on_those_of_the_program() -> None:
    program = small(terms=(Term("a", (0.0, 0.5, 0.5, 1.0), (0.0, 1.0, 2.0, 3.0), 0.0),))
    other = small(terms=(Term("a", (0.5, 0.5), (4.0, 6.0), 5.0),), intercept=0.0)
    ensemble = Ensemble.from_programs(program, [other] * 10)
    assert ensemble.matrix[0].tolist() == [0.0, 4.0, 4.0, 6.0, 6.0, 5.0]
