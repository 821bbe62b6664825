"""What other people of the same kind would have made of the same procedure (Riley and Collins)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration import calibration_curve
from risicoscreener.evaluation.designs.people import (
    Codes,
    FloatArray,
    People,
    each,
    probabilities,
)
from risicoscreener.evaluation.estimate import Curve
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.sample import Sample

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Instability:
    """How far the prediction for each person depends on who happened to be in the sample.

    Attributes
    ----------
    original
        ``(m,)`` probabilities of the model of all people.
    resampled
        ``(B, m)`` probabilities of the models of bootstrap samples.
    outcome
        ``(m,)`` of the same people, 0 or 1; None if they are not known.
    """

    original: FloatArray
    resampled: FloatArray
    outcome: FloatArray | None = None

    def __repr__(self) -> str:
        moved = self.mean_absolute_prediction_error
        return (
            f"Instability({len(self.original):,} people, predictions move {moved:.4f} on average)"
        )

    @property
    def person_error(self) -> FloatArray:
        """Per person the mean absolute distance to the original prediction, ``(m,)``."""
        found: FloatArray = np.abs(self.resampled - self.original).mean(axis=0)
        return found

    @property
    def mean_absolute_prediction_error(self) -> float:
        """The mean of `person_error`: the instability index of Riley and Collins."""
        return float(self.person_error.mean())

    def interval(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Per person the quantiles of the resampled predictions, each ``(m,)``."""
        quantile(level)  # refuses what is no level
        tail = (1.0 - level) / 2.0
        low, high = np.quantile(self.resampled, [tail, 1.0 - tail], axis=0)
        return low, high

    def crossing(self, threshold: float) -> FloatArray:
        """Per person the share of resamples on the other side of a threshold, ``(m,)``."""
        side = self.original >= threshold
        found: FloatArray = ((self.resampled >= threshold) != side).mean(axis=0)
        return found

    def calibration_curves(self) -> tuple[Curve, tuple[Curve, ...]]:
        """The calibration curve of the model, and of each resampled model, in the same people.

        That of the model itself is apparent: in the people it was fitted on.

        Raises
        ------
        EvaluationError
            If the outcomes of the people are not known.
        """
        if self.outcome is None:
            raise EvaluationError("outcomes of these people are not known; give those fitted on")
        original = calibration_curve(Sample.of(self.original, self.outcome))
        others = (calibration_curve(Sample.of(p, self.outcome)) for p in self.resampled)
        return original, tuple(others)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row per person: original, lower, upper, error."""
        import pandas as pd

        low, high = self.interval(level)
        return pd.DataFrame(
            {"original": self.original, "lower": low, "upper": high, "error": self.person_error}
        )

    def to_dict(self) -> dict[str, Any]:
        """The index, and how far people's predictions move; nothing of single people."""
        error = np.quantile(self.person_error, [0.5, 0.9, 1.0])
        return {
            "people": len(self.original),
            "resamples": len(self.resampled),
            "mean_absolute_prediction_error": self.mean_absolute_prediction_error,
            **dict(
                zip(("median_error", "p90_error", "largest_error"), error.tolist(), strict=True)
            ),
        }

    def _repr_html_(self) -> str:
        import pandas as pd

        return pd.Series(self.to_dict()).to_frame("").to_html(float_format="{:.4f}".format)


def instability(
    estimator: Any,
    X: Any,  # noqa: N803
    y: npt.ArrayLike,
    *,
    people: Any = None,
    resamples: int = 200,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    seed: int = 0,
    jobs: int = 1,
) -> Instability:
    """Predictions by models of bootstrap samples (Riley and Collins 2023, Biometrical Journal).

    Parameters
    ----------
    estimator
        The whole procedure: what it chooses in `fit` is chosen anew in each sample.
    X, y
        ``(n, F)``, a matrix or a frame, and ``(n,)``, 0 or 1.
    people
        ``(m, F)`` people to predict for; by default those of ``X``.
    resamples
        How many bootstrap samples.
    groups
        ``(n,)`` person of each row: people are drawn, not rows. People drawn twice stay one group
        in the fit, so that its own folds do not split them.
    seed
        Of the draws.

    Raises
    ------
    EvaluationError
        If the data are not as expected, or an outcome is too rare.
    """
    fitted_on = People.of(X, y, sample_weight, groups)
    return unstable_predictions(
        estimator, fitted_on, fitted_on.resamples(resamples, seed), people, jobs
    )


def unstable_predictions(
    estimator: Any, fitted_on: People, drawn: Iterable[Codes], at: Any = None, jobs: int = 1
) -> Instability:
    """The predictions of models of given resamples of people."""
    x = fitted_on.x if at is None else at if hasattr(at, "iloc") else np.asarray(at)
    if x.ndim != 2 or x.shape[1] != fitted_on.x.shape[1]:
        raise EvaluationError(f"people has shape {x.shape}; expected (m, {fitted_on.x.shape[1]})")
    everyone = np.arange(len(fitted_on))
    original = _predicted(estimator, fitted_on, x, everyone)
    work = partial(_predicted, estimator, fitted_on, x)
    resampled = np.array(list(each(work, drawn, jobs)))
    return Instability(original, resampled, fitted_on.y if at is None else None)


def _predicted(estimator: Any, fitted_on: People, at: Any, places: Codes) -> FloatArray:
    return probabilities(fitted_on.fit(estimator, places), at)
