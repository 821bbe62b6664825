"""From which day what is possible: the legal requirements as a time line, for one and for many.

Each requirement is asked on each day by the test that decides, with the facts that are known on
the day of the picture and no others. So thirds, sixths and terms have no second definition, and
the version of the policy changes on the day on which the law does. A day in the past is seen as
it was known on that day.
"""

from __future__ import annotations

from risicoscreener.screening.admissible.many import NEVER, AdmissibleTable, admissible_many
from risicoscreener.screening.admissible.one import admissible
from risicoscreener.screening.admissible.timeline import (
    AdmissibleTimeline,
    KindTimeline,
    Lacking,
    RequirementCourse,
    RequirementSpan,
    Span,
    Waiting,
)

__all__ = [
    "NEVER",
    "AdmissibleTable",
    "AdmissibleTimeline",
    "KindTimeline",
    "Lacking",
    "RequirementCourse",
    "RequirementSpan",
    "Span",
    "Waiting",
    "admissible",
    "admissible_many",
]
