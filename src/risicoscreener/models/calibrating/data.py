"""What every fit of a calibration map starts from: checked, sorted predictors and outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import expit_many

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray


@dataclass(frozen=True)
class CalibrationData:
    """Linear predictors ``(n,)`` with outcome 0 or 1 and positive weight.

    Sorted by their content, so that a fit does not depend on the order of rows.
    """

    lp: FloatArray
    outcome: FloatArray
    weight: FloatArray

    @classmethod
    def of(
        cls, lp: npt.ArrayLike, outcome: npt.ArrayLike, weight: npt.ArrayLike | None = None
    ) -> CalibrationData:
        """Checked and sorted; rows of weight 0 are left out.

        Raises
        ------
        ModelError
            For unequal lengths, a predictor that is not finite, an outcome other than 0 or 1, a
            negative weight, or one class only.
        """
        lp, outcome, weight = checked(lp, outcome, weight)
        used = weight > 0
        lp, outcome, weight = lp[used], outcome[used], weight[used]
        if len(np.unique(outcome)) < 2:
            raise ModelError(
                "a calibration needs people with and without the outcome (of positive weight); "
                f"of these {len(outcome)} all or none have it."
            )
        order = np.lexsort((weight, outcome, lp))
        return cls(lp[order], outcome[order], weight[order])

    @property
    def probability(self) -> FloatArray:
        """Probability of each linear predictor before calibration."""
        return expit_many(self.lp)

    @property
    def fewest(self) -> float:
        """Weight of the rarer of the two outcomes: the number of events that a fit rests on."""
        events = float(self.weight @ self.outcome)
        return min(events, float(self.weight.sum()) - events)


def checked(
    lp: npt.ArrayLike, outcome: npt.ArrayLike, weight: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The three as float64 arrays ``(n,)``, in the order given.

    Raises
    ------
    ModelError
        As `CalibrationData.of`, but for one class only.
    """
    lp = np.asarray(lp, np.float64)
    outcome = np.asarray(outcome, np.float64)
    weight = np.ones(lp.shape) if weight is None else np.asarray(weight, np.float64)
    if lp.ndim != 1 or outcome.shape != lp.shape or weight.shape != lp.shape:
        raise ModelError(
            f"lp, outcome and weight have shapes {lp.shape}, {outcome.shape} and {weight.shape}; "
            "one number of each per person was expected."
        )
    if not np.isfinite(lp).all():
        raise ModelError(
            f"{int((~np.isfinite(lp)).sum())} of {len(lp)} linear predictors are NaN or infinite; "
            "give log odds of rows that a fit has scored without having seen them."
        )
    if not np.isin(outcome, (0.0, 1.0)).all():
        raise ModelError("the outcome must be 0 or 1 for each person.")
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise ModelError("weights must be finite numbers of at least 0.")
    return lp, outcome, weight


@dataclass(frozen=True)
class Tied:
    """Distinct probabilities in ascending order, with weight and events at each."""

    probability: FloatArray
    weight: FloatArray
    events: FloatArray

    @classmethod
    def of(cls, data: CalibrationData, closest: float = 0.0) -> Tied:
        """Group equal probabilities, and those no more than ``closest`` above the one before."""
        p = data.probability
        starts = np.flatnonzero(np.diff(p, prepend=-np.inf) > closest)
        weight = np.add.reduceat(data.weight, starts)
        events = np.add.reduceat(data.weight * data.outcome, starts)
        if closest == 0.0:
            return cls(p[starts], weight, events)
        return cls(np.add.reduceat(data.weight * p, starts) / weight, weight, events)
