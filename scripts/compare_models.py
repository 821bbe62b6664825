"""Every estimator of the library beside gradient boosting, on the same people and folds.

    python scripts/compare_models.py [--compas PATH] [--people 20000] [--only recid rossi]
    python scripts/compare_models.py --compas PATH --out docs/models-compared.md

Needs the extra `data`. The path of the COMPAS file may also stand in the environment variable
RISICOSCREENER_COMPAS; without it that data set is left out. 10-fold stratified cross-validation
with seed 0, as in scripts/real_data.py; whatever an estimator chooses, it chooses within each
fold. Race is never a feature, nor is the length of the follow-up. Prints Markdown, and ends with 1
if the best interpretable model is not as good as gradient boosting by the marks of
scripts/real_data_marks.toml.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lifelines.utils import concordance_index
from scipy.special import expit
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from real_data import FOLDS, METHOD, SEED, VARIABLE, log_odds_out_of_fold, marks
from risicoscreener.datasets import Dataset, load_compas, load_recid, load_rossi
from risicoscreener.features import compute_features
from risicoscreener.models import Performance, SplineLogisticClassifier
from risicoscreener.models.estimators import (
    AdditiveBoostingClassifier,
    GradientBoostingReference,
    PairedClassifier,
    ScorecardClassifier,
    StackedClassifier,
)
from risicoscreener.models.performance import measure_performance
from risicoscreener.models.recipe import Recipe
from risicoscreener.models.updating.comparison import Difference, auc_difference, mean_difference
from risicoscreener.synthetic import simulate
from risicoscreener.writing import put_in_place

PEOPLE = 20_000


@dataclass(frozen=True)
class People:
    """Features, outcome and, for survival, the time until it."""

    label: str
    x: np.ndarray
    y: np.ndarray
    time: np.ndarray | None = None
    truth: np.ndarray | None = None


@dataclass(frozen=True)
class Candidate:
    """An estimator, and whether a person can look at its terms one by one."""

    make: Callable[[], Any]
    interpretable: bool


@dataclass(frozen=True)
class Result:
    """What one estimator says of people whom it did not see."""

    name: str
    interpretable: bool
    log_odds: np.ndarray
    performance: Performance
    log_loss: float
    concordance: float | None


def candidates() -> dict[str, Candidate]:
    """All that is compared; settings are the defaults, or were fixed before."""
    return {
        "spline logistic": Candidate(SplineLogisticClassifier, True),
        "spline logistic, penalty by optimism": Candidate(
            lambda: SplineLogisticClassifier(penalty_choice="optimism"), True
        ),
        "elastic net": Candidate(lambda: SplineLogisticClassifier(l1_ratio=0.5), True),
        "lasso": Candidate(lambda: SplineLogisticClassifier(l1_ratio=1.0), True),
        "scorecard": Candidate(ScorecardClassifier, True),
        "additive boosting": Candidate(AdditiveBoostingClassifier, True),
        "spline logistic with pairs": Candidate(PairedClassifier, True),
        "stack": Candidate(StackedClassifier, True),
        "gradient boosting, chosen and calibrated": Candidate(GradientBoostingReference, False),
        "HistGradientBoostingClassifier": Candidate(
            lambda: HistGradientBoostingClassifier(
                learning_rate=0.05, max_iter=100, max_leaf_nodes=8, random_state=0
            ),
            False,
        ),
        "GradientBoostingClassifier": Candidate(
            lambda: make_pipeline(
                SimpleImputer(strategy="median", add_indicator=True),
                GradientBoostingClassifier(
                    n_estimators=100, max_depth=2, learning_rate=0.05, random_state=0
                ),
            ),
            False,
        ),
    }


# -- data ----------------------------------------------------------------------------------------


def groups_of_people(compas: str | None, people: int) -> dict[str, Callable[[], People]]:
    """The data sets by name; each is loaded when it is asked for."""
    found: dict[str, Callable[[], People]] = {
        "recid": lambda: of_dataset("recid, return within 24 months", load_recid()),
        "rossi": lambda: of_dataset("rossi, arrest within 52 weeks", load_rossi()),
        "rossi_without_aid": lambda: of_dataset(
            "rossi, without the financial aid", load_rossi().without("rossi_financial_aid")
        ),
        "synthetic": lambda: made_up(people),
    }
    if compas:
        found["compas"] = lambda: of_dataset(
            "COMPAS, as published", load_compas(compas, age="as_published")
        )
        found["compas_followed_up"] = lambda: of_dataset(
            "COMPAS, age at screening, followed up", load_compas(compas, rows="followed_up")
        )
    return found


def of_dataset(label: str, data: Dataset) -> People:
    time = None
    if data.follow_up is not None and data.name == "rossi":
        time = data.follow_up.drop(columns="event").iloc[:, 0].to_numpy(dtype=np.float64)
    outcome = data.outcome.to_numpy(dtype=np.float64)
    return People(label, data.frame.to_numpy(dtype=np.float64), outcome, time)


def made_up(people: int) -> People:
    """Releases of the synthetic population, with the features of the first shipped model."""
    recipe = Recipe.default().models[0]
    cohort = simulate(people, seed=1, population="flow")
    observed = cohort.truth.observations()[recipe.observed].reset_index(drop=True)
    computed = compute_features(cohort.tables, observed[["person_id", "as_of"]], recipe.features)
    return People(
        f"synthetic, {recipe.name}, {people:,} releases",
        np.asarray(computed.values, dtype=np.float64),
        observed[recipe.outcome_column].to_numpy(dtype=np.float64),
        truth=observed[f"probability_{recipe.outcome_column}"].to_numpy(dtype=np.float64),
    )


# -- measure ---------------------------------------------------------------------------------------


def measured(name: str, candidate: Candidate, people: People) -> Result:
    y = people.y
    lp = log_odds_out_of_fold(people.x, y, candidate.make())
    return Result(
        name=name,
        interpretable=candidate.interpretable,
        log_odds=lp,
        performance=measure_performance(y, lp, method=METHOD),
        log_loss=float((np.logaddexp(0.0, lp) - y * lp).mean()),
        concordance=None if people.time is None else concordance_index(people.time, -lp, y),
    )


def best(results: list[Result], *, interpretable: bool) -> Result:
    """The one of least log loss."""
    chosen = [r for r in results if r.interpretable == interpretable]
    return min(chosen, key=lambda result: result.log_loss)


def brier_difference(y: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> Difference:
    """Of two predictions of the same people, with the interval of a paired mean."""
    return mean_difference(np.square(y - expit(ours)) - np.square(y - expit(theirs)))


def verdict(people: People, results: list[Result], rule: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether the best interpretable model is as good as gradient boosting, in words."""
    ours, theirs = (best(results, interpretable=kind) for kind in (True, False))
    auc = auc_difference(people.y, theirs.log_odds, ours.log_odds)
    brier = brier_difference(people.y, ours.log_odds, theirs.log_odds)
    slope = ours.performance.calibration_slope
    low, high = rule["slope"]
    reached = (
        auc.estimate > rule["auc_difference_above"]
        and brier.estimate <= rule["brier_difference_at_most"]
        and low <= slope <= high
    )
    said = "reached" if reached else "**missed**"
    return reached, (
        f"Best interpretable: *{ours.name}*; best gradient boosting: *{theirs.name}* (by log "
        f"loss). Difference of the AUC {_signed(auc, 4)}, of the Brier score {_signed(brier, 5)}; "
        f"slope {slope:.2f}. Mark: {said}."
    )


