"""Dossiers in DuckDB and on a real PostgreSQL server are those that were put there."""

from __future__ import annotations

import datetime as dt
import itertools
import traceback
from contextlib import closing

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from risicoscreener import screen_many
from risicoscreener.dossier import DossierTables, concatenate
from risicoscreener.dossier.schema import persons, tables
from risicoscreener.errors import DossierError
from risicoscreener.scale.databases import (
    read_duckdb,
    read_duckdb_parts,
    read_postgres,
    read_postgres_parts,
)
from risicoscreener.synthetic import simulate
from strategies import a_debt, dossier_sets

ONE_SERVER = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def cohort():
    return simulate(60, seed=5, population="sentenced").tables


def by_id(made):
    """Tables with the people in the order of their ids, as parts of a database give them."""
    order = pa.compute.sort_indices(made.person_ids)
    people = made.tables["persons"].take(order)
    return DossierTables.from_arrow({**made.tables, "persons": people})


# --- DuckDB -----------------------------------------------------------------------------------


def in_duckdb(made, connection=None):
    """A connection to a database in memory that has some dossiers."""
    connection = connection or duckdb.connect()
    for name, table in made.tables.items():
        connection.register("given", table)
        connection.execute(f"CREATE TABLE {name} AS FROM given")
        connection.unregister("given")
    return connection


@given(listed=dossier_sets(min_persons=1))
@settings(max_examples=20, deadline=None)
def test_duckdb_gives_back_the_dossiers_that_were_put_there(listed):
    made = DossierTables.from_dossiers(listed)
    with closing(in_duckdb(made)) as connection:
        assert read_duckdb(connection).tables == made.tables


@given(listed=dossier_sets(min_persons=1, max_persons=6), parts=st.integers(1, 8))
@settings(max_examples=20, deadline=None)
def test_parts_of_duckdb_have_each_person_once_with_all_facts(listed, parts):
    made = DossierTables.from_dossiers(listed)
    with closing(in_duckdb(made)) as connection:
        found = list(read_duckdb_parts(connection, parts=parts))
    assert len(found) == min(parts, len(listed))
    sizes = [part.n_persons for part in found]
    assert max(sizes) - min(sizes) <= 1
    assert by_id(concatenate(found)).tables == by_id(made).tables


def test_what_is_wrong_is_found_in_parts_as_in_the_whole():
    people = pd.DataFrame({"person_id": list("bcde"), "birth_date": "1990-01-01", "sex": "male"})
    debts = pd.DataFrame([{"person_id": p, **a_debt()} for p in ("a", "b", "c", "e", "f", None)])
    with closing(duckdb.connect()) as connection:
        given_tables = {"persons": connection.from_df(people), "debts": connection.from_df(debts)}
        whole = read_duckdb(connection, given_tables, on_error="quarantine")
        parts = list(read_duckdb_parts(connection, given_tables, parts=3, on_error="quarantine"))
    assert len(whole.problems) == 3  # of two who are no persons, and of nobody
    seen = [(p.table, p.field, p.value) for part in parts for p in part.problems]
    assert sorted(map(str, seen)) == sorted(
        str((p.table, p.field, p.value)) for p in whole.problems
    )
    assert [part.tables["debts"].num_rows for part in parts] == [2, 0, 1]


def test_duckdb_takes_queries_and_relations_and_reads_files_by_them(cohort, tmp_path):
    cohort.write(tmp_path)
    with closing(duckdb.connect()) as connection:
        queries = {name: f"FROM '{tmp_path}/{name}.parquet'" for name in cohort.tables}
        queries["debts"] = connection.sql(queries["debts"])
        assert read_duckdb(connection, queries).tables == cohort.tables
        chosen = "SELECT * FROM '{}/{}.parquet' WHERE person_id < 'SYN-00000020';  "
        queries = {name: chosen.format(tmp_path, name) for name in cohort.tables}
        some = read_duckdb(connection, queries)
    ids = cohort.person_ids.to_pylist()
    assert some.tables == cohort.select([i for i, p in enumerate(ids) if p < "SYN-00000020"]).tables
    assert 0 < some.n_persons < cohort.n_persons


