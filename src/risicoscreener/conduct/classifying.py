"""Conduct read from the record: a grade per category and week, and for the last six weeks.

A week without a record is *not recorded*, and a week is desired only if a weekly review says so
and nothing in it counts as worse. What six weeks of desired conduct are is said by the features
that policies read (`desired_weeks_reintegration_6w` and its like); how far back they look is taken
from their definitions.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from risicoscreener.conduct.definition import CATEGORIES, GRADES, REVIEW, Definitions
from risicoscreener.conduct.grading import Counted, count_rows
from risicoscreener.conduct.wording import code_label, say, say_grade
from risicoscreener.dossier.visible import is_consulted
from risicoscreener.errors import ConductError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.texts import InWords, Lang, Section, Texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.dossier.record import Dossier

DESIRED, UNDESIRED, INTOLERABLE = GRADES
DAYS = 7
LONGEST = 522
"""Weeks that a classification can cover: ten years."""


class RuleApplied(Struct, frozen=True, kw_only=True):
    """A rule by which a row counts as it does, the definition it stands in, and its source."""

    definition: str
    id: str
    text: Texts
    source: str
    to_verify: bool


class RowFound(Struct, frozen=True, kw_only=True):
    """A row of conduct: as what it was recorded, as what it counts, and by which rules.

    Attributes
    ----------
    position
        Its place in ``dossier.conduct``.
    kind, recorded
        The kind of record and the grade, as recorded.
    counts_as, grade
        As which kind and grade it counts.
    """

    position: int
    occurred_on: dt.date
    recorded_at: dt.date
    kind: str
    category: str
    subject: str
    recorded: str
    counts_as: str
    grade: str
    rules: tuple[RuleApplied, ...]


class WeekFound(Struct, frozen=True, kw_only=True):
    """One week in one category; ``grade`` is None where nothing says what the conduct was.

    ``rows`` are the positions of the rows that make the grade.
    """

    category: str
    begins_on: dt.date
    ends_on: dt.date
    grade: str | None
    rows: tuple[int, ...]


class PeriodFound(Struct, frozen=True, kw_only=True):
    """The last six weeks in one category.

    Attributes
    ----------
    grade
        ``desired`` if all six weeks were reviewed as desired and nothing counts as worse; None if
        that cannot be told.
    desired_weeks, wanted_weeks
        Of the last weeks reviewed, how many were desired, at most as many as are wanted.
    rows
        Positions of the rows that make the grade.
    """

    category: str
    grade: str | None
    desired_weeks: int
    wanted_weeks: int
    rows: tuple[int, ...]


class ConductFound(InWords, frozen=True, kw_only=True):
    """The conduct of one person as known on a day.

    Attributes
    ----------
    consulted
        Whether the records of conduct were consulted at all.
    weeks
        Per category the weeks, the last one first.
    period
        Per category the last six weeks.
    rows
        Every row that the weeks and the period rest on, in the order of the record.
    """

    kind: ClassVar[str] = "rs-conduct"

    person_id: str
    as_of: dt.date
    consulted: bool
    weeks: tuple[WeekFound, ...]
    period: tuple[PeriodFound, ...]
    rows: tuple[RowFound, ...]

    @property
    def six_weeks_desired(self) -> bool | None:
        """Whether the last six weeks were desired in both categories; None if nobody can tell."""
        grades = [found.grade for found in self.period]
        if all(grade == DESIRED for grade in grades):
            return True
        return None if all(grade in (None, DESIRED) for grade in grades) else False

    def of(self, category: str) -> PeriodFound:
        """The last six weeks in a category.

        Raises
        ------
        ConductError
            If there is no such category.
        """
        for found in self.period:
            if found.category == category:
                return found
        raise ConductError(f"category {category!r}; expected one of {', '.join(CATEGORIES)}")

    def sections(self, lang: Lang) -> list[Section]:
        """Headings with their lines."""
        return _outline(self, lang)

    def plot(self, *, language: Lang = "nl", ax: Axes | None = None) -> Axes:
        """The weeks as a strip for each category, the last one at the right."""
        from risicoscreener.conduct.pictures import plot_weeks

        return plot_weeks(self, language, ax)


def classify_one(
    dossier: Dossier, as_of: dt.date, definitions: Definitions, weeks: int
) -> ConductFound:
    """Conduct of one person; see `classify`."""
    check_weeks(weeks)
    counted = count_rows(dossier, as_of, definitions)
    found_weeks = tuple(
        _week(counted, category, as_of, k) for category in CATEGORIES for k in range(weeks)
    )
    period = tuple(_period(counted, category, as_of) for category in CATEGORIES)
    used = {row for week in found_weeks for row in week.rows}
    used |= {row for part in period for row in part.rows}
    rows = tuple(_row(one) for one in counted if one.position in used)
    return ConductFound(
        person_id=dossier.person_id,
        as_of=as_of,
        consulted=is_consulted(dossier, "conduct", as_of),
        weeks=found_weeks,
        period=period,
        rows=rows,
    )


def check_weeks(weeks: int) -> None:
    """Raise ConductError for a number of weeks that cannot be meant."""
    if not isinstance(weeks, int) or isinstance(weeks, bool) or not 1 <= weeks <= LONGEST:
        raise ConductError(f"weeks is {weeks!r}; expected a whole number from 1 to {LONGEST}")


def _week(counted: list[Counted], category: str, as_of: dt.date, k: int) -> WeekFound:
    """The k-th week back: the seven days up to ``as_of`` are the first."""
    ends_on = as_of - dt.timedelta(days=DAYS * k)
    begins_on = ends_on - dt.timedelta(days=DAYS - 1)
    inside = [
        one
        for one in counted
        if one.row.category == category and begins_on <= one.row.occurred_on <= ends_on
    ]
    grade = worst(inside)
    if grade == DESIRED and not any(one.row.kind == REVIEW for one in inside):
        grade = None
    return WeekFound(
        category=category,
        begins_on=begins_on,
        ends_on=ends_on,
        grade=grade,
        rows=_positions(inside, grade),
    )


def worst(counted: list[Counted]) -> str | None:
    """The worst grade of some rows; None if there are none."""
    if not counted:
        return None
    return GRADES[max(GRADES.index(one.grade) for one in counted)]


def _positions(counted: list[Counted], grade: str | None) -> tuple[int, ...]:
    return tuple(one.position for one in counted if one.grade == grade)


@cache
def spans() -> tuple[int, int, int]:
    """Days back for desired reviews and for what is worse, and how many reviews are wanted.

    They are those of the features that policies read.
    """
    reviews = catalogue()["desired_weeks_reintegration_6w"]
    worse = catalogue()["undesired_incidents_6w"]
    assert reviews.window_days is not None
    assert worse.window_days is not None
    assert reviews.cap is not None
    return reviews.window_days, worse.window_days, int(reviews.cap)


def _period(counted: list[Counted], category: str, as_of: dt.date) -> PeriodFound:
    reviewed_days, worse_days, wanted = spans()
    own = [
        (one, (as_of - one.row.occurred_on).days) for one in counted if one.row.category == category
    ]
    bad = [one for one, ago in own if ago < worse_days and one.grade != DESIRED]
    good = [
        one
        for one, ago in own
        if ago < reviewed_days and one.row.kind == REVIEW and one.grade == DESIRED
    ]
    desired = min(len(good), wanted)
    grade = worst(bad) if bad else DESIRED if desired == wanted else None
    return PeriodFound(
        category=category,
        grade=grade,
        desired_weeks=desired,
        wanted_weeks=wanted,
        rows=_positions(bad, grade) if bad else _positions(good, DESIRED),
    )


def _row(one: Counted) -> RowFound:
    row = one.row
    return RowFound(
        position=one.position,
        occurred_on=row.occurred_on,
        recorded_at=row.recorded_at,
        kind=row.kind,
        category=row.category,
        subject=row.subject,
        recorded=row.grade,
        counts_as=one.kind,
        grade=one.grade,
        rules=tuple(
            RuleApplied(
                definition=definition.id,
                id=rule.id,
                text=rule.text,
                source=rule.source,
                to_verify=rule.to_verify,
            )
            for definition, rule in one.rules
        ),
    )


# --- in words ---------------------------------------------------------------------------------


def _outline(found: ConductFound, lang: Lang) -> list[Section]:
    title = say("heading", "title", lang, person_id=found.person_id, as_of=found.as_of)
    period = [_say_period(part, lang) for part in found.period]
    answer = {True: "yes", False: "no", None: "unknown"}[found.six_weeks_desired]
    period.append(say("phrase", "both", lang, answer=say("phrase", answer, lang)))
    unread = [] if found.consulted else [say("phrase", "not_consulted", lang)]
    return [
        (title, unread),
        (say("heading", "period", lang), period),
        (say("heading", "weeks", lang), [_say_week(week, lang) for week in found.weeks]),
        (say("heading", "rows", lang), [_say_row(row, lang) for row in found.rows]),
    ]


def _say_period(part: PeriodFound, lang: Lang) -> str:
    return say(
        "phrase",
        "period",
        lang,
        category=code_label("conduct_category", part.category, lang),
        grade=say_grade(part.grade, lang),
        weeks=part.desired_weeks,
        wanted=part.wanted_weeks,
    )


def _say_week(week: WeekFound, lang: Lang) -> str:
    return say(
        "phrase",
        "week",
        lang,
        category=code_label("conduct_category", week.category, lang),
        begins_on=week.begins_on,
        ends_on=week.ends_on,
        grade=say_grade(week.grade, lang),
    )


def _say_row(row: RowFound, lang: Lang) -> str:
    grade = say_grade(row.grade, lang)
    if row.recorded != row.grade:
        recorded = say_grade(row.recorded, lang)
        grade = say("phrase", "counts_as", lang, recorded=recorded, grade=grade)
    kind = code_label("conduct_kind", row.kind, lang)
    if row.counts_as != row.kind:
        counted = code_label("conduct_kind", row.counts_as, lang)
        kind = say("phrase", "counts_as", lang, recorded=kind, grade=counted)
    said = say(
        "phrase",
        "row",
        lang,
        position=row.position + 1,
        day=row.occurred_on,
        kind=kind,
        subject=code_label("conduct_subject", row.subject, lang),
        category=code_label("conduct_category", row.category, lang),
        grade=grade,
    )
    return "; ".join([said, *(_say_rule(rule, lang) for rule in row.rules)])


def _say_rule(rule: RuleApplied, lang: Lang) -> str:
    source = rule.source
    if rule.to_verify:
        source = f"{source}, {say('phrase', 'to_verify', lang)}"
    return say(
        "phrase", "by", lang, text=rule.text.text(lang), definition=rule.definition, source=source
    )
