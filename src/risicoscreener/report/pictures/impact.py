"""Pictures of simulated impact: queues, waits, what capacity would do, groups, cut-offs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.groups.disclosure import Disclosure
from risicoscreener.report.pictures.style import INK, PALE, new_axes, stroke
from risicoscreener.report.pictures.wording import number, numbered, words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from risicoscreener.impact import CutChoice, Impact

_say = partial(words, "impact")

WEEKS_PER_MARK = 8
SHARES = (0.5, 0.1)
"""Of those who wait longest: told in words."""


def plot_queue(
    impacts: Impact | Sequence[Impact],
    *,
    name: str = "queue",
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """Week by week who waits (``queue``), or waits past the day wanted (``late``), with a band."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    ax = new_axes(ax, width=7.0, height=3.6)
    # No more than fit beside each other: a whole day is ten signs.
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=6))  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d"))  # type: ignore[no-untyped-call]
    for place, impact in enumerate(_many(impacts)):
        week, look = _weeks(impact, name), stroke(place)
        days = week["day"].to_numpy()
        ax.fill_between(days, week["low"], week["high"], color=look.color, alpha=0.15, linewidth=0)
        ax.plot(
            days,
            week["value"],
            color=look.color,
            linestyle=look.linestyle,
            marker=look.marker,
            markevery=WEEKS_PER_MARK,
            markersize=3.5,
            linewidth=1.6,
            label=impact.label,
        )
    ax.set_ylim(bottom=0)
    ax.set_ylabel(_say(name, language), fontsize=9)
    numbered(ax.yaxis, 0, language)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_queue(
    impacts: Impact | Sequence[Impact], *, name: str = "queue", language: str = "nl"
) -> str:
    """In words how a queue runs."""
    told = []
    for impact in _many(impacts):
        week = _weeks(impact, name)
        top = int(week["value"].to_numpy().argmax())
        told.append(
            _say(
                "queue_says",
                language,
                label=impact.label,
                first=number(float(week["value"].iloc[0]), 0, language),
                day=week["day"].iloc[top].date(),
                highest=number(float(week["value"].iloc[top]), 0, language),
                last=number(float(week["value"].iloc[-1]), 0, language),
            )
        )
    return " ".join(told)


