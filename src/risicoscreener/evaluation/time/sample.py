"""Predicted incidences by a horizon beside what became of people, checked and sorted once."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import FloatArray
from risicoscreener.evaluation.resampling import check_same_rows
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.time.curves import censored_and_at_risk
from risicoscreener.evaluation.time.outcome import TimeToEvent

Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

EVENT, COMPETING = 1, 2
ROUNDING = 1e-13
"""Share of the weight below which nobody is left."""


@dataclass(frozen=True, eq=False)
class HorizonSample:
    """Predicted probabilities of an event by a horizon, and follow-up, in order of probability.

    Make one with `HorizonSample.of`. As with `Sample` a measure is a function
    ``measure(sample, weight) -> float`` of the sorted rows, so that a bootstrap replicate is the
    same function with another weight. Who was censored before the horizon has no known outcome;
    people like them who were followed longer count for them (`known_weight`).

    Attributes
    ----------
    probability
        ``(n,)``, in [0, 1]: predicted cumulative incidence of the event by the horizon.
    time
        ``(n,)``, days to the event or the end of follow-up.
    cause
        ``(n,)``: 0 censored, 1 the event, 2 a competing event of any kind.
    weight, cluster, order
        As of a `Sample`.
    horizon_days
        Up to and including this day.
    group
        ``(n,)`` codes of the groups within which censoring is estimated; None for all together.
    """

    probability: FloatArray
    time: FloatArray
    cause: Codes
    weight: FloatArray
    cluster: Codes | None
    order: Codes
    horizon_days: float
    group: Codes | None = None

    @classmethod
    def of(
        cls,
        probability: npt.ArrayLike,
        time: npt.ArrayLike,
        cause: npt.ArrayLike,
        *,
        horizon_days: float,
        event: int = 1,
        weight: npt.ArrayLike | None = None,
        cluster: npt.ArrayLike | None = None,
        censoring_by: npt.ArrayLike | None = None,
    ) -> HorizonSample:
        """Check and sort.

        Parameters
        ----------
        probability
            ``(n,)``, in [0, 1]: of the event within the horizon, before any competing event.
        time
            ``(n,)``, days to the first event or the end of complete follow-up; see `follow_up`.
        cause
            ``(n,)``: 0 for an end without event; otherwise which event came first, from 1.
        horizon_days
            Above 0.
        event
            The cause that was predicted; all other causes compete with it.
        weight, cluster
            As for `Sample.of`.
        censoring_by
            ``(n,)``, labels of groups (year of release, band of risk, prison) within which the
            end of follow-up has nothing to do with risk. By default it has nothing to do with it
            in all people together.

        Raises
        ------
        EvaluationError
            For a value that is missing or outside its range, or lengths that differ.
        """
        if not (math.isfinite(horizon_days) and horizon_days > 0):
            raise EvaluationError(f"horizon_days is {horizon_days!r}; expected a number above 0")
        if event < 1:
            raise EvaluationError(f"event is {event!r}; expected the number of a cause, from 1")
        known = TimeToEvent(time, cause)  # type: ignore[arg-type]  # it converts
        sample = Sample.of(probability, known.is_event(event), weight=weight, cluster=cluster)
        group = None
        if censoring_by is not None:
            group = Sample.of(probability, known.is_event(event), cluster=censoring_by).cluster
        code = np.where(known.is_event(event), EVENT, np.where(known.cause > 0, COMPETING, 0))
        return cls(
            sample.probability,
            sample.sorted(known.time),
            sample.sorted(code).astype(np.intp),
            sample.weight,
            sample.cluster,
            sample.order,
            float(horizon_days),
            group,
        )

    def __len__(self) -> int:
        return len(self.probability)

    @property
    def people(self) -> int:
        """How many rows have positive weight: those on whom figures rest."""
        return int((self.weight > 0).sum())

    @property
    def events(self) -> int:
        """How many rows of positive weight have the event by the horizon."""
        return int((self.weight[self.outcome == 1] > 0).sum())

    @property
    def n_clusters(self) -> int:
        """How many units were sampled."""
        return len(self) if self.cluster is None else int(self.cluster.max()) + 1

    @cached_property
    def ended(self) -> Mask:
        """``(n,)``: who had an event of any cause by the horizon."""
        return (self.cause > 0) & (self.time <= self.horizon_days)

    @cached_property
    def outcome(self) -> FloatArray:
        """``(n,)``: 1 for the event by the horizon; 0 says nothing of who is not `known`."""
        return (self.ended & (self.cause == EVENT)).astype(np.float64)

    @cached_property
    def event_free(self) -> FloatArray:
        """``(n,)``: 1 for who was followed up to the horizon without any event."""
        return (~self.ended & (self.time >= self.horizon_days)).astype(np.float64)

    @cached_property
    def known(self) -> Mask:
        """``(n,)``: of whom it is known what they were at the horizon."""
        return self.ended | (self.event_free == 1)

    @cached_property
    def tie_starts(self) -> Codes:
        """Where each run of equal probabilities starts, for ``np.add.reduceat``."""
        return np.flatnonzero(np.r_[True, np.diff(self.probability) > 0])

    def where(self, rows: npt.ArrayLike) -> HorizonSample:
        """The people of a boolean mask in sorted order; clusters keep their meaning."""
        mask = np.asarray(rows, dtype=bool)
        if mask.shape != self.probability.shape:
            raise EvaluationError(f"a mask of {mask.shape} for a sample of {len(self)} rows")
        if not mask.any():
            raise EvaluationError("the mask leaves nobody")
        return replace(
            self,
            probability=self.probability[mask],
            time=self.time[mask],
            cause=self.cause[mask],
            weight=self.weight[mask],
            order=self.order[mask],
            cluster=_recoded(self.cluster, mask),
            group=_recoded(self.group, mask),
        )

    def outcomes(self) -> TimeToEvent:
        """Time and cause of the rows in sorted order, with their weights."""
        return TimeToEvent(self.time, self.cause, self.weight, ("event", "competing"))

    # -- censoring ---------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> tuple[Codes, int, tuple[slice, ...]]:
        """Place in time of each row up to the horizon, places, and the places of each group."""
        times, day = np.unique(np.minimum(self.time, self.horizon_days), return_inverse=True)
        if self.group is None:
            return day.astype(np.intp), len(times), (slice(0, len(times)),)
        codes, at = np.unique(self.group * len(times) + day, return_inverse=True)
        ends = np.flatnonzero(np.diff(codes // len(times), append=-1)) + 1
        starts = np.concatenate([[0], ends[:-1]])
        parts = tuple(slice(int(a), int(b)) for a, b in zip(starts, ends, strict=True))
        return at.astype(np.intp), len(codes), parts

    def _lost(self, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weight of who is censored before the horizon, and at risk of it, at each place."""
        at, size, parts = self._places
        return censored_and_at_risk(at, weight, ~self.known, size, parts=parts)

    def followed(self, weight: FloatArray) -> FloatArray:
        """Probability ``(n,)`` of being followed at least as long as counts for each row.

        By Kaplan-Meier of the time until censoring, within each group: up to the event of who had
        one, and up to the horizon of others.
        """
        at, size, parts = self._places
        gone, at_risk = self._lost(weight)
        left = 1.0 - np.divide(gone, at_risk, out=np.zeros(size), where=gone > 0)
        before = [np.concatenate([[1.0], np.cumprod(left[part])[:-1]]) for part in parts]
        return np.concatenate(before)[at]

    def known_weight(self, weight: FloatArray) -> FloatArray:
        """Weights ``(n,)`` with which those who are known stand for all (IPCW).

        The weight of a row over its probability of being `followed`; 0 for who is not known. They
        add up to the weight of all people, and the share with the event is the incidence of
        `aalen_johansen`.

        References
        ----------
        Graf and others (1999), Statistics in Medicine 18:2529-2545; Gerds and Schumacher (2006),
        Biometrical Journal 48:1029-1040.
        """
        chance = self.followed(weight)
        counts = self.known & (chance > 0)
        return np.divide(weight, chance, out=np.zeros(len(self)), where=counts)

    def through_censoring(self, pull: FloatArray, weight: FloatArray) -> FloatArray:
        """How an estimate moves with the weight of each row because censoring is estimated.

        Parameters
        ----------
        pull
            ``(n,)``: the weight of `known_weight` times the derivative of the estimate to it.

        Returns
        -------
        ``(n,)``: the derivative to ``weight`` by way of `followed`. It is exact: the estimate as
        a function of weights is differentiated, ties included.
        """
        at, size, parts = self._places
        gone, at_risk = self._lost(weight)
        sums = np.bincount(at, pull, size)
        beyond = np.concatenate([np.cumsum(sums[p][::-1])[::-1] - sums[p] for p in parts])
        here = (gone > 0) & (at_risk - gone > ROUNDING * weight.sum())
        own = np.divide(beyond, at_risk - gone, out=np.zeros(size), where=here)
        passed = own * np.divide(gone, at_risk, out=np.zeros(size), where=here)
        upto = np.concatenate([np.cumsum(passed[p]) for p in parts])
        moved: FloatArray = np.where(self.known, passed[at], own[at]) - upto[at]
        return moved


def _recoded(codes: Codes | None, mask: Mask) -> Codes | None:
    if codes is None:
        return None
    return np.unique(codes[mask], return_inverse=True)[1].astype(np.intp)


def check_same_horizon(first: HorizonSample, second: HorizonSample) -> None:
    """Refuse two models with other horizons.

    Raises
    ------
    EvaluationError
        Naming both.
    """
    if first.horizon_days != second.horizon_days:
        raise EvaluationError(
            f"horizons are {first.horizon_days:g} and {second.horizon_days:g} days; expected one"
        )


def check_same_follow_up(first: HorizonSample, second: HorizonSample) -> None:
    """Refuse two models whose people were followed differently.

    Raises
    ------
    EvaluationError
        Naming what differs.
    """
    if (first.group is None) != (second.group is None):
        raise EvaluationError("only one of the samples has censoring_by; expected both or neither")
    for name in ("time", "cause", "group"):
        one, other = (getattr(sample, name) for sample in (first, second))
        if one is not None:
            check_same_rows(name, one[np.argsort(first.order)], other[np.argsort(second.order)])
