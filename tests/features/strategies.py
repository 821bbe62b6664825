"""Hypothesis strategies for features: definitions that resolve, and days on which something is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import Column, TableSpec, tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.features.definition import OF_ROWS, Feature
from risicoscreener.features.plan import UNREACHABLE
from strategies import as_of_days

TEXTS = {"text": {"nl": "proef", "en": "trial"}, "unit": "days", "source": "the tests"}
_NONE_VALUE = (
    "max",
    "last",
    "days_until",
    "days_since_last",
    "days_since_first",
    "age_at_first",
    "kernel",
)
KINDS = {
    "sum": ("integer", "number", "flag"),
    "max": ("integer", "number", "flag", "code"),
    "last": ("integer", "number", "flag", "code"),
    "distinct": ("code",),
    "days_until": ("date",),
}
"""Kinds of fields that an aggregate reads."""


def a_feature(name: str = "trial", aggregate: str = "count", **changes: Any) -> Feature:
    """A definition with all that a definition must have."""
    of_table = aggregate in OF_ROWS
    plain = {"group": "debt", **TEXTS, **({"table": "debts"} if of_table else {}), **changes}
    return Feature(name, aggregate=aggregate, **plain)


def days_of(dossier: Dossier) -> st.SearchStrategy[dt.date]:
    """Days, of which most are a date in the dossier, the day before or the day after."""
    dates = sorted(
        {
            value
            for table, spec in tables().items()
            for row in getattr(dossier, table)
            for name, column in spec.columns.items()
            if column.kind == "date" and (value := getattr(row, name)) is not None
        }
    )
    dates = [day for day in dates if day.year < 2100]
    if not dates:
        return as_of_days()
    near = st.builds(
        lambda day, shift: max(day, dossier.person.birth_date) + dt.timedelta(days=shift),
        st.sampled_from(dates),
        st.sampled_from([0, 0, 1, -1, 30, 365]),
    )
    return near | as_of_days()


@st.composite
def features(draw: st.DrawFn, name: str = "trial", table: str | None = None) -> Feature:
    """Definitions over rows, of any table, with every part of the algebra."""
    table = table or draw(st.sampled_from([n for n in tables() if n not in UNREACHABLE]))
    spec = tables()[table]
    aggregates = [a for a in OF_ROWS if is_possible(a, spec)]
    aggregate = draw(st.sampled_from(aggregates))
    plain: dict[str, Any] = {"table": table, "where": draw(_where(spec))}
    if aggregate in KINDS:
        plain |= draw(_field(spec, aggregate))
    if spec.ends is not None:
        plain["open"] = draw(st.booleans())
    dates = [n for n, c in spec.columns.items() if c.kind == "date"]
    plain["on"] = draw(st.sampled_from([None, None, *dates]))
    plain["since_arrival"] = draw(st.booleans())
    if aggregate == "slope":
        plain["bin_days"] = draw(st.sampled_from([1, 7, 365]))
        plain["window_days"] = plain["bin_days"] * draw(st.integers(2, 12))
    else:
        plain["window_days"] = draw(st.sampled_from([None, None, 1, 30, 1826]))
    if aggregate == "kernel":
        plain["kernel"] = "longest_gap"
    if aggregate not in ("slope", "days_covered") and plain["window_days"] != 1:
        plain["skip_days"] = draw(st.sampled_from([0, 0, 1, 29]))
    if aggregate in _NONE_VALUE:
        plain["none_value"] = draw(st.sampled_from([None, 0.0, 7.5]))
    plain["cap"] = draw(st.sampled_from([None, None, 3.0]))
    return a_feature(name, aggregate, **plain)


def is_possible(aggregate: str, spec: TableSpec) -> bool:
    """Whether a table has what an aggregate needs."""
    if aggregate == "days_covered":
        return spec.ends is not None
    kinds = KINDS.get(aggregate)
    return kinds is None or any(column.kind in kinds for column in spec.columns.values())


@st.composite
def _where(draw: st.DrawFn, spec: TableSpec) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(spec.columns)), max_size=2, unique=True))
    return {name: draw(_test(spec.columns[name])) for name in names}


def _test(column: Column) -> st.SearchStrategy[Any]:
    given = st.sampled_from(["present", "absent"])
    match column.kind:
        case "code":
            vocabulary = next(v for v in vocabularies().values() if v.codes == column.codes)
            known = [*column.codes, *(f"@{group}" for group in vocabulary.groups)]
            return given | st.lists(st.sampled_from(known), min_size=1, max_size=3)
        case "flag":
            return given | st.booleans()
        case "integer" | "number":
            limit = st.sampled_from([0, 1, 3, 400, 1e6])
            return given | st.fixed_dictionaries({"min": limit}, optional={"max": limit})
        case "date":
            day = st.dates(dt.date(2019, 1, 1), dt.date(2024, 12, 31))
            return given | st.fixed_dictionaries({"max": day}, optional={"min": day})
    return given


@st.composite
def _field(draw: st.DrawFn, spec: TableSpec, aggregate: str) -> dict[str, Any]:
    possible = [c for c in spec.columns.values() if c.kind in KINDS[aggregate]]
    column = draw(st.sampled_from(possible))
    plain: dict[str, Any] = {"field": column.name}
    if column.kind == "code" and aggregate != "distinct":
        plain["values"] = {code: float(i % 3) for i, code in enumerate(column.codes)}
    return plain
