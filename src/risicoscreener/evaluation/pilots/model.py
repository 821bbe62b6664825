"""The linear model of cells: the effect of the new way, and always the periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import BoolArray, FloatArray, IntArray, PilotDesign

Effect = Literal["constant", "by_exposure_time"]
Time = Literal["periods", "linear", "none"]
EFFECTS: tuple[str, ...] = get_args(Effect)
TIMES: tuple[str, ...] = get_args(Time)


@dataclass(frozen=True, eq=False)
class CellModel:
    """Means of cells as a linear model; rows are the cells that were measured and count.

    Attributes
    ----------
    y
        ``(c,)``: mean of each cell.
    x
        ``(c, p)``: the columns of the effect first, then periods, sites and what is adjusted for.
    contrast
        ``(p,)``: what of the coefficients is *the* effect: its mean over exposure times.
    site, period
        ``(c,)`` codes.
    noise
        ``(c,)``: 1 / size.
    within, degrees_within
        Variance of one outcome within a cell, and the degrees of freedom behind it.
    site_effects
        Whether levels of sites are among the columns.
    """

    y: FloatArray
    x: FloatArray
    contrast: FloatArray
    site: IntArray
    period: IntArray
    noise: FloatArray
    within: float
    degrees_within: float
    site_effects: bool = False

    @property
    def n_sites(self) -> int:
        """Sites with at least one cell."""
        return int(self.site.max()) + 1

    @cached_property
    def of_site(self) -> FloatArray:
        """``(sites, c)``: 1.0 where a cell is of a site."""
        found: FloatArray = (self.site == np.arange(self.n_sites)[:, None]).astype(np.float64)
        return found

    @property
    def many_periods(self) -> bool:
        """Whether some site has more than one cell."""
        return len(self.y) > self.n_sites

    def with_y(self, y: FloatArray) -> CellModel:
        """The same cells with other means."""
        return replace(self, y=y)


def cell_model(
    cells: Cells,
    design: PilotDesign,
    *,
    effect: Effect = "constant",
    time: Time = "periods",
    site_effects: bool = False,
    adjust: Mapping[str, FloatArray] | None = None,
) -> CellModel:
    """The model of what was measured.

    Parameters
    ----------
    effect
        ``constant``: the same from the first period on. ``by_exposure_time``: one effect for each
        number of periods since the start; the effect is their mean (Kenny et al. 2022).
    time
        ``periods``: each period its own level, which is what a pilot needs. ``linear``: a straight
        trend. ``none``: as if nothing else changed; only to show what that does.
    site_effects
        Whether each site has its own fixed level (difference in differences); otherwise levels of
        sites are draws of a distribution.
    adjust
        By name ``(sites, periods)`` or ``(sites,)`` figures to adjust for.

    Raises
    ------
    PilotError
        If the effect cannot be told apart from the rest.

    References
    ----------
    Hussey and Hughes (2007), Contemporary Clinical Trials 28:182-191. Kenny et al. (2022),
    Statistics in Medicine 41:4311-4339.
    """
    _check_choice("effect", effect, EFFECTS)
    _check_choice("time", time, TIMES)
    kept = cells.seen & design.analysed
    if not kept.any():
        raise PilotError("nothing was measured in the cells that count")
    site, period = (codes.astype(np.int64) for codes in np.nonzero(kept))
    effects = _effect_columns(design, kept, effect)
    nuisance = _nuisance(design, site, period, time, site_effects)
    nuisance += [_adjustment(name, v, design, kept) for name, v in (adjust or {}).items()]
    x = np.column_stack([effects, *nuisance])
    x = _independent(x, effects.shape[1])
    contrast = np.zeros(x.shape[1])
    contrast[: effects.shape[1]] = 1 / effects.shape[1]
    within, degrees = cells.within
    _, codes = np.unique(site, return_inverse=True)
    return CellModel(
        cells.mean[kept],
        x,
        contrast,
        codes.astype(np.int64),
        period,
        1 / cells.size[kept],
        within,
        degrees,
        site_effects,
    )


def with_effects(model: CellModel, columns: FloatArray) -> CellModel:
    """The model with other columns, ``(c, k)``, for the effect; the contrast is their mean.

    Raises
    ------
    PilotError
        If they cannot be told apart from each other and the rest.
    """
    effects = int(np.count_nonzero(model.contrast))
    x = _independent(np.column_stack([columns, model.x[:, effects:]]), columns.shape[1])
    contrast = np.zeros(x.shape[1])
    contrast[: columns.shape[1]] = 1 / columns.shape[1]
    return replace(model, x=x, contrast=contrast)


def working_covariance(site: IntArray, noise: FloatArray, icc: float, cac: float) -> FloatArray:
    """Covariance of cell means under an assumed correlation, in units of the variance of people.

    Parameters
    ----------
    site, noise
        ``(c,)``: site of each cell, and 1 / size.
    icc, cac
        Correlation in a site and period, and the part that remains between periods.

    Returns
    -------
    ``(c, c)``

    Raises
    ------
    PilotError
        If these are no shares.
    """
    if not 0 <= icc < 1 or not 0 <= cac <= 1:
        raise PilotError(f"icc is {icc} and cac {cac}; expected shares, icc below 1")
    found: FloatArray = icc * cac * (site[:, None] == site).astype(np.float64)
    found[np.diag_indices(len(site))] += icc * (1 - cac) + (1 - icc) * noise
    return found


def inverse_of(matrix: FloatArray) -> FloatArray:
    """The inverse, as plain numbers of one type."""
    found: FloatArray = np.linalg.inv(matrix).astype(np.float64, copy=False)
    return found


def _effect_columns(design: PilotDesign, kept: BoolArray, effect: Effect) -> FloatArray:
    if effect == "constant":
        return design.exposure[kept][:, None]
    lasted = design.exposure_time[kept]
    times = np.unique(lasted[lasted > 0])
    columns: FloatArray = (lasted[:, None] == times).astype(np.float64)
    return columns


def _nuisance(
    design: PilotDesign, site: IntArray, period: IntArray, time: Time, site_effects: bool
) -> list[FloatArray]:
    n_sites, n_periods = design.shape
    columns: list[FloatArray] = [np.ones((len(site), 1))]
    if time == "periods":
        columns.append(np.eye(n_periods)[period][:, 1:])
    elif time == "linear":
        columns.append((period / max(n_periods - 1, 1))[:, None])
    if site_effects:
        columns.append(np.eye(n_sites)[site][:, 1:])
    return columns


def _adjustment(name: str, values: FloatArray, design: PilotDesign, kept: BoolArray) -> FloatArray:
    figures = np.asarray(values, dtype=np.float64)
    if figures.shape == (design.shape[0],):
        figures = np.repeat(figures[:, None], design.shape[1], axis=1)
    if figures.shape != design.shape:
        raise PilotError(f"adjust has {name!r} of shape {figures.shape}; expected {design.shape}")
    column = figures[kept]
    if not np.isfinite(column).all():
        raise PilotError(f"adjust has {name!r} without a value for a cell that was measured")
    return (column - column.mean())[:, None]


def _independent(x: FloatArray, effects: int) -> FloatArray:
    """The columns without those that follow from the ones before; the effect must not follow."""
    order = [*range(effects, x.shape[1]), *range(effects)]
    kept: list[int] = []
    basis = np.empty((len(x), 0))
    for column in order:
        rest = x[:, column] - basis @ (basis.T @ x[:, column])
        rest = rest - basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > 1e-8 * max(float(np.linalg.norm(x[:, column])), 1e-300):
            kept.append(column)
            basis = np.column_stack([basis, rest / size])
        elif column < effects:
            raise PilotError(
                "the effect cannot be told apart from periods, sites and what is adjusted for: "
                "no cells in the same period are with and without the new way"
            )
    return x[:, sorted(kept)]


def _check_choice(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise PilotError(f"{what} is {value!r}; expected one of {', '.join(known)}")
