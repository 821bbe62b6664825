"""The figures of docs/impact.md: the leave rule of November 2021 on synthetic people.

    python scripts/impact_2021.py --people 2400

Prints the tables of the page in Markdown. The people do not exist, and most rates are assumptions
(`src/risicoscreener/impact/assumptions.toml`): nothing here is about the Netherlands.
"""

from __future__ import annotations

import argparse
import datetime as dt

import numpy as np

from risicoscreener.impact import (
    Impact,
    People,
    Screens,
    Settings,
    book_of,
    by_prison,
    capacity_needed,
    compare_impacts,
    over_capacities,
    policy_from,
    policy_of,
    screen_days,
    simulate,
)
from risicoscreener.impact.around import cohort_around
from risicoscreener.impact.screens import DEEP, GRANT, NONE
from risicoscreener.screening import Screener
from risicoscreener.synthetic import at_liberty, load_parameters
from risicoscreener.synthetic import simulate as make_cohort

START, CHANGE = dt.date(2021, 10, 1), dt.date(2021, 11, 15)
MONTHS, WARM_UP = 11, 12
WAIT_DAYS = 56
FEW_CAPACITY = 0.7
SHOWN = (
    "asked",
    "granted",
    "withdrawn",
    "needed",
    "assessments",
    "wait_median",
    "wait_p90",
    "late",
    "lost",
    "released",
    "queue_end",
    "taken",
    "offences",
)
GRAVEST = """
amends = "leave/2021-11-15"
valid_from = 2022-03-01

[[domains]]
id = "gravest"
title = { nl = "zwaarste delicten", en = "gravest offences" }
source = "project"
supplier = { nl = "de justitiële documentatie", en = "the judicial records" }
changeable = false
unknown = { nl = "delict onbekend", en = "offence unknown" }
otherwise = "no"
levels = [
  { id = "no", text = { nl = "niet van de hoogste ernst", en = "not of the highest severity" } },
  { id = "yes", text = { nl = "van de hoogste ernst", en = "of the highest severity" } },
]
readings = [{ level = "yes", all = [{ input = "index_offence_severity", min = 5 }] }]

[[rules]]
id = "serious_offence_always"
when = { gravest = ["yes", "unknown"], assessment = ["none", "asked", "expired"] }

[[rules]]
id = "serious_and_moderate"
before = "mixed_and_moderate"
when = { risk = ["moderate"], gravity = ["serious"], assessment = ["none", "asked", "expired"] }
outcome = "deep_assessment"
text = { nl = "Ernstig delict en matig risico.", en = "Serious offence and moderate risk." }
source = "project"
"""
"""A repair: as before, but always an assessment after the gravest offences."""
VIOLENCE = {"property": 0.24, "violence": 0.32, "drugs": 0.26, "sexual": 0.09, "other": 0.09}
"""The mix of offences of the population `sentenced`."""


def people_of(settings: Settings, a_year: int, serious: float = 1.0) -> People:
    n, changes = cohort_around(settings, a_year)
    mix = {k: v * (serious if k in ("violence", "sexual") else 1) for k, v in VIOLENCE.items()}
    changes |= {"offences.mix": mix}
    cohort = make_cohort(n, seed=1, population="sentenced", changes=changes)
    truth = at_liberty(cohort, load_parameters("sentenced", changes))
    return People.of(cohort.tables, cohort.index(), truth)


def scenarios(people: People, settings: Settings, *, repaired: bool = True) -> dict[str, Screens]:
    """What the chain says of everybody on every meeting, under each course of policy."""
    shipped = Screener.load()
    old, new = policy_of("leave/2021-07-01"), policy_of("leave/2021-11-15")
    first = dt.date(2020, 1, 1)
    books = {
        "as before": book_of(old, start=first),
        "rule of November 2021": book_of(old, new, start=first),
    }
    if repaired:
        books["repaired in March 2022"] = book_of(old, new, policy_from(GRAVEST), start=first)
    return {
        name: screen_days(people, Screener(shipped.bundle, book), settings)
        for name, book in books.items()
    }


def few_before(people: People, settings: Settings) -> dict[str, Screens]:
    """The same without an assessment for who lies near a cut-off or is outside the model."""
    fewer = 'repeals = { rules = ["risk_near_cut", "risk_not_supported"] }'
    old = policy_from(f'amends = "leave/2021-07-01"\nvalid_from = 2021-07-02\n{fewer}')
    new = policy_from(f'amends = "leave/2021-11-15"\nvalid_from = 2021-11-16\n{fewer}')
    bundle, first = Screener.load().bundle, dt.date(2020, 1, 1)
    books = {
        "few before": book_of(old, start=first),
        "then the rule": book_of(old, new, start=first),
    }
    return {n: screen_days(people, Screener(bundle, book), settings) for n, book in books.items()}


