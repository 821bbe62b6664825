"""Each change of a cell or a rule of a shipped policy is found by a property or by a case."""

from __future__ import annotations

import pytest

from decision.golden_cases import FOLDER, SHIPPED
from risicoscreener.decision import verify
from risicoscreener.decision.cells import Cells
from risicoscreener.decision.golden import read_golden
from risicoscreener.decision.mutation import mutate_cells, mutate_rules

GOLDEN = read_golden(FOLDER)


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_no_change_of_a_cell_or_a_rule_goes_unseen(compiled):
    assert verify(compiled).ok
    golden = GOLDEN.get(compiled.id)
    pinned = {} if golden is None else golden.pinned(compiled)
    cells = Cells(compiled)
    found = mutate_cells(cells, pinned)
    assert found.survived == 0, [s.example.en for s in found.survivors]
    unseen = [m for m in mutate_rules(cells, pinned) if m.found_by == "nothing"]
    assert unseen == []
