"""What decided: in every cell of every policy it is told, and it is enough."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.decision import OUTCOMES as RANKS
from risicoscreener.decision import CompiledPolicy, Decided, PolicyBook
from risicoscreener.features import catalogue
from risicoscreener.screening.alike import cases_alike, changes_alike
from risicoscreener.screening.explanation.deciding import deciding_domains
from risicoscreener.screening.explanation.explain import _first_alike, _reasons

BOOK = PolicyBook.shipped()
POLICIES = [version for kind in BOOK.kinds() for version in BOOK.versions(kind)]
GRANT = RANKS.index("grant")


def a_cell(data: st.DataObject, policy: CompiledPolicy) -> tuple[int, ...]:
    """A cell of a rule: rules that hold in few cells are drawn as often as others."""
    rule = data.draw(st.sampled_from(sorted(set(policy.rules.ravel().tolist()))))
    cells = np.flatnonzero(policy.rules.ravel() == rule)
    cell = cells[data.draw(st.integers(0, len(cells) - 1))]
    return tuple(int(i) for i in np.unravel_index(cell, policy.shape))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_short_of_a_grant_what_decided_is_enough(policy, data):
    levels = a_cell(data, policy)
    found = deciding_domains(policy, levels)
    names = [domain.id for domain in policy.domains]
    when = policy.policy.rules[int(policy.rules[levels])].when
    assert set(when) <= {names[d] for d in found}
    now = int(policy.outcomes[levels])
    if now < GRANT:
        kept = found | {d for d, name in enumerate(names) if name == "assessment"}
        best = tuple(level if d in kept else 0 for d, level in enumerate(levels))
        assert policy.outcomes[best] <= now
        assert all(levels[d] or names[d] in when or names[d] == "assessment" for d in found)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
def test_of_each_rule_there_is_something_that_decided(policy):
    for rule in set(policy.rules.ravel().tolist()):
        cell = int(np.flatnonzero(policy.rules.ravel() == rule)[0])
        levels = tuple(int(i) for i in np.unravel_index(cell, policy.shape))
        assert deciding_domains(policy, levels), policy.policy.rules[rule].id


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_cases_that_are_alike_are_told_alike(policy, data):
    hidden = frozenset({"victims"})
    levels = a_cell(data, policy)
    alike = list(cases_alike(policy, levels, hidden))
    assert levels in alike
    assert alike == sorted(alike)
    told = {
        (next(cases_alike(policy, case, hidden)), changes_alike(policy, case, hidden))
        for case in alike
    }
    assert len(told) == 1


def decided(policy: CompiledPolicy, levels: tuple[int, ...]) -> Decided:
    """A case at some levels; which requirement is not met does not matter here."""
    rule = int(policy.rules[levels])
    return Decided(
        requirements=tuple(levels[0] for _ in policy.policy.requirements),
        levels=levels,
        cell=int(np.ravel_multi_index(levels, policy.shape)),
        rule=rule,
        outcome=policy.policy.rules[rule].outcome,
        conditions=(),
        bands=(),
    )


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_the_reasons_that_the_person_is_told_do_not_depend_on_victims(policy, data):
    hidden = frozenset({"victims"})
    unread = [math.nan] * len(policy.inputs)
    alike = cases_alike(policy, a_cell(data, policy), hidden)
    told = {
        tuple(
            _reasons(
                policy, _first_alike(policy, decided(policy, case), hidden), unread, catalogue()
            )
        )
        for case in alike
    }
    assert len(told) == 1


def test_an_earlier_rule_on_victims_hides_no_other_reason():
    """That victims were weighed first is what the person may not read off the reasons."""
    policy = next(p for p in POLICIES if p.id == "conditional_release/2021-07-01")
    wanted = {"risk": "high", "victims": "weighty", "assessment": "none"}
    levels = tuple(
        next(i for i, v in enumerate(d.levels) if v.id == wanted.get(d.id, d.levels[0].id))
        for d in policy.domains
    )
    case, unread = decided(policy, levels), [math.nan] * len(policy.inputs)
    assert [r.name for r in _reasons(policy, case, unread, catalogue())] == ["victims"]
    alike = _first_alike(policy, case, frozenset({"victims"}))
    assert [r.name for r in _reasons(policy, alike, unread, catalogue())] == ["risk"]


def test_the_conduct_that_is_too_little_for_a_promotion_is_named():
    """The last rule of promotion names nothing: it applies because nothing better did."""
    policy = next(p for p in POLICIES if p.id == "promotion/2020-10-01")
    names = [domain.id for domain in policy.domains]
    levels = [0] * len(names)
    for name, level in (("conduct", "not_shown"), ("willingness", "does_not_apply")):
        d = names.index(name)
        levels[d] = next(i for i, v in enumerate(policy.domains[d].levels) if v.id == level)
    assert policy.policy.rules[int(policy.rules[tuple(levels)])].when == {}
    found = {names[d] for d in deciding_domains(policy, tuple(levels))}
    assert found == {"conduct", "willingness"}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
def test_of_a_grant_by_a_rule_that_names_nothing_what_could_have_given_less_decided(policy):
    """All else as it is, each domain that decided has a level with less, and no other has one."""
    for cell in np.flatnonzero(policy.outcomes.ravel() == GRANT)[:20]:
        levels = tuple(int(i) for i in np.unravel_index(cell, policy.shape))
        if policy.policy.rules[int(policy.rules[levels])].when:
            continue
        found = deciding_domains(policy, levels)
        for d, size in enumerate(policy.shape):
            others = {
                int(policy.outcomes[(*levels[:d], v, *levels[d + 1 :])])
                for v in range(size)
                if v != levels[d]
            }
            assert (d in found) is (min(others, default=GRANT) < GRANT)
