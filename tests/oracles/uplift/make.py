"""Ask scikit-uplift for curves and areas: python make.py FOLDER (scikit-uplift 0.5.1).

It is not among the packages that this library is tested with: install it apart.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklift.metrics import qini_auc_score, qini_curve, uplift_auc_score, uplift_curve


def people() -> pd.DataFrame:
    """800 people of a trial with 40 in 100 helped; priorities with ties."""
    rng = np.random.default_rng(5)
    n = 800
    x = rng.random(n)
    treated = (rng.random(n) < 0.4).astype(int)
    outcome = (rng.random(n) < 0.35 + treated * 0.3 * (x - 0.2)).astype(int)
    priority = np.round(0.6 * x + 0.4 * rng.random(n), 2)
    return pd.DataFrame({"treated": treated, "outcome": outcome, "priority": priority})


def answers(table: pd.DataFrame) -> dict:
    given = table["outcome"], table["priority"], table["treated"]
    found = {"qini": qini_auc_score(*given), "auuc": uplift_auc_score(*given)}
    for name, curve in (("qini_curve", qini_curve), ("uplift_curve", uplift_curve)):
        x, y = curve(*given)
        found[name] = {"x": np.asarray(x).tolist(), "y": np.asarray(y).tolist()}
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    table = people()
    table.to_csv(folder / "people.csv", index=False)
    found = answers(table)
    (folder / "expected.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
