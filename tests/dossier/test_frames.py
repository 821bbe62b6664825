"""Frames and Arrow tables of any make are read, or refused with `DossierError`; nothing else."""

from __future__ import annotations

import datetime as dt
import decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.assembling import arrow_schema
from risicoscreener.dossier.casting import Form, UnreadableError, cast_column, read_value
from risicoscreener.dossier.schema import persons, tables
from risicoscreener.errors import DossierError
from strategies import a_debt as debt
from strategies import dossier_sets

PEOPLE = pd.DataFrame({"person_id": ["a", "b"], "birth_date": "1990-01-01", "sex": "male"})


def debts(**changes):
    """Three debts of two people, with some columns changed, added or (``...``) taken out."""
    columns = {"person_id": ["a", "a", "b"]} | {name: [value] * 3 for name, value in debt().items()}
    columns["fact_id"] = ["f1", "f2", "f3"]
    kept = {name: column for name, column in (columns | changes).items() if column is not ...}
    return pd.DataFrame(kept)


def read(on_error="raise", **frames):
    return DossierTables.from_pandas({"persons": PEOPLE, **frames}, on_error=on_error)


def column_of(name, given):
    return read(debts=debts(**{name: given})).tables["debts"].column(name).to_pylist()


def problems_of(**frames):
    with pytest.raises(DossierError) as caught:
        read(**frames)
    return [(p.table, p.row, p.field, p.expected) for p in caught.value.problems]


DAY = dt.date(2020, 1, 2)
DAYS = {
    "text": ["2020-01-02"] * 3,
    "dates": [DAY] * 3,
    "timestamps": pd.to_datetime(["2020-01-02"] * 3),
    "timestamps in seconds": pd.Series(pd.to_datetime(["2020-01-02"] * 3)).astype("datetime64[s]"),
    "categories": pd.Categorical(["2020-01-02"] * 3, ["soon", "2020-01-02", "2020-01-03"]),
    "mixed": pd.Series(["2020-01-02", DAY, pd.Timestamp(DAY)], dtype=object),
    "arrow dates": pd.Series([DAY] * 3, dtype=pd.ArrowDtype(pa.date32())),
    "arrow timestamps": pd.Series([DAY] * 3, dtype=pd.ArrowDtype(pa.timestamp("us"))),
    "strings": pd.Series(["2020-01-02"] * 3, dtype="string"),
    "arrow strings": pd.Series(["2020-01-02"] * 3, dtype=pd.ArrowDtype(pa.large_string())),
}


@pytest.mark.parametrize("kind", DAYS)
def test_days_are_read_from_every_kind_of_column(kind):
    assert column_of("since", DAYS[kind]) == [DAY] * 3


ABSENT = {
    "NaT": pd.to_datetime([None, None, "2021-01-01"]),
    "NA": pd.Series([pd.NA, None, "2021-01-01"], dtype="string"),
    "object": pd.Series([pd.NaT, np.nan, "2021-01-01"], dtype=object),
    "category": pd.Categorical([None, None, "2021-01-01"]),
    "arrow": pd.Series([None, None, dt.date(2021, 1, 1)], dtype=pd.ArrowDtype(pa.date32())),
}


@pytest.mark.parametrize("kind", ABSENT)
def test_what_pandas_calls_absent_is_absent(kind):
    assert column_of("until", ABSENT[kind]) == [None, None, dt.date(2021, 1, 1)]
    found = problems_of(debts=debts(since=ABSENT[kind]))
    assert [f for f in found if f[3] == "a value"] == [
        ("debts", 0, "since", "a value"),
        ("debts", 1, "since", "a value"),
    ]


