"""What lineage says of a value, whole: as plain values, and line by line in both languages."""

from __future__ import annotations

import datetime as dt

import pytest

from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.features import Catalogue, lineage
from risicoscreener.features.definition import Case
from risicoscreener.features.wording import (
    field_label,
    formula,
    group_label,
    label,
    say_number,
    say_value,
    table_label,
    unit_label,
)
from strategies import a_person

from .strategies import a_feature
from .test_algebra import CONSULTED, TODAY, ago, debt, stay

BORN = dt.date(1990, 1, 1)
SHARE = {"nl": "deel", "en": "share of"}
OWN = {
    "top": a_feature(
        "top", "max", field="amount_eur", where={"kind": ["fine"]}, open=True, since_arrival=True
    ),
    "bottom": a_feature("bottom", "days_covered", since_arrival=True, window_days=30),
    "share": a_feature(
        "share", "ratio", numerator="top", denominator="bottom", unit="share", text=SHARE
    ),
}
PARTS = {
    "debts": [debt(5, amount_eur=4.5), debt(3, kind="tax", until=ago(1))],
    "detentions": [stay(20)],
    "inquiries": [CONSULTED, {**CONSULTED, "complete": False, "recorded_at": ago(3)}],
}


def traced(name, own, **parts):
    return lineage(read_dossier({**a_person(), **parts}), name, TODAY, Catalogue(own))


def row(table, position, role, **fields):
    begin = fields.get("since", fields.get("arrived_on", "2020-01-01"))
    plain = {"table": table, "position": position, "recorded_at": begin}
    return {**plain, "role": role, "fields": fields}


ARRIVAL = row("detentions", 0, "arrival", arrived_on=ago(20), released_on=None)
INQUIRY = row(
    "inquiries", 0, "inquiry", subject="debts", source="municipality", consulted_on="2020-01-01"
)
PLAIN = {"as_of": "2024-06-01", "unknown": None, "field": None}
TRIAL = {"unit": "days", "text": {"nl": "proef", "en": "trial"}, "seen": 2, "inputs": []}


def test_a_value_is_told_in_plain_values_with_all_that_it_comes_from():
    fine = row("debts", 0, "value", since=ago(5), kind="fine", until=None, amount_eur=4.5)
    spells = [
        row("debts", 0, "value", since=ago(5), until=None),
        row("debts", 1, "value", since=ago(3), until=ago(1)),
    ]
    top = {"name": "top", "value": 4.5, "matching": 1, "rows": [ARRIVAL, INQUIRY, fine]}
    bottom = {"name": "bottom", "value": 5.0, "matching": 2, "rows": [ARRIVAL, INQUIRY, *spells]}
    none = {"matching": 0, "seen": 0, "rows": []}
    assert traced("share", OWN, **PARTS).to_dict() == {
        **PLAIN,
        **none,
        "name": "share",
        "value": 0.9,
        "unit": "share",
        "text": SHARE,
        "inputs": [{**PLAIN, **TRIAL, **top}, {**PLAIN, **TRIAL, **bottom}],
    }


def test_a_value_is_told_line_by_line_in_both_languages():
    found = traced("share", OWN, **PARTS)
    assert found.text("nl").splitlines() == [
        "deel: 0,9 (aandeel)",
        "  proef: 4,5 (dagen)",
        "    - huidige detentie sinds 2024-05-12",
        "    - schulden geraadpleegd op 2020-01-01 (gemeente)",
        "    - komt van 1 van 1 passende feiten (2 bekend in schulden)",
        "    - nr. 1, bekend op 2024-05-27: sinds 2024-05-27, soort geldboete, bedrag in euro 4,5",
        "  proef: 5 (dagen)",
        "    - huidige detentie sinds 2024-05-12",
        "    - schulden geraadpleegd op 2020-01-01 (gemeente)",
        "    - komt van 2 van 2 passende feiten (2 bekend in schulden)",
        "    - nr. 1, bekend op 2024-05-27: sinds 2024-05-27",
        "    - nr. 2, bekend op 2024-05-29: sinds 2024-05-29, tot 2024-05-31",
    ]
    assert found.text("en").splitlines()[:6] == [
        "share of: 0.9 (share)",
        "  trial: 4.5 (days)",
        "    - present detention since 2024-05-12",
        "    - debts consulted on 2020-01-01 (municipality)",
        "    - comes from 1 of 1 matching facts (2 known in debts)",
        "    - no. 1, known on 2024-05-27: since 2024-05-27, kind fine, amount in euros 4.5",
    ]
    assert str(found) == found.text("en")


WORK = {"recorded_at": ago(9), "kind": "work", "from_on": ago(9)}
LARGEST = {"field": "hours_per_week", "table": "income_work", "none_value": 0.0}
CASES = (Case("n", 1.0, low=3.0),)
ASSESSED = {
    "recorded_at": ago(9), "kind": "deep_risk_assessment", "asked_on": ago(9),
    "outcome": "favourable", "done_on": ago(-1),
}  # fmt: skip
VALUES = dict.fromkeys(tables()["assessments"].columns["outcome"].codes, 1.0)


