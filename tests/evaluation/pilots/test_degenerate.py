"""Data that leave no spread give a reason, never certainty."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.pilots.data import as_cells, wedge
from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots import (
    AnalysisPlan,
    Cells,
    analyse,
    effect_by,
    parallel,
    randomisation,
    staggered,
)

SURE = ["cr2", "wild_bootstrap", "normal_sandwich"]
SIX = parallel(list("abcdef"), list("abc"), periods=["0", "1"], start=1)


@pytest.mark.parametrize("method", SURE)
def test_one_site_on_each_side_makes_nothing_certain(method):
    design = parallel(["a", "b"], ["a"], periods=["0", "1"], start=1)
    cells = as_cells([[1, 2], [1, 1.4]], 10)
    with pytest.raises(PilotError, match="no spread"):
        effect_by(method, cells, design, AnalysisPlan(method))


@pytest.mark.parametrize("method", [*SURE, "ignoring_sites"])
@pytest.mark.parametrize("share", [0.0, 1.0, 0.35, "all or nothing"])
def test_sites_all_alike_give_a_reason(method, share):
    size = np.full(SIX.shape, 20.0)
    good = 20.0 * (SIX.exposure if isinstance(share, str) else np.full(SIX.shape, share))
    if method == "ignoring_sites" and share == 0.35:
        pytest.skip("people differ, who are its units")
    with pytest.raises(PilotError, match="no spread"):
        effect_by(method, Cells("binary", size, good, good), SIX, AnalysisPlan(method))


@pytest.mark.parametrize("level", [0.1, 1.0, 1 / 3])
def test_outcomes_all_alike_leave_every_assignment_as_good(level):
    cells = as_cells(np.full(SIX.shape, level), 20)
    assert randomisation(SIX, cells).p_value(cells.mean) == 1.0
    found = analyse(cells, SIX, AnalysisPlan("randomisation"))
    assert found.effect.p_value == 1.0
    assert not {"cr2", "wild_bootstrap"} & set(found.others)


def test_groups_that_move_alike_have_no_error_of_rounding():
    starts = {"a": "1", "b": "1", "c": None, "d": None}
    design = staggered(starts, ["0", "1"])
    cells = as_cells([[0.1, 0.4], [0.1, 0.4], [0.1, 0.2], [0.1, 0.2]], [[7, 9]] * 4)
    found = effect_by("group_time", cells, design, AnalysisPlan("group_time"))
    assert found.value == pytest.approx(0.2)
    assert found.error > 0.05  # by what people differ, since sites do not


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_an_outcome_that_all_or_none_have_excludes_no_effect(level):
    design = wedge(8)
    size = np.full(design.shape, 20.0)
    cells = Cells("binary", size, size * level, size * level)
    with pytest.raises(PilotError, match="no spread"):
        analyse(cells, design, AnalysisPlan("randomisation"))
