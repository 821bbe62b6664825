"""Policies as DMN decide as the policies do; decision tables of others become drafts, or are refused."""

from __future__ import annotations

import math
import tomllib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from decision import reference
from decision.feel import Model
from decision.golden_cases import CASES, SHIPPED
from decision.trial import NEW, OLD
from risicoscreener.decision import OUTCOMES, CompiledPolicy
from risicoscreener.decision.dmn import to_dmn
from risicoscreener.decision.dmn_draft import from_dmn
from risicoscreener.decision.policy import Test as InputTest
from risicoscreener.errors import PolicyError

every_policy = pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)


def _null(value):
    return None if value is None or math.isnan(value) else value


def _context(compiled, inputs, scores) -> dict:
    known = {name: _null(v) for name, v in zip(compiled.inputs, inputs, strict=True)}
    for model, score in zip(compiled.models, scores, strict=True):
        for part in ("probability", "lower", "upper"):
            known[f"{model}_{part}"] = _null(getattr(score, part))
        known[f"{model}_supported"] = score.supported
    return known


def _agrees(compiled: CompiledPolicy, model: Model, inputs, scores) -> None:
    decided = compiled.decide_one(inputs, scores)
    known = _context(compiled, inputs, scores)
    assert model.decide("outcome", known) == decided.outcome
    for domain, level in zip(compiled.domains, decided.levels, strict=True):
        if len(domain.levels) > 1:
            name = domain.id if domain.id not in model.inputs else f"{domain.id}_level"
            assert model.decide(name, known) == domain.levels[level].id
    for requirement, truth in zip(compiled.policy.requirements, decided.requirements, strict=True):
        found = model.decide(f"requirement_{requirement.id}", known)
        assert found == ("met", "not_met", "unknown")[truth]
    for place, condition in enumerate(compiled.policy.conditions):
        attached = model.decide(f"condition_{condition.id}", known)
        assert attached == (place in decided.conditions)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.policy}: {c.name}")
def test_an_exported_policy_decides_each_golden_case(case):
    compiled = SHIPPED[case.policy]
    _agrees(compiled, _model(case.policy), *case.arguments(compiled))


_models: dict[str, Model] = {}


def _model(name: str) -> Model:
    if name not in _models:
        _models[name] = Model(to_dmn(SHIPPED[name]))
    return _models[name]


@pytest.mark.parametrize("compiled", [OLD, NEW], ids=lambda p: p.id)
def test_an_exported_policy_decides_as_the_policy_for_any_inputs(compiled):
    model = Model(to_dmn(compiled))

    @settings(max_examples=150, deadline=None)
    @given(reference.input_values(compiled), reference.score_values(compiled))
    def holds(inputs, scores):
        _agrees(compiled, model, inputs, scores)

    holds()


@every_policy
def test_an_exported_policy_is_read_back_with_the_same_outcome_in_each_cell(compiled):
    draft = from_dmn(to_dmn(compiled))
    domains = {d.id: tuple(v.id for v in d.levels) for d in compiled.domains}
    renamed = {name.removesuffix("_level"): levels for name, levels in draft.domains.items()}
    assert renamed == {d: levels for d, levels in domains.items() if len(levels) > 1}
    if renamed == draft.domains:
        np.testing.assert_array_equal(draft.outcomes(domains), compiled.outcomes)
    assert [r.id for r in draft.rules] == [f"rule_{r.id}" for r in compiled.policy.rules]
    assert [r.notes["nl"] for r in draft.rules] == [r.text.nl for r in compiled.policy.rules]


def test_a_domain_and_an_input_of_one_name_are_kept_apart(leave):
    policy = leave.policy
    first, *rest = policy.requirements
    test = InputTest("gravity", min=1)
    changed = replace(policy, requirements=(replace(first, all=(test,), any=None), *rest))
    compiled = CompiledPolicy(changed)
    model = Model(to_dmn(compiled))
    inputs = [1.0] * len(compiled.inputs)
    scores = [(0.01, None, None, True)] * len(compiled.models)
    known = dict.fromkeys(compiled.inputs, 1.0)
    for name in compiled.models:
        known |= {f"{name}_probability": 0.01, f"{name}_supported": True}
        known |= {f"{name}_lower": None, f"{name}_upper": None}
    assert model.decide("outcome", known) == compiled.decide_one(inputs, scores).outcome
    assert "gravity_level" in model.tables


def test_the_file_is_the_same_each_time_and_has_no_id_twice(leave):
    xml = to_dmn(leave)
    assert xml == to_dmn(CompiledPolicy(leave.policy))
    import re

    ids = re.findall(r'\bid="([^"]+)"', xml)
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", i) for i in ids)


