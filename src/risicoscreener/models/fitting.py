"""From a table of features and an outcome to a risk model, with the guards that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import expit_many
from risicoscreener.models.checking import (
    check_both,
    check_definitions,
    check_sensitivity,
    checked_matrix,
    checked_outcome,
    checked_weight,
)
from risicoscreener.models.enough import effective_parameters, people_needed, warn_if_too_few
from risicoscreener.models.estimators import SplineLogisticClassifier
from risicoscreener.models.fitted_support import support_of
from risicoscreener.models.golden import golden_vectors
from risicoscreener.models.missing.patterned import PatternedClassifier
from risicoscreener.models.performance import CrossValidation, cross_validate, measure_performance
from risicoscreener.models.risk_model import Provenance, RiskModel, Training
from risicoscreener.models.uncertainty.conformal import conformal_bands

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from risicoscreener.features.definition import Sensitivity
    from risicoscreener.features.sensitivity import Waiver
    from risicoscreener.models.at_horizon import AtHorizon
    from risicoscreener.models.estimators import AdditiveClassifier
    from risicoscreener.models.missing.patterns import PatternSubmodels
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.risk_model import SampleSizeNeeded
    from risicoscreener.models.support import PopulationRule
    from risicoscreener.models.time.base import AdditiveHazardEstimator
    from risicoscreener.models.uncertainty.conformal import ConformalBands
    from risicoscreener.texts import Texts


def fit_risk_model(
    frame: pd.DataFrame,
    y: Any,
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
    estimator: AdditiveClassifier | AtHorizon | AdditiveHazardEstimator | None = None,
    replicates: int = 0,
    seed: int = 0,
    population_rules: Sequence[PopulationRule] = (),
    required: Sequence[str] = (),
    max_missing_share: float = 0.5,
    period: tuple[date, date] | None = None,
    censoring: str = "",
    folds: int = 10,
    cut_offs: Sequence[float] = (),
    alpha: float = 0.1,
    patterns: Literal["pattern", "known"] | None = None,
) -> RiskModel:
    """Fit, cross-validate and lower a model, with support and golden vectors.

    Parameters
    ----------
    frame
        One row per person and index moment, one numeric column per feature, NaN for unknown.
    y
        Whether the outcome happened within the horizon: 0 or 1 per row. For an estimator in time
        a `TimeToEvent`, or what `as_time_to_event` takes.
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
        comes. One in time (`risicoscreener.models.time`) is calibrated at ``horizon_days`` and
        lowers there; its performance there weighs for who was censored before.
    replicates, seed
        Bootstrap replicates for the interval; 0 keeps the interval that the estimator gives by
        itself, and one that gives none (a scorecard, boosting) then makes a model without.
    folds
        Number of folds of the stated performance (the penalty and the calibration are chosen
        within each).
    cut_offs, alpha
        Ascending probabilities: the model then carries sets of the risk bands between them, made
        on its probabilities out of fold, that hold with coverage ``1 - alpha`` (`ConformalBands`).
    patterns
        The model then carries a program for each frequent pattern of what is known, made on the
        people of that ``pattern`` or on all with those features ``known``
        (`fit_pattern_submodels`); the performance is that of them all.

    Warns
    -----
    SampleSizeWarning
        If the people are fewer than the criteria of Riley et al. ask (`required_sample_size`) at
        the effective number of parameters and the cross-validated AUC. ``training.sample_size``
        says so too. Rows of one person count each, so that with several the need is larger.

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
    x, weight = checked_matrix(frame), checked_weight(sample_weight, len(frame))
    rules = (tuple(population_rules), tuple(required), max_missing_share)
    asked = _Asked(names, groups, folds, replicates, seed, patterns, rules)
    estimator = SplineLogisticClassifier() if estimator is None else estimator
    learned = _learn(estimator, x, y, weight, horizon_days, asked)
    training = Training(
        n=len(x),
        events=int(learned.event.sum()),
        period_from=period[0] if period else None,
        period_until=period[1] if period else None,
        censoring=censoring,
        missing_share=dict(zip(names, np.isnan(x).mean(axis=0).tolist(), strict=True)),
        sample_size=learned.needed(),
    )
    warn_if_too_few(name, training)
    model = RiskModel(
        name=name,
        outcome=outcome,
        horizon_days=horizon_days,
        population=population,
        title=title,
        description=description,
        competing_events=tuple(competing_events),
        program=learned.program,
        training=training,
        performance=learned.validated.performance,
        provenance={"*": provenance},
        sensitive={n: sensitivity[n] for n in names if sensitivity[n] != "allowed"},
        waivers=used,
        golden=golden_vectors(learned.program),
        synthetic=synthetic,
    )
    if learned.submodels is not None:
        model = model.with_patterns(learned.submodels)
    return model.with_bands(learned.bands(cut_offs, alpha, groups)) if cut_offs else model


@dataclass(frozen=True)
class _Asked:
    """How to learn: of which columns, with what folds, replicates, patterns and support."""

    names: list[str]
    groups: npt.ArrayLike | None
    folds: int
    replicates: int
    seed: int
    patterns: Literal["pattern", "known"] | None
    rules: tuple[tuple[PopulationRule, ...], tuple[str, ...], float]

    def supported(self, program: ScoringProgram, x: FloatArray) -> ScoringProgram:
        """The program with the support of the data that it was fitted on."""
        return msgspec.structs.replace(program, support=support_of(program, x, *self.rules))


