"""What was registered decides: the rule, the deviations, the checksum."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import msgspec
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.pilots.data import EXAMPLE
from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots import (
    Registration,
    judge,
    read_registration,
    recommend,
    register,
)

DRAFT = (EXAMPLE / "draft.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def registration() -> Registration:
    return read_registration(EXAMPLE / "registration.toml")


@pytest.fixture(scope="module")
def outcomes() -> pd.DataFrame:
    return pd.read_csv(EXAMPLE / "outcomes.csv")


@pytest.fixture(scope="module")
def judged(registration, outcomes):
    return judge(registration, outcomes)


def with_interval(judged, value, low, high):
    effect = replace(judged.result.effect, value=value, low=low, high=high)
    return replace(judged.result, effect=effect)


@pytest.mark.parametrize(
    ("value", "low", "high", "category"),
    [
        (-0.08, -0.13, -0.03, "roll_out"),
        (-0.06, -0.13, -0.001, "roll_out"),
        (-0.04, -0.07, -0.01, "cannot_tell"),  # an effect, but too small to be sure of
        (-0.02, -0.04, -0.00, "stop"),  # a worthwhile effect is ruled out
        (0.05, 0.01, 0.09, "stop"),  # harm
        (0.0, -0.049, 0.05, "stop"),
        (0.0, -0.051, 0.05, "cannot_tell"),
        (-0.06, float("-inf"), float("inf"), "cannot_tell"),
    ],
)
def test_the_rule_by_interval(registration, judged, value, low, high, category):
    result = with_interval(judged, value, low, high)
    assert recommend(registration, result).category == category


def test_where_more_is_better_the_rule_is_the_mirror_image(registration, judged):
    outcome = msgspec.structs.replace(registration.outcome, better="higher")
    mirrored = msgspec.structs.replace(registration, outcome=outcome)
    result = with_interval(judged, 0.08, 0.03, 0.13)
    assert recommend(mirrored, result).category == "roll_out"
    assert recommend(registration, result).category == "stop"


@given(st.floats(-0.5, 0.5), st.floats(0, 0.5), st.floats(0, 0.5), st.integers(0, 4), st.booleans())
def test_only_an_effect_that_is_sure_and_worthwhile_is_rolled_out(
    registration, judged, value, left, right, lost, changed
):
    result = with_interval(judged, value, value - left, value + right)
    found = recommend(registration, result, lost=lost, changed=changed)
    if found.category == "roll_out":
        assert value + right < 0
        assert value <= -registration.rule.worthwhile
        assert lost <= registration.rule.most_sites_lost
        assert not changed
    for lang in ("nl", "en"):
        assert "{" not in found.text(lang)


def test_an_extension_is_advised_only_if_it_would_settle_it(registration, judged):
    result = with_interval(judged, -0.05, -0.15, 0.05)
    assert recommend(registration, result).category == "cannot_tell"
    for changes, category in (
        ({"extra_sites": 100}, "extend"),
        ({"extra_sites": 0}, "cannot_tell"),
    ):
        rule = msgspec.structs.replace(registration.rule, **changes)
        asked = msgspec.structs.replace(registration, rule=rule)
        assert recommend(asked, result).category == category


def test_deviations_are_found(judged):
    assert [one.name for one in judged.deviations] == ["deviation_cell_missing", "deviation_late"]
    assert "PI-05" in judged.text("nl")
    assert json.dumps(judged.to_dict(), allow_nan=False)


def test_a_site_that_was_lost_is_said_and_too_many_end_it(registration, outcomes):
    one, two = (outcomes[~outcomes["site"].isin(gone)] for gone in (["PI-01"], ["PI-01", "PI-02"]))
    first, second = judge(registration, one), judge(registration, two)
    assert "deviation_site_lost" in [d.name for d in first.deviations]
    assert first.recommendation.reason.name != "why_sites_lost"
    assert second.recommendation.reason.name == "why_sites_lost"


def test_another_analysis_than_registered_advises_nothing(registration, outcomes):
    found = judge(registration, outcomes, method="kenward_roger")
    assert found.recommendation.category == "cannot_tell"
    assert "deviation_method" in [one.name for one in found.deviations]


def test_sites_that_started_otherwise_are_still_compared_as_planned(registration, outcomes, judged):
    moved = outcomes.assign(working=0)
    found = judge(registration, moved)
    assert [one.name for one in found.deviations].count("deviation_never") == 8
    assert found.result.effect.value == judged.result.effect.value


def test_small_numbers_and_another_level_are_said(registration, outcomes):
    fewer = outcomes.assign(size=(outcomes["size"] / 3).astype(int) + 1)
    fewer["total"] = (fewer["size"] * 0.2).astype(int)
    names = [one.name for one in judge(registration, fewer).deviations]
    assert {"deviation_small", "deviation_level"} <= set(names)


def test_what_went_wrong_in_working_is_refused(registration, outcomes):
    with pytest.raises(PilotError, match="row 1: working is"):
        judge(registration, outcomes.assign(working=2))


def test_registering_keeps_the_text_and_adds_a_checksum():
    text = register(DRAFT.encode(), dt.date(2026, 11, 2))
    assert text.endswith(DRAFT)
    found = read_registration(text.encode())
    assert found.is_registered
    assert text == (EXAMPLE / "registration.toml").read_text("utf-8")
    assert not read_registration(DRAFT.encode()).is_registered


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("worthwhile = 0.05", "worthwhile = 0.02"),
        ('PI-01 = "2027-Q3"', 'PI-01 = "2027-Q2"'),
        ("registered_on = 2026-11-02", "registered_on = 2026-11-01"),
        ('better = "lower"', 'better = "higher"'),
    ],
)
def test_a_change_afterwards_is_found(old, new):
    text = register(DRAFT.encode(), dt.date(2026, 11, 2))
    assert old in text
    with pytest.raises(PilotError, match="changed after it was registered"):
        read_registration(text.replace(old, new).encode())


def test_a_comment_or_another_order_is_no_change():
    text = register(DRAFT.encode(), dt.date(2026, 11, 2))
    assert read_registration(text.replace("# of the weights", "# other words").encode())


def test_what_is_registered_is_not_registered_again():
    text = register(DRAFT.encode(), dt.date(2026, 11, 2))
    with pytest.raises(PilotError, match="already"):
        register(text.encode(), dt.date(2026, 11, 3))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "binary"', 'kind = "ternary"', "ternary"),
        ('kind = "stepped_wedge"', 'kind = "zigzag"', "zigzag"),
        ("worthwhile = 0.05", "worthwhile = -1", "rule.worthwhile is -1"),
        ("worthwhile = 0.05", "", "worthwhile"),
        ("most_sites_lost = 1", "most_sites_lose = 1", "most_sites_lose"),
        ('PI-01 = "2027-Q3"', 'PI-01 = "2029"', "'2029' for site 'PI-01'"),
        ('PI-01 = "2027-Q3"', 'PI-01 = "never"', "never starts"),
        ('method = "randomisation"', 'method = "magic"', "method is 'magic'"),
        ("level = 0.55", "level = 55", "level is 55"),
        ("[rule]", "[rule", "is no TOML"),
        ('title = "32', 'title = "" # "32', "title is empty"),
        ("[analysis]", '[design.strata]\nPI-99 = "north"\n[analysis]', "strata"),
    ],
)
def test_a_draft_that_does_not_fit_together_is_refused(old, new, said):
    assert old in DRAFT
    with pytest.raises(PilotError, match=said):
        read_registration(DRAFT.replace(old, new).encode())


def test_costs_have_no_upper_limit_where_nothing_may_be_prevented(registration, judged):
    assert "zonder bovengrens" in judged.costs.text("nl") or "onbegrensd" in judged.costs.text("nl")
    from risicoscreener.evaluation.pilots.judging import _costs

    sure = _costs(registration, with_interval(judged, -0.10, -0.20, -0.05)).text("en")
    assert "14,000 euro (from 7,000 to 28,000)" in sure
    worse = _costs(registration, with_interval(judged, 0.02, -0.05, 0.09)).text("en")
    assert "not defined" in worse
