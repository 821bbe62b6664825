"""What an unknown value could change at most."""

from __future__ import annotations

import itertools
import math

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from risicoscreener.models import FeatureRange, PopulationRule, ScoringProgram, Support, Term
from risicoscreener.models.calibration import Logistic, expit_one
from risicoscreener.models.missing import PatternSubmodels, Submodel, missing_bounds
from risicoscreener.models.missing import bounds as module
from risicoscreener.models.terms import PairTerm

from ..strategies import number, programs, terms

NAN = math.nan


def program(**changes) -> ScoringProgram:
    parts = (
        Term("age", (20.0, 40.0, 60.0), (1.0, -1.0, 0.5), missing=0.2),
        Term("priors", (0.0, 10.0), (0.0, 3.0), missing=0.1),
    )
    return ScoringProgram(**{"intercept": -1.0, "terms": parts} | changes)


def support(low: float = 30.0, **changes) -> Support:
    ranges = (FeatureRange(low, 60.0, 50.0), FeatureRange(0.0, 5.0, 1.0))
    return Support(**{"features": ("age", "priors"), "ranges": ranges} | changes)


def test_without_unknown_values_nothing_can_change():
    found = missing_bounds(program(), [30.0, 2.0])
    assert found.lowest == found.highest == found.probability == program().score_one([30.0, 2.0])[0]
    assert found.features == ()


def test_an_unknown_feature_reaches_the_extremes_of_its_term():
    found = missing_bounds(program(), [NAN, 10.0])
    assert found.lowest == pytest.approx(expit_one(-1.0 - 1.0 + 3.0))
    assert found.highest == pytest.approx(expit_one(-1.0 + 1.0 + 3.0))
    assert found.probability == pytest.approx(expit_one(-1.0 + 0.2 + 3.0))
    assert found.features[0].change == pytest.approx(found.probability - found.lowest)


def test_values_outside_the_training_data_are_not_considered():
    found = missing_bounds(program(support=support()), [NAN, NAN])
    by_name = {item.feature: item for item in found.features}
    assert by_name["age"].highest == pytest.approx(expit_one(-1.0 + 0.5 + 0.1))
    assert by_name["priors"].highest == pytest.approx(expit_one(-1.0 + 0.2 + 1.5))
    assert found.highest == pytest.approx(expit_one(-1.0 + 0.5 + 1.5))


def test_values_outside_the_population_are_not_considered():
    rules = (PopulationRule("age", minimum=50.0),)
    found = missing_bounds(program(support=support(rules=rules)), [NAN, 0.0])
    assert found.lowest == pytest.approx(expit_one(-1.0 - 0.25))


def test_the_largest_change_comes_first():
    found = missing_bounds(program(), [NAN, NAN])
    assert [item.feature for item in found.features] == ["priors", "age"]


def test_bounds_pass_through_the_calibration():
    found = missing_bounds(program(calibration=Logistic(0.5, 2.0)), [NAN, 10.0])
    assert found.highest == pytest.approx(expit_one(0.5 + 2.0 * 3.0))


def test_at_a_jump_both_sides_count():
    step = ScoringProgram(
        intercept=0.0, terms=(Term("x", (0.0, 1.0, 1.0, 2.0), (0.0, 5.0, -4.0, 0.0), 0.0),)
    )
    found = missing_bounds(step, [NAN])
    assert (found.lowest, found.highest) == pytest.approx((expit_one(-4.0), expit_one(5.0)))


@st.composite
def paired(draw) -> tuple[ScoringProgram, list[float]]:
    names = ("a", "b", "c")
    parts = tuple(draw(terms(name, jumps=True)) for name in names)
    edges = st.lists(st.integers(-40, 40), max_size=3, unique=True).map(
        lambda found: tuple(sorted(e / 2 + 0.125 for e in found))
    )
    pairs = []
    for first, second in (("a", "b"), ("c", "b"), ("a", "c")):
        if draw(st.booleans()):
            rows, columns = draw(edges), draw(edges)
            cells = tuple(
                tuple(draw(number) for _ in range(len(columns) + 2)) for _ in range(len(rows) + 2)
            )
            pairs.append(PairTerm(first, second, rows, columns, cells))
    values = [draw(st.one_of(st.just(NAN), st.integers(-50, 50).map(float))) for _ in names]
    return ScoringProgram(intercept=0.0, terms=parts, pairs=tuple(pairs)), values


