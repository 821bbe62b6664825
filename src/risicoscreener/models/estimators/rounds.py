"""What boosting learns and how: tables of bins that grow in rounds, judged on people held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from risicoscreener.models.estimators.binning import (
    codes_of,
    knot_heights,
    quantile_edges,
)
from risicoscreener.models.estimators.interactions import Coarse, Grid, purified
from risicoscreener.models.estimators.steps import Growth, step_update, sums_per_bin
from risicoscreener.models.terms import PairTerm

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray

ONE_SIDED = 1.0 - NormalDist().cdf(1.0)
"""Chance that noise improves by more than its standard error; shared by the pairs tried."""


def _weights_of_bins(
    edges: Sequence[FloatArray], codes: npt.NDArray[np.intp], weight: FloatArray
) -> list[FloatArray]:
    """Per feature the weight in each bin, the last of unknown values."""
    return [
        sums_per_bin(code, weight, len(row) + 2) for code, row in zip(codes, edges, strict=True)
    ]


def _midways(edges: FloatArray, known: FloatArray) -> FloatArray:
    """Edges that divide the same values, half way between the two that each lies between."""
    values = np.unique(known)
    right = np.searchsorted(values, edges, side="left")
    below, above = values[right - 1], values[right]
    half = below / 2.0 + above / 2.0  # halves first: a sum could be infinite
    return np.where((below < half) & (half <= above), half, above)


# -- what is learned ---------------------------------------------------------------------------


@dataclass(frozen=True)
class BoostedPair:
    """An interaction of two columns: a table of cells, the last row and column for unknown."""

    first: int
    second: int
    first_edges: FloatArray
    second_edges: FloatArray
    values: FloatArray

    def at(self, x: FloatArray) -> FloatArray:
        """What the table adds to each row of an ``(n, F)`` matrix."""
        sides = x[:, [self.first, self.second]]
        rows, columns = codes_of([self.first_edges, self.second_edges], sides).T
        return np.asarray(self.values[rows, columns])

    def lowered(self, names: Sequence[str]) -> PairTerm:
        """The pair of a program."""
        return PairTerm(
            first=names[self.first],
            second=names[self.second],
            first_edges=tuple(self.first_edges.tolist()),
            second_edges=tuple(self.second_edges.tolist()),
            values=tuple(tuple(row) for row in self.values.tolist()),
        )


@dataclass(frozen=True)
class TriedPair:
    """An interaction that was tried: what it gained on people held out.

    Attributes
    ----------
    first, second
        Columns.
    gain, standard_error
        Fall of the held-out log loss, summed over people, and its standard error.
    rounds
        Trees with the largest gain.
    kept
        Whether the gain is above what chance gives.
    curve_rounds
        Rounds by which the curves then grew on.
    """

    first: int
    second: int
    gain: float
    standard_error: float
    rounds: int
    kept: bool
    curve_rounds: int


@dataclass(frozen=True)
class Parts:
    """Intercept, curves and interactions, centred and purified."""

    intercept: float
    values: list[FloatArray]
    pairs: list[BoostedPair]

    def coefficients(self) -> list[float]:
        """All numbers in the order of `Ensemble`."""
        found = [self.intercept]
        for values in self.values:
            *known, unknown = values.tolist()
            found += [*knot_heights(known), unknown]
        for pair in self.pairs:
            found += pair.values.ravel().tolist()
        return found


# -- how it is learned -------------------------------------------------------------------------


@dataclass
class State:
    """A model that grows: its tables so far, and the linear predictor of every row.

    Rows of weight 0 take no part in growing, but their linear predictor is kept up too.
    """

    weight: FloatArray
    counts: list[FloatArray]
    start: float
    tables: list[FloatArray]
    lp: FloatArray
    pairs: dict[tuple[int, int], FloatArray] = field(default_factory=dict)
    grids: Sequence[Grid] = ()

    def copy(self) -> State:
        """A state that can grow apart from this one."""
        tables = [table.copy() for table in self.tables]
        return replace(self, tables=tables, lp=self.lp.copy(), pairs=dict(self.pairs))


@dataclass(frozen=True)
class Board:
    """The binned data and the rules of growth, shared by all fits to parts of the rows."""

    edges: tuple[FloatArray, ...]
    codes: npt.NDArray[np.intp]
    coarse: tuple[Coarse, ...]
    outcome: FloatArray
    growth: Growth
    directions: tuple[int, ...]
    rate: float

    @classmethod
    def of(
        cls,
        data: tuple[FloatArray, FloatArray, FloatArray],
        growth: Growth,
        directions: tuple[int, ...],
        rate: float,
        max_bins: int,
    ) -> Board:
        """A board of features ``(n, F)``, outcome and weight of each row."""
        x, outcome, weight = data
        edges = []
        for column in x.T:
            known = ~np.isnan(column)
            found = np.zeros(0)
            if known.any():
                found = quantile_edges(column[known], weight[known], max_bins)
                found = _midways(found, column[known])
            edges.append(found)
        codes = np.ascontiguousarray(codes_of(edges, x).T)
        coarse = tuple(Coarse.of(count) for count in _weights_of_bins(edges, codes, weight))
        return cls(tuple(edges), codes, coarse, outcome, growth, directions, rate)

    def empty(self, weight: FloatArray) -> State:
        """A state that says the log odds of the outcome to everybody."""
        counts = _weights_of_bins(self.edges, self.codes, weight)
        events, total = float(weight @ self.outcome), float(weight.sum())
        start = float(np.log(events / (total - events)))
        tables = [np.zeros(len(row) + 2) for row in self.edges]
        return State(weight, counts, start, tables, np.full(len(weight), start))

    def grown(self, weight: FloatArray, rounds: int) -> State:
        """A state after a number of rounds."""
        state = self.empty(weight)
        for _ in range(rounds):
            self.cycle(state)
        return state

    def derivatives(self, state: State) -> tuple[FloatArray, FloatArray]:
        """First and second derivative of the loss to the linear predictor of each row."""
        probability = expit(state.lp)
        spread = state.weight * probability * (1.0 - probability)
        return state.weight * (probability - self.outcome), spread

    def cycle(self, state: State) -> None:
        """One tree for each feature; within a round the loss is taken as quadratic."""
        gradient, hessian = self.derivatives(state)
        for feature, code in enumerate(self.codes):
            table = state.tables[feature]
            step = self.rate * step_update(
                sums_per_bin(code, gradient, len(table)),
                sums_per_bin(code, hessian, len(table)),
                state.counts[feature],
                self.growth,
                self.directions[feature],
            )
            table += step
            moved = step[code]
            state.lp += moved
            gradient += hessian * moved

    def grid(self, first: int, second: int) -> Grid:
        """The cells of a pair."""
        a, b = self.coarse[first], self.coarse[second]
        place = a.cell_of_bin[self.codes[first]] * b.size + b.cell_of_bin[self.codes[second]]
        directions = self.directions[first], self.directions[second]
        return Grid(first, second, (a.size, b.size), place, directions)

    def join(self, state: State, grid: Grid, rounds: int = 1) -> None:
        """Add trees of a pair."""
        key = grid.first, grid.second
        for _ in range(rounds):
            step = self.rate * grid.update(*self.derivatives(state), state.weight, self.growth)
            state.pairs[key] = state.pairs.get(key, 0.0) + step
            state.lp += step.ravel()[grid.place]

    def promising(self, state: State, most: int) -> list[Grid]:
        """The pairs with the largest gain on what a state leaves."""
        derivatives = self.derivatives(state)
        found = []
        for first, second in combinations(range(len(self.edges)), 2):
            grid = self.grid(first, second)
            gain = grid.gain(*derivatives, state.weight, self.growth)
            if gain > 0:
                found.append((-gain, first, second, grid))
        return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:3])[:most]]

    def join_best(self, state: State) -> None:
        """Add the tree of the pair, of those that a state may use, that gains most."""
        derivatives = self.derivatives(state)
        gains = [grid.gain(*derivatives, state.weight, self.growth) for grid in state.grids]
        if gains and max(gains) > 0:
            self.join(state, state.grids[int(np.argmax(gains))])

    def extend(self, state: State, grid: Grid, rounds: int, curve_rounds: int) -> None:
        """Add a pair that is kept, and let the curves grow on."""
        self.join(state, grid, rounds)
        for _ in range(curve_rounds):
            self.cycle(state)

    def parts(self, state: State) -> Parts:
        """The state with pairs purified and curves centred; its predictions stay the same."""
        values = [table.copy() for table in state.tables]
        pairs = []
        for (i, j), table in state.pairs.items():
            pure, rows, columns = purified(table, self.grid(i, j).sums(state.weight))
            values[i] += rows[self.coarse[i].cell_of_bin]
            values[j] += columns[self.coarse[j].cell_of_bin]
            # Nobody was unknown: no interaction either, unless that would bend a direction.
            if state.counts[i][-1] == 0 and self.directions[j] == 0:
                pure[-1, :] = 0.0
            if state.counts[j][-1] == 0 and self.directions[i] == 0:
                pure[:, -1] = 0.0
            edges = [self.edges[k][self.coarse[k].kept] for k in (i, j)]
            pairs.append(BoostedPair(i, j, edges[0], edges[1], pure))
        means = [
            float(count @ row) / float(count.sum())
            for row, count in zip(values, state.counts, strict=True)
        ]
        centred = [row - mean for row, mean in zip(values, means, strict=True)]
        for row, count in zip(centred, state.counts, strict=True):
            if count[-1] == 0:  # nobody was unknown: as the mean of all
                row[-1] = 0.0
        return Parts(state.start + sum(means), centred, pairs)


@dataclass
class Race:
    """Fits without each fold, side by side: how long to grow, and what is worth growing."""

    board: Board
    shares: FloatArray
    weight: FloatArray
    member: npt.NDArray[np.intp] | None
    states: list[State]

    @classmethod
    def start(
        cls,
        board: Board,
        weight: FloatArray,
        shares: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> Race:
        """Fits that have not begun."""
        member = None if groups is None else np.unique(groups, return_inverse=True)[1]
        states = [board.empty(weight - share) for share in shares.T]
        return cls(board, shares, weight, member, states)

    def run(self, max_rounds: int, patience: int) -> int:
        """Grow all curves; gives the number of rounds with the least held-out loss."""
        self.states, rounds = self.best(self.board.cycle, max_rounds, patience)
        return rounds

    def best(
        self, grow: Callable[[State], None], max_rounds: int, patience: int
    ) -> tuple[list[State], int]:
        """The states at their best, and after how many rounds that was."""
        states = [state.copy() for state in self.states]
        best, rounds = self.states, 0
        least = float(self._losses(best).sum())
        for number in range(1, max_rounds + 1):
            for state in states:
                grow(state)
            loss = float(self._losses(states).sum())
            if loss < least:
                best, rounds, least = [state.copy() for state in states], number, loss
            elif number - rounds >= patience:
                break
        return best, rounds

    def _losses(self, states: Sequence[State]) -> FloatArray:
        """Held-out log loss of each row, times its weight."""
        total = np.zeros(len(self.weight))
        for state, share in zip(states, self.shares.T, strict=True):
            total += share * (np.logaddexp(0.0, state.lp) - self.board.outcome * state.lp)
        return total

    def try_pairs(self, whole: State, most: int, max_rounds: int, patience: int) -> list[TriedPair]:
        """Try the most promising pairs one after another; those that are kept join ``whole``."""
        grids = self.board.promising(whole, most)
        level = NormalDist().inv_cdf(1.0 - ONE_SIDED / max(len(grids), 1))
        tried = []
        for grid in grids:
            states, rounds = self.best(partial(self._join, grid), max_rounds, patience)
            gain, error = self.gain(states)
            kept = rounds > 0 and gain > level * error
            more = 0
            if kept:
                self.states = states
                # Curves are flatter without an interaction that exists. They catch up before
                # the next pair is tried, which would else get the credit for what is theirs.
                more = self.run(max_rounds, patience)
                self.board.extend(whole, grid, rounds, more)
            tried.append(TriedPair(grid.first, grid.second, gain, error, rounds, kept, more))
        return tried

    def _join(self, grid: Grid, state: State) -> None:
        self.board.join(state, grid)

    def gain(self, states: Sequence[State]) -> tuple[float, float]:
        """Fall of the held-out loss, and its standard error over people."""
        falls = self._losses(self.states) - self._losses(states)
        people = self.weight
        if self.member is not None:
            falls = sums_per_bin(self.member, falls, 0)
            people = np.ones(len(falls))
        gain, per_person = float(falls.sum()), falls / people
        squared = np.square(per_person - gain / people.sum())
        return gain, float(np.sqrt(people @ squared))