# -- drafts ------------------------------------------------------------------------------------------

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d" namespace="n">'


def table(
    rows: list[tuple[list[str], str]],
    hit: str | None = "FIRST",
    inputs: tuple[tuple[str, str], ...] = (("risk", '"low", "high"'), ("conduct", '"good", "bad"')),
    outputs: str = "",
    default: str = "",
) -> str:
    columns = "".join(
        f"<input><inputExpression><text>{name}</text></inputExpression>"
        + (f"<inputValues><text>{values}</text></inputValues>" if values else "")
        + "</input>"
        for name, values in inputs
    )
    output = "<output>"
    output += f"<outputValues><text>{outputs}</text></outputValues>" if outputs else ""
    if default:
        output += f"<defaultOutputEntry><text>{default}</text></defaultOutputEntry>"
    output += "</output>"
    said = "".join(
        f'<rule id="r{i}">'
        + "".join(f"<inputEntry><text>{t}</text></inputEntry>" for t in tests)
        + f"<outputEntry><text>{out}</text></outputEntry></rule>"
        for i, (tests, out) in enumerate(rows)
    )
    policy = "" if hit is None else f' hitPolicy="{hit}"'
    return (
        f'{HEAD}<decision id="D" name="grant leave"><decisionTable{policy}>'
        f"{columns}{output}{said}</decisionTable></decision></definitions>"
    )


GRANT, DENY, DEEP = '"grant"', '"deny"', '"deep_assessment"'


def test_first_takes_the_first_row_and_not_takes_the_rest():
    xml = table([(['"high"', "-"], DEEP), (["-", 'not("good")'], DENY), (["-", "-"], GRANT)])
    draft = from_dmn(xml)
    assert draft.domains == {"risk": ("low", "high"), "conduct": ("good", "bad")}
    ranks = [[OUTCOMES[o] for o in row] for row in draft.outcomes()]
    assert ranks == [["grant", "deny"], ["deep_assessment", "deep_assessment"]]
    assert draft.rules[1].when == {"conduct": ("bad",)}


def test_unique_and_any_are_checked_and_then_order_does_not_matter():
    apart = [(['"high"', "-"], DENY), (['"low"', '"good"'], GRANT), (['"low"', '"bad"'], DEEP)]
    unique = from_dmn(table(apart, None))
    assert unique.hit_policy == "UNIQUE"
    np.testing.assert_array_equal(unique.outcomes(), from_dmn(table(apart[::-1], "ANY")).outcomes())
    same = [(['"high"', "-"], DENY), (["-", '"bad"'], DENY)]
    agreed = from_dmn(table(same, "ANY", default=GRANT))
    assert agreed.outcomes().tolist() == [[2, 0], [0, 0]]
    with pytest.raises(PolicyError, match="r0 and r1 match the same case; expected rows apart"):
        from_dmn(table(same, "UNIQUE"))
    differ = [(['"high"', "-"], DENY), (["-", '"bad"'], DEEP)]
    with pytest.raises(PolicyError, match="expected the same outcome of both"):
        from_dmn(table(differ, "ANY"))


def test_priority_puts_the_outcome_that_stands_first_before_the_others():
    rows = [(["-", "-"], GRANT), (["-", '"bad"'], DEEP), (['"high"', "-"], DENY)]
    order = f"{DENY}, {DEEP}, {GRANT}"
    draft = from_dmn(table(rows, "PRIORITY", outputs=order))
    assert draft.outcomes().tolist() == [[2, 1], [0, 0]]
    with pytest.raises(PolicyError, match="PRIORITY without output values"):
        from_dmn(table(rows, "PRIORITY"))
    with pytest.raises(PolicyError, match="output values"):
        from_dmn(table(rows, "PRIORITY", outputs=f"{DENY}, {GRANT}"))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["-", '"a"', '"b", "c"', 'not("a")']),
            st.sampled_from(["-", '"x"', 'not("x", "y")']),
            st.sampled_from([GRANT, DENY, DEEP]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.permutations([GRANT, DENY, DEEP]),
)
def test_priority_and_first_are_those_of_reading_all_matching_rows(rows, order):
    axes = (("p", '"a", "b", "c"'), ("q", '"x", "y", "z"'))
    listed = [([p, q], out) for p, q, out in rows]
    first = from_dmn(table(listed, "FIRST", axes)).outcomes()
    priority = from_dmn(table(listed, "PRIORITY", axes, ", ".join(order))).outcomes()

    def matches(test, value):
        if test == "-":
            return True
        return (f'"{value}"' in test) != test.startswith("not")

    for i, p in enumerate("abc"):
        for j, q in enumerate("xyz"):
            hits = [out for a, b, out in rows if matches(a, p) and matches(b, q)]
            if not hits:
                assert first[i, j] == priority[i, j] == -1
                continue
            assert OUTCOMES[first[i, j]] == hits[0].strip('"')
            assert OUTCOMES[priority[i, j]] == min(hits, key=order.index).strip('"')


