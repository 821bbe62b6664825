"""What is proven of a policy: each property with a counterexample where it does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.decision.cells import Cells
from risicoscreener.decision.outcome import OUTCOMES
from risicoscreener.decision.policy import BUILT_IN, Property
from risicoscreener.decision.properties import PROPERTIES, broken, sourced
from risicoscreener.decision.reachable import clauses_without_effect
from risicoscreener.decision.wording import cited, say, texts
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    from risicoscreener.decision.compiled import CompiledPolicy


class Check(Struct, frozen=True, kw_only=True):
    """One property: whether it holds, and if not, a case in which it does not.

    ``exempt`` says why it does not apply, if it does not; it then counts as holding.
    """

    name: str
    title: Texts
    ok: bool
    counterexample: Texts | None = None
    exempt: Texts | None = None


class Unread(Struct, frozen=True, kw_only=True):
    """A part of a policy, such as ``rules/low_risk``, whose source was not read yet."""

    part: str
    source: str
    remark: Texts | None


class VerificationReport(Struct, frozen=True, kw_only=True):
    """What was proven of a policy.

    Attributes
    ----------
    policy, digest, cells
        Which policy, and over how many cells.
    checks
        The properties, in a fixed order.
    notes
        What is no error but worth a look: rules without effect, conditions never attached.
    to_verify
        Parts whose source was not read yet, with that source and the remark on it.
    """

    policy: str
    digest: str
    cells: int
    checks: tuple[Check, ...]
    notes: tuple[Texts, ...]
    to_verify: tuple[Unread, ...]

    @property
    def ok(self) -> bool:
        """Whether all properties hold."""
        return all(check.ok for check in self.checks)

    def failed(self) -> tuple[str, ...]:
        """Names of the properties that do not hold."""
        return tuple(check.name for check in self.checks if not check.ok)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return {"ok": self.ok, **plain}

    def text(self, lang: str = "nl") -> str:
        """The report as plain text in ``nl`` or ``en``."""
        check_language(lang)
        lines = [say("report", "title", id=self.policy, cells=self.cells).text(lang), ""]
        for check in self.checks:
            lines.append(f"- {check.title.text(lang)}: {_state(check).text(lang)}")
            if check.counterexample is not None:
                lines.append(f"    {check.counterexample.text(lang)}")
        if self.notes:
            lines += ["", texts("report", "notes").text(lang)]
            lines += [f"- {note.text(lang)}" for note in self.notes]
        if self.to_verify:
            lines += ["", say("report", "to_verify", n=len(self.to_verify)).text(lang)]
            for unread in self.to_verify:
                source = cited(unread.source, unread.remark)
                entry = say("report", "unread", part=unread.part, source=source)
                lines.append(f"- {entry.text(lang)}")
        return "\n".join(lines) + "\n"


def _state(check: Check) -> Texts:
    if check.exempt is not None:
        return say("report", "exempt", reason=check.exempt)
    return texts("report", "holds" if check.ok else "fails")


def verify(compiled: CompiledPolicy) -> VerificationReport:
    """Check all properties over every cell of a policy, general ones and its own.

    Parameters
    ----------
    compiled
        The policy; its tables are checked as they stand.

    Returns
    -------
    VerificationReport
        With the plainest counterexample of each property that does not hold.
    """
    cells = Cells(compiled)
    checks = [_general(cells, name) for name in PROPERTIES]
    checks += [_own(cells, prop) for prop in compiled.policy.properties]
    return VerificationReport(
        policy=compiled.id,
        digest=compiled.digest,
        cells=compiled.outcomes.size,
        checks=tuple(checks),
        notes=tuple(_notes(cells)),
        to_verify=tuple(_to_verify(compiled)),
    )


def _general(cells: Cells, name: str) -> Check:
    title = texts("property", name)
    exemption = cells.compiled.policy.exempt.get(name)
    if exemption is not None:
        exempt = cited(exemption.source, exemption.reason)
        return Check(name=name, title=title, ok=True, exempt=exempt)
    found = PROPERTIES[name](cells)
    return Check(name=name, title=title, ok=found is None, counterexample=found)


def _own(cells: Cells, prop: Property) -> Check:
    found = broken(cells, prop)
    title = say("property", "own", text=prop.text)
    return Check(name=prop.id, title=title, ok=found is None, counterexample=found)


def _notes(cells: Cells) -> Iterator[Texts]:
    compiled = cells.compiled
    for rule in _rules_without_effect(compiled):
        yield say("sentence", "without_effect", rule=rule)
    for condition, attached in zip(compiled.policy.conditions, compiled.attached, strict=True):
        if not attached.any():
            yield say("sentence", "never_attached", condition=condition.id)
    for domain in compiled.domains[len(BUILT_IN) :]:
        for level in domain.levels:
            if level.id not in cells.given[domain.id]:
                yield say("sentence", "never_read", level=level.id, domain=domain.title)
    yield from clauses_without_effect(compiled)
    for domain in compiled.domains:
        axis = cells.axes[domain.id]
        if len(domain.levels) > 1 and (cells.outcomes.max(axis) == cells.outcomes.min(axis)).all():
            yield say("sentence", "no_difference", domain=domain.title)


def _rules_without_effect(compiled: CompiledPolicy) -> list[str]:
    """Rules without which every case has the same outcome, by a later rule."""
    rules = compiled.policy.rules
    ranks = np.array([OUTCOMES.index(rule.outcome) for rule in rules], np.int8)
    later = np.full(compiled.shape, ranks[-1], np.int8)
    found = []
    for position in reversed(range(len(rules) - 1)):
        decided = compiled.rules == position
        if decided.any() and (later[decided] == ranks[position]).all():
            found.append(rules[position].id)
        later[compiled.cells(rules[position].when)] = ranks[position]
    return found[::-1]


def _to_verify(compiled: CompiledPolicy) -> Iterator[Unread]:
    for name, part in sourced(compiled.policy):
        if part.to_verify:
            yield Unread(part=name, source=part.source, remark=part.remark)
