"""Pictures of what is not seen: bounds, weights, sensitivity, contraction, label bias."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.selection.region import Region
from risicoscreener.evaluation.wording import measure_text, problem_text
from risicoscreener.report.pictures.style import BAND, INK, PALE, new_axes, stroke
from risicoscreener.report.pictures.wording import number, numbered, percent, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.evaluation.estimate import Curve, Estimate
    from risicoscreener.evaluation.selection import (
        Contraction,
        LabelBias,
        PartlySeen,
        Sensitivity,
        Weighting,
    )

_say = partial(words, "selection")

BINS = np.linspace(0.0, 1.0, 41)
MOST_TICKS = 6


def plot_regions(
    region: Region,
    naive: Estimate | None = None,
    weighted: Estimate | None = None,
    *,
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """One figure by what is assumed: of the granted alone, weighted, and without assumptions."""
    rows = _rows(region, naive, weighted, language)
    ax = new_axes(ax, width=6.0, height=1.1 + 0.45 * len(rows))
    for place, (_, one) in enumerate(reversed(rows)):
        if isinstance(one, Region):
            ax.plot([one.low, one.high], [place] * 2, color=INK, linewidth=1.2)
            ax.plot(
                [one.lowest, one.highest],
                [place] * 2,
                color=stroke(1).color,
                linewidth=7,
                solid_capstyle="butt",
                alpha=0.8,
            )
            continue
        ax.plot([one.low, one.high], [place] * 2, color=INK, linewidth=1.2)
        ax.plot(one.value, place, "o", color=stroke(0).color, markersize=6)
    ax.set_yticks(range(len(rows)), [label for label, _ in reversed(rows)], fontsize=9)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.grid(visible=False, axis="y")
    numbered(ax.xaxis, 2, language)
    ax.set_xlabel(region.title(language), fontsize=9, color=INK)
    return ax


def describe_regions(
    region: Region,
    naive: Estimate | None = None,
    weighted: Estimate | None = None,
    *,
    language: str = "nl",
) -> str:
    """In words what `plot_regions` shows."""
    rows = " ".join(
        _say("row_says", language, label=label, text=one.text(language))
        for label, one in _rows(region, naive, weighted, language)
    )
    return _say("regions_say", language, title=region.title(language), rows=rows)


def plot_sensitivity(
    found: Sensitivity, measure: str, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """A figure over the odds ratio of unmeasured selection, with its band."""
    curve = found.curve(measure)
    ax = _over_odds(curve, language, ax)
    ax.set_xlabel(_say("odds_ratio_axis", language), fontsize=9, color=INK)
    best = measure_text(measure).best
    if best is not None and measure_text(measure).better == "near":
        ax.axhline(best, color=PALE, linewidth=1, linestyle="--")
    return ax


def describe_sensitivity(found: Sensitivity, measure: str, *, language: str = "nl") -> str:
    """In words what `plot_sensitivity` shows."""
    return _curve_says(found.curve(measure), language)


def plot_label_bias(found: LabelBias, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Relative calibration on committed outcomes over the odds ratio of registration."""
    ax = _over_odds(found.on_committed, language, ax)
    ax.set_ylabel(_say("relative_axis", language), fontsize=9, color=INK)
    ax.axhline(1.0, color=PALE, linewidth=1, linestyle="--")
    one = found.on_registered
    if one.ok:
        ax.plot(
            1.0,
            one.value,
            stroke(1).marker,
            color=stroke(1).color,
            label=_say("registered", language),
        )
    point = found.tipping_point
    if point.ok and found.on_committed.x[0] <= point.value <= found.on_committed.x[-1]:
        text = _say("tipping", language, value=number(point.value, 2, language))
        ax.axvline(point.value, color=stroke(2).color, linestyle=stroke(2).linestyle, label=text)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False, fontsize=8)
    ax.set_xlabel(_say("detection_axis", language), fontsize=9, color=INK)
    return ax


def describe_label_bias(found: LabelBias, *, language: str = "nl") -> str:
    """In words what `plot_label_bias` shows."""
    text = _curve_says(found.on_committed, language)
    text += _say("registered_says", language, text=found.on_registered.text(language))
    return text + _say("tipping_says", language, text=found.tipping_point.text(language, 2))


