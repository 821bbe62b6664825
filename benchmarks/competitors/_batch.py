"""Many dossiers from tables in memory to outcomes: the task, its data, and ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from _national import AS_OF, national_tables
from competitors._chain import Chain, check_chain
from competitors._features import SEVEN, People
from competitors._features import check as check_features
from competitors._interface import Competitor, Task
from competitors._single import screener
from risicoscreener.features import Index, catalogue
from risicoscreener.features.many import compute_many


def people(n: int, seed: int = 1) -> People:
    """All tables of made-up people."""
    return People(national_tables(n, seed))


class Ours(Competitor):
    name = "risicoscreener"
    task = "batch"
    does = (
        "everything: 67 features, two models with interval and support, the policy on leave with "
        "levels, conditions and reasons"
    )
    tuned = "`Screener.screen_many`, from Arrow tables; both cores"

    def run(self, prepared: People) -> Any:
        return screener().screen_many(prepared.dossiers, "leave", AS_OF)


def check(theirs: Chain, ours: Any, data: People) -> None:
    """The seven features are those of the library; the rest follows from them."""
    del ours
    at = Index.same_day(data.dossiers, AS_OF)
    own = compute_many(catalogue().plan(SEVEN), data.dossiers, at.positions, at.days)
    check_features(theirs.features, own, data)
    check_chain(theirs)
    assert len(theirs.features) == data.n
    assert theirs.outcome is None or len(np.unique(theirs.outcome)) > 1


TASKS = (
    Task(
        id="batch",
        title="Many dossiers, from tables in memory to outcomes",
        unit="people",
        compared=(
            "Ours does all that a screening is, from 12 tables: 76 rows a person. The others read"
            " three of them (26 rows a person) and do seven features, one probability and four "
            "rules; no corrections, no interval, no support, no reasons. Their features must be "
            "equal to ours. A copy of the memory of all the tables is the limit that no way of "
            "reading them passes. Validation of the tables comes before this task."
        ),
        sizes=(1_000, 10_000, 100_000, 1_000_000, 10_000_000),
        data=people,
        ours=Ours(),
        check=check,
    ),
)
