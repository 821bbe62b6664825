"""Outcomes that come in late, used as they come in: person-months instead of a wait of years."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import as_numbers
from risicoscreener.evaluation.selection.registration import Distribution, lag_from_sample
from risicoscreener.evaluation.sequential.bets import STEPS, bets_of, checked_outcomes, shifted

FloatArray = npt.NDArray[np.float64]


def chance_in_period(
    probability: npt.ArrayLike, share_before: npt.ArrayLike, share_after: npt.ArrayLike
) -> FloatArray:
    """Chance that an outcome is registered in a period, of who had none before it, ``(n,)``.

    With a part ``F`` of the outcomes known at the start of the period and ``G`` at its end, it is
    ``p (G - F) / (1 - p F)``. The outcomes of successive periods are then bets of their own, of
    which the expectation is right if the probability and the timing are; nobody has to be followed
    for the whole horizon first.

    Parameters
    ----------
    probability
        Predicted, of a registered outcome within the horizon, in [0, 1].
    share_before, share_after
        Part of the outcomes within the horizon that is registered by the start and by the end of
        the period (`registration.share_registered`, or a curve of a reference), in [0, 1].

    Raises
    ------
    EvaluationError
        If a value is outside its range, or the part falls.
    """
    p = as_numbers(probability, "probability")
    before, after = as_numbers(share_before, "share_before"), as_numbers(share_after, "share_after")
    if not p.shape == before.shape == after.shape:
        raise EvaluationError(
            f"shapes are {p.shape}, {before.shape} and {after.shape}; expected one"
        )
    for name, values in (("probability", p), ("share_before", before), ("share_after", after)):
        if not ((values >= 0) & (values <= 1)).all():
            raise EvaluationError(f"{name} holds something outside 0 to 1")
    if (after < before).any():
        raise EvaluationError("share_after is below share_before; expected a part that rises")
    left = 1 - p * before
    return np.divide(p * (after - before), left, out=np.zeros(p.shape), where=left > 0)


def registered_factors(
    probability: npt.ArrayLike,
    outcome: npt.ArrayLike,
    share_before: npt.ArrayLike,
    share_after: npt.ArrayLike,
    *,
    edge: float = 0.0,
    steps: tuple[float, ...] = STEPS,
    cohort: npt.ArrayLike | None = None,
    cohorts: int = 1,
) -> FloatArray:
    """Bets on calibration in the large, from the outcomes that came in during a period.

    As `calibration_factors`, of which ``edge`` and ``steps`` are log odds of the outcome within the
    whole horizon; each is turned into the chance of the period.

    Parameters
    ----------
    probability, share_before, share_after
        As of `chance_in_period`, of people without an outcome before the period.
    outcome
        ``(n,)``: 1 if it was registered in the period, else 0.
    cohort, cohorts
        ``(n,)`` whole numbers from 0: the period in which each was predicted; and how many there
        are.

    Returns
    -------
    ndarray of shape (bets,), or (cohorts, bets) if cohorts are given.

    Raises
    ------
    EvaluationError
        If lengths differ or a value is outside its range.
    """
    p, y = checked_outcomes(probability, outcome)
    bets = bets_of(edge, steps)

    codes = np.zeros(len(p), np.intp) if cohort is None else np.asarray(cohort, np.intp)

    def log_likelihood(shift: float) -> FloatArray:
        chance = chance_in_period(shifted(p, shift), share_before, share_after)
        with np.errstate(divide="ignore"):
            each = np.where(y == 1, np.log(chance), np.log1p(-chance))
        total: FloatArray = np.bincount(codes, each, minlength=cohorts).astype(np.float64)
        return total

    if ((y == 1) & (chance_in_period(p, share_before, share_after) == 0)).any():
        raise EvaluationError("an outcome came in when none could; expected a chance above 0")
    at_edge = {side: log_likelihood(side * edge) for side in (1, -1)}
    found = np.array([log_likelihood(bet) - at_edge[1 if bet > 0 else -1] for bet in bets]).T
    return found if cohort is not None else found[0]


@dataclass(frozen=True, eq=False)
class TimingCurve:
    """Part of the outcomes that is registered by so many days after the start of follow-up.

    Attributes
    ----------
    days, shares
        ``(k,)``: ascending days, and parts that do not fall, up to 1; straight in between.
    """

    days: FloatArray
    shares: FloatArray

    def __post_init__(self) -> None:
        days, shares = self.days, self.shares
        if days.ndim != 1 or days.shape != shares.shape or not len(days):
            raise EvaluationError("a timing curve needs as many days as shares, 1 or more")
        ordered = (np.diff(days) > 0).all() and (np.diff(shares) >= 0).all()
        if not (ordered and days[0] >= 0 and shares[0] >= 0 and math.isclose(shares[-1], 1.0)):
            raise EvaluationError(
                "a timing curve needs days that rise from 0 or more, and shares that do not fall "
                "and end at 1"
            )

    def __call__(self, days: npt.ArrayLike) -> FloatArray:
        """Part that is registered by so many days."""
        found: FloatArray = np.interp(
            as_numbers(days, "days"), np.r_[0.0, self.days + 1e-9], np.r_[0.0, self.shares]
        )
        return found

    @classmethod
    def of(cls, days: npt.ArrayLike, knots: int = 48) -> TimingCurve:
        """From days until registration of outcomes that are long past.

        Raises
        ------
        EvaluationError
            If there are none, or one is missing or negative.
        """
        known: Distribution = lag_from_sample(days)
        values = np.sort(as_numbers(days, "days"))
        at = np.unique(np.quantile(values, np.linspace(0, 1, knots + 1)[1:], method="higher"))
        shares = known(at)
        shares[-1] = 1.0
        return cls(at, shares)
