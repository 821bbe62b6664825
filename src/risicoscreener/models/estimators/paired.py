"""Interactions on top of an additive model: tables of two features that earn their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from sklearn.base import clone

from risicoscreener.models.calibration import Identity
from risicoscreener.models.estimators.base import AdditiveClassifier
from risicoscreener.models.estimators.binning import codes_of, step_term
from risicoscreener.models.estimators.folds import as_people, deal_folds
from risicoscreener.models.estimators.out_of_fold import (
    averaged_out_of_fold,
    calibrate_out_of_fold,
    check_calibration,
)
from risicoscreener.models.estimators.rounds import Board, Race, State
from risicoscreener.models.estimators.spline_logistic import SplineLogisticClassifier
from risicoscreener.models.estimators.steps import Growth
from risicoscreener.models.estimators.summing import weighted_sum
from risicoscreener.models.program import ScoringProgram

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.calibrating import Method
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import Support

BINS = 64


class PairedClassifier(AdditiveClassifier):
    """An additive model, and tables of two features where curves alone are not enough.

    The base is fitted first. What it leaves is searched for interactions: of the ``pairs`` most
    promising pairs of features, round after round the one that gains most gets a small tree of
    four quadrants, as boosting with trees of two cuts would, but with few tables that can be
    looked at. The number of rounds is that with the least held-out deviance. Tables that together
    do not lower it by more than its standard error leave, and the model is the base; those that
    stay are shrunk by how sure the gain is (`strength_`).

    Parameters
    ----------
    base
        An `AdditiveClassifier` with logistic calibration or none; by default the spline logistic.
    pairs
        Most tables.
    learning_rate, max_rounds, patience
        Part of each tree that is added, most trees, and trees without improvement after which it
        stops.
    min_weight
        Least weight (people) in a quadrant.
    shrinkage
        Added to the second derivative in a quadrant; draws its value towards 0.
    monotone
        Directions, given to the base; None leaves those of the base. They hold for tables too.
    calibration
        ``logistic`` or None, for the whole.
    folds
        Number of folds of the comparison; they follow from the content of rows. Base, pairs and
        trees are found anew without each fold, so that no choice has seen the people that judge.

    Attributes
    ----------
    base_
        The fitted base.
    pairs_
        The tables, purified: mean zero in each row and column over the training data.
    edges_, values_
        What purification gave back to the single features: steps per feature, last that of an
        unknown value.
    rounds_
        Number of trees.
    gain_, standard_error_
        Fall of the held-out log loss by the tables, summed over people, and its standard error;
        0 if there were too few people to tell.
    strength_
        By what the tables were multiplied: ``1 - (standard_error_ / gain_)**2``, the part of a
        squared estimate that is not noise (positive-part shrinkage of Stein, as in Copas 1983).

    Notes
    -----
    A model with tables has no covariance: its program carries no interval
    (`risicoscreener.models.uncertainty.bootstrap` needs the same tables in each replicate).
    Without tables the program is that of the base, with its interval.

    References
    ----------
    Lou, Caruana, Gehrke and Hooker (2013), Accurate intelligible models with pairwise
    interactions, KDD; Friedman (2001) for the trees; Lengerich et al. (2020) for purification;
    Copas (1983), Regression, prediction and shrinkage, JRSS B 45, 311-354.
    """

    def __init__(
        self,
        base: AdditiveClassifier | None = None,
        *,
        pairs: int = 10,
        learning_rate: float = 0.1,
        max_rounds: int = 150,
        patience: int = 20,
        min_weight: float = 20.0,
        shrinkage: float = 1.0,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        calibration: Method | None = "logistic",
        folds: int = 5,
    ) -> None:
        self.base = base
        self.pairs = pairs
        self.learning_rate = learning_rate
        self.max_rounds = max_rounds
        self.patience = patience
        self.min_weight = min_weight
        self.shrinkage = shrinkage
        self.monotone = monotone
        self.calibration = calibration
        self.folds = folds

    def _check_parameters(self) -> None:
        if self.base is not None and not isinstance(self.base, AdditiveClassifier):
            raise ValueError(f"base is {self.base!r}; give an additive model, or None.")
        for name in ("pairs", "max_rounds", "patience"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or value < 1:
                raise ValueError(f"{name} is {value!r}; give a whole number of at least 1.")
        if not 0 < self.learning_rate <= 1:
            raise ValueError(f"learning_rate is {self.learning_rate}; give a number in (0, 1].")
        if not self.min_weight > 0 or not self.shrinkage > 0:
            raise ValueError(
                f"min_weight={self.min_weight}, shrinkage={self.shrinkage} must be above 0."
            )
        if self.folds < 2:
            raise ValueError(f"folds={self.folds} must be at least 2.")
        check_calibration(self.calibration)
        if self.calibration not in ("logistic", None):
            raise ValueError("calibration of a model with pairs must be 'logistic' or None.")

    # -- fit -------------------------------------------------------------------------------

    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        rows, people = as_people(weight)
        # Sums over rows then do not depend on the order in which they were given.
        order = np.lexsort((people, *x[rows].T, outcome[rows]))
        rows, people = rows[order], people[order]
        groups = None if groups is None else groups[rows]
        lp = self._fit_people(x[rows], outcome[rows], people, groups)
        return None if lp is None else np.asarray(np.bincount(rows, lp) / np.bincount(rows))

    def _fit_people(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        self.base_ = self._fitted_base(x, outcome, weight, groups)
        self.calibration_, self.rounds_ = Identity(), 0
        self.gain_ = self.standard_error_ = self.strength_ = 0.0
        growth = Growth(2, self.min_weight, self.shrinkage)
        directions = tuple(self.base_._directions() if hasattr(self.base_, "monotone") else ())
        board = Board.of(
            (x, outcome, weight),
            growth,
            directions or (0,) * x.shape[1],
            self.learning_rate,
            BINS,
        )
        whole = self._state(board, self.base_, x, weight)
        shares = deal_folds(x, outcome, weight, groups, self.folds)
        lp = None if shares is None else self._compare(board, whole, x, shares, groups)
        if lp is None and not np.isnan(self.base_.out_of_fold_).any():
            lp = self.base_.calibration_.before_link(self.base_.out_of_fold_)
        parts = board.parts(whole)
        self.intercept_, self.values_, self.pairs_ = parts.intercept, parts.values, parts.pairs
        self.edges_ = list(board.edges)
        return lp

    def _fitted_base(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> AdditiveClassifier:
        base = SplineLogisticClassifier() if self.base is None else clone(self.base)
        if self.monotone is not None:
            base.set_params(monotone=self._directions())
        fitted: AdditiveClassifier = base.fit(x, outcome, sample_weight=weight, groups=groups)
        return fitted

    def _state(
        self, board: Board, base: AdditiveClassifier, x: FloatArray, weight: FloatArray
    ) -> State:
        """A state that begins at what a base says, with the pairs that promise most there."""
        state = board.empty(weight)
        state.start, state.lp = 0.0, base.decision_function(x)
        state.grids = board.promising(state, int(self.pairs))
        return state

    def _compare(
        self,
        board: Board,
        whole: State,
        x: FloatArray,
        shares: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        """Grow ``whole`` if tables help on people held out; then gives the predictors of these."""
        if not whole.grids:
            return None
        states = []
        for share in shares.T:
            left = whole.weight - share
            base = self._fitted_base(x, board.outcome, left, groups)
            states.append(self._state(board, base, x, left))
        member = None if groups is None else np.unique(groups, return_inverse=True)[1]
        race = Race(board, shares, whole.weight, member, states)
        best, rounds = race.best(board.join_best, int(self.max_rounds), int(self.patience))
        self.gain_, self.standard_error_ = race.gain(best)
        if rounds == 0 or self.gain_ <= self.standard_error_:
            return None
        self.rounds_ = rounds
        self.strength_ = 1.0 - (self.standard_error_ / self.gain_) ** 2
        for _ in range(rounds):
            board.join_best(whole)
        whole.pairs = {key: self.strength_ * table for key, table in whole.pairs.items()}
        offset = np.column_stack([state.lp for state in states])
        lp = offset + self.strength_ * (np.column_stack([state.lp for state in best]) - offset)
        self.calibration_ = calibrate_out_of_fold(lp, board.outcome, shares, self.calibration)
        return averaged_out_of_fold(lp, shares)

    # -- predict and lower -------------------------------------------------------------------

    def _linear_predictor(self, x: FloatArray) -> FloatArray:
        lp = self.base_.decision_function(x)
        if not self.pairs_:
            return lp
        lp = lp + self.intercept_
        for values, code in zip(self.values_, codes_of(self.edges_, x).T, strict=True):
            lp += values[code]
        for pair in self.pairs_:
            lp += pair.at(x)
        return lp

    def _lower(self, names: Sequence[str], support: Support | None) -> ScoringProgram:
        if not self.pairs_:
            return self.base_.lower(names, support)
        steps = ScoringProgram(
            intercept=self.intercept_,
            terms=tuple(
                step_term(name, edges, values, 0.0)
                for name, edges, values in zip(names, self.edges_, self.values_, strict=True)
            ),
            pairs=tuple(pair.lowered(names) for pair in self.pairs_),
            calibration=Identity(),
        )
        program = weighted_sum([self.base_.lower(names), steps], [1.0, 1.0], self.calibration_)
        return msgspec.structs.replace(program, support=support)
