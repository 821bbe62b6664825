"""How complete an intake was on each day since arrival."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from risicoscreener.dossier.reading import read_dossier
from risicoscreener.reentry.intake.questions import STATUSES, Questionnaire, Status, status_text
from risicoscreener.reentry.intake.standing import Asked, present_stay
from risicoscreener.screening.screener import day_of_picture
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.reading import Source

_COLOURS: dict[Status, str] = {
    "known": "#2b6cb0",
    "outdated": "#b7791f",
    "contradictory": "#97266d",
    "unknown": "#718096",
    "not_asked": "#e2e8f0",
}
_HATCHES: dict[Status, str] = {
    "known": "",
    "outdated": "..",
    "contradictory": "xx",
    "unknown": "//",
    "not_asked": "",
}


@dataclass(frozen=True, slots=True)
class IntakeCurve:
    """How many questions stood how, on each day on which that changed.

    Attributes
    ----------
    days
        Ascending, from arrival; what holds on one holds until the next.
    counts
        Per day how many questions are at each status.
    until
        The last day that was looked at.
    """

    person_id: str
    days: tuple[dt.date, ...]
    counts: tuple[dict[Status, int], ...]
    until: dt.date

    def on(self, day: dt.date) -> dict[Status, int]:
        """The counts on a day from arrival on; before it those of arrival."""
        place = max((i for i, first in enumerate(self.days) if first <= day), default=0)
        return self.counts[place]

    def to_frame(self) -> pd.DataFrame:
        """A row for each day on which something changed, a column for each status."""
        import pandas as pd

        frame = pd.DataFrame(list(self.counts), columns=list(STATUSES), dtype="int64")
        frame.insert(0, "day", pd.to_datetime(list(self.days)))
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        return {
            "person_id": self.person_id,
            "until": self.until.isoformat(),
            "days": [day.isoformat() for day in self.days],
            "counts": [dict(one) for one in self.counts],
        }

    def plot(self, ax: Axes | None = None, language: str = "nl") -> Axes:
        """Questions by status over time, stacked.

        Parameters
        ----------
        ax
            Where to draw; new axes by default.
        language
            ``nl`` or ``en``.
        """
        from matplotlib.dates import AutoDateLocator, DateFormatter

        lang = check_language(language)
        if ax is None:
            from matplotlib.figure import Figure

            ax = Figure(figsize=(6.4, 3.0), layout="constrained").subplots()
        days: list[Any] = [*self.days, max(self.until, self.days[-1]) + dt.timedelta(days=1)]
        bottom = [0] * len(days)
        for status, colour in _COLOURS.items():
            heights = [one.get(status, 0) for one in self.counts]
            top = [low + high for low, high in zip(bottom, [*heights, heights[-1]], strict=True)]
            ax.fill_between(
                days,
                bottom,
                top,
                step="post",
                label=status_text(status).text(lang),
                facecolor=colour,
                edgecolor="#4a5568",
                linewidth=0.4,
                hatch=_HATCHES[status],
            )
            bottom = top
        locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(DateFormatter("%d-%m-%Y"))  # type: ignore[no-untyped-call]
        ax.tick_params(axis="x", rotation=20)
        ax.set_ylabel({"nl": "vragen", "en": "questions"}[lang])
        ax.set_xlim(days[0], days[-1])
        ax.set_ylim(0, max(bottom) or 1)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        return ax


def intake_curve(
    source: Source,
    as_of: dt.date | str | None = None,
    *,
    questions: Questionnaire | None = None,
) -> IntakeCurve:
    """The course of an intake from arrival to a day, each day by what was known on it.

    Parameters
    ----------
    source, as_of, questions
        As for `intake`.

    Raises
    ------
    DossierError
        If it is no valid dossier, or ``as_of`` is no day that can be meant.
    ReentryError
        If no detention is known on that day.
    """
    dossier = read_dossier(source)
    asked = Questionnaire.shipped() if questions is None else questions
    return curve_of(dossier, day_of_picture(dossier, as_of), asked)


def curve_of(dossier: Dossier, day: dt.date, questions: Questionnaire) -> IntakeCurve:
    """As `intake_curve`, of a valid dossier to a day."""
    stay = present_stay(dossier, day)
    courses = [Asked(question, dossier, stay).course(day) for question in questions]
    days = sorted({stay.arrived_on, *(since for course in courses for since, _ in course)})
    counts = [_counted(courses, since) for since in days]
    kept = [i for i, one in enumerate(counts) if i == 0 or one != counts[i - 1]]
    return IntakeCurve(
        dossier.person_id,
        tuple(days[i] for i in kept),
        tuple(counts[i] for i in kept),
        day,
    )


def _counted(courses: list[list[tuple[dt.date, Status]]], day: dt.date) -> dict[Status, int]:
    found: dict[Status, int] = dict.fromkeys(STATUSES, 0)
    for course in courses:
        reached = [status for since, status in course if since <= day]
        if reached:
            found[reached[-1]] += 1
    return found
