"""From definitions to a plan: every name resolved against the schema, in the order of need.

Both executors (`one` for a record, `many` for tables) run this plan and know nothing of TOML.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from risicoscreener.dossier.schema import EPOCH, Column, TableSpec, persons, tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DossierError, FeatureError
from risicoscreener.features.definition import OF_FEATURES, OF_ROWS, Feature
from risicoscreener.features.kernels import kernel

UNREACHABLE = ("audit",)
"""Tables that no feature may read."""

Test = Literal["in", "flag", "range", "days", "present", "absent"]


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """A test of one field of a row.

    ``low`` and ``high`` bound a number, or a day as the number of days since `EPOCH`.
    ``known_from`` is the date field that must have come true for the field to be known.
    """

    field: str
    test: Test
    codes: tuple[str, ...] = ()
    flag: bool = False
    low: float = float("-inf")
    high: float = float("inf")
    known_from: str = ""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows of a table count: a conjunction of conditions, and how they are placed in time."""

    conditions: tuple[Condition, ...]
    open: bool
    on: str


@dataclass(frozen=True, slots=True)
class RowFeature:
    """A feature of the rows of one table, with its filter."""

    feature: Feature
    filter: RowFilter
    column: Column | None

    @property
    def slope_weights(self) -> tuple[float, ...]:
        """What a row adds to the slope, by its number of whole bins ago."""
        assert self.feature.window_days is not None
        assert self.feature.bin_days is not None
        bins = self.feature.window_days // self.feature.bin_days
        centre = (bins - 1) / 2
        spread = sum((j - centre) ** 2 for j in range(bins))
        return tuple((bins - 1 - ago - centre) / spread for ago in range(bins))


@dataclass(frozen=True)
class FeaturePlan:
    """Everything needed to compute some features, in an order in which each has its inputs.

    Attributes
    ----------
    names
        The features asked for: the columns of the result.
    features
        Those and all that they are made of, inputs first.
    of_rows
        Per table the features that are made of its rows.
    """

    names: tuple[str, ...]
    features: dict[str, Feature]
    of_rows: dict[str, tuple[RowFeature, ...]]

    @property
    def needs_arrival(self) -> bool:
        """Whether any feature is bound to the current detention."""
        return any(f.since_arrival for f in self.features.values())

    def part(self, names: tuple[str, ...]) -> FeaturePlan:
        """The plan of some of its features, with all that these are made of."""
        needed = set(names)
        for name, feature in reversed(self.features.items()):
            if name in needed:
                needed.update(feature.inputs)
        kept = {
            table: tuple(item for item in items if item.feature.name in needed)
            for table, items in self.of_rows.items()
        }
        return FeaturePlan(
            names,
            {name: feature for name, feature in self.features.items() if name in needed},
            {table: items for table, items in kept.items() if items},
        )

    @cached_property
    def digests(self) -> dict[str, str]:
        """For each feature asked for a hash of its definition and of all that it is made of."""
        return {name: _deep_digest(name, self.features) for name in self.names}


def _deep_digest(name: str, features: Mapping[str, Feature]) -> str:
    import hashlib

    feature = features[name]
    if not feature.inputs:
        return feature.digest
    parts = [feature.digest, *(_deep_digest(n, features) for n in feature.inputs)]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def compile_plan(names: Iterable[str], catalogue: Mapping[str, Feature]) -> FeaturePlan:
    """A plan for some features of a catalogue.

    Raises
    ------
    FeatureError
        For a name, table, field or code that does not exist, for features that are made of each
        other in a circle, and for any that would read a table kept for audit.
    """
    wanted = tuple(names)
    ordered: dict[str, Feature] = {}
    for name in wanted:
        _visit(name, catalogue, ordered, ())
    by_table: dict[str, list[RowFeature]] = {}
    for feature in ordered.values():
        if feature.aggregate in OF_ROWS:
            by_table.setdefault(str(feature.table), []).append(_row_feature(feature))
        elif feature.aggregate == "person":
            _check_person(feature)
    return FeaturePlan(wanted, ordered, {t: tuple(fs) for t, fs in by_table.items()})


def _visit(
    name: str, catalogue: Mapping[str, Feature], ordered: dict[str, Feature], path: tuple[str, ...]
) -> None:
    if name in ordered:
        return
    if name not in catalogue:
        raise FeatureError(f"there is no feature {name!r}{_near(name, catalogue)}")
    if name in path:
        raise FeatureError(f"features made of each other: {' -> '.join([*path, name])}")
    feature = catalogue[name]
    if feature.aggregate in OF_FEATURES:
        for needed in feature.inputs:
            _visit(needed, catalogue, ordered, (*path, name))
    ordered[name] = feature


def _near(name: str, catalogue: Mapping[str, Feature]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(catalogue), n=3)
    return f"; did you mean {', '.join(near)}?" if near else ""


