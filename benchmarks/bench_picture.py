"""A morning in a prison, and one person followed, as ratios against screening everything again.

    python benchmarks/bench_picture.py --people 10000

The people are synthetic and have been screened a week before. The list of who has to be screened
again is compared with screening everybody for every kind of decision; following one person fact
by fact with a screening from scratch after each fact; and the admissible days of everybody with
as many screenings.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from risicoscreener import Screener
from risicoscreener.dossier import DossierTables, concatenate
from risicoscreener.dossier.schema import tables
from risicoscreener.features import compute_features
from risicoscreener.screening.admissible import admissible_many
from risicoscreener.screening.picture import CurrentPicture, Event, rescreen_list
from risicoscreener.screening.picture.compiled import PictureRoutes
from risicoscreener.synthetic import simulate

MORNING = dt.date(2022, 6, 13)
WEEK = dt.timedelta(days=7)


def seconds(call: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    best, found = float("inf"), None
    for _ in range(repeats):
        started = time.perf_counter()
        found = call()
        best = min(best, time.perf_counter() - started)
    return best, found


def main(people: int) -> None:
    screener = Screener.load()
    for kind in screener.kinds:
        screener.route(kind)
    dossiers = prison(people)
    morning(screener, dossiers)
    one_person(screener, dossiers)


def prison(people: int) -> DossierTables:
    """Synthetic people who are all inside on the morning: one part of several cohorts."""
    parts, seed = [], 6
    while sum(part.n_persons for part in parts) < people:
        made = simulate(10_000, seed=seed, population="sentenced").tables
        found = compute_features(made, MORNING, ["has_open_detention"])
        inside = made.select(found.values[:, 0] > 0)
        parts.append(_renamed(inside, seed))
        seed += 1
    whole = concatenate(parts)
    return whole.select(np.arange(people))


def _renamed(dossiers: DossierTables, seed: int) -> DossierTables:
    """The same people under ids that no other cohort has."""
    listed = [
        msgspec.structs.replace(d, person_id=f"{d.person_id}-{seed}")
        for d in dossiers.to_dossiers()
    ]
    return DossierTables.from_dossiers(listed)


def morning(screener: Screener, dossiers: Any) -> None:
    def everybody() -> None:
        for kind in screener.kinds:
            screener.screen_many(dossiers, kind, MORNING)

    whole, _ = seconds(everybody)
    took, found = seconds(
        lambda: rescreen_list(dossiers, MORNING, MORNING - WEEK, screener=screener)
    )
    print(f"{dossiers.n_persons:,} people, {len(screener.kinds)} kinds of decision")
    print(f"  screen everybody for every kind   {whole:8.2f} s")
    print(f"  rescreen_list                     {took:8.2f} s: {took / whole:.2f} of that")
    print(f"  on the list: {len(found):,} screenings of {len(found.people()):,} people")
    print(f"  {found.counts()}")
    took, _ = seconds(
        lambda: admissible_many(dossiers, "leave", MORNING, screener=screener, days_ahead=90), 1
    )
    one, _ = seconds(lambda: screener.screen_many(dossiers, "leave", MORNING))
    print(f"  admissible_many, leave, 91 days   {took:8.2f} s: {took / one:.1f} screenings of all")


def one_person(screener: Screener, dossiers: Any) -> None:
    dossier = max(dossiers.to_dossiers(), key=lambda d: sum(len(getattr(d, t)) for t in tables()))
    events = [
        Event(name, row)
        for name in tables()
        for row in getattr(dossier, name)
        if row.recorded_at <= dt.date.today()
    ]
    events.sort(key=lambda event: event.fact.recorded_at)
    routes = PictureRoutes(screener)
    person = {"person_id": dossier.person_id, "person": dossier.person}
    first = events[0].fact.recorded_at

    def incrementally() -> CurrentPicture:
        picture = CurrentPicture(person, day=first, routes=routes)
        for event in events:
            picture.add(event)
        return picture

    incrementally()  # prepares what each table touches
    took, picture = seconds(incrementally)

    def scratch() -> None:
        for kind in screener.kinds:
            route = screener.route(kind)
            if picture.standing(kind).outcome is not None:
                route.screen_one(picture.dossier, picture.day, 0)

    once, _ = seconds(scratch, 20)
    print(f"one person, {len(events)} facts, {len(screener.kinds)} kinds of decision")
    print(f"  fact by fact                      {1e3 * took / len(events):8.3f} ms each")
    print(f"  all kinds from scratch            {1e3 * once:8.3f} ms")
    print(f"  a fact takes {took / len(events) / once:.2f} of a screening of all kinds")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000)
    main(parser.parse_args().people)
