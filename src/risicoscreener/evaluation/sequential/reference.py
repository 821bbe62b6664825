"""What a feature or a score looked like in a reference, as shares of bins, and how it moved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import as_numbers

FloatArray = npt.NDArray[np.float64]

BINS = 5
LEAST_SHARE = 1e-4
"""Empty bins count as this share in the stability index, which has a logarithm in it."""


@dataclass(frozen=True, eq=False)
class Binned:
    """Bins of a feature with their counts in a reference; the last bin is for what is unknown.

    Attributes
    ----------
    edges
        ``(k,)`` ascending: ``k + 1`` bins, a value on an edge belongs to the bin above it.
    counts
        ``(k + 2,)``: people of the reference in each bin, then those of whom it is unknown.
    """

    edges: FloatArray
    counts: FloatArray

    @classmethod
    def of(cls, values: npt.ArrayLike, bins: int = BINS) -> Binned:
        """Bins at the quantiles of a reference; fewer where many people have one value.

        Raises
        ------
        EvaluationError
            If there are no values, or fewer than 2 bins are asked.
        """
        x = as_numbers(values, "values")
        if x.ndim != 1 or not len(x) or bins < 2:
            raise EvaluationError(
                f"values have shape {x.shape}, bins is {bins}; expected (n,) with n of 1 or more, "
                "and 2 bins or more"
            )
        known = x[np.isfinite(x)]
        edges = np.empty(0)
        if len(known):
            cuts = np.quantile(known, np.arange(1, bins) / bins, method="inverted_cdf")
            # An edge lies above the value of a quantile: people of one value stay together.
            above = [known[known > cut].min() for cut in np.unique(cuts) if (known > cut).any()]
            edges = np.unique(np.array(above, dtype=np.float64))
        made = cls(edges, np.zeros(len(edges) + 2))
        return cls(edges, made.count(x))

    def count(self, values: npt.ArrayLike) -> FloatArray:
        """People of each bin, ``(k + 2,)``."""
        x = as_numbers(values, "values")
        place = np.searchsorted(self.edges, x, side="right")
        place[~np.isfinite(x)] = len(self.edges) + 1
        found: FloatArray = np.bincount(place, minlength=len(self.counts)).astype(np.float64)
        return found

    @property
    def n(self) -> int:
        """People of the reference."""
        return int(self.counts.sum())

    def to_dict(self) -> dict[str, Any]:
        """Plain values from which `from_dict` makes the same bins."""
        return {"edges": self.edges.tolist(), "counts": self.counts.tolist()}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Binned:
        """The bins of `to_dict`."""
        return cls(np.array(plain["edges"], float), np.array(plain["counts"], float))


def stability_index(reference: npt.ArrayLike, now: npt.ArrayLike) -> float:
    """Population stability index of two sets of counts by bin; NaN if one is empty.

    The sum over bins of the difference of shares times the log of their ratio. It has no level: of
    few people it is large by chance. So it is shown, and is no alarm.

    Raises
    ------
    EvaluationError
        If the counts are not of the same bins.
    """
    a, b = as_numbers(reference, "reference"), as_numbers(now, "now")
    if a.shape != b.shape or a.ndim != 1:
        raise EvaluationError(f"counts have shapes {a.shape} and {b.shape}; expected the same bins")
    if not (a.sum() > 0 and b.sum() > 0):
        return math.nan
    p = np.maximum(a / a.sum(), LEAST_SHARE)
    q = np.maximum(b / b.sum(), LEAST_SHARE)
    return float(((q - p) * np.log(q / p)).sum())


def tolerated_range(
    hits: float, n: float, *, odds_ratio: float = 1.0, alpha: float = 0.001
) -> tuple[float, float]:
    """Between what a share may lie by a reference, with chance in the reference allowed for.

    Parameters
    ----------
    hits, n
        How many of how many in the reference.
    odds_ratio
        What change is tolerated either way, 1 or more.
    alpha
        Chance that the interval of the reference (Clopper and Pearson) misses: what it adds to the
        chance of a false alarm.

    Raises
    ------
    EvaluationError
        If counts, ratio or chance are outside their range.
    """
    from scipy.special import betaincinv

    if not (0 <= hits <= n and n > 0):
        raise EvaluationError(f"{hits} of {n} in the reference; expected a count, and people")
    if not 1 <= odds_ratio < math.inf or not 0 < alpha < 1:
        raise EvaluationError(
            f"odds_ratio {odds_ratio!r}, alpha {alpha!r}; expected 1 or more, and between 0 and 1"
        )
    low = 0.0 if hits == 0 else float(betaincinv(hits, n - hits + 1, alpha / 2))
    high = 1.0 if hits == n else float(betaincinv(hits + 1, n - hits, 1 - alpha / 2))
    return _shifted(low, 1 / odds_ratio), _shifted(high, odds_ratio)


def tolerated_rate(
    count: float, exposure: float, *, rate_ratio: float = 1.0, alpha: float = 0.001
) -> tuple[float, float]:
    """Between what a rate may lie by a count in a reference; as `tolerated_range`, for Poisson.

    Parameters
    ----------
    exposure
        Length of the reference, in the unit of the rate.

    Raises
    ------
    EvaluationError
        If a number is outside its range.
    """
    from scipy.special import gammaincinv

    if count < 0 or not 0 < exposure < math.inf:
        raise EvaluationError(f"{count} in {exposure}; expected 0 or more, and a length above 0")
    if not 1 <= rate_ratio < math.inf or not 0 < alpha < 1:
        raise EvaluationError(
            f"rate_ratio {rate_ratio!r}, alpha {alpha!r}; expected 1 or more, and between 0 and 1"
        )
    low = 0.0 if count == 0 else float(gammaincinv(count, alpha / 2))
    high = float(gammaincinv(count + 1, 1 - alpha / 2))
    return low / exposure / rate_ratio, high / exposure * rate_ratio


def _shifted(share: float, odds_ratio: float) -> float:
    return share * odds_ratio / (1 - share + share * odds_ratio)
