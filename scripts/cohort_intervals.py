"""How often intervals hold the true probability, on the features of a synthetic cohort.

    python scripts/cohort_intervals.py [--model any_2y] [--people 1000 4000] [--samples 40]

The truth is known given the features: the shipped model is taken for it, and outcomes are drawn
from its probabilities for synthetic people, with their own values, ties and unknowns. On each
sample a model is fitted as the recipe says, penalty chosen anew; counted is for how many new
people its 95% interval holds their true probability.
"""

from __future__ import annotations

import argparse

import numpy as np
import numpy.typing as npt
import pandas as pd

from risicoscreener.features import catalogue, compute_features
from risicoscreener.models import Bundle, RiskModel, SplineLogisticClassifier
from risicoscreener.models.recipe import DIRECTIONS
from risicoscreener.models.shipped import shipped_bundle_bytes
from risicoscreener.synthetic import simulate

NEW_PEOPLE = 4_000
POOL, SEED, POPULATION = 20_000, 3, "sentenced"


def features_of(model: RiskModel, people: int = POOL) -> npt.NDArray[np.float64]:
    """Feature values of synthetic people, ``(n, F)``."""
    cohort = simulate(people, seed=SEED, population=POPULATION)
    table = "liberties" if model.horizon_days is None else "persons"
    index = cohort.truth.observations()[table][["person_id", "as_of"]]
    values: npt.NDArray[np.float64] = compute_features(cohort.tables, index, model.features).values
    return values


def coverage(model: RiskModel, pool: npt.NDArray[np.float64], people: int, seed: int) -> pd.Series:
    """One sample: share held, mean width of the interval and mean absolute error, in points."""
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(pool))
    sample, new = pool[drawn[:people]], pool[drawn[-NEW_PEOPLE:]]
    outcome = rng.random(people) < model.program.score_many(sample).probability
    directions = [DIRECTIONS[catalogue()[name].direction] for name in model.features]
    fit = SplineLogisticClassifier(monotone=directions).fit(sample, outcome.astype(float))
    found = fit.lower(model.features).assess_many(new)
    truth = model.program.score_many(new).probability
    assert found.intervals is not None
    low, high = found.intervals.lower, found.intervals.upper
    return pd.Series(
        {
            "held": 100 * ((low <= truth) & (truth <= high)).mean(),
            "width": 100 * (high - low).mean(),
            "error": 100 * np.abs(found.scores.probability - truth).mean(),
        }
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="any_2y")
    parser.add_argument("--people", type=int, nargs="+", default=[1000, 4000])
    parser.add_argument("--samples", type=int, default=40)
    arguments = parser.parse_args()
    model = Bundle.load(shipped_bundle_bytes()).model(arguments.model)
    pool = features_of(model)
    print("| people | intervals that hold the true probability | width | mean absolute error |")
    print("|---|---|---|---|")
    for people in arguments.people:
        found = pd.DataFrame([coverage(model, pool, people, s) for s in range(arguments.samples)])
        mean, error = found.mean(), found["held"].sem()
        print(
            f"| {people:,} | {mean['held']:.1f} % (± {1.96 * error:.1f}) "
            f"| {mean['width']:.1f} points | {mean['error']:.1f} points |"
        )


if __name__ == "__main__":
    main()
