"""Scores from the compiled library are those of numpy, and those of one person, whoever is beside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.strategies import programs, rows
from risicoscreener import native
from risicoscreener.errors import ModelError
from risicoscreener.models import Bundle, ScoringProgram, Term
from risicoscreener.models.brief import brief_many, strongest
from risicoscreener.models.compiled import compiled
from risicoscreener.models.shipped import shipped_bundle_bytes

pytestmark = pytest.mark.usefixtures("library")
PROGRAMS = [model.program for model in Bundle.load(shipped_bundle_bytes()).models]


def matrices(width, most=20):
    made = st.lists(rows(width), min_size=0, max_size=most)
    return made.map(lambda listed: np.array(listed, dtype=float).reshape(-1, width))


def same_assessments(found, expected):
    for part in ("probability", "linear_predictor", "contributions"):
        np.testing.assert_array_equal(getattr(found.scores, part), getattr(expected.scores, part))
    if expected.intervals is None:
        assert found.intervals is None
    else:
        for part in ("lower", "upper", "standard_error"):
            np.testing.assert_allclose(
                getattr(found.intervals, part),
                getattr(expected.intervals, part),
                rtol=1e-9,
                atol=1e-12,
            )
    if expected.support is not None:
        np.testing.assert_array_equal(found.support.outside_range, expected.support.outside_range)


@settings(max_examples=120)
@given(st.booleans().flatmap(programs), st.data())
def test_scores_are_those_of_numpy(program, data):
    matrix = data.draw(matrices(len(program.terms)))
    found = program.assess_many(matrix, contributions=True)
    with native.without():
        expected = program.assess_many(matrix, contributions=True)
    same_assessments(found, expected)
    for i, row in enumerate(matrix.tolist()):
        alone = program.assess_one(row)
        assert alone.linear_predictor == found.scores.linear_predictor[i]
        assert alone.probability == pytest.approx(found.scores.probability[i], rel=1e-12, abs=1e-15)


@settings(max_examples=120)
@given(st.booleans().flatmap(programs), st.data())
def test_in_short_it_says_what_it_says_at_length(program, data):
    """Its columns may stand anywhere among others, in any order of memory."""
    width = len(program.terms)
    matrix = data.draw(matrices(width))
    places = data.draw(st.permutations(range(width + 2)))[:width]
    wide = np.full((len(matrix), width + 2), 1e9, order=data.draw(st.sampled_from("CF")))
    wide[:, places] = matrix
    k = data.draw(st.integers(0, 4))
    found = brief_many(program, wide, places, k)
    assessed = program.assess_many(matrix, contributions=True)
    np.testing.assert_array_equal(found.probability, assessed.scores.probability)
    np.testing.assert_array_equal(found.status, assessed.support.status)
    np.testing.assert_array_equal(found.reasons, strongest(assessed.scores.contributions, k))
    if assessed.intervals is not None:
        for part in ("lower", "upper"):
            ours = getattr(found.intervals, part)
            np.testing.assert_array_equal(ours, getattr(assessed.intervals, part))


def likely(program, n, seed=0):
    rng = np.random.default_rng(seed)
    low, high = np.array([(t.knots[0] - 1, t.knots[-1] + 1) for t in program.terms]).T
    matrix = np.round(low + rng.random((n, len(program.terms))) * (high - low))
    matrix[rng.random(matrix.shape) < 0.05] = np.nan
    return matrix


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_shipped_models_over_more_people_than_one_block(program):
    matrix = likely(program, 1000)
    found = program.assess_many(matrix, contributions=True)
    with native.without():
        expected = program.assess_many(matrix, contributions=True)
    same_assessments(found, expected)
    np.testing.assert_array_equal(found.support.status, expected.support.status)
    assert set(found.support.status.tolist()) > {0}


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_who_stands_beside_changes_nothing(program):
    matrix = likely(program, 500, seed=1)
    whole = brief_many(program, matrix, range(len(program.terms)), 3)
    order = np.random.default_rng(2).permutation(500)
    cut = [
        brief_many(program, part, range(len(program.terms)), 3)
        for part in np.array_split(matrix[order], [1, 130, 131, 400])
    ]
    for name in ("probability", "status", "reasons"):
        joined = np.concatenate([getattr(part, name) for part in cut])
        np.testing.assert_array_equal(joined, getattr(whole, name)[order])
    errors = np.concatenate([part.intervals.standard_error for part in cut])
    np.testing.assert_array_equal(errors, whole.intervals.standard_error[order])


def test_of_equal_reasons_the_first_comes_first():
    sizes = (0.0, 1.0, -1.0, 2.0, 1.0, 2.0)
    terms = tuple(Term(f"f{i}", (0.0,), (size,), missing=0.0) for i, size in enumerate(sizes))
    program = ScoringProgram(intercept=0.0, terms=terms)
    matrix = np.array([[1.0] * 6, [np.nan] * 6, [1.0, 1.0, 1.0, np.nan, 1.0, np.nan]])
    found = brief_many(program, matrix, range(6), 3)
    assert compiled(program) is not None
    assert found.reasons.tolist() == [[3, 5, 1], [0, 1, 2], [1, 2, 4]]


def test_threads_share_a_program():
    program = PROGRAMS[1]
    matrix = likely(program, 3000)
    alone = program.interval_many(matrix).standard_error
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: program.interval_many(matrix), range(24)):
            np.testing.assert_array_equal(found.standard_error, alone)


def test_an_infinite_value_is_told_as_without_the_library():
    program = PROGRAMS[0]
    matrix = likely(program, 300)
    matrix[200, 3] = np.inf
    for run in (
        lambda: program.assess_many(matrix),
        lambda: brief_many(program, matrix, range(len(program.terms)), 3),
    ):
        with pytest.raises(ModelError, match=f"infinite value of {program.features[3]};"):
            run()


def test_a_column_that_is_not_there_is_not_read():
    program = PROGRAMS[0]
    library, n = compiled(program), len(program.terms)
    matrix = np.asfortranarray(likely(program, 5))
    for columns in (range(1, n + 1), range(-1, n - 1), range(n - 1)):
        assert library.score(matrix, np.array(columns, dtype=np.int64)) is None


def test_a_program_that_is_not_known_whole_stays_in_numpy():
    program = ScoringProgram.from_dict(PROGRAMS[0].to_dict())
    support = program.support
    spreads = (1.0,) * len(program.terms)
    far = msgspec.structs.replace(support, spreads=spreads, max_distance=2.0)
    assert compiled(program) is not None
    assert compiled(msgspec.structs.replace(program, support=far)) is None


@settings(max_examples=120)
@given(st.data())
def test_numbers_that_are_no_program_are_refused_or_harm_nothing(library, data):
    compiled(PROGRAMS[0])  # declares the functions
    n_knots = data.draw(st.lists(st.integers(-1, 4) | st.integers(-(2**63), 2**63 - 1), max_size=4))
    head = data.draw(st.lists(st.integers(-1, 5) | st.integers(-(2**63), 2**63 - 1), max_size=6))
    whole = np.array([1, *head, *n_knots], dtype=np.int64)
    numbers = np.zeros(data.draw(st.integers(0, 60)))
    table = np.zeros(data.draw(st.integers(0, 40)))
    given_numbers = [x for part in (whole, numbers, table) for x in (part.ctypes.data, len(part))]
    at = library.quick.rs_program_new(*given_numbers)
    if at:
        library.quick.rs_program_free(at)
