"""Chains of corrections, against a plain walk."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.dossier.links import rows_in_cycles, rows_that_lead_to

graphs = st.dictionaries(st.integers(0, 9), st.integers(0, 9), max_size=10)


def walk(start, supersedes):
    row, seen = start, []
    while row in supersedes and len(seen) < 20:
        row = supersedes[row]
        seen.append(row)
    return seen


@given(graphs)
def test_a_row_is_in_a_cycle_if_it_comes_back_to_itself(supersedes):
    assert rows_in_cycles(supersedes) == sorted(r for r in supersedes if r in walk(r, supersedes))


@given(graphs, st.sets(st.integers(0, 9)))
def test_a_row_leads_to_others_if_its_chain_passes_through_them(supersedes, ends):
    expected = {row for row in supersedes if ends & set(walk(row, supersedes))}
    assert rows_that_lead_to(ends, supersedes) == sorted(expected - ends)


def test_a_chain_of_a_hundred_thousand_corrections_is_followed_to_its_end():
    chain = {i: i - 1 for i in range(1, 100_000)}
    assert rows_in_cycles(chain) == []
    assert len(rows_that_lead_to({0}, chain)) == 99_999
