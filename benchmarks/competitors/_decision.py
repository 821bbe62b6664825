"""The outcome of prepared cases: the task, its data, and ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from _national import AS_OF
from competitors._interface import Competitor, Task
from risicoscreener.decision import OUTCOMES, CompiledPolicy, PolicyBook

KIND = "leave"


@cache
def policy() -> CompiledPolicy:
    """The policy on leave that is in force."""
    return PolicyBook.shipped().pick(KIND, AS_OF)


@dataclass(frozen=True)
class PlainRule:
    """A rule of the policy in numbers: for each domain that it reads the levels that fit."""

    levels: dict[int, tuple[int, ...]]
    outcome: int


@cache
def rules() -> tuple[PlainRule, ...]:
    """The rules, of which the first that fits decides."""
    places = {
        domain.id: (i, [level.id for level in domain.levels])
        for i, domain in enumerate(policy().domains)
    }
    found = []
    for rule in policy().policy.rules:
        levels = {}
        for domain, wanted in rule.when.items():
            i, names = places[domain]
            levels[i] = tuple(sorted(names.index(name) for name in wanted))
        found.append(PlainRule(levels, OUTCOMES.index(rule.outcome)))
    return tuple(found)


def names() -> list[str]:
    """The domains."""
    return [domain.id for domain in policy().domains]


def cases(n: int, seed: int = 1) -> np.ndarray:
    """Levels drawn alike, shape (domains, n), uint8."""
    rng = np.random.default_rng(seed)
    return np.array([rng.integers(0, size, n, np.uint8) for size in policy().shape])


class Ours(Competitor):
    name = "risicoscreener"
    task = "decision"
    does = "the outcome, and that each level is one of its domain"
    tuned = "`lookup` in the table of all cells; one thread"

    def prepare(self, data: np.ndarray) -> np.ndarray:
        _ = policy().outcomes
        return data

    def run(self, prepared: np.ndarray) -> np.ndarray:
        return policy().lookup(prepared)


def check(theirs: np.ndarray, ours: np.ndarray, data: np.ndarray) -> None:
    """The same outcome for each case."""
    assert np.shape(theirs) == np.shape(ours) == data.shape[1:]
    np.testing.assert_array_equal(theirs, ours)


TASKS = (
    Task(
        id="decision",
        title="The outcome of cases of which the levels are known",
        unit="cases",
        compared=(
            "The policy on leave: for each case a level in every domain (admissibility, dossier, "
            "risk, certainty, conduct and so on), drawn alike, to grant, deny or deep assessment,"
            " by the first rule that fits. All give the same outcome in every case. Reading the "
            "levels from facts and probabilities, conditions, and what would change the outcome "
            "are not in this task. Ours is made for many cases: a single one is looked up on the "
            "way of `screen`, by other code than `lookup`."
        ),
        sizes=(1_000, 10_000, 100_000, 1_000_000, 10_000_000),
        data=cases,
        ours=Ours(),
        check=check,
    ),
)
