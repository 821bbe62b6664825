"""Scoring programs: one person and many get the same answer, and the answer is the sum of terms."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from risicoscreener.errors import ModelError
from risicoscreener.models import (
    Identity,
    Logistic,
    ScoringProgram,
    Table,
    Term,
    Uncertainty,
)
from risicoscreener.models.golden import golden_vectors
from risicoscreener.models.straight import added_up

from .strategies import programs, rows


@st.composite
def scored(draw: Any, covariance: bool = True) -> tuple[ScoringProgram, list[list[float]]]:
    program = draw(programs(covariance=covariance))
    width = len(program.terms)
    return program, draw(st.lists(rows(width), min_size=1, max_size=6))


anything = st.one_of(scored(), scored(covariance=False))
"""Programs of whatever kind: covariance, replicates or neither, steps, pairs, any calibration."""


def two_terms(**changes: Any) -> ScoringProgram:
    fields: dict[str, Any] = {
        "intercept": -1.0,
        "terms": (
            Term("age_years", (18.0, 30.0, 60.0), (1.0, 0.4, -0.5), missing=0.2, reference=0.1),
            Term("priors", (0.0, 10.0), (-0.3, 1.7), missing=0.0, reference=0.5),
        ),
    }
    return ScoringProgram(**(fields | changes))


# -- the linear predictor ---------------------------------------------------------------------


@given(scored(covariance=False))
def test_one_and_many_give_the_same_double(case: tuple[ScoringProgram, list[list[float]]]) -> None:
    program, inputs = case
    many = program.score_many(np.array(inputs), contributions=True)
    assert many.contributions is not None
    for i, values in enumerate(inputs):
        probability, lp, contributions = program.score_one(values)
        assert lp == many.linear_predictor[i]
        assert probability == many.probability[i]
        assert contributions == many.contributions[i].tolist()


@given(scored(covariance=False))
def test_a_score_is_the_sum_of_interpolated_terms(
    case: tuple[ScoringProgram, list[list[float]]],
) -> None:
    program, inputs = case
    for values in inputs:
        expected = program.intercept
        for x, term in zip(values, program.terms, strict=True):
            if math.isnan(x):
                expected += term.missing
            elif len(set(term.knots)) == len(term.knots):
                expected += np.interp(x, term.knots, term.values)
            else:
                return
        for pair in program.pairs:
            first, second = program.features.index(pair.first), program.features.index(pair.second)
            expected += pair.one(values[first], values[second])
        assert program.score_one(values)[1] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(anything)
def test_contributions_add_with_the_reference_to_the_linear_predictor(
    case: tuple[ScoringProgram, list[list[float]]],
) -> None:
    program, inputs = case
    for values in inputs:
        _, lp, contributions = program.score_one(values)
        assert program.reference + sum(contributions) == pytest.approx(lp, rel=1e-9, abs=1e-8)


def test_outside_the_boundary_knots_a_term_is_constant() -> None:
    program = two_terms()
    assert program.score_one([-900.0, 0.0]) == program.score_one([18.0, 0.0])
    assert program.score_one([1e9, 0.0]) == program.score_one([60.0, 0.0])


def test_a_knot_given_twice_is_a_jump_to_the_right_value() -> None:
    step = Term("points", (0.0, 1.0, 1.0, 2.0), (0.0, 0.0, 5.0, 5.0), missing=0.0)
    program = ScoringProgram(intercept=0.0, terms=(step,))
    assert program.score_one([0.999])[1] == 0.0
    assert program.score_one([1.0])[1] == 5.0
    assert program.score_many([[0.999], [1.0]]).linear_predictor.tolist() == [0.0, 5.0]


def test_an_unknown_value_adds_its_own_cell() -> None:
    program = two_terms()
    _, lp, contributions = program.score_one([math.nan, 0.0])
    assert lp == pytest.approx(-1.0 + 0.2 - 0.3)
    assert contributions[0] == pytest.approx(0.2 - 0.1)


def test_many_knots_are_found_as_few_are() -> None:
    knots = tuple(float(k) for k in range(100))
    program = ScoringProgram(
        intercept=0.0, terms=(Term("days", knots, tuple(math.sin(k) for k in knots), 3.0),)
    )
    x = np.array([[-1.0], [0.0], [41.3], [99.0], [120.0], [math.nan]])
    many = program.score_many(x).linear_predictor
    assert many.tolist() == [program.score_one(row)[1] for row in x.tolist()]


def test_more_rows_than_a_chunk_are_all_scored() -> None:
    program = two_terms()
    x = np.column_stack([np.linspace(10, 70, 20_001), np.linspace(-1, 12, 20_001)])
    lp = program.score_many(x).linear_predictor
    assert [lp[0], lp[8192], lp[-1]] == [program.score_one(x[i].tolist())[1] for i in (0, 8192, -1)]


@pytest.mark.parametrize("bad", [math.inf, -math.inf])
def test_an_infinite_value_is_refused_by_name(bad: float) -> None:
    program = two_terms()
    with pytest.raises(ModelError, match="priors"):
        program.score_one([30.0, bad])
    with pytest.raises(ModelError, match="priors"):
        program.score_many([[30.0, 1.0], [30.0, bad]])


def test_another_number_of_values_than_features_is_refused() -> None:
    with pytest.raises(ModelError, match="1 values were given for 2 features"):
        two_terms().score_one([30.0])
    with pytest.raises(ModelError, match="age_years, priors"):
        two_terms().score_many([[30.0]])


# -- from linear predictor to probability -----------------------------------------------------


def test_the_logit_link_is_the_logistic_function_without_overflow() -> None:
    lp = np.array([-800.0, -30.0, -1.0, 0.0, 2.0, 40.0, 800.0])
    got = two_terms().probability_many(lp)
    assert np.allclose(got, expit(lp), rtol=1e-14, atol=0)


def test_the_cloglog_link_is_that_of_a_discrete_hazard() -> None:
    program = two_terms(link="cloglog")
    assert program.probability_one(-2.0) == pytest.approx(1 - math.exp(-math.exp(-2.0)), rel=1e-14)
    assert program.probability_one(1e4) == 1.0


def test_logistic_calibration_acts_on_the_linear_predictor() -> None:
    program = two_terms(calibration=Logistic(intercept=0.3, slope=0.8))
    assert program.probability_one(1.5) == pytest.approx(expit(0.3 + 0.8 * 1.5), rel=1e-14)


def test_a_calibration_table_acts_on_the_probability() -> None:
    program = two_terms(calibration=Table(before=(0.0, 0.5, 1.0), after=(0.0, 0.2, 0.6)))
    assert program.probability_one(0.0) == pytest.approx(0.2)
    assert program.probability_one(50.0) == pytest.approx(0.6)


@pytest.mark.parametrize("after", [(0.5, 0.4), (0.2, 1.2), (-0.1, 0.4)])
def test_a_calibration_table_that_falls_or_is_no_probability_is_refused(
    after: tuple[float, float],
) -> None:
    with pytest.raises(ModelError, match="calibration table"):
        Table(before=(0.2, 0.6), after=after)


# -- interval -----------------------------------------------------------------------------------


def dense_standard_error(program: ScoringProgram, values: list[float]) -> float:
    """sqrt(b' C b) with the basis written out as the documentation of `Uncertainty` says."""
    assert program.uncertainty is not None
    basis = [1.0]
    for x, term, centres in zip(values, program.terms, program.uncertainty.centres, strict=True):
        for left, right, centre in zip(term.knots, term.knots[1:], centres, strict=False):
            ramp = min(max((x - left) / (right - left), 0.0), 1.0)
            basis.append(0.0 if math.isnan(x) else ramp - centre)
        basis.append(1.0 if math.isnan(x) else 0.0)
    factor = program.uncertainty.matrix
    return math.sqrt(np.array(basis) @ (factor @ factor.T) @ np.array(basis))


@given(scored())
def test_the_standard_error_is_the_quadratic_form_of_the_covariance(
    case: tuple[ScoringProgram, list[list[float]]],
) -> None:
    program, inputs = case
    many = program.interval_many(np.array(inputs))
    assert many is not None
    for i, values in enumerate(inputs):
        one = program.interval_one(values)
        assert one is not None
        assert one.standard_error == pytest.approx(dense_standard_error(program, values), rel=1e-9)
        assert many.standard_error[i] == pytest.approx(one.standard_error, rel=1e-11)
        assert many.lower[i] == pytest.approx(one.lower, rel=1e-9, abs=1e-12)
        assert many.upper[i] == pytest.approx(one.upper, rel=1e-9, abs=1e-12)


@given(anything)
def test_the_interval_holds_the_probability(
    case: tuple[ScoringProgram, list[list[float]]],
) -> None:
    program, inputs = case
    for values in inputs:
        found = program.assess_one(values)
        if program.uncertainty is None:
            assert found.interval is None
            return
        assert found.interval is not None
        assert found.interval.lower <= found.probability <= found.interval.upper


def test_the_interval_has_the_stated_level_on_the_linear_predictor() -> None:
    program = two_terms(uncertainty=Uncertainty.from_factor(np.eye(6), [[0.0, 0.0], [0.0]], 0.9))
    interval = program.interval_one([18.0, 0.0])
    assert interval is not None
    assert interval.standard_error == 1.0  # the intercept alone: every ramp is 0
    lp = program.score_one([18.0, 0.0])[1]
    assert interval.upper == pytest.approx(expit(lp + 1.6448536269514722), rel=1e-12)


def test_without_covariance_there_is_no_interval() -> None:
    assert two_terms().interval_one([20.0, 1.0]) is None
    assert two_terms().assess_many([[20.0, 1.0]]).intervals is None


def test_a_term_with_a_jump_cannot_carry_a_covariance() -> None:
    step = Term("points", (1.0, 1.0), (0.0, 5.0), missing=0.0)
    with pytest.raises(ModelError, match="jump"):
        ScoringProgram(
            intercept=0.0,
            terms=(step,),
            uncertainty=Uncertainty.from_factor(np.eye(3), [[0.0]]),
        )


def test_a_covariance_of_another_size_is_refused() -> None:
    with pytest.raises(ModelError, match="one coefficient per segment"):
        two_terms(uncertainty=Uncertainty.from_factor(np.eye(5), [[0.0], [0.0]]))
    with pytest.raises(ModelError, match="168 were expected"):
        two_terms(uncertainty=Uncertainty.from_factor(np.eye(5), [[0.0, 0.0], [0.0]]))


# -- plain data -----------------------------------------------------------------------------------


@settings(max_examples=50)
@given(anything)
def test_a_program_survives_json_to_the_last_bit(
    case: tuple[ScoringProgram, list[list[float]]],
) -> None:
    program, inputs = case
    restored = ScoringProgram.from_dict(json.loads(json.dumps(program.to_dict())))
    assert restored == program
    for values in inputs:
        assert restored.score_one(values) == program.score_one(values)
        assert restored.interval_one(values) == program.interval_one(values)


@settings(max_examples=40)
@given(anything)
def test_golden_vectors_of_any_program_are_reproduced_by_its_copy(
    case: tuple[ScoringProgram, list[list[float]]],
) -> None:
    program, _ = case
    restored = ScoringProgram.from_dict(json.loads(json.dumps(program.to_dict())))
    for vector in golden_vectors(program):
        assert vector.difference(restored) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "unknown field `colour`"),
        ({"link": "probit"}, "probit"),
        ({"intercept": "x"}, "Expected `float`"),
        ({"calibration": {"kind": "magic"}}, "magic"),
    ],
)
def test_plain_data_that_is_no_program_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        ScoringProgram.from_dict(two_terms().to_dict() | change)


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (Term("x", (1.0, 0.0), (0.0, 0.0), 0.0), "decrease"),
        (Term("x", (0.0, 1.0), (0.0,), 0.0), "one value per knot"),
        (Term("x", (), (), 0.0), "0 knots"),
        (Term("x", (0.0, math.inf), (0.0, 0.0), 0.0), "not finite"),
        (Term("x", (0.0, 5e-324), (0.0, 1.0), 0.0), "too close"),
        (Term("x", (0.0,), (0.0,), math.nan), "NaN"),
    ],
)
def test_a_term_that_cannot_be_scored_is_refused(term: Term, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        ScoringProgram(intercept=0.0, terms=(term,))


def test_two_terms_of_one_feature_are_refused() -> None:
    term = Term("x", (0.0,), (0.0,), 0.0)
    with pytest.raises(ModelError, match="x occur twice"):
        ScoringProgram(intercept=0.0, terms=(term, term))


# -- to look at ------------------------------------------------------------------------------------


def test_the_frame_has_every_knot_and_the_unknown_value() -> None:
    frame = two_terms().to_frame()
    assert len(frame) == 3 + 1 + 2 + 1
    assert frame.loc[frame.feature == "priors", "contribution"].tolist() == [-0.8, 1.2, -0.5]


def test_a_curve_passes_through_its_knots() -> None:
    curve = two_terms().curve("age_years", points=11)
    at = dict(zip(curve.x.tolist(), curve.contribution.tolist(), strict=True))
    assert [at[18.0], at[30.0], at[60.0]] == pytest.approx([0.9, 0.3, -0.6])
    assert curve.half_width is None


def test_the_interval_of_a_curve_is_that_of_the_term_alone() -> None:
    uncertainty = Uncertainty.from_factor(np.eye(6) * 0.5, [[0.5, 0.25], [0.0]])
    frame = two_terms(uncertainty=uncertainty).curve("age_years", points=2).to_frame()
    expected = 1.959963984540054 * 0.5 * math.hypot(0.0 - 0.5, 0.0 - 0.25)
    assert frame.upper[0] - frame.contribution[0] == pytest.approx(expected)


def test_an_unknown_feature_has_no_curve() -> None:
    with pytest.raises(ModelError, match="known: age_years, priors"):
        two_terms().curve("shoe_size")


def test_a_plot_is_drawn_on_the_axes_that_is_given() -> None:
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    uncertainty = Uncertainty.from_factor(np.eye(6), [[0.5, 0.5], [0.5]])
    assert two_terms(uncertainty=uncertainty).plot("priors", ax=ax) is ax
    assert ax.get_xlabel() == "priors"
    assert two_terms(calibration=Identity()).plot("priors").get_xlabel() == "priors"


def test_scoring_does_not_import_what_only_fitting_needs() -> None:
    code = (
        "import sys; import risicoscreener.models; "
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_numbers_are_added_as_on_each_python():
    tenths = [0.1] * 10
    total = 0.0
    for number in tenths:
        total += number
    assert added_up(tenths) == total == 0.9999999999999999  # math.fsum, and sum since 3.12, say 1.0
    assert added_up([]) == 0.0
