"""DuckDB: SQL over its own tables."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from _national import AS_OF
from competitors._decision import rules
from competitors._features import LONGEST_AGO, MOST_DEBT, VIOLENT, VIOLENT_DAYS, People
from competitors._interface import Competitor
from competitors._single import Dossier
from competitors.with_python import OneDossier, decided

AMONG = ", ".join(f"'{code}'" for code in VIOLENT)
SEVEN_SQL = (
    f"""
    select number, count(*),
        count(*) filter (offence_on > $today::date - {VIOLENT_DAYS} and offence_class in ({AMONG})),
        least($today::date - max(offence_on), {LONGEST_AGO}),
        max(severity), bit_count(bit_or(1::usmallint << offence_code))
    from convictions where recorded_at <= $today group by number
    """,
    f"""
    select number, least(sum(amount_eur), {MOST_DEBT}) from debts
    where recorded_at <= $today and (until is null or until > $today) group by number
    """,
    """
    select number, arg_max(status = 'own_address', from_on) from housing
    where recorded_at <= $today and (until_on is null or until_on > $today) group by number
    """,
)


def connection(data: People, threads: int = 2) -> Any:
    """A database in memory with the tables as its own, codes as enums."""
    import duckdb

    database = duckdb.connect(config={"threads": threads})
    for name, codes in (("convictions", "offence_class"), ("housing", "status")):
        names = ", ".join(f"'{code}'" for code in data.codes(name, codes))
        database.execute(f"create type {codes}_code as enum ({names})")
    as_enum = {
        "convictions": "replace (offence_class::varchar::offence_class_code as offence_class), "
        "enum_code(offence_class::varchar::offence_class_code)::utinyint as offence_code",
        "housing": "replace (status::varchar::status_code as status)",
    }
    for name, table in data.tables.items():
        database.register("given", table.drop_columns("person_id"))
        database.execute(f"create table {name} as select * {as_enum.get(name, '')} from given")
        database.unregister("given")
    return database


def seven(database: Any, n: int) -> np.ndarray:
    """The seven features, shape (n, 7); NaN where someone has no row."""
    values = np.full((n, 7), np.nan, order="F")
    column = 0
    for query in SEVEN_SQL:
        found = list(database.execute(query, {"today": AS_OF}).fetchnumpy().values())
        for part in found[1:]:
            values[found[0], column] = part
            column += 1
    return values


class Features(Competitor):
    name = "DuckDB"
    task = "features"
    does = "the seven features; no corrections"
    tuned = "tables of its own, enums for codes, a mask of bits for kinds; two threads"
    needs = ("duckdb",)

    def prepare(self, data: People) -> tuple[Any, int]:
        return connection(data), data.n

    def run(self, prepared: tuple[Any, int]) -> np.ndarray:
        return seven(*prepared)


def case_when() -> str:
    """The rules as one expression, written from numbers alone."""
    tests = []
    for rule in rules():
        wanted = [
            f"d{domain} in ({', '.join(map(str, levels))})"
            for domain, levels in rule.levels.items()
        ]
        tests.append(f"when {' and '.join(wanted) or 'true'} then {rule.outcome}")
    return f"case {' '.join(tests)} end"


class Decision(Competitor):
    name = "DuckDB, case when"
    task = "decision"
    does = "the outcome"
    tuned = "a table of its own with a byte for each level, prepared query; two threads"
    needs = ("duckdb",)

    def prepare(self, data: np.ndarray) -> Any:
        import duckdb
        import pyarrow as pa

        database = duckdb.connect(config={"threads": 2})
        columns = {f"d{i}": column for i, column in enumerate(data)}
        database.register("given", pa.table(columns))
        database.execute("create table cases as select * from given")
        database.unregister("given")
        return database

    def run(self, prepared: Any) -> np.ndarray:
        query = f"select {case_when()}::tinyint as outcome from cases"
        return prepared.execute(query).fetchnumpy()["outcome"]


READ_ONE = """
with given as (select $raw::json as j),
convictions as (select unnest(from_json(j -> 'convictions',
    '[{"recorded_at": "DATE", "offence_on": "DATE", "offence_class": "VARCHAR", '
    || '"severity": "INTEGER"}]'), recursive := true) from given),
debts as (select unnest(from_json(j -> 'debts',
    '[{"recorded_at": "DATE", "amount_eur": "DOUBLE", "until": "DATE"}]'),
    recursive := true) from given),
housing as (select unnest(from_json(j -> 'housing',
    '[{"recorded_at": "DATE", "from_on": "DATE", "until_on": "DATE", "status": "VARCHAR"}]'),
    recursive := true) from given)
"""

ONE_SQL = f"""
{READ_ONE}
select c.*, d.*, h.* from (
    select count(*),
        count(*) filter (offence_on > $today::date - {VIOLENT_DAYS} and offence_class in ({AMONG})),
        least($today::date - max(offence_on), {LONGEST_AGO}),
        max(severity), count(distinct offence_class)
    from convictions where recorded_at <= $today
) c, (
    select least(sum(amount_eur), {MOST_DEBT}) from debts
    where recorded_at <= $today and (until is null or until > $today)
) d, (
    select arg_max(status = 'own_address', from_on) from housing
    where recorded_at <= $today and (until_on is null or until_on > $today)
) h
"""


class Single(OneDossier):
    name = "DuckDB"
    tuned = "one query for all tables on the JSON itself; one thread, which is faster for one"
    needs = ("duckdb",)

    def prepare(self, data: Dossier) -> tuple[Any, str]:
        import duckdb

        return duckdb.connect(config={"threads": 1}), data.raw.decode()

    def run(self, prepared: tuple[Any, str]) -> tuple[list[float], float, int]:
        database, raw = prepared
        row = database.execute(ONE_SQL, {"raw": raw, "today": AS_OF}).fetchone()
        return decided([math.nan if value is None else float(value) for value in row])


COMPETITORS = (Features(), Decision(), Single())
