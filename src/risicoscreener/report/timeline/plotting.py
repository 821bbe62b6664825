"""The picture: which days it shows, and all that is drawn in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from risicoscreener.dossier.record import Dossier, Fact
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError
from risicoscreener.report.timeline.around import draw_ages, draw_axes, draw_day, draw_legend
from risicoscreener.report.timeline.canvas import Picture
from risicoscreener.report.timeline.lanes import LANES
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SYNTHETIC = "SYN-"
"""How the ids of people in synthetic cohorts begin."""


def plot_timeline(
    dossier: Dossier,
    *,
    as_of: dt.date | None = None,
    language: str = "nl",
    ax: Axes | None = None,
    from_: dt.date | None = None,
) -> Axes:
    """Draw one life: a lane for each part of the dossier, time from left to right.

    Parameters
    ----------
    dossier
        The person's dossier, in which any list may be empty.
    as_of
        A day on which to look: what was not known by then is drawn faint. All is drawn alike
        without it.
    language
        ``nl`` or ``en``.
    ax
        A matplotlib axes; a new figure is made without it.
    from_
        First day shown; by default that of the first fact.

    Returns
    -------
    matplotlib.axes.Axes
        Each mark has the name of its lane as ``gid``: cases, stays, programme, conduct,
        liberties, assessments, victims, housing, income_work or debts.

    Raises
    ------
    RisicoscreenerError
        For a language that is not spoken.
    DossierError
        If the first day to show is not before the last fact, or a day is no day.

    Notes
    -----
    Facts that were withdrawn or replaced are not drawn. Of two versions of a fact, the one that
    was in force on ``as_of`` is drawn in full, and the later one faint. Weekly reviews are drawn
    only where conduct was not desired; labour and visits are not drawn.
    """
    check_language(language)
    for name, day in (("as_of", as_of), ("from_", from_)):
        _check_day(name, day)
    first, last = _span(dossier, as_of, from_)
    picture = Picture(_axes(ax), language, as_of, first, last)
    picture.ax.xaxis_date()
    for draw in LANES.values():
        draw(picture, dossier)
    _finish(picture, dossier)
    return picture.ax


def _check_day(name: str, day: Any) -> None:
    if day is not None and (not isinstance(day, dt.date) or isinstance(day, dt.datetime)):
        raise DossierError(f"{name} is {day!r}; expected a day, such as datetime.date(2024, 4, 15)")


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=(12.0, 6.5), layout="constrained").add_subplot()


def _span(
    dossier: Dossier, as_of: dt.date | None, from_: dt.date | None
) -> tuple[dt.date, dt.date]:
    """First and last day of the picture."""
    days = [day for name in tables() for fact in getattr(dossier, name) for day in _days(fact)]
    days = days or [dossier.person.birth_date]
    last = max([*days, as_of or days[0]])
    first = from_ or min([*days, as_of or days[0]])
    if from_ is not None and from_ >= last:
        raise DossierError(f"from_ is {from_}; expected a day before the last fact, of {last}")
    return first, max(last, first + dt.timedelta(days=1))


def _days(fact: Fact) -> Iterator[dt.date]:
    """The days on which something of a fact happened: not its record, nor what is only expected."""
    expected = ("recorded_at", "expected_release_on", "conditional_release_on", "valid_until")
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if isinstance(value, dt.date) and name not in expected:
            yield value


def _finish(picture: Picture, dossier: Dossier) -> None:
    """Axes, line of the day, title and legend."""
    draw_axes(picture)
    draw_ages(picture, dossier.person.birth_date)
    draw_day(picture)
    title = picture.text("title", id=dossier.person_id)
    if dossier.person_id.startswith(SYNTHETIC):
        title = f"{title} · {picture.text('synthetic')}"
    picture.ax.set_title(title, loc="left", fontsize="large", pad=10)
    if picture.legend:
        draw_legend(picture)
