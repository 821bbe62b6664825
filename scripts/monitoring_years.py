"""Five years of a model in use, many times: when changes are found, and false alarms without any.

    python scripts/monitoring_years.py [--quiet 40] [--changes 12] [--people 12000]
                                       [--page docs/monitoring.md]

A model is fitted on synthetic people and then watched for five years, with 150 people screened in a
month and the configuration in ``examples/monitoring/settings.toml``. Each course draws its people
anew out of a cohort. Worlds:

- ``exact``: nothing changes, and outcomes are drawn with the probabilities of the model.
- ``quiet``: nothing changes, and outcomes are those of the cohort, which the model was not made on.
- ``base rate``: the odds of the outcome fall by a third for who is screened after two years.
- ``drift``: scenario ``drift``: reoffending and offences drift for years (model of 2002 to 2004).
- ``coding change``: after two years half of the violent index offences get the code of property.
  ``coding change, years``: scenario ``coding_change``, in which codes of years of convictions
  change their meaning from 2021, and the model does not fit its own years to begin with.
- ``swapped formula``: scenario ``two_populations``: after two years people above and below 240 days
  get each other's formula. ``swapped, smooth``: the same with formulas that are fitted so smoothly
  that they differ little.

Of each world: the part of the courses with an alarm, which stream raised the first, and how many
months after the change. With ``--page`` the table between ``<!-- years -->`` comments is replaced.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from risicoscreener.features import compute_features
from risicoscreener.models import Bundle
from risicoscreener.models.shipped import shipped_bundle_bytes
from risicoscreener.monitoring import (
    Monitored,
    monitor,
    outcomes_of,
    read_settings,
    screenings_of,
)
from risicoscreener.synthetic import Scenario, simulate

SETTINGS = Path(__file__).parent.parent / "examples" / "monitoring" / "settings.toml"
A_MONTH, PRISONS = 150, ("PI-01", "PI-02", "PI-03")
REFERENCE_FROM, WATCHED_FROM, UNTIL = dt.date(2015, 1, 1), dt.date(2018, 1, 1), dt.date(2023, 1, 1)
CHANGE = dt.date(2020, 1, 1)
ODDS = 2 / 3
SHOWN = ("age_years", "prior_convictions", "index_is_violent", "index_is_property", "incidents_6m")
HORIZON, LAG = 730, 180
SMOOTH, FREE = 0.02, 1.0
"""How freely models are fitted; what formulas of two groups have apart shows in free ones."""
RECODED = 0.5
"""Part of the violent index offences that get another code."""
CUSUM_RUNS = 200
"""Simulated courses for the limit of each CUSUM: few, as it is made anew for each course."""


@dataclass(frozen=True)
class Pool:
    """People to draw from: features, the outcome and its day, the day of the picture."""

    features: pd.DataFrame
    outcome: np.ndarray
    day: np.ndarray
    as_of: np.ndarray
    long: np.ndarray


def pool(scenario: str, n: int, seed: int) -> Pool:
    """A cohort of a scenario, with the features of the shipped model of any new case."""
    found = Scenario.load(scenario)
    cohort = simulate(n, seed=seed, scenario=found)
    truth = cohort.truth.persons
    bundle = Bundle.load(shipped_bundle_bytes())
    names = [*dict.fromkeys([*bundle.model("any_2y").features, *SHOWN, "index_is_drugs"])]
    frame = compute_features(cohort.tables, cohort.index(), names).to_frame()[names]
    days = (
        cohort.tables.to_pandas("detentions")
        .groupby("person_id", observed=True)["sentence_days"]
        .max()
    )
    long = days.reindex(truth.index).fillna(0).to_numpy() > 240
    years = truth["years_to_any"].to_numpy()
    return Pool(
        frame.reset_index(drop=True),
        truth["any_2y_registered"].to_numpy(),
        np.nan_to_num(np.minimum(years * 365.25, HORIZON), nan=HORIZON / 2),
        truth["as_of"].to_numpy("datetime64[D]"),
        long,
    )


Score = Callable[[pd.DataFrame], np.ndarray]


def fitted(people: Pool, rows: np.ndarray, freedom: float = SMOOTH) -> Score:
    """A logistic model of some people; unknown values are means, ``freedom`` is its C."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=freedom, max_iter=500))
    means = people.features[rows].mean()

    def columns(frame: pd.DataFrame) -> pd.DataFrame:
        filled = frame.fillna(means).fillna(0.0)
        return filled.assign(**{f"log_{n}": np.log1p(filled[n].clip(0)) for n in filled})

    model.fit(columns(people.features[rows]), people.outcome[rows])
    return lambda frame: model.predict_proba(columns(frame))[:, 1]


