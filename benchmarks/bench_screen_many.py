"""A nation of dossiers from Arrow tables in memory to outcomes with reasons.

    python benchmarks/bench_screen_many.py --people 1000000

15 convictions, 6 debts, 5 housing spells and 20 conduct rows for each person, and the other
tables in proportion. With `--peer`, the same number of people also through what a user would
write otherwise: six features by pandas groupby, a calibrated scikit-learn pipeline, `np.select`.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd

from _national import AS_OF, national_tables
from bench_dossier_validation import PeakMemory
from risicoscreener import Screener
from risicoscreener.dossier import DossierTables


def main(people: int, decision: str, peer: bool, validate: bool) -> None:
    started = time.perf_counter()
    dossiers = national_tables(people)
    rows = sum(table.num_rows for table in dossiers.tables.values())
    print(f"made {people:,} people, {rows:,} rows in {time.perf_counter() - started:.1f} s")
    if validate:
        started = time.perf_counter()
        DossierTables.from_arrow(dossiers.tables, on_error="quarantine")
        print(f"  validation      {time.perf_counter() - started:8.2f} s")
    screener = Screener.load()
    screener.route(decision)
    with PeakMemory() as memory:
        started = time.perf_counter()
        screened = screener.screen_many(dossiers, decision, AS_OF)
        seconds = time.perf_counter() - started
    started = time.perf_counter()
    screened.to_arrow()
    columns = time.perf_counter() - started
    print(f"  {screened!r}")
    print(f"  screen_many     {seconds:8.2f} s, {rows / seconds:,.0f} rows/s")
    print(f"  as Arrow table  {columns:8.2f} s")
    print(f"  extra memory    {memory.extra_gib:8.2f} GiB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"  highest memory  {peak:8.2f} GiB, tables included")
    if peer:
        took = peer_seconds(dossiers)
        print(f"  pandas and scikit-learn {took:8.2f} s: {took / seconds:.1f} times as long")


def peer_seconds(dossiers: DossierTables) -> float:
    """Six features, one probability and one rule, as a user would write them."""
    from _peers import calibrated_pipeline

    frames = {n: dossiers.to_pandas(n) for n in ("persons", "convictions", "conduct")}
    rng = np.random.default_rng(0)
    sample = pd.DataFrame(rng.normal(size=(4000, 6)) * 10 + 20, columns=list("abcdef"))
    pipeline = calibrated_pipeline(sample, rng.random(4000) < 0.4)
    now = pd.Timestamp(AS_OF)
    started = time.perf_counter()
    persons = frames["persons"].set_index("person_id")
    convictions = frames["convictions"]
    convictions = convictions[convictions["recorded_at"] <= now]
    conduct = frames["conduct"]
    conduct = conduct[conduct["recorded_at"] <= now]
    by_person = convictions.groupby("person_id", observed=False)
    recent = convictions[convictions["offence_on"] > now - pd.Timedelta(days=1826)]
    violent = convictions[convictions["offence_class"].isin(["violence", "serious_violence"])]
    features = pd.DataFrame(
        {
            "a": by_person.size(),
            "b": recent.groupby("person_id", observed=False).size(),
            "c": violent.groupby("person_id", observed=False).size(),
            "d": (now - by_person["offence_on"].max()).dt.days,
            "e": conduct[conduct["kind"] == "incident"].groupby("person_id", observed=False).size(),
            "f": (now - persons["birth_date"]).dt.days / 365.25,
        }
    )
    probability = pipeline.predict_proba(features)[:, 1]
    np.select([probability > 0.5, features["e"] > 3], ["deep_assessment", "deny"], "grant")
    return time.perf_counter() - started


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--decision", default="leave")
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--validate", action="store_true")
    given = parser.parse_args()
    main(given.people, given.decision, given.peer, given.validate)
