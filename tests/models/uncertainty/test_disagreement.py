"""Where models that should say the same do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risicoscreener.errors import ModelError
from risicoscreener.models import (
    Logistic,
    ScoringProgram,
    SplineLogisticClassifier,
    Table,
    Term,
)
from risicoscreener.models.uncertainty import disagreement, out_of_fold_disagreement

PEOPLE = pd.DataFrame({"age": [20.0, 40.0], "priors": [0.0, 10.0], "debts": [1.0, np.nan]})


def line(feature: str, slope: float) -> Term:
    return Term(feature, (0.0, 100.0), (0.0, 100.0 * slope), missing=0.0)


def program(*terms: Term, **changes) -> ScoringProgram:
    return ScoringProgram(**{"intercept": -2.0, "terms": terms} | changes)


MODELS = {
    "short": program(line("priors", 0.1)),
    "long": program(line("priors", 0.3), line("age", -0.01)),
    "middle": program(line("priors", 0.1), calibration=Logistic(0.1, 2.0)),
}


def test_the_spread_is_from_the_lowest_to_the_highest_log_odds():
    found = disagreement(MODELS, PEOPLE)
    logit = np.array([[-2.0, -2.2, -3.9], [-1.0, 0.6, -1.9]])
    np.testing.assert_allclose(found.logit, logit, atol=1e-12)
    np.testing.assert_allclose(found.spread, [1.9, 2.5])
    np.testing.assert_allclose(found.deviation, logit.std(axis=1, ddof=1))


def test_it_says_which_models_differ_most_and_by_what_feature():
    frame = disagreement({"short": MODELS["short"], "long": MODELS["long"]}, PEOPLE).to_frame()
    assert frame["lowest"].tolist() == ["long", "short"]
    assert frame["highest"].tolist() == ["short", "long"]
    assert frame["feature"].tolist() == ["age", "priors"]


def test_contributions_are_those_after_calibration():
    found = disagreement({"short": MODELS["short"], "middle": MODELS["middle"]}, PEOPLE)
    assert found.by_feature[1, 0] == pytest.approx(0.1 * 10 - 2.0 * 0.1 * 10)


def test_a_threshold_comes_from_people_on_whom_nobody_fitted():
    many = pd.DataFrame({"age": np.linspace(18, 80, 500), "priors": np.linspace(0, 40, 500) % 7})
    found = disagreement({"short": MODELS["short"], "long": MODELS["long"]}, many)
    assert found.exceeds(found.threshold(0.9)).mean() == pytest.approx(0.1, abs=0.01)


def test_each_person_can_be_compared_by_fits_that_did_not_see_that_person():
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.normal(size=(200, 2)), columns=["a", "b"])
    y = (rng.random(200) < 1 / (1 + np.exp(-x["a"]))).to_numpy(float)
    common = {"smoothness": 0.1, "folds": 2, "calibration": None, "knots": 7}
    models = {
        "loose": SplineLogisticClassifier(shrinkage=0.001, **common),
        "stiff": SplineLogisticClassifier(shrinkage=30.0, **common),
    }
    found = out_of_fold_disagreement(models, x, y, folds=4)
    assert found.logit.shape == (200, 2)
    fits = {name: one.fit(x, y).lower() for name, one in models.items()}
    np.testing.assert_array_less(np.std(found.logit[:, 1]), np.std(found.logit[:, 0]))
    assert np.corrcoef(found.logit[:, 0], disagreement(fits, x).logit[:, 0])[0, 1] > 0.8
    assert found.threshold() > disagreement(fits, x).threshold()
    with pytest.raises(ModelError, match="too few people"):
        out_of_fold_disagreement(models, x, np.zeros(200))


def test_the_text_names_the_models_the_probabilities_and_the_feature():
    found = disagreement({"short": MODELS["short"], "long": MODELS["long"]}, PEOPLE)
    english = found.text(1, 1.0, "en")
    assert english == (
        "The models disagree: short gives 26.9% and long gives 64.6%. "
        "Most of the difference comes from priors."
    )
    assert found.text(1, 1.0).startswith("De modellen zijn het oneens: short geeft 26,9%")
    assert found.text(0, 1.0, "en").startswith("The models agree")


def test_probabilities_of_0_and_1_have_finite_log_odds():
    sure = program(line("age", 0.0), calibration=Table((0.0,), (0.0,)))
    unsure = program(line("age", 0.0))
    assert np.isfinite(disagreement({"a": sure, "b": unsure}, PEOPLE).spread).all()


def test_bad_input_is_refused():
    with pytest.raises(ModelError, match="two or more models"):
        disagreement({"short": MODELS["short"]}, PEOPLE)
    with pytest.raises(ModelError, match="lacks columns age"):
        disagreement(MODELS, PEOPLE[["priors"]])