@pytest.mark.parametrize(
    "given",
    [
        pd.to_datetime(["2020-01-02T00:00", "2020-01-02T03:00", "2020-01-02"], format="ISO8601"),
        pd.Series([DAY, dt.datetime(2020, 1, 2, 3), DAY], dtype=object),
        pd.Series([pd.Timestamp(DAY), pd.Timestamp(1577923200000000001), pd.Timestamp(DAY)]),
        pd.Series([DAY, pd.Timestamp(DAY, tz="Europe/Amsterdam"), DAY], dtype=object),
        pd.Categorical([DAY, dt.datetime(2020, 1, 2, 3), DAY], [DAY, dt.datetime(2020, 1, 2, 3)]),
    ],
)
def test_a_time_of_day_is_refused_and_not_cut_off(given):
    expected = "a day, without a time of day or time zone"
    assert problems_of(debts=debts(since=given)) == [("debts", 1, "since", expected)]


def test_days_with_a_time_zone_are_refused_since_they_may_be_another_day():
    given = pd.to_datetime(["2020-01-02"] * 3).tz_localize("Europe/Amsterdam")
    assert len(problems_of(debts=debts(since=given))) == 3


AMOUNTS = {
    "int8": np.array([1, 2, 3], np.int8),
    "uint64": np.array([1, 2, 3], np.uint64),
    "float32": np.array([1, 2, 3], np.float32),
    "nullable": pd.Series([1, 2, 3], dtype="Int64"),
    "decimals": [decimal.Decimal(1), decimal.Decimal(2), decimal.Decimal(3)],
    "arrow decimals": pd.Series([1, 2, 3], dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
    "mixed": pd.Series([1, 2.0, np.float64(3)], dtype=object),
    "categories": pd.Categorical([1.0, 2.0, 3.0], [3.0, 2.0, 1.0, -5.0]),
}


@pytest.mark.parametrize("kind", AMOUNTS)
def test_numbers_are_read_from_every_kind_of_column(kind):
    assert column_of("amount_eur", AMOUNTS[kind]) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "given",
    [
        [1, True, 3],
        [1, "2", 3],
        [1.0, -0.01, 3.0],
        [1.0, np.inf, 3.0],
        np.array([1, 10**9, 3]),
        np.array([1, 2**64 - 1, 3], np.uint64),
        [1, 10**400, 3],
        [1, 2j, 3],
        [1, decimal.Decimal("1e9"), 3],
        [1, [2], 3],
        [1, {}, 3],
        [1, b"2", 3],
    ],
)
def test_what_is_no_amount_is_refused(given):
    series = pd.Series(given, dtype=None if isinstance(given, np.ndarray) else object)
    expected = "a number from 0 to 100,000,000"
    assert problems_of(debts=debts(amount_eur=series)) == [("debts", 1, "amount_eur", expected)]


def test_whole_numbers_may_be_floats_in_a_frame_but_not_fractions():
    given = pd.DataFrame(
        {
            "person_id": ["a", "a", "b"],
            "recorded_at": "2021-01-01",
            "offence_class": "homicide",
            "offence_on": "2020-01-01",
            "judged_on": "2020-06-01",
            "sanction": "custodial",
            "severity": 5,
            "custodial_days": [30.0, np.nan, 90.0],
        }
    )
    found = read(convictions=given).tables["convictions"].column("custodial_days")
    assert found.to_pylist() == [30, None, 90]
    (problem,) = problems_of(convictions=given.assign(custodial_days=[30.0, np.nan, 90.5]))
    assert problem == ("convictions", 2, "custodial_days", "a whole number from 0 to 36,525")


def test_true_is_no_number_and_one_is_no_flag():
    assert len(problems_of(debts=debts(amount_eur=np.array([True, False, True])))) == 3
    assert len(problems_of(debts=debts(void=np.array([1, 0, 1])))) == 3
    assert column_of("void", [False, None, False]) == [False] * 3


