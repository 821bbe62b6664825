"""No small group can be worked out from what is shown."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.groups import Disclosure
from risicoscreener.evaluation.groups.disclosure import Relation, determined, hidden_cells
from risicoscreener.evaluation.groups.table import relations

RULE = Disclosure()


def one_attribute(*counts):
    """Groups and, last, everybody."""
    total = (sum(n for n, _ in counts), sum(e for _, e in counts))
    return [*counts, total], [Relation(len(counts), tuple(range(len(counts))))]


@pytest.mark.parametrize(
    ("count", "small"),
    [
        ((10, 5), False),
        ((9, 5), True),
        ((100, 4), True),
        ((100, 96), True),
        ((100, 95), False),
    ],
)
def test_a_group_is_small_by_its_people_or_by_those_with_or_without_the_outcome(count, small):
    assert RULE.is_small(count) == small


def test_one_small_group_takes_the_next_smallest_with_it():
    hidden = hidden_cells(*one_attribute((100, 30), (8, 2), (40, 12), (60, 20)), RULE)
    assert hidden == ["", "small", "derivable", "", ""]


def test_two_small_groups_protect_each_other_if_together_they_are_large_enough():
    assert hidden_cells(*one_attribute((100, 30), (9, 3), (9, 3)), RULE) == ["", *["small"] * 2, ""]
    tiny = hidden_cells(*one_attribute((100, 30), (3, 1), (4, 1)), RULE)
    assert tiny == ["derivable", "small", "small", ""]


def test_nothing_is_hidden_where_nothing_is_small():
    assert hidden_cells(*one_attribute((100, 30), (80, 20)), RULE) == [""] * 3


def test_with_one_group_everybody_is_hidden_with_it():
    assert hidden_cells(*one_attribute((6, 3)), RULE) == ["small", "small"]


def test_a_hidden_cell_takes_one_in_its_row_and_one_in_its_column():
    table = np.array([[(5, 1), (50, 20), (60, 20)], [(70, 30), (55, 20), (65, 30)]])
    keys, counts = keyed(table)
    hidden = dict(zip(keys, hidden_cells(counts, relations(keys), RULE), strict=True))
    cells = {k[1] for k, why in hidden.items() if why and len(k[1]) == 2}
    assert cells == {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}
    assert not hidden[((), ())]


def keyed(table: np.ndarray):
    """Keys and counts of everybody, rows, columns and cells of a table of counts."""
    rows, columns = table.shape[:2]
    keys = [((), ())]
    counts = [tuple(int(v) for v in table.sum(axis=(0, 1)))]
    for i in range(rows):
        keys.append((("r",), (f"r{i}",)))
        counts.append(tuple(int(v) for v in table[i].sum(axis=0)))
    for j in range(columns):
        keys.append((("c",), (f"c{j}",)))
        counts.append(tuple(int(v) for v in table[:, j].sum(axis=0)))
    for i, j in itertools.product(range(rows), range(columns)):
        keys.append((("r", "c"), (f"r{i}", f"c{j}")))
        counts.append(tuple(int(v) for v in table[i, j]))
    return keys, counts


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_no_hidden_count_is_the_same_in_every_table_that_fits_what_is_shown(data):
    shape = data.draw(st.sampled_from([(2, 2), (2, 3), (3, 3)]))
    n = data.draw(st.lists(st.integers(1, 40), min_size=shape[0] * shape[1], max_size=9))
    people = np.array(n[: shape[0] * shape[1]]).reshape(shape)
    table = np.stack([people, people // 2], axis=-1)
    keys, counts = keyed(table)
    sums = relations(keys)
    why = hidden_cells(counts, sums, RULE)
    hidden = [bool(w) for w in why]
    assert all(h for h, c in zip(hidden, counts, strict=True) if RULE.is_small(c))
    # solved independently: a count is known if adding its own equation does not raise the rank
    columns = [i for i, h in enumerate(hidden) if h]
    matrix = np.zeros((len(sums), len(columns)))
    for row, relation in enumerate(sums):
        for j, place in enumerate(columns):
            matrix[row, j] = (place in relation.children) - (place == relation.parent)
    rank = np.linalg.matrix_rank(matrix) if columns else 0
    for j in range(len(columns)):
        unit = np.eye(len(columns))[j : j + 1]
        assert np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank + 1
    for relation in sums:
        if not hidden[relation.parent]:
            unseen = [counts[c] for c in relation.children if hidden[c]]
            together = (sum(a for a, _ in unseen), sum(b for _, b in unseen))
            assert not unseen or not RULE.is_small(together)


def test_a_bridge_between_two_cycles_is_found_although_its_row_and_column_hide_others():
    # two hidden blocks of 2 x 2 joined by one hidden cell: that cell follows from the totals
    hidden_pairs = {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3), (3, 2), (3, 3)}
    table = np.full((4, 4, 2), 20)
    keys, _ = keyed(table)
    hidden = [
        len(labels) == 2 and (int(labels[0][1]), int(labels[1][1])) in hidden_pairs
        for _, labels in keys
    ]
    found = {keys[i][1] for i in determined(relations(keys), hidden)}
    assert found == {("r1", "c2")}


def test_a_small_cell_that_follows_from_others_that_are_hidden_takes_one_more():
    table = np.full((4, 4, 2), (60, 20))
    for i, j in [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3), (3, 2), (3, 3)]:
        table[i, j] = (9, 4)
    keys, counts = keyed(table)
    why = hidden_cells(counts, relations(keys), RULE)
    assert "derivable" in why
    assert not determined(relations(keys), [bool(w) for w in why])


def test_two_cells_without_a_total_in_common_are_not_small_together_if_their_sum_follows():
    # every cell of a table of 2 x 2 x 2 follows from one of them: opposite ones add up to totals
    table = np.full((2, 2, 2, 2), (30, 12))
    table[0, 1, 1], table[1, 0, 0] = (8, 3), (3, 1)
    keys = [((), ())]
    for size in (1, 2, 3):
        for axes in itertools.combinations(range(3), size):
            for at in itertools.product(range(2), repeat=size):
                names = tuple(f"{a}{i}" for a, i in zip(axes, at, strict=True))
                keys.append((tuple(str(a) for a in axes), names))

    def count(labels):
        of_axis = {int(label[0]): int(label[1]) for label in labels}
        part = table[tuple(of_axis.get(a, slice(None)) for a in range(3))]
        return tuple(int(v) for v in part.reshape(-1, 2).sum(axis=0))

    counts = [count(labels) for _, labels in keys]
    hidden = [bool(w) for w in hidden_cells(counts, relations(keys), RULE)]
    matrix = []
    for relation in relations(keys):
        row = np.zeros(len(keys))
        row[list(relation.children)], row[relation.parent] = 1, -1
        matrix.append(row[hidden])
    pair = [k[1] in (("00", "11", "21"), ("01", "10", "20")) for k in keys]
    both = np.array(pair, dtype=float)[hidden]
    assert both.sum() == 2
    rank = np.linalg.matrix_rank(np.array(matrix))
    assert np.linalg.matrix_rank(np.vstack([matrix, both])) == rank + 1


def test_a_rule_that_hides_nothing_and_one_that_cannot_be_meant():
    assert not Disclosure(1, 0).is_small((1, 0))
    with pytest.raises(EvaluationError, match="expected 1 or more"):
        Disclosure(0, 5)
