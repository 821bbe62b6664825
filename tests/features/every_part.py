"""Definitions of every part of the algebra at one table, and of what can be made of them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

from risicoscreener.dossier.schema import Column, TableSpec, tables
from risicoscreener.features import Catalogue, Feature
from risicoscreener.features.definition import OF_ROWS, Case
from risicoscreener.features.plan import UNREACHABLE

from .strategies import KINDS, a_feature, is_possible
from .test_over_days import each_definition

READ = [name for name in tables() if name not in UNREACHABLE]


def each_condition(table: str) -> Iterator[Feature]:
    """Every kind of test of every field, alone and among those that run, were or bind."""
    spec = tables()[table]
    more = cycle([{}, {"since_arrival": True}, {}, {"window_days": 900, "skip_days": 30}])
    for name, column in spec.columns.items():
        for test in ("present", "absent", *_tests(column)):
            yield a_feature("trial", table=table, where={name: test}, **next(more))


def _tests(column: Column) -> list[object]:
    match column.kind:
        case "code":
            return [[column.codes[0]], list(column.codes[1::2]), list(column.codes)]
        case "flag":
            return [True, False]
        case "integer" | "number":
            low, high = float(column.low), float(column.high)
            middle = low + (high - low) / 10
            return [{"min": middle}, {"max": middle}, {"min": low, "max": middle}, {"min": high}]
        case "date":
            return [
                {"min": dt.date(1990, 1, 1)},
                {"max": dt.date(1995, 1, 1)},
                {"min": dt.date(1985, 1, 1), "max": dt.date(2150, 1, 1)},
            ]
    return []


def each_field(table: str) -> Iterator[Feature]:
    """Every aggregate of every field that it can read, with and without a value for none."""
    spec = tables()[table]
    nones, caps = cycle([None, 3.5, 0.0]), cycle([None, None, 2.0, None])
    windows, bounds = cycle([None, 2000, None, 400]), cycle([False, False, False, True, False])
    for aggregate, kinds in KINDS.items():
        for column in (c for c in spec.columns.values() if c.kind in kinds):
            plain = {"table": table, "field": column.name, "cap": next(caps)}
            plain |= {"window_days": next(windows), "since_arrival": next(bounds)}
            if aggregate not in ("sum", "distinct"):
                plain["none_value"] = next(nones)
            if column.kind == "code" and aggregate != "distinct":
                plain["values"] = {code: float(i % 4) for i, code in enumerate(column.codes)}
            yield a_feature("trial", aggregate, **plain)


def each_window(table: str) -> Iterator[Feature]:
    """Every aggregate with a window that many facts lie in, within a stay and open."""
    spec = tables()[table]
    for aggregate in OF_ROWS:
        if not is_possible(aggregate, spec) or aggregate in KINDS:
            continue
        plain = _within(spec, aggregate)
        none = {"none_value": 7.5} if aggregate.startswith(("days_since", "age", "kernel")) else {}
        yield a_feature("trial", aggregate, **plain)
        yield a_feature("trial", aggregate, **plain, since_arrival=True)
        yield a_feature("trial", aggregate, **plain, **none, cap=5.0, open=spec.ends is not None)


def _within(spec: TableSpec, aggregate: str) -> dict[str, object]:
    plain: dict[str, object] = {"table": spec.name, "window_days": 3000}
    if aggregate == "slope":
        return plain | {"bin_days": 600}
    if aggregate == "kernel":
        plain["kernel"] = "longest_gap"
    return plain if aggregate == "days_covered" else plain | {"skip_days": 20}


def derived(names: list[str]) -> Iterator[Feature]:
    """What is made of others, and of the person."""
    yield a_feature("age", "age")
    yield a_feature("age_of_a_youth", "age", cap=21.0)
    yield a_feature("sex", "person", field="sex", values={"female": 1.0, "male": 3.0}, cap=2.0)
    yield a_feature("man", "person", field="sex", values={"male": 1.0})
    yield a_feature("given", "given", field="sex")
    for i, (a, b, c) in enumerate(zip(names[::3], names[1::3], names[2::3], strict=False)):
        none = None if i % 2 else 0.25
        yield a_feature(f"r{i}", "ratio", numerator=a, denominator=b, none_value=none, scale=3.0)
        yield a_feature(f"l{i}", "linear", terms={a: 0.1, c: -2.0, "age": 1.0}, constant=0.7)
        cases = (Case(a, 1.0, low=1.0, high=3.0), Case(b, math.nan, low=2.0), Case(c, 4.0, high=0))
        otherwise = None if i % 3 else 6.0
        needed = (c, "sex") if i % 2 else ()
        yield a_feature(f"c{i}", "cases", cases=cases, requires=needed, otherwise=otherwise)
        yield a_feature(f"t{i}", "linear", terms={f"r{i}": 1.0, f"c{i}": 1.0}, cap=2.5)


def definitions(table: str) -> Catalogue:
    """All of these for one table, under names of their own."""
    parts = (each_definition, each_condition, each_field, each_window)
    rows = [feature for part in parts for feature in part(table)]
    named = {f"f{i}": replace(feature, name=f"f{i}") for i, feature in enumerate(rows)}
    # Where a slope is zero but for its rounding, by what it divides is anybody's guess.
    others = derived([name for name, f in named.items() if f.aggregate != "slope"])
    return Catalogue(named | {feature.name: feature for feature in others})
