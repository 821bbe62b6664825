"""What is read of one person in one function is what the tests of the policy say one by one."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from risicoscreener.decision.compiled import MOST_KEPT, Clause, DomainReadings, keep, truth
from risicoscreener.decision.straight import MOST_IN_LINE, reader_of

INPUTS = 4
LEVELS = 3
NUMBERS = [-1.0, 0.0, 0.5, 1.0, 2.0, 3.0]


@st.composite
def bounded(draw: st.DrawFn) -> tuple[int, float, float]:
    low, high = sorted(draw(st.tuples(*[st.sampled_from(NUMBERS)] * 2)))
    open_at = draw(st.sampled_from(["below", "above", "nowhere"]))
    return (
        draw(st.integers(0, INPUTS - 1)),
        -math.inf if open_at == "below" else low,
        math.inf if open_at == "above" else high,
    )


clauses = st.builds(Clause, st.booleans(), st.lists(bounded(), min_size=1, max_size=3).map(tuple))
readings = st.tuples(st.integers(0, LEVELS - 1), clauses)
domains = st.builds(
    DomainReadings,
    st.integers(0, LEVELS - 1),
    st.just(LEVELS),
    st.lists(readings, min_size=1, max_size=4).map(tuple),
)
people = st.lists(st.sampled_from([*NUMBERS, math.nan]), min_size=INPUTS, max_size=INPUTS)
MANY = DomainReadings(0, LEVELS, ((1, Clause(True, ((0, 3.0, 4.0),))),) * (MOST_IN_LINE + 1))


@settings(deadline=None)  # each example compiles a function
@example([Clause(True, ((0, 0.0, 1.0),))], [MANY], [3.0, 0.0, 0.0, 0.0], 0, 0)
@given(
    st.lists(clauses, min_size=1, max_size=4),
    st.lists(domains, min_size=1, max_size=3),
    people,
    st.integers(0, 3),
    st.integers(0, 2),
)
def test_requirements_levels_and_cell_are_those_of_the_tests_one_by_one(
    requirements, read, inputs, risk, certainty
):
    shape = (3, 2, 4, 3, *[LEVELS + 1] * len(read))
    found = reader_of(INPUTS, requirements, 2, read, shape)(inputs, risk, certainty)
    met = tuple(truth(every, of_clause, inputs) for every, of_clause in requirements)
    admissibility = 1 if 1 in met else 2 if 2 in met else 0
    dossier = 0 if inputs[2] < 1 else 1
    levels = (admissibility, dossier, risk, certainty, *(d.level(inputs) for d in read))
    cell = 0
    for size, level in zip(shape, levels, strict=True):
        cell = cell * size + level
    assert found == (met, levels, cell)


@pytest.mark.parametrize("n", [MOST_IN_LINE, MOST_IN_LINE + 1, 20 * MOST_IN_LINE])
@pytest.mark.parametrize(("value", "level"), [(3.0, 1), (0.0, 0), (math.nan, LEVELS)])
def test_a_domain_of_many_readings_is_read_as_one_of_few(n, value, level):
    many = DomainReadings(0, LEVELS, MANY.readings[:1] * n)
    read = reader_of(INPUTS, [Clause(True, ((1, 0.0, 1.0),))], 2, [many], (3, 2, 4, 3, LEVELS + 1))
    assert read([value, 0.0, 0.0, 0.0], 0, 0)[1] == (0, 0, 0, 0, level)


def test_what_is_kept_of_cells_is_bounded():
    kept: dict[int, int] = {}
    for cell in range(3 * MOST_KEPT):
        keep(kept, cell, cell)
        assert kept[cell] == cell
        assert len(kept) == cell % MOST_KEPT + 1
