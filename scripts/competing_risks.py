"""Cumulative incidence by model against the true probability, on people who do not exist.

    python scripts/competing_risks.py [-n 20000] [--seed 1] [--deciles]

Half of a cohort of all releases is fitted on, by features as of the index day; the other half is
judged, by the true probability of the outcome within a horizon, before death, deportation or a
detention for an older matter. Follow-up ends on the day on which the registers are read, so that
few are followed for five years. Two outcomes:

  any, violence, serious_violence   true cases, each known on its day: competing events alone count
  any, registered                   convictions, known months after the offence: the lag counts too
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import clone

from discrimination import DYNAMIC, STATIC
from risicoscreener.evaluation.time.outcome import DAYS_PER_YEAR
from risicoscreener.features import compute_features
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.time import (
    CauseSpecificCox,
    DiscreteTimeHazard,
    SubdistributionHazard,
    TimeToEvent,
    follow_up,
)
from risicoscreener.synthetic import Cohort, simulate

EXTRACTED = dt.date(2026, 6, 30)
HORIZONS = {"1y": 365.0, "2y": 730.0, "5y": 1826.0}
COMPETING = ("death", "deportation", "new_detention")
LAG_QUANTILE = 0.95
PENALTY = {"shrinkage": 1.0, "smoothness": 0.03}
"""One penalty for all, so that models differ in their handling of time alone."""


@dataclass(frozen=True)
class Problem:
    """One outcome: what is seen when the lag is heeded and when not, and the truth ``(n, H)``."""

    name: str
    x: np.ndarray
    y: TimeToEvent
    without_lag: TimeToEvent
    truth: np.ndarray


def problems(cohort: Cohort) -> Iterator[Problem]:
    """The outcomes of people whom the registers find."""
    truth = cohort.truth.persons
    truth = truth[truth["latent_linked"]]
    index = truth.reset_index()[["person_id", "as_of"]]
    x = compute_features(cohort.tables, index, [*STATIC, *DYNAMIC]).to_frame().to_numpy()
    read = (pd.Timestamp(EXTRACTED) - pd.to_datetime(truth["release_on"])).dt.days.to_numpy()
    released = read > 0
    for outcome in ("any", "violence", "serious_violence"):
        event = np.ceil(truth[f"years_to_{outcome}"].to_numpy() * DAYS_PER_YEAR)
        y = _outcome(event, read, truth, 0.0)
        yield _problem(outcome, x, y, y, truth, outcome, "", released)
    event, lag = registered(cohort, truth)
    found = [_outcome(event, read, truth, days) for days in (lag, 0.0)]
    name = f"any, registered (lag {lag:.0f} days)"
    yield _problem(name, x, *found, truth, "any", "_registered", released)


def _problem(
    name: str,
    x: np.ndarray,
    y: TimeToEvent,
    without_lag: TimeToEvent,
    truth: pd.DataFrame,
    outcome: str,
    kind: str,
    rows: np.ndarray,
) -> Problem:
    columns = [f"probability_{outcome}_{h}{kind}" for h in HORIZONS]
    return Problem(name, x[rows], y[rows], without_lag[rows], truth[columns].to_numpy()[rows])


def _outcome(event: np.ndarray, read: np.ndarray, truth: pd.DataFrame, lag: float) -> TimeToEvent:
    days = np.ceil(truth["years_to_competing_event"].to_numpy() * DAYS_PER_YEAR)
    competing = {
        name: np.where(truth["competing_event"] == name, days, np.nan) for name in COMPETING
    }
    return follow_up(event, np.maximum(read, 0), competing=competing, lag_days=lag)


def registered(cohort: Cohort, truth: pd.DataFrame) -> tuple[np.ndarray, float]:
    """Days from release to the first offence in the registers, and days to its registration."""
    rows = cohort.tables.to_pandas("convictions")
    rows = rows[rows["person_id"].isin(truth.index)]
    offence, recorded = (pd.to_datetime(rows[c]) for c in ("offence_on", "recorded_at"))
    start = pd.to_datetime(truth["release_on"]).reindex(rows["person_id"].astype(str)).to_numpy()
    since = (offence.to_numpy() - start) / np.timedelta64(1, "D")
    first = pd.Series(since[since > 0], rows["person_id"][since > 0].astype(str))
    event = first.groupby(level=0).min().reindex(truth.index.astype(str)).to_numpy()
    delay = (recorded - offence).dt.days.to_numpy()
    old = ((pd.Timestamp(EXTRACTED) - offence).dt.days > 5 * DAYS_PER_YEAR).to_numpy()
    return event, float(np.quantile(delay[old], LAG_QUANTILE))


# -- models --------------------------------------------------------------------------------------

Predict = Callable[[Problem, np.ndarray, np.ndarray], np.ndarray]
"""From a problem, the rows to fit on and those to judge to the incidence ``(n, H)``."""


def survival(model: CauseSpecificCox | DiscreteTimeHazard | SubdistributionHazard) -> Predict:
    """A model of time, with competing events and lag heeded."""

    def predict(problem: Problem, fitted: np.ndarray, judged: np.ndarray) -> np.ndarray:
        found = clone(model).fit(problem.x[fitted], problem.y[fitted])
        return found.predict_cumulative_incidence(problem.x[judged], list(HORIZONS.values()))

    return predict


def naive(*, competing: bool, lag: bool) -> Predict:
    """Cox with competing events as if censored, or follow-up as if registers were complete."""

    def predict(problem: Problem, fitted: np.ndarray, judged: np.ndarray) -> np.ndarray:
        y = problem.y if lag else problem.without_lag
        if not competing:
            y = TimeToEvent(y.time, np.where(y.cause == 1, 1, 0))
        model = CauseSpecificCox(**PENALTY).fit(problem.x[fitted], y[fitted])
        return model.predict_cumulative_incidence(problem.x[judged], list(HORIZONS.values()))

    return predict


def logistic(problem: Problem, fitted: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Per horizon a logistic regression on who was followed so long, or had an event before."""
    columns = []
    for horizon in HORIZONS.values():
        y = problem.y[fitted].within(horizon)
        known = (y.cause > 0) | (y.time >= horizon)
        model = SplineLogisticClassifier(calibration=None, **PENALTY)
        model.fit(problem.x[fitted][known], (y.cause == 1)[known])
        columns.append(model.predict_proba(problem.x[judged])[:, 1])
    return np.column_stack(columns)


