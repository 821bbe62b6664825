"""The group lasso where equations have many solutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from risicoscreener.models.estimators import SplineLogisticClassifier
from risicoscreener.models.estimators.groups import _Scaled

from ..conftest import cohort


def test_two_equal_columns_do_not_keep_a_lasso_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly every problem of the path ends at its first Newton step, the shortest of many."""
    counted = {"minimise": 0, "_polished": 0}
    for name in counted:

        def counting(
            self: Any, c: Any, _name: str = name, _real: Any = getattr(_Scaled, name)
        ) -> Any:
            counted[_name] += 1
            return _real(self, c)

        monkeypatch.setattr(_Scaled, name, counting)
    frame, y = cohort(300)
    x = frame.fillna(frame.median())[["age_years", "priors", "priors"]].to_numpy()
    lasso = SplineLogisticClassifier(l1_ratio=1.0, knots=3, calibration=None, folds=3).fit(x, y)
    assert counted["_polished"] < 1.3 * counted["minimise"]
    assert np.isfinite(lasso.decision_function(x)).all()
