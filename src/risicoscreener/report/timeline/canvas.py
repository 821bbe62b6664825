"""The axes, and how marks and bars are put in the lanes."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from risicoscreener.dossier.record import Fact
from risicoscreener.dossier.visible import visible
from risicoscreener.dossier.vocabulary import vocabularies

_Fact = TypeVar("_Fact", bound=Fact)


@cache
def sheet() -> dict[str, Any]:
    """Lanes, looks, colours and texts of the picture."""
    path = files("risicoscreener.report") / "timeline.toml"
    return tomllib.loads(path.read_text("utf-8"))


@dataclass
class Picture:
    """The axes, and what all lanes need to draw on them."""

    ax: Any
    language: str
    as_of: dt.date | None
    first: dt.date
    last: dt.date
    legend: dict[str, Any] = field(default_factory=dict)

    def text(self, key: str, **values: str) -> str:
        """A text of the picture in its language."""
        return str(sheet()["texts"][key][self.language]).format(**values)

    def number(self, day: dt.date) -> float:
        """Where a day is along the axis."""
        return float(self.ax.convert_xunits(day))

    def label(self, vocabulary: str, code: str) -> str:
        """What a code is called."""
        return vocabularies()[vocabulary].label(code, self.language)

    def y(self, lane: str, at: float = 0.0) -> float:
        """Height of a place in a lane, from -1 at its bottom to 1 at its top."""
        half = sheet()["looks"]["lane_height"] / 2.0
        return -list(sheet()["lanes"]).index(lane) + at * half

    def versions(self, facts: Iterable[_Fact]) -> Iterator[tuple[_Fact, bool]]:
        """Facts in force, each with whether it is drawn faint: later ones first, so below."""
        listed = list(facts)
        now = self.as_of or dt.date.max
        known = in_force([fact for fact in listed if fact.recorded_at <= now])
        shown = {id(fact) for fact in known}
        later = [fact for fact in in_force(listed) if id(fact) not in shown]
        yield from ((fact, True) for fact in later)
        yield from ((fact, False) for fact in known)

    def mark(
        self, lane: str, style: Any, day: dt.date, is_faint: bool, label: str, **changes: Any
    ) -> None:
        """One mark, unless its day lies outside the picture."""
        if not self.first <= day <= self.last:
            return
        is_later = is_faint or (self.as_of is not None and day > self.as_of)
        looks = {"s": sheet()["looks"]["mark_area"], "at": style["at"], **changes}
        at = looks.pop("at")
        drawn = {**_shape(style), **looks}
        self.ax.scatter(
            self.number(day),
            self.y(lane, at),
            alpha=sheet()["looks"]["faint"] if is_later else 1.0,
            zorder=3,
            gid=lane,
            **drawn,
        )
        if label not in self.legend:
            size = sheet()["looks"]["mark_area"]
            self.legend[label] = self.ax.scatter([], [], **{**drawn, "s": size})

    def bar(
        self,
        lane: str,
        style: Any,
        begin: dt.date,
        end: dt.date | None,
        is_faint: bool,
        label: str,
        **changes: Any,
    ) -> None:
        """A bar over a spell, in full up to the day looked at and faint after it."""
        end = end or self.last
        begin, end = max(begin, self.first), min(end, self.last)
        if begin > end:
            return
        cut = end if self.as_of is None else min(max(self.as_of, begin), end)
        if not is_faint and cut >= begin:
            self._piece(lane, style, begin, cut, 1.0, label, changes)
        start = begin if is_faint else cut
        if start < end or (is_faint and start == end):
            self._piece(lane, style, start, end, sheet()["looks"]["faint"], label, changes)

    def _piece(
        self,
        lane: str,
        style: Any,
        begin: dt.date,
        end: dt.date,
        alpha: float,
        label: str,
        changes: dict[str, Any],
    ) -> None:
        from matplotlib.patches import Patch, Rectangle

        height = sheet()["looks"]["lane_height"] * changes.get("part", 0.8)
        bottom = self.y(lane, changes.get("at", 0.0)) - height / 2.0
        corner, width = (self.number(begin), bottom), self.number(end) - self.number(begin)
        looks = _filling(style)
        self.ax.add_patch(
            Rectangle(corner, width, height, alpha=alpha, zorder=2, gid=lane, **looks)
        )
        self.legend.setdefault(label, Patch(**looks))


def _shape(style: Any) -> dict[str, Any]:
    """How `scatter` draws a mark; lines have no edge."""
    is_line = style["shape"] in "x|"
    edge = {"linewidths": 1.4} if is_line else {"linewidths": 0.6, "edgecolors": "white"}
    return {"marker": style["shape"], "color": sheet()["colours"][style["colour"]], **edge}


def _filling(style: Any) -> dict[str, Any]:
    """How a patch is filled."""
    colour = sheet()["colours"][style["colour"]]
    hatch = style["hatch"] or None
    return {"facecolor": colour, "edgecolor": "0.25", "hatch": hatch, "linewidth": 0.4}


def in_force(facts: list[_Fact]) -> list[_Fact]:
    """Facts that were neither withdrawn nor replaced."""
    return [fact for _, fact in visible(facts, dt.date.max)]
