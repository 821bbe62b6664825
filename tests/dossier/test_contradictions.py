"""What is given twice, and stays that exclude each other: refused, or set apart, in any order."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, duplicates, read_dossier, read_dossier_leniently
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError
from strategies import a_debt as debt
from strategies import a_person as person
from strategies import dossiers


def problems_of(source):
    with pytest.raises(DossierError) as caught:
        read_dossier(source)
    return caught.value.problems


def places(source):
    return [(p.table, p.row, p.field, p.value) for p in problems_of(source)]


def set_apart(source):
    """Which rows are set apart, the same for the record and for its tables."""
    _, problems = read_dossier_leniently(source)
    frames = {
        name: pa.Table.from_pylist(
            [{f: row.get(f) for f in spec.columns} | {"person_id": "p1"} for row in source[name]]
        )
        for name, spec in tables().items()
        if source.get(name)
    }
    frames["persons"] = pa.Table.from_pylist([{"person_id": "p1", **source["person"]}])
    made = DossierTables.from_arrow(frames, on_error="quarantine")
    rows = {(p.table, p.row) for p in problems}
    assert made.quarantined_rows.tolist() == [len(rows)]
    listed = zip(made.quarantine["table"], made.quarantine["row"], strict=True)
    assert set(listed) == rows
    return sorted(row for _, row in rows)


# --- stays ------------------------------------------------------------------------------------


def stay(arrived, released=None, **changes):
    given = {"recorded_at": "2024-01-01", "arrived_on": arrived, "regime": "sentence", **changes}
    return given | ({"released_on": released} if released else {})


def stays(*rows):
    return {**person(), "detentions": list(rows)}


def test_two_open_stays_contradict_each_other_and_the_later_is_named():
    rows = stay("2023-01-01"), stay("2023-06-01")
    (problem,) = problems_of(stays(*rows))
    assert (problem.table, problem.row, problem.field) == ("detentions", 1, "arrived_on")
    assert problem.value == "2023-06-01"
    assert problem.expected == "no arrival during another stay (row 0, which is still running)"
    assert places(stays(*rows[::-1])) == [("detentions", 0, "arrived_on", "2023-06-01")]


def test_the_end_of_the_other_stay_is_said():
    (problem,) = problems_of(stays(stay("2023-01-01", "2023-06-02"), stay("2023-06-01")))
    assert problem.expected.endswith("(row 0, which ends on 2023-06-02)")


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    "rows",
    [
        [stay("2023-01-01", "2023-06-01"), stay("2023-06-01")],
        [stay("2023-01-01", "2023-01-01"), stay("2023-01-01")],
        [stay("2023-01-01"), stay("2023-06-01", "2023-06-01")],
        [stay("2023-01-01", fact_id="a"), stay("2023-06-01", supersedes="a")],
        [
            stay("2023-01-01", fact_id="a"),
            stay("2023-01-01", supersedes="a", void=True),
            stay("2023-06-01"),
        ],
    ],
    ids=["touching", "left at once", "no day", "corrected", "withdrawn"],
)
def test_stays_that_follow_each_other_or_no_longer_count_are_fine(rows, order):
    assert len(read_dossier(stays(*rows[::order])).detentions) == len(rows)


@pytest.mark.parametrize(
    ("rows", "apart"),
    [
        ([stay("2023-01-01"), stay("2023-02-01"), stay("2023-03-01")], [1, 2]),
        ([stay("2023-01-01"), stay("2023-01-01", prison="x")], [1]),
        ([stay("2023-01-01", "2023-12-01"), stay("2023-02-01", "2023-03-01"), stay("2023-11-01")], [1, 2]),
        ([stay("2023-02-01"), stay("2023-01-01", "2023-02-02"), stay("2022-01-01", "2022-02-01")], [0]),
        ([stay("2023-06-01", fact_id="a"), stay("2023-05-01", supersedes="a"), stay("2023-01-01")], [0, 1]),
        ([stay("2023-01-01"), stay("2023-01-01", fact_id="a", prison="x"), stay("2022-01-01", "2022-02-01", supersedes="a")], []),
        ([stay("2023-01-01"), stay("2023-01-01")], [1]),
    ],
)  # fmt: skip
def test_in_quarantine_the_later_stays_are_set_apart_with_their_corrections(rows, apart):
    if apart:
        assert set_apart(stays(*rows)) == apart
    else:
        assert read_dossier(stays(*rows))


def test_stays_of_different_people_do_not_exclude_each_other():
    listed = [read_dossier({**stays(stay("2023-01-01")), "person_id": p}) for p in ("p1", "p2")]
    assert DossierTables.from_dossiers(listed).n_persons == 2


SPELLS = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=6)


@given(SPELLS)
@settings(max_examples=300, deadline=None)
def test_what_remains_has_no_overlap_and_each_stay_set_apart_has_one(spells):
    rows = [
        stay(f"2023-01-0{a}", f"2023-01-{a + n:02}" if n < 9 else None, fact_id=f"f{i}")
        for i, (a, n) in enumerate(spells)
    ]
    days = [set(range(a, a + n) if n < 9 else range(a, 40)) for a, n in spells]
    clash = any(days[i] & days[j] for i in range(len(days)) for j in range(i))
    if not clash:
        assert read_dossier(stays(*rows))
        return
    apart = set_apart(stays(*rows))
    kept = [i for i in range(len(rows)) if i not in apart]
    assert not any(days[i] & days[j] for i in kept for j in kept if i != j)
    for i in apart:
        earlier = [j for j in range(len(rows)) if (spells[j][0], j) < (spells[i][0], i)]
        assert any(days[i] & days[j] for j in earlier)


# --- the same fact twice ----------------------------------------------------------------------


def test_a_copy_of_a_fact_is_named_with_the_row_that_it_repeats():
    (problem,) = problems_of({**person(), "debts": [debt(), debt(kind="tax"), debt()]})
    assert (problem.table, problem.row, problem.field) == ("debts", 2, "fact_id")
    assert problem.expected == (
        "no second copy of row 0; an event of its own that is alike is told apart by a fact_id"
    )


def test_of_several_copies_the_first_is_kept():
    assert set_apart({**person(), "debts": [debt(kind="tax"), debt(), debt(), debt()]}) == [2, 3]


def test_events_that_are_alike_are_told_apart_by_an_id():
    rows = [debt(), debt(fact_id="b"), debt(fact_id="c")]
    assert len(read_dossier({**person(), "debts": rows}).debts) == 3


@pytest.mark.parametrize("changes", [{"void": False}, {"until": None}, {"amount_eur": 300.0}])
def test_a_copy_that_is_written_otherwise_is_still_a_copy(changes):
    source = {**person(), "debts": [debt(), debt(**changes)]}
    for given_as in (source, json.dumps(source)):
        assert places(given_as) == [("debts", 1, "fact_id", None)]


@pytest.mark.parametrize("order", [1, -1])
def test_minus_zero_is_zero(order):
    rows = [debt(amount_eur=0.0), debt(amount_eur=-0.0)]
    assert places({**person(), "debts": rows[::order]}) == [("debts", 1, "fact_id", None)]


def test_the_same_fact_of_two_people_is_two_facts():
    listed = [read_dossier({**person(p), "debts": [debt()]}) for p in ("p1", "p2")]
    assert DossierTables.from_dossiers(listed).n_persons == 2


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_copy_in_any_table_is_found_and_a_row_with_any_other_field_is_no_copy(data):
    name = data.draw(st.sampled_from(sorted(tables())))
    dossier = data.draw(dossiers(only=(name,), person_id="p1").filter(lambda d: getattr(d, name)))
    plain = json.loads(dossier.to_json())
    rows = [{**row, "fact_id": f"f{i}"} for i, row in enumerate(plain[name])]
    for row in rows:
        row.pop("supersedes", None)
        row.pop("void", None)
    at = data.draw(st.integers(0, len(rows) - 1))
    del rows[at]["fact_id"]
    changed = dict(rows[at])
    optional = [
        c.name
        for c in tables()[name].columns.values()
        if not c.required and changed.get(c.name, c.default) != c.default
    ]
    if optional and data.draw(st.booleans()):
        del changed[data.draw(st.sampled_from(optional))]
    rows.append(changed)
    given_ = {**plain, name: rows}
    found = [p for p in _problems(given_) if p.field == "fact_id"]
    assert [p.row for p in found] == ([len(rows) - 1] if changed == rows[at] else [])


def _problems(source):
    try:
        read_dossier(source)
    except DossierError as error:
        return error.problems
    return ()


@pytest.mark.parametrize("in_order", [True, False])
def test_copies_are_found_in_tables_of_many_blocks(monkeypatch, in_order):
    monkeypatch.setattr(duplicates, "BLOCK", 64)
    rng = np.random.default_rng(5)
    n = 2_000
    ids = [f"p{i}" for i in range(300)]
    owner = np.sort(rng.integers(0, 300, n))
    rows = [
        {
            **debt(amount_eur=float(rng.integers(0, 3))),
            "person_id": ids[o],
            "since": f"2020-0{m}-01",
        }
        for o, m in zip(owner, rng.integers(1, 4, n), strict=True)
    ]
    if not in_order:
        rows = [rows[i] for i in rng.permutation(n)]
    seen, again = set(), []
    for i, row in enumerate(rows):
        key = (row["person_id"], row["amount_eur"], row["since"])
        again += [i] if key in seen else []
        seen.add(key)
    people = [{"person_id": p, "birth_date": "1990-01-01", "sex": "male"} for p in ids]
    frames = {"persons": pa.Table.from_pylist(people), "debts": pa.Table.from_pylist(rows)}
    made = DossierTables.from_arrow(frames, on_error="quarantine")
    assert made.quarantine["row"].tolist() == again


# --- keys -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"person_id": "a", "person_id": "b"', ("dossier", -1, "person_id", "a")),
        ('{"person_id": "a", "debts": [], "debts": []', ("dossier", -1, "debts", [])),
        ('{"person_id": "a", "debts": [{"kind": "x", "kind": "fine"}]', ("debts", 0, "kind", "x")),
    ],
)
def test_a_key_that_is_given_twice_is_named_with_its_place_and_first_value(text, place):
    assert place in places(text + ', "person": {"birth_date": "1990-01-01", "sex": "male"}}')
    assert "each key once in an object" in str(problems_of(text + ', "person": {}}')[0])


def test_a_key_that_the_person_has_twice_is_named():
    source = (
        '{"person_id": "a", "person": {"birth_date": "1990-01-01", "sex": "male", "sex": "female"}}'
    )
    assert places(source) == [("persons", 0, "sex", "male")]
    with pytest.raises(DossierError, match="each key once"):
        read_dossier_leniently(source)


def test_a_row_with_a_key_given_twice_is_set_apart():
    source = json.dumps({**person(), "debts": [debt(), debt(kind="tax")]})
    dossier, (problem,) = read_dossier_leniently(
        source.replace('"kind": "tax"', '"kind": "fine", "kind": "tax"')
    )
    assert (problem.table, problem.row, problem.field, problem.value) == (
        "debts",
        1,
        "kind",
        "fine",
    )
    assert [row.kind for row in dossier.debts] == ["fine"]