def _row_feature(feature: Feature) -> RowFeature:
    if feature.table in UNREACHABLE:
        raise FeatureError(f"feature {feature.name!r} reads {feature.table!r}, kept for audit only")
    spec = tables().get(str(feature.table))
    if spec is None:
        raise FeatureError(f"feature {feature.name!r}: there is no table {feature.table!r}")
    on = _column(feature, spec, feature.on or str(spec.starts))
    if on.kind != "date":
        raise FeatureError(f"feature {feature.name!r}: {on.name!r} is not a date")
    conditions = {_condition(feature, spec, name, test) for name, test in feature.where.items()}
    if on.known_from not in (None, on.name):
        conditions.add(Condition(on.name, "present", known_from=str(on.known_from)))
    if (feature.open or feature.aggregate == "days_covered") and spec.ends is None:
        raise FeatureError(f"feature {feature.name!r}: table {spec.name!r} has no spells")
    if feature.aggregate == "kernel":
        _check_kernel(feature)
    column = _column(feature, spec, feature.field) if feature.field else None
    if column is not None:
        _check_field(feature, column)
    row_filter = RowFilter(tuple(sorted(conditions)), feature.open, on.name)
    return RowFeature(feature, row_filter, column)


def _column(feature: Feature, spec: TableSpec, name: str) -> Column:
    if name not in spec.columns:
        known = ", ".join(spec.columns)
        raise FeatureError(
            f"feature {feature.name!r}: table {spec.name!r} has no field {name!r}; known: {known}"
        )
    return spec.columns[name]


def _check_field(feature: Feature, column: Column) -> None:
    kinds = {
        "days_until": ("date",),
        "distinct": ("code",),
        "sum": ("integer", "number", "flag"),
        "max": ("integer", "number", "flag", "code"),
        "last": ("integer", "number", "flag", "code"),
    }[feature.aggregate]
    if column.kind not in kinds:
        raise FeatureError(
            f"feature {feature.name!r}: {feature.aggregate} of {column.name!r}, which is a "
            f"{column.kind}; expected a {' or '.join(kinds)}"
        )
    if column.kind != "code" and feature.values:
        raise FeatureError(
            f"feature {feature.name!r}: values for {column.name!r}, which is a {column.kind}; "
            "only codes are given values"
        )
    _check_values(feature, column)
    if column.kind == "code" and feature.aggregate != "distinct":
        lacking = [code for code in _possible(feature, column) if code not in feature.values]
        if lacking:
            raise FeatureError(f"feature {feature.name!r}: no value for {', '.join(lacking)}")


def _check_kernel(feature: Feature) -> None:
    try:
        kernel(str(feature.kernel))
    except FeatureError as error:
        raise FeatureError(f"feature {feature.name!r}: {error}") from None


def _possible(feature: Feature, column: Column) -> tuple[str, ...]:
    """Codes that the field can have in the rows that the filter lets through."""
    test = feature.where.get(column.name)
    if isinstance(test, (list, str)) and test not in ("present", "absent"):
        return _codes(feature, column, [test] if isinstance(test, str) else test)
    return column.codes


def _check_person(feature: Feature) -> None:
    column = _column(feature, persons(), str(feature.field))
    _check_values(feature, column)


def _check_values(feature: Feature, column: Column) -> None:
    unknown = [code for code in feature.values if code not in column.codes]
    if unknown:
        raise FeatureError(
            f"feature {feature.name!r}: values for {', '.join(unknown)}; "
            f"known codes of {column.name!r}: {', '.join(column.codes)}"
        )


def _condition(feature: Feature, spec: TableSpec, name: str, test: Any) -> Condition:
    column = _column(feature, spec, name)
    known_from = column.known_from or ""
    if test in ("present", "absent"):
        return Condition(name, test, known_from=known_from)
    if column.kind == "code" and isinstance(test, (list, str)):
        codes = _codes(feature, column, [test] if isinstance(test, str) else test)
        return Condition(name, "in", codes=codes, known_from=known_from)
    if column.kind == "flag" and isinstance(test, bool):
        return Condition(name, "flag", flag=test, known_from=known_from)
    if column.kind in ("integer", "number") and _is_range(test):
        low, high = test.get("min", float("-inf")), test.get("max", float("inf"))
        return Condition(name, "range", low=low, high=high, known_from=known_from)
    if column.kind == "date" and _is_range_of_days(test):
        low, high = (
            _days(test.get(end), beyond) for end, beyond in (("min", "-inf"), ("max", "inf"))
        )
        return Condition(name, "days", low=low, high=high, known_from=known_from)
    raise FeatureError(
        f"feature {feature.name!r}: {name} = {test!r} is no condition on a {column.kind}; expected "
        "a list of codes, true or false, a table with min or max (days for a date), 'present' or "
        "'absent'"
    )


def _is_range(test: Any) -> bool:
    if not isinstance(test, dict) or not test or not set(test) <= {"min", "max"}:
        return False
    return all(type(limit) in (int, float) and limit == limit for limit in test.values())


def _is_range_of_days(test: Any) -> bool:
    if not isinstance(test, dict) or not test or not set(test) <= {"min", "max"}:
        return False
    return all(type(day) is dt.date for day in test.values())


def _days(day: dt.date | None, beyond: str) -> float:
    return float(beyond) if day is None else float((day - EPOCH).days)


def _codes(feature: Feature, column: Column, wanted: list[str]) -> tuple[str, ...]:
    if not all(isinstance(code, str) for code in wanted):
        raise FeatureError(f"feature {feature.name!r}: {column.name} = {wanted!r}; expected codes")
    vocabulary = next(v for v in vocabularies().values() if v.codes == column.codes)
    try:
        return vocabulary.expand(wanted)
    except DossierError as error:
        raise FeatureError(f"feature {feature.name!r}: {error}") from None
