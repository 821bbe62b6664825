"""What is found of one person: the course of each requirement, and when what is possible."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from risicoscreener.screening.picture.wording import joined, phrase, say
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from risicoscreener.screening.result import RequirementLevel


class Span(Struct, frozen=True):
    """Days in a row, both included."""

    first: dt.date
    last: dt.date


class RequirementSpan(Struct, frozen=True):
    """Days in a row on which a requirement is at one level, both included."""

    level: RequirementLevel
    first: dt.date
    last: dt.date


class RequirementCourse(Struct, frozen=True, kw_only=True):
    """One requirement of one version of a policy, over the days on which that version applies."""

    name: str
    policy: str
    text: Texts
    source: str
    spans: tuple[RequirementSpan, ...]


class Waiting(Struct, frozen=True):
    """A value that a requirement waits for, and why it is unknown."""

    feature: str
    text: Texts


class Lacking(Struct, frozen=True, kw_only=True):
    """A requirement that is not met on the day of the picture.

    Attributes
    ----------
    met_from
        First later day on which it is met without a new fact; None if only a new fact can do it.
    supplier
        Who can supply what is unknown.
    waiting
        What it waits for, if it is unknown.
    """

    name: str
    text: Texts
    level: RequirementLevel
    met_from: dt.date | None
    supplier: Texts
    waiting: tuple[Waiting, ...] = ()


class KindTimeline(Struct, frozen=True, kw_only=True):
    """When one kind of decision is admissible, by the facts known on the day of the picture.

    Attributes
    ----------
    windows
        Days in a row on which all requirements are met, from the day of the picture on.
    lacking
        The requirements that are not met on that day.
    without_policy
        Days on which no version of the policy applies.
    """

    decision: str
    title: Texts
    as_of: dt.date
    requirements: tuple[RequirementCourse, ...]
    windows: tuple[Span, ...]
    lacking: tuple[Lacking, ...]
    without_policy: tuple[Span, ...] = ()

    @property
    def possible_from(self) -> dt.date | None:
        """First day, from that of the picture on, on which all requirements are met."""
        return self.windows[0].first if self.windows else None

    @property
    def possible_until(self) -> dt.date | None:
        """Last such day that was looked at; between the two there may be days without."""
        return self.windows[-1].last if self.windows else None

    @property
    def is_possible(self) -> bool:
        """Whether all requirements are met on the day of the picture."""
        return self.possible_from == self.as_of

    def level(self, name: str, day: dt.date) -> RequirementLevel | None:
        """The level of a requirement on a day; None if no version of that day has it."""
        for course in self.requirements:
            if course.name != name:
                continue
            for span in course.spans:
                if span.first <= day <= span.last:
                    return span.level
        return None


class AdmissibleTimeline(Struct, frozen=True, kw_only=True):
    """From when what is possible, for one person, if no fact changes after the day of the picture.

    Attributes
    ----------
    first, last
        The days that were looked at: from the arrival (or the day of the picture) to the last
        of release and conditional release that is expected.
    release_on
        That day; None if no such day is known, and then ``last`` is `DAYS_AHEAD` ahead.
    """

    person_id: str
    as_of: dt.date
    first: dt.date
    last: dt.date
    release_on: dt.date | None
    kinds: tuple[KindTimeline, ...]

    def __getitem__(self, decision: str) -> KindTimeline:
        for found in self.kinds:
            if found.decision == decision:
                return found
        raise KeyError(f"{decision!r} is not among {', '.join(k.decision for k in self.kinds)}")

    def text(self, lang: str = "nl") -> str:
        """The time line in words, in ``nl`` or ``en``."""
        return "\n".join(_lines(self, lang)) + "\n"

    def __str__(self) -> str:
        return self.text()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        for found, kind in zip(plain["kinds"], self.kinds, strict=True):
            for name in ("possible_from", "possible_until"):
                day = getattr(kind, name)
                found[name] = None if day is None else day.isoformat()
        return plain

    def to_frame(self) -> pd.DataFrame:
        """A row for each span: decision, policy, requirement, level, first and last day."""
        import pandas as pd

        rows = [
            (kind.decision, course.policy, course.name, span.level, span.first, span.last)
            for kind in self.kinds
            for course in kind.requirements
            for span in course.spans
        ]
        names = ["decision", "policy", "requirement", "level", "first", "last"]
        frame = pd.DataFrame(rows, columns=names)
        for name in ("first", "last"):
            frame[name] = pd.to_datetime(frame[name])
        return frame

    def plot(self, ax: Axes | None = None, language: str = "nl") -> Axes:
        """The time line as a picture; see `plot_admissible`."""
        from risicoscreener.screening.picture.drawing import plot_admissible

        return plot_admissible(self, language=language, ax=ax)


def _lines(timeline: AdmissibleTimeline, language: str) -> Iterator[str]:
    lang = check_language(language)
    tell = partial(say, "admissible", lang=lang)
    yield tell("title", person_id=timeline.person_id, day=timeline.as_of)
    if timeline.release_on is None:
        yield tell("no_release", day=timeline.last)
    else:
        yield tell("release", day=timeline.release_on)
    for kind in timeline.kinds:
        yield ""
        yield tell("kind", title=kind.title, decision=kind.decision)
        yield f"  {_possible(kind).text(lang)}"
        for item in kind.lacking:
            yield f"  - {_lacking_text(item).text(lang)}"
            for one in item.waiting:
                yield f"      {tell('waits', what=one.text, supplier=item.supplier)}"
        for span in kind.without_policy:
            yield f"  - {tell('no_policy', first=span.first, last=span.last)}"


def _possible(kind: KindTimeline) -> Texts:
    if not kind.windows:
        return phrase("admissible", "never")
    spans = [
        phrase("admissible", "one_day", day=window.first)
        if window.first == window.last
        else phrase("admissible", "span", first=window.first, last=window.last)
        for window in kind.windows
    ]
    return phrase("admissible", "possible", spans=joined(spans, ", "))


def _lacking_text(item: Lacking) -> Texts:
    if item.met_from is not None:
        return phrase("admissible", "met_from", text=item.text, day=item.met_from)
    return phrase("admissible", f"only_fact_{item.level}", text=item.text)
