"""Cohorts that several tests look at, each made once."""

from __future__ import annotations

import pytest

from risicoscreener.synthetic import simulate
from risicoscreener.synthetic.aims.targets import COMPLETE, measure, measure_trend
from risicoscreener.synthetic.cohort import BLOCK_SIZE
from risicoscreener.synthetic.parameters import load_parameters
from risicoscreener.synthetic.stages.draws import Block

PEOPLE, SEED = 40_000, 1


@pytest.fixture(scope="session")
def flow():
    """The cohort of all releases on which the targets are measured."""
    return simulate(PEOPLE, seed=SEED, changes=COMPLETE)


@pytest.fixture(scope="session")
def reached(flow):
    """What that cohort reaches, by the name of the target."""
    return {**measure(flow), "trend": measure_trend(PEOPLE, seed=SEED)}


@pytest.fixture(scope="session")
def sentenced():
    """Sentences of at least half a year."""
    return simulate(2 * BLOCK_SIZE, seed=3, population="sentenced", changes=COMPLETE)


@pytest.fixture(scope="session", params=["flow", "sentenced"])
def cohort(request):
    """Each of the two populations."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def block():
    """A block of the sentenced, to draw single stages from."""
    return Block(5, 0, BLOCK_SIZE, load_parameters("sentenced"))
