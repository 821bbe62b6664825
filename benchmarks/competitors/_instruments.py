"""A score of OGRS3 and of the RSR of 2015 from flat inputs: the tasks, their data, and ours."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from typing import Any

import numpy as np

from competitors._interface import ROOT, Competitor, Task
from risicoscreener.instruments import Instrument

sys.path.append(str(ROOT / "scripts"))

import compare_with_node

DIFFERENT = 5_000
"""People that are drawn; more are these over and over."""


@dataclass(frozen=True)
class Inputs:
    """The same people in our names and in those of the library at the source."""

    ours: list[dict[str, Any]]
    theirs: list[dict[str, Any]]


@dataclass(frozen=True)
class Scored:
    """One of the instruments, and how its inputs are made."""

    id: str
    version: str
    inputs_of: Callable[[dict[str, Any], list[str]], dict[str, Any]]

    @property
    def instrument(self) -> Instrument:
        return Instrument.load(self.id, self.version)

    def people(self, n: int, seed: int = 1) -> Inputs:
        """People whose inputs do not contradict each other."""
        found = list(islice(self._drawn(seed), min(n, DIFFERENT)))
        ours, theirs = zip(*islice(cycle(found), n), strict=True)
        return Inputs(list(ours), list(theirs))

    def _drawn(self, seed: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        dice = random.Random(seed)
        offences = list(self.instrument.choices["offence"])
        while True:
            person = compare_with_node.draw(dice)
            inputs = self.inputs_of(person, offences)
            if self.instrument.probabilities(inputs) is not None:
                given = compare_with_node.for_library(person)
                yield inputs, {**given, "gender": given["sex"]}


class Ours(Competitor):
    name = "risicoscreener"
    does = "the probability within one year and two, of inputs of which type and limits are checked"
    tuned = "`Instrument.probabilities` for one, `probabilities_many` of a frame; one thread"

    def __init__(self, scored: Scored) -> None:
        self.task = scored.id
        self.instrument = scored.instrument

    def prepare(self, data: Inputs) -> Any:
        import pandas as pd

        return data.ours[0] if len(data.ours) == 1 else pd.DataFrame(data.ours)

    def run(self, prepared: Any) -> Any:
        if isinstance(prepared, dict):
            return self.instrument.probabilities(prepared)
        return self.instrument.probabilities_many(prepared)

    def answers(self, prepared: Any, found: Any) -> np.ndarray:  # noqa: ARG002
        return np.atleast_2d(found)


def check(theirs: np.ndarray, ours: np.ndarray, data: Inputs) -> None:
    """The same probabilities to 1e-9."""
    assert theirs.shape == ours.shape == (len(data.ours), 2)
    np.testing.assert_allclose(theirs, ours, rtol=0.0, atol=compare_with_node.TOLERANCE)


def _task(scored: Scored, title: str, compared: str) -> Task:
    return Task(
        id=scored.id,
        title=title,
        unit="people",
        compared=compared,
        sizes=(1, 1_000, 10_000, 100_000),
        data=partial(Scored.people, scored),
        ours=Ours(scored),
        check=check,
    )


COMMON = (
    "Flat inputs, dates as dates, to two probabilities, the same to 1e-9. The library at the "
    "source, for Node, is timed inside its own process, after 30,000 calls so that its compiler "
    "has done its work; ours has no such warm-up."
)
OGRS3 = Scored("ogrs3", "2009", compare_with_node.for_ogrs3)
RSR = Scored("rsr", "2015", compare_with_node.for_rsr)
TASKS = (
    _task(OGRS3, "A published instrument: OGRS3", COMMON),
    _task(
        RSR,
        "A published instrument: RSR of 2015, with its three parts",
        f"{COMMON} It also rounds and gives bands, which ours does in `score`.",
    ),
)
