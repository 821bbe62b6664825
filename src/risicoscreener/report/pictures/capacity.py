"""Pictures of a forecast of capacity: days with bands, work by task, loads by month."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.impact.capacity import Forecast, bottlenecks
from risicoscreener.impact.capacity.shortages import loads
from risicoscreener.report.pictures.style import INK, MARKS, PALE, new_axes, stroke
from risicoscreener.report.pictures.wording import number, numbered, percent, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.impact.capacity import ForecastComparison

_say = partial(words, "capacity")
_LONG = 62
"""Days from which a day in four is drawn: the curve is the same, the page smaller."""


def plot_days(
    forecasts: Sequence[Forecast],
    *,
    name: str = "occupancy",
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """A series of `Forecast.days` with a band, for each scenario; places as a line above it."""
    ax = _dated(new_axes(ax, width=7.0, height=3.6))
    for place, one in enumerate(forecasts):
        days = one.days(name)
        step = 4 if one.n_days > _LONG else 1
        shown, look = days.iloc[::step], stroke(place)
        x = shown["day"].to_numpy()
        ax.fill_between(x, shown["low"], shown["high"], color=look.color, alpha=0.15, linewidth=0)
        ax.plot(
            x,
            shown["value"],
            color=look.color,
            linestyle=look.linestyle,
            marker=look.marker,
            markevery=max(len(x) // MARKS, 1),
            markersize=3.5,
            linewidth=1.6,
            label=_label(one, language),
        )
    if name == "regular":
        _places(ax, forecasts[-1], language)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(_say(name, language), fontsize=9)
    numbered(ax.yaxis, 0, language)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_days(
    forecasts: Sequence[Forecast], *, name: str = "occupancy", language: str = "nl"
) -> str:
    """In words how a series runs."""
    told = []
    for one in forecasts:
        days = one.days(name)
        top = int(days["value"].to_numpy().argmax())
        last = days.iloc[-1]
        told.append(
            _say(
                "days_say",
                language,
                label=_label(one, language),
                what=_say(name, language),
                first=number(float(days["value"].iloc[0]), 0, language),
                highest=number(float(days["value"].iloc[top]), 0, language),
                day=days["day"].iloc[top].date(),
                last=number(float(last["value"]), 0, language),
                low=number(float(last["low"]), 0, language),
                high=number(float(last["high"]), 0, language),
                level=percent(one.level, language),
            )
        )
    return " ".join(told)


def plot_change(
    comparison: ForecastComparison,
    *,
    name: str = "occupancy",
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """What a change does to a series, day by day, with a band."""
    ax = _dated(new_axes(ax, width=7.0, height=3.2))
    days = comparison.days(name)
    shown = days.iloc[:: 4 if len(days) > _LONG else 1]
    x, look = shown["day"].to_numpy(), stroke(0)
    ax.axhline(0, color=PALE, linewidth=0.8)
    ax.fill_between(x, shown["low"], shown["high"], color=look.color, alpha=0.15, linewidth=0)
    ax.plot(x, shown["value"], color=look.color, linewidth=1.6)
    ax.set_ylabel(_say("change", language, what=_say(name, language)), fontsize=9)
    numbered(ax.yaxis, 0, language)
    return ax


def describe_change(
    comparison: ForecastComparison, *, name: str = "occupancy", language: str = "nl"
) -> str:
    """In words what a change does to a series on the last day."""
    last = comparison.days(name).iloc[-1]
    shown = {k: number(float(last[k]), 1, language) for k in ("value", "low", "high")}
    return _say("change_says", language, what=_say(name, language), **shown)


def plot_work(found: Forecast, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Hours of work by month, the tasks on top of each other."""
    ax = _dated(new_axes(ax, width=7.0, height=3.6))
    frame = found.months(language)
    names = [f"hours:{task.id}" for task in found.settings.tasks]
    below = np.zeros(found.months_ahead)
    for place, name in enumerate(names):
        of_task = frame[frame["name"] == name]
        label = found.settings.tasks[place].text.text(language)
        values = of_task["value"].to_numpy()
        ax.bar(
            of_task["month"].to_numpy(),
            values,
            bottom=below,
            width=np.timedelta64(24, "D"),
            align="edge",
            color=stroke(place).color,
            edgecolor="white",
            linewidth=0.4,
            hatch=("", "//", "..", "xx", "\\\\", "++")[place % 6],
            label=label,
        )
        below = below + values
    ax.set_ylabel(_say("hours", language), fontsize=9)
    numbered(ax.yaxis, 0, language)
    ax.legend(frameon=False, fontsize=8, ncols=2)
    ax.set_ylim(0, max(float(below.max()), 1.0) * 1.35)
    return ax


def describe_work(found: Forecast, *, language: str = "nl") -> str:
    """In words how much work there is, and of what most."""
    total = {
        task.text.text(language): float(found.by_month[f"hours:{task.id}"].mean())
        for task in found.settings.tasks
    }
    if not total or not sum(total.values()):
        return _say("no_work", language)
    most = max(total, key=lambda name: total[name])
    return _say(
        "work_says",
        language,
        hours=number(sum(total.values()), 0, language),
        most=most,
        share=percent(total[most] / sum(total.values()), language),
    )


def plot_loads(found: Forecast, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """By month how much of each resource is asked for; above the line it falls short."""
    ax = _dated(new_axes(ax, width=7.0, height=3.6))
    months = found.months()["month"].drop_duplicates().to_numpy()
    by_resource = loads(found)
    for place, one in enumerate(bottlenecks(found)[:6]):
        look, load = stroke(place), by_resource[one.resource].mean(axis=0)
        ax.plot(
            months,
            load,
            color=look.color,
            linestyle=look.linestyle,
            marker=look.marker,
            markersize=3.5,
            linewidth=1.6,
            label=one.name(language),
        )
    ax.axhline(1, color=INK, linewidth=0.8, linestyle=":")
    ax.set_ylim(bottom=0)
    ax.set_ylabel(_say("load", language), fontsize=9)
    numbered(ax.yaxis, 1, language)
    ax.legend(frameon=False, fontsize=8)
    return ax


def _places(ax: Axes, found: Forecast, language: str) -> None:
    """Places that are open, of regular cells and the shell."""
    places = found.settings.number("places.regular")
    if np.isinf(places):
        return
    shell = found.days("shell").iloc[:: 4 if found.n_days > _LONG else 1]
    ax.plot(
        shell["day"].to_numpy(),
        places + shell["value"],
        color=INK,
        linewidth=0.9,
        linestyle=":",
        label=_say("places", language),
    )


def _label(one: Forecast, language: str) -> str:
    return one.label or _say("as_is", language)


def _dated(ax: Axes) -> Axes:
    from matplotlib.dates import AutoDateLocator, DateFormatter

    # No more than fit beside each other: a whole day is ten signs.
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=6))  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d"))  # type: ignore[no-untyped-call]
    return ax
