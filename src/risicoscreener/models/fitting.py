"""From a table of features and an outcome to a risk model, with the guards that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import brier_score_loss, roc_auc_score

from risicoscreener.errors import ModelError
from risicoscreener.evaluation.discrimination import delong_error
from risicoscreener.models.checking import (
    check_definitions,
    check_sensitivity,
    checked_matrix,
    checked_outcome,
    checked_weight,
)
from risicoscreener.models.estimators import SplineLogisticClassifier, deal_folds
from risicoscreener.models.golden import golden_vectors
from risicoscreener.models.risk_model import (
    Performance,
    Provenance,
    RiskModel,
    Training,
)
from risicoscreener.models.support import FeatureRange, PopulationRule, Support

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from risicoscreener.features.definition import Sensitivity
    from risicoscreener.features.sensitivity import Waiver
    from risicoscreener.models.estimators import AdditiveClassifier
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.texts import Texts

HIDDEN_EXTREMES = 4
"""Training values at each end that a stored range leaves out: an extreme is one person's."""

LEVERAGE_QUANTILE = 0.999


@dataclass(frozen=True)
class CrossValidation:
    """Linear predictor of each row by a fit without its fold (``(n,)``), and the performance."""

    linear_predictor: FloatArray
    performance: Performance


def fit_risk_model(
    frame: pd.DataFrame,
    y: npt.ArrayLike,
    *,
    name: str,
    outcome: Texts,
    horizon_days: int | None,
    population: Texts,
    title: Texts,
    description: Texts,
    sensitivity: Mapping[str, Sensitivity],
    provenance: Provenance,
    synthetic: bool,
    waivers: Iterable[Waiver] = (),
    definitions: Mapping[str, str] | None = None,
    competing_events: Sequence[str] = (),
    sample_weight: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    estimator: AdditiveClassifier | None = None,
    replicates: int = 0,
    seed: int = 0,
    population_rules: Sequence[PopulationRule] = (),
    required: Sequence[str] = (),
    max_missing_share: float = 0.5,
    period: tuple[date, date] | None = None,
    censoring: str = "",
    folds: int = 10,
) -> RiskModel:
    """Fit, cross-validate and lower a model, with support and golden vectors.

    Parameters
    ----------
    frame
        One row per person and index moment, one numeric column per feature, NaN for unknown.
    y
        Whether the outcome happened within the horizon: 0 or 1 per row.
    sensitivity
        Per column ``allowed``, ``proxy`` or ``forbidden``. The last two need a waiver.
    waivers
        Recorded permissions; they go into the model. A waiver for a proxy does not cover a
        forbidden feature.
    definitions
        If given: sha256 per feature of its definition, and every column must have one.
    groups
        Person of each row, if a person has several: the rows stay in one fold.
    estimator
        Unfitted, of a kind that lowers to a program; by default `SplineLogisticClassifier` as it
        comes.
    replicates, seed
        Bootstrap replicates for the interval; 0 keeps the interval that the estimator gives by
        itself, and one that gives none (a scorecard, boosting) then makes a model without.
    folds
        Number of folds of the stated performance (the penalty and the calibration are chosen
        within each).

    Raises
    ------
    ModelError
        For a sensitive feature without waiver, an undeclared or undefined feature, a column
        that is not numeric, wholly unknown or infinite, an outcome that is not 0 or 1, and too
        few people with or without the outcome. If the model gives everybody the same prediction.
    """
    names = [str(column) for column in frame.columns]
    used = check_sensitivity(names, sensitivity, waivers)
    check_definitions(names, definitions)
    x = checked_matrix(frame)
    event, weight = checked_outcome(y, len(x)), checked_weight(sample_weight, len(x))
    estimator = SplineLogisticClassifier() if estimator is None else estimator
    validated = cross_validate(
        x, event, estimator=estimator, sample_weight=weight, groups=groups, folds=folds
    )
    program = _lowered(estimator, x, event, weight, groups, names, replicates, seed)
    rules = (tuple(population_rules), tuple(required), max_missing_share)
    program = msgspec.structs.replace(program, support=support_of(program, x, *rules))
    return RiskModel(
        name=name,
        outcome=outcome,
        horizon_days=horizon_days,
        population=population,
        title=title,
        description=description,
        competing_events=tuple(competing_events),
        program=program,
        training=Training(
            n=len(x),
            events=int(event.sum()),
            period_from=period[0] if period else None,
            period_until=period[1] if period else None,
            censoring=censoring,
            missing_share=dict(zip(names, np.isnan(x).mean(axis=0).tolist(), strict=True)),
        ),
        performance=validated.performance,
        provenance={"*": provenance},
        sensitive={n: sensitivity[n] for n in names if sensitivity[n] != "allowed"},
        waivers=used,
        golden=golden_vectors(program),
        synthetic=synthetic,
    )


def _lowered(
    estimator: AdditiveClassifier,
    x: FloatArray,
    event: FloatArray,
    weight: FloatArray,
    groups: npt.ArrayLike | None,
    names: Sequence[str],
    replicates: int,
    seed: int,
) -> ScoringProgram:
    """The fit on all rows as a program, with its replicates if they are asked for."""
    if not replicates:
        return clone(estimator).fit(x, event, sample_weight=weight, groups=groups).lower(names)
    from risicoscreener.models.uncertainty import bootstrap

    found = bootstrap(
        estimator,
        x,
        event,
        replicates=replicates,
        groups=groups,
        sample_weight=weight,
        seed=seed,
        feature_names=names,
    )
    if not isinstance(estimator, SplineLogisticClassifier):
        found = found.on_shared_knots()
    return found.lower()


