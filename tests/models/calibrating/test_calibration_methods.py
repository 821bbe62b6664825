"""The simulation behind the advice of docs/calibration.md."""

from __future__ import annotations

import numpy as np

import calibration_methods as script


def test_the_simulation_finds_that_a_calibrated_model_is_best_left_alone() -> None:
    cell = script.simulate("calibrated", 200, 3)
    assert max(cell.errors["none"]) < 1e-15
    assert min(cell.errors["logistic"]) > 0.001
    assert "isotonic" not in cell.errors


def test_the_simulation_finds_that_a_line_is_repaired_by_two_parameters() -> None:
    cell = script.simulate("line", 1000, 2)
    assert np.mean(cell.errors["logistic"]) < 0.25 * np.mean(cell.errors["none"])
    assert np.mean(cell.errors["logistic"]) < np.mean(cell.errors["isotonic"])


def test_the_report_has_a_row_per_method_and_a_dash_where_events_are_too_few() -> None:
    text = script.report({("calibrated", 200): script.simulate("calibrated", 200, 2)})
    assert "| none | 0.00 |" in text
    assert "| isotonic | – |" in text
    assert "| none | 100 |" in text
