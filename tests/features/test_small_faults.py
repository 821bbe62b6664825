"""What a small change of the code would break, and no other test sees."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from risicoscreener import features
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import FeatureError
from risicoscreener.features import Catalogue, catalogue, lineage
from risicoscreener.features.changing_days import Calendar, Facts
from risicoscreener.features.definition import Case
from risicoscreener.features.events import EventTables
from risicoscreener.features.sensitivity import about_victims
from strategies import a_debt, a_person

from .strategies import a_feature
from .test_algebra import CONSULTED, TODAY, ago, debt, stay, value

END = dt.date(2100, 1, 1)


@pytest.mark.parametrize("name", features.__all__)
def test_each_public_name_is_there(name):
    found = getattr(features, name)
    assert getattr(found, "__name__", name) == name


def test_a_name_that_is_not_public_is_said():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = features.nothing


@pytest.mark.parametrize("name", catalogue())
def test_a_part_of_a_plan_is_the_plan_of_that_part(name):
    whole, alone = catalogue().plan([*catalogue()]), catalogue().plan([name])
    part = whole.part((name,))
    assert part.names == alone.names
    assert {*part.features} == {*alone.features}
    assert {t: {i.feature.name for i in items} for t, items in part.of_rows.items()} == {
        t: {i.feature.name for i in items} for t, items in alone.of_rows.items()
    }


def test_a_feature_that_does_not_exist_is_named():
    with pytest.raises(FeatureError, match="nothing"):
        catalogue().plan(["nothing"])


def marked(*debts, n_days=100):
    """On which of the days from 1 January 2024 it can change what is visible of these debts.

    Of someone else in the same tables a debt was corrected.
    """
    other = [noted("01-05", fact_id="a"), noted("01-06", fact_id="b", supersedes="a")]
    people = [
        read_dossier({**a_person(), "person_id": name, "debts": [*rows]})
        for name, rows in (("one", debts), ("two", other))
    ]
    facts = Facts(EventTables(DossierTables.from_dossiers(people)), "debts", slice(0, 2))
    calendar = Calendar(2, (dt.date(2024, 1, 1) - EPOCH).days, n_days)
    calendar.mark_known(facts)
    assert [*np.flatnonzero(calendar.marks[1])] == [0, 4, 5]
    return [*map(int, np.flatnonzero(calendar.marks[0]))]


def noted(on, **changes):
    return a_debt(since="2023-01-02", recorded_at=f"2024-{on}", **changes)


def test_of_facts_that_stay_only_the_first_makes_a_table_known():
    assert marked(noted("01-21"), noted("01-11"), noted("02-01")) == [0, 10]


def test_of_facts_that_are_corrected_each_can_change_whether_any_is_seen():
    first = noted("01-11", fact_id="one")
    assert marked(first, noted("01-21", fact_id="two", supersedes="one")) == [0, 10, 20]
    gone = noted("01-21", fact_id="two", supersedes="one", void=True)
    assert marked(first, gone, noted("02-01")) == [0, 10, 20, 31]


def test_what_is_made_of_facts_about_victims_is_about_victims_however_far_below():
    own = {
        "harmed": a_feature("harmed", "count", table="victims"),
        "asked": a_feature("asked", "count", table="inquiries", where={"subject": "victims"}),
        "asked_of_debts": a_feature(
            "asked_of_debts", "count", table="inquiries", where={"subject": "debts"}
        ),
        "asked_at_all": a_feature("asked_at_all", "count", table="inquiries"),
        "owed": a_feature("owed", "count", table="debts"),
    }
    own["one"] = a_feature("one", "linear", terms={"owed": 1.0, "harmed": 1.0})
    own["two"] = a_feature("two", "linear", terms={"one": 1.0})
    own["other"] = a_feature("other", "linear", terms={"owed": 1.0})
    found = about_victims([*own, "nothing"], own)
    assert found == ("harmed", "asked", "asked_at_all", "one", "two")


@pytest.mark.parametrize(
    ("where", "n"),
    [({"min": dt.date(2020, 1, 1)}, 1), ({"max": END}, 2), ("present", 2), ("absent", 1)],
)
def test_a_date_that_is_absent_lies_on_neither_side_of_a_day(where, n):
    stays = [stay(3000, released_on=ago(2900)), stay(900, released_on=ago(600)), stay(300)]
    feature = a_feature(
        "trial", "count", table="detentions", group="detention", where={"released_on": where}
    )
    assert value(feature, detentions=stays, inquiries=[CONSULTED]) == n


@pytest.mark.parametrize(("test", "n"), [("present", 2), ("absent", 1)])
def test_a_date_ahead_is_there_or_it_is_not(test, n):
    ahead = {"expected_release_on": ago(-90)}
    stays = [
        stay(3000, released_on=ago(2900), **ahead),
        stay(900, released_on=ago(600)),
        stay(300, **ahead),
    ]
    feature = a_feature(
        "trial", "count", table="detentions", group="detention", where={"expected_release_on": test}
    )
    assert value(feature, detentions=stays, inquiries=[CONSULTED]) == n


def test_what_no_case_decides_is_undecided_and_what_lacks_a_fact_is_not():
    cases = (Case("owed", 1.0, low=5.0),)
    own = {
        "owed": a_feature("owed", "count"),
        "trial": a_feature("trial", "cases", cases=cases),
    }
    known = {**a_person(), "debts": [debt(10)]}
    found = lineage(read_dossier(known), "trial", TODAY, Catalogue(own))
    assert (found.value, found.unknown) == (None, "undecided")
    found = lineage(read_dossier(a_person()), "trial", TODAY, Catalogue(own))
    assert (found.value, found.unknown) == (None, "input_unknown")


def test_the_dictionary_says_of_each_feature_what_its_definition_says():
    rows = catalogue().dictionary("nl").reset_index().to_dict("records")
    assert [row["name"] for row in rows] == [*catalogue()]
    plain = ("group", "direction", "sensitivity", "aggregate", "source")
    for row, feature in zip(rows, catalogue().values(), strict=True):
        assert {*row} == {
            *("name", "text", "unit", "low", "high", "table", "made_of", "none_value", *plain)
        }
        assert {name: row[name] for name in plain} == {n: getattr(feature, n) for n in plain}
        assert (row["text"], row["table"]) == (feature.text["nl"], feature.table or "")
        assert row["made_of"] == ", ".join(feature.inputs)
        for bound in ("low", "high", "none_value"):
            said, meant = row[bound], getattr(feature, bound)
            assert said == meant or (said != said and meant is None)
