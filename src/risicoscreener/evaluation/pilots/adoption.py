"""Sites that start one after another by choice: effects by group and time, and plain regression.

With starts that differ, a regression on sites, periods and 'works in the new way' also compares
sites that start late with sites that started long ago. Where effects grow with time that subtracts
effects from effects; its coefficient may have the wrong sign.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import stdtr

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import FloatArray, PilotDesign
from risicoscreener.evaluation.pilots.design_checks import NEVER
from risicoscreener.evaluation.pilots.mixed import fit_mixed
from risicoscreener.evaluation.pilots.model import cell_model

if TYPE_CHECKING:
    import pandas as pd

Controls = Literal["not_yet", "never"]


@dataclass(frozen=True, eq=False)
class GroupTime:
    """Effects by group (sites with one start) and period, and their mean.

    Attributes
    ----------
    groups, periods
        ``(k,)`` starts and periods, as places.
    effects
        ``(k,)``: of periods from the start on; before the start the change since the period
        before, which should be 0.
    weights
        ``(k, sites, periods)``: each effect as a weighted sum of means of cells.
    share
        ``(k,)``: in the mean; 0 for periods before the start.
    cells, design
        What was analysed.
    """

    groups: FloatArray
    periods: FloatArray
    effects: FloatArray
    weights: FloatArray
    share: FloatArray
    cells: Cells
    design: PilotDesign

    @property
    def value(self) -> float:
        """The mean effect over all sites and periods in the new way, weighed by people."""
        return float(self.share @ self.effects)

    @property
    def error(self) -> float:
        """Standard error of `value`."""
        return self._error(self.share)[0]

    @property
    def degrees(self) -> float:
        """Its degrees of freedom."""
        return self._error(self.share)[1]

    def by_exposure_time(self, level: float = 0.95) -> pd.DataFrame:
        """Effects by periods since the start (0 is the first); below 0 what should be no effect."""
        lasted = self.periods - self.groups
        size = self._sizes()
        return self._table(
            "periods_since_start",
            {int(e): np.where(lasted == e, size, 0.0) for e in np.unique(lasted)},
            level,
        )

    def by_group(self, level: float = 0.95) -> pd.DataFrame:
        """Mean effects by group."""
        names = self.design.periods
        shares = {
            names[int(g)]: np.where(self.groups == g, self.share, 0.0)
            for g in np.unique(self.groups)
        }
        return self._table("start", {k: v for k, v in shares.items() if v.sum() > 0}, level)

    def before(self, level: float = 0.95) -> tuple[float, float, float, float]:
        """Mean change before the start, limits and p-value: not 0 speaks against the comparison.

        NaN where there is at most one period before each start.
        """
        early = np.where(self.periods < self.groups, self._sizes(), 0.0)
        if not early.sum() > 0:
            return math.nan, math.nan, math.nan, math.nan
        row = self._table("", {0: early}, level).iloc[0]
        return float(row["value"]), float(row["low"]), float(row["high"]), float(row["p_value"])

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """A row for each group and period."""
        names = self.design.periods
        shares = {
            (names[int(g)], names[int(t)]): np.eye(len(self.groups))[i]
            for i, (g, t) in enumerate(zip(self.groups, self.periods, strict=True))
        }
        frame = self._table("cell", shares, level)
        frame.insert(0, "start", [start for start, _ in frame["cell"]])
        frame["cell"] = [period for _, period in frame["cell"]]
        return frame.rename(columns={"cell": "period"})

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(float_format="{:.4f}".format))

    def _sizes(self) -> FloatArray:
        return np.array(
            [
                self.cells.size[np.array(self.design.starts) == g, int(t)].sum()
                for g, t in zip(self.groups, self.periods, strict=True)
            ]
        )

    def _table(self, name: str, shares: dict[Any, FloatArray], level: float) -> pd.DataFrame:
        import pandas as pd

        rows = []
        for key, share in shares.items():
            weight = share / share.sum()
            value = float(weight @ self.effects)
            error, degrees = self._error(weight)
            half = error * quantile(level, degrees + 1 if degrees < 1e6 else None)
            p_value = 2 * float(stdtr(degrees, -abs(value) / error)) if error > 0 else math.nan
            limits = {"low": value - half, "high": value + half}
            rows.append({name: key, "value": value, **limits, "p_value": p_value})
        return pd.DataFrame(rows)

    def _error(self, share: FloatArray) -> tuple[float, float]:
        """Standard error and degrees of a mean of effects.

        Sites are the units, compared with the other sites of their group; where some group has
        one site only, the mixed model says what sites differ.
        """
        weights = np.einsum("k,kst->st", share, self.weights)
        found = _between_sites(weights, self.cells, self.design)
        return found if found is not None else _by_model(weights, self.cells, self.design)


def group_time(cells: Cells, design: PilotDesign, controls: Controls = "not_yet") -> GroupTime:
    """Effects by group and time, each against sites that have not started.

    The change of a group since the last period before its start, less the change of its controls.
    People are new in each period; sites weigh by their people in the period.

    Parameters
    ----------
    controls
        ``not_yet``: sites that start later, or never. ``never``: the latter only.

    Raises
    ------
    PilotError
        If no effect can be estimated: nobody is left to compare with, or nothing was measured
        before the start.

    References
    ----------
    Callaway and Sant'Anna (2021), Journal of Econometrics 225:200-230.
    """
    starts = np.array(design.starts)
    kept = cells.seen & design.analysed
    rows = []
    for g in sorted({s for s in design.starts if s > 0}):
        for t in range(1, len(design.periods)):
            base = g - 1 if t >= g else t - 1
            weights = _weights(cells, starts, kept, int(g), t, base, controls)
            if weights is not None:
                rows.append((g, t, weights))
    mean = np.nan_to_num(cells.mean)
    late = [t >= g for g, t, _ in rows]
    if not any(late):
        raise PilotError(
            "no effect can be estimated: no group has a period before its start and sites that "
            "have not started to compare with"
        )
    size = np.array([cells.size[starts == g, t].sum() for g, t, _ in rows]) * np.array(late)
    weights = np.array([w for _, _, w in rows])
    return GroupTime(
        np.array([float(g) for g, _, _ in rows]),
        np.array([float(t) for _, t, _ in rows]),
        np.einsum("kst,st->k", weights, mean),
        weights,
        size / size.sum(),
        cells,
        design,
    )


def _weights(
    cells: Cells, starts: Any, kept: Any, g: int, t: int, base: int, controls: Controls
) -> FloatArray | None:
    """``(sites, periods)``; None where there is nobody to compare."""
    both = kept[:, t] & kept[:, base]
    treated = both & (starts == g)
    free = starts == NEVER
    if controls == "not_yet":
        free |= starts > max(t, base, g - 1)
    compared = both & free & (starts != g)
    if not treated.any() or not compared.any():
        return None
    found = np.zeros(cells.size.shape)
    for who, sign in ((treated, 1.0), (compared, -1.0)):
        share = sign * cells.size[:, t] * who / cells.size[who, t].sum()
        found[:, t] += share
        found[:, base] -= share
    return found


def _between_sites(
    weights: FloatArray, cells: Cells, design: PilotDesign
) -> tuple[float, float] | None:
    starts = np.array(design.starts)
    mean = np.nan_to_num(cells.mean)
    variance, parts = 0.0, []
    for g in sorted(set(design.starts)):
        of_group = starts == g
        if not np.abs(weights[of_group]).sum() > 0:
            continue
        n = int(of_group.sum())
        if n < 2:
            return None
        size = np.where(weights[of_group] != 0, cells.size[of_group], 0.0)
        total = size.sum(axis=0)
        level = (size * mean[of_group]).sum(axis=0) / np.where(total > 0, total, 1.0)
        pull = (weights[of_group] * (mean[of_group] - level)).sum(axis=1)
        part = n / (n - 1) * float(pull @ pull)
        variance += part
        parts.append((part, n - 1))
    # Nothing but rounding is no spread.
    if not math.sqrt(variance) > 1e-10 * float(np.abs(weights * mean).sum()):
        return None
    degrees = variance**2 / sum(part**2 / freedom for part, freedom in parts)
    return math.sqrt(variance), degrees


def _by_model(weights: FloatArray, cells: Cells, design: PilotDesign) -> tuple[float, float]:
    model = cell_model(cells, design, effect="by_exposure_time", site_effects=True)
    return fit_mixed(model).error_of(weights[cells.seen & design.analysed])


@dataclass(frozen=True, eq=False)
class TwoWay:
    """What plain two-way fixed effects compares.

    Attributes
    ----------
    value
        Its coefficient.
    parts
        Comparisons of two groups: ``kind`` (``never``, ``earlier`` against later, ``later``
        against earlier), ``group``, ``control`` (starts, -1 is never), ``weight``, ``value``.
    forbidden
        Weight of comparisons with sites that had already started.
    negative
        Share of cells in the new way whose effect counts negatively.
    """

    value: float
    parts: tuple[tuple[str, int, int, float, float], ...]
    forbidden: float
    negative: float

    def to_frame(self) -> pd.DataFrame:
        """A row for each comparison."""
        import pandas as pd

        return pd.DataFrame(self.parts, columns=["kind", "group", "control", "weight", "value"])

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(float_format="{:.4f}".format))


def two_way(cells: Cells, design: PilotDesign) -> TwoWay:
    """Take plain two-way fixed effects apart; sites weigh the same.

    Raises
    ------
    PilotError
        If a cell is absent: the parts are those of whole tables.

    References
    ----------
    Goodman-Bacon (2021), Journal of Econometrics 225:254-277. de Chaisemartin and D'Haultfoeuille
    (2020), American Economic Review 110:2964-2996.
    """
    if not cells.seen.all() or design.transition:
        raise PilotError("a cell is absent or left out; expected every site in every period")
    exposure, mean = design.exposure, cells.mean
    rest = exposure - exposure.mean(1, keepdims=True) - exposure.mean(0) + exposure.mean()
    scale = float(np.sum(rest**2))
    if scale <= 0:
        raise PilotError("all sites start together; nothing can be compared")
    value = float(np.sum(rest * mean)) / scale
    starts = np.array(design.starts)
    order = sorted(set(design.starts), key=lambda s: math.inf if s == NEVER else s)
    spread = scale / exposure.size
    parts = [
        part
        for i, early in enumerate(order)
        for late in order[i + 1 :]
        for part in _pair(early, late, starts, exposure, mean, spread)
    ]
    forbidden = sum(weight for kind, _, _, weight, _ in parts if kind == "later")
    exposed = exposure > 0
    return TwoWay(value, tuple(parts), forbidden, float(np.mean(rest[exposed] < 0)))


def _pair(
    early: int, late: int, starts: Any, exposure: FloatArray, mean: FloatArray, spread: float
) -> list[tuple[str, int, int, float, float]]:
    """The comparisons of two groups that can be made; `late` may be never."""
    n_k, n_l = float(np.mean(starts == early)), float(np.mean(starts == late))
    d_k = float(exposure[starts == early].mean())
    d_l = float(exposure[starts == late].mean())
    both = n_k * n_l / spread
    y_k, y_l = mean[starts == early].mean(0), mean[starts == late].mean(0)
    end = len(y_k) if late == NEVER else late
    found = []
    if early > 0:
        gap = _changed(y_k[:end], early) - _changed(y_l[:end], early)
        kind = "never" if late == NEVER else "earlier"
        found.append((kind, early, late, both * (d_k - d_l) * (1 - d_k), gap))
    if late != NEVER:
        gap = _changed(y_l[early:], late - early) - _changed(y_k[early:], late - early)
        found.append(("later", late, early, both * d_l * (d_k - d_l), gap))
    return found


def _changed(series: FloatArray, start: int) -> float:
    return float(series[start:].mean() - series[:start].mean())