def test_views_and_a_database_that_cannot_be_written_are_read(cohort, tmp_path):
    path = str(tmp_path / "dossiers.duckdb")
    with closing(duckdb.connect(path)) as connection:
        in_duckdb(cohort, connection)
        connection.execute("ALTER TABLE debts RENAME TO other")
        connection.execute("CREATE VIEW debts AS FROM other")
        connection.execute("CREATE TABLE something_else AS SELECT 1")
    with closing(duckdb.connect(path, read_only=True)) as connection:
        assert read_duckdb(connection).tables == cohort.tables
        parts = list(read_duckdb_parts(connection, parts=4))
    assert concatenate(parts).tables == cohort.tables


def test_rows_that_were_set_apart_before_still_count_in_parts(cohort, tmp_path):
    first, second = cohort.person_ids[0].as_py(), cohort.person_ids[30].as_py()
    with closing(in_duckdb(cohort)) as connection:
        connection.execute("CREATE TABLE quarantined (person_id TEXT, rows INTEGER)")
        connection.execute("INSERT INTO quarantined VALUES (?, 2), (?, 3)", [first, second])
        whole = read_duckdb(connection)
        parts = list(read_duckdb_parts(connection, parts=4))
    assert whole.quarantined_rows[[0, 30]].tolist() == [2, 3]
    assert whole.quarantined_rows.sum() == 5
    assert concatenate(parts).quarantined_rows.tolist() == whole.quarantined_rows.tolist()


def test_types_of_duckdb_are_read_as_what_they_mean():
    with closing(duckdb.connect()) as connection:
        connection.execute("CREATE TYPE sexes AS ENUM ('female', 'male')")
        connection.execute(
            "CREATE TABLE persons AS SELECT uuid() AS person_id, DATE '1990-01-01' AS birth_date, "
            "'male'::sexes AS sex FROM range(3)"
        )
        connection.execute(
            "CREATE TABLE debts AS SELECT person_id, 'fine' AS kind, 'state' AS creditor, "
            "0.07::DECIMAL(12,2) AS amount_eur, TIMESTAMP '2020-01-01' AS since, "
            "DATE '2020-02-01' AS recorded_at, NULL AS until FROM persons"
        )
        made = read_duckdb(connection)
    assert made.tables["persons"].column("sex").to_pylist() == ["male"] * 3
    assert made.tables["debts"].column("amount_eur").to_pylist() == [0.07] * 3
    assert made.tables["debts"].column("since").to_pylist() == [dt.date(2020, 1, 1)] * 3


@pytest.mark.parametrize(
    ("given_tables", "said"),
    [
        (
            {"persons": "SELECT * FROM nowhere"},
            "the table persons cannot be read: CatalogException",
        ),
        ({"persons": "SELEC 1"}, "the table persons cannot be read: ParserException"),
        ({"persons": "SELECT 1/x AS y FROM (SELECT 'a'::INT AS x)"}, "the table persons cannot be"),
        (
            {"persons": "CREATE TABLE t (i INT)"},
            "persons gives no rows|one of the columns|persons cannot be read",
        ),
        ({"persons": 3}, "the table persons is given as int; expected a query"),
        (["persons"], "the tables are given as list; expected names with their queries"),
        ({"debts": "SELECT 1"}, "a table with one row for each person"),
        ({"person": "SELECT 1"}, "one of the tables persons"),
        (None, "a table with one row for each person"),
    ],
)
def test_a_query_that_duckdb_cannot_answer_gives_one_error(given_tables, said):
    with closing(duckdb.connect()) as connection, pytest.raises(DossierError, match=said):
        read_duckdb(connection, given_tables)
    with closing(duckdb.connect()) as connection, pytest.raises(DossierError, match=said):
        list(read_duckdb_parts(connection, given_tables, parts=2))


@pytest.mark.parametrize("parts", [0, -1, 1.5, True, "2", None])
def test_a_number_of_parts_that_is_none_is_refused_at_once(parts):
    with pytest.raises(DossierError, match="expected a whole number from 1"):
        read_duckdb_parts(duckdb.connect(), parts=parts)
    with pytest.raises(DossierError, match="expected a whole number from 1"):
        read_postgres_parts("postgresql://x/y", parts=parts)