def print_figures(found: dict[str, Impact]) -> None:
    print(f"| | {' | '.join(found)} |\n|---|{'---|' * len(found)}")
    frame = next(iter(found.values())).to_frame("en").set_index("name")["figure"]
    for name in SHOWN:
        values = " | ".join(impact[name].text("en") for impact in found.values())
        print(f"| {frame[name]} | {values} |")


def print_why(before: Screens, rule: Screens) -> None:
    """Of whom the outcome differs at the first meeting after the change."""
    meeting = int(np.searchsorted(rule.meetings, (CHANGE - dt.date(1970, 1, 1)).days))
    outcomes = []
    for one in (before, rule):
        kind = one.kinds["leave"]
        there = np.flatnonzero((kind.first <= meeting) & (meeting < kind.last))
        rows = kind.offset[there] + meeting - kind.first[there]
        outcomes.append(kind.outcome[NONE, rows])
    was, becomes = outcomes
    print(f"\non the first meeting after the change {len(was)} people may ask;")
    print(
        f"deep assessment before: {(was == DEEP).sum()}, with the rule: {(becomes == DEEP).sum()}"
    )
    print(
        f"granted at once before: {(was == GRANT).sum()}, with the rule: {(becomes == GRANT).sum()}"
    )


def main(a_year: int, capacity: float, replicates: int) -> None:
    settings = Settings.of(
        START,
        "leave",
        capacity=capacity,
        months=MONTHS,
        warm_up_months=WARM_UP,
        replicates=replicates,
    )
    people = people_of(settings, a_year)
    screened = scenarios(people, settings)
    found = {n: simulate(s, None, settings, label=n) for n, s in screened.items()}
    before, rule = found["as before"], found["rule of November 2021"]
    print(f"\n## {a_year} people a year, {capacity:g} assessments a week\n")
    print_figures(found)
    print_why(screened["as before"], screened["rule of November 2021"])
    change = rule.granted_before(CHANGE)
    print(f"\ngranted before and still able to ask: {change['people'].text('en')}")
    print(f"of them first an assessment now: {change['sent_on'].text('en')}")
    compared = compare_impacts(before, rule)
    print(f"withheld for each offence prevented: {compared.needed_to_detain.text('en')}")
    print(f"withheld for each failure prevented: {compared.needed_to_fail.text('en')}")

    print("\n## Capacity\n\n| assessments a week | " + " | ".join(screened) + " |")
    print("|---|" + "---|" * len(screened))
    capacities = [capacity * k for k in (0.7, 0.85, 1.0, 1.2, 1.5, 2.0)]
    curves = {n: over_capacities(s, settings, capacities) for n, s in screened.items()}
    for i, at in enumerate(capacities):
        row = " | ".join(curves[n][i]["wait_p90"].text("en") for n in screened)
        print(f"| {at:.1f} | {row} |")
    for name, s in screened.items():
        needed = capacity_needed(s, settings, wait_days=WAIT_DAYS)
        print(f"needed for nine in ten within eight weeks, {name}: {needed:.1f} a week")

    print("\n## Prisons with unequal numbers of psychologists\n")
    prisons = sorted(set(people.prison.tolist()))
    unequal = by_prison(capacity, {p: 1.0 + (i % 3) for i, p in enumerate(prisons)})
    for name in ("as before", "rule of November 2021"):
        there = simulate(screened[name], None, settings.with_capacity(unequal), label=name)
        waits = there.by("prison").iloc[1:]["wait_median"].dropna()
        print(f"{name}: median wait by prison from {waits.min():.0f} to {waits.max():.0f} days")

    print("\n## If few were assessed before\n")
    fits = settings.with_capacity(capacity * FEW_CAPACITY)
    few = few_before(people, settings)
    print_figures({n: simulate(s, None, fits, label=n) for n, s in few.items()})

    print("\n## Base rate of violence and sexual offences\n")
    print("| weight | people assessed as before | with the rule | p90 before | with the rule |")
    print("|---|---|---|---|---|")
    for weight in (0.5, 1.0, 2.0):
        others = people if weight == 1 else people_of(settings, a_year, weight)
        both = screened if weight == 1 else scenarios(others, settings, repaired=False)
        one, two = (
            simulate(both[n], None, settings) for n in ("as before", "rule of November 2021")
        )
        figures = [i[f].text("en") for f in ("assessments", "wait_p90") for i in (one, two)]
        print(f"| {weight:g} | {' | '.join(figures)} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=2400, help="people a year")
    parser.add_argument("--capacity", type=float, default=11.0, help="assessments a week")
    parser.add_argument("--replicates", type=int, default=5)
    given = parser.parse_args()
    main(given.people, given.capacity, given.replicates)
