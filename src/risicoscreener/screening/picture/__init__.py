"""The picture of someone over time: what is known, what moves, and what has to be looked at."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risicoscreener.screening.picture.alerts import Alert, Watch
    from risicoscreener.screening.picture.current import CurrentPicture, Standing
    from risicoscreener.screening.picture.events import Event, EventFile, FactRef, read_events
    from risicoscreener.screening.picture.following import Followed, OutcomeSpan, Step, follow
    from risicoscreener.screening.picture.latch import BandLatch
    from risicoscreener.screening.picture.moved import Because, Moved
    from risicoscreener.screening.picture.rescreen import RescreenList, rescreen_list

_HOME = {
    "CurrentPicture": "current",
    "Standing": "current",
    "Event": "events",
    "EventFile": "events",
    "FactRef": "events",
    "read_events": "events",
    "Alert": "alerts",
    "Watch": "alerts",
    "BandLatch": "latch",
    "Followed": "following",
    "OutcomeSpan": "following",
    "Step": "following",
    "follow": "following",
    "Because": "moved",
    "Moved": "moved",
    "RescreenList": "rescreen",
    "rescreen_list": "rescreen",
}

__all__ = [
    "Alert",
    "BandLatch",
    "Because",
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
    "follow",
    "read_events",
    "rescreen_list",
]


def __getattr__(name: str) -> object:
    # Tables need pyarrow, which who follows one person does not pay for.
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
