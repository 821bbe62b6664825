"""Pictures of calibration: the curve with the people under it, the staircase, groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.wording import measure_text, problem_text
from risicoscreener.report.pictures.style import BAND, BINS, INK, MARKS, PALE, new_axes, stroke
from risicoscreener.report.pictures.wording import in_percent, number, numbered, percent, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.evaluation.calibration import (
        CalibrationByGroup,
        CalibrationHierarchy,
        ReliabilityDiagram,
    )
    from risicoscreener.evaluation.estimate import Curve, Estimate
    from risicoscreener.evaluation.sample import Sample

_say = partial(words, "calibration")
FloatArray = npt.NDArray[np.float64]

STRIP = 0.22
"""Height of the distribution under the curve, as a share of that of the curve."""


def plot_calibration(
    found: CalibrationHierarchy, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """The flexible curve with its band, groups with their intervals, and the people under it.

    Under the curve spikes show which probabilities people with the outcome (up) and without it
    (down) have. Up and down each have a scale of their own, for else the fewer would not be seen.
    """
    ax = new_axes(ax, width=5.2, height=5.0)
    curve, first = found.curve, stroke(0)
    top = _top(found)
    _diagonal(ax, top, language)
    if curve.ok:
        _band(ax, curve)
        ax.plot(
            curve.x,
            curve.y,
            color=first.color,
            linewidth=2,
            label=curve.label or _say("curve", language),
        )
    groups = found.grouped.groups
    share = np.array([g.observed_share for g in groups])
    reach = [share - [g.low for g in groups], [g.high for g in groups] - share]
    ax.errorbar(
        [g.mean_probability for g in groups],
        share,
        yerr=np.maximum(reach, 0.0),
        fmt="o",
        markersize=4,
        color=INK,
        markerfacecolor="white",
        elinewidth=0.8,
        label=_say("groups", language, count=len(groups)),
    )
    _people(ax, found.sample, top, language)
    ax.text(
        0.03 * top,
        0.97 * top,
        _say("corner", language, **_figures(found, language)),
        fontsize=8,
        va="top",
        color=INK,
    )
    _frame(ax, top, language, bottom=-STRIP * top)
    ax.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1.0, STRIP))
    return ax


def plot_calibration_curves(
    curves: Sequence[Curve], *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Curves of models or groups, each by its label, with their bands."""
    ax = new_axes(ax, width=5.2, height=4.6)
    drawn = [curve for curve in curves if curve.ok]
    top = _ceiling(max([float(c.x[-1]) for c in drawn] + [float(c.y.max()) for c in drawn] + [0.1]))
    _diagonal(ax, top, language)
    for place, curve in enumerate(drawn):
        look = stroke(place)
        _band(ax, curve, look.color)
        ax.plot(
            curve.x,
            curve.y,
            color=look.color,
            linestyle=look.linestyle,
            marker=look.marker,
            markevery=max(len(curve.x) // MARKS, 1),
            markersize=4,
            linewidth=1.6,
            label=curve.label or _say("curve", language),
        )
    _frame(ax, top, language)
    ax.legend(frameon=False, fontsize=8)
    return ax


def plot_reliability(
    found: ReliabilityDiagram, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """The CORP staircase, its band, and the parts of the Brier score."""
    ax = new_axes(ax, width=5.2, height=4.6)
    curve = found.curve
    top = _ceiling(max(float(curve.x[-1]), float(curve.y.max()), 0.1))
    if np.isfinite(curve.low).any():
        ax.fill_between(
            curve.x,
            curve.low,
            curve.high,
            color=BAND,
            alpha=0.7,
            linewidth=0,
            label=_say(found.band, language),
        )
    _diagonal(ax, top, language)
    ax.plot(
        curve.x, curve.y, color=stroke(0).color, linewidth=1.8, label=_say("staircase", language)
    )
    ax.text(
        0.03 * top,
        0.97 * top,
        _say("parts", language, **_parts(found, language)),
        fontsize=8,
        va="top",
        color=INK,
    )
    _frame(ax, top, language)
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    return ax


def plot_calibration_by(
    found: CalibrationByGroup,
    measure: str = "ici",
    *,
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """One figure of each group with its interval, one under the other.

    Parameters
    ----------
    measure
        Name of a figure of the groups, such as ``ici``, ``calibration_slope`` or
        ``expected_observed``.
    """
    groups = found.groups
    ax = new_axes(ax, width=5.2, height=1.1 + 0.32 * max(len(groups), 1))
    text = measure_text(measure)
    places = np.arange(len(groups))[::-1]
    for place, group in zip(places, groups, strict=True):
        one = group.estimates[measure]
        if one.has_interval:
            ax.plot([one.low, one.high], [place, place], color=INK, linewidth=1.2)
        if one.ok:
            ax.plot(one.value, place, "o", color=stroke(0).color, markersize=6)
        else:
            reason = problem_text(one.problem or "not_defined").text(language)
            ax.annotate(
                reason,
                (0.02, place),
                xycoords=("axes fraction", "data"),
                fontsize=7,
                va="center",
                color=INK,
            )
    if text.best is not None:
        ax.axvline(text.best, color=INK, linestyle=":", linewidth=1, label=_say("ideal", language))
        ax.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1))
    names = [_say("group_of", language, label=g.label, n=number(g.n, 0, language)) for g in groups]
    ax.set_yticks(places, names)
    ax.set_ylim(-0.6, len(groups) - 0.4)
    ax.grid(visible=False, axis="y")
    ax.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
    numbered(ax.xaxis, 2 if np.ptp(ax.get_xlim()) > 0.1 else 3, language)
    ax.set_xlabel(text.title.text(language), fontsize=9)
    return ax


# -- in words --------------------------------------------------------------------------------------


def describe_calibration(found: CalibrationHierarchy, *, language: str = "nl") -> str:
    """In words what the calibration curve shows."""
    said = describe_calibration_curves([found.curve], language=language)
    return f"{said} {_say('figures', language, **_figures(found, language))}"


def describe_calibration_curves(curves: Sequence[Curve], *, language: str = "nl") -> str:
    """In words what calibration curves show: their height at a low, middle and high place."""
    return " ".join(_described(curve, language).strip() for curve in curves)


def describe_reliability(found: ReliabilityDiagram, *, language: str = "nl") -> str:
    """In words what the staircase shows."""
    n = number(found.curve.n, 0, language)
    said = _say("staircase_says", language, n=n, pools=len(found.pools), **_parts(found, language))
    if found.band == "consistency" and np.isfinite(found.curve.low).any():
        said += _say("outside", language, share=percent(_outside(found), language))
    if math.isfinite(found.test.p_value):
        said += _say("by_chance", language, p=number(found.test.p_value, 3, language))
    return said.strip()


def describe_calibration_by(
    found: CalibrationByGroup, measure: str = "ici", *, language: str = "nl"
) -> str:
    """In words one figure of each group."""
    said = measure_text(measure).title.text(language) + ". "
    for group in found.groups:
        said += _say(
            "group_says",
            language,
            label=group.label,
            n=number(group.n, 0, language),
            events=number(group.events, 0, language),
            figure=group.estimates[measure].text(language),
        )
    if found.small:
        said += _say("small", language, labels=", ".join(found.small))
    return said.strip()


def _described(curve: Curve, language: str) -> str:
    if not curve.ok:
        reason = problem_text(curve.problem or "not_defined").text(language)
        return _say("no_picture", language, problem=reason)
    n, events = (number(v, 0, language) for v in (curve.n, curve.events))
    entry = "curve_says_of" if curve.label else "curve_says"
    said = _say(entry, language, label=curve.label, n=n, events=events)
    for place in sorted({int(len(curve.x) * share) for share in (0.1, 0.5, 0.9)}):
        values = {
            "probability": percent(curve.x[place], language),
            "observed": percent(curve.y[place], language),
            "low": percent(curve.low[place], language),
            "high": percent(curve.high[place], language),
        }
        entry = "at_with_band" if math.isfinite(curve.low[place]) else "at"
        said += _say(entry, language, **values)
    return said


def _outside(found: ReliabilityDiagram) -> float:
    """Share of the people at whose probability the staircase is outside the band."""
    curve = found.curve
    off = ((curve.y < curve.low) | (curve.y > curve.high)).astype(np.float64)
    total = sum(pool.weight for pool in found.pools)
    at = [
        pool.weight * float(off[(curve.x >= pool.lowest) & (curve.x <= pool.highest)].mean())
        for pool in found.pools
    ]
    return sum(at) / total


# -- parts of pictures -----------------------------------------------------------------------------


def _figures(found: CalibrationHierarchy, language: str) -> dict[str, str]:
    figures = found.estimates
    names = {"slope": "calibration_slope", "intercept": "calibration_intercept", "ici": "ici"}
    return {key: _short(figures[name], language) for key, name in names.items()}


def _short(one: Estimate, language: str) -> str:
    return one.text(language, 2 if one.name != "ici" else 3)


def _parts(found: ReliabilityDiagram, language: str) -> dict[str, str]:
    return {
        name: found.parts[f"brier_{name}"].text(language, 4)
        for name in ("miscalibration", "discrimination", "uncertainty")
    }


def _top(found: CalibrationHierarchy) -> float:
    reached = [float(found.sample.probability[-1])]
    reached += [group.observed_share for group in found.grouped.groups]
    if found.curve.ok:
        reached.append(float(found.curve.y.max()))
    return _ceiling(max(reached))


def _ceiling(reached: float) -> float:
    """End of both axes: 1, or the next tenth where all lies far below it."""
    return 1.0 if reached > 0.6 else max(math.ceil(reached * 10 + 1e-9) / 10, 0.1)


def _diagonal(ax: Axes, top: float, language: str) -> None:
    ax.plot(
        [0, top], [0, top], color=INK, linewidth=1, linestyle=":", label=_say("diagonal", language)
    )


def _band(ax: Axes, curve: Curve, color: str = BAND) -> None:
    if np.isfinite(curve.low).any():
        alpha = 0.7 if color == BAND else 0.15
        ax.fill_between(curve.x, curve.low, curve.high, color=color, alpha=alpha, linewidth=0)


def _people(ax: Axes, sample: Sample, top: float, language: str) -> None:
    """Spikes of the people with the outcome up, and of those without it down."""
    edges = np.linspace(0.0, top, BINS + 1)
    counts = [
        np.histogram(sample.probability, edges, weights=sample.weight * (sample.outcome == side))[0]
        for side in (1, 0)
    ]
    room = 0.42 * STRIP * top
    middle = -0.5 * STRIP * top
    people = [int(((sample.outcome == side) & (sample.weight > 0)).sum()) for side in (1, 0)]
    centres, width = (edges[:-1] + edges[1:]) / 2, 0.6 * top / BINS
    for count, n, side, color, name in (
        (counts[0], people[0], 1.0, stroke(0).color, "with_outcome"),
        (counts[1], people[1], -1.0, PALE, "without_outcome"),
    ):
        height = side * room * count / max(float(count.max()), 1e-300)
        ax.bar(centres, height, width, bottom=middle, color=color, linewidth=0)
        ax.text(
            0.995 * top,
            middle + side * 0.6 * room,
            _say(name, language, n=number(n, 0, language)),
            fontsize=7,
            ha="right",
            va="center",
            color=INK,
        )
    ax.axhline(middle, color=INK, linewidth=0.6)


def _frame(ax: Axes, top: float, language: str, bottom: float = 0.0) -> None:
    ax.set_xlim(0, top)
    ax.set_ylim(bottom, top)
    ticks = np.linspace(0, top, 6)
    ax.set_xticks(ticks)
    ax.set_yticks(ticks)
    for axis in (ax.xaxis, ax.yaxis):
        in_percent(axis, language)
    ax.set_xlabel(_say("probability", language), fontsize=9)
    ax.set_ylabel(_say("observed", language), fontsize=9)
