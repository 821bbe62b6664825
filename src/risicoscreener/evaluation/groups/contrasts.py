"""Groups against each other: differences and ratios with intervals, and what chance alone gives."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration import calibration_slope, expected_observed
from risicoscreener.evaluation.discrimination import RateAt, auc
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.groups.disclosure import Disclosure
from risicoscreener.evaluation.groups.labels import Labels, checked_labels
from risicoscreener.evaluation.groups.parts import (
    Part,
    part_of,
    shown_groups,
    without_rates,
)
from risicoscreener.evaluation.groups.table import RATES, mean_probability
from risicoscreener.evaluation.resampling import Measure, Replicates, bootstrap
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.scoring import base_rate, brier

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

SHUFFLES = 200


@dataclass(frozen=True)
class Contrast:
    """One figure of one group against that of the reference group.

    Attributes
    ----------
    measure
        Name of the figure.
    group, reference
        Labels.
    value, of_reference
        The figure in each.
    difference, ratio
        ``group_difference`` and ``group_ratio``, with bootstrap intervals.
    """

    measure: str
    group: str
    reference: str
    value: float
    of_reference: float
    difference: Estimate
    ratio: Estimate


@dataclass(frozen=True)
class Spread:
    """How far groups lie apart in one figure.

    Attributes
    ----------
    measure
        Name of the figure.
    difference, ratio
        ``largest_difference`` and ``smallest_ratio`` over all pairs of groups. They have no
        interval: with more groups they are larger by chance alone.
    by_chance
        The largest difference that chance alone stays below 19 times out of 20, if the labels say
        nothing: from shuffled labels. NaN if they cannot be shuffled.
    """

    measure: str
    difference: Estimate
    ratio: Estimate
    by_chance: float


@dataclass(frozen=True)
class Contrasts:
    """All groups against one of them.

    Attributes
    ----------
    items
        By figure and group.
    spreads
        By figure.
    hidden
        Labels of groups that are too small, or hidden to protect these.
    """

    items: tuple[Contrast, ...]
    spreads: tuple[Spread, ...]
    hidden: tuple[str, ...]

    def of(self, measure: str, group: str) -> Contrast:
        """The contrast of a figure and a group."""
        for one in self.items:
            if (one.measure, one.group) == (measure, group):
                return one
        raise KeyError((measure, group))

    def spread(self, measure: str) -> Spread:
        """How far the groups lie apart in a figure."""
        for one in self.spreads:
            if one.measure == measure:
                return one
        raise KeyError(measure)

    def to_frame(self) -> pd.DataFrame:
        """A row for each figure and group."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "name": c.measure,
                    "group": c.group,
                    "reference": c.reference,
                    "value": c.value,
                    "of_reference": c.of_reference,
                    "difference": c.difference.value,
                    "difference_low": c.difference.low,
                    "difference_high": c.difference.high,
                    "ratio": c.ratio.value,
                    "ratio_low": c.ratio.low,
                    "ratio_high": c.ratio.high,
                }
                for c in self.items
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "contrasts": [
                {
                    "measure": c.measure,
                    "group": c.group,
                    "reference": c.reference,
                    "difference": c.difference.to_dict(),
                    "ratio": c.ratio.to_dict(),
                }
                for c in self.items
            ],
            "spreads": [
                {
                    "measure": s.measure,
                    "difference": s.difference.to_dict(),
                    "ratio": s.ratio.to_dict(),
                    "by_chance": s.by_chance if math.isfinite(s.by_chance) else None,
                }
                for s in self.spreads
            ],
            "hidden": list(self.hidden),
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True, index=False)


def group_measures(cut_off: float | None = None) -> dict[str, Measure]:
    """The figures that groups are compared in: calibration, discrimination, errors at a cut-off."""
    found: dict[str, Measure] = {
        "base_rate": base_rate,
        "mean_probability": mean_probability,
        "expected_observed": expected_observed,
        "calibration_slope": calibration_slope,
        "auc": auc,
        "brier": brier,
    }
    if cut_off is not None:
        found |= {name: RateAt(name, cut_off) for name in RATES}
    return found


