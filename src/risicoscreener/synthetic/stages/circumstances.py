"""Circumstances outside: what is so, and what of it comes to light in the dossier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    Stream,
    code,
    gamma,
    gamma_days,
    happens,
    pick,
    pick_by,
    poisson,
    probability,
)
from risicoscreener.synthetic.stages.inquiries import Inquiries
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, rows, stack
from risicoscreener.synthetic.stages.spells import rank_in_owner, sums_in_owner
from risicoscreener.synthetic.stages.stay import Stay


@dataclass(frozen=True)
class Circumstances:
    """How people live; true states, whether known or not.

    Attributes
    ----------
    diagnosable
        Whether a full diagnosis would find the disability, by stricter criteria than a screening.
    prone
        Inclined to misconduct inside.
    place
        What disadvantage and origin add to the place of one's municipalities in their order, on a
        standard normal scale.
    work_chance
        The chance of being in work, given all before it.
    """

    addicted: Array
    disabled: Array
    diagnosable: Array
    disordered: Array
    treated: Array
    problematic_debt: Array
    homeless: Array
    in_work: Array
    work_chance: Array
    no_id: Array
    prone: Array
    place: Array

    @property
    def as_variables(self) -> dict[str, Array]:
        """The variables that linear predictors name."""
        names = (
            "addicted disabled diagnosable disordered treated problematic_debt homeless in_work "
            "no_id prone"
        )
        return {name: getattr(self, name).astype(np.float64) for name in names.split()}


def draw_circumstances(block: Block, people: People) -> Circumstances:
    """The circumstances of the people of a block, each after those that it depends on."""
    p, n, rng = block.parameters, block.size, block.stream("circumstances")
    known = people.as_variables(p)

    def chance(name: str) -> Array:
        return probability(p.linear(f"circumstances.{name}", known))

    def draw(name: str, variable: str) -> Array:
        found = happens(rng, chance(name), n)
        known[variable] = found.astype(np.float64)
        return found

    addicted = draw("addiction", "addicted")
    disabled = draw("intellectual_disability", "disabled")
    disordered = draw("mental_disorder", "disordered")
    treated = draw("treatment", "treated")
    debt = draw("problematic_debt", "problematic_debt")
    homeless = draw("homeless", "homeless")
    work_chance = chance("in_work")
    return Circumstances(
        addicted=addicted,
        disabled=disabled,
        diagnosable=disabled & _meets_criteria(block),
        disordered=disordered,
        treated=treated,
        problematic_debt=debt,
        homeless=homeless,
        in_work=draw("in_work", "in_work"),
        work_chance=work_chance,
        no_id=draw("no_id", "no_id"),
        prone=draw("misconduct_prone", "prone"),
        place=_place(p, people),
    )


def _place(p: Parameters, people: People) -> Array:
    on, share = p["circumstances.municipality.on"], p["people.born_abroad_share"]
    spread = np.sqrt(share * (1.0 - share)) or 1.0
    origin = (people.born_abroad - share) / spread
    return np.asarray(on["disadvantage"] * people.disadvantage + on["born_abroad"] * origin)


def _municipalities(block: Block, place: Array, count: int) -> Array:
    """Positions of municipalities, each as likely as any other where nothing segregates people."""
    from scipy.special import ndtr

    on = block.parameters["circumstances.municipality.on"]
    own = np.sqrt(1.0 - sum(correlation**2 for correlation in on.values()))
    z = place + own * block.stream("municipality").standard_normal(len(place))
    return np.minimum(np.floor(ndtr(z) * count), count - 1).astype(np.int32)


def _meets_criteria(block: Block) -> Array:
    """Whether a disability of each person, if there is one, meets the criteria of a diagnosis."""
    rng = block.stream("criteria of a diagnosis")
    return happens(rng, block.parameters["circumstances.diagnosable_share"], block.size)


@dataclass(frozen=True)
class _Spells:
    owner: Array
    from_on: Array
    until_on: Array
    is_last: Array


def _spells(rng: Stream, p: Parameters, stay: Stay, state: Circumstances) -> _Spells:
    """Spells back in time from arrival; the last one lasts."""
    mean = p["circumstances.earlier_spells"]
    earlier = poisson(
        rng, np.where(state.homeless, mean["homeless"], mean["settled"]), len(stay.born)
    )
    owner = np.repeat(np.arange(len(stay.born), dtype=np.int32), earlier + 1)
    length = np.maximum(gamma_days(rng, p["circumstances.spell_days"], len(owner)), 1)
    from_on = (stay.arrived[owner] - sums_in_owner(owner, length)).astype(np.int32)
    is_last = rank_in_owner(owner) == 0
    until_on = np.where(is_last, NO_DAY, from_on + length)
    adult_on = stay.born + np.floor(p["people.least_age"] * p["calendar.days_per_year"])
    kept = is_last | (until_on > adult_on[owner])
    from_on = np.maximum(from_on, np.minimum(adult_on, stay.arrived)[owner]).astype(np.int32)
    return _Spells(owner[kept], from_on[kept], until_on[kept], is_last[kept])


def housing_rows(block: Block, stay: Stay, state: Circumstances, inquiries: Inquiries) -> Rows:
    """Where people lived and live, as far as it came to light."""
    p, rng = block.parameters, block.stream("housing")
    spells = _spells(rng, p, stay, state)
    n = len(spells.owner)
    settled, homeless = p["circumstances.housing.settled"], p["circumstances.housing.homeless"]
    kind = np.where(state.homeless[spells.owner], np.where(spells.is_last, 1, 2), 0)
    status = pick_by(rng, [settled, homeless, {**settled, **homeless}], kind, "housing_status")
    check = pick(rng, p["circumstances.address_check"], "address_check", n)
    check = np.where(spells.is_last, check, np.int8(code("address_check", "not_checked")))
    count = p["circumstances.municipalities"]
    names = np.array([*(f"GM-{i + 1:03d}" for i in range(count)), ""])
    municipality = _municipalities(block, state.place[spells.owner], count)
    nowhere = status == code("housing_status", "none")
    found = rows(
        "housing",
        spells.owner,
        status=status,
        from_on=spells.from_on,
        until_on=spells.until_on,
        municipality=names[np.where(nowhere, count, municipality)],
        address_check=check,
        recorded_at=_recorded(rng, p, spells, inquiries, "housing"),
    )
    return found.where(inquiries.reveals(rng, p, "housing", spells.owner))


def income_rows(block: Block, stay: Stay, state: Circumstances, inquiries: Inquiries) -> Rows:
    """Work, benefits and education, as far as they came to light."""
    p, rng = block.parameters, block.stream("income")
    spells = _spells(rng, p, stay, state)
    n = len(spells.owner)
    worked = happens(rng, state.work_chance[spells.owner], n)
    worked = np.where(spells.is_last, state.in_work[spells.owner], worked)
    other = pick(rng, p["circumstances.income_without_work"], "income_kind", n)
    hours = np.round(gamma(rng, p["circumstances.hours.work"], n))
    found = rows(
        "income_work",
        spells.owner,
        kind=np.where(worked, np.int8(code("income_kind", "work")), other),
        from_on=spells.from_on,
        until_on=spells.until_on,
        hours_per_week=np.where(worked, np.minimum(hours, 80.0), np.nan),
        recorded_at=_recorded(rng, p, spells, inquiries, "income_work"),
    )
    return found.where(inquiries.reveals(rng, p, "income_work", spells.owner))


def _recorded(
    rng: Stream, p: Parameters, spells: _Spells, inquiries: Inquiries, subject: str
) -> Array:
    lag = gamma_days(rng, p["circumstances.recording"], len(spells.owner))
    return np.maximum(spells.from_on + lag, inquiries.consulted_on[subject][spells.owner])


def care_rows(block: Block, stay: Stay, state: Circumstances, inquiries: Inquiries) -> Rows:
    """Identity, insurance, treatment and indications, as far as they came to light."""
    p, n, rng = block.parameters, block.size, block.stream("care")
    screener = p["circumstances.screener"]
    screened = np.where(state.disabled, screener["sensitivity"], screener["false_alarm"])
    findings = {
        "valid_id": ~state.no_id,
        "health_insurance": ~happens(rng, p["circumstances.uninsured"], n),
        "treatment": state.treated,
        "addiction": state.addicted,
        "mental_health": state.disordered & happens(rng, p["circumstances.disorder_detected"], n),
        _DISABILITY: happens(rng, screened, n),
    }
    who = np.arange(n, dtype=np.int32)
    begin = inquiries.consulted_on["identity_care"]
    parts = []
    for kind, found in findings.items():
        lag = gamma_days(rng, p["inquiries.recording"], n)
        part = _care(kind, who, found, begin, begin + lag)
        part = part.where(inquiries.reveals(rng, p, "identity_care", who))
        parts += _examined(block, stay, state, part) if kind == _DISABILITY else [part]
    return stack(parts)


_DISABILITY = "intellectual_disability"
_SCREENER, _DIAGNOSIS = "screener", "diagnosis"


def _care(kind: str, who: Array, found: Array, from_on: Array, recorded_at: Array) -> Rows:
    yes, no = np.int8(code("finding", "yes")), np.int8(code("finding", "no"))
    return rows(
        "identity_care",
        who,
        kind=code("care_kind", kind),
        finding=np.where(found, yes, no),
        from_on=from_on,
        recorded_at=recorded_at,
    )


def _examined(block: Block, stay: Stay, state: Circumstances, screened: Rows) -> list[Rows]:
    """Screenings, and for some of those found by one a diagnosis that takes its place."""
    p, rng = block.parameters, block.stream("diagnosis of disability")
    who, begin = screened.owner, screened.columns["from_on"]
    day = begin + gamma_days(rng, p["circumstances.diagnosis_after"], block.size)[who]
    asked = happens(rng, p["circumstances.diagnosis_asked"], block.size)[who]
    recorded = day + gamma_days(rng, p["inquiries.recording"], block.size)[who]
    positive = screened.columns["finding"] == code("finding", "yes")
    done = positive & asked & (day < stay.released[who])
    recorded = np.maximum(recorded, screened.columns["recorded_at"])
    diagnosed = _care(_DISABILITY, who, state.diagnosable[who], day, recorded).where(done)
    return [
        screened.with_columns(instrument=_SCREENER, fact_id=np.where(done, _SCREENER, "")),
        diagnosed.with_columns(instrument=_DIAGNOSIS, supersedes=_SCREENER),
    ]
