"""Each reader sees what the purpose needs, and facts about victims cannot be told from the rest."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache

import msgspec
import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from cases import OUTCOMES, example
from risicoscreener.decision import CompiledPolicy, PolicyBook
from risicoscreener.decision.outcome import OUTCOMES as IN_ORDER
from risicoscreener.decision.policy import Requirement
from risicoscreener.decision.policy import Test as PolicyTest
from risicoscreener.errors import AudienceError
from risicoscreener.features import Feature, catalogue
from risicoscreener.features.definition import GROUPS
from risicoscreener.features.sensitivity import about_victims
from risicoscreener.screening import Screener, ScreeningResult
from risicoscreener.screening.audience import Audience, audiences, for_audience
from risicoscreener.screening.result import IfKnownFound, OutsideSupport
from risicoscreener.screening.views import PolicyView
from risicoscreener.texts import Texts

DAY = dt.date(2024, 4, 15)
BLIND = [name for name, reader in audiences().items() if reader.victims != "facts"]
BLINDEST = [name for name in BLIND if audiences()[name].victims == "nothing"]
BOOK = PolicyBook.shipped()
POLICIES = [v for kind in BOOK.kinds() for v in BOOK.versions(kind)]
VICTIMS = set(about_victims(catalogue(), catalogue()))


@cache
def screener() -> Screener:
    return Screener.load()


KINDS = sorted({v.policy.kind for v in POLICIES if v.policy.in_force(DAY)})


@st.composite
def what_is_known_of_victims(draw):
    """Rows of victims and inquiries into them, of a plain dossier."""
    rows = []
    for i in range(draw(st.integers(0, 2))):
        row = {
            "fact_id": f"v{i}",
            "recorded_at": draw(st.sampled_from(("2024-01-10", "2024-04-15", "2024-04-16"))),
            "known_on": "2024-01-10",
            "interest": draw(st.sampled_from(("known", "known", "none_known"))),
            "protection_need": draw(st.sampled_from((None, "none", "some", "high"))),
            "contact_wish": draw(st.sampled_from((None, "no_contact", "informed_only"))),
            "no_contact_asked": draw(st.sampled_from((None, True, False))),
            "area_ban_asked": draw(st.sampled_from((None, True, False))),
            "objects_to_liberty": draw(st.sampled_from((None, True, False))),
            "informed_on": draw(st.sampled_from((None, "2024-02-01"))),
        }
        rows.append({name: value for name, value in row.items() if value is not None})
    asked = {
        "recorded_at": "2024-01-09",
        "subject": "victims",
        "source": "victim_service",
        "consulted_on": "2024-01-09",
        "complete": draw(st.booleans()),
    }
    return rows, [asked] if draw(st.booleans()) else []


def with_victims(name: str, known) -> dict:
    plain = example(name)
    rows, asked = known
    others = [row for row in plain.get("inquiries", []) if row["subject"] != "victims"]
    return {**plain, "victims": rows, "inquiries": [*others, *asked]}


def said(result: ScreeningResult) -> list[str]:
    """All that a reader gets: the data, and every rendering."""
    return [
        result.to_json().decode(),
        *(render(lang) for lang in ("nl", "en") for render in (result.text, result.html)),
    ]


INDEPENDENT = ("person_id", "domains", "requirements", "models", "missing", "values")


@given(
    what_is_known_of_victims(),
    what_is_known_of_victims(),
    st.sampled_from(OUTCOMES),
    st.sampled_from(KINDS),
)
@settings(max_examples=80, deadline=None)
def test_two_dossiers_that_differ_in_victims_alone_look_the_same(one, other, name, kind):
    found = [
        screener().screen(with_victims(name, known), kind, as_of=DAY) for known in (one, other)
    ]
    same = found[0].outcome == found[1].outcome
    event("same outcome" if same else "other outcome")
    for reader in BLINDEST:
        first, second = (result.for_audience(reader) for result in found)
        if same:
            assert said(first) == said(second)
        for part in INDEPENDENT:
            assert getattr(first, part) == getattr(second, part)


@given(what_is_known_of_victims(), st.sampled_from(OUTCOMES), st.sampled_from(BLIND))
@settings(deadline=None)
def test_no_name_of_a_fact_about_victims_is_in_an_extract(known, name, reader):
    result = screener().screen(with_victims(name, known), "leave", as_of=DAY)
    extract = result.for_audience(reader)
    assert not VICTIMS & {
        *extract.values,
        *(c.feature for m in extract.models for c in m.contributions),
    }
    names = {d.name for d in extract.domains} | {m.name for m in extract.missing}
    names |= {step.domain for change in extract.changes for step in change.steps}
    assert "victims" not in names
    assert not any(name in json.dumps(extract.to_dict()) for name in VICTIMS)


# --- over the whole table of every policy -------------------------------------------------------


@cache
def _template() -> ScreeningResult:
    return screener().screen(example("grant"), "leave", as_of=DAY)


def result_of_cell(
    view: PolicyView, levels: tuple[int, ...], attached: list[bool]
) -> ScreeningResult:
    """What a result says of a case at these levels, with these conditions where they may be."""
    compiled = view.compiled
    cell = int(np.ravel_multi_index(levels, compiled.shape))
    may_be = compiled.attached[:, cell]
    return msgspec.structs.replace(
        _template(),
        decision=compiled.policy.kind,
        policy=view.used,
        outcome=IN_ORDER[int(compiled.outcomes[levels])],
        rule=view.rules[int(compiled.rules[levels])],
        domains=tuple(d[i] for d, i in zip(view.domains, levels, strict=True)),
        requirements=(),
        conditions=tuple(c for i, c in enumerate(view.conditions) if may_be[i] and attached[i]),
        changes=view.changes(cell, levels),
        missing=(),
    )


def _about_victims(view: PolicyView) -> set[str]:
    """Conditions that rest on what is known of victims."""
    tests = {
        c.id: [t.input for t in (*(c.all or ()), *(c.any or ()))]
        for c in view.compiled.policy.conditions
    }
    return {
        c.id
        for c in view.compiled.policy.conditions
        if "victims" in c.when or VICTIMS & set(tests[c.id])
    }


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_cases_that_differ_in_victims_alone_give_one_extract(policy, data):
    view = PolicyView(policy)
    place = next((i for i, d in enumerate(policy.domains) if d.id == "victims"), None)
    levels = tuple(data.draw(st.integers(0, size - 1)) for size in policy.shape)
    attached = [data.draw(st.booleans()) for _ in view.conditions]
    free = [c.id in _about_victims(view) for c in view.conditions]
    cases = []
    for level in range(policy.shape[place] if place is not None else 1):
        there = levels if place is None else (*levels[:place], level, *levels[place + 1 :])
        drawn = [data.draw(st.booleans()) if f else a for f, a in zip(free, attached, strict=True)]
        cases.append(result_of_cell(view, there, drawn))
    for reader in BLINDEST:
        by_outcome: dict[str, list[bytes]] = {}
        for case in cases:
            by_outcome.setdefault(case.outcome, []).append(case.for_audience(reader).to_json())
        for extracts in by_outcome.values():
            assert len(set(extracts)) == 1


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.id)
def test_a_rule_about_victims_is_withheld_also_where_it_is_the_only_one(policy):
    view = PolicyView(policy)
    for place, rule in enumerate(policy.policy.rules):
        cells = np.argwhere(policy.rules == place)
        if "victims" not in rule.when or not len(cells):
            continue
        case = result_of_cell(view, tuple(map(int, cells[0])), [True] * len(view.conditions))
        for reader in BLIND:
            assert case.for_audience(reader).rule.id == "withheld"


# --- what each reader does see ------------------------------------------------------------------


@pytest.fixture(scope="module")
def result() -> ScreeningResult:
    return screener().screen(example("deep_assessment"), "leave", as_of=DAY)


def test_who_decides_sees_everything(result):
    seen = result.for_audience("decision_maker")
    assert msgspec.structs.replace(seen, policy=result.policy) == result
    assert "Pm art. 40 lid 2" in seen.text("en")


def test_probation_sees_which_conditions_protect_victims_and_no_facts():
    known = (
        [
            {
                "recorded_at": "2024-01-10",
                "known_on": "2024-01-10",
                "interest": "known",
                "protection_need": "some",
                "no_contact_asked": True,
                "area_ban_asked": False,
                "objects_to_liberty": False,
            }
        ],
        [],
    )
    found = screener().screen(with_victims("grant", known), "leave", as_of=DAY)
    assert "no_contact" in {c.id for c in found.conditions}
    seen = {name: {c.id for c in found.for_audience(name).conditions} for name in audiences()}
    assert "no_contact" in seen["probation"]
    assert "no_contact" not in seen["person"]
    assert "withheld" in seen["person"]
    assert seen["municipality"] == seen["evaluator"] == set()
    assert found.for_audience("victim_service").domain("victims").level == "met_by_conditions"


def test_the_municipality_sees_the_basic_conditions_alone(result):
    seen = result.for_audience("municipality")
    assert (seen.domains, seen.models, seen.changes, seen.requirements, seen.missing) == (
        (),
        (),
        (),
        (),
        (),
    )
    groups = {catalogue()[name].group for name in seen.values}
    assert groups <= {"debt", "housing", "work_income", "identity"}
    assert seen.rule.id == "withheld"


def test_the_evaluator_does_not_see_who_it_is(result):
    seen = result.for_audience("evaluator")
    assert result.person_id not in "".join(said(seen))
    assert seen.models


@pytest.mark.parametrize("reader", audiences())
@pytest.mark.parametrize("name", OUTCOMES)
def test_every_extract_can_be_read_and_stored(reader, name):
    extract = screener().screen(example(name), "leave", as_of=DAY).for_audience(reader)
    for lang, word in (("nl", "Uittreksel voor"), ("en", "Extract for")):
        assert word in extract.text(lang)
        assert "<article" in extract.html(lang)
        assert "{" not in extract.text(lang)
    assert ScreeningResult.from_json(extract.to_json()) == extract


# --- nothing that is not named ------------------------------------------------------------------


def nobody(**changes) -> Audience:
    text = {"nl": "niemand", "en": "nobody"}
    plain = {
        "id": "nobody",
        "title": text,
        "source": "project",
        "remark": text,
        "parts": [],
        "domains": [],
        "groups": [],
        "victims": "nothing",
    }
    return msgspec.convert({**plain, **changes}, Audience)


def test_a_reader_of_whom_nothing_is_named_sees_the_outcome_alone(result):
    seen = result.for_audience(nobody())
    assert seen.outcome == result.outcome
    assert (seen.person_id, seen.rule.id, seen.quarantined_rows) == ("withheld", "withheld", 0)
    for part in ("domains", "requirements", "conditions", "models", "changes", "missing"):
        assert getattr(seen, part) == ()
    assert seen.values == {}


def test_a_new_group_or_an_unknown_feature_is_not_shown(result):
    every = [*audiences()["person"].groups]
    known = dict(catalogue())
    own = Feature(
        "own",
        "assessment",
        "count",
        {"nl": "x", "en": "x"},
        "",
        "project",
        table="victims",
    )
    changed = msgspec.structs.replace(result, values={**result.values, "own": 1.0, "strange": 2.0})
    seen = for_audience(
        changed, nobody(parts=["values"], groups=every), definitions={**known, "own": own}
    )
    assert "own" not in seen.values
    assert "strange" not in seen.values
    assert seen.values == {n: v for n, v in result.values.items() if n not in VICTIMS}


@pytest.mark.parametrize("shown", [(), ("conduct",), ("conduct", "person"), tuple(GROUPS)])
def test_of_a_model_only_features_of_the_groups_of_a_reader_are_shown_in_whatever_part(
    result, shown
):
    """Each part of a model in which a feature can stand has all features of the model."""
    full = []
    for model in result.models:
        names = tuple(c.feature for c in model.contributions)
        groups = dict.fromkeys(c.group for c in model.contributions)
        full.append(
            msgspec.structs.replace(
                model,
                outside=tuple(
                    OutsideSupport(feature=n, value=1.0, low=0.0, high=1.0, typical=0.5, reason="r")
                    for n in names
                ),
                unknown=names,
                unusual=names,
                if_known=tuple(IfKnownFound(feature=n, lowest=0.1, highest=0.2) for n in names),
                pattern=names,
                by_group=dict.fromkeys(groups, 1.0),
            )
        )
    seen = for_audience(
        msgspec.structs.replace(result, models=tuple(full)), nobody(parts=["models"], groups=shown)
    )
    assert len(seen.models) == len(full)
    for whole, part in zip(full, seen.models, strict=True):
        open_ = [
            c.feature for c in whole.contributions if c.group in shown and c.feature not in VICTIMS
        ]
        assert [c.feature for c in part.contributions] == open_
        assert [item.feature for item in part.outside] == open_
        assert [item.feature for item in part.if_known] == open_
        assert [*part.unknown] == [*part.unusual] == [*part.pattern] == open_
        assert set(part.by_group) == {c.group for c in part.contributions}
        assert part.probability == whole.probability


@pytest.mark.parametrize("reader", audiences())
def test_how_many_rows_are_set_apart_is_for_who_sees_facts_about_victims(result, reader):
    """A row that is set apart may be one about a victim."""
    flawed = msgspec.structs.replace(result, quarantined_rows=3)
    seen = flawed.for_audience(reader)
    assert seen.quarantined_rows == (3 if audiences()[reader].victims == "facts" else 0)


def test_what_is_yet_to_be_verified_is_a_choice_of_each_reader_and_what_is_withheld_is_none(result):
    assert not nobody().to_verify
    seen = result.for_audience("person")
    withheld = [c for c in seen.conditions if c.id == "withheld"]
    assert withheld
    assert not any(one.to_verify for one in [*withheld, seen.rule] if one.id == "withheld")


def leave_that_requires_none_of(feature: str) -> CompiledPolicy:
    """The policy for leave, with one more requirement."""
    leave = BOOK.pick("leave", DAY).policy
    own = Requirement(
        id="own",
        text=Texts(nl="eigen", en="own"),
        source="project",
        supplier=Texts(nl="wie", en="who"),
        all=(PolicyTest(input=feature, max=0),),
    )
    return CompiledPolicy(msgspec.structs.replace(leave, requirements=(*leave.requirements, own)))


def test_a_policy_that_reads_what_is_not_defined_shows_nothing_of_it():
    compiled = leave_that_requires_none_of("own_fact")
    requirements = compiled.policy.requirements
    defined = Feature(
        "own_fact", "detention", "count", {"nl": "x", "en": "x"}, "", "project", table="conduct"
    )
    known = catalogue().with_features(defined)
    theirs = Screener(screener().bundle, PolicyBook([compiled]), known)
    found = theirs.screen(example("grant"), "leave", as_of=DAY)
    blind = found.for_audience("person", policies=theirs.policies)
    assert blind.requirements == ()
    assert "admissibility" not in {d.name for d in blind.domains}
    seen = found.for_audience("person", policies=theirs.policies, definitions=known)
    assert {r.name for r in seen.requirements} == {r.id for r in requirements}


@pytest.mark.parametrize("reader", audiences())
def test_that_a_requirement_about_victims_is_not_met_or_unknown_is_for_who_sees_their_facts(reader):
    """With a requirement that no victim objects, of a dossier in which that is unknown."""
    compiled = leave_that_requires_none_of("victims_open_objection")
    own = compiled.policy.requirements[-1]
    theirs = Screener(screener().bundle, PolicyBook([compiled]), catalogue())
    found = theirs.screen({**example("grant"), "inquiries": [], "victims": []}, "leave", as_of=DAY)
    assert own.id in {one.name for one in found.missing}
    sees = audiences()[reader]
    seen = found.for_audience(reader, policies=theirs.policies)
    told = {one.name for one in seen.missing} | {one.name for one in seen.requirements}
    assert (own.id in told) is (sees.victims == "facts" and "requirements" in sees.parts)
    if reader == "decision_maker":
        assert {one.name for one in seen.missing} == {one.name for one in found.missing}


def test_who_decides_sees_every_domain_and_every_group():
    reader = audiences()["decision_maker"]
    assert reader.domains == ("*",)
    assert set(reader.groups) == set(GROUPS)


def test_who_may_not_see_facts_is_given_no_group_of_them():
    for name in BLIND:
        assert "victims" not in audiences()[name].groups
        assert "victims" not in audiences()[name].domains


def test_what_cannot_be_done_is_said(result):
    with pytest.raises(
        AudienceError, match="audience 'press'; expected one of decision_maker, person"
    ):
        result.for_audience("press")
    other = msgspec.structs.replace(
        result, policy=msgspec.structs.replace(result.policy, digest="0" * 64)
    )
    with pytest.raises(AudienceError, match="is not among the policies"):
        other.for_audience("person")
    with pytest.raises(AudienceError, match="is an extract itself"):
        result.for_audience("municipality").for_audience("person")
