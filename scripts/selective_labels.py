"""What is left of the truth when only granted people have an outcome.

    python scripts/selective_labels.py
    python scripts/selective_labels.py --write     (into docs/evaluation/selection.md)

People of the synthetic cohort, with a model fitted on the first half of them, and outcomes drawn
anew in each repeat from their true probabilities. Three ways of granting: by what is recorded
(`recorded`), also by the latent propensity that no table holds (`hidden`), and by what is
recorded so strictly that people at high risk are hardly ever granted (`strict`). Each repeat
draws people and decides on them; of each method the mean and the part of 95% intervals that hold
the truth are given. The truth is that of the whole second half, all granted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import expected_observed, mean_calibration
from risicoscreener.evaluation.discrimination import RateAt, auc, auc_estimate, error_rates
from risicoscreener.evaluation.selection import (
    PartlySeen,
    bounds,
    contraction,
    inverse_weighting,
    sensitivity,
)
from risicoscreener.features import compute_features
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.recipe import Recipe
from risicoscreener.synthetic import simulate

PAGE = Path(__file__).resolve().parent.parent / "docs" / "evaluation" / "selection.md"
BEGIN, END = "<!-- selective labels: begin -->", "<!-- selective labels: end -->"
CUT_OFF = 0.6
MEASURES = {
    "expected_observed": expected_observed,
    "auc": auc,
    "sensitivity": RateAt("sensitivity", CUT_OFF),
}
TITLES = {"expected_observed": "E/O", "auc": "AUC", "sensitivity": f"sensitivity at {CUT_OFF:g}"}
MAKERS = 8
RATE = 0.5
"""Part granted at which contraction is compared with the truth."""


@dataclass(frozen=True)
class World:
    """The second half of a cohort: predictions, what a decision can see, and the truth."""

    predicted: np.ndarray
    recorded: np.ndarray
    hidden: np.ndarray
    risk: np.ndarray

    def __len__(self) -> int:
        return len(self.risk)


@dataclass(frozen=True)
class Granting:
    """Log odds of being granted: a level, and what recorded risk and hidden propensity take off."""

    name: str
    level: float
    on_risk: float
    on_hidden: float


GRANTINGS = (
    Granting("recorded", 0.8, 0.8, 0.0),
    Granting("hidden", 0.8, 0.8, 2.5),
    Granting("strict", 0.3, 3.0, 0.0),
)


def world(n: int, seed: int) -> World:
    """People, a model fitted on the first half of them, and the truth of the second."""
    cohort = simulate(2 * n, seed=seed)
    truth = cohort.truth.persons
    names = Recipe.default().models[0].features
    x = compute_features(cohort.tables, cohort.index(), names).values
    model = SplineLogisticClassifier().fit(x[:n], truth["any_2y"].to_numpy()[:n])
    predicted = np.asarray(model.predict_proba(x[n:])[:, 1])
    rest = truth.iloc[n:]
    debts = rest["latent_problematic_debt"].to_numpy(dtype=float)
    odds = np.log(predicted / (1 - predicted))
    return World(
        predicted,
        np.column_stack([odds, debts]),
        rest["latent_propensity"].to_numpy(),
        rest["probability_any_2y"].to_numpy(),
    )


def truth_of(people: World) -> dict[str, float]:
    """The measures of everybody, of true probabilities instead of drawn outcomes."""
    twice = np.r_[people.predicted, people.predicted]
    outcome = np.r_[np.ones(len(people)), np.zeros(len(people))]
    sample = Sample.of(twice, outcome, weight=np.r_[people.risk, 1 - people.risk])
    found = {name: float(m(sample, sample.weight)) for name, m in MEASURES.items()}
    lowest = np.argsort(people.predicted)[: int(RATE * len(people))]
    return found | {"contraction": float(people.risk[lowest].sum() / len(people))}


@dataclass(frozen=True)
class Case:
    """People on whom was decided, what decisions rested on, and who decided."""

    partly: PartlySeen
    recorded: np.ndarray
    maker: np.ndarray


def decide(people: World, granting: Granting, n: int, rng: np.random.Generator) -> Case:
    """Draw people, their outcomes, and decisions on them."""
    who = rng.integers(0, len(people), n)
    outcome = rng.random(n) < people.risk[who]
    maker = rng.integers(0, MAKERS, n)
    lenient = np.linspace(-1.0, 2.5, MAKERS)
    odds, debts = people.recorded[who].T
    log_odds = granting.level + lenient[maker] - 0.3 * debts
    log_odds -= granting.on_risk * (odds - people.recorded[:, 0].mean())
    log_odds -= granting.on_hidden * people.hidden[who]
    granted = rng.random(n) < 1 / (1 + np.exp(-log_odds))
    return Case(PartlySeen.of(people.predicted[who], outcome, granted), people.recorded[who], maker)


Found = tuple[str, str, float, float, float]
"""Method, measure, value (or middle of the region) and limits."""


def answers(case: Case, replicates: int, seed: int) -> Iterator[Found]:
    """What each method says in one repeat."""
    naive = case.partly.naive
    plain = {
        "expected_observed": mean_calibration(naive)["expected_observed"],
        "auc": auc_estimate(naive),
        "sensitivity": error_rates(naive, CUT_OFF)["sensitivity"],
    }
    for name, one in plain.items():
        yield "granted only", name, one.value, one.low, one.high
    features = np.column_stack([case.recorded, np.eye(MAKERS)[case.maker][:, 1:]])
    weighted = inverse_weighting(
        case.partly, MEASURES, features=features, replicates=replicates, seed=seed
    )
    overlap, poor = weighted.overlap, float(weighted.overlap.problem == "poor_overlap")
    yield "overlap", "effective", overlap.effective, poor, overlap.hardly_ever
    for one in weighted.estimates:
        yield "weighted", one.name, one.value, one.low, one.high
    tilted = sensitivity(case.partly, MEASURES, [1.0, 2.0], replicates=replicates, seed=seed)
    for place, ratio in enumerate((1, 2)):
        for name in MEASURES:
            curve = tilted.curve(name)
            yield f"odds ratio {ratio}", name, curve.y[place], curve.low[place], curve.high[place]
    regions = bounds(case.partly, CUT_OFF, replicates=replicates, seed=seed)
    for name in MEASURES:
        region = regions[name]
        yield "bounds", name, (region.lowest + region.highest) / 2, region.low, region.high
        yield "ends", name, region.lowest, region.lowest, region.highest
    curve = contraction(case.partly, case.maker, replicates=replicates, seed=seed).curve
    at = [float(np.interp(RATE, curve.x, v)) for v in (curve.y, curve.low, curve.high)]
    yield "contraction", "contraction", at[0], at[1], at[2]


def table(people: World, n: int, repeats: int, replicates: int, seed: int) -> list[str]:
    """Rows of Markdown: granting, figure, truth, and per method mean and coverage."""
    methods = ["granted only", "weighted", "odds ratio 1", "odds ratio 2"]
    lines = [
        "| granting | figure | truth | " + " | ".join(methods) + " | bounds |",
        "|---|---|---|" + "---|" * (len(methods) + 1),
    ]
    truth, notes = truth_of(people), []
    for granting in GRANTINGS:
        found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
        part = []
        for repeat in range(repeats):
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(repeat,)))
            case = decide(people, granting, n, rng)
            part.append(case.partly.share_seen)
            for method, name, value, low, high in answers(case, replicates, repeat):
                found.setdefault((method, name), []).append((value, low, high))
        for name, title in TITLES.items():
            cells = [_cell(found[method, name], truth[name]) for method in methods]
            ends = np.array(found["ends", name]).mean(axis=0)
            held = _held(found["bounds", name], truth[name])
            cells.append(f"{ends[1]:.3f} to {ends[2]:.3f} ({held:.0%})")
            lines.append(f"| {granting.name} | {title} | {truth[name]:.3f} | {' | '.join(cells)} |")
        effective, poor, hardly = np.array(found["overlap", "effective"]).mean(axis=0)
        notes.append(
            f"| {granting.name} | {np.mean(part):.2f} | {hardly:.2f} | {effective:.0f} | "
            f"{poor:.0%} | {truth['contraction']:.3f} | "
            f"{_cell(found['contraction', 'contraction'], truth['contraction'])} |"
        )
    head = [
        "",
        "| granting | part granted | hardly ever granted | effective number | called poor | "
        f"failures per case at {RATE:g} granted | contraction |",
        "|---|---|---|---|---|---|---|",
    ]
    return [*lines, *head, *notes]


def _held(rows: list[tuple[float, float, float]], truth: float) -> float:
    return float(np.mean([low <= truth <= high for _, low, high in rows]))


def _cell(rows: list[tuple[float, float, float]], truth: float) -> str:
    return f"{np.mean([r[0] for r in rows]):.3f} ({_held(rows, truth):.0%})"


def main() -> int:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=2000, help="people in a repeat")
    parser.add_argument("--people", type=int, default=20_000, help="in each half of the cohort")
    parser.add_argument("--repeats", type=int, default=120)
    parser.add_argument("--replicates", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    o = parser.parse_args()
    lines = table(world(o.people, o.seed), o.n, o.repeats, o.replicates, o.seed)
    if not o.write:
        print("\n".join(lines))
        return 0
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