def contrasts(
    sample: Sample,
    labels: npt.ArrayLike,
    measures: Mapping[str, Measure] | None = None,
    *,
    reference: str | None = None,
    disclosure: Disclosure | None = None,
    hidden_elsewhere: Collection[str] = (),
    level: float = 0.95,
    replicates: int = 500,
    shuffles: int = SHUFFLES,
    seed: int = 0,
    jobs: int = 1,
) -> Contrasts:
    """Differences and ratios between groups.

    Parameters
    ----------
    sample
        Everybody.
    labels
        ``(n,)`` in the order in which people were given.
    measures
        By name ``measure(sample, weight)``; without it those of `group_measures`.
    reference
        Label of the group that the others are held against: the largest one without it.
    disclosure
        As of `by_group`: groups that are hidden there take no part, and an error rate that is
        hidden there has no value (``few_at_cut_off``).
    hidden_elsewhere
        Labels that are hidden in another table of the same people, such as that of `by_group`
        with more attributes: what is shown here must not give them back.
    level, replicates, seed, jobs
        Of the bootstrap intervals. Everybody is drawn at once, so that persons or prisons that
        have people in several groups are drawn for all of them.
    shuffles
        Times that labels are shuffled for `Spread.by_chance`; 0 for none. With clusters whole
        clusters are shuffled if each lies within one group, and none otherwise.

    Raises
    ------
    EvaluationError
        If fewer than two groups are shown, or the reference is not one of them.
    """
    of_people = checked_labels(sample, labels)
    shown, hidden = shown_groups(sample, of_people, disclosure or Disclosure(), hidden_elsewhere)
    if len(shown) < 2:
        raise EvaluationError(
            f"{len(shown)} groups are large enough to be shown; expected two or more to compare"
        )
    largest = max(shown, key=lambda g: (int((of_people == g).sum()), g))
    against = largest if reference is None else str(reference)
    if against not in shown:
        raise EvaluationError(f"reference is {against!r}; expected one of {', '.join(shown)}")
    used = dict(group_measures() if measures is None else measures)
    work = _ByGroup(tuple(part_of(sample, of_people == g) for g in shown), tuple(used.values()))
    found = bootstrap(sample, {"all": work}, replicates=replicates, seed=seed, jobs=jobs)
    silent = _silent(sample, of_people, shown, used, disclosure or Disclosure())
    found.point["all"][silent.ravel()] = math.nan
    items, spreads = [], []
    for k, name in enumerate(used):
        for g, label in enumerate(shown):
            if label != against:
                pair = (g * len(used) + k, shown.index(against) * len(used) + k)
                one = _contrast(found, name, label, against, pair, level)
                items.append(_as_small(one) if silent.ravel()[list(pair)].any() else one)
        values = found.point["all"].reshape(len(shown), len(used))[:, k]
        spreads.append((name, values))
    chance = _by_chance(sample, of_people, shown, used, silent, shuffles, seed)
    return Contrasts(
        tuple(items),
        tuple(
            _spread(n, v, sample, level, float(c))
            for (n, v), c in zip(spreads, chance, strict=True)
        ),
        hidden,
    )


def _silent(
    sample: Sample,
    labels: Labels,
    shown: list[str],
    measures: Mapping[str, Measure],
    rule: Disclosure,
) -> npt.NDArray[np.bool_]:
    """``(g, k)``: figures that are hidden because few people are above or below a cut-off."""
    found = np.zeros((len(shown), len(measures)), dtype=bool)
    for k, one in enumerate(measures.values()):
        if isinstance(one, RateAt) and one.name != "share_above":
            hidden = without_rates(sample, labels, shown, rule, one.cut_off)
            found[:, k] = [label in hidden for label in shown]
    return found


def _as_small(one: Contrast) -> Contrast:
    pair = (replace(e, problem="few_at_cut_off") for e in (one.difference, one.ratio))
    difference, ratio = pair
    return replace(one, difference=difference, ratio=ratio)


