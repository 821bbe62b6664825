"""The choice of a method: its figures, its rule, and its words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from risicoscreener.errors import ModelError
from risicoscreener.models import Identity, Logistic
from risicoscreener.models.calibrating import choose_calibration, fit_logistic, method_names
from risicoscreener.models.calibrating.choice import (
    MethodResult,
    mean_and_error,
    one_standard_error,
)
from risicoscreener.models.estimators import deal_folds

from .data import drawn


def result(method: str, behind: float, error: float, tried: bool = True) -> MethodResult:
    rest = dict.fromkeys(("log_loss", "brier", "gain", "gain_error"), 0.0)
    rest |= dict.fromkeys(("brier_gain", "brier_gain_error"), 0.0)
    return MethodResult(method=method, tried=tried, behind=behind, behind_error=error, **rest)


def test_the_simplest_method_within_one_standard_error_of_the_best_is_taken() -> None:
    results = [
        result("none", 0.30, 0.10),
        result("logistic", 0.08, 0.05),
        result("beta", 0.02, 0.02),
        result("spline", 0.00, 0.00),
    ]
    assert one_standard_error(results) == "beta"
    assert one_standard_error([results[0], results[3]]) == "spline"


def test_a_method_that_was_not_tried_is_never_taken() -> None:
    nan = float("nan")
    assert (
        one_standard_error([result("none", nan, nan, tried=False), result("beta", 0, 0)]) == "beta"
    )


def test_losses_are_those_of_maps_that_have_not_seen_the_person() -> None:
    lp, y = drawn(300, 1)
    shares = deal_folds(lp[:, None], y, np.ones(300), None, 5)
    losses = np.empty(300)
    for held in shares.T > 0:
        p = expit(fit_logistic(lp[~held], y[~held]).before_link(lp[held]))
        losses[held] = -np.log(np.where(y[held] == 1, p, 1 - p))
    plain = -np.log(np.where(y == 1, expit(lp), expit(-lp)))
    found = choose_calibration(lp, y, methods=["logistic"], folds=5).results[1]
    assert found.log_loss == pytest.approx(losses.mean(), abs=1e-12)
    assert found.gain == pytest.approx((plain - losses).mean(), abs=1e-12)
    error = (plain - losses).std(ddof=1) / np.sqrt(300)
    assert found.gain_error == pytest.approx(error, abs=1e-12)


def test_a_miscalibrated_line_gets_the_logistic_map() -> None:
    lp, y = drawn(4000, 2, slope=0.5)
    found = choose_calibration(lp, y)
    assert found.method == "logistic"
    assert found.calibration == fit_logistic(lp, y)
    assert found.chosen.gain > 5 * found.chosen.gain_error


def test_a_calibrated_predictor_is_left_as_it_is() -> None:
    found = choose_calibration(*drawn(2000, 3, slope=1.0))
    assert found.method == "none"
    assert found.calibration == Identity()


def test_a_curve_gets_a_map_that_bends() -> None:
    lp, y = drawn(6000, 4, slope=0.3, bend=0.6)
    found = choose_calibration(lp, y)
    assert found.method == "spline"
    assert found.best.log_loss < found.results[1].log_loss - 0.003


def test_overfitting_is_seen_with_few_people() -> None:
    found = choose_calibration(*drawn(900, 5, slope=0.5)).to_frame()
    assert found.loc["isotonic", "log_loss"] > found.loc["logistic", "log_loss"]


def test_methods_with_too_few_events_are_named_and_not_tried() -> None:
    lp, y = drawn(200, 6)
    found = choose_calibration(lp, y)
    fewest = min(y.sum(), 200 - y.sum())
    assert fewest == found.fewest < 100
    assert [r.method for r in found.results if r.tried] == ["none", "logistic", "beta"]
    assert (
        f"Isotonic calibration: not tried; it needs 200 people with and as many without the outcome, and the smaller group is {fewest:g}."
        in str(found)
    )


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_words_tell_what_was_tried_what_each_gained_and_why_this_one(lang: str) -> None:
    found = choose_calibration(*drawn(1000, 7, slope=0.6))
    text = found.explain(lang)
    lines = text.splitlines()
    assert "1000" in lines[0]
    assert len(lines) == 1 + len(method_names()) + 2
    for tried, line in zip(found.results[1:], lines[2:], strict=False):
        assert f"{tried.gain:+.5f}" in line
        assert f"{tried.gain_error:.5f}" in line
    assert ("Gekozen:" if lang == "nl" else "Chosen:") in lines[-2]
    assert "{" not in text


def test_the_reason_names_the_best_method_when_a_simpler_one_is_taken() -> None:
    found = choose_calibration(*drawn(1500, 9, slope=0.6, bend=0.05))
    assert found.best.method != found.method
    assert f"difference ({found.chosen.behind:.5f}) is no more than one" in str(found)


def test_the_table_has_a_row_per_method_and_marks_the_chosen_one() -> None:
    found = choose_calibration(*drawn(500, 9))
    frame = found.to_frame()
    assert list(frame.index) == list(method_names())
    assert list(frame.index[frame["chosen"]]) == [found.method]


def test_a_weight_of_two_is_a_person_seen_twice() -> None:
    lp, y = drawn(400, 10)
    w = np.random.default_rng(0).integers(1, 3, 400)
    twice = np.repeat(np.arange(400), w)
    weighted = choose_calibration(lp, y, w, methods=["logistic", "beta"])
    repeated = choose_calibration(lp[twice], y[twice], methods=["logistic", "beta"])
    for one, other in zip(weighted.results, repeated.results, strict=True):
        assert one.log_loss == pytest.approx(other.log_loss, abs=1e-9)
        assert one.gain_error == pytest.approx(other.gain_error, abs=1e-9)


def test_rows_of_one_person_count_as_one_in_the_standard_error() -> None:
    lp, y = drawn(300, 11)
    thrice = np.repeat(np.arange(300), 3)
    single = choose_calibration(lp, y, methods=["logistic"])
    grouped = choose_calibration(lp[thrice], y[thrice], methods=["logistic"], groups=thrice)
    naive = choose_calibration(lp[thrice], y[thrice], methods=["logistic"])
    assert grouped.results[1].gain_error == pytest.approx(single.results[1].gain_error, rel=0.15)
    assert naive.results[1].gain_error < 0.7 * single.results[1].gain_error


def test_the_standard_error_of_clusters_by_hand() -> None:
    x, w, cluster = np.array([1.0, 3.0, 2.0, 6.0]), np.ones(4), np.array([0, 0, 1, 1])
    # Mean 3; the clusters deviate by -2 and 2 in total: sqrt((4 + 4) * 2 / 1) / 4.
    assert mean_and_error(x, w, cluster) == pytest.approx((3.0, 1.0))


def test_the_order_of_rows_does_not_matter() -> None:
    lp, y = drawn(500, 12)
    order = np.random.default_rng(0).permutation(500)
    one, other = choose_calibration(lp, y), choose_calibration(lp[order], y[order])
    assert one.calibration == other.calibration
    assert one.best.log_loss == pytest.approx(other.best.log_loss, abs=1e-12)


def test_too_few_people_and_unknown_methods_are_refused() -> None:
    with pytest.raises(ModelError, match="too few people"):
        choose_calibration([0.0, 1.0, 2.0], [0, 1, 1])
    with pytest.raises(ModelError, match="no calibration method 'platt'"):
        choose_calibration(*drawn(100, 1), methods=["platt"])  # type: ignore[list-item]
    assert isinstance(choose_calibration(*drawn(100, 1, slope=0.1)).calibration, Logistic)
