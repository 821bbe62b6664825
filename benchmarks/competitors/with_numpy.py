"""numpy by hand: columns as arrays, rows of a person next to each other."""

from __future__ import annotations

import numpy as np

from competitors._decision import rules
from competitors._features import LONGEST_AGO, MOST_DEBT, TODAY, VIOLENT, VIOLENT_DAYS, People
from competitors._interface import Competitor
from competitors._probability import Line, Rows, line


class Features(Competitor):
    name = "numpy by hand"
    task = "features"
    does = "the seven features; no corrections; nothing of a table is said twice"
    tuned = "offsets found beforehand, `reduceat` over all rows, days as int32; one thread"

    def prepare(self, data: People) -> dict[str, dict[str, np.ndarray]]:
        given = {name: dict(columns) for name, columns in data.arrays.items()}
        for columns in given.values():
            persons = columns["number"]
            columns["starts"] = np.searchsorted(persons, np.arange(data.n)).astype(np.intp)
            columns["empty"] = np.bincount(persons, minlength=data.n) == 0
        kinds = data.codes("convictions", "offence_class")
        given["convictions"]["violent"] = np.isin(kinds, VIOLENT)
        places = data.codes("housing", "status")
        given["housing"]["own"] = np.array([place == "own_address" for place in places])
        return given

    def run(self, prepared: dict[str, dict[str, np.ndarray]]) -> np.ndarray:
        convictions, debts, housing = prepared.values()
        values = np.empty((len(convictions["starts"]), 7), order="F")
        of_convictions(convictions, values)
        values[:, 5] = open_debt(debts)
        values[:, 6] = own_address(housing)
        return values


def reduced(
    by: np.ufunc, rows: np.ndarray, table: dict[str, np.ndarray], none: float
) -> np.ndarray:
    """One number for each person, ``none`` for who has no row."""
    starts = np.minimum(table["starts"], max(len(rows) - 1, 0))
    found = by.reduceat(rows, starts)
    found[table["empty"]] = none
    return found


def of_convictions(table: dict[str, np.ndarray], values: np.ndarray) -> None:
    known = table["recorded_at"] <= TODAY
    counted = known.astype(np.int32)
    total = reduced(np.add, counted, table, 0)
    recent = known & (table["offence_on"] > TODAY - VIOLENT_DAYS)
    recent &= table["violent"][table["offence_class"]]
    latest = reduced(np.maximum, np.where(known, table["offence_on"], -1), table, 0)
    bits = np.where(known, np.left_shift(np.uint16(1), table["offence_class"].view(np.uint8)), 0)
    kinds = np.bitwise_count(reduced(np.bitwise_or, bits, table, 0))
    values[:, 0] = total
    values[:, 1] = reduced(np.add, recent.astype(np.int32), table, 0)
    values[:, 2] = np.minimum(TODAY - latest, LONGEST_AGO)
    values[:, 3] = reduced(np.maximum, np.where(known, table["severity"], 0), table, 0)
    values[:, 4] = kinds
    values[total == 0, :5] = np.nan


def open_debt(table: dict[str, np.ndarray]) -> np.ndarray:
    now = (table["recorded_at"] <= TODAY) & (table["until"] > TODAY)
    found = np.bincount(
        table["number"], np.where(now, table["amount_eur"], 0.0), len(table["starts"])
    )
    found[np.bincount(table["number"], now, len(found)) == 0] = np.nan
    return np.minimum(found, MOST_DEBT)


def own_address(table: dict[str, np.ndarray]) -> np.ndarray:
    """The day and whether it is an own address as one number, of which the highest counts."""
    now = (table["recorded_at"] <= TODAY) & (table["until_on"] > TODAY)
    key = table["from_on"] * 2 + table["own"][table["status"]]
    latest = reduced(np.maximum, np.where(now, key, np.int32(-(2**31))), table, -(2**31))
    return np.where(latest == -(2**31), np.nan, latest & 1)


class Probability(Competitor):
    name = "np.interp by hand"
    task = "probability"
    does = "the probability, of the same curves"
    tuned = "one `np.interp` for each feature, columns next to themselves in memory; one thread"

    def prepare(self, data: Rows) -> np.ndarray:
        return data.by_feature

    def run(self, prepared: np.ndarray) -> np.ndarray:
        return interpolated(line(), prepared)


def interpolated(model: Line, matrix: np.ndarray) -> np.ndarray:
    """The probability of each row."""
    log_odds = np.full(len(matrix), model.intercept)
    for i, (knots, values) in enumerate(zip(model.knots, model.values, strict=True)):
        found = np.interp(matrix[:, i], knots, values)
        found[np.isnan(found)] = model.missing[i]
        log_odds += found
    np.negative(log_odds, out=log_odds)
    np.exp(log_odds, out=log_odds)
    log_odds += 1.0
    return np.reciprocal(log_odds, out=log_odds)


class Decision(Competitor):
    name = "np.select"
    task = "decision"
    does = "the outcome"
    tuned = "levels compared in bytes, each comparison once, one `np.select`; one thread"

    def run(self, prepared: np.ndarray) -> np.ndarray:
        return selected(prepared)


def selected(levels: np.ndarray) -> np.ndarray:
    """The outcome of each case, shape (n,), by the first rule that fits."""
    is_level = {}
    fits = []
    for rule in rules():
        holds = np.ones(levels.shape[1], dtype=bool)
        for domain, wanted in rule.levels.items():
            if (domain, wanted) not in is_level:
                parts = [levels[domain] == level for level in wanted]
                is_level[domain, wanted] = np.logical_or.reduce(parts)
            holds &= is_level[domain, wanted]
        fits.append(holds)
    return np.select(fits, [np.int8(rule.outcome) for rule in rules()], np.int8(-1))


COMPETITORS = (Features(), Probability(), Decision())
