"""What a small change of the code would break, and no other test sees."""

from __future__ import annotations

from importlib.resources import files
from itertools import combinations
from math import prod
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from msgspec.structs import fields, replace

from decision.as_written import small
from decision.golden_cases import CASES, SHIPPED
from risicoscreener import decision
from risicoscreener.decision import OUTCOMES, CompiledPolicy, Policy, Score, compare, verify
from risicoscreener.decision.cases import in_words
from risicoscreener.decision.cells import Cells
from risicoscreener.decision.compiled import _better_levels
from risicoscreener.decision.dmn import to_dmn
from risicoscreener.decision.drafting import _completed
from risicoscreener.decision.flips import outcomes_forbidden
from risicoscreener.decision.mutation import _steps, mutate, mutate_cells
from risicoscreener.decision.page import _domain
from risicoscreener.decision.policy import (
    Condition,
    Domain,
    ModelCuts,
    Property,
    Requirement,
    Rule,
)
from risicoscreener.decision.properties import sourced
from risicoscreener.decision.reachable import (
    _clauses,
    _slots,
    _spans,
    _worse,
    clauses_without_effect,
    read_alike,
)
from risicoscreener.decision.verification import _rules_without_effect
from risicoscreener.decision.wording import join, texts
from risicoscreener.errors import PolicyError, RisicoscreenerError
from risicoscreener.texts import Texts

TEXT = (files("risicoscreener.decision") / "policies" / "leave" / "2021-07-01.toml").read_text(
    "utf-8"
)


def leave(old: str = "", new: str = "") -> Policy:
    return Policy.from_toml(TEXT.replace(old, new, 1) if old else TEXT, "leave/2021-07-01.toml")


def test_a_policy_may_hold_for_one_day():
    one_day = leave("valid_from = 2021-07-01", "valid_from = 2021-07-01\nvalid_until = 2021-07-01")
    assert one_day.valid_until == one_day.valid_from


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_what_an_exported_policy_refers_to_is_in_the_file(compiled):
    root = ET.fromstring(to_dmn(compiled))
    ids = {element.get("id") for element in root.iter()}
    named = [element.get("href") for element in root.iter() if element.get("href")]
    assert named
    assert {href.removeprefix("#") for href in named} <= ids


def test_a_domain_without_words_for_unknown_is_shown_with_those_of_all():
    domain = next(d for d in leave().domains if d.unknown is not None)
    said = [text.en for text in _domain(replace(domain, unknown=None))]
    assert any("unknown" in line for line in said)
    assert all("XX" not in line for line in said)


def test_a_wrong_number_of_inputs_is_said_with_their_names():
    compiled = CompiledPolicy(leave())
    inputs = (0.0,) * len(compiled.inputs)
    scores = (Score(0.1, None, None, True),) * len(compiled.models)
    for some, others in (((), ()), ((), scores), (inputs, ()), (inputs, (*scores, scores[0]))):
        with pytest.raises(PolicyError, match=f"{len(some)} inputs and {len(others)} sc") as caught:
            compiled.decide_one(some, others)
        assert f"({', '.join(compiled.inputs)})" in str(caught.value)
        assert f"({', '.join(compiled.models)})" in str(caught.value)


def test_a_domain_that_is_unknown_by_itself_waits_for_no_input():
    compiled = CompiledPolicy(leave('otherwise = "good"', 'otherwise = "unknown"'))
    case = next(c for c in CASES if c.policy == "leave/2021-07-01" and not c.missing)
    inputs, scores = case.arguments(compiled)
    decided = compiled.decide_one(inputs, scores)
    (missing,) = compiled.missing(inputs, decided)
    assert (missing.name, missing.inputs) == ("conduct", ())
    silent = tuple(replace(d, unknown=None) for d in compiled.policy.domains)
    (missing,) = CompiledPolicy(replace(compiled.policy, domains=silent)).missing(inputs, decided)
    assert missing.text == texts("unknown", "text")


