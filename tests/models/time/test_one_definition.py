"""What models and evaluation both need of outcomes in time is one thing."""

from __future__ import annotations

import pytest

from risicoscreener.evaluation import time as evaluation
from risicoscreener.models import time as models

SHARED = sorted(set(models.__all__) & set(evaluation.__all__))


def test_outcomes_curves_weights_and_concordance_are_shared():
    assert {"TimeToEvent", "aalen_johansen", "horizon_weights", "concordance"} <= set(SHARED)


@pytest.mark.parametrize("name", SHARED)
def test_a_name_of_both_is_the_same_object(name):
    assert getattr(models, name) is getattr(evaluation, name)
