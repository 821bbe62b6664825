"""Pictures of an event by a horizon: calibration at one horizon, and figures over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.wording import measure_text, problem_text
from risicoscreener.report.pictures.style import BAND, BINS, INK, MARKS, PALE, new_axes, stroke
from risicoscreener.report.pictures.utility import describe_decision_curve, plot_decision_curve
from risicoscreener.report.pictures.wording import in_percent, number, numbered, percent, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.evaluation.estimate import Curve, Estimates
    from risicoscreener.evaluation.time import HorizonCalibration, HorizonDecision, OverTime

_say = partial(words, "time")

DAYS_PER_YEAR = 365.25
FEWEST_DAYS_IN_YEARS = 365.0
"""From here on terms are given in years."""

FINE_YEARS = 6
"""Up to here the axis of years has a decimal."""

STRIP = 0.12
"""Height of the distribution under the curve, as a share of that of the curve."""

SAID = 3
"""Places of which the figure is said in words."""


# -- calibration at one horizon --------------------------------------------------------------------


def plot_horizon_calibration(
    found: HorizonCalibration, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """The curve with its band, groups with their Aalen-Johansen incidence, and the predictions.

    The spikes under the curve show how many people were given which probability; who was
    censored is among them.
    """
    ax = new_axes(ax, width=5.2, height=4.8)
    curve, first, top = found.curve, stroke(0), _top(found)
    ax.plot(
        [0, top], [0, top], color=INK, linewidth=1, linestyle=":", label=_say("diagonal", language)
    )
    if curve.ok:
        _band(ax, curve, BAND, 0.7)
        ax.plot(
            curve.x,
            curve.y,
            color=first.color,
            linewidth=2,
            label=curve.label or _say("curve", language),
        )
    _groups(ax, found.groups, language)
    _people(ax, found, top, language)
    corner = _say("corner", language, **_figures(found, language))
    ax.text(0.03 * top, 0.97 * top, corner, fontsize=8, va="top", color=INK)
    ax.set_xlim(0, top)
    ax.set_ylim(-STRIP * top, top)
    ax.set_xticks(np.linspace(0, top, 6))
    ax.set_yticks(np.linspace(0, top, 6))
    for axis in (ax.xaxis, ax.yaxis):
        in_percent(axis, language)
    when = term(found.sample.horizon_days, language)
    ax.set_xlabel(_say("probability", language, term=when), fontsize=9)
    ax.set_ylabel(_say("observed", language, term=when), fontsize=9)
    ax.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1.0, STRIP))
    return ax


def describe_horizon_calibration(found: HorizonCalibration, *, language: str = "nl") -> str:
    """In words what the calibration curve at a horizon shows."""
    curve = found.curve
    figures = _say("figures", language, **_figures(found, language))
    if not curve.ok:
        return f"{_no_picture(curve, language)} {figures}"
    said = _say(
        "calibration_says",
        language,
        term=term(found.sample.horizon_days, language),
        n=number(curve.n, 0, language),
        events=number(curve.events, 0, language),
    )
    for place in sorted({int(len(curve.x) * share) for share in (0.1, 0.5, 0.9)}):
        entry = "at_with_band" if math.isfinite(curve.low[place]) else "at"
        values = {"probability": curve.x, "observed": curve.y, "low": curve.low, "high": curve.high}
        shares = {name: percent(v[place], language) for name, v in values.items()}
        said += _say(entry, language, **shares)
    return said + figures


def term(days: float, language: str) -> str:
    """A term in words: in days, from a year on in years."""
    if days < FEWEST_DAYS_IN_YEARS:
        return _say("term_days", language, count=number(days, 0, language))
    years = days / DAYS_PER_YEAR
    whole = abs(years - round(years)) < 0.01
    if whole and round(years) == 1:
        return _say("term_year", language)
    return _say("term_years", language, count=number(years, 0 if whole else 1, language))


def _groups(ax: Axes, groups: Sequence[Estimates], language: str) -> None:
    known = [g for g in groups if g["horizon_incidence"].ok]
    share = np.array([g["horizon_incidence"].value for g in known])
    low, high = (
        np.array([getattr(g["horizon_incidence"], side) for g in known]) for side in ("low", "high")
    )
    if not known:
        return
    reach = np.nan_to_num(np.maximum([share - low, high - share], 0.0))
    ax.errorbar(
        [g["horizon_expected"].value for g in known],
        share,
        yerr=reach,
        fmt="o",
        markersize=4,
        color=INK,
        markerfacecolor="white",
        elinewidth=0.8,
        label=_say("groups", language, count=len(known)),
    )


def _people(ax: Axes, found: HorizonCalibration, top: float, language: str) -> None:
    sample = found.sample
    edges = np.linspace(0.0, top, BINS + 1)
    count = np.histogram(sample.probability, edges, weights=sample.weight)[0]
    height = 0.85 * STRIP * top * count / max(float(count.max()), 1e-300)
    ax.bar(
        (edges[:-1] + edges[1:]) / 2,
        height,
        0.6 * top / BINS,
        bottom=-STRIP * top,
        color=PALE,
        linewidth=0,
    )
    emptier = "left" if count[: BINS // 4].sum() < count[-(BINS // 4) :].sum() else "right"
    ax.text(
        (0.005 if emptier == "left" else 0.995) * top,
        -0.02 * top,
        _say("people", language, n=number(len(sample), 0, language)),
        fontsize=7,
        ha=emptier,
        va="top",
        color=INK,
    )


def _figures(found: HorizonCalibration, language: str) -> dict[str, str]:
    large = {name: found.large[f"horizon_{name}"] for name in ("expected", "incidence")}
    shares = {
        key: percent(one.value, language, 1) if one.ok else one.text(language)
        for key, one in large.items()
    }
    return {
        "expected": shares["expected"],
        "observed": shares["incidence"],
        "slope": found.weak["horizon_slope"].text(language, 2),
        "ici": found.errors["horizon_ici"].text(language, 3),
    }


def _top(found: HorizonCalibration) -> float:
    reached = [float(found.sample.probability[-1])]
    reached += [g["horizon_incidence"].value for g in found.groups if g["horizon_incidence"].ok]
    if found.curve.ok:
        reached.append(float(found.curve.y.max()))
    highest = max(reached)
    return 1.0 if highest > 0.6 else max(math.ceil(highest * 10 + 1e-9) / 10, 0.1)


# -- net benefit -----------------------------------------------------------------------------------


def plot_horizon_decision(
    found: HorizonDecision | Sequence[HorizonDecision],
    *,
    language: str = "nl",
    ax: Axes | None = None,
) -> Axes:
    """Net benefit at the horizon over cut-offs, as `utility.plot_decision_curve` draws it."""
    return plot_decision_curve(cast(Any, found), language=language, ax=ax)


def describe_horizon_decision(
    found: HorizonDecision | Sequence[HorizonDecision], *, language: str = "nl"
) -> str:
    """In words what decision curves at a horizon show."""
    return describe_decision_curve(cast(Any, found), language=language)


# -- over time -------------------------------------------------------------------------------------


def plot_auc_over_time(found: OverTime, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """The AUC at each horizon, with its band."""
    ax = new_axes(ax, width=5.6, height=3.6)
    curve = found["auc_over_time"]
    ax.axhline(0.5, color=INK, linewidth=1, linestyle=":", label=_say("guessing", language))
    _line(ax, curve, 0, _say("model", language))
    ax.set_ylim(min(0.45, _least(curve)), 1.0)
    ax.set_ylabel(_say("auc", language), fontsize=9)
    return _over(ax, curve, language)


def describe_auc_over_time(found: OverTime, *, language: str = "nl") -> str:
    """In words the AUC at each horizon."""
    return _described(found["auc_over_time"], language)


def plot_brier_over_time(found: OverTime, *, language: str = "nl", ax: Axes | None = None) -> Axes:
    """The Brier score at each horizon, beside that of the same probability for everybody."""
    ax = new_axes(ax, width=5.6, height=3.6)
    curve = found["brier_over_time"]
    _line(ax, curve, 0, _say("model", language))
    _line(ax, found["brier_reference_over_time"], 1, _say("reference", language), band=False)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(_say("brier", language), fontsize=9)
    return _over(ax, curve, language, digits=2)


def describe_brier_over_time(found: OverTime, *, language: str = "nl") -> str:
    """In words the Brier score at each horizon, and that of the same probability for everybody."""
    beside, name = found["brier_reference_over_time"], _say("reference", language)
    return _described(found["brier_over_time"], language, beside, name)


def plot_incidence_over_time(
    found: OverTime, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Observed incidence with its band, and the mean of the predictions."""
    ax = new_axes(ax, width=5.6, height=3.6)
    curve = found["incidence_over_time"]
    _line(ax, curve, 0, _say("observed_line", language))
    _line(ax, found["expected_over_time"], 1, _say("expected_line", language), band=False)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(_say("share", language), fontsize=9)
    return _over(ax, curve, language, digits=None)


