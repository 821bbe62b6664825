"""Changes of a policy: each is found by what verifying the changed policy finds, or by a case."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from decision.changing import (
    TEXT,
    with_outcome,
    with_rule,
    with_when,
    without_domain,
    without_rule,
)
from decision.trial import NEW
from risicoscreener.decision import OUTCOMES, CompiledPolicy, flips, verify
from risicoscreener.decision.cells import Cells
from risicoscreener.decision.flips import flips_found
from risicoscreener.decision.mutation import (
    TABLE_CHECKS,
    _changed_rules,
    _holds,
    mutate,
    mutate_bounds,
    mutate_cells,
    mutate_rules,
)
from risicoscreener.decision.policy import Condition, Exemption, Property
from risicoscreener.decision.properties import PROPERTIES, broken
from risicoscreener.errors import PolicyError, RisicoscreenerError

FIRST = NEW.policy.conditions[0].id


def _property(name: str, **demand: object) -> Property:
    return Property(id=name, text=TEXT, source="a trial", **demand)


def _small(*properties: Property, exempt: tuple[str, ...] = ()) -> CompiledPolicy:
    """The trial policy without what most of its cells come from."""
    kept = ("conduct", "victims", "assessment")
    policy = NEW.policy
    rules = tuple(r for r in policy.rules if not set(r.when) & {"effort", "gravity"})
    return CompiledPolicy(
        replace(
            policy,
            domains=tuple(d for d in policy.domains if d.id in kept),
            rules=rules,
            conditions=tuple(c for c in policy.conditions if set(c.when) <= {*kept, "risk"}),
            properties=properties,
            exempt={name: Exemption(TEXT, "a trial") for name in exempt},
        )
    )


ONE_ROW = {
    "admissibility": ("met",),
    "dossier": ("sound",),
    "risk": ("low",),
    "certainty": ("certain",),
    "conduct": ("good",),
    "assessment": ("none",),
}
POLICIES = {
    "general": _small(),
    "own": _small(
        _property("pinned", when={"conduct": ("intolerable",)}, outcomes=("deny",)),
        _property(
            "two", when={"risk": ("moderate",)}, outcomes=("deny", "grant", "deep_assessment")
        ),
        _property("row", when=ONE_ROW, matters="victims"),
        _property(
            "part", when={**ONE_ROW, "victims": ("none_known", "weighty")}, matters="victims"
        ),
        _property("attached", when={"risk": ("low",)}, conditions=(FIRST,)),
    ),
    "exempt": _small(
        exempt=("score_never_denies_alone", "victims_count", "worst_conduct_never_grants")
    ),
}


def _found(compiled: CompiledPolicy, outcomes: np.ndarray) -> bool:
    """Whether verifying the changed table fails, apart from what compares it with its rules."""
    changed = CompiledPolicy(compiled.policy)
    changed.rules, changed.outcomes = compiled.rules, outcomes
    return bool(set(verify(changed).failed()) - set(TABLE_CHECKS))


@pytest.mark.parametrize("compiled", POLICIES.values(), ids=POLICIES)
def test_a_change_of_one_cell_is_found_just_where_verifying_the_changed_table_finds_it(compiled):
    assert verify(compiled).ok
    found = flips_found(Cells(compiled))

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def holds(data):
        # Cells near a border between outcomes are few; they are drawn as often as all others.
        unfound = np.argwhere(found.sum(axis=0) < 2)
        anywhere = st.tuples(*(st.integers(0, size - 1) for size in compiled.shape))
        near = (
            st.sampled_from([tuple(map(int, c)) for c in unfound[:500]])
            if len(unfound)
            else anywhere
        )
        cell = data.draw(anywhere | near)
        outcome = data.draw(st.integers(0, len(OUTCOMES) - 1))
        outcomes = compiled.outcomes.copy()
        outcomes[cell] = outcome
        if outcome != compiled.outcomes[cell]:
            assert bool(found[(outcome, *cell)]) == _found(compiled, outcomes)
        else:
            assert not found[(outcome, *cell)]

    holds()


def _told(cells: Cells, fails, found: np.ndarray, where: np.ndarray) -> None:
    """Each change of these cells is found just where the property fails on the changed table."""
    for cell in map(tuple, where.tolist()):
        for outcome in range(len(OUTCOMES)):
            outcomes = cells.outcomes.copy()
            outcomes[cell] = outcome
            if outcome != cells.outcomes[cell]:
                expected = fails(cells.with_outcomes(outcomes)) is not None
                assert bool(found[(outcome, *cell)]) == expected, (cell, outcome)


@pytest.mark.parametrize("name", flips._GENERAL)
def test_a_general_property_finds_the_change_of_a_cell_just_where_it_fails_then(name):
    cells = Cells(POLICIES["general"])
    assert PROPERTIES[name](cells) is None
    found = np.zeros((len(OUTCOMES), *cells.outcomes.shape), bool)
    flips._GENERAL[name](cells, found)
    rng = np.random.default_rng(5)
    anywhere = rng.integers(0, cells.outcomes.shape, (600, cells.outcomes.ndim))
    usual = [domain.usual for domain in cells.compiled.domains]
    plain = np.where(rng.random(anywhere.shape) < 0.8, usual, anywhere)
    _told(cells, PROPERTIES[name], found, np.concatenate((anywhere, plain)))


def test_without_a_deep_assessment_none_may_be_asked_for():
    compiled = without_domain(_small().policy, "assessment")
    rules = tuple(
        replace(r, outcome="deny") if r.outcome == "deep_assessment" else r
        for r in compiled.policy.rules
    )
    cells = Cells(CompiledPolicy(replace(compiled.policy, rules=rules)))
    found = np.zeros((len(OUTCOMES), *cells.outcomes.shape), bool)
    flips._assessment_matters(cells, found)
    assert found[OUTCOMES.index("deep_assessment")].all()
    assert found.sum() == cells.outcomes.size


WEIGHTY_ONLY = {**ONE_ROW, "victims": ("weighty",)}
TWO_ROWS = {**ONE_ROW, "conduct": ("good", "poor")}


@pytest.mark.parametrize(
    ("when", "demand", "allowed"),
    [
        ({**ONE_ROW, "victims": ("none_known",)}, {"outcomes": ("grant",)}, None),
        (ONE_ROW, {"matters": "victims"}, None),
        ({**ONE_ROW, "victims": ("none_known", "weighty")}, {"matters": "victims"}, None),
        ({**TWO_ROWS, "victims": ("none_known", "weighty")}, {"matters": "victims"}, None),
        (
            {**TWO_ROWS, "conduct": ("good", "mixed"), "victims": ("none_known", "weighty")},
            {"matters": "victims"},
            None,
        ),
        (TWO_ROWS, {"matters": "victims"}, None),
        (ONE_ROW, {"conditions": ("always", "for_victims")}, ("weighty",)),
        (ONE_ROW, {"conditions": ("always", "for_victims")}, ("weighty", "met_by_conditions")),
        (WEIGHTY_ONLY, {"conditions": ("always",)}, ("weighty",)),
        ({**ONE_ROW, "conduct": ("good", "mixed")}, {"conditions": ("for_victims",)}, ("weighty",)),
    ],
)
def test_a_demand_of_a_policy_finds_the_change_of_a_cell_just_where_it_fails_then(
    when, demand, allowed
):
    some = {"text": TEXT, "source": "a trial"}
    victims = {"victims": ("met_by_conditions", "weighty")}
    conditions = (Condition(id="always", **some), Condition(id="for_victims", when=victims, **some))
    own = _property("own", when=when, **demand)
    policy = replace(_small().policy, conditions=conditions, properties=(own,))
    cells = Cells(CompiledPolicy(policy))
    there = cells.matching(when)
    if allowed is not None:
        outcomes = np.where(there & ~cells.matching({"victims": allowed}), 0, cells.outcomes)
        outcomes[there & cells.matching({"victims": allowed})] = 2
        cells = cells.with_outcomes(outcomes.astype(np.int8))
    assert broken(cells, own) is None
    found = np.zeros((len(OUTCOMES), *cells.outcomes.shape), bool)
    flips._own(cells, found, own)
    row = np.argwhere(np.broadcast_to(there, cells.outcomes.shape))
    others = np.random.default_rng(6).integers(0, cells.outcomes.shape, (100, row.shape[1]))
    _told(cells, lambda changed: broken(changed, own), found, np.concatenate((row, others)))


@pytest.mark.parametrize("compiled", POLICIES.values(), ids=POLICIES)
def test_what_is_forbidden_in_a_cell_is_found_in_that_cell_and_holds_now(compiled):
    cells = Cells(compiled)
    forbidden, found = flips.outcomes_forbidden(cells), flips_found(cells)
    assert forbidden.any()
    for outcome in range(len(OUTCOMES)):
        other = compiled.outcomes != outcome
        assert not (forbidden[outcome] & ~other).any()
        assert not (forbidden[outcome] & other & ~found[outcome]).any()


def test_the_last_grant_that_victims_undo_is_missed():
    policy = without_rule(_small().policy, "victims_weighty").policy
    compiled = with_rule(policy, 0, {**ONE_ROW, "victims": ("weighty",)}, "deep_assessment")
    cells = Cells(compiled)
    fails = PROPERTIES["victims_count"]
    assert fails(cells) is None
    found = np.zeros((len(OUTCOMES), *compiled.shape), bool)
    flips._victims_count(cells, found)
    weighty = next(
        tuple(map(int, cell))
        for cell in np.argwhere(cells.matching({**ONE_ROW, "victims": ("weighty",)}))
    )
    row = (weighty, cells.moved(weighty, "victims", 0), cells.moved(weighty, "victims", 1))
    for cell in row:
        for outcome in range(len(OUTCOMES)):
            outcomes = compiled.outcomes.copy()
            outcomes[cell] = outcome
            missed = fails(cells.with_outcomes(outcomes)) is not None
            if outcome != compiled.outcomes[cell]:
                assert bool(found[(outcome, *cell)]) == missed
    assert found.any()


def test_cells_are_counted_once_and_cases_find_the_cells_they_pin():
    compiled = POLICIES["general"]
    cells = Cells(compiled)
    found = mutate_cells(cells, {})
    assert found.tried == 2 * compiled.outcomes.size == 2 * found.table
    assert found.by_properties + found.by_cases + found.survived == found.tried
    assert found.by_cases == 0
    assert found.survived > 0
    found_flips = flips_found(cells)
    left = np.argwhere(found_flips.sum(axis=0) < 2)
    pinned = {tuple(map(int, c)): OUTCOMES[compiled.outcomes[tuple(c)]] for c in left}
    told = mutate_cells(cells, pinned)
    assert (told.survived, told.by_cases) == (0, found.survived)
    for survivors in found.survivors:
        assert sum(survivors.rules.values()) == survivors.cells


def test_what_no_inputs_give_is_no_cell_that_matters(leave):
    policy = POLICIES["general"].policy
    never = tuple(
        replace(d, readings=tuple(r for r in d.readings if r.level != "mixed"))
        if d.id == "conduct"
        else d
        for d in policy.domains
    )
    compiled = CompiledPolicy(replace(policy, domains=never))
    found = mutate_cells(Cells(compiled), {})
    conduct = [d.id for d in compiled.domains].index("conduct")
    assert found.reachable * compiled.shape[conduct] == found.table * (compiled.shape[conduct] - 1)


def test_a_changed_rule_gives_the_table_that_compiling_the_changed_policy_gives():
    compiled = POLICIES["general"]
    policy = compiled.policy
    cells = Cells(compiled)
    tables = {(kind, what): table for kind, what, table in _changed_rules(cells)}
    names = [r.id for r in policy.rules]
    assert sum(kind == "outcome" for kind, _ in tables) == 2 * len(names)
    for rule in policy.rules:
        for outcome in OUTCOMES:
            if outcome != rule.outcome:
                expected = with_outcome(policy, rule.id, outcome).outcomes
                np.testing.assert_array_equal(tables["outcome", f"{rule.id}: {outcome}"], expected)
    for place, name in enumerate(names[:-1]):
        np.testing.assert_array_equal(tables["dropped", name], without_rule(policy, name).outcomes)
        rules = list(policy.rules)
        rules[place : place + 2] = rules[place + 1], rules[place]
        if rules[-1].when == {}:
            swapped = CompiledPolicy(replace(policy, rules=tuple(rules)))
            np.testing.assert_array_equal(
                tables["swapped", f"{name} / {names[place + 1]}"], swapped.outcomes
            )
    levels = {domain.id: [level.id for level in domain.levels] for domain in compiled.domains}
    assert {what for kind, what in tables if kind == "level"} == {
        f"{rule.id}: {domain} {'-' if level in asked else '+'} {level}"
        for rule in policy.rules
        for domain, asked in rule.when.items()
        for level in levels[domain]
        if asked != (level,)
    }
    for (kind, what), table in tables.items():
        if kind != "level":
            continue
        name, change = what.split(": ")
        domain, sign, level = change.split()
        when = dict(next(r.when for r in policy.rules if r.id == name))
        levels = when[domain]
        when[domain] = (*levels, level) if sign == "+" else tuple(v for v in levels if v != level)
        np.testing.assert_array_equal(table, with_when(policy, name, when).outcomes)


def test_a_changed_rule_is_found_by_a_property_then_by_a_case_or_not_at_all():
    compiled = POLICIES["general"]
    cells = Cells(compiled)
    alone = {(m.kind, m.what): m.found_by for m in mutate_rules(cells, {})}
    assert set(alone.values()) == {"properties", "equivalent", "nothing"}
    everywhere = {
        tuple(map(int, c)): OUTCOMES[compiled.outcomes[tuple(c)]]
        for c in np.ndindex(compiled.shape)
    }
    pinned = {(m.kind, m.what): m.found_by for m in mutate_rules(cells, everywhere)}
    for key, found in alone.items():
        assert pinned[key] == ("cases" if found == "nothing" else found)


def test_a_case_elsewhere_does_not_find_the_change_of_a_rule():
    compiled = POLICIES["general"]
    alone = {(m.kind, m.what): m.found_by for m in mutate_rules(Cells(compiled), {})}
    tables = {(kind, what): table for kind, what, table in _changed_rules(Cells(compiled))}
    worst = tuple(size - 1 for size in compiled.shape)
    pinned = {worst: OUTCOMES[compiled.outcomes[worst]]}
    seen = set()
    for m in mutate_rules(Cells(compiled), pinned):
        moved = tables[m.kind, m.what][worst] != compiled.outcomes[worst]
        expected = "cases" if moved else "nothing"
        was = alone[m.kind, m.what]
        assert m.found_by == (expected if was == "nothing" else was)
        seen.add((was, moved))
    assert ("nothing", False) in seen


def test_whether_all_holds_is_asked_of_the_properties_of_the_policy_too():
    assert all(_holds(Cells(compiled)) for compiled in POLICIES.values())
    wrong = _property("wrong", when=ONE_ROW, outcomes=("deny",))
    assert not _holds(Cells(_small(wrong)))
    assert not _holds(Cells(with_outcome(_small().policy, "conduct_intolerable", "grant")))


def test_a_case_that_comes_out_as_it_says_is_taken_and_one_of_another_shape_is_not():
    compiled = POLICIES["own"]
    best = (0,) * len(compiled.shape)
    outcome = OUTCOMES[compiled.outcomes[best]]
    assert mutate(compiled, {best: outcome}).cells.by_cases <= mutate(compiled).cells.survived
    with pytest.raises(PolicyError, match="do not give"):
        mutate(compiled, {best[1:]: outcome})


def test_a_bound_off_by_one_is_found_by_the_case_that_lies_on_it(leave):
    def conduct(compiled: CompiledPolicy, incidents: float) -> int:
        inputs = [incidents if n == "undesired_incidents_6m" else 0.0 for n in compiled.inputs]
        scores = [(0.01, None, None, True)] * len(compiled.models)
        return compiled.decide_one(inputs, scores).levels[4]

    def mixed_at(incidents: float):
        return lambda compiled: conduct(compiled, incidents) == conduct(leave, incidents)

    name = "domains/conduct: mixed: undesired_incidents_6m min 1 -> {}"
    found = {m.what: m.found_by for m in mutate_bounds(leave, [mixed_at(0), mixed_at(1)])}
    assert found[name.format(0)] == found[name.format(2)] == "cases"
    found = {m.what: m.found_by for m in mutate_bounds(leave, [mixed_at(1)])}
    assert (found[name.format(0)], found[name.format(2)]) == ("nothing", "cases")
    assert "refused" in found.values()


def test_a_bound_that_nobody_can_notice_is_no_change(leave):
    conduct, *others = leave.policy.domains
    first = conduct.readings[0]
    shadowed = replace(first, any=tuple(replace(t, min=3.0) for t in first.any))
    double = replace(conduct, readings=(first, shadowed, *conduct.readings[1:]))
    compiled = CompiledPolicy(replace(leave.policy, domains=(double, *others)))
    found = {m.what: m.found_by for m in mutate_bounds(compiled, [])}
    assert found["domains/conduct: intolerable: escapes_detention min 3 -> 4"] == "equivalent"


def test_only_a_policy_that_holds_is_changed(leave):
    broken = with_outcome(leave.policy, "conduct_intolerable", "grant")
    with pytest.raises(PolicyError, match=r"worst_conduct_never_grants.* does not hold"):
        mutate(broken)
    best = (0,) * len(leave.shape)
    with pytest.raises(PolicyError, match="do not give deny as a case says"):
        mutate(leave, {best: "deny"})
    with pytest.raises(PolicyError, match="a case comes out otherwise"):
        mutate(leave, {}, [lambda _: False])


def test_a_report_counts_everything_and_is_read_in_two_languages():
    report = mutate(POLICIES["own"])
    assert report.survived == report.cells.survived + len(report.unseen())
    assert sum(sum(by.values()) for by in report.counts().values()) == len(report.file)
    assert f"{report.cells.survived}" in report.text("en")
    assert "by NOTHING" in report.text("en")
    assert "door NIETS" in report.text("nl")
    assert json.loads(json.dumps(report.to_dict()))["survived"] == report.survived
    with pytest.raises(RisicoscreenerError, match="language"):
        report.text("fr")


def test_a_bound_past_a_code_that_does_not_exist_changes_nothing():
    unknown = mutate(NEW)
    told = mutate(NEW, codes={"deep_assessment_state": (0.0, 1.0, 2.0, 3.0, 4.0)})
    about = [m.what for m in unknown.unseen() if "deep_assessment_state max 4" in m.what]
    assert about
    assert not set(about) & {m.what for m in told.unseen()}
    assert {m.what for m in told.unseen()} < {m.what for m in unknown.unseen()}
