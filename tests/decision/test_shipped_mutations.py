"""Each change of a cell or a rule of a shipped policy is found by a property or by a case."""

from __future__ import annotations

import pytest

from decision.golden_cases import FOLDER, SHIPPED
from risicoscreener.decision import verify
from risicoscreener.decision.cells import Cells
from risicoscreener.decision.golden import read_golden
from risicoscreener.decision.mutation import mutate_cells, mutate_rules

GOLDEN = read_golden(FOLDER)
UNSEEN: dict[str, tuple[int, int]] = {
    "conditional_release/2008-07-01": (5, 4),
    "conditional_release/2021-07-01": (3, 2),
    "leave/1999-01-01": (2, 3),
    "low_security/2014-03-01": (4, 7),
}
"""Changes of cells and of rules that nothing finds yet; 0 for the rest. May only go down."""


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_no_change_of_a_cell_or_a_rule_goes_unseen(compiled):
    assert verify(compiled).ok
    golden = GOLDEN.get(compiled.id)
    pinned = {} if golden is None else golden.pinned(compiled)
    cells = Cells(compiled)
    most_cells, most_rules = UNSEEN.get(compiled.id, (0, 0))
    found = mutate_cells(cells, pinned)
    assert found.survived <= most_cells, [s.example.en for s in found.survivors]
    rules = [m for m in mutate_rules(cells, pinned) if m.found_by == "nothing"]
    assert len(rules) <= most_rules, [f"{m.kind} {m.what}" for m in rules]


def test_what_may_go_unseen_is_of_policies_that_there_are():
    assert set(UNSEEN) <= set(SHIPPED)
    assert all(max(counts) > 0 for counts in UNSEEN.values())
