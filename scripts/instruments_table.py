"""The published instruments in a table: source, size, golden vectors, and performance.

    python scripts/instruments_table.py [--people 4000] [--seed 1] [--json]

Performance is on the synthetic cohort: the inputs that a dossier answers on the day of the
picture, the outcome that `instruments_table.toml` names. Who lacks a needed input has no score;
their share and the inputs are said. Nothing is fitted, so nothing is cross-validated. O/E is the
observed number over the expected one.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from risicoscreener.dossier import Dossier
from risicoscreener.instruments import Instrument, golden_files, instruments
from risicoscreener.instruments.golden import count_vectors
from risicoscreener.instruments.mapping import inputs_from_dossier
from risicoscreener.models.performance import measure_performance
from risicoscreener.synthetic import simulate

SETTINGS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
FEWEST = 100
"""With fewer people that have a score nothing is measured."""
SMALLEST = 0.00005
"""Half the last decimal that is reported: what is rounded to 0.00 % is taken as this."""
METHOD = "published formula on a synthetic cohort"


@dataclass
class Measured:
    """Performance of an instrument on those who have a score."""

    outcome: str
    horizon: str
    n: int
    events: int
    auc: float
    auc_interval: tuple[float, float]
    observed_over_expected: float
    slope: float
    slope_interval: tuple[float, float]


@dataclass
class Row:
    """One version of one instrument."""

    instrument: str
    version: str
    source: str
    variables: int
    golden: int
    people: int
    scored: int = 0
    variant: str = ""
    measured: Measured | None = None
    lacking: dict[str, int] = field(default_factory=dict)
    approximated: tuple[str, ...] = ()
    compas_lacks: tuple[str, ...] = ()


@dataclass
class Score:
    """What one person's dossier came to."""

    probability: float | None = None
    variant: str = ""
    lacking: tuple[str, ...] = ()
    approximated: tuple[str, ...] = ()


def score_of(instrument: Instrument, dossier: Dossier, as_of: Any, horizon: str) -> Score:
    """The score of a person on a day; what lacks if there is none."""
    asked = inputs_from_dossier(instrument, dossier, as_of)
    result = instrument.score(asked.inputs)
    found = [score.probability for score in result.scores if score.horizon == horizon]
    if not found:
        refused = [p for p in result.problems if p.kind == "refused"]
        return Score(lacking=tuple(sorted({name for p in refused for name in p.fields})))
    return Score(found[0], result.variant or "", approximated=asked.approximated)


def row_of(instrument: Instrument, people: list[tuple[Dossier, Any]], truth: pd.DataFrame) -> Row:
    """The row of an instrument."""
    outcomes = SETTINGS["outcomes"].get(instrument.id, {})
    horizon = next((h for h in reversed(instrument.horizons) if h in outcomes), "")
    scores = [
        score_of(instrument, dossier, as_of, horizon or instrument.horizons[-1])
        for dossier, as_of in people
    ]
    known = np.array([score.probability is not None for score in scores])
    row = Row(
        instrument.id,
        instrument.version,
        source(instrument),
        len(instrument.inputs),
        count_vectors(golden_files(instrument)),
        len(people),
        scored=int(known.sum()),
        variant="/".join(sorted({score.variant for score in scores if score.variant})),
        lacking=dict(Counter(name for s in scores for name in s.lacking).most_common()),
        approximated=tuple(sorted({name for s in scores for name in s.approximated})),
        compas_lacks=compas_lacks(instrument),
    )
    if horizon and known.sum() >= FEWEST:
        probability = np.array([s.probability for s in scores if s.probability is not None])
        outcome = truth[outcomes[horizon]].to_numpy()[known].astype(float)
        row.measured = measure(probability, outcome, outcomes[horizon], horizon)
    return row


def measure(p: np.ndarray, y: np.ndarray, outcome: str, horizon: str) -> Measured:
    """Discrimination and calibration of probabilities."""
    p = np.maximum(p, SMALLEST)
    found = measure_performance(y, np.log(p / (1.0 - p)), method=METHOD)
    return Measured(
        outcome,
        horizon,
        len(y),
        int(y.sum()),
        found.auc,
        found.intervals["auc"],
        float(y.sum() / p.sum()),
        found.calibration_slope,
        found.intervals["calibration_slope"],
    )


def source(instrument: Instrument) -> str:
    """Repository and commit, or where the document is."""
    origin = instrument.definition.origin
    where = origin.repository.removeprefix("https://github.com/") or origin.url
    return f"{where} @ {origin.commit[:8]}" if origin.commit else where


def compas_lacks(instrument: Instrument) -> tuple[str, ...]:
    """Needed inputs that the file of COMPAS does not answer."""
    one = [instrument, *instrument.parts.values()]
    needed = [
        name
        for each in one
        for need in each.definition.needs
        if need.level == "static"
        for name in need.inputs
    ]
    return tuple(n for n in dict.fromkeys(needed) if n not in SETTINGS["compas"]["answers"])


def table(n: int, seed: int) -> list[Row]:
    """A row for each instrument."""
    cohort = simulate(n, seed=seed)
    truth = cohort.truth.persons
    days = pd.to_datetime(truth["as_of"]).dt.date
    dossiers = {dossier.person_id: dossier for dossier in cohort.tables.to_dossiers()}
    people = [(dossiers[person], days[person]) for person in truth.index]
    return [row_of(instrument, people, truth) for instrument in instruments()]


# -- print ---------------------------------------------------------------------------------


def markdown(rows: list[Row]) -> str:
    """The table for the documentation."""
    lines = [
        "| instrument | version | source | variables | golden vectors | cohort: outcome | scored |"
        " AUC (95 %) | O/E | slope (95 %) | COMPAS |",
        "| --- | --- | --- | ---: | ---: | --- | ---: | --- | ---: | --- | --- |",
    ]
    return "\n".join(lines + [_line(row) for row in rows])


def _line(row: Row) -> str:
    compas = f"no inputs: {len(row.compas_lacks)} lack"
    first = f"| {row.instrument} | {row.version} | {row.source} | {row.variables} | {row.golden} |"
    share = f"{100 * row.scored / row.people:.0f} %"
    if row.measured is None:
        named = row.instrument in SETTINGS["outcomes"]
        reason = "inputs lack" if named else "no such outcome"
        return f"{first} {reason} | {share} | | | | {compas} |"
    m = row.measured
    return (
        f"{first} {m.outcome} ({row.variant}) | {share} | {_with(m.auc, m.auc_interval)} | "
        f"{m.observed_over_expected:.2f} | {_with(m.slope, m.slope_interval)} | {compas} |"
    )


def _with(value: float, interval: tuple[float, float]) -> str:
    return f"{value:.2f} ({interval[0]:.2f}-{interval[1]:.2f})"


def _share(part: float) -> str:
    return f"{100 * part:.0f} %" if part >= 0.01 else "below 1 %"


def lacking(rows: list[Row]) -> str:
    """Per instrument which needed inputs lack, for how many people, and what is approximate."""
    lines = []
    for row in rows:
        parts = [f"`{name}` {_share(n / row.people)}" for name, n in row.lacking.items()]
        lines.append(f"- {row.instrument} {row.version}: {', '.join(parts) or 'nothing lacks'}")
        if row.approximated:
            lines.append(f"  - approximate: {', '.join(f'`{n}`' for n in row.approximated)}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = table(chosen.people, chosen.seed)
    if chosen.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return
    print(markdown(rows))
    print()
    print(lacking(rows))


if __name__ == "__main__":
    main()
