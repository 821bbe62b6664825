"""A model before and after an update, in the new people, each scored by a fit without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from risicoscreener.errors import ModelError
from risicoscreener.evaluation.discrimination import placement_error, placements
from risicoscreener.evaluation.intervals import mean_error
from risicoscreener.evaluation.scoring import log_losses, squared_errors
from risicoscreener.models.estimators.folds import deal_folds
from risicoscreener.models.performance import measure_performance
from risicoscreener.models.risk_model import Performance, RiskModel
from risicoscreener.models.updating.closed_test import choose_rung
from risicoscreener.models.updating.data import NewData
from risicoscreener.models.updating.ladder import updated_program
from risicoscreener.models.updating.recalibration import link_many
from risicoscreener.models.updating.wording import Rung, check_rung, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram


@dataclass(frozen=True)
class Difference:
    """After less before, with a 95% interval for pairs of predictions of the same people."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class UpdateComparison:
    """How a model does in the new population before and after an update.

    Attributes
    ----------
    rung
        The rung of the update; None if each fold chose its own.
    before
        Performance of the old model: none of it was fitted on these people.
    after
        Performance of the update out of fold.
    differences
        By ``auc``, ``brier`` and ``log_loss``. A lower Brier score and log loss is better.
    before_probability, after_probability
        ``(n,)``.
    """

    rung: Rung | None
    before: Performance
    after: Performance
    differences: Mapping[str, Difference]
    before_probability: FloatArray
    after_probability: FloatArray

    def sentences(self, lang: str = "nl") -> tuple[str, ...]:
        """What the update changed, in ``nl`` or ``en``."""
        before, after = self.before, self.after
        lines = [
            sentence(
                "comparison",
                "slope",
                lang,
                before=f"{before.calibration_slope:.2f}",
                after=f"{after.calibration_slope:.2f}",
                intercept_before=f"{before.calibration_intercept:.2f}",
                intercept_after=f"{after.calibration_intercept:.2f}",
            )
        ]
        for name in ("brier", "auc"):
            d = self.differences[name]
            lines.append(
                sentence(
                    "comparison",
                    name,
                    lang,
                    before=f"{getattr(before, name):.4f}",
                    after=f"{getattr(after, name):.4f}",
                    difference=f"{d.estimate:+.4f}",
                    low=f"{d.lower:+.4f}",
                    high=f"{d.upper:+.4f}",
                )
            )
        return tuple(lines)


def compare_update(
    model: ScoringProgram | RiskModel,
    X: Any,  # noqa: N803
    y: Any,
    *,
    rung: str | None = None,
    folds: int = 10,
    sample_weight: Any = None,
    groups: Any = None,
    monotone: Mapping[str, int] | None = None,
    candidates: tuple[str, ...] | None = None,
    level: float = 0.05,
) -> UpdateComparison:
    """Performance in the new people of the old model and of its update out of fold.

    Parameters
    ----------
    model, X, y, sample_weight, groups, monotone
        As for `update`. Rows of one group stay in one fold.
    rung
        The update. None: `choose_rung` chooses in each fold, so that the figures hold for the
        whole procedure.
    folds
        Dealt out by the content of the rows: no seed, and no order of rows.
    candidates, level
        Of the choice, if ``rung`` is None.

    Raises
    ------
    ModelError
        As `update`; or if too few people have, or do not have, the outcome for the folds.
    """
    program = model.program if isinstance(model, RiskModel) else model
    chosen = None if rung is None else check_rung(rung)
    data = NewData.read(program, X, y, sample_weight, groups)
    old = program.probability_many(program.score_many(data.old).linear_predictor)

    def of_fold(part: NewData) -> ScoringProgram:
        found = chosen or _chosen(program, part, candidates, level)
        return updated_program(program, part, found, monotone=monotone)

    new = old if chosen == "none" else _out_of_fold(data, of_fold, folds)
    method = f"{folds}-fold cross-validation of the update"
    return UpdateComparison(
        rung=chosen,
        before=_performance(data, old, "the model before its update, in the new people"),
        after=_performance(data, new, method),
        differences=_differences(data, old, new),
        before_probability=old,
        after_probability=new,
    )


