"""Pictures of validation: prisons with the next one, and what another sample would have made."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.report.pictures.style import INK, PALE, new_axes, stroke
from risicoscreener.report.pictures.wording import number, numbered, percent, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.evaluation.designs import Instability, Summary
    from risicoscreener.evaluation.estimate import Curve

_say = partial(words, "designs")

MOST_POINTS = 20_000
MOST_CURVES = 200
OFTEN = 0.25
"""Share of models on the other side from which a classification is called unstable."""


def plot_forest(summary: Summary, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """Each prison with its interval, their mean, and the prediction interval of the next prison.

    Behind the name of a prison stand its people and those with the outcome.
    """
    rows = len(summary.parts) + 2
    ax = new_axes(ax, width=6.0, height=1.4 + 0.26 * rows)
    labels = []
    largest = max((one.n for _, one in summary.parts), default=1)
    for place, (name, one) in enumerate(summary.parts):
        y = rows - 1 - place
        labels.append(
            _say(
                "counts",
                language,
                label=name,
                n=number(one.n, 0, language),
                events=number(one.events, 0, language),
            )
        )
        if not one.ok:
            ax.text(
                0.02,
                y,
                _say("no_figure", language),
                transform=ax.get_yaxis_transform(),
                va="center",
                fontsize=8,
                color=INK,
                style="italic",
            )
            continue
        ax.plot([one.low, one.high], [y, y], color=INK, linewidth=1)
        size = 3 + 5 * np.sqrt(one.n / largest)
        ax.plot(
            one.value, y, "s", color=stroke(0).color if one.has_interval else PALE, markersize=size
        )
    mean = summary.mean
    if mean.ok:
        ax.fill(
            [mean.low, mean.value, mean.high, mean.value], [1, 1.28, 1, 0.72], color=stroke(1).color
        )
        ax.axvline(mean.value, color=PALE, linewidth=0.8, linestyle="--", zorder=0)
    ax.plot(
        [summary.next_low, summary.next_high],
        [0, 0],
        color=stroke(1).color,
        linewidth=3,
        solid_capstyle="butt",
    )
    labels += [_say("mean", language), _say("next", language)]
    ax.set_yticks(range(rows - 1, -1, -1), labels, fontsize=9)
    ax.set_ylim(-0.6, rows - 0.4)
    ax.grid(visible=False, axis="y")
    numbered(ax.xaxis, 2, language)
    ax.set_xlabel(mean.title(language), fontsize=9)
    return ax


def describe_forest(summary: Summary, *, language: str = "nl") -> str:
    """In words what a forest plot shows."""
    title = summary.mean.title(language)
    values = [one.value for _, one in summary.parts if one.ok]
    if not values:
        return _say("forest_none", language, title=title)
    mean, following = "", ""
    if summary.mean.ok:
        mean = _say("mean_says", language, text=summary.mean.text(language, 2))
    if np.isfinite(summary.next_low):
        low, high = (number(v, 2, language) for v in (summary.next_low, summary.next_high))
        following = _say("next_says", language, low=low, high=high)
    left_out = ", ".join(name for name, one in summary.parts if not one.has_interval)
    return _say(
        "forest_says",
        language,
        title=title,
        k=len(summary.parts),
        lowest=number(min(values), 2, language),
        highest=number(max(values), 2, language),
        mean=mean,
        next=following,
        rest=_say("rest_says", language, names=left_out) if left_out else "",
    ).strip()


def plot_prediction_instability(
    instability: Instability, *, level: float = 0.95, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Predictions of resampled models against those of the model (Riley and Collins 2023).

    With many people those at equal distances in rank are shown.
    """
    ax = new_axes(ax, width=4.5, height=4.5)
    order = _shown(instability.original, MOST_POINTS // len(instability.resampled))
    x = instability.original[order]
    ax.plot(x, instability.resampled[:, order].T, ".", color=PALE, markersize=2, alpha=0.5)
    low, high = (limit[order] for limit in instability.interval(level))
    said = _say("limits", language, level=percent(level, language))
    ax.plot(x, low, color=INK, linewidth=1, linestyle="--", label=said)
    ax.plot(x, high, color=INK, linewidth=1, linestyle="--")
    ax.axline((0, 0), slope=1, color=INK, linewidth=0.8, label=_say("stable", language))
    ax.set_ylabel(_say("resampled", language), fontsize=9)
    return _finished(ax, language, legend=True)


def plot_error_instability(
    instability: Instability, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Per person the mean absolute shift of the probability over resampled models."""
    ax = new_axes(ax)
    order = _shown(instability.original, MOST_POINTS)
    error = instability.person_error
    ax.plot(
        instability.original[order],
        error[order],
        ".",
        color=stroke(0).color,
        markersize=3,
        alpha=0.5,
    )
    ax.axhline(
        float(error.mean()), color=INK, linewidth=1, linestyle="--", label=_say("mean", language)
    )
    ax.set_ylim(bottom=0)
    ax.set_ylabel(_say("error", language), fontsize=9)
    return _finished(ax, language, legend=True)


def plot_classification_instability(
    instability: Instability, cut_off: float, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Per person how often a resampled model puts them on the other side of a cut-off."""
    ax = new_axes(ax)
    order = _shown(instability.original, MOST_POINTS)
    crossing = instability.crossing(cut_off)
    ax.plot(
        instability.original[order],
        crossing[order],
        ".",
        color=stroke(0).color,
        markersize=3,
        alpha=0.5,
    )
    ax.axvline(cut_off, color=INK, linewidth=1, linestyle="--")
    ax.set_ylim(-0.02, 1)
    said = _say("crossing", language, cut_off=percent(cut_off, language))
    ax.set_ylabel(said, fontsize=9)
    return _finished(ax, language, legend=False)


def plot_calibration_instability(
    instability: Instability, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Calibration curves of resampled models in the people that the model was fitted on."""
    ax = new_axes(ax, width=4.5, height=4.5)
    own, others = instability.calibration_curves()
    for place, curve in enumerate(others[:MOST_CURVES]):
        ax.plot(
            curve.x,
            curve.y,
            color=PALE,
            linewidth=0.6,
            alpha=0.6,
            label=_say("other_models", language) if place == 0 else None,
        )
    ax.plot(own.x, own.y, color=stroke(0).color, linewidth=1.8, label=_say("this_model", language))
    ax.axline((0, 0), slope=1, color=INK, linewidth=0.8, linestyle=":")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_ylabel(_say("observed", language), fontsize=9)
    return _finished(ax, language, legend=True)


def describe_instability(instability: Instability, *, language: str = "nl") -> str:
    """In words how far predictions move with the sample."""
    return _say(
        "instability_says",
        language,
        people=number(len(instability.original), 0, language),
        resamples=number(len(instability.resampled), 0, language),
        mean=number(instability.mean_absolute_prediction_error, 3, language),
        ninth=number(float(np.quantile(instability.person_error, 0.9)), 3, language),
    )


describe_prediction_instability = describe_error_instability = describe_instability
"""Both pictures show the same figures."""


def describe_classification_instability(
    instability: Instability, cut_off: float, *, language: str = "nl"
) -> str:
    """In words how often people change side of a cut-off with the sample."""
    crossing = instability.crossing(cut_off)
    return _say(
        "crossing_says",
        language,
        cut_off=percent(cut_off, language),
        mean=percent(float(crossing.mean()), language, 1),
        often=percent(float((crossing > OFTEN).mean()), language, 1),
    )


def describe_calibration_instability(instability: Instability, *, language: str = "nl") -> str:
    """In words how far calibration curves of resampled models lie from the diagonal."""
    own, others = instability.calibration_curves()
    distances = [_distance(curve) for curve in others if curve.ok]
    if not (own.ok and distances):
        return _say("calibration_none", language)
    return _say(
        "calibration_says",
        language,
        resamples=len(distances),
        distance=number(float(np.mean(distances)), 3, language),
        own=number(_distance(own), 3, language),
    )


# -- parts -----------------------------------------------------------------------------------------


def _shown(values: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.intp]:
    """Places of at most so many values, in ascending order and spread over the ranks."""
    order = np.argsort(values, kind="stable")
    ranks = np.unique(np.linspace(0, len(order) - 1, max(most, 2)).astype(int))
    shown: npt.NDArray[np.intp] = order[ranks]
    return shown


def _distance(curve: Curve) -> float:
    return float(np.abs(curve.y - curve.x).mean())


def _finished(ax: Axes, language: str, *, legend: bool) -> Axes:
    ax.set_xlabel(_say("probability", language), fontsize=9)
    for axis in (ax.xaxis, ax.yaxis):
        numbered(axis, 2 if axis is ax.yaxis and ax.get_ylim()[1] < 0.5 else 1, language)
    if legend:
        ax.legend(frameon=False, fontsize=8)
    return ax
