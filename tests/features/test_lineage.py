"""A value names the facts that it comes from, and an unknown one says why."""

from __future__ import annotations

import datetime as dt
import json
import math

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import FeatureError, RisicoscreenerError
from risicoscreener.features import Catalogue, catalogue, lineage
from risicoscreener.features.definition import OF_FEATURES, OF_ROWS
from risicoscreener.features.one import compile_one
from strategies import a_debt, a_person, dossiers

from .reference import Picture, known_fields, of_features, of_rows
from .strategies import a_feature, days_of, features
from .test_algebra import CONSULTED, TODAY, WORK, ago, debt, stay

PLAN = catalogue().plan()
ONE = compile_one(PLAN)


def of(name="trial", feature=None, as_of=TODAY, **parts):
    own = catalogue() if feature is None else Catalogue({feature.name: feature})
    return lineage(read_dossier({**a_person(), **parts}), name, as_of, own)


def recomputed(found, dossier):
    """The value again, from the rows or the inputs that the lineage names and nothing else."""
    feature = found.feature
    if feature.aggregate in OF_FEATURES:
        values = {i.name: math.nan if i.value is None else i.value for i in found.inputs}
        value = of_features(feature, values)
    else:
        picture = Picture(dossier, found.as_of)
        rows = [
            known_fields(getattr(dossier, row.table)[row.position], row.table, found.as_of)
            for row in found.rows
            if row.role == "value"
        ]
        value = of_rows(feature, rows, picture)
    return min(value, feature.cap) if feature.cap is not None else value


@settings(max_examples=12, deadline=None)
@given(dossiers(max_rows=3), st.data())
def test_the_value_can_be_computed_again_from_the_rows_that_are_named(dossier, data):
    day = data.draw(days_of(dossier))
    values = dict(zip(PLAN.names, ONE(dossier, day), strict=True))
    for name in data.draw(st.lists(st.sampled_from(PLAN.names), min_size=15, max_size=15)):
        check(lineage(dossier, name, day), dossier, values[name])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_so_it_is_for_any_feature_that_can_be_defined(data):
    feature = data.draw(features())
    dossier = data.draw(dossiers(max_rows=5, only=("detentions", "inquiries", feature.table)))
    day = data.draw(days_of(dossier))
    own = Catalogue({"trial": feature})
    check(lineage(dossier, "trial", day, own), dossier, compile_one(own.plan())(dossier, day)[0])


def check(found, dossier, value):
    assert (found.value is None) == math.isnan(value)
    assert (found.unknown is None) == (found.value is not None)
    if found.value is not None:
        assert found.value == value
        if found.feature.aggregate in (*OF_ROWS, *OF_FEATURES):
            assert recomputed(found, dossier) == pytest.approx(value, rel=1e-9, abs=1e-9)
    for row in found.rows:
        fact = getattr(dossier, row.table)[row.position]
        assert row.recorded_at == fact.recorded_at <= found.as_of
        known = known_fields(fact, row.table, found.as_of)
        assert row.fields == {name: known[name] for name in row.fields}
    for lang in ("nl", "en"):
        assert found.feature.text[lang] in found.text(lang)
    json.dumps(found.to_dict(), allow_nan=False)
    for item in found.inputs:
        check(item, dossier, math.nan if item.value is None else item.value)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.data())
def test_a_dossier_of_the_rows_that_are_named_gives_the_same_value(data):
    feature = data.draw(features())
    dossier = data.draw(dossiers(max_rows=5, only=("detentions", "inquiries", feature.table)))
    day = data.draw(days_of(dossier))
    own = Catalogue({"trial": feature})
    found = lineage(dossier, "trial", day, own)
    named = {(row.table, row.position) for row in found.rows}
    # With neither a match nor an inquiry, it is the facts that do not match that make it known.
    assume(found.value is not None and any(row.role != "arrival" for row in found.rows))
    kept = {n: [r for i, r in enumerate(getattr(dossier, n)) if (n, i) in named] for n in tables()}
    less = msgspec.structs.replace(dossier, **kept)
    assert compile_one(own.plan())(less, day) == [found.value]


