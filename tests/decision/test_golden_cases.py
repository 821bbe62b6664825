"""What the shipped policies decide, case by case."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision.golden_cases import CASES, SHIPPED
from risicoscreener.decision import OUTCOMES


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.policy}: {c.name}")
def test_the_policy_decides_as_the_case_says(case):
    compiled = SHIPPED[case.policy]
    policy = compiled.policy
    decided = case.decide(compiled)
    assert decided.outcome == case.outcome
    assert policy.rules[decided.rule].id == case.rule
    missing = compiled.missing(case.arguments(compiled)[0], decided)
    assert tuple(m.name for m in missing) == case.missing
    if case.outcome == "grant":
        assert tuple(policy.conditions[c].id for c in decided.conditions) == case.conditions
    if case.outcome == "deny":
        assert decided.conditions == ()


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_every_rule_of_a_shipped_policy_decides_in_some_case(compiled):
    assert {c.rule for c in CASES if c.policy == compiled.id} == {
        r.id for r in compiled.policy.rules
    }


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_forgetting_a_fact_never_gives_more_liberty(data):
    case = data.draw(st.sampled_from(CASES))
    compiled = SHIPPED[case.policy]
    inputs, scores = case.arguments(compiled)
    forgotten = data.draw(st.sets(st.sampled_from(range(len(inputs))), min_size=1, max_size=3))
    less = [math.nan if i in forgotten else v for i, v in enumerate(inputs)]
    before, after = compiled.decide_one(inputs, scores), compiled.decide_one(less, scores)
    assert OUTCOMES.index(after.outcome) <= OUTCOMES.index(before.outcome)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_higher_probability_never_gives_more_liberty_and_never_denies(data):
    case = data.draw(st.sampled_from([c for c in CASES if c.outcome != "deny"]))
    compiled = SHIPPED[case.policy]
    inputs, scores = case.arguments(compiled)
    m = data.draw(st.sampled_from(range(len(scores))))
    higher = data.draw(st.floats(scores[m].probability, 1))
    surer = [s._replace(lower=None, upper=None) for s in scores]
    worse = [*surer[:m], surer[m]._replace(probability=higher), *surer[m + 1 :]]
    before, after = compiled.decide_one(inputs, surer), compiled.decide_one(inputs, worse)
    assert OUTCOMES.index(after.outcome) <= OUTCOMES.index(before.outcome)
    assert after.outcome != "deny"
