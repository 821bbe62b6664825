"""Outcomes that are not registered yet: follow-up that is too short for the register.

A case becomes known when it is disposed of, months or years after it happened. Who reads a
register two years after release misses the cases of which that still has to come, most of all
those late in the two years.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import quantile, sampled_error, units_of
from risicoscreener.evaluation.sample import Sample, as_numbers

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Distribution = Callable[[FloatArray], FloatArray]
"""``distribution(days)``: part that is known within so many days, 0 to 1, not falling."""

POINTS = 512
"""Moments within the horizon at which the lag is looked up."""
PIECE = 2000
ROUNDING = 1e-9
LEAST_SHARE = 0.2
"""People of whom less than this part of the outcomes can be known by now are left out."""


def lag_from_sample(lags: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Distribution:
    """The distribution of observed lags in days.

    Give lags of cases that are long past: of recent ones only the short lags are known, which
    makes the distribution too quick.

    Raises
    ------
    EvaluationError
        If there are none, or one is missing or negative; or for weights that are.
    """
    days = as_numbers(lags, "lags")
    if days.ndim != 1 or not len(days):
        raise EvaluationError(f"lags have shape {days.shape}; expected (n,) with n of 1 or more")
    wrong = ~(days >= 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise EvaluationError(f"lags[{row}] is {days[row]:g}; expected 0 days or more")
    w = np.ones(len(days)) if weight is None else as_numbers(weight, "weight")
    if w.shape != days.shape or not (np.isfinite(w) & (w >= 0)).all() or not w.sum() > 0:
        raise EvaluationError("weight must be a number of 0 or more for each lag, and not all 0")
    order = np.argsort(days, kind="stable")
    known = np.r_[0.0, np.cumsum(w[order])] / w.sum()
    ascending = days[order]

    def distribution(x: FloatArray) -> FloatArray:
        return known[np.searchsorted(ascending, x, side="right")]

    return distribution


def share_registered(
    follow_up_days: npt.ArrayLike,
    horizon_days: float,
    lag: Distribution,
    *,
    happening: Distribution | None = None,
) -> FloatArray:
    """Part of the outcomes within the horizon that a register can show by now.

    Parameters
    ----------
    follow_up_days
        ``(n,)`` from the start (release) to the day on which the register was read.
    horizon_days
        Within which the outcome counts.
    lag
        Distribution of the days from a case to its registration.
    happening
        Distribution of the days from the start to the first case, among those within the
        horizon; evenly spread without it. Cases that come early have more time to be registered.

    Returns
    -------
    ndarray of shape (n,)
        ``sum over moments t of P(case at t) * lag(follow-up - t)``.
    """
    days = as_numbers(follow_up_days, "follow_up_days")
    if days.ndim != 1 or not np.isfinite(days).all():
        raise EvaluationError("follow_up_days holds missing values or is not (n,)")
    if not (math.isfinite(horizon_days) and horizon_days > 0):
        raise EvaluationError(f"horizon_days is {horizon_days!r}; expected above 0")
    edges = np.linspace(0.0, horizon_days, POINTS + 1)
    middle = (edges[:-1] + edges[1:]) / 2
    reached = edges / horizon_days if happening is None else happening(edges)
    mass = np.diff(np.asarray(reached, dtype=np.float64))
    if (mass < 0).any() or not mass.sum() > 0:
        raise EvaluationError("happening must not fall, and must rise within the horizon")
    mass = mass / mass.sum()
    distinct, place = np.unique(days, return_inverse=True)
    known = [_known(part, middle, lag) @ mass for part in _pieces(distinct)]
    found = np.concatenate(known)[place]
    return np.where((found > 1.0) & (found < 1.0 + ROUNDING), 1.0, found)


def _pieces(values: FloatArray) -> list[FloatArray]:
    return np.array_split(values, len(values) // PIECE + 1)


def _known(follow_up: FloatArray, at: FloatArray, lag: Distribution) -> FloatArray:
    """Part registered of what happened at some moments, by length of follow-up."""
    waited = follow_up[:, None] - at[None, :]
    return np.where(waited >= 0, lag(np.maximum(waited, 0.0)), 0.0)


@dataclass(frozen=True)
class Registration:
    """Expected over observed with and without what is not registered yet.

    Attributes
    ----------
    estimates
        ``expected_observed`` as the register shows it, ``expected_observed_registered`` corrected,
        and ``registered_share``: the mean part of the outcomes that can be known by now.
    used, left_out
        People with enough follow-up, and the others, who are in neither figure.
    least_share
        What enough is.
    """

    estimates: Estimates
    used: int
    left_out: int
    least_share: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "estimates": self.estimates.to_dict(),
            "used": self.used,
            "left_out": self.left_out,
            "least_share": self.least_share,
        }

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure."""
        return self.estimates.to_frame(lang)

    def _repr_html_(self) -> str:
        return self.estimates._repr_html_()


