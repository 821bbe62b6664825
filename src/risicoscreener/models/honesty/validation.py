"""Validation of a whole procedure, its choices included: nested, by prison, forward in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import ParameterGrid
from sklearn.utils.validation import has_fit_parameter

from risicoscreener.errors import ModelError
from risicoscreener.models.estimators.folds import deal_folds
from risicoscreener.models.fitting import measure_performance

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.risk_model import Performance

Grid = Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]]
Rows = npt.NDArray[np.bool_]

FEWEST_PER_CLASS = 2
"""Least people with and without the outcome to fit on, or to report a part by itself."""

PROBABILITY_FLOOR = 1e-9
LEAST_SPREAD = 1e-9


@dataclass(frozen=True)
class Part:
    """One part that was held out.

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
class Validation:
    """Predictions of people by fits and choices that did not see them.

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
    parts: tuple[Part, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row per part: name, n, events, trained_on, AUC, Brier score, calibration."""
        import pandas as pd

        names = ("auc", "brier", "calibration_intercept", "calibration_slope")
        rows = [
            {
                "part": part.name,
                "n": part.n,
                "events": part.events,
                "trained_on": part.trained_on,
                **{name: getattr(part.performance, name, np.nan) for name in names},
                **part.chosen,
            }
            for part in self.parts
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Table:
    """Checked data."""

    x: FloatArray
    y: FloatArray
    weight: FloatArray
    weighted: bool
    groups: npt.NDArray[Any] | None

    def fit(self, estimator: Any, rows: Rows) -> Any:
        """A fresh fit on some rows."""
        options: dict[str, Any] = {}
        if self.weighted:
            options["sample_weight"] = self.weight[rows]
        if self.groups is not None and has_fit_parameter(estimator, "groups"):
            options["groups"] = self.groups[rows]
        return clone(estimator).fit(self.x[rows], self.y[rows], **options)

    def folds(self, rows: Rows, count: int) -> FloatArray | None:
        """Folds of some rows, as by `deal_folds`, of persons; None if there are too few."""
        groups = None if self.groups is None else self.groups[rows]
        ones = np.ones(int(rows.sum()))
        return deal_folds(self.x[rows], self.y[rows], ones, groups, count)

    def usable(self, rows: Rows) -> bool:
        """Both outcomes occur often enough among some rows."""
        events = self.y[rows].sum()
        return bool(min(events, rows.sum() - events) >= FEWEST_PER_CLASS)

    def without_persons_of(self, rows: Rows) -> Rows:
        """The rows of persons who have none among some rows."""
        if self.groups is None:
            return ~rows
        found: Rows = ~np.isin(self.groups, np.unique(self.groups[rows]))
        return found


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
) -> Validation:
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
    table = _checked(X, y, sample_weight, groups)
    everyone = np.ones(len(table.y), bool)
    if prison is None:
        dealt = table.folds(everyone, folds)
        if dealt is None:
            raise ModelError("too few people with or without the outcome for nested folds.")
        parts = [(str(i), held, ~held) for i, held in enumerate(dealt.T > 0)]
        method = f"nested {dealt.shape[1]}-fold cross-validation"
    else:
        places = np.asarray(prison)
        if places.shape != table.y.shape:
            raise ModelError(f"prison has shape {places.shape}; expected {table.y.shape}.")
        parts = [
            (str(place), places == place, table.without_persons_of(places == place))
            for place in np.unique(places)
        ]
        method = "internal-external validation by prison"
        if len(parts) < 2:
            raise ModelError("there is one prison only; leave out prison, or give more of them.")
    return _validated(estimator, grid, table, parts, inner_folds, method)


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
) -> Validation:
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
    table = _checked(X, y, sample_weight, groups)
    days = np.asarray(index_date, dtype="datetime64[D]")
    if days.shape != table.y.shape or np.isnat(days).any():
        raise ModelError(f"index_date must give a day for each of the {len(table.y)} rows.")
    if horizon_days <= 0 or lag_days < 0:
        raise ModelError("horizon_days must be above 0, and lag_days not below 0.")
    known_on = days + np.timedelta64(horizon_days + lag_days, "D")
    starts = _starts(days, known_on, cuts)
    parts = []
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        held = days >= start
        if end is not None:
            held &= days < end
        if held.any():
            kept = (known_on <= start) & table.without_persons_of(held) & ~held
            parts.append((str(start), held, kept))
    if not parts:
        raise ModelError("no row lies on or after the first cut; give earlier cuts.")
    method = f"forward in time, outcomes matured after {horizon_days + lag_days} days"
    return _validated(estimator, grid, table, parts, inner_folds, method)


