"""Score decompositions of model-diagnostics 1.5.0, for the people of people.csv.

In an environment with `model-diagnostics`:   python make_model_diagnostics.py
writes model_diagnostics.json beside this file.
"""

import csv
import json
from pathlib import Path

import numpy as np
from model_diagnostics.scoring import LogLoss, SquaredError, decompose

HERE = Path(__file__).parent
with (HERE / "people.csv").open() as file:
    rows = list(csv.DictReader(file))
people = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def parts(name, score, weights):
    frame = decompose(
        people["outcome"], people[name], weights=weights, scoring_function=score, functional="mean"
    )
    return [
        float(frame[column][0]) for column in ("miscalibration", "discrimination", "uncertainty")
    ]


answers = {
    f"{name}_{'weighted' if weights is not None else 'plain'}": {
        "brier": parts(name, SquaredError(), weights),
        "log_loss": parts(name, LogLoss(), weights),
    }
    for name in ("probability", "coarse")
    for weights in (None, people["weight"])
}
(HERE / "model_diagnostics.json").write_text(json.dumps(answers, indent=1) + "\n", "utf-8")
