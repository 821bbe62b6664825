"""Small worlds in which every outcome is written down, without dossiers or models."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from risicoscreener.impact.people import People
from risicoscreener.impact.screens import (
    DEEP,
    DENY,
    GRANT,
    STATES,
    WISHES,
    KindScreens,
    Screens,
    meetings_of,
    phase_of,
)
from risicoscreener.impact.settings import Asking, Assessing, Settings, Team

START = dt.date(2022, 1, 3)
DAY = (START - dt.date(1970, 1, 1)).days


def people(release: list[int], **changes: Any) -> People:
    """People who are released so many days after the start, and who came a year before it."""
    n = len(release)
    given: dict[str, Any] = {
        "dossiers": None,
        "arrived": np.full(n, DAY - 365),
        "release": DAY + np.array(release),
        "conditional": np.full(n, -1),
        "sentence_days": np.full(n, 1000),
        "prison": np.array([f"PI-{i % 3:02}" for i in range(n)]),
        "groups": {"sex": np.array(["male", "female"] * n)[:n]},
        "failure": np.full(n, 0.02),
        "offence_per_day": np.full(n, 0.001),
        "dangerous": np.arange(n) % 3 == 0,
    }
    return People(**{**given, **changes})


def settings(capacity: Any = 5.0, **changes: Any) -> Settings:
    """Three months of leave, decided every week, of people who ask twice a month."""
    given: dict[str, Any] = {
        "months": 3,
        "asking": (Asking(kind="leave", per_month=2.0),),
        "assessing": Assessing(service_days=7.0),
        "replicates": 2,
    }
    given |= changes
    teams = capacity if isinstance(capacity, tuple) else (Team(per_week=capacity),)
    return Settings(start=START, teams=teams, **given)


def told(
    who: People,
    of: Settings,
    outcomes: Any = (DEEP, DEEP, GRANT, DENY, DEEP),
    *,
    version_from: int | None = None,
    validity_days: int = 365,
) -> Screens:
    """Screens with the same outcome by state for everybody on every day.

    Parameters
    ----------
    outcomes
        Five outcomes by state; or a function of rows, meetings and a generator that gives a table.
    version_from
        Meeting from which a second version decides.
    """
    kinds = {}
    for asking in of.asking:
        meetings = meetings_of(of)
        begin, end = phase_of(asking, who)
        first = np.searchsorted(meetings, begin)
        last = np.maximum(np.searchsorted(meetings, end), first)
        counts = last - first
        offset = np.cumsum(counts) - counts
        meeting = np.repeat(first, counts) + np.arange(counts.sum()) - np.repeat(offset, counts)
        table = np.empty((STATES, len(meeting)), np.int8)
        if callable(outcomes):
            table[:] = outcomes(meeting)
        else:
            table[:] = np.array(outcomes)[:, None]
        later = meeting >= (len(meetings) if version_from is None else version_from)
        kinds[asking.kind] = KindScreens(
            asking.kind,
            first,
            last,
            offset,
            table,
            np.ones((STATES, len(meeting), len(WISHES)), bool),
            later.astype(np.int16),
            ("leave/old", "leave/new"),
            (validity_days, validity_days),
        )
    return Screens(who, meetings_of(of), kinds)
