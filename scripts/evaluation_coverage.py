"""How often the intervals of evaluation hold the truth, on people who do not exist.

    python scripts/evaluation_coverage.py [--samples 400] [--drawn 100] [--replicates 200]
                                          [--seed 1] [--page docs/evaluation/coverage.md]

The true log odds are 0.85 times those of a model, plus what a person's rows share in the clustered
design (persons of five rows). A second model of the same people is the first with noise. The truth
of a measure is its value in 400,000 people of whom the true risk is known, each counted with both
outcomes by their risk. ``--samples`` is the number of samples with analytic intervals, ``--drawn``
with bootstrap intervals. With ``--page`` the tables of that page are replaced.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit

from risicoscreener.evaluation import Estimate, Sample
from risicoscreener.evaluation.calibration import (
    calibration_intercept,
    calibration_slope,
    expected_observed,
    ici,
    mean_calibration,
    weak_calibration,
)
from risicoscreener.evaluation.comparing import compare
from risicoscreener.evaluation.discrimination import (
    RateAt,
    auc,
    auc_estimate,
    average_precision,
    average_precision_estimate,
    error_rates,
)
from risicoscreener.evaluation.resampling import Kind, Measure, bootstrap
from risicoscreener.evaluation.scoring import brier, log_loss, scaled_brier, scores
from risicoscreener.evaluation.utility import net_benefit, net_benefit_at

Array = npt.NDArray[np.float64]

SLOPE = 0.85
SHARED = 0.8
"""Standard deviation of what the rows of a person share beyond the model, on the log odds."""
NOISE = 0.7
ROWS = 5
POPULATION = 400_000
SIZES = (200, 1000, 5000)
RATES = (0.1, 0.3, 0.5)
KINDS: tuple[Kind, ...] = ("percentile", "basic", "bias_corrected", "widest")


class Design(NamedTuple):
    """Share with the outcome, spread of the model's log odds, whether persons have five rows."""

    rate: float
    spread: float = 1.1
    clustered: bool = False


class People(NamedTuple):
    """Log odds of two models, the true risk, and whose row it is."""

    first: Array
    second: Array
    risk: Array
    person: npt.NDArray[np.intp]


def people(rng: np.random.Generator, n: int, design: Design, centre: float) -> People:
    """Rows of people, without their outcome."""
    person = np.arange(n) // (ROWS if design.clustered else 1)
    normal = rng.normal(size=n)
    shared = np.zeros(n)
    if design.clustered:
        normal = math.sqrt(0.7) * rng.normal(size=person[-1] + 1)[person] + math.sqrt(0.3) * normal
        shared = SHARED * rng.normal(size=person[-1] + 1)[person]
    lp = centre + design.spread * normal
    return People(lp, lp + NOISE * rng.normal(size=n), expit(SLOPE * lp + shared), person)


@cache
def centre_of(design: Design) -> float:
    """Mean of the log odds at which the share with the outcome is that of the design."""

    def excess(centre: float) -> float:
        rng = np.random.default_rng(12)
        return float(people(rng, POPULATION, design, centre).risk.mean()) - design.rate

    return float(brentq(excess, -8.0, 3.0, xtol=1e-4))


def pair(rng: np.random.Generator, n: int, design: Design, centre: float) -> tuple[Sample, Sample]:
    """Two models of one sample."""
    made = people(rng, n, design, centre)
    outcome = rng.random(n) < made.risk
    cluster = made.person if design.clustered else None
    first, second = (Sample.of(expit(lp), outcome, cluster=cluster) for lp in made[:2])
    return first, second


def population(design: Design, centre: float) -> tuple[Sample, Sample]:
    """Two models of everybody, each row once with and once without the outcome."""
    made = people(np.random.default_rng(99), POPULATION, design, centre)
    outcome = np.repeat([1.0, 0.0], POPULATION)
    weight = np.r_[made.risk, 1.0 - made.risk]
    first, second = (Sample.of(np.tile(expit(lp), 2), outcome, weight=weight) for lp in made[:2])
    return first, second


