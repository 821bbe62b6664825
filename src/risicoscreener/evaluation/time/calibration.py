"""Do probabilities by a horizon mean what they say, at each level of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration.basis import (
    KNOT_QUANTILES,
    restricted_cubic_basis,
    weighted_quantiles,
)
from risicoscreener.evaluation.calibration.flexible import distances
from risicoscreener.evaluation.calibration.levels import KNOTS
from risicoscreener.evaluation.estimate import Curve, Estimate, Estimates, FloatArray
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.time.cloglog import CloglogFit, fit_cloglog
from risicoscreener.evaluation.time.horizon import complementary_log_log
from risicoscreener.evaluation.time.influence import (
    Linear,
    error_of,
    estimate,
    influence,
    limits,
    why_no_interval,
)
from risicoscreener.evaluation.time.measures import linear_expected, linear_incidence
from risicoscreener.evaluation.time.recalibration import (
    horizon_recalibration,
    linear_predictor,
    linear_slope,
)
from risicoscreener.evaluation.time.sample import HorizonSample

if TYPE_CHECKING:
    import pandas as pd

GRID = 101
"""Points of the curve."""
LEAST_SPREAD = 1e-9
"""Columns of the spline that add less than this to those before are left out: with ties."""
ERROR_NAMES = ("horizon_ici", "horizon_e50", "horizon_e90", "horizon_emax")


# -- flexible curve --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class HorizonCalibration:
    """Calibration at a horizon.

    Attributes
    ----------
    curve
        `Curve` of the incidence by the horizon against the prediction.
    errors
        ``horizon_ici``, ``horizon_e50``, ``horizon_e90``, ``horizon_emax``: mean, median, 90th
        percentile and maximum over people of the distance between curve and prediction.
    groups
        A row of figures for each group of predictions.
    weak
        As `horizon_recalibration` gives it.
    large
        Observed and expected by the horizon.
    sample
        On which it rests.
    """

    curve: Curve
    errors: Estimates
    groups: tuple[Estimates, ...]
    weak: Estimates
    large: Estimates
    sample: HorizonSample = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "horizon_days": self.sample.horizon_days,
            "curve": self.curve.to_dict(),
            "errors": self.errors.to_dict(),
            "groups": [group.to_dict() for group in self.groups],
            "weak": self.weak.to_dict(),
            "large": self.large.to_dict(),
        }

    def to_frame(self) -> pd.DataFrame:
        """A row for each group: people, mean prediction, incidence and its interval."""
        import pandas as pd

        rows = [
            {
                "n": group["horizon_incidence"].n,
                "events": group["horizon_incidence"].events,
                "expected": group["horizon_expected"].value,
                "observed": group["horizon_incidence"].value,
                "low": group["horizon_incidence"].low,
                "high": group["horizon_incidence"].high,
            }
            for group in self.groups
        ]
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        figures = self.large + self.weak + self.errors
        return figures._repr_html_() + self.to_frame().to_html(float_format="{:.4f}".format)


def horizon_calibration(
    sample: HorizonSample,
    *,
    level: float = 0.95,
    knots: int = KNOTS,
    groups: int = 10,
    replicates: int = 500,
    seed: int = 0,
    jobs: int = 1,
) -> HorizonCalibration:
    """Calibration in the large, intercept and slope, curve with band, errors and groups.

    Parameters
    ----------
    knots
        Of the restricted cubic spline of ``log(-log(1 - prediction))``, 3 to 7.
    groups
        Number of groups of about equally many people; equal predictions stay together.
    replicates, seed, jobs
        Of the bootstrap that gives the errors an interval; with 0 replicates they have none.

    Notes
    -----
    The curve is a regression of what people were at the horizon, with weights for censoring. So
    nothing is assumed of hazards before the horizon, as regression of (subdistribution) hazards
    does (Austin and others 2020, 2022), and without censoring it is the curve of a binary outcome
    on this scale. Its band is pointwise, from the influence of each person. The errors of a
    perfect model are not 0: a curve through few people strays from the diagonal by chance.

    References
    ----------
    Austin, Harrell and van Klaveren (2020), Statistics in Medicine 39:2714-2742; Austin and
    others (2022), Diagnostic and Prognostic Research 6:2; Gerds and others (2014), Statistics in
    Medicine 33:3191-3203; van Geloven and others (2022), BMJ 377:e069249.
    """
    spline = Spline.of(sample, knots)
    large = Estimates(
        (
            estimate("horizon_expected", sample, linear_expected(sample, sample.weight), level),
            estimate(
                "horizon_incidence",
                sample,
                linear_incidence(sample, sample.weight),
                level,
                "cloglog",
            ),
        )
    )
    return HorizonCalibration(
        _curve(sample, spline, level),
        _errors(sample, spline, level, replicates, seed, jobs),
        grouped_calibration(sample, groups=groups, level=level),
        horizon_recalibration(sample, level=level),
        large,
        sample,
    )


@dataclass(frozen=True, eq=False)
class Spline:
    """The spline of the predictions of a sample; replicates keep its knots.

    Attributes
    ----------
    places
        Of the knots, on the scale of the linear predictor; fewer than three make it a line.
    columns
        ``(k, n)``, orthogonal.
    turn
        ``(k, k)``: columns of the basis times it are ``columns``.
    start
        ``(k,)``: coefficients in the sample itself.
    inside
        ``(n,)``: whose prediction is not 0 or 1.
    """

    places: FloatArray
    columns: FloatArray
    turn: FloatArray
    start: FloatArray
    inside: FloatArray

    @classmethod
    def of(cls, sample: HorizonSample, knots: int = KNOTS) -> Spline:
        """With knots at quantiles of the predictions."""
        if knots not in KNOT_QUANTILES:
            raise EvaluationError(f"knots is {knots!r}; expected one of {sorted(KNOT_QUANTILES)}")
        lp, inside = linear_predictor(sample)
        used = inside & (sample.weight > 0)
        places = np.empty(0)
        if used.any():
            found = weighted_quantiles(lp[used], sample.weight[used], KNOT_QUANTILES[knots])
            places = np.unique(found)
        basis = _basis(lp, places)
        _, turned = np.linalg.qr(basis * np.sqrt(sample.weight * inside)[:, None])
        size = np.abs(np.diag(turned))
        rank = max(1, int(np.cumprod(size > LEAST_SPREAD * size.max(initial=0.0)).sum()))
        basis, turned = basis[:, :rank], turned[:rank, :rank]
        if not used.any():
            turned = np.eye(rank)
        turn = np.linalg.inv(turned) * math.sqrt(max(float(sample.weight @ inside), 1.0))
        columns = np.ascontiguousarray((basis @ turn).T)
        made = cls(places, columns, turn, np.zeros(len(turn)), inside.astype(np.float64))
        fit = made.fit(sample, sample.weight)
        start = fit.coefficients if fit.determined else np.zeros(len(turn))
        return cls(places, columns, turn, start, made.inside)

    def fit(self, sample: HorizonSample, weight: FloatArray) -> CloglogFit:
        """Regression on the spline."""
        known = sample.known_weight(weight) * self.inside
        return fit_cloglog(self.columns, sample.outcome, known, start=self.start)

    def at(self, lp: FloatArray) -> FloatArray:
        """The columns at other predictions, ``(k, m)``."""
        return (_basis(lp, self.places)[:, : len(self.turn)] @ self.turn).T


def _basis(lp: FloatArray, places: FloatArray) -> FloatArray:
    ones = np.ones(len(lp))
    if len(places) < 3:
        return np.column_stack([ones, lp])
    return np.column_stack([ones, restricted_cubic_basis(lp, [float(p) for p in places])])


@dataclass(frozen=True, eq=False)
class CurveErrors:
    """Distances of the curve, as ``measure(sample, weight)`` that gives `ERROR_NAMES`."""

    spline: Spline

    def __call__(self, sample: HorizonSample, weight: FloatArray) -> tuple[float, ...]:
        """The four numbers; NaN without a curve."""
        fit = self.spline.fit(sample, weight)
        inside = self.spline.inside == 1
        if not fit.determined:
            return (math.nan,) * 4
        lp = fit.coefficients @ self.spline.columns[:, inside]
        return distances(sample.probability[inside], _incidence(lp), weight[inside])


def _errors(
    sample: HorizonSample, spline: Spline, level: float, replicates: int, seed: int, jobs: int
) -> Estimates:
    measure = CurveErrors(spline)
    missing = _why_no_curve(sample, spline)
    values = (math.nan,) * 4 if missing else measure(sample, sample.weight)
    problem = missing or why_no_interval(sample)
    if problem or not replicates:
        n, events = sample.people, sample.events
        return Estimates(
            tuple(
                Estimate(name, value, level=level, n=n, events=events, problem=problem)
                for name, value in zip(ERROR_NAMES, values, strict=True)
            )
        )
    drawn = bootstrap(
        cast(Any, sample),
        {ERROR_NAMES: cast(Any, measure)},
        replicates=replicates,
        seed=seed,
        jobs=jobs,
    )
    return Estimates(tuple(drawn.estimate(name, level) for name in ERROR_NAMES))


def _curve(sample: HorizonSample, spline: Spline, level: float) -> Curve:
    empty = Curve(
        "horizon_calibration_curve",
        np.empty(0),
        np.empty(0),
        level=level,
        n=sample.people,
        events=sample.events,
        problem=_why_no_curve(sample, spline),
    )
    if empty.problem:
        return empty
    inside = spline.inside == 1
    used = sample.probability[inside & (sample.weight > 0)]
    x = np.linspace(used[0], used[-1], GRID) if used[-1] > used[0] else used[:1]
    columns = spline.at(complementary_log_log(x))
    fit = spline.fit(sample, sample.weight)
    lp = fit.coefficients @ columns
    rows = np.stack([influence(sample, Linear(0.0, slope)) for slope in fit.slopes * spline.inside])
    moved = rows.T @ columns
    pairs = [
        limits(float(value), error_of(sample, column), sample, level, "plain")
        for value, column in zip(lp, moved.T, strict=True)
    ]
    low, high = np.array(pairs).T
    problem = why_no_interval(sample)
    if problem:
        return replace(empty, x=x, y=_incidence(lp), problem=problem)
    method = "influence" if sample.cluster is None else "clustered"
    return replace(
        empty,
        x=x,
        y=_incidence(lp),
        low=_incidence(low),
        high=_incidence(high),
        method=method,
    )


def _why_no_curve(sample: HorizonSample, spline: Spline) -> str:
    slope = estimate("horizon_slope", sample, linear_slope(sample, sample.weight))
    if not slope.ok:
        return slope.problem
    return "" if spline.fit(sample, sample.weight).determined else "separated"


def _incidence(lp: FloatArray) -> FloatArray:
    found: FloatArray = -np.expm1(-np.exp(np.minimum(lp, 500.0)))
    return found


# -- groups ----------------------------------------------------------------------------------------


def grouped_calibration(
    sample: HorizonSample, *, groups: int = 10, level: float = 0.95
) -> tuple[Estimates, ...]:
    """Mean prediction and Aalen-Johansen incidence within groups of predictions.

    Censoring is estimated within each group. A group in which nobody was followed up to the
    horizon has no incidence, and says so.

    Raises
    ------
    EvaluationError
        If fewer than one group is asked for.
    """
    if groups < 1:
        raise EvaluationError(f"groups is {groups!r}; expected 1 or more")
    p, weight = sample.probability, sample.weight
    bounds = weighted_quantiles(
        p[weight > 0], weight[weight > 0], np.linspace(0.0, 1.0, groups + 1)[1:-1]
    )
    number = np.searchsorted(np.unique(bounds), p, side="left")
    parts = [sample.where(number == g) for g in np.unique(number[weight > 0])]
    return tuple(
        Estimates(
            (
                estimate("horizon_expected", part, linear_expected(part, part.weight), level),
                estimate(
                    "horizon_incidence",
                    part,
                    linear_incidence(part, part.weight),
                    level,
                    "cloglog",
                ),
            )
        )
        for part in parts
    )