CODES = {
    "categories": pd.Categorical(["tax", "fine", "tax"]),
    "unused levels": pd.Categorical(["tax", "fine", "tax"], ["x", "fine", "y", "tax"]),
    "ordered": pd.Categorical(["tax", "fine", "tax"], ["tax", "fine"], ordered=True),
    "strings": pd.Series(["tax", "fine", "tax"], dtype="string"),
    "arrow": pd.Series(["tax", "fine", "tax"], dtype=pd.ArrowDtype(pa.large_string())),
    "numpy": np.array(["tax", "fine", "tax"]),
}


@pytest.mark.parametrize("kind", CODES)
def test_codes_are_read_from_every_kind_of_column(kind):
    assert column_of("kind", CODES[kind]) == ["tax", "fine", "tax"]


def test_columns_that_are_no_columns_of_a_table_are_named():
    found = problems_of(debts=debts(amount=[1, 2, 3], amount_eur=...))
    assert [f[1:3] for f in found] == [(-1, "amount"), (-1, "amount_eur")]


def test_a_column_that_occurs_twice_is_refused():
    frame = debts()
    frame = pd.concat([frame, frame[["kind"]]], axis=1)
    assert problems_of(debts=frame) == [("debts", -1, "kind", "each column once")]
    table = pa.table([pa.array(["a"]), pa.array(["a"])], names=["person_id", "person_id"])
    with pytest.raises(DossierError, match="each column once"):
        DossierTables.from_arrow({"persons": table})


def test_absent_and_unknown_tables_are_named():
    with pytest.raises(DossierError, match="a table with one row for each person"):
        DossierTables.from_pandas({"debts": debts()})
    with pytest.raises(DossierError, match="one of the tables persons, detentions"):
        read(detention=debts())


@pytest.mark.parametrize("given", [None, [], {}, "debts", pa.table({})])
def test_what_is_no_frame_is_refused(given):
    with pytest.raises(DossierError, match="expected a pandas DataFrame"):
        read(debts=given)


@pytest.mark.parametrize("given", [None, [], {}, PEOPLE])
def test_what_is_no_arrow_table_is_refused(given):
    with pytest.raises(DossierError, match="expected a pyarrow Table"):
        DossierTables.from_arrow({"persons": given})


def test_a_table_without_rows_needs_no_columns():
    made = read(debts=pd.DataFrame(), housing=pd.DataFrame({"person_id": []}))
    assert made.tables["debts"].num_rows == 0
    assert made.tables["debts"].schema == arrow_schema(tables()["debts"])
    nobody = DossierTables.from_pandas({"persons": pd.DataFrame()})
    assert nobody.n_persons == 0
    assert list(nobody.to_dossiers()) == []


def test_without_persons_every_fact_is_of_nobody():
    made = DossierTables.from_pandas(
        {"persons": pd.DataFrame(), "debts": debts()}, on_error="quarantine"
    )
    assert len(made.problems) == 3
    assert len(made.quarantined_rows) == 0


IDS = {
    "large_string": pa.large_string(),
    "string_view": pa.string_view(),
    "dictionary<int64>": pa.dictionary(pa.int64(), pa.string()),
    "dictionary<uint8>": pa.dictionary(pa.uint8(), pa.string()),
    "dictionary of large_string": pa.dictionary(pa.int32(), pa.large_string()),
}


@pytest.mark.parametrize("chunks", [1, 3])
@pytest.mark.parametrize("kind", IDS)
@given(listed=dossier_sets(min_persons=1))
@settings(max_examples=15, deadline=None)
def test_arrow_tables_are_read_from_every_kind_of_text_in_any_number_of_chunks(
    kind, chunks, listed
):
    made = DossierTables.from_dossiers(listed)
    given_tables = {
        name: in_chunks(as_text(t, IDS[kind]), chunks) for name, t in made.tables.items()
    }
    assert DossierTables.from_arrow(given_tables).tables == made.tables


def as_text(table, kind):
    plain = [c.cast(pa.string()) if is_text(c.type) else c for c in table.columns]
    if pa.types.is_dictionary(kind):
        cast = [
            c.cast(kind.value_type).dictionary_encode() if is_text(c.type) else c for c in plain
        ]
        cast = [c.cast(kind) if pa.types.is_dictionary(c.type) else c for c in cast]
    else:
        cast = [c.cast(kind) if is_text(c.type) else c for c in plain]
    return pa.table(cast, names=table.column_names)