def test_outcomes_of_others_are_named_by_what_they_mean():
    xml = table([(['"high"', "-"], '"refer"'), (["-", "-"], '"approve"')])
    with pytest.raises(PolicyError, match="0 decision tables give deny, deep_assessment, grant"):
        from_dmn(xml)
    meaning = {"approve": "grant", "refer": "deep_assessment"}
    for decision in (None, "grant leave", "D"):
        assert from_dmn(xml, decision, meaning).outcomes().tolist() == [[2, 2], [1, 1]]
    with pytest.raises(PolicyError, match="no decision table 'other'; expected one of grant leave"):
        from_dmn(xml, "other", meaning)


def test_levels_come_from_input_values_from_types_or_from_the_rows():
    rows = [(['"high"'], DENY), (['"low", "middle"'], GRANT)]
    draft = from_dmn(table(rows, "UNIQUE", (("risk", ""),)))
    assert draft.domains == {"risk": ("high", "low", "middle")}
    with pytest.raises(PolicyError, match=r"not\(...\) without input values"):
        from_dmn(table([(['not("low")'], DENY)], "FIRST", (("risk", ""),)))


def test_a_draft_is_toml_that_names_its_rules(leave):
    plain = tomllib.loads(from_dmn(to_dmn(leave)).toml())
    assert [d["id"] for d in plain["domains"]] == [d.id for d in leave.policy.domains]
    assert [r["outcome"] for r in plain["rules"]] == [r.outcome for r in leave.policy.rules]
    whens = [{d: tuple(v) for d, v in r.get("when", {}).items()} for r in plain["rules"]]
    for when, rule in zip(whens, leave.policy.rules, strict=True):
        assert {d: set(v) for d, v in when.items()} == {d: set(v) for d, v in rule.when.items()}


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ("not xml", "not XML"),
        ("<a/>", "the file is 'a'; expected DMN, with <definitions> of the OMG"),
        ('<definitions xmlns="urn:other"/>', "the file is '{urn:other}definitions'; expected DMN"),
        (f"{HEAD}</definitions>".replace("definitions", "decisions"), "decisions'; expected DMN"),
        (f"{HEAD}</definitions>", "no decision table"),
        ('<!DOCTYPE d [<!ENTITY a "b">]><definitions/>', "declares entities or a DTD"),
        (table([(["-", "-"], GRANT)], "COLLECT"), "hit policy: COLLECT"),
        (table([(["-", "-"], GRANT)], "RULE ORDER"), "hit policy: RULE ORDER"),
        (table([(["&gt; 3", "-"], GRANT)]), "the test '> 3'"),
        (table([(['"low", ', "-"], GRANT)]), "the test '\"low\",'"),
        (table([(['"middle"', "-"], GRANT)]), "the value 'middle'; expected low, high"),
        (table([(["-"], GRANT)]), "1 input entries; expected 2"),
        (table([(["-"], GRANT)], "FIRST", (("a + b", ""),)), "the expression 'a . b'"),
        (table([(["-", "-"], GRANT)], "FIRST", (("a", '"x"'), ("a", '"x"'))), "'a' twice"),
        (table([(["-"], GRANT)], "FIRST", (("a", ""),)), "no values"),
    ],
)
def test_what_is_no_table_of_a_policy_is_refused_and_named(xml, said):
    with pytest.raises(PolicyError, match=said):
        from_dmn(xml)


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("risicoscreener.decision.dmn_draft.MAX_BYTES", 100)
    with pytest.raises(PolicyError, match="expected at most 100"):
        from_dmn(table([(["-", "-"], GRANT)]))


def _of_many(domains: int, levels: int = 1) -> str:
    values = ", ".join(f'"v{i}"' for i in range(levels))
    inputs = tuple((f"d{i}", values) for i in range(domains))
    return table([(["-"] * domains, DEEP)], inputs=inputs)


def test_thirty_two_inputs_of_a_thousand_values_are_read_and_no_more():
    assert len(from_dmn(_of_many(32)).domains) == 32
    with pytest.raises(PolicyError, match="inputs: 33; expected at most 32"):
        from_dmn(_of_many(33))
    assert len(from_dmn(_of_many(1, 1000)).domains["d0"]) == 1000
    with pytest.raises(PolicyError, match="1,001 values; expected at most 1,000"):
        from_dmn(_of_many(1, 1001))


