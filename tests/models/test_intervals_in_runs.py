"""Intervals of rows that are much like the one before are those of the rows by themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.models import Bundle, ScoringProgram
from risicoscreener.models.shipped import shipped_bundle_bytes

PROGRAMS = [model.program for model in Bundle.load(shipped_bundle_bytes()).models]


@st.composite
def in_runs(draw: st.DrawFn, program: ScoringProgram) -> tuple[np.ndarray, np.ndarray]:
    """Rows in runs, in each of which some columns move by steps; and where the runs begin."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, width = draw(st.integers(0, 300)), len(program.terms)
    begins = np.unique([0, *rng.integers(0, max(n, 1), draw(st.integers(0, n // 3)))])[: max(n, 0)]
    low, high = np.array([(t.knots[0] - 1, t.knots[-1] + 1) for t in program.terms]).T
    firsts = low + rng.random((len(begins), width)) * (high - low)
    firsts[rng.random(firsts.shape) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    run = np.repeat(np.arange(len(begins)), np.diff(begins, append=n))
    matrix = firsts[run] if n else np.empty((0, width))
    moving = rng.random(width) < draw(st.sampled_from([0.0, 0.2, 1.0]))
    elapsed = np.arange(n) - begins[run] if n else np.zeros(0)
    matrix[:, moving] += elapsed[:, None] * (high - low)[moving] / 100
    matrix[rng.random(n) < 0.05] = np.nan
    return matrix, begins.astype(np.intp)


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("place", range(len(PROGRAMS)))
def test_intervals_in_runs_are_those_of_each_row(place, data):
    program = PROGRAMS[place]
    matrix, begins = data.draw(in_runs(program))
    expected = program.assess_many(matrix)
    found = program.assess_many(matrix, runs=begins)
    for part in ("lower", "upper", "standard_error"):
        np.testing.assert_allclose(
            getattr(found.intervals, part), getattr(expected.intervals, part), rtol=1e-11
        )
    np.testing.assert_array_equal(found.scores.probability, expected.scores.probability)
    np.testing.assert_array_equal(found.support.status, expected.support.status)
