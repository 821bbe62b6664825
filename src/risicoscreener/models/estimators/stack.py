"""A stack of additive models: a convex mean of their log odds, only if it is better than one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import clone

from risicoscreener.models.calibration import Identity
from risicoscreener.models.estimators.base import AdditiveClassifier
from risicoscreener.models.estimators.folds import as_people, deal_folds
from risicoscreener.models.estimators.out_of_fold import (
    check_calibration,
    logistic_calibration,
)
from risicoscreener.models.estimators.paired import PairedClassifier
from risicoscreener.models.estimators.spline_logistic import SplineLogisticClassifier
from risicoscreener.models.estimators.summing import weighted_sum

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from risicoscreener.models.calibrating import Method
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.support import Support


@dataclass(frozen=True)
class StackComparison:
    """What the members and their stack are worth on people whom they did not see.

    Attributes
    ----------
    names, weights
        Of the members; the weights are those of the best stack, also if it is not used.
    log_loss
        Per member its mean log loss out of fold.
    stack_log_loss
        That of the stack, with weights that follow from the other folds.
    difference, standard_error
        Stack less best member, per person and paired; negative is better.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    log_loss: tuple[float, ...]
    stack_log_loss: float
    difference: float
    standard_error: float

    @property
    def wins(self) -> bool:
        """The stack is better than the best member by more than one standard error."""
        return self.difference < -self.standard_error

    @property
    def best(self) -> int:
        """Position of the member with the least log loss."""
        return int(np.argmin(self.log_loss))

    def to_frame(self) -> pd.DataFrame:
        """A row per member and one for the stack: name, weight, log_loss."""
        import pandas as pd

        return pd.DataFrame(
            {
                "name": [*self.names, "stack"],
                "weight": [*self.weights, np.nan],
                "log_loss": [*self.log_loss, self.stack_log_loss],
            }
        )


class StackedClassifier(AdditiveClassifier):
    """Convex mean of the log odds of additive models, or the best of them if it is no worse.

    Each member is fitted and calibrated; weights minimise the log loss of the weighted mean of
    the out-of-fold log odds (Wolpert 1992; Breiman 1996, with weights that are not negative and
    add up to 1, so that the mean lies between its members and stays monotone if they are). The
    stack is compared with its best member on folds that its weights did not see.

    Parameters
    ----------
    members
        ``(name, estimator)`` pairs, each an `AdditiveClassifier` with logistic calibration or
        none. By default the spline logistic as a ridge, as a lasso, and with pairs.
    monotone
        Directions, given to all members; None leaves theirs.
    only_if_better
        Use the best member alone unless the stack is better by more than one standard error.
    calibration
        ``logistic`` or None, for the mean.
    folds
        Number of folds of the comparison; they follow from the content of rows, so members with
        the same number have the same.

    Attributes
    ----------
    members_
        The fitted members.
    weights_
        ``(members,)``: what is used; one of them 1 if the stack does not win.
    comparison_
        The `StackComparison`; None if there are too few people to compare.
    """

    def __init__(
        self,
        members: Sequence[tuple[str, AdditiveClassifier]] | None = None,
        *,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        only_if_better: bool = True,
        calibration: Method | None = "logistic",
        folds: int = 5,
    ) -> None:
        self.members = members
        self.monotone = monotone
        self.only_if_better = only_if_better
        self.calibration = calibration
        self.folds = folds

    def _check_parameters(self) -> None:
        check_calibration(self.calibration)
        if self.calibration not in ("logistic", None):
            raise ValueError("calibration of a stack must be 'logistic' or None.")
        if self.folds < 2:
            raise ValueError(f"folds={self.folds} must be at least 2.")
        names = [name for name, _ in self._members()]
        if not names or len(set(names)) < len(names):
            raise ValueError("members needs at least one, each with a name of its own.")
        strange = [n for n, member in self._members() if not isinstance(member, AdditiveClassifier)]
        if strange:
            raise ValueError(
                f"members {', '.join(strange)} are not additive, so the stack could not be "
                "looked at; hold it against them instead (GradientBoostingReference)."
            )

    def _members(self) -> Sequence[tuple[str, AdditiveClassifier]]:
        if self.members is not None:
            return self.members
        return (
            ("ridge", SplineLogisticClassifier()),
            ("lasso", SplineLogisticClassifier(l1_ratio=1.0)),
            ("pairs", PairedClassifier()),
        )

    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        rows, weight = as_people(weight)
        x, outcome = x[rows], outcome[rows]
        groups = None if groups is None else groups[rows]
        changed = {} if self.monotone is None else {"monotone": self._directions()}
        unfitted = [clone(member).set_params(**changed) for _, member in self._members()]
        self.members_ = [
            member.fit(x, outcome, sample_weight=weight, groups=groups) for member in unfitted
        ]
        self.calibration_ = Identity()
        self.comparison_: StackComparison | None = None
        self.weights_ = np.eye(len(self.members_))[0]
        held = np.column_stack([m.calibration_.before_link(m.out_of_fold_) for m in self.members_])
        shares = deal_folds(x, outcome, weight, groups, self.folds)
        if shares is None or np.isnan(held).any():
            return None
        names = tuple(name for name, _ in self._members())
        self.comparison_ = compare(names, held, outcome, shares, groups)
        if self.comparison_.wins or not self.only_if_better:
            self.weights_ = np.array(self.comparison_.weights)
        else:
            self.weights_ = np.eye(len(names))[self.comparison_.best]
        lp: FloatArray = held @ self.weights_
        if self.calibration == "logistic":
            self.calibration_ = logistic_calibration(lp, outcome, weight)
        return np.asarray(np.bincount(rows, lp) / np.bincount(rows))

    def _linear_predictor(self, x: FloatArray) -> FloatArray:
        return np.sum(
            [
                weight * member.decision_function(x)
                for member, weight in zip(self.members_, self.weights_, strict=True)
                if weight != 0
            ],
            axis=0,
        )

    def _lower(self, names: Sequence[str], support: Support | None) -> ScoringProgram:
        import msgspec

        programs = [member.lower(names) for member in self.members_]
        program = weighted_sum(programs, self.weights_.tolist(), self.calibration_)
        return msgspec.structs.replace(program, support=support)


