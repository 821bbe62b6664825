"""The scoring program: what every additive risk model lowers to.

Per feature one piecewise-linear term, per interaction a table of cells, an intercept, a link and a
calibration map; with it what the interval comes from (covariance or replicates of the
coefficients) and the support. The program needs numpy only, scores one person in microseconds and a
million in a second, and is plain data: it goes to and from a dictionary without loss.

Here stands what it is and what it says of one person; of many people in `many`, what it says as
types in `answers`, its pairs in `pairs`, and how it is looked at in `curves`.
"""

from __future__ import annotations

from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.models import many
from risicoscreener.models.answers import Assessment, Assessments, Interval, Intervals, Scores
from risicoscreener.models.calibration import (
    INVERSE_LINKS_MANY,
    INVERSE_LINKS_ONE,
    Calibration,
    Identity,
    LinkName,
)
from risicoscreener.models.covariance import CovarianceErrors, Uncertainty
from risicoscreener.models.curves import Curve, curve_of, frame_of_pairs, frame_of_terms
from risicoscreener.models.ensemble import Ensemble
from risicoscreener.models.pairs import PairTable, add_pairs, check_pairs, pair_tables
from risicoscreener.models.piecewise import FloatArray, Piecewise
from risicoscreener.models.straight import Passed, added_up, as_numbers, pass_of
from risicoscreener.models.support import Support
from risicoscreener.models.terms import PairTerm, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from risicoscreener.models.compiled import Found
    from risicoscreener.models.ensemble import EnsembleErrors

MAX_TERMS = 2000
MAX_PAIRS = 200


