"""A feature plan as numbers: the tree of conditions that `features.one` writes out, as bytecode.

One table of instructions serves a kernel in C and one in numba. An instruction whose test fails
jumps to the end of its branch, so conditions that filters share are tested once, as in `one`.
What a plan can hold and this cannot (slope, days_covered, named kernels) is refused: these are
prototypes to measure with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from risicoscreener.dossier.schema import Column, TableSpec, tables
from risicoscreener.features.definition import Feature
from risicoscreener.features.one import _Branch, _branches, _by_filter
from risicoscreener.features.plan import Condition, FeaturePlan, RowFeature

TESTS = (
    "in",
    "range",
    "days",
    "has_day",
    "has_code",
    "has_number",
    "open",
    "on",
    "within",
    "since",
)
GATHERS = (
    *("count", "sum_number", "sum_code", "max_number", "max_code", "least_ago", "most_ago"),
    *("last_number", "last_code", "last_day", "distinct"),
)
OPS = {name: number for number, name in enumerate((*TESTS, *GATHERS))}
OP, COL, KNOWN, SKIP, SLOT, A, B = range(7)
"""Fields of an instruction: operation, column, column from which it is known (-1), where to go on
if a test fails, feature, and two numbers of the operation."""

FINISHES = (
    *("count", "any", "max", "least_ago", "most_ago", "age_at_first", "last", "distinct"),
    *("age", "given", "ratio", "linear", "cases"),
)
FINISH = {name: number for number, name in enumerate(FINISHES)}
F_OP, F_TABLE, F_SINCE, F_FIRST, F_N, F_NEEDED = range(6)
"""Fields of a finish: operation, table (-1), whether it is bound to the arrival, where its inputs
stand, how many they are, and how many more must be known."""

N_CODES = 16
"""Length of a table from code to value; a code that is absent is -1, the last place."""


@dataclass
class TableCode:
    """The instructions of one table, and the columns that they read, by kind."""

    days: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    code: list[list[int]] = field(default_factory=list)
    limits: list[tuple[float, float]] = field(default_factory=list)

    def day(self, name: str) -> int:
        return _place(self.days, name)

    def add(self, op: str, col: int = -1, known: int = -1, slot: int = -1, **more: Any) -> int:
        """An instruction; returns where it stands, for its jump to be filled in."""
        a, b = more.get("a", 0), more.get("b", 0)
        self.code.append([OPS[op], col, known, 0, slot, a, b])
        self.limits.append(more.get("limits", (0.0, 0.0)))
        return len(self.code) - 1


@dataclass
class PlanCode:
    """A plan as arrays, in the order of the features of the plan."""

    plan: FeaturePlan
    tables: dict[str, TableCode]
    finish: np.ndarray
    finish_numbers: np.ndarray
    inputs: np.ndarray
    input_numbers: np.ndarray
    lookups: np.ndarray
    asked_for: np.ndarray


def _place(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)


def encode(plan: FeaturePlan) -> PlanCode:
    """A plan as bytecode.

    Raises
    ------
    NotImplementedError
        For an aggregate that these prototypes do not know.
    """
    slot = {name: i for i, name in enumerate(plan.features)}
    lookups: list[list[float]] = []
    made = {}
    for name, spec in tables().items():
        made[name] = writer = _Writer(spec, slot, lookups)
        writer.branch(_branches(plan.of_rows.get(name, ())))
    return PlanCode(plan, {n: w.made for n, w in made.items()}, *_finishes(plan, slot, lookups))


class _Writer:
    """Writes the instructions of one table."""

    def __init__(self, spec: TableSpec, slot: dict[str, int], lookups: list[list[float]]) -> None:
        self.spec, self.slot, self.lookups = spec, slot, lookups
        self.made = TableCode()

    def branch(self, branch: _Branch) -> None:
        for row_filter, items in _by_filter(branch.features).items():
            opened = []
            if row_filter.open:
                opened.append(self.made.add("open", self.made.day(str(self.spec.ends))))
            opened.append(self.made.add("on", self.made.day(row_filter.on)))
            for item in items:
                self.match(item)
            self.close(opened)
        for condition, inner in branch.branches.items():
            opened = [self.test(condition)]
            self.branch(inner)
            self.close(opened)

    def close(self, opened: list[int]) -> None:
        for at in opened:
            self.made.code[at][SKIP] = len(self.made.code)

    def match(self, item: RowFeature) -> None:
        feature, opened = item.feature, []
        if feature.skip_days or feature.window_days is not None:
            until = 2**30 if feature.window_days is None else int(feature.window_days)
            opened.append(self.made.add("within", a=int(feature.skip_days or 0), b=until))
        if feature.since_arrival:
            opened.append(self.made.add("since"))
        self.gather(item)
        self.close(opened)

    def column(self, column: Column) -> tuple[str, int]:
        """The kind of array that a column is in, and its place among those."""
        if column.kind == "date":
            return "day", self.made.day(column.name)
        if column.kind in ("integer", "number"):
            return "number", _place(self.made.numbers, column.name)
        return "code", _place(self.made.codes, column.name)

    def test(self, condition: Condition) -> int:
        column = self.spec.columns[condition.field]
        kind, col = self.column(column)
        known = self.made.day(condition.known_from) if condition.known_from else -1
        if condition.test in ("present", "absent"):
            return self.made.add(f"has_{kind}", col, known, a=int(condition.test == "absent"))
        if condition.test == "in":
            mask = sum(1 << column.codes.index(code) for code in condition.codes)
            return self.made.add("in", col, known, a=mask)
        if condition.test == "flag":
            return self.made.add("in", col, known, a=1 << int(condition.flag))
        return self.made.add(condition.test, col, known, limits=(condition.low, condition.high))

    def gather(self, item: RowFeature) -> None:
        feature = item.feature
        slot = self.slot[feature.name]
        if item.column is None:
            plain = {
                "count": "count",
                "any": "count",
                "days_since_last": "least_ago",
                "days_since_first": "most_ago",
                "age_at_first": "most_ago",
            }
            if feature.aggregate not in plain:
                raise NotImplementedError(feature.aggregate)
            self.made.add(plain[feature.aggregate], slot=slot)
            return
        kind, col = self.column(item.column)
        known = self.made.day(item.column.known_from) if item.column.known_from else -1
        if feature.aggregate == "distinct":
            self.made.add("distinct", col, known, slot)
            return
        name = {"days_until": "last"}.get(feature.aggregate, feature.aggregate)
        if f"{name}_{kind}" not in OPS:
            raise NotImplementedError(f"{feature.aggregate} of a {item.column.kind}")
        self.made.add(f"{name}_{kind}", col, known, slot, a=self.lookup(item))

    def lookup(self, item: RowFeature) -> int:
        """Where the values of the codes of a field stand; a flag is its own value."""
        assert item.column is not None
        found = [float("nan")] * N_CODES
        codes = item.column.codes or ("false", "true")
        values = item.feature.values or {code: i for i, code in enumerate(codes)}
        for i, code in enumerate(codes):
            found[i] = float(values.get(code, float("nan")))
        self.lookups.append(found)
        return len(self.lookups) - 1


def _finishes(plan: FeaturePlan, slot: dict[str, int], lookups: list[list[float]]) -> tuple:
    order = list(tables())
    rows, numbers, inputs, weights = [], [], [], []
    for feature in plan.features.values():
        table = order.index(str(feature.table)) if feature.name in _names_of_rows(plan) else -1
        given = _inputs(feature, slot)
        needed = [slot[n] for n in feature.requires] if feature.aggregate == "cases" else []
        row = [_finish(feature), table, int(feature.since_arrival), len(inputs), len(given)]
        rows.append([*row, len(needed)])
        cap = np.inf if feature.cap is None else float(feature.cap)
        numbers.append([_constant(feature), cap])
        inputs += [place for place, *_ in given] + needed
        weights += [numbers_of for _, *numbers_of in given] + [[0.0, 0.0, 0.0]] * len(needed)
    return (
        np.array(rows, dtype=np.int64),
        np.array(numbers, dtype=np.float64),
        np.array(inputs or [0], dtype=np.int64),
        np.array(weights or [[0.0] * 3], dtype=np.float64),
        np.array(lookups or [[0.0] * N_CODES], dtype=np.float64),
        np.array([slot[name] for name in plan.names], dtype=np.int64),
    )


def _names_of_rows(plan: FeaturePlan) -> set[str]:
    return {item.feature.name for items in plan.of_rows.values() for item in items}


def _finish(feature: Feature) -> int:
    name = {
        "sum": "count",
        "days_since_last": "least_ago",
        "days_since_first": "most_ago",
        "days_until": "last",
    }.get(feature.aggregate, feature.aggregate)
    if name not in FINISH:
        raise NotImplementedError(name)
    return FINISH[name]


def _constant(feature: Feature) -> float:
    """What a value is where there is nothing to make it of, or what a sum begins with."""
    if feature.aggregate == "linear":
        return float(feature.constant)
    none = feature.otherwise if feature.aggregate == "cases" else feature.none_value
    return float("nan") if none is None else float(none)


def _inputs(feature: Feature, slot: dict[str, int]) -> list[tuple[int, float, float, float]]:
    """Place of each input with the numbers that go with it."""
    if feature.aggregate == "ratio":
        scale = float(feature.scale)
        return [(slot[str(n)], scale, 0, 0) for n in (feature.numerator, feature.denominator)]
    if feature.aggregate == "linear":
        return [(slot[name], float(weight), 0, 0) for name, weight in feature.terms.items()]
    if feature.aggregate == "cases":
        return [
            (slot[c.feature], float(c.low), float(c.high), float(c.value)) for c in feature.cases
        ]
    return []
