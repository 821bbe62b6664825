"""Two versions of a policy, laid beside each other."""

from __future__ import annotations

from itertools import pairwise

import pytest

from decision import reference
from decision.changing import with_outcome, without_domain
from decision.golden_cases import SHIPPED
from decision.trial import NEW, OLD
from risicoscreener.decision import OUTCOMES, compare
from risicoscreener.errors import RisicoscreenerError


def test_a_policy_does_not_differ_from_itself(leave):
    found = compare(leave, leave)
    assert (found.more, found.less, found.cells) == (0, 0, leave.outcomes.size)
    assert found.limits == ()
    for rank, outcome in enumerate(OUTCOMES):
        assert found.count(outcome, outcome) == (leave.outcomes == rank).sum()


def test_one_other_rule_moves_exactly_its_cells(leave):
    changed = with_outcome(leave.policy, "victims_weighty", "deny")
    found = compare(leave, changed)
    rule = [r.id for r in leave.policy.rules].index("victims_weighty")
    assert found.less == found.count("deep_assessment", "deny") == (leave.rules == rule).sum()
    assert found.more == 0
    assert f"Equal: {found.cells - found.less} cases." in found.text("en")
    (shift,) = [s for s in found.shifts if s.old != s.new]
    assert shift.new_rule == leave.policy.rules[rule].text
    assert "dat dit tot een verdiepende risicotaxatie leidt, is een keuze" in shift.new_source.nl
    new = f"    new: {shift.new_rule.en} [Rtvi art. 15 (Stcrt. 2021-28357); victims' interests are weighed;"
    assert new in found.text("en")
    assert shift.example.en == (
        "interests of victims and next of kin: weighty interest: high need for protection, or a victim "
        "objects; deep risk assessment: not asked for; all else at the best level"
    )


def test_what_gives_more_liberty_the_other_way_gives_less(leave):
    changed = with_outcome(leave.policy, "victims_weighty", "deny")
    there, back = compare(leave, changed), compare(changed, leave)
    assert (there.less, there.more) == (back.more, back.less)
    assert there.to_frame().T.to_numpy().tolist() == back.to_frame().to_numpy().tolist()


def test_counts_are_those_of_a_direct_reading_of_both_files():
    expected = dict.fromkeys([(a, b) for a in OUTCOMES for b in OUTCOMES], 0)
    shared = {"conduct": ("good", "intolerable", "unknown")}
    best_old = {"flight": "no_sign", "reliability": "reliable", "address": "acceptable"}
    for case in reference.cells(NEW.policy):
        if case["effort"] != "active" or case["conduct"] not in shared["conduct"]:
            continue
        new = NEW.policy.rules[reference.rule_of(NEW.policy, case)].outcome
        old = OLD.policy.rules[reference.rule_of(OLD.policy, case | best_old)].outcome
        expected[old, new] += 1
    found = compare(OLD, NEW)
    assert {pair: found.count(*pair) for pair in expected} == expected
    assert found.cells == sum(expected.values())


def test_what_one_version_lacks_is_said():
    text = compare(OLD, NEW).text("en")
    assert "only in the old version, taken at its best level: flight from detention" in text
    assert "only in the new version, taken at its best level: effort for the D&R plan" in text
    assert "levels that are not in both versions are left out" in text


def test_a_domain_that_only_one_version_has_is_taken_at_its_best(leave):
    without = without_domain(leave.policy, "effort")
    found = compare(leave, without)
    assert found.cells == without.outcomes.size
    assert [limit.en for limit in found.limits] == [
        "only in the old version, taken at its best level: effort for the D&R plan"
    ]


@pytest.mark.parametrize("kind", sorted({p.policy.kind for p in SHIPPED.values()}))
def test_the_shipped_versions_of_each_kind_can_be_compared(kind):
    versions = [p for p in SHIPPED.values() if p.policy.kind == kind]
    for old, new in pairwise([versions[0], *versions]):
        found = compare(old, new)
        assert found.cells == sum(s.cells for s in found.shifts)
        assert found.cells == found.to_frame().to_numpy().sum()


def test_a_comparison_is_read_in_two_languages_and_as_plain_values():
    found = compare(OLD, NEW)
    assert "vergeleken met" in found.text("nl")
    assert found.text() == found.text("nl")
    lines = found.text("en").splitlines()
    at = next(
        i for i, line in enumerate(lines) if "from 'deny' to 'deep risk assessment first'" in line
    )
    assert lines[at + 1].startswith("    for example: confrontation with victims")
    assert lines[at + 2] == (
        "    old: There is a risk of an unwanted confrontation with victims. "
        "[Rtvi art. 4 sub g (BWBR0010171, 2017)]"
    )
    assert lines[at + 3].startswith("    new: ")
    assert sum("for example:" in line for line in lines) == 2
    plain = found.to_dict()
    assert plain["old"] == "leave/1999-01-01"
    assert sum(s["cells"] for s in plain["shifts"]) == plain["cells"]
    frame = found.to_frame()
    assert list(frame.columns) == list(frame.index) == list(OUTCOMES)
    assert (frame.index.name, frame.columns.name) == ("old", "new")
    with pytest.raises(RisicoscreenerError, match="language"):
        found.text("fr")
