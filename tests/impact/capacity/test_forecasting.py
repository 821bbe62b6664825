"""A forecast: who is there, who comes, what a change does with the same chance."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from impact.capacity.world import START, plain, stays_from, steady
from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity import (
    Arrivals,
    LowSecurity,
    Programme,
    Replaced,
    Scenario,
    StayLength,
    compare_forecasts,
    forecast,
)


@pytest.fixture(scope="module")
def stays():
    return steady(rate=1.0, mean=40.0, sentence_days=200, kind="sentence")


def made(stays, *changes, settings=None, **options):
    given = {"months": 6, "replicates": 20} | options
    scenario = Scenario(label="changed", changes=tuple(changes)) if changes else None
    return forecast(stays, settings or plain(), scenario=scenario, **given)


def test_the_same_seed_gives_the_same_and_another_seed_another(stays):
    one, same, other = made(stays), made(stays), made(stays, seed=2)
    assert (one.by_ground == same.by_ground).all()
    assert (one.occupancy != other.occupancy).any()


def test_a_change_that_concerns_nobody_changes_nothing(stays):
    nobody = Replaced(share=1.0, kinds=("isd",))
    difference = compare_forecasts(made(stays), made(stays, nobody))
    assert difference["occupancy_mean"].value == 0
    assert difference["occupancy_mean"].high == 0


def test_who_is_replaced_does_not_come_and_nobody_else_changes(stays):
    old, new = made(stays), made(stays, Replaced(share=0.5))
    assert new.arrivals.sum() == pytest.approx(0.5 * old.arrivals.sum(), rel=0.05)
    assert (new.arrivals <= old.arrivals).all()
    assert (new.occupancy <= old.occupancy).all()
    all_of_them = made(stays, Replaced(share=1.0))
    assert all_of_them.arrivals.sum() == 0


def test_more_arrivals_are_the_same_people_and_others(stays):
    old, new = made(stays), made(stays, Arrivals(factor=1.5))
    assert (new.arrivals >= old.arrivals).all()
    assert new.arrivals.sum() == pytest.approx(1.5 * old.arrivals.sum(), rel=0.05)
    mixed = made(stays, Arrivals(factor=1.5), Replaced(share=0.5))
    assert mixed.arrivals.sum() == pytest.approx(0.75 * old.arrivals.sum(), rel=0.06)


def test_a_change_begins_on_its_day(stays):
    on = START + dt.timedelta(days=100)
    old, new = made(stays), made(stays, Replaced(share=1.0, start=on))
    assert (old.arrivals[..., :100] == new.arrivals[..., :100]).all()
    assert new.arrivals[..., 100:].sum() == 0


def test_longer_stays_hold_more_people(stays):
    old, new = made(stays, months=12), made(stays, StayLength(factor=2.0), months=12)
    late = slice(250, None)
    assert new.occupancy[:, late].mean() == pytest.approx(
        2 * old.occupancy[:, late].mean(), rel=0.12
    )
    assert (new.arrivals == old.arrivals).all()
    assert (new.occupancy[:, 0] == old.occupancy[:, 0]).all()
    inside = made(stays, StayLength(add_days=30, inside=True))
    assert (inside.occupancy >= old.occupancy[:, : inside.n_days]).mean() > 0.99


def test_a_change_for_who_is_inside_cannot_begin_later(stays):
    later = StayLength(add_days=1, inside=True, start=START + dt.timedelta(days=3))
    with pytest.raises(ImpactError, match="a change for who is inside begins on 2024-01-04"):
        made(stays, later)


def test_a_programme_ends_the_time_in_a_cell():
    rows = [
        {"arrived": -a, "left": -a + 200, "kind": "sentence", "sentence_days": 300}
        for a in range(1, 1300)
    ]
    stays = stays_from(rows)
    old = made(stays, months=24)
    new = made(stays, Programme(share=1.0, fraction=1 / 6, most_days=50), months=24)
    assert old.occupancy[:, -1].mean() == pytest.approx(200, rel=0.1)
    assert new.occupancy[:, -1].mean() == pytest.approx(150, rel=0.1)


def test_low_security_takes_the_last_part_and_not_more_than_there_are_places():
    rows = [
        {"arrived": -a, "left": -a + 200, "kind": "sentence", "sentence_days": 300}
        for a in range(1, 1300)
    ]
    stays = stays_from(rows)
    placed = LowSecurity(share=0.5, fraction=1 / 5)
    free = made(stays, placed, months=24)
    assert free.low_security[:, -1].mean() == pytest.approx(0.5 * 60, rel=0.15)
    few = made(stays, placed, months=24, settings=plain(places__low_security=10))
    assert few.low_security.max() == 10
    assert (few.occupancy == free.occupancy).all()


def test_who_is_there_leaves_on_the_day_that_is_known():
    rows = [
        {"arrived": -40, "left": None, "kind": "sentence", "expected": 10 + i, "sentence_days": 60}
        for i in range(20)
    ]
    rows += [{"arrived": -a, "left": -a + 30, "kind": "sentence"} for a in range(31, 700)]
    found = made(stays_from(rows), Replaced(share=1.0), replicates=3)
    inside = found.occupancy[0]
    assert (inside[:10] == 20).all()
    assert inside[10:30].tolist() == list(range(19, -1, -1))


def test_who_has_been_there_longer_stays_longer_where_stays_do():
    """With two kinds of stays, 10 and 300 days, who has been there for 50 has the long one."""
    rows = [{"arrived": -a, "left": -a + (10 if a % 2 else 300)} for a in range(301, 1000)]
    rows += [{"arrived": -50, "left": None}] * 10
    found = made(stays_from(rows), Replaced(share=1.0), months=9, replicates=4)
    assert (found.occupancy[:, :249] == 10).all()
    assert (found.occupancy[:, 250:] == 0).all()


def test_ground_changes_when_the_sentence_falls():
    rows = [
        {
            "arrived": -a,
            "left": -a + 100,
            "kind": "remand",
            "regime": "sentence",
            "switched": -a + 60,
        }
        for a in range(101, 900)
    ]
    found = made(stays_from(rows), months=12)
    ground = found.series("occupancy", by="ground")
    late = {name: values[:, -100:].mean() for name, values in ground.items()}
    assert late["remand"] / (late["remand"] + late["sentence"]) == pytest.approx(0.6, abs=0.03)
    total = sum(ground.values())
    assert (total == found.occupancy).all()


def test_a_longer_term_is_for_who_is_called_up_from_now_on():
    stays = steady(rate=2.0, mean=20.0, kind="self_reporter")
    old = made(stays)
    new = made(stays, settings=plain(self_reporters__term_days=50))
    came, later = old.arrivals.sum(axis=1), new.arrivals.sum(axis=1)
    # Called up before the first day: with the term of 30 days; from then on 20 days later.
    assert (came[:, :30] == later[:, :30]).all()
    assert later[:, 30:50].sum() == 0
    assert (later[:, 50:] == came[:, 30:-20]).all()


def test_scale_makes_more_of_each(stays):
    one, ten = made(stays), made(stays, settings=plain(arrivals__scale=10))
    assert ten.inside_at_start == 10 * one.inside_at_start
    assert ten.occupancy.mean() == pytest.approx(10 * one.occupancy.mean(), rel=0.05)
    assert ten.arrivals.sum() == pytest.approx(10 * one.arrivals.sum(), rel=0.05)


def test_prisons_add_up_to_all():
    stays = steady(rate=0.5, prison="PI-02")
    found = made(stays)
    by_prison = found.series("occupancy", by="prison")
    assert list(by_prison) == ["PI-02"]
    assert (by_prison["PI-02"] == found.occupancy).all()


def test_doubt_widens_the_limits(stays):
    certain = made(stays, replicates=80)
    doubtful = made(stays, replicates=80, settings=plain().with_({"chance.doubt": True}))
    width = [one["occupancy_mean"].high - one["occupancy_mean"].low for one in (certain, doubtful)]
    assert width[1] > 1.05 * width[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"months": 0}, "months is 0; expected a whole number from 1 to 120"),
        ({"replicates": 2.5}, "replicates is 2.5; expected a whole number"),
        ({"seed": -1}, "seed is -1"),
        ({"level": 1.0}, "level is 1.0; expected a share from 0.5 to 0.999"),
    ],
)
def test_what_cannot_be_asked(stays, options, said):
    with pytest.raises(ImpactError, match=said):
        made(stays, **options)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"places__by_prison": {"PI-99": 3}}, "places.by_prison has 'PI-99'; expected of PI-01"),
        ({"self_reporters__backlog": 3}, "self_reporters.backlog is 3; expected 0"),
    ],
)
def test_settings_that_do_not_fit_the_stays(stays, settings, said):
    with pytest.raises(ImpactError, match=said):
        made(stays, settings=plain(**settings))


def test_other_chance_cannot_be_compared(stays):
    with pytest.raises(ImpactError, match="seed is 1 in the one forecast and 2"):
        compare_forecasts(made(stays), made(stays, seed=2))


def test_a_kind_that_never_ended_and_has_no_date_is_refused():
    rows = [{"arrived": -a, "left": None, "kind": "isd"} for a in range(1, 200)]
    with pytest.raises(ImpactError, match="no stay of kind 'isd' ended"):
        made(stays_from(rows))


def test_figures_are_those_counted_by_hand(stays):
    found = made(stays, settings=plain(places__regular=30, shell__places=10, shell__block=5))
    assert found.values("occupancy_peak").tolist() == found.occupancy.max(axis=1).tolist()
    assert found.values("occupancy_end").tolist() == found.occupancy[:, -1].tolist()
    cost = 250 * found.shell.sum(axis=1) + 5000 * found.opened.sum(axis=1)
    assert found.values("shell_cost").tolist() == cost.tolist()
    means = np.sort(found.occupancy.mean(axis=1))
    # Of 20 replicates another lies between the 1.05th and the 19.95th with a chance of 90%.
    low = means[0] + 0.05 * (means[1] - means[0])
    high = means[18] + 0.95 * (means[19] - means[18])
    assert found["occupancy_mean"].low == pytest.approx(low)
    assert found["occupancy_mean"].high == pytest.approx(high)
    assert found["deep_waiting_end"].value != found["deep_waiting_end"].value
    with pytest.raises(ImpactError, match="there is no figure 'beds'"):
        found["beds"]
    with pytest.raises(ImpactError, match="shell is not known by prison"):
        found.series("shell", by="prison")


def test_months_hold_the_days(stays):
    found = made(stays)
    edges = found.month_edges
    assert edges.tolist() == [0, 31, 60, 91, 121, 152, 182]
    by_month = found.by_month
    np.testing.assert_allclose(by_month["occupancy"][:, 1], found.occupancy[:, 31:60].mean(axis=1))
    np.testing.assert_allclose(by_month["arrivals"].sum(axis=1), found.arrivals.sum(axis=(1, 2)))
    np.testing.assert_allclose(by_month["hours"].sum(axis=1), found.hours.sum(axis=1))
    frame = found.months("nl")
    assert set(frame["name"]) == set(by_month)
    assert len(frame) == 6 * len(by_month)


def test_words_in_both_languages(stays):
    found = made(stays, settings=plain(places__regular=20))
    assert "mensen binnen, gemiddeld" in found.text("nl")
    text = found.text("en")
    assert "What falls short first: regular cells, from 2024-01." in text
    assert "of which" not in text
    assert "<table" in found._repr_html_()
    plainly = found.to_dict()
    assert plainly["figures"]["deep_wait_median"]["value"] is None
    assert plainly["settings"]["places.regular"] == 20