@pytest.mark.parametrize("connection", [None, "dossiers.duckdb", 3, duckdb])
def test_what_is_no_connection_of_duckdb_is_refused(connection):
    with pytest.raises(DossierError, match="expected a connection of duckdb"):
        read_duckdb(connection)


def test_ids_that_look_like_sql_stay_values():
    people = pl.DataFrame({"person_id": ["a", "b'; DROP TABLE persons; --", "c"]})
    people = people.with_columns(birth_date=pl.lit("1990-01-01"), sex=pl.lit("male"))
    with closing(duckdb.connect()) as connection:
        connection.execute("CREATE TABLE persons AS FROM people")
        found = list(read_duckdb_parts(connection, parts=3, on_error="quarantine"))
        assert [part.n_persons for part in found] == [1, 0, 1]
        assert connection.table("persons").count("*").fetchall() == [(3,)]


def test_parts_leave_the_tables_of_the_caller_as_they_are(cohort):
    with closing(in_duckdb(cohort)) as connection:
        connection.execute("CREATE TABLE people_of_dossiers AS SELECT 1 AS one")
        before = connection.sql("SHOW TABLES").fetchall()
        assert concatenate(read_duckdb_parts(connection, parts=4)).n_persons == 60
        assert connection.sql("SHOW TABLES").fetchall() == before


def test_screening_from_duckdb_and_back_is_screening(cohort):
    whole = screen_many(cohort, "leave", "2024-06-01")
    with closing(in_duckdb(cohort)) as connection:
        results = screen_many(read_duckdb(connection), "leave", "2024-06-01")
        connection.execute("CREATE TABLE results AS FROM results")
        counted = connection.sql("SELECT outcome, count(*) FROM results GROUP BY 1").fetchall()
        assert dict(counted) == {k: n for k, n in whole.counts().items() if n}
        index = connection.sql("SELECT person_id, DATE '2024-06-01' AS as_of FROM persons")
        assert screen_many(cohort, "leave", index).to_arrow() == whole.to_arrow()
    assert results.to_arrow() == whole.to_arrow()


# --- PostgreSQL -------------------------------------------------------------------------------

numbers = itertools.count()

TYPES = {"date": "date", "text": "text", "flag": "boolean", "integer": "integer"}


def create(connection, name, spec, numeric, enums):
    columns = ["person_id text" + (" PRIMARY KEY" if name == "persons" else "")]
    for column in spec.columns.values():
        kind = TYPES.get(column.kind, numeric)
        if column.kind == "code":
            kind = enums.setdefault(column.codes, f"codes_{len(enums)}")
            if list(enums.values())[-1] == kind and kind not in enums.get("made", ()):
                codes = ", ".join(f"'{code}'" for code in column.codes)
                connection.execute(
                    f"DO $$ BEGIN CREATE TYPE {kind} AS ENUM ({codes}); "
                    "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
                )
        columns.append(f'"{column.name}" {kind}')
    connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")


def in_postgres(server, made, numeric="double precision"):
    """Address of a schema that has some dossiers, with enumerations for codes."""
    import psycopg

    address = server.new_schema(f"d{next(numbers)}")
    enums = {}
    with psycopg.connect(address, autocommit=True) as connection:
        for name, spec in {"persons": persons(), **tables()}.items():
            create(connection, name, spec, numeric, enums)
            table = made.tables[name]
            names = ", ".join(f'"{column}"' for column in table.column_names)
            with connection.cursor().copy(f"COPY {name} ({names}) FROM STDIN") as copy:
                for row in table.to_pylist():
                    copy.write_row(list(row.values()))
    return address


@given(listed=dossier_sets(min_persons=1))
@ONE_SERVER
def test_postgres_gives_back_the_dossiers_that_were_put_there(postgres, listed):
    made = DossierTables.from_dossiers(listed)
    assert read_postgres(in_postgres(postgres, made)).tables == made.tables


