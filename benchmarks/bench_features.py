"""How long features take: for one record and for many people.

    python benchmarks/bench_features.py --people 200000

The plan of all features that the shipped models and the policies on leave read, on tables of
national size: 15 convictions, 6 debts, 5 housing spells and 20 conduct rows for each person, the
other tables in proportion. `compare.py --task features` sets seven of them beside pandas, Polars
and others.

Only ratios within one run say much; on a machine that is shared, seconds do not.
"""

from __future__ import annotations

import argparse

import numpy as np
import pyarrow as pa

from _full_dossier import full_dossier
from _national import AS_OF, national_tables
from _timing import best
from bench_dossier_validation import PeakMemory
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.features import FeaturePlan, Index
from risicoscreener.features.many import EventTables, compute_many
from risicoscreener.features.one import compile_one
from risicoscreener.screening import Screener


def one_record(repeat: int) -> None:
    """The whole plan for one record: the generated function, and tables of one person."""
    dossier = read_dossier(full_dossier())
    dossiers = DossierTables.from_dossiers([dossier])
    whole = national_plan()
    function = compile_one(whole)
    arrays = best(lambda: _by_arrays(whole, dossiers), repeat)
    alone = best(lambda: [function(dossier, AS_OF) for _ in range(20)], repeat) / 20
    print(
        f"{len(whole.names)} features of one record: {alone * 1e6:.0f} µs; "
        f"as tables of one person {arrays / alone:.0f} times as long"
    )


def _by_arrays(plan: FeaturePlan, dossiers: DossierTables) -> np.ndarray:
    at = Index.same_day(dossiers, AS_OF)
    return compute_many(plan, dossiers, at.positions, at.days, n_threads=1)


def national_plan() -> FeaturePlan:
    """All that the policies on leave and the models that they name read."""
    return Screener.load().route("leave").plan


def at_scale(dossiers: DossierTables, repeat: int) -> None:
    """The whole plan: preparing columns, computing, in one thread and in two."""
    plan, at = national_plan(), Index.same_day(dossiers, AS_OF)
    rows = sum(table.num_rows for table in dossiers.tables.values())
    print(f"{len(plan.names)} features, made of {len(plan.features)}, from {rows:,} rows")
    prepare = best(lambda: EventTables(dossiers).prepare(plan), repeat)
    seconds = {
        n: best(
            lambda n=n: compute_many(plan, dossiers, at.positions, at.days, n_threads=n), repeat
        )
        for n in (1, 2)
    }
    with PeakMemory() as memory:
        compute_many(plan, dossiers, at.positions, at.days)
    print(
        f"  columns {prepare:.2f} s; with them in one thread {seconds[1]:.2f} s, in two "
        f"{seconds[2]:.2f} s; {rows / seconds[2]:,.0f} rows/s; "
        f"extra memory {memory.extra_gib:.2f} GiB"
    )
    dossiers = with_corrections(dossiers)
    took = best(lambda: EventTables(dossiers).replaced_on("convictions"), 1)
    print(f"  one conviction in a hundred corrected, each with an id: {took:.2f} s to find which")


def with_corrections(dossiers: DossierTables) -> DossierTables:
    """The same convictions, each with an id, of which every hundredth corrects the one before."""
    convictions = dossiers.tables["convictions"]
    owners = dossiers.owners("convictions")
    ids = pa.array(np.char.add("f", np.arange(len(owners)).astype("U9")))
    corrects = np.zeros(len(owners), dtype=bool)
    corrects[1:] = (np.arange(1, len(owners)) % 100 == 0) & (owners[1:] == owners[:-1])
    before = np.maximum(np.arange(len(owners)) - 1, 0)
    links = ids.take(pa.array(np.where(corrects, before, -1), mask=~corrects))
    for name, column in (("fact_id", ids), ("supersedes", links)):
        place = convictions.column_names.index(name)
        convictions = convictions.set_column(place, convictions.schema.field(name), column)
    return DossierTables({**dossiers.tables, "convictions": convictions})


def main(people: int, repeat: int) -> None:
    one_record(repeat)
    dossiers = national_tables(people)
    at_scale(dossiers, repeat)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    main(given.people, given.repeat)
