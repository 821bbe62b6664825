"""Validation of a whole procedure, its choices included: nested, by prison, forward in time.

The designs are those of `risicoscreener.evaluation.designs`; here they give the figures that a
bundle stores, and folds that follow from the content of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from risicoscreener.errors import EvaluationError, ModelError
from risicoscreener.evaluation.designs.holding_out import (
    PROBABILITY_FLOOR,
    Grid,
    Split,
    frame_of_parts,
    hold_out,
    place_splits,
    time_splits,
)
from risicoscreener.evaluation.designs.people import People, Rows
from risicoscreener.evaluation.sample import labels_of
from risicoscreener.models.estimators.folds import deal_folds
from risicoscreener.models.performance import measure_performance

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.risk_model import Performance

LEAST_SPREAD = 1e-9


@dataclass(frozen=True)
class PartPerformance:
    """One part that was held out, with the figures that a bundle stores.

    Attributes
    ----------
    name
        The fold, the prison, or the first day of the period.
    n, events, trained_on
        Rows held out, of them with the outcome, and rows fitted on.
    chosen
        Parameters chosen without the part.
    performance
        In the part; None with too few of an outcome, or the same prediction for everyone.
    """

    name: str
    n: int
    events: int
    trained_on: int
    chosen: Mapping[str, Any]
    performance: Performance | None


@dataclass(frozen=True)
class HeldOutPerformance:
    """Predictions of people by fits and choices that did not see them, as a bundle states them.

    With intervals of every figure it is `risicoscreener.evaluation.designs.Validation`.

    Attributes
    ----------
    linear_predictor
        ``(n,)`` log odds; NaN for rows that were never held out.
    performance
        Over all rows that were held out.
    parts
        One by one.
    """

    linear_predictor: FloatArray
    performance: Performance
    parts: tuple[PartPerformance, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row per part: name, n, events, trained_on, AUC, Brier score, calibration."""
        names = ("auc", "brier", "calibration_intercept", "calibration_slope")
        return frame_of_parts(
            self.parts,
            lambda part: {name: getattr(part.performance, name, np.nan) for name in names},
        )


class _People(People):
    """People whose folds follow from the content of their rows, whatever their order."""

    def folds(self, rows: Rows, count: int, seed: int = 0) -> Rows | None:  # noqa: ARG002
        """Which of some rows each fold holds, as by `deal_folds`."""
        groups = None if self.groups is None else self.groups[rows]
        dealt = deal_folds(self.x[rows], self.y[rows], np.ones(int(rows.sum())), groups, count)
        return None if dealt is None else dealt > 0


@contextmanager
def as_model_error() -> Iterator[None]:
    """What cannot be evaluated is here what cannot be modelled."""
    try:
        yield
    except EvaluationError as error:
        raise ModelError(f"{error}.") from error


def nested_cross_validate(
    estimator: Any,
    grid: Grid | None,
    X: npt.ArrayLike,  # noqa: N803
    y: npt.ArrayLike,
    *,
    groups: npt.ArrayLike | None = None,
    prison: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    folds: int = 10,
    inner_folds: int = 5,
) -> HeldOutPerformance:
    """Validate the whole procedure: parameters are chosen anew without each part.

    Parameters
    ----------
    estimator
        A classifier of scikit-learn with ``predict_proba``. What it chooses itself within `fit`
        (a penalty, a calibration) is validated with it.
    grid
        Parameters to choose from by the held-out log loss in ``inner_folds``: a mapping of lists,
        or a list of settings. None: nothing to choose.
    X
        ``(n, F)``.
    y
        ``(n,)``, 0 or 1.
    groups
        ``(n,)`` person of each row: nobody is in the part held out and in what is fitted on,
        neither in the outer nor in the inner folds.
    prison
        ``(n,)``. If given, each prison is held out in turn (internal-external validation:
        Steyerberg and Harrell 2016): how the model travels to a prison that it has not seen. A
        person who was in several is not fitted on where one of them is held out.
    folds, inner_folds
        Without ``prison`` the number of outer folds; folds follow from the content of the rows
        (or their groups), so that there is no seed.

    Raises
    ------
    ModelError
        If an outcome is too rare to fit or to choose, or the data are of different lengths.
    """
    with as_model_error():
        people = checked(X, y, sample_weight, groups)
        if prison is None:
            dealt = people.folds(np.ones(len(people), bool), folds)
            if dealt is None:
                raise ModelError("too few people with or without the outcome for nested folds.")
            splits = [(str(i), held, ~held) for i, held in enumerate(dealt.T)]
            method = f"nested {len(splits)}-fold cross-validation"
        else:
            splits = place_splits(people, labels_of(prison, len(people), "prison"))
            method = "internal-external validation by prison"
        return _validated(estimator, grid, people, splits, inner_folds, method)


