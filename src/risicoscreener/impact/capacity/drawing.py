"""People drawn from stays that were seen: who comes in during a forecast, and who is there already.

What is drawn belongs to a replicate, a kind and a purpose, and not to a scenario: in two scenarios
the same people come on the same days, and the same stay is drawn for each (common random numbers).
A change keeps fewer of them, or lets others come as well, and alters what a stay becomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from risicoscreener.impact.capacity.donors import Donors, DonorTable
from risicoscreener.impact.capacity.stays import Stays, regimes
from risicoscreener.impact.people import NOT_SET

FloatArray = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MASS, COUNTS, CHOICE, MARKS, MORE, MORE_CHOICE, MORE_MARKS, STOCK, RATE, BACKLOG, WORK = range(11)
"""Purposes of chance."""
N_MARKS = 6
TRIES = 40


@dataclass(frozen=True, eq=False)
class Drawn:
    """People, shape (n,); days count from the first of the forecast, negative before it.

    Attributes
    ----------
    arrived, left, low_from
        Days of arrival, of leaving the cell, and of placement in low security (``left`` if none).
    switched
        Day on which the ground changes; ``left`` or later if it does not.
    kind, regime, prison
        Positions: ground on arrival and after the change, prison.
    deep
        Whether a deep assessment is asked for.
    """

    arrived: Ints
    left: Ints
    low_from: Ints
    switched: Ints
    kind: Ints
    regime: Ints
    prison: Ints
    deep: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.arrived)

    def at(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Drawn:
        """Some of them."""
        return Drawn(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def moved(self, days: Ints) -> Drawn:
        """The same people, so many days later."""
        names = ("arrived", "left", "low_from", "switched")
        return replace(self, **{name: getattr(self, name) + days for name in names})


def joined(parts: Sequence[Drawn]) -> Drawn:
    """People of several kinds together."""
    columns = {f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Drawn)}
    return Drawn(**columns)


def stream(seed: int, replicate: int, kind: str, purpose: int) -> np.random.Generator:
    """Chance for one purpose."""
    return np.random.default_rng([seed, replicate, regimes().index(kind), purpose])


def draw_inflow(
    donors: Donors,
    versions: Sequence[DonorTable],
    version_days: Ints,
    rates: FloatArray,
    weights: FloatArray,
    seed: int,
    replicate: int,
) -> Drawn:
    """Who comes in, by the rates a day.

    Parameters
    ----------
    versions
        The stays as they are at first, and from each of ``version_days`` on.
    rates
        Arrivals a day, shape (T,).
    weights
        Of the donors, adding up to 1.
    """
    kind = donors.table.kind
    more = max([1.0, *(float(table.keep.max()) for table in versions)])
    first = _came(kind, rates, weights, seed, replicate, (COUNTS, CHOICE, MARKS))
    # Others who come as well have chance of their own: the first ones stay who they are.
    others = _came(
        kind, rates * (more - 1), weights, seed, replicate, (MORE, MORE_CHOICE, MORE_MARKS)
    )
    day, place = (np.concatenate([first[i], others[i]]) for i in (0, 1))
    mark = np.concatenate([first[2], others[2]], axis=1)
    is_extra = np.arange(len(day)) >= len(first[0])
    version = np.searchsorted(version_days, day, side="right")
    found = people_from(versions, version, place, day, mark, donors)
    keep = _picked(versions, version, place, "keep")
    # Of the first ones a share is kept where fewer come; of the others what is above one.
    wanted = np.where(is_extra, np.clip((keep - 1) / max(more - 1, 1e-12), 0, 1), keep)
    kept = mark[0] < wanted
    return found if kept.all() else found.at(kept)


def _came(
    kind: str,
    rates: FloatArray,
    weights: FloatArray,
    seed: int,
    replicate: int,
    purposes: tuple[int, int, int],
) -> tuple[Ints, Ints, FloatArray]:
    """Day, drawn stay and marks of each who comes."""
    counts, choice, marks = (stream(seed, replicate, kind, purpose) for purpose in purposes)
    day = np.repeat(np.arange(len(rates)), counts.poisson(rates))
    return day, choose(len(day), weights, choice), marks.random((N_MARKS, len(day)))


def people_from(
    versions: Sequence[DonorTable],
    version: Ints,
    place: Ints,
    arrived: Ints,
    mark: FloatArray,
    donors: Donors,
) -> Drawn:
    """What drawn stays become, by marks of shape (6, n)."""

    def of(name: str) -> npt.NDArray[np.float64]:
        return _picked(versions, version, place, name)

    length = np.where(mark[1] < of("early_share"), of("early_length"), of("length"))
    still = donors.lengths.open[place]
    if still.any():
        length = length - np.where(still, donors.lengths.tail_days * np.log1p(-mark[5]), 0.0)
    programme = np.where(mark[2] < of("programme_share"), of("programme_days"), 0.0)
    length = np.maximum(np.rint(length - programme), 0).astype(np.int64)
    low = np.where(mark[3] < of("low_share"), of("low_days") - programme, 0.0)
    low = np.clip(low, 0, length).astype(np.int64)
    left = arrived + length
    switch = versions[0].switch[place]
    never = np.iinfo(np.int32).max
    return Drawn(
        arrived=arrived,
        left=left,
        low_from=left - low,
        switched=np.minimum(arrived + switch, never).astype(np.int64),
        kind=np.full(len(place), regimes().index(donors.table.kind)),
        regime=versions[0].regime[place],
        prison=versions[0].prison[place],
        deep=mark[4] < of("deep_share"),
    )


def draw_stock(
    donors: Donors,
    table: DonorTable,
    inside: Stays,
    prisons: list[str],
    weights: FloatArray,
    scale: float,
    early_share: float,
    seed: int,
    replicate: int,
) -> Drawn:
    """Who is there already, with the days that are left.

    Where a date is known (of conditional release, or expected), it is used; for others a stay is
    drawn of those that lasted longer than theirs so far, on the same ground.

    Parameters
    ----------
    inside
        Those of the kind who are inside on the first day of the forecast.
    early_share
        Share of those with a date of conditional release who leave on it.
    """
    kind = donors.table.kind
    rng = stream(seed, replicate, kind, STOCK)
    whole = int(scale)
    copies = whole + (rng.random(len(inside)) < scale - whole)
    who = np.repeat(np.arange(len(inside)), copies)
    mark = rng.random((N_MARKS + 1, len(who)))
    so_far = (inside.seen_until - inside.arrived)[who]
    has_switched = (inside.switched != NOT_SET)[who]
    place = _longer_than(donors, so_far, has_switched, weights, rng)
    drawn = people_from(
        [table], np.zeros(len(who), np.int64), place, -so_far, mark[:N_MARKS], donors
    )
    left = np.maximum(drawn.left, 0)
    date = np.where(
        (inside.conditional[who] != NOT_SET) & (mark[N_MARKS] < early_share),
        inside.conditional[who],
        np.where(inside.expected[who] != NOT_SET, inside.expected[who], inside.conditional[who]),
    )
    known = (date >= inside.seen_until) & (date != NOT_SET)
    left = np.where(known, date - inside.seen_until, left)
    low_days = drawn.left - drawn.low_from
    low_from = np.maximum(left - low_days, 0)
    placed = (inside.low_from != NOT_SET)[who]
    low_from = np.where(placed, 0, np.where(low_days > 0, low_from, left))
    codes = {name: spot for spot, name in enumerate(regimes())}
    now = np.array([codes[name] for name in inside.regime.tolist()], dtype=np.int64)[who]
    places = {name: spot for spot, name in enumerate(prisons)}
    return Drawn(
        arrived=-so_far,
        left=left,
        low_from=low_from,
        switched=np.where(has_switched, -so_far, np.maximum(drawn.switched, 0)),
        kind=drawn.kind,
        regime=np.where(has_switched, now, drawn.regime),
        prison=np.array([places[name] for name in inside.prison.tolist()], dtype=np.int64)[who],
        deep=drawn.deep,
    )


def _longer_than(
    donors: Donors,
    so_far: Ints,
    has_switched: npt.NDArray[np.bool_],
    weights: FloatArray,
    rng: np.random.Generator,
) -> Ints:
    """A stay for each that lasted as long or longer, with its ground changed or not, as theirs."""
    order = donors.lengths.order
    time, summed = donors.lengths.time[order], np.cumsum(weights[order])
    # Who stays as long as the longest was not seen to leave: any of them will do.
    first = np.minimum(np.searchsorted(time, so_far, side="left"), len(time) - 1)
    below = np.where(first > 0, summed[first - 1], 0.0)
    below = np.where(below < 1 - 1e-12, below, 0.0)
    switch = donors.table.switch[order]
    place = np.full(len(so_far), len(time) - 1)
    open_ = np.arange(len(so_far))
    for _ in range(TRIES):
        if not len(open_):
            break
        u = below[open_] + rng.random(len(open_)) * (summed[-1] - below[open_])
        place[open_] = np.minimum(np.searchsorted(summed, u, side="right"), len(time) - 1)
        fits = (switch[place[open_]] <= so_far[open_]) == has_switched[open_]
        open_ = open_[~fits]
    found: Ints = order[place]
    return found


def choose(n: int, weights: FloatArray, rng: np.random.Generator) -> Ints:
    """Positions of drawn stays: how often each comes, in an order of chance."""
    found = np.repeat(np.arange(len(weights)), rng.multinomial(n, weights))
    rng.shuffle(found)
    return found


def _picked(
    versions: Sequence[DonorTable], version: Ints, place: Ints, name: str
) -> npt.NDArray[np.float64]:
    if len(versions) == 1:
        column: npt.NDArray[np.float64] = getattr(versions[0], name)[place]
        return column
    stacked = np.stack([getattr(table, name) for table in versions])
    found: npt.NDArray[np.float64] = stacked[version, place]
    return found
