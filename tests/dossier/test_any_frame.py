"""The same data give the same dossiers, whichever library they come from."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from contextlib import closing
from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import risicoscreener
from cases import example
from risicoscreener.dossier import Dossier, DossierTables, read_dossier
from risicoscreener.dossier.casting import Form, UnreadableError, cast_any, read_value
from risicoscreener.dossier.decimals import as_floats
from risicoscreener.dossier.files import codes_as_text
from risicoscreener.dossier.frames import as_arrow, frame_of
from risicoscreener.dossier.schema import persons, tables
from risicoscreener.errors import DossierError
from risicoscreener.features import compute_features
from risicoscreener.features.index import Index
from strategies import a_debt, dossier_sets

PEOPLE = {"person_id": ["a", "b"], "birth_date": ["1990-01-01"] * 2, "sex": ["male"] * 2}
PEOPLE_FRAME = pl.DataFrame(PEOPLE)


def debts(**changes):
    """Three debts of two people as columns, with some changed."""
    rows = {name: [value] * 3 for name, value in a_debt().items()}
    return {"person_id": ["a", "a", "b"], **rows, "fact_id": ["f1", "f2", "f3"], **changes}


def read(frame, on_error="raise"):
    return DossierTables.from_frames({"persons": PEOPLE_FRAME, "debts": frame}, on_error=on_error)


def column_of(name, series):
    return read(pl.DataFrame(debts(**{name: series}))).tables["debts"].column(name).to_pylist()


def problems_of(frame):
    with pytest.raises(DossierError) as caught:
        read(frame)
    return [(p.row, p.field, p.expected) for p in caught.value.problems]


class Stream:
    """A table of a library that nobody knows, which follows the standard."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


def of_duckdb(table, connection, name):
    connection.register(f"given_{name}", table)
    return connection.sql(f"FROM given_{name}")


LIBRARIES = {
    "pandas": lambda table, *_: table.to_pandas(),
    "pandas of arrow": lambda table, *_: table.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas with categories": lambda table, *_: table.to_pandas(date_as_object=False),
    "polars": lambda table, *_: pl.DataFrame(table),
    "polars lazily": lambda table, *_: pl.DataFrame(table).lazy(),
    "polars text": lambda table, *_: pl.DataFrame(codes_as_text(table)),
    "polars chunks": lambda table, *_: pl.concat(
        [pl.DataFrame(table.slice(0, 1)), pl.DataFrame(table.slice(1))], rechunk=False
    ),
    "arrow text": lambda table, *_: codes_as_text(table),
    "reader": lambda table, *_: pa.RecordBatchReader.from_batches(
        table.schema, table.to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
    ),
    "stream": lambda table, *_: Stream(table),
    "duckdb": of_duckdb,
    "duckdb text": lambda table, *rest: of_duckdb(codes_as_text(table), *rest),
}  # fmt: skip


