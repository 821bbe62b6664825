"""The example of a monitor: eight years of people who do not exist; formulas are swapped in 2020.

    python scripts/monitoring_example.py

Writes ``examples/monitoring/screened.parquet`` and ``outcomes.parquet`` for the settings there:
three years of reference and five in use, with 60 people screened in a month. From 2020 on people
above and below 240 days get each other's formula.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from monitoring_years import of_two_populations, tables_of

FOLDER = Path(__file__).parent.parent / "examples" / "monitoring"
PEOPLE, A_MONTH, SEED = 6000, 60, 7


def with_decisions(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Outcomes of screenings by their probability, and what people decided on them."""
    n, p = len(frame), frame["probability"].to_numpy()
    outcome = np.where(p < 0.45, "grant", np.where(p < 0.75, "deep_assessment", "deny"))
    waited = rng.integers(1, 30, n)
    settled = frame["as_of"] + pd.to_timedelta(rng.gamma(4.0, 7.0, n).round() + 1, "D")
    asked = outcome == "deep_assessment"
    return frame.assign(
        support=rng.choice(["inside", "outside"], n, p=[0.97, 0.03]),
        outcome=outcome,
        direction=rng.choice(["agreed", "up", "down"], n, p=[0.9, 0.04, 0.06]),
        decided_on=frame["as_of"] + pd.to_timedelta(waited, "D"),
        seconds=rng.gamma(2.0, 120.0, n).round(),
        settled_on=settled.where(asked),
    )


def main() -> None:
    world = next(w for w in of_two_populations(PEOPLE) if w.name == "swapped formula")
    frame, outcomes = tables_of(world, SEED, A_MONTH)
    full = with_decisions(frame.astype({"as_of": "datetime64[s]"}), np.random.default_rng(SEED))
    small = full.select_dtypes("float64").columns.difference(["probability"])
    full[small] = full[small].round(3).astype("float32")
    full.to_parquet(FOLDER / "screened.parquet", index=False, compression="zstd")
    outcomes.to_parquet(FOLDER / "outcomes.parquet", index=False, compression="zstd")


if __name__ == "__main__":
    main()