def plot_waits(
    impacts: Impact | Sequence[Impact], *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Of who needed an assessment, which share waits so long or longer; all replicates together."""
    ax = new_axes(ax, width=6.0, height=3.6)
    for place, impact in enumerate(_many(impacts)):
        waits, look = np.sort(_waits(impact)), stroke(place)
        if len(waits):
            left = 1 - np.arange(len(waits)) / len(waits)
            ax.plot(
                waits,
                left,
                color=look.color,
                linestyle=look.linestyle,
                linewidth=1.6,
                label=impact.label,
            )
    for share in SHARES:
        ax.axhline(share, color=PALE, linewidth=0.8, linestyle=":")
    ax.set_ylim(0, 1)
    ax.set_xlim(left=0)
    ax.set_xlabel(_say("waits", language), fontsize=9)
    ax.set_ylabel(_say("share", language), fontsize=9)
    numbered(ax.yaxis, 1, language)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_waits(impacts: Impact | Sequence[Impact], *, language: str = "nl") -> str:
    """In words how long who needed an assessment waits."""
    told = []
    for impact in _many(impacts):
        waits = _waits(impact)
        if not len(waits):
            told.append(_say("waits_none", language, label=impact.label))
            continue
        median, high = (float(np.quantile(waits, 1 - share)) for share in SHARES)
        told.append(
            _say(
                "waits_say",
                language,
                label=impact.label,
                median=number(median, 0, language),
                high=number(high, 0, language),
            )
        )
    return " ".join(told)


def plot_capacity(
    scenarios: dict[str, Sequence[Impact]],
    *,
    figure: str = "wait_p90",
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """A figure over the number of assessments a week, a curve for each scenario.

    Parameters
    ----------
    scenarios
        By name the simulations of `impact.over_capacities`.
    figure
        One of `impact.FIGURES`.
    """
    from risicoscreener.impact.wording import say

    ax = new_axes(ax, width=6.0, height=3.6)
    for place, (label, impacts) in enumerate(scenarios.items()):
        look = stroke(place)
        at = [impact.settings.per_week for impact in impacts]
        found = [impact[figure] for impact in impacts]
        ax.fill_between(
            at,
            [f.low for f in found],
            [f.high for f in found],
            color=look.color,
            alpha=0.15,
            linewidth=0,
        )
        ax.plot(
            at,
            [f.value for f in found],
            color=look.color,
            linestyle=look.linestyle,
            marker=look.marker,
            markersize=4,
            linewidth=1.6,
            label=label,
        )
    ax.set_ylim(bottom=0)
    ax.set_xlabel(_say("capacity", language), fontsize=9)
    ax.set_ylabel(_wrapped(say("figures", figure, language)), fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_capacity(
    scenarios: dict[str, Sequence[Impact]], *, figure: str = "wait_p90", language: str = "nl"
) -> str:
    """In words what more or fewer assessments a week would do."""
    told = []
    for label, impacts in scenarios.items():
        at = [
            _say(
                "capacity_at",
                language,
                capacity=number(impact.settings.per_week, 1, language),
                value=impact[figure].text(language),
            )
            for impact in impacts
        ]
        told.append(_say("capacity_says", language, label=label, told="; ".join(at)))
    return " ".join(told)


def plot_by(
    impact: Impact,
    attribute: str = "prison",
    *,
    disclosure: Disclosure | None = None,
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """The median wait of each group that is shown, and of everybody as a line."""
    everybody, shown, _ = _groups(impact, attribute, disclosure)
    ax = new_axes(ax, width=6.0, height=max(2.0, 0.18 * len(shown) + 1))
    ax.plot(shown["wait_median"], range(len(shown)), "o", color=INK, markersize=4)
    ax.axvline(float(everybody["wait_median"]), color=PALE, linestyle="--", linewidth=1)
    ax.set_yticks(range(len(shown)), list(shown.index), fontsize=7)
    ax.set_xlim(left=0)
    ax.set_xlabel(_say("by", language), fontsize=9)
    return ax


def describe_by(
    impact: Impact,
    attribute: str = "prison",
    *,
    disclosure: Disclosure | None = None,
    language: str = "nl",
) -> str:
    """In words how far the waits of groups lie apart."""
    _, shown, hidden = _groups(impact, attribute, disclosure)
    if shown.empty:
        return _say("by_none", language)
    lowest, highest = shown.index[0], shown.index[-1]
    return _say(
        "by_says",
        language,
        low=number(float(shown["wait_median"].iloc[0]), 0, language),
        lowest=lowest,
        high=number(float(shown["wait_median"].iloc[-1]), 0, language),
        highest=highest,
        hidden=hidden,
    )


def plot_cuts(choice: CutChoice, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Net benefit of each candidate over the assessments that it asks for; filled if feasible."""
    ax = new_axes(ax, width=6.0, height=4.0)
    groups = (
        ("falls_off", [c for c in choice.candidates if c.falls_off], PALE, "none"),
        ("meets", list(choice.feasible), stroke(0).color, "full"),
    )
    for name, candidates, colour, fill in groups:
        for place, c in enumerate(candidates):
            x, one = c.assessments_per_week.value, c.net_benefit
            ax.plot([x, x], [one.low, one.high], color=colour, linewidth=1)
            label = _say(name, language) if not place else None
            ax.plot(x, one.value, "o", color=colour, fillstyle=fill, markersize=6, label=label)
            ax.annotate(c.label, (x, one.value), (5, 3), textcoords="offset points", fontsize=7)
    if choice.best is not None:
        at = choice.best.assessments_per_week.value, choice.best.net_benefit.value
        ax.plot(*at, "D", color=INK, fillstyle="none", markersize=11, label=_say("best", language))
    if choice.limits.assessments_per_week is not None:
        ax.axvline(choice.limits.assessments_per_week, color=INK, linestyle=":", linewidth=1)
    ax.set_xlabel(_say("capacity", language), fontsize=9)
    ax.set_ylabel(_say("benefit", language), fontsize=9)
    numbered(ax.yaxis, 3, language)
    ax.legend(frameon=False, fontsize=8)
    return ax


def describe_cuts(choice: CutChoice, *, language: str = "nl") -> str:
    """In words how many candidates are feasible, and which has the highest net benefit."""
    n, best = len(choice.candidates), choice.best
    if best is None:
        return _say("cuts_none", language, n=n)
    return _say(
        "cuts_say",
        language,
        n=n,
        feasible=len(choice.feasible),
        best=best.label,
        benefit=best.net_benefit.text(language, 4),
        weekly=number(best.assessments_per_week.value, 1, language),
    )


# -- parts -----------------------------------------------------------------------------------------


def _many(impacts: Impact | Sequence[Impact]) -> Sequence[Impact]:
    return impacts if isinstance(impacts, Sequence) else [impacts]


def _weeks(impact: Impact, name: str) -> pd.DataFrame:
    found = impact.weeks()
    return found[found["name"] == name]


def _waits(impact: Impact) -> npt.NDArray[np.float64]:
    return np.concatenate(impact.waits())


def _groups(
    impact: Impact, attribute: str, disclosure: Disclosure | None
) -> tuple[pd.Series[float], pd.DataFrame, int]:
    table = impact.by(attribute, disclosure=disclosure)
    groups = table.iloc[1:]
    shown = groups[groups["hidden"] == ""].dropna(subset="wait_median").sort_values("wait_median")
    return table.iloc[0], shown, int((groups["hidden"] != "").sum())


def _wrapped(text: str) -> str:
    from textwrap import fill

    return fill(text, 38)
