"""How far each design of validation is from the truth, and how often its interval holds it.

    python scripts/validation_designs.py [designs] [prisons] [--samples 30] [--population 30000]

designs: samples of 500 people of a synthetic cohort, with a new registered case within two years as
outcome. A procedure is fitted on each sample; its true performance is that of the same fit on all
people of the cohort who are not in the sample. Prisons of this cohort do not differ in risk.

prisons: people of simulated prisons that do differ, in level of risk and in how much two features
count. How often does the prediction interval of internal-external validation hold the true figure
of a prison that was not there, and the interval of the mean the mean over all prisons?
"""

from __future__ import annotations

import argparse
import datetime as dt
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from risicoscreener.evaluation import Estimate, Estimates
from risicoscreener.evaluation.designs import (
    apparent,
    bootstrap_optimism,
    cross_validate,
    external,
    internal_external,
    performance,
)
from risicoscreener.evaluation.sample import Sample

PEOPLE = 500
RESAMPLES = 60
MEASURES = ("auc", "brier", "calibration_slope")
PROCEDURES: dict[str, Any] = {
    "logistic regression, hardly penalised": LogisticRegression(C=100, solver="newton-cholesky"),
    "logistic regression, penalised": LogisticRegression(C=0.01, solver="newton-cholesky"),
    "deep tree": DecisionTreeClassifier(min_samples_leaf=5, random_state=0),
}
PER_PRISON = 150
NEXT_PRISON = 20_000
MANY_PRISONS = 60
LEVEL_SD, SLOPE_SD = 0.4, 0.15


class Population(NamedTuple):
    """Features ``(n, F)``, outcome and prison of each person."""

    x: np.ndarray
    y: np.ndarray
    prison: np.ndarray


def cohort_population(n: int) -> Population:
    """People of a synthetic cohort, described on their index day."""
    from risicoscreener.synthetic import simulate
    from risicoscreener.synthetic.fidelity import describe
    from risicoscreener.synthetic.scenario import Scenario

    late = {"calendar.extracted_on": dt.date(2150, 1, 1)}
    cohort = simulate(n, seed=1, scenario=Scenario.load("base"), changes=late)
    quantities = describe(cohort).quantities.drop(columns=["reoffended", "origin_group"])
    known = pd.get_dummies(quantities, drop_first=True, dtype=float)
    counts = [name for name in known if known[name].max() > 1]
    known[counts] = np.log1p(known[counts].clip(lower=0))
    known = known.fillna(known.median()).loc[:, known.std() > 0.05]
    persons = cohort.truth.persons
    stays = cohort.tables.to_pandas("detentions").sort_values("arrived_on")
    prison = stays.groupby("person_id", observed=True)["prison"].last().reindex(persons.index)
    x = ((known - known.mean()) / known.std()).to_numpy()
    rate = persons["any_2y_registered"].mean()
    print(f"{n:,} people, {x.shape[1]} features, {rate:.0%} with the outcome", flush=True)
    return Population(x, persons["any_2y_registered"].to_numpy(float), prison.to_numpy(str))


# -- how far from the truth ------------------------------------------------------------------------


def estimates_of(procedure: Any, people: Population, seed: int) -> dict[str, Estimates]:
    """By design what it says of a procedure fitted on some people."""
    x, y, prison = people
    optimism = bootstrap_optimism(procedure, x, y, resamples=RESAMPLES, seed=seed)
    by_prison = internal_external(procedure, x, y, prison)
    means = [one.mean for one in by_prison.summaries.values()]
    return {
        "apparent": apparent(procedure, x, y).estimates,
        "bootstrap optimism": optimism.corrected,
        "0.632": optimism.of_632,
        "0.632+": optimism.of_632_plus,
        "10 folds": cross_validate(procedure, x, y, seed=seed).estimates,
        "10 folds, 3 times": cross_validate(procedure, x, y, repeats=3, seed=seed).estimates,
        "by prison, together": by_prison.estimates,
        "by prison, mean": Estimates(tuple(means)),
    }


def designs(samples: int, population: Population) -> None:
    """Print for each procedure and design the distance to the truth and the coverage."""
    n = len(population.y)
    for name, procedure in PROCEDURES.items():
        said: dict[str, list[Estimates]] = {}
        truths = []
        for seed in range(samples):
            inside = np.zeros(n, bool)
            inside[np.random.default_rng(seed).choice(n, PEOPLE, replace=False)] = True
            people = Population(*(part[inside] for part in population))
            fitted = procedure.fit(people.x, people.y)
            truths.append(external(fitted, population.x[~inside], population.y[~inside]).estimates)
            for design, found in estimates_of(procedure, people, seed).items():
                said.setdefault(design, []).append(found)
        _print_designs(name, said, truths)


