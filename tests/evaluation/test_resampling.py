"""A bootstrap replicate is the sample with other weights, drawn alike whoever draws it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.resampling import (
    Replicates,
    bootstrap,
    check_paired,
    replicate_weights,
)


def mean(sample, weight):
    return float(weight @ sample.outcome / weight.sum())


def moments(sample, weight):
    return mean(sample, weight), float(weight @ sample.probability / weight.sum())


def never(sample, weight):
    return math.nan


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(1)
    p = rng.random(300)
    return Sample.of(p, rng.random(300) < p)


def test_a_row_counts_as_often_as_it_is_drawn_times_its_weight():
    sample = Sample.of([0.3, 0.1, 0.2], [1, 0, 1], weight=[5, 7, 11])
    for weight in replicate_weights(sample, 30):
        times = weight / sample.weight
        assert times.sum() == 3
        assert (times == np.round(times)).all()


def test_a_cluster_is_drawn_as_a_whole():
    sample = Sample.of(np.linspace(0, 1, 12), [0, 1] * 6, cluster=[*"abcd"] * 3)
    for weight in replicate_weights(sample, 20):
        for code in range(4):
            assert len(set(weight[sample.cluster == code])) == 1
        assert weight.sum() == 12


def test_the_draws_do_not_depend_on_the_number_of_jobs(sample):
    one, threads, processes = (
        bootstrap(sample, {"mean": mean}, replicates=50, seed=3, jobs=jobs, threads=threads)
        for jobs, threads in ((1, False), (2, True), (2, False))
    )
    assert one.values["mean"].tolist() == threads.values["mean"].tolist()
    assert one.values["mean"].tolist() == processes.values["mean"].tolist()
    assert len(one) == 50


def test_more_replicates_begin_with_the_fewer(sample):
    few, many = (bootstrap(sample, {"m": mean}, replicates=r).values["m"] for r in (30, 60))
    assert many[:30].tolist() == few.tolist()


def test_another_seed_draws_others(sample):
    values = [bootstrap(sample, {"m": mean}, replicates=20, seed=s).values["m"] for s in (0, 1)]
    assert (values[0] != values[1]).any()


def test_two_models_of_the_same_people_are_drawn_alike(sample):
    given = sample.outcome[np.argsort(sample.order)]
    other = Sample.of(np.random.default_rng(5).random(300), given)
    check_paired(sample, other)
    found = [bootstrap(s, {"mean": mean}, replicates=40) for s in (sample, other)]
    difference = found[0].minus(found[1])
    assert np.abs(difference.values["mean"]).max() < 1e-15
    assert difference.point["mean"] == pytest.approx(0.0, abs=1e-15)


def test_a_part_of_the_same_people_is_drawn_alike_too(sample):
    given = sample.outcome[np.argsort(sample.order)]
    other = Sample.of(np.random.default_rng(5).random(300), given)
    with_outcome = [s.where(s.outcome == 1) for s in (sample, other)]
    check_paired(*with_outcome)
    drawn = [next(replicate_weights(s, 1)) for s in with_outcome]
    given = [w[np.argsort(s.order)].tolist() for s, w in zip(with_outcome, drawn, strict=True)]
    assert given[0] == given[1]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (Sample.of([0.1, 0.2], [0, 1]), "3 and 2 rows"),
        (Sample.of([0.1, 0.2, 0.3], [0, 1, 1]), r"outcome\[2\] is 0 in the first"),
        (Sample.of([0.1, 0.2, 0.3], [0, 1, 0], weight=[1, 2, 1]), r"weight\[1\] is 1 in the"),
        (Sample.of([0.1, 0.2, 0.3], [0, 1, 0], cluster=[1, 1, 2]), "only one .* a cluster"),
    ],
)
def test_models_of_other_people_are_not_paired(second, message):
    with pytest.raises(EvaluationError, match=message):
        check_paired(Sample.of([0.3, 0.2, 0.1], [0, 1, 0]), second)


def test_replicates_of_other_draws_are_not_subtracted(sample):
    one, other = (bootstrap(sample, {"m": mean}, replicates=20, seed=s) for s in (0, 1))
    with pytest.raises(EvaluationError, match="cannot be paired"):
        one.minus(other)


def test_the_standard_error_is_that_of_theory(sample):
    found = bootstrap(sample, {"mean": mean}, replicates=4000)
    p = sample.outcome.mean()
    assert found.error("mean") == pytest.approx(math.sqrt(p * (1 - p) / 300), rel=0.05)
    half = 1.96 * math.sqrt(p * (1 - p) / 300)
    assert found.interval("mean") == pytest.approx((p - half, p + half), abs=0.005)


def test_the_standard_error_with_clusters_counts_clusters():
    y = np.repeat(np.random.default_rng(2).random(100) < 0.4, 5)
    sample = Sample.of(np.linspace(0, 1, 500), y, cluster=np.repeat(np.arange(100), 5))
    found = bootstrap(sample, {"mean": mean}, replicates=4000)
    assert (found.n, found.n_units, found.clustered) == (500, 100, True)
    assert found.error("mean") == pytest.approx(y.std() / 10, rel=0.05)


def made(values, point, **changes):
    return Replicates(
        point={"auc": point},
        values={"auc": np.asarray(values, float)},
        **({"n": 9, "events": 4, "n_units": 9, "clustered": False, "seed": 0} | changes),
    )


def test_percentiles_are_those_of_the_replicates_and_basic_mirrors_them():
    found = made(np.arange(101.0), 40.0)
    assert found.interval("auc", 0.9) == pytest.approx((5.0, 95.0))
    assert found.interval("auc", 0.9, "basic") == pytest.approx((-15.0, 75.0))


def test_the_widest_interval_holds_percentiles_and_their_mirror_image():
    values = np.arange(101.0)
    assert made(values, 40.0).interval("auc", 0.9, "widest") == pytest.approx((-15.0, 95.0))
    assert made(values, 60.0).interval("auc", 0.9, "widest") == pytest.approx((5.0, 115.0))
    assert made(values, 60.0).estimate("auc", kind="widest").method == "bootstrap_widest"


def test_bias_correction_moves_the_percentiles_by_twice_the_median_bias():
    values = norm.ppf((np.arange(20000) + 0.5) / 20000)
    low, high = made(values, 0.3).interval("auc", 0.95, "bias_corrected")
    assert (low, high) == pytest.approx((0.6 - 1.96, 0.6 + 1.96), abs=0.01)
    assert made(values, 0.0).interval("auc", 0.95, "bias_corrected") == pytest.approx(
        made(values, 0.0).interval("auc"), abs=1e-6
    )


def test_bias_correction_stays_within_the_replicates_when_all_lie_on_one_side():
    low, high = made(np.arange(100.0), -5.0).interval("auc", 0.95, "bias_corrected")
    assert low == pytest.approx(0.0, abs=0.1)
    assert high < 1.0


def test_few_replicates_without_a_value_are_left_out_and_many_take_the_interval_away():
    values = np.arange(100.0)
    values[:4] = math.nan
    found = made(values, 50.0)
    assert found.without("auc") == 0.04
    assert found.interval("auc", 0.9)[0] == pytest.approx(np.quantile(values[4:], 0.05))
    values[:6] = math.nan
    estimate = made(values, 50.0).estimate("auc")
    assert (estimate.value, estimate.problem, estimate.has_interval) == (50.0, "unstable", False)


def test_an_estimate_carries_the_method_and_the_numbers_of_people():
    found = made(np.arange(101.0), 40.0).estimate("auc", 0.9)
    assert (found.low, found.high, found.level) == pytest.approx((5.0, 95.0, 0.9))
    assert (found.method, found.n, found.events, found.problem) == ("bootstrap", 9, 4, "")
    other = made(np.arange(101.0), 40.0, clustered=True, n_units=30)
    assert other.estimate("auc", kind="basic").method == "clustered_bootstrap_basic"


def test_nine_clusters_are_too_few_for_an_interval():
    found = made(np.arange(101.0), 40.0, clustered=True, n_units=9).estimate("auc")
    assert (found.value, found.problem, found.has_interval) == (40.0, "few_clusters", False)


def test_replicates_that_are_all_the_same_give_no_interval():
    found = made(np.ones(100), 1.0).estimate("auc")
    assert (found.value, found.problem, found.has_interval) == (1.0, "no_spread", False)


def test_an_infinite_replicate_is_one_without_a_value():
    values = np.r_[np.full(3, math.inf), np.arange(97.0)]
    assert made(values, 50.0).without("auc") == 0.03
    assert made(values, 50.0).interval("auc")[1] < 97


def test_a_measure_without_a_value_is_said_to_have_none(sample):
    found = bootstrap(sample, {"auc": never}, replicates=10)
    assert found.without("auc") == 1.0
    assert math.isnan(found.error("auc"))
    assert found.estimate("auc").problem == "not_defined"


def test_a_measure_of_several_numbers_gives_each_its_name(sample):
    found = bootstrap(sample, {("rate", "risk"): moments, "mean": mean}, replicates=20)
    assert found.values["rate"].tolist() == found.values["mean"].tolist()
    assert found.point["risk"] == pytest.approx(sample.probability.mean())
    with pytest.raises(EvaluationError, match="gives"):
        bootstrap(sample, {("a", "b", "c"): moments}, replicates=10)


def test_a_measure_may_give_an_array_with_pointwise_limits(sample):
    found = bootstrap(sample, {"both": moments, "mean": mean}, replicates=50)
    assert found.values["both"].shape == (50, 2)
    low, high = found.interval("both")
    assert (low[0], high[0]) == found.interval("mean")
    assert found.error("both")[0] == found.error("mean")
    assert found.without("both") == 0.0


def test_a_bar_can_be_shown(sample, capsys):
    found = bootstrap(sample, {"mean": mean}, replicates=20, progress=True)
    assert "bootstrap" in capsys.readouterr().out
    assert len(found) == 20


def test_too_few_replicates_and_no_measures_are_refused(sample):
    with pytest.raises(EvaluationError, match="9 replicates; expected 10 or more"):
        bootstrap(sample, {"mean": mean}, replicates=9)
    with pytest.raises(EvaluationError, match="no measures"):
        bootstrap(sample, {})
