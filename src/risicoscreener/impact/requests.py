"""Who asks for what on which day: drawn before any policy is known, so that all policies share it.

Whatever a run draws belongs to a person and a turn (their third request, their second assessment),
and not to the order in which things happen. So in two scenarios with the same seed the same people
ask on the same days, and the same assessment takes as long and finds the same: what differs is the
policy and not luck (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import gamma

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.impact.people import People
from risicoscreener.impact.screens import phase_of
from risicoscreener.impact.settings import Asking, Assessing, Settings

FloatArray = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

TURNS = 16
"""Assessments of one person that are drawn; after that the first ones come again."""
DAYS_PER_MONTH = 30.4375


@dataclass(frozen=True, eq=False)
class Requests:
    """Requests in the order of the day, as arrays of shape (n,); days count from the start.

    Attributes
    ----------
    person, kind
        Position among the people, and among ``settings.asking``.
    asked_on, wanted_on
        When, and for which day; ``wanted_on`` is that of the event if it is bound to one.
    bound
        Whether it is lost if it is not decided by then.
    """

    person: Places
    kind: Places
    asked_on: FloatArray
    wanted_on: FloatArray
    bound: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.person)


def draw_requests(people: People, settings: Settings, replicate: int) -> Requests:
    """The requests of one replicate."""
    parts = [
        _of_kind(people, settings, asking, place, replicate)
        for place, asking in enumerate(settings.asking)
    ]
    person, kind, asked, wanted, bound = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    order = np.lexsort((kind, person, asked))
    return Requests(person[order], kind[order], asked[order], wanted[order], bound[order])


def _of_kind(
    people: People, settings: Settings, asking: Asking, place: int, replicate: int
) -> tuple[Places, Places, FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    rng = np.random.default_rng([settings.seed, replicate, 1, place])
    start = (settings.start - EPOCH).days
    first, release = phase_of(asking, people)
    begin = np.maximum(first - start, settings.first_day).astype(np.float64)
    days = np.minimum(release - start, settings.n_days) - begin
    if asking.once_before_days is None:
        counts = rng.poisson(asking.per_month / DAYS_PER_MONTH * np.maximum(days, 0))
        person = np.repeat(np.arange(len(people)), counts)
        asked = begin[person] + rng.random(len(person)) * days[person]
    else:
        person = np.flatnonzero((days > 0) & (first - start >= settings.first_day))
        asked = begin[person]
    n = len(person)
    bound = rng.random(n) < asking.time_bound_share
    mark = rng.random(n)
    lead = np.where(bound, _between(mark, asking.time_bound_days), _between(mark, asking.lead_days))
    return person, np.full(n, place), asked, asked + lead, bound


def _between(mark: FloatArray, bounds: tuple[int, int]) -> FloatArray:
    low, high = bounds
    return low + mark * (high - low)


@dataclass(frozen=True, eq=False)
class AssessmentDraws:
    """For each person and turn, shape (n, `TURNS`): days of work as a part of the mean, and marks.

    Attributes
    ----------
    work
        Days of work divided by their mean.
    finds, unclear, discipline
        Uniform marks for the outcome, for no outcome, and for who makes it.
    """

    work: FloatArray
    finds: FloatArray
    unclear: FloatArray
    discipline: FloatArray


def draw_assessments(
    n_people: int, assessing: Assessing, seed: int, replicate: int
) -> AssessmentDraws:
    """The chance in the assessments of one replicate."""
    rng = np.random.default_rng([seed, replicate, 2])
    marks = rng.random((4, n_people, TURNS))
    shape = assessing.service_shape
    # By quantiles, so that with another spread the same assessments are the long ones.
    work = np.ones((n_people, TURNS))
    if np.isfinite(shape):
        work = gamma.ppf(marks[0], shape, scale=1 / shape)
    return AssessmentDraws(work, *marks[1:])
