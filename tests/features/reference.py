"""The features computed a second time, slowly, from what `definition` says and nothing else.

First everything that is not known on the day is taken out of the dossier; what is left is plain
dictionaries, over which each aggregation is written down as the table in `definition` words it.
The executors do it the other way around and are not used here.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.features.definition import OF_FEATURES, OF_ROWS, Feature
from risicoscreener.features.kernels import kernel

NAN = math.nan
Row = dict[str, Any]


def reference(definitions: Any, names: Any, dossier: Dossier, as_of: dt.date) -> dict[str, float]:
    """Values of some features, NaN where unknown."""
    picture = Picture(dossier, as_of)
    found: dict[str, float] = {}
    for name in names:
        _add(definitions, name, picture, found)
    return {name: found[name] for name in names}


class Picture:
    """What is known of someone on a day."""

    def __init__(self, dossier: Dossier, as_of: dt.date) -> None:
        self.person, self.as_of = dossier.person, as_of
        self.rows = {name: known_rows(getattr(dossier, name), name, as_of) for name in tables()}
        self.consulted = {row["subject"] for row in self.rows["inquiries"] if row["complete"]}
        stays = [row["arrived_on"] for row in self.rows["detentions"] if row["released_on"] is None]
        self.arrival = max(stays, default=None)

    def is_known(self, table: str) -> bool:
        return table in self.consulted or bool(self.rows[table])


def known_rows(facts: list[Any], table: str, as_of: dt.date) -> list[Row]:
    recorded = [fact for fact in facts if fact.recorded_at <= as_of]
    corrected = {fact.supersedes for fact in recorded if fact.supersedes is not None}
    standing = [
        f for f in recorded if not f.void and (f.fact_id is None or f.fact_id not in corrected)
    ]
    return [known_fields(fact, table, as_of) for fact in standing]


def known_fields(fact: Any, table: str, as_of: dt.date) -> Row:
    row = {}
    for name, column in tables()[table].columns.items():
        row[name] = getattr(fact, name)
        if column.known_from is not None:
            since = getattr(fact, column.known_from)
            if since is None or since > as_of:
                row[name] = None
    return row


def _add(definitions: Any, name: str, picture: Picture, found: dict[str, float]) -> None:
    feature = definitions[name]
    for needed in feature.inputs:
        _add(definitions, needed, picture, found)
    if feature.aggregate in OF_ROWS:
        value = of_table(feature, picture)
    elif feature.aggregate in OF_FEATURES:
        value = of_features(feature, found)
    elif feature.aggregate == "age":
        value = (picture.as_of - picture.person.birth_date).days / 365.25
    else:
        value = feature.values.get(getattr(picture.person, feature.field), NAN)
    if feature.cap is not None and value > feature.cap:
        value = feature.cap
    found[name] = float(value)


def of_features(feature: Feature, found: dict[str, float]) -> float:
    if feature.aggregate == "linear":
        return feature.constant + sum(c * found[name] for name, c in feature.terms.items())
    if feature.aggregate == "ratio":
        top, bottom = found[feature.numerator], found[feature.denominator]
        if math.isnan(top) or math.isnan(bottom):
            return NAN
        if bottom <= 0:
            return NAN if feature.none_value is None else feature.none_value
        return feature.scale * top / bottom
    if any(math.isnan(found[name]) for name in feature.requires):
        return NAN
    for case in feature.cases:
        if case.low <= found[case.feature] <= case.high:
            return case.value
    return NAN if feature.otherwise is None else feature.otherwise


def of_table(feature: Feature, picture: Picture) -> float:
    if not picture.is_known(feature.table):
        return NAN
    if feature.since_arrival and picture.arrival is None:
        return NAN
    rows = [row for row in picture.rows[feature.table] if matches(feature, row, picture.as_of)]
    return of_rows(feature, rows, picture)


def matches(feature: Feature, row: Row, as_of: dt.date) -> bool:
    spec = tables()[feature.table]
    placed_on = row[feature.on or spec.starts]
    if placed_on is None or placed_on > as_of:
        return False
    if feature.open and not (row[spec.ends] is None or row[spec.ends] > as_of):
        return False
    return all(holds(spec.columns[name], row[name], test) for name, test in feature.where.items())


def holds(column: Any, value: Any, test: Any) -> bool:
    if test in ("present", "absent"):
        return (value is not None) == (test == "present")
    if value is None:
        return False
    if column.kind == "flag":
        return value == test
    if column.kind == "code":
        wanted = [test] if isinstance(test, str) else test
        groups = next(v for v in vocabularies().values() if v.codes == column.codes).groups
        codes = [c for w in wanted for c in (groups[w[1:]] if w.startswith("@") else [w])]
        return value in codes
    return test.get("min", value) <= value <= test.get("max", value)


def of_rows(feature: Feature, rows: list[Row], picture: Picture) -> float:
    """One aggregation over matching rows."""
    if feature.aggregate == "days_covered":
        return days_covered(feature, rows, picture)
    placed = [
        (row, (picture.as_of - row[feature.on or tables()[feature.table].starts]).days)
        for row in rows
    ]
    placed = [(row, ago) for row, ago in placed if in_window(feature, ago, picture)]
    days = [ago for _, ago in placed]
    none = NAN if feature.none_value is None else feature.none_value
    match feature.aggregate:
        case "count":
            return len(placed)
        case "any":
            return 1 if placed else 0
        case "sum":
            return sum(row[feature.field] for row, _ in placed if row[feature.field] is not None)
        case "distinct":
            return len({row[feature.field] for row, _ in placed} - {None})
        case "slope":
            return slope(feature, days)
    if not placed:
        return none
    match feature.aggregate:
        case "max":
            values = [number(feature, row, picture.as_of) for row, _ in placed]
            return max((v for v in values if not math.isnan(v)), default=NAN)
        case "last" | "days_until":
            nearest = min(days)
            values = [number(feature, row, picture.as_of) for row, ago in placed if ago == nearest]
            return values[0] if all(value == values[0] for value in values) else NAN
        case "days_since_last":
            return min(days)
        case "days_since_first":
            return max(days)
        case "age_at_first":
            first = picture.as_of - dt.timedelta(days=max(days))
            return (first - picture.person.birth_date).days / 365.25
        case "kernel":
            return kernel(feature.kernel).one(days)
    raise AssertionError(feature.aggregate)


def in_window(feature: Feature, ago: int, picture: Picture) -> bool:
    if feature.window_days is not None and not ago < feature.window_days:
        return False
    if feature.since_arrival and picture.as_of - dt.timedelta(days=ago) < picture.arrival:
        return False
    return ago >= feature.skip_days


def number(feature: Feature, row: Row, as_of: dt.date) -> float:
    value = row[feature.field]
    if value is None:
        return NAN
    if isinstance(value, dt.date):
        return (value - as_of).days
    return feature.values[value] if isinstance(value, str) else float(value)


def days_covered(feature: Feature, rows: list[Row], picture: Picture) -> float:
    """Days as a set, so that a day on which two spells run counts once."""
    spec, today = tables()[feature.table], picture.as_of.toordinal()
    earliest = 0 if feature.window_days is None else today - feature.window_days
    if feature.since_arrival:
        earliest = max(earliest, picture.arrival.toordinal())
    covered: set[int] = set()
    for row in rows:
        begin = row[feature.on or spec.starts].toordinal()
        end = today if row[spec.ends] is None else min(row[spec.ends].toordinal(), today)
        covered |= set(range(max(begin, earliest), end))
    return len(covered)


def slope(feature: Feature, days: list[int]) -> float:
    """Of the number of rows in each bin, oldest first, by numpy's fit of a line."""
    bins = feature.window_days // feature.bin_days
    counts = [sum(ago // feature.bin_days == bins - 1 - i for ago in days) for i in range(bins)]
    return float(np.polyfit(np.arange(bins), counts, 1)[0])
