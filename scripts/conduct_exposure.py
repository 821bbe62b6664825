"""Shows whether reports against what is usual in the prison follow true conduct better.

python scripts/conduct_exposure.py            (writes the table in docs/conduct.md)
python scripts/conduct_exposure.py --check    (says whether the table is up to date)

On synthetic people, of whom the true incidents are known and each prison registers its own part of
them. Only the present stay counts, of people who stay at least 26 weeks.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from risicoscreener.conduct import exposure
from risicoscreener.dossier import DossierTables
from risicoscreener.synthetic import Cohort, simulate

PAGE = Path(__file__).resolve().parent.parent / "docs" / "conduct.md"
BEGIN, END = "<!-- exposure: begin -->", "<!-- exposure: end -->"
PEOPLE, SEED = 30_000, 1
LEAST_WEEKS = 26
LATEST = dt.date(2040, 1, 1)
CENTURY = 36_525
WORLDS: dict[str, dict[str, object]] = {
    "each prison registers its own part": {},
    "one prison registers all, and one nothing": {
        "conduct.prisons_registering_all": 1,
        "conduct.prisons_registering_none": 1,
    },
    "prisons differ three times as much": {"detention.prison_effect_sd": 0.9},
}
HEAD = (
    "world",
    "measure of conduct",
    "rank correlation with true incidents per week",
    "AUC for people prone to incidents",
    "how much prisons differ in being off (standard deviation)",
)


def of_present_stay(cohort: Cohort) -> DossierTables:
    """The dossiers with no stay but the one in which the conduct was."""
    stays = cohort.tables.tables["detentions"]
    released = stays.column("released_on").to_pandas()
    owner = cohort.tables.owners("detentions")
    present = pd.to_datetime(cohort.truth.persons["release_on"]).dt.date.to_numpy()[owner]
    kept = stays.filter(pa.array(np.asarray(released == present)))
    whole = {**cohort.tables.tables, "detentions": kept.combine_chunks()}
    return DossierTables(whole, (), cohort.tables.quarantined_rows)


def measured(world: str) -> list[tuple[str, ...]]:
    """A row of the table for each measure of conduct."""
    cohort = simulate(PEOPLE, seed=SEED, population="sentenced", changes=WORLDS[world])
    dossiers = of_present_stay(cohort)
    found = exposure(dossiers, LATEST, window_days=CENTURY).persons
    truth = cohort.truth.persons.loc[found.index]
    stays = dossiers.to_pandas("detentions").drop_duplicates("person_id").set_index("person_id")
    prison = stays["prison"].reindex(found.index)
    chosen = (found["weeks"] >= LEAST_WEEKS) & prison.notna()
    weeks = found["weeks"]
    true_rate = truth["latent_true_incidents"] / weeks
    measures = {
        "reports per week": found["observed"] / weeks,
        "reports against what is usual in the prison": found["ratio"] / found["ratio"].mean(),
    }
    measures["reports per week"] /= measures["reports per week"].mean()
    return [
        (
            world,
            name,
            f"{spearmanr(value[chosen], true_rate[chosen]).statistic:.3f}",
            f"{roc_auc_score(truth['latent_prone'][chosen], value[chosen]):.3f}",
            f"{_spread((value - true_rate / true_rate.mean())[chosen], prison[chosen]):.2f}",
        )
        for name, value in measures.items()
    ]


def _spread(difference: pd.Series, prison: pd.Series) -> float:
    """How far a measure is off from truth in one prison more than in another."""
    return float(difference.groupby(prison).mean().std())


def table() -> str:
    """The comparison as a Markdown table."""
    rows = [row for world in WORLDS for row in measured(world)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [HEAD, ["---"] * len(HEAD), *rows])


def main() -> int:
    """Write the table, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    old = PAGE.read_text("utf-8")
    before, _, rest = old.partition(BEGIN)
    new = f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"
    if check:
        print("up to date" if new == old else "run: python scripts/conduct_exposure.py")
        return int(new != old)
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