def test_a_count_names_each_fact_and_the_fields_by_which_it_matches():
    feature = a_feature(where={"kind": ["fine"]})
    found = of(feature=feature, debts=[debt(3), debt(4, kind="tax"), debt(5)])
    assert [(r.table, r.position) for r in found.rows] == [("debts", 0), ("debts", 2)]
    assert found.rows[0].fields == {"since": TODAY - dt.timedelta(days=3), "kind": "fine"}
    assert (found.matching, found.seen) == (2, 3)


@pytest.mark.parametrize(
    ("aggregate", "more", "position"),
    [
        ("last", {"field": "amount_eur"}, 1),
        ("days_since_last", {}, 1),
        ("days_since_first", {}, 0),
        ("max", {"field": "amount_eur"}, 0),
    ],
)
def test_what_one_fact_decides_names_that_fact(aggregate, more, position):
    rows = [debt(40, amount_eur=9), debt(4, amount_eur=5), debt(5, amount_eur=7)]
    found = of(feature=a_feature("trial", aggregate, **more), debts=rows)
    assert [row.position for row in found.rows] == [position]
    assert found.matching == 3


def test_what_facts_of_one_day_decide_names_them_all_and_says_if_they_contradict_each_other():
    rows = [debt(4, amount_eur=5), debt(40, amount_eur=9), debt(4, amount_eur=5, kind="tax")]
    feature = a_feature("trial", "last", field="amount_eur")
    agreed = of(feature=feature, debts=rows)
    assert [row.position for row in agreed.rows] == [0, 2]
    assert (agreed.value, agreed.unknown) == (5, None)
    differ = of(feature=feature, debts=[*rows, debt(4, amount_eur=6)])
    assert [row.position for row in differ.rows] == [0, 2, 3]
    assert (differ.value, differ.unknown, differ.field) == (None, "contradictory", "amount_eur")
    assert "facts of the same day contradict each other on amount in euros" in differ.text("en")
    assert "feiten van dezelfde dag spreken elkaar tegen over bedrag in euro" in differ.text("nl")


def test_facts_of_one_day_of_which_none_has_the_field_do_not_contradict_each_other():
    work = {"recorded_at": "2020-01-02", "from_on": "2020-01-02"}
    rows = [{**work, "kind": "work"}, {**work, "kind": "education"}]
    feature = a_feature("trial", "last", table="income_work", field="hours_per_week")
    assert of(feature=feature, income_work=rows).unknown == "field_not_filled"
    one_given = [rows[0], {**rows[1], "hours_per_week": 8}]
    assert of(feature=feature, income_work=one_given).unknown == "contradictory"


def test_facts_that_were_replaced_or_recorded_later_are_not_named():
    wrong = debt(50, fact_id="a")
    right = debt(50, amount_eur=1) | {"recorded_at": ago(40), "supersedes": "a"}
    late = a_debt(recorded_at=ago(-5))
    assert [row.position for row in of(feature=a_feature(), debts=[wrong, right, late]).rows] == [1]


def test_a_field_that_is_not_yet_known_is_not_shown():
    found = of(feature=a_feature(open=True), debts=[debt(50, until=ago(-9))])
    assert found.rows[0].fields["until"] is None


def test_a_window_since_arrival_names_the_detention_that_bounds_it():
    found = of(
        feature=a_feature(since_arrival=True),
        debts=[debt(3)],
        detentions=[stay(90, released_on=ago(80)), stay(20)],
    )
    assert [(row.role, row.table, row.position) for row in found.rows] == [
        ("arrival", "detentions", 1),
        ("value", "debts", 0),
    ]


def test_that_nothing_is_there_names_the_inquiry_that_says_so():
    found = of(feature=a_feature(), inquiries=[CONSULTED])
    assert found.value == 0
    assert [(row.role, row.position) for row in found.rows] == [("inquiry", 0)]
    assert "geraadpleegd op 2020-01-01" in found.text("nl")


def test_a_ratio_has_the_lineage_of_what_it_is_made_of():
    found = of("violent_share", convictions=[])
    assert [item.name for item in found.inputs] == ["convictions_violent", "convictions_total"]