def test_a_decision_without_a_name_is_named_by_its_id():
    two = table([(["-", "-"], DEEP)]).replace(' name="grant leave"', "")
    other = two[two.index("<decision id") : two.index("</definitions>")].replace('"D"', '"E"')
    both = two.replace("</definitions>", f"{other}</definitions>")
    with pytest.raises(PolicyError, match="a decision and what its outputs mean: D, E$"):
        from_dmn(both)
    assert len(from_dmn(both, decision="E").rules) == 1


@pytest.mark.parametrize("output", ["3", '"grant", "deny"', '"leave"'])
def test_an_output_that_is_no_outcome_is_refused(output):
    with pytest.raises(PolicyError) as caught:
        from_dmn(table([(["-", "-"], output)]), "D")
    assert f"r0: the output {output!r}; expected one of" in str(caught.value)


def test_levels_that_another_table_gives_come_in_the_order_of_its_output_values():
    rows = [(['"low"'], GRANT), (['"high"'], DENY)]
    own = table(rows, "FIRST", (("risk", ""),))
    asked = (("age", '"a"'), ("work", '"b"'))
    other = table([(["-", "-"], '"high"'), (["-", "-"], '"low"')], "FIRST", asked, '"low", "high"')
    other = other[other.index("<decision ") : other.index("</definitions>")]
    other = other.replace('"D"', '"E"').replace("grant leave", "risk")
    both = own.replace("</definitions>", f"{other}</definitions>")
    assert from_dmn(both, "D").domains == {"risk": ("low", "high")}
    numbers = both.replace('"low"</text></outputEntry>', "1</text></outputEntry>")
    numbers = numbers.replace('<outputValues><text>"low", "high"</text></outputValues>', "")
    assert from_dmn(numbers, "D").domains == {"risk": ("low", "high")}
    by_rows = both.replace('<outputValues><text>"low", "high"</text></outputValues>', "")
    assert from_dmn(by_rows, "D").domains == {"risk": ("high", "low")}


def test_a_draft_names_the_levels_but_unknown_and_no_domain_that_is_built_in():
    axes = (("conduct", '"unknown", "good", "bad"'), ("risk", '"low", "high"'))
    draft = from_dmn(table([(["-", "-"], DEEP)], inputs=axes))
    (domain,) = tomllib.loads(draft.toml())["domains"]
    assert domain == {"id": "conduct", "levels": [{"id": "good"}, {"id": "bad"}]}


def test_what_a_table_gives_where_no_row_matches_is_a_last_rule_and_has_to_be_an_outcome():
    rows = [(['"high"', "-"], DENY)]
    draft = from_dmn(table(rows, default=GRANT))
    assert [(rule.id, rule.when, rule.outcome) for rule in draft.rules] == [
        ("r0", {"risk": ("high",)}, "deny"),
        ("otherwise", {}, "grant"),
    ]
    with pytest.raises(
        PolicyError, match="default output: the output '\"leave\"'; expected one of"
    ):
        from_dmn(table(rows, default='"leave"'))


@pytest.mark.parametrize(
    ("name", "found"),
    [("1st row", "row_1st_row"), ("a-b.c", "a_b_c"), ("X-ray", "X_ray"), ("-a.", "a")],
)
def test_a_row_is_named_by_a_word(name, found):
    xml = table([(["-", "-"], DEEP)]).replace('<rule id="r0">', f'<rule id="{name}">')
    assert [rule.id for rule in from_dmn(xml).rules] == [found]


@pytest.mark.parametrize("kind", ["tRisk", "here:tRisk"])
def test_a_type_may_be_named_with_its_namespace(kind):
    typed = '<itemDefinition name="tRisk"><allowedValues><text>"low", "high"</text></allowedValues>'
    xml = table([(['"high"'], DENY)], "FIRST", (("risk", ""),))
    xml = xml.replace("<inputExpression>", f'<inputExpression typeRef="{kind}">')
    xml = xml.replace("<decision id", f"{typed}</itemDefinition><decision id")
    assert from_dmn(xml).domains == {"risk": ("low", "high")}


def test_a_draft_is_read_by_people_who_write_letters_with_accents():
    draft = from_dmn(table([(['"één"'], GRANT), (['"twee"'], DENY)], "FIRST", (("conduct", ""),)))
    assert '"één"' in draft.toml()


