"""Placement in low security: whom it is open to and when, and the change of unit that goes with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risicoscreener.features import compute_features

from .looking import facts, present_stay

NEW_FROM = pd.Timestamp("2021-07-01")
DAY = pd.Timedelta(days=1)


def of_stay(cohort, frame):
    """The present stay of the person of each row."""
    return present_stay(cohort).loc[frame["owner"]].set_axis(frame.index)


@pytest.fixture(scope="module")
def placements(sentenced):
    """Requests for placement, with the days of the stay beside them."""
    liberties = facts(sentenced, "liberties")
    asked = liberties[liberties["kind"] == "low_security"].drop(columns="special_conditions")
    stay = of_stay(sentenced, asked)
    return asked.assign(
        released_on=stay["released_on"],
        judged_on=stay["judged_on"],
        unconditional=stay["sentence_days"] - stay["conditional_days"],
        barred=stay[["tbs_with_care", "unlawful_stay", "removal_or_extradition"]].any(axis=1),
    )


@pytest.fixture(scope="module")
def started(placements):
    """Placements that started."""
    return placements[placements["started_on"].notna()]


def test_placements_are_open_to_the_sentenced_who_are_not_barred(sentenced, placements):
    regime = of_stay(sentenced, placements)["regime"]
    assert regime.isin(["sentence", "self_reporter"]).all()
    assert not placements["barred"].any()
    assert (placements["asked_on"] >= placements["judged_on"]).all()


def test_until_june_2021_placement_was_open_in_the_last_eighteen_months(placements):
    before = placements[placements["decided_on"] < NEW_FROM]
    left = (before["released_on"] - before["asked_on"]).dt.days
    assert len(before) > 500
    assert left.max() <= 548


def test_since_july_2021_placement_follows_on_leave_for_work_in_the_last_sixth(
    sentenced, placements
):
    since = placements[placements["asked_on"] >= NEW_FROM]
    since = since[since["decided_on"] >= NEW_FROM]
    leaves = facts(sentenced, "liberties")
    outside = leaves[(leaves["kind"] == "extramural_leave") & (leaves["decision"] == "granted")]
    first = outside.groupby("owner")["decided_on"].min()
    left = (since["released_on"] - since["asked_on"]).dt.days
    by_sixth = (left <= since["unconditional"].astype(float) / 6 + 1) & (left <= 366)
    allowed = first.reindex(since["owner"]).to_numpy() <= since["asked_on"].to_numpy()
    assert len(since) > 200
    assert by_sixth.all()
    assert allowed.all()


def test_a_placement_is_for_four_weeks_at_least_and_ends_by_release(started):
    assert len(started) > 500
    assert ((started["released_on"] - started["started_on"]).dt.days >= 28).all()
    assert (started["decision"] == "granted").all()
    assert (started["ended_on"] <= started["released_on"]).all()
    stayed = started["outcome"] == "returned"
    assert (started.loc[stayed, "ended_on"] == started.loc[stayed, "released_on"]).all()
    assert 0.03 < (~stayed).mean() < 0.2


def test_the_stay_is_known_as_one_in_low_security_from_the_placement_on(sentenced, started):
    stays = facts(sentenced, "detentions")
    moved = stays[stays["unit"] == "low_security"].set_index("owner")
    by_owner = started.set_index("owner")
    assert set(moved.index) == set(by_owner.index)
    by_owner = by_owner.loc[moved.index]
    assert (moved["recorded_at"] >= by_owner["started_on"]).all()
    assert (moved["recorded_at"] - by_owner["started_on"]).median() <= 3 * DAY
    cut_short = by_owner.index[by_owner["outcome"] != "returned"]
    back = stays[stays["supersedes"] == "stay-4"].set_index("owner")
    assert set(back.index) == set(cut_short)
    assert (back["unit"] == "regular").all()
    assert (back["recorded_at"] >= by_owner.loc[back.index, "ended_on"]).all()


def test_a_change_of_unit_changes_nothing_else_of_the_stay(sentenced):
    stays = facts(sentenced, "detentions")
    moved = stays[stays["supersedes"].notna() & stays["fact_id"].isin(["stay-4", "stay-5"])]
    before = stays.set_index(["owner", "fact_id"])
    before = before.loc[pd.MultiIndex.from_frame(moved[["owner", "supersedes"]])]
    assert (before["recorded_at"].to_numpy() <= moved["recorded_at"].to_numpy()).all()
    for column in set(moved.columns) - {"owner", "unit", "recorded_at", "fact_id", "supersedes"}:
        pd.testing.assert_series_equal(
            moved[column].reset_index(drop=True), before[column].reset_index(drop=True)
        )


def test_features_see_the_placement_from_the_day_after_it_was_recorded(sentenced, started):
    ids = np.array(sentenced.tables.person_ids.to_pylist())
    stays = facts(sentenced, "detentions")
    moved = stays[stays["unit"] == "low_security"].set_index("owner")["recorded_at"]
    stayed = started[started["outcome"] == "returned"].head(300)
    inside = moved.loc[stayed["owner"]].to_numpy()
    kept = inside < stayed["released_on"].to_numpy()
    seen = []
    for days in (-1, 0):
        index = pd.DataFrame({"person_id": ids[stayed["owner"]], "as_of": inside + days * DAY})
        seen.append(compute_features(sentenced.tables, index[kept], ["in_low_security"]).values)
    assert (seen[0] == 0).all()
    assert (seen[1] == 1).all()


def test_misconduct_known_at_the_decision_makes_a_placement_less_likely(sentenced, placements):
    conduct = facts(sentenced, "conduct")
    incidents = conduct[conduct["kind"] == "incident"]
    decided = placements.set_index("owner")["decided_on"]
    day = decided.reindex(incidents["owner"]).to_numpy()
    known = incidents.loc[(incidents["recorded_at"] <= day).to_numpy(), "owner"]
    judged = placements[placements["decision"].notna()]
    granted = judged["decision"] == "granted"
    bad = judged["owner"].isin(known)
    error = np.sqrt(0.25 / bad.sum() + 0.25 / (~bad).sum())
    assert granted[~bad].mean() - granted[bad].mean() > 4 * error
