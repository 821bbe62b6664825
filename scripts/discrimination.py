"""How well reoffending can be told from synthetic dossiers, against the most that there is to tell.

    python scripts/discrimination.py -n 60000 --seed 1

Models are fitted on half of a cohort of all releases and judged on the other half, by features of
the library as of the index day, and by the outcome that a register shows within two years. The
oracle is the true probability of that outcome.
"""

from __future__ import annotations

import argparse
import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from risicoscreener.evaluation.discrimination import delong_error
from risicoscreener.features import compute_features
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.synthetic import Cohort, simulate

MATURE = {"calendar.extracted_on": dt.date(2150, 1, 1)}
"""Registers read when everything has come true."""
STATIC = (
    "age_years",
    "sex_female",
    "prior_convictions",
    "convictions_2y",
    "convictions_5y",
    "prior_violent_convictions",
    "age_at_first_conviction",
    "days_since_last_offence",
    "custodial_sentences",
    "convictions_property",
    "convictions_drugs",
    "convictions_sexual",
    "index_is_property",
    "index_is_drugs",
    "index_is_sexual",
    "index_is_violent",
    "index_offences",
)
DYNAMIC = (
    "addiction_indicated",
    "mental_health_indicated",
    "intellectual_disability_indicated",
    "debts_open",
    "judicial_debts_open",
    "housing_no_address",
    "housing_shelter",
    "has_work",
    "has_valid_id",
    "incidents_detention",
    "desired_week_share_6m",
    "plus_programme",
    "plan_goals_refused",
    "labour_hours_detention",
)
OUTCOMES = ("any_2y", "violence_2y", "serious_violence_2y")


@dataclass(frozen=True)
class Discrimination:
    """Areas under the curve on people who were not fitted on, and their standard error."""

    static: float
    dynamic: float
    oracle: float
    error: float


def features_of(cohort: Cohort) -> pd.DataFrame:
    """The features of everyone, as of the index day."""
    index = cohort.truth.persons.reset_index()[["person_id", "as_of"]]
    return compute_features(cohort.tables, index, [*STATIC, *DYNAMIC]).to_frame()


def discrimination(
    frame: pd.DataFrame, truth: pd.DataFrame, outcome: str = "any_2y"
) -> Discrimination:
    """Static and dynamic models against the oracle, for one outcome as registers show it."""
    y = truth[f"{outcome}_registered"].to_numpy()
    fitted = np.arange(len(y)) < len(y) // 2

    def auc(names: tuple[str, ...]) -> float:
        x = frame[list(names)].to_numpy()
        model = SplineLogisticClassifier(calibration=None).fit(x[fitted], y[fitted])
        return float(roc_auc_score(y[~fitted], model.decision_function(x[~fitted])))

    chance = truth[f"probability_{outcome}_registered"].to_numpy()[~fitted]
    return Discrimination(
        static=auc(STATIC),
        dynamic=auc((*STATIC, *DYNAMIC)),
        oracle=float(roc_auc_score(y[~fitted], chance)),
        error=delong_error(y[~fitted].astype(float), chance),
    )


def main() -> None:
    """Print the areas by outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    cohort = simulate(arguments.n, seed=arguments.seed, changes=MATURE)
    frame = features_of(cohort)
    print("| outcome | static | with dynamic | oracle | standard error |\n|---|---|---|---|---|")
    for outcome in OUTCOMES:
        found = discrimination(frame, cohort.truth.persons, outcome)
        numbers = (found.static, found.dynamic, found.oracle, found.error)
        print(f"| {outcome} | " + " | ".join(f"{value:.3f}" for value in numbers) + " |")


if __name__ == "__main__":
    main()
