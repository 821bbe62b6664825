"""Order in time of what one person has several of, without a loop over people."""

from __future__ import annotations

import numpy as np

from risicoscreener.synthetic.stages.draws import Array

_SPAN = 2**24
"""More days than there are between any two days of a cohort."""


def first_of_owner(owner: Array) -> Array:
    """Whether each row, with owners in order, is the first of its owner."""
    return np.asarray(np.diff(owner, prepend=-1) != 0)


def rank_in_owner(owner: Array) -> Array:
    """0, 1, 2 and so on within each owner; owners stand in order."""
    starts = np.flatnonzero(first_of_owner(owner))
    return np.arange(len(owner)) - np.repeat(starts, np.diff(np.append(starts, len(owner))))


def sums_in_owner(owner: Array, values: Array) -> Array:
    """Sums up to and with each row, within each owner; owners stand in order."""
    running = np.cumsum(values, dtype=np.int64)
    starts = np.flatnonzero(first_of_owner(owner))
    before = (running - values)[starts]
    return running - np.repeat(before, np.diff(np.append(starts, len(owner))))


def largest_so_far(owner: Array, day: Array) -> Array:
    """The latest day up to and with each row, within each owner; owners stand in order."""
    latest = np.maximum.accumulate(in_one_number(owner, day))
    return (latest - in_one_number(owner, np.zeros(1, dtype=np.int64))).astype(np.int32)


def in_one_number(owner: Array, day: Array) -> Array:
    """Owner and day as one number with the same order."""
    return owner.astype(np.int64) * _SPAN + day


def in_time(owner: Array, day: Array) -> Array:
    """Places of the rows in the order of owner and day."""
    return np.argsort(in_one_number(owner, day), kind="stable")


def merged(owner: Array, start: Array, end: Array) -> tuple[Array, Array]:
    """Spells of an owner that overlap or touch, as one.

    Parameters
    ----------
    owner, start, end
        Rows in the order of owner and start.

    Returns
    -------
    tuple
        Place of the first row of each merged spell, and the last day of that spell.
    """
    if not len(owner):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
    latest = np.maximum.accumulate(owner.astype(np.int64) * _SPAN + end)
    begins = np.ones(len(owner), dtype=bool)
    begins[1:] = owner[1:].astype(np.int64) * _SPAN + start[1:] > latest[:-1]
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(owner)) - 1
    return first, (latest[last] - owner[last].astype(np.int64) * _SPAN).astype(np.int32)
