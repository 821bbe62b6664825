"""How often people follow a screening, in how much time, and how often they change nothing.

A screening that is always followed, and in seconds, is not weighed by a person: whoever relies on a
machine overlooks what it gets wrong (Parasuraman & Manzey 2010, Human Factors 52:381-410). These
figures do not prove that; they say where to look.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import RecordError
from risicoscreener.evaluation.figure import number
from risicoscreener.evaluation.groups.disclosure import Disclosure, Relation, hidden_cells
from risicoscreener.evaluation.intervals import effective_number, wilson
from risicoscreener.evaluation.sample import Sample
from risicoscreener.monitoring.wording import say
from risicoscreener.screening.record.decision import FASTEST_READING
from risicoscreener.screening.record.entries import DecisionBody, decision_body

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.screening.record import RecordLog

FEWEST = Disclosure(fewest_people=10, fewest_of_class=0)
"""Groups of fewer decisions are withheld. Few overrides are not: they are what is looked for."""


def _quarter(body: DecisionBody) -> str:
    day = body.decision.decided_at
    return f"{day.year}-Q{(day.month + 2) // 3}"


GROUP_OF: dict[str, Callable[[DecisionBody], str]] = {
    "kind": lambda body: body.kind,
    "decider": lambda body: body.decision.decided_by.id,
    "role": lambda body: body.decision.decided_by.role,
    "prison": lambda body: body.decision.prison,
    "month": lambda body: f"{body.decision.decided_at:%Y-%m}",
    "quarter": _quarter,
    "year": lambda body: f"{body.decision.decided_at:%Y}",
    "advice": lambda body: body.advice,
    "band": lambda body: body.band,
}
"""By what decisions can be told apart."""


@dataclass(frozen=True)
class Share:
    """A share with its interval.

    Attributes
    ----------
    value, low, high
        0 to 1. The interval is Wilson's; where a group has several deciders it is that of so many
        independent decisions as would give its standard error, since those of one decider are
        alike.
    """

    value: float
    low: float
    high: float

    def text(self, lang: str) -> str:
        """In whole per cents."""
        given = {name: number(100 * value, 0, lang) for name, value in asdict(self).items()}
        return say("sentence", "share", lang, share=given.pop("value"), **given)


@dataclass(frozen=True)
class OverrideRow:
    """One group of decisions.

    Attributes
    ----------
    group
        Its name; empty for all decisions together.
    n, deciders
        Decisions, and people who took them.
    agreed, up, down
        With the outcome of the screening, more liberty, less liberty.
    unchanged
        With the outcome and exactly the conditions of the screening.
    fast
        In less than ``fast_seconds`` of the table.
    median_seconds
        Half of the decisions took no longer.
    withheld
        Whether the group is not shown; then all figures are None.
    """

    group: str
    n: int | None = None
    deciders: int | None = None
    agreed: Share | None = None
    up: Share | None = None
    down: Share | None = None
    unchanged: Share | None = None
    fast: Share | None = None
    median_seconds: float | None = None

    @property
    def withheld(self) -> bool:
        """Whether the group is not shown."""
        return self.n is None


@dataclass(frozen=True)
class OverrideTable:
    """How decisions follow screenings, by group and in all.

    Attributes
    ----------
    by
        By what the groups are told apart, as in `GROUP_OF`.
    rows
        The groups, by name.
    total
        All decisions; None without decisions.
    fast_seconds, level
        What is fast, and the coverage of the intervals.
    """

    by: str
    rows: tuple[OverrideRow, ...]
    total: OverrideRow | None
    fast_seconds: float
    level: float

    def __getitem__(self, group: str) -> OverrideRow:
        for row in self.rows:
            if row.group == group:
                return row
        raise KeyError(f"{group} is not among {', '.join(row.group for row in self.rows)}")

    def text(self, lang: str = "nl") -> str:
        """A sentence for each group, in ``nl`` or ``en``."""
        if self.total is None:
            return say("sentence", "none", lang)
        return "\n".join(self._sentence(row, lang) for row in (*self.rows, self.total))

    def _sentence(self, row: OverrideRow, lang: str) -> str:
        group = row.group or say("by", "nothing", lang)
        if row.withheld:
            return say("sentence", "withheld", lang, group=group)
        shares = {
            name: getattr(row, name).text(lang)
            for name in ("agreed", "up", "down", "unchanged", "fast")
        }
        assert row.median_seconds is not None
        return say(
            "sentence",
            "row",
            lang,
            group=group,
            n=row.n,
            deciders=row.deciders,
            median=number(row.median_seconds, 0, lang),
            seconds=number(self.fast_seconds, 0, lang),
            **shares,
        )

    def to_frame(self) -> pd.DataFrame:
        """A row for each group and one for all, with NaN for what is withheld."""
        import pandas as pd

        rows = [*self.rows, *([] if self.total is None else [self.total])]
        flat = [_flat(row) for row in rows]
        return pd.DataFrame(flat, columns=list(_flat(OverrideRow("")))).set_index("group")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with None for what is withheld."""
        return {
            "by": self.by,
            "fast_seconds": self.fast_seconds,
            "level": self.level,
            "rows": [asdict(row) for row in self.rows],
            "total": None if self.total is None else asdict(self.total),
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.3f}".format, escape=True)


