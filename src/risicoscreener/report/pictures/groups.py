"""Pictures of groups: figures beside each other, differences, what cannot be alike, proxies."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.evaluation.wording import measure_text
from risicoscreener.report.pictures.style import INK, PALE, new_axes, stroke
from risicoscreener.report.pictures.wording import number, numbered, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.evaluation.estimate import Estimate
    from risicoscreener.evaluation.groups import (
        Contrasts,
        Group,
        GroupTable,
        Impossibility,
        Proxies,
        Shift,
    )

_say = partial(words, "groups")

MOST_FEATURES = 12
ROW = 0.34
"""Height of a row in inches."""


def plot_groups(
    table: GroupTable,
    measure: str = "expected_observed",
    *,
    cut_off: float | None = None,
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """One figure of every group with its interval, everybody first.

    Behind the name stand people and people with the outcome. Groups that are not shown have a
    place, so that a reader sees that they exist.
    """
    rows = [(_label(g, language), _figure(g, measure, cut_off), bool(g.hidden)) for g in table]
    ax = _dots(ax, rows, language)
    text = measure_text(measure)
    if text.best is not None and text.better == "near":
        ax.axvline(text.best, color=PALE, linewidth=1, linestyle="--", zorder=0)
    whole = rows[0][1].value
    if math.isfinite(whole):
        ax.axvline(whole, color=stroke(0).color, linewidth=0.7, linestyle=":", zorder=0)
    ax.set_xlabel(_title(measure, cut_off, language), fontsize=9, color=INK)
    return ax


def describe_groups(
    table: GroupTable,
    measure: str = "expected_observed",
    *,
    cut_off: float | None = None,
    language: str = "nl",
) -> str:
    """In words what `plot_groups` shows."""
    rows = " ".join(
        _say(
            "group_says",
            language,
            label=_label(g, language),
            text=_figure(g, measure, cut_off).text(language),
        )
        for g in table
        if not g.hidden
    )
    text = _say("groups_say", language, title=_title(measure, cut_off, language), rows=rows)
    hidden = [g.title(language) for g in table if g.hidden]
    return text + (_say("hidden_says", language, names=", ".join(hidden)) if hidden else "")


def plot_contrasts(
    contrasts: Contrasts, measure: str, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Difference of every group to the reference, with what chance alone gives as a band."""
    items = [c for c in contrasts.items if c.measure == measure]
    ax = _dots(ax, [(c.group, c.difference, False) for c in items], language)
    chance = contrasts.spread(measure).by_chance
    if math.isfinite(chance):
        ax.axvspan(
            -chance, chance, color=PALE, alpha=0.2, linewidth=0, label=_say("chance", language)
        )
        ax.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1))
    ax.axvline(0, color=PALE, linewidth=1, linestyle="--", zorder=0)
    ax.set_xlabel(_contrast_title(contrasts, measure, language), fontsize=9, color=INK)
    return ax


def describe_contrasts(contrasts: Contrasts, measure: str, *, language: str = "nl") -> str:
    """In words what `plot_contrasts` shows."""
    rows = " ".join(
        _say("group_says", language, label=c.group, text=c.difference.text(language))
        for c in contrasts.items
        if c.measure == measure
    )
    title = _contrast_title(contrasts, measure, language)
    text = _say("contrasts_say", language, title=title, rows=rows)
    spread = contrasts.spread(measure)
    if math.isfinite(spread.by_chance):
        text += _say(
            "chance_says",
            language,
            difference=number(spread.difference.value, 3, language),
            chance=number(spread.by_chance, 3, language),
        )
    return text


