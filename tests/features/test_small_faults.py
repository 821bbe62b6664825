"""What a small change of the code would break, and no other test sees."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from importlib import import_module
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from risicoscreener import features
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import EPOCH, tables
from risicoscreener.errors import DossierError, FeatureError
from risicoscreener.features import (
    Catalogue,
    catalogue,
    compute_features,
    features_over_days,
    kernels,
    lineage,
    over_days,
)
from risicoscreener.features.changing_days import Calendar, DailyPlan, Facts
from risicoscreener.features.definition import Case
from risicoscreener.features.events import EventTables
from risicoscreener.features.in_blocks import days_between, in_turn, parts_of
from risicoscreener.features.many import compute_block
from risicoscreener.features.one import compile_one, explain_source
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


def test_without_a_language_the_dictionary_is_in_english():
    own = Catalogue({"trial": a_feature()})
    assert own.dictionary().equals(own.dictionary("en"))
    assert own.dictionary().loc["trial", "text"] == "trial"


def test_a_feature_that_two_files_define_is_refused(monkeypatch, tmp_path):
    module = import_module("risicoscreener.features.catalogue")
    (tmp_path / "definitions").mkdir()
    text = '[n]\ngroup = "debt"\naggregate = "age"\nunit = "years"\nsource = "own"\n'
    text += 'text = { nl = "proef", en = "trial" }\n'
    for name, more in (("b.toml", "n"), ("a.toml", "first"), ("c.txt", "none")):
        (tmp_path / "definitions" / name).write_text(text.replace("[n]", f"[{more}]"))
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    assert [*module.catalogue.__wrapped__()] == ["first", "n"]
    (tmp_path / "definitions" / "d.toml").write_text(text)
    with pytest.raises(FeatureError, match=r"^d.toml: feature 'n' is defined twice$"):
        module.catalogue.__wrapped__()


def test_features_made_of_each_other_are_not_about_victims_for_that():
    own = {
        "one": a_feature("one", "linear", terms={"two": 1.0}),
        "two": a_feature("two", "linear", terms={"one": 1.0, "three": 1.0}),
        "three": a_feature("three", "linear", terms={"two": 1.0}),
    }
    assert about_victims(own, own) == ()
    own["three"] = a_feature("three", table="victims")
    assert about_victims(own, own) == ("one", "two", "three")


def some_people(n):
    return DossierTables.from_dossiers([read_dossier(a_person(f"p{i:02}")) for i in range(n)])


def test_what_is_unknown_is_null_in_arrow_and_in_a_stream_of_it():
    known = read_dossier({**a_person("p1"), "debts": [debt(3)]})
    people = DossierTables.from_dossiers([known, read_dossier(a_person("p2"))])
    found = compute_features(people, TODAY, ["debts_open"])
    for table in (found.to_arrow(), pa.RecordBatchReader.from_stream(found).read_all()):
        assert table.to_pydict() == {
            "person_id": ["p1", "p2"],
            "as_of": [TODAY, TODAY],
            "debts_open": [1.0, None],
        }
    assert found.missing.tolist() == [[False], [True]]


def test_of_nobody_no_share_is_unknown():
    found = compute_features(some_people(0), TODAY, ["debts_open"]).missingness()
    assert found.to_dict("list") == {"group": ["debt"], "unknown": [0], "share": [0.0]}
    assert (found.index.name, [*found.index]) == ("feature", ["debts_open"])
    one = compute_features(some_people(1), TODAY, ["debts_open"]).missingness()
    assert one["share"].tolist() == [1.0]


@pytest.mark.usefixtures("own_kernels")
def test_a_kernel_is_steady_only_if_that_is_said():
    assert kernels.kernel("longest_gap").steady
    kernels.register_kernel("own", max, lambda ago, segment, n: np.zeros(n))
    kernels.register_kernel("still", max, lambda ago, segment, n: np.zeros(n), steady=True)
    assert (kernels.kernel("own").steady, kernels.kernel("still").steady) == (False, True)
    assert not kernels.Kernel(max, lambda ago, segment, n: np.zeros(n)).steady


def test_the_day_of_the_arrival_is_since_the_arrival():
    own = [
        a_feature("trial", since_arrival=True),
        a_feature("days", "days_covered", since_arrival=True),
    ]
    parts = {"debts": [debt(0), debt(1)], "detentions": [stay(0)]}
    assert (value(own, **parts), value(own, "days", **parts)) == (1, 0)
    parts = {"debts": [debt(0), debt(1), debt(2)], "detentions": [stay(1)]}
    assert (value(own, **parts), value(own, "days", **parts)) == (2, 1)


# --- in blocks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "more", "sizes"),
    [
        (["age_years", "sex_female"], {}, [6, 6, 1]),
        (["age_years"], {}, [12, 1]),
        ([], {}, [12, 1]),
        (["age_years"] * 60, {}, [1] * 13),
        (["age_years"], {"people_at_once": 20}, [13]),
        (["age_years"], {"people_at_once": 13}, [13]),
        (["age_years"], {"people_at_once": 5}, [5, 5, 3]),
    ],
)
def test_a_block_has_as_many_people_as_make_about_so_many_values(monkeypatch, names, more, sizes):
    monkeypatch.setattr(over_days, "BLOCK_VALUES", 60)
    day = dt.date(2020, 1, 1)
    found = features_over_days(some_people(13), day, day + dt.timedelta(days=4), names, **more)
    assert len(found) == len(sizes)
    blocks = list(found)
    assert [block.values.shape for block in blocks] == [(n, 5, len(names)) for n in sizes]
    assert [at for block in blocks for at in block.positions.tolist()] == [*range(13)]


def test_today_is_a_day_and_the_first_may_be_the_last():
    today = dt.date.today()
    found = features_over_days(some_people(1), today, today, ["age_years"])
    assert found.days.tolist() == [(today - EPOCH).days]
    with pytest.raises(DossierError, match="expected days from 1900-01-01 up to and including"):
        features_over_days(some_people(1), today, today + dt.timedelta(days=1), ["age_years"])


def test_the_first_day_of_1900_is_the_first_that_can_be_meant():
    first, nobody = dt.date(1900, 1, 1), some_people(0)
    assert days_between(nobody, first, first).tolist() == [(first - EPOCH).days]
    for last in (first, dt.date(2000, 1, 1)):
        with pytest.raises(DossierError, match="expected days from 1900-01-01 up to"):
            days_between(nobody, first - dt.timedelta(days=1), last)


def test_days_on_which_someone_was_not_born_are_refused_with_who_and_how_many():
    born = ("1990-01-01", "1990-01-03", "1990-01-02")
    listed = [
        read_dossier({**a_person(f"p{i}"), "person": {**a_person()["person"], "birth_date": day}})
        for i, day in enumerate(born)
    ]
    people, last = DossierTables.from_dossiers(listed), dt.date(2000, 1, 1)
    with pytest.raises(DossierError) as error:
        days_between(people, dt.date(1990, 1, 1), last)
    assert str(error.value) == (
        "first is 1990-01-01, before the birth of p1 on 1990-01-03; expected a day on which all "
        "were born (2 were not)"
    )
    found = days_between(people, dt.date(1990, 1, 3), dt.date(1990, 1, 5))
    assert found.tolist() == [7307, 7308, 7309]
    assert found.dtype == np.int32


@pytest.mark.parametrize("n_threads", [1, 2, 4])
def test_parts_come_in_turn_and_few_are_begun_before_they_are_asked_for(n_threads):
    taken = []

    def parts():
        for part in parts_of(20, 2):
            taken.append(part)
            yield part

    found = in_turn(lambda part: part.start, parts(), n_threads)
    assert next(found) == 0
    assert len(taken) == n_threads + 1
    assert [*found] == [*range(2, 20, 2)]
    assert [*parts_of(5, 2)] == [slice(0, 2), slice(2, 4), slice(4, 5)]


def test_what_is_filled_at_once_fits_into_a_block(monkeypatch):
    monkeypatch.setattr(over_days, "BLOCK", 10)
    plan, days = catalogue().plan(["age_years"]), np.arange(18000, 18004, dtype=np.int32)
    events = EventTables(some_people(5))
    for n_days, parts in ((4, [(0, 2), (2, 4), (4, 5)]), (1, [(0, 5)])):
        found = over_days.Stretches(DailyPlan(plan), events, slice(0, 5), days[:n_days])
        assert [(part.start, part.stop) for part in found.parts()] == parts
    monkeypatch.setattr(over_days, "BLOCK", 3)  # of fewer than the days of one person, one each
    found = over_days.Stretches(DailyPlan(plan), events, slice(0, 5), days)
    assert [part.stop - part.start for part in found.parts()] == [1] * 5


# --- what is written out ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "names", [None, ["debts_open"], ["served_fraction", "third_served_margin_days"]]
)
def test_what_is_written_out_is_four_spaces_deeper_within_and_no_more(names):
    lines = explain_source(catalogue().plan(names)).splitlines()
    for line, after in pairwise(lines):
        depth, deeper = (len(each) - len(each.lstrip()) for each in (line, after))
        assert deeper == depth + 4 if line.endswith(":") else deeper <= depth


def test_the_detentions_are_read_before_what_they_bound_and_inquiries_only_where_they_count():
    lines = [line.strip() for line in explain_source(catalogue().plan()).splitlines()]
    read = [line for line in lines if line.startswith("rows = dossier.")]
    assert read[:2] == ["rows = dossier.inquiries", "rows = dossier.detentions"]
    assert len(read) == len({*catalogue().plan().of_rows, "detentions"}) + 1
    own = Catalogue({"trial": a_feature(table="detentions", since_arrival=True)})
    assert "consulted" not in explain_source(own.plan())
    assert value(own["trial"], detentions=[stay(3)]) == 1


def test_a_test_that_another_says_already_is_not_written_again():
    agreed = {"arrangement": "present"}
    own = [
        a_feature("agreed", where=agreed),
        a_feature("also", where={**agreed, "arranged_on": "present"}),
        a_feature("trial", "linear", terms={"agreed": 1.0, "also": 1.0}),
    ]
    rows = [debt(9, arrangement="agreed", arranged_on=ago(3)), debt(8), debt(7, fact_id="a")]
    assert value(own, debts=rows) == 2
    assert value(own, debts=rows[1:]) == 0


def test_a_block_without_rows_has_values_of_no_rows():
    plan, events, none = catalogue().plan(), EventTables(some_people(2)), np.zeros(0, np.int32)
    assert compute_block(plan, events, none, none).shape == (0, len(plan.names))


@pytest.mark.parametrize("test", ["present", "absent"])
def test_whether_a_code_is_there_says_nothing_of_which_codes_are_possible(test):
    kinds = {code: float(i) for i, code in enumerate(tables()["debts"].columns["kind"].codes)}
    feature = a_feature("trial", "max", field="kind", values=kinds, where={"kind": test})
    expected = kinds["tax"] if test == "present" else -1.0
    found = value(replace(feature, none_value=-1.0), debts=[debt(3, kind="tax")])
    assert found == expected
    less = {"fine": 1.0}
    for which in (test, ["fine", "tax"], "tax"):
        with pytest.raises(FeatureError, match="no value for "):
            value(replace(feature, values=less, where={"kind": which}), debts=[debt(3)])
    assert value(replace(feature, values=less, where={"kind": "fine"}), debts=[debt(3)]) == 1


@pytest.mark.usefixtures("own_kernels")
def test_a_fault_within_what_is_written_out_shows_where_it_was_written():
    kernels.register_kernel("broken", lambda ago: 1 / 0, lambda ago, segment, n: np.zeros(n))
    own = Catalogue({"trial": a_feature("trial", "kernel", kernel="broken")})
    dossier = read_dossier({**a_person(), "debts": [debt(3)]})
    ways = {
        "<feature plan>": lambda: compile_one(own.plan())(dossier, TODAY),
        "<lineage>": lambda: lineage(dossier, "trial", TODAY, own),
    }
    for file, way in ways.items():
        with pytest.raises(ZeroDivisionError) as error:
            way()
        assert file in [str(entry.path) for entry in error.traceback]
