"""Write the example tables of evaluation reports to examples/report/.

    python scripts/report_examples.py

Everybody in them is invented. The model of `leave.csv` gives probabilities that are somewhat too
extreme, and too low for people under 25; leaves were refused more often at high probabilities, so
that outcomes are known of part of the people. In `return.csv` people are followed for different
times, and some leave the country first (a competing event).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent.parent / "examples" / "report"
HORIZON_DAYS = 730


def expit(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def people(rng: np.random.Generator, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person_id": [f"SYN-{i:05d}" for i in range(1, n + 1)],
            "prison": rng.choice(["Noord", "Oost", "Zuid", "West"], n, p=[0.3, 0.3, 0.25, 0.15]),
            "sex": rng.choice(["man", "vrouw"], n, p=[0.9, 0.1]),
            "age_class": rng.choice(["18-24", "25-39", "40+"], n, p=[0.2, 0.5, 0.3]),
        }
    )


def leave(n: int = 1500, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = people(rng, n)
    log_odds = rng.normal(-1.4, 1.0, n)
    truth = expit(log_odds * 0.85 - 0.15 + 0.5 * (frame["age_class"] == "18-24"))
    fails = rng.random(n) < truth
    refused = rng.random(n) < expit(4 * (expit(log_odds) - 0.55))
    frame["decision"] = np.where(refused, "deny", "grant")
    frame["probability"] = expit(log_odds).round(4)
    frame["probability_old"] = expit(0.6 * log_odds - 0.5 + rng.normal(0, 0.4, n)).round(4)
    frame["outcome"] = pd.array(np.where(refused, pd.NA, fails.astype(int)), dtype="Int64")
    frame.loc[rng.choice(n, 12, replace=False), "probability"] = np.nan
    return frame


def returning(n: int = 1500, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = people(rng, n)
    log_hazard = rng.normal(-1.0, 0.9, n)
    probability = 1 - np.exp(-np.exp(log_hazard))
    times = np.stack(
        [
            rng.exponential(HORIZON_DAYS / np.exp(log_hazard + 0.1)),
            rng.exponential(9000, n),
            rng.uniform(200, 1400, n),
        ]
    )
    frame["probability"] = probability.round(4)
    frame["outcome"] = np.array([1, 2, 0])[times.argmin(axis=0)]
    frame["time"] = np.ceil(times.min(axis=0)).astype(int)
    frame["horizon"] = HORIZON_DAYS
    return frame


TABLES = {"leave.csv": leave, "return.csv": returning}


def text_of(name: str) -> str:
    """The table as the file has it."""
    return TABLES[name]().to_csv(index=False, lineterminator="\n")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        (FOLDER / name).write_text(text_of(name), "utf-8")
