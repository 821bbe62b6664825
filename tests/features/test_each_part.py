"""Each part of the algebra at each table, in every way, is what a slow reading of it says."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from risicoscreener import native
from risicoscreener.dossier import Dossier, DossierTables, read_dossier
from risicoscreener.dossier.schema import EPOCH, tables
from risicoscreener.features.bytecode import left_out
from risicoscreener.features.compiled import compiled
from risicoscreener.features.many import EventTables, compute_block, compute_many
from risicoscreener.features.one import compile_one
from strategies import a_person, dossiers

from .every_part import READ, definitions
from .reference import reference


def some_days(dossier, table: str, chance: random.Random) -> list[dt.date]:
    """Days on which something is, the day before or after, or a while later."""
    dates = sorted(
        {
            value
            for name in ("detentions", "inquiries", table)
            for row in getattr(dossier, name)
            for column in tables()[name].columns.values()
            if column.kind == "date" and (value := getattr(row, column.name)) is not None
        }
    )
    near = [day for day in dates if day.year < 2060] or [dt.date(1999, 1, 1)]
    shifts = (0, 0, 1, -1, 30)
    return [chance.choice(near) + dt.timedelta(days=chance.choice(shifts)) for _ in range(7)]


def others() -> Iterator[Dossier]:
    """Someone of whom nothing is known, and two of whom all was asked and there is nothing."""
    yield read_dossier(a_person("nothing"))
    asked = [
        {
            "recorded_at": "2001-03-01", "consulted_on": "2001-03-01", "subject": subject,
            "source": "prison", "complete": True,
        }
        for subject in tables()["inquiries"].columns["subject"].codes
    ]  # fmt: skip
    yield read_dossier({**a_person("asked"), "inquiries": asked})
    stay = {"recorded_at": "2000-01-05", "arrived_on": "2000-01-05", "regime": "sentence"}
    yield read_dossier({**a_person("inside"), "inquiries": asked, "detentions": [stay]})


def assert_same(names, found, expected, exactly=True):
    for column, name in enumerate(names):
        a, b = found[:, column], expected[:, column]
        if exactly:
            np.testing.assert_array_equal(a, b, err_msg=name)
        else:
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("table", READ)
@settings(max_examples=2, derandomize=True, database=None, phases=[Phase.generate])
@given(st.data())
def test_each_part_of_the_algebra_is_what_its_definition_says(table, data):
    own = definitions(table)
    plan, only = own.plan(), ("detentions", "inquiries", table)
    full = [
        data.draw(dossiers(max_rows=n, only=only, person_id=f"p{n}", full=True)) for n in (6, 9, 12)
    ]
    people = [full[0], *others(), *full[1:]]
    chance = random.Random(data.draw(st.integers(0, 1000)))
    asked = [some_days(person, table, chance) for person in people]
    rows = [(at, day) for at, some in enumerate(asked) for day in sorted(some)]
    one = compile_one(plan)
    expected = np.array([one(people[at], day) for at, day in rows])
    slow = [[*reference(own, own, people[at], day).values()] for at, day in rows]
    assert_same(plan.names, expected, np.array(slow), exactly=False)
    whole = DossierTables.from_dossiers(people)
    positions = np.array([at for at, _ in rows])
    numbers = np.array([(day - EPOCH).days for _, day in rows])
    mixed = np.array(chance.sample(range(len(rows)), len(rows)))
    for order in (np.arange(len(rows)), mixed, np.arange(0, len(rows), 7)):
        found = compute_many(plan, whole, positions[order], numbers[order], n_threads=1)
        assert_same(plan.names, found, expected[order])
    for at in range(0, len(rows), 3):  # everybody on one day
        on = np.full(len(people), numbers[at])
        found = compute_block(plan, prepared(plan, whole), np.arange(len(people)), on)
        assert_same(plan.names, found[positions[at]][None], expected[at][None])
    assert not native.available() or (compiled(plan) is not None and not left_out(plan))


def prepared(plan, whole) -> EventTables:
    events = EventTables(whole)
    events.prepare(plan)
    return events