def _chosen(
    program: ScoringProgram, part: NewData, candidates: tuple[str, ...] | None, level: float
) -> Rung:
    import pandas as pd

    frame = pd.DataFrame(part.everything, columns=[*program.features, *part.new_names])
    return choose_rung(
        program,
        frame,
        part.outcome,
        level=level,
        candidates=candidates,
        sample_weight=part.weight,
        groups=part.groups,
    ).rung


def _out_of_fold(
    data: NewData, of_fold: Callable[[NewData], ScoringProgram], folds: int
) -> FloatArray:
    """Probability of each row by an update that did not see it."""
    groups = data.groups
    dealt = deal_folds(data.everything, data.outcome, np.ones(data.n), groups, folds)
    if dealt is None:
        raise ModelError("too few new people with or without the outcome to compare out of fold.")
    probability = np.empty(data.n)
    for held in dealt.T > 0:
        program = of_fold(data.rows(~held))
        part = data.rows(held)
        x = part.everything if len(program.terms) > part.old.shape[1] else part.old
        probability[held] = program.probability_many(program.score_many(x).linear_predictor)
    return probability


def _performance(data: NewData, probability: FloatArray, method: str) -> Performance:
    return measure_performance(
        data.outcome, link_many("logit", probability), data.weight, method=method
    )


def _differences(data: NewData, old: FloatArray, new: FloatArray) -> dict[str, Difference]:
    y = data.outcome
    brier = squared_errors(y, new) - squared_errors(y, old)
    return {
        "auc": auc_difference(y, old, new, data.groups, data.weight),
        "brier": mean_difference(brier, data.groups, data.weight),
        "log_loss": mean_difference(
            _log_loss(y, new) - _log_loss(y, old), data.groups, data.weight
        ),
    }


def _log_loss(y: FloatArray, probability: FloatArray) -> FloatArray:
    """Of each row; certain probabilities are taken to be nearly so, so that it is finite."""
    return log_losses(y, np.clip(probability, 1e-12, 1.0 - 1e-12))


def mean_difference(difference: FloatArray, groups: Any = None, weight: Any = None) -> Difference:
    """Weighted mean of differences, with an interval in which people, not rows, are independent.

    Parameters
    ----------
    difference
        ``(n,)``, such as of the squared errors of two predictions of the same people.
    groups
        ``(n,)`` person of each row, or None.
    weight
        ``(n,)`` or None.
    """
    share = np.ones(len(difference)) if weight is None else np.asarray(weight, np.float64)
    estimate = float(share @ difference / share.sum())
    return _interval(estimate, mean_error(difference, share, _codes(groups)))


def _codes(groups: Any) -> npt.NDArray[np.intp] | None:
    return None if groups is None else np.unique(groups, return_inverse=True)[1]


def _interval(estimate: float, error: float) -> Difference:
    half = float(norm.ppf(0.975)) * error
    return Difference(estimate, estimate - half, estimate + half)


def auc_difference(
    y: FloatArray, old: FloatArray, new: FloatArray, groups: Any = None, weight: Any = None
) -> Difference:
    """Difference of the AUC of two scores of the same people (DeLong et al. 1988).

    With several rows per person the placements are added up per person (Obuchowski 1997).

    Parameters
    ----------
    y
        ``(n,)``, 0 or 1.
    old, new
        ``(n,)`` scores.
    groups
        ``(n,)`` person of each row, or None.
    weight
        ``(n,)`` or None.
    """
    event = y == 1
    share = np.ones(len(y)) if weight is None else np.asarray(weight, np.float64)
    placed = placements(event, new, share) - placements(event, old, share)
    estimate = float(share[event] @ placed[event] / share[event].sum())
    return _interval(estimate, placement_error(event, placed, share, _codes(groups)))
