"""A dossier comes back equal from JSON, from tables, from files and from frames."""

from __future__ import annotations

import datetime as dt
import json
import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import Dossier, DossierTables, concatenate, read_dossier
from risicoscreener.dossier.assembling import arrow_schema
from risicoscreener.dossier.schema import persons, tables
from strategies import dossier_sets, dossiers

ALL_TABLES = ("persons", *tables())


@given(dossiers())
def test_a_record_comes_back_equal_from_json(dossier):
    source = dossier.to_json()
    assert read_dossier(source) == dossier
    assert read_dossier(source.decode()) == dossier
    assert read_dossier(json.loads(source)) == dossier


@given(dossiers())
def test_a_record_reads_the_same_with_every_default_and_empty_part_written_out(dossier):
    plain = json.loads(dossier.to_json())
    for name, spec in tables().items():
        rows = plain.get(name, [])
        plain[name] = [{f: row.get(f, c.default) for f, c in spec.columns.items()} for row in rows]
    spaced = json.dumps(plain, indent=2).encode()
    assert read_dossier(spaced) == dossier


@given(dossier_sets())
def test_records_come_back_equal_from_tables(listed):
    assert list(DossierTables.from_dossiers(listed).to_dossiers()) == listed


@given(dossier_sets())
def test_tables_have_the_declared_schema_and_facts_stand_by_person(listed):
    made = DossierTables.from_dossiers(listed)
    for name, spec in {"persons": persons(), **tables()}.items():
        assert made.tables[name].schema == arrow_schema(spec)
    for name in tables():
        owners = made.owners(name)
        assert (owners[1:] >= owners[:-1]).all()
        assert len(owners) == sum(len(getattr(d, name)) for d in listed)


@pytest.mark.parametrize("form", ["parquet", "csv"])
@given(listed=dossier_sets(min_persons=1))
@settings(max_examples=40, deadline=None)
def test_tables_come_back_equal_from_disk(form, listed):
    made = DossierTables.from_dossiers(listed)
    with tempfile.TemporaryDirectory() as folder:
        made.write(folder, form)
        found = DossierTables.read(folder)
    assert list(found.to_dossiers()) == listed
    assert found.tables == made.tables


@given(dossier_sets())
@settings(max_examples=50, deadline=None)
def test_tables_come_back_equal_from_pandas(listed):
    made = DossierTables.from_dossiers(listed)
    frames = {name: made.to_pandas(name) for name in ALL_TABLES}
    found = DossierTables.from_pandas(frames)
    assert found.tables == made.tables


@given(dossier_sets())
@settings(max_examples=50, deadline=None)
def test_tables_come_back_equal_from_frames_of_plain_objects(listed):
    made = DossierTables.from_dossiers(listed)
    frames = {name: made.to_pandas(name).astype(object) for name in ALL_TABLES}
    for frame in frames.values():
        frame[frame.isna()] = None
    found = DossierTables.from_pandas(frames)
    assert found.tables == made.tables


@given(dossier_sets())
@settings(max_examples=50, deadline=None)
def test_validating_canonical_tables_again_changes_nothing(listed):
    made = DossierTables.from_dossiers(listed)
    again = DossierTables.from_arrow(made.tables)
    assert again.tables == made.tables


@given(dossier_sets(min_persons=2), st.data())
@settings(max_examples=50, deadline=None)
def test_the_order_in_which_persons_have_their_facts_does_not_matter(listed, data):
    made = DossierTables.from_dossiers(listed)
    place = data.draw(st.permutations(range(len(listed))))
    shuffled = {"persons": made.tables["persons"]}
    for name in tables():
        order = np.argsort([place[owner] for owner in made.owners(name)], kind="stable")
        shuffled[name] = made.tables[name].take(order.astype(np.int64))
    assert DossierTables.from_arrow(shuffled).tables == made.tables


@given(dossier_sets(min_persons=1), st.data())
@settings(max_examples=50, deadline=None)
def test_selected_people_are_those_people(listed, data):
    chosen = data.draw(st.sets(st.integers(0, len(listed) - 1)).map(sorted))
    made = DossierTables.from_dossiers(listed)
    selected = made.select(chosen)
    assert list(selected.to_dossiers()) == [listed[i] for i in chosen]
    assert selected.tables == DossierTables.from_dossiers([listed[i] for i in chosen]).tables
    mask = [i in chosen for i in range(len(listed))]
    assert made.select(mask).tables == selected.tables


@pytest.mark.parametrize("positions", [[1, 0], [0, 0], [2], [-1], [0.5], [[0]]])
def test_positions_that_are_no_positions_are_refused(positions):
    made = DossierTables.from_dossiers([one("a"), one("b")])
    with pytest.raises(ValueError, match="expected"):
        made.select(positions)


@given(dossier_sets(), st.integers(0, 4))
@settings(max_examples=50, deadline=None)
def test_parts_concatenated_are_the_whole(listed, cut):
    parts = [DossierTables.from_dossiers(listed[:cut]), DossierTables.from_dossiers(listed[cut:])]
    assert concatenate(parts).tables == DossierTables.from_dossiers(listed).tables


def one(person_id: str) -> Dossier:
    return read_dossier(
        {"person_id": person_id, "person": {"birth_date": dt.date(1990, 1, 1), "sex": "male"}}
    )