# -- performance -------------------------------------------------------------------------------


def cross_validate(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    estimator: AdditiveClassifier | None = None,
    sample_weight: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    folds: int = 10,
) -> CrossValidation:
    """Score each row by a fit that did not see it, and measure the scores.

    Penalty and calibration are chosen anew in each fold, so the figures hold for the whole
    procedure.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    rows = np.arange(len(y)) if groups is None else np.asarray(groups)
    dealt = deal_folds(x, y, np.ones(len(y)), None if groups is None else rows, folds)
    if dealt is None:
        raise ModelError("too few people with or without the outcome to cross-validate.")
    estimator = SplineLogisticClassifier() if estimator is None else estimator
    lp, varies = np.empty(len(y)), False
    for held in dealt.T > 0:
        kept = ~held
        inner = None if groups is None else rows[kept]
        fit = clone(estimator).fit(x[kept], y[kept], sample_weight=weight[kept], groups=inner)
        lp[held] = fit.decision_function(x[held])
        varies = varies or not _is_constant(lp[held])
    if not varies:
        raise _says_nothing()
    method = f"{dealt.shape[1]}-fold cross-validation of the whole procedure"
    return CrossValidation(lp, measure_performance(y, lp, weight, method=method))


def measure_performance(
    y: FloatArray,
    linear_predictor: FloatArray,
    weight: FloatArray | None = None,
    *,
    method: str,
) -> Performance:
    """AUC, Brier score and logistic calibration of linear predictors, with 95% intervals.

    The interval of the AUC is DeLong's (1988), of the Brier score that of a mean, of the
    calibration Wald's; with weights the robust ones of the last, and none of the first two.

    Raises
    ------
    ModelError
        If the linear predictor is the same for everybody: it has no slope of calibration.
    """
    import statsmodels.api as sm

    if _is_constant(linear_predictor):
        raise _says_nothing()

    weight = np.ones(len(y)) if weight is None else weight
    probability = 1.0 / (1.0 + np.exp(-linear_predictor))
    family, plain = sm.families.Binomial(), bool((weight == 1).all())
    options = {"freq_weights": weight, "family": family}
    robust = {} if plain else {"cov_type": "HC0"}
    slope = sm.GLM(y, sm.add_constant(linear_predictor), **options).fit(**robust)
    large = sm.GLM(y, np.ones((len(y), 1)), offset=linear_predictor, **options).fit(**robust)
    auc = float(roc_auc_score(y, linear_predictor, sample_weight=weight))
    brier = float(brier_score_loss(y, probability, sample_weight=weight))
    intervals = {
        "calibration_intercept": _pair(large.conf_int()[0]),
        "calibration_slope": _pair(slope.conf_int()[-1]),
    }
    if plain:
        squared = np.square(y - probability)
        intervals["auc"] = _around(auc, delong_error(y, linear_predictor))
        intervals["brier"] = _around(brier, float(squared.std(ddof=1)) / np.sqrt(len(y)))
    return Performance(
        auc=auc,
        brier=brier,
        calibration_intercept=float(large.params[0]),
        calibration_slope=float(slope.params[-1]),
        method=method,
        intervals=intervals,
    )


def _is_constant(linear_predictor: FloatArray) -> bool:
    spread = float(np.ptp(linear_predictor)) if len(linear_predictor) else 0.0
    return spread <= 1e-9 * (1.0 + float(np.abs(linear_predictor).max(initial=0.0)))


def _says_nothing() -> ModelError:
    return ModelError(
        "the linear predictor is the same for everybody, so no performance can be stated: every "
        "term is zero. Check whether the directions (monotone) agree with the data, lower the "
        "shrinkage or the l1_ratio, or give features that say something of the outcome."
    )


def _around(estimate: float, error: float) -> tuple[float, float]:
    return float(estimate - 1.96 * error), float(estimate + 1.96 * error)


def _pair(interval: Any) -> tuple[float, float]:
    return float(interval[0]), float(interval[1])


# -- support ------------------------------------------------------------------


def support_of(
    program: ScoringProgram,
    x: FloatArray,
    rules: tuple[PopulationRule, ...],
    required: tuple[str, ...],
    max_missing_share: float,
) -> Support:
    """Where a program may speak: ranges, rules and largest leverage of its training data."""
    intervals = program.interval_many(x)
    leverage = None
    if intervals is not None:
        leverage = float(np.quantile(np.square(intervals.standard_error), LEVERAGE_QUANTILE))
    return Support(
        features=program.features,
        ranges=tuple(_range(column) for column in x.T),
        rules=rules,
        required=required,
        max_missing_share=max_missing_share,
        max_leverage=leverage,
    )


def _range(column: FloatArray) -> FeatureRange:
    """Range of the known values less the extremes, and their median."""
    known = np.sort(column[~np.isnan(column)])
    hidden = min(HIDDEN_EXTREMES, (len(known) - 1) // 2)
    low, high = known[hidden], known[len(known) - 1 - hidden]
    return FeatureRange(float(low), float(high), float(np.median(known)))
