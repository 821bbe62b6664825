"""Cox's partial likelihood, weighted, for one cause or for a subdistribution.

`statsmodels.PHReg` knows neither weights nor a penalty, and no core dependency knows Fine and
Gray's model; both need the same sums over sets at risk, which have one definition here.

With ``r_i = w_i exp(lp_i)`` the set at risk at event time ``t`` weighs

    S0(t) = sum of r_i over those followed up to t
          + G(t-) * sum of r_i / G(T_i-) over those with a competing event before t

where the second line is for a subdistribution alone (Fine and Gray 1999): who had a competing
event stays at risk, with the probability ``G`` of being still followed. Sums up to and from a
time are running sums over the distinct event times, so the cost is that of the design matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from risicoscreener.evaluation.time.curves import CensoringCurve, counted

if TYPE_CHECKING:
    from risicoscreener.evaluation.time.outcome import TimeToEvent
    from risicoscreener.models.piecewise import FloatArray

Ties = Literal["breslow", "efron"]


@dataclass(frozen=True)
class RiskSets:
    """Who is at risk at which event time, and how much weight each event carries.

    Attributes
    ----------
    times
        ``(E,)``, distinct event times with weight, ascending.
    reached
        ``(n,)``: number of event times up to the end of follow-up of each row.
    event
        ``(n,)``: whether the row has the event.
    step_time, step_share, step_weight
        ``(S,)``: steps of the cumulative hazard: the position of its time, the share of those
        with an event at that time that is no longer at risk (0 but for Efron's ties), and its
        weight.
    later, followed
        For a subdistribution ``1 / G(T_i-)`` of those with a competing event (else 0), ``(n,)``,
        and ``G(t-)`` at each event time, ``(E,)``; None for one cause.
    """

    times: FloatArray
    reached: npt.NDArray[np.intp]
    event: npt.NDArray[np.bool_]
    step_time: npt.NDArray[np.intp]
    step_share: FloatArray
    step_weight: FloatArray
    later: FloatArray | None = None
    followed: FloatArray | None = None

    @classmethod
    def of(
        cls, outcome: TimeToEvent, cause: int, ties: Ties, *, subdistribution: bool = False
    ) -> RiskSets:
        """Sets at risk of one cause.

        Parameters
        ----------
        subdistribution
            Keep those with a competing event at risk.
        """
        event = outcome.is_event(cause) & (outcome.weight > 0)
        times = np.unique(outcome.time[event])
        reached = np.searchsorted(times, outcome.time, side="right")
        at = reached[event] - 1
        weight = counted(at, outcome.weight[event], len(times))
        count = np.bincount(at, minlength=len(times)) if ties == "efron" else np.ones(len(times))
        steps = _steps(count.astype(np.intp), weight)
        sets = cls(times, reached, event, *steps)
        if not subdistribution:
            return sets
        censoring = CensoringCurve.fit(outcome, events_first=False)
        competing = (outcome.cause != 0) & (outcome.cause != cause)
        later = np.zeros(len(outcome))
        later[competing] = 1.0 / censoring.before(outcome.time[competing])
        return replace(sets, later=later, followed=censoring.before(times))


def _steps(
    count: npt.NDArray[np.intp], weight: FloatArray
) -> tuple[npt.NDArray[np.intp], FloatArray, FloatArray]:
    """The steps of each time; in each the same share of its events leaves the set at risk."""
    time = np.repeat(np.arange(len(count)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    share = (np.arange(len(time)) - first) / count[time]
    return time, share, (weight / np.maximum(count, 1))[time]


@dataclass(frozen=True)
class PartialLikelihood:
    """Minus the log partial likelihood of the coefficients of a design matrix ``(n, P)``.

    The methods are those that `fit_penalised` needs; there is no intercept.
    """

    design: FloatArray
    weight: FloatArray
    sets: RiskSets

    # -- sums over sets at risk ----------------------------------------------------------------

    @cached_property
    def _by_reached(self) -> csr_array:
        """Adds rows up by the number of event times that they reached, ``(E + 1, n)``."""
        return _adder(self.sets.reached, len(self.sets.times) + 1)

    @cached_property
    def _by_event(self) -> csr_array:
        """Adds the rows with an event up by its time, ``(E, n)``."""
        rows = np.flatnonzero(self.sets.event)
        at = self.sets.reached[rows] - 1
        shape = (len(self.sets.times), len(self.sets.event))
        return csr_array((np.ones(len(rows)), (at, rows)), shape=shape)

    def _at_risk(self, values: FloatArray) -> FloatArray:
        """Sum of values ``(n,)`` or ``(n, P)`` over each set at risk, one row per step."""
        sets = self.sets
        grouped = self._by_reached @ values
        total = np.cumsum(grouped[::-1], axis=0)[::-1][1:]
        if sets.later is not None and sets.followed is not None:
            kept = np.cumsum(self._by_reached @ (values.T * sets.later).T, axis=0)[:-1]
            total = total + (kept.T * sets.followed).T
        found: FloatArray = total[sets.step_time]
        if sets.step_share.any():
            gone = (self._by_event @ values)[sets.step_time]
            found = found - (gone.T * sets.step_share).T
        return found

    def _exposure(self, hazard: FloatArray) -> FloatArray:
        """Per row the sum of a hazard per step ``(S,)`` over the steps at which it is at risk."""
        sets = self.sets
        at_time = counted(sets.step_time, hazard, len(sets.times))
        running = np.concatenate([[0.0], np.cumsum(at_time)])
        exposure = running[sets.reached]
        if sets.step_share.any():
            gone = counted(sets.step_time, hazard * sets.step_share, len(sets.times))
            exposure = exposure - self._by_event.T @ gone
        if sets.later is not None and sets.followed is not None:
            kept = np.concatenate([[0.0], np.cumsum(at_time * sets.followed)])
            exposure = exposure + sets.later * (kept[-1] - kept[sets.reached])
        return exposure

    # -- what fit_penalised asks ---------------------------------------------------------------

    def deviance(self, coefficients: FloatArray) -> float:
        """Minus the log partial likelihood."""
        lp = self.design @ coefficients
        top = lp.max(initial=0.0)
        risk = self._at_risk(self.weight * np.exp(lp - top))
        chosen = self.sets.event
        gained = self.weight[chosen] @ lp[chosen]
        return float(self.sets.step_weight @ (np.log(risk) + top) - gained)

    def expansion(self, coefficients: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient ``(P,)`` and Hessian ``(P, P)``."""
        lp = self.design @ coefficients
        risk = self.weight * np.exp(lp - lp.max(initial=0.0))
        total = self._at_risk(risk)
        mean = (self._at_risk(self.design * risk[:, None]).T / total).T
        chosen = self.sets.event
        gradient = self.sets.step_weight @ mean - self.weight[chosen] @ self.design[chosen]
        spread = risk * self._exposure(self.sets.step_weight / total)
        rooted = self.design * np.sqrt(np.maximum(spread, 0.0))[:, None]
        means = mean * np.sqrt(self.sets.step_weight)[:, None]
        return gradient, rooted.T @ rooted - means.T @ means

    # -- baseline ------------------------------------------------------------------------------

    def baseline(self, coefficients: FloatArray) -> Baseline:
        """Breslow's (for Efron's ties: Efron's) cumulative hazard where the predictor is 0."""
        risk = self.weight * np.exp(self.design @ coefficients)
        total = self._at_risk(risk)
        mean = (self._at_risk(self.design * risk[:, None]).T / total).T
        hazard = self.sets.step_weight / total
        size = len(self.sets.times)
        increments = counted(self.sets.step_time, hazard, size)
        variance = counted(self.sets.step_time, hazard / total, size)
        adder = _adder(self.sets.step_time, size)
        return Baseline(self.sets.times, increments, variance, adder @ (mean * hazard[:, None]))


@dataclass(frozen=True)
class Baseline:
    """A baseline hazard in steps, with what its covariance with the coefficients needs.

    Attributes
    ----------
    times, increments
        ``(E,)``, event times and the jumps of the cumulative hazard.
    variance
        ``(E,)``, of each jump for known coefficients.
    slope
        ``(E, P)``: minus the derivative of each jump to the coefficients.
    """

    times: FloatArray
    increments: FloatArray
    variance: FloatArray
    slope: FloatArray

    def steps_until(self, horizon_days: float) -> int:
        """Number of jumps up to a horizon, that day included."""
        return int(np.searchsorted(self.times, horizon_days, side="right"))

    def cumulative(self, horizons: FloatArray) -> FloatArray:
        """Cumulative hazard at each horizon."""
        running = np.concatenate([[0.0], np.cumsum(self.increments)])
        return running[np.searchsorted(self.times, horizons, side="right")]

    def root_of_covariance(self, horizon_days: float, factor: FloatArray) -> FloatArray:
        """A matrix ``R`` with ``R @ R.T`` the covariance of log hazard and coefficients.

        Parameters
        ----------
        factor
            ``(P, P)``, ``factor @ factor.T`` the covariance of the coefficients.

        Returns
        -------
        ``(P + 1, P + 1)``: row 0 is the logarithm of the cumulative hazard at the horizon, the
        other rows are the coefficients (Tsiatis 1981).
        """
        steps = self.steps_until(horizon_days)
        reached = self.increments[:steps].sum()
        root = np.zeros((len(factor) + 1, len(factor) + 1))
        root[0, 0] = np.sqrt(self.variance[:steps].sum()) / reached
        root[0, 1:] = -(self.slope[:steps].sum(axis=0) / reached) @ factor
        root[1:, 1:] = factor
        return root


def _adder(group: npt.NDArray[np.intp], count: int) -> csr_array:
    """A matrix ``(count, n)`` that adds rows up by group."""
    return csr_array(
        (np.ones(len(group)), (group, np.arange(len(group)))), shape=(count, len(group))
    )
