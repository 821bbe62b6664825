"""What the shipped policies decide, case by case."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from decision.golden_cases import CASES, FINDINGS, SHIPPED
from risicoscreener.decision import OUTCOMES, CompiledPolicy
from risicoscreener.decision.policy import Test as InputTest


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


@pytest.mark.parametrize("found", FINDINGS, ids=lambda f: f"{f.policy} {f.of}: {f.changed}")
def test_each_part_of_a_policy_is_read_as_the_file_of_cases_says(found):
    assert found.find(SHIPPED[found.policy]) == found.level


def _tests_of(part, path=()):
    """Every test on an input in a policy, with where it stands."""
    if isinstance(part, InputTest):
        yield path, part
    elif isinstance(part, tuple):
        for i, inner in enumerate(part):
            yield from _tests_of(inner, (*path, i))
    elif isinstance(part, Struct):
        for name in part.__struct_fields__:
            yield from _tests_of(getattr(part, name), (*path, name))


def _put(part, path, value):
    if not path:
        return value
    first, *rest = path
    if isinstance(part, tuple):
        return (*part[:first], _put(part[first], rest, value), *part[first + 1 :])
    return replace(part, **{first: _put(getattr(part, first), rest, value)})


def _steps(side, bound):
    """By how much a bound can be moved and still mean something."""
    if 0 < bound < 1:
        return (0.1, -0.1)
    return (1, -1) if bound > 1 else (1,) if side == "min" else (-1,)


@pytest.mark.parametrize("name", sorted({f.policy for f in FINDINGS}))
def test_a_bound_that_is_moved_by_one_is_found(name):
    compiled = SHIPPED[name]
    findings = [f for f in FINDINGS if f.policy == name]
    unseen = []
    for path, test in _tests_of(compiled.policy):
        # Codes, in order: that 3 is not read as 4 is told by the codes before it.
        if test.input == "deep_assessment_state":
            continue
        for side, bound in (("min", test.min), ("max", test.max)):
            if bound is None:
                continue
            for step in _steps(side, bound):
                moved = replace(test, **{side: bound + step})
                broken = CompiledPolicy(_put(compiled.policy, path, moved))
                broken.rules = compiled.rules
                if all(f.find(broken) == f.level for f in findings):
                    unseen.append((path, test.input, side, bound, step))
    assert unseen == []


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
    # Nobody is degraded for want of information: then the director weighs.
    if compiled.policy.kind == "degradation" and after.outcome == "deep_assessment":
        return
    assert OUTCOMES.index(after.outcome) <= OUTCOMES.index(before.outcome)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_higher_probability_never_gives_more_liberty_and_never_denies(data):
    case = data.draw(st.sampled_from([c for c in CASES if c.outcome != "deny" and c.scores]))
    compiled = SHIPPED[case.policy]
    inputs, scores = case.arguments(compiled)
    m = data.draw(st.sampled_from(range(len(scores))))
    higher = data.draw(st.floats(scores[m].probability, 1))
    surer = [s._replace(lower=None, upper=None) for s in scores]
    worse = [*surer[:m], surer[m]._replace(probability=higher), *surer[m + 1 :]]
    before, after = compiled.decide_one(inputs, surer), compiled.decide_one(inputs, worse)
    assert OUTCOMES.index(after.outcome) <= OUTCOMES.index(before.outcome)
    assert after.outcome != "deny"
