"""A dossier that grows from the sentences of a scenario.

A new case file is that of somebody of whom everything is known and in order; each sentence
changes one fact. Days that the sentences leave open follow from the first day of the detention
and the day of the decision.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(weeks=1)
SUBJECTS = {
    "convictions": "justice_documentation",
    "debts": "collection_agency",
    "housing": "municipality",
    "income_work": "self_report",
    "identity_care": "health_service",
    "conduct": "prison",
    "programme": "prison",
    "liberties": "prison",
    "victims": "victim_service",
    "assessments": "probation",
}
"""Parts of a dossier, each with the register that tells of it."""
IMPAIRMENTS = ("intellectual_disability", "mental_health", "addiction")
CATEGORIES = ("reintegration", "living_climate")
REVIEWED_WEEKS = 26
Row = dict[str, Any]


@dataclass
class CaseFile:
    """What a scenario says of somebody.

    ``promoted_on`` is a day, or a number of days after arrival; ``weeks`` is the number of
    weekly reviews with desired conduct before the decision, by category.
    """

    arrived_on: dt.date = dt.date(2017, 1, 1)
    detention: Row = field(default_factory=dict)
    release_in_days: int | None = None
    conditional_release_in_days: int | None = None
    offence: Row = field(default_factory=lambda: {"offence_class": "theft", "severity": 2})
    address: Row | None = field(
        default_factory=lambda: {"status": "with_family", "address_check": "accepted"}
    )
    rows: dict[str, list[Row]] = field(default_factory=dict)
    unconsulted: set[str] = field(default_factory=set)
    incompletely_consulted: set[str] = field(default_factory=set)
    victims_none_known: bool = True
    promoted_on: dt.date | int | None = 42
    plan_made: bool = True
    goal: Row | None = field(default_factory=lambda: {"goal": "housing", "supports_leave": True})
    willing: bool | None = True
    willing_to_improve: bool | None = None
    impaired_by: str | None = None
    request: Row = field(default_factory=dict)
    weeks: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CATEGORIES, REVIEWED_WEEKS))
    other_week: dict[str, str] = field(default_factory=dict)
    bands: dict[str, str] = field(default_factory=dict)
    band: str = "laag"
    near_cut_off: bool = False
    supported: bool = True
    quarantined_rows: int = 0

    def add(self, table: str, **row: Any) -> None:
        """A fact more; it is recorded on the day that it happened."""
        self.rows.setdefault(table, []).append(row)

    def nothing_known_of(self, table: str) -> None:
        """No fact, and no register consulted."""
        self.rows.pop(table, None)
        self.unconsulted.add(table)

    def dossier(self, decided_on: dt.date, asked: str | None) -> Row:
        """The dossier as plain values, as it could be on the day of the decision.

        Parameters
        ----------
        asked
            The liberty that is asked for, of which the decision is still open.
        """
        tables = {
            "detentions": [self._detention(decided_on)],
            "convictions": [self._offence(), *self._rows("convictions")],
            "debts": self._rows("debts"),
            "housing": self._housing(),
            "conduct": self._conduct(decided_on),
            "programme": self._programme(decided_on),
            "identity_care": self._impairments(),
            "liberties": [*self._rows("liberties"), *self._request(asked, decided_on)],
            "victims": self._victims(),
            "assessments": self._rows("assessments"),
            "inquiries": self._inquiries(),
        }
        return {
            "person_id": "SYN-000001",
            "person": {"birth_date": "1985-03-01", "sex": "male"},
            **{
                name: [_plain(row) for row in rows]
                for name, rows in tables.items()
                if name not in self.unconsulted
            },
        }

    def _rows(self, table: str) -> list[Row]:
        return self.rows.get(table, [])

    def _detention(self, decided_on: dt.date) -> Row:
        row = {
            "recorded_at": self.arrived_on,
            "arrived_on": self.arrived_on,
            "regime": "sentence",
            "unit": "regular",
            "prison": "PI-01",
            "conditional_days": 0,
            "judged_on": self.arrived_on,
            "tbs_with_care": False,
            "removal_or_extradition": False,
            "unlawful_stay": False,
            "credited_days": 0,
            "isd_claimed": False,
            "prosecuted_inside": False,
            "suspended_part_executed": False,
            "release_uncertain": False,
        } | self.detention
        length = row.get("sentence_days")
        if length is not None and "expected_release_on" not in row:
            unconditional = length - (row["conditional_days"] or 0)
            row["expected_release_on"] = self.arrived_on + unconditional * DAY
        if self.release_in_days is not None:
            row["expected_release_on"] = decided_on + self.release_in_days * DAY
        if self.conditional_release_in_days is not None:
            row["conditional_release_on"] = decided_on + self.conditional_release_in_days * DAY
        return {name: value for name, value in row.items() if value is not None}

    def _offence(self) -> Row:
        judged_on = self.detention.get("judged_on", self.arrived_on) or self.arrived_on
        return {
            "recorded_at": max(judged_on, self.arrived_on),
            "offence_on": min(judged_on, self.arrived_on) - 200 * DAY,
            "judged_on": judged_on,
            "sanction": "custodial",
            "index_offence": True,
        } | self.offence

    def _housing(self) -> list[Row]:
        if self.address is None:
            return []
        return [
            {"recorded_at": self.arrived_on, "from_on": self.arrived_on - 900 * DAY} | self.address
        ]

    def _impairments(self) -> list[Row]:
        return [
            {
                "recorded_at": self.arrived_on,
                "from_on": self.arrived_on,
                "kind": kind,
                "finding": "yes" if kind == self.impaired_by else "no",
            }
            for kind in IMPAIRMENTS
        ]

    def _request(self, asked: str | None, decided_on: dt.date) -> list[Row]:
        if asked is None:
            return []
        day = max(self.arrived_on, decided_on - 14 * DAY)
        row = {
            "recorded_at": day,
            "asked_on": day,
            "kind": asked,
            "tension_at_address": False,
            "danger_to_prisoner": False,
            "social_unrest": False,
            "prosecutor_objects": False,
        } | self.request
        return [{name: value for name, value in row.items() if value is not None}]

    def _victims(self) -> list[Row]:
        known = self._rows("victims")
        if known or not self.victims_none_known:
            return known
        day = self.arrived_on
        return [{"recorded_at": day, "known_on": day, "interest": "none_known"}]

    def _conduct(self, decided_on: dt.date) -> list[Row]:
        return [*self._weekly_reviews(decided_on), *self._rows("conduct")]

    def _weekly_reviews(self, decided_on: dt.date) -> list[Row]:
        reviews = []
        for category in CATEGORIES:
            for week in range(REVIEWED_WEEKS):
                desired = week < self.weeks[category]
                day = decided_on - DAY - week * WEEK
                if day < self.arrived_on or not (desired or category in self.other_week):
                    continue
                reviews.append(
                    {
                        "recorded_at": day,
                        "occurred_on": day,
                        "kind": "week_review",
                        "category": category,
                        "grade": "desired" if desired else self.other_week[category],
                    }
                )
        return reviews

    def _programme(self, decided_on: dt.date) -> list[Row]:
        rows = []
        if self.plan_made:
            rows.append({"kind": "plan_made", "occurred_on": self.arrived_on + 14 * DAY})
        if self.goal is not None:
            rows.append({"kind": "goal", "occurred_on": self.arrived_on + 14 * DAY} | self.goal)
        if self.willing is not None:
            talk = {"kind": "conditions_talk", "willing": self.willing}
            rows.append({"occurred_on": self.arrived_on + 20 * DAY} | talk)
        if self.willing_to_improve is not None:
            talk = {"kind": "care_talk", "willing": self.willing_to_improve}
            rows.append({"occurred_on": self.arrived_on + 20 * DAY} | talk)
        if self.promoted_on is not None:
            day = self.promoted_on
            promoted_on = day if isinstance(day, dt.date) else self.arrived_on + day * DAY
            rows.append({"kind": "promotion", "occurred_on": min(promoted_on, decided_on)})
        rows = [{"recorded_at": row["occurred_on"]} | row for row in rows]
        return [*rows, *self._rows("programme")]

    def _inquiries(self) -> list[Row]:
        return [
            {
                "recorded_at": self.arrived_on,
                "consulted_on": self.arrived_on,
                "subject": subject,
                "source": source,
                "complete": subject not in self.incompletely_consulted,
            }
            for subject, source in SUBJECTS.items()
            if subject not in self.unconsulted
        ]


def _plain(row: Row) -> Row:
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in row.items()
    }
