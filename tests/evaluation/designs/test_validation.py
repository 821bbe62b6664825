"""Nobody is predicted for by a fit, or a choice, that saw them or their future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from evaluation.designs.data import SEEN, Recorder, people
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.designs import (
    apparent,
    cross_validate,
    external,
    forward_in_time,
    internal_external,
)
from risicoscreener.evaluation.designs.holding_out import fold_splits
from risicoscreener.evaluation.designs.people import People

PLAIN = LogisticRegression()


def test_predictions_in_folds_are_those_of_scikit_learn():
    x, y, _ = people()
    folds = [
        (np.flatnonzero(kept), np.flatnonzero(held))
        for _, held, kept in fold_splits(People.of(x[:, 1:], y), 5, seed=3)
    ]
    theirs = cross_val_predict(PLAIN, x[:, 1:], y, cv=folds, method="predict_proba")[:, 1]
    ours = cross_validate(PLAIN, x[:, 1:], y, folds=5, seed=3)
    assert ours.probability == pytest.approx(theirs, abs=1e-12)
    assert ours.estimates["auc"].value == pytest.approx(roc_auc_score(y, theirs))


def test_folds_are_alike_in_size_and_in_outcomes_and_hold_everybody_once():
    x, y, _ = people(403)
    splits = fold_splits(People.of(x, y), 10)
    held = np.array([rows for _, rows, _ in splits])
    assert (held.sum(axis=0) == 1).all()
    assert np.ptp(held.sum(axis=1)) <= 1
    assert np.ptp(held @ y) <= 1


def test_nobody_is_in_both_parts_of_any_fold_outer_or_inner():
    x, y, rng = people()
    person = rng.integers(0, 120, 400)
    SEEN.clear()
    cross_validate(
        Recorder(), x, y, grid={"shift": [0.0, 0.3]}, groups=person, folds=5, inner_folds=3
    )
    assert len(SEEN) == 5 * (2 * 3 + 1)
    for fitted, scored in SEEN:
        assert not set(person[fitted]) & set(person[scored])


def test_parameters_are_chosen_without_the_part():
    x, y, _ = people()
    found = cross_validate(PLAIN, x[:, 1:], y, grid={"C": [1e-6, 1.0]}, folds=4)
    assert [part.chosen for part in found.parts] == [{"C": 1.0}] * 4
    assert found.to_frame()["C"].tolist() == [1.0] * 4


def test_repeats_have_other_folds_and_the_mean_of_their_figures():
    x, y, _ = people(200)
    one = [cross_validate(PLAIN, x[:, 1:], y, folds=4, seed=s) for s in (5, 6)]
    both = cross_validate(PLAIN, x[:, 1:], y, folds=4, repeats=2, seed=5)
    values = [found.estimates["brier"].value for found in one]
    assert values[0] != values[1]
    found = both.estimates["brier"]
    assert found.value == pytest.approx(np.mean(values))
    assert found.high - found.low == pytest.approx(
        one[0].estimates["brier"].high - one[0].estimates["brier"].low
    )


def test_draws_depend_on_the_seed_alone_and_not_on_the_number_of_jobs():
    x, y, _ = people(200)
    with parallel_config(backend="threading"):
        one, two = (cross_validate(PLAIN, x, y, folds=3, jobs=jobs).probability for jobs in (1, 2))
    assert (one == two).all()


def test_frames_with_missing_values_and_pipelines_are_taken_as_they_are():
    x, y, rng = people(300)
    frame = pd.DataFrame(x[:, 1:], columns=["a", "b"], index=rng.permutation(300))
    frame.iloc[::7, 1] = np.nan
    model = make_pipeline(SimpleImputer(), LogisticRegression())
    weight = np.where(y == 1, 2.0, 1.0)
    found = cross_validate(model, frame, y, folds=3, sample_weight=weight)
    assert found.probability.mean() > y.mean() + 0.1


def test_rows_of_one_person_make_the_interval_that_of_persons():
    x, y, _ = people(200)
    x, y, person = np.repeat(x, 3, axis=0), np.repeat(y, 3), np.repeat(np.arange(200), 3)
    found = cross_validate(PLAIN, x[:, 1:], y, groups=person, folds=4)
    assert found.estimates["brier"].method == "clustered"


def test_the_apparent_figures_are_those_of_the_fit_on_everybody():
    x, y, _ = people()
    found = apparent(PLAIN, x[:, 1:], y)
    fitted = PLAIN.fit(x[:, 1:], y).predict_proba(x[:, 1:])[:, 1]
    assert found.probability == pytest.approx(fitted)
    assert found.estimates["auc"].value == pytest.approx(roc_auc_score(y, fitted))


def test_a_fixed_model_is_judged_as_it_is_on_people_of_elsewhere():
    x, y, rng = people(300)
    elsewhere, outcome, _ = people(500, seed=8)
    fitted = LogisticRegression().fit(x[:, 1:], y)
    found = external(fitted, elsewhere[:, 1:], outcome)
    told = external(fitted.predict_proba(elsewhere[:, 1:])[:, 1], elsewhere[:, 1:], outcome)
    assert found.parts == ()
    assert found.estimates == told.estimates
    by_prison = external(
        fitted, elsewhere[:, 1:], outcome, prison=rng.choice(["a", "b", "c", "d"], 500)
    )
    assert by_prison.estimates == found.estimates
    assert by_prison.summaries["auc"].k == 4
    assert by_prison.parts[0].trained_on == 0


def test_each_prison_is_predicted_for_without_it_and_without_its_people():
    x, y, rng = people()
    person, prison = rng.integers(0, 120, 400), rng.choice(["north", "south", "west"], 400)
    SEEN.clear()
    found = internal_external(Recorder(), x, y, prison, groups=person)
    assert [part.name for part in found.parts] == ["north", "south", "west"]
    assert set(found.summaries) == {one.name for one in found.estimates}
    for fitted, scored in SEEN:
        assert len(set(prison[scored])) == 1
        assert not set(person[fitted]) & set(person[scored])


def test_a_prison_with_one_outcome_has_no_figure_and_is_left_out_of_the_mean():
    x, y, _ = people()
    prison = np.where(np.arange(400) < 5, "a small one", np.where(np.arange(400) < 200, "b", "c"))
    y[:5] = 0.0
    found = internal_external(PLAIN, x[:, 1:], y, prison)
    assert found.parts[0].estimates["auc"].problem == "one_class"
    assert found.summaries["auc"].k == 2
    assert found.summaries["auc"].mean.ok


def test_prisons_that_differ_make_a_wide_prediction_interval():
    rng = np.random.default_rng(3)
    prison = np.repeat(np.arange(8), 150)
    x = rng.normal(size=(1200, 1))
    shift = np.linspace(-1, 1, 8)[prison]
    alike, apart = (
        internal_external(
            PLAIN, x, (rng.random(1200) < 1 / (1 + np.exp(-x[:, 0] - s))).astype(float), prison
        ).summaries["calibration_intercept"]
        for s in (0.0, shift)
    )
    assert apart.tau > 0.5 > alike.tau
    assert apart.next_high - apart.next_low > 3 * (alike.next_high - alike.next_low)


@pytest.mark.parametrize("lag", [0, 90])
def test_nothing_is_fitted_on_that_had_not_matured(lag):
    x, y, rng = people()
    days = np.datetime64("2015-01-01") + np.sort(rng.integers(0, 3000, 400))
    person = rng.integers(0, 200, 400)
    SEEN.clear()
    found = forward_in_time(
        Recorder(), x, y, days, horizon_days=730, lag_days=lag, groups=person, cuts=3
    )
    assert len(SEEN) == 3
    for fitted, scored in SEEN:
        assert (days[fitted] + 730 + lag <= days[scored].min()).all()
        assert not set(person[fitted]) & set(person[scored])
    assert np.isnan(found.probability[days < np.datetime64(found.parts[0].name)]).all()


def test_a_result_can_be_read_as_a_table_and_as_plain_values():
    x, y, _ = people(200)
    found = internal_external(PLAIN, x[:, 1:], y, np.arange(200) % 3)
    assert list(found.to_frame()["part"]) == ["0", "1", "2"]
    plain = found.to_dict()
    assert plain["parts"][1]["n"] == 67
    assert plain["summaries"]["brier"]["k"] == 3
    assert "AUC" in found._repr_html_()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.full(400, 3.0)}, r"y\[0\] is 3; expected 0 or 1"),
        ({"X": np.zeros((3, 1))}, "do not fit"),
        ({"groups": np.zeros(3)}, "groups has shape"),
        ({"groups": [None, *range(399)]}, r"groups\[0\] is missing"),
        ({"sample_weight": np.zeros(400)}, "sample_weight"),
        ({"folds": 1}, "folds"),
        ({"repeats": 0}, "repeats"),
        ({"y": np.r_[1.0, np.zeros(399)]}, "too few"),
        ({"estimator": KNeighborsClassifier(), "sample_weight": np.ones(400)}, "takes no"),
    ],
)
def test_unusable_data_are_refused(change, message):
    x, y, _ = people()
    arguments = {"estimator": PLAIN, "X": x, "y": y} | change
    with pytest.raises(EvaluationError, match=message):
        cross_validate(**arguments)


def test_one_prison_and_labels_that_are_missing_are_refused():
    x, y, _ = people()
    with pytest.raises(EvaluationError, match="one prison"):
        internal_external(PLAIN, x, y, np.zeros(400))
    with pytest.raises(EvaluationError, match=r"prison\[1\] is missing"):
        internal_external(PLAIN, x, y, [0.0, np.nan, *np.ones(398)])


def test_other_than_two_classes_and_other_lengths_are_refused():
    x, y, _ = people()
    with pytest.raises(EvaluationError, match="two columns"):
        external(DummyClassifier().fit(x, np.arange(400) % 3), x, y)
    with pytest.raises(EvaluationError, match="probabilities have shape"):
        external(np.zeros(3), x, y)
