"""Who changes band when a second model replaces a first: a table, figures and caveats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import estimate_around, mean_error, sampled_error
from risicoscreener.evaluation.resampling import check_paired
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.utility.consequences import ascending
from risicoscreener.evaluation.utility.gain import odds

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Reclassification:
    """How people move between bands when a second model replaces a first.

    Attributes
    ----------
    cut_offs
        Between the bands.
    events, others
        ``(k + 1, k + 1)``: weight of people with and without the outcome, by band of the first
        model (rows) and of the second (columns).
    net_benefit_change
        Per cut-off, second minus first: what the change is worth. Judge by this one.
    estimates
        Per class the share that moves up less the share that moves down or the reverse
        (``nri_events``, ``nri_others``: up is better for events, down for others), their sum
        ``nri``; the same for any change of probability (``nri_any_events``, ``nri_any_others``,
        ``nri_any``); and the change of mean probability ``idi_events``, ``idi_others``, ``idi``.
    """

    cut_offs: tuple[float, ...]
    events: FloatArray
    others: FloatArray
    net_benefit_change: tuple[Estimate, ...]
    estimates: Estimates

    def to_frame(self) -> pd.DataFrame:
        """The table: a row for each band of the first model, within each class."""
        import pandas as pd

        edges = [0.0, *self.cut_offs, 1.0]
        names = [f"{a:g} to {b:g}" for a, b in pairwise(edges)]
        tables = {"events": self.events, "others": self.others}
        frames = {
            k: pd.DataFrame(v, index=names, columns=pd.Index(names)) for k, v in tables.items()
        }
        return pd.concat(frames, names=["outcome", "first"])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "cut_offs": list(self.cut_offs),
            "events": self.events.tolist(),
            "others": self.others.tolist(),
            "net_benefit_change": [one.to_dict() for one in self.net_benefit_change],
            "estimates": self.estimates.to_dict(),
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(escape=True)


def reclassification(
    first: Sample, second: Sample, cut_offs: npt.ArrayLike, *, level: float = 0.95
) -> Reclassification:
    """Compare two models by who changes band.

    NRI and IDI are given because readers ask for them. Neither is a proper score: a model that is
    only miscalibrated can make both rise (Hilden and Gerds 2014; Pepe et al. 2015). Report the
    change of net benefit at the cut-offs, and the two classes apart, never their sum alone.

    Parameters
    ----------
    first, second
        Two models of the same people, in the same order.
    cut_offs
        Of the policy, ascending between 0 and 1.

    Raises
    ------
    EvaluationError
        If the samples are not of the same people, or cut-offs do not ascend between 0 and 1.

    References
    ----------
    Pencina, D'Agostino, D'Agostino and Vasan (2008), Statistics in Medicine 27:157-172; Pencina,
    D'Agostino and Steyerberg (2011), Statistics in Medicine 30:11-21; Hilden and Gerds (2014),
    Statistics in Medicine 33:3405-3414.
    """
    check_paired(first, second)
    edges = ascending(cut_offs)
    before = first.probability
    after = np.empty(len(first))
    after[np.argsort(first.order)] = second.probability[np.argsort(second.order)]
    bands = (np.searchsorted(edges, p, side="right") for p in (before, after))
    row, column = bands
    moved, risen = np.sign(column - row), np.sign(after - before)
    return Reclassification(
        tuple(edges),
        _table(first, row, column, len(edges) + 1, first.outcome),
        _table(first, row, column, len(edges) + 1, 1 - first.outcome),
        tuple(_gain(first, before, after, cut_off, level) for cut_off in edges),
        Estimates(
            (
                *_apart(first, "nri", moved, level, spread=0),
                *_apart(first, "nri_any", risen, level, spread=0),
                *_apart(first, "idi", after - before, level, spread=1),
            )
        ),
    )


def _table(sample: Sample, row: Codes, column: Codes, k: int, members: FloatArray) -> FloatArray:
    counts: FloatArray = np.bincount(
        row * k + column, sample.weight * members, minlength=k * k
    ).astype(float)
    return counts.reshape(k, k)


def _gain(
    sample: Sample, before: FloatArray, after: FloatArray, cut_off: float, level: float
) -> Estimate:
    worth = sample.outcome - (1 - sample.outcome) * odds(cut_off)
    change = worth * ((after >= cut_off).astype(float) - (before >= cut_off))
    value = float(sample.weight @ change) / float(sample.weight.sum())
    error = mean_error(change, sample.weight, sample.cluster)
    return estimate_around("net_benefit_change", sample, value, error, level)


def _apart(
    sample: Sample, name: str, change: FloatArray, level: float, *, spread: int
) -> tuple[Estimate, ...]:
    """The mean change among events, minus that among others, and the sum of the two.

    `spread` is what is subtracted from n in a variance: 0 for shares (Pencina 2008), else 1.
    """
    pulls, values = [], []
    for members, sign in ((sample.outcome, 1.0), (1 - sample.outcome, -1.0)):
        weight = sample.weight * members
        total, n = float(weight.sum()), int((weight > 0).sum())
        if not total > 0:
            values.append(math.nan)
            pulls.append(np.full(len(sample), math.nan))
            continue
        value = float(weight @ change) / total
        values.append(sign * value)
        correction = math.sqrt(n / (n - spread)) if n > spread else math.nan
        pulls.append(sign * weight * (change - value) / total * correction)
    names = (f"{name}_events", f"{name}_others", name)
    figures = [*values, values[0] + values[1]]
    distances = [*pulls, pulls[0] + pulls[1]]
    return tuple(
        estimate_around(one, sample, value, _error(sample, pull), level, problem=_problem(value))
        for one, value, pull in zip(names, figures, distances, strict=True)
    )


def _error(sample: Sample, pull: FloatArray) -> float:
    """Standard error from influences that already have the variance of their own class."""
    error = sampled_error(sample, pull)
    if sample.cluster is not None:
        return error
    return error * math.sqrt((sample.people - 1) / sample.people)


def _problem(value: float) -> str:
    return "no_spread" if math.isfinite(value) else "one_class"
