"""One style for all pictures: readable in grey, by colour-blind people, and in print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, PALE, BAND = "#1b1b1f", "#9aa0aa", "#c9ced6"
"""Text and axes; reference lines and grids; bands."""

BINS = 50
"""Of the distribution under a calibration curve."""

MARKS = 12
"""Marks on a curve, so that curves can be told apart without colour."""


@dataclass(frozen=True)
class Stroke:
    """How one of several curves is drawn: lightness, dashes and mark all differ."""

    color: str
    linestyle: str | tuple[int, tuple[float, ...]]
    marker: str


STROKES = (
    Stroke("#0b3c6f", "-", "o"),
    Stroke("#d55e00", (0, (6, 2)), "s"),
    Stroke("#009e73", (0, (2, 1.5)), "^"),
    Stroke("#cc79a7", (0, (6, 2, 1, 2)), "D"),
    Stroke("#56b4e9", (0, (1, 1)), "v"),
    Stroke("#7f7f00", (0, (10, 3)), "P"),
)
"""Okabe and Ito (2008), ordered so that neighbours differ in grey too."""


def stroke(place: int) -> Stroke:
    """The stroke of the curve at a place; after the last they start again."""
    return STROKES[place % len(STROKES)]


def new_axes(ax: Axes | None, *, width: float = 5.2, height: float = 4.2) -> Axes:
    """The given axes, or new ones in the style of the library; size in inches.

    The figure is made without pyplot, so that nothing stays in memory and no window opens; a
    notebook shows it as the figure of the axes.
    """
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(width, height), layout="constrained").subplots()
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(INK)
    ax.tick_params(colors=INK, labelsize=9)
    ax.grid(visible=True, color=PALE, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax
