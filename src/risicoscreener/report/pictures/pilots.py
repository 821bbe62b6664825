"""Pictures of pilots over sites: who starts when, how each site goes, and the effects."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.report.pictures.style import INK, PALE, new_axes, stroke
from risicoscreener.report.pictures.wording import number, numbered, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.evaluation.pilots import Cells, PilotDesign, PilotResult

_say = partial(words, "pilots")

OLD, NEW = "#eceff3", stroke(0).color
COLUMNS = 4
_LEVELS = {"binary": "share", "count": "rate", "continuous": "mean"}


def plot_design(
    design: PilotDesign,
    cells: Cells | None = None,
    *,
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """Sites by periods: the old way light, the new way dark, setting up hatched.

    Parameters
    ----------
    cells
        If given, a cross stands where nothing was measured.
    """
    from matplotlib.patches import Patch

    n_sites, n_periods = design.shape
    ax = new_axes(ax, width=6.4, height=1.2 + 0.3 * n_sites)
    ax.grid(visible=False)
    order = _by_start(design)
    used = set()
    for row, i in enumerate(order):
        for t in range(n_periods):
            kind = _kind(design, i, t)
            used.add(kind)
            _square(ax, t, row, kind)
            if cells is not None and not cells.seen[i, t]:
                used.add("absent")
                colour = "white" if kind == "new" else INK
                ax.plot(t, row, marker="x", color=colour, markersize=6, linewidth=0)
    ax.set_xlim(-0.5, n_periods - 0.5)
    ax.set_ylim(n_sites - 0.5, -0.5)
    every = max(1, math.ceil(n_periods / 8))
    ax.set_xticks(range(0, n_periods, every), list(design.periods)[::every])
    ax.set_yticks(range(n_sites), [design.sites[i] for i in order])
    ax.tick_params(length=0)
    looks: dict[str, dict[str, Any]] = {
        "old": {"facecolor": OLD, "edgecolor": PALE},
        "new": {"facecolor": NEW, "edgecolor": NEW},
        "transition": {"facecolor": "white", "edgecolor": NEW, "hatch": "////"},
    }
    shown: list[Any] = [
        Patch(label=_say(name, language), **look) for name, look in looks.items() if name in used
    ]
    if "absent" in used:
        shown += ax.plot([], [], marker="x", color=INK, linewidth=0, label=_say("absent", language))
    ax.legend(
        handles=shown,
        frameon=False,
        fontsize=8,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(shown),
    )
    return ax


def _kind(design: PilotDesign, i: int, t: int) -> str:
    if not design.analysed[i, t]:
        return "transition"
    return "new" if design.exposure[i, t] else "old"


def _square(ax: Axes, x: int, y: int, kind: str) -> None:
    from matplotlib.patches import Rectangle

    look: dict[str, Any] = {
        "old": {"facecolor": OLD, "edgecolor": "white"},
        "new": {"facecolor": NEW, "edgecolor": "white"},
        "transition": {"facecolor": "white", "edgecolor": NEW, "hatch": "////"},
    }[kind]
    ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, linewidth=1.2, **look))


def describe_design(design: PilotDesign, *, language: str = "nl") -> str:
    """In words who starts when."""
    told = []
    for start in sorted({s for s in design.starts if s >= 0}):
        sites = ", ".join(_with_start(design, start))
        told.append(_say("design_start", language, period=design.periods[start], sites=sites))
    never = ", ".join(_with_start(design, -1))
    if never:
        told.append(_say("design_never", language, sites=never))
    n_sites, n_periods = design.shape
    return _say("design_says", language, sites=n_sites, periods=n_periods, starts=" ".join(told))


def _with_start(design: PilotDesign, start: int) -> list[str]:
    return [s for s, one in zip(design.sites, design.starts, strict=True) if one == start]


def _by_start(design: PilotDesign) -> list[int]:
    last = len(design.periods) + 1
    return sorted(range(len(design.sites)), key=lambda i: (design.starts[i] % last, i))


def plot_sites(result: PilotResult, *, language: str = "nl") -> Axes:
    """The course of each site in a panel of its own, beside that of those not yet started.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel; its figure holds all.
    """
    from matplotlib.figure import Figure

    design, cells = result.design, result.cells
    scale = 100.0 if cells.kind == "binary" else 1.0
    n_rows = math.ceil(len(design.sites) / COLUMNS)
    figure = Figure(figsize=(8.0, 1.75 * n_rows + 0.6), layout="constrained")
    grid = figure.subplots(n_rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
    common = _not_started(result) * scale
    for place, ax in enumerate(grid.flat):
        order = _by_start(design)
        if place >= len(order):
            ax.set_visible(False)
            continue
        new_axes(ax)
        _one_site(ax, result, order[place], common, scale)
    values = np.concatenate([cells.mean[cells.seen] * scale, common[np.isfinite(common)]])
    margin = 0.08 * max(float(np.ptp(values)), 1e-9)
    grid[0, 0].set_ylim(float(values.min()) - margin, float(values.max()) + margin)
    every = max(1, math.ceil(len(design.periods) / 3))
    grid[0, 0].set_xticks(
        range(0, len(design.periods), every), list(design.periods)[::every], fontsize=7
    )
    numbered(grid[0, 0].yaxis, 0 if np.ptp(values) > 5 else 2, language)
    figure.supylabel(_say(_LEVELS[cells.kind], language), fontsize=9)
    first: Axes = grid[0, 0]
    return first


def _one_site(ax: Axes, result: PilotResult, i: int, common: Any, scale: float) -> None:
    design, mean = result.design, result.cells.mean[i] * scale
    time = np.arange(len(design.periods))
    ax.plot(time, common, color=PALE, linewidth=1.4)
    ax.plot(time, mean, color=NEW, linewidth=1.3)
    begun = design.exposure[i] > 0
    look: dict[str, Any] = {"marker": "o", "markersize": 4.5, "linewidth": 0, "color": NEW}
    ax.plot(time[~begun], mean[~begun], markerfacecolor="white", **look)
    ax.plot(time[begun], mean[begun], **look)
    if begun.any():
        ax.axvline(design.starts[i] - 0.5, color=INK, linewidth=0.8, linestyle=":")
    ax.set_title(design.sites[i], fontsize=9, color=INK, pad=2)


def _not_started(result: PilotResult) -> Any:
    """``(periods,)`` level of the sites that have not started; NaN where all have."""
    cells, old = result.cells, result.design.exposure == 0
    size = np.where(old, cells.size, 0.0).sum(axis=0)
    total = np.where(old, cells.total, 0.0).sum(axis=0)
    return np.divide(total, size, out=np.full(len(size), np.nan), where=size > 0)


def describe_sites(result: PilotResult, *, language: str = "nl") -> str:
    """In words what the panels show."""
    del result
    return _say("sites_says", language)


def plot_forest(
    result: PilotResult,
    *,
    worthwhile: float | None = None,
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """Effects by site, and that of the pilot below them.

    Parameters
    ----------
    worthwhile
        The effect that is worth the trouble, with its sign: a line.
    """
    scale = 100.0 if result.cells.kind == "binary" else 1.0
    shown = [row for row in result.by_site if math.isfinite(row[1])]
    ax = new_axes(ax, width=6.4, height=1.4 + 0.3 * len(shown))
    for place, (_, value, low, high) in enumerate(shown):
        ax.plot([scale * low, scale * high], [place, place], color=stroke(0).color, linewidth=1.2)
        ax.plot(scale * value, place, marker="s", color=stroke(0).color, markersize=4.5)
    effect, bottom = result.effect, len(shown) + 0.4
    value = scale * effect.value
    if effect.has_interval:
        low, high = scale * effect.low, scale * effect.high
        ax.fill(
            [low, value, high, value],
            [bottom, bottom - 0.28, bottom, bottom + 0.28],
            color=INK,
        )
    else:
        ax.plot(value, bottom, marker="D", color=INK, markersize=6)
    ax.axvline(0, color=INK, linewidth=0.8)
    if worthwhile is not None:
        ax.axvline(scale * worthwhile, color=stroke(1).color, linewidth=1.2, linestyle="--")
        ax.annotate(
            _say("worthwhile", language),
            (scale * worthwhile, -0.7),
            fontsize=8,
            color=INK,
            ha="center",
            va="bottom",
        )
    ax.set_ylim(bottom + 0.7, -0.7)
    ax.set_yticks([*range(len(shown)), bottom], [*(row[0] for row in shown), _say("all", language)])
    ax.set_xlabel(_say(f"difference_{result.cells.kind}", language), fontsize=9)
    numbered(ax.xaxis, 0 if scale > 1 else 2, language)
    ax.grid(visible=False, axis="y")
    return ax


def describe_forest(result: PilotResult, *, language: str = "nl") -> str:
    """In words what the forest shows."""
    scale = 100.0 if result.cells.kind == "binary" else 1.0
    digits = 1 if scale > 1 else 3
    told = [
        f"{site} {number(scale * value, digits, language)}"
        for site, value, _, _ in result.by_site
        if math.isfinite(value)
    ]
    return f"{_say('forest_says', language)} ({'; '.join(told)})"
