"""The levels are those that policies read, and what is not known stays unknown."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings

from risicoscreener.decision import PolicyBook
from risicoscreener.dossier.record import Dossier, Inquiry, Person, VictimFact
from risicoscreener.features import catalogue
from risicoscreener.features.one import compile_one
from risicoscreener.victims import interests
from strategies import as_of_days, dossiers

DAY = dt.date(2022, 6, 1)
POLICIES = [v for kind in PolicyBook.shipped().kinds() for v in PolicyBook.shipped().versions(kind)]
WITH_VICTIMS = [p for p in POLICIES if any(d.id == "victims" for d in p.policy.domains)]


def victim(**changes):
    usual = {
        "recorded_at": dt.date(2022, 1, 1),
        "known_on": dt.date(2022, 1, 1),
        "interest": "known",
    }
    return VictimFact(**{**usual, **changes})


ANSWERED = {
    "protection_need": "some",
    "no_contact_asked": True,
    "area_ban_asked": False,
    "objects_to_liberty": False,
    "contact_wish": "informed_only",
}


def case(*victims, asked=True):
    inquiry = Inquiry(
        recorded_at=dt.date(2022, 1, 1),
        subject="victims",
        source="victim_service",
        consulted_on=dt.date(2022, 1, 1),
        complete=True,
    )
    return Dossier(
        person_id="p1",
        person=Person(birth_date=dt.date(1990, 1, 1), sex="male"),
        victims=list(victims),
        inquiries=[inquiry] if asked else [],
    )


@pytest.mark.parametrize("policy", WITH_VICTIMS, ids=lambda p: p.id)
@given(dossiers(only=("victims", "inquiries"), max_rows=4), as_of_days())
@settings(max_examples=60, deadline=None)
def test_the_level_is_the_one_that_the_policy_reads(policy, dossier, as_of):
    place = next(i for i, d in enumerate(policy.policy.domains) if d.id == "victims")
    domain, readings = policy.policy.domains[place], policy.readings[place]
    tests = [t for r in domain.readings for t in (*(r.all or ()), *(r.any or ()))]
    names = tuple(dict.fromkeys(t.input for t in tests))
    values = dict(zip(names, compile_one(catalogue().plan(names))(dossier, as_of), strict=True))
    inputs = [values.get(name, float("nan")) for name in policy.inputs]
    level = readings.level(inputs)
    expected = "unknown" if level == readings.unknown else domain.levels[level].id
    weighs = "victims_open_objection" in names
    assert interests(dossier, as_of, objection_weighs=weighs).level == expected


CONDITIONS = {"no_contact": "victims_no_contact_asked", "area_ban": "victims_area_ban_asked"}


@given(dossiers(only=("victims", "inquiries"), max_rows=4), as_of_days())
@settings(deadline=None)
def test_conditions_are_asked_for_as_features_find(dossier, as_of):
    values = compile_one(catalogue().plan(tuple(CONDITIONS.values())))(dossier, as_of)
    found = interests(dossier, as_of)
    if not found.consulted:
        return
    for condition, value in zip(found.conditions, values, strict=False):
        expected = "unknown" if value != value else "asked" if value else "not_asked"
        assert condition.state == expected


def test_nobody_inquired():
    found = interests(case(asked=False), DAY)
    assert found.level == "unknown"
    assert "whether there are victims" in found.text("en")


def test_inquiry_found_none():
    assert interests(case(), DAY).level == "none_known"


def test_what_was_not_asked_is_listed_and_unknown():
    found = interests(case(victim(**ANSWERED), victim(protection_need="some", fact_id="f2")), DAY)
    assert found.level == "unknown"
    assert found.to_ask == {
        1: ("no_contact_asked", "area_ban_asked", "objects_to_liberty", "contact_wish")
    }
    assert found.conditions[0].state == "asked"
    assert found.conditions[0].rows == (0,)


def test_conditions_meet_interests_and_a_ground_weighs():
    assert interests(case(victim(**ANSWERED)), DAY).level == "met_by_conditions"
    high = interests(case(victim(**{**ANSWERED, "protection_need": "high"})), DAY)
    assert (high.level, high.grounds[0].rows) == ("weighty", (0,))
    objecting = case(victim(**{**ANSWERED, "objects_to_liberty": True}))
    assert interests(objecting, DAY).level == "weighty"
    assert interests(objecting, DAY, objection_weighs=False).level == "met_by_conditions"


def test_a_wish_for_no_contact_does_not_say_whether_someone_wants_to_be_told():
    found = interests(case(victim(**{**ANSWERED, "contact_wish": "no_contact"})), DAY)
    assert found.conditions[2].state == "unknown"


@given(dossiers(only=("victims", "inquiries"), max_rows=3), as_of_days())
@settings(deadline=None)
def test_every_text_is_there_in_two_languages(dossier, as_of):
    found = interests(dossier, as_of)
    for lang in ("nl", "en"):
        assert "{" not in found.text(lang)
        assert "<li>" in found.html(lang)