# -- weights and their comparison --------------------------------------------------------------


def convex_weights(held: FloatArray, outcome: FloatArray, weight: FloatArray) -> FloatArray:
    """Weights, not negative and with sum 1, of the least log loss of the mean of log odds.

    Parameters
    ----------
    held
        ``(n, members)``: log odds out of fold.
    """
    count = held.shape[1]
    if count == 1:
        return np.ones(1)
    share = weight / weight.sum()

    def loss(w: FloatArray) -> tuple[float, FloatArray]:
        lp = held @ w
        gradient = held.T @ (share * (expit(lp) - outcome))
        return float(share @ _log_loss(lp, outcome)), gradient

    found = minimize(
        loss,
        np.full(count, 1.0 / count),
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * count,
        constraints={
            "type": "eq",
            "fun": lambda w: w.sum() - 1.0,
            "jac": np.ones_like,
        },
        options={"ftol": 1e-13, "maxiter": 500},
    )
    weights: FloatArray = np.where(found.x < 1e-6, 0.0, found.x)
    return weights / weights.sum()


def compare(
    names: tuple[str, ...],
    held: FloatArray,
    outcome: FloatArray,
    shares: FloatArray,
    groups: npt.NDArray[Any] | None = None,
) -> StackComparison:
    """Members and stack on people they did not see.

    Parameters
    ----------
    held
        ``(n, members)``: calibrated log odds out of fold.
    shares
        ``(n, folds)``, as from `deal_folds`.
    """
    weight = shares.sum(axis=1)
    share = weight / weight.sum()
    members = np.column_stack([share @ _log_loss(lp, outcome) for lp in held.T])[0]
    stacked = np.zeros(len(held))
    for part in shares.T:
        apart = convex_weights(held, outcome, weight - part)
        stacked += part / weight * _log_loss(held @ apart, outcome)
    best = held[:, int(members.argmin())]
    difference = stacked - _log_loss(best, outcome)
    mean = float(share @ difference)
    return StackComparison(
        names=names,
        weights=tuple(convex_weights(held, outcome, weight).tolist()),
        log_loss=tuple(members.tolist()),
        stack_log_loss=float(share @ stacked),
        difference=mean,
        standard_error=_error_of_mean(difference - mean, weight, groups),
    )


def _log_loss(lp: FloatArray, outcome: FloatArray) -> FloatArray:
    loss: FloatArray = np.logaddexp(0.0, lp) - outcome * lp
    return loss


def _error_of_mean(
    centred: FloatArray, weight: FloatArray, groups: npt.NDArray[Any] | None
) -> float:
    """Standard error of a weighted mean: whole weights are people, groups are independent."""
    if groups is not None:
        codes = np.unique(groups, return_inverse=True)[1]
        sums, count = np.bincount(codes, weight * centred), float(codes.max() + 1)
        squares = float(np.square(sums).sum())
    else:
        squares, count = float(weight @ np.square(centred)), float(weight.sum())
    return float(np.sqrt(squares * count / max(count - 1.0, 1.0)) / weight.sum())