@dataclass(frozen=True)
class World:
    """How people are drawn for a day, and with which probabilities.

    ``dated``: people are drawn from those of the same month. ``later`` gives probabilities after
    the change, ``recoded`` the features, if others. ``odds`` multiplies those of the outcome after
    it; None takes the cohort's outcome.
    """

    name: str
    people: Pool
    rows: np.ndarray
    score: np.ndarray
    later: np.ndarray
    dated: bool = False
    odds: float | None = None
    change: dt.date | None = CHANGE
    shift_years: int = 0
    recoded: pd.DataFrame | None = None


def course(world: World, seed: int) -> Monitored:
    """One course of a model in use."""
    frame, outcomes = tables_of(world, seed)
    settings = read_settings(SETTINGS)
    fewer = msgspec.structs.replace(settings.cusum, runs=CUSUM_RUNS)
    settings = msgspec.structs.replace(settings, cusum=fewer)
    return monitor(settings, screenings_of(frame, "any_2y"), outcomes_of(outcomes), as_of=UNTIL)


def tables_of(world: World, seed: int, a_month: int = A_MONTH) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Screenings and outcomes of one course."""
    rng = np.random.default_rng(seed)
    months = pd.date_range(REFERENCE_FROM, UNTIL, freq="MS", inclusive="left")
    picked, days = [], []
    when = world.people.as_of[world.rows].astype("datetime64[M]")
    for month in months:
        n = rng.poisson(a_month)
        rows = world.rows
        if world.dated:
            asked = np.datetime64(month, "M") + 12 * world.shift_years
            near = np.abs((when - asked).astype(int)) <= 1
            rows = world.rows[near & (when >= asked if _after(month, world) else when <= asked)]
        picked.append(rng.choice(rows, n))
        days.append(np.datetime64(month, "D") + rng.integers(0, 28, n))
    row, as_of = np.concatenate(picked), np.concatenate(days)
    after = as_of >= np.datetime64(world.change or UNTIL)
    p = np.where(after, world.later[row], world.score[row])
    y = world.people.outcome[row] == 1
    if world.odds is not None:
        odds = p / (1 - p) * np.where(after, world.odds, 1.0)
        y = rng.random(len(p)) < odds / (1 + odds)
    start = as_of + rng.integers(10, 100, len(p))
    happened = world.people.day[row] if world.odds is None else HORIZON * rng.beta(1, 1.4, len(p))
    lag = np.minimum(rng.gamma(2.0, 45.0, len(p)), LAG)
    registered = start + np.maximum(np.round(happened + lag), 1).astype(int)
    ids = [f"case-{i:06}" for i in range(len(p))]
    shown = world.people.features.iloc[row][list(SHOWN)].reset_index(drop=True)
    if world.recoded is not None:
        shown[after] = world.recoded.iloc[row[after]][list(SHOWN)].to_numpy()
    frame = shown.assign(
        person_id=ids, as_of=as_of, probability=p, prison=rng.choice(PRISONS, len(p))
    )
    outcomes = pd.DataFrame(
        {
            "person_id": ids,
            "start_on": start,
            "registered_on": np.where(y, registered, np.datetime64("NaT")),
        }
    )
    return frame, outcomes


def _after(month: pd.Timestamp, world: World) -> bool:
    return world.change is not None and month.date() >= world.change


def months_between(first: dt.date, name: str) -> int:
    """From a day to the end of the period of that name."""
    year, month = map(int, name.split("-"))
    return (year - first.year) * 12 + month - first.month + 1


def worlds(n: int) -> Iterator[World]:
    """The worlds, each with a model of people that are not drawn from."""
    yield from of_two_populations(n)
    yield drifting(n)
    yield recoded(n)


def of_two_populations(n: int) -> Iterator[World]:
    """Worlds of one cohort: nothing changes, the base rate does, or formulas are interchanged."""
    base = pool("two_populations", n, 1)
    half = np.arange(n) % 2 == 0
    own, other = by_group(base, half, SMOOTH)
    rest = np.flatnonzero(~half)
    yield World("exact", base, rest, own, own, odds=1.0, change=None)
    yield World("quiet", base, rest, own, own, change=None)
    yield World("base rate", base, rest, own, own, odds=ODDS)
    yield World("swapped, smooth", base, rest, own, other)
    codes = other_codes(base)
    coded, _ = by_group(base, half, SMOOTH, codes)
    yield World("coding change", base, rest, own, coded, recoded=codes)
    yield World("swapped formula", base, rest, *by_group(base, half, FREE))


def other_codes(people: Pool) -> pd.DataFrame:
    """Features as they are when a part of the violent index offences is coded as property."""
    frame = people.features.copy()
    violent = np.flatnonzero(frame["index_is_violent"] == 1)
    moved = np.random.default_rng(1).random(len(violent)) < RECODED
    frame.loc[violent[moved], ["index_is_violent", "index_is_property"]] = (0, 1)
    return frame


def by_group(
    people: Pool, rows: np.ndarray, freedom: float, features: pd.DataFrame | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities by the formula of one's own group, by 240 days, and of the other."""
    frame = people.features if features is None else features
    own, other = np.empty(len(people.outcome)), np.empty(len(people.outcome))
    scores = {side: fitted(people, rows & (people.long == side), freedom) for side in (True, False)}
    for side in (True, False):
        of_side = people.long == side
        own[of_side] = scores[side](frame[of_side])
        other[of_side] = scores[not side](frame[of_side])
    return own, other


