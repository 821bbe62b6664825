"""One full dossier, for timing: 15 convictions, 6 debts, 5 housing spells, 20 conduct rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

AS_OF = dt.date(2024, 6, 1)


def _day(days_ago: int) -> str:
    return (AS_OF - dt.timedelta(days=days_ago)).isoformat()


def full_dossier() -> dict[str, Any]:
    """A dossier as plain values, with every table filled as for someone with a long history."""
    classes = ("theft", "burglary", "violence", "drugs", "threat")
    convictions = [
        {
            "recorded_at": _day(6400 - 400 * i),
            "offence_class": classes[i % 5],
            "offence_on": _day(6900 - 400 * i),
            "judged_on": _day(6500 - 400 * i),
            "sanction": "custodial" if i % 3 == 0 else "community_service",
            "severity": 1 + i % 4,
            **({"custodial_days": 60 + 30 * i} if i % 3 == 0 else {}),
            **({"index_offence": True} if i == 14 else {}),
        }
        for i in range(15)
    ]
    debts = [
        {
            "recorded_at": _day(900 - 100 * i),
            "kind": ("fine", "health_insurance", "rent", "tax", "consumer", "fine")[i],
            "creditor": ("state", "insurer", "landlord", "state", "private", "state")[i],
            "amount_eur": 400.0 + 350.0 * i,
            "since": _day(950 - 100 * i),
            **({"arrangement": "agreed", "arranged_on": _day(300)} if i == 0 else {}),
        }
        for i in range(6)
    ]
    housing = [
        {
            "recorded_at": _day(3590 - 700 * i),
            "status": ("own_address", "with_family", "shelter", "none", "with_family")[i],
            "from_on": _day(3600 - 700 * i),
            **({"until_on": _day(2901 - 700 * i)} if i < 4 else {}),
        }
        for i in range(5)
    ]
    conduct = [
        {
            "recorded_at": _day(280 - 14 * i),
            "occurred_on": _day(281 - 14 * i),
            "kind": "incident" if i in (3, 9) else "week_review",
            "category": "living_climate" if i % 2 else "reintegration",
            "grade": "undesired" if i in (3, 9) else "desired",
        }
        for i in range(20)
    ]
    return {
        "person_id": "SYN-FULL",
        "person": {"birth_date": "1988-03-14", "sex": "male"},
        "detentions": [
            {
                "recorded_at": _day(420),
                "arrived_on": _day(421),
                "regime": "sentence",
                "sentence_days": 730,
                "judged_on": _day(800),
                "expected_release_on": _day(-250),
                "conditional_release_on": _day(-130),
                "tbs_with_care": False,
                "removal_or_extradition": False,
                "unlawful_stay": False,
            }
        ],
        "convictions": convictions,
        "debts": debts,
        "housing": housing,
        "income_work": [
            {
                "recorded_at": _day(1500),
                "kind": "work",
                "from_on": _day(1510),
                "until_on": _day(1000),
            }
        ],
        "identity_care": [
            {"recorded_at": _day(400), "kind": "valid_id", "finding": "yes", "from_on": _day(400)}
        ],
        "conduct": conduct,
        "programme": [
            {"recorded_at": _day(395), "kind": "plan_made", "occurred_on": _day(396)},
            {
                "recorded_at": _day(395),
                "kind": "goal",
                "occurred_on": _day(396),
                "goal": "work_income",
                "supports_leave": True,
                "status": "met",
                "status_on": _day(90),
            },
            {"recorded_at": _day(200), "kind": "promotion", "occurred_on": _day(200)},
        ],
        "inquiries": [
            {
                "recorded_at": _day(30),
                "subject": subject,
                "source": "prison",
                "consulted_on": _day(31),
                "complete": True,
            }
            for subject in (
                "convictions",
                "debts",
                "housing",
                "income_work",
                "identity_care",
                "conduct",
                "programme",
                "liberties",
                "victims",
                "assessments",
            )
        ],
    }