def corrected_for_registration(
    sample: Sample,
    share: npt.ArrayLike,
    *,
    least_share: float = LEAST_SHARE,
    level: float = 0.95,
) -> Registration:
    """Expected over observed with each registered outcome weighted by 1 over its share.

    It is right if the lag does not depend on who someone is or on their risk, and is known: its
    own uncertainty is not in the interval.

    Parameters
    ----------
    sample
        Probabilities of a registered outcome within the horizon, and what the register shows.
    share
        ``(n,)`` from `share_registered`, in the order in which people were given.
    least_share
        Who has less is left out: of them next to nothing can be known.
    level
        Of the intervals, normal on the log scale.

    Raises
    ------
    EvaluationError
        If a share is not between 0 and 1, or nobody has enough follow-up.

    References
    ----------
    Lawless (1994), Canadian Journal of Statistics 22:15-31; Brookmeyer and Gail (1994), AIDS
    Epidemiology, on reporting delays.
    """
    given = as_numbers(share, "share")
    if given.shape != (len(sample),):
        raise EvaluationError(f"share has shape {given.shape}; expected ({len(sample)},)")
    wrong = ~((given >= 0) & (given <= 1))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise EvaluationError(f"share[{row}] is {given[row]:g}; expected between 0 and 1")
    known = sample.sorted(given)
    enough = (known >= least_share) & (known > 0)
    if not enough.any():
        raise EvaluationError(
            f"of nobody {least_share:.0%} of the outcomes can be known by now; read the register "
            "later or take an earlier horizon"
        )
    part, seen = sample.where(enough), known[enough]
    mean = float(part.weight @ seen / part.weight.sum())
    estimates = Estimates(
        (
            _over("expected_observed", part, np.ones(len(part)), level),
            _over("expected_observed_registered", part, 1.0 / seen, level),
            Estimate("registered_share", mean, level=level, n=part.people, events=part.events),
        )
    )
    return Registration(estimates, len(part), int((~enough).sum()), least_share)


def _over(name: str, sample: Sample, inverse: FloatArray, level: float) -> Estimate:
    w, y = sample.weight, sample.outcome * inverse
    expected, observed = float(w @ sample.probability), float(w @ y)
    common: dict[str, Any] = {"level": level, "n": sample.people, "events": sample.events}
    if not (observed > 0 and expected > 0):
        return Estimate(name, math.nan, problem="few_events", **common)
    over = expected / observed
    gap = w * (y / observed - sample.probability / expected)
    reach = quantile(level, units_of(sample)) * sampled_error(sample, gap)
    method = "normal" if sample.cluster is None else "clustered"
    if not math.isfinite(reach):
        problem = "no_spread" if sample.cluster is None else "few_clusters"
        return Estimate(name, over, problem=problem, **common)
    low, high = over * math.exp(-reach), over * math.exp(reach)
    return Estimate(name, over, low, high, method=method, **common)