def test_a_policy_is_shown_with_the_beginning_of_its_digest():
    compiled = CompiledPolicy(leave())
    cells = f"{compiled.outcomes.size} cells"
    assert repr(compiled) == f"<CompiledPolicy {compiled.id}: {cells}, {compiled.digest[:8]}>"


def test_a_domain_of_which_nothing_is_said_cannot_be_changed_by_the_person():
    silent = leave("changeable = true\n")
    domain = next(d for d in silent.domains if d.id == "conduct")
    assert not domain.changeable
    assert next(d for d in leave().domains if d.id == "conduct").changeable


def test_a_part_that_is_not_there_is_said_with_those_that_are():
    parts = {"requirements": [{"id": "one"}, {"id": "two"}]}
    with pytest.raises(PolicyError) as caught:
        _completed({"like": "three"}, "requirements", "here.toml", parts)
    assert str(caught.value).endswith("'three'; expected one of one, two")


@pytest.mark.parametrize("name", decision.__all__)
def test_each_public_name_is_there(name):
    assert getattr(getattr(decision, name), "__name__", name) == name


def test_tables_of_a_policy_cannot_be_changed():
    compiled = CompiledPolicy(leave())
    for table in (compiled.outcomes, compiled.rules, compiled.attached):
        assert not table.flags.writeable


@pytest.mark.parametrize("part", [Requirement, Domain, ModelCuts, Condition, Rule, Property])
def test_what_is_not_said_of_a_part_does_not_hold_of_it(part):
    defaults = {field.name: field.default for field in fields(part)}
    for name in ("to_verify", "changeable"):
        assert defaults.get(name, False) is False


@pytest.mark.parametrize(
    ("demands", "said"),
    [
        ("", "0 demands"),
        ("outcomes = []", "1 demands"),
        ('outcomes = ["deny"]\nmatters = "conduct"', "2 demands"),
        ('conditions = ["no_contact"]\nmatters = "conduct"', "2 demands"),
    ],
)
def test_a_property_demands_one_thing(demands, said):
    head = '[[properties]]\nid = "one"\ntext = { nl = "een", en = "one" }\nsource = "project"\n'
    with pytest.raises(PolicyError, match=f"'one'.*{said}; expected outcomes, matters or cond"):
        Policy.from_toml(f"{TEXT}\n{head}{demands}\n", "leave/2021-07-01.toml")


@pytest.mark.parametrize("name", ["levels", "readings"])
def test_what_holds_otherwise_stands_above_the_levels_and_not_in_the_last_of_them(name):
    at = TEXT.index(f"[[domains.{name}]]")
    end = TEXT.index("\n\n", at)
    misplaced = f'{TEXT[:end]}\notherwise = "good"{TEXT[end:]}'.replace(
        'otherwise = "good"\n', "", 1
    )
    with pytest.raises(PolicyError, match=f"`otherwise` stands in the last of its {name}"):
        Policy.from_toml(misplaced, "leave/2021-07-01.toml")


def test_each_level_of_a_domain_is_looked_up_and_no_other():
    compiled = CompiledPolicy(leave())
    best = [np.zeros(1, np.uint8) for _ in compiled.shape]
    for axis, size in enumerate(compiled.shape):
        last = [*best[:axis], np.array([size - 1], np.uint8), *best[axis + 1 :]]
        cell = tuple(int(column[0]) for column in last)
        assert compiled.lookup(last)[0] == compiled.outcomes[cell]
        beyond = [*best[:axis], np.array([size], np.uint8), *best[axis + 1 :]]
        with pytest.raises(PolicyError, match=f"level {size} of .*; expected 0 to {size - 1} "):
            compiled.lookup(beyond)


def test_each_better_level_can_be_changed_to_and_of_an_assessment_only_what_is_advice():
    for domain in CompiledPolicy(leave()).domains:
        ids = [level.id for level in domain.levels]
        for level in range(len(ids)):
            better = _better_levels(domain, level)
            nearer = tuple(range(level))[::-1]
            if domain.id != "assessment":
                assert better == nearer
            else:
                advice = {"favourable", *(["none"] if ids[level] == "unknown" else [])}
                assert better == tuple(b for b in nearer if ids[b] in advice)


