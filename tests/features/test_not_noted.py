"""What nobody noted is unknown: how a leave ended; and what has ended is no longer in force."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given, settings

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.features import catalogue, compute_features
from risicoscreener.features.one import compile_one
from strategies import a_person, as_of_days, dossiers

TODAY = dt.date(2024, 6, 1)
FAILED = ("leave_failed_detention", "leave_failed_ever")


def ago(days: int) -> str:
    return (TODAY - dt.timedelta(days=days)).isoformat()


def values(names, *liberties):
    """Values on `TODAY` of someone in the second of two stays, equal by both ways."""
    stays = [
        {"recorded_at": ago(n), "arrived_on": ago(n), "regime": "sentence", **left}
        for n, left in ((900, {"released_on": ago(600)}), (300, {}))
    ]
    consulted = {"recorded_at": ago(1), "consulted_on": ago(1), "subject": "liberties"}
    consulted |= {"source": "prison", "complete": True}
    parts = {"detentions": stays, "liberties": [*liberties], "inquiries": [consulted]}
    dossier = read_dossier({**a_person(), **parts})
    alone = [*compile_one(catalogue().plan(list(names)))(dossier, TODAY)]
    many = compute_features(DossierTables.from_dossiers([dossier]), TODAY, list(names)).values[0]
    assert [*map(str, map(float, alone))] == [*map(str, many.tolist())]
    return alone


def leave(began, ended=None, outcome="returned", **changes):
    row = {
        "recorded_at": ago(began + 9),
        "kind": "short_leave",
        "asked_on": ago(began + 9),
        "decision": "granted",
        "decided_on": ago(began + 5),
        "started_on": ago(began),
        **({} if ended is None else {"ended_on": ago(ended), "outcome": outcome}),
    }
    return {**row, **changes}


def is_unknown(found):
    return [math.isnan(value) for value in found]


@pytest.mark.parametrize(("began", "unknown"), [(31, False), (32, True), (200, True)])
def test_a_leave_without_an_end_is_unknown_after_a_month(began, unknown):
    assert is_unknown(values(FAILED, leave(began))) == [unknown, unknown]


def test_of_an_earlier_detention_it_says_nothing_about_this_one():
    assert is_unknown(values(FAILED, leave(700))) == [False, True]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], 0),
        ([leave(40, 39)], 0),
        ([leave(40, 39, "late")], 1),
        ([leave(40, 39, "late"), leave(200)], 1),
        ([leave(40, started_on=None)], 0),
    ],
)
def test_what_is_noted_is_known(rows, found):
    assert values(FAILED, *rows) == [found, found]


@pytest.mark.parametrize("kind", vocabularies()["liberty_kind"].codes)
def test_only_what_lasts_no_month_has_to_have_an_end(kind):
    long = ("extramural_leave", "low_security", "very_low_security", "conditional_release")
    found = values(FAILED, leave(60, kind=kind))
    assert is_unknown(found) == [kind not in (*long, "penitentiary_programme")] * 2


def test_an_end_that_comes_is_not_yet_known():
    assert is_unknown(values(FAILED, leave(60, -1))) == [True, True]


@given(dossiers(only=("liberties", "detentions"), max_rows=3), as_of_days())
@settings(max_examples=150, deadline=None)
def test_a_leave_is_never_better_than_the_count_of_failures_says(dossier, as_of):
    """Where a failure is counted it stays one; where none is, it is none or unknown."""
    counts = ("leaves_failed_detention", "leaves_failed_ever")
    found = compile_one(catalogue().plan([*FAILED, *counts]))(dossier, as_of)
    for indicator, count in zip(found[:2], found[2:], strict=True):
        if math.isnan(count):
            assert math.isnan(indicator)
        elif count:
            assert indicator == 1
        else:
            assert indicator == 0 or math.isnan(indicator)


WORK = {"kind": "extramural_leave"}
WITHDRAWN = leave(50, **WORK, decision="withdrawn", started_on=None)


@pytest.mark.parametrize(
    ("rows", "in_force"),
    [
        ([], 0),
        ([leave(90, **WORK)], 1),
        ([leave(90, 1, **WORK)], 0),
        ([leave(90, 0, **WORK)], 0),
        ([leave(90, -1, **WORK)], 1),
        ([leave(90, 60, **WORK), leave(30, **WORK)], 1),
        ([leave(90, **WORK), WITHDRAWN], 0),
        ([leave(90, 60, **WORK), WITHDRAWN], 0),
    ],
    ids=["none", "open", "ended", "ends today", "ends tomorrow", "anew", "withdrawn", "both"],
)
def test_work_outside_that_has_stopped_is_no_longer_in_force(rows, in_force):
    assert values(["extramural_leave_in_force"], *rows) == [in_force]
