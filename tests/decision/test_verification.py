"""Every property is proven of the shipped policies, and found missing where it was broken."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from decision import reference
from decision.changing import TEXT, with_outcome, with_rule, with_when, without_domain, without_rule
from decision.golden_cases import SHIPPED
from decision.trial import NEW
from risicoscreener.decision import OUTCOMES, CompiledPolicy, verify
from risicoscreener.decision.policy import Exemption, Property
from risicoscreener.decision.policy import Test as InputTest
from risicoscreener.errors import RisicoscreenerError
from risicoscreener.texts import Texts

PROPERTIES = (
    "complete",
    "reachable",
    "sourced",
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


def test_a_report_says_below_each_property_that_does_not_hold_in_which_case():
    report = verify(with_outcome(NEW.policy, "conduct_intolerable", "grant"))
    check = next(c for c in report.checks if c.name == "worst_conduct_never_grants")
    for lang in ("nl", "en"):
        lines = report.text(lang).splitlines()
        at = next(i for i, line in enumerate(lines) if check.title.text(lang) in line)
        assert lines[at + 1] == f"    {check.counterexample.text(lang)}"


def test_a_report_says_why_a_property_is_not_asked():
    why = Texts(nl="daarom niet", en="that is why")
    exempt = {"victims_count": Exemption(why, "a trial")}
    report = verify(CompiledPolicy(replace(NEW.policy, exempt=exempt)))
    for lang in ("nl", "en"):
        (line,) = [li for li in report.text(lang).splitlines() if why.text(lang) in li]
        assert next(c for c in report.checks if c.exempt).title.text(lang) in line


@pytest.mark.parametrize("at", [1, 2])
def test_a_reading_that_changes_nothing_is_noted_by_its_number(at):
    conduct, *others = NEW.policy.domains
    same = (*conduct.readings[:at], conduct.readings[at - 1], *conduct.readings[at:])
    policy = replace(NEW.policy, domains=(replace(conduct, readings=same), *others))
    before = [n for n in verify(NEW).notes if n.en.startswith("reading")]
    notes = [n.en for n in verify(CompiledPolicy(policy)).notes if n.en.startswith("reading")]
    assert not before
    expected = [f"reading {n} of {conduct.title.en} " for n in (at, at + 1)]
    assert [note[: len(e)] for note, e in zip(notes, expected, strict=True)] == expected


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_every_shipped_policy_has_every_property(compiled):
    report = verify(compiled)
    assert report.failed() == ()
    assert report.ok
    own = tuple(p.id for p in compiled.policy.properties)
    assert tuple(c.name for c in report.checks) == PROPERTIES + own
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
    when = {"admissibility": ("not_met",), "risk": ("low",)}
    assert counterexample(with_rule(leave.policy, last, when, "deny"), "reachable") == (
        "rule trial is never reached: earlier rules take all of its cases"
    )


def test_a_rule_that_repeats_another_is_named_with_that_other(leave):
    last = len(leave.policy.rules) - 1
    every = {"admissibility": ("not_met",), "risk": ("high", "low", "moderate")}
    assert counterexample(with_rule(leave.policy, last, every, "deny"), "reachable") == (
        "rule trial repeats rule not_admissible: it asks for the same and is never reached"
    )


def test_a_rule_whose_cells_no_inputs_give_is_named(leave):
    policy = leave.policy
    # Without its mildest reading, so that all that the two domains read can be tried.
    first = policy.domains[0]
    first = replace(first, readings=tuple(r for r in first.readings if r.level != "mixed"))
    # Effort that reads the same as conduct can never be at its worst while conduct is good.
    effort = next(d for d in policy.domains if d.id == "effort")
    copied = replace(
        effort,
        readings=tuple(
            replace(r, level="refuses" if r.level == "intolerable" else "partial")
            for r in first.readings
        ),
    )
    changed = {"conduct": first, "effort": copied}
    domains = tuple(changed.get(d.id, d) for d in policy.domains)
    joined = CompiledPolicy(replace(policy, domains=domains))
    broken = with_rule(joined.policy, 0, {"conduct": ("good",), "effort": ("refuses",)}, "deny")
    assert counterexample(broken, "reachable").startswith("rule trial decides for nobody")
    within = with_rule(joined.policy, 0, {"conduct": ("poor",), "effort": ("partial",)}, "deny")
    assert "rule trial" not in str(verify(within).checks[1])


def _own(**demand: object) -> Property:
    return Property(id="own", text=TEXT, source="a trial", **demand)


def _with_own(policy, **demand):
    return CompiledPolicy(replace(policy, properties=(_own(**demand),)))


@pytest.mark.parametrize(
    "demand",
    [
        {"when": {"conduct": ("intolerable",)}, "outcomes": ("deny",)},
        {"when": {"admissibility": ("met",)}, "matters": "gravity"},
        {"conditions": ("same_day",)},
    ],
)
def test_what_a_policy_demands_of_itself_holds_or_is_told_with_a_case(leave, demand):
    assert verify(_with_own(leave.policy, **demand)).ok
    broken = {
        "outcomes": {**demand, "outcomes": ("grant",)},
        "matters": {**demand, "when": {"admissibility": ("not_met",)}},
        "conditions": {"conditions": ("contact_ban",)},
    }[next(k for k in demand if k != "when")]
    if "conditions" in broken:
        policy = replace(
            leave.policy,
            conditions=(
                *leave.policy.conditions,
                replace(leave.policy.conditions[0], id="contact_ban", when={"risk": ("high",)}),
            ),
        )
    else:
        policy = leave.policy
    assert counterexample(_with_own(policy, **broken), "own")


def test_a_demand_that_speaks_of_nobody_is_an_error(leave):
    policy = leave.policy
    domains = tuple(
        replace(d, readings=tuple(r for r in d.readings if r.level != "weighty"))
        if d.id == "victims"
        else d
        for d in policy.domains
    )
    never = replace(policy, domains=domains)
    broken = _with_own(never, when={"victims": ("weighty",)}, outcomes=("deny",))
    assert counterexample(broken, "own").startswith("the demand speaks of nobody: no inputs give")
    mild = tuple(
        replace(d, readings=tuple(replace(r, level="none_known") for r in d.readings))
        if d.id == "victims"
        else d
        for d in policy.domains
    )
    both = {"when": {"victims": ("met_by_conditions", "weighty")}, "outcomes": ("deny",)}
    found = counterexample(_with_own(replace(policy, domains=mild), **both), "own")
    assert "met_by_conditions / weighty" in found
    denied = {"when": {"admissibility": ("not_met",)}, "conditions": ("same_day",)}
    found = counterexample(_with_own(policy, **denied), "own")
    assert found == "the demand speaks of nobody: all of these cases are denied"


def test_requirements_and_readings_without_effect_are_noted(leave):
    policy = leave.policy
    bounds = (InputTest("is_sentenced", min=2), InputTest("is_sentenced", max=1))
    first, *rest = policy.requirements
    never = replace(first, all=bounds, any=None)
    always = replace(first, id="always", any=bounds, all=None)
    always = replace(
        always, any=(InputTest("is_sentenced", min=1), InputTest("is_sentenced", max=1))
    )
    conduct, *others = policy.domains
    double = replace(conduct, readings=(*conduct.readings, conduct.readings[-1]))
    changed = replace(policy, requirements=(never, always, *rest), domains=(double, *others))
    notes = [n.en for n in verify(CompiledPolicy(changed)).notes]
    assert "nobody can meet the requirement sentenced" in notes
    assert "the requirement always excludes nobody" in notes
    assert any(n.startswith("reading 4 of conduct during the whole detention") for n in notes)


def test_a_cell_without_a_rule_is_named(leave):
    broken = CompiledPolicy(leave.policy)
    rules = leave.rules.copy()
    rules[1, 0, 2, 0, 0, 0, 0, 0, 1] = -1
    broken.rules = rules
    assert counterexample(broken, "complete").startswith(
        "no rule matches someone with legal requirements: a requirement is not met; risk: high risk;"
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
    assert counterexample(broken, "sourced").startswith(f"{part}/")


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
    assert "the outcome is 'deep risk assessment first'" in found


@pytest.mark.parametrize("rule", ["risk_high", "risk_near_cut", "risk_not_supported"])
def test_a_score_that_denies_alone_is_found(leave, rule):
    found = counterexample(with_outcome(leave.policy, rule, "deny"), "score_never_denies_alone")
    assert "the outcome is 'deny', while with a low and certain risk it would be 'grant'" in found


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
    assert report.failed() == ("reachable", "victims_count")
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


def test_rules_without_effect_are_noted_and_others_are_not(leave):
    # An unfavourable assessment is denied by the last rule too; it says why.
    notes = [note.en for note in verify(leave).notes]
    assert notes == [
        "rule assessment_unfavourable changes no outcome; it only names another reason"
    ]
    without = without_rule(leave.policy, "assessment_unfavourable")
    assert np.array_equal(without.outcomes, leave.outcomes)


def test_rules_without_effect_are_noted_in_the_order_of_the_policy():
    always = with_rule(NEW.policy, 0, {"dossier": ("flawed",), "risk": ("low",)}, "deny")
    policy = with_rule(
        always.policy, 3, {"conduct": ("unknown",), "risk": ("low",)}, "deny", "more"
    ).policy
    names = [r.id for r in policy.rules]
    compiled = CompiledPolicy(policy)
    noted = [n.en.split()[1] for n in verify(compiled).notes if "only names another" in n.en]
    assert len(noted) > 1
    assert noted == sorted(noted, key=names.index)
    for rule in names[:-1]:
        same = np.array_equal(without_rule(policy, rule).outcomes, compiled.outcomes)
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


def test_a_report_is_read_in_two_languages_and_as_plain_values(leave):
    report = verify(with_outcome(leave.policy, "conduct_intolerable", "grant"))
    assert "KLOPT NIET" in report.text("nl")
    assert "FAILS" in report.text("en")
    plain = report.to_dict()
    assert plain["ok"] is False
    assert [c["name"] for c in plain["checks"]] == list(PROPERTIES)
    with pytest.raises(RisicoscreenerError, match="language"):
        report.text("fr")
