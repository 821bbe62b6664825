"""Ask fairlearn for figures by group: python make.py FOLDER (fairlearn 0.15).

It is not among the packages that this library is tested with: install it apart.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    mean_prediction,
    selection_rate,
)
from sklearn.metrics import brier_score_loss, precision_score, roc_auc_score

CUT_OFF = 0.4
NAMES = {
    "false_positive_rate": false_positive_rate,
    "false_negative_rate": false_negative_rate,
    "share_above": selection_rate,
    "ppv": precision_score,
}


def people() -> pd.DataFrame:
    """600 people of three groups with other base rates, of two sexes; probabilities with ties."""
    rng = np.random.default_rng(11)
    n = 600
    group = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    sex = rng.choice(["f", "m"], n, p=[0.3, 0.7])
    shift = np.select([group == "a", group == "b"], [0.0, 0.6], -0.4)
    lp = rng.standard_normal(n) - 0.7 + shift
    probability = np.round(1 / (1 + np.exp(-lp)), 2)
    outcome = (rng.random(n) < 1 / (1 + np.exp(-lp - 0.3 * (group == "c")))).astype(int)
    return pd.DataFrame(
        {"probability": probability, "outcome": outcome, "group": group, "sex": sex}
    )


def frame_of(table: pd.DataFrame, by: list[str]) -> tuple[MetricFrame, MetricFrame]:
    y, p = table["outcome"], table["probability"]
    features = table[by]
    at = MetricFrame(
        metrics=NAMES, y_true=y, y_pred=(p >= CUT_OFF).astype(int), sensitive_features=features
    )
    scores = {"auc": roc_auc_score, "brier": brier_score_loss, "mean_probability": mean_prediction}
    return at, MetricFrame(metrics=scores, y_true=y, y_pred=p, sensitive_features=features)


def answers(table: pd.DataFrame) -> dict:
    found: dict = {"cut_off": CUT_OFF}
    for key, by in {"group": ["group"], "both": ["group", "sex"]}.items():
        frames = frame_of(table, by)
        of_groups: dict[str, dict[str, float]] = {}
        for frame in frames:
            for label, row in frame.by_group.iterrows():
                name = label if isinstance(label, str) else " × ".join(label)
                of_groups.setdefault(name, {}).update(row.astype(float).to_dict())
        found[key] = of_groups
        if key == "group":
            found["difference"] = {k: float(v) for f in frames for k, v in f.difference().items()}
            found["ratio"] = {k: float(v) for f in frames for k, v in f.ratio().items()}
    return found


if __name__ == "__main__":
    out = Path(sys.argv[1])
    table = people()
    table.to_csv(out / "people.csv", index=False)
    (out / "expected.json").write_text(json.dumps(answers(table), indent=1) + "\n", "utf-8")
