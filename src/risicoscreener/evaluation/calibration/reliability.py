"""The CORP reliability diagram with its band, and what its miscalibration would be by chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration.corp import (
    parts_of_levels,
    recalibrated,
    score_decomposition,
)
from risicoscreener.evaluation.calibration.inference import lacking
from risicoscreener.evaluation.calibration.levels import Codes, Levels, levels_of
from risicoscreener.evaluation.calibration.loess import node_places
from risicoscreener.evaluation.calibration.weak import CalibrationTest
from risicoscreener.evaluation.estimate import Curve, Estimates
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.resampling import (
    FEWEST_CLUSTERS,
    check_replicates,
    check_seed,
    replicate_weights,
)
from risicoscreener.evaluation.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Band = Literal["consistency", "confidence", "none"]

POINTS = 200
FEWEST_REPLICATES = 20
ROUNDING = 1e-15


@dataclass(frozen=True)
class Pool:
    """People who get one recalibrated probability.

    Attributes
    ----------
    lowest, highest
        Their probabilities before.
    recalibrated
        Their share with the outcome.
    n, weight
        How many, and their weight.
    """

    lowest: float
    highest: float
    recalibrated: float
    n: int
    weight: float


@dataclass(frozen=True)
class ReliabilityDiagram:
    """What `reliability_diagram` gives.

    Attributes
    ----------
    curve
        Recalibrated against original probability, at places that somebody has.
    pools
        The steps of the staircase, in ascending order.
    band
        ``consistency``, ``confidence`` or ``none``.
    parts
        Miscalibration, discrimination and uncertainty of the Brier score.
    test
        Whether the miscalibration is beyond chance; only with a consistency band.
    """

    curve: Curve
    pools: tuple[Pool, ...]
    band: Band
    parts: Estimates
    test: CalibrationTest

    def to_frame(self) -> pd.DataFrame:
        """A row for each pool."""
        import pandas as pd

        return pd.DataFrame([vars(pool) for pool in self.pools])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "curve": self.curve.to_dict(),
            "pools": [dict(vars(pool)) for pool in self.pools],
            "band": self.band,
            "parts": self.parts.to_dict(),
            "test": self.test.to_dict(),
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, index=False)


def reliability_diagram(
    sample: Sample,
    *,
    band: Band | None = None,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    label: str = "",
) -> ReliabilityDiagram:
    """Isotonic recalibration against the probability, with a pointwise band.

    Parameters
    ----------
    band
        ``consistency``: where the staircase would lie if the probabilities were calibrated, by
        outcomes drawn from them; it takes rows for independent. ``confidence``: percentiles of
        bootstrap replicates of rows or clusters. By default the first, with clusters the second.
    replicates
        Draws for the band and the test; at least 20.

    Raises
    ------
    EvaluationError
        For an unknown band, a consistency band with clusters, or too few replicates.

    Notes
    -----
    The band of confidence differs from that of the R package reliabilitydiag, which draws outcomes
    from the recalibrated probabilities. Where the staircase is at 0 or 1 it has no width.
    """
    quantile(level)
    if band is None:
        band = "consistency" if sample.cluster is None else "confidence"
    _check(sample, band, replicates, seed)
    levels = levels_of(sample)
    events, total = levels.counts(sample.weight)
    height = recalibrated(events, total)
    places = _places(height)
    problem = lacking(sample) or _few(sample)
    draws = np.empty((0, len(places)))
    excess: list[float] = []
    if band != "none" and not problem:
        drawn = _consistent if band == "consistency" else _resampled
        draws = np.full((replicates, len(places)), math.nan)
        for row, (some, all_) in enumerate(drawn(sample, levels, replicates, seed)):
            draws[row] = _at(levels, recalibrated(some, all_), places)
            if band == "consistency":
                excess.append(parts_of_levels(levels, some, all_)[0])
    low, high = _limits(draws, level)
    curve = Curve(
        "reliability_curve",
        levels.probability[places],
        height[places],
        low,
        high,
        level=level,
        method=_method(sample, band) if len(draws) else "",
        n=sample.people,
        events=sample.events,
        problem="" if band == "none" else problem,
        label=label,
    )
    parts = score_decomposition(sample, level=level)
    observed = parts["brier_miscalibration"].value
    return ReliabilityDiagram(
        curve, _pools(sample, levels, height, total), band, parts, _test(sample, observed, excess)
    )


def _method(sample: Sample, band: Band) -> str:
    if band == "consistency":
        return "consistency"
    return "bootstrap" if sample.cluster is None else "clustered_bootstrap"


def _check(sample: Sample, band: str, replicates: int, seed: int) -> None:
    if band not in ("consistency", "confidence", "none"):
        raise EvaluationError(f"band is {band!r}; expected consistency, confidence or none")
    if band == "consistency" and sample.cluster is not None:
        raise EvaluationError(
            "a consistency band takes rows for independent and the sample has clusters; ask for "
            "band='confidence'"
        )
    check_replicates(replicates, FEWEST_REPLICATES)
    check_seed(seed)


def _few(sample: Sample) -> str:
    few = sample.cluster is not None and sample.n_clusters < FEWEST_CLUSTERS
    return "few_clusters" if few else ""


def _consistent(
    sample: Sample, levels: Levels, replicates: int, seed: int
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Counts per level with outcomes drawn from the probabilities themselves."""
    rng = np.random.default_rng(seed)
    total = levels.sums(sample.weight)
    for _ in range(replicates):
        drawn = rng.random(len(sample)) < sample.probability
        yield levels.sums(sample.weight * drawn), total


