"""One dossier from the bytes of its JSON to an outcome: the task, its data, and ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from _full_dossier import AS_OF, full_dossier
from competitors._chain import Chain, check_chain
from competitors._features import SEVEN
from competitors._interface import Competitor, Task
from risicoscreener import Screener, read_dossier
from risicoscreener.features import catalogue
from risicoscreener.features.one import compile_one


@cache
def screener() -> Screener:
    """With the shipped bundle and policies."""
    return Screener.load()


@dataclass(frozen=True)
class Dossier:
    """A full dossier: 15 convictions, 6 debts, 5 housing spells, 20 conduct rows and more."""

    raw: bytes


def dossier(n: int, seed: int = 1) -> Dossier:  # noqa: ARG001
    """The one dossier of this task."""
    assert n == 1
    return Dossier(json.dumps(full_dossier()).encode())


class Ours(Competitor):
    name = "risicoscreener"
    task = "single"
    does = (
        "everything: 67 features, two models with interval, support and contributions, the "
        "policy on leave, reasons, conditions, what is missing, what would change the outcome"
    )
    tuned = "`Screener.screen`; one thread"

    def prepare(self, data: Dossier) -> bytes:
        return data.raw

    def run(self, prepared: bytes) -> Any:
        return screener().screen(prepared, "leave", as_of=AS_OF)


def check(theirs: Chain, ours: Any, data: Dossier) -> None:
    """The seven features are those of the library; the rest follows from them."""
    del ours
    own = compile_one(catalogue().plan(SEVEN))(read_dossier(data.raw), AS_OF)
    np.testing.assert_array_equal(theirs.features, [own])
    check_chain(theirs)


TASKS = (
    Task(
        id="single",
        title="One dossier, from the bytes of its JSON to an outcome",
        unit="dossier",
        compared=(
            "Ours does all that a screening is. The others do the least that could be called one:"
            " read the JSON, seven features, one probability by seven curves, four rules; no "
            "checks of what they read, no corrections, no interval, no reasons. Their features "
            "must be equal to ours, and their probability and outcome to those of the same small "
            "model. One does less still: the probability alone, of features that are there."
        ),
        sizes=(1,),
        data=dossier,
        ours=Ours(),
        check=check,
    ),
)
