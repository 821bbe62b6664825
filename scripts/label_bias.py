"""What unequal registration does to a model that looks fair on what registers show.

    python scripts/label_bias.py -n 60000 --seed 1
    python scripts/label_bias.py -n 60000 --seed 1 --write    (tables 2 to 4 into docs)

For each odds ratio r a model is fitted on half of a cohort, by allowed features alone and by
registered outcomes, and judged on the other half by origin: expected over observed on registered
outcomes (what a user can see) and on true ones (what only a synthetic cohort knows). True outcomes
are the same people's in every row. `implied` is the expected relative bias: how much more of the
true outcomes the register shows of people born abroad than of others, by the true probabilities. A
model that is calibrated on registered outcomes in both groups overstates the true risk of people
born abroad by that factor relative to others; `relative`, which is measured, agrees with it up to
sampling error.

A second table says what someone without the truth can work out, from registered outcomes, the part
detected (0.5 of cases) and r alone: the relative calibration on committed outcomes, and the odds
ratio at which the model would be as hard on both groups. A third one has the same people as born
abroad and as not: the two cohorts share all random numbers, traits and circumstances, so that how
their predictions differ is what the group alone does to them; beside it how much their true
probability differs. A fourth one has how well origin can be told from the features that a model may
use, and from these and the proxies, in two scenarios.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.groups import Proxies, Shift, prediction_shift, proxies
from risicoscreener.evaluation.selection import LabelBias, label_bias
from risicoscreener.features import compute_features
from risicoscreener.features.catalogue import catalogue
from risicoscreener.features.sensitivity import effective_sensitivity
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.recipe import Recipe
from risicoscreener.synthetic import Cohort, Scenario, simulate

RATIOS = (1.0, 1.25, 1.5, 2.0)
DETECTED = 0.5
"""Part of the cases that is registered, `registration.detected_share` of the generator."""
NOBODY, EVERYBODY = 1e-9, 1.0 - 1e-9
PAGES = Path(__file__).resolve().parent.parent / "docs" / "evaluation"
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


def features_of(cohort: Cohort) -> np.ndarray:
    """The allowed features of everybody."""
    names = Recipe.default().models[0].features
    return compute_features(cohort.tables, cohort.index(), names).values


@dataclass(frozen=True)
class Judged:
    """A cohort, a model fitted on the first half of its people, and what it says of everybody."""

    cohort: Cohort
    model: SplineLogisticClassifier
    predicted: np.ndarray

    @classmethod
    def of(cls, cohort: Cohort) -> Judged:
        """Fit on registered cases."""
        x, y = features_of(cohort), cohort.truth.persons["any_2y_registered"].to_numpy()
        half = len(y) // 2
        model = SplineLogisticClassifier().fit(x[:half], y[:half])
        return cls(cohort, model, np.asarray(model.predict_proba(x)[:, 1]))

    @property
    def half(self) -> int:
        """Where the people begin on whom the model was not fitted."""
        return len(self.predicted) // 2


def from_register(judged: Judged, ratio: float) -> LabelBias:
    """What follows from registered outcomes, the part detected and an odds ratio."""
    half = judged.half
    seen = judged.cohort.truth.persons["any_2y_registered"].to_numpy()[half:]
    sample = Sample.of(judged.predicted[half:], seen)
    abroad = born_abroad(judged.cohort)[half:]
    return label_bias(sample, abroad, detected=DETECTED, odds_ratios=[ratio])


def same_people(
    model: SplineLogisticClassifier, n: int, seed: int, scenario: Scenario
) -> tuple[Shift, float]:
    """Predictions as born abroad less as not, and how much true probabilities differ."""
    found = []
    for share in (NOBODY, EVERYBODY):
        changes = {**MATURE, "people.born_abroad_share": share}
        cohort = simulate(n, seed=seed, scenario=scenario, changes=changes)
        predicted = np.asarray(model.predict_proba(features_of(cohort))[:, 1])
        found.append((predicted, cohort.truth.persons["probability_any_2y"].to_numpy()))
    (before, truth_before), (after, truth_after) = found
    return prediction_shift(before, after), float((truth_after - truth_before).mean())


def bias(cohort: Cohort, judged: Judged | None = None) -> Bias:
    """The bias of a model fitted on what the register of a cohort shows."""
    judged = judged or Judged.of(cohort)
    half = judged.half
    truth = cohort.truth.persons.iloc[half:]
    expected, abroad = judged.predicted[half:], born_abroad(cohort)[half:]

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


def told(n: int, seed: int, scenario: str, kinds: Sequence[str]) -> Proxies:
    """How well origin is told from all features of these sensitivities."""
    cohort = simulate(n, seed=seed, scenario=Scenario.load(scenario))
    of = effective_sensitivity(catalogue(), catalogue())
    table = compute_features(cohort.tables, cohort.index(), [k for k in of if of[k] in kinds])
    varies = np.nanstd(table.values, axis=0) > 0
    names = [name for name, kept in zip(table.names, varies, strict=True) if kept]
    origin = np.where(born_abroad(cohort), "abroad", "nl")
    return proxies(table.values[:, varies], origin, "abroad", names=names)


def told_rows(n: int, seed: int) -> list[str]:
    """Rows of the fourth table."""
    lines = []
    for scenario in ("base", "proxies"):
        allowed, more = (
            told(n, seed, scenario, kinds) for kinds in (("allowed",), ("allowed", "proxy"))
        )
        first = ", ".join(f"`{f.name}`" for f in more.features[:3])
        lines.append(row([f"`{scenario}`", allowed.told.text("en"), more.told.text("en"), first]))
    return lines


def row(values: Sequence[object]) -> str:
    """A row of Markdown."""
    return "| " + " | ".join(map(str, values)) + " |"


HEADS = (
    ("r", "registered: abroad", "other", "true: abroad", "other", "relative", "implied"),
    ("r", "on the register", "on true outcomes, worked out", "measured", "tipping point"),
    ("r", "prediction, mean shift", "mean size", "true probability, mean shift"),
    ("scenario", "AUC from allowed features", "and proxies", "most is lost without"),
)


def tables(n: int, seed: int) -> list[list[str]]:
    """Three tables with a row for each odds ratio, and one with a row for each scenario."""
    found: list[list[str]] = [[row(head), "|" + "---|" * len(head)] for head in HEADS]
    for ratio in RATIOS:
        scenario = unequal(ratio)
        judged = Judged.of(simulate(n, seed=seed, scenario=scenario, changes=MATURE))
        one = bias(judged.cohort, judged)
        numbers = (*one.on_registered, *one.on_true, one.relative, one.implied)
        found[0].append(row([f"{ratio:g}", *(f"{value:.3f}" for value in numbers)]))
        found[1].append(row([f"{ratio:g}", *worked_out(from_register(judged, ratio), one)]))
        shift, of_truth = same_people(judged.model, n // 4, seed + 1, scenario)
        sizes = [shift[k].text("en", 4) for k in ("prediction_shift", "prediction_shift_size")]
        found[2].append(row([f"{ratio:g}", *sizes, f"{of_truth:.4f}"]))
    found[3] += told_rows(n // 16, seed)
    return found


def worked_out(worked: LabelBias, measured: Bias) -> list[str]:
    """Cells of the second table."""
    curve, reach = worked.on_committed, 1.96 * measured.error
    limits = [measured.relative * np.exp(side * reach) for side in (-1, 1)]
    return [
        worked.on_registered.text("en"),
        f"{curve.y[0]:.3f} ({curve.low[0]:.3f} to {curve.high[0]:.3f})",
        f"{measured.relative:.3f} ({limits[0]:.3f} to {limits[1]:.3f})",
        worked.tipping_point.text("en", 2),
    ]


def put(page: str, name: str, lines: list[str]) -> None:
    """Put a table between its marks in a page."""
    path, begin, end = PAGES / page, f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = path.read_text("utf-8").partition(begin)
    after = rest.partition(end)[2]
    path.write_text(f"{before}{begin}\n" + "\n".join(lines) + f"\n{end}{after}", "utf-8")


def main() -> None:
    """Print the tables, or write all but the first into the pages on evaluation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    found = tables(arguments.n, arguments.seed)
    for lines in found:
        print("\n".join(lines), end="\n\n")
    if arguments.write:
        put("selection.md", "label bias", found[1])
        put("groups.md", "same people", found[2])
        put("groups.md", "told", found[3])


if __name__ == "__main__":
    main()
