"""Interests of victims: which there are, and what became known of them."""

from __future__ import annotations

import numpy as np

from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    code,
    gamma_days,
    happens,
    pick,
    pick_by,
    places,
)
from risicoscreener.synthetic.stages.inquiries import Inquiries
from risicoscreener.synthetic.stages.offences import groups
from risicoscreener.synthetic.stages.rows import Rows, rows
from risicoscreener.synthetic.stages.stay import Stay


def draw_victims(block: Block, stay: Stay) -> Array:
    """Whether there are victims with an interest in the case of each person."""
    p, rng = block.parameters, block.stream("victims' interests")
    share = np.array([p["victims.interest"][name] for name in groups(p)])
    return happens(rng, share[stay.offence.group], block.size)


def victim_rows(block: Block, stay: Stay, interest: Array, inquiries: Inquiries) -> Rows:
    """What became known of victims' interests after inquiry."""
    p, n, rng = block.parameters, block.size, block.stream("victims")
    known_on = inquiries.consulted_on["victims"] + gamma_days(rng, p["victims.known_after"], n)
    grave = (stay.offence.severity >= p["victims.grave_from_grade"]).astype(np.int8)
    wish = pick(rng, p["victims.contact_wish"], "contact_wish", n)
    weights = [p["victims.protection_light"], p["victims.protection_grave"]]
    objects = np.where(grave, p["victims.objects"]["grave"], p["victims.objects"]["light"])
    informed = interest & happens(rng, p["victims.informed"], n)
    informed_on = known_on + gamma_days(rng, p["victims.informed_after"], n)
    states = places("victim_interest", ["none_known", "known"])
    absent = np.int8(-1)
    found = rows(
        "victims",
        np.arange(n),
        known_on=known_on,
        interest=states[interest.astype(np.int8)],
        contact_wish=np.where(interest, wish, absent),
        protection_need=np.where(interest, pick_by(rng, weights, grave, "need"), absent),
        no_contact_asked=np.where(interest, wish == code("contact_wish", "no_contact"), absent),
        area_ban_asked=np.where(interest, happens(rng, p["victims.area_ban"], n), absent),
        objects_to_liberty=np.where(interest, happens(rng, objects, n), absent),
        informed_on=np.where(informed, informed_on, NO_DAY),
        recorded_at=known_on + gamma_days(rng, p["victims.recording"], n),
    )
    return found.where(inquiries.happened("victims") & (known_on < stay.released))