def drifting(n: int) -> World:
    """People of 2003 to 2010, twelve years later; the reference is that of 2003 to 2005."""
    people, odd = pool("drift", n, 2), np.arange(n) % 2 == 1
    early = (people.as_of < np.datetime64("2005-01-01")) & ~odd
    p = fitted(people, early)(people.features)
    rows, shift = np.flatnonzero(odd), 2003 - REFERENCE_FROM.year
    return World("drift", people, rows, p, p, True, None, WATCHED_FROM, shift)


def recoded(n: int) -> World:
    """People of 2016 to 2023, a year earlier: years of codes change at the start of 2020."""
    people, odd = pool("coding_change", n, 3), np.arange(n) % 2 == 1
    before = (people.as_of < np.datetime64("2019-01-01")) & ~odd
    p = fitted(people, before)(people.features)
    return World("coding change, years", people, np.flatnonzero(odd), p, p, True, shift_years=1)


def line(world: World, courses: list[Monitored]) -> str:
    """A row of the table."""
    first = [_first(one) for one in courses]
    there = [(name, key) for name, key in first if name]
    part = f"{len(there)} of {len(courses)}"
    named = Counter(key for _, key in there).most_common(3)
    which = ", ".join(f"{key} {n}" for key, n in named) or "–"
    waited = "–"
    if world.change is not None and there:
        early = sum(months_between(world.change, name) <= 0 for name, _ in there)
        months = [months_between(world.change, name) for name, _ in there]
        right = [m for m in months if m > 0]
        low, middle, high = (
            np.percentile(right, [10, 50, 90], method="nearest").astype(int) if right else (0, 0, 0)
        )
        waited = f"{middle} ({low} to {high})" + (f"; {early} before it" if early else "")
    later = _other(world, courses)
    return f"| {world.name} | {part} | {which} | {waited} | {later} |"


def _first(found: Monitored) -> tuple[str, str]:
    """Period and key of the first alarm of the streams, the CUSUM left out."""
    raised = sorted((one.alarm, one.key) for one in found.alarms if one.kind != "cusum")
    return raised[0] if raised else ("", "")


def _other(world: World, courses: list[Monitored]) -> str:
    """How many courses had an alarm of the CUSUM, and after how many months."""
    names = [one.alarm for found in courses for one in found.alarms if one.kind == "cusum"]
    said = f"{len(names)} of {len(courses)}"
    if world.change is not None and names:
        said += f" ({round(np.median([months_between(world.change, name) for name in names]))})"
    return said


HEAD = (
    "| world | courses with an alarm | first alarm, courses | months after the change: median "
    "(10 % to 90 %) | CUSUM (median months) |\n|---|---|---|---|---|"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quiet", type=int, default=40, help="courses without a change (40)")
    parser.add_argument("--changes", type=int, default=12, help="courses with a change (12)")
    parser.add_argument("--people", type=int, default=12_000, help="of each cohort (12000)")
    parser.add_argument("--only", nargs="+", default=[], help="names of worlds")
    parser.add_argument("--page", type=Path, help="page with the table")
    arguments = parser.parse_args()
    started = time.process_time()
    lines = [HEAD]
    for world in worlds(arguments.people):
        if arguments.only and world.name not in arguments.only:
            continue
        many = arguments.quiet if world.change is None else arguments.changes
        lines.append(line(world, [course(world, 1000 + seed) for seed in range(many)]))
        print(lines[-1], flush=True)
    table = "\n".join(lines)
    print(table)
    print(f"{time.process_time() - started:.0f} s of CPU time")
    if arguments.page:
        text = arguments.page.read_text("utf-8")
        put = partial(re.sub, r"(<!-- years -->\n).*?(\n<!-- /years -->)", flags=re.DOTALL)
        kept: Any = put(lambda match: match[1] + table + match[2], text)
        arguments.page.write_text(kept, "utf-8")


if __name__ == "__main__":
    main()
