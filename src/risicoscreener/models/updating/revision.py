"""The higher rungs as one penalised likelihood: terms that may move, and terms that are added.

``lp = a + b z + D d + G g``: ``z`` is what the old model says, ``D`` the segments of its terms, on
its own knots, and ``G`` those of new features. ``a`` and ``b`` are free; ``d`` is shrunk to 0,
that is, the terms to ``b`` times the old ones; ``g`` is shrunk to no effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Identity, Logistic
from risicoscreener.models.covariance import Uncertainty
from risicoscreener.models.ensemble import Ensemble
from risicoscreener.models.estimators.penalised import (
    Bounds,
    Fit,
    Sample,
    covariance_factor,
    fit_penalised,
)
from risicoscreener.models.estimators.splines import RampBasis
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.terms import Term
from risicoscreener.models.updating.curves import Curves
from risicoscreener.models.updating.recalibration import (
    LEAST_SPREAD,
    calibrated_predictor,
    is_line,
    lower_root,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.updating.data import NewData

Penalty = tuple[float, float]
"""Shrinkage and smoothness, as of `SplineLogisticClassifier`."""

PENALTIES: tuple[Penalty, ...] = tuple(
    (shrinkage, smoothness)
    for shrinkage in (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0, 10000.0)
    for smoothness in (0.01, 0.3)
)
NEW_KNOTS, NEW_TAIL = 7, 0.002
DRAWS = 200


@dataclass(frozen=True)
class Revision:
    """The design of a revision, ready to be fitted with one penalty or another.

    Attributes
    ----------
    old, new
        Terms that may move and terms that are added; either may be None.
    whole
        The terms as they are, moving or not.
    z
        ``(n,)``: what the old model says of the new people.
    """

    program: ScoringProgram
    data: NewData
    whole: Curves
    old: Curves | None
    new: Curves | None
    z: FloatArray
    sample: Sample

    @classmethod
    def of(cls, program: ScoringProgram, data: NewData, *, refit: bool, extend: bool) -> Revision:
        """Lay out the columns.

        Raises
        ------
        ModelError
            For a link other than the logit, an old model that says the same of everyone, or an
            extension without new features.
        """
        if program.link != "logit":
            raise ModelError(
                f"a program with link {program.link!r} can be recalibrated only; refit it with the "
                "estimator that made it."
            )
        if extend and not data.new_names:
            raise ModelError(
                "an extension needs new features; give a data frame with columns that the model "
                "does not have."
            )
        z = _predictor(program, data)
        if np.ptp(z) < LEAST_SPREAD:
            raise ModelError(
                "the old model gives everyone of the new data the same probability; fit a new "
                "model."
            )
        whole = Curves.of(program.terms, data.old, data.weight, _centres(program))
        old = whole if refit else None
        new = _new_curves(data) if extend else None
        blocks = [np.ones((data.n, 1)), z[:, None]]
        blocks += [whole.design(data.old)] if refit else []
        blocks += [new.design(data.new)] if new is not None else []
        sample = Sample(np.hstack(blocks), data.outcome, data.weight)
        return cls(program, data, whole, old, new, z, sample)

    @property
    def size(self) -> int:
        """Number of coefficients: intercept, slope, and those of the terms."""
        return self.sample.design.shape[1]

    @property
    def old_places(self) -> slice:
        """Places of the coefficients of the terms that may move."""
        return slice(2, 2 + (self.old.size if self.old else 0))

    @property
    def new_places(self) -> slice:
        """Places of the coefficients of the terms that are added."""
        return slice(self.old_places.stop, self.size)

    def penalty(self, weights: Penalty) -> FloatArray:
        """The penalty matrix; intercept and slope are free."""
        s = np.zeros((self.size, self.size))
        if self.old:
            s[self.old_places, self.old_places] = self.old.penalty(*weights)
        if self.new:
            s[self.new_places, self.new_places] = self.new.penalty(*weights)
        return s

    def fit(self, weights: Penalty, start: FloatArray | None = None) -> Fit:
        """Coefficients with one penalty; without terms it starts from the old model."""
        if start is None:
            start = np.zeros(self.size)
            start[1] = 1.0
        with threadpool_limits(1, "blas"):
            return fit_penalised(
                self.sample, self.penalty(weights), Bounds.none(self.size), start, 1e-13
            )

    def choose(self) -> tuple[Penalty, Fit]:
        """The penalty of largest marginal likelihood, and the fit with it.

        The penalty is a normal prior of the changes; its likelihood is integrated over them by
        Laplace's method, with a flat prior of intercept and slope.
        """
        best, chosen, start = -np.inf, None, None
        for weights in PENALTIES:
            fit = self.fit(weights, start)
            start = fit.coefficients
            evidence = self._evidence(weights, fit)
            if evidence > best:
                best, chosen = evidence, (weights, fit)
        assert chosen is not None
        return chosen

    def _evidence(self, weights: Penalty, fit: Fit) -> float:
        s, b = self.penalty(weights), fit.coefficients
        prior = np.linalg.slogdet(s[2:, 2:])[1]
        posterior = np.linalg.slogdet(fit.information + s)[1]
        fitted = -float(self.sample.deviance(b)) - float(b @ s @ b) / 2.0
        return fitted + (prior - posterior) / 2.0

    def restricted(self, weights: Penalty, fit: Fit, monotone: Mapping[str, int]) -> Fit:
        """The fit again with terms in the given directions, its slope kept."""
        lower, upper = np.full(self.size, -np.inf), np.full(self.size, np.inf)
        slope = float(fit.coefficients[1])
        lower[1], upper[1] = slope - 1e-9, slope + 1e-9
        if self.old:
            low, high = self.old.bounds(monotone)
            shift = slope * self._scale * self.old.coefficients
            lower[self.old_places], upper[self.old_places] = low - shift, high - shift
        if self.new:
            lower[self.new_places], upper[self.new_places] = self.new.bounds(monotone)
        start = np.clip(fit.coefficients, lower, upper)
        with threadpool_limits(1, "blas"):
            return fit_penalised(self.sample, self.penalty(weights), Bounds(lower, upper), start)

    @property
    def _scale(self) -> float:
        """Slope of ``z`` on the linear predictor of the program."""
        calibration = self.program.calibration
        return calibration.slope if isinstance(calibration, Logistic) else 1.0

    # -- back to a program -----------------------------------------------------------------

    def lowered(self, weights: Penalty, fit: Fit, level: float) -> ScoringProgram:
        """The program of a fit, on the old knots and those of the new features."""
        program, found = self.program, self._map() @ fit.coefficients
        split = 1 + self.whole.size
        data = self.data
        terms = self.whole.rebuilt(found[1:split], data.old, data.weight)
        if self.new:
            terms += self.new.rebuilt(found[split:], data.new, data.weight)
        slope = float(fit.coefficients[1]) * self._scale
        pairs = tuple(
            msgspec.structs.replace(
                pair,
                values=tuple(tuple(slope * y for y in row) for row in pair.values),
                reference=slope * pair.reference,
            )
            for pair in program.pairs
        )
        root = self._root(weights, fit)
        bare = ScoringProgram(
            intercept=float(found[0]), terms=terms, pairs=pairs, calibration=Identity()
        )
        return msgspec.structs.replace(
            bare, uncertainty=self._uncertainty(bare, root, float(fit.coefficients[1]), level)
        )

    def _map(self) -> FloatArray:
        """Matrix from the coefficients of a fit to those of a program on centred ramps."""
        whole, calibration = self.whole, self.program.calibration
        inner = calibration.intercept if isinstance(calibration, Logistic) else 0.0
        terms = slice(1, 1 + whole.size)
        matrix = np.zeros((1 + whole.size + (self.new.size if self.new else 0), self.size))
        matrix[0, 0] = 1.0
        matrix[0, 1] = inner + self._scale * (self.program.intercept + whole.intercept)
        matrix[terms, 1] = self._scale * whole.coefficients
        if self.old:
            matrix[terms, self.old_places] = np.eye(whole.size)
        if self.new:
            matrix[terms.stop :, self.new_places] = np.eye(self.new.size)
        return matrix

    def _root(self, weights: Penalty, fit: Fit) -> FloatArray:
        """Root of the covariance of the coefficients of the program.

        Terms that did not move keep the covariance that they had.
        """
        root = self._map() @ covariance_factor(fit.information, self.penalty(weights))
        before = self.program.uncertainty
        if self.old is None and isinstance(before, Uncertainty):
            kept = np.zeros((len(root), len(before.matrix)))
            kept[: len(before.matrix)] = fit.coefficients[1] * self._scale * before.matrix
            root = np.hstack([root, kept])
        if root.shape[1] < len(root):
            root = np.hstack([root, np.zeros((len(root), len(root) - root.shape[1]))])
        return root

    def _uncertainty(
        self, program: ScoringProgram, root: FloatArray, slope: float, level: float
    ) -> Uncertainty | Ensemble:
        """The covariance; as replicates where the program has jumps, pairs or had replicates."""
        centres = [*self.whole.centres, *(self.new.centres if self.new else ())]
        before = self.program.uncertainty
        if self.old is None and isinstance(before, Ensemble):
            draws = self._draws(program, root, centres, len(before.matrix))
            draws += slope * self._scale * self._kept_spread(before, draws.shape[1])
            return Ensemble.from_draws(draws, level)
        jumps = any(len(set(term.knots)) < len(term.knots) for term in program.terms)
        if not program.pairs and not jumps:
            return Uncertainty.from_factor(lower_root(root), [c.tolist() for c in centres], level)
        return Ensemble.from_draws(self._draws(program, root, centres, DRAWS), level)

    def _kept_spread(self, before: Ensemble, size: int) -> FloatArray:
        """How the replicates of terms that did not move differ from their mean."""
        added = sum(len(term.knots) + 1 for term in self.new.terms) if self.new else 0
        spread = before.matrix - before.matrix.mean(axis=0)
        place = 1 + sum(len(term.knots) + 1 for term in self.whole.terms)
        kept = np.zeros((len(spread), size))
        kept[:, :place] = spread[:, :place]
        kept[:, place + added :] = spread[:, place:]
        return kept

    def _draws(
        self, program: ScoringProgram, root: FloatArray, centres: list[FloatArray], count: int
    ) -> FloatArray:
        """Draws of the coefficients as `Ensemble` orders them, centred; of pairs the cells stay."""
        rng = np.random.default_rng(0)
        drawn = rng.normal(size=(count, root.shape[1])) @ root.T
        columns, place = [program.reference + drawn[:, :1]], 1
        for term, centre in zip(program.terms, centres, strict=True):
            increments = drawn[:, place : place + len(centre)]
            moved = np.cumsum(np.column_stack([np.zeros(count), increments]), axis=1)
            moved -= (increments @ centre)[:, None]
            unknown = drawn[:, place + len(centre)]
            moved = np.column_stack([moved, unknown])
            columns.append(moved + np.array([*term.values, term.missing]) - term.reference)
            place += len(centre) + 1
        for pair in program.pairs:
            cells = np.array(pair.values).ravel() - pair.reference
            columns.append(np.tile(cells, (count, 1)))
        return np.hstack(columns)


def _predictor(program: ScoringProgram, data: NewData) -> FloatArray:
    """What the old model says; without its map if that is not a line, for then it has no terms."""
    if is_line(program.calibration):
        return calibrated_predictor(program, data.old)
    return program.score_many(data.old).linear_predictor


def _centres(program: ScoringProgram) -> tuple[tuple[float, ...], ...] | None:
    """Where the covariance of the program centres its ramps, if it has one."""
    return program.uncertainty.centres if isinstance(program.uncertainty, Uncertainty) else None


def _new_curves(data: NewData) -> Curves:
    """Terms of the new features at zero, with knots at quantiles of their values."""
    basis = RampBasis.fit(data.new, data.weight, NEW_KNOTS, NEW_TAIL)
    terms = tuple(
        Term(name, tuple(knots.tolist()), (0.0,) * len(knots), missing=0.0)
        for name, knots in zip(data.new_names, basis.knots, strict=True)
    )
    return Curves.of(terms, data.new, data.weight)
