"""Faults of registers: people who are not found, stays with nothing in them, codes that change.

They act on what would be recorded, and on nothing that is so: with and without them the same people
have the same true cases, probabilities and outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import Array, Block, happens, places, probability
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows
from risicoscreener.synthetic.stages.stay import Stay

_OF_JUSTICE = ("convictions", "detentions")
_NOT_IN_SHORT_STAYS = ("debts", "housing", "income_work", "identity_care", "conduct", "programme")
"""Tables, and subjects of inquiries, that a short stay can leave empty."""


@dataclass(frozen=True)
class Faults:
    """Whom the faults of registers concern; shape (n,) each.

    Attributes
    ----------
    linked
        Whether justice documentation finds the person. If not, earlier and later convictions and
        stays are absent, and nobody notices: the inquiry is said to be complete.
    bare
        Whether nothing on circumstances, conduct and programme was filled in, as in short stays.
    """

    linked: Array
    bare: Array


def draw_faults(block: Block, people: People, stay: Stay) -> Faults:
    """The faults of registers for the people of a block."""
    p, rng = block.parameters, block.stream("linkage")
    origin = {"born_abroad": people.born_abroad.astype(np.float64)}
    unlinked = happens(rng, probability(p.linear("recording.unlinked", origin)), block.size)
    return Faults(~unlinked, stay.days < p["recording.bare_below_days"])


def as_recorded(
    p: Parameters, stay: Stay, faults: Faults, facts: Mapping[str, Rows]
) -> dict[str, Rows]:
    """Rows by table as registers with these faults have them."""
    found = dict(facts)
    for table in _OF_JUSTICE:
        found[table] = _where_linked(found[table], stay, faults.linked)
    for table in _NOT_IN_SHORT_STAYS:
        found[table] = found[table].where(~faults.bare[found[table].owner])
    found["inquiries"] = _asked(found["inquiries"], faults.bare)
    since = p["recording.recoded_from"]
    offences, conduct = p["recording.recoded_offences"], p["recording.recoded_conduct"]
    found["convictions"] = _recoded(found["convictions"], since, "judged_on", offences)
    found["conduct"] = _recoded(found["conduct"], since, "occurred_on", conduct)
    return found


def _where_linked(part: Rows, stay: Stay, linked: Array) -> Rows:
    """Rows of those who are found; of the others what comes with the present stay."""
    if part.table == "convictions":
        present = part.columns["index_offence"] == 1
    else:
        present = part.columns["arrived_on"] == stay.arrived[part.owner]
    return part.where(linked[part.owner] | present)


def _asked(inquiries: Rows, bare: Array) -> Rows:
    """Inquiries without those into what nobody filled in."""
    of_these = np.isin(inquiries.columns["subject"], places("subject", list(_NOT_IN_SHORT_STAYS)))
    return inquiries.where(~(bare[inquiries.owner] & of_these))


_CODED = {
    "convictions": ("offence_class", "offence_class"),
    "conduct": ("subject", "conduct_subject"),
}
"""By table the column whose codes can change, and its vocabulary."""


def _recoded(part: Rows, since: int, day: str, codes: Mapping[str, str]) -> Rows:
    """Rows in which some codes are used for others from a day on."""
    if not codes:
        return part
    column, vocabulary = _CODED[part.table]
    new = np.arange(len(vocabularies()[vocabulary].codes), dtype=np.int8)
    new[places(vocabulary, list(codes))] = places(vocabulary, list(codes.values()))
    old = part.columns[column]
    return part.with_columns(**{column: np.where(part.columns[day] >= since, new[old], old)})
