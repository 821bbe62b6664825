"""Bootstrap of a whole fit: replicates of a lowered program, and their ensemble.

Persons are drawn, not rows, where a person has several (Davison and Hinkley 1997, section 3.8).
A drawn person counts as often as drawn, by weight; copies of one row stay in one fold of the fit,
so that a penalty or a calibration chosen out of fold does not see them on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Identity, Logistic
from risicoscreener.models.ensemble import MIN_REPLICATES, Ensemble
from risicoscreener.models.piecewise import MAX_KNOTS, Piecewise
from risicoscreener.models.terms import PairTerm, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram

SHARED_EDGES = 30
"""Most edges of a side of a pair that are put together from replicates."""

MAX_REDRAWS = 100
"""Times in a row that a sample without both outcomes is drawn again before it is an error."""


@dataclass(frozen=True)
class Bootstrap:
    """A program and the same fit on samples of its people.

    Attributes
    ----------
    program
        Of all people.
    replicates
        Of the samples, each with the calibration that it found itself.
    """

    program: ScoringProgram
    replicates: tuple[ScoringProgram, ...]

    def ensemble(self, level: float = 0.95) -> Ensemble:
        """The replicates on the knots of the program, with what their calibration moved.

        Exact if the knots of a replicate are among those of the program; see `on_shared_knots`.
        """
        return Ensemble.from_programs(
            self.program, [_as_calibrated(r, self.program) for r in self.replicates], level
        )

    def lower(self, level: float = 0.95) -> ScoringProgram:
        """The program with the ensemble in the place of its covariance."""
        return msgspec.structs.replace(self.program, uncertainty=self.ensemble(level))

    def on_shared_knots(self) -> Bootstrap:
        """The same functions, the program on the union of its own knots and the replicates'.

        For models whose knots or steps move with the sample. Where a term would have more than
        `MAX_KNOTS` knots, its own stay and the others are thinned evenly: there the program is
        still exact and the replicates are interpolated. So it is with the edges of a pair, of
        which there are at most `SHARED_EDGES`; a pair that only a replicate has is zero in the
        program.
        """
        terms = tuple(
            on_knots(term, _union(term, [r.terms[i] for r in self.replicates]))
            for i, term in enumerate(self.program.terms)
        )
        pairs = _shared_pairs((self.program, *self.replicates))
        program = msgspec.structs.replace(self.program, terms=terms, pairs=pairs, uncertainty=None)
        return Bootstrap(program, self.replicates)


def bootstrap(
    estimator: Any,
    X: Any,  # noqa: N803
    y: Any,
    *,
    replicates: int = 50,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    seed: int = 0,
    feature_names: Sequence[str] | None = None,
) -> Bootstrap:
    """Fit on all people and on bootstrap samples of them.

    Parameters
    ----------
    estimator
        Unfitted; with ``lower`` and, if it can, ``sample_weight`` and ``groups`` in ``fit``. A
        `SplineLogisticClassifier` keeps the knots of the fit on all people in each replicate;
        of another estimator the knots may move (`Bootstrap.on_shared_knots`).
    X, y
        ``(n, F)`` with NaN for unknown, and ``(n,)`` with two labels.
    replicates
        At least 10. The standard error of 50 is itself within 20% (Efron and Tibshirani 1993).
    groups
        Person of each row: whole persons are drawn.
    sample_weight
        Weight of each row, times the number of times that it is drawn.
    seed
        The samples follow from it and from the content of the rows, not from their order.

    Raises
    ------
    ModelError
        For too few replicates, or if samples keep lacking one of the outcomes.
    """
    from sklearn.base import clone
    from sklearn.utils import _safe_indexing

    if replicates < MIN_REPLICATES:
        raise ModelError(f"{replicates} replicates; at least {MIN_REPLICATES} are needed.")
    names = _names(X, feature_names)
    x, outcome = np.asarray(X, dtype=np.float64), np.asarray(y)
    weight = np.ones(len(x)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    unit = _units(x, outcome, weight, groups)
    whole = _fit(clone(estimator), X, outcome, weight, None if groups is None else unit)
    program = whole.lower(names)
    again = clone(estimator)
    if "knots" in again.get_params() and hasattr(whole, "basis_"):
        again.set_params(knots=[term.knots for term in program.terms])
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(replicates):
        drawn = _draw(rng, unit, outcome, weight)
        kept = np.flatnonzero(drawn)
        rows = _safe_indexing(X, kept)
        fit = _fit(clone(again), rows, outcome[kept], drawn[kept], unit[kept])
        found.append(fit.lower(names))
    return Bootstrap(program, tuple(found))


def bootstrap_ensemble(
    estimator: Any,
    X: Any,  # noqa: N803
    y: Any,
    *,
    replicates: int = 50,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    seed: int = 0,
    level: float = 0.95,
) -> Ensemble:
    """The ensemble of `bootstrap`, for the program that the estimator gives on all people.

    For an estimator whose knots move the replicates are interpolated between the knots of the
    program; ``bootstrap(...).on_shared_knots().lower()`` gives a program that holds them exactly.

    Parameters
    ----------
    estimator, X, y, replicates, groups, sample_weight, seed
        As for `bootstrap`.
    level
        Coverage of the interval.
    """
    return bootstrap(
        estimator,
        X,
        y,
        replicates=replicates,
        groups=groups,
        sample_weight=sample_weight,
        seed=seed,
        feature_names=[f"feature_{i}" for i in range(np.shape(X)[1])],
    ).ensemble(level)


# -- samples -----------------------------------------------------------------------------------


def _units(
    x: FloatArray, outcome: npt.NDArray[Any], weight: FloatArray, groups: npt.ArrayLike | None
) -> npt.NDArray[np.intp]:
    """Number of the person of each row, the same whatever the order of the rows."""
    if groups is not None:
        given = np.asarray(groups)
        if given.shape != (len(x),):
            raise ModelError(f"groups has shape {given.shape}; expected ({len(x)},).")
        return np.unique(given, return_inverse=True)[1]
    label = np.unique(outcome, return_inverse=True)[1]
    order = np.lexsort([weight, *x.T, label])
    unit = np.empty(len(x), np.intp)
    unit[order] = np.arange(len(x))
    return unit


def _draw(
    rng: np.random.Generator,
    unit: npt.NDArray[np.intp],
    outcome: npt.NDArray[Any],
    weight: FloatArray,
) -> FloatArray:
    """Weight of each row in one sample of as many persons; both outcomes occur in it."""
    persons = int(unit.max()) + 1
    for _ in range(MAX_REDRAWS):
        times = np.bincount(rng.integers(persons, size=persons), minlength=persons)
        drawn: FloatArray = times[unit] * weight
        if len(np.unique(outcome[drawn > 0])) > 1:
            return drawn
    raise ModelError(
        f"{MAX_REDRAWS} samples in a row lacked one of the outcomes; there are too few people "
        "with, or without, the outcome to resample."
    )


def _fit(
    estimator: Any,
    x: Any,
    outcome: npt.NDArray[Any],
    weight: FloatArray,
    unit: npt.NDArray[np.intp] | None,
) -> Any:
    """Fit with weights and groups; one that takes no weights gets rows as often as they count."""
    from sklearn.utils import _safe_indexing
    from sklearn.utils.validation import has_fit_parameter

    grouped: dict[str, Any] = {}
    if unit is not None and has_fit_parameter(estimator, "groups"):
        grouped["groups"] = unit
    if has_fit_parameter(estimator, "sample_weight"):
        return estimator.fit(x, outcome, sample_weight=weight, **grouped)
    times = weight.astype(np.intp)
    if (times != weight).any():
        raise ModelError(f"{type(estimator).__name__} takes no weights that are not whole.")
    rows = np.repeat(np.arange(len(outcome)), times)
    if grouped:
        grouped["groups"] = grouped["groups"][rows]
    return estimator.fit(_safe_indexing(x, rows), outcome[rows], **grouped)


def _names(x: Any, given: Sequence[str] | None) -> list[str]:
    names = given if given is not None else getattr(x, "columns", None)
    if names is None:
        raise ModelError("the columns have no names; give a data frame, or feature_names.")
    return [str(name) for name in names]


# -- one program on the knots of another -----------------------------------------------------------


def _as_calibrated(replicate: ScoringProgram, program: ScoringProgram) -> ScoringProgram:
    """A replicate such that the calibration of the program gives what its own would.

    Its linear predictor becomes ``(a' + b' lp - a) / b`` for logistic maps (an identity has
    ``a = 0``, ``b = 1``). A map that acts on the probability is taken as fixed.
    """
    ours, theirs = program.calibration, replicate.calibration
    if not isinstance(ours, Identity | Logistic) or not isinstance(theirs, Identity | Logistic):
        return replicate
    (a, b), (c, d) = _line(ours), _line(theirs)
    scale, shift = d / b, (c - a) / b
    terms = tuple(
        msgspec.structs.replace(
            t,
            values=tuple(scale * y for y in t.values),
            missing=scale * t.missing,
            reference=scale * t.reference,
        )
        for t in replicate.terms
    )
    pairs = tuple(
        msgspec.structs.replace(
            p,
            values=tuple(tuple(scale * y for y in row) for row in p.values),
            reference=scale * p.reference,
        )
        for p in replicate.pairs
    )
    return msgspec.structs.replace(
        replicate,
        intercept=shift + scale * replicate.intercept,
        terms=terms,
        pairs=pairs,
        calibration=ours,
        uncertainty=None,
    )


def _line(calibration: Identity | Logistic) -> tuple[float, float]:
    if isinstance(calibration, Logistic):
        return calibration.intercept, calibration.slope
    return 0.0, 1.0


def _union(term: Term, others: Sequence[Term]) -> tuple[float, ...]:
    """Knots of all, ascending; one that is a jump for any of them stands twice."""
    times: dict[float, int] = {}
    for one in (term, *others):
        for knot in set(one.knots):
            times[knot] = max(times.get(knot, 1), min(one.knots.count(knot), 2))
    foreign = sorted(set(times) - set(term.knots))
    room = MAX_KNOTS - sum(times[knot] for knot in set(term.knots))
    while foreign and sum(times[knot] for knot in foreign) > room:
        foreign = foreign[::2] if room > 0 and len(foreign) > 1 else []
    return tuple(knot for knot in sorted({*term.knots, *foreign}) for _ in range(times[knot]))


def _shared_pairs(programs: Sequence[ScoringProgram]) -> tuple[PairTerm, ...]:
    """The pairs of the first program on the edges of all, and those of the others as zeros."""
    found: dict[frozenset[str], list[PairTerm]] = {}
    for program in programs:
        for pair in program.pairs:
            alike = found.setdefault(frozenset((pair.first, pair.second)), [])
            alike.append(pair.turned() if alike and alike[0].first != pair.first else pair)
    own = len(programs[0].pairs)
    shared = []
    for place, alike in enumerate(found.values()):
        first = alike[0]
        sides = [
            _shared_edges(getattr(first, side), [getattr(pair, side) for pair in alike])
            for side in ("first_edges", "second_edges")
        ]
        pair = first.on_edges(*sides)
        if place >= own:
            nothing = tuple(tuple(0.0 for _ in row) for row in pair.values)
            pair = msgspec.structs.replace(pair, values=nothing, reference=0.0)
        shared.append(pair)
    return tuple(shared)


def _shared_edges(own: tuple[float, ...], others: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """All edges, ascending; of those that are not its own so many that there is room for them."""
    foreign = sorted({edge for edges in others for edge in edges} - set(own))
    while foreign and len(foreign) > SHARED_EDGES - len(own):
        foreign = foreign[::2] if len(foreign) > 1 and len(own) < SHARED_EDGES else []
    return tuple(sorted({*own, *foreign}))


def on_knots(term: Term, knots: tuple[float, ...]) -> Term:
    """The same function with more knots."""
    function = Piecewise(term.knots, term.values, term.feature)
    left_of_jump = dict(zip(reversed(term.knots), reversed(term.values), strict=True))
    values = [function.one(knot) for knot in knots]
    for i, (left, right) in enumerate(pairwise(knots)):
        if left == right and left in left_of_jump:
            values[i] = left_of_jump[left]
    return msgspec.structs.replace(term, knots=knots, values=tuple(values))
