"""A dossier as a stream of facts, and a person whose picture moves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from risicoscreener.dossier import Dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.screening.picture import Event

DAY = dt.timedelta(days=1)


def stream(dossier: Dossier) -> list[Event]:
    """The facts in the order in which they were recorded, those of the future left out."""
    found = [
        Event(name, row)
        for name in tables()
        for row in getattr(dossier, name)
        if row.recorded_at <= dt.date.today()
    ]
    return sorted(found, key=lambda event: event.fact.recorded_at)


def without_facts(dossier: Dossier) -> dict[str, Any]:
    return {"person_id": dossier.person_id, "person": dossier.person}


def person(person_id: str = "SYN-000001") -> dict[str, Any]:
    return {"person_id": person_id, "person": {"birth_date": "1990-01-01", "sex": "male"}}


def stay(**changes: Any) -> dict[str, Any]:
    return {
        "recorded_at": "2022-01-03",
        "arrived_on": "2022-01-03",
        "regime": "sentence",
        "sentence_days": 600,
        "conditional_days": 0,
        "judged_on": "2021-10-01",
        "expected_release_on": "2023-08-26",
        "conditional_release_on": "2023-08-26",
        "tbs_with_care": False,
        "removal_or_extradition": False,
        "unlawful_stay": False,
        **changes,
    }


def inquiry(subject: str, day: str = "2022-01-04") -> dict[str, Any]:
    return {
        "recorded_at": day,
        "subject": subject,
        "source": "prison",
        "consulted_on": day,
        "complete": True,
    }


def incident(day: str, grade: str = "undesired", **changes: Any) -> dict[str, Any]:
    return {
        "recorded_at": day,
        "occurred_on": day,
        "kind": "incident",
        "category": "living_climate",
        "grade": grade,
        **changes,
    }


def index_case() -> dict[str, Any]:
    return {
        "recorded_at": "2022-01-03",
        "offence_class": "drugs",
        "offence_on": "2021-05-01",
        "judged_on": "2021-10-01",
        "sanction": "custodial",
        "severity": 3,
        "custodial_days": 600,
        "index_offence": True,
    }
