"""Who gets another outcome when one policy takes the place of another.

The same people, screened under both: how many go from which outcome to which, of everybody and of
each group, with shares and intervals. Small numbers are not shown, and cannot be worked out from
what is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.decision import OUTCOMES
from risicoscreener.decision.outcome import Outcome
from risicoscreener.decision.wording import say, texts
from risicoscreener.errors import ImpactError
from risicoscreener.evaluation.groups.disclosure import (
    FEWEST_OF_CLASS,
    FEWEST_PEOPLE,
    Count,
    Relation,
    hidden_cells,
)
from risicoscreener.evaluation.intervals import wilson
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from risicoscreener.dossier import DossierTables
    from risicoscreener.screening.table import ScreenedTable

Pair = tuple[int, int]
"""Positions in `OUTCOMES`: of the outcome under the old policy and under the new one."""
UNKNOWN_LABEL = "?"
MOST_LABELS = 200


class Few:
    """What is too few to be shown: somebody, but fewer than so many."""

    def __init__(self, fewest: int) -> None:
        self.fewest = fewest

    def is_small(self, count: Count) -> bool:
        """Of people; the second number plays no part."""
        return 0 < count[0] < self.fewest


class Move(Struct, frozen=True, kw_only=True):
    """How many people of a group go from one outcome to another, or keep it.

    ``share`` is of the group, with its 95% interval (Wilson); all are None where not shown.
    """

    old: Outcome
    new: Outcome
    people: int | None
    share: float | None
    lower: float | None
    upper: float | None


class GroupMoves(Struct, frozen=True, kw_only=True):
    """The moves of a group: ``by`` a column and with a label, both empty for everybody."""

    by: str
    label: str
    people: int | None
    moves: tuple[Move, ...]

    def move(self, old: str, new: str) -> Move:
        """The move between two outcomes.

        Raises
        ------
        KeyError
            If nobody at all makes it.
        """
        for found in self.moves:
            if (found.old, found.new) == (old, new):
                return found
        raise KeyError((old, new))


class PeopleComparison(Struct, frozen=True, kw_only=True):
    """What a change of policy does to people.

    Attributes
    ----------
    old, new
        Names of the policies.
    people, not_compared
        Who is screened under both; and rows on whose day either has no version.
    groups
        Everybody first, then each label of each column.
    withheld
        How many numbers are not shown because they are small, or would give away one that is.
    """

    old: str
    new: str
    people: int
    not_compared: int
    groups: tuple[GroupMoves, ...]
    withheld: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def to_frame(self) -> pd.DataFrame:
        """A row for each move of each group; what is not shown is missing."""
        import pandas as pd

        rows = [
            {"by": g.by, "label": g.label, "of": g.people, **msgspec.to_builtins(m)}
            for g in self.groups
            for m in g.moves
        ]
        frame = pd.DataFrame(rows)
        return frame.astype({"of": "Int64", "people": "Int64"})

    def text(self, lang: str = "nl") -> str:
        """The comparison as plain text in ``nl`` or ``en``."""
        check_language(lang)
        return "\n".join(line.text(lang) for line in _lines(self)) + "\n"


def compare_people(
    old: ScreenedTable,
    new: ScreenedTable,
    groups: pd.DataFrame | None = None,
    *,
    names: tuple[str, str] = ("old", "new"),
    fewest_people: int = FEWEST_PEOPLE,
    fewest_of_move: int = FEWEST_OF_CLASS,
) -> PeopleComparison:
    """Lay the outcomes of the same people under two policies beside each other.

    Parameters
    ----------
    old, new
        The same people on the same days, screened under either policy.
    groups
        A row for each person, its index their ids (or a column ``person_id``); each column
        divides people, such as ``sex`` or ``prison``. No label counts as a label of its own.
    names
        What the policies are called.
    fewest_people, fewest_of_move
        Groups of fewer people are not shown, nor moves that fewer people make.

    Raises
    ------
    ImpactError
        If they are not the same people on the same days, someone has no row in ``groups``, or a
        column has more than 200 labels.
    """
    if not (
        np.array_equal(old.person_ids, new.person_ids) and np.array_equal(old.as_of, new.as_of)
    ):
        raise ImpactError("two screenings of other people or days; expected the same rows in both")
    pairs = np.stack([old.decided.outcome, new.decided.outcome], axis=1)
    kept = (pairs >= 0).all(axis=1)
    labels = _labels(groups, np.asarray(old.person_ids)[kept])
    counted = _Counted(pairs[kept], labels)
    hidden = counted.hidden(fewest_people, fewest_of_move)
    return PeopleComparison(
        old=names[0],
        new=names[1],
        people=int(kept.sum()),
        not_compared=int((~kept).sum()),
        groups=tuple(counted.shown(hidden)),
        withheld=sum(map(bool, hidden)),
    )


def groups_of(dossiers: DossierTables) -> pd.DataFrame:
    """Sex and prison of the people in dossiers, by their ids; the prison of their latest stay."""
    people = dossiers.to_pandas("persons").set_index("person_id")
    stays = dossiers.to_pandas("detentions")
    replaced = set(zip(stays["person_id"], stays["supersedes"], strict=True))
    ids = zip(stays["person_id"], stays["fact_id"], strict=True)
    gone = np.array([key in replaced for key in ids], bool) | stays["void"].to_numpy(bool)
    ordered = stays[~gone].sort_values("arrived_on", kind="stable")
    latest = ordered.drop_duplicates("person_id", keep="last").set_index("person_id")
    return people[["sex"]].assign(prison=latest["prison"].reindex(people.index))


def _labels(groups: pd.DataFrame | None, ids: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
    if groups is None:
        return {}
    frame = groups.set_index("person_id") if "person_id" in groups.columns else groups
    frame = frame.set_axis(frame.index.astype(str))
    named = ids.astype(str)
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()][0]
        raise ImpactError(f"groups have {twice} twice; expected one row for each person")
    lacking = set(named.tolist()) - set(frame.index)
    if lacking:
        raise ImpactError(
            f"groups have no row for {min(lacking)} and {len(lacking) - 1} others; "
            "expected one for each person"
        )
    found = {}
    for name in frame.columns:
        column = frame.loc[named, name]
        said = np.where(column.isna(), UNKNOWN_LABEL, column.astype(str)).astype(str)
        if len(set(said.tolist())) > MOST_LABELS:
            raise ImpactError(
                f"groups by {name} have {len(set(said.tolist()))} labels; "
                f"expected at most {MOST_LABELS}"
            )
        found[str(name)] = said
    return found


class _Counted:
    """People by group and by pair of outcomes, with every sum that a reader can make."""

    def __init__(self, pairs: npt.NDArray[np.int8], labels: dict[str, npt.NDArray[Any]]) -> None:
        self.groups: list[tuple[str, str]] = [("", "")]
        self.by_group = [Counter(map(tuple, pairs.tolist()))]
        for name, said in labels.items():
            for label in sorted(set(said.tolist())):
                self.groups.append((name, label))
                self.by_group.append(Counter(map(tuple, pairs[said == label].tolist())))
        ranks = range(len(OUTCOMES) - 1, -1, -1)
        self.pairs: list[Pair] = [(a, b) for a in ranks for b in ranks if self.by_group[0][a, b]]
        self.width = 1 + len(self.pairs)

    def counts(self) -> list[Count]:
        """Per group the people and then those of each pair."""
        return [
            (n, 0)
            for of in self.by_group
            for n in (sum(of.values()), *(of[pair] for pair in self.pairs))
        ]

    def relations(self) -> list[Relation]:
        """A group is the sum of its pairs, and everybody that of the groups of a column."""
        places = range(len(self.groups))
        found = [
            Relation(g * self.width, tuple(range(g * self.width + 1, (g + 1) * self.width)))
            for g in places
        ]
        for by in dict.fromkeys(name for name, _ in self.groups[1:]):
            of = [g for g in places if self.groups[g][0] == by]
            found += [
                Relation(cell, tuple(g * self.width + cell for g in of))
                for cell in range(self.width)
            ]
        return found

    def hidden(self, fewest_people: int, fewest_of_move: int) -> list[str]:
        """What hides each number; empty where it is shown."""
        counts = self.counts()
        small_group = [0 < sum(of.values()) < fewest_people for of in self.by_group]
        before = [small for small in small_group for _ in range(self.width)]
        return list(hidden_cells(counts, self.relations(), Few(fewest_of_move), before))

    def shown(self, hidden: Sequence[str]) -> Iterator[GroupMoves]:
        """The groups with what may be shown."""
        for g, ((by, label), of) in enumerate(zip(self.groups, self.by_group, strict=True)):
            start = g * self.width
            total = None if hidden[start] else sum(of.values())
            moves = (
                _move(pair, None if hidden[start + place] else of[pair], total)
                for place, pair in enumerate(self.pairs, start=1)
            )
            yield GroupMoves(by=by, label=label, people=total, moves=tuple(moves))


def _move(pair: Pair, people: int | None, total: int | None) -> Move:
    share = lower = upper = None
    if people is not None and total:
        share = people / total
        lower, upper = wilson(share, total)
    old, new = (OUTCOMES[rank] for rank in pair)
    return Move(old=old, new=new, people=people, share=share, lower=lower, upper=upper)


def _lines(compared: PeopleComparison) -> Iterator[Texts]:
    yield _say("title", old=compared.old, new=compared.new, n=compared.people)
    if compared.not_compared:
        yield _say("not_compared", n=compared.not_compared)
    if compared.withheld:
        yield _say("withheld", n=compared.withheld)
    for group in compared.groups:
        yield _say("nothing")
        people = texts("moves", "hidden") if group.people is None else str(group.people)
        if group.by:
            yield _say("group", by=group.by, label=group.label, n=people)
        else:
            yield _say("everybody", n=people)
        for move in group.moves:
            if move.people != 0:
                yield _line(move)


def _line(move: Move) -> Texts:
    old, new = texts("outcome", move.old), texts("outcome", move.new)
    kind = "stays" if move.old == move.new else "goes"
    what = say("moves", kind, old=old, new=new)
    if move.people is None:
        return _say("move_hidden", what=what)
    if move.share is None or move.lower is None or move.upper is None:
        return _say("move", what=what, n=move.people)
    share, lower, upper = (_percent(v) for v in (move.share, move.lower, move.upper))
    return _say("move_share", what=what, n=move.people, share=share, lower=lower, upper=upper)


def _percent(share: float) -> Texts:
    said = f"{100 * share:.1f}%"
    return Texts(nl=said.replace(".", ","), en=said)


def _say(name: str, **parts: Texts | str | int) -> Texts:
    return say("moves", name, **parts)
