"""How far calibrated probabilities are from the true ones, by method, people and kind of error.

    python scripts/calibration_methods.py [--samples 40]
    python scripts/calibration_methods.py --real [--compas PATH]

The second command explains the choice on real data: the spline logistic model on recid (needs the
extra `data`) and, if its path or RISICOSCREENER_COMPAS is given, on COMPAS.

A fixed model gives log odds ``lp``, normal with mean -1 and standard deviation 1. The truth is
these (calibrated), a line of them, or a curve with two plateaus. Maps are fitted on drawn people
and judged by the mean absolute error against the true probability of 5,000 others. Seeds follow
from the position of a sample, so the command prints the same figures each time. The number of
samples is that of 1,000 people; 200 people have twice as many and 10,000 half.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit

from risicoscreener.datasets import load_compas, load_recid
from risicoscreener.errors import ModelError
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.calibrating import (
    calibrate,
    choose_calibration,
    fit_calibration,
    fit_venn_abers,
    method_names,
)
from risicoscreener.models.calibration import Calibration, expit_many

TRUTHS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "calibrated": lambda lp: lp,
    "line": lambda lp: 0.4 + 0.6 * lp,
    "curve": lambda lp: -3.0 + 3.5 * expit(2.5 * (lp + 0.8)),
}
SIZES = {200: 2.0, 1_000: 1.0, 10_000: 0.5}
"""People, and samples relative to those asked for."""
JUDGED = 5_000


@dataclass
class Cell:
    """What was found for one truth and one number of people."""

    errors: dict[str, list[float]] = field(default_factory=dict)
    chosen: Counter[str] = field(default_factory=Counter)
    covered: list[float] = field(default_factory=list)
    width: list[float] = field(default_factory=list)


def draw(truth: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linear predictor, true probability and outcome of ``n`` people."""
    rng = np.random.default_rng([n, seed, sorted(TRUTHS).index(truth)])
    lp = rng.normal(-1.0, 1.0, n)
    true = expit(TRUTHS[truth](lp))
    return lp, true, (rng.random(n) < true).astype(float)


def simulate(truth: str, n: int, samples: int) -> Cell:
    """Errors of each method, the methods chosen, and the coverage of the Venn-Abers bounds."""
    cell = Cell()
    lp, true, _ = draw(truth, JUDGED, 1_000_000)
    for seed in range(samples):
        own, _, outcome = draw(truth, n, seed)
        for method in method_names():
            try:
                fitted = fit_calibration(method, own, outcome)
            except ModelError:  # too few events for this method
                continue
            cell.errors.setdefault(method, []).append(error(fitted, lp, true))
        choice = choose_calibration(own, outcome)
        cell.errors.setdefault("chosen", []).append(error(choice.calibration, lp, true))
        cell.chosen[choice.method] += 1
        lower, upper = fit_venn_abers(own, outcome).bounds_many(expit_many(lp))
        cell.covered.append(float(((lower <= true) & (true <= upper)).mean()))
        cell.width.append(float((upper - lower).mean()))
    return cell


def error(calibration: Calibration, lp: np.ndarray, true: np.ndarray) -> float:
    """Mean absolute error of the calibrated probabilities."""
    found = calibration.after_link_many(expit_many(calibration.before_link(lp)))
    return float(np.abs(found - true).mean())


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(cells: dict[tuple[str, int], Cell]) -> str:
    """Three tables: errors, choices, and bounds."""
    columns = [f"{truth}, {n:,}" for truth, n in cells]
    rows = [
        [name, *(_error(cell, name) for cell in cells.values())]
        for name in (*method_names(), "chosen")
    ]
    choices = [
        [name, *(f"{100 * c.chosen[name] / c.chosen.total():.0f}" for c in cells.values())]
        for name in method_names()
    ]
    bounds = [
        [
            "true probability within (%)",
            *(f"{100 * np.mean(c.covered):.0f}" for c in cells.values()),
        ],
        ["width (percentage points)", *(f"{100 * np.mean(c.width):.1f}" for c in cells.values())],
    ]
    return "\n\n".join(
        [
            "Mean absolute error, percentage points:",
            table(["method", *columns], rows),
            "Chosen (% of samples):",
            table(["method", *columns], choices),
            "Venn-Abers bounds:",
            table(["", *columns], bounds),
        ]
    )


def _error(cell: Cell, name: str) -> str:
    """Mean over the samples, or a dash if some sample had too few events for the method."""
    found = cell.errors.get(name, [])
    return f"{100 * np.mean(found):.2f}" if len(found) == cell.chosen.total() else "–"


def explain_on_real_data(compas: str | None) -> str:
    """The choice, with its reasons, on each real data set at hand."""
    sets = {"recid": load_recid()} | ({"COMPAS": load_compas(compas)} if compas else {})
    return "\n\n".join(
        f"{name}\n{calibrate(SplineLogisticClassifier(), data.frame, data.outcome).choice_}"
        for name, data in sets.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=40)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--compas", default=os.environ.get("RISICOSCREENER_COMPAS"))
    arguments = parser.parse_args()
    if arguments.real:
        print(explain_on_real_data(arguments.compas))
        return
    cells = {
        (truth, n): simulate(truth, n, max(1, round(arguments.samples * share)))
        for truth in TRUTHS
        for n, share in SIZES.items()
    }
    print(report(cells))


if __name__ == "__main__":
    main()
