"""Every property is proven of the shipped policies, and found missing where it was broken."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from decision import reference
from decision.changing import with_outcome, with_rule, with_when, without_domain, without_rule
from decision.golden_cases import SHIPPED
from mutate_policies import mutants
from risicoscreener.decision import OUTCOMES, CompiledPolicy, verify
from risicoscreener.errors import RisicoscreenerError

PROPERTIES = (
    "complete",
    "monotone",
    "unknown_never_grants",
    "admissibility_first",
    "score_never_denies_alone",
    "victims_count",
    "assessment_matters",
    "worst_conduct_never_grants",
)


def counterexample(compiled: CompiledPolicy, name: str, lang: str = "en") -> str:
    """What the report says of a property that must not hold."""
    report = verify(compiled)
    assert not report.ok
    assert name in report.failed()
    check = next(c for c in report.checks if c.name == name)
    assert check.counterexample is not None
    return check.counterexample.text(lang)


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_every_shipped_policy_has_every_property(compiled):
    report = verify(compiled)
    assert report.failed() == ()
    assert report.ok
    assert tuple(c.name for c in report.checks) == PROPERTIES
    assert report.cells == compiled.outcomes.size


def test_properties_agree_with_a_slow_reading_of_every_cell(leave):
    policy = leave.policy
    victims_mattered = False
    for case in reference.cells(policy):
        outcome = policy.rules[reference.rule_of(policy, case)].outcome
        if "unknown" in case.values() or case["dossier"] == "flawed":
            assert outcome != "grant"
        if case["admissibility"] == "not_met":
            assert outcome == "deny"
        if case["conduct"] == "intolerable":
            assert outcome != "grant"
        if case["certainty"] == "outside" and case["assessment"] != "favourable":
            assert outcome != "grant"
        if outcome == "deep_assessment":
            favourable = case | {"assessment": "favourable"}
            assert case["assessment"] not in ("favourable", "unfavourable")
            assert policy.rules[reference.rule_of(policy, favourable)].outcome == "grant"
        if outcome == "grant" and case["victims"] == "none_known":
            weighty = case | {"victims": "weighty"}
            victims_mattered |= policy.rules[reference.rule_of(policy, weighty)].outcome != "grant"
        if (
            outcome == "deny"
            and case["assessment"] != "unfavourable"
            and case["admissibility"] == "met"
        ):
            best = case | {"risk": "low", "certainty": "certain"}
            assert policy.rules[reference.rule_of(policy, best)].outcome == "deny"
    assert victims_mattered


def test_a_rule_that_earlier_rules_hide_is_named(leave):
    last = len(leave.policy.rules) - 1
    broken = with_rule(leave.policy, last, {"admissibility": ("not_met",)}, "deny")
    assert counterexample(broken, "complete") == (
        "rule trial is never reached: earlier rules take all of its cases"
    )


def test_a_cell_without_a_rule_is_named(leave):
    broken = CompiledPolicy(leave.policy)
    rules = leave.rules.copy()
    rules[1, 0, 2, 0, 0, 0, 0, 0, 1] = -1
    broken.rules = rules
    assert counterexample(broken, "complete").startswith(
        "no rule matches: legal requirements: a requirement is not met; risk: high risk;"
    )


def test_a_table_that_says_something_else_than_its_rules_is_found(leave):
    broken = CompiledPolicy(leave.policy)
    outcomes = leave.outcomes.copy()
    outcomes[0, 0, 0, 0, 0, 0, 0, 0, 1] = OUTCOMES.index("deny")
    broken.outcomes = outcomes
    assert "the table says something else than rule low_risk" in counterexample(broken, "complete")


@pytest.mark.parametrize("part", ["rules", "requirements", "conditions", "domains", "models"])
def test_a_part_without_a_source_is_named(leave, part):
    broken = CompiledPolicy(leave.policy)
    first, *rest = getattr(leave.policy, part)
    broken.policy = replace(leave.policy, **{part: (replace(first, source=" "), *rest)})
    assert counterexample(broken, "complete").startswith(f"{part}/")


def test_more_liberty_for_worse_conduct_is_found_and_told_as_a_case(leave):
    found = counterexample(with_outcome(leave.policy, "conduct_poor", "grant"), "monotone")
    assert "with the worse level 'repeated undesired conduct, a failed leave" in found
    assert "it becomes 'grant'" in found
    assert "deep risk assessment: " in found


def test_more_liberty_for_worse_risk_is_found(leave):
    broken = with_outcome(leave.policy, "low_risk", "deny")
    assert "with the worse level 'moderate risk' of risk" in counterexample(broken, "monotone")


def test_more_liberty_for_the_unknown_than_for_the_best_is_found(leave):
    fair = {"admissibility": ("met",), "dossier": ("sound",), "conduct": ("good", "mixed")}
    when = fair | {"effort": ("active", "partial", "refuses"), "gravity": ("unknown",)}
    broken = with_rule(leave.policy, 0, when, "deep_assessment")
    found = counterexample(broken, "monotone")
    assert "with the worse level 'offence of the present sentence unknown'" in found


def test_the_unknown_may_give_more_than_a_bad_known_level(leave):
    stricter = with_rule(leave.policy, 0, {"gravity": ("serious",)}, "deny")
    when = {"gravity": ("unknown",), "assessment": ("favourable", "none", "asked", "expired")}
    milder = with_when(stricter.policy, "gravity_unknown", when)
    milder = with_outcome(milder.policy, "gravity_unknown", "deep_assessment")
    assert "monotone" not in verify(milder).failed()


def test_a_rule_for_one_single_case_is_reached(leave):
    one = {d.id: (d.levels[d.usual].id,) for d in leave.domains}
    assert verify(with_rule(leave.policy, 0, one, "grant")).ok


@pytest.mark.parametrize(
    "domain", ["admissibility", "conduct", "effort", "victims", "gravity", "assessment"]
)
def test_a_grant_with_something_unknown_is_found(leave, domain):
    granted = {d.id: (d.levels[0].id,) for d in leave.domains} | {domain: ("unknown",)}
    broken = with_rule(leave.policy, 0, granted, "grant")
    assert "unknown_never_grants" in verify(broken).failed()


def test_a_grant_on_a_flawed_dossier_is_found(leave):
    broken = with_outcome(leave.policy, "dossier_flawed", "grant")
    assert "the dossier has unusable rows" in counterexample(broken, "unknown_never_grants")


def test_a_grant_without_a_model_that_may_speak_is_found(leave):
    broken = with_outcome(leave.policy, "risk_not_supported", "grant")
    assert "a model cannot speak of this person" in counterexample(broken, "unknown_never_grants")


def test_an_assessment_for_who_is_not_admissible_is_found(leave):
    broken = with_outcome(leave.policy, "not_admissible", "deep_assessment")
    found = counterexample(broken, "admissibility_first")
    assert "a requirement is not met" in found
    assert "gives 'deep risk assessment first'" in found


@pytest.mark.parametrize("rule", ["risk_high", "risk_near_cut", "risk_not_supported"])
def test_a_score_that_denies_alone_is_found(leave, rule):
    found = counterexample(with_outcome(leave.policy, rule, "deny"), "score_never_denies_alone")
    assert "gives 'deny'; with a low and certain risk it would be 'grant'" in found


def test_victims_who_change_nothing_are_found(leave):
    report = verify(without_rule(leave.policy, "victims_weighty"))
    assert report.failed() == ("victims_count",)


def test_it_is_enough_that_one_known_interest_of_victims_can_change_the_outcome(leave):
    milder = with_when(leave.policy, "victims_weighty", {"victims": ("met_by_conditions",)})
    assert "victims_count" not in verify(milder).failed()


def test_victims_whose_weighty_interest_is_never_read_change_nothing(leave):
    policy = leave.policy
    domains = tuple(
        replace(d, readings=tuple(r for r in d.readings if r.level != "weighty"))
        if d.id == "victims"
        else d
        for d in policy.domains
    )
    report = verify(CompiledPolicy(replace(policy, domains=domains)))
    assert report.failed() == ("victims_count",)
    assert any("no reading gives the level 'weighty'" in note.en for note in report.notes)


def test_an_assessment_that_cannot_lead_to_a_grant_is_found(leave):
    broken = with_outcome(leave.policy, "assessment_favourable", "deny")
    found = counterexample(broken, "assessment_matters")
    assert "with a favourable assessment it becomes 'deny'" in found


@pytest.mark.parametrize("rule", ["assessment_favourable", "assessment_unfavourable"])
def test_an_assessment_that_is_asked_for_again_is_found(leave, rule):
    broken = with_outcome(leave.policy, rule, "deep_assessment")
    assert "while there is a valid one already" in counterexample(broken, "assessment_matters")


def test_a_grant_with_the_worst_conduct_is_found(leave):
    broken = with_outcome(leave.policy, "conduct_intolerable", "grant")
    found = counterexample(broken, "worst_conduct_never_grants")
    assert "intolerable conduct in the last six months" in found


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("victims", "victims_count"),
        ("conduct", "worst_conduct_never_grants"),
        ("assessment", "assessment_matters"),
    ],
)
def test_a_policy_that_does_not_weigh_what_a_property_speaks_of_lacks_it(leave, domain, name):
    broken = without_domain(leave.policy, domain)
    assert counterexample(broken, name) == f"the policy does not weigh '{domain}'"


def test_the_plainest_counterexample_is_given(leave):
    broken = with_when(
        leave.policy, "victims_unknown", {"victims": ("unknown",), "risk": ("moderate", "high")}
    )
    broken = with_outcome(broken.policy, "not_known", "grant")
    broken = with_when(broken.policy, "low_risk", {"risk": ("low",)})
    found = counterexample(broken, "unknown_never_grants")
    assert found.count(";") <= 2


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_another_outcome_of_any_single_rule_is_found_by_a_property_or_a_case(compiled):
    tried = mutants(compiled)
    assert len(tried) == len(compiled.policy.rules) * (len(OUTCOMES) - 1)
    assert [(m.rule, m.outcome) for m in tried if not m.found] == []


def test_rules_without_effect_are_noted_and_others_are_not(leave):
    # An unfavourable assessment is denied by the last rule too; it says why.
    notes = [note.en for note in verify(leave).notes]
    assert notes == [
        "rule assessment_unfavourable changes no outcome; it only names another reason"
    ]
    without = without_rule(leave.policy, "assessment_unfavourable")
    assert np.array_equal(without.outcomes, leave.outcomes)


def test_rules_without_effect_are_noted_in_the_order_of_the_policy():
    policy = SHIPPED["conditional_release/2021-07-01"].policy
    names = [r.id for r in policy.rules]
    noted = [
        n.en.split()[1] for n in verify(SHIPPED[policy.id]).notes if "only names another" in n.en
    ]
    assert len(noted) > 1
    assert noted == sorted(noted, key=names.index)
    for rule in names[:-1]:
        same = np.array_equal(without_rule(policy, rule).outcomes, SHIPPED[policy.id].outcomes)
        assert same == (rule in noted)


def test_a_domain_that_matters_nowhere_and_a_condition_never_attached_are_noted(leave):
    policy = leave.policy
    rules = tuple(
        replace(r, when={d: v for d, v in r.when.items() if d != "gravity"}) for r in policy.rules
    )
    conditions = (
        replace(policy.conditions[0], when={"conduct": ("intolerable",)}),
        *policy.conditions[1:],
    )
    kept = tuple(r for r in rules if r.when or r is rules[-1])
    notes = [
        n.en
        for n in verify(CompiledPolicy(replace(policy, rules=kept, conditions=conditions))).notes
    ]
    assert "gravity of the offence changes no outcome" in notes
    assert "condition same_day is never attached" in notes


def test_what_is_still_to_be_read_is_listed(leave):
    listed = {unread.part for unread in verify(leave).to_verify}
    assert "rules/victims_weighty" in listed
    assert "models/violence_2y" in listed
    assert "requirements/plan_goal" not in listed


def test_what_is_still_to_be_read_names_its_source_in_the_language_of_the_report(leave):
    report = verify(leave)
    line = "- requirements/no_tbs_to_follow: Rtvi art. 14 lid 3 sub b (BWBR0010171, 2017); {}\n"
    kept = "niet nagelezen is of de tekst die geldt sinds 1 juli 2021, deze bepaling heeft behouden"
    assert line.format(kept) in report.text("nl")
    kept = "whether the text since 1 July 2021 keeps this provision was not read"
    assert line.format(kept) in report.text("en")
    assert "- models/violence_2y: keuze van het project; grenswaarden" in report.text("nl")


def test_the_old_policy_for_leave_rests_on_law_but_for_what_the_project_chose():
    policy = SHIPPED["leave/1999-01-01"].policy
    parts = (*policy.requirements, *policy.domains, *policy.conditions, *policy.rules)
    for part in parts:
        chosen = part.remark is not None and "keuze van het project" in part.remark.nl
        assert part.to_verify == chosen, part.id
        assert part.source.startswith("Rtvi art. ")


def test_a_report_is_read_in_two_languages_and_as_plain_values(leave):
    report = verify(with_outcome(leave.policy, "conduct_intolerable", "grant"))
    assert "KLOPT NIET" in report.text("nl")
    assert "FAILS" in report.text("en")
    plain = report.to_dict()
    assert plain["ok"] is False
    assert [c["name"] for c in plain["checks"]] == list(PROPERTIES)
    with pytest.raises(RisicoscreenerError, match="language"):
        report.text("fr")
