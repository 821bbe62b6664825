"""ProPublica's table of COMPAS by race, and the answer of its maker, from the same rows.

    python scripts/propublica.py --compas PATH
    python scripts/propublica.py --compas PATH --write    (into docs/evaluation/groups.md)

Larson, Mattu, Kirchner and Angwin (2016) called a decile of 5 or more high, and counted on all
7,214 rows of compas-scores-two-years.csv. Dieterich, Mendoza and Brennan (2016) answered that of
people with the same score as many were charged again in both groups. Both are in the numbers, and
the third table says why they can be. The path may stand in the environment variable
RISICOSCREENER_COMPAS; the file is not part of this library.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from risicoscreener.datasets.compas import REMEDY
from risicoscreener.datasets.reading import from_csv
from risicoscreener.evaluation import Estimate, Sample
from risicoscreener.evaluation.discrimination import auc_estimate, error_rates
from risicoscreener.evaluation.groups import Impossibility, impossibility
from risicoscreener.evaluation.intervals import share_estimate

VARIABLE = "RISICOSCREENER_COMPAS"
PAGE = Path(__file__).resolve().parent.parent / "docs" / "evaluation" / "groups.md"
BEGIN, END = "<!-- propublica: begin -->", "<!-- propublica: end -->"
HIGH = 5
"""Lowest decile that ProPublica called high: 1 to 4 are low, 5 to 7 medium, 8 to 10 high."""
GROUPS = ("African-American", "Caucasian")
RATES = {
    "false_positive_rate": "high, of people without a new charge",
    "false_negative_rate": "low, of people with a new charge",
    "ppv": "new charge, of people scored high",
    "npv": "no new charge, of people scored low",
    "share_above": "scored high",
}


@dataclass(frozen=True)
class Table:
    """The deciles, new charges within two years and race of all rows of the file."""

    decile: np.ndarray
    charged: np.ndarray
    race: np.ndarray

    def of(self, race: str | None = None) -> Sample:
        """The people of a race, or all: tenths of the decile stand where a probability would."""
        rows = np.ones(len(self.race), dtype=bool) if race is None else self.race == race
        return Sample.of(self.decile[rows] / 10, self.charged[rows])


def read(path: str) -> Table:
    """All rows of ProPublica's file, as they counted them: nobody is left out."""
    source = from_csv(path, ["decile_score", "two_year_recid", "race"], REMEDY)
    return Table(
        source.whole("decile_score", 1, 10),
        source.whole("two_year_recid", 0, 1),
        source.labels("race").to_numpy(dtype=str),
    )


def rates(table: Table, race: str | None = None) -> dict[str, Estimate]:
    """Error rates and predictive values of a high score."""
    found = error_rates(table.of(race), HIGH / 10)
    return {name: found[name] for name in RATES}


def by_decile(table: Table, race: str) -> list[Estimate]:
    """Part with a new charge at each decile, 1 to 10."""
    sample = table.of(race)
    charged = sample.outcome == 1
    return [
        share_estimate("base_rate", sample, np.isclose(sample.probability, decile / 10), charged)
        for decile in range(1, 11)
    ]


def cannot_be_alike(table: Table) -> Impossibility:
    """What the false positive rates would be with the same predictive value and misses."""
    both = np.isin(table.race, GROUPS)
    sample = Sample.of(table.decile[both] / 10, table.charged[both])
    return impossibility(sample, table.race[both], HIGH / 10, replicates=500)


def page_part(table: Table) -> str:
    """The three tables in Markdown."""
    return "\n".join([*_rates_lines(table), "", *_decile_lines(table), "", *_implied_lines(table)])


def _rates_lines(table: Table) -> list[str]:
    lines = [f"| % of {len(table.race):,} rows | everybody | {' | '.join(GROUPS)} |"]
    lines.append("|---|---|---|---|")
    columns = [rates(table, who) for who in (None, *GROUPS)]
    for name, title in RATES.items():
        lines.append(f"| {title} | {' | '.join(_percent(c[name], 2) for c in columns)} |")
    areas = [auc_estimate(table.of(who)) for who in (None, *GROUPS)]
    lines.append(f"| AUC of the decile | {' | '.join(a.text('en') for a in areas)} |")
    return lines


def _decile_lines(table: Table) -> list[str]:
    lines = [f"| % with a new charge at decile | {' | '.join(GROUPS)} |", "|---|---|---|"]
    rows = zip(range(1, 11), *(by_decile(table, race) for race in GROUPS), strict=True)
    lines += [f"| {decile} | {_percent(a)} | {_percent(b)} |" for decile, a, b in rows]
    return lines


def _implied_lines(table: Table) -> list[str]:
    found = cannot_be_alike(table)
    lines = ["| % | " + " | ".join(GROUPS) + " |", "|---|---|---|"]
    titles = {
        "base_rate": "with a new charge",
        "false_positive_rate": "false positives as counted",
        "implied_false_positive_rate": "false positives if the rest were alike",
    }
    for name, title in titles.items():
        cells = [_percent(found[race][name]) for race in GROUPS]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return [*lines, "", found.text("en")]


def _percent(one: Estimate, digits: int = 1) -> str:
    return f"{one.value:.{digits}%} ({one.low:.1%} to {one.high:.1%})".replace("%", "")


def main() -> int:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compas", metavar="PATH", default=os.environ.get(VARIABLE))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if not options.compas:
        parser.error(f"give --compas PATH, or set {VARIABLE}")
    part = page_part(read(options.compas))
    if not options.write:
        print(part)
        return 0
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{part}\n{END}{after}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
