"""What is said to help does help: the facts are changed accordingly, and the policy asked again."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.decision import OUTCOMES as RANKS
from risicoscreener.decision import CompiledPolicy, PolicyBook, Score
from risicoscreener.screening.explanation.explanation import WhatHelps
from risicoscreener.screening.explanation.steps import Steps
from risicoscreener.screening.explanation.wording import advice

BOOK = PolicyBook.shipped()
POLICIES = [version for kind in BOOK.kinds() for version in BOOK.versions(kind)]
MOST_TRIED = 3000


class NoTime:
    """A projection in which nothing comes with time."""

    def requirement_met(self, _position: int) -> None:
        return None

    def level_reached(self, _domain: int, _level: int) -> None:
        return None

    def may_decide(self, _day: None) -> bool:
        return True


def edges(policy: CompiledPolicy) -> list[list[float]]:
    """For each input the values on both sides of each bound that a test of the policy has."""
    found: list[set[float]] = [{0.0} for _ in policy.inputs]
    clauses = [*policy.requirement_clauses]
    clauses += [clause for read in policy.readings for _, clause in read.readings]
    for clause in clauses:
        for slot, low, high in clause.tests:
            found[slot] |= {low, low - 1.0, high, high + 1.0} - {-math.inf, math.inf}
    return [sorted(values) for values in found]


EDGES = {policy.id: edges(policy) for policy in POLICIES}


@st.composite
def cases(draw, policy: CompiledPolicy) -> tuple[list[float], list[Score]]:
    """Inputs near the bounds of the policy, mostly those that meet its requirements; and scores."""
    inputs = [draw(st.sampled_from([*values, math.nan])) for values in EDGES[policy.id]]
    inputs[policy.quarantined_slot] = draw(st.sampled_from([0.0, 0.0, 0.0, 2.0]))
    for clause in policy.requirement_clauses:
        if draw(st.integers(0, 5)):
            for slot, low, high in clause.tests:
                inputs[slot] = low if low > -math.inf else high
    probability = draw(st.sampled_from([0.001, 0.2, 0.99]))
    return inputs, [Score(probability, probability, probability, True) for _ in policy.models]


def best_after(policy: CompiledPolicy, inputs, scores, way: WhatHelps) -> int:
    """The best outcome that the acts of a way can lead to, whatever they make of their inputs."""
    texts = {act.text for step in way.steps for act in step.acts}
    slots = [i for i, n in enumerate(policy.inputs) if n in advice() and advice()[n].text in texts]
    tried = product(*(EDGES[policy.id][slot] for slot in slots))
    best = 0
    for _, values in zip(range(MOST_TRIED), tried, strict=False):
        changed = list(inputs)
        for slot, value in zip(slots, values, strict=True):
            changed[slot] = value
        best = max(best, RANKS.index(policy.decide_one(changed, scores).outcome))
        if best >= RANKS.index(way.outcome):
            break
    return best


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_whoever_does_what_is_advised_comes_to_the_outcome_that_is_named(policy, data):
    inputs, scores = data.draw(cases(policy))
    decided = policy.decide_one(inputs, scores)
    for way in Steps(policy, decided, inputs, NoTime()).that_help():
        if way.open:
            assert best_after(policy, inputs, scores, way) >= RANKS.index(way.outcome)


def test_who_is_in_the_plus_programme_is_not_told_to_get_there():
    """Promotion asks for the basic programme, other decisions for the plus programme."""
    asked = advice()["plus_programme"].text
    policy = next(p for p in POLICIES if p.id == "promotion/2020-10-01")
    inputs = [0.0] * len(policy.inputs)
    inputs[policy.inputs.index("plus_programme")] = 1.0
    steps = Steps(policy, policy.decide_one(inputs, []), inputs, NoTime())
    told = [act.text for way in steps.that_help() for step in way.steps for act in step.acts]
    assert asked not in told


def test_bad_rows_are_repaired_by_the_prison():
    policy = next(p for p in POLICIES if p.id == "leave/2021-07-01")
    inputs = [0.0] * len(policy.inputs)
    inputs[policy.quarantined_slot] = 1.0
    scores = [Score(0.001, 0.001, 0.001, True) for _ in policy.models]
    steps = Steps(policy, policy.decide_one(inputs, scores), inputs, NoTime())
    d = [domain.id for domain in policy.domains].index("dossier")
    repaired = steps._domain(d, 0)
    assert [act.feature for act in repaired.acts] == ["quarantined_rows"]
    assert repaired.open