# -- figures ---------------------------------------------------------------------------------------


@cache
def truths(design: Design) -> dict[str, float]:
    """By name the value in the population."""
    both = population(design, centre_of(design))
    cut = design.rate
    single: dict[str, Measure] = {
        "auc": auc,
        "brier": brier,
        "scaled_brier": scaled_brier,
        "log_loss": log_loss,
        "calibration_intercept": calibration_intercept,
        "calibration_slope": calibration_slope,
        "expected_observed": expected_observed,
        "net_benefit": net_benefit_at(cut),
        "sensitivity": RateAt("sensitivity", cut),
        "specificity": RateAt("specificity", cut),
        "ppv": RateAt("ppv", cut),
        "average_precision": average_precision,
    }
    found = {name: float(f(both[0], both[0].weight)) for name, f in single.items()}
    for name in ("auc", "brier", "net_benefit"):
        second = float(single[name](both[1], both[1].weight))
        found[f"{name}_difference"] = second - found[name]
    found["auc, plain"] = found["auc"]
    sample = both[0]
    mine = population_curve(design, sample.probability)
    found["ici"] = float(sample.weight @ np.abs(mine - sample.probability) / sample.weight.sum())
    return found


def population_curve(design: Design, probability: Array) -> Array:
    """True share with the outcome at each probability of the first model."""
    lp = np.log(probability) - np.log1p(-probability)
    if not design.clustered:
        return expit(SLOPE * lp)
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    heights = expit(SLOPE * lp[:, None] + SHARED * nodes)
    return heights @ weights / weights.sum()


def analytic(first: Sample, second: Sample, cut: float) -> Iterator[tuple[str, Estimate]]:
    """The estimates with an analytic interval, by the names of `truths`."""
    yield "auc", auc_estimate(first)
    yield "auc, plain", auc_estimate(first, scale="plain")
    found = scores(first)
    for name in ("brier", "scaled_brier", "log_loss"):
        yield name, found[name]
    for estimate in mean_calibration(first):
        yield estimate.name, estimate
    yield "calibration_slope", weak_calibration(first)["calibration_slope"]
    yield "net_benefit", net_benefit(first, cut)["net_benefit"]
    rates = error_rates(first, cut)
    for name in ("sensitivity", "specificity", "ppv"):
        yield name, rates[name]
    compared = compare(first, second, cut_offs=[cut])
    for difference in compared:
        yield difference.estimate.name, difference.estimate


def drawn(first: Sample, replicates: int, seed: int) -> Iterator[tuple[str, float, float]]:
    """Bootstrap limits of some measures, by name and kind of interval."""
    measures: dict[str, Measure] = {
        "auc": auc,
        "average_precision": average_precision,
        "calibration_slope": calibration_slope,
        "ici": ici,
    }
    found = bootstrap(first, measures, replicates=replicates, seed=seed)
    for name in measures:
        for kind in KINDS:
            yield f"{name}, {kind}", *found.interval(name, kind=kind)
    logit = average_precision_estimate(first, replicates=replicates, seed=seed)
    yield "average_precision, logit", logit.low, logit.high


# -- tables ----------------------------------------------------------------------------------------

Coverage = dict[str, tuple[float, float]]
"""By name the share of intervals that hold the truth, and the share without an interval."""


def coverage(design: Design, n: int, samples: int, draws: int | None, seed: int) -> Coverage:
    """Of analytic intervals, or of bootstrap ones with ``draws`` replicates."""
    rng = np.random.default_rng([seed, n, round(100 * design.rate)])
    centre, true = centre_of(design), truths(design)
    held: dict[str, list[float]] = {}
    for number in range(samples):
        first, second = pair(rng, n, design, centre)
        if draws is None:
            limits = [(k, e.low, e.high) for k, e in analytic(first, second, design.rate)]
        else:
            limits = list(drawn(first, draws, number))
        for name, low, high in limits:
            target = true.get(name, true.get(name.split(",", maxsplit=1)[0], math.nan))
            if math.isfinite(target):
                there = math.isfinite(low)
                held.setdefault(name, []).append(low <= target <= high if there else math.nan)
    return {name: _share(np.array(values, dtype=float)) for name, values in held.items()}


