"""How long features take: for one record, for many people, and against pandas in the same run.

    python benchmarks/bench_features.py --people 200000

First seven features in both ways, which are checked to be equal before anything is timed: by
pandas as a user would write them, and by the plan. Then the plan of all features that the shipped
models and the policies on leave read, on tables of national size: 15 convictions, 6 debts, 5
housing spells and 20 conduct rows for each person, the other tables in proportion.

Only ratios within one run say much; on a machine that is shared, seconds do not.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
import pyarrow as pa

from _full_dossier import full_dossier
from _national import AS_OF, national_tables
from _timing import best
from bench_dossier_validation import PeakMemory
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.features import FeaturePlan, Index, catalogue
from risicoscreener.features.many import EventTables, compute_many
from risicoscreener.features.one import compile_one
from risicoscreener.screening import Screener

NOW = pd.Timestamp(AS_OF)
VIOLENT = vocabularies()["offence_class"].groups["violent"]
SEVEN = (
    "convictions_total",
    "convictions_violent_5y",
    "days_since_last_offence",
    "max_severity",
    "offence_versatility",
    "debt_open_total",
    "housing_own_address",
)


def by_pandas(frames: dict[str, pd.DataFrame], people: pd.Index) -> pd.DataFrame:
    """The seven features, one expression each; NaN where someone has no row."""
    known = {name: frame[frame["recorded_at"] <= NOW] for name, frame in frames.items()}
    convictions = known["convictions"]
    each = convictions.groupby("person_id", observed=True)
    recent = convictions[
        (convictions["offence_on"] > NOW - pd.Timedelta(days=1826))
        & convictions["offence_class"].isin(VIOLENT)
    ]
    debts, housing = known["debts"], known["housing"]
    debts = debts[debts["until"].isna() | (debts["until"] > NOW)]
    housing = housing[housing["until_on"].isna() | (housing["until_on"] > NOW)]
    latest = housing.sort_values("from_on", kind="stable").groupby("person_id", observed=True)
    columns = {
        "convictions_total": each.size(),
        "convictions_violent_5y": recent.groupby("person_id", observed=True).size(),
        "days_since_last_offence": (NOW - each["offence_on"].max()).dt.days.clip(upper=7305),
        "max_severity": each["severity"].max(),
        "offence_versatility": each["offence_class"].nunique(),
        "debt_open_total": debts.groupby("person_id", observed=True)["amount_eur"]
        .sum()
        .clip(upper=1e6),
        "housing_own_address": (latest["status"].last() == "own_address").astype(float),
    }
    return pd.DataFrame({name: column.reindex(people) for name, column in columns.items()})


def tied(frames: dict[str, pd.DataFrame], people: pd.Index) -> np.ndarray:
    """Who has two housing rows of one day; which of them is the latest is not said."""
    housing = frames["housing"]
    twice = housing.loc[housing.duplicated(["person_id", "from_on"]), "person_id"]
    return people.isin(twice.unique())


def check_equal(by_user: pd.DataFrame, ours: np.ndarray, skipped: np.ndarray) -> None:
    """Where someone has rows, the values are the same; elsewhere ours is unknown or for none.

    ``skipped`` are people whose latest housing is not told by its day.
    """
    for i, name in enumerate(SEVEN):
        theirs = by_user[name].to_numpy(dtype=np.float64)
        there = ~np.isnan(theirs)
        if name == "housing_own_address":
            np.testing.assert_allclose(ours[there & ~skipped, i], theirs[there & ~skipped])
            continue
        np.testing.assert_allclose(ours[there, i], theirs[there], rtol=1e-12, err_msg=name)
        none = catalogue()[name].none_value or 0.0
        rest = ours[~there, i]
        assert (np.isnan(rest) | (rest == none)).all(), name


def against_pandas(dossiers: DossierTables, what: str, repeat: int) -> None:
    """Seven features of many people by both, in one run."""
    frames = {name: dossiers.to_pandas(name) for name in ("convictions", "debts", "housing")}
    people = pd.Index(dossiers.person_ids.to_pandas())
    plan, at = catalogue().plan(SEVEN), Index.same_day(dossiers, AS_OF)
    ours = compute_many(plan, dossiers, at.positions, at.days)
    check_equal(by_pandas(frames, people), ours, tied(frames, people))
    theirs = best(lambda: by_pandas(frames, people), repeat)
    ours = best(lambda: compute_many(plan, dossiers, at.positions, at.days), repeat)
    print(f"seven features of {what}: pandas takes {theirs / ours:.1f} times as long")


def one_against_pandas(repeat: int) -> None:
    """Seven features of one record by both, in one run."""
    dossier = read_dossier(full_dossier())
    dossiers = DossierTables.from_dossiers([dossier])
    frames = {name: dossiers.to_pandas(name) for name in ("convictions", "debts", "housing")}
    people = pd.Index([dossier.person_id])
    function = compile_one(catalogue().plan(SEVEN))
    values = np.array([function(dossier, AS_OF)])
    check_equal(by_pandas(frames, people), values, tied(frames, people))
    theirs = best(lambda: by_pandas(frames, people), repeat)
    ours = best(lambda: [function(dossier, AS_OF) for _ in range(100)], repeat) / 100
    print(f"seven features of one record: pandas takes {theirs / ours:,.0f} times as long")
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
    one_against_pandas(repeat)
    dossiers = national_tables(people)
    against_pandas(dossiers, f"{people:,} people", repeat)
    at_scale(dossiers, repeat)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    main(given.people, given.repeat)
