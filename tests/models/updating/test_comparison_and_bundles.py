"""What an update brought is measured on people that it did not see, and written down."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

from risicoscreener.errors import BundleError, ModelError
from risicoscreener.models import Bundle
from risicoscreener.models.updating import (
    auc_difference,
    compare_update,
    needed_sample_size_for_update,
    update_bundle,
)

from ..conftest import cohort
from .people import NAMES, bent, expected, log_odds, oracle_people, straight, transport


def test_the_difference_of_two_aucs_is_that_of_proc_in_r():
    people, known = oracle_people(), expected()["auc"]
    x = people[list(NAMES)].to_numpy(float)
    old, new = log_odds(straight(), x), x @ [0.9, -0.2, 0.6]
    found = auc_difference(people["y"].to_numpy(float), old, new)
    assert found.estimate == pytest.approx(known["difference"], rel=1e-8)
    assert (found.upper - found.lower) / 2 / 1.959963984540054 == pytest.approx(
        known["error"], rel=1e-8
    )


def test_people_copied_as_rows_of_one_person_do_not_narrow_the_interval():
    people = oracle_people()
    x, y = people[list(NAMES)].to_numpy(float), people["y"].to_numpy(float)
    old, new = log_odds(straight(), x), x @ [0.9, -0.2, 0.6]
    copied = np.repeat(np.arange(300), 4)
    once = auc_difference(y, old, new, groups=np.arange(300))
    four = auc_difference(y[copied], old[copied], new[copied], groups=copied)
    assert (four.lower, four.upper) == pytest.approx((once.lower, once.upper), rel=1e-9)
    plain = auc_difference(y, old, new)  # by person and by class of outcome: nearly the same
    assert four.upper == pytest.approx(plain.upper, rel=0.02)


def test_the_brier_difference_is_that_of_the_probabilities():
    x, y, _ = transport(600, 1, shift=0.8)
    found = compare_update(bent(), x, y, rung="in_the_large", folds=5)
    each = (y - found.after_probability) ** 2 - (y - found.before_probability) ** 2
    d = found.differences["brier"]
    assert d.estimate == pytest.approx(each.mean())
    half = 1.959964 * each.std(ddof=1) / np.sqrt(600)
    assert (d.lower, d.upper) == pytest.approx((each.mean() - half, each.mean() + half), rel=1e-6)
    assert found.after.brier - found.before.brier == pytest.approx(d.estimate, abs=1e-12)


def test_an_update_that_was_needed_improves_what_it_should():
    x, y, _ = transport(1500, 2, shift=0.8)
    found = compare_update(bent(), x, y, rung="in_the_large")
    assert found.before.calibration_intercept == pytest.approx(0.8, abs=0.2)
    assert abs(found.after.calibration_intercept) < 0.05
    assert found.differences["brier"].upper < 0
    assert found.differences["log_loss"].upper < 0
    assert found.sentences("nl")[0].startswith("Kalibratiehelling")
    assert len(found.sentences("en")) == 3


def test_probabilities_after_the_update_are_of_people_that_it_did_not_see():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    y = (rng.random(60) < 0.5).astype(float)  # noise: a fit that saw it would look better
    found = compare_update(bent(), x, y, rung="refit", folds=5)
    apparent = compare_update(bent(), x, y, rung="none")
    assert found.before.brier == apparent.before.brier
    assert found.after.auc < 0.65


def test_none_changes_nothing():
    x, y, _ = transport(300, 3)
    found = compare_update(bent(), x, y, rung="none")
    assert found.differences["brier"].estimate == 0.0
    assert found.differences["auc"].estimate == 0.0


def test_without_a_rung_each_fold_chooses():
    x, y, _ = transport(1500, 4, shift=1.0)
    found = compare_update(bent(), x, y, folds=3)
    assert found.rung is None
    assert abs(found.after.calibration_intercept) < 0.1


def test_too_few_people_are_not_compared():
    x = transport(300, 5)[0]
    with pytest.raises(ModelError, match="at least 5"):
        compare_update(bent(), x[:8], np.array([1.0] * 4 + [0.0] * 4), rung="logistic")


# -- bundles -----------------------------------------------------------------------------------


WHEN = {"on": date(2025, 6, 1), "by": "analyst", "review_on": date(2026, 6, 1)}


def shifted(n: int = 900, seed: int = 5):
    frame, _ = cohort(n, seed)
    lp = -0.2 - 0.03 * (frame["age_years"] - 35) + 0.25 * frame["priors"]
    rng = np.random.default_rng(seed)
    return frame, (rng.random(n) < 1 / (1 + np.exp(-lp))).astype(float)


@pytest.fixture(scope="module")
def renewed(bundle):
    frame, y = shifted()
    return update_bundle(bundle, "any_2y", frame, y, folds=4, **WHEN)


def test_the_history_says_what_was_done_and_what_it_brought(bundle, renewed):
    entry = renewed.history[-1]
    y = shifted()[1]
    details = entry.details
    assert entry.action == f"update any_2y: {details['rung']}"
    assert details["previous_sha256"] == bundle.sha256
    assert (details["n"], details["events"]) == (900.0, y.sum())
    assert details["p_none"] < 0.05
    assert abs(details["calibration_intercept_after"]) < abs(
        details["calibration_intercept_before"]
    )
    assert details["brier_after"] - details["brier_before"] == pytest.approx(
        details["brier_difference"]
    )
    assert "likelihood ratio" in entry.note
    assert renewed.history[:-1] == bundle.history


def test_the_new_bundle_is_saved_and_loads(renewed, tmp_path):
    path = renewed.save(tmp_path / "new.json")
    again = Bundle.load(path)
    assert again == renewed
    assert again.verify().ok
    assert json.loads(path.read_text())["content"]["history"][-1]["details"]["rung"]


def test_other_models_and_the_old_bundle_stay_as_they_are(bundle, renewed):
    assert renewed.model("violence_2y") == bundle.model("violence_2y")
    assert renewed.model("any_2y") != bundle.model("any_2y")
    assert renewed.sha256 != bundle.sha256
    assert renewed.id == "test-1-2025-06-01"
    assert renewed.definitions == bundle.definitions


def test_that_a_model_was_kept_is_written_too(bundle):
    frame, y = shifted()
    kept = update_bundle(bundle, "any_2y", frame, y, rung="none", folds=4, **WHEN)
    assert kept.history[-1].action == "update any_2y: none"
    assert kept.model("any_2y").program == bundle.model("any_2y").program


def test_the_performance_in_the_new_people_stands_in_the_model(renewed):
    performance = renewed.model("any_2y").performance
    assert performance.method == "4-fold cross-validation of the update"


def test_a_model_that_the_bundle_does_not_have_is_refused(bundle):
    frame, y = shifted()
    with pytest.raises(BundleError, match="no model 'theft'"):
        update_bundle(bundle, "theft", frame, y, **WHEN)


def test_a_new_feature_without_definition_is_refused(bundle):
    frame, y = shifted()
    frame["visits"] = 1.0 * (np.arange(len(frame)) % 7)
    allowed = {"visits": "allowed"}
    extend = {"rung": "extension", "sensitivity": allowed, "folds": 3}
    with pytest.raises(BundleError, match="definition of visits"):
        update_bundle(bundle, "any_2y", frame, y, **extend, **WHEN)
    found = update_bundle(
        bundle, "any_2y", frame, y, definitions={"visits": "f6"}, **extend, **WHEN
    )
    assert found.definitions["visits"] == "f6"


# -- sample size -------------------------------------------------------------------------------


def test_higher_rungs_need_more_people():
    z = (-1.0, 1.0)
    sizes = [
        needed_sample_size_for_update(z, rung=rung, parameters=15).n
        for rung in ("none", "in_the_large", "logistic", "refit")
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] == 0
    assert len(set(sizes)) == 4


def test_the_overall_risk_needs_the_number_of_a_proportion():
    found = needed_sample_size_for_update([0.0, 0.0], rung="in_the_large")
    assert found.n == 385  # (1.96 / 0.05)^2 / 4


def test_the_number_for_a_slope_gives_the_wanted_interval():
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    found = needed_sample_size_for_update((-1.0, 1.0), rung="logistic", slope_width=0.4)
    widths = []
    for _ in range(30):
        z = rng.normal(-1.0, 1.0, found.n)
        y = rng.random(found.n) < 1 / (1 + np.exp(-z))
        fit = sm.GLM(y.astype(float), sm.add_constant(z), family=sm.families.Binomial()).fit()
        widths.append(np.ptp(fit.conf_int()[1]))
    assert np.mean(widths) == pytest.approx(0.4, rel=0.03)


def test_a_refit_needs_to_know_how_many_parameters():
    with pytest.raises(ModelError, match="parameters"):
        needed_sample_size_for_update((-1.0, 1.0), rung="refit")