def _print_designs(name: str, said: dict[str, list[Estimates]], truths: list[Estimates]) -> None:
    true = {m: np.array([one[m].value for one in truths]) for m in MEASURES}
    means = ", ".join(f"{m} {values.mean():.3f}" for m, values in true.items())
    print(f"\n{name}, {len(truths)} samples of {PEOPLE}; true: {means}\n", flush=True)
    print("| design | " + " | ".join(f"{m}: bias | rmse | held" for m in MEASURES) + " |")
    print("|---" * (1 + 3 * len(MEASURES)) + "|")
    for design, found in said.items():
        cells = []
        for m in MEASURES:
            figures = [one[m] for one in found]
            error = np.array([one.value for one in figures]) - true[m]
            there = np.isfinite(error)
            if not there.any():
                cells += ["-"] * 3
                continue
            bias, rmse = error[there].mean(), np.sqrt(np.square(error[there]).mean())
            cells += [f"{bias:+.3f}", f"{rmse:.3f}", _coverage(figures, true[m])]
        print(f"| {design} | " + " | ".join(cells) + " |", flush=True)


def _coverage(figures: list[Estimate], true: np.ndarray) -> str:
    held = [e.low <= t <= e.high for e, t in zip(figures, true, strict=True) if e.has_interval]
    return f"{np.mean(held):.2f}" if held else "-"


# -- the next prison -------------------------------------------------------------------------------


def prison_of(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Features and outcomes of people of a prison that is drawn anew."""
    level, slope = rng.normal(-1.0, LEVEL_SD), rng.normal(1.0, SLOPE_SD)
    x = rng.normal(size=(n, 2))
    y = rng.random(n) < expit(level + slope * (x[:, 0] + 0.5 * x[:, 1]))
    return x, y.astype(float)


def next_prisons(model: Any, rng: np.random.Generator) -> Iterator[Estimates]:
    """The true figures of a model in prisons that were not there."""
    for _ in range(MANY_PRISONS // 10):
        x, y = prison_of(rng, NEXT_PRISON)
        yield performance(Sample.of(model.predict_proba(x)[:, 1], y))


def prisons(samples: int) -> None:
    """Print how often intervals of internal-external validation hold, by number of prisons."""
    print(f"\n{samples} samples each, {PER_PRISON} people in a prison\n")
    print("| prisons | measure | next prison held | width | mean held | width |")
    print("|---|---|---|---|---|---|")
    measures = ("auc", "calibration_intercept", "expected_observed")
    model = LogisticRegression(C=np.inf, solver="newton-cholesky")
    # the mean over all prisons, of a model of very many people
    rng = np.random.default_rng(10_000)
    many = [prison_of(rng, 2_000) for _ in range(MANY_PRISONS)]
    fitted = model.fit(np.vstack([x for x, _ in many]), np.concatenate([y for _, y in many]))
    everywhere = [one for _ in range(10) for one in next_prisons(fitted, rng)]
    for k in (5, 10, 20):
        rows: dict[str, list[tuple[float, ...]]] = {m: [] for m in measures}
        for seed in range(samples):
            rng = np.random.default_rng((k, seed))
            parts = [prison_of(rng, PER_PRISON) for _ in range(k)]
            x, y = (np.concatenate(values) for values in zip(*parts, strict=True))
            found = internal_external(model, x, y, np.repeat(np.arange(k), PER_PRISON))
            fresh = list(next_prisons(LogisticRegression(C=np.inf).fit(x, y), rng))
            for m in measures:
                s = found.summaries[m]
                held = np.mean([s.next_low <= one[m].value <= s.next_high for one in fresh])
                mean = _typical([one[m].value for one in everywhere], s.scale)
                rows[m].append(
                    (
                        float(held),
                        s.next_high - s.next_low,
                        float(s.mean.low <= mean <= s.mean.high),
                        s.mean.high - s.mean.low,
                    )
                )
        for m in measures:
            next_held, next_width, held, width = np.mean(rows[m], axis=0)
            print(
                f"| {k} | {m} | {next_held:.3f} | {next_width:.2f} | {held:.3f} | {width:.2f} |",
                flush=True,
            )


def _typical(values: list[float], scale: str) -> float:
    """Mean on the scale on which prisons are pooled."""
    there = np.array(values)
    if scale == "logit":
        return float(expit(np.log(there / (1 - there)).mean()))
    return float(np.exp(np.log(there).mean())) if scale == "log" else float(there.mean())


PARTS: dict[str, Callable[[int, int], None]] = {
    "designs": lambda samples, population: designs(samples, cohort_population(population)),
    "prisons": lambda samples, _: prisons(3 * samples),
}

if __name__ == "__main__":
    warnings.simplefilter("error")
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", nargs="*", help=" or ".join(PARTS))
    parser.add_argument("--samples", type=int, default=30)
    parser.add_argument("--population", type=int, default=30_000)
    given = parser.parse_args()
    unknown = set(given.part) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; expected {' or '.join(PARTS)}")
    for part in given.part or list(PARTS):
        PARTS[part](given.samples, given.population)
