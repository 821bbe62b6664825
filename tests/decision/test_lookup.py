"""Prepared cases are looked up as they are decided."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision.golden_cases import CASES, SHIPPED
from risicoscreener.decision import OUTCOMES
from risicoscreener.decision.lookup import BLOCK, Index
from risicoscreener.errors import PolicyError

every_policy = pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)


@every_policy
def test_what_is_looked_up_is_what_the_table_holds(compiled):
    rng = np.random.default_rng(1)
    levels = np.array([rng.integers(0, size, 20_000, np.uint8) for size in compiled.shape])
    np.testing.assert_array_equal(compiled.lookup(levels), compiled.outcomes[tuple(levels)])
    np.testing.assert_array_equal(compiled.lookup_rules(levels), compiled.rules[tuple(levels)])


@pytest.mark.parametrize("name", sorted({case.policy for case in CASES}))
def test_a_case_that_is_decided_and_then_prepared_is_looked_up_with_the_same_outcome(name):
    compiled = SHIPPED[name]
    decided = [case.decide(compiled) for case in CASES if case.policy == compiled.id]
    levels = np.array([d.levels for d in decided]).T
    assert [OUTCOMES[o] for o in compiled.lookup(list(levels))] == [d.outcome for d in decided]
    assert compiled.lookup_rules(levels).tolist() == [d.rule for d in decided]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=7), st.integers(0, 3), st.data())
def test_places_are_those_of_a_table_of_any_shape(shape, extra, data):
    n = data.draw(st.sampled_from([0, 1, 7, BLOCK - 1, BLOCK, BLOCK + extra]))
    if math.prod(shape) > 2_000_000:
        shape = shape[:3]
    rng = np.random.default_rng(len(shape))
    table = rng.integers(0, 1000, shape).astype(np.int16)
    levels = [rng.integers(0, size, n, np.uint8) for size in shape]
    found = Index(shape).take(table.reshape(-1), levels)
    np.testing.assert_array_equal(found, table[tuple(levels)])


@pytest.mark.parametrize("shape", [(20, 20, 3), (16, 16), (17, 16), (256, 2), (2, 256), (1, 1)])
def test_places_are_those_of_a_table_whose_domains_do_not_fit_one_byte(shape):
    table = np.arange(math.prod(shape)).reshape(shape)
    levels = [column.astype(np.uint8) for column in np.indices(shape).reshape(len(shape), -1)]
    np.testing.assert_array_equal(Index(shape).take(table.reshape(-1), levels), table.reshape(-1))


def test_the_first_level_that_is_wrong_is_named(leave):
    levels = np.zeros((len(leave.domains), 3), np.int64)
    levels[0] = [0, 100, 101]
    with pytest.raises(PolicyError, match="level 100 of admissibility"):
        leave.lookup([*levels])


@pytest.mark.parametrize("kind", ["int8", "int64", "uint64"])
def test_whole_numbers_of_any_kind_are_levels(leave, kind):
    levels = np.array([[0, size - 1] for size in leave.shape])
    found = leave.lookup([*levels.astype(kind)])
    np.testing.assert_array_equal(found, leave.outcomes[tuple(levels)])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x: x[:-1], "8 columns of levels; expected 9"),
        (lambda x: x + 100, "level 100 of admissibility; expected 0 to 2 .met, not_met, unknown."),
        (lambda x: x.astype(np.int64) - 1, "level -1 of admissibility; expected 0 to 2"),
        (lambda x: x.astype(float), "levels of admissibility are float64"),
        (lambda x: [x[0][:1], *x[1:]], "levels of dossier are uint8 of shape .2,.; expected"),
        (lambda x: [c.reshape(2, 1) for c in x], "expected whole numbers of shape .n,."),
    ],
)
def test_levels_that_do_not_fit_are_refused_and_named(leave, change, said):
    levels = np.zeros((len(leave.domains), 2), np.uint8)
    with pytest.raises(PolicyError, match=said):
        leave.lookup(change(levels))