@pytest.mark.parametrize(("lang", "said"), [("nl", "onbekend"), ("en", "unknown")])
def test_a_page_says_of_a_domain_without_words_for_unknown_what_is_said_of_all(lang, said):
    policy = leave()
    silent = replace(policy, domains=tuple(replace(d, unknown=None) for d in policy.domains))
    assert texts("unknown", "text").text(lang) == said
    assert silent.html(lang).count(said) > policy.html(lang).count(said)


def test_each_change_of_a_cell_is_found_by_a_property_or_a_case_or_nothing():
    compiled = small()
    cells, alone = Cells(compiled), mutate_cells(Cells(compiled), {})
    pinned = {
        tuple(map(int, at)): OUTCOMES[cells.outcomes[tuple(at)]]
        for at in np.argwhere(cells.reachable)
    }
    told = mutate_cells(cells, pinned)
    assert alone.survived > 0
    assert (told.survived, told.by_cases) == (0, alone.survived)
    assert told.by_properties == alone.by_properties == told.tried - alone.survived


def test_what_can_come_of_admissibility_and_one_more_requirement():
    met, not_met, unknown = range(3)
    earlier = [set(some) for n in range(4) for some in combinations(range(3), n)]
    cases = [(some, more) for some in earlier for more in (met, not_met, unknown)]
    table = np.array([[level in some for some, _ in cases] for level in range(3)])
    found = _worse(table, np.array([[more for _, more in cases]], np.int8), 0)
    for at, (some, more) in enumerate(cases):
        both = [{one, more} for one in some]
        then = {not_met if not_met in b else unknown if unknown in b else met for b in both}
        assert {level for level in range(3) if found[level, at]} == then


@pytest.mark.parametrize("section", ["requirements", "domains", "conditions"])
def test_what_would_take_too_long_to_compare_is_not_taken_to_be_alike(monkeypatch, section):
    one, other = CompiledPolicy(leave()), CompiledPolicy(leave())
    entries = getattr(one.policy, section)
    place = next(n for n, e in enumerate(entries) if section == "domains" or e.all or e.any)
    spans = _spans(one)
    read = {slot for clause in _clauses(one, section, place) for slot in _slots(clause)}
    combinations = prod(len(spans[slot]) for slot in read)
    assert read_alike(one, other, section, place)
    monkeypatch.setattr("risicoscreener.decision.reachable.MAX_COMBINATIONS", combinations)
    assert read_alike(one, other, section, place)
    monkeypatch.setattr("risicoscreener.decision.reachable.MAX_COMBINATIONS", combinations - 1)
    assert not read_alike(one, other, section, place)


@pytest.mark.parametrize(
    "part", ["models", "requirements", "domains", "conditions", "rules", "properties"]
)
def test_each_part_says_where_it_comes_from(part):
    at = TEXT.index("\nsource = ", TEXT.index(f"[[{part}]]"))
    without = TEXT[:at] + '\nsource = " "' + TEXT[TEXT.index("\n", at + 1) :]
    with pytest.raises(PolicyError, match=rf"2021-07-01.toml: {part} '\w+': no source; expected"):
        Policy.from_toml(without, "leave/2021-07-01.toml")


def test_what_is_missing_is_asked_of_the_policy_that_decided():
    few, all_of_them = small(), CompiledPolicy(leave())
    case = next(c for c in CASES if c.policy == "leave/2021-07-01" and not c.missing)
    inputs, scores = case.arguments(all_of_them)
    with pytest.raises(ValueError, match="zip"):
        few.missing(inputs, all_of_them.decide_one(inputs, scores))


def test_columns_that_lack_are_said_with_the_domains_that_are_expected():
    compiled = CompiledPolicy(leave())
    names = ", ".join(domain.id for domain in compiled.domains)
    with pytest.raises(PolicyError) as caught:
        compiled.lookup([np.zeros(1, np.uint8)])
    assert str(caught.value).endswith(f"expected {len(compiled.domains)} ({names})")


