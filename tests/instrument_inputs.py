"""Made-up inputs of instruments, for tests."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from risicoscreener.instruments import Instrument

CURRENT = ("ogrs4g", "ogrs4v", "snsv", "osp_dc", "osp_iic", "rsr")
"""Instruments of England and Wales as they are served now."""

STATIC = {
    "sex": "male",
    "assessment_date": "2025-01-01",
    "birth_date": "1990-01-01",
    "conviction_date": "2024-01-01",
    "followup_date": "2026-01-01",
    "age_at_first_sanction": 18,
    "offence_category": "criminal_damage",
    "sanctions": 2,
    "violent_sanctions": 1,
}
DYNAMIC = {
    "accommodation": "some_problems",
    "unemployed": True,
    "partner_relationship": "some_problems",
    "domestic_abuse": False,
    "relationship_status": "in_relationship_living_together",
    "offending_activities": "no_problems",
    "drug_motivation": "partial_motivation",
    "drinking": "no_problems",
    "binge_drinking": "no_problems",
    "impulsivity": "some_problems",
    "temper": "some_problems",
    "attitudes": "no_problems",
    "weapon_in_offence": False,
    "earlier_serious_offences": [],
}
SEXUAL = {
    "supervision": "community",
    "sexual_offence_ever": True,
    "image_sanctions": 1,
    "contact_adult_sanctions": 1,
    "contact_child_sanctions": 0,
    "non_contact_offences": 0,
    "last_sexual_offence_date": "2015-06-01",
}


def complete(id: str, **changes: object) -> dict[str, object]:
    """Valid inputs of one of the current instruments, with changes; None takes one away."""
    instrument = Instrument.load(id, "1.0")
    known = {**STATIC, **DYNAMIC, **SEXUAL}
    inputs = {name: known[name] for name in instrument.inputs if name in known}
    return {k: v for k, v in {**inputs, **changes}.items() if v is not None}


def without(inputs: dict[str, object], *names: str) -> dict[str, object]:
    """The inputs without some."""
    return {name: value for name, value in inputs.items() if name not in names}


_DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2026, 12, 31))


def any_value(instrument: Instrument, name: str) -> st.SearchStrategy:
    """A value of the right type, often within its limits."""
    spec = instrument.inputs[name]
    codes = list(instrument.choices.get(spec.choices, ()))
    if spec.kind == "date":
        return _DAYS
    if spec.kind == "yes_no":
        return st.booleans()
    if spec.kind == "choice":
        return st.sampled_from(codes)
    if spec.kind == "choices":
        return st.lists(st.sampled_from(codes), unique=True)
    if spec.kind == "code":
        return st.sampled_from(["00101", "02700", "99999"])
    return st.integers(int(spec.minimum or 0), int(min(spec.maximum or 60, 60)))


@st.composite
def valid(draw: st.DrawFn, id: str) -> dict[str, object]:
    """Valid inputs of one of the current instruments, all of them answered."""
    instrument = Instrument.load(id, "1.0")
    inputs = {
        name: draw(any_value(instrument, name))
        for name, spec in instrument.inputs.items()
        if not spec.gives
    }
    birth = draw(st.dates(dt.date(1940, 1, 1), dt.date(1999, 12, 31)))
    conviction = draw(_DAYS)
    assessment = draw(st.dates(conviction, dt.date(2030, 12, 31)))
    age = (conviction - birth).days // 366
    sexual = [n for n in SEXUAL if n.endswith(("sanctions", "offences"))]
    counts = {name: draw(st.integers(0, 3)) for name in sexual}
    counts["image_sanctions"] += not any(counts.values())
    fixed = {
        "birth_date": birth,
        "conviction_date": conviction,
        "assessment_date": assessment,
        "followup_date": draw(st.dates(conviction, dt.date(2032, 12, 31))),
        "last_sexual_offence_date": draw(_DAYS),
        "last_offence_date": draw(_DAYS),
        "age_at_first_sanction": draw(st.integers(0, age)),
        "sanctions": draw(
            st.integers(12, 60) if "image_sanctions" in inputs else st.integers(1, 60)
        ),
        **counts,
    }
    inputs |= {name: value for name, value in fixed.items() if name in inputs}
    if inputs.get("sexual_offence_ever") is False:
        inputs |= dict.fromkeys([n for n in sexual if n in inputs], 0)
    if "violent_sanctions" in inputs:
        inputs["violent_sanctions"] = draw(st.integers(0, inputs["sanctions"]))
    return inputs
