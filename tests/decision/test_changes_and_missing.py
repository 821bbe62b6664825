"""What would change an outcome, what is missing, and who can supply it."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision import trial
from decision.golden_cases import CASES, SHIPPED
from risicoscreener.decision import OUTCOMES, Change, CompiledPolicy
from risicoscreener.decision.compiled import _better_levels


def cell(compiled: CompiledPolicy, **levels: str) -> int:
    """A cell by names: everything best, nothing asked of an assessment, but for these."""
    named = {d.id: d.levels[d.usual].id for d in compiled.domains} | levels
    position = [[v.id for v in d.levels].index(named[d.id]) for d in compiled.domains]
    return int(np.ravel_multi_index(position, compiled.shape))


def told(compiled: CompiledPolicy, change: Change) -> tuple[dict[str, str], str]:
    steps = {compiled.domains[d].id: compiled.domains[d].levels[v].id for d, v in change.steps}
    return steps, change.outcome


def test_what_is_granted_needs_no_change(leave):
    assert leave.changes(cell(leave)) == ()


def test_poor_conduct_has_to_become_mixed_only(leave):
    changes = [told(leave, c) for c in leave.changes(cell(leave, conduct="poor"))]
    assert changes == [({"conduct": "mixed"}, "grant")]


def test_a_missing_requirement_has_to_be_met(leave):
    changes = [told(leave, c) for c in leave.changes(cell(leave, admissibility="unknown"))]
    assert changes == [({"admissibility": "met"}, "grant")]


def test_high_risk_itself_is_not_something_to_change_but_an_assessment_is(leave):
    changes = [told(leave, c) for c in leave.changes(cell(leave, risk="high"))]
    assert changes == [({"assessment": "favourable"}, "grant")]


def test_each_single_change_that_helps_is_given_nearest_first(leave):
    found = leave.changes(cell(leave, victims="weighty"))
    assert [told(leave, c) for c in found] == [
        ({"victims": "met_by_conditions"}, "grant"),
        ({"assessment": "favourable"}, "grant"),
    ]


def test_two_obstacles_need_two_changes(leave):
    changes = [told(leave, c) for c in leave.changes(cell(leave, conduct="poor", effort="refuses"))]
    assert changes == [({"conduct": "mixed", "effort": "partial"}, "grant")]


def test_three_obstacles_are_more_than_two_changes_can_help(leave):
    assert (
        leave.changes(cell(leave, conduct="poor", effort="refuses", admissibility="not_met")) == ()
    )


def test_the_gravity_of_the_offence_cannot_be_changed(leave):
    changes = leave.changes(cell(leave, gravity="unknown"))
    assert changes == ()


def test_that_an_unfavourable_assessment_expires_is_no_advice(leave):
    changes = [told(leave, c) for c in leave.changes(cell(leave, assessment="unfavourable"))]
    assert changes == [({"assessment": "favourable"}, "grant")]


def test_of_an_unknown_assessment_it_can_be_found_out_that_there_is_none(leave):
    changes = [told(leave, c) for c in leave.changes(cell(leave, assessment="unknown"))]
    assert changes == [({"assessment": "none"}, "grant")]
    high = [told(leave, c) for c in leave.changes(cell(leave, assessment="unknown", risk="high"))]
    assert high == [({"assessment": "none"}, "deep_assessment")]


def test_changes_are_worked_out_once(leave):
    position = cell(leave, conduct="poor")
    assert leave.changes(position) is leave.changes(position)


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_every_change_is_one_step_or_two_leads_to_more_liberty_and_cannot_be_smaller(compiled):
    rng = np.random.default_rng(11)
    seen = 0
    plain = [cell(compiled, admissibility="not_met"), cell(compiled, conduct="unknown")]
    for flat in [*rng.integers(0, compiled.rules.size, 400).tolist(), *plain]:
        levels = list(np.unravel_index(flat, compiled.shape))
        now = compiled.outcomes[tuple(levels)]
        changes = compiled.changes(flat)
        assert len(changes) <= 5
        for change in changes:
            seen += 1
            after = list(levels)
            for d, level in change.steps:
                assert compiled.domains[d].changeable
                assert compiled.domains[d].id not in ("risk", "certainty")
                assert level < levels[d]
                after[d] = level
            assert OUTCOMES[compiled.outcomes[tuple(after)]] == change.outcome
            assert compiled.outcomes[tuple(after)] > now
            for d, level in change.steps:
                # A level between would not have helped, others as they become.
                if compiled.domains[d].id == "assessment":
                    continue
                for between in range(level + 1, levels[d]):
                    nearer = list(after)
                    nearer[d] = between
                    assert compiled.outcomes[tuple(nearer)] <= now
        if len(changes) and len(changes[0].steps) == 2:
            for d, domain in enumerate(compiled.domains):
                if domain.id == "assessment":
                    continue
                alone = [[*levels[:d], v, *levels[d + 1 :]] for v in range(levels[d])]
                assert not domain.changeable or all(
                    compiled.outcomes[tuple(a)] <= now for a in alone
                )
    assert seen > 0


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_no_single_change_that_helps_is_left_out(compiled):
    rng = np.random.default_rng(12)
    for flat in rng.integers(0, compiled.rules.size, 300).tolist():
        levels = list(np.unravel_index(flat, compiled.shape))
        now = compiled.outcomes[tuple(levels)]
        helping = {
            d
            for d, domain in enumerate(compiled.domains)
            if domain.changeable
            and domain.id != "assessment"
            and any(
                compiled.outcomes[(*levels[:d], v, *levels[d + 1 :])] > now
                for v in range(levels[d])
            )
        }
        changes = [c for c in compiled.changes(flat) if len(c.steps) == 1]
        given_ = {compiled.domains[c.steps[0][0]].id for c in changes} - {"assessment"}
        assert given_ == {compiled.domains[d].id for d in helping} or len(changes) == 5


def _expected(compiled: CompiledPolicy, levels: tuple[int, ...]) -> list[tuple[int, int, set]]:
    """Distance, outcome and steps of each change to give, by trying all."""
    now = compiled.outcomes[levels]
    options = [
        (d, _better_levels(domain, levels[d]))
        for d, domain in enumerate(compiled.domains)
        if domain.changeable
    ]

    def nearest(steps: list[tuple[tuple[int, int], ...]]) -> list[tuple[int, int, set]]:
        for change in sorted(steps, key=lambda c: sum(levels[d] - level for d, level in c)):
            then = list(levels)
            for d, level in change:
                then[d] = level
            if (outcome := compiled.outcomes[tuple(then)]) > now:
                return [(sum(levels[d] - v for d, v in change), int(outcome), {*change})]
        return []

    one = [found for d, better in options for found in nearest([((d, v),) for v in better])]
    two = [
        found
        for (d, some), (e, others) in combinations(options, 2)
        for found in nearest([((d, v), (e, w)) for v in some for w in others])
    ]
    return sorted(one or two, key=lambda f: (f[0], -f[1]))


@pytest.mark.parametrize(("share", "most"), [(0.02, 3), (0.2, 6)])
def test_changes_are_the_first_five_of_those_that_trying_all_finds(share, most):
    rng, counts = np.random.default_rng(13), set()
    compiled = CompiledPolicy(trial.NEW.policy)
    compiled.outcomes = rng.choice(3, compiled.shape, p=[1 - 2 * share, share, share])
    for flat in rng.integers(0, compiled.rules.size, 300).tolist():
        levels = tuple(map(int, np.unravel_index(flat, compiled.shape)))
        found, expected = compiled.changes(flat), _expected(compiled, levels)
        counts.add(len(expected))
        assert [(OUTCOMES.index(c.outcome), {*c.steps}) for c in found] == [
            (outcome, steps) for _, outcome, steps in expected[:5]
        ]
    assert {*range(most + 1)} <= counts


def test_what_is_unknown_is_listed_with_supplier_and_the_inputs_that_it_waits_for(leave):
    victims = "victims were not inquired"
    case = next(c for c in CASES if c.policy == leave.id and c.name.startswith(victims))
    inputs, scores = case.arguments(leave)
    (missing,) = leave.missing(inputs, leave.decide_one(inputs, scores))
    assert missing.name == "victims"
    assert missing.text.en == "victims' interests not (fully) inquired"
    assert "Victim Support" in missing.supplier.en
    assert missing.inputs == ("victims_protection_need", "victims_open_objection")


def test_only_the_unknown_inputs_of_a_requirement_are_named(leave):
    case = next(c for c in CASES if c.policy == leave.id)
    inputs, scores = case.arguments(leave)
    inputs[leave.inputs.index("in_ta")] = math.nan
    (missing,) = leave.missing(inputs, leave.decide_one(inputs, scores))
    assert (missing.name, missing.inputs) == ("no_extra_security", ("in_ta",))
    assert missing.supplier.nl == "de selectiefunctionaris"


def test_a_known_bad_fact_leaves_nothing_missing(leave):
    case = next(c for c in CASES if c.policy == leave.id)
    inputs, scores = case.arguments(leave)
    inputs[leave.inputs.index("intolerable_incidents_6m")] = 1.0
    inputs[leave.inputs.index("escapes_detention")] = math.nan
    decided = leave.decide_one(inputs, scores)
    assert leave.missing(inputs, decided) == ()
    assert leave.policy.rules[decided.rule].id == "conduct_intolerable"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_missing_is_exactly_what_is_unknown_and_waits_for_unknown_inputs(data):
    case = data.draw(st.sampled_from(CASES))
    compiled = SHIPPED[case.policy]
    inputs, scores = case.arguments(compiled)
    for i in data.draw(st.sets(st.sampled_from(range(len(inputs))), max_size=5)):
        inputs[i] = math.nan
    decided = compiled.decide_one(inputs, scores)
    missing = compiled.missing(inputs, decided)
    unknown = [
        r.id
        for r, t in zip(compiled.policy.requirements, decided.requirements, strict=True)
        if t == 2
    ]
    unknown += [
        d.id
        for d, level in zip(compiled.domains, decided.levels, strict=True)
        if not d.built_in and d.levels[level].id == "unknown"
    ]
    assert [m.name for m in missing] == unknown
    values = dict(zip(compiled.inputs, inputs, strict=True))
    for entry in missing:
        assert entry.inputs
        assert all(math.isnan(values[name]) for name in entry.inputs)