def test_a_level_that_a_domain_lacks_is_said():
    cells = Cells(CompiledPolicy(leave()))
    assert cells.lacks("conduct", "good") is None
    lacking = cells.lacks("conduct", "good", "nothing")
    assert all("conduct" in lacking.text(lang) for lang in ("nl", "en"))
    assert all("nothing" in lacking.text(lang) for lang in ("nl", "en"))


def test_an_outcome_that_a_property_of_the_policy_excludes_is_forbidden_there():
    said = Texts(nl="proef", en="trial")
    when = {"conduct": ("good",), "risk": ("low",)}
    demand = Property(id="one", text=said, source="a trial", when=when, outcomes=("grant",))
    with_it = Cells(CompiledPolicy(replace(small().policy, properties=(demand,))))
    before, after = outcomes_forbidden(Cells(small())), outcomes_forbidden(with_it)
    there = np.zeros(after.shape[1:], bool)
    there[with_it.compiled.cells(when)] = True
    for rank, outcome in enumerate(OUTCOMES):
        assert (after[rank] == (before[rank] | (there & (outcome != "grant")))).all()


def test_texts_are_joined_by_what_each_language_says():
    parts = [Texts(nl="een", en="one"), Texts(nl="twee", en="two")]
    joined = join(Texts(nl=" en ", en=" and "), parts)
    assert (joined.nl, joined.en) == ("een en twee", "one and two")
    assert join(", ", parts) == Texts(nl="een, twee", en="one, two")


@pytest.mark.parametrize(("bound", "steps"), [(2.0, (-1.0, 1.0)), (0.5, (-0.1, 0.1))])
def test_a_count_is_moved_by_one_and_a_share_by_a_tenth(bound, steps):
    assert _steps(bound) == steps


@pytest.mark.parametrize("name", ["inputs", "probability", "lower", "upper", "supported"])
def test_a_column_of_many_people_that_does_not_fit_is_named(name):
    compiled = CompiledPolicy(leave())
    columns = {"inputs": np.zeros((2, len(compiled.inputs)))}
    columns |= {n: np.zeros((2, 2)) for n in ("probability", "lower", "upper", "supported")}
    assert len(compiled.decide_many(*columns.values())) == 2
    n, columns[name] = "n" if name == "inputs" else 2, columns[name][:, :-1]
    with pytest.raises(PolicyError, match=rf": {name} has shape \(2, \d+\); expected \({n}, \d+\)"):
        compiled.decide_many(*columns.values())


def test_what_a_policy_without_models_does_not_weigh_is_not_noted_as_without_effect():
    compiled = SHIPPED["promotion/2020-10-01"]
    unweighed = [d.title.en for d in compiled.domains if len(d.levels) == 1]
    notes = [note.en for note in verify(compiled).notes]
    assert len(unweighed) == 2
    assert not {f"{title} changes no outcome" for title in unweighed} & {*notes}


def test_of_who_is_at_the_best_level_of_all_just_that_is_said():
    compiled = CompiledPolicy(leave())
    usual = tuple(domain.usual for domain in compiled.domains)
    without = [d for d in compiled.domains if d.usual == 0]
    assert in_words(without, (0,) * len(without)) == texts("sentence", "all_at_best")
    assert in_words(compiled.domains, usual) != texts("sentence", "all_at_best")


def test_a_table_as_large_as_is_allowed_is_made(monkeypatch):
    cells = prod(CompiledPolicy(leave()).shape)
    monkeypatch.setattr("risicoscreener.decision.compiled.MAX_CELLS", cells)
    assert CompiledPolicy(leave()).outcomes.size == cells
    monkeypatch.setattr("risicoscreener.decision.compiled.MAX_CELLS", cells - 1)
    with pytest.raises(PolicyError, match=f"{cells} cells; expected at most {cells - 1}"):
        CompiledPolicy(leave())


