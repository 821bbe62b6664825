"""Decisions and entries for tests of the record."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from risicoscreener.screening.record import Actor, ConditionSet, Decision, Reason, digest_of
from risicoscreener.screening.record.chain import Draft
from risicoscreener.screening.result import ScreeningResult

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
DIRECTOR, OFFICER = Actor("director", "DIR-00A1"), Actor("selection_officer", "SF-0B02")
ARCHIVIST = Actor("archivist", "ARC-0001")


def decide(result: ScreeningResult, outcome: str = "", **changes: Any) -> Decision:
    """A decision that takes its time and sets every condition, with what is changed in it."""
    chosen = outcome or result.outcome
    given: dict[str, Any] = {
        "screening": digest_of(result),
        "decided_by": DIRECTOR,
        "prison": "PI-1",
        "opened_at": NOON,
        "decided_at": NOON + dt.timedelta(minutes=10),
        "seconds": 400.0,
        "outcome": chosen,
        "reasons": () if chosen == result.outcome else (Reason("facts_wrong"),),
        "conditions": tuple(ConditionSet(c.id) for c in result.conditions)
        if chosen != "deny"
        else (),
    }
    return Decision(**(given | changes))


def draft(text: str, subject: str = "SYN-000001", **named: Any) -> Draft:
    """An entry about somebody that says a text."""
    return Draft(
        kind="screening",
        category="penitentiary_file",
        body=json.dumps(text).encode(),
        subject=subject,
        **named,
    )
