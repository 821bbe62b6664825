"""The example of a pilot: eight sites that do not exist, a stepped wedge, and what went otherwise.

    python scripts/pilot_example.py

Writes ``examples/pilot/outcomes.csv`` for ``examples/pilot/registration.toml``: outcomes drawn with
a true difference of minus ten points, one site that starts a period late, one cell that is absent.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from risicoscreener.evaluation.pilots import World, read_registration, simulated

FOLDER = Path(__file__).parent.parent / "examples" / "pilot"
EFFECT, TREND, SEED = -0.10, -0.04, 20
LATE, ABSENT = "PI-05", ("PI-03", "2028-Q1")


def outcomes() -> pd.DataFrame:
    """A row for each site and period."""
    registration = read_registration(FOLDER / "registration.toml")
    design = registration.pilot_design()
    world = World(trend=TREND)
    (cells,) = simulated(design, registration.assumed(), EFFECT, world=world, runs=1, seed=SEED)
    frame = cells.to_frame(design).astype({"size": int, "total": int})
    start = dict(zip(design.sites, design.starts, strict=True))
    place = {name: i for i, name in enumerate(design.periods)}
    frame["working"] = [
        int(place[period] >= start[site] + (site == LATE))
        for site, period in zip(frame["site"], frame["period"], strict=True)
    ]
    absent = (frame["site"] == ABSENT[0]) & (frame["period"] == ABSENT[1])
    return frame[~absent]


if __name__ == "__main__":
    outcomes().to_csv(FOLDER / "outcomes.csv", index=False)
