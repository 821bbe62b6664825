"""Pictures of discrimination: ROC and precision-recall curves, and who was given which risk."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.evaluation.estimate import Curve
from risicoscreener.evaluation.wording import problem_text
from risicoscreener.report.pictures.style import BAND, INK, MARKS, PALE, new_axes, stroke
from risicoscreener.report.pictures.wording import in_percent, number, percent, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.evaluation.discrimination import Distribution

_say = partial(words, "discrimination")

SAID_AT = (0.1, 0.3, 0.5)
"""Places on the horizontal axis of which the height is said in words."""


def plot_roc(
    curves: Curve | Sequence[Curve], *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """ROC curves of one or more models, each by its label, with their bands."""
    ax = new_axes(ax, width=4.8, height=4.8)
    ax.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=":", label=_say("guessing", language))
    _draw(ax, curves, language)
    ax.set_aspect("equal")
    ax.set_xlabel(_say("false_positive_rate", language), fontsize=9)
    ax.set_ylabel(_say("sensitivity", language), fontsize=9)
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    return ax


def describe_roc(curves: Curve | Sequence[Curve], *, language: str = "nl") -> str:
    """In words what ROC curves show: who is found at some rates of wrong alarms."""
    return "".join(_described("roc", curve, language) for curve in _many(curves)).strip()


def plot_precision_recall(
    curves: Curve | Sequence[Curve], *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Precision-recall curves of one or more models, beside pointing out everybody."""
    ax = new_axes(ax, width=4.8, height=4.8)
    drawn = [curve for curve in _many(curves) if curve.ok]
    if drawn:
        share, label = float(drawn[0].y[-1]), _say("everybody", language)
        ax.axhline(share, color=INK, linewidth=1, linestyle=":", label=label)
    _draw(ax, curves, language)
    ax.set_aspect("equal")
    ax.set_xlabel(_say("recall", language), fontsize=9)
    ax.set_ylabel(_say("precision", language), fontsize=9)
    if drawn:
        ax.legend(frameon=False, fontsize=8, loc="upper right")
    return ax


def describe_precision_recall(curves: Curve | Sequence[Curve], *, language: str = "nl") -> str:
    """In words what precision-recall curves show."""
    many = _many(curves)
    return "".join(_described("precision_recall", curve, language) for curve in many).strip()


def plot_distribution(found: Distribution, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """How many people were given which probability: with the outcome up, without it down."""
    ax = new_axes(ax, width=5.6, height=3.6)
    width = np.diff(found.edges)
    look: dict[str, Any] = {"align": "edge", "edgecolor": INK, "linewidth": 0.6}
    ax.bar(
        found.edges[:-1],
        found.with_outcome,
        width,
        color=stroke(0).color,
        label=_say("with_outcome", language),
        **look,
    )
    ax.bar(
        found.edges[:-1],
        -found.without_outcome,
        width,
        color=BAND,
        label=_say("without_outcome", language),
        **look,
    )
    ax.axhline(0, color=INK, linewidth=1)
    ax.set_xlim(0, 1)
    in_percent(ax.xaxis, language)
    _counted(ax, language)
    whole = bool((np.mod(found.with_outcome + found.without_outcome, 1) == 0).all())
    ax.set_xlabel(_say("probability", language), fontsize=9)
    ax.set_ylabel(_say("people" if whole else "weight", language), fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_distribution(found: Distribution, *, language: str = "nl") -> str:
    """In words which probabilities people with and without the outcome were given."""
    counts = {
        "events": number(float(found.with_outcome.sum()), 0, language),
        "others": number(float(found.without_outcome.sum()), 0, language),
    }
    said = _say("distribution_says", language, **counts)
    for entry, mean in (("mean_with", found.mean_with), ("mean_without", found.mean_without)):
        if math.isfinite(mean):
            said += _say(entry, language, mean=percent(mean, language))
    fullest = int(np.argmax(found.with_outcome + found.without_outcome))
    low, high = (percent(float(e), language) for e in found.edges[fullest : fullest + 2])
    return (said + _say("most", language, low=low, high=high)).strip()


# -- parts -----------------------------------------------------------------------------------------


def _many(curves: Curve | Sequence[Curve]) -> Sequence[Curve]:
    return [curves] if isinstance(curves, Curve) else curves


def _draw(ax: Axes, curves: Curve | Sequence[Curve], language: str) -> None:
    """Curves in a square from 0 to 1; a single one without marks, with a grey band."""
    many = [curve for curve in _many(curves) if curve.ok]
    for place, curve in enumerate(many):
        look, alone = stroke(place), len(many) == 1
        if np.isfinite(curve.low).any():
            color = BAND if alone else look.color
            ax.fill_between(
                curve.x, curve.low, curve.high, color=color, alpha=0.6 if alone else 0.15, lw=0
            )
        ax.plot(
            curve.x,
            curve.y,
            color=look.color,
            linestyle=look.linestyle,
            marker=None if alone else look.marker,
            markevery=(3 * place, max(len(curve.x) // MARKS, 1)),
            markersize=4,
            linewidth=1.8,
            label=curve.label or _say("model", language),
        )
    for axis in (ax.xaxis, ax.yaxis):
        in_percent(axis, language)
    ax.set_xlim(-0.01, 1.01)
    ax.set_ylim(-0.01, 1.01)
    ax.grid(visible=True, color=PALE, alpha=0.25, linewidth=0.6)


def _described(kind: str, curve: Curve, language: str) -> str:
    label = _say("of", language, label=curve.label) if curve.label else ""
    counts = {"n": number(curve.n, 0, language), "events": number(curve.events, 0, language)}
    said = _say(f"{kind}_says", language, label=label, **counts)
    if not curve.ok:
        problem = problem_text(curve.problem or "not_defined").text(language)
        return said + _say("nothing", language, problem=problem)
    for rate in SAID_AT:
        place = int(np.argmin(np.abs(curve.x - rate)))
        values = {
            "rate": percent(rate, language),
            "found": percent(float(curve.y[place]), language),
            "band": _band(curve, place, language),
        }
        said += _say(f"{kind}_at", language, **values)
    return said


def _band(curve: Curve, place: int, language: str) -> str:
    limits = [float(curve.low[place]), float(curve.high[place])]
    if not all(map(math.isfinite, limits)):
        return ""
    low, high = (percent(limit, language) for limit in limits)
    return _say("band", language, low=low, high=high)


def _counted(ax: Axes, language: str) -> None:
    """Counts on both sides of 0 are not negative."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(abs(v), 0, language)))
