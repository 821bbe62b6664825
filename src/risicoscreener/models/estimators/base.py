"""What classifiers of this library share: checked input, directions, prediction and lowering."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)
from threadpoolctl import threadpool_limits

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Calibration, expit_many, log_odds_after_link
from risicoscreener.models.estimators.penalised import BLOCK_ROWS

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.support import Support


class RiskClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Base of classifiers of two classes: checked input, directions, calibrated prediction.

    A class that inherits it says in ``_check_parameters`` which parameters it refuses, in
    ``_fit`` how it learns (it sets ``calibration_``), in ``_linear_predictor`` what it predicts.
    If it has a parameter ``monotone``, ``_directions`` reads it.

    Attributes
    ----------
    classes_
        The two labels; probabilities are of the second.
    calibration_
        The calibration map, fitted out of fold.
    out_of_fold_
        ``(n,)``: linear predictor, before calibration, of each row of the training data by fits
        that did not see it; NaN where there is none and for rows of weight 0.
    """

    classes_: npt.NDArray[Any]
    calibration_: Calibration
    out_of_fold_: FloatArray

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    # -- what a kind of model adds -----------------------------------------------------------

    @abstractmethod
    def _check_parameters(self) -> None:
        """Raise ValueError for a parameter that makes no sense."""

    @abstractmethod
    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        """Learn from rows of positive weight; gives their linear predictor out of fold."""

    @abstractmethod
    def _linear_predictor(self, x: FloatArray) -> FloatArray:
        """Linear predictor ``(n,)`` before calibration."""

    # -- fit -------------------------------------------------------------------------------

    def fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Self:
        """Fit the model and its calibration.

        Parameters
        ----------
        X
            ``(n, F)``, NaN for unknown.
        y
            ``(n,)``, two labels.
        sample_weight
            ``(n,)``, not negative; a weight of 2 is a row seen twice.
        groups
            ``(n,)``: rows of one group (person) are never split over folds.
        """
        self._check_parameters()
        x, outcome, weight = self._validated(X, y, sample_weight)
        used = weight > 0
        if groups is not None:
            groups = _checked_groups(groups, used)
        # The matrices are a few hundred wide: threads of the linear algebra gain nothing on an
        # idle machine, and on a busy one they wait for each other many times the work itself.
        with threadpool_limits(1, "blas"):
            out_of_fold = self._fit(x[used], outcome[used], weight[used], groups)
        self.out_of_fold_ = np.full(len(used), np.nan)
        if out_of_fold is not None:
            self.out_of_fold_[used] = out_of_fold
        return self

    def _validated(self, x: Any, y: Any, weight: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Checked matrix, outcome 0 or 1, weight; sets ``classes_``."""
        x, y = validate_data(self, x, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind != "binary":
            raise ValueError(f"Only binary classification is supported. The type is {kind}.")
        weight = _check_sample_weight(weight, x, dtype=np.float64, ensure_non_negative=True)
        self.classes_ = np.unique(y[weight > 0])
        if len(self.classes_) < 2:
            raise ValueError("y has one class only (of positive weight); two classes are needed.")
        return x, (y == self.classes_[1]).astype(np.float64), weight

    def _directions(self) -> list[int]:
        """Direction -1, 0 or 1 per feature, from the parameter ``monotone``."""
        monotone: Mapping[str, int] | Sequence[int] | None = self.monotone
        if monotone is None:
            return [0] * self.n_features_in_
        if isinstance(monotone, Mapping):
            names = list(getattr(self, "feature_names_in_", range(self.n_features_in_)))
            unknown = sorted(set(map(str, monotone)) - set(map(str, names)))
            if unknown:
                raise ValueError(f"monotone names {', '.join(unknown)}, which X does not have.")
            directions = [monotone.get(name, 0) for name in names]
        else:
            directions = list(monotone)
        if len(directions) != self.n_features_in_ or not set(directions) <= {-1, 0, 1}:
            raise ValueError(
                f"monotone needs -1, 0 or 1 for each of {self.n_features_in_} features."
            )
        return directions

    # -- predict ---------------------------------------------------------------------------

    def decision_function(self, X: Any) -> FloatArray:  # noqa: N803
        """Log odds ``(n,)`` of the second class, calibrated.

        Of a probability that the calibration makes 0 or 1 they are finite all the same.
        """
        before = self._before_link(X)
        return log_odds_after_link(self.calibration_, before)

    def _before_link(self, x: Any) -> FloatArray:
        """Linear predictor after a map that acts on it, before one that acts on probabilities."""
        check_is_fitted(self)
        x = validate_data(self, x, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        lp = np.empty(len(x))
        for start in range(0, len(x), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            lp[rows] = self._linear_predictor(x[rows])
        calibrated: FloatArray = self.calibration_.before_link(lp)
        return calibrated

    def predict_proba(self, X: Any) -> FloatArray:  # noqa: N803
        """Probabilities ``(n, 2)`` in the order of ``classes_``."""
        lp = self._before_link(X)
        second = self.calibration_.after_link_many(expit_many(lp))
        return np.column_stack([1.0 - second, second])

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: N803
        """The more probable label. Decisions belong to a policy, not to this threshold."""
        positive = self.predict_proba(X)[:, 1] > 0.5
        labels: npt.NDArray[Any] = self.classes_[positive.astype(np.intp)]
        return labels


class AdditiveClassifier(RiskClassifier):
    """Base of classifiers whose linear predictor is a sum over features, so that they lower.

    A class that inherits it gives in ``_lower`` the program with the same probabilities.
    """

    @abstractmethod
    def _lower(self, names: Sequence[str], support: Support | None) -> ScoringProgram:
        """The program, with a name per column."""

    def lower(
        self, feature_names: Sequence[str] | None = None, support: Support | None = None
    ) -> ScoringProgram:
        """The scoring program with the same probabilities (to 1e-12).

        Parameters
        ----------
        feature_names
            Names in the order of the columns; by default those of the fit.
        support
            Where the program may speak.

        Raises
        ------
        ModelError
            If there is not one name per feature.
        """
        return self._lower(self._names(feature_names), support)

    def _names(self, feature_names: Sequence[str] | None) -> list[str]:
        """A name per column of a fitted model: those given, or those of the fit."""
        check_is_fitted(self)
        fallback: Sequence[str] = list(getattr(self, "feature_names_in_", ()))
        names = list(feature_names or fallback)
        if len(names) != self.n_features_in_:
            raise ModelError(
                f"{len(names)} feature names were given for {self.n_features_in_} features; give "
                "one per column, or fit on a data frame."
            )
        return [str(name) for name in names]


def _checked_groups(groups: Any, used: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    groups = np.asarray(groups)
    if groups.shape != used.shape:
        raise ValueError(f"groups has shape {groups.shape}; expected {used.shape}.")
    chosen: npt.NDArray[Any] = groups[used]
    return chosen
