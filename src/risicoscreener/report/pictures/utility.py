"""Pictures of what decisions bring: decision curves, cost curves, 1,000 people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.report.pictures.style import BAND, INK, PALE, new_axes, stroke
from risicoscreener.report.pictures.wording import number, numbered, percent, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.evaluation.estimate import Curve
    from risicoscreener.evaluation.utility import Band, Consequences, CostCurve, DecisionCurve

_say = partial(words, "utility")

ICONS_PER_COLUMN = 20
FEW = 3
"""Cut-offs that are told in words."""

LINES = 17
"""Marks on a curve, so that curves can be told apart without colour."""


def plot_decision_curve(
    curves: DecisionCurve | Sequence[DecisionCurve],
    *,
    standardised: bool = False,
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """Net benefit of one or more models over cut-offs, beside everybody and nobody.

    Models are of the same people, so that they share what they are compared with.
    """
    many = _many(curves)
    ax = new_axes(ax)
    for place, curve in enumerate(many):
        part = curve.standardised if standardised else curve.model
        _draw(ax, part, place, curve.label or _say("model", language))
    everybody = many[0].everybody
    of_all = everybody.y / _prevalence(many[0]) if standardised else everybody.y
    ax.plot(everybody.x, of_all, color=INK, linewidth=1, label=_say("everybody", language))
    ax.axhline(0, color=INK, linewidth=1, linestyle=":", label=_say("nobody", language))
    shown = [of_all, *((c.standardised if standardised else c.model).y for c in many)]
    top = max(float(np.max(y, initial=1e-6, where=np.isfinite(y))) for y in shown)
    ax.set_ylim(-0.12 * top, 1.12 * top)
    ax.set_xlim(everybody.x[0], everybody.x[-1])
    _exchange_ticks(ax, language)
    numbered(ax.yaxis, 2, language)
    ax.set_xlabel(_say("cut_off", language), fontsize=9)
    ax.set_ylabel(_say("standardised" if standardised else "net_benefit", language), fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_decision_curve(
    curves: DecisionCurve | Sequence[DecisionCurve], *, language: str = "nl"
) -> str:
    """In words what decision curves show."""
    return "".join(_described(curve, language) for curve in _many(curves)).strip()


def plot_interventions_avoided(
    curves: DecisionCurve | Sequence[DecisionCurve],
    *,
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """Interventions avoided per 1,000 people beside acting on everybody, over cut-offs."""
    many = _many(curves)
    ax = new_axes(ax)
    for place, curve in enumerate(many):
        _draw(ax, curve.avoided, place, curve.label or _say("model", language))
    ax.axhline(0, color=INK, linewidth=1, linestyle=":")
    ax.set_ylim(bottom=max(ax.get_ylim()[0], -100))
    ax.set_xlim(many[0].avoided.x[0], many[0].avoided.x[-1])
    _exchange_ticks(ax, language)
    numbered(ax.yaxis, 0, language)
    ax.set_xlabel(_say("cut_off", language), fontsize=9)
    ax.set_ylabel(_say("avoided", language), fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_interventions_avoided(
    curves: DecisionCurve | Sequence[DecisionCurve], *, language: str = "nl"
) -> str:
    """In words how many interventions are avoided, at a few of the cut-offs."""
    texts = []
    for curve in _many(curves):
        places = np.unique(np.linspace(0, len(curve.avoided.x) - 1, FEW + 2).astype(int))[1:-1]
        told = [
            _say(
                "avoided_at",
                language,
                cut_off=percent(float(curve.avoided.x[place]), language),
                number=number(float(curve.avoided.y[place]), 0, language),
            )
            for place in (places if len(places) else [0])
        ]
        label = curve.label or _say("model", language)
        texts.append(_say("avoided_says", language, label=label, told="; ".join(told)))
    return " ".join(texts)


def plot_cost_curve(curve: CostCurve, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Expected cost of errors over probability costs: cut-offs, the best of them, and no model."""
    ax = new_axes(ax)
    trivial, lowest = curve.trivial, curve.lowest
    ax.plot(trivial.x, trivial.y, color=INK, linewidth=1, label=_say("trivial", language))
    if lowest.ok:
        ax.fill_between(lowest.x, lowest.y, 0, color=BAND, alpha=0.35, linewidth=0)
        ax.plot(
            lowest.x,
            lowest.y,
            color=INK,
            linewidth=1,
            linestyle=":",
            label=_say("lowest", language),
        )
    for place, line in enumerate(curve.at_cut_offs):
        name = _say("at_cut_off", language, cut_off=percent(float(line.label), language))
        _draw(ax, line, place, name)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 0.6)
    for axis in (ax.xaxis, ax.yaxis):
        numbered(axis, 1, language)
    ax.set_xlabel(_say("probability_cost", language), fontsize=9)
    ax.set_ylabel(_say("cost", language), fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_cost_curve(curve: CostCurve, *, language: str = "nl") -> str:
    """In words what a cost curve shows."""
    if not curve.lowest.ok:
        return _say("cost_none", language)
    gain = curve.trivial.y - curve.lowest.y
    best = int(np.argmax(gain))
    text = _say(
        "cost_says",
        language,
        n=number(curve.lowest.n, 0, language),
        events=number(curve.lowest.events, 0, language),
        gain=number(float(gain[best]), 2, language),
        at=number(float(curve.lowest.x[best]), 2, language),
    )
    for line in curve.at_cut_offs:
        cheaper = line.x[line.y < curve.trivial.y - 1e-12]
        cut_off = percent(float(line.label), language)
        if not len(cheaper):
            text += _say("cost_line_never", language, cut_off=cut_off)
            continue
        low, high = (number(float(end), 2, language) for end in (cheaper[0], cheaper[-1]))
        text += _say("cost_line", language, cut_off=cut_off, low=low, high=high)
    return text.strip()


def plot_consequences(
    consequences: Consequences, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """1,000 people in the bands of a policy: a filled triangle has the outcome, a ring has not.

    Counts are rounded so that they add up to 1,000.
    """
    ax = new_axes(ax, width=8.5, height=3.6)
    start, shown = 0.0, _whole(consequences)
    ticks, labels = [], []
    for place, (band, (events, others)) in enumerate(zip(consequences.bands, shown, strict=True)):
        total = events + others
        i = np.arange(total)
        x, y = start + i // ICONS_PER_COLUMN, i % ICONS_PER_COLUMN
        colour = stroke(place).color
        ax.plot(x[:events], y[:events], "^", color=INK, markersize=4.5, linestyle="none")
        ax.plot(x[events:], y[events:], "o", color=colour, fillstyle="none", markersize=3.5)
        columns = max(-(-total // ICONS_PER_COLUMN), 1)
        ticks.append(start + (columns - 1) / 2)
        labels.append(f"{_band_name(band, language)}\n{total}")
        start += columns + 2
    ax.plot([], [], "^", color=INK, linestyle="none", label=_say("with_outcome", language))
    ax.plot(
        [],
        [],
        "o",
        color=PALE,
        fillstyle="none",
        linestyle="none",
        label=_say("without_outcome", language),
    )
    ax.set_xticks(ticks, labels, fontsize=9)
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xlim(-1, max(start - 1, 10))
    ax.legend(
        frameon=False,
        fontsize=8,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        title=_say("per_thousand", language),
        title_fontsize=9,
        alignment="left",
    )
    return ax


def describe_consequences(consequences: Consequences, *, language: str = "nl") -> str:
    """In words how many of 1,000 people fall in each band, and who of them has the outcome."""
    bands = "; ".join(
        _say(
            "band_counts",
            language,
            name=_band_name(band, language),
            people=events + others,
            events=events,
        )
        for band, (events, others) in zip(consequences.bands, _whole(consequences), strict=True)
    )
    return _say("consequences_say", language, bands=bands)


# -- parts -----------------------------------------------------------------------------------------


def _many(curves: DecisionCurve | Sequence[DecisionCurve]) -> Sequence[DecisionCurve]:
    return curves if isinstance(curves, Sequence) else [curves]


def _draw(ax: Axes, curve: Curve, place: int, label: str) -> None:
    look = stroke(place)
    ax.fill_between(curve.x, curve.low, curve.high, color=look.color, alpha=0.15, linewidth=0)
    ax.plot(
        curve.x,
        curve.y,
        color=look.color,
        linestyle=look.linestyle,
        linewidth=1.6,
        marker=look.marker,
        markersize=3.5,
        markevery=max(len(curve.x) // LINES, 1),
        label=label,
    )


def _prevalence(curve: DecisionCurve) -> float:
    """Of the weighted sample: what acting on everybody brings where a wrong alarm costs nothing.

    NaN where nobody has the outcome.
    """
    at, y = float(curve.everybody.x[0]), float(curve.everybody.y[0])
    return y * (1 - at) + at or math.nan


def _exchange_ticks(ax: Axes, language: str) -> None:
    """Percentages, and below them the odds: what one event found is worth."""
    from matplotlib.ticker import FuncFormatter

    def text(value: float, _: object) -> str:
        share = percent(value, language)
        if not 0 < value < 1:
            return share
        odds = (1 - value) / value
        if odds >= 1:
            return f"{share}\n{_short(odds, language)} : 1"
        return f"{share}\n1 : {_short(1 / odds, language)}"

    ax.xaxis.set_major_formatter(FuncFormatter(text))


def _short(odds: float, language: str) -> str:
    """One decimal, or none where it is 0."""
    return number(odds, 0 if abs(odds - round(odds)) < 0.05 else 1, language)


def _described(curve: DecisionCurve, language: str) -> str:
    text = _say(
        "curve_says",
        language,
        label=curve.label or _say("model", language),
        n=number(curve.model.n, 0, language),
        events=number(curve.model.events, 0, language),
    )
    over_nobody, over_all = curve.model, curve.over_everybody
    better = (over_nobody.y > 0) & (over_all.y > 0)
    if not better.any():
        return text + _say("curve_never", language)
    at = curve.model.x[better]
    sure = (over_nobody.low > 0) & (over_all.low > 0)
    return text + _say(
        "curve_best",
        language,
        low=percent(float(at[0]), language),
        high=percent(float(at[-1]), language),
        better=int(better.sum()),
        sure=int(sure.sum()),
        grid=len(better),
    )


def _band_name(band: Band, language: str) -> str:
    if band.name:
        return band.name
    low, high = (percent(edge, language) for edge in (band.low, band.high))
    return _say("band", language, low=low, high=high)


def _whole(consequences: Consequences) -> list[tuple[int, int]]:
    """Per band whole numbers with and without the outcome, adding up to 1,000."""
    exact: npt.NDArray[np.float64] = np.array(
        [
            band[name].value
            for band in consequences.bands
            for name in ("events_in_band", "others_in_band")
        ]
    )
    whole = np.floor(exact + 1e-9).astype(int)
    lacking = round(float(exact.sum())) - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:lacking]] += 1
    pairs = whole.reshape(-1, 2).tolist()
    return [(events, others) for events, others in pairs]