def _starts(
    days: npt.NDArray[Any], known_on: npt.NDArray[Any], cuts: Sequence[Any] | int
) -> list[Any]:
    """First day of each test period."""
    if not isinstance(cuts, int):
        starts = [np.datetime64(cut, "D") for cut in cuts]
        if not starts or sorted(set(starts)) != starts:
            raise ModelError("cuts must be one or more days, ascending.")
        return starts
    first = np.sort(known_on)[len(known_on) // 4]  # a quarter of the rows to begin with
    later = np.sort(days[days >= first])
    if cuts < 1 or len(later) < cuts:
        raise ModelError(
            "the outcome of a quarter of the rows matures only when nearly all index dates are "
            "past; give cuts, or data over a longer time."
        )
    return [first, *(later[len(later) * k // cuts] for k in range(1, cuts))]


def _validated(
    estimator: Any,
    grid: Grid | None,
    table: _Table,
    parts: Sequence[tuple[str, Rows, Rows]],
    inner_folds: int,
    method: str,
) -> Validation:
    lp = np.full(len(table.y), np.nan)
    reports = []
    for name, held, kept in parts:
        if not table.usable(kept):
            raise ModelError(
                f"part {name}: {int(table.y[kept].sum())} of {int(kept.sum())} rows left to fit on "
                "have the outcome; give larger parts or later cuts."
            )
        chosen = _choose(estimator, grid, table, kept, inner_folds)
        fitted = table.fit(clone(estimator).set_params(**chosen), kept)
        lp[held] = _predictor(fitted, table.x[held])
        reports.append(
            Part(
                name=name,
                n=int(held.sum()),
                events=int(table.y[held].sum()),
                trained_on=int(kept.sum()),
                chosen=chosen,
                performance=_performance(table, held, lp, f"{method}, part {name}"),
            )
        )
    tested = ~np.isnan(lp)
    performance = _performance(table, tested, lp, method)
    if performance is None:
        raise ModelError(
            "the rows held out have too few with or without the outcome to measure, or all have "
            "the same prediction."
        )
    return Validation(lp, performance, tuple(reports))


def _performance(table: _Table, rows: Rows, lp: FloatArray, method: str) -> Performance | None:
    if not table.usable(rows) or np.ptp(lp[rows]) < LEAST_SPREAD:
        return None
    return measure_performance(table.y[rows], lp[rows], table.weight[rows], method=method)


def _choose(
    estimator: Any, grid: Grid | None, table: _Table, rows: Rows, folds: int
) -> Mapping[str, Any]:
    """Parameters of least held-out log loss among some rows; of equals the first."""
    settings = list(_settings(grid))
    if len(settings) == 1:
        return settings[0]
    dealt = table.folds(rows, folds)
    if dealt is None:
        raise ModelError("too few people with or without the outcome to choose parameters.")
    places = np.flatnonzero(rows)
    losses = []
    for setting in settings:
        loss = 0.0
        for fold in dealt.T > 0:
            kept, held = _masks(places, fold, len(table.y))
            fitted = table.fit(clone(estimator).set_params(**setting), kept)
            probability = expit(_predictor(fitted, table.x[held]))
            loss += log_loss(
                table.y[held],
                probability,
                sample_weight=table.weight[held],
                normalize=False,
                labels=[0.0, 1.0],
            )
        losses.append(loss)
    return settings[int(np.argmin(losses))]


def _masks(places: npt.NDArray[np.intp], fold: Rows, n: int) -> tuple[Rows, Rows]:
    kept, held = np.zeros(n, bool), np.zeros(n, bool)
    kept[places[~fold]] = True
    held[places[fold]] = True
    return kept, held


def _settings(grid: Grid | None) -> Iterator[Mapping[str, Any]]:
    if grid is None:
        yield {}
    elif isinstance(grid, Mapping):
        yield from ParameterGrid(dict(grid))
    else:
        yield from grid


def _predictor(fitted: Any, x: FloatArray) -> FloatArray:
    """Log odds of the second class."""
    probability = np.asarray(fitted.predict_proba(x))[:, 1]
    found: FloatArray = logit(np.clip(probability, PROBABILITY_FLOOR, 1.0 - PROBABILITY_FLOOR))
    return found


def _checked(x: Any, y: Any, weight: Any, groups: Any) -> _Table:
    matrix, outcome = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if matrix.ndim != 2 or outcome.shape != (len(matrix),):
        raise ModelError(
            f"X of shape {matrix.shape} and y of shape {outcome.shape} do not fit; expected "
            "(n, F) and (n,)."
        )
    if not np.isin(outcome, (0.0, 1.0)).all():
        raise ModelError(f"y must hold 0 or 1 for each of the {len(matrix)} rows.")
    weights = np.ones(len(outcome)) if weight is None else np.asarray(weight, np.float64)
    if weights.shape != outcome.shape or not (np.isfinite(weights) & (weights > 0)).all():
        raise ModelError(f"sample_weight must hold a positive number for each of {len(y)} rows.")
    persons = None if groups is None else np.asarray(groups)
    if persons is not None and persons.shape != outcome.shape:
        raise ModelError(f"groups has shape {persons.shape}; expected {outcome.shape}.")
    return _Table(matrix, outcome, weights, weight is not None, persons)