MODELS: dict[str, Predict] = {
    "cause-specific Cox": survival(CauseSpecificCox(**PENALTY)),
    "discrete time, cloglog": survival(DiscreteTimeHazard(**PENALTY)),
    "discrete time, logit": survival(DiscreteTimeHazard(link="logit", **PENALTY)),
    "Fine and Gray": survival(SubdistributionHazard(**PENALTY)),
    "naive: competing events as censored": naive(competing=False, lag=True),
    "naive: lag ignored": naive(competing=True, lag=False),
    "naive: both": naive(competing=False, lag=False),
    "naive: logistic on who is known": logistic,
}


# -- what is printed -----------------------------------------------------------------------------


def by_tenth(found: np.ndarray, truth: np.ndarray) -> list[tuple[float, float, float]]:
    """By tenth of the prediction: its mean, the mean truth, and the mean absolute error."""
    order = np.argsort(found, kind="stable")
    return [
        (
            float(found[rows].mean()),
            float(truth[rows].mean()),
            float(np.abs(found - truth)[rows].mean()),
        )
        for rows in np.array_split(order, 10)
    ]


def show(problem: Problem, *, deciles: bool) -> None:
    """Print the errors of all models on one outcome."""
    fitted = np.arange(len(problem.x)) < len(problem.x) // 2
    truth = problem.truth[~fitted]
    print(f"\n**{problem.name}**: {problem.y[fitted]!r}\n".replace("<", "").replace(">", ""))
    means = zip(HORIZONS, truth.mean(axis=0), strict=True)
    heads = " | ".join(f"{h}: error | mean {mean:.3f}" for h, mean in means)
    print(f"| model | {heads} |\n|---|{'---|' * (2 * len(HORIZONS))}")
    tenths = {}
    for name, predict in MODELS.items():
        found = predict(problem, fitted, ~fitted)
        error, mean = np.abs(found - truth).mean(axis=0), found.mean(axis=0)
        cells = " | ".join(f"{e:.4f} | {m:.3f}" for e, m in zip(error, mean, strict=True))
        print(f"| {name} | {cells} |", flush=True)
        tenths[name] = by_tenth(found[:, -1], truth[:, -1])
    if deciles:
        _show_tenths({name: tenths[name] for name in ("Fine and Gray", "naive: both")})


def _show_tenths(tenths: dict[str, list[tuple[float, float, float]]]) -> None:
    last = list(HORIZONS)[-1]
    print(f"\nBy tenth of the prediction at {last}: predicted, true, mean absolute error\n")
    print("| tenth | " + " | ".join(f"{name} | true | error" for name in tenths) + " |")
    print("|---|" + "---|" * (3 * len(tenths)))
    for position, rows in enumerate(zip(*tenths.values(), strict=True), 1):
        cells = " | ".join(f"{value:.3f}" for row in rows for value in row)
        print(f"| {position} | {cells} |")


def main() -> None:
    """Print a table per outcome."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deciles", action="store_true")
    arguments = parser.parse_args()
    cohort = simulate(arguments.n, seed=arguments.seed, population="flow")
    for problem in problems(cohort):
        show(problem, deciles=arguments.deciles)


if __name__ == "__main__":
    main()
