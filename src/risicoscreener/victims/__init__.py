"""Interests of victims as the record shows them, and who must be told of what by when.

>>> from risicoscreener.victims import duties, interests
>>> print(interests(dossier, as_of).text("en"))                              # doctest: +SKIP
>>> duties(dossier, as_of)                                                   # doctest: +SKIP

Nothing about victims enters a model, and a result shows it only to those who may see it
(`ScreeningResult.for_audience`).
"""

from __future__ import annotations

from risicoscreener.victims.duties import (
    OPEN,
    Duty,
    DutyFound,
    Planned,
    duties,
    duties_text,
    list_duties,
    shipped_duties,
)
from risicoscreener.victims.interests import Interests, VictimFound, interests

__all__ = [
    "OPEN",
    "Duty",
    "DutyFound",
    "Interests",
    "Planned",
    "VictimFound",
    "duties",
    "duties_text",
    "interests",
    "list_duties",
    "shipped_duties",
]
