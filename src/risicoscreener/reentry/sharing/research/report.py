"""What was done to make an export, and what risk remains."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.reentry.sharing.research.project import study_of
from risicoscreener.reentry.sharing.wording import say
from risicoscreener.texts import (
    Lang,
    Section,
    Texts,
    check_language,
    sections_as_html,
    sections_as_text,
)


class ExportReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An export in numbers.

    Attributes
    ----------
    people_given, people
        How many were given, and are in it.
    k, diversity
        What was reached: people, and different values of each sensitive variable, in the smallest
        and least diverse group that looks alike.
    steps
        Of each quasi-identifier the step that was chosen; ``*``: left out.
    loss
        Mean share of the steps that was climbed: 0 as fine as asked, 1 nothing left.
    classes
        Groups that look alike.
    highest_risk, mean_risk
        The chance that who knows someone's quasi-identifiers, and that they are in the export,
        picks the right row.
    receiver
        Which of several receivers it is for.
    not_yet
        Of how many people given nothing was known on their last day.
    date_step
        To how many days dates of facts are rounded down.
    earlier
        The sha256 of earlier exports of the project with which it can be joined and still keeps to
        ``k``.
    merged, rows_left_out, emptied, capped, raised, unique_trails, unique_courses
        As of `events.Facts`; of an export of before there was this measure None.
    rows
        Per table how many there are.
    """

    format_version: Literal[1] = 1
    project: str
    title: Texts
    basis: str
    to_verify: bool
    as_of: dt.date
    ends_on: dt.date
    people_given: int
    people: int
    k: int
    diversity: dict[str, int]
    steps: dict[str, str]
    loss: float
    classes: int
    highest_risk: float
    mean_risk: float
    shift_days: int
    merged: dict[str, int]
    emptied: tuple[str, ...]
    capped: dict[str, float]
    unique_trails: float
    rows: dict[str, int]
    receiver: str | None = None
    not_yet: int = 0
    date_step: int = 1
    earlier: tuple[str, ...] = ()
    raised: dict[str, float] = {}
    rows_left_out: dict[str, int] = {}
    unique_courses: float | None = None

    @property
    def study(self) -> str:
        """The project, and which receiver of it if there are several."""
        return study_of(self.project, self.receiver)

    def text(self, lang: Lang = "nl") -> str:
        """The report in words, in ``nl`` or ``en``."""
        return sections_as_text(_outline(self, check_language(lang)))

    def html(self, lang: Lang = "nl") -> str:
        """The same as an HTML fragment; everything from outside is escaped."""
        lang = check_language(lang)
        return sections_as_html(_outline(self, lang), lang, "rs-export")

    def _repr_html_(self) -> str:
        return self.html()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, to write as JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def _outline(report: ExportReport, lang: Lang) -> list[Section]:
    def line(key: str, **values: Any) -> str:
        return say("export", key, lang, **values)

    basis = report.basis
    if report.to_verify:
        basis = say("purpose", "unread", lang, source=basis)
    left_out = report.people_given - report.not_yet - report.people
    done = [
        line("people", people=report.people, given=report.people_given, left_out=left_out),
        *([line("not_yet", n=report.not_yet)] if report.not_yet else []),
        *(
            line("step_left_out" if step == "*" else "step", name=name, step=step)
            for name, step in report.steps.items()
        ),
        line("loss", loss=f"{report.loss:.0%}"),
        line("shifted", days=report.shift_days),
        *([line("stepped", days=report.date_step)] if report.date_step > 1 else []),
        *(line("merged", place=place, n=n) for place, n in report.merged.items()),
        *(line("rows_left_out", place=place, n=n) for place, n in report.rows_left_out.items()),
        *(line("capped", place=place, top=f"{top:g}") for place, top in report.capped.items()),
        *(line("raised", place=place, low=f"{low:g}") for place, low in report.raised.items()),
        *(line("emptied", place=place) for place in report.emptied),
        *(line("rows", table=table, n=n) for table, n in report.rows.items()),
    ]
    risk = [
        line("k", k=report.k, classes=report.classes),
        *(line("l", name=name, l=different) for name, different in report.diversity.items()),
        line("risk", highest=f"{report.highest_risk:.1%}", mean=f"{report.mean_risk:.1%}"),
        line("trails", share=f"{report.unique_trails:.0%}"),
        *_courses(report, lang),
        *(line("earlier", id=sha256[:16]) for sha256 in report.earlier),
        line("remains"),
    ]
    heading = line("title", title=report.title.text(lang), project=report.study)
    about = [
        say("purpose", "basis", lang, basis=basis),
        say("view", "as_of", lang, day=report.as_of),
        say("view", "ends", lang, day=report.ends_on),
    ]
    return [(heading, about), (line("done"), done), (line("risks"), risk)]


def _courses(report: ExportReport, lang: Lang) -> list[str]:
    if report.unique_courses is None:
        return []
    return [say("export", "courses", lang, share=f"{report.unique_courses:.0%}")]
