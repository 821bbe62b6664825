"""Stays as they can be drawn: those that were seen, with what a scenario makes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.decision import OUTCOMES
from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.lengths import Lengths
from risicoscreener.impact.capacity.settings import CapacitySettings
from risicoscreener.impact.capacity.stays import NOT_ASKED, Stays, regimes
from risicoscreener.impact.people import NOT_SET

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FEW_ENDED = 5
"""With fewer stays of a kind that ended, expected days of release count as ends."""
SLACK_DAYS = 7
"""Who left at most so many days after the date of conditional release was released on it."""
GRANT, DEEP = OUTCOMES.index("grant"), OUTCOMES.index("deep_assessment")
LOW_KIND, RELEASE_KIND = "low_security", "conditional_release"


@dataclass(frozen=True, eq=False)
class DonorTable:
    """Stays of one kind of arrival, shape (n,), as a scenario has them.

    Attributes
    ----------
    kind
        Ground of detention on arrival.
    length
        Days in a cell.
    early_share, early_length
        Probability that it is the other length.
    programme_share, programme_days
        Probability that the last days are spent in a programme, outside.
    low_share, low_days
        Probability that the last days are spent in low security, and how many.
    keep
        How many come in for each that did.
    switch
        Days until the ground changed; infinite if it did not.
    regime, prison
        Positions among `regimes` (after the change) and among the prisons.
    sentence, conditional, early, served_elsewhere
        Days of the sentence, whether there is a date of conditional release, whether it ended on
        that, and days of the sentence that were not served in this stay.
    low_by_policy, release_by_policy, deep_share
        Probability of a placement, of conditional release, and of a deep assessment that is asked
        for, by a policy.
    """

    kind: str
    length: FloatArray
    early_share: FloatArray
    early_length: FloatArray
    programme_share: FloatArray
    programme_days: FloatArray
    low_share: FloatArray
    low_days: FloatArray
    keep: FloatArray
    switch: FloatArray
    regime: npt.NDArray[np.int64]
    prison: npt.NDArray[np.int64]
    sentence: FloatArray
    conditional: Mask
    early: Mask
    served_elsewhere: FloatArray
    low_by_policy: FloatArray
    release_by_policy: FloatArray
    deep_share: FloatArray

    def __len__(self) -> int:
        return len(self.length)

    def with_(self, **changes: Any) -> DonorTable:
        """The same with other columns."""
        return replace(self, **changes)


@dataclass(frozen=True, eq=False)
class Donors:
    """Stays of one kind: how long they last, and what else they are.

    Attributes
    ----------
    lengths
        For the weights.
    table
        As they were.
    stays
        Where they come from.
    """

    lengths: Lengths
    table: DonorTable
    stays: Stays

    def __len__(self) -> int:
        return len(self.table)


def donors_of(stays: Stays, kind: str, prisons: list[str], settings: CapacitySettings) -> Donors:
    """The stays of one kind.

    Raises
    ------
    ImpactError
        If none of them ended and of none is known when it will.
    """
    found = stays.at(np.flatnonzero(stays.kind == kind))
    planned = found.inside & (found.expected > found.arrived)
    ended = ~found.inside
    time = found.length.astype(np.float64)
    if ended.sum() < FEW_ENDED:
        time = np.where(planned, found.expected - found.arrived, time)
        ended = ended | planned
    if not ended.any():
        raise ImpactError(
            f"no stay of kind {kind!r} ended, and of none is an expected release known; expected "
            "some, or to watch longer"
        )
    entry = (found.entered - found.arrived).astype(np.float64)
    lengths = Lengths(time, np.minimum(entry, time), ended)
    return Donors(lengths, _table(found, kind, time, prisons, settings), found)


def _table(
    found: Stays, kind: str, time: FloatArray, prisons: list[str], settings: CapacitySettings
) -> DonorTable:
    n = len(found)
    nothing, all_of_them = np.zeros(n), np.ones(n)
    low = found.low_from != NOT_SET
    end = found.arrived + time
    conditional = found.conditional != NOT_SET
    early = conditional & ~found.inside & (found.left <= found.conditional + SLACK_DAYS)
    codes = {name: place for place, name in enumerate(regimes())}
    places = {name: place for place, name in enumerate(prisons)}
    switch = np.where(found.switched == NOT_SET, np.inf, found.switched - found.arrived)
    sentence = found.sentence_days.astype(np.float64)
    by_policy = _shares(found, LOW_KIND, settings["low_security.favourable_share"])
    table = DonorTable(
        kind=kind,
        length=time,
        early_share=nothing,
        early_length=time,
        programme_share=nothing,
        programme_days=nothing,
        low_share=np.where(low, 1.0, 0.0),
        low_days=np.where(low, np.maximum(end - found.low_from, 0), 0.0),
        keep=all_of_them,
        switch=switch,
        regime=np.array([codes[name] for name in found.regime.tolist()], dtype=np.int64),
        prison=np.array([places[name] for name in found.prison.tolist()], dtype=np.int64),
        sentence=sentence,
        conditional=conditional,
        early=early,
        served_elsewhere=nothing,
        low_by_policy=by_policy,
        release_by_policy=_shares(found, RELEASE_KIND, settings["low_security.favourable_share"]),
        deep_share=_deep(found),
    )
    if settings["low_security.from_policy"] == "outcomes":
        return _placed_by_policy(table, settings)
    return table


def _placed_by_policy(table: DonorTable, settings: CapacitySettings) -> DonorTable:
    days = np.minimum(
        np.floor(table.sentence * settings["low_security.fraction"]),
        np.minimum(settings["low_security.most_days"], table.length),
    )
    enough = days >= max(settings["low_security.least_days"], 1)
    return table.with_(
        low_share=np.where(enough, table.low_by_policy, 0.0), low_days=np.where(enough, days, 0.0)
    )


def _shares(found: Stays, kind: str, favourable: float) -> FloatArray:
    """Probability of a grant, at once or after a deep assessment."""
    outcome = found.outcomes.get(kind)
    if outcome is None:
        return np.zeros(len(found))
    return np.where(outcome == GRANT, 1.0, np.where(outcome == DEEP, favourable, 0.0))


def _deep(found: Stays) -> FloatArray:
    """Whether some kind of decision asks for a deep assessment: one serves all."""
    asked = np.zeros(len(found), bool)
    for outcome in found.outcomes.values():
        asked |= (outcome == DEEP) & (outcome != NOT_ASKED)
    return asked.astype(np.float64)
