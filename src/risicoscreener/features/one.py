"""The plan for one record: a Python function generated from it, one pass over each table.

The source is made of the plan's own resolved names and numbers; no text of a bundle, a policy or
a dossier gets into it. `explain_source` shows it. Many small features of one record are some
twenty times faster this way than as array operations; a property test holds the results equal
to those of `many`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import EPOCH, tables
from risicoscreener.dossier.visible import superseded
from risicoscreener.features.definition import GIVEN, Feature
from risicoscreener.features.kernels import kernel
from risicoscreener.features.plan import Condition, FeaturePlan, RowFeature, RowFilter

DAYS_PER_YEAR = 365.25
NAN = float("nan")

_NOTHING_IS_NONE = (
    "max",
    "days_since_last",
    "days_since_first",
    "age_at_first",
    "last",
    "days_until",
    "kernel",
)
"""Aggregates that give the ``none_value`` of a feature where no row matches."""

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
        }
        self.slot = {name: f"v{i}" for i, name in enumerate(plan.features)}
        self.lines: list[str] = []

    def source(self) -> str:
        """The function ``features_of``, as text."""
        self.lines = ["def features_of(dossier, as_of):", "    today = as_of.toordinal()"]
        needed = dict.fromkeys((*self.plan.of_rows, *self._arrival_table()))
        order = sorted(needed, key=lambda table: table != "detentions")
        if set(order) - {"detentions"}:
            self.lines += [
                "    consulted = set()",
                "    rows = dossier.inquiries",
                "    gone = None",
            ]
            self._each_visible_row(["        if r.complete: consulted.add(r.subject)"], "", None)
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

    def _table(self, name: str, features: tuple[RowFeature, ...]) -> None:
        """The features of a table: from its rows, or what they are without any."""
        arrival = name == "detentions" and self.plan.needs_arrival
        asked = "False" if name == "detentions" else f"{name!r} in consulted"
        self.lines += [f"    rows = dossier.{name}", f"    asked = {asked}"]
        if arrival:
            self.lines.append("    arrival = None")
        whole = self.lines
        self.lines = ["    gone = None"]
        for item in features:
            self.lines += ["    " + line for line in self._declared(item)]
        self._passes(name, features, arrival)
        for item in features:
            self._finish(item)
        inside = ["    " + line for line in self.lines]
        self.lines = [*whole, "    if rows:", *inside]
        if features:
            self.lines.append("    else:")
            for item in features:
                self.lines += ["        " + line for line in self._without_rows(item)]
            self._unknown(features)

    def _unknown(self, features: tuple[RowFeature, ...]) -> None:
        """What is not known if nobody looked, and what is not if there is no detention."""
        slots = [self.slot[item.feature.name] for item in features]
        self.lines.append(f"    if not asked: {_all_of(slots)} = NAN")
        slots = [self.slot[item.feature.name] for item in features if item.feature.since_arrival]
        if slots:
            self.lines.append(f"    elif arrival is None: {_all_of(slots)} = NAN")

    def _passes(self, name: str, features: tuple[RowFeature, ...], arrival: bool) -> None:
        """One pass over the rows; two where the first must find the arrival that bounds others."""
        spec = tables()[name]
        start, ends = str(spec.starts), spec.ends
        lines = ["        asked = True"]
        if arrival:
            found = [
                f"        if is_open and (arrival is None or ago_{start} <= arrival):",
                f"            arrival = ago_{start}",
            ]
            if any(item.feature.since_arrival for item in features):
                self._each_visible_row(found, start, ends)
            else:
                lines += found
        outside, self.lines = self.lines, lines
        self._branch(_branches(features), name, 2)
        body, self.lines = self.lines, outside
        self._each_visible_row(body, start, ends)

    def _each_visible_row(self, body: list[str], start: str, ends: str | None) -> None:
        """A pass over the facts that are known and neither withdrawn nor replaced.

        Only a fact with an id can be replaced: the ids of those that were are looked up for these.
        """
        self.lines += [
            "    for r in rows:",
            "        if r.recorded_at > as_of or r.void: continue",
            "        if r.fact_id is not None:",
            "            if gone is None: gone = superseded(rows, as_of)",
            "            if r.fact_id in gone: continue",
        ]
        if any(f"ago_{start}" in line for line in body):
            self.lines.append(f"        ago_{start} = today - r.{start}.toordinal()")
        if any("is_open" in line for line in body):
            self.lines.append(f"        is_open = r.{ends} is None or r.{ends} > as_of")
        self.lines += body

    def _branch(
        self, branch: _Branch, table: str, depth: int, tested: frozenset[str] = frozenset()
    ) -> None:
        """What follows from a row that passed some tests, with further tests inside."""
        for item_filter, items in _by_filter(branch.features).items():
            self._matches(item_filter, items, table, depth, tested)
        for condition, inner in branch.branches.items():
            tests = [test for test in self._tests(condition) if test not in tested]
            indent = "    " * depth
            self.lines.append(f"{indent}if {' and '.join(tests) or 'True'}:")
            self._branch(inner, table, depth + 1, tested.union(tests))

    def _matches(
        self,
        item_filter: RowFilter,
        items: list[RowFeature],
        table: str,
        depth: int,
        tested: frozenset[str],
    ) -> None:
        spec, indent = tables()[table], "    " * depth
        on = item_filter.on
        guards = ["is_open"] if item_filter.open else []
        if on != spec.starts:
            guards += _known_since(on) if not spec.columns[on].required else [f"r.{on} <= as_of"]
        guards = [guard for guard in guards if guard not in tested]
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

    def _declared(self, item: RowFeature) -> list[str]:
        """What stands before the first row; sets the constants of the feature too."""
        slot, feature = self.slot[item.feature.name], item.feature
        initial = {
            "count": "0.0",
            "any": "0.0",
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
        lines = [f"{slot} = {initial}"]
        if feature.aggregate in ("last", "days_until"):
            lines.append(f"{slot}_ago = INF")
        if feature.aggregate == "max" and _may_lack_field(item):
            lines.append(f"{slot}_found = False")
        if feature.values:
            self.scope[f"{slot}_values"] = {k: float(v) for k, v in feature.values.items()}
        if feature.aggregate == "slope":
            self.scope[f"{slot}_weights"] = item.slope_weights
        if feature.aggregate == "kernel":
            self.scope[f"{slot}_kernel"] = kernel(str(feature.kernel)).one
        return lines

    def _without_rows(self, item: RowFeature) -> list[str]:
        """The value where somebody looked and there is no row."""
        feature = item.feature
        if feature.aggregate in _NOTHING_IS_NONE:
            value = NAN if feature.none_value is None else float(feature.none_value)
        else:
            value = 0.0
        if feature.cap is not None and value > feature.cap:
            value = float(feature.cap)
        return [f"{self.slot[feature.name]} = {_number(value)}"]

    def _accumulate(self, item: RowFeature, ago: str) -> list[str]:
        feature, slot = item.feature, self.slot[item.feature.name]
        match feature.aggregate:
            case "count":
                return [f"{slot} += 1.0"]
            case "any":
                return [f"{slot} = 1.0"]
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
        if item.column.known_from:
            known = [*_known_since(item.column.known_from), *known]
        return " and ".join(dict.fromkeys(known))

    def _value(self, item: RowFeature) -> str:
        assert item.column is not None
        name = item.column.name
        if item.column.kind == "code":
            return f"{self.slot[item.feature.name]}_values[r.{name}]"
        if item.column.kind == "date":
            return f"float(r.{name}.toordinal() - today)"
        return f"float(r.{name})"

    def _covered(self, item: RowFeature, ago: str) -> list[str]:
        ends = tables()[str(item.feature.table)].ends
        slot = self.slot[item.feature.name]
        limits = [f"if begin > {n}: begin = {n}" for n in _window_limits(item.feature)]
        return [
            f"begin = {ago}",
            *limits,
            f"end = 0 if is_open else today - r.{ends}.toordinal()",
            f"if begin > end: {slot}.append((end, begin))",
        ]

    def _finish(self, item: RowFeature) -> None:
        """From what was accumulated to the value, a float."""
        feature, slot = item.feature, self.slot[item.feature.name]
        none = "NAN" if feature.none_value is None else _number(float(feature.none_value))
        if feature.aggregate == "max" and _may_lack_field(item):
            none = f"(NAN if {slot}_found else {none})"
        value = ""
        if feature.aggregate in ("max", "days_since_last", "days_since_first"):
            value = f"float({slot}) if -INF < {slot} < INF else {none}"
        elif feature.aggregate == "age_at_first":
            age = f"(today - dossier.person.birth_date.toordinal() - {slot}) / {DAYS_PER_YEAR}"
            value = f"{age} if -INF < {slot} < INF else {none}"
        elif feature.aggregate in ("last", "days_until"):
            value = f"{slot} if {slot}_ago < INF else {none}" if none != "NAN" else ""
        elif feature.aggregate == "distinct":
            value = f"float(len({slot}))"
        elif feature.aggregate == "kernel":
            value = f"{slot}_kernel({slot}) if {slot} else {none}"
        elif feature.aggregate == "days_covered":
            value = f"covered({slot})"
        if value:
            self.lines.append(f"    {slot} = {value}")
        self._cap(feature)

    def _cap(self, feature: Feature) -> None:
        if feature.cap is not None:
            slot, cap = self.slot[feature.name], _number(float(feature.cap))
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
            none = NAN if feature.none_value is None else float(feature.none_value)
            share = f"{top} / {bottom} * {_number(float(feature.scale))}"
            value = f"{share} if {bottom} > 0.0 else {_number(none)}"
            value = f"({value}) if {top} == {top} and {bottom} == {bottom} else NAN"
        elif feature.aggregate == "linear":
            terms = [f"{_number(float(c))} * {self.slot[n]}" for n, c in feature.terms.items()]
            value = " + ".join([_number(float(feature.constant)), *terms])
        elif feature.aggregate == "cases":
            value = self._cases(feature)
        else:
            return
        self.lines.append(f"    {slot} = {value}")
        self._cap(feature)

    def _cases(self, feature: Feature) -> str:
        """The value of the first case that holds; NaN if what is required is unknown."""
        needed = [f"{self.slot[n]} == {self.slot[n]}" for n in feature.requires]
        otherwise = NAN if feature.otherwise is None else float(feature.otherwise)
        chain = ""
        for case in feature.cases:
            low, high = _number(float(case.low)), _number(float(case.high))
            held = f"{low} <= {self.slot[case.feature]} <= {high}"
            chain += f"{_number(float(case.value))} if {held} else "
        value = f"{chain}{_number(otherwise)}"
        return f"({value}) if {' and '.join(needed)} else NAN" if needed else value

    def _tests(self, condition: Condition) -> list[str]:
        """The expressions that must all be true of a row that meets a condition."""
        value = f"r.{condition.field}"
        known = _known_since(condition.known_from) if condition.known_from else []
        if condition.test == "present":
            return list(dict.fromkeys([*known, f"{value} is not None"]))
        if condition.test == "absent":
            is_there = " and ".join(dict.fromkeys([*known, f"{value} is not None"]))
            return [f"not ({is_there})" if known else f"{value} is None"]
        if condition.test == "in":
            return [*known, self._membership(value, condition.codes)]
        if condition.test == "flag":
            return [*known, f"{value} is {condition.flag}"]
        low, high = _number(condition.low), _number(condition.high)
        found = f"{value}.toordinal() - {EPOCH.toordinal()}" if condition.test == "days" else value
        return [*known, f"{value} is not None", f"{low} <= {found} <= {high}"]

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
    if value != value:
        return "NAN"
    if value in (float("inf"), float("-inf")):
        return "INF" if value > 0 else "-INF"
    return repr(value)


def _known_since(field: str) -> list[str]:
    return [f"r.{field} is not None", f"r.{field} <= as_of"]


def _all_of(slots: list[str]) -> str:
    return " = ".join(slots)


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
