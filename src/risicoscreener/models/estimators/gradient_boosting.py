"""Gradient boosting as the flexible reference: what interpretable models are held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Identity
from risicoscreener.models.estimators.base import RiskClassifier
from risicoscreener.models.estimators.folds import as_people, deal_folds
from risicoscreener.models.estimators.out_of_fold import (
    averaged_out_of_fold,
    calibrate_out_of_fold,
    check_calibration,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.calibrating import Method
    from risicoscreener.models.piecewise import FloatArray

CHECKPOINTS = 40
"""Numbers of trees among which is chosen."""


class GradientBoostingReference(RiskClassifier):
    """Gradient boosting of scikit-learn, chosen by cross-validation and calibrated out of fold.

    A reference, not a model for use: nobody can see why a person gets a probability, and it does
    not lower to a scoring program. If an interpretable model comes close to it, nothing is lost
    by terms that can be looked at; if not, something is missing from them.

    Parameters
    ----------
    leaves
        Largest numbers of leaves of a tree to choose from; 2 is without interactions.
    learning_rate
        Part of each tree that is added.
    max_trees
        Most trees; `CHECKPOINTS` numbers up to this one are compared.
    min_people
        Fewest rows (people, where weights are whole) in a leaf.
    monotone
        Directions, as for `SplineLogisticClassifier`.
    calibration
        Method of `risicoscreener.models.calibrating`, fitted on out-of-fold linear predictors,
        or None.
    folds
        Number of folds, for the choice and the calibration; they follow from the content of rows.
    random_state
        Seed of the sample of rows on which bins are made where there are more than 200,000.

    Attributes
    ----------
    model_
        The fitted `sklearn.ensemble.HistGradientBoostingClassifier`.
    leaves_, trees_
        What was chosen.

    Notes
    -----
    A whole weight is a number of people: rows are repeated, so that a weight of 2 is a row seen
    twice in the bins and the least size of a leaf too, which weights of scikit-learn are not.

    References
    ----------
    Friedman 2001; Ke et al. 2017 (LightGBM).

    Examples
    --------
    >>> reference = GradientBoostingReference().fit(x, y)  # doctest: +SKIP
    >>> reference.predict_proba(x)[:, 1]  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        leaves: Sequence[int] = (2, 4, 8),
        learning_rate: float = 0.05,
        max_trees: int = 400,
        min_people: int = 20,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        calibration: Method | None = "logistic",
        folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.leaves = leaves
        self.learning_rate = learning_rate
        self.max_trees = max_trees
        self.min_people = min_people
        self.monotone = monotone
        self.calibration = calibration
        self.folds = folds
        self.random_state = random_state

    def _check_parameters(self) -> None:
        if not self.leaves or min(self.leaves) < 2:
            raise ValueError(f"leaves is {self.leaves!r}; give numbers of at least 2.")
        if not 0 < self.learning_rate <= 1:
            raise ValueError(f"learning_rate is {self.learning_rate!r}; give one in (0, 1].")
        if self.max_trees < 1 or self.min_people < 1 or self.folds < 2:
            raise ValueError("max_trees and min_people must be at least 1, folds at least 2.")
        check_calibration(self.calibration)

    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        directions = self._directions()
        rows, weight = as_people(weight)
        x, outcome = x[rows], outcome[rows]
        groups = None if groups is None else groups[rows]
        shares = deal_folds(x, outcome, weight, groups, self.folds)
        self.calibration_ = Identity()
        self.leaves_, self.trees_, lp = self._choose(x, outcome, weight, shares, directions)
        self.model_ = self._unfitted(self.leaves_, self.trees_, directions)
        self.model_.fit(x, outcome, sample_weight=weight)
        if shares is None:
            return None
        held = np.where(shares > 0, lp[:, None], 0.0)
        self.calibration_ = calibrate_out_of_fold(held, outcome, shares, self.calibration)
        averaged = averaged_out_of_fold(held, shares)
        return np.asarray(np.bincount(rows, averaged) / np.bincount(rows))

    def _unfitted(self, leaves: int, trees: int, directions: list[int]) -> Any:
        return HistGradientBoostingClassifier(
            learning_rate=self.learning_rate,
            max_iter=trees,
            max_leaf_nodes=leaves,
            min_samples_leaf=self.min_people,
            monotonic_cst=directions,
            early_stopping=False,
            random_state=self.random_state,
        )

    def _choose(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        shares: FloatArray | None,
        directions: list[int],
    ) -> tuple[int, int, FloatArray]:
        """Leaves and trees of the least deviance held out, and the predictors that gave it."""
        if shares is None:
            return int(self.leaves[0]), max(1, self.max_trees // 4), np.zeros(len(x))
        best: tuple[float, int, int, FloatArray] | None = None
        even = np.linspace(0, self.max_trees, CHECKPOINTS + 1)[1:]
        counts = np.unique(np.maximum(1, even.round()).astype(int))
        for leaves in self.leaves:
            lp = np.empty((len(x), len(counts)))
            for share in shares.T:
                kept, held = share == 0, share > 0
                model = self._unfitted(leaves, self.max_trees, directions)
                model.fit(x[kept], outcome[kept], sample_weight=weight[kept])
                stages = enumerate(model.staged_decision_function(x[held]), start=1)
                lp[held] = np.column_stack([f.ravel() for i, f in stages if i in counts])
            deviance = weight @ (np.logaddexp(0.0, lp) - outcome[:, None] * lp)
            at = int(deviance.argmin())
            if best is None or deviance[at] < best[0]:
                best = (float(deviance[at]), int(leaves), int(counts[at]), lp[:, at].copy())
        assert best is not None
        return best[1:]

    def _linear_predictor(self, x: FloatArray) -> FloatArray:
        lp: FloatArray = self.model_.decision_function(x)
        return lp

    def lower(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: interactions of many features have no terms.

        Raises
        ------
        ModelError
            Always.
        """
        raise ModelError(
            "gradient boosting is the reference that interpretable models are held against; it "
            "has no terms and does not lower to a scoring program. Compare its predict_proba with "
            "that of an additive model, and use the additive model."
        )
