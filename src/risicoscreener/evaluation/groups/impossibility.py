"""What cannot be alike in groups with other base rates, with the numbers of these groups.

``FPR = p / (1 - p) * (1 - PPV) / PPV * (1 - FNR)`` holds in every group, for every model, for it
only rewrites the counts of a table (Chouldechova 2017). So with equal predictive values and equal
misses, groups with another part ``p`` with the outcome have another false positive rate. Likewise
a model that is calibrated in each group gives people without the outcome a higher mean
probability where the base rate is higher, unless it predicts perfectly (Kleinberg et al. 2016).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.discrimination import RateAt
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.figure import number, plain
from risicoscreener.evaluation.groups.disclosure import Disclosure
from risicoscreener.evaluation.groups.labels import checked_labels
from risicoscreener.evaluation.groups.parts import part_of, shown_groups, without_rates
from risicoscreener.evaluation.resampling import Replicates, bootstrap
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.scoring import base_rate
from risicoscreener.evaluation.wording import words

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

FIGURES = (
    "base_rate",
    "ppv",
    "false_negative_rate",
    "false_positive_rate",
    "implied_false_positive_rate",
    "mean_probability_others",
    "mean_probability_events",
)


@dataclass(frozen=True)
class OfGroup:
    """The figures of one group."""

    label: str
    estimates: Estimates

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]


@dataclass(frozen=True)
class Impossibility:
    """What follows for each group if predictive value and misses were alike.

    Rates that `by_group` hides because few people are above or below the cut-off have no value.

    Attributes
    ----------
    cut_off
        Who is at or above it is pointed out.
    ppv, false_negative_rate
        Of all shown groups together: what is taken to be alike.
    groups
        With what was observed, ``implied_false_positive_rate``, and the mean probability of
        people with and without the outcome.
    hidden
        Labels of groups that are too small, or hidden to protect these.
    """

    cut_off: float
    ppv: float
    false_negative_rate: float
    groups: tuple[OfGroup, ...]
    hidden: tuple[str, ...]

    def __getitem__(self, label: str) -> OfGroup:
        for group in self.groups:
            if group.label == label:
                return group
        raise KeyError(label)

    @property
    def implied_spread(self) -> float:
        """How far false positive rates would be apart at least; NaN if it does not follow."""
        values = [g["implied_false_positive_rate"].value for g in self.groups]
        return max(values) - min(values) if all(map(math.isfinite, values)) else math.nan

    def text(self, lang: str = "nl", digits: int = 3) -> str:
        """The impossibility in a sentence; empty if it does not follow for lack of figures."""
        rates = [g["base_rate"].value for g in self.groups]
        if not math.isfinite(self.implied_spread):
            return ""
        if max(rates) - min(rates) < 10.0**-digits / 2:  # alike as far as it is shown
            return words("groups", "alike", lang)
        implied = [g["implied_false_positive_rate"].value for g in self.groups]
        shown = {
            "lowest": min(rates),
            "highest": max(rates),
            "ppv": self.ppv,
            "fnr": self.false_negative_rate,
            "least": min(implied),
            "most": max(implied),
        }
        return words(
            "groups", "impossible", lang, **{k: number(v, digits, lang) for k, v in shown.items()}
        )

    def to_frame(self) -> pd.DataFrame:
        """A row for each group."""
        import pandas as pd

        rows = [{e.name: e.value for e in g.estimates} for g in self.groups]
        return pd.DataFrame(rows, index=[g.label for g in self.groups])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "cut_off": self.cut_off,
            "ppv": plain(self.ppv),
            "false_negative_rate": plain(self.false_negative_rate),
            "groups": {g.label: g.estimates.to_dict() for g in self.groups},
            "hidden": list(self.hidden),
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


def implied_false_positive_rate(base_rate: float, ppv: float, false_negative_rate: float) -> float:
    """The false positive rate that the other three figures leave no choice about.

    It can come out above 1: then no cut-off of any model has these figures.

    Raises
    ------
    EvaluationError
        If the base rate is not between 0 and 1, the predictive value not above 0 and at most 1,
        or the false negative rate not in [0, 1].

    >>> round(implied_false_positive_rate(0.514, 0.630, 0.280), 3)
    0.447
    """
    if not 0 < base_rate < 1:
        raise EvaluationError(f"base_rate is {base_rate!r}; expected between 0 and 1")
    if not 0 < ppv <= 1:
        raise EvaluationError(f"ppv is {ppv!r}; expected above 0 and at most 1")
    if not 0 <= false_negative_rate <= 1:
        raise EvaluationError(f"false_negative_rate is {false_negative_rate!r}; expected in [0, 1]")
    return _implied(base_rate, ppv, false_negative_rate)


def _implied(p: float, ppv: float, fnr: float) -> float:
    if not (0 < p < 1 and ppv > 0):
        return math.nan
    return p / (1 - p) * (1 - ppv) / ppv * (1 - fnr)


def impossibility(
    sample: Sample,
    labels: npt.ArrayLike,
    cut_off: float,
    *,
    disclosure: Disclosure | None = None,
    hidden_elsewhere: Collection[str] = (),
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    jobs: int = 1,
) -> Impossibility:
    """What the false positive rate of each group would be if the other figures were alike.

    Parameters
    ----------
    sample, labels, disclosure, hidden_elsewhere
        As of `contrasts`.
    cut_off
        In [0, 1].
    level, replicates, seed, jobs
        Of the bootstrap intervals.

    References
    ----------
    Chouldechova (2017), Big Data 5:153-163; Kleinberg, Mullainathan and Raghavan (2016),
    arXiv:1609.05807.
    """
    of_people = checked_labels(sample, labels)
    shown, hidden = shown_groups(sample, of_people, disclosure or Disclosure(), hidden_elsewhere)
    if not shown:
        raise EvaluationError("no group is large enough to be shown")
    parts = [part_of(sample, of_people == g) for g in shown]
    among = np.flatnonzero(np.isin(of_people, shown))
    together = sample.where(np.isin(of_people, shown))
    rates = [RateAt(n, cut_off) for n in ("ppv", "false_negative_rate", "false_positive_rate")]

    def measure(_: Sample, weight: FloatArray) -> FloatArray:
        w = weight[among]
        ppv, fnr = (rate(together, w) for rate in rates[:2])
        found = [ppv, fnr]
        for part in parts:
            v = weight[part.rows]
            if not v.sum() > 0:
                found += [math.nan] * len(FIGURES)
                continue
            p = base_rate(part.sample, v)
            found += [p, *(rate(part.sample, v) for rate in rates), _implied(p, ppv, fnr)]
            found += [_mean_of(part.sample, v, outcome) for outcome in (0, 1)]
        return np.array(found)

    found = bootstrap(sample, {"all": measure}, replicates=replicates, seed=seed, jobs=jobs)
    groups = [
        OfGroup(label, _of_group(found, 2 + g * len(FIGURES), parts[g].sample, level))
        for g, label in enumerate(shown)
    ]
    hidden_at = without_rates(sample, of_people, shown, disclosure or Disclosure(), cut_off)
    groups = [_as_small(one) if one.label in hidden_at else one for one in groups]
    point = found.point["all"]
    return Impossibility(float(cut_off), float(point[0]), float(point[1]), tuple(groups), hidden)


def _as_small(group: OfGroup) -> OfGroup:
    """Without the observed error rates."""
    return OfGroup(
        group.label,
        Estimates(
            tuple(
                replace(
                    e,
                    value=math.nan,
                    low=math.nan,
                    high=math.nan,
                    method="",
                    problem="few_at_cut_off",
                )
                if e.name in ("ppv", "false_negative_rate", "false_positive_rate")
                else e
                for e in group.estimates
            )
        ),
    )


def _mean_of(sample: Sample, weight: FloatArray, outcome: int) -> float:
    """Mean probability of the people with an outcome."""
    w = weight * (sample.outcome == outcome)
    total = float(w.sum())
    return float(w @ sample.probability) / total if total > 0 else math.nan


def _of_group(found: Replicates, start: int, part: Sample, level: float) -> Estimates:
    columns = slice(start, start + len(FIGURES))
    own = Replicates(
        point=dict(zip(FIGURES, found.point["all"][columns].tolist(), strict=True)),
        values=dict(zip(FIGURES, found.values["all"][:, columns].T, strict=True)),
        n=part.people,
        events=part.events,
        n_units=found.n_units,
        clustered=found.clustered,
        seed=found.seed,
    )
    return Estimates(tuple(own.estimate(name, level) for name in FIGURES))
