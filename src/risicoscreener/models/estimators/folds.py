"""Folds that follow from the content of rows, so that neither a seed nor their order matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray

MOST_PEOPLE = 5_000_000
"""Above this sum of whole weights rows are not repeated."""


def deal_folds(
    x: FloatArray, outcome: FloatArray, weight: FloatArray, groups: Any, count: int
) -> FloatArray | None:
    """How the weight of each row is dealt out over the folds.

    Rows are dealt in the order of a hash of their content, those with an event apart from
    those without: so the order in which they were given does not matter. Whole weights are
    numbers of people, who are dealt out one by one; a row of weight 2 is then treated as two
    rows. Rows of one group stay together.

    Returns
    -------
    ``(n, folds)`` with rows that add up to ``weight``; None if some fold would leave less than
    both classes to fit on.
    """
    member, key, units, whole = _members(x, outcome, weight, groups)
    event = np.bincount(member, outcome) > 0
    other = np.bincount(member, 1.0 - outcome) > 0
    count = int(min(count, units[event].sum(), units[other].sum()))
    if count < 2:
        return None
    dealt = np.empty((len(key), count))
    for members in (np.flatnonzero(event), np.flatnonzero(~event)):
        order = members[np.argsort(key[members], kind="stable")]
        end = np.cumsum(units[order])[:, None]
        begin = end - units[order][:, None]
        first = count - 1 - np.arange(count)
        dealt[order] = (end + first) // count - (begin + first) // count
    dealt = dealt[member]
    if not whole:
        dealt *= weight[:, None]
    kept = weight[:, None] - dealt
    both_left = (outcome @ kept > 0) & ((1.0 - outcome) @ kept > 0)
    return dealt if both_left.all() else None


def as_people(weight: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Which rows to take, repeated by whole weights, and the weight that is left for each.

    For fits that do not treat a weight of 2 as a row seen twice. Weights that are not whole, or
    have a sum above `MOST_PEOPLE`, are left as they are.
    """
    if (weight == np.floor(weight)).all() and weight.sum() <= MOST_PEOPLE:
        rows = np.repeat(np.arange(len(weight)), weight.astype(np.intp))
        return rows, np.ones(len(rows))
    return np.arange(len(weight)), weight


def resampled_weights(
    x: FloatArray,
    outcome: FloatArray,
    weight: FloatArray,
    groups: npt.NDArray[Any] | None,
    count: int,
    seed: int,
) -> FloatArray:
    """Weight of each row in bootstrap samples (Efron 1979), whatever the order of the rows.

    Whole weights are numbers of people, who are drawn one by one; else rows are drawn with the
    weight they have. Rows of one group are drawn together (cluster bootstrap).

    Returns
    -------
    ``(n, count)``; each sample holds both outcomes.
    """
    member, key, units, whole = _members(x, outcome, weight, groups)
    order = np.argsort(key, kind="stable")
    end = np.cumsum(units[order])
    total = int(end[-1])
    rng = np.random.default_rng(seed)
    drawn = np.empty((len(outcome), count))
    for sample in range(count):
        times = np.zeros(len(key))
        while not _has_both(outcome, times[member]):
            found = np.searchsorted(end, rng.integers(0, total, total), side="right")
            times[order] = np.bincount(found, minlength=len(key))
        drawn[:, sample] = times[member] if whole else times[member] * weight
    return drawn


def _has_both(outcome: FloatArray, weight: FloatArray) -> bool:
    events = float(weight @ outcome)
    return 0.0 < events < float(weight.sum())


def _members(
    x: FloatArray, outcome: FloatArray, weight: FloatArray, groups: npt.NDArray[Any] | None
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint64], FloatArray, bool]:
    """What is dealt or drawn: member of each row, key and units per member, weights as people."""
    if groups is None:
        member, key = np.arange(len(outcome)), _content_keys(x, outcome)
        whole = bool((weight == np.floor(weight)).all())
    else:
        member = np.unique(groups, return_inverse=True)[1]
        key = _mixed(np.arange(member.max() + 1).astype(np.uint64))
        whole = False
    return member, key, weight if whole else np.ones(len(key)), whole


def _content_keys(x: FloatArray, outcome: FloatArray) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each row."""
    canonical = np.where(np.isnan(x), np.nan, x + 0.0)  # one NaN, and no negative zero
    key = _mixed(outcome.astype(np.uint64))
    for column in canonical.T:
        key = _mixed(key ^ np.ascontiguousarray(column).view(np.uint64))
    return key


def _mixed(key: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """SplitMix64 (Steele, Lea and Flood 2014): spreads close keys over all 64 bits."""
    key = key + np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))
