"""Kaplan-Meier and Aalen-Johansen: survival and cumulative incidence without features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.errors import OutcomeError
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.time.outcome import TimeToEvent, as_time_to_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from risicoscreener.evaluation.estimate import FloatArray


@dataclass(frozen=True)
class IncidenceCurves:
    """Survival and cumulative incidence per cause, as step functions of time.

    Attributes
    ----------
    times
        ``(T,)``, ascending: days on which something happened. Values hold from that day on.
    at_risk
        ``(T,)``, weight of the people still followed just before.
    survival, survival_error
        ``(T,)``: probability of no event of any cause, and its standard error.
    incidence, incidence_error
        ``(causes, T)``: probability of an event of a cause by then, before another.
    """

    times: FloatArray
    at_risk: FloatArray
    survival: FloatArray
    survival_error: FloatArray
    incidence: FloatArray
    incidence_error: FloatArray

    def survival_at(self, horizons: npt.ArrayLike) -> FloatArray:
        """Survival at each horizon, in days."""
        return self._at(self.survival, horizons, 1.0)

    def incidence_at(self, horizons: npt.ArrayLike, cause: int = 1) -> FloatArray:
        """Cumulative incidence of a cause at each horizon, in days."""
        return self._at(self._of(self.incidence, cause), horizons, 0.0)

    def incidence_interval(
        self, horizon_days: float, cause: int = 1, level: float = 0.95
    ) -> tuple[float, float]:
        """Interval of a cumulative incidence, symmetric on the scale of ``log(-log(1 - F))``.

        It stays between 0 and 1, and covers better than a symmetric one (Kalbfleisch and
        Prentice 2002). (0, 0) and (1, 1) where the estimate is 0 or 1; for no events at all see
        `base_rate`.
        """
        estimate = float(self.incidence_at([horizon_days], cause)[0])
        if not 0.0 < estimate < 1.0:
            return estimate, estimate
        error = float(self._at(self._of(self.incidence_error, cause), [horizon_days], 0.0)[0])
        scaled = error / ((1.0 - estimate) * -np.log1p(-estimate))
        half = quantile(level) * scaled
        ends = -np.expm1(np.log1p(-estimate) * np.exp([-half, half]))
        return float(ends[0]), float(ends[1])

    def _of(self, values: FloatArray, cause: int) -> FloatArray:
        if not 1 <= cause <= len(values):
            raise OutcomeError(f"cause is {cause!r}; expected a number from 1 to {len(values)}.")
        row: FloatArray = values[cause - 1]
        return row

    def _at(self, values: FloatArray, horizons: npt.ArrayLike, first: float) -> FloatArray:
        asked = np.asarray(horizons, dtype=np.float64)
        if np.isnan(asked).any():
            raise OutcomeError("a horizon is missing; expected a number of days.")
        if len(self.times) and asked.size and asked.max() > self.times[-1]:
            raise OutcomeError(
                f"a horizon of {asked.max():g} days was asked; follow-up ends at "
                f"{self.times[-1]:g} days."
            )
        padded = np.concatenate([[first], values])
        return padded[np.searchsorted(self.times, asked, side="right")]


def aalen_johansen(y: Any, sample_weight: Any = None) -> IncidenceCurves:
    """Cumulative incidence of each cause under the others (Aalen and Johansen 1978).

    To treat competing events as censored and take one minus Kaplan-Meier instead gives the
    incidence in a world where nobody dies or is deported, which is too high.

    Parameters
    ----------
    y
        As `as_time_to_event` takes it.
    sample_weight
        ``(n,)``, numbers of people: the standard errors take them so.

    Notes
    -----
    Standard errors are those of the delta method (Greenwood for survival; Marubini and Valsecchi
    1995, chapter 10), as in `survival::survfit` of R.
    """
    outcome = as_time_to_event(y, sample_weight)
    used = outcome.weight > 0
    outcome = outcome[used]
    times, at = np.unique(outcome.time, return_inverse=True)
    total = counted(at, outcome.weight, len(times))
    at_risk: FloatArray = np.cumsum(total[::-1])[::-1]
    events = np.array(
        [
            counted(at, outcome.weight * outcome.is_event(k), len(times))
            for k in range(1, len(outcome.names) + 1)
        ]
    ).reshape(len(outcome.names), len(times))
    every = events.sum(axis=0)
    survival = np.cumprod(1.0 - every / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    incidence = np.cumsum(before * events / at_risk, axis=1)
    left = at_risk - every
    greenwood = np.divide(every, at_risk * left, out=np.zeros_like(left), where=left > 1e-12)
    survival_error = survival * np.sqrt(np.cumsum(greenwood))
    errors = [
        _incidence_error(curve, before, at_risk, d, greenwood)
        for curve, d in zip(incidence, events, strict=True)
    ]
    return IncidenceCurves(
        times, at_risk, survival, survival_error, incidence, np.array(errors).reshape(events.shape)
    )


def counted(position: npt.NDArray[np.intp], weight: FloatArray, size: int) -> FloatArray:
    """Sum of the weights at each position, as floats also where there are none."""
    return np.bincount(position, weight, size).astype(np.float64)


def _incidence_error(
    curve: FloatArray, before: FloatArray, at_risk: FloatArray, d: FloatArray, greenwood: FloatArray
) -> FloatArray:
    """Standard error of one cumulative incidence by the delta method, at each time.

    ``sum (F - F_j)**2 g_j + S_j**2 d_j (n_j - d_j) / n_j**3 - 2 (F - F_j) S_j d_j / n_j**2``,
    with the squares written out, so that running sums give all times at once.
    """
    own = before**2 * d * (at_risk - d) / at_risk**3
    cross = before * d / at_risk**2
    variance = (
        curve**2 * np.cumsum(greenwood)
        - 2.0 * curve * np.cumsum(curve * greenwood)
        + np.cumsum(curve**2 * greenwood)
        + np.cumsum(own)
        - 2.0 * (curve * np.cumsum(cross) - np.cumsum(curve * cross))
    )
    return np.sqrt(np.maximum(variance, 0.0))


def kaplan_meier(y: Any, sample_weight: Any = None) -> IncidenceCurves:
    """Survival free of the event, with competing events as if they were censored.

    Meaningful for one cause; with competing events see `aalen_johansen`.
    """
    outcome = as_time_to_event(y, sample_weight)
    alone = TimeToEvent(
        outcome.time, np.where(outcome.is_event(), 1, 0), outcome.weight, outcome.names[:1]
    )
    return aalen_johansen(alone)


@dataclass(frozen=True)
class CensoringCurve:
    """Kaplan-Meier of the time until censoring: the probability to be still followed."""

    times: FloatArray
    values: FloatArray

    @classmethod
    def fit(cls, outcome: TimeToEvent, *, events_first: bool = True) -> CensoringCurve:
        """From an outcome, with its ends without event as the event.

        Parameters
        ----------
        events_first
            On one day who has an event is no longer at risk of being censored. So weighted
            outcomes have the mean of `aalen_johansen`. False counts both at risk, as
            `cmprsk::crr` of R does.
        """
        used = outcome[outcome.weight > 0]
        times, at = np.unique(used.time, return_inverse=True)
        censored, at_risk = censored_and_at_risk(
            at, used.weight, used.cause == 0, len(times), events_first=events_first
        )
        left = np.divide(censored, at_risk, out=np.zeros_like(at_risk), where=censored > 0)
        return cls(times, np.asarray(np.cumprod(1.0 - left), dtype=np.float64))

    def before(self, times: FloatArray) -> FloatArray:
        """Probability to be followed up to just before each time."""
        padded = np.concatenate([[1.0], self.values])
        return padded[np.searchsorted(self.times, times, side="left")]


def censored_and_at_risk(
    position: npt.NDArray[np.intp],
    weight: FloatArray,
    censored: npt.NDArray[np.bool_],
    size: int,
    *,
    events_first: bool = True,
    parts: Sequence[slice] = (slice(None),),
) -> tuple[FloatArray, FloatArray]:
    """Weight of who is censored at each time, and of who was at risk of it, ``(size,)`` each.

    Parameters
    ----------
    position
        ``(n,)``: the place of each time among the ``size`` different times.
    events_first
        As for `CensoringCurve.fit`.
    parts
        Places that belong together: who is in another part is not at risk.
    """
    total = counted(position, weight, size)
    gone = counted(position, weight * censored, size)
    at_risk = np.concatenate([np.cumsum(total[part][::-1])[::-1] for part in parts])
    return gone, at_risk - (total - gone) * events_first