def plot_impossibility(
    found: Impossibility, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """False positive rates by base rate: as counted, and the line on which they would lie."""
    ax = new_axes(ax)
    rates = np.array([g["base_rate"].value for g in found.groups])
    price = (1 - found.ppv) / found.ppv * (1 - found.false_negative_rate) if found.ppv else math.nan
    top = min(max(rates) + 0.1, 0.95)
    line = np.linspace(max(min(rates) - 0.1, 0.01), top, 60)
    ax.plot(
        line,
        np.minimum(line / (1 - line) * price, 1.0),
        color=stroke(1).color,
        linestyle=stroke(1).linestyle,
        label=_say("implied", language),
    )
    for place, group in enumerate(found.groups):
        one = group["false_positive_rate"]
        ax.plot(
            rates[place],
            one.value,
            stroke(0).marker,
            color=stroke(0).color,
            label=_say("observed", language) if place == 0 else None,
        )
        if one.has_interval:
            ax.plot([rates[place]] * 2, [one.low, one.high], color=stroke(0).color, linewidth=1)
        ax.annotate(
            group.label,
            (rates[place], one.value),
            textcoords="offset points",
            xytext=(6, 6),
            fontsize=8,
            color=INK,
        )
    numbered(ax.xaxis, 2, language)
    numbered(ax.yaxis, 2, language)
    ax.set_xlabel(_say("base_rate_axis", language), fontsize=9, color=INK)
    ax.set_ylabel(_say("false_positive_axis", language), fontsize=9, color=INK)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_impossibility(found: Impossibility, *, language: str = "nl") -> str:
    """In words what `plot_impossibility` shows."""
    rows = " ".join(
        _say("group_says", language, label=g.label, text=g["false_positive_rate"].text(language))
        for g in found.groups
    )
    title = measure_text("false_positive_rate").title.text(language)
    text = _say("groups_say", language, title=title, rows=rows)
    return f"{text} {found.text(language)}".strip()


def plot_proxies(found: Proxies, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """What each feature adds to telling the group."""
    features = found.features[:MOST_FEATURES][::-1]
    ax = new_axes(ax, width=6.0, height=1.0 + ROW * len(features))
    places = np.arange(len(features))
    ax.barh(places, [f.lost for f in features], color=stroke(0).color, height=0.6)
    ax.set_yticks(places, [f.name for f in features], fontsize=8)
    ax.grid(visible=False, axis="y")
    ax.axvline(0, color=INK, linewidth=0.8)
    numbered(ax.xaxis, 2, language)
    ax.set_xlabel(_say("proxies_axis", language), fontsize=9, color=INK)
    return ax


def describe_proxies(found: Proxies, *, language: str = "nl") -> str:
    """In words what `plot_proxies` shows."""
    names = ", ".join(f"{f.name} ({number(f.lost, 3, language)})" for f in found.features[:3])
    return _say(
        "proxies_say",
        language,
        told=found.told.text(language),
        reading=found.reading(language),
        features=names,
    )


def plot_shift(found: Shift, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """How the predictions of the same people move."""
    ax = new_axes(ax)
    ax.hist(found.shift, bins=40, color=stroke(0).color, linewidth=0)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.axvline(
        found["prediction_shift"].value,
        color=stroke(1).color,
        linestyle=stroke(1).linestyle,
        linewidth=1.4,
    )
    numbered(ax.xaxis, 2, language)
    ax.set_xlabel(_say("shift_axis", language), fontsize=9, color=INK)
    ax.set_ylabel(_say("people_axis", language), fontsize=9, color=INK)
    return ax


def describe_shift(found: Shift, *, language: str = "nl") -> str:
    """In words what `plot_shift` shows."""
    return _say(
        "shift_says",
        language,
        mean=found["prediction_shift"].text(language),
        low=number(found.quantiles[1], 3, language),
        high=number(found.quantiles[3], 3, language),
    )


def _dots(ax: Axes | None, rows: list[tuple[str, Estimate, bool]], language: str) -> Axes:
    """A row for each label with a dot and an interval, the first at the top."""
    ax = new_axes(ax, width=6.0, height=1.1 + ROW * len(rows))
    for place, (_, one, hidden) in enumerate(reversed(rows)):
        if not one.ok:
            ax.text(
                0.02,
                place,
                _say("hidden" if hidden else "no_figure", language),
                transform=ax.get_yaxis_transform(),
                va="center",
                fontsize=8,
                color=INK,
                style="italic",
            )
            continue
        if one.has_interval:
            ax.plot([one.low, one.high], [place, place], color=INK, linewidth=1.2)
        ax.plot(one.value, place, "o", color=stroke(0).color, markersize=6)
    ax.set_yticks(range(len(rows)), [label for label, _, _ in reversed(rows)], fontsize=9)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.grid(visible=False, axis="y")
    numbered(ax.xaxis, 2, language)
    return ax


def _figure(group: Group, measure: str, cut_off: float | None) -> Estimate:
    if cut_off is None:
        return group[measure]
    return next(at for at in group.at if at.cut_off == cut_off)[measure]


def _label(group: Group, language: str) -> str:
    if group.n is None or group.events is None:
        return group.title(language)
    n, events = (number(v, 0, language) for v in (group.n, group.events))
    return _say("counts", language, label=group.title(language), n=n, events=events)


def _title(measure: str, cut_off: float | None, language: str) -> str:
    title = measure_text(measure).title.text(language)
    if cut_off is None:
        return title
    return _say("at_cut_off", language, title=title, cut_off=number(cut_off, 2, language))


def _contrast_title(contrasts: Contrasts, measure: str, language: str) -> str:
    return _say(
        "contrast_title",
        language,
        title=measure_text(measure).title.text(language),
        reference=contrasts.items[0].reference,
    )