@given(listed=dossier_sets(min_persons=1), data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_same_data_give_the_same_dossiers_from_every_library_and_mixed(listed, data):
    made = DossierTables.from_dossiers(listed)
    chosen = st.sampled_from(sorted(LIBRARIES))
    one = data.draw(chosen | st.none(), "library of all tables, if one")
    with closing(duckdb.connect()) as connection:
        frames = {
            name: LIBRARIES[one or data.draw(chosen)](table, connection, name)
            for name, table in made.tables.items()
        }
        assert DossierTables.from_frames(frames).tables == made.tables


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_batch_is_screened_alike_from_every_library(library):
    made = DossierTables.from_dossiers(
        [read_dossier(example(name)) for name in ("grant", "deny", "deep_assessment")]
    )
    whole = risicoscreener.screen_many(made, "leave", "2024-06-01").to_arrow()
    days = pa.table(
        {"person_id": made.person_ids, "as_of": pa.array([dt.date(2024, 6, 1)] * made.n_persons)}
    )
    with closing(duckdb.connect()) as connection:
        frames = {
            name: LIBRARIES[library](table, connection, name) for name, table in made.tables.items()
        }
        index = LIBRARIES[library](days, connection, "days")
        assert risicoscreener.screen_many(frames, "leave", index).to_arrow() == whole


# --- kinds of columns of Polars ---------------------------------------------------------------

DAY = dt.date(2020, 1, 2)


@pytest.mark.parametrize(
    ("name", "series", "expected"),
    [
        ("kind", pl.Series(["tax", "fine", "tax"], dtype=pl.Categorical), ["tax", "fine", "tax"]),
        ("kind", pl.Series(["tax", "fine", "tax"], dtype=pl.Enum(["x", "fine", "tax"])), ["tax", "fine", "tax"]),
        ("kind", pl.Series(["tax", "fine", "tax"], dtype=pl.Object), ["tax", "fine", "tax"]),
        ("since", pl.Series([DAY] * 3), [DAY] * 3),
        ("since", pl.Series([DAY] * 3).cast(pl.Datetime("ms")), [DAY] * 3),
        ("since", pl.Series([str(DAY)] * 3), [DAY] * 3),
        ("since", pl.Series([DAY] * 3, dtype=pl.Object), [DAY] * 3),
        ("until", pl.Series([None] * 3), [None] * 3),
        ("until", pl.Series([None, DAY, None]), [None, DAY, None]),
        ("amount_eur", pl.Series([1, 2, 3], dtype=pl.UInt8), [1.0, 2.0, 3.0]),
        ("amount_eur", pl.Series([1, 2, 3], dtype=pl.UInt64), [1.0, 2.0, 3.0]),
        ("amount_eur", pl.Series([1, 2, 3], dtype=pl.Int128), [1.0, 2.0, 3.0]),
        ("amount_eur", pl.Series([1.5, 2, 3], dtype=pl.Float32), [1.5, 2.0, 3.0]),
        ("amount_eur", pl.Series(["0.07", "1.13", "3.1"]).cast(pl.Decimal(12, 2)), [0.07, 1.13, 3.1]),
        ("void", pl.Series([False, None, False]), [False] * 3),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")),
)  # fmt: skip
def test_kinds_of_columns_of_polars_are_read_as_what_they_mean(name, series, expected):
    assert column_of(name, series) == expected


A_DAY = "a day, without a time of day or time zone"
AN_AMOUNT = "a number from 0 to 100,000,000"


@pytest.mark.parametrize(
    ("name", "series", "expected"),
    [
        ("since", pl.Series([dt.datetime(2020, 1, 2, hour) for hour in (0, 3, 0)]), A_DAY),
        ("since", pl.Series([DAY, dt.datetime(2020, 1, 2, 3), DAY], dtype=pl.Object), A_DAY),
        ("since", pl.Series(["2020-01-02", "soon", "2020-01-02"]), "a date as YYYY-MM-DD"),
        ("amount_eur", pl.Series([1.0, float("nan"), 3.0]), AN_AMOUNT),
        ("amount_eur", pl.Series([1, 2**100, 3], dtype=pl.Int128), AN_AMOUNT),
        ("amount_eur", pl.Series([1, True, 3], dtype=pl.Object), AN_AMOUNT),
        ("amount_eur", pl.Series(["1", "2", "3"]).cast(pl.Decimal(38, 0)) * pl.Series([1, -2, 1]), AN_AMOUNT),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")),
)  # fmt: skip
def test_what_a_column_of_polars_should_not_have_is_named(name, series, expected):
    assert problems_of(pl.DataFrame(debts(**{name: series}))) == [(1, name, expected)]


def test_days_of_polars_with_a_time_zone_are_refused():
    zoned = pl.Series([dt.datetime(2020, 1, 2)] * 3).dt.replace_time_zone("Europe/Amsterdam")
    assert [p[2] for p in problems_of(pl.DataFrame(debts(since=zoned)))] == [A_DAY] * 3


STRANGE = [
    pl.Series([dt.time(3)] * 3),
    pl.Series([dt.timedelta(3)] * 3),
    pl.Series([[1], [2], None]),
    pl.Series([{"a": 1}, None, {"a": 3}]),
    pl.Series([b"a", b"b", b"c"]),
    pl.Series([[1, 2]] * 3, dtype=pl.Array(pl.Int8, 2)),
    pl.Series([2**31 - 1, -(2**31), 0], dtype=pl.Int32).cast(pl.Date),
    pl.Series([object(), None, 3], dtype=pl.Object),
    pl.Series([2**127 - 1, -(2**127), None], dtype=pl.Int128),
    pl.Series([decimal.Decimal(10) ** 30] * 3),
    pl.Series(["x", "", "é"], dtype=pl.Categorical),
    pl.Series([1.5, float("nan"), float("inf")], dtype=pl.Float32),
    pl.Series([True, False, None]),
    pl.Series([None] * 3),
]


@pytest.mark.parametrize("series", STRANGE, ids=lambda series: str(series.dtype))
@pytest.mark.parametrize("name", ["persons", "debts"])
def test_any_column_of_polars_anywhere_is_read_or_refused(series, name):
    spec = persons() if name == "persons" else tables()[name]
    for field in ("person_id", *spec.columns):
        columns = {column: [None] * 3 for column in spec.columns} | {"person_id": ["a", "b", "a"]}
        frames = {"persons": PEOPLE_FRAME, name: pl.DataFrame(columns | {field: series})}
        made = DossierTables.from_frames(frames, on_error="quarantine")
        assert str(made.problems[0])


# --- what is no copy --------------------------------------------------------------------------


def address(column):
    (chunk,) = column.chunks
    return chunk.buffers()[1].address


def memory(series):
    return series.to_physical().to_numpy(allow_copy=False).ctypes.data


def test_numbers_and_days_of_polars_are_not_copied():
    frame = pl.DataFrame(debts(amount_eur=[1.0, 2.0, 3.0], since=[DAY] * 3, recorded_at=[DAY] * 3))
    made = read(frame).tables["debts"]
    for name in ("amount_eur", "since", "recorded_at"):
        assert address(made.column(name)) == memory(frame[name]), name


def test_what_arrow_has_is_not_copied():
    table = pa.table(debts(amount_eur=[1.0, 2.0, 3.0], since=pa.array([DAY] * 3)))
    for given_as in (table, Stream(table), table.to_batches()[0], table.to_reader()):
        made = read(given_as).tables["debts"]
        for name in ("amount_eur", "since"):
            assert address(made.column(name)) == address(table.column(name))


def test_numbers_of_pandas_are_not_copied():
    frame = pd.DataFrame(debts(amount_eur=[1.0, 2.0, 3.0]))
    made = read(frame).tables["debts"]
    assert address(made.column("amount_eur")) == frame["amount_eur"].to_numpy().ctypes.data


def test_features_are_not_copied_on_their_way_out():
    made = DossierTables.from_dossiers([read_dossier(example("grant"))])
    found = compute_features(made, dt.date(2024, 6, 1))
    table = found.to_arrow()
    for place, name in enumerate(found.names):
        assert address(table.column(name)) == found.values[:, place].ctypes.data


# --- out --------------------------------------------------------------------------------------


def test_results_and_features_go_to_every_library():
    made = DossierTables.from_dossiers([read_dossier(example(n)) for n in ("grant", "deny")])
    screened = risicoscreener.screen_many(made, "leave", "2024-06-01")
    found = compute_features(made, dt.date(2024, 6, 1))
    assert pa.table(screened) == screened.to_arrow()
    assert pl.DataFrame(screened)["outcome"].to_list() == screened.outcomes.tolist()
    counted = duckdb.sql("SELECT outcome, count(*) FROM screened GROUP BY 1").fetchall()
    assert dict(counted) == {k: n for k, n in screened.counts().items() if n}
    assert pa.table(found).column_names == ["person_id", "as_of", *found.names]
    for frame in (pl.DataFrame(found), pl.DataFrame(found.to_frame().reset_index())):
        values = frame.select(found.names).to_numpy()
        np.testing.assert_array_equal(values.astype(float), found.values)
    assert duckdb.sql("SELECT count(*) FROM found").fetchall() == [(2,)]
    nulls = [column.null_count for column in pa.table(found).columns[2:]]
    assert nulls == found.missing.sum(axis=0).tolist()


# --- what is no frame -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given_as",
    [None, [], {}, "debts", 3, pl.Series([1]), pa.array([1]), pa.chunked_array([[1]]), pa.Table,
     pl.DataFrame, pd.Series([1]), np.zeros((2, 2)), pa.schema([]), pa.array([{"a": 1}])],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_no_frame_is_refused_with_its_kind(given_as):
    with pytest.raises(DossierError) as caught:
        read(given_as)
    assert "debts" in str(caught.value)
    assert caught.value.problems or "cannot be read" in str(caught.value)
    made = DossierTables.from_frames({"persons": PEOPLE_FRAME})
    with pytest.raises(DossierError, match="the index"):
        Index.of(made, given_as)


def test_the_error_of_what_is_no_frame_says_what_would_be_one():
    with closing(duckdb.connect()) as connection:
        result = connection.execute("SELECT 1")
        with pytest.raises(
            DossierError, match="debts = 'DuckDBPyConnection': .*from `sql`, not `execute`"
        ):
            read(result)


def test_what_its_library_cannot_compute_gives_one_error():
    with pytest.raises(DossierError, match="the table debts cannot be read: ColumnNotFoundError"):
        read(pl.LazyFrame(debts()).select("amount"))
    with closing(duckdb.connect()) as connection:
        relation = connection.sql("SELECT x::INTEGER AS y FROM (SELECT 'a' AS x)")
        with pytest.raises(
            DossierError, match="the table debts cannot be read: ConversionException"
        ):
            read(relation)

    class Broken:
        def __arrow_c_stream__(self, requested_schema=None):
            raise TypeError("lost")

    with pytest.raises(DossierError, match="the table debts cannot be read: TypeError: lost"):
        read(Broken())
    with pytest.raises(DossierError, match="the index cannot be read: TypeError: lost"):
        Index.of(read(pl.DataFrame(debts())), Broken())


def test_a_reader_that_was_read_before_is_no_table_without_rows():
    reader = pa.table(debts()).to_reader()
    assert read(reader).tables["debts"].num_rows == 3
    with pytest.raises(DossierError, match="the reader gives no batch; expected one that was not"):
        read(reader)
    made = DossierTables.from_frames({"persons": PEOPLE_FRAME})
    with pytest.raises(DossierError, match="the reader gives no batch"):
        Index.of(made, reader)


def test_a_day_beyond_all_days_in_an_index_is_refused():
    made = DossierTables.from_frames({"persons": PEOPLE_FRAME})
    far = pl.Series([2**31 - 1], dtype=pl.Int32).cast(pl.Date)
    with pytest.raises(DossierError):
        risicoscreener.screen_many(made, "leave", pl.DataFrame({"person_id": ["a"], "as_of": far}))


@pytest.mark.parametrize(
    "as_of",
    [
        pl.Series([dt.datetime(2024, 6, 1, 3)]),
        pl.Series([dt.datetime(2024, 6, 1)]).dt.replace_time_zone("UTC"),
        pl.Series([19_000]),
        pl.Series([None], dtype=pl.Date),
    ],
    ids=lambda series: str(series.dtype),
)
def test_an_index_of_polars_has_days_alone(as_of):
    made = DossierTables.from_frames({"persons": PEOPLE_FRAME})
    with pytest.raises(DossierError, match="index row 0: as_of"):
        Index.of(made, pl.DataFrame({"person_id": ["a"], "as_of": as_of}))


# --- types that only some libraries know ------------------------------------------------------


def test_universal_identifiers_are_text():
    ids = [uuid.UUID(int=n) for n in (5, 7, 2**100)]
    people = pa.table(
        {"person_id": pa.array([i.bytes for i in ids], pa.uuid()), "birth_date": ["1990-01-01"] * 3, "sex": ["male"] * 3}
    )  # fmt: skip
    made = DossierTables.from_frames({"persons": people})
    assert made.person_ids.to_pylist() == [str(i) for i in ids]
    assert DossierTables.from_arrow({"persons": people}).tables == made.tables


def test_numbers_that_are_written_out_by_a_database_are_numbers():
    kind = pa.opaque(pa.string(), "numeric", "PostgreSQL")
    table = pa.table(
        debts(amount_eur=pa.ExtensionArray.from_storage(kind, pa.array(["0.07", "1e2", "3"])))
    )
    assert read(table).tables["debts"].column("amount_eur").to_pylist() == [0.07, 100.0, 3.0]
    bad = pa.ExtensionArray.from_storage(kind, pa.array(["1", "NaN", "3"]))
    assert problems_of(pa.table(debts(amount_eur=bad))) == [(1, "amount_eur", AN_AMOUNT)]


kinds = st.sampled_from(
    [pa.decimal128(12, 2), pa.decimal128(38, 10), pa.decimal128(20, -2), pa.decimal256(60, 25),
     pa.decimal128(18, 18), pa.decimal32(7, 2), pa.decimal64(15, 4)]
)  # fmt: skip


@given(kind=kinds, data=st.data())
@settings(max_examples=200, deadline=None)
def test_decimals_become_the_nearest_double(kind, data):
    most = 10**kind.precision - 1
    whole = st.integers(-most, most) | st.integers(-10_000, 10_000).filter(lambda n: abs(n) <= most)
    numbers = data.draw(st.lists(st.none() | whole, max_size=8))
    with decimal.localcontext(prec=80):
        values = [None if n is None else decimal.Decimal(n).scaleb(-kind.scale) for n in numbers]
    start = data.draw(st.integers(0, len(values)))
    found = as_floats(pa.array(values, kind).slice(start)).to_pylist()
    expected = [None if n is None else Fraction(n) / Fraction(10) ** kind.scale for n in numbers]
    assert found == [None if e is None else e.numerator / e.denominator for e in expected[start:]]


@settings(deadline=None)
@given(st.lists(st.none() | st.decimals(-10, 2 * 10**8, places=2), max_size=6))
def test_a_column_of_decimals_is_read_as_each_of_them(values):
    column = tables()["debts"].columns["amount_eur"]
    cast, unfit = cast_any(column, pa.array(values, pa.decimal128(14, 2)), Form.FRAME)
    refused = {u.row for u in unfit}
    for row, value in enumerate(values):
        try:
            assert cast[row].as_py() == (
                None if value is None else read_value(column, value, Form.FRAME)
            )
        except UnreadableError:
            assert row in refused
    assert len(refused) == sum(v is not None and not 0 <= v <= 10**8 for v in values)


def test_pandas_goes_its_own_way_though_it_follows_the_standard():
    mixed = pd.Series([DAY, dt.datetime(2020, 1, 2, 3), DAY], dtype=object)
    assert hasattr(pd.DataFrame, "__arrow_c_stream__")
    assert problems_of(pd.DataFrame(debts(since=mixed))) == [(1, "since", A_DAY)]
    frame = frame_of("debts", pd.DataFrame({"x": [1.0, np.nan]}))
    assert frame.columns[0].to_pylist() == [1.0, None]
    assert as_arrow(pd.DataFrame({"x": [1]})).num_rows == 1


@pytest.mark.parametrize("library", LIBRARIES)
def test_rows_that_were_set_apart_before_still_count(library):
    before = pa.table({"person_id": ["b", "nobody"], "rows": pa.array([2, 1], pa.int32())})
    with closing(duckdb.connect()) as connection:
        frames = {
            "persons": PEOPLE_FRAME,
            "quarantined": LIBRARIES[library](before, connection, "q"),
        }
        assert DossierTables.from_frames(frames).quarantined_rows.tolist() == [0, 2]


@pytest.mark.parametrize(
    "before",
    [{"person_id": ["b"]}, {"person_id": ["b"], "rows": [-1]}, {"person_id": ["b"], "rows": [None]},
     {"rows": [1]}, {}, {"person_id": ["b"], "rows": ["x"]}],
)  # fmt: skip
def test_counts_of_rows_that_are_none_are_refused(before):
    with pytest.raises(DossierError, match="the table quarantined is not one that `write` made"):
        DossierTables.from_frames({"persons": PEOPLE_FRAME, "quarantined": pl.DataFrame(before)})
    mixed = pl.DataFrame({"person_id": ["b"], "rows": pl.Series([object()], dtype=pl.Object)})
    with pytest.raises(DossierError, match="the table quarantined is not one that `write` made"):
        DossierTables.from_frames({"persons": PEOPLE_FRAME, "quarantined": mixed})


def test_dossiers_are_what_they_were(tmp_path):
    """From records to a database and back to records."""
    listed = [read_dossier(example(name)) for name in ("grant", "deny")]
    made = DossierTables.from_dossiers(listed)
    with closing(duckdb.connect(str(tmp_path / "x.duckdb"))) as connection:
        frames = {name: of_duckdb(table, connection, name) for name, table in made.tables.items()}
        back = list(DossierTables.from_frames(frames).to_dossiers())
    assert all(isinstance(one, Dossier) for one in back)
    assert back == listed


def test_rows_that_were_set_apart_in_several_places_are_added():
    people = pd.DataFrame({"person_id": ["a", "b"], "birth_date": "1990-01-01", "sex": "male"})
    before = pd.DataFrame({"person_id": ["b", "b", "c", "b"], "rows": [0, 2, 9, 1]})
    made = DossierTables.from_frames({"persons": people, "quarantined": before})
    assert made.quarantined_rows.tolist() == [0, 3]
