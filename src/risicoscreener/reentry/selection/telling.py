"""Why someone is proposed, waits or is not proposed: keys and values of the sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.reentry.selection.model import SelectionModel
from risicoscreener.reentry.selection.pictures import Pictures
from risicoscreener.reentry.selection.proposals import (
    Hundred,
    Named,
    Proposal,
    RuleName,
    Site,
)
from risicoscreener.reentry.selection.solving import NOWHERE

FloatArray = npt.NDArray[np.float64]

BY_EFFECT = ("effect", "lower_bound")
ALIKE = 0.001
"""Values that differ by less are equals: a tenth of a person in a hundred."""
MOST_FEATURES = 2
Said = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, eq=False)
class Told:
    """All that the reasons of a person are made of."""

    people: Pictures
    model: SelectionModel | None
    rule: str
    found: Mapping[str, npt.NDArray[Any]]
    value: FloatArray
    status: npt.NDArray[Any]
    cells: npt.NDArray[np.intp]
    reserved: npt.NDArray[np.bool_]
    ranks: npt.NDArray[np.intp]
    sizes: Mapping[str, int]
    pool: npt.NDArray[Any]
    lot: npt.NDArray[np.intp]
    least_need: int
    seed: int
    parts: FloatArray | None = field(init=False)
    ties: Mapping[tuple[str, float], int] = field(init=False)

    def __post_init__(self) -> None:
        parts = None
        if self.model is not None:
            x = self.people.modifiers[list(self.model.names)].to_numpy()
            parts = self.model.effects.parts(x)
        object.__setattr__(self, "parts", parts)
        pairs = zip(self.pool.tolist(), self.value.tolist(), self.ranks, strict=True)
        ties = Counter((site, value) for site, value, rank in pairs if rank)
        object.__setattr__(self, "ties", ties)

    def of(self, i: int) -> Proposal:
        """The proposal for one person."""
        people, cell = self.people, int(self.cells[i])
        return Proposal(
            person_id=str(people.person_ids[i]),
            as_of=people.days[i].item(),
            site=str(people.site[i]),
            status=str(self.status[i]),
            rank=int(self.ranks[i]) or None,
            lot=int(self.lot[i]) + 1,
            cell=None if cell == NOWHERE else cell,
            effect=float(self.found["effect"][i]),
            low=float(self.found["low"][i]),
            high=float(self.found["high"][i]),
            risk=float(people.risk[i]),
            need_level=float(people.need_level[i]),
            said=tuple(self._said(i)),
        )

    def _said(self, i: int) -> Said:
        status = self.status[i]
        said = self._need(i)
        if status == "declined":
            return [*said, ("declined", {})]
        if self.people.aid.refused and math.isnan(self.people.refused[i]):
            said.append(("will_unknown", {}))
        said += self._effect(i)
        said.append(("risk", {"risk": f"{100 * self.people.risk[i]:.0f}"}))
        if self.ranks[i]:
            said += self._order(i)
        site = {"site": Site(self.people.site[i])}
        if status == "waiting":
            said.append(("full", {"site": Site(self.pool[i]), "places": self.people.aid.title}))
        elif status == "no_capacity":
            said.append(("no_capacity", site))
        elif status == "outside":
            said.append(("outside", {}))
        elif status == "no_gain_expected":
            said.append(("no_gain", {"value": Hundred(float(self.value[i]))}))
        return [*said, ("person_decides", {})] if status == "proposed" else said

    def _need(self, i: int) -> Said:
        aid, row = self.people.aid, self.people.needs[i]
        there = tuple(need.text for need, value in zip(aid.needs, row, strict=True) if value == 1)
        if not aid.needs:
            return [("for_everybody", {})]
        said: Said = [("need", {"needs": there})] if there else []
        if self.status[i] == "ask_first":
            return [*said, ("need_unknown", {})]
        if self.status[i] == "no_need":
            below = {"level": len(there), "least": self.least_need}
            return [*said, ("need_below", below) if there else ("no_need", {})]
        return said

    def _effect(self, i: int) -> Said:
        if self.model is None or self.status[i] == "outside":
            return []
        values = {side: Hundred(float(self.found[side][i])) for side in ("effect", "low", "high")}
        said: Said = [("effect", values)]
        if self.parts is not None and self.rule in BY_EFFECT:
            for key, sign in (("because", 1.0), ("despite", -1.0)):
                own = sign * self.parts[i]
                largest = [j for j in np.argsort(-own)[:MOST_FEATURES] if own[j] > ALIKE]
                if largest:
                    names = tuple(Named(self.model.names[j]) for j in largest)
                    said.append((key, {"features": names}))
        return said

    def _order(self, i: int) -> Said:
        if self.reserved[i]:
            return [("reserved", {})]
        pool = str(self.pool[i])
        rank = {"rank": int(self.ranks[i]), "of": self.sizes[pool]}
        said: Said = [("rank", rank | {"rule": RuleName(self.rule), "site": Site(pool)})]
        if self.ties[pool, float(self.value[i])] > 1:
            said.append(("lot", {"lot": int(self.lot[i]) + 1, "seed": self.seed}))
        return said
