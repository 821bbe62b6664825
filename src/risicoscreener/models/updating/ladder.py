"""Update a model on a given rung of the ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
import numpy as np

from risicoscreener.errors import ModelError
from risicoscreener.models.checking import check_sensitivity
from risicoscreener.models.fitted_support import support_of
from risicoscreener.models.golden import golden_vectors
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.risk_model import Provenance, RiskModel, Training
from risicoscreener.models.support import Support
from risicoscreener.models.updating.data import NewData
from risicoscreener.models.updating.recalibration import (
    calibrated_predictor,
    fit_line,
    recalibrated,
)
from risicoscreener.models.updating.revision import Revision
from risicoscreener.models.updating.wording import Rung, check_rung

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from risicoscreener.features.definition import Sensitivity
    from risicoscreener.features.sensitivity import Waiver
    from risicoscreener.models.risk_model import Performance

Model = TypeVar("Model", bound=ScoringProgram | RiskModel)

TERMS_ARE_OLD: tuple[Rung, ...] = ("none", "in_the_large", "logistic")


def update(
    model: Model,
    X: Any,  # noqa: N803
    y: Any,
    *,
    rung: str,
    sample_weight: Any = None,
    groups: Any = None,
    monotone: Mapping[str, int] | None = None,
    level: float = 0.95,
    sensitivity: Mapping[str, Sensitivity] | None = None,
    waivers: Iterable[Waiver] = (),
    period: tuple[date, date] | None = None,
    censoring: str = "",
    provenance: Provenance | None = None,
    performance: Performance | None = None,
) -> Model:
    """The model, updated to new people on one rung of the ladder.

    Parameters
    ----------
    model
        A scoring program, or a risk model around one; the same kind is returned.
    X
        New people: ``(n, F)`` in the order of the features, or a data frame by name; its columns
        that the model does not have are the new features of an extension. NaN is unknown.
    y
        ``(n,)``, 0 or 1.
    rung
        ``none``: as it is. ``in_the_large``: a new intercept. ``logistic``: a new intercept and
        slope. ``refit``: all terms, on their own knots, shrunk to the old ones (times a slope
        that is estimated with them); how strongly is chosen by marginal likelihood.
        ``extension``: terms of new features beside the old predictor, which gets a new intercept
        and slope. ``refit_and_extension``: both. See `choose_rung`.
    sample_weight
        ``(n,)``; a weight of 2 is a row seen twice.
    groups
        ``(n,)`` person of each row; makes the covariance of intercept and slope robust to it.
    monotone
        Directions -1, 0 or 1 by name of feature, kept by ``refit`` and ``extension``.
    level
        Coverage of the interval of a program that is refitted or extended.
    sensitivity, waivers
        Of the new features of a risk model: declared as in `fit_risk_model`.
    period, censoring, provenance
        Of the new data, recorded in a risk model.
    performance
        That of the updated model, out of fold (see `compare_update`), recorded in a risk model.

    Returns
    -------
    The updated program or model. A recalibrated program keeps its terms, its support and the
    record of its training; a refitted or extended one has the support and record of the new data
    (population rules and required features stay).

    Raises
    ------
    ModelError
        For data that do not fit the model, a rung that they do not allow, a slope that is not
        positive, or a new feature without declared sensitivity or waiver. For a model with a
        program per pattern (`PatternSubmodels`).

    Notes
    -----
    Sets of risk bands (`ConformalBands`) rest on the probabilities of before, so that an updated
    model has none; make them anew. The interval of a recalibrated program holds the uncertainty
    of the old terms and of the new intercept and slope. If its map was not a line (isotonic,
    say), only that of the terms, and a refit starts from the uncalibrated predictor.
    """
    chosen = check_rung(rung)
    program = model.program if isinstance(model, RiskModel) else model
    data = NewData.read(program, X, y, sample_weight, groups)
    granted: tuple[Waiver, ...] = ()
    if isinstance(model, RiskModel) and model.patterns and chosen != "none":
        raise ModelError(
            f"model {model.name!r} has a program per pattern of what is known, and an update would "
            "move only that of the other patterns; fit it anew with fit_risk_model."
        )
    if isinstance(model, RiskModel) and "extension" in chosen:
        granted = check_sensitivity(data.new_names, sensitivity or {}, waivers)
    updated = updated_program(program, data, chosen, monotone=monotone, level=level)
    if not isinstance(model, RiskModel):
        return cast("Model", updated)
    record = (period, censoring, provenance, performance)
    renewed = _risk_model(model, updated, data, chosen, record, sensitivity, granted)
    return cast("Model", renewed)


def updated_program(
    program: ScoringProgram,
    data: NewData,
    rung: Rung,
    *,
    monotone: Mapping[str, int] | None = None,
    level: float = 0.95,
) -> ScoringProgram:
    """A program updated to data that were checked."""
    if rung == "none":
        return program
    if rung in TERMS_ARE_OLD:
        z = calibrated_predictor(program, data.old)
        line = fit_line(data, z, program.link, intercept=True, slope=rung == "logistic")
        return recalibrated(program, line)
    revision = Revision.of(program, data, refit="refit" in rung, extend="extension" in rung)
    penalty, fit = revision.choose()
    if monotone:
        fit = revision.restricted(penalty, fit, monotone)
    lowered = revision.lowered(penalty, fit, level)
    return msgspec.structs.replace(lowered, support=_new_support(program, lowered, data, rung))


def _new_support(
    program: ScoringProgram, lowered: ScoringProgram, data: NewData, rung: Rung
) -> Support | None:
    """The support of the new data, with the rules of the old program."""
    old = program.support
    if old is None:
        return None
    x = data.everything if "extension" in rung else data.old
    unseen = np.isnan(x).all(axis=0)
    if unseen.any():
        names = [lowered.features[i] for i in np.flatnonzero(unseen)]
        raise ModelError(
            f"{', '.join(names)} is unknown for everyone in the new data, so that its term cannot "
            "be estimated again; recalibrate the model, or collect the feature."
        )
    return support_of(lowered, x, old.rules, old.required, old.max_missing_share)


def _risk_model(
    model: RiskModel,
    program: ScoringProgram,
    data: NewData,
    rung: Rung,
    record: tuple[Any, ...],
    sensitivity: Mapping[str, Sensitivity] | None,
    waivers: tuple[Waiver, ...],
) -> RiskModel:
    period, censoring, provenance, performance = record
    training = model.training
    if rung not in TERMS_ARE_OLD:
        x = data.everything if "extension" in rung else data.old
        shares = np.isnan(x).mean(axis=0).tolist()
        training = Training(
            n=data.n,
            events=data.events,
            period_from=period[0] if period else None,
            period_until=period[1] if period else None,
            censoring=censoring,
            missing_share=dict(zip(program.features, shares, strict=True)),
        )
    declared = {} if "extension" not in rung else sensitivity or {}
    sensitive = {n: declared[n] for n in data.new_names if declared.get(n, "allowed") != "allowed"}
    return msgspec.structs.replace(
        model,
        program=program,
        training=training,
        performance=performance or (model.performance if rung == "none" else None),
        provenance=_provenance(model, rung, provenance),
        sensitive={**model.sensitive, **sensitive},
        waivers=(*model.waivers, *(w for w in waivers if w not in model.waivers)),
        golden=golden_vectors(program),
        **({} if rung == "none" else {"bands": None, "golden_bands": ()}),
    )


def _provenance(
    model: RiskModel, rung: Rung, provenance: Provenance | None
) -> dict[str, Provenance]:
    """The source of what was estimated anew; a recalibration leaves that of the terms."""
    if provenance is None or rung == "none":
        return model.provenance
    if rung in TERMS_ARE_OLD:
        return {**model.provenance, "calibration": provenance}
    found = {"*": provenance}
    if "*" in model.provenance:
        found["before the update"] = model.provenance["*"]
    return found
