"""A plan as numbers for the compiled library: the tree of conditions that `one` writes out.

The library carries it out and knows nothing of features, tables or fields: it gets columns by
their place. `rust/plan.rs` reads what stands here and refuses what makes no sense.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.dossier.schema import Column, TableSpec, persons, tables
from risicoscreener.features.definition import GIVEN, OF_FEATURES, Feature
from risicoscreener.features.one import _Branch, _branches, _by_filter
from risicoscreener.features.plan import Condition, FeaturePlan, RowFeature

FORM = 1
"""The agreement with ``rust/plan.rs``."""

_TESTS = (
    *("in", "range", "days", "has_day", "has_code", "has_number"),
    *("open", "on", "within", "since"),
)
_GATHERS = (
    *("count", "sum_number", "sum_code", "max_number", "max_code", "least_ago", "most_ago"),
    *("last_number", "last_code", "last_day", "distinct", "slope", "covered", "longest_gap"),
)
_OPS = {name: number for number, name in enumerate((*_TESTS, *_GATHERS))}
_MAKES = {
    name: number
    for number, name in enumerate(
        (
            *("count", "any", "max", "ago", "age_at", "last", "distinct", "longest_gap"),
            *("age", "unknown", "person", "ratio", "linear", "cases"),
        )
    )
}
_GATHERED = {
    "count": "count",
    "any": "count",
    "sum": "sum",
    "max": "max",
    "distinct": "distinct",
    "last": "last",
    "days_until": "last",
    "days_since_last": "least_ago",
    "days_since_first": "most_ago",
    "age_at_first": "most_ago",
    "days_covered": "covered",
    "slope": "slope",
    "kernel": "longest_gap",
}
"""How the rows of each aggregate are gathered."""

_MADE = {
    "count": "count",
    "any": "any",
    "sum": "count",
    "max": "max",
    "distinct": "distinct",
    "last": "last",
    "days_until": "last",
    "days_since_last": "ago",
    "days_since_first": "ago",
    "age_at_first": "age_at",
    "days_covered": "count",
    "slope": "count",
    "kernel": "longest_gap",
    "age": "age",
    "person": "person",
    GIVEN: "unknown",
    "ratio": "ratio",
    "linear": "linear",
    "cases": "cases",
}
_KERNELS = ("longest_gap",)
"""The named kernels that the library has; others stay in numpy."""

FIXED_TABLES = ("detentions", "inquiries")
"""Tables that every plan reads: for the arrival, and for where somebody looked."""

_MOST_CODES = 63
"""Codes that fit into the bits of one number."""

_NEVER = 2**30
_KINDS = {"date": "day", "integer": "number", "number": "number"}
_KIND_NUMBERS = {"day": 0, "code": 1, "number": 2}

Place = tuple[str, str]
"""Table and field of a column, or one of the two below, which a table may be without."""

REPLACED_ON = "replaced on"
"""The day on which a row was replaced."""

WITHDRAWN = "is withdrawn"
"""The flag ``void``, where any row has it."""


@dataclass(frozen=True)
class PlanNumbers:
    """A plan as numbers.

    Attributes
    ----------
    numbers, pool
        What the library reads: whole numbers, and those that these point at.
    columns
        Which columns it wants, in this order.
    names
        The features asked for that are in it, in the order of the plan.
    """

    numbers: np.ndarray
    pool: np.ndarray
    columns: tuple[Place, ...]
    names: tuple[str, ...]


def encode(plan: FeaturePlan) -> PlanNumbers:
    """A plan as numbers, but for the features that the library cannot make."""
    return _Writer(plan).written()


def left_out(plan: FeaturePlan) -> frozenset[str]:
    """Features of a plan that the library cannot make, and those that are made of them."""
    columns = {item.feature.name: item for items in plan.of_rows.values() for item in items}
    out: set[str] = set()
    for name, feature in plan.features.items():
        item = columns.get(name)
        if out.intersection(feature.inputs) or not _can(feature, item):
            out.add(name)
    return frozenset(out)


def _can(feature: Feature, item: RowFeature | None) -> bool:
    if feature.aggregate not in _MADE:
        return False
    if feature.aggregate == "kernel" and feature.kernel not in _KERNELS:
        return False
    if item is None:
        return True
    spec = tables()[str(feature.table)]
    read = [spec.columns[condition.field] for condition in item.filter.conditions]
    read += [] if item.column is None else [item.column]
    return all(len(column.codes) <= _MOST_CODES for column in read)


class _Writer:
    """Writes a plan, with what it needs in the order in which it is first named."""

    def __init__(self, plan: FeaturePlan) -> None:
        without = left_out(plan)
        self.features = {n: f for n, f in plan.features.items() if n not in without}
        self.names = tuple(name for name in plan.names if name not in without)
        self.of_rows = {
            table: tuple(item for item in items if item.feature.name not in without)
            for table, items in plan.of_rows.items()
        }
        self.slot = {name: i for i, name in enumerate(self.features)}
        self.order = list(tables())
        self.columns: dict[Place, int] = {}
        self.kinds: list[int] = []
        self.pool: list[float] = []
        self.pooled: dict[tuple[float, ...], int] = {}

    def written(self) -> PlanNumbers:
        fixed = [
            *(self.order.index("detentions"), self.column("detentions", "arrived_on")),
            self.column("detentions", "released_on"),
            *(self.order.index("inquiries"), self.column("inquiries", "subject")),
            self.column("inquiries", "complete"),
            self.column("persons", "birth_date"),
        ]
        body = [number for name in self.order for number in self.table(name)]
        for feature in self.features.values():
            body += self.finish(feature)
        sizes = [len(self.columns), len(self.order), len(self.features), len(self.names)]
        columns = []
        for (table, _), kind in zip(self.columns, self.kinds, strict=True):
            columns += [-1 if table == "persons" else self.order.index(table), kind]
        asked = [self.slot[name] for name in self.names]
        return PlanNumbers(
            np.array([FORM, *sizes, *columns, *fixed, *body, *asked], dtype=np.int64),
            np.array(self.pool, dtype=np.float64),
            tuple(self.columns),
            self.names,
        )

    # -- what is pointed at ----------------------------------------------------------------

    def column(self, table: str, name: str) -> int:
        """Place of a column."""
        place = (table, name)
        if place not in self.columns:
            self.columns[place] = len(self.kinds)
            self.kinds.append(_KIND_NUMBERS[kind_of(*place)])
        return self.columns[place]

    def numbers(self, *found: float) -> int:
        """Where some numbers stand next to each other."""
        if found not in self.pooled:
            self.pooled[found] = len(self.pool)
            self.pool += found
        return self.pooled[found]

    # -- rows ------------------------------------------------------------------------------

    def table(self, name: str) -> list[int]:
        spec = tables()[name]
        subjects = tables()["inquiries"].columns["subject"].codes
        code: list[list[int]] = []
        self.branch(spec, _branches(self.of_rows.get(name, ())), code)
        return [
            self.column(name, "recorded_at"),
            self.column(name, WITHDRAWN),
            self.column(name, REPLACED_ON),
            subjects.index(name) if name in subjects else -1,
            len(code),
            *(number for row in code for number in row),
        ]

    def branch(self, spec: TableSpec, branch: _Branch, code: list[list[int]]) -> None:
        for row_filter, items in _by_filter(branch.features).items():
            opened = []
            if row_filter.open:
                opened.append(self.add(code, "open", self.column(spec.name, str(spec.ends))))
            opened.append(self.add(code, "on", self.column(spec.name, row_filter.on)))
            for item in items:
                self.match(spec, item, code)
            _close(code, opened)
        for condition, inner in branch.branches.items():
            opened = [self.test(spec, condition, code)]
            self.branch(spec, inner, code)
            _close(code, opened)

    def add(
        self,
        code: list[list[int]],
        op: str,
        col: int = -1,
        known: int = -1,
        slot: int = -1,
        **more: int,
    ) -> int:
        """An instruction; returns where it stands, for where to go on to be filled in."""
        limits = more.get("limits", self.numbers(0.0, 0.0))
        row = [_OPS[op], col, known, 0, slot, more.get("a", 0), more.get("b", 0), limits]
        code.append(row)
        return len(code) - 1

    def match(self, spec: TableSpec, item: RowFeature, code: list[list[int]]) -> None:
        feature, opened = item.feature, []
        is_point = feature.aggregate != "days_covered"  # spells are cut to the window instead
        if is_point and (feature.skip_days or feature.window_days is not None):
            until = _NEVER if feature.window_days is None else int(feature.window_days)
            skip = int(feature.skip_days or 0)
            opened.append(self.add(code, "within", a=min(skip, _NEVER), b=min(until, _NEVER)))
        if is_point and feature.since_arrival:
            opened.append(self.add(code, "since"))
        self.gather(spec, item, code)
        _close(code, opened)

    def test(self, spec: TableSpec, condition: Condition, code: list[list[int]]) -> int:
        column = spec.columns[condition.field]
        col = self.column(spec.name, column.name)
        known = self.column(spec.name, condition.known_from) if condition.known_from else -1
        if condition.test in ("present", "absent"):
            kind = _KINDS.get(column.kind, "code")
            return self.add(code, f"has_{kind}", col, known, a=int(condition.test == "absent"))
        if condition.test == "in":
            mask = sum({1 << column.codes.index(each) for each in condition.codes})
            return self.add(code, "in", col, known, a=mask)
        if condition.test == "flag":
            return self.add(code, "in", col, known, a=1 << int(condition.flag))
        limits = self.numbers(float(condition.low), float(condition.high))
        return self.add(code, condition.test, col, known, limits=limits)

    def gather(self, spec: TableSpec, item: RowFeature, code: list[list[int]]) -> None:
        feature, slot = item.feature, self.slot[item.feature.name]
        op = _GATHERED[feature.aggregate]
        if op == "slope":
            weights = self.numbers(*item.slope_weights)
            self.add(code, op, slot=slot, a=weights, b=int(feature.bin_days or 1))
        elif op == "covered":
            window = _NEVER if feature.window_days is None else int(feature.window_days)
            since = int(feature.since_arrival)
            ends = self.column(spec.name, str(spec.ends))
            self.add(code, op, ends, slot=slot, a=min(window, _NEVER), b=since)
        elif item.column is None or op in ("count", "least_ago", "most_ago", "longest_gap"):
            self.add(code, op, slot=slot)
        else:
            self.of_field(spec, item, item.column, code)

    def of_field(
        self, spec: TableSpec, item: RowFeature, column: Column, code: list[list[int]]
    ) -> None:
        op, slot = _GATHERED[item.feature.aggregate], self.slot[item.feature.name]
        col = self.column(spec.name, column.name)
        known = self.column(spec.name, column.known_from) if column.known_from else -1
        if op == "distinct":
            self.add(code, op, col, known, slot)
            return
        kind = _KINDS.get(column.kind, "code")
        values = self.numbers(*_values_of(item.feature, column)) if kind == "code" else 0
        self.add(code, f"{op}_{kind}", col, known, slot, a=values)

    # -- features --------------------------------------------------------------------------

    def finish(self, feature: Feature) -> list[int]:
        """How a feature is made of what was gathered, or of others."""
        of_rows = feature.table is not None
        cap = float("inf") if feature.cap is None else float(feature.cap)
        inputs = self.inputs(feature)
        needed = [self.slot[n] for n in feature.requires] if feature.aggregate == "cases" else []
        col = -1
        values: tuple[float, ...] = ()
        if feature.aggregate == "person":
            column = persons().columns[str(feature.field)]
            col, values = self.column("persons", column.name), _values_of(feature, column)
        return [
            _MAKES[_MADE[feature.aggregate]],
            self.order.index(str(feature.table)) if of_rows else -1,
            int(feature.since_arrival),
            col,
            self.numbers(_constant(feature), cap),
            len(inputs),
            len(needed),
            *(number for one in inputs for number in one),
            *needed,
            self.numbers(*values) if values else 0,
            len(values),
        ]

    def inputs(self, feature: Feature) -> list[tuple[int, int]]:
        """Place of each input, and where the three numbers that go with it stand."""
        if feature.aggregate not in OF_FEATURES:
            return []
        if feature.aggregate == "ratio":
            scale = self.numbers(float(feature.scale), 0.0, 0.0)
            return [(self.slot[str(n)], scale) for n in (feature.numerator, feature.denominator)]
        if feature.aggregate == "linear":
            return [
                (self.slot[name], self.numbers(float(weight), 0.0, 0.0))
                for name, weight in feature.terms.items()
            ]
        return [
            (self.slot[case.feature], self.numbers(*map(float, (case.low, case.high, case.value))))
            for case in feature.cases
        ]


def kind_of(table: str, name: str) -> str:
    """How a column is taken: as days, codes or numbers."""
    if name in (REPLACED_ON, WITHDRAWN):
        return "day" if name == REPLACED_ON else "code"
    spec = persons() if table == "persons" else tables()[table]
    return _KINDS.get(spec.columns[name].kind, "code")


def _close(code: list[list[int]], opened: list[int]) -> None:
    """What these tests let through ends here."""
    for at in opened:
        code[at][3] = len(code)


def _values_of(feature: Feature, column: Column) -> tuple[float, ...]:
    """Numbers of the codes of a column; a flag is its own value."""
    if column.kind != "code":
        return (0.0, 1.0)
    return tuple(float(feature.values.get(code, float("nan"))) for code in column.codes)


def _constant(feature: Feature) -> float:
    """What a value is where there is nothing to make it of, or what a sum begins with."""
    if feature.aggregate == "linear":
        return float(feature.constant)
    none = feature.otherwise if feature.aggregate == "cases" else feature.none_value
    return float("nan") if none is None else float(none)
