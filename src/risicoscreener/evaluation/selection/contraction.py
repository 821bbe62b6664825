"""A model against decision makers: contraction of the cases of the most lenient one.

Who denies little shows outcomes of nearly everybody. If cases come to decision makers by chance,
the model can be tried on the cases of the most lenient: of those granted, the riskiest by the
model are denied until as many are left as another decision maker grants, and the failures left
are compared with those of that decision maker (Lakkaraju et al. 2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Curve, Estimate
from risicoscreener.evaluation.figure import plain
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.sample import Sample, labels_of
from risicoscreener.evaluation.selection.seen import PartlySeen

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

FEWEST_CASES = 50
"""Decision makers with fewer cases are left out."""
RATES = 25
"""Points of the curve of the model."""


@dataclass(frozen=True, eq=False)
class Contraction:
    """Failures by how much is granted, of a model and of decision makers.

    Attributes
    ----------
    curve
        Over the part that is granted: failures per case of the model. It ends where the most
        lenient decision maker grants.
    makers
        A row for each decision maker: ``maker``, ``cases``, ``probability`` (mean), ``granted``
        (part), ``failed`` (per case).
    difference
        Failures per case of the model less those of the other decision makers, each at their own
        part granted, weighted by their cases. Below 0 the model does better.
    lenient
        Whose cases are used.
    left_out
        Decision makers with too few cases.
    """

    curve: Curve
    makers: pd.DataFrame
    difference: Estimate
    lenient: str
    left_out: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "curve": self.curve.to_dict(),
            "makers": [
                {name: plain(value) for name, value in row.items()}
                for row in self.makers.to_dict("records")
            ],
            "difference": self.difference.to_dict(),
            "lenient": self.lenient,
            "left_out": self.left_out,
        }

    def _repr_html_(self) -> str:
        return self.makers.to_html(float_format="{:.4f}".format, escape=True, index=False)


def contraction(
    partly: PartlySeen,
    maker: npt.ArrayLike,
    *,
    fewest: int = FEWEST_CASES,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    jobs: int = 1,
) -> Contraction:
    """Compare a model with decision makers by contraction.

    It leans on two things. Cases come to decision makers by chance, given what is compared: look
    at the mean probability by decision maker, which is in `Contraction.makers`. And the most
    lenient one grants nearly as many as there are: those that he denied the model cannot grant,
    and where the most lenient denies many, the curve says nothing about granting more.

    Parameters
    ----------
    partly
        Everybody on whom was decided; seen is granted.
    maker
        ``(n,)`` labels of who decided, in the order in which people were given.
    fewest
        Cases that a decision maker must have to take part.
    level, replicates, seed, jobs
        Of the bootstrap intervals. Who is most lenient stays as found: its rate is the highest of
        several and by that a little too high.

    Raises
    ------
    EvaluationError
        If `maker` has missing values or another length, or no decision maker has enough cases.

    References
    ----------
    Lakkaraju, Kleinberg, Leskovec, Ludwig and Mullainathan (2017), The selective labels problem,
    KDD 275-284.
    """
    import pandas as pd

    codes, labels = pd.factorize(labels_of(maker, len(partly), "maker", "a label for each case"))
    codes = codes[partly.people.order].astype(np.intp)
    weight = partly.people.weight
    cases = np.bincount(codes[weight > 0], minlength=len(labels))
    used = np.flatnonzero(cases >= fewest)
    if not len(used):
        raise EvaluationError(f"no decision maker has {fewest} cases; expected one or more")
    granted, failed = _rates(partly, codes, len(labels), weight)
    lenient = int(used[np.argmax(granted[used])])
    others = used[used != lenient]
    grid = np.linspace(0.0, granted[lenient], RATES + 1)[1:]
    of_each = np.bincount(codes, weight)
    measure = partial(_all, partly, codes, len(labels), lenient, others, of_each[others], grid)
    found = bootstrap(partly.people, {"all": measure}, replicates=replicates, seed=seed, jobs=jobs)
    low, high = found.interval("all", level)
    point = found.point["all"]
    mean = np.bincount(codes, weight * partly.people.probability)[used] / of_each[used]
    makers = pd.DataFrame(
        {
            "maker": [str(labels[i]) for i in used],
            "cases": cases[used],
            "probability": mean,
            "granted": granted[used],
            "failed": failed[used],
        }
    ).sort_values("granted", ascending=False, ignore_index=True)
    n, events = int(cases[lenient]), int(partly.people.outcome[codes == lenient].sum())
    banded = bool(np.isfinite(low[:-1]).all())
    curve = Curve(
        "contraction",
        grid,
        point[:-1],
        low[:-1],
        high[:-1],
        level,
        found.method() if banded else "",
        n,
        events,
        "" if banded else "unstable",
        str(labels[lenient]),
    )
    difference = _difference(found.method(), point[-1], low[-1], high[-1], level, n, events)
    return Contraction(curve, makers, difference, str(labels[lenient]), int((cases < fewest).sum()))


def _difference(
    method: str, value: float, low: float, high: float, level: float, n: int, events: int
) -> Estimate:
    name = "contraction_difference"
    if not math.isfinite(value):
        return Estimate(name, math.nan, level=level, n=n, events=events, problem="one_maker")
    if not math.isfinite(low):
        return Estimate(name, float(value), level=level, n=n, events=events, problem="unstable")
    return Estimate(name, float(value), float(low), float(high), level, method, n, events)


def _rates(
    partly: PartlySeen, codes: Codes, k: int, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Part granted, and failures per case, of each decision maker."""
    total = np.bincount(codes, weight, k)
    total[total == 0] = math.nan
    granted = np.bincount(codes, weight * partly.seen, k) / total
    return granted, np.bincount(codes, weight * partly.people.outcome, k) / total


def _all(
    partly: PartlySeen,
    codes: Codes,
    k: int,
    lenient: int,
    others: Codes,
    cases: FloatArray,
    grid: FloatArray,
    sample: Sample,
    weight: FloatArray,
) -> FloatArray:
    """Failures per case of the model on the grid, and the mean difference to the others."""
    granted, failed = _rates(partly, codes, k, weight)
    of_lenient = codes == lenient
    curve = _contracted(
        sample.probability[of_lenient],
        weight[of_lenient] * partly.seen[of_lenient],
        sample.outcome[of_lenient],
        float(weight[of_lenient].sum()),
    )
    on_grid = curve(grid)
    if not len(others):
        return np.r_[on_grid, math.nan]
    by_model = curve(np.minimum(granted[others], granted[lenient]))
    apart = by_model - failed[others]
    there = np.isfinite(apart)
    mean = float(np.average(apart[there], weights=cases[there])) if there.any() else math.nan
    return np.r_[on_grid, mean]


def _contracted(
    probability: FloatArray, weight: FloatArray, failed: FloatArray, total: float
) -> partial[FloatArray]:
    """Failures per case as a function of the part granted, lowest probability first.

    Of people with the same probability any can be the one who is denied: the function is linear
    between the ends of ties.
    """
    if total == 0:
        return partial(np.full_like, fill_value=math.nan)
    last = np.r_[np.diff(probability) > 0, True]
    part = np.r_[0.0, np.cumsum(weight)[last]] / total
    fails = np.r_[0.0, np.cumsum(weight * failed)[last]] / total
    return partial(np.interp, xp=part, fp=fails)
