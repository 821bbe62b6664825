"""A model with any calibration is fitted, bundled, read back and proves itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import numpy as np
import pytest

from risicoscreener.models import Bundle, SplineLogisticClassifier, fit_risk_model
from risicoscreener.models.calibrating import CalibratedAdditive, method_names

from ..conftest import DEFINITIONS, cohort, settings

PLAIN = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1, folds=3)


def fitted(estimator: Any) -> tuple[Any, np.ndarray]:
    frame, y = cohort(900)
    model = fit_risk_model(
        frame, y, **settings(definitions=DEFINITIONS, estimator=estimator, folds=3)
    )
    return model, frame.to_numpy()


@pytest.mark.parametrize("method", method_names())
def test_a_bundle_keeps_the_calibration_to_the_bit_and_verifies(method: Any, tmp_path: Any) -> None:
    model, x = fitted(CalibratedAdditive(PLAIN, method=method, folds=3))
    bundle = Bundle.create(
        id="calibrated-1",
        models=[model],
        owner="model owner",
        created=date(2025, 2, 1),
        review_on=date(2026, 2, 1),
        library_version="0.1.0",
        definitions=DEFINITIONS,
        history=[],
    )
    bundle.save(tmp_path / "bundle.json")
    read = Bundle.load(tmp_path / "bundle.json").models[0]
    assert read.program == model.program
    assert (read.program.score_many(x).probability == model.program.score_many(x).probability).all()


def test_the_stated_performance_is_that_of_the_calibrated_probabilities() -> None:
    plain, _ = fitted(SplineLogisticClassifier(shrinkage=0.01, smoothness=0.0, calibration=None))
    repaired, _ = fitted(
        CalibratedAdditive(
            SplineLogisticClassifier(shrinkage=0.01, smoothness=0.0), method="spline"
        )
    )
    bent, _ = fitted(
        CalibratedAdditive(
            SplineLogisticClassifier(shrinkage=0.01, smoothness=0.0), method="venn_abers"
        )
    )
    for better in (repaired, bent):
        assert better.performance.brier < plain.performance.brier
        off = abs(better.performance.calibration_slope - 1.0)
        assert off < abs(plain.performance.calibration_slope - 1.0)


def test_a_changed_calibration_is_found_when_the_bundle_is_read() -> None:
    model, _ = fitted(CalibratedAdditive(PLAIN, method="beta", folds=3))
    wrong = msgspec.structs.replace(model.program.calibration, b=model.program.calibration.b + 0.1)
    program = msgspec.structs.replace(model.program, calibration=wrong)
    vector = model.golden[0]
    assert program.score_one(vector.values)[0] != pytest.approx(vector.probability, abs=1e-9)