@pytest.mark.parametrize(
    ("features", "parts", "why", "said"),
    [
        (
            [a_feature()],
            {},
            ("not_consulted", None),
            ["proef: onbekend, want schulden: niets bekend en geen bron volledig geraadpleegd"],
        ),
        (
            [a_feature("trial", "days_since_last", where={"kind": ["tax"]})],
            {"debts": [debt(5)]},
            ("nothing_recorded", None),
            [
                "proef: onbekend, want schulden: geen passend feit bekend",
                "  - geen passend feit (1 bekend in schulden)",
            ],
        ),
        (
            [a_feature("trial", table="detentions")],
            {},
            ("nothing_recorded", None),
            ["proef: onbekend, want detenties: geen passend feit bekend"],
        ),
        (
            [a_feature(since_arrival=True)],
            {"debts": [debt(5)], "detentions": [stay(20, released_on=ago(3))]},
            ("no_detention", None),
            [
                "proef: onbekend, want geen lopende detentie bekend",
                "  - geen passend feit (1 bekend in schulden)",
            ],
        ),
        (
            [a_feature("trial", "max", **LARGEST)],
            {"income_work": [WORK]},
            ("field_not_filled", "hours_per_week"),
            ["proef: onbekend, want uren per week is niet ingevuld"],
        ),
        (
            [a_feature("trial", "max", table="assessments", field="outcome", values=VALUES)],
            {"assessments": [ASSESSED]},
            ("not_yet_known", "outcome"),
            ["proef: onbekend, want uitkomst is op deze dag nog niet bekend"],
        ),
        (
            [a_feature("trial", "last", field="amount_eur")],
            {"debts": [debt(5, amount_eur=1), debt(5, amount_eur=2)]},
            ("contradictory", "amount_eur"),
            [
                "proef: onbekend, want feiten van dezelfde dag spreken elkaar tegen over bedrag in "
                "euro",
                "  - komt van 2 van 2 passende feiten (2 bekend in schulden)",
                "  - nr. 1, bekend op 2024-05-27: sinds 2024-05-27, bedrag in euro 1",
                "  - nr. 2, bekend op 2024-05-27: sinds 2024-05-27, bedrag in euro 2",
            ],
        ),
        (
            [a_feature("trial", "given", field="elsewhere")],
            {},
            ("no_fact", None),
            [
                "proef: onbekend, want geen feit van een dossier; komt mee met een tabel van "
                "kenmerken"
            ],
        ),
        (
            [a_feature("trial", "person", field="sex", values={"female": 1.0})],
            {},
            ("field_not_filled", "sex"),
            ["proef: onbekend, want geslacht is niet ingevuld"],
        ),
        (
            [
                a_feature("n", text={"nl": "aantal", "en": "number"}),
                a_feature("trial", "linear", terms={"n": 1.0}),
            ],
            {},
            ("input_unknown", None),
            [
                "proef: onbekend, want onbekend is: aantal",
                "  aantal: onbekend, want schulden: niets bekend en geen bron volledig "
                "geraadpleegd",
            ],
        ),
        (
            [
                a_feature("n", text={"nl": "aantal", "en": "number"}, where={"kind": ["tax"]}),
                a_feature("trial", "ratio", numerator="n", denominator="n"),
            ],
            {"debts": [debt(5)]},
            ("no_denominator", None),
            [
                "proef: onbekend, want aantal is niet groter dan nul",
                "  aantal: 0 (dagen)",
                "    - geen passend feit (1 bekend in schulden)",
            ],
        ),
        (
            [a_feature("n", where={"kind": ["tax"]}), a_feature("trial", "cases", cases=CASES)],
            {"debts": [debt(5)]},
            ("undecided", None),
            [
                "proef: onbekend, want geen van de gevallen geeft een waarde",
                "  proef: 0 (dagen)",
                "    - geen passend feit (1 bekend in schulden)",
            ],
        ),
    ],
)
def test_an_unknown_value_says_why_line_by_line(features, parts, why, said):
    found = traced("trial", {feature.name: feature for feature in features}, **parts)
    assert (found.value, found.unknown, found.field) == (None, *why)
    assert found.text("nl").splitlines() == said


def valid(days):
    return {**ASSESSED, "done_on": ago(9), "valid_until": ago(days)}


UNTIL = {"trial": a_feature("trial", "days_until", table="assessments", field="valid_until")}


def test_two_dates_of_the_latest_day_that_differ_are_both_named():
    earlier = {**valid(4), "recorded_at": ago(20), "asked_on": ago(20)}
    found = traced("trial", UNTIL, assessments=[valid(-5), earlier, valid(5)])
    assert [row.position for row in found.rows] == [0, 2]
    assert (found.unknown, found.field) == ("contradictory", "valid_until")
    found = traced("trial", UNTIL, assessments=[valid(-5), earlier])
    assert ([row.position for row in found.rows], found.value) == ([0], 5)


