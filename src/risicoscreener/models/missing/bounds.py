"""What an unknown value could change at most: the probability over all that it could be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf, nan, prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec.structs import replace

from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.support import Support
from risicoscreener.models.terms import cell_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.missing.patterns import PatternSubmodels
    from risicoscreener.models.piecewise import FloatArray, Piecewise
    from risicoscreener.models.terms import PairTerm, Term

MAX_COMBINATIONS = 1_000_000
"""Combinations of unknown features that stand in pairs together; with more, parts are bounded."""


@dataclass(frozen=True, slots=True)
class IfKnown:
    """Where the probability would lie if one unknown feature were known, all else as it is.

    ``change`` is the most that it could move, up or down.
    """

    feature: str
    lowest: float
    highest: float
    change: float


@dataclass(frozen=True, slots=True)
class MissingBounds:
    """Where a probability would lie if what is unknown were known.

    Attributes
    ----------
    probability
        With the unknown values unknown.
    lowest, highest
        If all of them were known.
    features
        Per unknown feature if it alone were known, the largest change first.
    """

    probability: float
    lowest: float
    highest: float
    features: tuple[IfKnown, ...]


class _State(NamedTuple):
    """A part of a range in which no pair changes: where it begins, and what the term can be."""

    start: float
    lowest: float
    highest: float


def missing_bounds(
    program: ScoringProgram | PatternSubmodels, values: Sequence[float]
) -> MissingBounds:
    """The lowest and the highest probability over all that unknown values could be.

    An unknown feature may be anything in the range of the training data (`Support.ranges`,
    within the population rules), or between its first and last knot if the program has no
    support. A value beyond that would be out of support, which is another answer.

    Parameters
    ----------
    program
        Bounds are exact for terms, and for pairs unless more than a million combinations of
        unknown features that stand in pairs together would have to be tried; then they may be
        too wide, never too narrow. Of `PatternSubmodels` the program counts that would score if
        the feature were known.
    values
        One number per feature; NaN is unknown.

    Raises
    ------
    ModelError
        For another number of values than features, or an infinite value.
    """
    return reach_of(program).bounds(values)


class Reach:
    """How far each feature of a program can move its linear predictor; made once per program."""

    def __init__(self, program: ScoringProgram) -> None:
        self.program = program
        self.ranges = tuple(_range(program, i) for i in range(len(program.terms)))
        places = {name: i for i, name in enumerate(program.features)}
        self.pairs = tuple((places[p.first], places[p.second], p) for p in program.pairs)

    @cached_property
    def extremes(self) -> tuple[tuple[float, float], ...]:
        """Lowest and highest of each term in its range."""
        terms, functions = self.program.terms, self.program.functions
        return tuple(
            _extremes(term, function, low, high)
            for term, function, (low, high) in zip(terms, functions, self.ranges, strict=True)
        )

    def bounds(
        self, values: Sequence[float], linear_predictor: float | None = None
    ) -> MissingBounds:
        """As `missing_bounds`; ``linear_predictor`` is that of `score_one`, if at hand."""
        program = self.program
        lp = program.score_one(values)[1] if linear_predictor is None else linear_predictor
        probability = program.probability_one(lp)
        unknown = [i for i, x in enumerate(values) if x != x]
        if not unknown:
            return MissingBounds(probability, probability, probability, ())
        each = {i: self._around(values, lp, (i,)) for i in unknown}
        found = []
        for i, (lowest, highest) in each.items():
            low, high = program.probability_one(lowest), program.probability_one(highest)
            change = max(abs(low - probability), abs(high - probability))
            found.append(IfKnown(program.features[i], low, high, change))
        found.sort(key=lambda item: -item.change)
        lowest, highest = self._around(values, lp, tuple(unknown))
        return MissingBounds(
            probability,
            program.probability_one(lowest),
            program.probability_one(highest),
            tuple(found),
        )

    def between(self, values: Sequence[float], known: tuple[int, ...]) -> tuple[float, float]:
        """Lowest and highest probability if only the unknown features at ``known`` were known."""
        lowest, highest = self._around(values, self.program.score_one(values)[1], known)
        return self.program.probability_one(lowest), self.program.probability_one(highest)

    def _around(
        self, values: Sequence[float], lp: float, known: tuple[int, ...]
    ) -> tuple[float, float]:
        """Lowest and highest linear predictor if the features at ``known`` were known."""
        touched = [pair for pair in self.pairs if pair[0] in known or pair[1] in known]
        low = high = lp
        for i in known:
            missing = self.program.terms[i].missing
            low -= missing
            high -= missing
        for i, j, pair in touched:
            now = pair.one(values[i], values[j])
            low -= now
            high -= now
        for part in _connected(known, touched):
            joined = [pair for pair in touched if pair[0] in part or pair[1] in part]
            least, most = self._part(values, part, joined)
            low += least
            high += most
        return low, high

    def _part(
        self,
        values: Sequence[float],
        part: tuple[int, ...],
        pairs: Sequence[tuple[int, int, PairTerm]],
    ) -> tuple[float, float]:
        """What features that stand in pairs together can add at least and at most."""
        if not pairs:
            return self.extremes[part[0]]
        states = {i: self._states(i, pairs) for i in part}
        if prod(map(len, states.values())) > MAX_COMBINATIONS:
            return self._outer(part, pairs)
        shape = {i: k for k, i in enumerate(part)}
        lowest = sum(_along(shape[i], len(part), [s.lowest for s in states[i]]) for i in part)
        highest = sum(_along(shape[i], len(part), [s.highest for s in states[i]]) for i in part)
        added = sum(_pair_table(pair, states, values, shape) for pair in pairs)
        return float(np.min(lowest + added)), float(np.max(highest + added))

    def _states(self, i: int, pairs: Sequence[tuple[int, int, PairTerm]]) -> list[_State]:
        """The parts of the range of a feature in which its pairs do not change."""
        low, high = self.ranges[i]
        edges = {e for first, _, pair in pairs if first == i for e in pair.first_edges}
        edges |= {e for _, second, pair in pairs if second == i for e in pair.second_edges}
        starts = [low, *sorted(e for e in edges if low < e <= high)]
        term, function = self.program.terms[i], self.program.functions[i]
        return [
            _State(start, *_extremes(term, function, start, end, closed=end == high))
            for start, end in zip(starts, [*starts[1:], high], strict=True)
        ]

    def _outer(
        self, part: tuple[int, ...], pairs: Sequence[tuple[int, int, PairTerm]]
    ) -> tuple[float, float]:
        """Bounds that hold whatever the combination."""
        cells = [[y for row in pair.values for y in row] for _, _, pair in pairs]
        low = sum(self.extremes[i][0] for i in part) + sum(map(min, cells))
        high = sum(self.extremes[i][1] for i in part) + sum(map(max, cells))
        return low, high


class PatternReach:
    """As `Reach` for pattern submodels: what becomes known makes another program score."""

    def __init__(self, scorer: PatternSubmodels) -> None:
        self.scorer = scorer
        self._reaches: dict[str, tuple[Reach, list[int]]] = {}

    def bounds(
        self, values: Sequence[float], linear_predictor: float | None = None
    ) -> MissingBounds:
        """As `Reach.bounds`."""
        chosen = self.scorer.program_for(values)
        lp = self.scorer.score_one(values)[1] if linear_predictor is None else linear_predictor
        probability = chosen.probability_one(lp)
        unknown = [i for i, x in enumerate(values) if x != x]
        if not unknown:
            return MissingBounds(probability, probability, probability, ())
        found = []
        for i in unknown:
            low, high = self.between(values, (i,))
            change = max(abs(low - probability), abs(high - probability))
            found.append(IfKnown(self.scorer.features[i], low, high, change))
        found.sort(key=lambda item: -item.change)
        return MissingBounds(probability, *self.between(values, tuple(unknown)), tuple(found))

    def between(self, values: Sequence[float], known: tuple[int, ...]) -> tuple[float, float]:
        """As `Reach.between`."""
        reach, positions = self._reach(
            "".join("0" if x != x and i not in known else "1" for i, x in enumerate(values))
        )
        inputs = [values[i] for i in positions]
        lp = reach.program.score_one(inputs)[1]
        places = tuple(positions.index(i) for i in known)
        lowest, highest = reach._around(inputs, lp, places)
        return reach.program.probability_one(lowest), reach.program.probability_one(highest)

    def _reach(self, pattern: str) -> tuple[Reach, list[int]]:
        """That of the program of a pattern, in the ranges of all, with the positions it reads."""
        if pattern not in self._reaches:
            values = [0.0 if mark == "1" else nan for mark in pattern]
            program = self.scorer.program_for(values)
            positions = [self.scorer.features.index(name) for name in program.features]
            if program is not self.scorer.fallback:
                program = replace(program, support=_part_of(self.scorer.support, positions))
            self._reaches[pattern] = Reach(program), positions
        return self._reaches[pattern]


def _part_of(support: Support | None, positions: Sequence[int]) -> Support | None:
    """The ranges and rules of some features."""
    if support is None:
        return None
    features = tuple(support.features[i] for i in positions)
    return Support(
        features=features,
        ranges=tuple(support.ranges[i] for i in positions),
        rules=tuple(rule for rule in support.rules if rule.feature in features),
    )


def reach_of(scorer: ScoringProgram | PatternSubmodels) -> Reach | PatternReach:
    """How far unknown features can move what is said, for a program or pattern submodels."""
    return Reach(scorer) if isinstance(scorer, ScoringProgram) else PatternReach(scorer)


def _range(program: ScoringProgram, position: int) -> tuple[float, float]:
    """What a feature could be: the training range within the population rules, or the knots."""
    term, support = program.terms[position], program.support
    if support is None:
        return term.knots[0], term.knots[-1]
    low, high = support.ranges[position].low, support.ranges[position].high
    rules = [rule for rule in support.rules if rule.feature == term.feature]
    least = max([low, *(-inf if rule.minimum is None else rule.minimum for rule in rules)])
    most = min([high, *(inf if rule.maximum is None else rule.maximum for rule in rules)])
    return (least, most) if least <= most else (low, high)


def _extremes(
    term: Term, function: Piecewise, low: float, high: float, closed: bool = True
) -> tuple[float, float]:
    """Lowest and highest of a piecewise-linear term from ``low`` to ``high``.

    They lie at an end or a knot, at a jump on either side of it; ``closed`` includes ``high``.
    """
    at = [function.one(low)]
    at += [y for x, y in zip(term.knots, term.values, strict=True) if low < x < high]
    left_of_high = [y for x, y in zip(term.knots, term.values, strict=True) if x == high > low]
    at += left_of_high if closed else left_of_high[:1]
    if closed or not left_of_high:
        at.append(function.one(high))
    return min(at), max(at)


def _connected(
    known: tuple[int, ...], pairs: Sequence[tuple[int, int, PairTerm]]
) -> list[tuple[int, ...]]:
    """The features in groups that no pair joins."""
    group = {i: {i} for i in known}
    for i, j, _ in pairs:
        if i in group and j in group and group[i] is not group[j]:
            group[i] |= group[j]
            for member in group[j]:
                group[member] = group[i]
    return list(dict.fromkeys(tuple(sorted(members)) for members in group.values()))


def _along(axis: int, axes: int, numbers: Sequence[float]) -> FloatArray:
    """Numbers along one axis of an array with more."""
    shape = [1] * axes
    shape[axis] = len(numbers)
    return np.array(numbers).reshape(shape)


def _pair_table(
    joined: tuple[int, int, PairTerm],
    states: dict[int, list[_State]],
    values: Sequence[float],
    axis: dict[int, int],
) -> FloatArray:
    """What a pair adds for each combination of states, laid along the axes of its features."""
    i, j, pair = joined
    rows = [s.start for s in states[i]] if i in states else [values[i]]
    columns = [s.start for s in states[j]] if j in states else [values[j]]
    of_rows = [cell_one(pair.first_edges, x) for x in rows]
    of_columns = [cell_one(pair.second_edges, x) for x in columns]
    table = np.array(pair.values)[np.ix_(of_rows, of_columns)]
    if j in axis and i in axis and axis[j] < axis[i]:
        table = table.T
    shape = [1] * len(axis)
    for feature, cells in ((i, rows), (j, columns)):
        if feature in axis:
            shape[axis[feature]] = len(cells)
    return table.reshape(shape)
