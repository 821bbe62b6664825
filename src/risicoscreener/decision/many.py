"""The outcomes for many people at once: the same readings and the same table, in columns.

Rows go through in blocks that fit the cache of a core; per block a test is a comparison of a
column, and the table is read by a flat index (Horner's scheme over the levels).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.decision.outcome import DENY, OUTCOMES, Decided
from risicoscreener.errors import PolicyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from risicoscreener.decision.compiled import Clause, CompiledPolicy, DomainReadings

BLOCK = 8192


@dataclass(frozen=True, slots=True)
class DecidedColumns:
    """Outcomes for n people, as arrays; `Decided` says what each means.

    Attributes
    ----------
    requirements, levels, bands
        int8, of shape (n, requirements), (n, domains) and (n, models).
    cell, rule, outcome
        int32, int16 and int8, of shape (n,); ``outcome`` is a position in `OUTCOMES`.
    conditions
        bool, of shape (n, conditions).
    """

    requirements: NDArray[np.int8]
    levels: NDArray[np.int8]
    cell: NDArray[np.int32]
    rule: NDArray[np.int16]
    outcome: NDArray[np.int8]
    conditions: NDArray[np.bool_]
    bands: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.cell)

    def row(self, i: int) -> Decided:
        """The outcome of one row, as `decide_one` gives it."""
        return Decided(
            tuple(self.requirements[i].tolist()),
            tuple(self.levels[i].tolist()),
            int(self.cell[i]),
            int(self.rule[i]),
            OUTCOMES[self.outcome[i]],
            tuple(np.flatnonzero(self.conditions[i]).tolist()),
            tuple(self.bands[i].tolist()),
        )


def decide_many(
    compiled: CompiledPolicy,
    inputs: NDArray[np.float64],
    probability: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    supported: NDArray[np.bool_],
) -> DecidedColumns:
    """See `CompiledPolicy.decide_many`."""
    inputs = _checked(compiled, "inputs", inputs, len(compiled.inputs), np.float64)
    n, models = len(inputs), len(compiled.models)
    scores = [
        _checked(compiled, name, values, models, kind, n)
        for name, values, kind in (
            ("probability", probability, np.float64),
            ("lower", lower, np.float64),
            ("upper", upper, np.float64),
            ("supported", supported, np.bool_),
        )
    ]
    columns = DecidedColumns(
        np.empty((n, len(compiled.requirement_clauses)), np.int8),
        np.empty((n, len(compiled.domains)), np.int8),
        np.empty(n, np.int32),
        np.empty(n, np.int16),
        np.empty(n, np.int8),
        np.zeros((n, len(compiled.condition_clauses)), bool),
        np.empty((n, models), np.int8),
    )
    for start in range(0, n, BLOCK):
        rows = slice(start, min(start + BLOCK, n))
        _decide_block(
            compiled,
            np.ascontiguousarray(inputs[rows].T),
            [np.ascontiguousarray(values[rows].T) for values in scores],
            columns,
            rows,
        )
    return columns


def _checked(
    compiled: CompiledPolicy,
    name: str,
    values: NDArray[Any],
    width: int,
    kind: type,
    rows: int | None = None,
) -> NDArray[Any]:
    values = np.asarray(values, kind)
    if values.ndim != 2 or values.shape[1] != width or rows not in (None, len(values)):
        expected = f"({'n' if rows is None else rows}, {width})"
        raise PolicyError(f"{compiled.id}: {name} has shape {values.shape}; expected {expected}")
    return values


def _decide_block(
    compiled: CompiledPolicy,
    inputs: NDArray[np.float64],
    scores: list[NDArray[Any]],
    columns: DecidedColumns,
    rows: slice,
) -> None:
    requirements = columns.requirements[rows]
    levels = columns.levels[rows]
    not_met = np.zeros(inputs.shape[1], bool)
    all_met = np.ones(inputs.shape[1], bool)
    for r, clause in enumerate(compiled.requirement_clauses):
        true, false = clause_truth(clause, inputs)
        requirements[:, r] = np.where(true, 0, np.where(false, 1, 2))
        not_met |= false
        all_met &= true
    levels[:, 0] = np.where(not_met, 1, np.where(all_met, 0, 2))
    levels[:, 1] = ~(inputs[compiled.quarantined_slot] < 1)
    columns.bands[rows], levels[:, 2], levels[:, 3] = _weigh(compiled, *scores)
    for d, read in enumerate(compiled.readings, start=4):
        levels[:, d] = level_of(read, inputs)
    cell = np.zeros(inputs.shape[1], np.int32)
    for d, size in enumerate(compiled.shape):
        cell *= size
        cell += levels[:, d]
    columns.cell[rows] = cell
    columns.rule[rows] = compiled.rules.reshape(-1).take(cell)
    columns.outcome[rows] = outcome = compiled.outcomes.reshape(-1).take(cell)
    if (outcome != DENY).any():
        for c, tests in enumerate(compiled.condition_clauses):
            attached = compiled.attached[c].take(cell)
            if tests is not None:
                attached &= ~clause_truth(tests, inputs)[1]
            columns.conditions[rows, c] = attached


def clause_truth(
    clause: Clause, inputs: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where a clause is true and where it is false; elsewhere it is unknown.

    Parameters
    ----------
    inputs
        Shape (inputs, n).
    """
    true: NDArray[np.bool_] | None = None
    false: NDArray[np.bool_] | None = None
    for slot, low, high in clause.tests:
        value = inputs[slot]
        holds, fails = _between(value, low, high)
        if true is None or false is None:
            true, false = holds, fails
        elif clause.every:
            true &= holds
            false |= fails
        else:
            true |= holds
            false &= fails
    assert true is not None
    assert false is not None
    return true, false


def _between(
    value: NDArray[np.float64], low: float, high: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    if high == np.inf:
        return value >= low, value < low
    if low == -np.inf:
        return value <= high, value > high
    return (value >= low) & (value <= high), (value < low) | (value > high)


def level_of(read: DomainReadings, inputs: NDArray[np.float64]) -> NDArray[np.int8]:
    """The level of each row, by the first reading that is not false; see `clause_truth`."""
    # From the last reading to the first, so that the first that is not false has the last word.
    level = np.full(inputs.shape[1], read.otherwise, np.int8)
    for target, clause in reversed(read.readings):
        true, false = clause_truth(clause, inputs)
        level[~false] = read.unknown
        level[true] = target
    return level


def _weigh(
    compiled: CompiledPolicy,
    probability: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    supported: NDArray[np.bool_],
) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.int8]]:
    """Band per model, the worst of them, and how certain that is."""
    valid = (probability >= 0) & (probability <= 1)
    outside = ~(valid & supported).all(axis=0)
    bands = np.empty(probability.shape, np.int8)
    low, high = np.empty_like(bands), np.empty_like(bands)
    for m, cuts in enumerate(compiled.cuts):
        bands[m] = np.where(valid[m], _band(cuts, probability[m]), len(cuts))
        for bound, band in ((lower[m], low[m]), (upper[m], high[m])):
            told = valid[m] & ~np.isnan(bound)
            band[:] = np.where(told, _band(cuts, bound), bands[m])
    risk = bands.max(axis=0, initial=0)
    near = (low.max(axis=0, initial=0) != risk) | (high.max(axis=0, initial=0) != risk)
    return bands.T, risk, np.where(outside, 2, near).astype(np.int8)


def _band(cuts: tuple[float, ...], value: NDArray[np.float64]) -> NDArray[np.int8]:
    band = np.zeros(value.shape, np.int8)
    for cut in cuts:
        band += value >= cut
    return band
