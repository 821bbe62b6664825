"""What depends on who happened to be in the sample is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression

from evaluation.designs.data import people
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.designs import Instability, instability

PLAIN = LogisticRegression(C=np.inf)


def test_errors_and_intervals_per_person_are_those_of_the_definition():
    resampled = np.array([[0.1, 0.6], [0.3, 0.4], [0.2, 0.5]])
    found = Instability(np.array([0.2, 0.45]), resampled)
    assert found.person_error == pytest.approx([0.2 / 3, (0.15 + 0.05 + 0.05) / 3])
    assert found.mean_absolute_prediction_error == pytest.approx((0.2 / 3 + 0.25 / 3) / 2)
    low, high = found.interval(0.5)
    assert low == pytest.approx([0.15, 0.45])
    assert high == pytest.approx([0.25, 0.55])
    assert found.crossing(0.5) == pytest.approx([0.0, 2 / 3])
    assert list(found.to_frame().columns) == ["original", "lower", "upper", "error"]


def test_resampled_predictions_spread_as_the_standard_error_says():
    x, y, _ = people(800)
    x = x[:, 1:]
    found = instability(PLAIN, x, y, resamples=150)
    design = sm.add_constant(x)
    fit = sm.GLM(y, design, family=sm.families.Binomial()).fit()
    error = np.sqrt(np.einsum("ij,jk,ik->i", design, fit.cov_params(), design))
    log_odds = np.log(found.resampled / (1 - found.resampled))
    assert log_odds.std(axis=0).mean() == pytest.approx(error.mean(), rel=0.12)


def test_other_people_can_be_predicted_for_from_a_frame():
    x, y, _ = people(100)
    frame = pd.DataFrame(x[:, 1:], columns=["a", "b"])
    found = instability(PLAIN, frame, y, people=frame.iloc[:7], resamples=5)
    assert found.resampled.shape == (5, 7)
    with pytest.raises(EvaluationError, match="not known"):
        found.calibration_curves()


def test_each_resampled_model_has_its_calibration_curve_in_the_people_fitted_on():
    x, y, _ = people(300)
    found = instability(PLAIN, x[:, 1:], y, resamples=6)
    original, others = found.calibration_curves()
    assert len(others) == 6
    # with 300 people a curve with four knots stays about the diagonal of the fit
    assert np.abs(original.y - original.x).mean() < 0.1


def test_a_result_tells_nothing_of_single_people():
    x, y, _ = people(100)
    found = instability(PLAIN, x[:, 1:], y, resamples=5)
    assert set(found.to_dict()) == {
        "people",
        "resamples",
        "mean_absolute_prediction_error",
        "median_error",
        "p90_error",
        "largest_error",
    }
    assert "median_error" in found._repr_html_()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resamples": 1}, "at least 2"),
        ({"people": np.zeros((2, 1))}, "expected"),
        ({"y": np.r_[1.0, np.zeros(299)]}, "too few"),
    ],
)
def test_unusable_data_are_refused(change, message):
    x, y, _ = people(300)
    with pytest.raises(EvaluationError, match=message):
        instability(PLAIN, x, **({"y": y, "resamples": 3} | change))
