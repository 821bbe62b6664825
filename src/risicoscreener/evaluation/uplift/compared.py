"""People with and without help, and what each would be expected to come to either way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import Sample, as_numbers
from risicoscreener.evaluation.selection.seen import check_features, check_mask
from risicoscreener.evaluation.selection.weighting import (
    HARDLY_EVER,
    LEAST_EFFECTIVE,
    MOST_HARDLY_EVER,
    Balance,
)

if TYPE_CHECKING:
    pass

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class Compared:
    """A wanted outcome of people of whom some received help, with nuisances.

    Make one with `Compared.of`. Rows stay in the order in which they were given.

    Attributes
    ----------
    people
        Outcome (1 is what help is to bring about), weight and cluster of each row.
    treated
        ``(n,)`` of 0.0 and 1.0: who received the help.
    propensity
        ``(n,)`` in (0, 1): the chance of it, known or estimated without the row itself.
    mean_with, mean_without
        ``(n,)`` in [0, 1]: the outcome expected with and without the help, likewise.
    """

    people: Sample
    treated: FloatArray
    propensity: FloatArray
    mean_with: FloatArray
    mean_without: FloatArray

    @classmethod
    def of(
        cls,
        outcome: npt.ArrayLike,
        treated: npt.ArrayLike,
        propensity: npt.ArrayLike,
        *,
        mean_with: npt.ArrayLike | None = None,
        mean_without: npt.ArrayLike | None = None,
        weight: npt.ArrayLike | None = None,
        cluster: npt.ArrayLike | None = None,
    ) -> Compared:
        """Check what is given.

        Parameters
        ----------
        outcome
            ``(n,)``, 0 or 1; 1 is wanted. For new offences give ``1 - offence``.
        treated
            ``(n,)``, 0 or 1.
        propensity
            ``(n,)`` in (0, 1), or one number for a trial.
        mean_with, mean_without
            ``(n,)`` in [0, 1]. Without them the mean outcome of those with and without the help:
            right in a trial, and less precise.
        weight, cluster
            As of `Sample.of`.

        Raises
        ------
        EvaluationError
            Naming the value that is missing or out of range; or if nobody, or everybody, was
            treated.
        """
        y = as_numbers(outcome, "outcome")
        if y.size == 0:
            raise EvaluationError("outcome has no rows; expected at least two people")
        people = Sample.of(np.zeros(y.shape), y, weight=weight, cluster=cluster)
        t = check_mask(treated, "treated").astype(np.float64)
        if len(t) != len(y):
            raise EvaluationError(f"treated has {len(t)} rows, outcome has {len(y)}")
        counted = people.weight > 0
        if not 0 < t[counted].sum() < counted.sum():
            who = "everybody" if t[counted].any() else "nobody"
            raise EvaluationError(f"{who} was treated; expected people with and without the help")
        e = _column(propensity, len(y), "propensity", "a chance in (0, 1)", (0.0, 1.0), open_=True)
        means = []
        for name, given, arm in (
            ("mean_with", mean_with, t == 1),
            ("mean_without", mean_without, t == 0),
        ):
            value = (
                float(np.average(y[arm], weights=people.weight[arm])) if given is None else given
            )
            means.append(_column(value, len(y), name, "a number in [0, 1]", (0.0, 1.0)))
        return cls(people, t, e, *means)

    def __len__(self) -> int:
        return len(self.treated)

    def __repr__(self) -> str:
        helped = int(((self.treated == 1) & (self.people.weight > 0)).sum())
        return f"Compared({self.people.people:,} people, {helped:,} with the help)"

    @property
    def outcome(self) -> FloatArray:
        """``(n,)``, 0 or 1."""
        return self.people.outcome

    @property
    def weight(self) -> FloatArray:
        """``(n,)``."""
        return self.people.weight

    @cached_property
    def scores(self) -> FloatArray:
        """Doubly robust score of the effect of each row, ``(n,)``.

        ``m1 - m0 + t (y - m1) / e - (1 - t) (y - m0) / (1 - e)``: its mean in any group estimates
        the effect in the group, if either the propensities or the expectations are right.
        """
        y, t, e = self.outcome, self.treated, self.propensity
        with_help = t * (y - self.mean_with) / e
        without = (1.0 - t) * (y - self.mean_without) / (1.0 - e)
        found: FloatArray = self.mean_with - self.mean_without + with_help - without
        return found

    @cached_property
    def scores_without(self) -> FloatArray:
        """Doubly robust score of the outcome without the help, ``(n,)``."""
        residual = (1.0 - self.treated) * (self.outcome - self.mean_without)
        found: FloatArray = self.mean_without + residual / (1.0 - self.propensity)
        return found

    def where(self, mask: npt.ArrayLike) -> Compared:
        """The rows of a boolean mask.

        Raises
        ------
        EvaluationError
            If it leaves nobody with, or nobody without, the help.
        """
        kept = check_mask(mask, "mask")
        people = self.people.where(kept)
        people = Sample(
            people.probability,
            people.outcome,
            people.weight,
            people.cluster,
            np.arange(len(people)),
        )
        treated = self.treated[kept]
        if not 0 < treated.sum() < len(treated):
            raise EvaluationError("the mask leaves nobody with, or nobody without, the help")
        return Compared(
            people,
            treated,
            self.propensity[kept],
            self.mean_with[kept],
            self.mean_without[kept],
        )

    def in_overlap(self, lowest: float = HARDLY_EVER) -> Mask:
        """Who could have gone either way: a propensity from `lowest` to ``1 - lowest``, ``(n,)``.

        Figures of the people who are left are about them alone (Crump et al. 2009, Biometrika
        96:187-199).
        """
        if not 0 <= lowest < 0.5:
            raise EvaluationError(f"lowest is {lowest!r}; expected a number from 0 to below 0.5")
        found: Mask = (self.propensity >= lowest) & (self.propensity <= 1.0 - lowest)
        return found


@dataclass(frozen=True)
class HelpOverlap(Balance):
    """Whether people with the help have counterparts without it, and the other way round.

    Attributes
    ----------
    n, treated
        People, and those with the help.
    lowest, highest
        Propensity.
    hardly_ever, nearly_always
        Part of the people with a propensity below 0.05, and above 0.95.
    effective_with, effective_without
        How many equally weighted people those with, and without, are worth after weighting.
    features, before, after
        By feature the difference between with and without in standard deviations, as it is and
        after weighting; after it should be below 0.1 in size.
    problem
        ``poor_overlap``, or empty.
    """

    n: int
    treated: int
    lowest: float
    highest: float
    hardly_ever: float
    nearly_always: float
    effective_with: float
    effective_without: float
    features: tuple[str, ...] = ()
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    problem: str = ""

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.3f}".format, escape=True)


def help_overlap(
    compared: Compared, features: npt.ArrayLike | None = None, names: Sequence[str] | None = None
) -> HelpOverlap:
    """Whether comparing those with and without the help can work at all.

    Parameters
    ----------
    features
        ``(n, k)`` without missing values: what should be alike after weighting.
    names
        Of the features.

    Raises
    ------
    EvaluationError
        If a feature is missing, or names and features differ in number.
    """
    counted = compared.weight > 0
    w, t, e = (a[counted] for a in (compared.weight, compared.treated, compared.propensity))
    inverse = w * (t / e + (1.0 - t) / (1.0 - e))
    total = float(w.sum())
    rare, always = (float(w[rows].sum()) / total for rows in (e < HARDLY_EVER, e > 1 - HARDLY_EVER))
    effective = [_effective(inverse[t == arm]) for arm in (1.0, 0.0)]
    enough = all(
        got >= LEAST_EFFECTIVE * (t == arm).sum()
        for got, arm in zip(effective, (1, 0), strict=True)
    )
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    if features is not None:
        x = check_features(features, len(compared))[counted]
        before, after = _apart(x, t, w), _apart(x, t, inverse)
    titles = tuple(names) if names is not None else tuple(f"x{i}" for i in range(len(before)))
    if len(titles) != len(before):
        raise EvaluationError(f"{len(titles)} names for {len(before)} features")
    poor = rare + always > MOST_HARDLY_EVER or not enough
    return HelpOverlap(
        n=compared.people.people,
        treated=int((t == 1).sum()),
        lowest=float(e.min()),
        highest=float(e.max()),
        hardly_ever=rare,
        nearly_always=always,
        effective_with=effective[0],
        effective_without=effective[1],
        features=titles,
        before=before,
        after=after,
        problem="poor_overlap" if poor else "",
    )


def _effective(weight: FloatArray) -> float:
    squares = float(weight @ weight)
    return float(weight.sum()) ** 2 / squares if squares > 0 else 0.0


def _apart(x: FloatArray, t: FloatArray, w: FloatArray) -> tuple[float, ...]:
    """Standardised differences between those with and without, by the spread of everybody."""
    spread = x.std(axis=0)
    spread[spread == 0] = 1.0
    means = [np.average(x[t == arm], axis=0, weights=w[t == arm]) for arm in (1.0, 0.0)]
    return tuple(((means[0] - means[1]) / spread).tolist())


def _column(
    values: npt.ArrayLike,
    n: int,
    name: str,
    expected: str,
    limits: tuple[float, float],
    *,
    open_: bool = False,
) -> FloatArray:
    """Numbers within limits, ``(n,)``; one number stands for all rows."""
    array = as_numbers(values, name)
    array = np.full(n, float(array)) if array.ndim == 0 else array
    if array.shape != (n,):
        raise EvaluationError(f"{name} has shape {array.shape}; expected ({n},)")
    low, high = limits
    good = (array > low) & (array < high) if open_ else (array >= low) & (array <= high)
    if not good.all():
        row = int(np.argmin(good))
        raise EvaluationError(f"{name}[{row}] is {array[row]:g}; expected {expected}")
    return array


def check_column(values: npt.ArrayLike, n: int, name: str) -> FloatArray:
    """Finite numbers, ``(n,)``.

    Raises
    ------
    EvaluationError
        Naming the first row that is not.
    """
    array = as_numbers(values, name)
    if array.shape != (n,):
        raise EvaluationError(f"{name} has shape {array.shape}; expected ({n},)")
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array)))
        raise EvaluationError(f"{name}[{row}] is {array[row]:g}; expected a number")
    return array


def check_treat(treat: npt.ArrayLike, compared: Compared, name: str = "treat") -> FloatArray:
    """Chances of receiving the help under an allocation, ``(n,)`` in [0, 1].

    Raises
    ------
    EvaluationError
        Naming the first row outside.
    """
    return _column(treat, len(compared), name, "a chance in [0, 1]", (0.0, 1.0))