def tried(program: ScoringProgram, values: list[float]) -> np.ndarray:
    """Linear predictors for a fine choice of values of what is unknown, each side of each break."""
    choices = []
    for x, term in zip(values, program.terms, strict=True):
        if x == x:
            choices.append([x])
            continue
        low, high = term.knots[0], term.knots[-1]
        breaks = {low, high, *term.knots}
        for pair in program.pairs:
            breaks |= set(pair.first_edges) if pair.first == term.feature else set()
            breaks |= set(pair.second_edges) if pair.second == term.feature else set()
        near = breaks | {b - 1e-9 for b in breaks}
        choices.append(sorted(b for b in near if low <= b <= high))
    return program.score_many(np.array(list(itertools.product(*choices)))).linear_predictor


@settings(max_examples=60, deadline=None)
@given(paired())
def test_bounds_are_those_of_trying_everything(case):
    program, values = case
    assume(any(x != x for x in values))
    lp = tried(program, values)
    lowest, highest = module.Reach(program)._around(
        values, program.score_one(values)[1], tuple(i for i, x in enumerate(values) if x != x)
    )
    assert lowest == pytest.approx(lp.min(), abs=1e-4)
    assert highest == pytest.approx(lp.max(), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(paired())
def test_bounds_of_parts_are_never_too_narrow(case):
    program, values = case
    assume(any(x != x for x in values))
    exact = missing_bounds(program, values)
    kept, module.MAX_COMBINATIONS = module.MAX_COMBINATIONS, 0
    try:
        outer = missing_bounds(program, values)
    finally:
        module.MAX_COMBINATIONS = kept
    assert outer.lowest <= exact.lowest + 1e-12
    assert outer.highest >= exact.highest - 1e-12


@given(programs(), st.data())
def test_the_probability_of_any_value_in_the_range_lies_between_the_bounds(program, data):
    program = msgspec.structs.replace(program, support=None)
    position = data.draw(st.integers(0, len(program.terms) - 1))
    values = [term.knots[0] for term in program.terms]
    values[position] = NAN
    found = missing_bounds(program, values)
    knots = program.terms[position].knots
    values[position] = data.draw(st.floats(knots[0], knots[-1]))
    probability = program.score_one(values)[0]
    assert found.lowest - 1e-9 <= probability <= found.highest + 1e-9


@settings(max_examples=40)
@given(st.data())
def test_of_pattern_submodels_the_program_counts_that_would_score(data) -> None:
    """Against many values of what is unknown, tried one by one in whatever program scores."""
    names = ("a", "b", "c")
    parts = {name: data.draw(terms(name, jumps=True)) for name in names}
    fallback = ScoringProgram(
        intercept=data.draw(number),
        terms=tuple(parts.values()),
        calibration=Logistic(0.1, 0.01),
        support=Support(names, tuple(FeatureRange(-5.0, 5.0, 0.0) for _ in names)),
    )
    submodels = tuple(
        Submodel(
            known,
            100,
            30,
            ScoringProgram(
                intercept=data.draw(number),
                terms=tuple(
                    data.draw(terms(n, jumps=True))
                    for n, mark in zip(names, known, strict=True)
                    if mark == "1"
                ),
                calibration=Logistic(-0.1, 0.02),
            ),
        )
        for known in ("110", "100", "111")
    )
    scorer = PatternSubmodels(fallback, submodels)
    values = data.draw(st.sampled_from([[3.0, NAN, NAN], [3.0, -2.0, NAN], [NAN, NAN, 1.0]]))
    found = missing_bounds(scorer, values)
    assert found.probability == scorer.score_one(values)[0]
    unknown = [i for i, x in enumerate(values) if x != x]
    # quarters, at which all knots lie, and just before each
    grid = [x for i in range(-20, 21) for x in (i / 4, math.nextafter(i / 4, -math.inf))][1:]
    by_name = {item.feature: item for item in found.features}
    for i in unknown:
        tried = [scorer.score_one([*values[:i], x, *values[i + 1 :]])[0] for x in grid]
        item = by_name[names[i]]
        assert item.lowest == pytest.approx(min(tried), abs=1e-9)
        assert item.highest == pytest.approx(max(tried), abs=1e-9)
    coarse = [range(len(grid)) if i in unknown else [None] for i in range(3)]
    rows = [
        [values[i] if k is None else grid[k] for i, k in enumerate(places)]
        for places in itertools.product(*coarse)
    ]
    p = scorer.score_many(rows).probability
    assert (found.lowest, found.highest) == pytest.approx((p.min(), p.max()), abs=1e-9)