def describe_incidence_over_time(found: OverTime, *, language: str = "nl") -> str:
    """In words what was observed and what was predicted at each horizon."""
    beside, name = found["expected_over_time"], _say("expected_line", language)
    return _described(found["incidence_over_time"], language, beside, name, shares=True)


def _line(ax: Axes, curve: Curve, place: int, label: str, *, band: bool = True) -> None:
    look = stroke(place)
    days = curve.x / _unit(curve)
    if band:
        ax.fill_between(days, curve.low, curve.high, color=BAND, alpha=0.7, linewidth=0)
    ax.plot(
        days,
        curve.y,
        color=look.color,
        linestyle=look.linestyle,
        marker=look.marker,
        markevery=max(len(days) // MARKS, 1),
        markersize=4,
        linewidth=1.8,
        label=label,
    )


def _over(ax: Axes, curve: Curve, language: str, digits: int | None = 2) -> Axes:
    ax.set_xlim(0, 1.02 * float(curve.x[-1]) / _unit(curve))
    in_years = _unit(curve) > 1
    fine = in_years and float(curve.x[-1]) < FINE_YEARS * DAYS_PER_YEAR
    numbered(ax.xaxis, 1 if fine else 0, language)
    if digits is None:
        in_percent(ax.yaxis, language)
    else:
        numbered(ax.yaxis, digits, language)
    ax.set_xlabel(_say("years" if in_years else "days", language), fontsize=9)
    ax.legend(frameon=False, fontsize=8)
    return ax


def _unit(curve: Curve) -> float:
    return DAYS_PER_YEAR if float(curve.x[-1]) > FEWEST_DAYS_IN_YEARS else 1.0


def _least(curve: Curve) -> float:
    values = np.concatenate([curve.y, curve.low])
    there = values[np.isfinite(values)]
    return max(float(there.min()) - 0.05, 0.0) if len(there) else 0.45


def _described(
    curve: Curve,
    language: str,
    beside: Curve | None = None,
    name: str = "",
    *,
    shares: bool = False,
) -> str:
    """What a curve is at some places, beside another; as percentages if it holds shares."""
    places = np.flatnonzero(np.isfinite(curve.y))
    title = measure_text(curve.name).title.text(language)
    title = title[0].upper() + title[1:]
    if not len(places):
        return f"{title}. {_no_picture(curve, language)}"
    write = partial(percent, digits=1) if shares else _three
    first, last = (term(float(curve.x[p]), language) for p in (places[0], places[-1]))
    n = number(curve.n, 0, language)
    said = _say("over_time_says", language, title=title, first=first, last=last, n=n)
    for place in _spread(places):
        when, figure = term(float(curve.x[place]), language), _at(curve, place, language, write)
        if beside is None:
            said += _say("at_term", language, term=when, figure=figure)
            continue
        reference = write(float(beside.y[place]), language)
        said += _say("beside", language, term=when, figure=figure, reference=reference, name=name)
    return said.strip()


def _three(value: float, language: str) -> str:
    return number(value, 3, language)


def _spread(places: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The first, the middle and the last place."""
    return np.unique(places[np.linspace(0, len(places) - 1, SAID).round().astype(int)])


def _at(curve: Curve, place: int, language: str, write: Callable[[float, str], str]) -> str:
    to = "tot" if language == "nl" else "to"
    value, low, high = (
        write(float(side[place]), language) for side in (curve.y, curve.low, curve.high)
    )
    return f"{value} ({low} {to} {high})" if math.isfinite(curve.low[place]) else value


def _band(ax: Axes, curve: Curve, color: str, alpha: float) -> None:
    if np.isfinite(curve.low).any():
        ax.fill_between(curve.x, curve.low, curve.high, color=color, alpha=alpha, linewidth=0)


def _no_picture(curve: Curve, language: str) -> str:
    reason = problem_text(curve.problem or "not_defined").text(language)
    return _say("no_picture", language, problem=reason)