def forward_in_time(
    estimator: Any,
    grid: Grid | None,
    X: npt.ArrayLike,  # noqa: N803
    y: npt.ArrayLike,
    index_date: npt.ArrayLike,
    *,
    horizon_days: int,
    cuts: Sequence[Any] | int = 4,
    lag_days: int = 0,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    inner_folds: int = 5,
) -> HeldOutPerformance:
    """Validate as a model is used: fitted on what is known by a day, applied to people after it.

    The model for the period from a cut on is fitted on rows of which the outcome had matured by
    that day: index date, horizon and lag lie before it. Rows between are in neither part. People
    of the period are not fitted on, whenever their other rows were.

    Parameters
    ----------
    estimator, grid, X, y, groups, sample_weight, inner_folds
        As in `nested_cross_validate`.
    index_date
        ``(n,)`` days on which the predictions are made.
    horizon_days
        Days within which the outcome counts.
    cuts
        First day of each test period, ascending; or a number of periods, which then hold equally
        many of the rows after the first that can be tested.
    lag_days
        Days that registration of an outcome takes.

    Raises
    ------
    ModelError
        If for some period nothing had matured, or no row can be tested.
    """
    with as_model_error():
        people = checked(X, y, sample_weight, groups)
        splits = time_splits(
            people, index_date, horizon_days=horizon_days, cuts=cuts, lag_days=lag_days
        )
        method = f"forward in time, outcomes matured after {horizon_days + lag_days} days"
        return _validated(estimator, grid, people, splits, inner_folds, method)


def checked(x: Any, y: Any, weight: Any, groups: Any) -> _People:
    """People of a numeric matrix."""
    return _People.of(np.asarray(x, np.float64), y, weight, groups)


def _validated(
    estimator: Any,
    grid: Grid | None,
    people: People,
    splits: Sequence[Split],
    inner_folds: int,
    method: str,
) -> HeldOutPerformance:
    held = hold_out(estimator, grid, people, splits, inner_folds=inner_folds)
    lp = np.full(len(people), np.nan)
    for part in held:
        safe = np.clip(part.probability, PROBABILITY_FLOOR, 1.0 - PROBABILITY_FLOOR)
        lp[part.rows] = logit(safe)
    parts = tuple(
        PartPerformance(
            name=part.name,
            n=int(part.rows.sum()),
            events=int(people.y[part.rows].sum()),
            trained_on=part.trained_on,
            chosen=part.chosen,
            performance=_performance(people, part.rows, lp, f"{method}, part {part.name}"),
        )
        for part in held
    )
    performance = _performance(people, ~np.isnan(lp), lp, method)
    if performance is None:
        raise ModelError(
            "the rows held out have too few with or without the outcome to measure, or all have "
            "the same prediction."
        )
    return HeldOutPerformance(lp, performance, parts)


def _performance(people: People, rows: Rows, lp: FloatArray, method: str) -> Performance | None:
    if not people.usable(rows) or np.ptp(lp[rows]) < LEAST_SPREAD:
        return None
    return measure_performance(people.y[rows], lp[rows], people.weight[rows], method=method)
