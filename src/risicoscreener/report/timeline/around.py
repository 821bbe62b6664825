"""What stands around the lanes: axes, ages, the line of the day, the legend."""

from __future__ import annotations

import datetime as dt
from typing import Any

from risicoscreener.report.timeline.canvas import Picture, sheet
from risicoscreener.report.timeline.lanes import LANES

DAYS_PER_YEAR = 365.25


def draw_axes(picture: Picture) -> None:
    """Lanes with their names, and days along the bottom."""
    ax, lanes = picture.ax, sheet()["lanes"]
    drawn = {child.get_gid() for child in ax.get_children()}
    first, last = picture.number(picture.first), picture.number(picture.last)
    margin = max((last - first) * 0.015, 0.5)
    ax.set_xlim(first - margin, last + margin)
    ax.set_ylim(-len(lanes) + 0.4, 0.6)
    ax.set_yticks(range(0, -len(lanes), -1), [title[picture.language] for title in lanes.values()])
    for lane in lanes:
        place = picture.y(lane)
        if lane in drawn:
            ax.axhline(place - 0.5, color="0.88", linewidth=0.6, zorder=0)
        else:
            ax.axhspan(place - 0.5, place + 0.5, color="0.965", zorder=0)
            text = picture.text("nothing")
            ax.text(first, place, text, fontsize="small", color="0.5", va="center", style="italic")
    ax.xaxis.set_major_formatter(_written_days((picture.last - picture.first).days))
    ax.grid(axis="x", color="0.9", linewidth=0.6, zorder=0)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _written_days(shown: int) -> Any:
    """Years, months or days along the axis, by how many days it shows."""
    from matplotlib.dates import DateFormatter

    form = "%Y" if shown > 5 * DAYS_PER_YEAR else "%Y-%m" if shown > 150 else "%Y-%m-%d"
    return DateFormatter(form)  # type: ignore[no-untyped-call]


def draw_ages(picture: Picture, birth_date: dt.date) -> None:
    """Age along the top."""
    from matplotlib.ticker import MaxNLocator

    born = picture.number(birth_date)
    ages = picture.ax.secondary_xaxis(
        "top",
        functions=(lambda x: (x - born) / DAYS_PER_YEAR, lambda a: a * DAYS_PER_YEAR + born),
    )
    ages.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ages.set_xlabel(picture.text("age"), fontsize="small", color="0.4", loc="right")
    ages.tick_params(labelsize="small", labelcolor="0.4", length=2)
    ages.spines["top"].set_visible(False)


def draw_day(picture: Picture) -> None:
    """The line of the day that is looked at."""
    if picture.as_of is None or not picture.first <= picture.as_of <= picture.last:
        return
    label = picture.text("as_of", day=picture.as_of.isoformat())
    picture.legend[label] = picture.ax.axvline(
        picture.number(picture.as_of),
        color="black",
        linewidth=1.2,
        linestyle="--",
        zorder=4,
        gid="as_of",
    )


def draw_legend(picture: Picture) -> None:
    """What the marks are, in five columns."""
    from matplotlib.patches import Patch

    ax, faint = picture.ax, sheet()["looks"]["faint"]
    if any(child.get_gid() in LANES and child.get_alpha() == faint for child in ax.get_children()):
        picture.legend[picture.text("later")] = Patch(facecolor="black", alpha=faint)
    ax.legend(
        list(picture.legend.values()),
        list(picture.legend),
        loc="upper center",
        bbox_to_anchor=(0.5, -0.07),
        ncols=5,
        fontsize="small",
        frameon=False,
        handletextpad=0.5,
        columnspacing=1.6,
    )
