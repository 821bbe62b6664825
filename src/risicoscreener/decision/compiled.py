"""A policy compiled to a dense table, so that deciding is a reading of inputs and a lookup."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.decision.lookup import Index, checked_levels
from risicoscreener.decision.many import DecidedColumns, decide_many
from risicoscreener.decision.outcome import (
    DENY,
    FALSE,
    OUTCOMES,
    TRUE,
    UNKNOWN,
    Decided,
    Outcome,
    Score,
)
from risicoscreener.decision.policy import (
    ADMISSIBILITY,
    ASSESSMENT,
    BUILT_IN,
    DOSSIER,
    FAVOURABLE,
    QUARANTINED_ROWS,
    UNKNOWN_LEVEL,
    Level,
    Policy,
    Reading,
    Test,
    check_policy,
    level_ids,
)
from risicoscreener.decision.straight import reader_of
from risicoscreener.decision.wording import level_texts, texts
from risicoscreener.errors import PolicyError
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from risicoscreener.decision.straight import Reader

MAX_CELLS = 20_000_000
"""More than this is a policy that should be split; the table would not fit a small machine."""
MAX_CHANGES = 5
MOST_KEPT = 5000
"""Cells of which what was found is kept: people are in a few hundred, and memory stays flat."""

_Found = TypeVar("_Found")


def keep(kept: dict[int, _Found], cell: int, found: _Found) -> None:
    """Keep what was found for a cell; where much is kept already, that is let go."""
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[cell] = found


class Clause(NamedTuple):
    """Tests on inputs by position, with lowest and highest value: all of them, or any of them."""

    every: bool
    tests: tuple[tuple[int, float, float], ...]

    def unknown_inputs(self, inputs: Sequence[float]) -> tuple[int, ...]:
        """Positions of the inputs that are not known."""
        slots = dict.fromkeys(slot for slot, _, _ in self.tests)
        return tuple(slot for slot in slots if math.isnan(inputs[slot]))


def truth(every: bool, tests: tuple[tuple[int, float, float], ...], inputs: Sequence[float]) -> int:
    """Whether a clause is true, false or unknown, by Kleene's logic."""
    unknown = False
    for slot, low, high in tests:
        value = inputs[slot]
        if low <= value <= high:
            if not every:
                return TRUE
        elif value != value:
            unknown = True
        elif every:
            return FALSE
    if unknown:
        return UNKNOWN
    return TRUE if every else FALSE


class DomainReadings(NamedTuple):
    """How one domain is read: positions of levels, tried in order."""

    otherwise: int
    unknown: int
    readings: tuple[tuple[int, Clause], ...]

    def level(self, inputs: Sequence[float]) -> int:
        """The level of the first reading that is not false."""
        for level, (every, tests) in self.readings:
            found = truth(every, tests, inputs)
            if found != FALSE:
                return level if found == TRUE else self.unknown
        return self.otherwise

    def unknown_inputs(self, inputs: Sequence[float]) -> tuple[int, ...]:
        """Positions of the unknown inputs of the reading that could not be told."""
        for _, clause in self.readings:
            if truth(*clause, inputs) != FALSE:
                return clause.unknown_inputs(inputs)
        return ()


class CompiledDomain(Struct, frozen=True):
    """A domain as the table knows it, built-in ones included; best level first.

    ``usual`` is the level that holds when nothing special is found; not always the best, such as
    a deep assessment that nobody asked for.
    """

    id: str
    title: Texts
    levels: tuple[Level, ...]
    changeable: bool
    built_in: bool
    usual: int = 0


class Change(Struct, frozen=True):
    """Levels that would give more liberty: pairs of (domain, level), and the outcome then."""

    steps: tuple[tuple[int, int], ...]
    outcome: Outcome


class Missing(Struct, frozen=True):
    """A requirement or domain that is unknown, who can supply it, and the inputs it waits for."""

    name: str
    text: Texts
    supplier: Texts
    inputs: tuple[str, ...]


