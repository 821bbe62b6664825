"""Pictures of a monitor: evidence by stream, observed over expected, volume and queue."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.monitoring.settings import kinds
from risicoscreener.report.pictures.style import INK, MARKS, new_axes, stroke
from risicoscreener.report.pictures.wording import number, numbered, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.monitoring import Monitored, StreamFound

_say = partial(words, "monitoring")
MOST_DRAWN = 6
"""Streams in one picture: those with the most evidence."""
WINDOW = 12
TEN = math.log(10)


def drawn_streams(found: Monitored) -> list[StreamFound]:
    """The streams of everybody with the most evidence, in the order of the configuration."""
    tested = [one for one in found.streams if not one.column and one.kind != "cusum"]
    most = sorted(tested, key=lambda one: -_highest(found, one))[:MOST_DRAWN]
    return [one for one in tested if one in most]


def _highest(found: Monitored, one: StreamFound) -> float:
    return max((point.log_e for point in found.points(one.key)), default=0.0)


def plot_evidence(found: Monitored, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Log e-values of the streams of everybody by period, with the line of an alarm."""
    from matplotlib.ticker import MaxNLocator

    ax = new_axes(ax, width=7.0, height=3.8)
    shown = drawn_streams(found)
    for place, one in enumerate(shown):
        points, look = found.points(one.key), stroke(place)
        ax.plot(
            range(len(points)),
            [point.log_e / TEN for point in points],
            color=look.color,
            linestyle=look.linestyle,
            marker=look.marker,
            markevery=max(len(points) // MARKS, 1),
            markersize=3.5,
            linewidth=1.5,
            label=found.name_of(one, language),
        )
    threshold = shown[0].threshold / TEN
    ax.axhline(threshold, color=INK, linewidth=0.9, linestyle=":")
    ax.text(0, threshold, _say("threshold", language), fontsize=8, va="bottom", color=INK)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylabel(_say("evidence", language), fontsize=9)
    numbered(ax.yaxis, 0, language)
    _periods(ax, found)
    ax.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2)
    return ax


def describe_evidence(found: Monitored, *, language: str = "nl") -> str:
    """In words which stream has the most evidence now."""
    highest = max(drawn_streams(found), key=lambda one: one.log_e)
    return _say(
        "evidence_says",
        language,
        highest=found.name_of(highest, language),
        value=number(highest.log_e / TEN, 1, language),
        threshold=number(highest.threshold / TEN, 1, language),
    )


def ratio_streams(found: Monitored) -> list[StreamFound]:
    """Streams of calibration of everybody in which something was to be expected."""
    return [
        one
        for one in found.streams
        if one.kind == "calibration"
        and not one.column
        and any(point.expected > 0 for point in found.points(one.key))
    ]


def _ratios(found: Monitored, one: StreamFound) -> np.ndarray:
    """Observed over expected of the last periods, by period; NaN where few were expected."""
    points = found.points(one.key)
    observed = np.cumsum([0.0, *(point.observed for point in points)])
    expected = np.cumsum([0.0, *(point.expected for point in points)])
    ends = np.arange(1, len(points) + 1)
    starts = np.maximum(ends - WINDOW, 0)
    over = expected[ends] - expected[starts]
    found_ratios: np.ndarray = np.divide(
        observed[ends] - observed[starts], over, out=np.full(len(points), np.nan), where=over >= 5
    )
    return found_ratios


def plot_ratio(found: Monitored, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Observed over expected outcomes of the last periods, by period."""
    ax = new_axes(ax, width=7.0, height=3.2)
    for place, one in enumerate(ratio_streams(found)):
        ratios, look = _ratios(found, one), stroke(place)
        ax.plot(
            range(len(ratios)),
            ratios,
            color=look.color,
            linestyle=look.linestyle,
            marker=look.marker,
            markevery=max(len(ratios) // MARKS, 1),
            markersize=3.5,
            linewidth=1.5,
            label=found.name_of(one, language),
        )
    ax.axhline(1, color=INK, linewidth=0.8, linestyle=":")
    ax.set_ylim(bottom=0)
    ax.set_ylabel(_say("ratio", language), fontsize=9)
    numbered(ax.yaxis, 1, language)
    _periods(ax, found)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_ratio(found: Monitored, *, language: str = "nl") -> str:
    """In words how many outcomes there were beside those predicted."""
    told = []
    for one in ratio_streams(found):
        last = _ratios(found, one)[-1]
        if math.isfinite(last):
            value = number(float(last), 2, language)
            name = found.name_of(one, language)
            told.append(f"{name}. {_say('ratio_says', language, value=value)}")
    return " ".join(told)


def volume_stream(found: Monitored) -> StreamFound | None:
    """The stream of the number of screenings, if there is one."""
    there = (one for one in found.streams if one.kind == "volume" and not one.column)
    return next(there, None)


def plot_volume(found: Monitored, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Screenings by period beside what was to be expected."""
    ax = new_axes(ax, width=7.0, height=2.8)
    one = volume_stream(found)
    assert one is not None
    points = found.points(one.key)
    look = stroke(0)
    x = range(len(points))
    ax.bar(x, [p.n for p in points], color=look.color, label=_say("counted", language))
    ax.plot(
        x,
        [p.expected for p in points],
        color=INK,
        linestyle=":",
        label=_say("expected", language),
    )
    ax.set_ylabel(_say("volume", language), fontsize=9)
    numbered(ax.yaxis, 0, language)
    _periods(ax, found)
    ax.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.15), ncols=2)
    return ax


def describe_volume(found: Monitored, *, language: str = "nl") -> str:
    """In words how many were screened in the last period."""
    one = volume_stream(found)
    assert one is not None
    last = found.points(one.key)[-1]
    return _say(
        "volume_says",
        language,
        n=number(last.n, 0, language),
        expected=number(last.expected, 0, language),
    )


def plot_waiting(found: Monitored, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Deep assessments that waited at the end of each period."""
    ax = new_axes(ax, width=7.0, height=2.6)
    ax.step(range(len(found.state.queue)), found.state.queue, color=stroke(0).color, where="mid")
    ax.set_ylim(bottom=0)
    ax.set_ylabel(_say("waiting", language), fontsize=9)
    numbered(ax.yaxis, 0, language)
    _periods(ax, found)
    return ax


def describe_waiting(found: Monitored, *, language: str = "nl") -> str:
    """In words how many waited at the end of the last period."""
    return _say("waiting_says", language, n=found.state.queue[-1])


def watches_queue(found: Monitored) -> bool:
    """Whether the queue is watched."""
    return any(kinds()[one.kind] is kinds()["queue"] for one in found.streams)


def _periods(ax: Axes, found: Monitored) -> None:
    """Names of a few periods under the axis."""
    names = found.periods
    step = max(-(-len(names) // 7), 1)
    ax.set_xticks(range(0, len(names), step), names[::step])
