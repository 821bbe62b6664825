"""Integer scorecard: bins, points that a person can add up, and a probability per total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.linalg import helmert
from sklearn.utils.validation import check_is_fitted, validate_data

from risicoscreener.models.calibration import Identity, expit_many
from risicoscreener.models.ensemble import Ensemble
from risicoscreener.models.estimators.base import AdditiveClassifier
from risicoscreener.models.estimators.binning import (
    BinLimits,
    codes_of,
    curve_edges,
    knot_heights,
    optimal_edges,
    step_term,
)
from risicoscreener.models.estimators.card import Card, form_of, make_card
from risicoscreener.models.estimators.folds import deal_folds
from risicoscreener.models.estimators.out_of_fold import (
    averaged_out_of_fold,
    calibrate_out_of_fold,
)
from risicoscreener.models.estimators.penalised import (
    Bounds,
    Fit,
    Sample,
    covariance_factor,
    fit_penalised,
)
from risicoscreener.models.estimators.rounding import Points, Rounded, Rounding
from risicoscreener.models.estimators.spline_logistic import SplineLogisticClassifier
from risicoscreener.models.estimators.splines import RampBasis
from risicoscreener.models.program import ScoringProgram

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.estimators.card import Card
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import Support
    from risicoscreener.texts import Texts

SHRINKAGES = (30.0, 10.0, 3.0, 1.0, 0.3, 0.1)
PILOT = 1.0
LEAST_DRAWS = 200
"""Replicates of the lowered program at least: with these Student's t is close to the normal."""