@pytest.mark.parametrize(
    ("aggregate", "more", "named", "value"),
    [
        ("count", {}, [0, 1, 2], 3),
        ("any", {}, [0, 1, 2], 1),
        ("sum", {"field": "amount_eur"}, [0, 1, 2], 13),
        ("max", {"field": "amount_eur"}, [1], 6),
        ("distinct", {"field": "kind"}, [0, 1, 2], 1),
        ("last", {"field": "amount_eur"}, [2], 3),
        ("days_since_last", {}, [2], 3),
        ("days_since_first", {}, [0], 50),
        ("age_at_first", {}, [0], (TODAY - BORN).days / 365.25 - 50 / 365.25),
        ("days_covered", {}, [0, 1, 2], 50),
        ("slope", {"window_days": 60, "bin_days": 30}, [0, 1, 2], 1),
        ("kernel", {"kernel": "longest_gap"}, [0, 1, 2], 30),
    ],
)
def test_the_facts_are_named_that_a_value_comes_from(aggregate, more, named, value):
    rows = [debt(50, amount_eur=4), debt(20, amount_eur=6), debt(3, amount_eur=3)]
    own = {"trial": a_feature("trial", aggregate, where={"kind": ["fine"]}, **more)}
    found = traced("trial", own, debts=[*rows, debt(1, kind="tax")])
    assert [row.position for row in found.rows] == named
    assert (found.value, found.matching, found.seen) == (pytest.approx(value), 3, 4)


def test_what_is_not_required_may_be_unknown_in_cases():
    own = {
        "n": a_feature("n"),
        "hours": a_feature("hours", "max", **LARGEST),
        "trial": a_feature("trial", "cases", cases=(Case("n", 1.0, low=9.0),), requires=("hours",)),
    }
    found = traced("trial", own, income_work=[{**WORK, "hours_per_week": 3}])
    assert [item.value for item in found.inputs] == [None, 3.0]
    assert found.unknown == "undecided"
    found = traced("trial", own, debts=[debt(3)])
    assert found.unknown == "input_unknown"


def test_of_the_person_there_is_a_value_and_no_fact():
    own = {"age": a_feature("age", "age", unit="years")}
    found = traced("age", own)
    assert found.value == (TODAY - BORN).days / 365.25
    assert (found.rows, found.unknown, found.text("en")) == ((), None, "trial: 34.41 (years)")


@pytest.mark.parametrize(
    ("value", "nl", "en"),
    [(0, "0", "0"), (100, "100", "100"), (2.5, "2,5", "2.5"), (-1.005, "-1", "-1"),
     (1234.567, "1234,57", "1234.57"), (0.1, "0,1", "0.1")],
)  # fmt: skip
def test_numbers_are_said_in_at_most_two_decimals(value, nl, en):
    assert (say_number(value, "nl"), say_number(value, "en")) == (nl, en)


@pytest.mark.parametrize(
    ("table", "field", "value", "nl", "en"),
    [
        ("detentions", "unlawful_stay", True, "ja", "yes"),
        ("detentions", "unlawful_stay", False, "nee", "no"),
        ("debts", "kind", "fine", "geldboete", "fine"),
        ("debts", "amount_eur", 2.5, "2,5", "2.5"),
        ("income_work", "hours_per_week", 8, "8", "8"),
        ("debts", "since", TODAY, "2024-06-01", "2024-06-01"),
        ("detentions", "prison", "PI-Vught", "PI-Vught", "PI-Vught"),
    ],
)
def test_the_value_of_a_field_is_said_by_its_kind(table, field, value, nl, en):
    column = tables()[table].columns[field]
    assert (say_value(column, value, "nl"), say_value(column, value, "en")) == (nl, en)


def test_what_has_no_name_is_called_what_it_is():
    assert (table_label("debts", "nl"), table_label("persons", "nl")) == ("schulden", "persoon")
    assert (field_label("kind", "nl"), field_label("nothing", "nl")) == ("soort", "nothing")
    assert (unit_label("days", "nl"), unit_label("nothing", "nl")) == ("dagen", "nothing")
    assert group_label("nothing", "nl") == "nothing"
    assert group_label("debt", "nl") == label("group", "debt", "nl")


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        (
            a_feature(table="detentions", where={"unlawful_stay": False, "judged_on": "absent"}),
            "count in detentions, unlawful_stay false, judged_on absent",
        ),
        (
            a_feature(where={"amount_eur": {"min": 2_000_000, "max": 2.5}}),
            "count in debts, amount_eur >= 2000000, amount_eur <= 2.5",
        ),
        (a_feature("t", "given", field="elsewhere"), "given as elsewhere"),
        (a_feature("t", "age", cap=30.0), "age in person; at most 30"),
        (a_feature("t", "ratio", numerator="a", denominator="b", scale=1.0), "a / b"),
        (a_feature("t", "linear", terms={"a": 1.0, "b": 0.5}), "a + 0.5 * b"),
        (a_feature("t", "linear", terms={"a": -1.0}, constant=-2.0), "-2 - a"),
        (
            a_feature("t", "cases", cases=(Case("a", 1.0, 2.0, 3.0), Case("b", 2.0))),
            "1 if 2 <= a <= 3; 2 if b",
        ),
    ],
)
def test_a_formula_says_each_part(feature, said):
    assert formula(feature) == said