@dataclass(frozen=True, eq=False)
class _ByGroup:
    """All figures of all groups, ``(g * k,)``: ``measure(sample, weight)``."""

    parts: tuple[Part, ...]
    measures: tuple[Measure, ...]

    def __call__(self, _: Sample, weight: FloatArray) -> FloatArray:
        found = []
        for part in self.parts:
            w = weight[part.rows]
            there = w.sum() > 0
            found += [m(part.sample, w) if there else math.nan for m in self.measures]
        return np.array(found, dtype=np.float64)


def _contrast(
    found: Replicates, name: str, group: str, against: str, pair: tuple[int, int], level: float
) -> Contrast:
    point = found.point["all"]
    one, other = (float(point[p]) for p in pair)
    of_one, of_other = (found.values["all"][:, p] for p in pair)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(of_other != 0, of_one / of_other, math.nan)
    ratio = one / other if other != 0 else math.nan
    pairs = {"group_difference": (one - other, of_one - of_other), "group_ratio": (ratio, ratios)}
    both = Replicates(
        point={n: v for n, (v, _) in pairs.items()},
        values={n: r for n, (_, r) in pairs.items()},
        n=found.n,
        events=found.events,
        n_units=found.n_units,
        clustered=found.clustered,
        seed=found.seed,
    )
    difference, ratio_estimate = (both.estimate(n, level) for n in pairs)
    return Contrast(name, group, against, one, other, difference, ratio_estimate)


def _spread(
    name: str, values: FloatArray, sample: Sample, level: float, by_chance: float
) -> Spread:
    there = values[np.isfinite(values)]
    whole = partial(Estimate, level=level, n=sample.people, events=sample.events)
    if len(there) < 2:
        none = [
            whole(n, math.nan, problem="not_defined")
            for n in ("largest_difference", "smallest_ratio")
        ]
        return Spread(name, none[0], none[1], math.nan)
    apart, highest = float(there.max() - there.min()), float(there.max())
    difference = whole("largest_difference", apart)
    if there.min() < 0 or highest == 0:
        return Spread(
            name, difference, whole("smallest_ratio", math.nan, problem="not_defined"), by_chance
        )
    return Spread(
        name, difference, whole("smallest_ratio", float(there.min()) / highest), by_chance
    )


def _by_chance(
    sample: Sample,
    labels: Labels,
    shown: list[str],
    measures: Mapping[str, Measure],
    silent: npt.NDArray[np.bool_],
    shuffles: int,
    seed: int,
) -> FloatArray:
    """Per figure the 95th percentile of the largest difference with shuffled labels."""
    nothing = np.full(len(measures), math.nan)
    among = np.isin(labels, shown)
    units = _shuffled_units(sample, labels, among)
    if units is None or shuffles < 1:
        return nothing
    part, (unit, of_unit) = sample.where(among), units
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1_000_000,)))
    found = []
    for _ in range(shuffles):
        shuffled = rng.permutation(of_unit)[unit]
        pieces = tuple(part_of(part, shuffled == g) for g in shown)
        values = _ByGroup(pieces, tuple(measures.values()))(part, part.weight)
        values = values.reshape(len(shown), len(measures))
        highest = np.where(silent, -math.inf, values).max(axis=0)
        found.append(highest - np.where(silent, math.inf, values).min(axis=0))
    return np.array([_most(v) for v in np.array(found).T])


def _most(values: FloatArray) -> float:
    there = values[np.isfinite(values)]
    return float(np.quantile(there, 0.95)) if len(there) >= 0.95 * len(values) else math.nan


def _shuffled_units(
    sample: Sample, labels: Labels, among: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.intp], Labels] | None:
    """The unit of each row, and the label of each unit; None if units lie in several groups."""
    of_rows = labels[among]
    if sample.cluster is None:
        return np.arange(len(of_rows)), of_rows
    _, first, unit = np.unique(sample.cluster[among], return_index=True, return_inverse=True)
    of_unit = of_rows[first]
    return (unit, of_unit) if (of_unit[unit] == of_rows).all() else None
