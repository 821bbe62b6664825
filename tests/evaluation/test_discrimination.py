"""Areas, curves and error rates are those of R and scikit-learn, with weights, ties and clusters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import brunnermunzel, t
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    roc_auc_score,
)
from sklearn.metrics import (
    precision_recall_curve as sklearn_precision_recall,
)
from sklearn.metrics import (
    roc_curve as sklearn_roc,
)
from statsmodels.stats.proportion import proportion_confint

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.discrimination import (
    RATES,
    Points,
    Precisions,
    RateAt,
    RocHeights,
    auc,
    auc_estimate,
    average_precision,
    average_precision_estimate,
    delong_error,
    distribution,
    error_rates,
    placement_degrees,
    placement_error,
    placements,
    precision_recall_curve,
    roc_curve,
)
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.resampling import bootstrap

from .people import expected, people, sample_of, samples

MODELS = ("first", "second")
ONE_CLASS = Sample.of([0.1, 0.4, 0.4, 0.8], [0, 0, 0, 0])
CONSTANT = Sample.of([0.3] * 6, [0, 1, 0, 1, 0, 1])
SEPARATED = Sample.of([0.1, 0.2, 0.3, 0.7, 0.8, 0.9], [0, 0, 0, 1, 1, 1])
ONE_EVENT = Sample.of([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 0])


# -- area ------------------------------------------------------------------------------------------


@given(samples())
def test_the_weighted_area_is_that_of_scikit_learn(sample):
    found = auc(sample, sample.weight)
    y, p, w = sample.outcome, sample.probability, sample.weight
    assert found == pytest.approx(roc_auc_score(y, p, sample_weight=w), abs=1e-12)


@given(samples())
def test_a_whole_weight_is_as_many_people(sample):
    times = sample.weight.astype(int)
    repeated = Sample.of(np.repeat(sample.probability, times), np.repeat(sample.outcome, times))
    assert auc(sample, sample.weight) == pytest.approx(auc(repeated, repeated.weight), abs=1e-12)


@given(samples())
def test_the_mean_placement_of_either_class_is_the_area(sample):
    event, w = sample.outcome == 1, sample.weight
    placed = placements(event, sample.probability, w)
    for part in (event, ~event):
        mean = w[part] @ placed[part] / w[part].sum()
        assert mean == pytest.approx(auc(sample, w), abs=1e-12)


@given(samples(weighted=False))
def test_swapping_the_outcomes_turns_the_area_around(sample):
    swapped = Sample.of(sample.probability, 1 - sample.outcome)
    total = auc(sample, sample.weight) + auc(swapped, swapped.weight)
    assert total == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_the_area_and_delongs_interval_are_those_of_r(model):
    oracle = expected()[model]
    found = auc_estimate(sample_of(model), scale="plain")
    assert found.value == pytest.approx(oracle["auc"], abs=1e-12)
    assert (found.low, found.high) == pytest.approx((oracle["low"], oracle["high"]), abs=1e-10)
    assert (found.method, found.n, found.events) == ("delong", 300, 105)
    error = delong_error(people().outcome.to_numpy(float), people()[model].to_numpy())
    assert error**2 == pytest.approx(oracle["variance"], rel=1e-10)


@pytest.mark.parametrize("model", MODELS)
def test_the_interval_on_the_logit_scale_is_that_of_the_delta_method(model):
    oracle, sample = expected()[model], sample_of(model)
    area, error = oracle["auc"], math.sqrt(oracle["variance"])
    event = sample.outcome == 1
    degrees = placement_degrees(event, placements(event, sample.probability))
    half = t.ppf(0.975, degrees) * error / (area * (1 - area))
    found = auc_estimate(sample)
    limits = (expit(logit(area) - half), expit(logit(area) + half))
    assert (found.low, found.high) == pytest.approx(limits, abs=1e-12)
    assert found.method == "logit_delong"


@pytest.mark.parametrize("model", MODELS)
def test_the_degrees_of_freedom_are_those_of_brunner_and_munzel(model):
    table = people()
    event, score = table.outcome.to_numpy() == 1, table[model].to_numpy()
    placed = placements(event, score)
    error, degrees = placement_error(event, placed), placement_degrees(event, placed)
    found = brunnermunzel(score[event], score[~event])
    statistic = (placed[event].mean() - 0.5) / error
    assert abs(found.statistic) == pytest.approx(statistic, rel=1e-10)
    assert found.pvalue == pytest.approx(2 * t.sf(statistic, degrees), rel=1e-8)


@pytest.mark.parametrize("model", MODELS)
def test_the_weighted_area_is_that_of_r(model):
    sample = sample_of(model, weighted=True)
    assert auc(sample, sample.weight) == pytest.approx(expected()[model]["weighted_auc"], abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_the_clustered_error_is_obuchowskis(model):
    found = auc_estimate(sample_of(model, clustered=True), scale="plain")
    half = quantile(0.95, people().person.nunique()) * expected()[model]["clustered_error"]
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=1e-10)
    assert found.method == "clustered"


def test_the_error_of_an_area_is_the_variance_of_its_pairs():
    rng = np.random.default_rng(2)
    y = (rng.random(120) < 0.4).astype(float)
    score = np.round(rng.normal(size=120) + y, 1)  # with ties
    events, others = score[y == 1], score[y == 0]
    wins = (events[:, None] > others) + 0.5 * (events[:, None] == others)
    of_pairs = wins.mean(axis=1).var(ddof=1) / len(events)
    of_pairs += wins.mean(axis=0).var(ddof=1) / len(others)
    assert delong_error(y, score) == pytest.approx(np.sqrt(of_pairs), rel=1e-12)


def test_clusters_of_one_row_give_delongs_error():
    sample = sample_of("first")
    event = sample.outcome == 1
    placed = placements(event, sample.probability)
    alone = placement_error(event, placed, cluster=np.arange(len(sample)))
    assert alone == pytest.approx(placement_error(event, placed), rel=1e-12)


def test_copies_of_people_do_not_narrow_the_interval_when_the_people_are_clusters():
    table = people()
    rows = np.repeat(np.arange(300), 3)
    copied = Sample.of(table["first"][rows], table.outcome[rows], cluster=rows)
    alone = Sample.of(table["first"], table.outcome, cluster=np.arange(300))
    one, three = (auc_estimate(s, scale="plain") for s in (alone, copied))
    assert (three.low, three.high) == pytest.approx((one.low, one.high), abs=1e-12)


def test_the_weighted_error_is_what_the_bootstrap_finds():
    sample = sample_of("second", weighted=True)
    event = sample.outcome == 1
    placed = placements(event, sample.probability, sample.weight)
    error = placement_error(event, placed, sample.weight)
    found = bootstrap(sample, {"auc": auc}, replicates=2000)
    assert error == pytest.approx(found.error("auc"), rel=0.06)


def test_the_clustered_error_is_what_the_bootstrap_of_clusters_finds():
    found = bootstrap(sample_of("first", clustered=True), {"auc": auc}, replicates=2000)
    assert found.error("auc") == pytest.approx(expected()["first"]["clustered_error"], rel=0.06)


@pytest.mark.parametrize(
    ("sample", "value", "problem"),
    [
        (ONE_CLASS, None, "one_class"),
        (CONSTANT, 0.5, "constant_score"),
        (SEPARATED, 1.0, "separated"),
        (ONE_EVENT, 1 / 3, "few_events"),
        (Sample.of([0.4], [1]), None, "one_class"),
        (Sample.of([0.1, 0.2, 0.3, 0.4], [0, 1, 1, 0], cluster=[0, 1, 1, 2]), 0.5, "few_events"),
    ],
)
def test_an_area_that_cannot_be_given_says_why(sample, value, problem):
    found = auc_estimate(sample)
    assert found.problem == problem
    assert not found.has_interval
    assert found.value == value if value is not None else math.isnan(found.value)


def test_people_without_weight_do_not_count():
    sample = Sample.of([0.1, 0.2, 0.3, 0.9], [0, 1, 0, 1], weight=[1, 1, 1, 0])
    assert auc_estimate(sample).problem == "few_events"
    assert auc(sample, sample.weight) == 0.5


# -- curves ----------------------------------------------------------------------------------------


@given(samples())
def test_the_points_of_the_roc_curve_are_those_of_scikit_learn(sample):
    fpr, tpr, cut_off = sklearn_roc(
        sample.outcome, sample.probability, sample_weight=sample.weight, drop_intermediate=False
    )
    points = Points.of(sample, sample.weight)
    kept = np.isin(points.cut_off, cut_off[1:])
    assert points.cut_off[kept] == pytest.approx(cut_off[1:])
    assert points.false_positive_rate[kept] == pytest.approx(fpr[1:], abs=1e-12)
    assert points.true_positive_rate[kept] == pytest.approx(tpr[1:], abs=1e-12)


@given(samples(weighted=False))
def test_precision_is_that_of_scikit_learn(sample):
    precision, recall, _ = sklearn_precision_recall(sample.outcome, sample.probability)
    points = Points.of(sample, sample.weight)
    assert points.precision == pytest.approx(precision[:-1][::-1], abs=1e-12)
    assert points.true_positive_rate == pytest.approx(recall[:-1][::-1], abs=1e-12)


@given(samples())
def test_average_precision_is_that_of_scikit_learn(sample):
    found = average_precision(sample, sample.weight)
    y, p, w = sample.outcome, sample.probability, sample.weight
    assert found == pytest.approx(average_precision_score(y, p, sample_weight=w), abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_sensitivities_and_specificities_are_those_of_r(model):
    oracle, sample = expected()[model], sample_of(model)
    points = Points.of(sample, sample.weight)
    assert np.r_[0, points.true_positive_rate] == pytest.approx(oracle["sensitivities"])
    assert 1 - np.r_[0, points.false_positive_rate] == pytest.approx(oracle["specificities"])


def test_the_height_of_the_curve_is_the_top_of_a_step_and_halfway_a_tie():
    steps = Sample.of([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1])
    heights = RocHeights(np.array([0.0, 0.25, 0.5, 1.0]))
    assert heights(steps, steps.weight).tolist() == [0.5, 0.5, 1.0, 1.0]
    tied = Sample.of([0.5] * 4, [0, 1, 0, 1])
    assert heights(tied, tied.weight).tolist() == [0.0, 0.25, 0.5, 1.0]


def test_precision_at_a_recall_is_that_of_the_highest_cut_off_that_reaches_it():
    sample = Sample.of([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0])
    found = Precisions(np.array([0.2, 1 / 3, 0.5, 1.0]))(sample, sample.weight)
    assert found == pytest.approx([1.0, 1.0, 2 / 3, 3 / 4])


@pytest.mark.parametrize("curve", [roc_curve, precision_recall_curve])
def test_a_band_lies_around_its_curve(curve):
    found = curve(sample_of("first"), replicates=100)
    assert (found.low <= found.y + 1e-9).mean() > 0.99
    assert (found.y <= found.high + 1e-9).mean() > 0.99
    assert (found.high > found.low).mean() > 0.9
    assert (found.method, found.problem, found.n) == ("bootstrap", "", 300)


def test_the_last_point_of_the_precision_recall_curve_is_nobody_left_out():
    sample = Sample.of([0.1, 0.2, 0.3, 0.4], [1, 0, 0, 1])
    assert precision_recall_curve(sample, replicates=20).y[-1] == 0.5


def test_the_area_under_the_curve_is_the_area():
    sample = sample_of("first")
    curve = roc_curve(sample, replicates=10)
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(auc(sample, sample.weight), abs=0.01)


@pytest.mark.parametrize("curve", [roc_curve, precision_recall_curve])
def test_a_curve_without_both_outcomes_has_no_points(curve):
    found = curve(ONE_CLASS)
    assert (found.ok, found.problem) == (False, "one_class")
    constant = curve(CONSTANT)
    assert (constant.ok, constant.problem) == (True, "constant_score")
    assert np.isnan(constant.low).all()


def test_too_few_clusters_give_a_curve_without_band():
    sample = Sample.of(np.linspace(0.1, 0.9, 20), [0, 1] * 10, cluster=np.arange(20) // 4)
    found = roc_curve(sample, replicates=20)
    assert (found.problem, found.method) == ("few_clusters", "")
    assert np.isnan(found.low).all()


@pytest.mark.parametrize(
    ("sample", "problem"),
    [
        (ONE_CLASS, "one_class"),
        (CONSTANT, "constant_score"),
        (ONE_EVENT, "few_events"),
        (SEPARATED, "no_spread"),
    ],
)
def test_average_precision_without_an_interval_says_why(sample, problem):
    found = average_precision_estimate(sample, replicates=300)
    assert not found.has_interval
    assert found.problem in {problem, "unstable"}


@pytest.mark.parametrize("clustered", [False, True])
def test_average_precision_has_a_logit_interval_from_the_bootstrap_error(clustered):
    sample = sample_of("second", clustered=clustered)
    found = average_precision_estimate(sample, replicates=200)
    drawn = bootstrap(sample, {"ap": average_precision}, replicates=200)
    units = people().person.nunique() if clustered else 105
    half = t.ppf(0.975, units - 1) * drawn.error("ap") / (found.value * (1 - found.value))
    limits = expit(logit(found.value) - half), expit(logit(found.value) + half)
    assert (found.low, found.high) == pytest.approx(limits, abs=1e-12)
    assert found.method == ("clustered_bootstrap_logit" if clustered else "bootstrap_logit")


# -- cut-offs --------------------------------------------------------------------------------------


@given(samples(weighted=False), st.integers(0, 8))
def test_rates_are_those_of_the_two_by_two_table(sample, eighths):
    cut_off = eighths / 8
    found = error_rates(sample, cut_off)
    above = sample.probability >= cut_off
    tn, fp, fn, tp = confusion_matrix(sample.outcome, above, labels=[0, 1]).ravel()
    assert (found.true_positives, found.false_positives) == (tp, fp)
    assert (found.true_negatives, found.false_negatives) == (tn, fn)
    counts = {
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "false_positive_rate": (fp, fp + tn),
        "false_negative_rate": (fn, fn + tp),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
        "share_above": (tp + fp, len(sample)),
    }
    assert counts.keys() == RATES.keys()
    for name, (count, of) in counts.items():
        rate = found[name]
        if not of:
            assert rate.problem == "nobody"
            continue
        assert rate.value == pytest.approx(count / of)
        limits = proportion_confint(count, of, method="wilson")
        assert (rate.low, rate.high) == pytest.approx(limits, abs=1e-10)
        assert (rate.n, rate.method) == (of, "wilson")


@given(samples(), st.sampled_from(list(RATES)), st.integers(0, 8))
def test_a_rate_as_a_measure_is_the_rate(sample, name, eighths):
    found = error_rates(sample, eighths / 8)[name].value
    assert RateAt(name, eighths / 8)(sample, sample.weight) == pytest.approx(found, nan_ok=True)


def test_the_interval_of_a_clustered_rate_is_what_the_bootstrap_of_clusters_finds():
    sample = sample_of("first", clustered=True)
    rate = error_rates(sample, 0.3)["sensitivity"]
    error = bootstrap(sample, {"sensitivity": RateAt("sensitivity", 0.3)}).error("sensitivity")
    assert (rate.high - rate.low) / (2 * quantile(0.95)) == pytest.approx(error, rel=0.1)
    assert rate.method == "wilson_effective"


def test_a_cut_off_outside_zero_and_one_is_refused():
    with pytest.raises(EvaluationError, match=r"cut_off is 1\.5"):
        error_rates(SEPARATED, 1.5)
    with pytest.raises(EvaluationError, match="no rate"):
        RateAt("accuracy", 0.5)


def test_rates_can_be_written_and_shown():
    found = error_rates(SEPARATED, 0.5)
    assert found.to_dict()["estimates"]["ppv"]["value"] == 1.0
    assert found.to_dict()["true_positives"] == 3.0
    assert found.to_frame().loc["ppv", "cut_off"] == 0.5
    assert "sensitivity" in found._repr_html_()


# -- distribution ----------------------------------------------------------------------------------


def test_everybody_is_in_one_bin_by_outcome():
    sample = Sample.of([0.0, 0.1, 0.25, 0.5, 1.0], [0, 1, 1, 0, 1], weight=[1, 2, 3, 4, 5])
    found = distribution(sample, bins=4)
    assert found.edges.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert found.with_outcome.tolist() == [2, 3, 0, 5]
    assert found.without_outcome.tolist() == [1, 0, 4, 0]
    assert found.to_frame()["with_outcome"].sum() == 10
    assert found.to_dict()["edges"][-1] == 1.0
    with pytest.raises(EvaluationError, match="bins is 0"):
        distribution(sample, bins=0)