def is_text(kind):
    return pa.types.is_string(kind) or pa.types.is_dictionary(kind)


def in_chunks(table, n):
    if n == 1 or not table.num_rows:
        return table
    cuts = np.linspace(0, table.num_rows, n + 1).astype(int)
    parts = [table.slice(a, b - a) for a, b in pairwise(cuts)]
    return pa.table(
        [
            pa.chunked_array(
                [re_encoded(chunk) for part in parts for chunk in part.column(name).chunks]
            )
            for name in table.column_names
        ],
        names=table.column_names,
    )


def re_encoded(chunk):
    """A chunk whose dictionary is its own, as files that were written in parts have."""
    if not pa.types.is_dictionary(chunk.type):
        return chunk
    return chunk.cast(chunk.type.value_type).dictionary_encode().cast(chunk.type)


@given(listed=dossier_sets(min_persons=1))
@settings(max_examples=20, deadline=None)
def test_slices_of_arrow_tables_are_read_as_they_are(listed):
    made = DossierTables.from_dossiers(listed)
    sliced = {"persons": made.tables["persons"]}
    for name in tables():
        doubled = pa.concat_tables([made.tables[name]] * 2).combine_chunks()
        sliced[name] = doubled.slice(made.tables[name].num_rows)
    assert DossierTables.from_arrow(sliced).tables == made.tables


NO_COLUMNS = [
    pa.array([dt.timedelta(3)] * 3),
    pa.array([dt.time(3)] * 3),
    pa.array([[1], [2], None]),
    pa.array([{"a": 1}, None, {"a": 3}]),
    pa.array([b"a", b"b", b"c"]),
    pa.array([b"a", b"b", b"c"], pa.binary(1)),
    pa.array([2**31 - 1, -(2**31), 0], pa.int32()).view(pa.date32()),
    pa.array([2**62, -(2**62), 0]).view(pa.timestamp("s")),
    pa.array([2**62, -(2**62), 0]).view(pa.timestamp("s", "UTC")),
    pa.array([2**62, -(2**62), 0]).view(pa.date64()),
    pa.array([2**62, -(2**62), 0]).view(pa.duration("s")),
    pa.array([decimal.Decimal("1.5")] * 3),
    pa.array([decimal.Decimal(10) ** 30] * 3),
    pa.array([1.5, np.nan, np.inf], pa.float16()),
    pa.array([2**64 - 1, 0, 5], pa.uint64()),
    pa.array([True, False, None]),
    pa.array(["x", "", "a\n"]),
    pa.array(["x", "\x00", "é"]).dictionary_encode(),
    pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array(["x", None])),
    pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), pa.array([1.5, None, np.nan])),
    pa.DictionaryArray.from_arrays(pa.array([0, 0, 0], pa.int8()), pa.array([[1]])),
    pa.nulls(3),
    pa.array([1, 2, 3]).view(pa.timestamp("ns", "Europe/Amsterdam")),
    pa.RunEndEncodedArray.from_arrays(pa.array([1, 3], pa.int32()), pa.array(["a", "b"])),
]


@pytest.mark.parametrize("values", NO_COLUMNS, ids=lambda values: str(values.type))
@pytest.mark.parametrize("name", ["persons", "debts", "convictions"])
def test_any_arrow_column_anywhere_is_read_or_refused(values, name):
    spec = persons() if name == "persons" else tables()[name]
    for field in ("person_id", *spec.columns):
        columns = {n: pa.nulls(3) for n in spec.columns} | {"person_id": pa.array(["a", "b", "a"])}
        table = pa.table(columns | {field: values})
        people = pa.table(
            {"person_id": ["a", "b"], "birth_date": ["1990-01-01"] * 2, "sex": ["male"] * 2}
        )
        raw = {"persons": people, name: table}
        for from_text in (False, True):
            made = DossierTables.from_arrow(raw, on_error="quarantine", from_text=from_text)
            assert str(made.problems[0])
            assert len(made.quarantine) == len(made.problems)
            assert {(p.table, p.row) for p in made.problems} <= {
                (n, i) for n in raw for i in range(3)
            }


