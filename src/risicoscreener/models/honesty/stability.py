"""What would have come out on other people of the same kind: selected features, and predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.evaluation.designs.instability import Instability, unstable_predictions
from risicoscreener.models.honesty.validation import as_model_error, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from risicoscreener.evaluation.designs.people import People
    from risicoscreener.models.piecewise import FloatArray


@dataclass(frozen=True)
class SelectionStability:
    """How often each feature is selected in random halves of the people.

    Attributes
    ----------
    names
        Of the features.
    frequency
        ``(F,)`` share of the resamples in which each is selected.
    mean_selected
        Features selected in a resample, on average.
    together
        ``(F, F)`` share of the resamples in which both are selected.
    resamples
        How many.
    """

    names: tuple[str, ...]
    frequency: FloatArray
    mean_selected: float
    together: FloatArray
    resamples: int

    def stable(self, threshold: float = 0.8) -> tuple[str, ...]:
        """The features selected in at least this share of the resamples."""
        return tuple(n for n, f in zip(self.names, self.frequency, strict=True) if f >= threshold)

    def expected_false(self, threshold: float = 0.8) -> float:
        """Most irrelevant features to be expected among the stable ones.

        ``q^2 / ((2 threshold - 1) F)`` with ``q`` features selected on average (Meinshausen and
        Buhlmann 2010, theorem 1); it holds if irrelevant features are exchangeable and selection
        is no worse than guessing.

        Raises
        ------
        ModelError
            For a threshold not above one half.
        """
        if not 0.5 < threshold <= 1.0:
            raise ModelError(f"threshold is {threshold!r}; give more than 0.5, at most 1.")
        return float(self.mean_selected**2 / ((2.0 * threshold - 1.0) * len(self.names)))

    def to_frame(self) -> pd.DataFrame:
        """One row per feature with its frequency, the most frequent first."""
        import pandas as pd

        frame = pd.DataFrame({"feature": self.names, "frequency": self.frequency})
        return frame.sort_values("frequency", ascending=False, kind="stable", ignore_index=True)


def selection_stability(
    estimator: Any,
    X: npt.ArrayLike,  # noqa: N803
    y: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    selected: Callable[[Any], npt.ArrayLike] | None = None,
    resamples: int = 100,
    share: float = 0.5,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    seed: int = 0,
) -> SelectionStability:
    """Frequencies of selection over subsamples (Meinshausen and Buhlmann 2010).

    Parameters
    ----------
    estimator
        A classifier that selects: an elastic net, a scorecard, boosting with few trees.
    X, y
        ``(n, F)`` and ``(n,)``, 0 or 1.
    names
        Of the features; by default the columns of a frame, or ``x0``, ``x1``, ...
    selected
        From a fitted estimator to ``(F,)`` booleans. By default: coefficients that are not 0, or
        terms of the lowered program that are not flat.
    resamples, share
        How many subsamples, without replacement, of which share of the people.
    groups
        ``(n,)`` person of each row: people are drawn, not rows.
    seed
        Of the draws.
    """
    labels = _names(X, names)
    chooser = selected or selected_features
    if not 0.0 < share < 1.0:
        raise ModelError(f"share is {share!r}; give a number between 0 and 1.")
    with as_model_error():
        people = checked(X, y, sample_weight, groups)
        chosen = [
            np.asarray(chooser(people.fit(estimator, times > 0)), dtype=bool)
            for times in _subsamples(people, resamples, share, seed)
        ]
    found = np.array(chosen, dtype=np.float64)
    return SelectionStability(
        names=labels,
        frequency=found.mean(axis=0),
        mean_selected=float(found.sum(axis=1).mean()),
        together=found.T @ found / resamples,
        resamples=resamples,
    )


def selected_features(fitted: Any) -> npt.NDArray[np.bool_]:
    """The features that a fitted estimator uses, ``(F,)``."""
    if hasattr(fitted, "coef_"):
        used: npt.NDArray[np.bool_] = np.any(np.atleast_2d(fitted.coef_) != 0, axis=0)
        return used
    if hasattr(fitted, "lower"):
        program = fitted.lower([f"x{i}" for i in range(fitted.n_features_in_)])
        paired = {name for pair in program.pairs for name in (pair.first, pair.second)}
        return np.array(
            [
                term.feature in paired or np.ptp([*term.values, term.missing]) > 1e-12
                for term in program.terms
            ]
        )
    raise ModelError(
        f"{type(fitted).__name__} does not say what it selected; hand in `selected`, a function "
        "from the fitted estimator to one boolean per feature."
    )


PredictionStability = Instability
"""How far the prediction for each person depends on who happened to be in the sample."""


def prediction_stability(
    estimator: Any,
    X: npt.ArrayLike,  # noqa: N803
    y: npt.ArrayLike,
    *,
    people: npt.ArrayLike | None = None,
    resamples: int = 200,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    seed: int = 0,
) -> PredictionStability:
    """Predictions by models of bootstrap samples (Riley and Collins 2023, Biometrical Journal).

    Parameters
    ----------
    estimator
        The whole procedure: what it chooses in `fit` is chosen anew in each sample.
    X, y
        ``(n, F)`` and ``(n,)``, 0 or 1.
    people
        ``(m, F)`` people to predict for; by default those of ``X``.
    resamples
        How many bootstrap samples.
    groups
        ``(n,)`` person of each row: people are drawn, not rows. People drawn twice stay one group
        in the fit, so that its own folds do not split them.
    seed
        Of the draws.
    """
    with as_model_error():
        fitted_on = checked(X, y, sample_weight, groups)
        at = None if people is None else np.asarray(people, dtype=np.float64)
        drawn = fitted_on.resamples(resamples, seed)
        return unstable_predictions(estimator, fitted_on, drawn, at)


def _subsamples(
    people: People, resamples: int, share: float, seed: int
) -> Iterator[npt.NDArray[np.intp]]:
    """Per resample how often each row is in it: 0 or 1."""
    person = people.person
    persons = int(person.max()) + 1

    def draw(rng: np.random.Generator) -> npt.NDArray[np.intp]:
        times = np.zeros(persons, dtype=np.intp)
        times[rng.permutation(persons)[: max(int(share * persons), 1)]] = 1
        return times

    return people.drawn(draw, person, resamples, seed)


def _names(x: Any, names: Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        names = getattr(x, "columns", None)
    width = np.shape(x)[1]
    labels = tuple(map(str, names)) if names is not None else tuple(f"x{i}" for i in range(width))
    if len(labels) != width:
        raise ModelError(f"{len(labels)} names were given for {width} features.")
    return labels
