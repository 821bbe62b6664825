"""Which features make the leverage of a person large."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from risicoscreener.errors import ModelError
from risicoscreener.models import RiskModel
from risicoscreener.models.uncertainty import explain_leverage


def test_the_feature_that_is_far_away_comes_first(model: RiskModel):
    program = model.program
    values = [r.typical for r in program.support.ranges]
    values[1] = 9.0
    first, *_ = explain_leverage(program, values)
    assert (first.feature, first.value, first.typical) == ("priors", 9.0, 2.0)


def test_a_part_is_what_the_leverage_loses_if_the_value_were_typical(model: RiskModel):
    program = model.program
    values = [60.0, 6.0, math.nan, -1.0]
    now = program.interval_one(values).standard_error ** 2
    for part in explain_leverage(program, values):
        changed = list(values)
        changed[program.features.index(part.feature)] = part.typical
        then = program.interval_one(changed).standard_error ** 2
        assert part.falls_by == pytest.approx(1.0 - then / now, abs=1e-9)


def test_parts_are_in_order_and_of_every_feature(model: RiskModel):
    parts = explain_leverage(model.program, [60.0, 6.0, 100.0, -1.0])
    assert {part.feature for part in parts} == set(model.features)
    assert (np.diff([part.falls_by for part in parts]) <= 0).all()


def test_a_program_without_uncertainty_has_no_leverage(model: RiskModel):
    without = msgspec.structs.replace(model.program, uncertainty=None)
    with pytest.raises(ModelError, match="uncertainty and support"):
        explain_leverage(without, [60.0, 6.0, 100.0, -1.0])