cells = st.sampled_from(
    [None, np.nan, pd.NA, pd.NaT, True, 1, 3.0, 2.5, -1, 10**400, np.inf, "", "a", "b", "fine", "x" * 65,
     "2020-01-01", "2020-1-1", "\ud800", b"a", DAY, dt.datetime(2020, 1, 1, 3), pd.Timestamp(DAY),
     pd.Timestamp(DAY, tz="UTC"), (), [], {}, 3j, np.int8(3), np.str_("a"), decimal.Decimal("NaN"), object()]
)  # fmt: skip
dtypes = st.sampled_from(
    [object, object, object, "category", "string", "Int64", "boolean", float, "datetime64[ns]"]
)


@st.composite
def frames(draw, name):
    spec = persons() if name == "persons" else tables()[name]
    n = draw(st.integers(0, 4))
    columns = {}
    for column in ("person_id", *spec.columns):
        if draw(st.integers(0, 9)):
            series = pd.Series([draw(cells) for _ in range(n)], dtype=object)
            try:
                series = series.astype(draw(dtypes))
            except Exception:
                pass
            columns[column] = series
    return pd.DataFrame(columns)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_arbitrary_frames_are_read_or_refused(data):
    raw = {name: data.draw(frames(name)) for name in ("persons", "debts", "programme")}
    try:
        made = DossierTables.from_pandas(raw, on_error="quarantine")
    except DossierError:
        return
    assert DossierTables.from_arrow(made.tables).tables == made.tables
    named = {(p.table, p.row) for p in made.problems}
    for name, frame in raw.items():
        assert made.tables[name].num_rows + sum(t == name for t, _ in named) == len(frame)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_column_is_read_in_bulk_as_its_values_are_one_by_one(data):
    spec = tables()[data.draw(st.sampled_from(sorted(tables())))]
    column = spec.columns[data.draw(st.sampled_from(sorted(spec.columns)))]
    kind = data.draw(st.sampled_from([
        (pa.date32(), st.dates()),
        (pa.timestamp("ms"), st.datetimes() | st.dates().map(as_midnight)),
        (pa.timestamp("us", "UTC"), st.datetimes(timezones=st.just(dt.UTC))),
        (pa.int64(), st.integers(-10, 10) | st.integers(-(2**63), 2**63 - 1)),
        (pa.int8(), st.integers(-128, 127)),
        (pa.float64(), st.floats() | st.integers(-5, 40_000).map(float)),
        (pa.float32(), st.floats(width=32)),
        (pa.bool_(), st.booleans()),
        (pa.string(), st.sampled_from([*column.codes, "a", "a\n", "", "2020-01-01", "3", "true"])),
        (pa.dictionary(pa.int8(), pa.string()), st.sampled_from([*column.codes, "a", "2020-01-01"])),
    ]))  # fmt: skip
    values = data.draw(st.lists(st.none() | kind[1], max_size=6))
    array = pa.array(values, kind[0])
    form = data.draw(st.sampled_from([Form.FRAME, Form.TEXT]))
    cast, unfit = cast_column(column, array, form)
    refused = {u.row: u.expected for u in unfit}
    for row, value in enumerate(array.to_pylist()):
        try:
            expected = None if value is None else read_value(column, value, form)
        except UnreadableError as error:
            assert refused.pop(row) == str(error)
            expected = None
        assert cast[row].as_py() == expected
    assert not refused


def as_midnight(day):
    return dt.datetime.combine(day, dt.time(0))
