"""Proposals of help for people, with their reasons as sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.figure import number, plain
from risicoscreener.evaluation.pilots.telling import whole
from risicoscreener.reentry.selection.capacity import ANYWHERE, FIRST, LAST, Places
from risicoscreener.reentry.selection.wording import feature_label, per_hundred, say
from risicoscreener.texts import (
    Lang,
    check_language,
    default_language,
    sections_as_html,
    sections_as_text,
)

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

STATUSES = (
    "proposed",
    "waiting",
    "ask_first",
    "outside",
    "no_gain_expected",
    "declined",
    "no_need",
    "no_capacity",
)


@dataclass(frozen=True)
class Proposal:
    """What is proposed for one person, and why.

    Attributes
    ----------
    person_id, as_of, site
        Who, on which day, where.
    status
        One of `STATUSES`.
    rank
        Place among those who come into consideration at the site; None for others.
    lot
        Number in the lottery that settles ties.
    cell
        Which row of the capacity the place is of, from 0; None without a place.
    effect, low, high
        Expected effect with its interval; NaN without a model.
    risk, need_level
        Risk, and number of needs that are known to be there (NaN if unknown).
    said
        Keys of reasons with their values, in order; `reasons` gives the sentences.
    """

    person_id: str
    as_of: Any
    site: str
    status: str
    rank: int | None
    lot: int
    cell: int | None
    effect: float
    low: float
    high: float
    risk: float
    need_level: float
    said: tuple[tuple[str, Mapping[str, Any]], ...]

    def reasons(self, lang: str = "nl") -> list[str]:
        """Why, as sentences."""
        spoken = check_language(lang)
        return [
            say("reason", key, spoken, **{k: _shown(v, spoken) for k, v in values.items()})
            for key, values in self.said
        ]

    def text(self, lang: str = "nl") -> str:
        """Status and reasons."""
        spoken = check_language(lang)
        heading = f"{self.person_id}: {say('status', self.status, spoken)}"
        return sections_as_text([(heading, self.reasons(lang))])

    def to_dict(self, lang: str = "nl") -> dict[str, Any]:
        """Plain values, with the reasons in a language."""
        kept = {k: plain(v) for k, v in vars(self).items() if k not in ("said", "as_of")}
        return kept | {"as_of": str(self.as_of), "reasons": self.reasons(lang)}


@dataclass(frozen=True, eq=False)
class Allocation:
    """Proposals for people, in order of who comes first.

    Attributes
    ----------
    proposals
        Those proposed first, by site and rank; then the others.
    aid, rule, seed
        The help, the rule and the seed of the lottery.
    places, used
        Capacity, and hours of it given out, ``(k,)``.
    despite
        Doubts in spite of which people were ordered by effect.
    options
        ``least_need`` and ``reserved_for_need``.
    """

    proposals: tuple[Proposal, ...]
    aid: Any
    rule: str
    seed: int
    places: Places
    used: FloatArray
    despite: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Any:
        return iter(self.proposals)

    def __len__(self) -> int:
        return len(self.proposals)

    def __repr__(self) -> str:
        return f"<Allocation of {self.aid.id} by {self.rule}: {dict(self.counts())}>"

    def __getitem__(self, person_id: str) -> Proposal:
        for one in self.proposals:
            if one.person_id == person_id:
                return one
        raise KeyError(person_id)

    def counts(self) -> dict[str, int]:
        """How many of each status that occurs."""
        found = Counter(one.status for one in self.proposals)
        return {status: found[status] for status in STATUSES if found[status]}

    @property
    def proposed(self) -> tuple[Proposal, ...]:
        """Those with a place."""
        return tuple(one for one in self.proposals if one.status == "proposed")

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each person, with the reasons as one text."""
        import pandas as pd

        rows = [one.to_dict(lang) for one in self.proposals]
        columns = [f.name for f in fields(Proposal) if f.name != "said"] + ["reasons"]
        frame = pd.DataFrame(rows, columns=columns).astype({"rank": "Int64", "cell": "Int64"})
        frame["reasons"] = ["; ".join(reasons) for reasons in frame["reasons"]]
        first = ["person_id", "as_of", "site", "status"]
        return frame[[*first, *(name for name in frame.columns if name not in first)]]

    def to_dict(self, lang: str = "nl") -> dict[str, Any]:
        """Plain values."""
        return {
            "aid": self.aid.id,
            "rule": self.rule,
            "seed": self.seed,
            "despite": list(self.despite),
            "options": dict(self.options),
            "counts": self.counts(),
            "capacity": [
                {"site": c.site, "hours": c.hours, "used": float(u)}
                for c, u in zip(self.places.cells, self.used, strict=True)
            ],
            "proposals": [one.to_dict(lang) for one in self.proposals],
        }

    def text(self, lang: str = "nl", most: int = 10) -> str:
        """Counts, capacity, and the first proposals with their reasons."""
        return sections_as_text(self._sections(check_language(lang), most))

    def _repr_html_(self) -> str:
        lang = default_language()
        return sections_as_html(self._sections(lang, 5), lang, "allocation")

    def _sections(self, lang: Lang, most: int) -> list[tuple[str, list[str]]]:
        counted = "; ".join(
            f"{say('status', status, lang)} {count}" for status, count in self.counts().items()
        )
        lines = [say("allocation", "counts", lang, n=whole(len(self), lang), counts=counted)]
        for cell, used in zip(self.places.cells, self.used, strict=True):
            lines.append(
                say(
                    "allocation",
                    "capacity",
                    lang,
                    site=Site(cell.site).named(lang),
                    period=_period(cell, lang),
                    used=whole(used, lang),
                    hours=whole(cell.hours, lang),
                    unit=self.aid.unit.text(lang),
                )
            )
        sites = {one.site for one in self.proposals}
        lines += [
            say("allocation", "nobody_there", lang, site=cell.site)
            for cell in self.places.cells
            if cell.site not in (ANYWHERE, *sites)
        ]
        lines += self._expected(lang)
        if self.despite:
            doubts = ", ".join(say("doubt", name, lang) for name in self.despite)
            lines.append(say("allocation", "despite", lang, doubts=doubts))
        lines.append(say("model", "caution", lang))
        rule = say("rule", self.rule, lang)
        title = say("allocation", "title", lang, aid=self.aid.title.text(lang), rule=rule)
        shown = [
            (f"{one.person_id}: {say('status', one.status, lang)}", one.reasons(lang))
            for one in self.proposals[:most]
        ]
        return [(title, lines), *shown]

    def _expected(self, lang: Lang) -> list[str]:
        sums = [
            sum(getattr(one, side) for one in self.proposed) for side in ("effect", "low", "high")
        ]
        if not self.proposed or not all(map(math.isfinite, sums)):
            return []
        effect, low, high = (number(value, 1, lang) for value in sums)
        return [say("allocation", "expected", lang, effect=effect, low=low, high=high)]