class ScorecardClassifier(AdditiveClassifier):
    """Scorecard: each feature gives whole points, and their total gives the probability.

    1. Bins per feature, chosen by dynamic programming, and one more for unknown.
    2. Penalised logistic regression on the bins; with ``max_features`` the least needed features
       leave (Lawless and Singhal 1978).
    3. Points: whole numbers that minimise the same penalised loss, with intercept and scale
       fitted anew for every trial (`Rounding`), not the coefficients rounded.
    4. The probability of a total: logistic calibration on totals by cards that were made, from
       the bins on, without the fold of a row.

    Parameters
    ----------
    binning
        ``curve``: the bins that stay nearest the curves of a spline logistic regression
        (`curve_edges`). ``likelihood``: per feature by itself the bins that tell most of the
        outcome (`optimal_edges`).
    max_bins
        Most bins of known values per feature.
    min_share
        Least share of the weight in a bin.
    min_events
        Least number of people (weight) with, and without, the outcome that a bin of its size
        holds at the rate of everybody.
    max_points
        Most points that one feature gives; the least is 0.
    max_features
        Most features on the card; None: as many as have an effect.
    shrinkage
        Weight of the penalty on the steps between neighbouring bins; None: chosen by the
        held-out deviance in ``folds`` folds.
    monotone
        Directions: a mapping from feature name, or a sequence per feature, to 1 (points do not
        fall), -1 (do not rise) or 0.
    calibration
        ``logistic``: intercept and slope on out-of-fold linear predictors. None: no map.
    folds
        Number of folds, for the penalty and the calibration; they follow from the content of
        the rows, so that there is no seed and no order of rows.
    level
        Coverage of the intervals.

    Attributes
    ----------
    edges_
        Per feature the ascending edges of its bins; none if the feature is not on the card.
    points_
        Per feature whole numbers: one per bin, and the last for an unknown value.
    intercept_, scale_
        Linear predictor before calibration: ``intercept_ + scale_ * total``.
    shrinkage_
        The penalty used.
    selected_
        ``(F,)``: whether a feature is on the card.
    weight_of_total_
        Weight of the training data at each total, from 0 to the highest possible.
    forms_, unknown_seen_
        Per feature how the card writes its values, and whether any was unknown.
    line_covariance_
        ``(2, 2)``: covariance of the intercept and slope of the outcome on the linear predictor
        out of fold; the intervals of `probability_of_total` come from it.

    Notes
    -----
    The interval of the lowered program is that of the penalised regression on the bins of the
    card (posterior covariance, stored as replicates that have exactly this covariance). The
    choice of bins and the rounding are not in it. Where nobody was unknown in training, an
    unknown value gives the mean points of the feature, rounded; whether such a person may be
    scored at all is for the support and the policy.

    References
    ----------
    Ustun and Rudin (2019), Learning optimized risk scores, JMLR 20(150), for why rounding alone
    is not good enough; Lawless and Singhal (1978), Efficient screening of nonnormal regression
    models, Biometrics 34, 318-327.
    """

    def __init__(
        self,
        *,
        binning: Literal["curve", "likelihood"] = "curve",
        max_bins: int = 6,
        min_share: float = 0.05,
        min_events: float = 5.0,
        max_points: int = 10,
        max_features: int | None = None,
        shrinkage: float | None = None,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        calibration: Literal["logistic"] | None = "logistic",
        folds: int = 5,
        level: float = 0.95,
    ) -> None:
        self.binning = binning
        self.max_bins = max_bins
        self.min_share = min_share
        self.min_events = min_events
        self.max_points = max_points
        self.max_features = max_features
        self.shrinkage = shrinkage
        self.monotone = monotone
        self.calibration = calibration
        self.folds = folds
        self.level = level

    def _check_parameters(self) -> None:
        if self.binning not in ("curve", "likelihood"):
            raise ValueError(f"binning is {self.binning!r}; give 'curve' or 'likelihood'.")
        if self.max_bins < 2 or self.folds < 2:
            raise ValueError(f"max_bins={self.max_bins}, folds={self.folds} must be at least 2.")
        if not 1 <= self.max_points <= 1000:
            raise ValueError(f"max_points is {self.max_points}; give a number from 1 to 1000.")
        if self.max_features is not None and self.max_features < 1:
            raise ValueError(f"max_features is {self.max_features}; give at least 1, or None.")
        if not 0 <= self.min_share <= 0.5 or not 0 <= self.min_events < np.inf:
            raise ValueError(
                f"min_share={self.min_share} must be from 0 to 0.5, and min_events="
                f"{self.min_events} at least 0."
            )
        if self.shrinkage is not None and not 0 < self.shrinkage < np.inf:
            raise ValueError(f"shrinkage is {self.shrinkage!r}; give a number above 0, or None.")
        if self.calibration not in ("logistic", None):
            raise ValueError(f"calibration is {self.calibration!r}; give 'logistic' or None.")
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level!r}; give a number between 0 and 1.")

    # -- fit -------------------------------------------------------------------------------

    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        shares = deal_folds(x, outcome, weight, groups, self.folds)
        self._curve_penalty: dict[str, Any] = {}
        self.shrinkage_ = self._choose_shrinkage(x, outcome, weight, shares)
        learned = self._learn(x, outcome, weight)
        self._keep(learned, x, weight)
        lp = learned.linear_predictor(x)
        self.calibration_ = Identity()
        out_of_fold = None
        if shares is not None:
            held_out = self._held_out(x, outcome, weight, shares)
            self.calibration_ = calibrate_out_of_fold(held_out, outcome, shares, self.calibration)
            out_of_fold = averaged_out_of_fold(held_out, shares)
        self.line_covariance_ = self._line_covariance(
            lp if out_of_fold is None else out_of_fold, weight
        )
        return out_of_fold

    def _choose_shrinkage(
        self, x: FloatArray, outcome: FloatArray, weight: FloatArray, shares: FloatArray | None
    ) -> float:
        if self.shrinkage is not None or shares is None:
            return PILOT if self.shrinkage is None else float(self.shrinkage)
        basis, design = _regression(self._edges(x, outcome, weight), x, weight)
        deviance = _held_out_deviance(Sample(design, outcome, weight), basis, shares)
        return SHRINKAGES[int(deviance.argmin())]

    def _edges(self, x: FloatArray, outcome: FloatArray, weight: FloatArray) -> list[FloatArray]:
        limits = BinLimits(self.max_bins, self.min_share, self.min_events)
        if self.binning == "likelihood":
            return [
                optimal_edges(column, outcome, weight, limits, direction)
                for column, direction in zip(x.T, self._directions(), strict=True)
            ]
        curves, spread = self._curves(x, outcome, weight)
        return [
            curve_edges(column, outcome, weight, limits, curve, spread)
            for column, curve in zip(x.T, curves.T, strict=True)
        ]

    def _curves(
        self, x: FloatArray, outcome: FloatArray, weight: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Curves ``(n, F)`` of a spline logistic regression, and the spread at each row."""
        spline = SplineLogisticClassifier(
            monotone=self._directions(),
            calibration=None,
            folds=self.folds,
            **self._curve_penalty,
        ).fit(x, outcome, sample_weight=weight)
        self._curve_penalty = {
            "shrinkage": spline.shrinkage_,
            "smoothness": spline.smoothness_,
            "layout": spline.layout_,
        }
        program = spline.lower([str(i) for i in range(x.shape[1])])
        scores = program.score_many(x, contributions=True)
        assert scores.contributions is not None
        return scores.contributions, weight * scores.probability * (1.0 - scores.probability)

    def _learn(self, x: FloatArray, outcome: FloatArray, weight: FloatArray) -> _Learned:
        """Bins, regression and points of rows of positive weight, at the penalty chosen."""
        edges, directions = self._edges(x, outcome, weight), self._directions()
        basis, fit = self._regress(edges, x, outcome, weight)
        kept = np.ones(x.shape[1], dtype=bool)
        if self.max_features is not None:
            penalty = basis.penalty(self.shrinkage_, 0.0)
            kept = fewest_needed(fit, penalty, _blocks(basis), self.max_features)
            x = np.where(kept, x, 0.0)  # a feature that left is the same for everyone
            edges = [row if stays else np.zeros(0) for row, stays in zip(edges, kept, strict=True)]
            basis, fit = self._regress(edges, x, outcome, weight)
        rounding = Rounding(
            codes=codes_of(edges, x),
            outcome=outcome,
            weight=weight,
            bins=tuple(len(row) + 1 for row in edges),
            shrinkage=self.shrinkage_,
            directions=tuple(directions),
            max_points=int(self.max_points),
        )
        values = [bin_values(basis, fit.coefficients, i) for i in range(len(edges))]
        rounded = rounding.best(values)
        factor = covariance_factor(fit.information, basis.penalty(self.shrinkage_, 0.0))
        return _Learned(tuple(edges), rounded, basis, factor, kept)

    def _regress(
        self, edges: Sequence[FloatArray], x: FloatArray, outcome: FloatArray, weight: FloatArray
    ) -> tuple[RampBasis, Fit]:
        basis, design = _regression(edges, x, weight)
        bounds = Bounds(*basis.bounds(self._directions()))
        sample = Sample(design, outcome, weight)
        return basis, fit_penalised(sample, basis.penalty(self.shrinkage_, 0.0), bounds)

    def _held_out(
        self, x: FloatArray, outcome: FloatArray, weight: FloatArray, shares: FloatArray
    ) -> FloatArray:
        """Linear predictor ``(n, folds)`` of each row by the card without the fold's share."""
        lp = np.zeros(shares.shape)
        for fold, share in enumerate(shares.T):
            left = weight - share
            kept, held = left > 0, share > 0
            learned = self._learn(x[kept], outcome[kept], left[kept])
            lp[held, fold] = learned.linear_predictor(x[held])
        return lp

    def _keep(self, learned: _Learned, x: FloatArray, weight: FloatArray) -> None:
        """What a fitted card is known by."""
        rounded = learned.rounded
        self.edges_ = list(learned.edges)
        self.points_ = list(rounded.points)
        self.intercept_, self.scale_ = rounded.intercept, rounded.scale
        self.selected_ = np.array([bool(row.any()) for row in rounded.points])
        self._learned = learned
        values = self.scale_ * learned.points(x).astype(np.float64)
        self.reference_ = (weight @ values / weight.sum()).astype(np.float64)
        self.forms_ = [form_of(column[~np.isnan(column)]) for column in x.T]
        self.unknown_seen_ = [bool(np.isnan(column).any()) for column in x.T]
        highest = sum(int(row.max()) for row in rounded.points)
        totals = learned.points(x).sum(axis=1)
        self.weight_of_total_ = np.bincount(totals, weight, minlength=highest + 1)

    def _line_covariance(self, lp: FloatArray, weight: FloatArray) -> FloatArray:
        """Covariance of intercept and slope of the outcome on the linear predictor."""
        probability = expit_many(self.calibration_.before_link(lp))
        rows = np.column_stack([np.ones_like(lp), lp])
        spread = weight * probability * (1.0 - probability)
        information = rows.T @ (rows * spread[:, None])
        # As in `logistic_calibration`: a constant predictor has no slope to be uncertain of.
        return np.asarray(np.linalg.inv(information + np.diag([1e-9, 1e-6])), dtype=np.float64)

    # -- predict and lower -------------------------------------------------------------------

    def total(self, X: Any) -> Points:  # noqa: N803
        """Total of points ``(n,)`` of each row."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        total: Points = self._learned.points(x).sum(axis=1)
        return total

    def _linear_predictor(self, x: FloatArray) -> FloatArray:
        return self._learned.linear_predictor(x)

    def _lower(self, names: Sequence[str], support: Support | None) -> ScoringProgram:
        return ScoringProgram(
            intercept=self.intercept_,
            terms=tuple(
                step_term(
                    name, edges, (self.scale_ * points).tolist(), float(reference), merge=False
                )
                for name, edges, points, reference in zip(
                    names, self.edges_, self.points_, self.reference_, strict=True
                )
            ),
            calibration=self.calibration_,
            uncertainty=Ensemble.from_draws(self._learned.draws(), self.level),
            support=support,
        )

    def card(
        self,
        feature_names: Sequence[str] | None = None,
        *,
        definitions: Mapping[str, Any] | None = None,
        title: Texts | None = None,
        outcome: Texts | None = None,
    ) -> Card:
        """The card that a person can fill in.

        Parameters
        ----------
        feature_names
            Names in the order of the columns; by default those of the fit.
        definitions
            Per feature name its definition (`Feature`), or its `Texts`; a feature without one
            stands on the card by its name.
        title, outcome
            What stands above it, and what the probability is of.

        Raises
        ------
        ModelError
            If there is not one name per feature.
        """
        return make_card(self, self._names(feature_names), definitions or {}, title, outcome)

    def probability_of_total(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Probability of each total from 0 on, with the bounds of its interval.

        The interval is of the share with the outcome among people with this total on this card
        (Wald, on the log odds, from the calibration); it takes the card as given.
        """
        check_is_fitted(self)
        lp = self.intercept_ + self.scale_ * np.arange(len(self.weight_of_total_), dtype=np.float64)
        rows = np.column_stack([np.ones_like(lp), lp])
        error = np.sqrt(np.einsum("ij,jk,ik->i", rows, self.line_covariance_, rows))
        half = NormalDist().inv_cdf(0.5 + self.level / 2.0) * error
        middle = self.calibration_.before_link(lp)
        lower, upper = expit_many(middle - half), expit_many(middle + half)
        return expit_many(middle), lower, upper


@dataclass(frozen=True)
class _Learned:
    """A card before calibration: bins and points, and the regression that they round."""

    edges: tuple[FloatArray, ...]
    rounded: Rounded
    basis: RampBasis
    factor: FloatArray
    kept: npt.NDArray[np.bool_]

    def points(self, x: FloatArray) -> Points:
        """Points ``(n, F)``."""
        codes = codes_of(self.edges, x)
        columns = [row[code] for row, code in zip(self.rounded.points, codes.T, strict=True)]
        return np.column_stack(columns)

    def linear_predictor(self, x: FloatArray) -> FloatArray:
        """Linear predictor ``(n,)``."""
        lp: FloatArray = self.rounded.intercept + self.rounded.scale * self.points(x).sum(axis=1)
        return lp

    def draws(self) -> FloatArray:
        """Replicates with the covariance of the regression, in the order of `Ensemble`.

        Columns of Helmert's matrix have mean 0 and are orthonormal, so the sample covariance of
        the replicates is the covariance itself, without chance.
        """
        size = len(self.factor)
        count = max(size + 1, LEAST_DRAWS)
        spread = np.sqrt(count - 1.0) * helmert(count)[:size].T @ self.factor.T
        columns = [spread[:, :1]]
        for feature in range(len(self.edges)):
            values = bin_values(self.basis, spread, feature) * self.kept[feature]
            *known, unknown = values.T
            columns.append(np.column_stack([*knot_heights(known), unknown]))
        return np.hstack(columns)


def _regression(
    edges: Sequence[FloatArray], x: FloatArray, weight: FloatArray
) -> tuple[RampBasis, FloatArray]:
    """Basis and design of a regression on bins: ramps between numbered bins are steps."""
    codes = codes_of(edges, x).astype(np.float64)
    codes[np.isnan(x)] = np.nan
    basis = RampBasis.fit(codes, weight, [list(range(len(row) + 1)) for row in edges], 0.0)
    return basis, basis.design(codes)


def _held_out_deviance(sample: Sample, basis: RampBasis, shares: FloatArray) -> FloatArray:
    """Half the deviance of what the folds hold out, for each of `SHRINKAGES`."""
    deviance, free = np.zeros(len(SHRINKAGES)), Bounds.none(basis.size)
    for share in shares.T:
        kept, held = sample.only(sample.weight - share), sample.only(share)
        start = None
        for i, shrinkage in enumerate(SHRINKAGES):
            fit = fit_penalised(kept, basis.penalty(shrinkage, 0.0), free, start, tolerance=1e-6)
            start = fit.coefficients
            deviance[i] += held.deviance(start)
    return deviance


def _blocks(basis: RampBasis) -> list[slice]:
    """Per feature its coefficients."""
    return [
        slice(start, start + segments + 1)
        for start, segments in zip(basis.starts, basis.segments, strict=True)
    ]


def bin_values(basis: RampBasis, coefficients: FloatArray, feature: int) -> FloatArray:
    """What each bin of a feature, and an unknown value, adds; along the last axis."""
    start, centre = basis.starts[feature], basis.centres[feature]
    steps = coefficients[..., start : start + len(centre)]
    above = np.concatenate([np.zeros_like(steps[..., :0]), np.cumsum(steps, axis=-1)], axis=-1)
    lowest = np.zeros((*coefficients.shape[:-1], 1))
    known = np.concatenate([lowest, above], axis=-1) - (steps @ centre)[..., None]
    unknown = coefficients[..., start + len(centre), None]
    return np.concatenate([known, unknown], axis=-1)


def fewest_needed(
    fit: Fit, penalty: FloatArray, blocks: Sequence[slice], most: int
) -> npt.NDArray[np.bool_]:
    """Which features stay when those that matter least leave, one after another.

    What leaving costs is taken from the quadratic approximation of the penalised loss at the
    full fit (Lawless and Singhal 1978), so that no further fit is needed. Features without any
    effect leave anyhow.
    """
    covariance = np.linalg.inv(fit.information + penalty).astype(np.float64)
    effect = [bool(np.abs(fit.coefficients[block]).max(initial=0.0) > 1e-12) for block in blocks]
    kept = np.array(effect)
    gone = [np.arange(b.start, b.stop) for b, stays in zip(blocks, kept, strict=True) if not stays]
    while kept.sum() > most:
        costs = {
            feature: _cost(
                fit.coefficients, covariance, [*gone, np.arange(block.start, block.stop)]
            )
            for feature, block in enumerate(blocks)
            if kept[feature]
        }
        least = min(costs, key=lambda feature: costs[feature])
        kept[least] = False
        gone.append(np.arange(blocks[least].start, blocks[least].stop))
    return kept


def _cost(
    coefficients: FloatArray, covariance: FloatArray, gone: Sequence[npt.NDArray[np.intp]]
) -> float:
    """Rise of the quadratic loss when these coefficients are 0 and the others fitted anew."""
    out = np.concatenate(gone)
    b = coefficients[out]
    return float(b @ np.linalg.solve(covariance[np.ix_(out, out)], b) / 2.0)