def _flat(row: OverrideRow) -> dict[str, Any]:
    """A row of a frame: a share is three columns."""
    flat: dict[str, Any] = {"group": row.group, "n": row.n, "deciders": row.deciders}
    for name in ("agreed", "up", "down", "unchanged", "fast"):
        share = getattr(row, name) or Share(math.nan, math.nan, math.nan)
        flat |= {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}
    return {**flat, "median_seconds": row.median_seconds}


def check_fast(seconds: float) -> None:
    """Refuse what is no time."""
    if not 0 <= seconds < math.inf:
        raise RecordError(f"fast_seconds is {seconds!r}; expected seconds, 0 or more")


def decisions_in(log: RecordLog) -> Iterator[DecisionBody]:
    """The decisions in a record that were not deleted, and of each screening the last.

    In the order of the first decision on each screening.
    """
    last: dict[str, DecisionBody] = {}
    for entry in log.entries():
        if entry.link.kind == "decision" and entry.payload is not None:
            last[entry.payload.reference] = decision_body(entry)
    return iter(last.values())


def overrides(
    decisions: Iterable[DecisionBody],
    by: str = "kind",
    *,
    fast_seconds: float = FASTEST_READING,
    level: float = 0.95,
    disclosure: Disclosure = FEWEST,
) -> OverrideTable:
    """How decisions follow screenings.

    Parameters
    ----------
    decisions
        Such as `decisions_in` gives.
    by
        What tells groups apart: a name in `GROUP_OF`.
    fast_seconds
        Decisions in less time are counted as fast.
    level
        Coverage of the intervals.
    disclosure
        What is too few to be shown. A group is also withheld if it could be worked out from the
        total of this table; who publishes several tables of the same decisions has to look whether
        one gives back what another withholds.

    Raises
    ------
    RecordError
        If there is no such ``by``, or ``fast_seconds`` is below 0 or no number.
    EvaluationError
        If the level does not lie between 0 and 1.
    """
    if by not in GROUP_OF:
        raise RecordError(f"by is {by!r}; expected one of {', '.join(GROUP_OF)}")
    check_fast(fast_seconds)
    found = list(decisions)
    groups: dict[str, list[DecisionBody]] = {}
    for body in found:
        groups.setdefault(GROUP_OF[by](body), []).append(body)
    names = sorted(groups)
    counts = [(len(found), 0), *((len(groups[name]), 0) for name in names)]
    relation = Relation(0, tuple(range(1, len(names) + 1)))
    hidden = hidden_cells(counts, [relation] if names else [], disclosure)
    rows = [
        OverrideRow(group) if why else _row(group, bodies, fast_seconds, level)
        for why, group, bodies in zip(
            hidden, ["", *names], [found, *map(groups.__getitem__, names)], strict=True
        )
        if bodies
    ]
    total = rows[0] if found else None
    return OverrideTable(by, tuple(rows[1:]), total, fast_seconds, level)


def _row(group: str, bodies: Sequence[DecisionBody], fast: float, level: float) -> OverrideRow:
    deciders = np.array([body.decision.decided_by.id for body in bodies])
    seconds = np.array([body.decision.seconds for body in bodies])
    direction = np.array([body.direction for body in bodies])
    unchanged = np.array([_nothing_changed(body) for body in bodies])
    several = len(np.unique(deciders)) > 1

    def share(hits: npt.NDArray[np.bool_]) -> Share:
        happened = hits.astype(np.float64)
        sample = Sample.of(np.zeros(len(hits)), happened, cluster=deciders if several else None)
        everybody = np.ones(len(hits), dtype=bool)
        n = effective_number(sample, everybody, sample.outcome, level)
        low, high = wilson(float(hits.mean()), n, level)
        return Share(float(hits.mean()), low, high)

    return OverrideRow(
        group=group,
        n=len(bodies),
        deciders=len(np.unique(deciders)),
        agreed=share(direction == "agreed"),
        up=share(direction == "up"),
        down=share(direction == "down"),
        unchanged=share(unchanged),
        fast=share(seconds < fast),
        median_seconds=float(np.median(seconds)),
    )


def _nothing_changed(body: DecisionBody) -> bool:
    """Whether outcome and conditions are those of the screening."""
    added = any(condition.words is not None for condition in body.decision.conditions)
    return body.direction == "agreed" and not body.left_out and not added
