"""Bootstrap of any measures at once: a replicate is the same sorted arrays with other weights.

Units are rows, or clusters where the sample has them (a person with several rows, a prison). A
drawn unit counts as often as it is drawn. What is drawn follows from the seed and from the order
in which the rows were given to `Sample.of`, whatever the number of jobs: two models of the same
people are drawn alike, although each sample is sorted by its own probability (`check_paired`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from numbers import Integral
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.intervals import ROUNDING, quantile
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]
Measure = Callable[[Sample, FloatArray], Any]
"""``measure(sample, weight)``: a number, or an array ``(k,)`` whose length never changes."""

Kind = Literal["percentile", "basic", "bias_corrected", "widest"]

BLOCK = 20
"""Replicates that are drawn by one generator."""

PIECES_PER_JOB = 4

FEWEST_REPLICATES = 10
FEWEST_CLUSTERS = 10
"""Below it whole clusters are too few to show how they differ: there is no interval."""

MOST_WITHOUT = 0.05
"""Largest share of replicates without a value with which there still is an interval."""


@dataclass(frozen=True, eq=False)
class Replicates:
    """Values of measures in a sample and in bootstrap replicates of it.

    Attributes
    ----------
    point
        By name the value in the sample itself: a number, or ``(k,)``.
    values
        By name ``(R,)`` or ``(R, k)``; not finite where a replicate has no value.
    n, events, n_units
        People, people with the outcome, and units that were drawn.
    clustered
        Whether the units were clusters.
    seed
        From which the draws follow.
    """

    point: Mapping[str, Any]
    values: Mapping[str, FloatArray]
    n: int
    events: int
    n_units: int
    clustered: bool
    seed: int

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def without(self, name: str) -> float:
        """Share of replicates in which the measure has no value (of an array: in all places)."""
        missing = ~np.isfinite(self.values[name])
        return float(missing.reshape(len(missing), -1).all(axis=1).mean())

    def error(self, name: str) -> Any:
        """Standard error: the standard deviation over replicates, of a number or per place."""
        return _by_place(self.values[name], _deviation)

    def interval(self, name: str, level: float = 0.95, kind: Kind = "percentile") -> Any:
        """Limits ``(low, high)``: numbers, or arrays ``(k,)`` for pointwise limits.

        NaN where more than 5% of the replicates have no value, and where fewer than 10 clusters
        were drawn.

        Parameters
        ----------
        kind
            ``percentile``; ``basic``: the percentiles mirrored in the point value;
            ``bias_corrected``: percentiles moved by the median bias (Efron 1987, without
            acceleration); or ``widest``: from the lower of the first two to the higher, for a
            measure that is biased in a sample by an amount that cannot be told
            (``docs/evaluation/coverage.md``).
        """
        quantile(level)  # refuses what is no level
        values, point = self.values[name], self.point[name]
        if self.clustered and self.n_units < FEWEST_CLUSTERS:
            values = np.full_like(values, math.nan)
        limits = partial(_limits, level=level, kind=kind)
        if values.ndim == 1:
            return limits(values, float(point))
        places = [limits(v, float(p)) for v, p in zip(values.T, point, strict=True)]
        low, high = np.array(places).reshape(-1, 2).T
        return low, high

    def estimate(self, name: str, level: float = 0.95, kind: Kind = "percentile") -> Estimate:
        """The value with its interval as an `Estimate`, for a measure that gives a number."""
        value, (low, high) = float(self.point[name]), self.interval(name, level, kind)
        problem = ""
        if not math.isfinite(value):
            problem = "not_defined"
        elif not math.isfinite(low):
            problem = self.problem()
        elif high - low <= ROUNDING * max(1.0, abs(value)):
            problem = "no_spread"
        if problem:
            low = high = math.nan
        method = "" if problem else self.method(kind)
        return Estimate(name, value, low, high, level, method, self.n, self.events, problem)

    def method(self, kind: Kind = "percentile") -> str:
        """Name in ``texts/methods.toml`` of how an interval is made."""
        plain = "bootstrap" if kind == "percentile" else f"bootstrap_{kind}"
        return f"clustered_{plain}" if self.clustered else plain

    def problem(self) -> str:
        """Why a value has no interval: name in ``texts/problems.toml``."""
        few = self.clustered and self.n_units < FEWEST_CLUSTERS
        return "few_clusters" if few else "unstable"

    def minus(self, other: Replicates) -> Replicates:
        """Differences replicate by replicate, of the measures that both have.

        Raises
        ------
        EvaluationError
            If the two do not rest on the same draws of as many units.
        """
        same = [(r.seed, len(r), r.n_units, r.clustered) for r in (self, other)]
        if same[0] != same[1]:
            raise EvaluationError(
                "replicates of (seed, replicates, units, clustered) "
                f"{same[0]} and {same[1]} cannot be paired; use the same for both"
            )
        names = [name for name in self.values if name in other.values]
        with np.errstate(invalid="ignore"):  # infinite in both
            return replace(
                self,
                point={name: self.point[name] - other.point[name] for name in names},
                values={name: self.values[name] - other.values[name] for name in names},
            )


def bootstrap(
    sample: Sample,
    measures: Mapping[str | tuple[str, ...], Measure],
    *,
    replicates: int = 1000,
    seed: int = 0,
    jobs: int = 1,
    threads: bool = False,
    progress: bool = False,
) -> Replicates:
    """Measure a sample and bootstrap replicates of it.

    Parameters
    ----------
    measures
        By name ``measure(sample, weight)``, with the weight in the order of the sample; it gives
        NaN where it has no value. A name that is a tuple belongs to a measure that gives as many
        numbers in one pass: each then has its own name in the result.
    replicates
        At least 10. Limits of a 95% interval want about 1,000.
    seed
        Draws and results are the same for any number of jobs.
    jobs
        Processes beside each other; -1 for one per core. A process needs measures that can be
        sent to it.
    threads
        Threads instead of processes: quicker to start, and quicker where the time goes into numpy
        functions that let others run.
    progress
        Show a bar.

    Raises
    ------
    EvaluationError
        If there are fewer than 10 replicates, or no measures, or the seed is no whole number.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap; Davison and Hinkley (1997),
    section 3.8, for clusters.
    """
    check_replicates(replicates, FEWEST_REPLICATES)
    if not measures:
        raise EvaluationError("no measures to bootstrap; expected one or more")
    check_seed(seed)
    functions = list(measures.values())
    found = [np.asarray(f(sample, sample.weight), dtype=np.float64) for f in functions]
    point = dict(_named(measures, found))
    work = partial(_blocks, sample, functions, replicates, seed)
    parts = list(_run(work, math.ceil(replicates / BLOCK), jobs, threads, progress))
    values = [np.concatenate(of) for of in zip(*parts, strict=True)]
    return Replicates(
        point=point,
        values=dict(_named(measures, values)),
        n=sample.people,
        events=sample.events,
        n_units=sample.n_clusters,
        clustered=sample.cluster is not None,
        seed=seed,
    )


def replicate_weights(sample: Sample, replicates: int, seed: int = 0) -> Iterator[FloatArray]:
    """The weights ``(n,)`` of each replicate of `bootstrap`, in the order of the sample."""
    check_seed(seed)
    for block in range(math.ceil(replicates / BLOCK)):
        yield from _weights(sample, replicates, seed, block)


def check_seed(seed: int) -> None:
    """Refuse a seed from which draws would not follow, such as None.

    Raises
    ------
    EvaluationError
        If it is not a whole number of 0 or more.
    """
    if not isinstance(seed, Integral) or seed < 0:
        raise EvaluationError(f"seed is {seed!r}; expected a whole number of 0 or more")


def check_replicates(replicates: int, fewest: int) -> None:
    """Refuse a number of replicates that is none, or too small.

    Raises
    ------
    EvaluationError
        If it is not a whole number of at least so many.
    """
    if not isinstance(replicates, Integral) or replicates < fewest:
        raise EvaluationError(f"{replicates!r} replicates; expected {fewest} or more")


def check_paired(first: Sample, second: Sample) -> None:
    """Refuse two samples that are not two models of the same people in the same order.

    For those that pass, `bootstrap` with one seed draws the same people for both, and the
    difference of the `Replicates` is that of pairs.

    Raises
    ------
    EvaluationError
        If numbers of rows, outcomes, weights or clusters differ.
    """
    if len(first) != len(second):
        raise EvaluationError(
            f"samples of {len(first)} and {len(second)} rows; expected two models of the same "
            "people"
        )
    for name in ("order", "outcome", "weight", "cluster"):
        one, other = _as_given(first, name), _as_given(second, name)
        if (one is None) != (other is None):
            raise EvaluationError(f"only one of the samples has a {name}; expected both or neither")
        if one is not None and other is not None:
            check_same_rows(name, one, other)


def check_same_rows(name: str, one: npt.NDArray[Any], other: npt.NDArray[Any]) -> None:
    """Refuse values of rows, in the order given, that differ between two samples.

    Raises
    ------
    EvaluationError
        Naming the first row that differs.
    """
    if (one != other).any():
        row = int(np.argmax(one != other))
        raise EvaluationError(
            f"{name}[{row}] is {one[row]:g} in the first sample and {other[row]:g} in the "
            "second; expected two models of the same people in the same order"
        )


# -- draws -----------------------------------------------------------------------------------------


def _blocks(
    sample: Sample, functions: list[Measure], replicates: int, seed: int, blocks: range
) -> list[FloatArray]:
    """Per measure the values in the replicates of some blocks, ``(b,)`` or ``(b, k)``."""
    rows = [
        [_measured(f, sample, weight) for f in functions]
        for block in blocks
        for weight in _weights(sample, replicates, seed, block)
    ]
    return [np.array(values, dtype=np.float64) for values in zip(*rows, strict=True)]


def _measured(measure: Measure, sample: Sample, weight: FloatArray) -> Any:
    """The measure; without a value if nobody who was drawn has weight."""
    if weight.any():
        return measure(sample, weight)
    return math.nan * np.asarray(measure(sample, sample.weight), dtype=np.float64)


def _weights(sample: Sample, replicates: int, seed: int, block: int) -> Iterator[FloatArray]:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block,)))
    unit, n = _units(sample), sample.n_clusters
    plain = bool((sample.weight == 1).all())
    for _ in range(min(BLOCK, replicates - block * BLOCK)):
        times = np.bincount(rng.integers(0, n, n), minlength=n)[unit].astype(np.float64)
        yield times if plain else times * sample.weight


def _units(sample: Sample) -> npt.NDArray[np.intp]:
    """The unit of each row; of rows, its place in what was given."""
    if sample.cluster is not None:
        return sample.cluster
    if sample.order.max() < len(sample):
        return sample.order
    place = np.empty(len(sample), dtype=np.intp)
    place[np.argsort(sample.order)] = np.arange(len(sample))
    return place


def _as_given(sample: Sample, name: str) -> npt.NDArray[Any] | None:
    values = getattr(sample, name)
    return None if values is None else values[np.argsort(sample.order)]


def _run(
    work: Callable[[range], list[FloatArray]], blocks: int, jobs: int, threads: bool, progress: bool
) -> Iterator[list[FloatArray]]:
    """Some blocks after the other, in order.

    A process prepares a sample anew for each piece of work: there are few pieces.
    """
    pieces = blocks if jobs == 1 else PIECES_PER_JOB * (jobs if jobs > 0 else _cores())
    step = math.ceil(blocks / pieces)
    ranges = [range(i, min(i + step, blocks)) for i in range(0, blocks, step)]
    done: Iterable[list[FloatArray]]
    if jobs == 1:
        done = map(work, ranges)
    else:
        from joblib import Parallel, delayed

        pool = Parallel(
            n_jobs=jobs, prefer="threads" if threads else "processes", return_as="generator"
        )
        done = pool(delayed(work)(some) for some in ranges)
    if not progress:
        yield from done
        return
    from rich.progress import track

    yield from track(done, description="bootstrap", total=len(ranges))


def _cores() -> int:
    from joblib import cpu_count

    return int(cpu_count())


def _named(
    measures: Mapping[str | tuple[str, ...], Measure], found: list[FloatArray]
) -> Iterator[tuple[str, Any]]:
    """Each name with its values; those of a tuple stand along the last axis."""
    for key, values in zip(measures, found, strict=True):
        if isinstance(key, str):
            yield key, values if values.ndim else float(values)
            continue
        if values.shape[-1:] != (len(key),):
            raise EvaluationError(f"the measure of {key} gives {values.shape[-1:]} numbers")
        for place, name in enumerate(key):
            one = values[..., place]
            yield name, one if one.ndim else float(one)


# -- intervals -------------------------------------------------------------------------------------


def _limits(values: FloatArray, point: float, *, level: float, kind: Kind) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    if len(there) < (1.0 - MOST_WITHOUT) * len(values) or not math.isfinite(point):
        return math.nan, math.nan
    tails = np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    if kind == "bias_corrected":
        below = (there < point).mean() + 0.5 * (there == point).mean()
        edge = 0.5 / len(there)
        tails = ndtr(2.0 * ndtri(min(max(below, edge), 1.0 - edge)) + ndtri(tails))
    low, high = np.quantile(there, tails)
    mirrored = 2.0 * point - high, 2.0 * point - low
    if kind == "basic":
        low, high = mirrored
    elif kind == "widest":
        low, high = min(low, mirrored[0]), max(high, mirrored[1])
    return float(low), float(high)


def _deviation(values: FloatArray) -> float:
    there = values[np.isfinite(values)]
    return float(there.std(ddof=1)) if len(there) > 1 else math.nan


def _by_place(values: FloatArray, function: Callable[[FloatArray], float]) -> Any:
    return function(values) if values.ndim == 1 else np.array([function(v) for v in values.T])
