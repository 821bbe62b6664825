"""Terms of a sentence in whole days, and what goes with a request for a liberty."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.features import catalogue, compute_features
from risicoscreener.features.one import compile_one
from strategies import a_person

TODAY = dt.date(2019, 6, 1)


def day(offset: int) -> str:
    return (TODAY + dt.timedelta(days=offset)).isoformat()


def stay(served: int, **changes):
    return {
        "recorded_at": day(-served),
        "arrived_on": day(-served),
        "regime": "sentence",
        "sentence_days": 900,
        "conditional_days": 0,
        **changes,
    }


def values(names, **parts):
    """Values on `TODAY`, equal by both ways."""
    dossier = read_dossier({**a_person(), **parts})
    alone = compile_one(catalogue().plan(names))(dossier, TODAY)
    whole = DossierTables.from_dossiers([dossier])
    together = compute_features(whole, TODAY, names).values[0]
    for one, other in zip(alone, together, strict=True):
        assert one == other or (math.isnan(one) and math.isnan(other))
    return tuple(alone)


def value(name, **parts):
    return values([name], **parts)[0]


@settings(max_examples=60, deadline=None)
@given(
    served=st.integers(0, 4000),
    credited=st.integers(0, 400),
    sentence=st.integers(1, 8000),
    left=st.integers(0, 4000),
)
def test_a_margin_is_not_negative_exactly_where_the_part_is_served(
    served, credited, sentence, left
):
    names = ["third_served_margin_days", "half_served_margin_days", "last_sixth_margin_days"]
    third, half, sixth = values(
        names,
        detentions=[
            stay(
                served,
                sentence_days=sentence,
                credited_days=credited,
                expected_release_on=day(left),
            )
        ],
    )
    assert (third >= 0) == (Fraction(served + credited, sentence) >= Fraction(1, 3))
    assert (half >= 0) == (Fraction(served + credited, sentence) >= Fraction(1, 2))
    assert (sixth >= 0) == (Fraction(left, sentence) <= Fraction(1, 6))


@settings(max_examples=60, deadline=None)
@given(served=st.integers(0, 4000), sentence=st.integers(366, 8000), until=st.integers(0, 2000))
def test_both_margins_of_conditional_release_hold_exactly_where_the_law_does(
    served, sentence, until
):
    margins = values(
        [
            "conditional_release_year_and_third_margin_days",
            "conditional_release_two_thirds_margin_days",
        ],
        detentions=[
            stay(served, sentence_days=sentence, conditional_release_on=day(until)),
        ],
    )
    by_law = (
        365 + Fraction(sentence - 365, 3)
        if sentence <= 730  # art. 15 lid 1: up to two years
        else Fraction(2 * sentence, 3)
    )
    assert (min(margins) >= 0) == (served + until >= by_law)
    # A part of a day is left out of account, a whole day is not.
    assert (min(margins) >= -2) == (served + until > by_law - 1)


@pytest.mark.parametrize("lacking", ["sentence_days", "conditional_days"])
def test_without_the_length_of_the_sentence_the_part_served_is_unknown(lacking):
    found = value("third_served_margin_days", detentions=[stay(400, **{lacking: None})])
    assert math.isnan(found)


def request(kind="incidental_leave", **changes):
    return {"recorded_at": day(-3), "kind": kind, "asked_on": day(-3), **changes}


IN = [stay(300)]


def test_what_goes_with_a_request_is_unknown_without_one_and_after_the_decision():
    name = "incidental_event_confirmed"
    decided = request(event_confirmed=True, decision="granted", decided_on=day(-1))
    assert math.isnan(value(name, detentions=IN))
    assert math.isnan(value(name, detentions=IN, liberties=[request()]))
    assert math.isnan(value(name, detentions=IN, liberties=[decided]))
    assert value(name, detentions=IN, liberties=[request(event_confirmed=True)]) == 1
    assert value(name, detentions=IN, liberties=[request(event_confirmed=False)]) == 0


def test_the_latest_open_request_counts_and_a_later_decision_is_not_known_yet():
    earlier = request(asked_on=day(-9), recorded_at=day(-9), supervision="guarded")
    later = request(supervision="alone", decision="denied", decided_on=day(2))
    assert value("incidental_supervision", detentions=IN, liberties=[earlier, later]) == 0


@pytest.mark.parametrize(
    ("event", "confirmation", "visit", "funeral", "study", "preparation"),
    [
        ("grave_illness", 1, 1, 0, 0, 0),
        ("funeral", 1, 1, 1, 0, 0),
        ("mourning_visit", 1, 1, 0, 0, 0),
        ("unable_to_travel", 1, 1, 0, 0, 0),
        ("birth", 1, 1, 0, 0, 0),
        ("detained_relative", 0, 1, 0, 0, 0),
        ("treatment", 0, 0, 0, 0, 0),
        ("intake_talk", 0, 0, 0, 0, 0),
        ("study", 0, 0, 0, 1, 0),
        ("exam", 0, 0, 0, 0, 0),
        ("release_preparation", 0, 0, 0, 0, 1),
        ("other", 0, 0, 0, 0, 0),
    ],
)
def test_events_are_told_apart(event, confirmation, visit, funeral, study, preparation):
    kinds = [f"incidental_event_is_{k}" for k in ("visit", "funeral", "study", "preparation")]
    names = ["incidental_event_needs_confirmation", *kinds]
    found = values(names, detentions=IN, liberties=[request(event=event)])
    assert found == (confirmation, visit, funeral, study, preparation)


def test_grounds_that_are_noted_with_an_open_request_are_counted():
    noted = request("general_leave", social_unrest=True, prosecutor_objects=True)
    names = ["social_unrest_noted", "danger_to_prisoner_noted", "prosecutor_objection_noted"]
    assert values(names, detentions=IN, liberties=[noted]) == (1, 0, 1)
    assert all(map(math.isnan, values(names, detentions=IN)))


def test_who_is_on_remand_after_a_judgment_is_convicted_and_before_it_is_not():
    judged = stay(200, regime="remand", judged_on=day(-20))
    assert value("is_convicted", detentions=[judged]) == 1
    assert value("is_convicted", detentions=[{**judged, "judged_on": day(5)}]) == 0
    assert value("is_convicted", detentions=[{**judged, "judged_on": None}]) == 0
    assert value("is_convicted", detentions=[stay(200)]) == 1
    assert value("is_sentenced", detentions=[judged]) == 0


def test_refusing_the_programme_is_the_last_status():
    first = {
        "recorded_at": day(-60),
        "kind": "recidivism_programme",
        "occurred_on": day(-60),
        "status": "refused",
        "status_on": day(-50),
    }
    again = {
        **first,
        "recorded_at": day(-20),
        "occurred_on": day(-20),
        "status": "open",
        "status_on": day(-10),
    }
    name = "recidivism_programme_refused"
    assert value(name, detentions=IN, programme=[first]) == 1
    assert value(name, detentions=IN, programme=[first, again]) == 0
    assert math.isnan(value(name, detentions=IN))


def test_days_in_the_unit_are_unknown_unless_noted():
    assert math.isnan(value("days_in_unit", detentions=[stay(300, unit="low_security")]))
    here = stay(300, unit="low_security", unit_since=day(-28))
    assert value("days_in_unit", detentions=[here]) == 28
