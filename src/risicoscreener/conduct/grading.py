"""As what each row of conduct counts, of one record: the definition that tables must agree with."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import msgspec

from risicoscreener.conduct.definition import (
    GRADES,
    Definition,
    Definitions,
    Rule,
    kind_counted,
)
from risicoscreener.dossier.record import Conduct, Detention, Dossier
from risicoscreener.dossier.visible import visible


class Counted(NamedTuple):
    """A row of conduct and as what it counts.

    Attributes
    ----------
    position
        Where it stands in the record.
    row
        As recorded.
    kind
        The recorded kind, or ``incident`` for a positive act that contradicts itself.
    grade
        The recorded grade, or the worst of the rules that it matches.
    rules
        The rules that give this grade; none if it counts as recorded and no rule says the same.
    """

    position: int
    row: Conduct
    kind: str
    grade: str
    rules: tuple[tuple[Definition, Rule], ...]


def count_rows(dossier: Dossier, as_of: dt.date, definitions: Definitions) -> list[Counted]:
    """Every row of conduct that is known on a day, and as what it counts then.

    A stay and a repetition count as far as known on that day. Where someone was follows from the
    stays; a day on which they were nowhere falls under the national rule only.
    """
    rows = visible(dossier.conduct, as_of)
    sound = [msgspec.structs.replace(row, kind=kind_counted(row)) for _, row in rows]
    stays = [stay for _, stay in visible(dossier.detentions, as_of)]
    found: list[list[tuple[Definition, Rule]]] = [[] for _ in rows]
    for definition, rule in definitions.rules():
        matching = [
            i
            for i, row in enumerate(sound)
            if rule.matches(row) and _applies(definition, row.occurred_on, stays)
        ]
        days = [rows[i][1].occurred_on for i in matching]
        for i in matching:
            if _often(rule, rows[i][1].occurred_on, days):
                found[i].append((definition, rule))
    return [_counted(position, row, by) for (position, row), by in zip(rows, found, strict=True)]


def _applies(definition: Definition, day: dt.date, stays: list[Detention]) -> bool:
    """Whether conduct of a day falls under a definition; of the day of a move, under both."""
    if not definition.in_force(day):
        return False
    if definition.scope == "national":
        return True
    return any(
        stay.prison in definition.prisons
        and stay.arrived_on <= day
        and (stay.released_on is None or day <= stay.released_on)
        for stay in stays
    )


def _often(rule: Rule, day: dt.date, days: list[dt.date]) -> bool:
    if rule.within_days is None:
        return True
    first = day.toordinal() - rule.within_days
    return sum(first < other.toordinal() <= day.toordinal() for other in days) >= rule.times


def _counted(position: int, row: Conduct, by: list[tuple[Definition, Rule]]) -> Counted:
    rank = max([GRADES.index(row.grade), *(rule.rank for _, rule in by)])
    deciding = tuple(one for one in by if one[1].rank == rank)
    return Counted(position, row, kind_counted(row), GRADES[rank], deciding)


def regrade_one(dossier: Dossier, as_of: dt.date, definitions: Definitions) -> Dossier:
    """The dossier with each known row of conduct at the grade as which it counts on a day."""
    conduct = list(dossier.conduct)
    for one in count_rows(dossier, as_of, definitions):
        if (one.grade, one.kind) != (one.row.grade, one.row.kind):
            conduct[one.position] = msgspec.structs.replace(one.row, grade=one.grade, kind=one.kind)
    return msgspec.structs.replace(dossier, conduct=conduct)
