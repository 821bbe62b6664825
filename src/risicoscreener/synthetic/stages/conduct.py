"""Conduct inside: weekly reviews in two categories, incidents and positive acts.

Incidents happen whether or not they are registered: the prison decides which of them a dossier
shows, and what reviews follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.draws import (
    Array,
    Block,
    Stream,
    choose,
    code,
    gamma_days,
    happens,
    pick,
    pick_by,
    places,
    poisson,
    probability,
)
from risicoscreener.synthetic.stages.offences import is_in
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, repeat, rows, stack
from risicoscreener.synthetic.stages.stay import Stay

_CATEGORIES = ("reintegration", "living_climate")
_GRADES = ("undesired", "intolerable")
_DESIRED, _UNDESIRED, _INTOLERABLE = range(3)
_REGISTER_SOME, _REGISTER_ALL, _REGISTER_NONE = range(3)


@dataclass(frozen=True)
class Weeks:
    """Every whole week of every stay.

    Attributes
    ----------
    grade
        The worst of the two reviews of a week: desired (0), undesired (1) or intolerable (2).
    """

    owner: Array
    reviewed_on: Array
    grade: Array

    @property
    def desired(self) -> Array:
        """Whether both reviews were good."""
        return self.grade == _DESIRED

    @property
    def intolerable(self) -> Array:
        """Whether one of the reviews was of intolerable conduct."""
        return self.grade == _INTOLERABLE


@dataclass(frozen=True)
class Conduct:
    """Conduct of the people of a block.

    Attributes
    ----------
    incident_owner, incident_on
        Person and day of each true incident, registered or not, in the order of person and day.
    true_incidents
        Number of true incidents of each person, shape (n,).
    weeks
        Weeks as they were reviewed.
    rows
        What was registered.
    """

    incident_owner: Array
    incident_on: Array
    true_incidents: Array
    weeks: Weeks
    rows: Rows


def conduct_variables(people: People, stay: Stay, state: Circumstances) -> dict[str, Array]:
    """The variables that linear predictors of conduct name."""
    return {
        "propensity": people.propensity,
        "prone": state.prone.astype(np.float64),
        "prison": stay.prison_effect,
    }


def draw_conduct(block: Block, people: People, stay: Stay, state: Circumstances) -> Conduct:
    """Conduct of the people of a block during the present stay."""
    variables = conduct_variables(people, stay, state)
    true = _incidents(block, people, stay, variables)
    registering = _registering(block, stay)
    registered = true.where(_registered(block, variables, registering, true.owner))
    weeks, reviews = _weeks(block, stay, variables, registered, registering == _REGISTER_NONE)
    acts = _positive_acts(block, stay)
    return Conduct(
        incident_owner=true.owner,
        incident_on=true.columns["occurred_on"],
        true_incidents=np.bincount(true.owner, minlength=block.size),
        weeks=weeks,
        rows=stack([reviews, registered, acts]),
    )


def _registering(block: Block, stay: Stay) -> Array:
    """How the prison of each person registers: some, all or none of what happens."""
    p = block.parameters
    of_all = p["conduct.prisons_registering_all"]
    of_none = of_all + p["conduct.prisons_registering_none"]
    return np.where(
        stay.prison < of_all,
        _REGISTER_ALL,
        np.where(stay.prison < of_none, _REGISTER_NONE, _REGISTER_SOME),
    )


def _registered(
    block: Block, variables: dict[str, Array], registering: Array, owner: Array
) -> Array:
    """Whether each incident is registered; the share differs between prisons."""
    share = probability(block.parameters.linear("conduct.registered", variables))
    share = np.where(registering == _REGISTER_ALL, 1.0, share)
    share = np.where(registering == _REGISTER_NONE, 0.0, share)
    return happens(block.stream("registered incidents"), share[owner], len(owner))


def _incidents(block: Block, people: People, stay: Stay, variables: dict[str, Array]) -> Rows:
    """True incidents, as each would be registered."""
    p, rng = block.parameters, block.stream("incidents")
    rate = np.exp(p.linear("conduct.incidents_per_week", variables))
    owner, day = _days_inside(rng, stay, rate)
    grade = pick(rng, p["conduct.incident_grade"], "grade", len(owner))
    subject = _subjects(rng, p, grade, people.violence_trait[owner])
    grade = _redefined(p, grade, subject, day)
    kind = (grade == code("grade", "intolerable")).astype(np.int8)
    discipline = pick_by(
        rng, [p[f"conduct.discipline.{name}"] for name in _GRADES], kind, "discipline"
    )
    found = rows(
        "conduct",
        owner,
        occurred_on=day,
        kind=code("conduct_kind", "incident"),
        category=_categories(p)[subject],
        grade=grade,
        subject=subject,
        discipline=discipline,
        recorded_at=day + gamma_days(rng, p["conduct.recording"], len(owner)),
    )
    return stack([found])


def _days_inside(rng: Stream, stay: Stay, per_week: Array | float) -> tuple[Array, Array]:
    """Owner and day of events that happen at a rate during the stay."""
    count = poisson(rng, per_week * stay.days / 7.0, len(stay.born))
    owner = np.repeat(np.arange(len(stay.born), dtype=np.int32), count)
    after = np.floor(rng.random(len(owner)) * stay.days[owner])
    return owner, (stay.arrived[owner] + after).astype(np.int32)


def _subjects(rng: Stream, p: Parameters, grade: Array, trait: Array) -> Array:
    names = list(vocabularies()["conduct_subject"].codes)
    weights = np.array(
        [[p[f"conduct.subject.{g}"].get(name, 0.0) for name in names] for g in _GRADES]
    )
    kind = (grade == code("grade", "intolerable")).astype(np.int8)
    violent = is_in("conduct_subject", "violent", np.arange(len(names)))
    tilt = np.exp(p["conduct.violent_tilt"] * trait)
    return choose(rng, weights[kind] * np.where(violent, tilt[:, None], 1.0)).astype(np.int8)


def _redefined(p: Parameters, grade: Array, subject: Array, day: Array) -> Array:
    """Grades where, from a day on, more subjects count as intolerable."""
    wider = places("conduct_subject", p["conduct.intolerable_subjects"])
    counts = np.isin(subject, wider) & (day >= p["conduct.intolerable_from"])
    return np.where(counts, np.int8(code("grade", "intolerable")), grade)


def _categories(p: Parameters) -> Array:
    """The category of conduct for each subject."""
    of_subject = p["conduct.category.by_subject"]
    names = vocabularies()["conduct_subject"].codes
    return places("conduct_category", [of_subject[name] for name in names])


def _weeks(
    block: Block,
    stay: Stay,
    variables: dict[str, Array],
    incidents: Rows,
    always_desired: Array,
) -> tuple[Weeks, Rows]:
    """Weeks with their grades, and the two reviews of each.

    Parameters
    ----------
    incidents
        Those that were registered.
    always_desired
        Whether the prison of each person notes nothing else, shape (n,).
    """
    p, rng = block.parameters, block.stream("weeks")
    owner, number = repeat(stay.weeks)
    n = len(owner)
    reviewed = (stay.arrived[owner] + 7 * (number + 1)).astype(np.int32)
    grades = np.empty((n, len(_CATEGORIES)), dtype=np.int8)
    for i, category in enumerate(_CATEGORIES):
        extra = {name: np.float64(name == category) for name in _CATEGORIES}
        chance = probability(p.linear("conduct.undesired_week", {**variables, **extra}))
        chance = np.where(always_desired, 0.0, chance)
        grades[:, i] = rng.random(n, dtype=np.float32) < chance.astype(np.float32)[owner]
    _count_incidents(grades, stay, incidents)
    lag = gamma_days(rng, p["conduct.recording"], n)
    codes = places("grade", ["desired", *_GRADES])
    reviews = rows(
        "conduct",
        np.repeat(owner, len(_CATEGORIES)),
        occurred_on=np.repeat(reviewed, len(_CATEGORIES)),
        kind=code("conduct_kind", "week_review"),
        category=np.tile(places("conduct_category", _CATEGORIES), n),
        grade=codes[grades.ravel()],
        subject=code("conduct_subject", "other"),
        discipline=code("discipline", "none"),
        recorded_at=np.repeat(reviewed + lag, len(_CATEGORIES)),
    )
    return Weeks(owner, reviewed, np.maximum(*grades.T)), reviews


def _count_incidents(grades: Array, stay: Stay, incidents: Rows) -> None:
    """A week is never reviewed better than the worst incident in it."""
    owner, weeks = incidents.owner, stay.weeks
    week = (incidents.columns["occurred_on"] - stay.arrived[owner]) // 7
    within = week < weeks[owner]
    owner, week = owner[within], week[within]
    first = np.cumsum(weeks) - weeks
    kinds = places("conduct_category", _CATEGORIES)
    category = np.searchsorted(kinds, incidents.columns["category"][within])
    is_worst = incidents.columns["grade"][within] == code("grade", "intolerable")
    grade = np.where(is_worst, _INTOLERABLE, _UNDESIRED).astype(np.int8)
    np.maximum.at(grades, (first[owner] + week, category), grade)


def _positive_acts(block: Block, stay: Stay) -> Rows:
    p, rng = block.parameters, block.stream("positive acts")
    owner, day = _days_inside(rng, stay, p["conduct.positive_acts_per_week"])
    subject = pick(rng, p["conduct.subject.positive"], "conduct_subject", len(owner))
    return rows(
        "conduct",
        owner,
        occurred_on=day,
        kind=code("conduct_kind", "positive_act"),
        category=_categories(p)[subject],
        grade=code("grade", "desired"),
        subject=subject,
        discipline=code("discipline", "none"),
        recorded_at=day + gamma_days(rng, p["conduct.recording"], len(owner)),
    )
