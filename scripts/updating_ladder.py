"""Which rung of the updating ladder is chosen in simulated transports, and what it brings.

    python scripts/updating_ladder.py [--samples 100] [--null 4000] [--people 200 1000 5000]

An old model is fitted on 50,000 people with five features, of which the fourth has no effect and
the fifth was not recorded. In a new population nothing changes, the base rate shifts, the slope
shrinks, the fourth feature gets an effect, or the fifth is recorded and has one. Errors are mean
absolute differences with the true probability in 20,000 other people of the new population; where
an update is refused because its slope is not positive, the old model stays.

The second table has no old model to fit: the old model is the truth, so every update is needless
and the share of updates is the type I error of the closed test.
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from risicoscreener.errors import ModelError
from risicoscreener.models import ScoringProgram, SplineLogisticClassifier, Term
from risicoscreener.models.updating import RUNGS, choose_rung, update

OLD = ["age", "priors", "debt", "contacts"]
NEW = "conduct"
OTHERS = 20_000


class Transport(NamedTuple):
    """How the new population differs, and the rung that mends it."""

    right: str
    shift: float = 0.0
    slope: float = 1.0
    contacts: float = 0.0
    conduct: float = 0.0


TRANSPORTS = {
    "nothing changed": Transport("none"),
    "base rate: +0.6 log odds": Transport("in_the_large", shift=0.6),
    "slope: 0.6": Transport("logistic", slope=0.6),
    "a feature gets an effect": Transport("refit", contacts=0.6),
    "a new feature has an effect": Transport("extension", conduct=0.6),
}


class Outcome(NamedTuple):
    """What one sample gave."""

    rung: str
    before: float
    chosen: float
    right: float
    refit: float


def old_truth(x: np.ndarray) -> np.ndarray:
    """Log odds in the old population, of a matrix with the columns of `OLD` first."""
    return (
        -1.0 - 0.7 * np.tanh(x[:, 0]) + 0.6 * x[:, 1].clip(-2, 2) + 0.4 * np.abs(x[:, 2]).clip(0, 2)
    )


def people(
    rng: np.random.Generator, n: int, transport: Transport
) -> tuple[pd.DataFrame, np.ndarray]:
    """Features and true probability of people of a new population."""
    x = rng.normal(size=(n, 5))
    lp = transport.shift - 1.0 + transport.slope * (old_truth(x) + 1.0)
    lp += transport.contacts * x[:, 3].clip(-2, 2) + transport.conduct * x[:, 4].clip(-2, 2)
    columns = [*OLD, NEW] if transport.conduct else OLD
    return pd.DataFrame(x[:, : len(columns)], columns=columns), expit(lp)


def old_model(n: int = 50_000) -> ScoringProgram:
    """The model of the old population."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4))
    y = (rng.random(n) < expit(old_truth(x))).astype(float)
    return SplineLogisticClassifier(shrinkage=1.0, smoothness=0.01).fit(x, y).lower(OLD)


def error(program: ScoringProgram, frame: pd.DataFrame, truth: np.ndarray) -> float:
    """Mean absolute error against the true probability."""
    x = frame[list(program.features)].to_numpy()
    found = program.probability_many(program.score_many(x).linear_predictor)
    return float(np.abs(found - truth).mean())


def mended(model: ScoringProgram, frame: pd.DataFrame, y: np.ndarray, rung: str) -> ScoringProgram:
    """The update, or the old model where the update is refused for its negative slope."""
    try:
        return update(model, frame, y, rung=rung)
    except ModelError:
        return model


def one(model: ScoringProgram, transport: Transport, n: int, seed: int) -> Outcome:
    """Choose and update on one sample."""
    rng = np.random.default_rng([seed, n])
    frame, p = people(rng, n, transport)
    y = (rng.random(n) < p).astype(float)
    others, truth = people(rng, OTHERS, transport)
    rung = choose_rung(model, frame, y).rung
    updates = {r: mended(model, frame, y, r) for r in {rung, transport.right, "refit"}}
    errors = {r: error(program, others, truth) for r, program in updates.items()}
    return Outcome(
        rung, error(model, others, truth), errors[rung], errors[transport.right], errors["refit"]
    )


def transports(sizes: list[int], samples: int) -> None:
    """Print the table of the transports."""
    model = old_model()
    print("| change | n | " + " | ".join(RUNGS) + " | error before | chosen | right rung | refit |")
    print("|---|--:|" + "--:|" * (len(RUNGS) + 4))
    for name, transport in TRANSPORTS.items():
        for n in sizes:
            found = [one(model, transport, n, seed) for seed in range(samples)]
            counted = Counter(outcome.rung for outcome in found)
            shares = []
            for rung in RUNGS:
                share = f"{100 * counted[rung] / samples:.0f}%" if counted[rung] else ""
                shares.append(f"**{share}**" if rung == transport.right and share else share)
            means = np.mean([outcome[1:] for outcome in found], axis=0)
            print(f"| {name} | {n:,} | " + " | ".join(shares), end=" | ")
            print(" | ".join(f"{mean:.4f}" for mean in means) + " |", flush=True)


def exact_model() -> ScoringProgram:
    """A model that can be the truth itself."""
    knots = tuple(np.linspace(-2.0, 2.0, 7))
    shapes = (np.tanh, lambda x: 0.6 * x, np.abs, lambda x: 0.0 * x)
    terms = tuple(
        Term(name, knots, tuple(0.7 * shape(np.array(knots))), missing=0.0)
        for name, shape in zip(OLD, shapes, strict=True)
    )
    return ScoringProgram(intercept=-1.0, terms=terms)


def needless(sizes: list[int], samples: int) -> None:
    """Print the table of needless updates of a model that is the truth."""
    model = exact_model()
    print("| n | level | curves | slopes | one person with 3 rows |")
    print("|--:|--:|--:|--:|--:|")
    for n in sizes:
        shares = []
        for revision, each in (("curves", 1), ("slopes", 1), ("curves", 3)):
            found = 0
            for seed in range(samples):
                rng = np.random.default_rng([seed, n, each])
                persons = n // each
                x = np.repeat(rng.normal(size=(persons, 4)), each, axis=0)
                p = model.probability_many(model.score_many(x).linear_predictor)
                same = np.repeat(rng.random(persons), each)  # outcomes of one person go together
                own = rng.random(len(x))
                y = (np.where(rng.random(len(x)) < 0.5, same, own) < p).astype(float)
                groups = np.repeat(np.arange(persons), each) if each > 1 else None
                choice = choose_rung(model, x, y, revision=revision, groups=groups)
                found += choice.rung != "none"
            shares.append(f"{100 * found / samples:.1f}%")
        print(f"| {n:,} | 5% | " + " | ".join(shares) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--samples", type=int, default=100, help="samples of each transport; 0 for no table"
    )
    parser.add_argument(
        "--null", type=int, default=4000, help="samples for the type I error; 0 for no table"
    )
    parser.add_argument("--people", type=int, nargs="+", default=[200, 1000, 5000])
    given = parser.parse_args()
    if given.samples:
        transports(given.people, given.samples)
        print()
    if given.null:
        needless(given.people, given.null)


if __name__ == "__main__":
    main()
