"""What a policy says of each stay: who is sent to a deep assessment, placed, released early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.stays import NOT_ASKED, Days, Stays
from risicoscreener.impact.people import People
from risicoscreener.impact.screens import DEEP, DENY, GRANT, NONE, KindScreens, screen_days
from risicoscreener.impact.settings import MOST_MONTHS, Settings, months_after

if TYPE_CHECKING:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.screening import Screener

EVERY_DAYS = 28
"""Days between the pictures of a stay."""


def outcomes_under(
    stays: Stays, dossiers: DossierTables, screener: Screener, kinds: Sequence[str]
) -> Stays:
    """The same stays with what the policies of a screener say of each.

    Everybody with a sentence long enough is screened every four weeks of the phase in which a kind
    of decision is asked for (`impact.Asking`), by what was known then and as if there were no deep
    assessment (`impact.screen_days`). Who is sent on to one at some time counts as such; of the
    others who is granted something at some time; the rest is denied. Phases before the last ten
    years, and after what was watched, do not count.

    Parameters
    ----------
    stays
        Read from ``dossiers``.
    screener
        Its models, and its policies: `impact.book_of` lets one hold for all days.
    kinds
        Kinds of decision.

    Raises
    ------
    ImpactError
        If the stays were not read from dossiers, or a policy reads other facts of deep assessments
        than their state.
    PolicyError
        If there is no policy of a kind, or none for a day.
    """
    if stays.person is None:
        raise ImpactError("stays are from a table; expected those that `Stays.of` read")
    outcomes = dict(stays.outcomes)
    for kind in kinds:
        outcomes[kind] = _of_kind(stays, stays.person, dossiers, screener, kind)
    return replace(stays, outcomes=outcomes)


def _of_kind(
    stays: Stays, person: Days, dossiers: DossierTables, screener: Screener, kind: str
) -> npt.NDArray[np.int8]:
    settings = _settings(stays, kind)
    found = np.full(len(stays), NOT_ASKED)
    end = np.where(stays.inside, stays.expected, stays.left)
    left = np.flatnonzero(
        (stays.sentence_days >= settings.asking[0].from_sentence_days) & (end > stays.arrived)
    )
    while len(left):
        # Of who has several stays one at a time: a picture is of a person on a day.
        _, first = np.unique(person[left], return_index=True)
        rows = left[first]
        people = _people(stays.at(rows), end[rows], dossiers.select(person[rows]))
        screened = screen_days(people, screener, settings).kinds[kind]
        found[rows] = _worst(screened, len(rows))
        left = np.delete(left, first)
    return found


def _settings(stays: Stays, kind: str) -> Settings:
    """Meetings over the days that were watched, at most the last ten years of them."""
    end = EPOCH + dt.timedelta(days=stays.seen_until)
    months = min((stays.seen_until - stays.seen_from) // 31 + 1, MOST_MONTHS)
    return Settings.of(
        months_after(end, -months),
        kind,
        capacity=1.0,
        months=months,
        closures=(),
        decision_every_days=EVERY_DAYS,
    )


def _people(stays: Stays, release: Days, dossiers: DossierTables) -> People:
    nothing = np.zeros(len(stays))
    return People(
        dossiers,
        arrived=stays.arrived,
        release=release,
        conditional=stays.conditional,
        sentence_days=stays.sentence_days,
        prison=stays.prison,
        groups={},
        failure=nothing,
        offence_per_day=nothing,
        dangerous=nothing > 0,
    )


def _worst(screened: KindScreens, n: int) -> npt.NDArray[np.int8]:
    """Sent on at some time; else granted at some time; else denied; never asked."""
    counts = screened.last - screened.first
    owner = np.repeat(np.arange(n), counts)
    outcome = screened.outcome[NONE]
    found = np.where(counts > 0, np.int8(DENY), NOT_ASKED)
    for one in (GRANT, DEEP):
        found[owner[outcome == one]] = one
    return found