def test_results_are_copied_to_postgres(postgres, cohort, tmp_path):
    import adbc_driver_postgresql.dbapi as driver
    import psycopg

    screened = screen_many(cohort, "leave", "2024-06-01")
    address = postgres.new_schema(f"d{next(numbers)}")
    with closing(driver.connect(address)) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("results", screened.to_arrow())
        connection.commit()
    screened.write(tmp_path / "results.csv")
    table = screened.to_arrow()
    plain = {"float64": "double precision", "date32[day]": "date"} | {"double": "double precision"}
    columns = ", ".join(f'"{f.name}" {plain.get(str(f.type), "text")}' for f in table.schema)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE copied ({columns})")
        with connection.cursor().copy("COPY copied FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write((tmp_path / "results.csv").read_bytes())
        ingested = connection.execute("SELECT * FROM results").fetchall()
        copied = connection.execute("SELECT * FROM copied").fetchall()
    expected = [tuple(row.values()) for row in table.to_pylist()]
    assert ingested == expected
    joined = [tuple(" ".join(v) if isinstance(v, list) else v for v in row) for row in expected]
    assert copied == joined


@given(listed=dossier_sets(min_persons=2, max_persons=6), parts=st.integers(1, 5))
@ONE_SERVER
def test_parts_of_postgres_have_each_person_once_with_all_facts(postgres, listed, parts):
    made = DossierTables.from_dossiers(listed)
    found = list(read_postgres_parts(in_postgres(postgres, made), parts=parts))
    assert len(found) == min(parts, len(listed))
    assert by_id(concatenate(found)).tables == by_id(made).tables


def test_amounts_of_postgres_are_the_nearest_doubles(postgres):
    amounts = [n / 100 for n in range(0, 100_000, 7)]
    people = pd.DataFrame({"person_id": ["a"], "birth_date": "1990-01-01", "sex": "male"})
    debts = pd.DataFrame(
        [
            {"person_id": "a", **a_debt(amount_eur=amount, fact_id=f"f{i}")}
            for i, amount in enumerate(amounts)
        ]
    )
    made = DossierTables.from_pandas({"persons": people, "debts": debts})
    for numeric in ("numeric(12,2)", "numeric", "double precision"):
        found = read_postgres(in_postgres(postgres, made, numeric))
        assert found.tables["debts"].column("amount_eur").to_pylist() == amounts


def test_a_connection_queries_and_parts_give_the_same(postgres, cohort):
    import adbc_driver_postgresql.dbapi as driver

    address = in_postgres(postgres, cohort, "numeric")
    assert read_postgres(address).tables == cohort.tables
    queries = {name: f"SELECT * FROM {name} ORDER BY person_id; " for name in cohort.tables}
    queries["debts"] = "SELECT * FROM debts -- all of them"
    with closing(driver.connect(address)) as connection:
        assert read_postgres(connection, queries).tables == cohort.tables
        parts = list(read_postgres_parts(connection, queries, parts=4))
        assert [part.n_persons for part in parts] == [15, 15, 15, 15]
        assert concatenate(parts).tables == cohort.tables
        with connection.cursor() as cursor:  # it is still the caller's
            cursor.execute("CREATE TABLE mine AS SELECT 1 AS one")


def test_views_are_read_and_facts_of_nobody_found_once(postgres, cohort):
    import psycopg

    address = in_postgres(postgres, cohort)
    with psycopg.connect(address, autocommit=True) as connection:
        for number, person in enumerate(("A", "SYN-0000", "zzz", None)):
            connection.execute(
                "INSERT INTO inquiries SELECT (jsonb_populate_record(i, %s)).* FROM inquiries i LIMIT 1",
                (
                    f'{{"person_id": {"null" if person is None else chr(34) + person + chr(34)}, "fact_id": "x{number}"}}',
                ),
            )
        connection.execute("ALTER TABLE debts RENAME TO other")
        connection.execute("CREATE VIEW debts AS TABLE other")
        connection.execute("ALTER TABLE housing RENAME TO more")
        connection.execute("CREATE MATERIALIZED VIEW housing AS TABLE more")
    whole = read_postgres(address, on_error="quarantine")
    parts = list(read_postgres_parts(address, parts=3, on_error="quarantine"))
    assert len(whole.problems) == 4
    assert sum(len(part.problems) for part in parts) == 4
    assert whole.tables == cohort.tables
    assert concatenate(parts).tables == cohort.tables


def test_all_tables_are_as_they_were_at_one_moment(postgres, cohort):
    import psycopg

    address = in_postgres(postgres, cohort)
    parts = read_postgres_parts(address, parts=2)
    found = [next(parts)]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DELETE FROM debts")
        connection.execute("DELETE FROM persons")
    found += parts
    assert concatenate(found).tables == cohort.tables


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM nowhere", 'the table persons cannot be read: .*"nowhere" does not exist'),
        ("SELECT 1/0", "the table persons cannot be read: .*division by zero"),
        ("DELETE FROM persons RETURNING *", "the table persons cannot be read"),
        (3, "the table persons is given as int; expected a query as text"),
        (
            "SELECT 'a' AS person_id, timestamptz '1990-01-01' AS birth_date, 'male' AS sex",
            r"persons\[0\].birth_date = .*a day, without a time of day or time zone",
        ),
        (
            "SELECT 'a' AS person_id, date 'infinity' AS birth_date, 'male' AS sex",
            r"persons\[0\].birth_date = .*a date",
        ),
        (
            "SELECT 'a'::char(3) AS person_id, date '1990-01-01' AS birth_date, 'male' AS sex",
            r"persons\[0\].person_id = 'a  '",
        ),
    ],
)
def test_a_query_that_postgres_cannot_answer_gives_one_error(postgres, query, said):
    address = postgres.dsn()
    with pytest.raises(DossierError, match=said):
        read_postgres(address, {"persons": query})


