"""An additive estimator with any calibration on top, cross-fitted, that lowers to one program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, clone

from risicoscreener.errors import ModelError
from risicoscreener.models.calibrating.choice import (
    CalibrationChoice,
    Split,
    _requested,
    judge,
    one_standard_error,
    tried_methods,
)
from risicoscreener.models.calibrating.data import CalibrationData
from risicoscreener.models.calibrating.register import Method, check_method
from risicoscreener.models.calibration import Identity, VennAbers, expit_many
from risicoscreener.models.estimators.base import AdditiveClassifier
from risicoscreener.models.estimators.folds import deal_folds
from risicoscreener.models.estimators.out_of_fold import (
    averaged_out_of_fold,
    calibrate_out_of_fold,
)
from risicoscreener.models.estimators.spline_logistic import SplineLogisticClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.support import Support


class CalibratedAdditive(AdditiveClassifier):
    """Any additive estimator, with a calibration map fitted on predictions out of fold.

    The estimator is fitted once per fold on the other folds; the map is fitted on the linear
    predictors of the rows left out; the model that is lowered is fitted on all rows.

    Parameters
    ----------
    estimator
        Unfitted, with ``lower()``; by default `SplineLogisticClassifier`. A calibration of its
        own is not used: its parameter ``calibration`` is set to None if it has one.
    method
        Name of a calibration method (`method_names`), or ``choose``: the choice of
        `choose_calibration`, where for each fold the estimator and the map are fitted anew on
        the other folds alone (``folds * (folds + 2) + 1`` fits, about).
    folds
        Number of folds, dealt from the content of the rows or from their groups.

    Attributes
    ----------
    estimator_
        The estimator fitted on all rows.
    calibration_
        The map.
    choice_
        The `CalibrationChoice` if ``method`` is ``choose``, else None.
    classes_, out_of_fold_
        As for `AdditiveClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from risicoscreener.models.estimators import SplineLogisticClassifier
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(400, 2))
    >>> y = rng.random(400) < 1 / (1 + np.exp(-x[:, 0]))
    >>> plain = SplineLogisticClassifier(shrinkage=1.0, smoothness=1.0)
    >>> fitted = CalibratedAdditive(plain, method="beta").fit(x, y)
    >>> type(fitted.lower(["first", "second"]).calibration).__name__
    'Beta'
    """

    estimator_: Any
    choice_: CalibrationChoice | None

    def __init__(
        self,
        estimator: Any = None,
        *,
        method: Method | Literal["choose"] = "logistic",
        folds: int = 5,
    ) -> None:
        self.estimator = estimator
        self.method = method
        self.folds = folds

    # -- fit -------------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        if self.method != "choose":
            try:
                check_method(self.method)
            except ModelError as error:
                raise ValueError(f"{error} Or choose, to have it chosen.") from error
        if self.folds < 2:
            raise ValueError(f"folds={self.folds} must be at least 2.")
        if self.estimator is not None and not hasattr(self.estimator, "lower"):
            raise ValueError(
                f"{type(self.estimator).__name__} has no lower(); give an additive estimator."
            )

    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        data = _Rows(self._unfitted(), self._columns(), x, outcome, weight, groups)
        self.estimator_ = data.fit(weight)
        self.calibration_ = Identity()
        self.choice_ = None
        shares = data.deal(weight, self.folds)
        if shares is None:
            if self.method not in ("none", "logistic"):
                raise ModelError(
                    "too few people with or without the outcome for folds, so no calibration can "
                    "be fitted; use method='none', or more data."
                )
            return None
        lp = data.out_of_fold(weight, shares)
        if self.method == "choose":
            self.choice_ = data.choose(lp, shares)
            self.calibration_ = self.choice_.calibration
        else:
            self.calibration_ = calibrate_out_of_fold(lp, outcome, shares, self.method)
        return averaged_out_of_fold(lp, shares)

    def _unfitted(self) -> Any:
        base = SplineLogisticClassifier() if self.estimator is None else clone(self.estimator)
        if "calibration" in base.get_params(deep=False):
            base.set_params(calibration=None)
        return base

    def _columns(self) -> list[str]:
        named = getattr(self, "feature_names_in_", None)
        names = range(self.n_features_in_) if named is None else named
        return [str(name) if named is not None else f"x{name}" for name in names]

    # -- predict and lower -------------------------------------------------------------------

    def predict_bounds(self, X: Any) -> FloatArray:  # noqa: N803
        """Lower and upper probability ``(n, 2)`` of the second class, by Venn-Abers.

        Raises
        ------
        ModelError
            If the calibration is not a Venn-Abers map.
        """
        before = expit_many(self._before_link(X))
        if not isinstance(self.calibration_, VennAbers):
            raise ModelError(
                "only a Venn-Abers calibration has bounds; fit with method='venn_abers'."
            )
        return np.column_stack(self.calibration_.bounds_many(before))

    def _linear_predictor(self, x: FloatArray) -> FloatArray:
        return _linear_predictor(self.estimator_, self._columns(), x)

    def _lower(self, names: Sequence[str], support: Support | None) -> ScoringProgram:
        program: ScoringProgram = self.estimator_.lower(names, support=support)
        return msgspec.structs.replace(program, calibration=self.calibration_)


def calibrate(
    estimator: BaseEstimator | None,
    X: Any,  # noqa: N803
    y: Any,
    *,
    method: Method | Literal["choose"] = "choose",
    folds: int = 5,
    groups: Any = None,
    sample_weight: Any = None,
) -> CalibratedAdditive:
    """Fit an additive estimator with a cross-fitted calibration.

    Parameters are those of `CalibratedAdditive` and of its ``fit``.

    Raises
    ------
    ModelError
        If there are fewer events than the method needs.
    ValueError
        For parameters or data that cannot be used.
    """
    model = CalibratedAdditive(estimator, method=method, folds=folds)
    return model.fit(X, y, sample_weight=sample_weight, groups=groups)


def _linear_predictor(fitted: Any, names: Sequence[str], x: FloatArray) -> FloatArray:
    """Linear predictor ``(n,)`` of the estimator before any calibration of its own."""
    predicted: FloatArray = fitted.lower(list(names)).score_many(x).linear_predictor
    return predicted


@dataclass(frozen=True)
class _Rows:
    """The training data with the unfitted estimator."""

    estimator: Any
    names: list[str]
    x: FloatArray
    outcome: FloatArray
    weight: FloatArray
    groups: npt.NDArray[Any] | None

    def fit(self, weight: FloatArray) -> Any:
        """The estimator fitted with these weights."""
        import pandas as pd

        frame = pd.DataFrame(self.x, columns=self.names)
        grouped = {} if self.groups is None else {"groups": self.groups}
        return clone(self.estimator).fit(frame, self.outcome, sample_weight=weight, **grouped)

    def deal(self, weight: FloatArray, folds: int) -> FloatArray | None:
        """How these weights are dealt out over folds: ``(n, folds)``."""
        used = weight > 0
        groups = None if self.groups is None else self.groups[used]
        dealt = deal_folds(self.x[used], self.outcome[used], weight[used], groups, folds)
        if dealt is None:
            return None
        shares = np.zeros((len(weight), dealt.shape[1]))
        shares[used] = dealt
        return shares

    def out_of_fold(self, weight: FloatArray, shares: FloatArray) -> FloatArray:
        """Linear predictor ``(n, folds)`` of each row by the fit without the fold's share."""
        lp = np.zeros(shares.shape)
        for fold, share in enumerate(shares.T):
            lp[:, fold] = self.predict(self.fit(weight - share))
        return lp

    def predict(self, fitted: Any) -> FloatArray:
        """Linear predictor of all rows by a fitted estimator."""
        return _linear_predictor(fitted, self.names, self.x)

    def choose(self, lp: FloatArray, shares: FloatArray) -> CalibrationChoice:
        """The choice of a map, where for each fold the model too is fitted without it."""
        fewest = CalibrationData.of(self.outcome, self.outcome, self.weight).fewest
        splits = [self._split(share, shares.shape[1]) for share in shares.T]
        tried = tried_methods(None, fewest)
        results = judge(splits, tried, _requested(None), self.groups)
        method = one_standard_error(results)
        return CalibrationChoice(
            method=method,
            calibration=calibrate_out_of_fold(lp, self.outcome, shares, method),
            results=results,
            n=float(self.weight.sum()),
            events=float(self.weight @ self.outcome),
            fewest=fewest,
            folds=shares.shape[1],
            nested=True,
        )

    def _split(self, share: FloatArray, folds: int) -> Split:
        """Predictors of one fold by a fit without it, and of the others out of fold in them."""
        kept = self.weight - share
        inner = self.deal(kept, folds)
        if inner is None:
            raise ModelError("too few people with or without the outcome to choose; name a method.")
        lp = self.out_of_fold(kept, inner)
        rows, fold = np.nonzero(inner)
        held = np.flatnonzero(share)
        return Split(
            train_lp=lp[rows, fold],
            train_outcome=self.outcome[rows],
            train_weight=inner[rows, fold],
            train_fold=fold,
            lp=self.predict(self.fit(kept))[held],
            outcome=self.outcome[held],
            weight=share[held],
            rows=held,
        )
