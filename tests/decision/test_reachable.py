"""Which combinations of levels some inputs give, held against trying inputs."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from decision.changing import TEXT
from risicoscreener.decision import CompiledPolicy, Policy
from risicoscreener.decision.policy import (
    QUARANTINED_ROWS,
    Domain,
    Level,
    Reading,
    Requirement,
    Rule,
)
from risicoscreener.decision.policy import Test as InputTest
from risicoscreener.decision.reachable import levels_given, reachable

INPUTS = ("a", "b", QUARANTINED_ROWS)
VALUES = (math.nan, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
SHARED = {"text": TEXT, "source": "a trial", "supplier": TEXT}

tests = st.builds(
    lambda name, low, width: InputTest(
        name, min=low, max=None if width is None else (low or 0) + width
    ),
    st.sampled_from(INPUTS),
    st.sampled_from([0.0, 1.0, 2.0]),
    st.sampled_from([None, 0.0, 1.0]),
)
clauses = st.tuples(st.booleans(), st.lists(tests, min_size=1, max_size=3)).map(
    lambda c: {"all" if c[0] else "any": tuple(c[1])}
)


def policies(requirements: list, domains: list) -> CompiledPolicy:
    levels = tuple(Level(id=name, text=TEXT) for name in ("good", "fair", "bad"))
    return CompiledPolicy(
        Policy(
            kind="trial",
            valid_from=dt.date(2000, 1, 1),
            date_basis="decision",
            validity_days=1,
            title=TEXT,
            status=TEXT,
            requirements=tuple(
                Requirement(id=f"r{i}", **SHARED, **c) for i, c in enumerate(requirements)
            ),
            domains=tuple(
                Domain(
                    id=f"d{i}",
                    title=TEXT,
                    source="a trial",
                    supplier=TEXT,
                    levels=levels,
                    otherwise="good",
                    readings=tuple(
                        Reading(level=level, **c)
                        for level, c in zip(("bad", "fair"), read, strict=False)
                    ),
                )
                for i, read in enumerate(domains)
            ),
            rules=(Rule(id="all", text=TEXT, outcome="deny", source="a trial"),),
        )
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(clauses, min_size=1, max_size=2),
    st.lists(st.lists(clauses, min_size=1, max_size=2), min_size=1, max_size=3),
)
def test_the_cells_are_those_that_trying_all_inputs_finds(requirements, domains):
    compiled = policies(requirements, domains)
    tried = np.zeros(compiled.shape, bool)
    for values in itertools.product(VALUES, repeat=len(compiled.inputs)):
        tried.flat[compiled.decide_one(list(values), []).cell] = True
    np.testing.assert_array_equal(reachable(compiled), tried)
    for axis, given_levels in enumerate(levels_given(compiled)):
        np.testing.assert_array_equal(given_levels, levels_given(compiled, tried)[axis])
        others = tuple(a for a in range(tried.ndim) if a != axis)
        np.testing.assert_array_equal(given_levels, tried.any(axis=others))


def test_what_would_take_too_long_is_taken_to_be_reachable(monkeypatch):
    above = {"all": (InputTest("a", min=1.0),)}
    once = {"all": (InputTest("b", min=1.0),)}
    compiled = policies([once], [[above]])
    fair = (*[slice(None)] * (len(compiled.shape) - 1), 1)
    # Below, at and above the bound, or unknown; and as many levels of the domain.
    monkeypatch.setattr("risicoscreener.decision.reachable.MAX_COMBINATIONS", 16)
    assert not reachable(compiled)[fair].any()
    assert reachable(compiled).any()
    monkeypatch.setattr("risicoscreener.decision.reachable.MAX_COMBINATIONS", 15)
    assert reachable(compiled)[fair].any()
