"""What the shipped models are worth on new synthetic people, against the truth behind them.

    python scripts/bundle_report.py -n 30000 --seed 2 --out docs/reference-bundle.md

The models are those of the package, fitted on a cohort of another seed. All is measured as of
the index day, on what a register shows when it is read late, and on the true probability of that.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, roc_auc_score

from risicoscreener.features import compute_features
from risicoscreener.models import Assessments, Bundle, Intervals, RiskModel
from risicoscreener.models.performance import measure_performance
from risicoscreener.models.shipped import shipped_bundle_bytes
from risicoscreener.synthetic import Cohort, simulate
from risicoscreener.writing import put_in_place

PEOPLE, SEED, POPULATION = 30_000, 2, "sentenced"
MATURE = {"calendar.extracted_on": dt.date(2150, 1, 1)}
TRUE_CHANCE = {
    "any_2y": "probability_any_2y_registered",
    "violence_2y": "probability_violence_2y_registered",
    "serious_violence_2y": "probability_serious_violence_2y_registered",
    "leave_failure": "probability_failed",
}
OUTCOME = {
    "any_2y": "any_2y_registered",
    "violence_2y": "violence_2y_registered",
    "serious_violence_2y": "serious_violence_2y_registered",
    "leave_failure": "failed",
}


def report(bundle: Bundle, cohort: Cohort, made_by: str) -> str:
    """The report as Markdown."""
    parts = [_INTRODUCTION.format(bundle=bundle.id, made_by=made_by), _provenance(bundle)]
    parts += [_of_model(model, cohort) for model in bundle.models]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """# The models of the package: {bundle}

**Fitted on synthetic people, judged on other synthetic people.** What is written here says how well
the models do what they were made for in a world that was made up; nothing in it says how well they
would do on real people, for whom they are not meant. Made by

```
{made_by}
```

*AUC of the truth* is that of the true probability: no model can do better. *Mean error* is the mean
difference between the stated and the true probability, *mean absolute error* and *root mean square
error* its size. Groups are for checking alone: no feature reads them.

