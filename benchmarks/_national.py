"""Made-up dossier tables of national size, in seconds: for timing, not for anything about people.

Dates and codes are drawn uniformly; only the numbers of rows and the order of dates are lifelike.
The tables are put together without validation, and are such that it finds next to nothing wrong:
of ten million people a few have two facts that are alike by chance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa

from _dated import without_undated
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.assembling import arrow_schema
from risicoscreener.dossier.casting import no_text
from risicoscreener.dossier.schema import Column, TableSpec, persons, tables

AS_OF = dt.date(2024, 6, 1)
ROWS_PER_PERSON = {
    "detentions": 2,
    "convictions": 15,
    "debts": 6,
    "housing": 5,
    "income_work": 3,
    "identity_care": 3,
    "conduct": 20,
    "programme": 8,
    "liberties": 2,
    "victims": 1,
    "assessments": 0.2,
    "inquiries": 10,
    "audit": 0,
}
"""Rows of each table by person, on average: 15M convictions and 20M conduct rows for 1M people."""

USUAL = {
    ("conduct", "kind"): {"week_review": 0.96, "incident": 0.02, "positive_act": 0.02},
    ("conduct", "grade"): {"desired": 0.97, "undesired": 0.025, "intolerable": 0.005},
    ("programme", "kind"): {"plan_made": 0.2, "goal": 0.3, "labour": 0.3, "visit": 0.2},
    ("programme", "status"): {"met": 0.6, "open": 0.35, "not_met": 0.05},
    ("assessments", "outcome"): {"favourable": 0.7, "unfavourable": 0.3},
    ("victims", "interest"): {"none_known": 0.85, "known": 0.15},
    ("liberties", "outcome"): {"returned": 0.97, "late": 0.03},
}
"""Weights of codes, so that outcomes are mixed; of other fields all codes are as frequent."""

_TODAY = (AS_OF - dt.date(1970, 1, 1)).days
_SPAN_DAYS = {"programme": 140, "inquiries": 140}
"""How long ago facts begin at most; elsewhere some nineteen years."""

_ONE_A_DAY = ("conduct", "programme", "inquiries")
"""Facts that are spread over the time, so that no two are equal, which would be set apart."""

_CHILDHOOD_DAYS = 4400
"""No fact is of these first days of a life."""


def national_tables(
    n_persons: int = 1_000_000, seed: int = 1, only: Collection[str] | None = None, first: int = 0
) -> DossierTables:
    """Dossier tables of ``n_persons`` made-up people; with ``only``, the other tables are empty.

    ``first`` is the number of the first person, for tables that are made in parts.
    """
    rng = np.random.default_rng(seed)
    made = {"persons": _persons(first, n_persons, rng)}
    ids = made["persons"].column("person_id").combine_chunks()
    born = made["persons"].column("birth_date").combine_chunks().view(pa.int32()).to_numpy()
    reach = _TODAY - born - _CHILDHOOD_DAYS
    for name, spec in tables().items():
        if name == "detentions":
            made[name] = _detentions(spec, ids, rng)
        else:
            mean = ROWS_PER_PERSON[name] if only is None or name in only else 0
            made[name] = _facts(spec, ids, reach, mean, rng)
    return DossierTables(made, quarantined_rows=np.zeros(n_persons, dtype=np.int32))


def _persons(first: int, n: int, rng: np.random.Generator) -> pa.Table:
    spec = persons()
    columns = {
        "person_id": pa.array([f"SYN-{i}" for i in range(first, first + n)]),
        "birth_date": _dates(_TODAY - rng.integers(18 * 365, 65 * 365, n), None),
        "sex": _codes(spec.columns["sex"], (rng.random(n) < 0.06).astype(np.int8), None),
    }
    return pa.table(columns, schema=arrow_schema(spec))


def _detentions(spec: TableSpec, ids: pa.Array, rng: np.random.Generator) -> pa.Table:
    """One stay that has ended, and a sentence that runs, for each person."""
    schema = arrow_schema(spec)
    owners = np.repeat(np.arange(len(ids), dtype=np.int32), 2)
    n, now = len(owners), np.arange(2 * len(ids)) % 2 == 1
    arrived = _TODAY - np.where(now, rng.integers(150, 700, n), rng.integers(2000, 4000, n))
    release = _dates(np.where(now, _TODAY + rng.integers(5, 420, n), arrived + 300), None)
    given: dict[str, Any] = {
        "person_id": pa.DictionaryArray.from_arrays(pa.array(owners), ids),
        "recorded_at": _dates(arrived + 2, None),
        "arrived_on": _dates(arrived, None),
        "regime": _codes(spec.columns["regime"], np.full(n, 1), None),
        "unit": _codes(spec.columns["unit"], np.zeros(n), None),
        "sentence_days": pa.array(rng.integers(300, 1500, n).astype(np.int32)),
        "judged_on": _dates(arrived - 60, None),
        "expected_release_on": release,
        "conditional_release_on": release,
        "released_on": _dates(arrived + 300, now),
    }
    flags = ("void", "tbs_with_care", "removal_or_extradition", "unlawful_stay")
    given |= dict.fromkeys(flags, pa.array(np.zeros(n, dtype=bool)))
    columns = {
        field.name: given[field.name] if field.name in given else pa.nulls(n, field.type)
        for field in schema
    }
    return pa.table(columns, schema=schema)


def _facts(
    spec: TableSpec, ids: pa.Array, reach: np.ndarray, mean: float, rng: np.random.Generator
) -> pa.Table:
    """Facts of a table; ``reach`` is for each person how many days ago the first can have begun."""
    counts = rng.poisson(mean, len(ids))
    owners = np.repeat(np.arange(len(ids), dtype=np.int32), counts)
    n = len(owners)
    span = np.minimum(_SPAN_DAYS.get(spec.name, 7000), reach)
    begin = _TODAY - (_drawn_shares(spec.name, owners, counts, rng) * span[owners]).astype(np.int32)
    columns: dict[str, Any] = {"person_id": pa.DictionaryArray.from_arrays(pa.array(owners), ids)}
    steps = _steps(spec)
    for column in spec.columns.values():
        absent = None
        if not column.required and column.default is None:
            absent = rng.random(n) < (0.999 if column.name in ("fact_id", "supersedes") else 0.3)
        columns[column.name] = _values(column, spec, begin, absent, steps, rng)
    return pa.table(without_undated(spec, columns), schema=arrow_schema(spec))


def _drawn_shares(
    name: str, owners: np.ndarray, counts: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """How long ago each fact begins, from 0 to 1 of what is possible."""
    shares = rng.random(len(owners))
    if name in _ONE_A_DAY:
        before = np.cumsum(counts) - counts
        shares /= 2  # at most half of the way to the next, so that no two are of one day
        shares += np.arange(len(owners)) - before[owners]
        shares /= counts[owners]
    return shares


def _steps(spec: TableSpec) -> dict[str, int]:
    """How many dates come before each date of a table, by the order that it declares."""
    steps: dict[str, int] = {}
    for _ in spec.order:
        for before, after in spec.order:
            steps[after] = max(steps.get(after, 0), steps.get(before, 0) + 1)
    return steps


def _values(
    column: Column,
    spec: TableSpec,
    begin: np.ndarray,
    absent: np.ndarray | None,
    steps: dict[str, int],
    rng: np.random.Generator,
) -> pa.Array:
    n = len(begin)
    match column.kind:
        case "date":
            later = 0 if column.name == spec.starts else 60 * steps.get(column.name, 1)
            return _dates(begin + rng.integers(0, 60, n) * bool(later) + later, absent)
        case "code":
            return _codes(column, _drawn(spec, column, n, rng), absent)
        case "flag":
            rarely = column.name == "void"
            return pa.array(rng.random(n) < (0.0 if rarely else 0.5), mask=absent)
        case "integer":
            high = min(int(column.high or 0), 1000)
            return pa.array(
                rng.integers(int(column.low or 0), high + 1, n, dtype=np.int32), mask=absent
            )
        case "number":
            high = min(float(column.high or 0), 5000.0)
            return pa.array(np.round(rng.random(n) * high, 2), mask=absent)
    # Ids are left out: corrections are rare, and a billion letters would only fill memory.
    return no_text(n)


def _drawn(spec: TableSpec, column: Column, n: int, rng: np.random.Generator) -> np.ndarray:
    weights = USUAL.get((spec.name, column.name))
    if weights is None:
        return rng.integers(0, len(column.codes), n, dtype=np.int8)
    places = [column.codes.index(code) for code in weights]
    ends = np.cumsum([*weights.values()])
    return np.array(places)[np.searchsorted(ends, rng.random(n) * ends[-1])]


def _dates(days: np.ndarray, absent: np.ndarray | None) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=absent).cast(pa.date32())


def _codes(column: Column, codes: np.ndarray, absent: np.ndarray | None) -> pa.Array:
    indices = pa.array(codes.astype(np.int8), mask=absent)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(column.codes), pa.string()))
