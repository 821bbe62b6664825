"""Interrupted time series: the course of the sites before and after one start, against controls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import stdtr

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import FloatArray, PilotDesign
from risicoscreener.evaluation.pilots.design_checks import NEVER

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 3
FEW = 8
"""Periods before or after below which a trend is hardly known."""


@dataclass(frozen=True, eq=False)
class InterruptedFit:
    """A segmented line with errors that depend on those of the period before.

    Attributes
    ----------
    series, expected
        ``(periods,)``: what was seen (less the controls, where there are any), and the line.
    without
        ``(periods,)``: the line had nothing started.
    start
        The first period in the new way.
    autocorrelation
        Of errors between one period and the next.
    level, slope, mean
        Change of level at the start, of slope a period, and the mean effect after it: value,
        standard error.
    degrees
        Of freedom.
    controlled
        Whether controls were subtracted.
    """

    series: FloatArray
    expected: FloatArray
    without: FloatArray
    start: int
    autocorrelation: float
    level: tuple[float, float]
    slope: tuple[float, float]
    mean: tuple[float, float]
    degrees: float
    controlled: bool

    @property
    def short(self) -> bool:
        """Whether there are too few periods to trust a trend."""
        return min(self.start, len(self.series) - self.start) < FEW

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Rows ``level``, ``slope`` and ``mean`` with intervals."""
        import pandas as pd

        times = quantile(level, self.degrees + 1)
        rows = {}
        for name in ("level", "slope", "mean"):
            value, error = getattr(self, name)
            rows[name] = {
                "value": value,
                "low": value - times * error,
                "high": value + times * error,
                "p_value": 2 * float(stdtr(self.degrees, -abs(value) / error)),
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(float_format="{:.4f}".format))


def interrupted(cells: Cells, design: PilotDesign) -> InterruptedFit:
    """Fit the series of the sites that start, less that of those that do not.

    All that happens to both at once drops out. Without controls a change elsewhere at the same time
    cannot be told from the effect.

    Raises
    ------
    PilotError
        If sites start at different times, a period is absent, or there are too few.

    References
    ----------
    Turner et al. (2021), BMC Medical Research Methodology 21:181 (restricted likelihood with few
    periods). Bernal, Cummins and Gasparrini (2018), International Journal of Epidemiology
    47:2082-2093 (controls).
    """
    begun = {start for start in design.starts if start != NEVER}
    if len(begun) != 1:
        raise PilotError("sites start in different periods; expected one start, or use group_time")
    start = begun.pop()
    starters = np.array(design.starts) != NEVER
    series = _series(cells, starters)
    controlled = bool((~starters).any())
    if controlled:
        series = series - _series(cells, ~starters)
    kept = ~(
        (np.arange(len(series)) >= start) & (np.arange(len(series)) < start + design.transition)
    )
    before, after = int(kept[:start].sum()), int(kept[start:].sum())
    if min(before, after) < FEWEST or before + after < 2 * FEWEST + 1:
        raise PilotError(
            f"{before} periods before and {after} after the start; expected at least {FEWEST} of "
            f"each and {2 * FEWEST + 1} together"
        )
    time = np.arange(len(series), dtype=np.float64)
    post = (time >= start).astype(np.float64)
    x = np.column_stack([np.ones_like(time), time - start, post, post * (time - start)])
    return _fitted(series, x, kept, start, controlled=controlled)


def _series(cells: Cells, who: Any) -> FloatArray:
    size = cells.size[who].sum(axis=0)
    if not (size > 0).all():
        raise PilotError("a period is absent; a series needs them all")
    found: FloatArray = cells.total[who].sum(axis=0) / size
    return found


def _fitted(
    series: FloatArray, x: FloatArray, kept: Any, start: int, *, controlled: bool
) -> InterruptedFit:
    y, design, place = series[kept], x[kept], np.flatnonzero(kept)
    distance = np.abs(place[:, None] - place)

    def loss(rho: float) -> float:
        return _restricted(y, design, distance, rho)[0]

    trial = np.linspace(-0.9, 0.95, 38)
    best = trial[int(np.argmin([loss(rho) for rho in trial]))]
    bounds = (max(best - 0.05, -0.98), min(best + 0.05, 0.98))
    rho = float(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-9}).x)
    _, coefficients, covariance = _restricted(y, design, distance, rho)
    lasted = x[kept & (np.arange(len(series)) >= start), 3]
    contrasts = {
        "level": np.array([0, 0, 1, 0]),
        "slope": np.array([0, 0, 0, 1]),
        "mean": np.array([0, 0, 1, lasted.mean()]),
    }
    told = {
        name: (float(c @ coefficients), math.sqrt(float(c @ covariance @ c)))
        for name, c in contrasts.items()
    }
    without = x.copy()
    without[:, 2:] = 0
    return InterruptedFit(
        series,
        x @ coefficients,
        without @ coefficients,
        start,
        rho,
        told["level"],
        told["slope"],
        told["mean"],
        float(len(y) - x.shape[1]),
        controlled,
    )


def _restricted(
    y: FloatArray, x: FloatArray, distance: Any, rho: float
) -> tuple[float, FloatArray, FloatArray]:
    """Minus twice the restricted log likelihood, coefficients, covariance."""
    correlation = np.where(distance == 0, 1.0, np.sign(rho) ** distance * np.abs(rho) ** distance)
    inverse = np.linalg.inv(correlation)
    information = x.T @ inverse @ x
    coefficients = np.linalg.solve(information, x.T @ inverse @ y).astype(np.float64, copy=False)
    rest = y - x @ coefficients
    degrees = len(y) - x.shape[1]
    variance = max(float(rest @ inverse @ rest) / degrees, 1e-300)
    value = float(
        degrees * math.log(variance)
        + float(np.linalg.slogdet(correlation)[1])
        + float(np.linalg.slogdet(information)[1])
    )
    covariance: FloatArray = variance * np.linalg.inv(information).astype(np.float64, copy=False)
    return value, coefficients, covariance
