"""Randomisation inference: what would have been found had chance shared out the starts otherwise.

The only probability is that of the lots. No distribution of outcomes is assumed, and a small
number of sites does no harm: it makes the test coarse, not wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import (
    DRAWS,
    MOST_LISTED,
    BoolArray,
    FloatArray,
    IntArray,
    PilotDesign,
    exposure_of,
)
from risicoscreener.evaluation.pilots.model import Effect, working_covariance

WORKING_ICC, WORKING_CAC = 0.05, 0.8
"""How cells hang together, as far as the weights go; another value costs power, never validity."""
CHUNK = 2000


@dataclass(frozen=True, eq=False)
class Randomisation:
    """Weights of the cells under each assignment: an estimate is their product with the means.

    Attributes
    ----------
    weights
        ``(k, c)``: of each assignment; the real one first.
    kept
        ``(sites, periods)``: which cells the columns are.
    moved
        ``(k,)``: what an estimate becomes if the cells hold nothing but a real effect of 1.
    exact
        Whether all assignments are among them, or a sample.
    starts
        ``(k, sites)``: the assignments.
    """

    weights: FloatArray
    kept: BoolArray
    moved: FloatArray
    exact: bool
    starts: IntArray

    def estimates(self, mean: FloatArray) -> FloatArray:
        """``(k,)``: the estimate under each assignment, from ``(sites, periods)`` means."""
        found: FloatArray = self.weights @ mean[self.kept]
        return found

    def p_value(self, mean: FloatArray, effect: float = 0.0) -> float:
        """Two-sided p-value of an effect that is the same everywhere."""
        size = float(np.abs(self.weights[0]) @ np.abs(mean[self.kept]))
        return share_as_large(np.abs(self.estimates(mean) - effect * self.moved), size=size)

    def interval(self, mean: FloatArray, level: float = 0.95) -> tuple[float, float]:
        """Effects that are not rejected; infinite where too few assignments can speak against them.

        An assignment gives as large an estimate as the real one, effect taken off, for effects in
        an interval around the estimate: so limits follow without searching.
        """
        found = self.estimates(mean)
        value, moved = found[0], self.moved
        size = max(1.0, float(np.abs(found).max()))
        with np.errstate(divide="ignore", invalid="ignore"):
            one = (value - found) / (1 - moved)
            other = (value + found) / (1 + moved)
        low, high = np.minimum(one, other), np.maximum(one, other)
        same = 1 - np.abs(moved) < 1e-9
        low[same], high[same] = _one_sided(value, found[same], moved[same], size)
        wild = np.abs(moved) > 1 + 1e-9
        low[wild], high[wild] = -math.inf, math.inf
        # Rounding must not count an assignment as less extreme than it is.
        place = math.floor((1 - level) * len(found) + 1e-9)
        return float(np.sort(low)[place]), float(np.sort(high)[::-1][place])


def share_as_large(found: FloatArray, real: int = 0, *, size: float = 0.0) -> float:
    """Which share of sizes is at least the real one; rounding makes none smaller.

    `size` is that of the numbers of which they are sums: they may be nothing but its rounding.
    """
    near = 1e-9 * max(float(found.max()), 1e-3 * size, 1e-300)
    return float(np.mean(found >= found[real] - near))


def _one_sided(
    value: float, found: FloatArray, moved: FloatArray, size: float
) -> tuple[FloatArray, FloatArray]:
    """Limits where an assignment moves as much as the real one: a half line or all of it."""
    low, high = np.full(len(found), -math.inf), np.full(len(found), math.inf)
    sign = np.sign(moved)
    gap = sign * found - value  # (found - e·moved)² >= (value - e)² with moved = ±1
    root = (value + sign * found) / 2
    apart = np.abs(gap) > 1e-9 * size
    # gap·(gap + 2·(value - e)) >= 0, so e <= root where gap > 0 and e >= root where it is below.
    low[apart & (gap < 0)] = root[apart & (gap < 0)]
    high[apart & (gap > 0)] = root[apart & (gap > 0)]
    return low, high


def randomisation(
    design: PilotDesign,
    cells: Cells,
    *,
    effect: Effect = "constant",
    icc: float = WORKING_ICC,
    cac: float = WORKING_CAC,
    site_effects: bool = False,
    seed: int = 1,
    draws: int = DRAWS,
    most: int = MOST_LISTED,
) -> Randomisation:
    """Prepare a test over the assignments of a design.

    The estimate is that of generalised least squares with periods, with weights for an assumed
    `icc` and `cac`. They must be chosen before the outcomes are seen; the test is then exact
    whatever they are. Sizes of cells and which of them were measured are taken as given.

    Parameters
    ----------
    effect
        As of `cell_model`.
    icc, cac
        Correlation in a site and period, and the part that remains between periods.
    site_effects
        Compare sites only with themselves.
    seed, draws, most
        As of `PilotDesign.assignments`.

    Raises
    ------
    PilotError
        If the effect cannot be told apart from periods.

    References
    ----------
    Wang and De Gruttola (2017), Statistics in Medicine 36:2831-2843. Thompson et al. (2018),
    Statistics in Medicine 37:2487-2500. Rabideau and Wang (2021), Statistics in Medicine
    40:6010-6025 (intervals).
    """
    kept = cells.seen
    projector = _projector(cells, kept, icc, cac, site_effects=site_effects)
    starts = design.assignments(seed=seed, most=most, draws=draws)
    parts = [
        _weights(part, design, kept, projector, effect)
        for part in np.array_split(starts, max(1, len(starts) // CHUNK))
    ]
    weights = np.vstack(parts)
    if not np.isfinite(weights[0]).all() or not np.abs(weights[0]).sum() > 0:
        raise PilotError("the effect cannot be told apart from periods and sites")
    possible = np.isfinite(weights).all(axis=1)
    weights = weights[possible]
    moved = weights @ (design.exposure * design.analysed)[kept]
    exact = design.assignments_possible <= most
    return Randomisation(weights, kept, moved, exact, starts[possible])


def _projector(
    cells: Cells, kept: BoolArray, icc: float, cac: float, *, site_effects: bool
) -> FloatArray:
    """Weights for cells with what periods (and sites) explain taken out."""
    site, period = np.nonzero(kept)
    inverse = np.linalg.inv(working_covariance(site, 1 / cells.size[kept], icc, cac))
    nuisance = np.eye(kept.shape[1])[period][:, kept.any(axis=0)]
    if site_effects:
        nuisance = np.column_stack([nuisance, np.eye(kept.shape[0])[site][:, kept.any(axis=1)]])
    weighed = inverse @ nuisance
    found: FloatArray = inverse - weighed @ np.linalg.pinv(nuisance.T @ weighed) @ weighed.T
    return found


def _weights(
    starts: IntArray, design: PilotDesign, kept: BoolArray, projector: FloatArray, effect: Effect
) -> FloatArray:
    """``(k, c)``; NaN where an assignment does not allow an estimate."""
    n_periods = len(design.periods)
    exposure = exposure_of(starts, n_periods)
    lasted = np.cumsum(exposure, axis=2)
    setting_up = [((lasted == i + 1) & (exposure > 0)) for i in range(design.transition)]
    working = exposure * (lasted > design.transition)
    if effect == "constant" and not setting_up:
        x = working[:, kept]
        weighed = x @ projector
        scale = np.sum(weighed * x, axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(scale > 1e-9, weighed / scale, np.nan)
    effects = _effects(working, lasted, design, kept, effect)
    columns = np.stack([*effects, *(one[:, kept].astype(np.float64) for one in setting_up)], -1)
    contrast = np.zeros(columns.shape[2])
    contrast[: len(effects)] = 1 / len(effects)
    weighed = np.einsum("kcj,cd->kjd", columns, projector)
    information = weighed @ columns
    solved = np.linalg.pinv(information, hermitian=True, rcond=1e-9) @ contrast
    estimable = np.abs(np.einsum("kij,kj->ki", information, solved) - contrast).max(1) < 1e-6
    found: FloatArray = np.einsum("kjd,kj->kd", weighed, solved)
    found[~estimable] = np.nan
    return found


def _effects(
    working: FloatArray, lasted: FloatArray, design: PilotDesign, kept: BoolArray, effect: Effect
) -> Sequence[FloatArray]:
    if effect == "constant":
        return [working[:, kept]]
    real = design.exposure_time[kept & design.analysed]
    times = np.unique(real[real > 0])
    return [((lasted == time) & (working > 0)).astype(np.float64)[:, kept] for time in times]