@dataclass(frozen=True)
class _Learned:
    """What was fitted, and what is known of it out of fold.

    ``event`` and ``weight`` are those at the horizon; rows of weight 0 are not known there.
    """

    program: ScoringProgram
    submodels: PatternSubmodels | None
    validated: CrossValidation
    x: FloatArray
    event: FloatArray
    weight: FloatArray

    def needed(self) -> SampleSizeNeeded:
        """How many people the program needs."""
        parameters = effective_parameters(self.program, self.x, self.weight)
        prevalence = float(np.average(self.event, weights=self.weight))
        return people_needed(parameters, prevalence, self.validated.performance.auc)

    def bands(
        self, cut_offs: Sequence[float], alpha: float, groups: npt.ArrayLike | None
    ) -> ConformalBands:
        """Sets of risk bands from the probabilities out of fold."""
        if (self.weight != 1).any():
            raise ModelError(
                "sets of risk bands rest on people who count alike; they take no weights and "
                "nobody who was censored before the horizon. Leave cut_offs out."
            )
        return conformal_bands(
            expit_many(self.validated.linear_predictor),
            self.event,
            cut_offs=cut_offs,
            alpha=alpha,
            groups=groups,
        )


def _learn(
    estimator: Any,
    x: FloatArray,
    y: Any,
    weight: FloatArray,
    horizon_days: int | None,
    asked: _Asked,
) -> _Learned:
    """Fit on all rows, and cross-validate."""
    if hasattr(estimator, "horizon_days") or hasattr(estimator, "calibrate_at"):
        return _learn_in_time(estimator, x, y, weight, horizon_days, asked)
    event = checked_outcome(y, len(x))
    options: dict[str, Any] = {"sample_weight": weight, "groups": asked.groups}
    procedure = estimator
    if asked.patterns is not None:
        if asked.replicates:
            raise ModelError("replicates of pattern submodels are not made; leave one of them out.")
        procedure = PatternedClassifier(estimator, asked.names, rows=asked.patterns)
    validated = cross_validate(x, event, estimator=procedure, folds=asked.folds, **options)
    submodels = None
    if asked.patterns is not None:
        submodels = clone(procedure).fit(x, event, **options).submodels_
    program = (
        _lowered(estimator, x, event, weight, asked) if submodels is None else submodels.fallback
    )
    return _Learned(asked.supported(program, x), submodels, validated, x, event, weight)


def _learn_in_time(
    estimator: AtHorizon | AdditiveHazardEstimator,
    x: FloatArray,
    y: Any,
    weight: FloatArray,
    horizon_days: int | None,
    asked: _Asked,
) -> _Learned:
    """As `_learn`, for an estimator in time, at the horizon."""
    from risicoscreener.models.at_horizon import AtHorizon, known_at, out_of_fold_at

    if horizon_days is None or asked.replicates or asked.patterns is not None:
        raise ModelError(
            "an estimator in time needs horizon_days, has an interval of its own (replicates=0) "
            f"and no pattern submodels; got horizon_days={horizon_days!r}, "
            f"replicates={asked.replicates}, patterns={asked.patterns!r}."
        )
    if not isinstance(estimator, AtHorizon):
        estimator = AtHorizon(estimator, horizon_days)
    if estimator.horizon_days != horizon_days:
        raise ModelError(
            f"the estimator lowers at {estimator.horizon_days} days; horizon_days is {horizon_days}"
        )
    outcome, event, at_horizon = known_at(y, horizon_days, weight)
    if len(outcome) != len(x):
        raise ModelError(f"y has {len(outcome)} rows; the frame has {len(x)}.")
    known = at_horizon > 0
    check_both(int(event[known].sum()), int(known.sum()))
    lp, folds = out_of_fold_at(estimator, x, outcome, asked.groups, asked.folds)
    method = (
        f"{folds}-fold cross-validation of the whole procedure, at {horizon_days} days, weighted "
        "for censoring"
    )
    found = measure_performance(event[known], lp[known], at_horizon[known], method=method)
    program = clone(estimator).fit(x, outcome, groups=asked.groups).lower(asked.names)
    validated = CrossValidation(lp, found)
    return _Learned(asked.supported(program, x), None, validated, x, event, at_horizon)


def _lowered(
    estimator: AdditiveClassifier,
    x: FloatArray,
    event: FloatArray,
    weight: FloatArray,
    asked: _Asked,
) -> ScoringProgram:
    """The fit on all rows as a program, with its replicates if they are asked for."""
    names, groups = asked.names, asked.groups
    if not asked.replicates:
        return clone(estimator).fit(x, event, sample_weight=weight, groups=groups).lower(names)
    from risicoscreener.models.uncertainty import bootstrap

    found = bootstrap(
        estimator,
        x,
        event,
        replicates=asked.replicates,
        groups=groups,
        sample_weight=weight,
        seed=asked.seed,
        feature_names=names,
    )
    if not isinstance(estimator, SplineLogisticClassifier):
        found = found.on_shared_knots()
    return found.lower()