class CompiledPolicy:
    """A policy ready to decide.

    Parameters
    ----------
    policy
        The policy as read from its file.

    Attributes
    ----------
    id, digest
        Kind and first day, and sha256 of the content.
    inputs, models
        Names of the inputs and the models that it reads, in the order that `decide_one` expects.
    domains
        All domains with their levels, in the order of the axes of the tables.
    shape
        Number of levels per domain; the tables `rules` and `outcomes` have it.

    Raises
    ------
    PolicyError
        If the parts of the policy do not fit together, or the table would be larger than
        `MAX_CELLS`.
    """

    def __init__(self, policy: Policy) -> None:
        check_policy(policy, policy.id)
        self.policy = policy
        self.id = policy.id
        self.digest = hashlib.sha256(msgspec.json.encode(policy, order="deterministic")).hexdigest()
        self.models = tuple(m.model for m in policy.models)
        self.cuts = tuple(m.cuts for m in policy.models)
        self.domains = _domains(policy)
        self.shape = tuple(len(d.levels) for d in self.domains)
        self._outcome_of = tuple(rule.outcome for rule in policy.rules)
        self._ranks = tuple(OUTCOMES.index(outcome) for outcome in self._outcome_of)
        if math.prod(self.shape) > MAX_CELLS:
            raise PolicyError(
                f"{self.id}: {math.prod(self.shape)} cells; expected at most {MAX_CELLS}: "
                "join domains or levels"
            )
        self._read_inputs()
        self._attached_in: dict[int, tuple[int, ...]] = {}
        self._changes: dict[int, tuple[Change, ...]] = {}
        self._one_of_each: dict[Change, Change] = {}  # many cells share the few that there are

    def __repr__(self) -> str:
        return f"<CompiledPolicy {self.id}: {math.prod(self.shape)} cells, {self.digest[:8]}>"

    def __reduce__(self) -> tuple[type[CompiledPolicy], tuple[Policy]]:
        return CompiledPolicy, (self.policy,)

    # The tables are made when first asked for: whoever loads a book needs one version of it.
    @cached_property
    def rules(self) -> NDArray[np.int16]:
        """Per cell the position of the rule that decides; -1 if there is none."""
        table = np.full(self.shape, -1, np.int16)
        for position in reversed(range(len(self.policy.rules))):
            table[self.cells(self.policy.rules[position].when)] = position
        table.setflags(write=False)
        return table

    @cached_property
    def outcomes(self) -> NDArray[np.int8]:
        """Per cell the position of the outcome in `OUTCOMES`."""
        table = np.array(self._ranks, np.int8)[self.rules]
        table.setflags(write=False)
        return table

    @cached_property
    def attached(self) -> NDArray[np.bool_]:
        """Per condition and flat cell whether it is attached, apart from its tests on inputs."""
        conditions = self.policy.conditions
        table = np.zeros((len(conditions), *self.shape), bool)
        for position, condition in enumerate(conditions):
            table[position][self.cells(condition.when)] = True
        table &= self.outcomes != DENY
        table.setflags(write=False)
        return table.reshape(len(conditions), self.outcomes.size)

    @cached_property
    def _flat_rules(self) -> memoryview:
        return self.rules.reshape(-1).data

    def cells(self, when: dict[str, tuple[str, ...]]) -> tuple[NDArray[np.intp], ...]:
        """Index of the cells in which the named domains are at one of the named levels."""
        levels = level_ids(self.policy)
        return np.ix_(
            *(
                [levels[d.id].index(name) for name in when[d.id]]
                if d.id in when
                else range(len(d.levels))
                for d in self.domains
            )
        )

    def _read_inputs(self) -> None:
        policy = self.policy
        slots: dict[str, int] = {}

        def clause(every: tuple[Test, ...] | None, some: tuple[Test, ...] | None) -> Clause:
            tests = every if every is not None else some or ()
            return Clause(
                every is not None,
                tuple(
                    (
                        slots.setdefault(t.input, len(slots)),
                        -math.inf if t.min is None else t.min,
                        math.inf if t.max is None else t.max,
                    )
                    for t in tests
                ),
            )

        def reading(ids: tuple[str, ...], one: Reading) -> tuple[int, Clause]:
            return ids.index(one.level), clause(one.all, one.any)

        ids = level_ids(policy)
        self.requirement_clauses = tuple(clause(r.all, r.any) for r in policy.requirements)
        self.quarantined_slot = slots.setdefault(QUARANTINED_ROWS, len(slots))
        self.readings = tuple(
            DomainReadings(
                ids[d.id].index(d.otherwise),
                len(d.levels),
                tuple(reading(ids[d.id], r) for r in d.readings),
            )
            for d in policy.domains
        )
        self.condition_clauses = tuple(
            None if c.all is None and c.any is None else clause(c.all, c.any)
            for c in policy.conditions
        )
        self.inputs = tuple(slots)

    def decide_one(self, inputs: Sequence[float], scores: Sequence[Score]) -> Decided:
        """The outcome for one person.

        Parameters
        ----------
        inputs
            A number per name in `inputs`, NaN where unknown.
        scores
            A score per name in `models`.

        Raises
        ------
        PolicyError
            If there are not as many as the policy reads.
        """
        if len(inputs) != len(self.inputs) or len(scores) != len(self.models):
            raise _wrong_number(self, len(inputs), len(scores))
        bands, risk, certainty = self._weigh(scores)
        requirements, levels, cell = self._read(inputs, risk, certainty)
        rule = self._flat_rules[cell]
        return Decided(
            requirements,
            levels,
            cell,
            rule,
            self._outcome_of[rule],
            self._conditions(cell, inputs),
            bands,
        )

    @cached_property
    def _read(self) -> Reader:
        return reader_of(
            len(self.inputs),
            self.requirement_clauses,
            self.quarantined_slot,
            self.readings,
            self.shape,
        )

    def _weigh(self, scores: Sequence[Score]) -> tuple[tuple[int, ...], int, int]:
        """Band per model, the worst of them, and how certain that is."""
        bands = []
        risk = lowest = highest = certainty = 0
        for cuts, (probability, lower, upper, supported) in zip(self.cuts, scores, strict=True):
            low = high = band = len(cuts)
            if not supported:
                certainty = 2
            if 0.0 <= probability <= 1.0:
                low = high = band = bisect_right(cuts, probability)
                if lower is not None and lower == lower:
                    low = bisect_right(cuts, lower)
                if upper is not None and upper == upper:
                    high = bisect_right(cuts, upper)
            else:
                certainty = 2
            bands.append(band)
            lowest = low if low > lowest else lowest
            highest = high if high > highest else highest
            risk = band if band > risk else risk
        if certainty == 0 and (lowest != risk or highest != risk):
            certainty = 1
        return tuple(bands), risk, certainty

    def _conditions(self, cell: int, inputs: Sequence[float]) -> tuple[int, ...]:
        attached = self._attached_in.get(cell)
        if attached is None:
            attached = tuple(np.flatnonzero(self.attached[:, cell]).tolist())
            keep(self._attached_in, cell, attached)
        clauses = self.condition_clauses
        return tuple(
            [
                c
                for c in attached
                if (clause := clauses[c]) is None or truth(*clause, inputs) != FALSE
            ]
        )

    def decide_many(
        self,
        inputs: NDArray[np.float64],
        probability: NDArray[np.float64],
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        supported: NDArray[np.bool_],
    ) -> DecidedColumns:
        """The outcomes for many people, equal to `decide_one` row by row.

        Parameters
        ----------
        inputs
            Shape (n, number of inputs), NaN where unknown.
        probability, lower, upper, supported
            Shape (n, number of models); bounds that are absent are NaN.

        Raises
        ------
        PolicyError
            If a shape does not fit.
        """
        return decide_many(self, inputs, probability, lower, upper, supported)

    def lookup(self, levels: Sequence[NDArray[Any]] | NDArray[Any]) -> NDArray[np.int8]:
        """The outcomes of prepared cases, of which the levels are known.

        Parameters
        ----------
        levels
            A column of whole numbers per domain, in the order of `domains` (0 the best level):
            shape (domains, n), or that many arrays of shape (n,). Without copies if they are uint8.

        Returns
        -------
        Positions in `OUTCOMES`, shape (n,).

        Raises
        ------
        PolicyError
            If a column lacks, or a level is not one of its domain.
        """
        return self._index.take(self.outcomes.reshape(-1), checked_levels(self, levels))

    def lookup_rules(self, levels: Sequence[NDArray[Any]] | NDArray[Any]) -> NDArray[np.int16]:
        """The rules that decide prepared cases, as `lookup` gives their outcomes.

        Returns
        -------
        Positions in the rules of the policy, shape (n,).
        """
        return self._index.take(self.rules.reshape(-1), checked_levels(self, levels))

    @cached_property
    def _index(self) -> Index:
        return Index(self.shape)

    def changes(self, cell: int) -> tuple[Change, ...]:
        """What would give more liberty than this cell, for what someone can change; nearest first.

        First changes of one domain, to the nearest better level that helps; if there are none,
        of two domains together. Risk and its certainty are not something to change, and of a deep
        assessment only a favourable outcome is something to work towards.
        """
        found = self._changes.get(cell)
        if found is None:
            found = self._nearest_changes(cell)
            keep(self._changes, cell, found)
        return found

    def _nearest_changes(self, cell: int) -> tuple[Change, ...]:
        levels = [int(i) for i in np.unravel_index(cell, self.shape)]
        now = int(self.outcomes.flat[cell])
        better = [
            (d, options)
            for d, domain in enumerate(self.domains)
            if domain.changeable and (options := _better_levels(domain, levels[d]))
        ]
        found = []
        for d, options in better:
            steps = ((((d, level),), levels[d] - level) for level in options)
            found += self._first_that_helps(levels, now, steps)
        if not found:
            for i, (d, options) in enumerate(better):
                for e, others in better[i + 1 :]:
                    pairs = sorted(
                        (
                            (((d, a), (e, b)), levels[d] - a + levels[e] - b)
                            for a in options
                            for b in others
                        ),
                        key=lambda pair: pair[1],
                    )
                    found += self._first_that_helps(levels, now, pairs)
        found.sort(key=lambda change: (change[0], -change[1]))
        nearest = [Change(steps, OUTCOMES[then]) for _, then, steps in found[:MAX_CHANGES]]
        return tuple(self._one_of_each.setdefault(change, change) for change in nearest)

    def _first_that_helps(
        self,
        levels: list[int],
        now: int,
        options: Iterable[tuple[tuple[tuple[int, int], ...], int]],
    ) -> list[tuple[int, int, tuple[tuple[int, int], ...]]]:
        for steps, distance in options:
            changed = list(levels)
            for d, level in steps:
                changed[d] = level
            then = int(self.outcomes[tuple(changed)])
            if then > now:
                return [(distance, then, steps)]
        return []

    def missing(self, inputs: Sequence[float], decided: Decided) -> tuple[Missing, ...]:
        """Requirements and domains that are unknown, with the inputs that made them so."""
        found = []
        for requirement, clause, met in zip(
            self.policy.requirements,
            self.requirement_clauses,
            decided.requirements,
            strict=True,
        ):
            if met == UNKNOWN:
                waits = self._names(clause.unknown_inputs(inputs))
                found.append(Missing(requirement.id, requirement.text, requirement.supplier, waits))
        for domain, read, level in zip(
            self.policy.domains, self.readings, decided.levels[len(BUILT_IN) :], strict=True
        ):
            if level != read.unknown:
                continue
            waits = self._names(read.unknown_inputs(inputs))
            text = domain.unknown or texts("unknown", "text")
            found.append(Missing(domain.id, text, domain.supplier, waits))
        return tuple(found)

    def _names(self, slots: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(self.inputs[slot] for slot in slots)


def _better_levels(domain: CompiledDomain, level: int) -> tuple[int, ...]:
    """Levels to change to, from near to far; from `unknown`, the last, every known level."""
    better = range(level - 1, -1, -1)
    if domain.id != ASSESSMENT:
        return tuple(better)
    # That an unfavourable assessment expires is no advice; that there is none can be found out.
    was_unknown = domain.levels[level].id == UNKNOWN_LEVEL
    return tuple(
        b
        for b in better
        if domain.levels[b].id == FAVOURABLE or (was_unknown and b == domain.usual)
    )


def _wrong_number(compiled: CompiledPolicy, inputs: int, scores: int) -> PolicyError:
    return PolicyError(
        f"{compiled.id}: {inputs} inputs and {scores} scores; expected {len(compiled.inputs)} "
        f"inputs ({', '.join(compiled.inputs)}) and {len(compiled.models)} scores "
        f"({', '.join(compiled.models)})"
    )


def _domains(policy: Policy) -> tuple[CompiledDomain, ...]:
    ids = level_ids(policy)
    built_in = [
        CompiledDomain(
            name,
            texts(name, "title"),
            tuple(Level(level, level_texts(name, level)) for level in ids[name]),
            changeable=name in (ADMISSIBILITY, DOSSIER),
            built_in=True,
        )
        for name in BUILT_IN
    ]
    read = [
        CompiledDomain(
            d.id,
            d.title,
            (*d.levels, Level(UNKNOWN_LEVEL, d.unknown or texts("unknown", "text"))),
            changeable=d.changeable,
            built_in=False,
            usual=ids[d.id].index(d.otherwise),
        )
        for d in policy.domains
    ]
    return (*built_in, *read)
