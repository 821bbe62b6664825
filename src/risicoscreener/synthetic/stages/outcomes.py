"""What happens after release: true cases, which of them are registered, and later facts.

True cases of a person are a Poisson process with the hazard of the curve times a level, until an
event that rules them out. Violent cases, serious ones and registered ones are parts of it, chosen
case by case, so that the probability of each kind by any horizon is known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.curve import NEVER, Curve, reference_days, whole_days
from risicoscreener.synthetic.stages.detection import Detection, custody_odds
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    choose_by,
    gamma_days,
    places,
    probability,
)
from risicoscreener.synthetic.stages.followup import FollowUp, draw_follow_up, followed_days
from risicoscreener.synthetic.stages.history import History, intended_stays, served
from risicoscreener.synthetic.stages.interventions import Interventions
from risicoscreener.synthetic.stages.offences import (
    convictions_for,
    draw_sanctions,
    graded,
    groups,
    is_in,
    weights_of_classes,
)
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, stack
from risicoscreener.synthetic.stages.stay import Stay
from risicoscreener.synthetic.stages.swapping import added_by_formula

ANY, VIOLENCE, SERIOUS = "any", "violence", "serious_violence"
OUTCOMES = (ANY, VIOLENCE, SERIOUS)
"""Kinds of cases, each a part of the one before; cases hold the place of the narrowest."""
_LEAST_CHANCE = 1e-9
"""Nobody is certain to come to a case, or not to: hazards are finite and above zero."""


@dataclass(frozen=True)
class Risk:
    """What determines the cases after release.

    Attributes
    ----------
    level
        Of the hazard of true cases, with what people received, shape (n,).
    base
        The same without any intervention.
    violent, serious
        Share of true cases that are violent, and of those that are serious.
    seen
        Share of true cases that is registered.
    """

    curve: Curve
    level: Array
    base: Array
    violent: Array
    serious: Array
    seen: Array

    def part(self, outcome: str) -> Array:
        """Share of true cases that count for an outcome."""
        of = {ANY: np.ones_like(self.level), VIOLENCE: self.violent}
        return of[outcome] if outcome in of else self.violent * self.serious


@dataclass(frozen=True)
class Cases:
    """True cases in the days followed, in the order of owner and time.

    Attributes
    ----------
    reached
        The cumulative hazard, for a level of one, at which each case lies.
    time
        Days after release.
    kind
        Place in `OUTCOMES` of the narrowest outcome for which it counts.
    mark
        Uniform; a case is registered if its mark lies under the share that is.
    """

    owner: Array
    reached: Array
    time: Array
    kind: Array
    mark: Array

    def where(self, kept: Array) -> Cases:
        """Only some of the cases."""
        return Cases(
            self.owner[kept],
            self.reached[kept],
            self.time[kept],
            self.kind[kept],
            self.mark[kept],
        )


@dataclass(frozen=True)
class Outcomes:
    """What happens after release.

    Attributes
    ----------
    risk, follow_up
        What determines it, and what else could end the time after release.
    drawn
        All cases, also those that come only under an intervention that was not received.
    cases
        True cases before the end of the time after release.
    registered
        Whether each case is in a register that is read late enough.
    recorded_at
        Day on which each would be recorded.
    convictions, detentions
        Registered facts.
    """

    size: int
    risk: Risk
    follow_up: FollowUp
    drawn: Cases
    cases: Cases
    registered: Array
    recorded_at: Array
    convictions: Rows
    detentions: Rows

    @cached_property
    def day(self) -> Array:
        """Whole days from release to each case."""
        return whole_days(self.cases.time)

    def first(self, outcome: str, among: Array | None = None) -> Array:
        """Days from release to the first case that counts for an outcome, `NEVER` without one."""
        counted = self.cases.kind >= OUTCOMES.index(outcome)
        if among is not None:
            counted = counted & among
        return first_of(self.size, self.cases.owner, self.day, counted, NEVER)

    def first_registered_on(self, stay: Stay) -> Array:
        """Day of the first registered case of each person, `NO_DAY` where there is none."""
        first = self.first(ANY, self.registered)
        return np.where(first < NEVER, stay.released + first, NO_DAY).astype(np.int32)


def first_of(n: int, owner: Array, value: Array, chosen: Array, otherwise: object) -> Array:
    """The first chosen value of each owner; rows stand in the order of owner and value."""
    first = np.full(n, otherwise, dtype=value.dtype)
    places = np.flatnonzero(chosen)[::-1]
    first[owner[places]] = value[places]
    return first


def draw_outcomes(
    block: Block,
    people: People,
    stay: Stay,
    history: History,
    state: Circumstances,
    detected: Detection,
    helped: Interventions,
) -> Outcomes:
    """What happens after release to the people of a block."""
    p, n = block.parameters, block.size
    risk = _risk(p, people, stay, history, state, detected, helped)
    follow_up = draw_follow_up(block, people, stay, state)
    cases = _cases(block, risk, helped)
    kept = (cases.time < follow_up.time[cases.owner]) & np.isfinite(cases.time)
    factual = cases.where(kept)
    registered = factual.mark < risk.seen[factual.owner]
    last_day = _last_days(stay, follow_up)
    convictions = _convictions(block, people, stay, factual, last_day)
    later = _detentions(block, stay, convictions, registered, follow_up, last_day)
    return Outcomes(
        size=n,
        risk=risk,
        follow_up=follow_up,
        drawn=cases,
        cases=factual,
        registered=registered,
        recorded_at=convictions.columns["recorded_at"],
        convictions=convictions.where(registered),
        detentions=later,
    )


def _risk(
    p: Parameters,
    people: People,
    stay: Stay,
    history: History,
    state: Circumstances,
    detected: Detection,
    helped: Interventions,
) -> Risk:
    curve, variables = Curve.of_person(p), _variables(p, people, stay, history, state)
    log_odds = p.linear("outcomes.any_2y", variables) + _of_year(p, stay)
    chance = probability(log_odds + added_by_formula(p, variables, stay.days))
    chance = np.clip(chance, _LEAST_CHANCE, 1.0 - _LEAST_CHANCE)
    base = curve.level(chance, reference_days(p)) / detected.neutral
    return Risk(
        curve=curve,
        level=base * helped.factor,
        base=base,
        violent=probability(p.linear("outcomes.violent_share", variables)),
        serious=probability(p.linear("outcomes.serious_share", variables)),
        seen=detected.under(p["interventions.seen_odds_ratio"], helped.is_supervised),
    )


def _variables(
    p: Parameters, people: People, stay: Stay, history: History, state: Circumstances
) -> dict[str, Array]:
    known = {**people.as_variables(p), **state.as_variables, **history.as_variables}
    known["age"] = known["age"] + stay.days / p["calendar.days_per_year"]
    for place, name in enumerate(groups(p)):
        known[f"index_{name}"] = (stay.offence.group == place).astype(np.float64)
    return known


def _of_year(p: Parameters, stay: Stay) -> Array:
    """What the year of release adds to the log odds of a case."""
    by_year = p["outcomes.level_by_year"]
    years = np.array([int(year) for year in by_year], dtype=np.float64)
    released = 1970.0 + stay.released / p["calendar.days_per_year"]
    return np.interp(released, years, np.array(list(by_year.values())))


def _cases(block: Block, risk: Risk, helped: Interventions) -> Cases:
    """True cases, also those that would come only under an intervention that was not received.

    They are drawn on the scale of the cumulative hazard, as far as any alternative can reach, one
    case of everybody at a time. So nobody's cases depend on the level of anybody else, and the
    same draws serve for all levels of one person.
    """
    p, n = block.parameters, block.size
    gaps, marks = block.stream("gaps between cases"), block.stream("marks of cases")
    most = risk.base * helped.highest_factor * risk.curve.at(followed_days(p))
    reached, drawn = np.zeros(n), []
    while (reached < most).any():
        reached = reached + gaps.exponential(size=n)
        who = np.flatnonzero(reached < most)
        drawn.append((who, reached[who], *marks.random((3, n))[:, who]))
    owner, at, mark, of_violence, of_severity = map(np.concatenate, zip(*drawn, strict=True))
    order = np.argsort(owner, kind="stable")
    owner, at, mark = owner[order].astype(np.int32), at[order], mark[order]
    violent = of_violence[order] < risk.violent[owner]
    serious = violent & (of_severity[order] < risk.serious[owner])
    kind = violent.astype(np.int8) + serious
    return Cases(owner, at, risk.curve.time_of(at / risk.level[owner]), kind.astype(np.int8), mark)


def _last_days(stay: Stay, follow_up: FollowUp) -> Array:
    """The day of death or deportation of each person, far off for the others."""
    gone = follow_up.happened("death") | follow_up.happened("deportation")
    return np.where(gone, stay.released + follow_up.day, NEVER).astype(np.int32)


def _convictions(block: Block, people: People, stay: Stay, cases: Cases, last_day: Array) -> Rows:
    """What a register would hold of each true case; their last day closes what is open."""
    p, rng, owner = block.parameters, block.stream("later facts"), cases.owner
    n = len(owner)
    classes = choose_by(rng, _weights_by_kind(p), cases.kind)
    offences = graded(rng, p, np.zeros(n, dtype=np.int8), classes)
    odds = custody_odds(p, people)[owner]
    factor = p["outcomes.custodial_factor"]
    sanctions = draw_sanctions(rng, p, offences.severity, factor, odds)
    offence_on = stay.released[owner] + whole_days(cases.time)
    judged = offence_on + gamma_days(rng, p["registration.disposal_lag"], n)
    judged = np.minimum(judged, last_day[owner])
    return convictions_for(rng, p, owner, offences, sanctions, offence_on, judged)


def _weights_by_kind(p: Parameters) -> Array:
    """Weights of the classes for each kind of case, shape (3, classes)."""
    mix = np.array(list(p["offences.mix"].values()))
    of_group = weights_of_classes(p)
    weights = (mix[:, None] * of_group / of_group.sum(axis=1, keepdims=True)).sum(axis=0)
    classes = np.arange(len(weights))
    violent = is_in("offence_class", "violent", classes)
    serious = is_in("offence_class", "serious_violent", classes)
    return np.array([weights * ~violent, weights * (violent & ~serious), weights * serious])


def _detentions(
    block: Block,
    stay: Stay,
    cases: Rows,
    registered: Array,
    follow_up: FollowUp,
    last_day: Array,
) -> Rows:
    """Stays that came with registered cases, and those for an older matter."""
    p, rng = block.parameters, block.stream("later stays")
    begin = cases.columns["offence_on"] + gamma_days(
        rng, p["detention.remand_gap_days"], len(cases)
    )
    days = cases.columns["custodial_days"]
    remand, arrestant = places("regime", ["remand", "arrestant"])
    held = intended_stays(rng, p, cases.owner, begin, days, remand)
    who = np.flatnonzero(follow_up.happened("new_detention")).astype(np.int32)
    short = gamma_days(rng, p["followup.new_detention_days"], len(who))
    day = (stay.released + follow_up.day)[who]
    older = intended_stays(rng, p, who, day, short, arrestant)
    intended = stack([held.where(registered & (days >= 0)), older])
    return served(_before(intended, last_day), cases.where(registered))


def _before(intended: Rows, last_day: Array) -> Rows:
    """Stays that begin before the last day of their owner, and end by it."""
    last = last_day[intended.owner]
    cut = intended.with_columns(released_on=np.minimum(intended.columns["released_on"], last))
    return cut.where(intended.columns["arrived_on"] < last)
