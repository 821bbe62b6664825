"""The admissible time line as a picture: a row for each requirement, time from left to right."""

from __future__ import annotations

import datetime as dt
import textwrap
from typing import TYPE_CHECKING, Any

from risicoscreener.screening.picture.wording import say
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.screening.admissible import AdmissibleTimeline, KindTimeline

LOOKS: dict[str, dict[str, Any]] = {
    "met": {"facecolor": "#009E73", "hatch": ""},
    "not_met": {"facecolor": "#E69F00", "hatch": "////"},
    "unknown": {"facecolor": "#D9D9D9", "hatch": ".."},
    "all_met": {"facecolor": "#0072B2", "hatch": ""},
}
"""Colours of Okabe and Ito (2008), which colour-blind people can tell apart; hatches for print."""
LABEL_WIDTH = 58
ONE_DAY = dt.timedelta(days=1)


def plot_admissible(
    timeline: AdmissibleTimeline, *, language: str = "nl", ax: Axes | None = None
) -> Axes:
    """Draw from when what is possible; `AdmissibleTimeline.text` says the same in words.

    Parameters
    ----------
    timeline
        The time line.
    language
        ``nl`` or ``en``.
    ax
        A matplotlib axes; a new figure is made without it.

    Returns
    -------
    matplotlib.axes.Axes
        Each bar has as ``gid`` the kind of decision, or the kind and the requirement.

    Raises
    ------
    RisicoscreenerError
        For a language that is not spoken.
    """
    lang = check_language(language)
    rows = [row for kind in timeline.kinds for row in _rows(kind, lang)]
    ax = _axes(len(rows)) if ax is None else ax
    used: dict[str, None] = {}
    for place, (_, gid, bars) in enumerate(rows):
        for look, first, last in bars:
            used[look] = None
            begin, end = _number(first), _number(last + ONE_DAY)
            ax.barh(
                place,
                end - begin,
                left=begin,
                height=0.85 if look == "all_met" else 0.55,
                edgecolor="0.25",
                linewidth=0.4,
                gid=gid,
                **LOOKS[look],
            )
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), [label for label, _, _ in rows], fontsize="small")
    ax.set_xlim(_number(timeline.first), _number(timeline.last + ONE_DAY))
    _finish(ax, timeline, lang, used)
    return ax


def _number(day: dt.date) -> float:
    from matplotlib.dates import date2num

    return float(date2num(day))  # type: ignore[no-untyped-call]


def _axes(rows: int) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(12.0, 1.4 + 0.28 * rows), layout="constrained").add_subplot()


_Row = tuple[str, str, list[tuple[str, dt.date, dt.date]]]


def _rows(kind: KindTimeline, lang: Any) -> list[_Row]:
    """The row of a kind, and below it one for each requirement."""
    windows = [("all_met", window.first, window.last) for window in kind.windows]
    rows: list[_Row] = [(kind.title.text(lang), kind.decision, windows)]
    for course in kind.requirements:
        label = textwrap.shorten(course.text.text(lang), LABEL_WIDTH, placeholder=" …")
        bars = [(str(span.level), span.first, span.last) for span in course.spans]
        rows.append((label, f"{kind.decision}.{course.name}", bars))
    return rows


def _finish(ax: Axes, timeline: AdmissibleTimeline, lang: Any, used: dict[str, None]) -> None:
    from matplotlib.dates import AutoDateLocator, DateFormatter
    from matplotlib.patches import Patch

    day = ax.axvline(
        _number(timeline.as_of), color="black", linewidth=1.2, linestyle="--", gid="as_of"
    )
    ax.xaxis.set_major_locator(AutoDateLocator())  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d"))  # type: ignore[no-untyped-call]
    ax.tick_params(axis="x", labelsize="small")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.grid(axis="x", color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
    handles: list[Any] = [Patch(edgecolor="0.25", **LOOKS[look]) for look in LOOKS if look in used]
    names = [say("drawing", look, lang) for look in LOOKS if look in used]
    ax.legend(
        [*handles, day],
        [*names, say("drawing", "as_of", lang, day=timeline.as_of)],
        loc="upper center",
        bbox_to_anchor=(0.3, -0.04),
        ncols=5,
        fontsize="small",
        frameon=False,
    )
    title = say("drawing", "title", lang, person_id=timeline.person_id)
    ax.set_title(title, loc="left", fontsize="large")
