"""Additive boosting: a curve of steps per feature, and interactions that earn their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from risicoscreener.models.calibration import Identity
from risicoscreener.models.ensemble import MIN_REPLICATES, Ensemble
from risicoscreener.models.estimators.base import AdditiveClassifier
from risicoscreener.models.estimators.binning import (
    codes_of,
    step_term,
)
from risicoscreener.models.estimators.folds import deal_folds, resampled_weights
from risicoscreener.models.estimators.out_of_fold import (
    averaged_out_of_fold,
    calibrate_out_of_fold,
    check_calibration,
)
from risicoscreener.models.estimators.rounds import Board, Race, State, TriedPair
from risicoscreener.models.estimators.steps import Growth
from risicoscreener.models.piecewise import MAX_KNOTS
from risicoscreener.models.program import ScoringProgram

if TYPE_CHECKING:
    from risicoscreener.models.calibrating import Method
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import Support

CANDIDATES = 10
"""Pairs that ``auto`` tries: those with the largest gain."""

UNVALIDATED_ROUNDS = 50
"""Rounds where there are too few people to hold any out."""


class AdditiveBoostingClassifier(AdditiveClassifier):
    """Boosting of small trees of one feature each: an additive model of curves in steps.

    Round after round, each feature in turn gets a small tree that lowers the loss of what the
    others leave (cyclic boosting, as in explainable boosting machines); the number of rounds is
    that with the least held-out deviance. Then interactions of two features are tried, in the
    order of what they promise, and kept if they lower the held-out deviance by more than chance
    would.

    Parameters
    ----------
    learning_rate
        Part of each tree that is added.
    max_rounds, patience
        Most rounds, and rounds without improvement after which it stops.
    max_bins
        Most bins of known values per feature, at most 100. An unknown value has one of its own.
    max_leaves
        Most leaves of a tree.
    min_weight
        Least weight (people) in a leaf.
    shrinkage
        Added to the second derivative in a leaf; draws its value towards 0.
    pairs
        How many interactions are tried: the most promising ones, of which those that earn their
        place stay. 0: none. ``auto``: 10.
    monotone
        Directions: a mapping from feature name, or a sequence per feature, to 1
        (non-decreasing), -1 (non-increasing) or 0. They hold exactly, interactions included.
    calibration
        Method of `risicoscreener.models.calibrating`, fitted on out-of-fold linear predictors,
        or None.
    folds
        Number of folds, for rounds, interactions and calibration; they follow from the content
        of the rows, so that there is no seed and no order of rows.
    replicates
        Bootstrap replicates for the interval of the lowered program: 0 (no interval), or at
        least 10.
    level
        Coverage of the interval.
    random_state
        Seed of the replicates; the fit itself has no chance in it.

    Attributes
    ----------
    edges_
        Per feature the ascending edges of its bins.
    values_
        Per feature what each bin adds, and last an unknown value; mean zero over the training
        data.
    pairs_
        The interactions as `BoostedPair`, purified: mean zero in each row and column over the
        training data.
    intercept_
        The rest of the linear predictor, before calibration.
    rounds_
        Number of rounds before interactions.
    tried_pairs_
        What was tried, as `TriedPair`: fall of the held-out deviance, and its standard error.

    Notes
    -----
    An interaction stays if the fall of the held-out log loss is above its standard error times
    a factor for the number of pairs tried: the factor by which the best of as many pairs of
    noise passes as seldom as one pair of noise passes one standard error.

    In a pair, cells where a value is unknown add nothing before purification. A tree of a pair
    keeps the directions by itself, so an interaction that only weakens the effect of a feature
    with a direction is not found. With directions,
    curve and interactions together have the direction at every value of the other features; the
    curve by itself, which is a mean, may turn a little where features hang together.

    References
    ----------
    Lou, Caruana, Gehrke and Hooker (2013), Accurate intelligible models with pairwise
    interactions, KDD; Nori et al. (2019), InterpretML, arXiv:1909.09223; Lengerich et al. (2020)
    for the purification.
    """

    def __init__(
        self,
        *,
        learning_rate: float = 0.05,
        max_rounds: int = 1000,
        patience: int = 30,
        max_bins: int = 64,
        max_leaves: int = 3,
        min_weight: float = 10.0,
        shrinkage: float = 1.0,
        pairs: int | Literal["auto"] = 0,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        calibration: Method | None = "logistic",
        folds: int = 5,
        replicates: int = 0,
        level: float = 0.95,
        random_state: int = 0,
    ) -> None:
        self.learning_rate = learning_rate
        self.max_rounds = max_rounds
        self.patience = patience
        self.max_bins = max_bins
        self.max_leaves = max_leaves
        self.min_weight = min_weight
        self.shrinkage = shrinkage
        self.pairs = pairs
        self.monotone = monotone
        self.calibration = calibration
        self.folds = folds
        self.replicates = replicates
        self.level = level
        self.random_state = random_state

    def _check_parameters(self) -> None:
        if not 0 < self.learning_rate <= 1:
            raise ValueError(f"learning_rate is {self.learning_rate}; give a number in (0, 1].")
        if min(self.max_rounds, self.patience) < 1:
            raise ValueError(
                f"max_rounds={self.max_rounds}, patience={self.patience} must be at least 1."
            )
        if not 2 <= self.max_bins <= MAX_KNOTS // 2:
            raise ValueError(f"max_bins is {self.max_bins}; give 2 to {MAX_KNOTS // 2}.")
        if self.max_leaves < 2 or self.folds < 2:
            raise ValueError(
                f"max_leaves={self.max_leaves}, folds={self.folds} must be at least 2."
            )
        if not self.min_weight > 0 or not self.shrinkage > 0:
            raise ValueError(
                f"min_weight={self.min_weight}, shrinkage={self.shrinkage} must be above 0."
            )
        if self.pairs != "auto" and (not isinstance(self.pairs, Integral) or self.pairs < 0):
            raise ValueError(f"pairs is {self.pairs!r}; give a whole number, or 'auto'.")
        if self.replicates != 0 and self.replicates < MIN_REPLICATES:
            raise ValueError(
                f"replicates is {self.replicates}; give 0, or at least {MIN_REPLICATES}."
            )
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level!r}; give a number between 0 and 1.")
        check_calibration(self.calibration)

    # -- fit -------------------------------------------------------------------------------

    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        order = np.lexsort((weight, *x.T, outcome))  # sums do not depend on the order of rows
        groups = None if groups is None else groups[order]
        found = self._fit_ordered(x[order], outcome[order], weight[order], groups)
        return None if found is None else found[np.argsort(order, kind="stable")]

    def _fit_ordered(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        growth = Growth(int(self.max_leaves), self.min_weight, self.shrinkage)
        directions, bins = tuple(self._directions()), int(self.max_bins)
        board = Board.of((x, outcome, weight), growth, directions, self.learning_rate, bins)
        shares = deal_folds(x, outcome, weight, groups, self.folds)
        race = None if shares is None else Race.start(board, weight, shares, groups)
        limits = int(self.max_rounds), int(self.patience)
        self.rounds_ = min(UNVALIDATED_ROUNDS, limits[0]) if race is None else race.run(*limits)
        whole = board.grown(weight, self.rounds_)
        self.tried_pairs_: list[TriedPair] = []
        most = CANDIDATES if self.pairs == "auto" else int(self.pairs)
        if race is not None and most > 0:
            self.tried_pairs_ = race.try_pairs(whole, most, *limits)
        self._keep(board, whole)
        self._draws = self._replicated(board, x, weight, groups)
        self.calibration_ = Identity()
        if race is None or shares is None:
            return None
        lp = np.column_stack([state.lp for state in race.states])
        self.calibration_ = calibrate_out_of_fold(lp, outcome, shares, self.calibration)
        return averaged_out_of_fold(lp, shares)

    def _keep(self, board: Board, whole: State) -> None:
        """What a fitted model is known by."""
        parts = board.parts(whole)
        self.edges_ = list(board.edges)
        self.intercept_, self.values_, self.pairs_ = parts.intercept, parts.values, parts.pairs

    def _replicated(
        self,
        board: Board,
        x: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        """Coefficients of fits to bootstrap samples with the same bins, rounds and pairs."""
        if self.replicates == 0:
            return None
        drawn = resampled_weights(
            x, board.outcome, weight, groups, int(self.replicates), int(self.random_state)
        )
        draws = []
        for column in drawn.T:
            state = board.grown(column, self.rounds_)
            for tried in self.tried_pairs_:
                if tried.kept:
                    grid = board.grid(tried.first, tried.second)
                    board.extend(state, grid, tried.rounds, tried.curve_rounds)
            draws.append(board.parts(state).coefficients())
        return np.array(draws)

    # -- predict and lower -------------------------------------------------------------------

    def _linear_predictor(self, x: FloatArray) -> FloatArray:
        lp = np.full(len(x), self.intercept_)
        for values, code in zip(self.values_, codes_of(self.edges_, x).T, strict=True):
            lp += values[code]
        for pair in self.pairs_:
            lp += pair.at(x)
        return lp

    def _lower(self, names: Sequence[str], support: Support | None) -> ScoringProgram:
        draws = self._draws
        return ScoringProgram(
            intercept=self.intercept_,
            terms=tuple(
                step_term(name, edges, values, 0.0, merge=draws is None)
                for name, edges, values in zip(names, self.edges_, self.values_, strict=True)
            ),
            pairs=tuple(pair.lowered(names) for pair in self.pairs_),
            calibration=self.calibration_,
            uncertainty=None if draws is None else Ensemble.from_draws(draws, self.level),
            support=support,
        )
