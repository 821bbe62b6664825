"""A proposal keeps to capacity, is the best there is, and says why."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reentry.selection.worlds import learnt, people
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.selection import Places, allocate, shipped_aids
from risicoscreener.reentry.selection.solving import NOWHERE, place
from risicoscreener.reentry.selection.telling import BY_EFFECT

AID = shipped_aids()["debt_help"]


def everywhere(n):
    return Places.everywhere(AID, n)


def few(n=60, aid="debt_help"):
    return people(aid).where(np.arange(n))


@st.composite
def small_problems(draw):
    n, k = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    whole = st.integers(1, 4)
    value = draw(st.lists(whole, min_size=n, max_size=n))
    hours = draw(st.lists(whole, min_size=n, max_size=n))
    cells = st.lists(st.integers(0, k - 1), unique=True, max_size=k)
    open_to = draw(st.lists(cells, min_size=n, max_size=n))
    capacity = draw(st.lists(st.integers(0, 6), min_size=k, max_size=k))
    candidates = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return value, hours, open_to, capacity, candidates


def best(value, hours, open_to, capacity, candidates):
    """The highest sum over all ways to place people."""
    ways = [
        [NOWHERE, *cells] if there else [NOWHERE]
        for cells, there in zip(open_to, candidates, strict=True)
    ]
    found = 0
    for way in itertools.product(*ways):
        used = [0] * len(capacity)
        for cell, taken in zip(way, hours, strict=True):
            if cell != NOWHERE:
                used[cell] += taken
        if all(u <= c for u, c in zip(used, capacity, strict=True)):
            found = max(found, sum(v for v, c in zip(value, way, strict=True) if c != NOWHERE))
    return found


@given(small_problems())
def test_the_sum_of_values_is_the_highest_that_fits(problem):
    value, hours, open_to, capacity, candidates = problem
    lot = np.arange(len(value))[::-1].copy()
    cells = place(
        np.array(value, float),
        lot,
        np.array(hours, float),
        open_to,
        np.array(capacity, float),
        np.array(candidates),
    )
    used = np.bincount(cells[cells >= 0], np.array(hours)[cells >= 0], minlength=len(capacity))
    assert (used <= np.array(capacity) + 1e-9).all()
    assert all(c == NOWHERE or c in open_to[i] for i, c in enumerate(cells))
    assert not (cells[~np.array(candidates)] >= 0).any()
    assert sum(v for v, c in zip(value, cells, strict=True) if c >= 0) == best(*problem)


@given(
    st.permutations(range(40)), st.integers(0, 3), st.sampled_from(["risk", "need_and_risk", "lot"])
)
def test_the_order_in_which_people_are_given_changes_nothing(order, seed, rule):
    group = few(40)
    first = allocate(group, everywhere(5), rule=rule, seed=seed)
    again = allocate(group.where(np.array(order)), everywhere(5), rule=rule, seed=seed)
    assert [p.person_id for p in first] == [p.person_id for p in again]
    assert [p.reasons("nl") for p in first] == [p.reasons("nl") for p in again]


def test_everybody_has_one_answer_and_nobody_is_forced():
    group = people("debt_help")
    found = allocate(group, everywhere(50), rule="need_and_risk")
    assert len(found) == len(group)
    assert sum(found.counts().values()) == len(group)
    by_id = {p.person_id: p for p in found}
    for i, person in enumerate(group.person_ids):
        one = by_id[person]
        if group.refused[i] == 1:
            assert one.status == "declined"
        elif np.isnan(group.need_level[i]):
            assert one.status == "ask_first"
        elif group.need_level[i] == 0:
            assert one.status == "no_need"
        else:
            assert one.status in ("proposed", "waiting")
    assert len(found.proposed) == 50
    assert found.used == pytest.approx([50 * AID.hours])


def test_those_proposed_have_most_needs_and_then_the_highest_risk():
    found = allocate(people("debt_help"), everywhere(50), rule="need_and_risk")
    keys = [(-p.need_level, -round(p.risk, 3), p.lot) for p in found if p.rank]
    assert keys == sorted(keys)
    assert {p.rank for p in found.proposed} == set(range(1, 51))


def test_by_site_each_has_its_own_places():
    group = people("debt_help")
    sites = sorted(set(group.site))[:4]
    rows = [{"site": site, "places": 2} for site in sites[:3]] + [{"site": sites[3], "places": 0}]
    found = allocate(group, Places.of(rows, AID), rule="risk")
    for site in sites[:3]:
        assert sum(p.site == site for p in found.proposed) == 2
    assert all(p.site in sites for p in found if p.status in ("proposed", "waiting"))
    assert found.counts()["no_capacity"] > 0


def test_time_is_kept_to():
    group = few(200)
    day = np.sort(group.days)[100].item()
    places = Places.of([{"site": "*", "places": 300, "until": day.isoformat()}], AID)
    found = allocate(group, places, rule="risk")
    assert all(p.as_of <= day for p in found.proposed)
    assert all(p.as_of > day for p in found if p.status == "no_capacity")
    ends = np.full(len(group), np.datetime64("1990-01-01"))
    late = Places.of([{"site": "*", "places": 300, "from": "2000-01-01"}], AID)
    assert not allocate(group, late, rule="risk", until=ends).proposed


def test_a_place_that_is_kept_for_need_goes_to_the_greatest_need():
    group = people("debt_help")
    found = allocate(group, everywhere(20), rule="risk", reserved_for_need=0.5)
    kept = [p for p in found.proposed if ("reserved", {}) in p.said]
    assert len(kept) == 10
    assert {p.need_level for p in kept} == {3.0}
    assert "vrijgehouden" in " ".join(kept[0].reasons("nl"))


def test_fewest_needs_can_be_raised_and_what_is_unknown_is_asked():
    group = people("debt_help")
    found = allocate(group, everywhere(20), rule="risk", least_need=2)
    assert all(p.need_level >= 2 for p in found.proposed)
    unknown = dict(zip(group.person_ids, np.isnan(group.needs).sum(axis=1), strict=True))
    for one in found:
        if one.status == "no_need":
            assert np.nan_to_num(one.need_level) + unknown[one.person_id] < 2


def test_a_tie_is_settled_by_a_lot_that_is_recorded():
    group = few(60)
    seen = {p.person_id for p in allocate(group, everywhere(3), rule="lot", seed=1).proposed}
    other = {p.person_id for p in allocate(group, everywhere(3), rule="lot", seed=2).proposed}
    assert seen != other
    one = allocate(group, everywhere(3), rule="lot", seed=1).proposed[0]
    assert f"(number {one.lot}, seed 1)" in " ".join(one.reasons("en"))


def test_by_lot_each_in_need_has_the_same_chance():
    group = few(30)
    counts = dict.fromkeys(group.person_ids, 0)
    for seed in range(300):
        for one in allocate(group, everywhere(2), rule="lot", seed=seed).proposed:
            counts[one.person_id] += 1
    found = [n for n in counts.values() if n]
    expected = 600 / len(found)
    assert sum((n - expected) ** 2 / expected for n in found) < 3 * len(found)


@pytest.mark.parametrize("rule", BY_EFFECT)
def test_by_effect_the_sum_of_expected_effects_is_highest(rule):
    model = learnt("grows")
    group = people()
    found = allocate(group, Places.everywhere(model.aid, 100), model=model, rule=rule)
    side = "effect" if rule == "effect" else "low"
    worst = min(getattr(p, side) for p in found.proposed)
    assert worst >= max(getattr(p, side) for p in found if p.status == "waiting") - 0.0011
    assert all(round(getattr(p, side), 3) <= 0 for p in found if p.status == "no_gain_expected")
    text = found.proposed[0].text("en")
    assert "of 100 people like this" in text
    assert "a person decides" in text


def test_who_has_no_counterparts_is_left_to_a_person():
    model = dataclasses.replace(learnt("grows"), lowest=0.4)
    group = people()
    inside = model.expected(group)["comparable"]
    assert 0 < inside.mean() < 1
    found = allocate(group, Places.everywhere(model.aid, 10), model=model)
    outside = {p.person_id for p in found if p.status == "outside"}
    assert outside == set(group.person_ids[~inside & (group.refused != 1)])


def test_texts_are_in_both_languages_and_reasons_have_no_gaps():
    model = learnt("grows")
    found = allocate(few(60, "supervision"), Places.everywhere(model.aid, 5), model=model)
    for lang in ("nl", "en"):
        assert "{" not in found.text(lang, most=60)
    assert "voorgesteld" in found.text("nl")
    assert "<script" not in found._repr_html_()
    frame = found.to_frame("nl")
    assert list(frame["person_id"]) == [p.person_id for p in found]


def test_html_escapes_what_a_dossier_says():
    group = few(40)
    group.site[:] = "<script>alert(1)</script>"
    places = Places.of([{"site": "<script>alert(1)</script>", "places": 3}], AID)
    assert "<script" not in allocate(group, places, rule="risk")._repr_html_()
    group.site[:] = people("debt_help").site[: len(group)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"site": "", "places": 1}, "row 1, site: ''"),
        ({"site": "PI-01"}, "row 1: 0 of places and hours"),
        ({"site": "PI-01", "places": 1, "hours": 2}, "row 1: 2 of places and hours"),
        ({"site": "PI-01", "places": -1}, "row 1, places: -1; expected a number of 0 or more"),
        ({"site": "PI-01", "hours": "many"}, "row 1, hours: 'many'"),
        ({"site": "PI-01", "hours": float("inf")}, "row 1, hours: inf"),
        ({"site": "PI-01", "places": 1, "from": "1-2-2024"}, "row 1, from: '1-2-2024'"),
        (
            {"site": "PI-01", "places": 1, "from": "2024-02-01", "until": "2024-01-01"},
            "row 1, until: 2024-01-01; expected 2024-02-01 or later",
        ),
        ({"site": "PI-01", "plaatsen": 1}, "row 1: column 'plaatsen'"),
    ],
)
def test_capacity_that_cannot_be_read_names_row_and_column(row, said):
    with pytest.raises(ReentryError, match=said.replace("(", r"\(")):
        Places.of([row], AID)


def test_capacity_with_a_column_twice_is_refused_as_pandas_would_drop_one():
    import pandas as pd

    frame = pd.DataFrame([["PI-01", 1, 2]], columns=["site", "places", "places"])
    with pytest.raises(ReentryError, match="capacity has the column 'places' twice"):
        Places.of(frame, AID)


def test_days_of_a_frame_are_read():
    import pandas as pd

    frame = pd.DataFrame(
        {
            "site": ["PI-01", "*"],
            "hours": [40.0, 60.0],
            "from": pd.to_datetime(["2024-01-01", None]),
        }
    )
    cells = Places.of(frame, AID).cells
    assert cells[0].from_on == dt.date(2024, 1, 1)
    assert cells[1].from_on == dt.date.min


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rule": "gut"}, "rule 'gut'; expected one of effect"),
        ({"rule": "effect"}, "rule 'effect' needs a model"),
        ({"rule": "risk", "despite": ("all",)}, "despite 'all'"),
        ({"rule": "risk", "reserved_for_need": 2}, "reserved_for_need is 2"),
        ({"rule": "risk", "least_need": 9}, "least_need is 9; expected 0 to 3"),
        ({"rule": "risk", "hours": [0.0] * 60}, "hours; expected 60 numbers above 0"),
        ({"rule": "risk", "until": ["2024-01-01"]}, "until has shape"),
        ({"rule": "risk", "level": 95}, "level is 95"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, said):
    with pytest.raises(ReentryError, match=said.replace("(", r"\(")):
        allocate(few(60), everywhere(3), **options)


def test_a_person_who_occurs_twice_is_refused():
    with pytest.raises(ReentryError, match="occurs twice"):
        allocate(people("debt_help").where(np.array([0, 1, 0])), everywhere(1), rule="risk")