def _signed(found: Difference, digits: int) -> str:
    low, high = f"{found.lower:+.{digits}f}", f"{found.upper:+.{digits}f}"
    return f"{found.estimate:+.{digits}f} ({low} to {high})"


def table(people: People, results: list[Result]) -> list[str]:
    """Rows of Markdown, one per estimator."""
    reference = best(results, interpretable=False)
    head = ["model", "AUC (95%)", "Brier", "log loss", "slope", "intercept"]
    head.append("AUC less that of the best boosting")
    if people.time is not None:
        head.append("concordance")
    if people.truth is not None:
        head.append("mean absolute error of the probability")
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for result in results:
        found = result.performance
        low, high = found.intervals["auc"]
        cells = [
            result.name if result.interpretable else f"*{result.name}*",
            f"{found.auc:.4f} ({low:.3f}-{high:.3f})",
            f"{found.brier:.4f}",
            f"{result.log_loss:.4f}",
            f"{found.calibration_slope:.2f}",
            f"{found.calibration_intercept:+.3f}",
            "-"
            if result is reference
            else _signed(auc_difference(people.y, reference.log_odds, result.log_odds), 4),
        ]
        if result.concordance is not None:
            cells.append(f"{result.concordance:.4f}")
        if people.truth is not None:
            error = np.abs(expit(result.log_odds) - people.truth).mean()
            cells.append(f"{100 * error:.2f} points")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


# -- the page ----------------------------------------------------------------------------------


def page(parts: list[str], command: str) -> str:
    rule = marks()["comparison"]
    return _INTRODUCTION.format(command=command, **rule, folds=FOLDS, seed=SEED) + "\n".join(parts)


_INTRODUCTION = """# Models compared

Every estimator of the library beside gradient boosting of scikit-learn (*in italics*), on the same
people in the same {folds} folds (stratified, seed {seed}); whatever an estimator chooses, it
chooses within each fold. Race is never a feature, nor is the length of the follow-up. Intervals of
the AUC and of differences of the AUC are DeLong's (1988), paired. Mark: the difference of the best
interpretable model with the best boosting in AUC is above {auc_difference_above}, its Brier score
is no worse, and its slope of calibration lies from {slope[0]} to {slope[1]}. Made by

```
{command}
```

"""


def chapter(people: People, results: list[Result], said: str) -> str:
    count = f"{len(people.y):,} people, {int(people.y.sum()):,} with the outcome"
    text = [f"## {people.label[0].upper()}{people.label[1:]}", "", f"{count}.", ""]
    return "\n".join([*text, *table(people, results), "", said, ""])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--compas", metavar="PATH", default=os.environ.get(VARIABLE))
    parser.add_argument("--people", type=int, default=PEOPLE, help="synthetic people")
    parser.add_argument("--only", nargs="+", metavar="DATA", help="these data sets alone")
    parser.add_argument("--out", metavar="FILE", help="write the page there too")
    options = parser.parse_args(arguments)
    known = groups_of_people(options.compas, options.people)
    unknown = sorted(set(options.only or ()) - set(known))
    if unknown:
        parser.error(f"no data set {', '.join(unknown)}; known: {', '.join(known)}")
    parts, all_reached = [], True
    for name in options.only or known:
        people = known[name]()
        results = [measured(n, c, people) for n, c in candidates().items()]
        reached, said = verdict(people, results, marks()["comparison"])
        all_reached = all_reached and reached
        parts.append(chapter(people, results, said))
        print(parts[-1], flush=True)
    if not options.compas:
        print(f"COMPAS is left out: give --compas PATH, or set {VARIABLE}.")
    if options.out:
        given = " --compas PATH" if options.compas else ""
        command = f"python scripts/compare_models.py{given} --people {options.people}"
        with put_in_place(Path(options.out)) as unfinished:
            unfinished.write_text(page(parts, command), "utf-8")
    return 0 if all_reached else 1


if __name__ == "__main__":
    sys.exit(main())
