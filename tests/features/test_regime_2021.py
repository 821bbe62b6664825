"""What the policies of the regime since 2020 and 2021 read, in the record and in the tables."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.features import catalogue, compute_features
from risicoscreener.features.one import compile_one
from strategies import a_person

TODAY = dt.date(2022, 6, 1)


def value(name, **parts):
    """The value on `TODAY`, equal by both ways."""
    dossier = read_dossier({**a_person(), **parts})
    (alone,) = compile_one(catalogue().plan([name]))(dossier, TODAY)
    whole = DossierTables.from_dossiers([dossier])
    together = compute_features(whole, TODAY, [name]).values[0, 0]
    assert alone == together or (math.isnan(alone) and math.isnan(together))
    return alone


def stay(**changes):
    return {
        "recorded_at": "2021-10-01",
        "arrived_on": "2021-10-01",
        "regime": "sentence",
        "sentence_days": 900,
        "conditional_days": 0,
        "judged_on": "2021-09-01",
        "expected_release_on": "2023-10-01",
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, 1),
        ({"arrived_on": "2021-12-01", "recorded_at": "2021-12-01"}, 1),
        ({"arrived_on": "2021-12-02", "recorded_at": "2021-12-02"}, 0),
        ({"judged_on": "2021-12-01"}, 1),
        ({"judged_on": "2021-12-02"}, 0),
        ({"judged_on": None}, math.nan),
        ({"expected_release_on": "2024-12-01"}, 1),
        ({"expected_release_on": "2024-12-02"}, 0),
        ({"expected_release_on": None}, math.nan),
    ],
)
def test_a_sentence_falls_under_the_transition_if_it_ran_with_at_most_three_years_to_go(
    changes, found
):
    given = {k: v for k, v in stay(**changes).items() if v is not None}
    seen = value("programme_transition", detentions=[given])
    assert seen == found or (math.isnan(seen) and math.isnan(found))


def test_without_a_detention_the_transition_is_unknown():
    assert math.isnan(value("programme_transition"))


def goal(subject, **changes):
    return {
        "recorded_at": "2021-11-01",
        "kind": "goal",
        "occurred_on": "2021-11-01",
        "goal": subject,
        "supports_leave": True,
        **changes,
    }


@pytest.mark.parametrize(
    ("name", "subject"),
    [("network_goal_supports_leave", "network"), ("work_goal_supports_leave", "work_income")],
)
def test_a_goal_counts_by_its_subject_and_if_leave_serves_it(name, subject):
    inside = {"detentions": [stay()]}
    assert value(name, programme=[goal(subject)], **inside) == 1
    assert value(name, programme=[goal("debts")], **inside) == 0
    assert value(name, programme=[goal(subject, supports_leave=False)], **inside) == 0
    assert math.isnan(value(name, **inside))


def review(grade, on):
    return {
        "recorded_at": on,
        "occurred_on": on,
        "kind": "week_review",
        "category": "living_climate",
        "grade": grade,
    }


def test_undesired_weeks_are_those_of_the_last_six_weeks():
    inside = {"detentions": [stay()]}
    weeks = [
        review("undesired", "2022-04-21"),  # 41 days ago
        review("undesired", "2022-04-20"),  # 42 days ago
        review("desired", "2022-05-20"),
        review("intolerable", "2022-05-20"),
    ]
    assert value("undesired_weeks_6w", conduct=weeks, **inside) == 1


def care(kind, finding):
    return {
        "recorded_at": "2021-11-01",
        "kind": kind,
        "from_on": "2021-11-01",
        "finding": finding,
    }


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("intellectual_disability", "yes")], 1),
        ([("mental_health", "yes")], 1),
        ([("addiction", "yes")], 0),
        ([("mental_health", "no")], 0),
        ([], math.nan),
    ],
)
def test_a_disability_or_disorder_is_noted_or_not_and_unknown_without_any_record(rows, found):
    seen = value("disability_or_disorder_noted", identity_care=[care(*row) for row in rows])
    assert seen == found or (math.isnan(seen) and math.isnan(found))


def test_who_is_placed_in_a_forensic_clinic_is_told_by_the_unit():
    assert value("in_forensic_clinic", detentions=[stay(unit="forensic_clinic")]) == 1
    assert value("in_forensic_clinic", detentions=[stay()]) == 0


def test_the_days_of_conditional_release_count_what_was_served_elsewhere():
    given = stay(conditional_release_on="2023-05-24", credited_days=30)
    served = (dt.date(2023, 5, 24) - dt.date(2021, 10, 1)).days
    assert value("conditional_release_days", detentions=[given]) == 900 - served - 30
