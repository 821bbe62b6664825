"""The digest of a cohort is over what it says, and not over how it is stored."""

from __future__ import annotations

import dataclasses
import hashlib
import struct
from itertools import count

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from risicoscreener.dossier import DossierTables
from risicoscreener.synthetic import Cohort, simulate
from risicoscreener.synthetic.cohort import BLOCK_SIZE
from risicoscreener.synthetic.storing import digest
from risicoscreener.synthetic.storing.digest import digest_of, joined, leaves_of

LEAF = 30
"""People of a leaf, so that a small cohort has several, the last of them not full."""


@pytest.fixture(scope="module", autouse=True)
def small_leaves():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "BLOCK_SIZE", LEAF)
        yield


@pytest.fixture(scope="module")
def made():
    return simulate(100, seed=6, population="sentenced")


def digests(cohort):
    return {name: leaves.sha256 for name, leaves in leaves_of(cohort).items()}


# -- the encoding once more, value by value, after its description ----------------------------


def encoded_leaf(kind, values):
    if all(value is None for value in values):
        return bytes(32)
    data = struct.pack("<q", len(values)) + bytes(value is not None for value in values)
    if kind == "text":
        texts = sorted({v.encode() for v in values if v is not None})
        data += struct.pack(f"<{1 + len(texts)}q", len(texts), *map(len, texts)) + b"".join(texts)
        data += b"".join(
            struct.pack("<i", -1 if v is None else texts.index(v.encode())) for v in values
        )
    else:
        form = {"day": "<i", "integer": "<q", "number": "<d", "flag": "<B", "person": "<i"}[kind]
        data += b"".join(struct.pack(form, 0 if v is None else v) for v in values)
    return hashlib.sha256(data).digest()


def kind_of(value):
    kinds = {str: "text", bool: "flag", int: "integer", float: "number"}
    return kinds.get(type(value), "day")


def plain(value):
    return (value - type(value)(1970, 1, 1)).days if kind_of(value) == "day" else value


