"""A proposal of who receives help first, within capacity, with reasons; a person decides."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ReentryError
from risicoscreener.evaluation.resampling import check_seed
from risicoscreener.reentry.selection.capacity import ANYWHERE, FIRST, LAST, Places
from risicoscreener.reentry.selection.learning import DOUBTS
from risicoscreener.reentry.selection.model import SelectionModel
from risicoscreener.reentry.selection.pictures import Pictures
from risicoscreener.reentry.selection.proposals import STATUSES, Allocation
from risicoscreener.reentry.selection.solving import NOWHERE, place
from risicoscreener.reentry.selection.telling import ALIKE, BY_EFFECT, Told

FloatArray = npt.NDArray[np.float64]

RULES = ("effect", "lower_bound", "risk", "need_and_risk", "lot")


def allocate(
    people: Pictures,
    places: Places,
    *,
    model: SelectionModel | None = None,
    rule: str = "effect",
    despite: Sequence[str] = (),
    least_need: int | None = None,
    reserved_for_need: float = 0.0,
    until: npt.ArrayLike | None = None,
    hours: npt.ArrayLike | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Allocation:
    """Propose who receives a kind of help, within capacity.

    Parameters
    ----------
    people
        As of the day from which the help can begin.
    places
        How much help there is.
    model
        Of that help; needed to order by effect, and to state what is expected.
    rule
        ``effect``: highest sum of expected effects; ``lower_bound``: of their lower limits;
        ``risk``; ``need_and_risk``: most needs, then risk; ``lot``: by chance.
    despite
        To order by effect in spite of `SelectionModel.doubts`, all of them by name.
    least_need
        Fewest needs; 1 without it, 0 for help that is for everybody.
    reserved_for_need
        Part of each row of the capacity kept for who has most needs, whatever the effect.
    until
        ``(n,)`` days (``datetime64[D]``): until when each can begin; without it any time.
    hours
        ``(n,)``: what each takes of the capacity; that of the help without it.
    level
        Of the intervals.
    seed
        Of the lottery among equals; it is recorded.

    Raises
    ------
    ReentryError
        If people are to be ordered by effect although the data do not show that it differs (or
        that people can be compared, or that it does no harm) and that is not said by name; or if
        something is out of range.

    Notes
    -----
    A need that is not known is asked after, never taken for none. Who refused is not proposed.
    Attributes for audits, features that are forbidden and facts about victims are never read.
    """
    _check_rule(model, rule, despite)
    asked = _Asked.of(people, least_need, reserved_for_need, hours, until, level, seed)
    found = _expected(model, people, level)
    value = _values(rule, people, found, asked.lot)
    status = _status(rule, people, found, value, asked.least_need)
    open_to = [
        places.open_to(site, first, last)
        for site, first, last in zip(people.site, asked.first, asked.last, strict=True)
    ]
    status = np.where(
        (status == "eligible") & np.array([not cells for cells in open_to], dtype=bool),
        "no_capacity",
        status,
    )
    eligible = status == "eligible"
    cells, reserved = _placed(value, people.need_level, asked, open_to, places, eligible)
    status = np.where(eligible, np.where(cells == NOWHERE, "waiting", "proposed"), status)
    used = np.bincount(
        cells[cells >= 0], asked.hours[cells >= 0], minlength=len(places.cells)
    ).astype(np.float64)
    pool = _pools(people.site, places)
    ranks, sizes = _ranks(value, asked.lot, pool, eligible)
    told = Told(
        people=people,
        model=model,
        rule=rule,
        found=found,
        value=value,
        status=status,
        cells=cells,
        reserved=reserved,
        ranks=ranks,
        sizes=sizes,
        pool=pool,
        lot=asked.lot,
        least_need=asked.least_need,
        seed=seed,
    )
    order = sorted(
        range(len(people)),
        key=lambda i: (
            STATUSES.index(status[i]),
            str(pool[i]),
            ranks[i],
            str(people.person_ids[i]),
        ),
    )
    options = {"least_need": asked.least_need, "reserved_for_need": reserved_for_need}
    kept = tuple(despite) if rule in BY_EFFECT else ()
    return Allocation(
        tuple(told.of(i) for i in order), people.aid, rule, seed, places, used, kept, options
    )


def _check_rule(model: SelectionModel | None, rule: str, despite: Sequence[str]) -> None:
    if rule not in RULES:
        raise ReentryError(f"rule {rule!r}; expected one of {', '.join(RULES)}")
    unknown = [name for name in despite if name not in DOUBTS]
    if unknown:
        raise ReentryError(f"despite {unknown[0]!r}; expected some of {', '.join(DOUBTS)}")
    if rule not in BY_EFFECT:
        return
    if model is None:
        raise ReentryError(f"rule {rule!r} needs a model; give one, or another rule")
    left = [name for name in model.doubts if name not in despite]
    if left:
        raise ReentryError(
            f"people are not ordered by effect: {', '.join(left)}. The advice of the model is "
            f"{model.advice!r}: use the rule risk, need_and_risk or lot, or say by name in spite "
            f"of what: despite=({', '.join(map(repr, left))},)"
        )


@dataclass(frozen=True, eq=False)
class _Asked:
    """What was asked of an allocation, checked, with a row for each person."""

    least_need: int
    reserved: float
    hours: FloatArray
    first: list[Any]
    last: list[Any]
    lot: npt.NDArray[np.intp]

    @classmethod
    def of(
        cls,
        people: Pictures,
        least_need: int | None,
        reserved: float,
        hours: npt.ArrayLike | None,
        until: npt.ArrayLike | None,
        level: float,
        seed: int,
    ) -> _Asked:
        n = len(people)
        twice = [k for k, count in Counter(people.person_ids.tolist()).items() if count > 1]
        if twice:
            raise ReentryError(f"person {twice[0]} occurs twice; expected each once")
        if not 0 <= reserved <= 1:
            raise ReentryError(f"reserved_for_need is {reserved!r}; expected a part, from 0 to 1")
        if not 0 < level < 1:
            raise ReentryError(f"level is {level!r}; expected a number between 0 and 1")
        check_seed(seed)
        taken = np.full(n, people.aid.hours) if hours is None else np.asarray(hours, np.float64)
        if taken.shape != (n,) or not ((taken > 0) & np.isfinite(taken)).all():
            raise ReentryError(f"hours; expected {n} numbers above 0")
        last = [LAST] * n
        if until is not None:
            days = np.asarray(until, dtype="datetime64[D]")
            if days.shape != (n,):
                raise ReentryError(f"until has shape {days.shape}; expected ({n},)")
            last = [LAST if np.isnat(day) else day.item() for day in days]
        needed = (1 if people.aid.needs else 0) if least_need is None else least_need
        if needed < 0 or needed > len(people.aid.needs):
            raise ReentryError(
                f"least_need is {needed}; expected 0 to {len(people.aid.needs)}, the needs of "
                f"{people.aid.id}"
            )
        first = [FIRST if np.isnat(day) else day.item() for day in people.days]
        return cls(needed, reserved, taken, first, last, _lots(people, seed))


def _lots(people: Pictures, seed: int) -> npt.NDArray[np.intp]:
    """A number for each by chance, whatever the order in which people are given."""
    order = np.argsort(people.person_ids.astype(str), kind="stable")
    lot = np.empty(len(people), dtype=np.intp)
    lot[order] = np.random.default_rng(seed).permutation(len(people))
    return lot


def _expected(
    model: SelectionModel | None, people: Pictures, level: float
) -> dict[str, npt.NDArray[Any]]:
    if model is not None:
        return model.expected(people, level)
    nothing = np.full(len(people), math.nan)
    return {"effect": nothing, "low": nothing, "high": nothing, "comparable": nothing == nothing}


def _values(
    rule: str, people: Pictures, found: Mapping[str, npt.NDArray[Any]], lot: npt.NDArray[np.intp]
) -> FloatArray:
    """What the sum is made of that is to be highest; equals are equal."""
    if rule in BY_EFFECT:
        return np.round(found["effect" if rule == "effect" else "low"] / ALIKE) * ALIKE
    if rule == "risk":
        return np.round(people.risk / ALIKE) * ALIKE + ALIKE
    if rule == "need_and_risk":
        return np.nan_to_num(people.need_level) * 2 + np.round(people.risk / ALIKE) * ALIKE + ALIKE
    return np.ones(len(lot))


def _status(
    rule: str,
    people: Pictures,
    found: Mapping[str, npt.NDArray[Any]],
    value: FloatArray,
    least_need: int,
) -> npt.NDArray[Any]:
    """``eligible``, or why not; the first that holds."""
    level = people.need_level
    lacking = (level < least_need) & ~_may_have(people, least_need)
    unknown = np.isnan(level) | (level < least_need)
    conditions = [(people.refused == 1, "declined")]
    if least_need:
        conditions += [(lacking, "no_need"), (unknown, "ask_first")]
    if rule in BY_EFFECT:
        conditions += [(~found["comparable"], "outside"), (value <= 0, "no_gain_expected")]
    masks, names = zip(*conditions, strict=True)
    return np.select(masks, names, default="eligible").astype(object)


def _may_have(people: Pictures, least_need: int) -> npt.NDArray[np.bool_]:
    """Whether needs that are not known could make up for those that lack."""
    most = np.nansum(people.needs, axis=1) + np.isnan(people.needs).sum(axis=1)
    found: npt.NDArray[np.bool_] = most >= least_need
    return found


def _placed(
    value: FloatArray,
    need: FloatArray,
    asked: _Asked,
    open_to: Sequence[Sequence[int]],
    places: Places,
    eligible: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Cells of people, and who stands on a place that is kept for need."""
    capacity = places.hours
    kept = np.full(len(value), NOWHERE, dtype=np.intp)
    if asked.reserved:
        first = eligible & (need > 0)
        part = capacity * asked.reserved
        kept = place(np.nan_to_num(need), asked.lot, asked.hours, open_to, part, first)
    taken = np.bincount(kept[kept >= 0], asked.hours[kept >= 0], minlength=len(capacity))
    rest = place(
        value, asked.lot, asked.hours, open_to, capacity - taken, eligible & (kept == NOWHERE)
    )
    return np.where(kept >= 0, kept, rest), kept >= 0


def _pools(site: npt.NDArray[Any], places: Places) -> npt.NDArray[Any]:
    """With whom each competes: those of the site, or everybody if some places are for all."""
    if any(cell.site == ANYWHERE for cell in places.cells):
        return np.full(len(site), ANYWHERE)
    return site.astype(str)


def _ranks(
    value: FloatArray,
    lot: npt.NDArray[np.intp],
    pool: npt.NDArray[Any],
    eligible: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.intp], dict[str, int]]:
    """Place of each among those of the pool, from 1; 0 for who is not eligible."""
    ranks, sizes = np.zeros(len(value), dtype=np.intp), {}
    for name in np.unique(pool):
        rows = np.flatnonzero(eligible & (pool == name))
        order = rows[np.lexsort((lot[rows], -value[rows]))]
        ranks[order], sizes[str(name)] = np.arange(1, len(order) + 1), len(order)
    return ranks, sizes
