"""People read from synthetic dossiers, and worlds in which the effect of help is known."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import expit, logit

from risicoscreener.reentry.selection import History, learn, people_for
from risicoscreener.synthetic import simulate


@cache
def cohort(n: int = 3000, seed: int = 1):
    return simulate(n, seed=seed, population="sentenced")


@cache
def people(aid: str = "supervision", n: int = 3000, seed: int = 1):
    made = cohort(n, seed)
    return people_for(made.tables, made.index(), aid)


@cache
def learnt(world: str):
    """A model of 3,000 people: the effect grows with risk, or there is none at all."""
    seen = people()
    without = cohort().truth.interventions["probability_any_2y_if_supervision_0"].to_numpy()
    effect = {"grows": 0.4 * without**2, "none": 0.0 * without, "harms": -0.15 + 0.0 * without}[
        world
    ]
    rng = np.random.default_rng(3)
    chance = np.clip(expit(-0.4 + 0.6 * (logit(seen.risk) - logit(seen.risk).mean())), 0.1, 0.9)
    received = (rng.random(len(seen)) < chance).astype(float)
    reoffended = rng.random(len(seen)) < np.clip(without - received * effect, 0, 1)
    return learn(
        History.of(seen, received, reoffended.astype(float)), learners=("spline",), replicates=50
    )
