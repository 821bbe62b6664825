"""Which combinations of levels some inputs give; the rest of the table nobody can be in.

Two domains that read the same input are not free of each other: who has absconded cannot have good
conduct and no sign of flight. What combinations occur follows from the tests on inputs alone. Per
input only the spans between the bounds of its tests matter, and whether it is known; so the
possibilities are finite, and inputs are forgotten as soon as no further domain reads them (variable
elimination). That features depend on each other too is not known here and not used: a cell is left
out only if no inputs whatever give it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.decision.many import clause_truth, level_of
from risicoscreener.decision.policy import BUILT_IN
from risicoscreener.decision.wording import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from risicoscreener.decision.compiled import Clause, CompiledPolicy
    from risicoscreener.texts import Texts

MAX_COMBINATIONS = 4_000_000
"""Above it domains that hang together are taken as free of each other, which leaves no cell out."""
MET, NOT_MET, UNSURE = range(3)
ADMISSIBILITY_AXIS, DOSSIER_AXIS = 0, 1


def levels_given(
    compiled: CompiledPolicy, reached: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.bool_], ...]:
    """Per domain, in the order of the table, whether some inputs give each level.

    Parameters
    ----------
    reached
        What `reachable` gives, if it was asked for before.
    """
    reached = reachable(compiled) if reached is None else reached
    axes = range(reached.ndim)
    return tuple(np.asarray(reached.any(axis=tuple(a for a in axes if a != axis))) for axis in axes)


def reachable(compiled: CompiledPolicy) -> NDArray[np.bool_]:
    """Per cell of the table whether some inputs and scores give it.

    Parameters
    ----------
    compiled
        The policy; its readings and requirements are used, not its rules.

    Returns
    -------
    Of the shape of the table.
    """
    found = np.ones(compiled.shape, bool)
    for axes, given in _components(compiled):
        order = np.argsort(axes)
        shape = [1] * found.ndim
        for axis in axes:
            shape[axis] = compiled.shape[axis]
        found &= given.transpose(order).reshape(shape)
    return found


def _components(compiled: CompiledPolicy) -> Iterable[tuple[list[int], NDArray[np.bool_]]]:
    """Axes that hang together by the inputs that they read, with the combinations that occur."""
    spans = _spans(compiled)
    reads = _inputs_by_axis(compiled)
    left = dict(reads)
    while left:
        axis, read = left.popitem()
        inputs = set(read)
        axes = [axis]
        while near := [a for a, others in left.items() if inputs & others]:
            for a in near:
                inputs |= left.pop(a)
                axes.append(a)
        axes.sort(key=lambda a: len(reads[a]))
        yield axes, _Elimination(compiled, spans, axes).run()


def _inputs_by_axis(compiled: CompiledPolicy) -> dict[int, set[int]]:
    required = {slot for clause in compiled.requirement_clauses for slot in _slots(clause)}
    found = {ADMISSIBILITY_AXIS: required, DOSSIER_AXIS: {compiled.quarantined_slot}}
    for axis, read in enumerate(compiled.readings, start=len(BUILT_IN)):
        found[axis] = {slot for _, clause in read.readings for slot in _slots(clause)}
    return found


def _slots(clause: Clause) -> tuple[int, ...]:
    return tuple(slot for slot, _, _ in clause.tests)


def _spans(compiled: CompiledPolicy) -> list[NDArray[np.float64]]:
    """Per input one value for each way in which it can fall beside the bounds of its tests."""
    bounds: list[set[float]] = [set() for _ in compiled.inputs]
    bounds[compiled.quarantined_slot] |= {math.nextafter(1.0, 0.0)}
    clauses = [*compiled.requirement_clauses]
    clauses += [clause for read in compiled.readings for _, clause in read.readings]
    clauses += [clause for clause in compiled.condition_clauses if clause is not None]
    for clause in clauses:
        for slot, low, high in clause.tests:
            bounds[slot] |= {b for b in (low, high) if math.isfinite(b)}
    return [_values_around(sorted(found)) for found in bounds]


def _values_around(bounds: Sequence[float]) -> NDArray[np.float64]:
    """The bounds, a value in each gap between them, and unknown."""
    values = {v for b in bounds for v in (math.nextafter(b, -math.inf), b)}
    values |= {math.nextafter(b, math.inf) for b in bounds}
    return np.array([*sorted(values), math.nan])


def clauses_without_effect(compiled: CompiledPolicy) -> Iterator[Texts]:
    """Requirements nobody can meet or fail, and readings without which all is read the same."""
    spans = _spans(compiled)
    policy = compiled.policy
    for requirement, clause in zip(policy.requirements, compiled.requirement_clauses, strict=True):
        inputs = _grid(compiled, spans, tuple(dict.fromkeys(_slots(clause))))
        if inputs is None:
            continue
        true, false = clause_truth(clause, inputs)
        for name, holds in (("never_met", true), ("always_met", false)):
            if not holds.any():
                yield say("sentence", name, requirement=requirement.id)
    for domain, read in zip(policy.domains, compiled.readings, strict=True):
        inputs = _grid(compiled, spans, tuple({s for _, c in read.readings for s in _slots(c)}))
        if inputs is None:
            continue
        level = level_of(read, inputs)
        for place, reading in enumerate(domain.readings):
            others = (*read.readings[:place], *read.readings[place + 1 :])
            if (level_of(read._replace(readings=others), inputs) == level).all():
                yield say(
                    "sentence",
                    "idle_reading",
                    n=place + 1,
                    level=reading.level,
                    domain=domain.title,
                )


def read_alike(
    one: CompiledPolicy,
    other: CompiledPolicy,
    section: str,
    place: int,
    codes: Mapping[str, Sequence[float]] | None = None,
) -> bool:
    """Whether two versions read one requirement, domain or condition alike from any inputs.

    Parameters
    ----------
    one, other
        Policies with the same inputs, which may differ in the bounds of tests.
    section, place
        ``requirements``, ``domains`` or ``conditions``, and which of them.
    codes
        For inputs that are codes the values that they can have; other inputs can have any.
    """
    parts = [_clauses(policy, section, place) for policy in (one, other)]
    slots = tuple({slot for clause in parts[0] for slot in _slots(clause)})
    both = [_spans(policy) for policy in (one, other)]
    spans = [np.union1d(*values) for values in zip(*both, strict=True)]
    for slot, name in enumerate(one.inputs):
        if codes is not None and name in codes:
            spans[slot] = np.array([*codes[name], np.nan])
    inputs = _grid(one, spans, slots)
    if inputs is None:
        return False
    if section == "domains":
        read = [level_of(policy.readings[place], inputs) for policy in (one, other)]
        return bool((read[0] == read[1]).all())
    truths = [clause_truth(clauses[0], inputs) for clauses in parts]
    return all(bool((a == b).all()) for a, b in zip(*truths, strict=True))


def _clauses(compiled: CompiledPolicy, section: str, place: int) -> list[Clause]:
    if section == "domains":
        return [clause for _, clause in compiled.readings[place].readings]
    named = {
        "requirements": compiled.requirement_clauses,
        "conditions": compiled.condition_clauses,
    }[section]
    return [clause for clause in named[place : place + 1] if clause is not None]


def _grid(
    compiled: CompiledPolicy, spans: list[NDArray[np.float64]], slots: tuple[int, ...]
) -> NDArray[np.float64] | None:
    """All combinations of values of some inputs, the others 0: (inputs, combinations)."""
    if math.prod(len(spans[s]) for s in slots) > MAX_COMBINATIONS:
        return None
    grid = np.meshgrid(*(spans[s] for s in slots), indexing="ij")
    inputs = np.zeros((len(compiled.inputs), grid[0].size))
    for slot, values in zip(slots, grid, strict=True):
        inputs[slot] = values.reshape(-1)
    return inputs


class _Elimination:
    """Combinations of levels of some axes, one axis after the other.

    ``table`` has an axis for each level found so far and for each input that is still read.
    """

    def __init__(
        self, compiled: CompiledPolicy, spans: list[NDArray[np.float64]], axes: list[int]
    ) -> None:
        self.compiled = compiled
        self.spans = spans
        self.axes = axes
        self.steps = [step for axis in axes for step in self._steps(axis)]

    def _steps(self, axis: int) -> list[tuple[int, Clause | None]]:
        """One domain at a time, of admissibility one requirement at a time."""
        if axis == ADMISSIBILITY_AXIS:
            return [(axis, clause) for clause in self.compiled.requirement_clauses]
        return [(axis, None)]

    def run(self) -> NDArray[np.bool_]:
        """Of the levels of ``axes``, in that order."""
        names: list[tuple[str, int]] = []
        table: NDArray[np.bool_] = np.ones((), bool)
        for place, (axis, clause) in enumerate(self.steps):
            slots = self._read_by(axis, clause)
            joined = [*names, *(("input", s) for s in slots if ("input", s) not in names)]
            sizes = [self._size(name) for name in joined]
            level = ("level", axis)
            if math.prod(sizes) * self.compiled.shape[axis] > MAX_COMBINATIONS:
                return np.ones([self.compiled.shape[a] for a in self.axes], bool)
            table = table.reshape([*table.shape, *[1] * (len(sizes) - table.ndim)])
            given = self._given(axis, clause, slots, joined)
            if level in names:
                table = _worse(table, given, joined.index(level))
            else:
                table = table[..., None] & (
                    given[..., None] == np.arange(self.compiled.shape[axis])
                )
                joined = [*joined, level]
            later = {s for step in self.steps[place + 1 :] for s in self._read_by(*step)}
            gone = tuple(
                i for i, (kind, s) in enumerate(joined) if kind == "input" and s not in later
            )
            table = np.asarray(table.any(axis=gone))
            names = [name for i, name in enumerate(joined) if i not in gone]
        return table.transpose([names.index(("level", axis)) for axis in self.axes])

    def _size(self, name: tuple[str, int]) -> int:
        kind, number = name
        return self.compiled.shape[number] if kind == "level" else len(self.spans[number])

    def _read_by(self, axis: int, clause: Clause | None) -> tuple[int, ...]:
        if clause is not None:
            return tuple(dict.fromkeys(_slots(clause)))
        return tuple(sorted(_inputs_by_axis(self.compiled)[axis]))

    def _given(
        self,
        axis: int,
        clause: Clause | None,
        slots: tuple[int, ...],
        joined: list[tuple[str, int]],
    ) -> NDArray[np.int8]:
        """The level for each combination of inputs; broadcasts over ``joined``."""
        inputs = _grid(self.compiled, self.spans, slots)
        assert inputs is not None
        if clause is not None:
            true, false = clause_truth(clause, inputs)
            level = np.where(true, MET, np.where(false, NOT_MET, UNSURE)).astype(np.int8)
        elif axis == DOSSIER_AXIS:
            level = (~(inputs[self.compiled.quarantined_slot] < 1)).astype(np.int8)
        else:
            level = level_of(self.compiled.readings[axis - len(BUILT_IN)], inputs)
        order = [slots.index(s) for kind, s in joined if kind == "input" and s in slots]
        shape = [len(self.spans[s]) if k == "input" and s in slots else 1 for k, s in joined]
        return level.reshape([len(self.spans[s]) for s in slots]).transpose(order).reshape(shape)


def _worse(table: NDArray[np.bool_], requirement: NDArray[np.int8], axis: int) -> NDArray[np.bool_]:
    """Admissibility with one more requirement: not met if any is not, else unknown if any is."""
    met, not_met, unsure = np.moveaxis(table, axis, 0)
    found = np.moveaxis(requirement, axis, 0)[0]
    some = met | not_met | unsure
    return np.stack(
        [
            met & (found == MET),
            not_met | (some & (found == NOT_MET)),
            (unsure & (found != NOT_MET)) | (met & (found == UNSURE)),
        ],
        axis=axis,
    )