def digest_by_hand(rows, place_of, are_facts):
    """Digest of a table, from its rows as dictionaries."""
    whole = hashlib.sha256()
    for name in sorted(rows[0]):
        kinds = {kind_of(row[name]) for row in rows if row[name] is not None}
        if not kinds:
            continue
        (kind,) = kinds
        leaves = b""
        for leaf in range(-(-len(place_of) // LEAF)):
            own = [row for row in rows if place_of[row["person_id"]] // LEAF == leaf]
            if are_facts and name == "person_id":
                kind = "person"
                values = [place_of[row[name]] % LEAF for row in own]
            else:
                values = [None if row[name] is None else plain(row[name]) for row in own]
            leaves += encoded_leaf(kind, values)
        whole.update(f"{name}\0{kind}\0".encode() + hashlib.sha256(leaves).digest())
    return whole.hexdigest()


def test_the_digest_is_that_of_the_encoding_as_it_is_described(made):
    found = digests(made)
    place_of = dict(zip(made.tables.person_ids.to_pylist(), count()))
    for name, table in made.tables.tables.items():
        by_hand = digest_by_hand(table.to_pylist(), place_of, name != "persons")
        assert found[f"dossiers/{name}"] == by_hand, name
    for name, frame in made.truth.observations().items():
        days = {column: frame[column].dt.date for column in frame.select_dtypes("datetime")}
        table = pa.Table.from_pandas(frame.assign(**days), preserve_index=False)
        by_hand = digest_by_hand(table.to_pylist(), place_of, name == "liberties")
        assert found[f"truth/{name}"] == by_hand, name


def test_the_digest_of_a_cohort_is_over_the_digests_of_its_tables():
    lines = b"a 01\nb 02\n"
    assert digest_of({"b": "02", "a": "01"}) == hashlib.sha256(lines).hexdigest()


# -- what does not matter ----------------------------------------------------------------------


def test_groups_of_whole_leaves_have_the_digest_of_all_together(made):
    ids = made.truth.persons.index
    groups = []
    for places in (range(60), range(60, 100)):
        own = ids[list(places)]
        mask = pd.Series(ids.isin(own)).to_numpy()
        truth = dataclasses.replace(
            made.truth,
            persons=made.truth.persons.loc[own],
            interventions=made.truth.interventions.loc[own],
            liberties=made.truth.liberties[made.truth.liberties["person_id"].isin(own)],
        )
        groups.append(leaves_of(Cohort(made.tables.select(mask), truth)))
    together = {name: leaves.sha256 for name, leaves in joined(groups).items()}
    assert together == digests(made)


def test_leaves_are_of_4096_people():
    assert BLOCK_SIZE == 4096  # another size would give other digests of the same cohorts


def with_table(cohort, name, change):
    """The same cohort with one of its tables changed, not checked again."""
    parts = {**cohort.tables.tables, name: change(cohort.tables.tables[name])}
    return dataclasses.replace(cohort, tables=DossierTables(parts))


def replaced(table, name, values):
    return table.set_column(table.column_names.index(name), name, values)


def test_the_form_of_storage_does_not_matter(made):
    def stored_otherwise(table):
        halves = pa.concat_tables([table[: len(table) // 2], table[len(table) // 2 :]])
        kinds = halves["kind"].cast(pa.string())
        shuffled = pa.chunked_array([pa.array(kinds.to_pylist()[::-1]).dictionary_encode()])
        again = pc.take(shuffled, pa.array(range(len(table) - 1, -1, -1)))
        return replaced(halves, "kind", again)

    assert digests(with_table(made, "debts", stored_otherwise)) == digests(made)


def test_the_order_of_columns_does_not_matter(made):
    def turned(table):
        first, *others = table.column_names
        return table.select([first, *others[::-1]])

    assert digests(with_table(made, "conduct", turned)) == digests(made)


def test_a_field_in_which_nothing_is_known_counts_as_not_there(made):
    def longer(table):
        return table.append_column("new_field", pa.nulls(len(table), pa.string()))

    assert digests(with_table(made, "debts", longer)) == digests(made)


def test_minus_zero_is_zero(made):
    def with_zero(sign):
        return with_table(
            made,
            "debts",
            lambda table: replaced(table, "amount_eur", pa.array([sign * 0.0] * len(table))),
        )

    assert digests(with_zero(-1)) == digests(with_zero(1))


# -- what does ---------------------------------------------------------------------------------


def first_other(table, name):
    """A column of which the first value is another one."""
    values = table[name].to_pylist()
    other = next(value for value in values if value is not None and value != values[0])
    return replaced(table, name, pa.array([other, *values[1:]], table.schema.field(name).type))


@pytest.mark.parametrize("name", ["recorded_at", "kind", "amount_eur", "since", "until"])
def test_another_value_gives_another_digest_of_its_table_alone(made, name):
    before = digests(made)
    after = digests(with_table(made, "debts", lambda table: first_other(table, name)))
    assert {table for table in before if before[table] != after[table]} == {"dossiers/debts"}


def test_a_flag_that_is_turned_gives_another_digest(made):
    def turned(table):
        return replaced(table, "index_offence", pc.invert(table["index_offence"]))

    assert digests(with_table(made, "convictions", turned)) != digests(made)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: replaced(
            table,
            "amount_eur",
            pa.array([None, *table["amount_eur"].to_pylist()[1:]], pa.float64()),
        ),
        lambda table: replaced(
            table, "amount_eur", pa.array(table["amount_eur"].to_pylist()[::-1])
        ),
        lambda table: table[1:],
    ],
    ids=["absent", "turned round", "a row less"],
)
def test_what_is_lost_or_moved_gives_another_digest(made, change):
    assert digests(with_table(made, "debts", change)) != digests(made)


def test_nothing_and_zero_are_two_things(made):
    def all_but_last(value):
        n = made.tables.tables["debts"].num_rows
        values = pa.array([value] * (n - 1) + [1.0], pa.float64())
        return digests(with_table(made, "debts", lambda t: replaced(t, "amount_eur", values)))

    assert all_but_last(None) != all_but_last(0.0)


def test_a_fact_of_another_person_gives_another_digest(made):
    table = made.tables.tables["debts"]
    owner = made.tables.owners("debts").copy()
    at = next(i for i in range(len(owner) - 1) if owner[i + 1] > owner[i] + 1)
    owner[at] += 1
    ids = pa.DictionaryArray.from_arrays(pa.array(owner), made.tables.person_ids)
    moved = with_table(made, "debts", lambda _: replaced(table, "person_id", ids))
    assert digests(moved) != digests(made)
