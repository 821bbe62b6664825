"""How often the intervals of a model of rare events hold the true probability.

    python scripts/rare_events.py [--samples 200] [--level 0.95]

Leaves of people, each with a number of leaves; two features and a score of a longer horizon, which
is too steep. People differ by a factor that no feature holds (gamma, with a variance), so that
events cluster. Shares are of the leaves of the sample whose true probability is in the interval of
the lowered program, and of the samples whose true mean is in that of the base rate.
"""

from __future__ import annotations

import argparse
import warnings
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.terms import Term
from risicoscreener.models.time import RareEventModel, base_rate

PERSONS = 400
LEAVES = 6
SLOPES = (0.8, -0.5)
STEEPNESS = 1.5
"""Slope of the score over that of the truth."""
EVENTS = (2, 5, 10, 30, 100)
VARIANCES = (0.0, 2.0)


class Sample(NamedTuple):
    """Features ``(n, 2)``, event, true probability and person of each leave."""

    x: np.ndarray
    y: np.ndarray
    truth: np.ndarray
    person: np.ndarray


class Coverage(NamedTuple):
    """Shares of leaves in an interval by kind of model, and of samples for the base rate."""

    terms: float
    score: float
    base: float
    width: float
    """Mean ratio of the upper end to the probability, of the model with terms."""


def draw(rng: np.random.Generator, events: float, variance: float) -> Sample:
    """Leaves of `PERSONS` people with an expected number of events in all."""
    person = np.repeat(np.arange(PERSONS), 1 + rng.poisson(LEAVES - 1, PERSONS))
    x = rng.normal(size=(PERSONS, 2))[person] * 0.8 + rng.normal(size=(len(person), 2)) * 0.6
    x = np.clip(x, -2.0, 2.0)
    score = x @ SLOPES
    level = logit(events / len(person)) - 0.4
    truth = expit(level + score)
    factor = rng.gamma(1.0 / variance, variance, PERSONS) if variance else np.ones(PERSONS)
    chance = np.minimum(truth * factor[person], 1.0)
    return Sample(x, (rng.random(len(person)) < chance).astype(float), truth, person)


def long_horizon() -> ScoringProgram:
    """A model of a longer horizon with the right order and too steep a slope."""
    terms = tuple(
        Term(name, (-2.0, 2.0), (-2.0 * s * STEEPNESS, 2.0 * s * STEEPNESS), missing=0.0)
        for name, s in zip("ab", SLOPES, strict=True)
    )
    return ScoringProgram(intercept=-0.5, terms=terms)


def coverage(seed: int, events: float, variance: float, level: float = 0.95) -> Coverage:
    """One sample."""
    sample = draw(np.random.default_rng(seed), events, variance)
    found, width = [], 0.0
    for options in ({}, {"program": long_horizon()}):
        model = RareEventModel(level=level, **options)
        model.fit(sample.x, sample.y, groups=sample.person)
        program = model.lower(["a", "b"])
        intervals = program.interval_many(sample.x)
        assert intervals is not None
        inside = (intervals.lower <= sample.truth) & (sample.truth <= intervals.upper)
        found.append(float(inside.mean()))
        if not options:
            width = float((intervals.upper / program.score_many(sample.x).probability).mean())
    rate = base_rate(sample.y, sample.person, level)
    return Coverage(*found, float(rate.lower <= sample.truth.mean() <= rate.upper), width)


def main(samples: int, level: float) -> None:
    """Print the coverage by number of events and by variance between people."""
    print(
        f"{samples} samples each, {PERSONS} people with {LEAVES} leaves on average, level {level}"
    )
    print("| events expected | variance | terms | score | base rate | upper over probability |")
    print("|---|---|---|---|---|---|")
    for events in EVENTS:
        for variance in VARIANCES:
            rows = np.array([coverage(seed, events, variance, level) for seed in range(samples)])
            mean = rows.mean(axis=0)
            ratio = np.median(rows[:, 3])
            shares = " | ".join(f"{share:.3f}" for share in mean[:3])
            print(f"| {events} | {variance:g} | {shares} | {ratio:.1f} |", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("error")
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--level", type=float, default=0.95)
    given = parser.parse_args()
    main(given.samples, given.level)
