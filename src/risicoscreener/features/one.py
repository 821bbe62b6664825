"""The plan for one record: a Python function generated from it, one pass over each table.

The source is made of the plan's own resolved names and numbers; no text of a bundle, a policy or
a dossier gets into it. `explain_source` shows it. Many small features of one record are some
twenty times faster this way than as array operations; a property test holds the results equal
to those of `many`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from risicoscreener.dossier.record import Dossier, Fact
from risicoscreener.dossier.schema import EPOCH, tables
from risicoscreener.features.definition import GIVEN, Feature
from risicoscreener.features.kernels import kernel
from risicoscreener.features.plan import Condition, FeaturePlan, RowFeature, RowFilter

DAYS_PER_YEAR = 365.25
NAN = float("nan")

_Fact = TypeVar("_Fact", bound=Fact)

OneFunction = Callable[[Dossier, dt.date], list[float]]


def compile_one(plan: FeaturePlan) -> OneFunction:
    """A function from a dossier and a day to the values of ``plan.names``, NaN where unknown."""
    writer = PlanWriter(plan)
    source = writer.source()
    exec(compile(source, "<feature plan>", "exec"), writer.scope)  # noqa: S102 - see above
    function: OneFunction = writer.scope["features_of"]
    return function


def explain_source(plan: FeaturePlan) -> str:
    """The generated source, to read."""
    return PlanWriter(plan).source()


def superseded(rows: Sequence[Any], as_of: dt.date) -> frozenset[str]:
    """Ids of the facts that a fact recorded by ``as_of`` has replaced."""
    return frozenset(
        row.supersedes for row in rows if row.supersedes is not None and row.recorded_at <= as_of
    )


def visible(rows: Sequence[_Fact], as_of: dt.date) -> list[tuple[int, _Fact]]:
    """The facts of a table known by ``as_of``, neither withdrawn nor replaced, and their positions.

    It is what the generated function looks at in each pass.
    """
    gone = superseded(rows, as_of)
    return [
        (position, row)
        for position, row in enumerate(rows)
        if row.recorded_at <= as_of and not row.void and row.fact_id not in gone
    ]


def is_consulted(dossier: Dossier, table: str, as_of: dt.date) -> bool:
    """Whether nothing in a table means that there is nothing: it has facts, or was looked up."""
    if visible(getattr(dossier, table), as_of):
        return True
    inquiries = visible(dossier.inquiries, as_of)
    return any(row.subject == table and row.complete for _, row in inquiries)


@dataclass
class _Branch:
    """Conditions that several filters share: tested once, with what follows inside."""

    features: list[RowFeature] = field(default_factory=list)
    branches: dict[Condition, _Branch] = field(default_factory=dict)


class PlanWriter:
    """Writes the function, table by table, with the constants that it needs in ``scope``.

    `lineage` writes the same function with, in addition, the rows that each value comes from.
    """

    def __init__(self, plan: FeaturePlan) -> None:
        self.plan = plan
        self.scope: dict[str, Any] = {
            "NAN": NAN,
            "INF": float("inf"),
            "superseded": superseded,
            "covered": covered,
            "ratio": ratio,
            "linear": linear,
            "cases": choose_case,
        }
        self.slot = {name: f"v{i}" for i, name in enumerate(plan.features)}
        self.lines: list[str] = []

    def source(self) -> str:
        """The function ``features_of``, as text."""
        self.lines = ["def features_of(dossier, as_of):", "    today = as_of.toordinal()"]
        order = sorted(
            {*self.plan.of_rows, *self._arrival_table()}, key=lambda t: t != "detentions"
        )
        if set(order) - {"detentions"}:
            self._consulted()
        for name in order:
            self._table(name, self.plan.of_rows.get(name, ()))
        for feature in self.plan.features.values():
            self._of_person(feature)
            self._of_features(feature)
        self.lines.append(f"    return {self._returned()}")
        return "\n".join(self.lines) + "\n"

    def _returned(self) -> str:
        return f"[{', '.join(self.slot[name] for name in self.plan.names)}]"

    def _arrival_table(self) -> tuple[str, ...]:
        return ("detentions",) if self.plan.needs_arrival else ()

    def _consulted(self) -> None:
        self.lines += [
            "    consulted = set()",
            "    for r in dossier.inquiries:",
            "        if r.complete and r.recorded_at <= as_of and not r.void:",
            "            consulted.add(r.subject)",
            "    for r in dossier.inquiries:",
            "        if r.supersedes is not None:",
            "            gone = superseded(dossier.inquiries, as_of)",
            "            consulted = {r.subject for r in dossier.inquiries if r.complete",
            "                and r.recorded_at <= as_of and not r.void and r.fact_id not in gone}",
            "            break",
        ]

    def _table(self, name: str, features: tuple[RowFeature, ...]) -> None:
        start = tables()[name].starts
        for item in features:
            self._declare(item)
        arrival = name == "detentions" and self.plan.needs_arrival
        asked = "False" if name == "detentions" else f"{name!r} in consulted"
        self.lines += [
            f"    rows = dossier.{name}",
            f"    asked = {asked}",
            "    gone = ()",
            "    for r in rows:",
            "        if r.supersedes is not None:",
            "            gone = superseded(rows, as_of)",
            "            break",
        ]
        in_first_pass = any(item.feature.since_arrival for item in features)
        if arrival:
            self.lines.append("    arrival = None")
        if arrival and in_first_pass:
            self._each_visible_row(str(start))
            self._find_arrival(str(start))
        self._each_visible_row(str(start))
        self.lines.append("        asked = True")
        if arrival and not in_first_pass:
            self._find_arrival(str(start))
        self._branch(_branches(features), name, 2)
        for item in features:
            self._finish(item)

    def _each_visible_row(self, start: str) -> None:
        self.lines += [
            "    for r in rows:",
            "        if r.recorded_at > as_of or r.void or (gone and r.fact_id in gone): continue",
            f"        ago_{start} = today - r.{start}.toordinal()",
        ]

    def _find_arrival(self, start: str) -> None:
        latest = f"(arrival is None or ago_{start} <= arrival)"
        self.lines += [
            f"        if {_is_open('released_on')} and {latest}:",
            f"            arrival = ago_{start}",
        ]

    def _branch(self, branch: _Branch, table: str, depth: int) -> None:
        for item_filter, items in _by_filter(branch.features).items():
            self._matches(item_filter, items, table, depth)
        for condition, inner in branch.branches.items():
            self.lines.append(f"{'    ' * depth}if {self._test(condition)}:")
            self._branch(inner, table, depth + 1)

    def _matches(
        self, item_filter: RowFilter, items: list[RowFeature], table: str, depth: int
    ) -> None:
        spec, indent = tables()[table], "    " * depth
        guards = []
        if item_filter.open:
            guards.append(_is_open(str(spec.ends)))
        on = item_filter.on
        if on != spec.starts:
            column = spec.columns[on]
            if not column.required:
                guards.append(f"r.{on} is not None")
            guards.append(f"r.{on} <= as_of")
        if guards:
            self.lines.append(f"{indent}if {' and '.join(guards)}:")
            indent += "    "
        if on != spec.starts:
            self.lines.append(f"{indent}ago_{on} = today - r.{on}.toordinal()")
        for item in items:
            self._match(item, f"ago_{on}", indent)

    def _match(self, item: RowFeature, ago: str, indent: str) -> None:
        limits = _limits(item.feature, ago)
        if limits:
            self.lines.append(f"{indent}if {limits}:")
            indent += "    "
        self.lines += [indent + line for line in self._accumulate(item, ago)]

    def _declare(self, item: RowFeature) -> None:
        slot, feature = self.slot[item.feature.name], item.feature
        initial = {
            "count": "0",
            "any": "0",
            "sum": "0.0",
            "max": "-INF",
            "distinct": "set()",
            "days_since_last": "INF",
            "days_since_first": "-INF",
            "age_at_first": "-INF",
            "days_covered": "[]",
            "slope": "0.0",
            "kernel": "[]",
            "last": "NAN",
            "days_until": "NAN",
        }[feature.aggregate]
        self.lines.append(f"    {slot} = {initial}")
        if feature.aggregate in ("last", "days_until"):
            self.lines.append(f"    {slot}_ago = INF")
        if feature.aggregate == "max" and _may_lack_field(item):
            self.lines.append(f"    {slot}_found = False")
        if feature.values:
            self.scope[f"{slot}_values"] = {k: float(v) for k, v in feature.values.items()}
        if feature.aggregate == "slope":
            self.scope[f"{slot}_weights"] = item.slope_weights
        if feature.aggregate == "kernel":
            self.scope[f"{slot}_kernel"] = kernel(str(feature.kernel)).one

    def _accumulate(self, item: RowFeature, ago: str) -> list[str]:
        feature, slot = item.feature, self.slot[item.feature.name]
        match feature.aggregate:
            case "count":
                return [f"{slot} += 1"]
            case "any":
                return [f"{slot} = 1"]
            case "distinct":
                return [f"if {self._known(item)}: {slot}.add(r.{feature.field})"]
            case "sum":
                return [f"if {self._known(item)}: {slot} += r.{feature.field}"]
            case "max":
                return [
                    *([f"{slot}_found = True"] if _may_lack_field(item) else []),
                    f"if {self._known(item)}:",
                    f"    w = {self._value(item)}",
                    f"    if w > {slot}: {slot} = w",
                ]
            case "days_since_last":
                return [f"if {ago} < {slot}: {slot} = {ago}"]
            case "days_since_first" | "age_at_first":
                return [f"if {ago} > {slot}: {slot} = {ago}"]
            case "slope":
                return [f"{slot} += {slot}_weights[{ago} // {int(item.feature.bin_days or 1)}]"]
            case "kernel":
                return [f"{slot}.append({ago})"]
            case "days_covered":
                return self._covered(item, ago)
        return [
            f"if {ago} <= {slot}_ago:",
            f"    w = {self._value(item)} if {self._known(item)} else NAN",
            f"    if {ago} < {slot}_ago:",
            f"        {slot}_ago = {ago}",
            f"        {slot} = w",
            f"    elif {slot} != w: {slot} = NAN",
        ]

    def _known(self, item: RowFeature) -> str:
        assert item.column is not None
        known = [f"r.{item.column.name} is not None"]
        known_from = item.column.known_from
        if known_from:
            known = [f"r.{known_from} is not None", f"r.{known_from} <= as_of", *known]
        return " and ".join(known)

    def _value(self, item: RowFeature) -> str:
        assert item.column is not None
        name = item.column.name
        if item.column.kind == "code":
            return f"{self.slot[item.feature.name]}_values[r.{name}]"
        if item.column.kind == "date":
            return f"r.{name}.toordinal() - today"
        return f"float(r.{name})"

    def _covered(self, item: RowFeature, ago: str) -> list[str]:
        ends = tables()[str(item.feature.table)].ends
        slot = self.slot[item.feature.name]
        limits = [f"if begin > {n}: begin = {n}" for n in _window_limits(item.feature)]
        return [
            f"begin = {ago}",
            *limits,
            f"end = today - r.{ends}.toordinal() if not {_is_open(str(ends))} else 0",
            f"if begin > end: {slot}.append((end, begin))",
        ]

    def _finish(self, item: RowFeature) -> None:
        feature, slot = item.feature, self.slot[item.feature.name]
        none = "NAN" if feature.none_value is None else repr(float(feature.none_value))
        if feature.aggregate == "max" and _may_lack_field(item):
            none = f"(NAN if {slot}_found else {none})"
        if feature.aggregate in ("max", "days_since_last", "days_since_first", "age_at_first"):
            found = (
                f"float({slot})"
                if feature.aggregate != "age_at_first"
                else (f"(today - dossier.person.birth_date.toordinal() - {slot}) / {DAYS_PER_YEAR}")
            )
            value = f"{found} if -INF < {slot} < INF else {none}"
        elif feature.aggregate in ("last", "days_until"):
            value = f"(float({slot}) if {slot}_ago < INF else {none})"
        elif feature.aggregate == "distinct":
            value = f"float(len({slot}))"
        elif feature.aggregate == "kernel":
            value = f"({slot}_kernel({slot}) if {slot} else {none})"
        elif feature.aggregate == "days_covered":
            value = f"covered({slot})"
        else:
            value = f"float({slot})"
        known = "asked and arrival is not None" if feature.since_arrival else "asked"
        self.lines.append(f"    {slot} = ({value}) if {known} else NAN")
        self._cap(feature)

    def _cap(self, feature: Feature) -> None:
        if feature.cap is not None:
            slot, cap = self.slot[feature.name], repr(float(feature.cap))
            self.lines.append(f"    if {slot} > {cap}: {slot} = {cap}")

    def _of_person(self, feature: Feature) -> None:
        slot = self.slot[feature.name]
        if feature.aggregate == "age":
            days = "(today - dossier.person.birth_date.toordinal())"
            self.lines.append(f"    {slot} = {days} / {DAYS_PER_YEAR}")
        elif feature.aggregate == "person":
            self.scope[f"{slot}_values"] = {k: float(v) for k, v in feature.values.items()}
            field_name = feature.field
            self.lines.append(f"    {slot} = {slot}_values.get(dossier.person.{field_name}, NAN)")
        elif feature.aggregate == GIVEN:
            self.lines.append(f"    {slot} = NAN")
        else:
            return
        self._cap(feature)

    def _of_features(self, feature: Feature) -> None:
        slot = self.slot[feature.name]
        if feature.aggregate == "ratio":
            top, bottom = self.slot[str(feature.numerator)], self.slot[str(feature.denominator)]
            none = "NAN" if feature.none_value is None else repr(float(feature.none_value))
            value = f"ratio({top}, {bottom}, {float(feature.scale)!r}, {none})"
        elif feature.aggregate == "linear":
            terms = ", ".join(f"({self.slot[n]}, {float(c)!r})" for n, c in feature.terms.items())
            value = f"linear({float(feature.constant)!r}, ({terms},))"
        elif feature.aggregate == "cases":
            value = self._cases(feature)
        else:
            return
        self.lines.append(f"    {slot} = {value}")
        self._cap(feature)

    def _cases(self, feature: Feature) -> str:
        slot = self.slot[feature.name]
        self.scope[f"{slot}_limits"] = tuple(
            (float(c.low), float(c.high), float(c.value)) for c in feature.cases
        )
        self.scope[f"{slot}_otherwise"] = NAN if feature.otherwise is None else feature.otherwise
        inputs = ", ".join(self.slot[c.feature] for c in feature.cases)
        needed = ", ".join(self.slot[n] for n in feature.requires)
        needed = f"({needed},)" if needed else "()"
        return f"cases({needed}, ({inputs},), {slot}_limits, {slot}_otherwise)"

    def _test(self, condition: Condition) -> str:
        value = f"r.{condition.field}"
        known = ""
        if condition.known_from:
            known = f"r.{condition.known_from} is not None and r.{condition.known_from} <= as_of"
        if condition.test == "present":
            return " and ".join(t for t in (known, f"{value} is not None") if t)
        if condition.test == "absent":
            return f"not ({known} and {value} is not None)" if known else f"{value} is None"
        if condition.test == "in":
            test = self._membership(value, condition.codes)
        elif condition.test == "flag":
            test = f"{value} is {condition.flag}"
        else:
            low, high = _number(condition.low), _number(condition.high)
            found = (
                f"{value}.toordinal() - {EPOCH.toordinal()}" if condition.test == "days" else value
            )
            test = f"{value} is not None and {low} <= {found} <= {high}"
        return f"{known} and {test}" if known else test

    def _membership(self, value: str, codes: tuple[str, ...]) -> str:
        if len(codes) == 1:
            return f"{value} == {codes[0]!r}"
        name = f"codes_{len(self.scope)}"
        for existing, content in self.scope.items():
            if content == frozenset(codes):
                name = existing
        self.scope[name] = frozenset(codes)
        return f"{value} in {name}"


def _may_lack_field(item: RowFeature) -> bool:
    """Whether a row that matches can lack the field, and that is something else than no row."""
    assert item.column is not None
    nullable = not item.column.required and item.column.default is None
    return item.feature.none_value is not None and (nullable or bool(item.column.known_from))


def _number(value: float) -> str:
    if value in (float("inf"), float("-inf")):
        return "INF" if value > 0 else "-INF"
    return repr(value)


def _is_open(ends: str) -> str:
    return f"(r.{ends} is None or r.{ends} > as_of)"


def _window_limits(feature: Feature) -> list[str]:
    limits = [] if feature.window_days is None else [str(int(feature.window_days))]
    return [*limits, "arrival"] if feature.since_arrival else limits


def _limits(feature: Feature, ago: str) -> str:
    """The test that a row lies in the window; spells are cut to the window instead."""
    if feature.aggregate == "days_covered":
        return "arrival is not None" if feature.since_arrival else ""
    parts = []
    if feature.skip_days:
        parts.append(f"{ago} >= {int(feature.skip_days)}")
    if feature.window_days is not None:
        parts.append(f"{ago} < {int(feature.window_days)}")
    if feature.since_arrival:
        parts.append(f"arrival is not None and {ago} <= arrival")
    return " and ".join(parts)


def _branches(features: tuple[RowFeature, ...]) -> _Branch:
    """A tree in which the conditions that most filters share stand nearest the root."""
    shared = Counter(c for item in features for c in set(item.filter.conditions))
    root = _Branch()
    for item in features:
        place = root
        for condition in sorted(item.filter.conditions, key=lambda c: (-shared[c], c)):
            place = place.branches.setdefault(condition, _Branch())
        place.features.append(item)
    return root


def _by_filter(features: list[RowFeature]) -> dict[RowFilter, list[RowFeature]]:
    grouped: dict[RowFilter, list[RowFeature]] = {}
    for item in features:
        grouped.setdefault(RowFilter((), item.filter.open, item.filter.on), []).append(item)
    return grouped


def covered(spells: list[tuple[int, int]]) -> float:
    """Days in at least one of some spells, each from its end to its begin, both in days ago."""
    total = reached = 0
    for end, begin in sorted(spells):
        if begin > reached:
            total += begin - max(end, reached)
            reached = begin
    return float(total)


def ratio(top: float, bottom: float, scale: float, none: float) -> float:
    """``scale`` times top over bottom; ``none`` where bottom is not positive."""
    if top != top or bottom != bottom:
        return NAN
    return top / bottom * scale if bottom > 0.0 else none


def linear(constant: float, terms: tuple[tuple[float, float], ...]) -> float:
    """A weighted sum, added in the order of the definition."""
    total = constant
    for value, coefficient in terms:
        total += coefficient * value
    return total


def choose_case(
    required: tuple[float, ...],
    values: tuple[float, ...],
    limits: tuple[tuple[float, float, float], ...],
    otherwise: float,
) -> float:
    """The value of the first case that holds; NaN if any required value is NaN."""
    for value in required:
        if value != value:
            return NAN
    for value, (low, high, result) in zip(values, limits, strict=True):
        if low <= value <= high:
            return result
    return otherwise