def test_a_quote_within_a_value_is_part_of_it():
    rows = [(['"so \\"called\\" good"'], GRANT), (['"bad"'], DENY)]
    draft = from_dmn(table(rows, "FIRST", (("conduct", ""),)))
    assert draft.domains == {"conduct": ('so "called" good', "bad")}


def test_as_many_rows_are_read_as_are_said_to_be_and_no_more(monkeypatch):
    monkeypatch.setattr("risicoscreener.decision.dmn_draft.MAX_ROWS", 2)
    rows = [(["-", "-"], DEEP)] * 3
    assert len(from_dmn(table(rows[:2])).rules) == 2
    with pytest.raises(PolicyError, match="rules: 3; expected from 1 to 2"):
        from_dmn(table(rows))


def test_a_table_of_as_many_combinations_as_are_allowed_is_read_and_of_more_not(monkeypatch):
    monkeypatch.setattr("risicoscreener.decision.dmn_draft.MAX_CELLS", 4)
    assert len(from_dmn(table([(["-", "-"], DEEP)])).domains) == 2
    monkeypatch.setattr("risicoscreener.decision.dmn_draft.MAX_CELLS", 3)
    with pytest.raises(PolicyError, match="inputs: 4 combinations; expected at most 3"):
        from_dmn(table([(["-", "-"], DEEP)]))


def test_a_file_as_large_as_is_allowed_is_read(monkeypatch):
    xml = table([(["-", "-"], DEEP)])
    monkeypatch.setattr("risicoscreener.decision.dmn_draft.MAX_BYTES", len(xml.encode()))
    assert from_dmn(xml).rules


def test_a_document_type_is_refused_though_it_declares_nothing():
    xml = table([(["-", "-"], DEEP)])
    with pytest.raises(PolicyError, match="declares entities or a DTD"):
        from_dmn(f"<!DOCTYPE definitions>{xml}")


def test_a_table_gives_one_outcome():
    xml = table([(["-", "-"], DEEP)]).replace("</output>", "</output><output/>")
    with pytest.raises(PolicyError, match="outputs: 2 outputs; expected one, which is the outcome"):
        from_dmn(xml, "D")


def test_rows_without_a_name_are_named_by_their_place():
    xml = table([(['"low"', "-"], GRANT), (["-", "-"], DENY)])
    draft = from_dmn(xml.replace(' id="r0"', "").replace(' id="r1"', ""))
    assert [rule.id for rule in draft.rules] == ["row_1", "row_2"]


def test_a_domain_of_which_all_levels_do_is_not_named():
    draft = from_dmn(table([(['"low", "high"', '"good"'], GRANT), (['not("low")', "-"], DENY)]))
    assert [rule.when for rule in draft.rules] == [{"conduct": ("good",)}, {"risk": ("high",)}]


def test_priority_needs_the_outcomes_that_rows_give_and_no_others():
    rows = [(['"low"', "-"], GRANT), (["-", "-"], DENY)]
    draft = from_dmn(table(rows, "PRIORITY", outputs=f"{DENY}, {GRANT}"))
    assert [rule.outcome for rule in draft.rules] == ["deny", "grant"]


def test_a_draft_says_of_each_rule_all_that_the_table_says():
    columns = "".join(f'<annotation name="{name}"/>' for name in ("nl", "en", "source"))
    notes = "".join(
        f"<annotationEntry><text>{text}</text></annotationEntry>"
        for text in ("de laagste", "the lowest", "a trial")
    )
    xml = table([(['"low"', "-"], GRANT)]).replace("</output><rule", f"</output>{columns}<rule")
    (rule,) = tomllib.loads(from_dmn(xml.replace("</rule>", f"{notes}</rule>")).toml())["rules"]
    assert rule == {
        "id": "r0",
        "when": {"risk": ["low"]},
        "outcome": "grant",
        "text": {"nl": "de laagste", "en": "the lowest"},
        "source": "a trial",
    }


def test_notes_of_a_row_may_be_fewer_than_the_columns_for_them():
    noted = table([(["-", "-"], DEEP)]).replace(
        "</output><rule",
        '</output><annotation name="source"/><annotation name="remark"/><rule',
    )
    noted = noted.replace(
        "</rule>", "<annotationEntry><text>a trial</text></annotationEntry></rule>"
    )
    assert from_dmn(noted).rules[0].notes == {"source": "a trial"}


def test_a_hit_policy_that_gives_lists_is_refused_with_those_that_do_not():
    with pytest.raises(PolicyError) as caught:
        from_dmn(table([(["-", "-"], DEEP)], "COLLECT"))
    expected = "expected UNIQUE, FIRST, PRIORITY, ANY: the others give lists of outcomes"
    assert f"hit policy: COLLECT; {expected}" in str(caught.value)
