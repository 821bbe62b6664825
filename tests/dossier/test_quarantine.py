"""Bad rows are set apart with their reasons, and nothing else is lost or changed."""

from __future__ import annotations

import tempfile

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import (
    DossierTables,
    concatenate,
    read_dossier,
    read_dossier_leniently,
)
from risicoscreener.dossier.schema import persons, tables
from risicoscreener.errors import DossierError
from strategies import a_debt as debt
from strategies import a_person as person
from strategies import corrupted, dossier_sets, dossiers


def as_given(listed):
    """Plain dossiers as unchecked tables of Python objects, and the fault of a missing object."""
    raw = {"persons": [{"person_id": p["person_id"], **p["person"]} for p in listed]}
    for name in tables():
        raw[name] = [
            {**(row if isinstance(row, dict) else {}), "person_id": p["person_id"]}
            for p in listed
            for row in p.get(name, [])
        ]
    return raw


def frames_of(raw):
    import pandas as pd

    made = {}
    for name, rows in raw.items():
        spec = persons() if name == "persons" else tables()[name]
        columns = ["person_id", *spec.columns]
        cells = [[row.get(column) for column in columns] for row in rows]
        frame = pd.DataFrame(index=range(len(rows)), columns=columns, dtype=object)
        for i, row in enumerate(cells):
            for column, cell in zip(columns, row, strict=True):
                frame.at[i, column] = cell
        made[name] = frame
    return made


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_lenient_reading_removes_exactly_the_rows_that_are_named(data):
    dossier = data.draw(dossiers())
    broken = data.draw(corrupted(dossier, rows_only=True))
    found, problems = read_dossier_leniently(broken.plain)
    bad = {(p.table, p.row) for p in problems}
    assert bad >= {(f.table, f.row) for f in broken.faults}
    for name in tables():
        kept = [row for i, row in enumerate(getattr(dossier, name)) if (name, i) not in bad]
        assert getattr(found, name) == kept
    assert found.person == dossier.person
    assert read_dossier(found.to_json()) == found


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_what_is_wrong_with_the_person_or_the_whole_is_never_set_apart(data):
    broken = data.draw(corrupted(data.draw(dossiers())))
    whole = any(f.row < 0 or f.table == "persons" for f in broken.faults)
    if whole:
        with pytest.raises(DossierError):
            read_dossier_leniently(broken.plain, recorded_by=broken.recorded_by)
    else:
        read_dossier_leniently(broken.plain, recorded_by=broken.recorded_by)


# What a frame cannot tell from a sound value: a whole number stored as 3.0, a gap that stands for
# the default, a row that is no object, a field that no table has (there it is a column).
ONLY_IN_RECORDS = ("no object", "unknown field")


def is_same_in_frames(fault):
    return fault.kind not in ONLY_IN_RECORDS and not (
        fault.kind == "wrong value" and (fault.value is None or isinstance(fault.value, float))
    )


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_tables_set_the_same_rows_apart_as_records_do(data):
    listed = data.draw(dossier_sets(min_persons=1, max_persons=3))
    broken = [data.draw(corrupted(d, rows_only=True)) for d in listed]
    broken = [b for b in broken if all(map(is_same_in_frames, b.faults))]
    plain = [b.plain for b in broken]
    made = DossierTables.from_pandas(frames_of(as_given(plain)), on_error="quarantine")
    read = [read_dossier_leniently(p) for p in plain]
    assert list(made.to_dossiers()) == [dossier for dossier, _ in read]
    counts = [len({(p.table, p.row) for p in problems}) for _, problems in read]
    assert made.quarantined_rows.tolist() == counts
    said = sorted(map(as_in_frames, made.problems))
    assert said == sorted(as_in_frames(p) for _, problems in read for p in problems)


def as_in_frames(problem):
    """Where, what and whose; a frame with gaps has its whole numbers as floats."""
    value = problem.value
    if isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 1e300 else value
    return problem.table, problem.field, repr(value), problem.person_id


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_what_remains_is_valid_and_what_was_removed_is_counted(data):
    listed = data.draw(dossier_sets(min_persons=1, max_persons=3))
    broken = [msgspec.to_builtins(d) for d in listed]
    for i, dossier in enumerate(listed):
        broken[i] = data.draw(corrupted(dossier, rows_only=True)).plain
    raw = as_given(broken)
    raw = {
        name: [{k: v for k, v in row.items() if k in known(name)} for row in rows]
        for name, rows in raw.items()
    }
    made = DossierTables.from_pandas(frames_of(raw), on_error="quarantine")
    again = DossierTables.from_arrow(made.tables)
    assert again.tables == made.tables
    lost = {(p.table, p.row) for p in made.problems}
    for name in tables():
        removed = sum(table == name for table, _ in lost)
        assert made.tables[name].num_rows == len(raw[name]) - removed
    assert made.quarantined_rows.sum() == len(lost)