def plot_contraction(found: Contraction, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Failures per case of the model over the part granted, with the decision makers as points."""
    ax = new_axes(ax)
    curve = found.curve
    ax.fill_between(curve.x, curve.low, curve.high, color=BAND, alpha=0.6, linewidth=0)
    ax.plot(curve.x, curve.y, color=stroke(0).color, label=_say("model", language))
    ax.plot(
        found.makers["granted"],
        found.makers["failed"],
        stroke(1).marker,
        linestyle="none",
        color=stroke(1).color,
        label=_say("makers", language),
    )
    numbered(ax.xaxis, 2, language)
    numbered(ax.yaxis, 2, language)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(_say("granted_axis", language), fontsize=9, color=INK)
    ax.set_ylabel(_say("failed_axis", language), fontsize=9, color=INK)
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    return ax


def describe_contraction(found: Contraction, *, language: str = "nl") -> str:
    """In words what `plot_contraction` shows."""
    place = len(found.curve.x) // 2
    return _say(
        "contraction_says",
        language,
        lenient=found.lenient,
        part=percent(found.curve.x[place], language),
        failed=number(found.curve.y[place], 3, language),
        k=len(found.makers) - 1,
        text=found.difference.text(language),
    )


def plot_overlap(
    partly: PartlySeen, weighting: Weighting, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Chances of being granted, of the granted upwards and of the others downwards."""
    ax = new_axes(ax)
    chance = weighting.chance[partly.people.order]
    known = np.isfinite(chance)
    above = np.histogram(chance[known & partly.seen], BINS)[0]
    below = np.histogram(chance[known & ~partly.seen], BINS)[0]
    for place, (heights, name) in enumerate(((above, "granted"), (-below, "not_granted"))):
        ax.bar(
            BINS[:-1],
            heights,
            width=np.diff(BINS),
            align="edge",
            color=stroke(place).color,
            hatch="" if place == 0 else "///",
            edgecolor="white",
            linewidth=0.3,
            label=_say(name, language),
        )
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.set_xlim(0, 1)
    ax.yaxis.set_major_formatter(lambda value, _: number(abs(value), 0, language))
    numbered(ax.xaxis, 1, language)
    ax.set_xlabel(_say("overlap_axis", language), fontsize=9, color=INK)
    ax.set_ylabel(_say("people_axis", language), fontsize=9, color=INK)
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    return ax


def describe_overlap(weighting: Weighting, *, language: str = "nl") -> str:
    """In words what `plot_overlap` shows."""
    found = weighting.overlap
    return _say(
        "overlap_says",
        language,
        seen=number(found.seen, 0, language),
        n=number(found.n, 0, language),
        effective=number(found.effective, 0, language),
        lowest=number(found.lowest_chance, 3, language),
        hardly=percent(found.hardly_ever, language),
    )


def _rows(
    region: Region, naive: Estimate | None, weighted: Estimate | None, language: str
) -> list[tuple[str, Region | Estimate]]:
    found: list[tuple[str, Region | Estimate]] = []
    if naive is not None:
        found.append((_say("granted_only", language), naive))
    if weighted is not None:
        found.append((_say("weighted", language), weighted))
    return [*found, (_say("region", language), region)]


def _over_odds(curve: Curve, language: str, ax: Axes | None) -> Axes:
    ax = new_axes(ax)
    ax.set_xscale("log")
    ax.fill_between(curve.x, curve.low, curve.high, color=BAND, alpha=0.6, linewidth=0)
    ax.plot(curve.x, curve.y, color=stroke(0).color, marker=stroke(0).marker, markersize=4)
    ticks = _ticks(curve.x)
    ax.set_xticks(ticks, [number(v, 2, language) for v in ticks])
    ax.set_xticks([], minor=True)
    numbered(ax.yaxis, 2, language)
    title = measure_text(curve.name).title.text(language)
    ax.set_ylabel(title, fontsize=9, color=INK)
    return ax


def _ticks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Some of the odds ratios, among them 1 if it is there."""
    kept = values[:: math.ceil(len(values) / MOST_TICKS)]
    return np.unique(np.r_[kept, values[values == 1.0], values[-1]])


def _curve_says(curve: Curve, language: str) -> str:
    title = measure_text(curve.name).title.text(language)
    if not np.isfinite(curve.y).all():
        problem = problem_text(curve.problem or "not_defined").text(language)
        return _say("not_drawn", language, title=title, problem=problem)
    return _say(
        "sensitivity_says",
        language,
        title=title,
        first=number(curve.y[0], 3, language),
        least=number(curve.x[0], 2, language),
        last=number(curve.y[-1], 3, language),
        most=number(curve.x[-1], 2, language),
    )
