"""Two versions of a policy, cell by cell, over what both weigh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.decision.cases import in_words, plainest
from risicoscreener.decision.outcome import OUTCOMES
from risicoscreener.decision.wording import cited, join, say
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from risicoscreener.decision.compiled import CompiledDomain, CompiledPolicy


class Shift(Struct, frozen=True, kw_only=True):
    """How many cells go from one outcome to another.

    ``example`` is the plainest of them in words, ``old_rule`` and ``new_rule`` what decides it,
    ``old_source`` and ``new_source`` where those rules come from, and ``old_text`` and ``new_text``
    what the policies call the outcomes.
    """

    old: str
    new: str
    old_text: Texts
    new_text: Texts
    cells: int
    example: Texts
    old_rule: Texts
    new_rule: Texts
    old_source: Texts
    new_source: Texts


class Comparison(Struct, frozen=True, kw_only=True):
    """What a change of policy does to the cases that both versions know.

    Attributes
    ----------
    old, new
        The versions.
    cells
        Number of shared cells.
    shifts
        One per pair of outcomes that occurs, equal pairs included; largest liberty first.
    limits
        What was left out of the comparison: domains and levels that one version lacks.
    """

    old: str
    new: str
    cells: int
    shifts: tuple[Shift, ...]
    limits: tuple[Texts, ...]

    def count(self, old: str, new: str) -> int:
        """Number of cells with these outcomes in the old and in the new version."""
        return sum(s.cells for s in self.shifts if (s.old, s.new) == (old, new))

    @property
    def more(self) -> int:
        """Cells in which the new version gives more liberty."""
        return sum(s.cells for s in self.shifts if _rank(s.new) > _rank(s.old))

    @property
    def less(self) -> int:
        """Cells in which the new version gives less liberty."""
        return sum(s.cells for s in self.shifts if _rank(s.new) < _rank(s.old))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def to_frame(self) -> pd.DataFrame:
        """Counts of cells: a row per old outcome, a column per new one."""
        import pandas as pd

        counts = [[self.count(old, new) for new in OUTCOMES] for old in OUTCOMES]
        return pd.DataFrame(
            counts, index=pd.Index(OUTCOMES, name="old"), columns=pd.Index(OUTCOMES, name="new")
        )

    def text(self, lang: str = "nl") -> str:
        """The comparison as plain text in ``nl`` or ``en``."""
        check_language(lang)
        equal = self.cells - self.more - self.less
        lines = [
            say("comparison", "title", old=self.old, new=self.new, cells=self.cells).text(lang),
            say("comparison", "more", n=self.more, m=self.less, k=equal).text(lang),
            *(limit.text(lang) for limit in self.limits),
            "",
        ]
        for shift in self.shifts:
            kind = "unchanged" if shift.old == shift.new else "change"
            called = {"old": shift.old_text, "new": shift.new_text}
            sentence = say("comparison", kind, n=shift.cells, **called)
            lines.append(f"- {sentence.text(lang)}")
            if shift.old != shift.new:
                said = (
                    say("comparison", "example", case=shift.example),
                    say("comparison", "old_rule", rule=shift.old_rule, source=shift.old_source),
                    say("comparison", "new_rule", rule=shift.new_rule, source=shift.new_source),
                )
                lines += [f"    {sentence.text(lang)}" for sentence in said]
        return "\n".join(lines) + "\n"


def compare(old: CompiledPolicy, new: CompiledPolicy) -> Comparison:
    """Compare two versions over the domains and levels that both have.

    A domain that one version lacks is taken at its best level in the other, so that the
    comparison is of the cases in which that domain is no obstacle.
    """
    shared = _Shared(old, new)
    before, after = shared.tables(old.rules, new.rules)
    ranks = [
        np.array([_rank(r.outcome) for r in p.policy.rules], np.int8)[table]
        for p, table in ((old, before), (new, after))
    ]
    shifts = []
    for a in reversed(range(len(OUTCOMES))):
        for b in reversed(range(len(OUTCOMES))):
            cells = (ranks[0] == a) & (ranks[1] == b)
            position = plainest(cells)
            if position is not None:
                was, becomes = old.policy.rules[before[position]], new.policy.rules[after[position]]
                shifts.append(
                    Shift(
                        old=OUTCOMES[a],
                        new=OUTCOMES[b],
                        old_text=old.policy.outcome_text(OUTCOMES[a]),
                        new_text=new.policy.outcome_text(OUTCOMES[b]),
                        cells=int(cells.sum()),
                        example=shared.in_words(position),
                        old_rule=was.text,
                        new_rule=becomes.text,
                        old_source=cited(was.source, was.remark),
                        new_source=cited(becomes.source, becomes.remark),
                    )
                )
    return Comparison(
        old=old.id,
        new=new.id,
        cells=before.size,
        shifts=tuple(shifts),
        limits=tuple(shared.limits),
    )


class _Shared:
    """The domains and levels of two versions that can be laid beside each other."""

    def __init__(self, old: CompiledPolicy, new: CompiledPolicy) -> None:
        self.limits: list[Texts] = []
        theirs = {d.id: d for d in new.domains}
        self.domains: list[tuple[CompiledDomain, list[str]]] = []
        dropped: list[Texts] = []
        for domain in old.domains:
            if domain.id not in theirs:
                continue
            levels = [v.id for v in domain.levels]
            other = [v.id for v in theirs[domain.id].levels]
            both = [v for v in levels if v in other]
            # Without a common order of levels there is nothing to lay beside each other.
            if both and both == [v for v in other if v in levels]:
                self.domains.append((domain, both))
                dropped += [
                    say("sentence", "step", domain=d.title, level=v.text)
                    for d in (domain, theirs[domain.id])
                    for v in d.levels
                    if v.id not in both
                ]
        self.ids = {d.id: levels for d, levels in self.domains}
        for name, policy in (("only_old", old), ("only_new", new)):
            alone = [d.title for d in policy.domains if d.id not in self.ids]
            if alone:
                self.limits.append(say("comparison", name, domains=join(", ", alone)))
        if dropped:
            self.limits.append(say("comparison", "level_left_out", levels=join("; ", dropped)))
        self.old, self.new = old, new

    def tables(
        self, old: NDArray[np.int16], new: NDArray[np.int16]
    ) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Both tables over the shared domains, axes and levels in the same order."""
        return self._table(self.old, old), self._table(self.new, new)

    def _table(self, policy: CompiledPolicy, table: NDArray[np.int16]) -> NDArray[np.int16]:
        index: list[list[int]] = []
        for domain in policy.domains:
            ids = [v.id for v in domain.levels]
            index.append([ids.index(v) for v in self.ids.get(domain.id, ids[:1])])
        taken = table[np.ix_(*index)]
        axes = {d.id: axis for axis, d in enumerate(policy.domains)}
        order = [axes[name] for name in self.ids]
        rest = [axis for axis in axes.values() if axis not in order]
        return taken.transpose(*order, *rest).reshape([len(v) for v in self.ids.values()])

    def in_words(self, position: tuple[int, ...]) -> Texts:
        domains = [d for d, _ in self.domains]
        levels = [
            [v.id for v in d.levels].index(both[i])
            for (d, both), i in zip(self.domains, position, strict=True)
        ]
        return in_words(domains, levels)


def _rank(outcome: str) -> int:
    return OUTCOMES.index(outcome)
