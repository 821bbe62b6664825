"""What dossiers tell of the truth: as much as published, never more than there is to tell."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from discrimination import MATURE, STATIC, discrimination, features_of
from label_bias import bias, unequal
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.synthetic import simulate

N = 40_000


@pytest.fixture(scope="module")
def mature():
    return simulate(N, seed=2, changes=MATURE)


@pytest.fixture(scope="module")
def frame(mature):
    return features_of(mature)


def leaks(score, truth, outcome="any_2y_registered"):
    """Whether a score tells an outcome better than its true probability, beyond chance.

    The two are compared on the same people; on those, the true probability is the best there is.
    """
    y = truth[outcome].to_numpy()
    chance = truth[f"probability_{outcome}"].to_numpy()
    rng = np.random.default_rng(0)
    gains = []
    for _ in range(50):
        i = rng.integers(0, len(y), len(y))
        gains.append(roc_auc_score(y[i], score[i]) - roc_auc_score(y[i], chance[i]))
    return np.mean(gains) > 2 * np.std(gains)


def held_out(frame, truth):
    """Scores of the second half by a model of the first, and the truth of that half."""
    half = len(truth) // 2
    x, y = frame.to_numpy(), truth["any_2y_registered"].to_numpy()
    model = SplineLogisticClassifier(calibration=None).fit(x[:half], y[:half])
    return model.decision_function(x[half:]), truth.iloc[half:]


def test_discrimination_from_dossiers_is_as_published(mature, frame):
    found = discrimination(frame, mature.truth.persons)
    assert found.static == pytest.approx(0.735, abs=0.015)
    assert found.dynamic == pytest.approx(0.75, abs=0.015)
    assert found.oracle == pytest.approx(0.765, abs=0.015)
    assert found.static < found.dynamic < found.oracle


def test_violence_is_told_as_well_as_by_an_instrument_in_the_netherlands(mature, frame):
    assert discrimination(frame, mature.truth.persons, "violence_2y").static == pytest.approx(
        0.68, abs=0.03
    )


def test_features_of_the_library_do_not_see_the_truth(mature, frame):
    assert not leaks(*held_out(frame, mature.truth.persons))


def test_features_that_see_later_cases_are_found_out(mature):
    """The same check on dossiers in which later cases were recorded before the index day."""
    cases = mature.tables.tables["convictions"]
    owners = mature.tables.owners("convictions")
    as_of = mature.truth.persons["as_of"].to_numpy().astype("datetime64[D]")[owners]
    seen = {
        name: pa.array(np.minimum(cases.column(name).to_numpy(), as_of - lag), pa.date32())
        for name, lag in {"offence_on": 3, "judged_on": 2, "recorded_at": 1}.items()
    }
    for name, values in seen.items():
        cases = cases.set_column(cases.schema.get_field_index(name), name, values)
    tables = dataclasses.replace(
        mature.tables, tables={**mature.tables.tables, "convictions": cases}
    )
    leaking = features_of(dataclasses.replace(mature, tables=tables))[list(STATIC)]
    assert leaks(*held_out(leaking, mature.truth.persons))


@pytest.fixture(scope="module", params=[1.0, 2.0])
def ratio(request):
    return request.param


@pytest.fixture(scope="module")
def found(ratio):
    return bias(simulate(N, seed=3, scenario=unequal(ratio), changes=MATURE))


def test_on_registered_outcomes_the_model_looks_fair(found):
    assert all(0.92 < over < 1.1 for over in found.on_registered)


def test_on_true_outcomes_it_is_off_by_what_unequal_registration_implies(found):
    """Expected over true = expected over registered, times registered over true, in each group."""
    on_register = found.on_registered[0] / found.on_registered[1]
    expected = np.log(on_register * found.implied)
    assert abs(np.log(found.relative) - expected) < 3 * found.error


def test_it_overstates_the_risk_of_those_of_whom_more_is_registered(found, ratio):
    if ratio == 1.0:
        assert abs(np.log(found.relative)) < 3 * found.error
    else:
        assert np.log(found.relative) > 4 * found.error
        assert found.implied == pytest.approx(1.18, abs=0.03)