HOURS = a_feature("trial", "last", table="income_work", field="hours_per_week")
RESULT = a_feature(
    "trial",
    "last",
    table="assessments",
    field="outcome",
    values={"inconclusive": 1.0, "favourable": 2.0, "unfavourable": 3.0},
)
OUTCOME = {
    "recorded_at": ago(9),
    "kind": "deep_risk_assessment",
    "asked_on": ago(9),
    "outcome": "favourable",
}


@pytest.mark.parametrize(
    ("name", "feature", "parts", "why"),
    [
        ("trial", a_feature(), {}, "not_consulted"),
        ("trial", a_feature(), {"debts": [a_debt(recorded_at=ago(-1))]}, "not_consulted"),
        ("trial", a_feature(), {"inquiries": [{**CONSULTED, "complete": False}]}, "not_consulted"),
        ("served_days", None, {}, "nothing_recorded"),
        (
            "trial",
            a_feature("trial", "days_since_last"),
            {"inquiries": [CONSULTED]},
            "nothing_recorded",
        ),
        ("trial", HOURS, {"income_work": [WORK]}, "field_not_filled"),
        (
            "trial",
            RESULT,
            {"assessments": [{**OUTCOME, "done_on": ago(-1)}]},
            "not_yet_known",
        ),
        ("trial", a_feature(since_arrival=True), {"debts": [debt(3)]}, "no_detention"),
        ("violent_share", None, {}, "input_unknown"),
        (
            "desired_week_share_6m",
            None,
            {
                "conduct": [
                    {
                        "recorded_at": ago(3),
                        "occurred_on": ago(3),
                        "kind": "incident",
                        "category": "reintegration",
                        "grade": "undesired",
                    }
                ]
            },
            "no_denominator",
        ),
        (
            "trial",
            a_feature("trial", "person", field="sex", values={"female": 1.0}),
            {},
            "field_not_filled",
        ),
    ],
)
def test_an_unknown_value_says_why(name, feature, parts, why):
    found = of(name, feature, **parts)
    assert (found.value, found.unknown) == (None, why)
    for lang, said in (("nl", "onbekend, want"), ("en", "unknown, since")):
        assert found.text(lang).splitlines()[0].startswith(f"{found.feature.text[lang]}: {said}")


def test_a_field_that_is_missing_is_named():
    assert of(feature=HOURS, income_work=[WORK]).field == "hours_per_week"
    assert "uren per week is niet ingevuld" in of(feature=HOURS, income_work=[WORK]).text("nl")


def test_what_of_a_derived_feature_is_unknown_is_said():
    found = of("served_fraction", detentions=[stay(30, sentence_days=90)])
    lacking = [item.name for item in found.inputs if item.value is None]
    assert lacking == ["unconditional_days"]
    assert catalogue()["unconditional_days"].text["en"] in found.text("en").splitlines()[0]


def test_the_text_reads_line_by_line():
    found = of(
        "convictions_violent",
        convictions=[
            {
                "recorded_at": ago(9),
                "offence_class": "violence",
                "offence_on": ago(90),
                "judged_on": ago(10),
                "sanction": "custodial",
                "severity": 3,
            }
        ],
    )
    assert found.text("en").splitlines() == [
        "convictions for violence: 1 (convictions)",
        "  - comes from 1 of 1 matching facts (1 known in convictions)",
        "  - no. 1, known on 2024-05-23: date of the offence 2024-03-03, offence class assault and other violence",
    ]


def test_every_field_table_and_unit_has_a_name_in_both_languages():
    from risicoscreener.dossier.schema import persons
    from risicoscreener.features import wording

    named = wording.SENTENCES.entries
    shown = {n for s in (*tables().values(), persons()) if s.name != "audit" for n in s.columns}
    assert shown - {"fact_id", "supersedes", "void"} <= set(named["field"])
    assert {f.unit for f in catalogue().values()} <= set(named["unit"])
    for lang in ("nl", "en"):
        assert all(
            wording.table_label(name, lang) for name in ("persons", *tables()) if name != "audit"
        )
    assert all(set(text) == {"nl", "en"} for part in named.values() for text in part.values())


def test_an_unknown_feature_or_language_is_refused():
    with pytest.raises(FeatureError, match="did you mean convictions_total"):
        of("conviction_total")
    with pytest.raises(RisicoscreenerError, match="'fr' is not spoken"):
        of("convictions_total").text("fr")
