"""One person and many go through the same definition, and it is the one that the file says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision import reference
from decision.golden_cases import CASES
from risicoscreener.decision import OUTCOMES, CompiledPolicy, PolicyBook, Score
from risicoscreener.errors import PolicyError

SHIPPED = [p for kind in PolicyBook.shipped().kinds() for p in PolicyBook.shipped().versions(kind)]
every_policy = pytest.mark.parametrize("compiled", SHIPPED, ids=lambda p: p.id)


def columns(rows: list[tuple[list[float], list[Score]]]) -> list[np.ndarray]:
    """Rows in the arrays that `decide_many` takes; an absent bound is NaN."""
    inputs = np.array([values for values, _ in rows], float)
    numbers = [
        np.array(
            [[math.nan if s[i] is None else s[i] for s in scores] for _, scores in rows], float
        )
        for i in range(3)
    ]
    return [inputs, *numbers, np.array([[s.supported for s in scores] for _, scores in rows])]


def some_rows(compiled: CompiledPolicy) -> st.SearchStrategy:
    row = st.tuples(reference.input_values(compiled), reference.score_values(compiled))
    return st.lists(row, min_size=1, max_size=4)


@every_policy
def test_one_and_many_give_the_same_in_every_field(compiled):
    @settings(max_examples=120, deadline=None)
    @given(some_rows(compiled))
    def holds(rows):
        many = compiled.decide_many(*columns(rows))
        assert len(many) == len(rows)
        for i, (inputs, scores) in enumerate(rows):
            assert compiled.decide_one(inputs, scores) == many.row(i)

    holds()


@every_policy
def test_levels_rule_and_outcome_are_those_of_a_direct_reading_of_the_file(compiled):
    policy = compiled.policy
    levels = reference.domain_levels(policy)

    @settings(max_examples=120, deadline=None)
    @given(reference.input_values(compiled), reference.score_values(compiled))
    def holds(inputs, scores):
        decided = compiled.decide_one(inputs, scores)
        values = dict(zip(compiled.inputs, inputs, strict=True))
        case = reference.read(policy, values, dict(zip(compiled.models, scores, strict=True)))
        found = {d: levels[d][i] for d, i in zip(levels, decided.levels, strict=True)}
        assert found == case
        assert decided.rule == reference.rule_of(policy, case)
        assert decided.outcome == policy.rules[decided.rule].outcome
        attached = tuple(
            i
            for i, c in enumerate(policy.conditions)
            if decided.outcome != "deny"
            and reference.matches(c.when, case)
            and (
                (c.all is None and c.any is None)
                or reference.truth(c.all, c.any, values) is not False
            )
        )
        assert decided.conditions == attached

    holds()


@every_policy
def test_the_table_is_the_ordered_rules_in_every_cell(compiled):
    policy = compiled.policy
    levels = reference.domain_levels(policy)
    assert [d.id for d in compiled.domains] == list(levels)
    assert [[v.id for v in d.levels] for d in compiled.domains] == list(levels.values())
    expected = np.full(compiled.shape, -1)
    # Rule after rule over the cells that no earlier rule took, by comparing names of levels.
    for i, rule in enumerate(policy.rules):
        takes = np.ones(compiled.shape, bool)
        for axis, (domain, names) in enumerate(levels.items()):
            if domain in rule.when:
                along = np.array([name in rule.when[domain] for name in names])
                takes &= along.reshape([-1 if a == axis else 1 for a in range(len(levels))])
        expected[takes & (expected < 0)] = i
    assert np.array_equal(compiled.rules, expected)
    for position, rule in enumerate(policy.rules):
        assert (compiled.outcomes[expected == position] == OUTCOMES.index(rule.outcome)).all()


@every_policy
def test_a_sample_of_cells_matched_one_by_one_agrees_with_the_table(compiled):
    levels = reference.domain_levels(compiled.policy)
    rng = np.random.default_rng(7)
    for cell in rng.integers(0, compiled.rules.size, 300):
        position = np.unravel_index(cell, compiled.shape)
        case = {d: names[i] for (d, names), i in zip(levels.items(), position, strict=True)}
        assert compiled.rules[position] == reference.rule_of(compiled.policy, case)


def test_blocks_join_without_a_seam(leave):
    rng = np.random.default_rng(1)
    n = 20_000
    inputs = rng.integers(0, 3, (n, len(leave.inputs))).astype(float)
    probability = rng.random((n, 2)) * 0.3
    nothing = np.full((n, 2), np.nan)
    many = leave.decide_many(inputs, probability, nothing, nothing, np.ones((n, 2), bool))
    for i in (0, 8191, 8192, 16383, 16384, n - 1):
        scores = [Score(p, None, None, True) for p in probability[i].tolist()]
        assert leave.decide_one(inputs[i].tolist(), scores) == many.row(i)


def test_no_rows_give_no_outcomes(leave):
    none = np.empty((0, 2))
    many = leave.decide_many(np.empty((0, len(leave.inputs))), none, none, none, none.astype(bool))
    assert len(many) == 0


def test_a_wrong_number_of_inputs_is_refused_by_name(leave):
    with pytest.raises(
        PolicyError, match="leave/2021-07-01: 1 inputs and 0 scores; expected .*is_sentenced"
    ):
        leave.decide_one([1.0], [])


def test_columns_of_another_shape_are_refused(leave):
    none = np.empty((3, 2))
    inputs = np.empty((3, len(leave.inputs)))
    with pytest.raises(PolicyError, match=r"upper has shape \(2, 2\); expected \(3, 2\)"):
        leave.decide_many(inputs, none, none, none[:2], none.astype(bool))
    with pytest.raises(PolicyError, match="inputs has shape"):
        leave.decide_many(inputs[:, 1:], none, none, none, none.astype(bool))


@every_policy
def test_of_people_who_are_all_allowed_the_conditions_are_those_of_each_alone(compiled):
    cases = [c.arguments(compiled) for c in CASES if c.policy == compiled.id]
    allowed = [a for a in cases if compiled.decide_one(*a).outcome != "deny"]
    many = compiled.decide_many(*columns(allowed))
    assert many.conditions.any() == bool(compiled.policy.conditions)
    for i, (inputs, scores) in enumerate(allowed):
        assert compiled.decide_one(inputs, scores) == many.row(i)


@pytest.mark.parametrize("probability", [0.0, 1.0, -1e-12, 1 + 1e-12, math.nan])
def test_a_probability_at_the_edge_is_weighed_alike_for_one_and_for_many(probability):
    compiled = next(p for p in SHIPPED if p.id == "leave/2021-07-01")
    inputs, (_, *others) = next(c for c in CASES if c.policy == compiled.id).arguments(compiled)
    scores = [Score(probability, None, None, True), *others]
    many = compiled.decide_many(*columns([(inputs, scores)]))
    assert compiled.decide_one(inputs, scores) == many.row(0)
