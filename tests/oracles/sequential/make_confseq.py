"""Ask confseq (Howard, Waudby-Smith and others) for the capital of hedged bets, and store it.

    PYTHONPATH=<confseq>/src python make_confseq.py

confseq 0.0.11 needs a compiler and Boost to be installed; the module asked here is pure Python,
so that its source is enough.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from confseq.betting import diversified_betting_mart
from confseq.betting_strategies import lambda_predmix_eb

MEANS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.97, 1.0)


def main() -> None:
    rng = np.random.default_rng(20260101)
    cases = []
    for name, values in (
        ("few events", (rng.random(150) < 0.08).astype(float)),
        ("even", (rng.random(150) < 0.5).astype(float)),
        ("residuals", rng.beta(3, 2, 150)),
        ("nothing happens", np.zeros(60)),
    ):
        capital = {
            str(mean): diversified_betting_mart(
                values,
                mean,
                lambdas_fns_positive=[lambda x, m: lambda_predmix_eb(x, alpha=0.05)],
                alpha=0.05,
            ).tolist()
            for mean in MEANS
        }
        cases.append({"name": name, "values": values.tolist(), "capital": capital})
    place = Path(__file__).with_name("confseq.json")
    place.write_text(json.dumps({"level": 0.95, "cases": cases}) + "\n", "utf-8")


if __name__ == "__main__":
    main()
