"""Mean, weak and moderate calibration with intervals, and what is said where there are none."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import (
    LoessCurve,
    SplineCurve,
    calibration_by,
    calibration_curve,
    calibration_hierarchy,
    grouped_calibration,
    ici_by_chance,
    mean_calibration,
    moderate_calibration,
    spiegelhalter_test,
    unreliability_test,
    weak_calibration,
)

from .people import calibrated, overfitted

SMOOTHERS = (SplineCurve(), LoessCurve())


def slope_of(p, y, **options):
    return weak_calibration(Sample.of(p, y, **options))["calibration_slope"]


# -- values and intervals ----------------------------------------------------------------------


def test_too_extreme_probabilities_have_a_slope_below_1_with_an_interval_below_1():
    slope = slope_of(*overfitted(3000))
    assert slope.low < 0.7 < slope.high < 1
    assert slope.method == "normal"
    assert (slope.n, slope.events) == (3000, int(overfitted(3000)[1].sum()))


def test_intervals_of_calibrated_probabilities_hold_the_ideal():
    sample = Sample.of(*calibrated(2000, seed=8))
    found = mean_calibration(sample) + weak_calibration(sample)
    for name, ideal in (
        ("expected_observed", 1),
        ("observed_expected_difference", 0),
        ("calibration_intercept", 0),
        ("calibration_slope", 1),
    ):
        assert found[name].low < ideal < found[name].high, name
    assert unreliability_test(sample).p_value > 0.05
    assert abs(spiegelhalter_test(sample).statistic) < 1.96


def test_a_higher_level_gives_a_wider_interval():
    sample = Sample.of(*calibrated())
    narrow, wide = (weak_calibration(sample, level=x)["calibration_slope"] for x in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_people_seen_four_times_as_clusters_give_the_interval_of_people_seen_once():
    p, y = overfitted(200)
    once = slope_of(p, y, cluster=np.arange(200))
    repeated = slope_of(np.tile(p, 4), np.tile(y, 4), cluster=np.tile(np.arange(200), 4))
    assert repeated.low == pytest.approx(once.low)
    assert repeated.method == "clustered"
    assert slope_of(np.tile(p, 4), np.tile(y, 4)).low > repeated.low


def test_weights_give_robust_intervals_that_their_unit_does_not_change():
    p, y = overfitted(200)
    weight = np.random.default_rng(0).gamma(2, 1, 200)
    found = [mean_calibration(Sample.of(p, y, weight=weight * c)) for c in (1, 7)]
    for one, other in zip(*found, strict=True):
        assert one.method == "sandwich"
        assert one.low == pytest.approx(other.low)


def test_the_tests_with_weights_and_clusters_take_units_for_independent():
    p, y = overfitted(300)
    cluster = np.arange(300)
    plain, robust = (
        unreliability_test(Sample.of(p, y)),
        unreliability_test(Sample.of(p, y, cluster=cluster)),
    )
    assert robust.statistic == pytest.approx(plain.statistic, rel=0.25)
    doubled = Sample.of(np.tile(p, 2), np.tile(y, 2), cluster=np.tile(cluster, 2))
    assert unreliability_test(doubled).statistic == pytest.approx(robust.statistic)
    once = spiegelhalter_test(Sample.of(p, y, cluster=cluster))
    assert spiegelhalter_test(doubled).statistic == pytest.approx(once.statistic)


def test_the_likelihood_ratio_of_repeated_whole_weights_is_not_taken_for_independent():
    p, y = overfitted(300)
    weighted = Sample.of(p, y, weight=np.full(300, 2.0))
    repeated = Sample.of(np.tile(p, 2), np.tile(y, 2))
    assert unreliability_test(weighted).statistic < 0.75 * unreliability_test(repeated).statistic


@pytest.mark.parametrize("smoother", SMOOTHERS)
def test_the_curve_follows_what_happened(smoother):
    p, y = overfitted(4000)
    curve = calibration_curve(Sample.of(p, y), smoother=smoother, label="x")
    true = 1 / (1 + np.exp(-(0.3 + 0.7 * np.log(curve.x / (1 - curve.x)))))
    middle = (curve.x > 0.1) & (curve.x < 0.6)
    assert np.abs(curve.y - true)[middle].max() < 0.05
    assert ((curve.low <= true) & (true <= curve.high))[middle].mean() > 0.9
    assert (curve.low <= curve.y).all()
    assert (curve.y <= curve.high).all()
    assert (np.diff(curve.x) > 0).all()
    assert curve.label == "x"
    assert len(curve.x) < 200


@pytest.mark.parametrize("smoother", SMOOTHERS)
def test_clusters_that_repeat_people_widen_the_band_to_that_of_people(smoother):
    p, y = overfitted(120)
    plain = calibration_curve(Sample.of(p, y), smoother=smoother)
    repeated = calibration_curve(
        Sample.of(np.tile(p, 3), np.tile(y, 3), cluster=np.tile(np.arange(120), 3)),
        smoother=smoother,
    )
    place = np.argmin(np.abs(plain.x - 0.3)), np.argmin(np.abs(repeated.x - 0.3))
    widths = [c.high[i] - c.low[i] for c, i in zip((plain, repeated), place, strict=True)]
    assert widths[1] == pytest.approx(widths[0], rel=0.25)


@pytest.mark.parametrize("smoother", SMOOTHERS)
def test_the_indices_have_a_bootstrap_interval_that_their_seed_decides(smoother):
    sample = Sample.of(*overfitted(150))
    found = [moderate_calibration(sample, smoother=smoother, replicates=20) for _ in range(2)]
    assert found[0].to_dict() == found[1].to_dict()
    assert found[0]["ici"].low < found[0]["ici"].high
    assert found[0]["ici"].value <= found[0]["e90"].value <= found[0]["emax"].value
    assert (
        moderate_calibration(sample, smoother=smoother, replicates=0)["ici"].text()
        == found[0]["ici"].text().split(" (")[0]
    )


def test_intervals_of_indices_do_not_go_below_0():
    found = moderate_calibration(Sample.of(*calibrated(150)), replicates=40)
    assert found["ici"].method == "bootstrap_widest"
    assert found["ici"].low == 0.0
    assert all(estimate.low >= 0 for estimate in found)


def test_an_index_by_chance_is_what_calibrated_people_show():
    found = [
        ici_by_chance(Sample.of(*make(400, seed=8)), replicates=60)
        for make in (calibrated, overfitted)
    ]
    shown = [
        moderate_calibration(Sample.of(*make(400, seed=8)), replicates=0)["ici"].value
        for make in (calibrated, overfitted)
    ]
    assert found[0].low < shown[0] < found[0].high
    assert shown[1] > found[1].high
    assert found[0].method == "consistency"


def test_an_index_by_chance_wants_independent_rows_and_both_outcomes():
    p, y = calibrated(60)
    assert ici_by_chance(Sample.of(p, y, cluster=[1] * 60)).problem == "dependent_rows"
    assert ici_by_chance(Sample.of([0.0, 0.001], [0, 1])).problem == "few_events"
    with pytest.raises(EvaluationError, match="expected 20"):
        ici_by_chance(Sample.of(p, y), replicates=3)


def test_the_hierarchy_holds_all_levels_and_no_single_people():
    sample = Sample.of(*overfitted(300))
    found = calibration_hierarchy(sample, replicates=20, groups=5)
    names = [estimate.name for estimate in found.estimates]
    assert names[:3] == [e.name for e in mean_calibration(sample)]
    assert {"calibration_slope", "ici", "emax", "ici_by_chance"} <= set(names)
    assert len(found.grouped.groups) == 5
    assert [t.name for t in found.tests] == ["unreliability_test", "spiegelhalter_test"]
    assert "sample" not in found.to_dict()
    assert found.to_frame("nl").loc["ici", "measure"].startswith("Gemiddelde afstand")
    assert "<table" in found._repr_html_()


# -- what cannot be given ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "y", "problem"),
    [
        ([0.1, 0.2, 0.3], [0, 0, 0], "one_class"),
        ([0.1, 0.2, 0.3], [1, 1, 1], "one_class"),
        ([0.2] * 30, [0, 1, 0] * 10, "constant_score"),
        ([0.1] * 20 + [0.9] * 20, [0] * 20 + [1] * 20, "separated"),
        ([0.1] * 20 + [0.9] * 20, [1] * 20 + [0] * 20, "separated"),
        ([0.0, *[0.2, 0.3] * 20], [1, *[0, 1] * 20], "infinite_loss"),
        ([1.0, *[0.2, 0.3] * 20], [0, *[0, 1] * 20], "infinite_loss"),
        ([0.0, 1.0], [0, 1], "certain_only"),
        ([0.3], [1], "one_class"),
    ],
)
def test_a_slope_that_does_not_exist_says_why(p, y, problem):
    slope = slope_of(p, y)
    assert slope.problem == problem
    assert not slope.ok
    assert not slope.has_interval
    assert unreliability_test(Sample.of(p, y)).problem == problem


def test_with_few_events_there_is_a_value_and_no_interval():
    p, y = calibrated(60)
    y = np.where(np.cumsum(y) > 6, 0, y)
    found = weak_calibration(Sample.of(p, y))["calibration_slope"]
    assert found.ok
    assert not found.has_interval
    assert found.problem == "few_events"


def test_no_curve_is_drawn_through_few_events():
    p, y = calibrated(60)
    sample = Sample.of(p, np.where(np.cumsum(y) > 6, 0, y))
    curve = calibration_curve(sample)
    assert (curve.ok, curve.problem) == (False, "few_events")
    index = moderate_calibration(sample, replicates=20)["ici"]
    assert (index.ok, index.problem) == (False, "few_events")


def test_one_cluster_gives_no_interval_and_few_give_no_test():
    p, y = overfitted(200)
    assert slope_of(p, y, cluster=["a"] * 200).problem == "few_clusters"
    five = np.arange(200) % 5
    assert slope_of(p, y, cluster=five).has_interval
    assert unreliability_test(Sample.of(p, y, cluster=five)).problem == "few_clusters"
    found = moderate_calibration(Sample.of(p, y, cluster=five), replicates=20)["ici"]
    assert (found.problem, found.ok) == ("few_clusters", True)


def test_the_curve_of_one_probability_or_one_outcome_has_no_points():
    for p, y, problem in (
        ([0.2] * 40, [0, 1] * 20, "constant_score"),
        ([0.2, 0.3] * 20, [0] * 40, "one_class"),
        ([0.0, 1.0] * 20, [0, 1] * 20, "certain_only"),
    ):
        for smoother in SMOOTHERS:
            curve = calibration_curve(Sample.of(p, y), smoother=smoother)
            assert (curve.ok, curve.problem) == (False, problem)


def test_a_curve_that_runs_away_has_no_band():
    p = np.linspace(0.05, 0.95, 200)
    y = (p > 0.5).astype(float)
    curve = calibration_curve(Sample.of(p, y))
    assert curve.problem == "separated"
    assert np.abs(curve.y - (curve.x > 0.5)).max() < 0.5
    assert moderate_calibration(Sample.of(p, y), replicates=0)["ici"].ok


@pytest.mark.parametrize(
    "make",
    [
        lambda s: mean_calibration(s, level=1.0),
        lambda s: weak_calibration(s, level=0.0),
        lambda s: calibration_curve(s, level=95),
        lambda s: SplineCurve(8),
        lambda s: LoessCurve(0.0),
        lambda s: LoessCurve(1.5),
        lambda s: grouped_calibration(s, groups=0),
        lambda s: grouped_calibration(s, edges=[0.5, 0.2]),
        lambda s: grouped_calibration(s, edges=[0.0, 0.2]),
        lambda s: calibration_by(s, ["a"]),
        lambda s: calibration_by(s, ["a", None, "b", "c"]),
    ],
)
def test_settings_outside_their_range_are_refused(make):
    with pytest.raises(EvaluationError, match="expected"):
        make(Sample.of([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1]))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 1e-12, 0.1, 0.2, 0.2000001, 0.5, 0.9, 1 - 1e-12, 1.0])
            | st.floats(0, 1),
            st.booleans(),
            st.sampled_from([0.0, 1.0, 2.5]),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=40,
    ).filter(lambda rows: any(row[2] > 0 for row in rows)),
    st.booleans(),
)
def test_whatever_the_sample_there_is_a_value_or_a_problem_and_no_warning(rows, clustered):
    p, y, weight, cluster = (np.array(column) for column in zip(*rows, strict=True))
    sample = Sample.of(p, y, weight=weight, cluster=cluster if clustered else None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = calibration_hierarchy(sample, replicates=0)
        loess = moderate_calibration(sample, smoother=LoessCurve(), replicates=0)
        curves = [found.curve, calibration_curve(sample, smoother=LoessCurve())]
    for estimate in [*found.estimates, *loess]:
        assert estimate.ok or estimate.problem
        assert not estimate.has_interval or estimate.low <= estimate.value <= estimate.high
        assert math.isnan(estimate.low) == math.isnan(estimate.high)
    for curve in curves:
        assert curve.ok or curve.problem
        assert ((curve.y >= 0) & (curve.y <= 1)).all()


# -- groups of equal probability ---------------------------------------------------------------


def test_equal_probabilities_are_in_one_group():
    sample = Sample.of([0.1] * 12 + [0.2] * 3 + [0.4] * 5, [0, 1] * 10)
    groups = grouped_calibration(sample, groups=4).groups
    assert [(g.lowest, g.highest, g.n) for g in groups] == [
        (0.1, 0.1, 12),
        (0.2, 0.2, 3),
        (0.4, 0.4, 5),
    ]


def test_groups_share_out_the_weight():
    p = np.linspace(0.01, 0.99, 1000)
    weight = np.where(p < 0.5, 1.0, 3.0)
    groups = grouped_calibration(Sample.of(p, p > 0.3, weight=weight), groups=5).groups
    assert [g.weight for g in groups] == pytest.approx([400] * 5, abs=4)
    assert sum(g.n for g in groups) == 1000


def test_groups_may_end_at_the_cut_offs_of_a_policy():
    sample = Sample.of([0.1, 0.2, 0.3, 0.6], [0, 1, 1, 1], weight=[1, 1, 3, 1])
    found = grouped_calibration(sample, edges=[0.2, 0.5])
    assert [g.n for g in found.groups] == [1, 2, 1]
    assert found.groups[1].mean_probability == pytest.approx(0.275)
    assert found.method == "wilson_effective"
    assert found.to_dict()["groups"][2]["observed_share"] == 1.0
    assert list(found.to_frame()["events"]) == [0, 2, 1]


def test_people_of_weight_0_are_in_no_group():
    sample = Sample.of([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1], weight=[0, 1, 1, 0])
    groups = grouped_calibration(sample, groups=1).groups
    assert [(g.lowest, g.highest, g.n) for g in groups] == [(0.2, 0.3, 2)]


# -- by group of people ------------------------------------------------------------------------


def test_groups_can_be_off_while_the_whole_is_right():
    rng = np.random.default_rng(2)
    p, _ = calibrated(4000)
    group = rng.random(4000) < 0.5
    lp = np.log(p / (1 - p)) + np.where(group, 0.7, -0.7)
    y = rng.random(4000) < 1 / (1 + np.exp(-lp))
    found = calibration_by(Sample.of(p, y), np.where(group, "low", "high"), replicates=0)
    whole = mean_calibration(Sample.of(p, y))["calibration_intercept"]
    assert abs(whole.value) < 0.1
    assert found["low"].estimates["calibration_intercept"].low > 0.4
    assert found["high"].estimates["calibration_intercept"].high < -0.4
    assert found["low"].curve.label == "low"
    assert found["low"].n == int(group.sum())


def test_labels_are_those_of_the_rows_as_given():
    p, y = overfitted(200)
    labels = np.where(p > 0.3, "above", "below")
    found = calibration_by(Sample.of(p, y), labels, replicates=0)
    mask = p > 0.3
    alone = weak_calibration(Sample.of(p[mask], y[mask]))["calibration_slope"]
    assert found["above"].estimates["calibration_slope"] == alone
    assert found.to_frame().loc[("above", "calibration_slope"), "value"] == alone.value


def test_of_a_small_group_nothing_is_shown_but_its_name():
    p, y = overfitted(100)
    labels = ["x"] * 97 + [3] * 3
    found = calibration_by(Sample.of(p, y), labels, replicates=0)
    assert (found.small, [g.label for g in found.groups]) == (("3",), ["x"])
    assert found.to_dict()["small"] == ["3"]
    with pytest.raises(KeyError):
        found["3"]
    everybody = calibration_by(Sample.of(p, y), labels, replicates=0, fewest=1)
    assert everybody["3"].estimates["calibration_slope"].problem


def test_no_group_may_be_left():
    found = calibration_by(Sample.of([0.1, 0.2], [0, 1]), ["a", "b"])
    assert found.groups == ()
    assert found.to_frame().empty