class ScoringProgram(Struct, frozen=True, forbid_unknown_fields=True, dict=True, kw_only=True):
    """An additive model, ready to score.

    ``lp = intercept + sum of terms + sum of pairs``,
    ``probability = after_link(link(before_link(lp)))``.

    Parameters
    ----------
    intercept
        On the scale of the linear predictor.
    terms
        One per feature; their order is the order of the values to score.
    link, calibration
        How the linear predictor becomes a probability.
    uncertainty, support
        Covariance or replicates for the interval, and where the model may speak; both may be
        absent.
    pairs
        Interactions of two features, beyond the terms of each.

    Examples
    --------
    >>> program = ScoringProgram(
    ...     intercept=-1.0,
    ...     terms=(Term("age_years", (18.0, 40.0), (0.5, -0.5), missing=0.0),),
    ... )
    >>> probability, lp, contributions = program.score_one([18.0])
    >>> round(probability, 3), lp, contributions
    (0.378, -0.5, [0.5])
    """

    intercept: float
    terms: Annotated[tuple[Term, ...], Meta(max_length=MAX_TERMS)]
    link: LinkName = "logit"
    calibration: Calibration = Identity()
    uncertainty: Uncertainty | Ensemble | None = None
    support: Support | None = None
    pairs: Annotated[tuple[PairTerm, ...], Meta(max_length=MAX_PAIRS)] = ()

    def __post_init__(self) -> None:
        names = self.features
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ModelError(f"features {', '.join(twice)} occur twice; one term per feature.")
        if self.support is not None and self.support.features != names:
            raise ModelError("support names other features, or in another order, than the terms.")
        numbers = [self.intercept, *(n for t in self.terms for n in (t.missing, t.reference))]
        if not np.isfinite(numbers).all():
            raise ModelError("the program holds NaN or infinity; fit the model again.")
        check_pairs(self.pairs, names)
        self.functions  # noqa: B018  (an unusable program fails here, not at the first score)
        if self.uncertainty is not None:
            self.uncertainty.check(self.terms, self.pairs)
            self._errors  # noqa: B018

    def __repr__(self) -> str:
        extras = [n for n in ("uncertainty", "support") if getattr(self, n) is not None]
        return " ".join(
            [
                f"<ScoringProgram of {len(self.terms)} terms ({', '.join(self.features)}),",
                f"link {self.link}, calibration {self.calibration!r}",
                f"with {' and '.join(extras)}>" if extras else ">",
            ]
        )

    # -- what it is ------------------------------------------------------------------------

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features in the order in which values are given."""
        return tuple(term.feature for term in self.terms)

    @property
    def reference(self) -> float:
        """Linear predictor to which the contributions add: intercept and the means of the parts."""
        terms = added_up(term.reference for term in self.terms)
        return self.intercept + terms + added_up(pair.reference for pair in self.pairs)

    def term(self, feature: str) -> Term:
        """The term of a feature.

        Raises
        ------
        ModelError
            If the program does not have it.
        """
        for term in self.terms:
            if term.feature == feature:
                return term
        known = ", ".join(self.features)
        raise ModelError(f"the program has no feature {feature!r}; known: {known}.")

    @cached_property
    def functions(self) -> tuple[Piecewise, ...]:
        """The function of each term."""
        return tuple(Piecewise(t.knots, t.values, t.feature) for t in self.terms)

    @cached_property
    def _terms_of_one(self) -> Callable[[Sequence[float]], Passed]:
        """What passes one person through all terms."""
        ranges = None if self.support is None else self.support.bounds
        return pass_of(self.intercept, self.terms, self.functions, ranges)

    @property
    def terms_as_numbers(self) -> tuple[list[int], list[float]]:
        """The terms for the compiled library, see `straight.as_numbers`."""
        ranges = None if self.support is None else self.support.bounds
        return as_numbers(self.intercept, self.terms, self.functions, ranges)

    @cached_property
    def _pair_tables(self) -> tuple[PairTable, ...]:
        """Per pair all that `score_one` needs."""
        return pair_tables(self.pairs, self.features)

    # -- score -----------------------------------------------------------------------------

    def score_one(self, values: Sequence[float]) -> tuple[float, float, list[float]]:
        """Probability, linear predictor and contributions of one person.

        Parameters
        ----------
        values
            One number per feature, in the order of `features`; NaN is unknown.

        Returns
        -------
        probability, linear_predictor, contributions
            Contributions are relative to the training mean of each term, with half of each
            pair; ``reference + sum(contributions)`` is the linear predictor.

        Raises
        ------
        ModelError
            For another number of values than features, or an infinite value.
        """
        lp, contributions, *_ = self._passed(values)
        return self.probability_one(lp), lp, contributions

    def _passed(self, values: Sequence[float]) -> Passed:
        """What the terms and the pairs say of one person."""
        if len(values) != len(self.terms):
            raise ModelError(f"{len(values)} values were given for {len(self.terms)} features.")
        passed = self._terms_of_one(values)
        if self.pairs:
            lp, contributions, rows, steps, in_ranges = passed
            lp = add_pairs(self._pair_tables, values, lp, contributions)
            passed = lp, contributions, rows, steps, in_ranges
        if isnan(passed[0]):  # 0 * infinity in a piece outside the knots
            raise many.infinite(self.features, values)
        return passed

    def score_many(self, matrix: npt.ArrayLike, *, contributions: bool = False) -> Scores:
        """The answers of `score_one` for each row of a matrix of shape ``(n, F)``.

        Linear predictor, contributions and probability are the same doubles as those of
        `score_one`: the same operations in the same order.
        """
        return many.score_many(self, matrix, contributions=contributions)

    def found_many(
        self,
        values: FloatArray,
        columns: npt.NDArray[np.int64],
        k: int = 0,
        *,
        contributions: bool = False,
    ) -> Found | None:
        """What the compiled library finds of ``n`` rows; None where there is none that can.

        Parameters
        ----------
        values
            Shape ``(n, at least all columns)``.
        columns
            Column of each feature.
        k
            How many of the strongest reasons are wanted.
        """
        return many.found_many(self, values, columns, k, contributions=contributions)

    def probability_one(self, lp: float) -> float:
        """Probability of one linear predictor."""
        before_link, inverse, after_link = self._maps
        return after_link(inverse(before_link(lp)))

    @cached_property
    def _maps(self) -> tuple[Callable[[float], float], ...]:
        """What leads from one linear predictor to its probability, in this order."""
        inverse = INVERSE_LINKS_ONE[self.link]
        return self.calibration.before_link, inverse, self.calibration.after_link_one

    def probability_many(self, lp: FloatArray) -> FloatArray:
        """Probability of each linear predictor."""
        raw = INVERSE_LINKS_MANY[self.link](self.calibration.before_link(lp))
        return self.calibration.after_link_many(raw)

    # -- uncertainty -----------------------------------------------------------------------

    @cached_property
    def _errors(self) -> CovarianceErrors | EnsembleErrors:
        """What computes standard errors."""
        assert self.uncertainty is not None
        return self.uncertainty.errors(self.terms, self.pairs)

    def interval_one(
        self, values: Sequence[float], linear_predictor: float | None = None
    ) -> Interval | None:
        """Interval of one probability, or None if the program carries no uncertainty.

        It is symmetric on the linear predictor and mapped by calibration and link. It holds
        what the sample leaves uncertain about the coefficients; not whether the model is the
        right one, nor whether the person is like the sample (see `support`).

        Parameters
        ----------
        values
            As for `score_one`.
        linear_predictor
            That of `score_one` on the same values, if at hand.
        """
        lp, _, rows, steps, _ = self._passed(values)
        given = lp if linear_predictor is None else linear_predictor
        return self._interval(values, given, rows, steps)

    def _interval(
        self,
        values: Sequence[float],
        lp: float,
        rows: Sequence[int] | npt.NDArray[np.int64],
        steps: Sequence[float] | FloatArray,
    ) -> Interval | None:
        """The interval around a linear predictor, of a person who is in these rows."""
        if self.uncertainty is None:
            return None
        errors = self._errors
        if isinstance(errors, CovarianceErrors):
            error = errors.standard_error_at(rows, steps)
        else:
            error = errors.standard_error_one(values)
        half = self._quantile * error
        return Interval(self.probability_one(lp - half), self.probability_one(lp + half), error)

    @cached_property
    def _quantile(self) -> float:
        assert self.uncertainty is not None
        return self.uncertainty.quantile

    def interval_many(
        self,
        matrix: npt.ArrayLike,
        linear_predictor: FloatArray | None = None,
        *,
        runs: npt.NDArray[np.intp] | None = None,
    ) -> Intervals | None:
        """Interval of each row, equal to `interval_one` but for rounding (1e-12).

        ``runs`` are where rows begin that are much like the one before, ascending from 0: the same
        answers, sooner.
        """
        return many.interval_many(self, matrix, linear_predictor, runs)

    def intervals_of(self, linear_predictor: FloatArray, standard_error: FloatArray) -> Intervals:
        """The intervals around linear predictors with these standard errors."""
        half = self._quantile * standard_error
        lower, upper = (self.probability_many(linear_predictor + way * half) for way in (-1, 1))
        return Intervals(lower, upper, standard_error)

    def support_for(self, values: Sequence[float]) -> Support | None:  # noqa: ARG002
        """The support that holds for a person: the same for everybody."""
        return self.support

    # -- all at once -----------------------------------------------------------------------

    def assess_one(self, values: Sequence[float]) -> Assessment:
        """Score, interval and support of one person."""
        return self.assess_passed(values, self._passed(values))

    def assess_passed(self, values: Sequence[float], passed: Passed) -> Assessment:
        """The same of a person whose values went through the terms already.

        Parameters
        ----------
        passed
            What the terms say of the values, such as the compiled library finds.
        """
        lp, contributions, rows, steps, in_ranges = passed
        interval = self._interval(values, lp, rows, steps)
        support = None
        if self.support is not None:
            leverage = None if interval is None else interval.standard_error**2
            support = self.support.check_one(values, leverage, in_ranges=in_ranges)
        return Assessment(self.probability_one(lp), lp, contributions, interval, support)

    def assess_many(
        self,
        matrix: npt.ArrayLike,
        *,
        contributions: bool = False,
        runs: npt.NDArray[np.intp] | None = None,
    ) -> Assessments:
        """Score, interval and support of each row of an ``(n, F)`` matrix; see `interval_many`."""
        return many.assess_many(self, matrix, contributions=contributions, runs=runs)

    # -- look at it ------------------------------------------------------------------------

    def curve(self, feature: str, points: int = 101) -> Curve:
        """The term of a feature, without its pairs, over its knots, with a pointwise interval.

        Parameters
        ----------
        feature
            Name of a feature of the program.
        points
            Number of points between the first and the last knot; the knots are added.
        """
        return curve_of(self, feature, points)

    def plot(self, feature: str, ax: Any = None) -> Any:
        """Draw the term of a feature on a matplotlib axes, which is returned."""
        from risicoscreener.models.plots import plot_curve

        return plot_curve(self.curve(feature), ax=ax)

    def to_frame(self) -> pd.DataFrame:
        """One row per knot and per unknown value of the terms, not of the pairs.

        Columns feature, knot, value, contribution.
        """
        return frame_of_terms(self)

    def pairs_to_frame(self) -> pd.DataFrame:
        """One row per cell of the pairs.

        Columns first, second, first_from, second_from (the edge at which the cell begins: -inf
        for the first, NaN for unknown), value, contribution (to both features together).
        """
        return frame_of_pairs(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain data (dictionaries, lists, numbers, text), from which `from_dict` restores it."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> ScoringProgram:
        """The program of `to_dict`, equal to the last bit.

        Raises
        ------
        ModelError
            For an unknown or absent field, a wrong type, or numbers that cannot be scored.
        """
        try:
            return msgspec.convert(plain, cls)
        except msgspec.ValidationError as error:
            raise ModelError(f"this is not a scoring program: {error}.") from error
