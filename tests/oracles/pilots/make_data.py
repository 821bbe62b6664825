"""People of a stepped wedge of eight sites, and a series, that R and the library both analyse.

    python make_data.py

One cell is absent, sizes differ; ``y`` is continuous, ``z`` binary, ``k`` a count.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SITES = "abcdefgh"


def people() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    site = rng.normal(0, 0.35, 8)
    cell = rng.normal(0, 0.5, (8, 5))
    size = rng.integers(8, 25, (8, 5))
    size[2, 1] = 0
    rows = []
    for s, name in enumerate(SITES):
        for t in range(5):
            exposed = int(t >= 1 + s // 2)
            level = site[s] + cell[s, t] + 0.1 * t - 0.3 * exposed
            for _ in range(size[s, t]):
                y = level + rng.normal()
                rows.append(
                    (name, t + 1, exposed, round(y, 6), int(y > 0.3), rng.poisson(np.exp(level)))
                )
    return pd.DataFrame(rows, columns=["site", "period", "exposed", "y", "z", "k"])


def series() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    noise = np.zeros(24)
    for t in range(1, 24):
        noise[t] = 0.5 * noise[t - 1] + rng.normal(0, 0.2)
    time = np.arange(24)
    y = 1 + 0.03 * time - 0.4 * (time >= 12) - 0.02 * (time >= 12) * (time - 12) + noise
    return pd.DataFrame({"time": time, "y": y.round(6)})


if __name__ == "__main__":
    people().to_csv("people.csv", index=False)
    series().to_csv("series.csv", index=False)