An interval is about the mean of people with the same features, as far as the sample leaves it
uncertain. It is not about one person: the true probability of one person also rests on what no
feature can see, and mostly lies outside (last column of the tables). Whether intervals hold what
they are about is measured where that is known: `python scripts/cohort_intervals.py`
([uncertainty](uncertainty.md))."""


def _provenance(bundle: Bundle) -> str:
    lines = [
        "| model | people or leaves | with the outcome | features | fitted by |",
        "|---|---|---|---|---|",
    ]
    for model in bundle.models:
        training = model.training
        lines.append(
            f"| {model.name} | {training.n:,} | {training.events:,} | {len(model.features)} "
            f"| `{model.provenance['*'].command}` |"
        )
    return "\n".join(lines)


def _of_model(model: RiskModel, cohort: Cohort) -> str:
    truth = _truth_of(model, cohort)
    assessed = _assessed(model, cohort, truth)
    stated = assessed.scores.probability
    outcome = truth[OUTCOME[model.name]].to_numpy(dtype=float)
    chance = truth[TRUE_CHANCE[model.name]].to_numpy()
    parts = [
        f"## {model.name}: {model.title.en}",
        model.description.en,
        _overall(stated, outcome, chance),
        _tenths(stated, outcome, chance, assessed.intervals),
        _groups(cohort, truth, stated, outcome, chance),
    ]
    return "\n\n".join(parts)


def _truth_of(model: RiskModel, cohort: Cohort) -> pd.DataFrame:
    observed = "liberties" if model.name == "leave_failure" else "persons"
    return cohort.truth.observations()[observed].reset_index(drop=True)


def _assessed(model: RiskModel, cohort: Cohort, truth: pd.DataFrame) -> Assessments:
    features = compute_features(cohort.tables, truth[["person_id", "as_of"]], model.features)
    return model.program.assess_many(features.values)


def _overall(stated: np.ndarray, outcome: np.ndarray, chance: np.ndarray) -> str:
    found = measure_performance(outcome, np.log(stated / (1.0 - stated)), method="new people")
    error = stated - chance
    rows = {
        "people or leaves, with the outcome": f"{len(outcome):,}, {int(outcome.sum()):,}",
        "AUC": f"{found.auc:.3f}",
        "AUC of the truth": f"{roc_auc_score(outcome, chance):.3f}",
        "Brier score": f"{found.brier:.4f}",
        "Brier score of the truth": f"{brier_score_loss(outcome, chance):.4f}",
        "calibration intercept": f"{found.calibration_intercept:+.3f}",
        "calibration slope": f"{found.calibration_slope:.3f}",
        "mean error": f"{100 * error.mean():+.2f} points",
        "mean absolute error": f"{100 * np.abs(error).mean():.2f} points",
        "root mean square error": f"{100 * np.sqrt((error**2).mean()):.2f} points",
    }
    lines = ["| measure | value |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {value} |" for name, value in rows.items()])


def _tenths(
    stated: np.ndarray, outcome: np.ndarray, chance: np.ndarray, intervals: Intervals
) -> str:
    """Stated, true and observed by tenth of the stated probability, with error and interval."""
    place = np.argsort(np.argsort(stated, kind="stable"), kind="stable") * 10 // len(stated)
    within = (intervals.lower <= chance) & (chance <= intervals.upper)
    lines = [
        "| tenth | stated | mean interval | true | observed | mean absolute error "
        "| own true probability within interval |",
        "|---|---|---|---|---|---|---|",
    ]
    for tenth in range(10):
        who = place == tenth
        low, high = 100 * intervals.lower[who].mean(), 100 * intervals.upper[who].mean()
        error = 100 * np.abs(stated - chance)[who].mean()
        means = [f"{100 * part[who].mean():.1f} %" for part in (stated, chance, outcome)]
        cells = [means[0], f"{low:.1f}-{high:.1f} %", *means[1:], f"{error:.1f} points"]
        cells.append(f"{100 * within[who].mean():.0f} %")
        lines.append(f"| {tenth + 1} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _groups(
    cohort: Cohort, truth: pd.DataFrame, stated: np.ndarray, outcome: np.ndarray, chance: np.ndarray
) -> str:
    lines = ["| group | share | stated | true | observed |", "|---|---|---|---|---|"]
    for name, everyone in _memberships(cohort).items():
        who = everyone.loc[truth["person_id"]].to_numpy()
        means = (stated[who].mean(), chance[who].mean(), outcome[who].mean())
        numbers = " | ".join(f"{100 * value:.1f} %" for value in (who.mean(), *means))
        lines.append(f"| {name} | {numbers} |")
    return "\n".join(lines)


def _memberships(cohort: Cohort) -> dict[str, pd.Series]:
    """Who belongs to each group, by person."""
    persons = cohort.tables.to_pandas("persons").set_index("person_id")
    age = (cohort.truth.persons["as_of"] - persons["birth_date"]).dt.days / 365.25
    audit = cohort.tables.to_pandas("audit")
    abroad = set(audit.loc[audit["value"] == "born_abroad", "person_id"])
    is_abroad = pd.Series(persons.index.isin(abroad), index=persons.index)
    return {
        "women": persons["sex"] == "female",
        "men": persons["sex"] == "male",
        "under 23 years": age < 23,
        "23 to 44 years": (age >= 23) & (age < 45),
        "45 years and above": age >= 45,
        "born abroad": is_abroad,
        "born in the Netherlands": ~is_abroad,
    }


def main() -> None:
    """Write or print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    text = shipped_report(arguments.n, arguments.seed)
    if arguments.out is None:
        print(text)
        return
    with put_in_place(arguments.out) as unfinished:
        unfinished.write_text(text, "utf-8")


def shipped_report(n: int = PEOPLE, seed: int = SEED) -> str:
    """The report on the models of the package."""
    cohort = simulate(n, seed=seed, population=POPULATION, changes=MATURE)
    command = f"python scripts/bundle_report.py -n {n} --seed {seed} --out docs/reference-bundle.md"
    return report(Bundle.load(shipped_bundle_bytes()), cohort, command)


if __name__ == "__main__":
    main()
