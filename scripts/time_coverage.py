"""Coverage of the intervals of measures at a horizon, on people who do not exist.

    python scripts/time_coverage.py [--samples 300] [--seed 1] [--errors]

Hazards of the event and of a competing event are constant over time and follow two features; the
model that is judged uses one of them, too strongly. Follow-up ends at random. The truth of a
measure is its value in a population of 200,000 people whose probabilities are known. The rule
that withholds intervals where few are followed is set aside here, so that the table can say why
it is there. With ``--errors`` the bootstrap interval of the ICI as well (slower).
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

import numpy as np

from risicoscreener.evaluation import Estimate
from risicoscreener.evaluation.time import (
    HorizonSample,
    concordance_index,
    horizon_calibration,
    horizon_net_benefit,
    horizon_performance,
    horizon_recalibration,
    influence,
)

HORIZON = 730.0
CUT_OFF = 0.3
POPULATION = 200_000
ERRORS_SAMPLES = 100
NAMES = {
    "horizon_incidence": "incidence",
    "horizon_expected_observed": "E/O",
    "horizon_brier": "Brier",
    "horizon_scaled_brier": "IPA",
    "horizon_auc": "AUC",
    "horizon_auc_event_free": "AUC, event-free",
    "c_uno": "C (Uno)",
    "horizon_intercept": "intercept",
    "horizon_slope": "slope",
    "horizon_net_benefit": "net benefit",
}


@dataclass(frozen=True)
class Scenario:
    """How people are followed.

    Attributes
    ----------
    n
        People in a sample.
    followed
        Probability of being followed up to the horizon; 1 without censoring.
    prisons
        Number of prisons, each with its own level of risk; 0 for independent people.
    by_risk
        Whether who has a high prediction is followed for a shorter time.
    heeded
        Whether censoring is then estimated within the two groups.
    """

    n: int
    followed: float
    prisons: int = 0
    by_risk: bool = False
    heeded: bool = False

    @property
    def title(self) -> str:
        """In a row of the table."""
        kind = f", {self.prisons} prisons" if self.prisons else ""
        by = " by risk" if self.by_risk else ""
        return f"{self.n:,}{kind} | {self.followed:g}{by}{', heeded' if self.heeded else ''}"


SCENARIOS = (
    Scenario(200, 1.0),
    Scenario(200, 0.5),
    Scenario(500, 1.0),
    Scenario(500, 0.7),
    Scenario(500, 0.4),
    Scenario(500, 0.15),
    Scenario(500, 0.05),
    Scenario(2000, 0.7),
    Scenario(2000, 0.15),
    Scenario(2000, 0.05),
    Scenario(1200, 0.7, prisons=40),
    Scenario(2000, 0.5, by_risk=True),
    Scenario(2000, 0.5, by_risk=True, heeded=True),
)


@dataclass(frozen=True)
class Hazards:
    """Per day, of the event and of the competing event, with the prediction of the model."""

    event: np.ndarray
    other: np.ndarray
    predicted: np.ndarray

    def by_horizon(self) -> tuple[np.ndarray, np.ndarray]:
        """Probability of the event and of the competing event by the horizon."""
        total = self.event + self.other
        any_event = -np.expm1(-total * HORIZON)
        return self.event / total * any_event, self.other / total * any_event


def hazards(rng: np.random.Generator, n: int, prison: np.ndarray | None) -> Hazards:
    x, z = rng.normal(size=n), rng.integers(0, 2, n)
    level = 0.0
    if prison is not None:
        level = rng.normal(scale=0.4, size=int(prison.max()) + 1)[prison]
    event = np.exp(0.6 * x + 0.4 * z + level) / 2400
    other = np.exp(0.3 * z) / 5000
    cumulative = HORIZON * np.exp(0.8 * x + 0.2) / 2600
    return Hazards(event, other, -np.expm1(-cumulative))


def population(rng: np.random.Generator, *, prisons: bool) -> HorizonSample:
    """Everybody three times, weighted by the probability of each of three states."""
    n = POPULATION
    prison = np.arange(n) % (n // 20) if prisons else None
    people = hazards(rng, n, prison)
    event, other = people.by_horizon()
    return HorizonSample.of(
        np.tile(people.predicted, 3),
        np.repeat([1.0, 1.0, HORIZON + 1.0], n),
        np.repeat([1, 2, 0], n),
        horizon_days=HORIZON,
        weight=np.concatenate([event, other, 1.0 - event - other]),
    )


def draw(rng: np.random.Generator, scenario: Scenario) -> HorizonSample:
    n = scenario.n
    prison = rng.integers(0, scenario.prisons, n) if scenario.prisons else None
    people = hazards(rng, n, prison)
    first, second = rng.exponential(1.0 / people.event), rng.exponential(1.0 / people.other)
    end = np.full(n, HORIZON + 1.0)
    if scenario.followed < 1:
        rate = -math.log(scenario.followed) / HORIZON
        rate = rate * (0.5 + 1.5 * (people.predicted > CUT_OFF)) if scenario.by_risk else rate
        end = rng.exponential(1.0 / np.broadcast_to(rate, n))
    time = np.minimum(np.minimum(first, second), end)
    cause = np.where(time == first, 1, np.where(time == second, 2, 0))
    return HorizonSample.of(
        people.predicted,
        time,
        cause,
        horizon_days=HORIZON,
        cluster=prison,
        censoring_by=people.predicted > CUT_OFF if scenario.heeded else None,
    )


def measured(sample: HorizonSample) -> dict[str, Estimate]:
    found = (
        horizon_performance(sample)
        + horizon_recalibration(sample)
        + concordance_index(sample)
        + horizon_net_benefit(sample, CUT_OFF)
    )
    return {one.name: one for one in found}


def truth(rng: np.random.Generator, *, prisons: bool) -> dict[str, float]:
    """Values in the population; of the C index in people who are all followed."""
    whole = population(rng, prisons=prisons)
    found = {name: one.value for name, one in measured(whole).items()}
    followed = draw(rng, Scenario(POPULATION, 1.0, prisons=POPULATION // 20 if prisons else 0))
    found["c_uno"] = concordance_index(followed)["c_uno"].value
    found["horizon_ici"] = horizon_calibration(whole, replicates=0).errors["horizon_ici"].value
    return found


def coverage(
    scenario: Scenario, true: dict[str, float], samples: int, seed: int
) -> dict[str, float]:
    """Share of the samples of which the interval holds the truth; of those with an interval."""
    inside: dict[str, list[bool]] = {name: [] for name in NAMES}
    for number in range(samples):
        rng = np.random.default_rng([seed, number, scenario.n])
        found = measured(draw(rng, scenario))
        for name in NAMES:
            if found[name].has_interval:
                inside[name].append(found[name].low <= true[name] <= found[name].high)
    return {name: float(np.mean(hits)) if hits else math.nan for name, hits in inside.items()}


def show_errors(true: dict[str, float], seed: int) -> None:
    print(f"\nICI, true value {true['horizon_ici']:.4f}; {ERRORS_SAMPLES} samples each\n")
    print("| people | followed | mean estimate | coverage |\n|---|---|---|---|")
    for scenario in (Scenario(500, 0.7), Scenario(2000, 0.7)):
        values, hits = [], []
        for number in range(ERRORS_SAMPLES):
            rng = np.random.default_rng([seed, number, scenario.n])
            ici = horizon_calibration(draw(rng, scenario), replicates=200).errors["horizon_ici"]
            values.append(ici.value)
            hits.append(ici.low <= true["horizon_ici"] <= ici.high)
        print(f"| {scenario.title} | {np.mean(values):.4f} | {np.mean(hits):.3f} |")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--errors", action="store_true")
    arguments = parser.parse_args()
    influence.LEAST_FOLLOWED = 0.0
    true = {
        prisons: truth(np.random.default_rng([arguments.seed, prisons]), prisons=prisons)
        for prisons in (False, True)
    }
    print(f"{arguments.samples} samples each, level 0.95, horizon {HORIZON:g} days\n")
    print("| people | followed | " + " | ".join(NAMES.values()) + " |")
    print("|" + "---|" * (len(NAMES) + 2))
    values = " | ".join(f"{true[False][name]:.3f}" for name in NAMES)
    print(f"| *true value* | | {values} |", flush=True)
    for scenario in SCENARIOS:
        found = coverage(scenario, true[scenario.prisons > 0], arguments.samples, arguments.seed)
        cells = " | ".join("-" if math.isnan(v) else f"{v:.3f}" for v in found.values())
        print(f"| {scenario.title} | {cells} |", flush=True)
    if arguments.errors:
        show_errors(true[False], arguments.seed)


if __name__ == "__main__":
    main()
