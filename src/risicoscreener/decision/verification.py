"""Properties that must hold in every cell of a policy; each fails with a counterexample.

The table is finite, so these are proofs over all cases, not tests of some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.decision.cases import in_words, plainest
from risicoscreener.decision.outcome import DEEP_ASSESSMENT, DENY, GRANT, OUTCOMES
from risicoscreener.decision.policy import (
    ADMISSIBILITY,
    ASSESSMENT,
    BUILT_IN,
    CERTAINTY,
    CONDUCT,
    DOSSIER,
    FAVOURABLE,
    RISK,
    UNFAVOURABLE,
    UNKNOWN_LEVEL,
    VICTIMS,
    Condition,
    Domain,
    Property,
    Requirement,
    Rule,
    Sourced,
)
from risicoscreener.decision.wording import cited, say, texts
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    cells = _Cells(compiled)
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


def _general(cells: _Cells, name: str) -> Check:
    title = texts("property", name)
    exemption = cells.compiled.policy.exempt.get(name)
    if exemption is not None:
        exempt = cited(exemption.source, exemption.reason)
        return Check(name=name, title=title, ok=True, exempt=exempt)
    found = PROPERTIES[name](cells)
    return Check(name=name, title=title, ok=found is None, counterexample=found)


def _own(cells: _Cells, prop: Property) -> Check:
    found = _broken(cells, prop)
    title = say("property", "own", text=prop.text)
    return Check(name=prop.id, title=title, ok=found is None, counterexample=found)


class _Cells:
    """The table of a policy, asked by names of domains and levels."""

    def __init__(self, compiled: CompiledPolicy) -> None:
        self.compiled = compiled
        self.outcomes = compiled.outcomes
        self.domains = compiled.domains
        self.axes = {d.id: axis for axis, d in enumerate(compiled.domains)}
        self.ids = {d.id: tuple(v.id for v in d.levels) for d in compiled.domains}

    def lacks(self, domain: str, *levels: str) -> Texts | None:
        """What to say if a domain or a level that a property needs is not there."""
        if domain not in self.axes:
            return say("sentence", "no_domain", domain=domain)
        for level in levels:
            if level not in self.ids[domain]:
                return say("sentence", "no_level", domain=domain, level=level)
        return None

    def known(self, domain: str) -> int:
        """Number of known levels; `unknown`, if there, is the last."""
        ids = self.ids[domain]
        return len(ids) - (ids[-1] == UNKNOWN_LEVEL)

    def at(self, domain: str, levels: int | slice) -> tuple[slice, ...]:
        """Index of the cells with a domain at a level (axis kept) or at some levels."""
        index = [slice(None)] * self.outcomes.ndim
        kept = slice(levels, levels + 1) if isinstance(levels, int) else levels
        index[self.axes[domain]] = kept
        return tuple(index)

    def where(self, domain: str, *levels: str) -> NDArray[np.bool_]:
        """Whether a domain is at one of the levels; of a shape that broadcasts over cells."""
        named = np.array([level in levels for level in self.ids[domain]])
        axis = self.axes[domain]
        return named.reshape([-1 if a == axis else 1 for a in range(self.outcomes.ndim)])

    def case(self, position: tuple[int, ...]) -> Texts:
        return in_words(self.domains, position)

    def outcome(self, position: tuple[int, ...]) -> Texts:
        return texts("outcome", OUTCOMES[self.outcomes[position]])

    def moved(self, position: tuple[int, ...], domain: str, level: int) -> tuple[int, ...]:
        axis = self.axes[domain]
        return (*position[:axis], level, *position[axis + 1 :])

    def first(self, wrong: NDArray[np.bool_]) -> Texts | None:
        """The plainest wrong cell with its outcome."""
        position = plainest(wrong)
        if position is None:
            return None
        return say("sentence", "gives", case=self.case(position), outcome=self.outcome(position))


def _complete(cells: _Cells) -> Texts | None:
    compiled = cells.compiled
    policy = compiled.policy
    position = plainest(compiled.rules < 0)
    if position is not None:
        return say("sentence", "no_rule", case=cells.case(position))
    ranks = np.array([OUTCOMES.index(rule.outcome) for rule in policy.rules], np.int8)
    position = plainest(ranks[compiled.rules] != cells.outcomes)
    if position is not None:
        rule = policy.rules[compiled.rules[position]].id
        return say("sentence", "other_outcome", rule=rule, case=cells.case(position))
    used = np.bincount(compiled.rules.ravel(), minlength=len(policy.rules)) > 0
    for rule_, reached in zip(policy.rules, used, strict=True):
        if not reached:
            return say("sentence", "unreachable", rule=rule_.id)
    for name, part in _sourced(compiled):
        if not part.source.strip():
            return say("sentence", "no_source", part=name)
    return None


def _monotone(cells: _Cells) -> Texts | None:
    for domain in cells.axes:
        steps = [(level, level + 1) for level in range(cells.known(domain) - 1)]
        if cells.known(domain) < len(cells.ids[domain]):
            steps.append((0, cells.known(domain)))
        for better, worse in steps:
            wrong = (
                cells.outcomes[cells.at(domain, worse)] > cells.outcomes[cells.at(domain, better)]
            )
            found = plainest(wrong)
            if found is not None:
                return _more_liberty(cells, domain, found, better, worse)
    return None


def _more_liberty(
    cells: _Cells, domain: str, found: tuple[int, ...], better: int, worse: int
) -> Texts:
    before, after = cells.moved(found, domain, better), cells.moved(found, domain, worse)
    weighed = cells.domains[cells.axes[domain]]
    return say(
        "sentence",
        "more_liberty",
        case=cells.case(before),
        outcome=cells.outcome(before),
        level=weighed.levels[worse].text,
        domain=weighed.title,
        other=cells.outcome(after),
    )


def _unknown_never_grants(cells: _Cells) -> Texts | None:
    doubtful = cells.where(DOSSIER, "flawed")
    outside = cells.where(CERTAINTY, "outside")
    if cells.lacks(ASSESSMENT, FAVOURABLE) is None:
        outside = outside & ~cells.where(ASSESSMENT, FAVOURABLE)
    doubtful = doubtful | outside
    for domain in cells.axes:
        doubtful = doubtful | cells.where(domain, UNKNOWN_LEVEL)
    return cells.first((cells.outcomes == GRANT) & doubtful)


def _admissibility_first(cells: _Cells) -> Texts | None:
    return cells.first((cells.outcomes != DENY) & cells.where(ADMISSIBILITY, "not_met"))


def _score_never_denies_alone(cells: _Cells) -> Texts | None:
    base = cells.outcomes[cells.at(RISK, 0)][cells.at(CERTAINTY, 0)]
    wrong = (cells.outcomes == DENY) & (base != DENY)
    if cells.lacks(ASSESSMENT, UNFAVOURABLE) is None:
        wrong &= ~cells.where(ASSESSMENT, UNFAVOURABLE)
    position = plainest(wrong)
    if position is None:
        return None
    best = cells.moved(cells.moved(position, RISK, 0), CERTAINTY, 0)
    return say(
        "sentence",
        "score_denies",
        case=cells.case(position),
        outcome=cells.outcome(position),
        other=cells.outcome(best),
    )


def _victims_count(cells: _Cells) -> Texts | None:
    lacking = cells.lacks(VICTIMS)
    if lacking is not None:
        return lacking
    best = cells.outcomes[cells.at(VICTIMS, 0)] == GRANT
    given = _levels_given(cells.compiled, VICTIMS)
    for level in range(1, cells.known(VICTIMS)):
        worse = cells.outcomes[cells.at(VICTIMS, level)] != GRANT
        if cells.ids[VICTIMS][level] in given and (best & worse).any():
            return None
    return texts("sentence", "victims_never")


def _assessment_matters(cells: _Cells) -> Texts | None:
    asked = cells.outcomes == DEEP_ASSESSMENT
    lacking = cells.lacks(ASSESSMENT, FAVOURABLE, UNFAVOURABLE)
    if lacking is not None:
        return lacking if asked.any() else None
    valid = cells.where(ASSESSMENT, FAVOURABLE, UNFAVOURABLE)
    position = plainest(asked & valid)
    if position is not None:
        case, outcome = cells.case(position), cells.outcome(position)
        return say("sentence", "asked_again", case=case, outcome=outcome)
    favourable = cells.ids[ASSESSMENT].index(FAVOURABLE)
    position = plainest(asked & (cells.outcomes[cells.at(ASSESSMENT, favourable)] != GRANT))
    if position is None:
        return None
    return say(
        "sentence",
        "no_way_out",
        case=cells.case(position),
        outcome=cells.outcome(position),
        other=cells.outcome(cells.moved(position, ASSESSMENT, favourable)),
    )


def _worst_conduct_never_grants(cells: _Cells) -> Texts | None:
    lacking = cells.lacks(CONDUCT)
    if lacking is not None:
        return lacking
    worst = cells.ids[CONDUCT][cells.known(CONDUCT) - 1]
    return cells.first((cells.outcomes == GRANT) & cells.where(CONDUCT, worst))


def _broken(cells: _Cells, prop: Property) -> Texts | None:
    """The plainest case in which a property of the policy itself does not hold."""
    where = np.ones((1,) * cells.outcomes.ndim, bool)
    for domain, levels in prop.when.items():
        where = where & cells.where(domain, *levels)
    if prop.outcomes is not None:
        allowed = [OUTCOMES.index(outcome) for outcome in prop.outcomes]
        return cells.first(where & ~np.isin(cells.outcomes, allowed))
    if prop.matters is not None:
        axis = cells.axes[prop.matters]
        low = np.where(where, cells.outcomes, len(OUTCOMES)).min(axis)
        high = np.where(where, cells.outcomes, -1).max(axis)
        title = cells.domains[axis].title
        return None if (low < high).any() else say("sentence", "no_matter", domain=title)
    return _unattached(cells, where & (cells.outcomes != DENY), prop.conditions or ())


def _unattached(
    cells: _Cells, where: NDArray[np.bool_], conditions: tuple[str, ...]
) -> Texts | None:
    known = [c.id for c in cells.compiled.policy.conditions]
    for condition in conditions:
        attached = cells.compiled.attached[known.index(condition)].reshape(cells.outcomes.shape)
        position = plainest(where & ~attached)
        if position is not None:
            case, outcome = cells.case(position), cells.outcome(position)
            return say("sentence", "not_attached", case=case, outcome=outcome, condition=condition)
    return None


PROPERTIES: dict[str, Callable[[_Cells], Texts | None]] = {
    "complete": _complete,
    "monotone": _monotone,
    "unknown_never_grants": _unknown_never_grants,
    "admissibility_first": _admissibility_first,
    "score_never_denies_alone": _score_never_denies_alone,
    "victims_count": _victims_count,
    "assessment_matters": _assessment_matters,
    "worst_conduct_never_grants": _worst_conduct_never_grants,
}
"""Each gives None if the property holds, and otherwise says where it does not."""


def _levels_given(compiled: CompiledPolicy, domain: str) -> set[str]:
    """Known levels that some reading gives."""
    read = next(d for d in compiled.policy.domains if d.id == domain)
    return {read.otherwise, *(r.level for r in read.readings)}


def _notes(cells: _Cells) -> Iterator[Texts]:
    compiled = cells.compiled
    for rule in _rules_without_effect(compiled):
        yield say("sentence", "without_effect", rule=rule)
    for condition, attached in zip(compiled.policy.conditions, compiled.attached, strict=True):
        if not attached.any():
            yield say("sentence", "never_attached", condition=condition.id)
    for domain in compiled.domains[len(BUILT_IN) :]:
        given = _levels_given(compiled, domain.id)
        for level in domain.levels[:-1]:
            if level.id not in given:
                yield say("sentence", "never_read", level=level.id, domain=domain.title)
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


def _sourced(compiled: CompiledPolicy) -> Iterator[tuple[str, Sourced]]:
    policy = compiled.policy
    for model in policy.models:
        yield f"models/{model.model}", model
    groups: tuple[
        tuple[str, tuple[Requirement | Domain | Condition | Rule | Property, ...]], ...
    ] = (
        ("requirements", policy.requirements),
        ("domains", policy.domains),
        ("conditions", policy.conditions),
        ("rules", policy.rules),
        ("properties", policy.properties),
    )
    for group, parts in groups:
        for part in parts:
            yield f"{group}/{part.id}", part


def _to_verify(compiled: CompiledPolicy) -> Iterator[Unread]:
    for name, part in _sourced(compiled):
        if part.to_verify:
            yield Unread(part=name, source=part.source, remark=part.remark)