class Hundred(float):
    """A difference of shares, shown as people of a hundred."""


class Named(str):
    """A feature, shown by its text."""

    __slots__ = ()


class RuleName(str):
    """A rule, shown by its name."""

    __slots__ = ()


class Site(str):
    """A prison, or all of them, or one that is not known."""

    __slots__ = ()

    def named(self, lang: Lang) -> str:
        """As a reader calls it."""
        if self == ANYWHERE:
            return say("allocation", "anywhere", lang)
        return str(self) or say("allocation", "no_site", lang)


def _shown(value: Any, lang: Lang) -> Any:
    """A value of a reason as people read it."""
    if isinstance(value, tuple):
        return ", ".join(_shown(one, lang) for one in value)
    if isinstance(value, Hundred):
        return per_hundred(float(value), lang)
    if isinstance(value, Named):
        return feature_label(str(value), lang)
    if isinstance(value, Site):
        return value.named(lang)
    if isinstance(value, RuleName):
        return say("rule", str(value), lang)
    return value.text(lang) if hasattr(value, "text") else value


def _period(cell: Any, lang: Lang) -> str:
    if (cell.from_on, cell.until_on) == (FIRST, LAST):
        return say("allocation", "always", lang)
    ends = [
        "…" if day in (FIRST, LAST) else day.isoformat() for day in (cell.from_on, cell.until_on)
    ]
    return " – ".join(ends)
