"""Requirements and domains of a kind of decision on any day, without a model.

The days may lie in the future: nothing here is a screening. The values come out of the executor
of tables and the levels out of the compiled policy, as in a screening; only the probabilities
are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.decision.policy import BUILT_IN
from risicoscreener.features.many import BLOCK, EventTables, compute_block
from risicoscreener.screening.block import NO_VERSION, pick_versions
from risicoscreener.screening.route import JUDGMENT, SET_APART

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.decision import CompiledPolicy
    from risicoscreener.screening.screener import Screener

ABSENT = np.int8(-1)
"""Level of a requirement or domain that the version of the day does not have."""


@dataclass(frozen=True)
class LevelsFound:
    """Levels at n index rows.

    Attributes
    ----------
    version
        Position of the version, shape (n,), int16; -1 where no version applies.
    requirements
        0 met, 1 not met, 2 unknown, -1 absent; shape (n, most requirements of a version), int8.
    domains
        Level of each domain that is read from inputs, -1 absent; shape (n, most domains), int8.
        All absent if only requirements were asked for.
    """

    version: np.ndarray
    requirements: np.ndarray
    domains: np.ndarray

    @property
    def all_met(self) -> np.ndarray:
        """Where a version applies and each of its requirements is met, shape (n,), bool."""
        met = (self.requirements == 0) | (self.requirements == ABSENT)
        return (self.version != NO_VERSION) & met.all(axis=1)


class PolicyLevels:
    """What the policies of one kind of decision read, apart from models.

    Parameters
    ----------
    screener
        Policies and feature definitions.
    kind
        Kind of decision.
    with_domains
        Whether the domains are read too; else only the inputs of requirements are computed.
    """

    def __init__(self, screener: Screener, kind: str, *, with_domains: bool = False) -> None:
        self.route = screener.route(kind)
        self.versions = screener.policies.versions(kind)
        self.with_domains = with_domains
        names = [name for version in self.versions for name in self._inputs(version)]
        if self.route.by_judgment:
            names.append(JUDGMENT)
        wanted = dict.fromkeys(name for name in names if name != SET_APART)
        self.plan = screener.definitions.plan(list(wanted))
        self.most_requirements = max(len(v.requirement_clauses) for v in self.versions)
        self.most_domains = max(len(v.readings) for v in self.versions) if with_domains else 0
        self._place = {name: i for i, name in enumerate(self.plan.names)}

    def _inputs(self, version: CompiledPolicy) -> tuple[str, ...]:
        if self.with_domains:
            return version.inputs
        slots = {slot for clause in version.requirement_clauses for slot, _, _ in clause.tests}
        return tuple(version.inputs[slot] for slot in sorted(slots))

    def at(self, events: EventTables, positions: np.ndarray, days: np.ndarray) -> LevelsFound:
        """Levels at index rows.

        Parameters
        ----------
        events
            Prepared for `plan`.
        positions, days
            Position of the person, and days since 1970-01-01, shape (n,), int32.
        """
        n = len(positions)
        found = self._empty(n)
        for start in range(0, n, BLOCK):
            rows = slice(start, min(start + BLOCK, n))
            values = compute_block(self.plan, events, positions[rows], days[rows])
            apart = events.dossiers.quarantined_rows[positions[rows]].astype(np.float64)
            part = self.of_values(values, self._place, apart, days[rows])
            found.version[rows] = part.version
            found.requirements[rows] = part.requirements
            found.domains[rows] = part.domains
        return found

    def of_values(
        self, values: np.ndarray, place: Mapping[str, int], apart: np.ndarray, days: np.ndarray
    ) -> LevelsFound:
        """Levels by values that are there already.

        Parameters
        ----------
        values
            Shape (n, features), NaN where unknown.
        place
            The column of each feature.
        apart
            How many rows of each dossier were set apart, shape (n,).
        days
            Days since 1970-01-01, shape (n,), int32.
        """
        judgment = place.get(JUDGMENT)
        until = None if judgment is None else values[:, judgment]
        found = self._empty(len(values))
        found.version[:], _ = pick_versions(self.route, days, until)
        for at in np.unique(found.version):
            if at == NO_VERSION:
                continue
            rows = np.flatnonzero(found.version == at)
            version = self.versions[at]
            decided = version.decide_many(
                _inputs_of(version, values, place, apart, rows),
                *_no_scores(len(rows), len(version.models)),
            )
            found.requirements[rows, : decided.requirements.shape[1]] = decided.requirements
            if self.with_domains:
                levels = decided.levels[:, len(BUILT_IN) :]
                found.domains[rows, : levels.shape[1]] = levels
        return found

    def _empty(self, n: int) -> LevelsFound:
        return LevelsFound(
            np.full(n, NO_VERSION, np.int16),
            np.full((n, self.most_requirements), ABSENT),
            np.full((n, self.most_domains), ABSENT),
        )


def _inputs_of(
    version: CompiledPolicy,
    values: np.ndarray,
    place: Mapping[str, int],
    apart: np.ndarray,
    rows: np.ndarray,
) -> np.ndarray:
    inputs = np.full((len(rows), len(version.inputs)), np.nan, order="F")
    for column, name in enumerate(version.inputs):
        if name == SET_APART:
            inputs[:, column] = apart[rows]
        elif name in place:
            inputs[:, column] = values[rows, place[name]]
    return inputs


def _no_scores(n: int, models: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    unknown = np.full((n, models), np.nan)
    return unknown, unknown, unknown, np.zeros((n, models), dtype=bool)
