"""The scenarios are enough, rest on the law, and wait for nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache

import pytest

from cases import ROOT
from decision.golden_cases import CASES, FINDINGS
from scenarios.align import aligned
from scenarios.finding import OUTCOMES, articles, names, part_named, policies
from scenarios.reading import ARTICLE, HERE, told

ENOUGH = 10
NO_POLICY = "is er voor die dag geen regeling"
FOUND = re.compile(r'is aan het vereiste "([^"]+)" (voldaan|niet voldaan)')
NEVER_NOT_MET: dict[str, tuple[str, ...]] = {}
"""Requirements that no scenario or golden case shows as not met, by policy."""


def test_each_policy_has_enough_scenarios():
    count = Counter(case.policy for case in told())
    few = {policy: count[policy] for policy in policies() if count[policy] < ENOUGH}
    assert not few


def test_no_scenario_waits_for_a_policy():
    assert {case.policy for case in told()} == set(policies())


def test_each_scenario_stands_under_an_article():
    assert not [f"{c.file}: {c.scenario}" for c in told() if not ARTICLE.search(c.article)]


def test_each_row_of_an_outline_is_another_edge():
    rows = defaultdict(list)
    for case in told():
        rows[case.file, case.article, case.scenario].append(case.case)
    same = [where for where, cases in rows.items() if len(set(cases)) < len(cases)]
    assert not same
    unnamed = [where for where, cases in rows.items() if len(cases) > 1 and None in cases]
    assert not unnamed


def test_each_scenario_says_what_must_follow():
    assert not [
        f"{c.file}: {c.scenario}"
        for c in told()
        if not any(
            step in OUTCOMES
            or "vereiste" in step
            or "als voorwaarde" in step
            or step == NO_POLICY
            or step.startswith("beslist ")
            for step in c.steps
        )
    ]


@cache
def shown() -> dict[str, set[tuple[str, str]]]:
    """Per policy the requirements that scenarios and golden cases show, and how they stand."""
    found = defaultdict(set)
    for case in told():
        compiled = policies().get(case.policy)
        if compiled is None:
            continue
        for step in case.steps:
            if match := FOUND.fullmatch(step):
                level = "met" if match[2] == "voldaan" else "not_met"
                found[case.policy].add((part_named(match[1], compiled), level))
            if OUTCOMES.get(step) == "grant":
                found[case.policy] |= _all_met(case.policy)
    for golden in CASES:
        if golden.outcome == "grant":
            found[golden.policy] |= _all_met(golden.policy)
    for finding in FINDINGS:
        found[finding.policy].add((finding.of, finding.level))
    return found


def _all_met(policy: str) -> set[tuple[str, str]]:
    """Who is granted something meets every requirement; `verify` proves it in every cell."""
    return {(r.id, "met") for r in policies()[policy].policy.requirements}


@pytest.mark.parametrize("policy", sorted(policies()))
def test_each_requirement_is_shown_as_met_and_as_not_met(policy):
    expected = {
        (r.id, level)
        for r in policies()[policy].policy.requirements
        for level in ("met", "not_met")
        if level == "met" or r.id not in NEVER_NOT_MET.get(policy, ())
    }
    assert expected <= shown()[policy], sorted(expected - shown()[policy])


def test_exceptions_are_still_needed():
    for policy, ids in NEVER_NOT_MET.items():
        for name in ids:
            assert (name, "not_met") not in shown()[policy]


def test_the_page_shows_scenarios_that_exist():
    page = (ROOT / "docs" / "policies" / "scenarios.md").read_text("utf-8")
    shown = re.findall(r"^```gherkin\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown
    scenarios = [path.read_text("utf-8") for path in HERE.glob("*.feature")]
    for block in shown:
        assert any(_words(block) in _words(text) for text in scenarios), block


def _words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("path", sorted(HERE.glob("*.feature")), ids=lambda path: path.stem)
def test_tables_are_lined_up(path):
    text = path.read_text("utf-8")
    assert text == aligned(text), "run python tests/scenarios/align.py"


def test_an_article_keeps_its_law():
    source = "Pbw art. 4 lid 2, 6 (BWBR0009709, 2017); Pm art. 5 lid 1; art. 6 (BWBR0009398, 2017)"
    assert articles(source) == [
        "Pbw art. 4 lid 2, 6 (BWBR0009709, 2017)",
        "Pm art. 5 lid 1",
        "Pm art. 6 (BWBR0009398, 2017)",
    ]


@pytest.mark.parametrize("of", ["requirements", "conditions"])
def test_each_name_is_used_and_stands_for_what_exists(of):
    steps = "\n".join(step for case in told() for step in case.steps)
    assert not [phrase for phrase in names()[of] if f'"{phrase}"' not in steps]
    known = {
        part.id
        for compiled in policies().values()
        for part in (
            *compiled.policy.requirements,
            *compiled.policy.domains,
            *compiled.policy.conditions,
        )
    }
    assert not {name for ids in names()[of].values() for name in ids} - known