def _share(held: Array) -> tuple[float, float]:
    lacking = float(np.isnan(held).mean())
    return (float(np.nanmean(held)) if lacking < 1 else math.nan), lacking


def table(title: str, heads: list[str], columns: list[Coverage]) -> str:
    """Markdown: percent of intervals that hold the truth; outside 93-97 in bold."""
    lines = [f"### {title}", "", f"| measure | {' | '.join(heads)} |"]
    lines.append("|---|" + "---:|" * len(heads))
    lines += [f"| {name} | {' | '.join(_cell(c[name]) for c in columns)} |" for name in columns[0]]
    return "\n".join(lines)


def _cell(found: tuple[float, float]) -> str:
    share, lacking = found
    text = f"{100 * share:.1f}"
    text = text if 0.93 <= share <= 0.97 else f"**{text}**"
    return text + (f" ({100 * lacking:.0f}% none)" if lacking >= 0.005 else "")


def tables(samples: int, draws: int, replicates: int, seed: int) -> Iterator[str]:
    """All tables of the page."""

    def found(design: Design, n: int) -> Coverage:
        return coverage(design, n, samples, None, seed)

    plain = [(Design(rate), n) for rate in RATES for n in SIZES]
    heads = [f"{100 * d.rate:.0f}%, {n:,}" for d, n in plain]
    title = f"Analytic intervals: share with the outcome and people; {samples:,} samples"
    yield table(title, heads, [found(*each) for each in plain])
    persons = [(Design(0.3, clustered=True), n) for n in SIZES]
    heads = [f"{n // ROWS:,} persons" for n in SIZES]
    title = f"Persons of five rows, 30% with the outcome; {samples:,} samples"
    yield table(title, heads, [found(*each) for each in persons])
    strong = [(Design(0.1, 3.5), 200), (Design(0.1, 3.5), 1000), (Design(0.5, 3.5), 200)]
    heads = [f"{100 * d.rate:.0f}%, {n:,}" for d, n in strong]
    area = f"{truths(strong[0][0])['auc']:.2f} and {truths(strong[-1][0])['auc']:.2f}"
    title = f"A model that tells outcomes apart very well (AUC {area}); {samples:,} samples"
    kept = [{k: v for k, v in found(*each).items() if k.startswith("auc")} for each in strong]
    yield table(title, heads, kept)
    few = [(Design(rate), n) for rate in (0.1, 0.3) for n in SIZES[:2]]
    heads = [f"{100 * d.rate:.0f}%, {n:,}" for d, n in few]
    title = f"Bootstrap intervals; {draws:,} samples of {replicates:,} replicates"
    yield table(title, heads, [coverage(d, n, draws, replicates, seed) for d, n in few])


def put_in_page(page: Path, made: list[str]) -> None:
    """Replace what stands between the marks of the page."""
    start, end = "<!-- tables -->", "<!-- end of tables -->"
    text = page.read_text("utf-8")
    before, after = text.split(start)[0], text.split(end)[1]
    page.write_text(before + start + "\n\n" + "\n\n".join(made) + "\n\n" + end + after, "utf-8")


def main() -> None:
    """Print the tables, and put them in a page if one is given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--drawn", type=int, default=100)
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    made = []
    for one in tables(given.samples, given.drawn, given.replicates, given.seed):
        print(one + "\n", flush=True)
        made.append(one)
    if given.page:
        put_in_page(given.page, made)


if __name__ == "__main__":
    main()
