"""Concordance on the rossi data, out of fold, with and without the financial aid.

    python scripts/rossi_concordance.py [--repeats 10]

Needs the extra `data`. Everyone was followed for 52 weeks, so a classifier of an arrest within them
orders people too: gradient boosting stands beside the models of time as the flexible reference.
The first rows are checks: `lifelines` on the same features, fitted on all, by its own concordance
and by ours.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold

from risicoscreener.datasets import load_rossi
from risicoscreener.models.time import (
    CauseSpecificCox,
    DiscreteTimeHazard,
    SubdistributionHazard,
    TimeToEvent,
    concordance,
)

FOLDS = 10
DAYS_A_WEEK = 7.0
YEAR = 52 * DAYS_A_WEEK
AID = "rossi_financial_aid"

Predict = Callable[[np.ndarray, TimeToEvent, np.ndarray], np.ndarray]
"""From features and outcome to fit on, and features to judge, to a risk."""


def survival(model: CauseSpecificCox | DiscreteTimeHazard | SubdistributionHazard) -> Predict:
    """Incidence in a year by a model of time."""

    def predict(x: np.ndarray, y: TimeToEvent, asked: np.ndarray) -> np.ndarray:
        found = clone(model).fit(x, y)
        return found.predict_cumulative_incidence(asked, found.longest_follow_up_)[:, 0]

    return predict


def boosting(x: np.ndarray, y: TimeToEvent, asked: np.ndarray) -> np.ndarray:
    """Probability of an arrest within the year."""
    model = GradientBoostingClassifier(
        n_estimators=100, max_depth=2, learning_rate=0.05, subsample=0.7, random_state=0
    )
    return model.fit(x, y.cause == 1).predict_proba(asked)[:, 1]


MODELS: dict[str, Predict] = {
    "Cox, straight terms, no penalty": survival(CauseSpecificCox(terms="linear", shrinkage=0.0)),
    "Cox, straight terms": survival(CauseSpecificCox(terms="linear", ties="efron")),
    "Cox, splines": survival(CauseSpecificCox(ties="efron")),
    "discrete time, straight terms": survival(DiscreteTimeHazard(terms="linear")),
    "discrete time, splines": survival(DiscreteTimeHazard()),
    "subdistribution, straight terms": survival(SubdistributionHazard(terms="linear")),
    "gradient boosting": boosting,
}


def out_of_fold(predict: Predict, x: np.ndarray, y: TimeToEvent, seed: int) -> float:
    """Mean over folds of the concordance in the fold held out."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(x, y.cause)
    return float(
        np.mean([concordance(y[held], predict(x[kept], y[kept], x[held])) for kept, held in folds])
    )


def check(frame: pd.DataFrame, y: TimeToEvent) -> None:
    """Print the concordance on the data of the fit, by lifelines and by this library."""
    joined = frame.assign(weeks=y.time / DAYS_A_WEEK, arrest=y.cause)
    theirs = CoxPHFitter().fit(joined, "weeks", "arrest")
    ours = CauseSpecificCox(terms="linear", shrinkage=0.0, ties="efron").fit(frame, y)
    hazard = theirs.predict_partial_hazard(frame).to_numpy()
    print(
        f"fitted on all, {len(frame.columns)} features: lifelines {theirs.concordance_index_:.6f}, "
        f"its risks by our concordance {concordance(y, hazard):.6f}, "
        f"ours {ours.score(frame, y):.6f}"
    )


def main(repeats: int) -> None:
    """Print the checks and the table."""
    data = load_rossi()
    times = data.follow_up
    assert times is not None
    y = TimeToEvent(times["weeks"] * DAYS_A_WEEK, times["event"], names=("arrest",))
    frames = {"with": data.frame, "without": data.frame.drop(columns=AID)}
    for frame in frames.values():
        check(frame, y)
    print(f"\n{repeats} times {FOLDS} folds, seeds 0 to {repeats - 1}: mean (sd over repeats)\n")
    print("| model | with financial aid | without |\n|---|---|---|")
    for name, predict in MODELS.items():
        cells = []
        for frame in frames.values():
            x = frame.to_numpy(dtype=np.float64)
            found = [out_of_fold(predict, x, y, seed) for seed in range(repeats)]
            cells.append(f"{np.mean(found):.3f} ({np.std(found):.3f})")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    main(parser.parse_args().repeats)
