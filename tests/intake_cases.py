"""Small dossiers for tests of the intake: a detention from 1 January 2024, and what is added."""

from __future__ import annotations

import datetime as dt
from typing import Any

from risicoscreener.dossier import Dossier, read_dossier

ARRIVED = dt.date(2024, 1, 1)


def day(number: int) -> dt.date:
    """A day of the detention; 0 is the day of arrival."""
    return ARRIVED + dt.timedelta(days=number)


def iso(number: int) -> str:
    return day(number).isoformat()


def a_dossier(regime: str = "sentence", **tables: list[dict[str, Any]]) -> Dossier:
    """A dossier with a detention and the facts given."""
    stay = {"recorded_at": iso(0), "arrived_on": iso(0), "regime": regime}
    person = {"birth_date": "1990-05-01", "sex": "male"}
    plain = {"person_id": "case-0001", "person": person, "detentions": [stay], **tables}
    return read_dossier(plain)


def inquiry(
    subject: str, source: str, on: int, complete: bool = True, **more: Any
) -> dict[str, Any]:
    return {
        "recorded_at": iso(on),
        "subject": subject,
        "source": source,
        "consulted_on": iso(on),
        "complete": complete,
        **more,
    }


def a_home(on: int = 3, status: str = "own_address", **more: Any) -> dict[str, Any]:
    return {
        "recorded_at": iso(on),
        "status": status,
        "from_on": "2020-02-01",
        "municipality": "GM0344",
        **more,
    }


def a_document(on: int, finding: str = "yes", **more: Any) -> dict[str, Any]:
    return {
        "recorded_at": iso(on),
        "kind": "valid_id",
        "finding": finding,
        "from_on": "2022-01-01",
        **more,
    }