def test_nothing_is_written_by_a_query_of_which_that_was_not_meant(postgres):
    import psycopg

    address = postgres.new_schema(f"d{next(numbers)}")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE SEQUENCE counter")
    with pytest.raises(DossierError, match="read-only transaction"):
        read_postgres(address, {"persons": "SELECT nextval('counter')::text AS person_id"})


def test_numbers_of_postgres_that_are_none_are_refused(postgres):
    people = "SELECT 'a' AS person_id, date '1990-01-01' AS birth_date, 'male' AS sex"
    for amount in ("'NaN'", "'Infinity'", "-1"):
        debts = (
            f"SELECT 'a' AS person_id, 'fine' AS kind, 'state' AS creditor, {amount}::numeric AS "
            "amount_eur, date '2020-01-01' AS since, date '2020-02-01' AS recorded_at"
        )
        with pytest.raises(DossierError, match="amount_eur.*a number from 0"):
            read_postgres(postgres.dsn(), {"persons": people, "debts": debts})


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://user:geheim@/x?host=/nowhere",
        "postgresql://user:gehe%69m@nohost.invalid/x",
        "postgresql://user:x@geheim@nohost.invalid/x",
        "postgresql://user:/geheim@nohost.invalid:9/x",
        "postgresql://user@/x?host=/nowhere&password=geheim",
        "postgresql://user:geheim@localhost:port/x",
        "postgresql://user:mijn geheim@localhost/x",
        "host=/nowhere password=geheim",
        "mysql://user:geheim@localhost/x",
        "",
    ],
)
def test_a_server_that_cannot_be_reached_gives_an_error_without_the_password(address):
    pytest.importorskip("adbc_driver_postgresql")
    with pytest.raises(
        DossierError, match="the PostgreSQL server cannot be|the address of the"
    ) as caught:
        read_postgres(address)
    assert "geheim" not in str(caught.value)
    shown = "".join(traceback.format_exception(caught.value, chain=True))
    assert "geheim" not in shown.replace(address, "")


@pytest.mark.parametrize("database", [None, 3, b"postgresql://x/y", duckdb.connect()])
def test_what_is_no_postgres_is_refused(database):
    pytest.importorskip("adbc_driver_postgresql")
    with pytest.raises(DossierError, match="expected postgresql://"):
        read_postgres(database)


@pytest.mark.parametrize(
    ("module", "read"),
    [("adbc_driver_postgresql.dbapi", read_postgres), ("duckdb", read_duckdb)],
)
def test_without_the_package_the_error_says_what_to_install(monkeypatch, module, read):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(DossierError, match=r"install risicoscreener\[scale\]"):
        read("postgresql://x/y")
