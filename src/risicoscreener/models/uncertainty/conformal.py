"""Conformal sets: the outcomes, and the risk bands, that a probability does not rule out.

Two answers with a coverage that rests on exchangeable people alone, not on the model being right:

* the set of outcomes {0, 1}, by split or cross-conformal prediction with one quantile per
  outcome (Mondrian: Vovk, Gammerman and Shafer 2005, section 4.5; Vovk 2015);
* the set of risk bands. Nobody's true probability is observed, so what is covered is the share
  with the outcome among people with about this probability: that of a bin of equally many people,
  with the exact interval of Clopper and Pearson (Gupta, Podkopaev and Ramdas 2020: without bins
  no interval for a probability holds whatever the distribution).
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray

EVERYONE = "*"
"""Name of the stratum of all people, which serves for a stratum that is not named."""

LEAST_PER_BIN = 100
MOST_BINS = 20


class ConformalStratum(Struct, frozen=True, forbid_unknown_fields=True):
    """What is stored of the people on whom the sets rest, all or one stratum of them.

    Parameters
    ----------
    name
        Of the stratum; `EVERYONE` for all.
    n, events
        Number of people, and of those with the outcome.
    quantiles
        Largest nonconformity with which outcome 0, and outcome 1, is in the set: of the
        probability among those without the outcome, and of its complement among those with it.
        1 (all is in the set) if there were too few to exclude anything.
    edges
        Ascending probabilities between the bins.
    lower, upper
        Per bin the interval of the share with the outcome.
    """

    name: str
    n: Annotated[int, Meta(ge=1)]
    events: Annotated[int, Meta(ge=0)]
    quantiles: tuple[float, float]
    edges: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def __post_init__(self) -> None:
        numbers = (*self.quantiles, *self.edges, *self.lower, *self.upper)
        if not all(0.0 <= number <= 1.0 for number in numbers):
            raise ModelError(f"stratum {self.name!r} holds a number that is not from 0 to 1.")
        if len(self.lower) != len(self.edges) + 1 or len(self.upper) != len(self.lower):
            raise ModelError(f"stratum {self.name!r} needs one interval per bin between edges.")
        if list(self.edges) != sorted(set(self.edges)):
            raise ModelError(f"the edges of stratum {self.name!r} do not ascend.")


class ConformalBands(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    dict=True,
    tag_field="kind",
    tag="conformal_bands",
):
    """Sets of outcomes and of risk bands that hold with coverage ``1 - alpha``.

    Made by `conformal_bands` (held-out or out-of-fold probabilities) or `cross_conformal`. The
    coverage is that of people like those, drawn the same way; per outcome for sets of outcomes,
    and per stratum if strata are given. It is an average over people, not a promise for one.

    Parameters
    ----------
    alpha
        Largest share of people whose set does not hold.
    cut_offs
        Ascending; a band is the number of cut-offs at or below a probability.
    strata
        All people first, then each stratum.
    """

    alpha: Annotated[float, Meta(gt=0, lt=1)]
    cut_offs: tuple[float, ...]
    strata: Annotated[tuple[ConformalStratum, ...], Meta(min_length=1)]

    def __post_init__(self) -> None:
        _check_cut_offs(self.cut_offs)
        names = [stratum.name for stratum in self.strata]
        if names[0] != EVERYONE or len(set(names)) < len(names):
            raise ModelError(f"strata must be {EVERYONE!r} and then different names; got {names}.")

    def __repr__(self) -> str:
        named = ", ".join(stratum.name for stratum in self.strata[1:])
        return (
            f"<ConformalBands at {1 - self.alpha:g}, of {self.strata[0].n} people"
            f"{', per stratum ' + named if named else ''}>"
        )

    @cached_property
    def _by_name(self) -> dict[str, ConformalStratum]:
        return {stratum.name: stratum for stratum in self.strata}

    def stratum(self, name: str | None = None) -> ConformalStratum:
        """What serves for a stratum: its own, or that of everyone if it is not named."""
        return self._by_name.get(EVERYONE if name is None else name, self.strata[0])

    # -- outcomes ----------------------------------------------------------------------------

    def outcomes_one(self, probability: float, stratum: str | None = None) -> tuple[int, ...]:
        """Outcomes that cannot be ruled out: ``(0,)``, ``(1,)``, ``(0, 1)`` or none.

        An empty set says that the probability is odd for both. A probability that is unknown
        rules out nothing.
        """
        without, with_it = self.stratum(stratum).quantiles
        found = [not probability > without, not 1.0 - probability > with_it]
        return tuple(outcome for outcome in (0, 1) if found[outcome])

    def outcomes_many(
        self, probability: npt.ArrayLike, strata: Sequence[str] | None = None
    ) -> npt.NDArray[np.bool_]:
        """Whether outcome 0, and outcome 1, is in the set of each probability: ``(n, 2)``."""
        p = np.asarray(probability, dtype=np.float64)
        limits = np.array([self.stratum(name).quantiles for name in _named(strata, len(p))])
        limits = limits.reshape(-1, 2)
        return np.column_stack([~(p > limits[:, 0]), ~(1.0 - p > limits[:, 1])])

    # -- bands ---------------------------------------------------------------------------------

    def interval_one(self, probability: float, stratum: str | None = None) -> tuple[float, float]:
        """Interval of the share with the outcome among people with about this probability."""
        if probability != probability:
            return 0.0, 1.0
        found = self.stratum(stratum)
        cell = bisect_right(found.edges, probability)
        return found.lower[cell], found.upper[cell]

    def bands_one(self, probability: float, stratum: str | None = None) -> tuple[int, ...]:
        """Bands that cannot be ruled out, lowest first; all of them for an unknown probability."""
        lower, upper = self.interval_one(probability, stratum)
        lowest, highest = bisect_right(self.cut_offs, lower), bisect_right(self.cut_offs, upper)
        return tuple(range(lowest, highest + 1))

    def bands_many(
        self, probability: npt.ArrayLike, strata: Sequence[str] | None = None
    ) -> npt.NDArray[np.bool_]:
        """Whether each band is in the set of each probability: ``(n, bands)``."""
        p = np.asarray(probability, dtype=np.float64)
        found = np.zeros((len(p), len(self.cut_offs) + 1), dtype=bool)
        for row, (x, name) in enumerate(zip(p.tolist(), _named(strata, len(p)), strict=True)):
            bands = self.bands_one(x, name)
            found[row, bands[0] : bands[-1] + 1] = True
        return found


def conformal_bands(
    probability: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    cut_offs: Sequence[float],
    alpha: float = 0.1,
    strata: Sequence[str] | None = None,
    groups: npt.ArrayLike | None = None,
    bins: int | None = None,
    seed: int = 0,
) -> ConformalBands:
    """Sets from probabilities of people whom the fit did not see, and their outcomes.

    Parameters
    ----------
    probability
        ``(n,)``, calibrated; held out (split conformal, exact) or out of fold (cross-conformal).
    y
        ``(n,)``, 0 or 1.
    cut_offs
        Ascending probabilities between the risk bands.
    strata
        Stratum of each row, for sets that hold within each.
    groups
        Person of each row: one row of each is used, drawn with ``seed``, because several of one
        person are not exchangeable with the one row of a new person (Dunn, Wasserman and
        Ramdas 2023).
    bins
        Number of bins of equally many people; by default one per 100 people, at most 20.

    Raises
    ------
    ModelError
        For values that are not probabilities or outcomes, or lists of another length.
    """
    p, outcome = _checked(probability, y)
    if not 0.0 < alpha < 1.0:
        raise ModelError(f"alpha is {alpha}; expected a number between 0 and 1.")
    names = None if strata is None else np.asarray(strata, dtype=str)
    if names is not None and names.shape != p.shape:
        raise ModelError(f"strata has shape {names.shape}; expected {p.shape}.")
    kept = np.arange(len(p)) if groups is None else _one_of_each(p, np.asarray(groups), seed)
    p, outcome = p[kept], outcome[kept]
    parts = [_stratum(EVERYONE, p, outcome, alpha, bins)]
    if names is not None:
        names = names[kept]
        parts += [
            _stratum(str(name), p[names == name], outcome[names == name], alpha, bins)
            for name in np.unique(names)
        ]
    return ConformalBands(alpha, tuple(float(c) for c in cut_offs), tuple(parts))


def cross_conformal(
    estimator: Any,
    X: Any,  # noqa: N803
    y: npt.ArrayLike,
    *,
    cut_offs: Sequence[float],
    alpha: float = 0.1,
    strata: Sequence[str] | None = None,
    groups: npt.ArrayLike | None = None,
    folds: int = 10,
    seed: int = 0,
) -> ConformalBands:
    """Sets for the fit of an estimator on all people, from fits without each fold.

    All people serve for the fit and for the sets. The guarantee of a split is then approximate
    (Vovk 2015): it needs fits that hardly depend on which fold is left out.

    Parameters
    ----------
    estimator
        Unfitted, with ``predict_proba``.
    X, y
        ``(n, F)`` and ``(n,)``, 0 or 1.
    cut_offs, alpha, strata, groups, seed
        As for `conformal_bands`; rows of a person stay in one fold.
    folds
        Number of folds; they follow from the content of the rows.
    """
    from sklearn.base import clone
    from sklearn.utils import _safe_indexing

    from risicoscreener.models.estimators import deal_folds

    x, outcome = np.asarray(X, np.float64), np.asarray(y, np.float64)
    dealt = deal_folds(x, outcome, np.ones(len(x)), groups, folds)
    if dealt is None:
        raise ModelError("too few people with or without the outcome to leave folds out.")
    p = np.empty(len(x))
    for held in dealt.T > 0:
        kept = np.flatnonzero(~held)
        fit = clone(estimator).fit(_safe_indexing(X, kept), outcome[kept])
        p[held] = fit.predict_proba(_safe_indexing(X, np.flatnonzero(held)))[:, 1]
    options: dict[str, Any] = {"strata": strata, "groups": groups, "seed": seed}
    return conformal_bands(p, outcome, cut_offs=cut_offs, alpha=alpha, **options)


# -- parts ---------------------------------------------------------------------------------------


def _stratum(
    name: str, p: FloatArray, outcome: FloatArray, alpha: float, bins: int | None
) -> ConformalStratum:
    edges, lower, upper = _binned(p, outcome, alpha, bins)
    return ConformalStratum(
        name=name,
        n=len(p),
        events=int(outcome.sum()),
        quantiles=(
            _quantile(p[outcome == 0], alpha),
            _quantile(1.0 - p[outcome == 1], alpha),
        ),
        edges=tuple(edges.tolist()),
        lower=tuple(lower.tolist()),
        upper=tuple(upper.tolist()),
    )


def _quantile(nonconformity: FloatArray, alpha: float) -> float:
    """The ``ceil((n + 1)(1 - alpha))``-th smallest; 1 if there are not so many."""
    rank = ceil((len(nonconformity) + 1) * (1.0 - alpha) - 1e-9)
    if rank > len(nonconformity):
        return 1.0
    return float(np.sort(nonconformity)[max(rank, 1) - 1])


def _binned(
    p: FloatArray, outcome: FloatArray, alpha: float, bins: int | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Edges between bins of about equally many people, and the interval of each bin."""
    from scipy.special import betaincinv

    count = min(max(len(p) // LEAST_PER_BIN, 1), MOST_BINS) if bins is None else bins
    if count < 1:
        raise ModelError(f"bins is {bins}; expected at least 1.")
    edges = np.unique(np.quantile(p, np.arange(1, count) / count, method="higher"))
    edges = edges[edges > p.min()]
    cell = np.searchsorted(edges, p, side="right")
    n = np.bincount(cell, minlength=len(edges) + 1)
    events = np.bincount(cell, outcome, minlength=len(edges) + 1)
    with np.errstate(invalid="ignore"):
        lower = np.where(events == 0, 0.0, betaincinv(events, n - events + 1.0, alpha / 2.0))
        upper = np.where(events == n, 1.0, betaincinv(events + 1.0, n - events, 1 - alpha / 2.0))
    return edges, lower, upper


def _one_of_each(p: FloatArray, groups: npt.NDArray[Any], seed: int) -> npt.NDArray[np.intp]:
    """One row of each person, drawn; the same people and rows give the same draw."""
    if groups.shape != p.shape:
        raise ModelError(f"groups has shape {groups.shape}; expected {p.shape}.")
    person = np.unique(groups, return_inverse=True)[1]
    order = np.lexsort([p, person])
    counts = np.bincount(person)
    chosen = (np.random.default_rng(seed).random(len(counts)) * counts).astype(np.intp)
    return np.sort(order[np.cumsum(counts) - counts + chosen])


def _named(strata: Sequence[str] | None, n: int) -> Sequence[str | None]:
    if strata is None:
        return [None] * n
    if len(strata) != n:
        raise ModelError(f"{len(strata)} strata were given for {n} probabilities.")
    return [str(name) for name in strata]


def _checked(probability: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    p, outcome = np.asarray(probability, np.float64), np.asarray(y, np.float64)
    if p.ndim != 1 or not len(p) or not ((p >= 0.0) & (p <= 1.0)).all():
        raise ModelError("probability must hold one or more numbers from 0 to 1.")
    if outcome.shape != p.shape or not np.isin(outcome, (0.0, 1.0)).all():
        raise ModelError(f"y must hold 0 or 1 for each of {len(p)} probabilities.")
    return p, outcome


def _check_cut_offs(cut_offs: Sequence[float]) -> None:
    inside = all(0.0 < cut < 1.0 for cut in cut_offs)
    if not inside or list(cut_offs) != sorted(set(cut_offs)):
        raise ModelError(
            f"cut_offs {tuple(cut_offs)} must be different ascending numbers between 0 and 1."
        )
