"""The picture of someone over time: what is known, what moves, and what has to be looked at."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risicoscreener.screening.admissible import (
        AdmissibleTable,
        AdmissibleTimeline,
        admissible,
        admissible_many,
    )
    from risicoscreener.screening.picture.alerts import Alert, Watch
    from risicoscreener.screening.picture.course import Course, course_of
    from risicoscreener.screening.picture.current import CurrentPicture, Standing
    from risicoscreener.screening.picture.events import Event, EventFile, FactRef, read_events
    from risicoscreener.screening.picture.following import Followed, OutcomeSpan, Step, follow
    from risicoscreener.screening.picture.latch import BandLatch
    from risicoscreener.screening.picture.moved import Because, Moved
    from risicoscreener.screening.picture.rescreen import RescreenList, rescreen_list

_HOME = {
    "AdmissibleTable": "screening.admissible",
    "AdmissibleTimeline": "screening.admissible",
    "admissible": "screening.admissible",
    "admissible_many": "screening.admissible",
    "Course": "screening.picture.course",
    "course_of": "screening.picture.course",
    "CurrentPicture": "screening.picture.current",
    "Standing": "screening.picture.current",
    "Event": "screening.picture.events",
    "EventFile": "screening.picture.events",
    "FactRef": "screening.picture.events",
    "read_events": "screening.picture.events",
    "Alert": "screening.picture.alerts",
    "Watch": "screening.picture.alerts",
    "BandLatch": "screening.picture.latch",
    "Followed": "screening.picture.following",
    "OutcomeSpan": "screening.picture.following",
    "Step": "screening.picture.following",
    "follow": "screening.picture.following",
    "Because": "screening.picture.moved",
    "Moved": "screening.picture.moved",
    "RescreenList": "screening.picture.rescreen",
    "rescreen_list": "screening.picture.rescreen",
}

__all__ = [
    "AdmissibleTable",
    "AdmissibleTimeline",
    "Alert",
    "BandLatch",
    "Because",
    "Course",
    "CurrentPicture",
    "Event",
    "EventFile",
    "FactRef",
    "Followed",
    "Moved",
    "OutcomeSpan",
    "RescreenList",
    "Standing",
    "Step",
    "Watch",
    "admissible",
    "admissible_many",
    "course_of",
    "follow",
    "read_events",
    "rescreen_list",
]


def __getattr__(name: str) -> object:
    # Tables need pyarrow, which who follows one person does not pay for.
    if name in _HOME:
        return getattr(import_module(f"risicoscreener.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