SAID = {
    "verified": lambda: verify(CompiledPolicy(leave())).text,
    "mutated": lambda: mutate(small()).text,
    "compared": lambda: compare(small(), small()).text,
    "policy": lambda: leave().text,
    "page": lambda: leave().html,
}


@pytest.mark.parametrize("made", SAID.values(), ids=SAID)
def test_what_is_written_is_in_dutch_unless_another_language_is_asked_for(made):
    write = made()
    assert write() == write("nl") != write("en")
    with pytest.raises(RisicoscreenerError, match="language"):
        write("fr")


def test_domains_without_a_level_in_common_are_not_laid_beside_each_other():
    policy = small().policy
    conduct = next(d for d in policy.domains if d.id == "conduct")
    names = {level.id: f"{level.id}_anew" for level in conduct.levels}
    anew = {"conduct": lambda ids: tuple(names.get(name, name) for name in ids)}

    def renamed(when):
        return {d: anew.get(d, tuple)(levels) for d, levels in when.items()}

    other = replace(
        conduct,
        levels=tuple(replace(level, id=names[level.id]) for level in conduct.levels),
        readings=tuple(replace(r, level=names.get(r.level, r.level)) for r in conduct.readings),
        otherwise=names.get(conduct.otherwise, conduct.otherwise),
    )
    changed = replace(
        policy,
        domains=tuple(other if d.id == "conduct" else d for d in policy.domains),
        rules=tuple(replace(rule, when=renamed(rule.when)) for rule in policy.rules),
        conditions=tuple(replace(c, when=renamed(c.when)) for c in policy.conditions),
    )
    found = compare(small(), CompiledPolicy(changed))
    sizes = [len(d.levels) for d in small().domains if d.id != "conduct"]
    assert found.cells == prod(sizes)


def test_a_requirement_that_would_take_too_long_is_passed_over_and_the_next_is_not(monkeypatch):
    first = leave().requirements[0]
    bound = first.all[0]
    wide = tuple(replace(bound, input=f"input_{n}") for n in range(3))
    one = replace(bound, input="one")
    never = (replace(one, min=1.0, max=None), replace(one, min=None, max=0.0))
    requirements = (replace(first, id="wide", all=wide), replace(first, id="never", all=never))
    policy = replace(leave(), requirements=requirements, properties=())
    monkeypatch.setattr("risicoscreener.decision.reachable.MAX_COMBINATIONS", 20)
    notes = [note.en for note in clauses_without_effect(CompiledPolicy(policy))]
    assert "nobody can meet the requirement never" in notes


def test_each_part_that_has_a_source_is_named_by_its_group():
    policy = leave()
    groups = ("requirements", "domains", "conditions", "rules", "properties")
    named = [f"models/{m.model}" for m in policy.models]
    named += [f"{group}/{part.id}" for group in groups for part in getattr(policy, group)]
    assert [name for name, _ in sourced(policy)] == named


def test_rules_of_what_nothing_sees_are_named_from_many_cells_to_few():
    report = mutate(small())
    assert any(len(found.rules) > 1 for found in report.cells.survivors)
    for found in report.cells.survivors:
        ordered = sorted(found.rules.items(), key=lambda item: -item[1])
        assert ", ".join(f"{rule} {n}" for rule, n in ordered) in report.text("en")


@pytest.mark.parametrize("last", OUTCOMES)
def test_rules_without_effect_are_those_without_which_all_is_decided_alike(last):
    policy = small().policy
    rules = (*policy.rules[:-1], replace(policy.rules[-1], outcome=last))
    compiled = CompiledPolicy(replace(policy, rules=rules))
    expected = []
    for n, rule in enumerate(rules[:-1]):
        without = CompiledPolicy(replace(policy, rules=(*rules[:n], *rules[n + 1 :])))
        if (compiled.rules == n).any() and (without.outcomes == compiled.outcomes).all():
            expected.append(rule.id)
    assert _rules_without_effect(compiled) == expected