def _resampled(
    sample: Sample, levels: Levels, replicates: int, seed: int
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Counts per level in bootstrap replicates."""
    for weight in replicate_weights(sample, replicates, seed):
        yield levels.counts(weight)


def _places(height: FloatArray) -> Codes:
    """Levels at which the curve is given: the ends of the steps, and some between."""
    used = np.flatnonzero(~np.isnan(height))
    steps = np.flatnonzero(np.diff(height[used]) > 0)
    ends = np.union1d(steps, steps + 1)
    return used[np.union1d(ends, node_places(len(used), POINTS)).astype(np.intp)]


def _at(levels: Levels, height: FloatArray, places: Codes) -> FloatArray:
    """Heights at the places, straight over levels that a replicate lacks."""
    there = ~np.isnan(height)
    if there.all():
        return height[places]
    x = levels.probability
    return np.interp(x[places], x[there], height[there])


def _limits(draws: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    if not len(draws):
        none = np.full(draws.shape[1], math.nan)
        return none, none
    low, high = np.quantile(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
    return low, high


def _pools(
    sample: Sample, levels: Levels, height: FloatArray, total: FloatArray
) -> tuple[Pool, ...]:
    used = np.flatnonzero(~np.isnan(height))
    people = levels.sums((sample.weight > 0).astype(np.float64))
    starts = np.flatnonzero(np.diff(height[used], prepend=-1.0) > 0)
    return tuple(
        Pool(
            float(levels.probability[part[0]]),
            float(levels.probability[part[-1]]),
            float(height[part[0]]),
            int(people[part].sum()),
            float(total[part].sum()),
        )
        for part in np.split(used, starts[1:])
    )


def _test(sample: Sample, observed: float, excess: list[float]) -> CalibrationTest:
    """The share of draws with at least the miscalibration that was observed."""
    name, n, events = "miscalibration_test", sample.people, sample.events
    if not excess:
        return CalibrationTest(name, n=n, events=events, problem=lacking(sample) or "not_defined")
    beyond = sum(one >= observed - ROUNDING for one in excess)
    return CalibrationTest(name, observed, 0, (1 + beyond) / (1 + len(excess)), n, events)
