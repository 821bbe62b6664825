"""What unequal registration does to a model that looks fair on what registers show.

    python scripts/label_bias.py -n 60000 --seed 1

For each odds ratio r a model is fitted on half of a cohort, by allowed features alone and by
registered outcomes, and judged on the other half by origin: expected over observed on registered
outcomes (what a user can see) and on true ones (what only a synthetic cohort knows). True outcomes
are the same people's in every row. `implied` is the expected relative bias: how much more of the
true outcomes the register shows of people born abroad than of others, by the true probabilities. A
model that is calibrated on registered outcomes in both groups overstates the true risk of people
born abroad by that factor relative to others; `relative`, which is measured, agrees with it up to
sampling error.
"""

from __future__ import annotations

import argparse
import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from risicoscreener.features import compute_features
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.recipe import Recipe
from risicoscreener.synthetic import Cohort, Scenario, simulate

RATIOS = (1.0, 1.25, 1.5, 2.0)
MATURE = {"calendar.extracted_on": dt.date(2150, 1, 1)}


@dataclass(frozen=True)
class Bias:
    """Expected over observed by group, and the bias that unequal registration implies.

    Attributes
    ----------
    on_registered, on_true
        Mean prediction over the rate of the outcome: of people born abroad, and of others.
    relative
        Ratio of the two of ``on_true``: by how much more the model overstates the risk of people
        born abroad than that of others.
    implied
        The same ratio for a model that is calibrated on registered outcomes in both groups.
    error
        Standard error of the logarithm of ``relative``.
    """

    on_registered: tuple[float, float]
    on_true: tuple[float, float]
    relative: float
    implied: float
    error: float


def born_abroad(cohort: Cohort) -> np.ndarray:
    """Whether each person was born abroad: for audit alone, no feature can read it."""
    audit = cohort.tables.to_pandas("audit")
    owner = cohort.tables.owners("audit")
    abroad = np.zeros(cohort.tables.n_persons, dtype=bool)
    abroad[owner[(audit["value"] == "born_abroad").to_numpy()]] = True
    return abroad


def predictions(cohort: Cohort) -> np.ndarray:
    """Probability of a registered case, by a model fitted on the first half of the people."""
    names = Recipe.default().models[0].features
    index = cohort.truth.persons.reset_index()[["person_id", "as_of"]]
    x = compute_features(cohort.tables, index, names).values
    y = cohort.truth.persons["any_2y_registered"].to_numpy()
    half = len(y) // 2
    model = SplineLogisticClassifier().fit(x[:half], y[:half])
    return np.asarray(model.predict_proba(x)[:, 1])


def bias(cohort: Cohort) -> Bias:
    """The bias of a model fitted on what the register of a cohort shows."""
    half = cohort.tables.n_persons // 2
    truth = cohort.truth.persons.iloc[half:]
    expected, abroad = predictions(cohort)[half:], born_abroad(cohort)[half:]

    def over(outcome: pd.Series, who: np.ndarray) -> float:
        return float(expected[who].mean() / outcome[who].mean())

    groups = (abroad, ~abroad)
    on_true = tuple(over(truth["any_2y"], who) for who in groups)
    shown = [
        truth["probability_any_2y_registered"][who].mean() / truth["probability_any_2y"][who].mean()
        for who in groups
    ]
    return Bias(
        on_registered=tuple(over(truth["any_2y_registered"], who) for who in groups),
        on_true=on_true,
        relative=on_true[0] / on_true[1],
        implied=float(shown[0] / shown[1]),
        error=_error(truth["any_2y"], groups),
    )


def _error(outcome: pd.Series, groups: tuple[np.ndarray, ...]) -> float:
    """Of the log ratio of two rates."""
    return float(np.sqrt(sum((1 / outcome[g].mean() - 1) / g.sum() for g in groups)))


def unequal(ratio: float) -> Scenario:
    """Registration of past and later cases with some odds ratio by origin."""
    return Scenario.load(f"label_bias_{round(100 * ratio)}")


def main() -> None:
    """Print a row for each odds ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print("| r | registered: abroad | other | true: abroad | other | relative | implied |")
    print("|---|---|---|---|---|---|---|")
    for ratio in RATIOS:
        scenario = unequal(ratio)
        cohort = simulate(arguments.n, seed=arguments.seed, scenario=scenario, changes=MATURE)
        found = bias(cohort)
        numbers = (*found.on_registered, *found.on_true, found.relative, found.implied)
        print(
            f"| {ratio:g} | " + " | ".join(f"{value:.3f}" for value in numbers) + " |", flush=True
        )


if __name__ == "__main__":
    main()
