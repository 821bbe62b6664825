"""Bounds without assumptions when outcomes are seen of part of the people (Manski 1990).

Each person who was not granted a liberty could have failed or not. The lowest and highest value
of a figure over all those possibilities is what the data say on their own. With many denied the
bounds are wide; that is the finding, not a defect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr

from risicoscreener.evaluation.resampling import (
    FEWEST_CLUSTERS,
    MOST_WITHOUT,
    Replicates,
    bootstrap,
)
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.selection.region import Region, Regions
from risicoscreener.evaluation.selection.seen import PartlySeen
from risicoscreener.evaluation.utility.gain import check_cut_off, odds

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Pair = tuple[float, float]

LIMITS: dict[str, Pair] = {
    "base_rate": (0.0, 1.0),
    "expected_observed": (0.0, np.inf),
    "auc": (0.0, 1.0),
    "sensitivity": (0.0, 1.0),
    "specificity": (0.0, 1.0),
    "false_positive_rate": (0.0, 1.0),
    "false_negative_rate": (0.0, 1.0),
    "ppv": (0.0, 1.0),
    "npv": (0.0, 1.0),
    "net_benefit": (-np.inf, 1.0),
}
"""What each figure can be at all; limits of intervals are cut to it."""


@dataclass(frozen=True)
class _Sums:
    """Weight of events, others and unseen people, above (at or over) and below the cut-off."""

    events: Pair
    others: Pair
    unseen: Pair


def _ratio(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest > 0 else np.nan


def _base_rate(s: _Sums, _: float) -> Pair:
    events, others, unseen = sum(s.events), sum(s.others), sum(s.unseen)
    return _ratio(events, others + unseen), _ratio(events + unseen, others)


def _sensitivity(s: _Sums, _: float) -> Pair:
    lowest = _ratio(s.events[0], s.events[1] + s.unseen[1])
    return lowest, _ratio(s.events[0] + s.unseen[0], s.events[1])


def _false_positive_rate(s: _Sums, _: float) -> Pair:
    lowest = _ratio(s.others[0], s.others[1] + s.unseen[1])
    return lowest, _ratio(s.others[0] + s.unseen[0], s.others[1])


def _ppv(s: _Sums, _: float) -> Pair:
    events, others, unseen = s.events[0], s.others[0], s.unseen[0]
    return _ratio(events, others + unseen), _ratio(events + unseen, others)


def _npv(s: _Sums, _: float) -> Pair:
    events, others, unseen = s.events[1], s.others[1], s.unseen[1]
    return _ratio(others, events + unseen), _ratio(others + unseen, events)


def _net_benefit(s: _Sums, cut_off: float) -> Pair:
    total = sum(s.events) + sum(s.others) + sum(s.unseen)
    price = odds(cut_off)
    sure = s.events[0] - price * s.others[0]
    return (sure - price * s.unseen[0]) / total, (sure + s.unseen[0]) / total


def _reversed(pair: Pair) -> Pair:
    return 1.0 - pair[1], 1.0 - pair[0]


AT_CUT_OFF: dict[str, Callable[[_Sums, float], Pair]] = {
    "sensitivity": _sensitivity,
    "specificity": lambda s, t: _reversed(_false_positive_rate(s, t)),
    "false_positive_rate": _false_positive_rate,
    "false_negative_rate": lambda s, t: _reversed(_sensitivity(s, t)),
    "ppv": _ppv,
    "npv": _npv,
    "net_benefit": _net_benefit,
}


def bounds(
    partly: PartlySeen,
    cut_off: float | None = None,
    *,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    jobs: int = 1,
) -> Regions:
    """Lowest and highest values over everything that the unseen outcomes can have been.

    Parameters
    ----------
    partly
        Everybody on whom was decided.
    cut_off
        Adds error rates, predictive values and net benefit of acting on who is at or above it.
    level, replicates, seed, jobs
        Of the intervals: normal ones with bootstrap standard errors, that hold the value (not the
        whole region) with this coverage (Imbens and Manski 2004).

    Returns
    -------
    Regions
        ``base_rate``, ``expected_observed``, ``auc``; with a cut-off also ``sensitivity``,
        ``specificity``, ``false_positive_rate``, ``false_negative_rate``, ``ppv``, ``npv`` and
        ``net_benefit``. Each end is attained by some outcomes of the unseen; the ends of
        different figures not by the same.

    References
    ----------
    Manski (1990), American Economic Review 80:319-323; Imbens and Manski (2004), Econometrica
    72:1845-1857; for the rates Horowitz and Manski (2000), JASA 95:77-84.
    """
    names = ["base_rate", "expected_observed", "auc"]
    if cut_off is not None:
        check_cut_off(cut_off)
        names += AT_CUT_OFF
    measure = _Ends(partly.seen, cut_off, tuple(names))
    found = bootstrap(partly.people, {"ends": measure}, replicates=replicates, seed=seed, jobs=jobs)
    return Regions(tuple(_region(partly, found, i, n, level) for i, n in enumerate(names)))


@dataclass(frozen=True, eq=False)
class _Ends:
    """All lowest and highest values, two by two: ``measure(sample, weight)``."""

    seen: npt.NDArray[np.bool_]
    cut_off: float | None
    names: tuple[str, ...]

    def __call__(self, sample: Sample, weight: FloatArray) -> FloatArray:
        rate = _base_rate(_sums(sample, self.seen, weight, 1.0), 0.0)
        mean = float(weight @ sample.probability) / float(weight.sum())
        pairs = [rate, _expected_observed(mean, rate), _auc(sample, self.seen, weight)]
        if self.cut_off is not None:
            sums = _sums(sample, self.seen, weight, self.cut_off)
            pairs += [AT_CUT_OFF[name](sums, self.cut_off) for name in self.names[3:]]
        return np.array(pairs).ravel()


def _sums(sample: Sample, seen: npt.NDArray[np.bool_], weight: FloatArray, cut_off: float) -> _Sums:
    start = int(np.searchsorted(sample.probability, cut_off, side="left"))

    def parted(mask: FloatArray) -> Pair:
        parts = weight * mask
        return float(parts[start:].sum()), float(parts[:start].sum())

    y, hit = sample.outcome, seen.astype(np.float64)
    return _Sums(parted(hit * y), parted(hit * (1.0 - y)), parted(1.0 - hit))


def _expected_observed(mean: float, rate: Pair) -> Pair:
    lowest, highest = (mean / r if r > 0 else np.nan for r in reversed(rate))
    return lowest, highest


def _auc(sample: Sample, seen: npt.NDArray[np.bool_], weight: FloatArray) -> Pair:
    """Ends of the AUC.

    Of a given number of unseen events, those with the highest scores make it highest and those
    with the lowest scores lowest, so that only cuts need to be tried.
    """
    n, starts = len(sample), sample.tie_starts
    sizes = np.diff(starts, append=n)
    first, last = np.repeat(starts, sizes), np.repeat(starts + sizes, sizes)
    event = weight * (seen & (sample.outcome == 1))
    other = weight * (seen & (sample.outcome == 0))
    rows = (event, other, weight * ~seen)
    back = [v[::-1] for v in rows]
    lowest = 1.0 - _highest_auc(n - last[::-1], n - first[::-1], *back)
    return lowest, _highest_auc(first, last, *rows)


def _highest_auc(
    first: Codes, last: Codes, event: FloatArray, other: FloatArray, unseen: FloatArray
) -> float:
    """Highest AUC if the unseen from some row on have the outcome and those before have not.

    Arguments are per row, the lowest score first: where its run of equal scores starts and ends,
    and weights.
    """
    events, others, hidden = (np.r_[0.0, np.cumsum(v)] for v in (event, other, unseen))
    others_under = 0.5 * (others[first] + others[last])  # ties count half
    events_over = events[-1] - 0.5 * (events[first] + events[last])
    before = np.r_[0.0, np.cumsum(unseen * events_over)]
    after = np.cumsum((unseen * others_under)[::-1])[::-1]
    after = np.r_[after, 0.0]
    tied = np.r_[(hidden[:-1] - hidden[first]) * (hidden[last] - hidden[:-1]), 0.0]
    among = (hidden[-1] - hidden) * hidden - 0.5 * tied
    pairs = float(event @ others_under) + before + after + among
    n_events, n_others = events[-1] + hidden[-1] - hidden, others[-1] + hidden
    possible = (n_events > 0) & (n_others > 0)
    if not possible.any():
        return float(np.nan)
    return float((pairs[possible] / (n_events * n_others)[possible]).max())


def _region(partly: PartlySeen, found: Replicates, place: int, name: str, level: float) -> Region:
    ends = slice(2 * place, 2 * place + 2)
    lowest, highest = (float(v) for v in found.point["ends"][ends])
    n, unseen = len(partly), int((~partly.seen).sum())
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        return Region(name, np.nan, np.nan, level=level, n=n, unseen=unseen, problem="not_defined")
    enough = not (found.clustered and found.n_units < FEWEST_CLUSTERS)
    values = found.values["ends"][:, ends]
    enough &= bool(np.isnan(values).any(axis=1).mean() <= MOST_WITHOUT)
    if not enough:
        return Region(name, lowest, highest, level=level, n=n, unseen=unseen, problem="unstable")
    errors = found.error("ends")[ends]
    low, high = around(lowest, highest, (errors[0], errors[1]), level, LIMITS[name])
    return Region(name, lowest, highest, low, high, level, "imbens_manski", n, unseen)


def around(lowest: float, highest: float, errors: Pair, level: float, limits: Pair) -> Pair:
    """Limits that hold a value in ``[lowest, highest]`` with coverage `level`.

    The critical value ``c`` solves ``Phi(c + width / largest error) - Phi(-c) = level`` (Imbens
    and Manski 2004): the two-sided one where the region is a point, the one-sided one where it is
    wide.
    """
    largest = max(errors)
    if not np.isfinite(largest):
        return np.nan, np.nan
    if largest == 0:
        return lowest, highest
    width = (highest - lowest) / largest
    c = brentq(lambda c: ndtr(c + width) - ndtr(-c) - level, 0.0, 20.0, xtol=1e-12)
    return max(lowest - c * errors[0], limits[0]), min(highest + c * errors[1], limits[1])
