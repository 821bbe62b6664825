"""Which parts of the dossier were inquired into, when, and how completely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import (
    Array,
    Block,
    Stream,
    choose_by,
    code,
    gamma_days,
    happens,
    probability,
)
from risicoscreener.synthetic.stages.rows import Rows, repeat, rows, stack
from risicoscreener.synthetic.stages.stay import Stay

CIRCUMSTANCES = ("housing", "income_work", "debts", "identity_care")
OWN_REGISTERS = ("convictions", "conduct", "programme", "liberties", "assessments")
_NONE, _PARTIAL, _COMPLETE = range(3)


@dataclass(frozen=True)
class Inquiries:
    """What the prison set out to learn.

    Attributes
    ----------
    extent
        By subject: none (0), partial (1) or complete (2), for each person.
    consulted_on
        By subject the day of the first inquiry.
    """

    extent: dict[str, Array]
    consulted_on: dict[str, Array]

    def happened(self, subject: str) -> Array:
        """Whether there was an inquiry into a subject."""
        return self.extent[subject] != _NONE

    def reveals(self, rng: Stream, p: Parameters, subject: str, owner: Array) -> Array:
        """Whether each fact of some owners comes to light."""
        extent = self.extent[subject][owner]
        in_part = happens(rng, p["circumstances.partial_share"], len(owner))
        return (extent == _COMPLETE) | ((extent == _PARTIAL) & in_part)


def draw_inquiries(block: Block, stay: Stay) -> Inquiries:
    """The inquiries into the dossiers of the people of a block."""
    p, n, rng = block.parameters, block.size, block.stream("inquiries")
    intake = happens(
        rng, probability(p.linear("inquiries.intake", {"log_stay": stay.log_months})), n
    )
    begin = stay.arrived + gamma_days(rng, p["inquiries.after_arrival"], n)
    extent, consulted = {}, {}
    for subject in CIRCUMSTANCES:
        extent[subject] = np.where(begin < stay.released, _circumstances(rng, p, intake), _NONE)
        consulted[subject] = begin
    for subject in OWN_REGISTERS:
        whole = happens(rng, p["inquiries.own_registers"], n)
        extent[subject] = np.where(whole, _COMPLETE, _PARTIAL)
        consulted[subject] = stay.arrived
    chance = np.where(stay.is_sentenced, p["inquiries.victims"], p["inquiries.victims_otherwise"])
    asked = happens(rng, chance, n) & (begin < stay.released)
    extent["victims"] = np.where(asked, _COMPLETE, _NONE)
    consulted["victims"] = begin
    return Inquiries(extent, consulted)


def _circumstances(rng: Stream, p: Parameters, intake: Array) -> Array:
    n = len(intake)
    after = np.where(happens(rng, p["inquiries.complete_after_intake"], n), _COMPLETE, _PARTIAL)
    weights = np.array([list(p["inquiries.otherwise"].values())])
    return np.where(intake, after, choose_by(rng, weights, np.zeros(n, dtype=np.int64)))


def inquiry_rows(block: Block, stay: Stay, inquiries: Inquiries) -> Rows:
    """Every inquiry, renewed as long as the stay lasts."""
    p, rng = block.parameters, block.stream("inquiry rows")
    every = p["inquiries.every_days"]
    parts = []
    for subject, source in p["inquiries.source"].items():
        begin = inquiries.consulted_on[subject]
        times = np.where(inquiries.happened(subject), 1 + (stay.released - 1 - begin) // every, 0)
        owner, place = repeat(np.maximum(times, 0))
        consulted = (begin[owner] + place * every).astype(np.int32)
        lag = gamma_days(rng, p["inquiries.recording"], len(owner))
        if subject in OWN_REGISTERS:
            lag[:] = 0
        parts.append(
            rows(
                "inquiries",
                owner,
                subject=code("subject", subject),
                source=code("register", source),
                consulted_on=consulted,
                complete=inquiries.extent[subject][owner] == _COMPLETE,
                recorded_at=consulted + lag,
            )
        )
    return stack(parts)