def known(name):
    spec = persons() if name == "persons" else tables()[name]
    return ("person_id", *spec.columns)


def test_a_correction_of_a_fact_that_is_set_apart_goes_with_it():
    rows = [
        debt(fact_id="a", amount_eur=-1),
        debt(fact_id="b", supersedes="a"),
        debt(supersedes="b", void=True),
        debt(),
    ]
    dossier, problems = read_dossier_leniently({**person(), "debts": rows})
    assert len(dossier.debts) == 1
    assert [p.row for p in problems] == [0, 1, 2]


def test_facts_of_a_person_who_is_set_apart_are_named_too():
    raw = as_given(
        [{**person("p1"), "debts": [debt()]}, {**person("p2"), "debts": [debt(), debt()]}]
    )
    raw["persons"][1]["sex"] = "unheard of"
    made = DossierTables.from_pandas(frames_of(raw), on_error="quarantine")
    assert made.person_ids.to_pylist() == ["p1"]
    assert [(p.table, p.row, p.person_id) for p in made.problems] == [
        ("persons", 1, "p2"),
        ("debts", 1, "p2"),
        ("debts", 2, "p2"),
    ]


def test_a_fact_of_nobody_is_set_apart():
    raw = as_given([{**person("p1"), "debts": [debt(), debt(), debt(), debt()]}])
    for row, person_id in enumerate(["p9", None, 7]):
        raw["debts"][row]["person_id"] = person_id
    made = DossierTables.from_pandas(frames_of(raw), on_error="quarantine")
    assert made.tables["debts"].num_rows == 1
    found = [(p.row, p.field, p.value, p.expected) for p in made.problems]
    expected = "a person of the persons table"
    assert found == [(i, "person_id", v, expected) for i, v in enumerate(["p9", None, 7])]
    assert made.quarantined_rows.tolist() == [0]


def test_of_a_person_given_twice_the_first_row_is_kept_and_the_doubt_counted():
    raw = as_given([{**person("p1"), "debts": [debt()]}, person("p2"), person("p1")])
    raw["persons"][2]["birth_date"] = "2005-01-01"
    made = DossierTables.from_pandas(frames_of(raw), on_error="quarantine")
    assert made.tables["persons"].column("birth_date").to_pylist()[0].year == 1990
    assert made.tables["debts"].num_rows == 1
    assert made.quarantined_rows.tolist() == [1, 0]
    assert [(p.table, p.row, p.expected) for p in made.problems] == [
        ("persons", 2, "each person once")
    ]


def test_the_quarantine_reads_as_a_table():
    raw = as_given([{**person("p1"), "debts": [debt(amount_eur=-1)]}])
    made = DossierTables.from_pandas(frames_of(raw), on_error="quarantine")
    (row,) = made.quarantine.to_dict("records")
    assert row == {
        "table": "debts",
        "row": 0,
        "field": "amount_eur",
        "value": -1,
        "expected": "a number from 0 to 100,000,000",
        "person_id": "p1",
    }


@pytest.fixture
def doubtful():
    raw = as_given([{**person(p), "debts": [debt(amount_eur=a)]} for p, a in [("a", 1), ("b", -1)]])
    return DossierTables.from_pandas(frames_of(raw), on_error="quarantine")


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_what_was_set_apart_is_still_counted_after_writing_and_reading(doubtful, form):
    with tempfile.TemporaryDirectory() as folder:
        doubtful.write(folder, form)
        assert DossierTables.read(folder).quarantined_rows.tolist() == [0, 1]


def test_what_was_set_apart_is_still_counted_in_a_selection_and_in_a_whole(doubtful):
    assert doubtful.select(np.array([1])).quarantined_rows.tolist() == [1]
    other = DossierTables.from_dossiers([read_dossier(person("c"))])
    whole = concatenate([other, doubtful])
    assert whole.quarantined_rows.tolist() == [0, 0, 1]
    assert whole.problems == doubtful.problems


def test_no_person_may_be_in_two_parts(doubtful):
    with pytest.raises(DossierError, match="each person in one part"):
        concatenate([doubtful, doubtful])


def test_nothing_is_set_apart_unless_asked_for():
    raw = as_given([{**person("p1"), "debts": [debt(amount_eur=-1), debt(kind="x")]}])
    with pytest.raises(DossierError, match=r"2 problem\(s\)") as caught:
        DossierTables.from_pandas(frames_of(raw))
    assert len(caught.value.problems) == 2
    with pytest.raises(ValueError, match="expected 'raise' or 'quarantine'"):
        DossierTables.from_pandas(frames_of(raw), on_error="ignore")


def test_tables_made_by_hand_count_nothing_set_apart():
    made = DossierTables.from_dossiers([read_dossier(person("a"))])
    assert DossierTables(made.tables).quarantined_rows.tolist() == [0]
    assert isinstance(made.person_ids, pa.Array)
