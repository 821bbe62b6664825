"""A policy changed on purpose: whether what is proven of it, or a case, finds each change.

Properties and golden cases guard a policy only as far as they would notice that it is another one.
Two kinds of change are tried. One cell of the table gets another outcome: all cells that some
inputs give, both other outcomes, exactly (see `flips`). And what someone might get wrong in the
file: the outcome of a rule, a rule left out, two rules swapped, a level too many or too few, a
bound of a test off by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from risicoscreener.decision.cases import plainest
from risicoscreener.decision.cells import Cells
from risicoscreener.decision.flips import flips_found, outcomes_forbidden
from risicoscreener.decision.outcome import OUTCOMES, Outcome
from risicoscreener.decision.policy import Condition, Domain, Reading, Requirement, Rule, Test
from risicoscreener.decision.properties import PROPERTIES, broken
from risicoscreener.decision.reachable import read_alike
from risicoscreener.decision.verification import verify
from risicoscreener.decision.wording import say, texts
from risicoscreener.errors import PolicyError
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from risicoscreener.decision.compiled import CompiledPolicy

Finder = Literal["properties", "cases", "refused", "equivalent", "nothing"]
"""What finds a change; ``refused``: the file would not be read; ``equivalent``: it is no change."""
Pinned = Mapping[tuple[int, ...], Outcome]
"""Outcomes of cells that cases say, by the levels of the cell."""
TABLE_CHECKS = ("complete", "reachable", "sourced")
"""Checks of the file rather than of what it decides."""


class Survivors(Struct, frozen=True, kw_only=True):
    """Changes of one outcome to another that nothing finds.

    ``cells`` is their number, ``example`` the plainest in words, ``rules`` how many there are of
    each rule that decides, ``old_text`` and ``new_text`` what the policy calls the outcomes.
    """

    old: Outcome
    new: Outcome
    old_text: Texts
    new_text: Texts
    cells: int
    example: Texts
    rules: dict[str, int]


class CellMutation(Struct, frozen=True, kw_only=True):
    """All changes of single cells.

    Attributes
    ----------
    table, reachable
        Number of cells, and of cells that some inputs give.
    tried
        Changes: two for each reachable cell.
    by_properties, by_cases
        How many a property finds, and how many only a case does.
    survivors
        What nothing finds, by old and new outcome.
    """

    table: int
    reachable: int
    tried: int
    by_properties: int
    by_cases: int
    survivors: tuple[Survivors, ...]

    @property
    def survived(self) -> int:
        """How many changes nothing finds."""
        return sum(s.cells for s in self.survivors)


class FileMutant(Struct, frozen=True, kw_only=True):
    """One change of the file: its kind, what it is, and what finds it."""

    kind: str
    what: str
    found_by: Finder


class MutationReport(Struct, frozen=True, kw_only=True):
    """What became of all changes of a policy."""

    policy: str
    digest: str
    cells: CellMutation
    file: tuple[FileMutant, ...]

    @property
    def survived(self) -> int:
        """How many changes of cells and of the file nothing finds."""
        return self.cells.survived + len(self.unseen())

    def unseen(self) -> tuple[FileMutant, ...]:
        """Changes of the file that nothing finds."""
        return tuple(m for m in self.file if m.found_by == "nothing")

    def counts(self) -> dict[str, dict[Finder, int]]:
        """Per kind of change of the file how many are found by what."""
        found: dict[str, dict[Finder, int]] = {}
        for mutant in self.file:
            by = found.setdefault(mutant.kind, {})
            by[mutant.found_by] = by.get(mutant.found_by, 0) + 1
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return {"survived": self.survived, **plain}

    def text(self, lang: str = "nl") -> str:
        """The report as plain text in ``nl`` or ``en``."""
        check_language(lang)
        return "\n".join(line.text(lang) for line in _lines(self)) + "\n"


def _lines(report: MutationReport) -> Iterator[Texts]:
    cells = report.cells
    yield _say("title", id=report.policy)
    yield _say("cells", n=cells.reachable, m=cells.table, k=cells.tried)
    yield _say("found", n=cells.by_properties, m=cells.by_cases, k=cells.survived)
    for found in cells.survivors:
        called = {"old": found.old_text, "new": found.new_text}
        yield _say("survivors", n=found.cells, case=found.example, **called)
        named = sorted(found.rules.items(), key=lambda item: -item[1])
        yield _say("of_rules", rules=", ".join(f"{rule} {n}" for rule, n in named))
    for kind, by in report.counts().items():
        counts = "; ".join(f"{n} {{{finder}}}" for finder, n in sorted(by.items()))
        words = {finder: texts("mutation", finder) for finder in by}
        yield Texts(
            nl=f"{texts('mutation', kind).nl}: " + counts.format(**{f: words[f].nl for f in words}),
            en=f"{texts('mutation', kind).en}: " + counts.format(**{f: words[f].en for f in words}),
        )
    for mutant in report.unseen():
        yield _say("unseen", what=mutant.what)


def _say(name: str, **parts: Texts | str | int) -> Texts:
    return say("mutation", name, **parts)


def mutate(
    compiled: CompiledPolicy,
    pinned: Pinned | None = None,
    checks: Sequence[Callable[[CompiledPolicy], bool]] = (),
    codes: Mapping[str, Sequence[float]] | None = None,
) -> MutationReport:
    """Change a policy in all these ways, and see what finds each change.

    Parameters
    ----------
    compiled
        A policy of which all properties hold.
    pinned
        Outcomes that cases say, by levels.
    checks
        Each says whether a policy still does what a case says, from its inputs on.
    codes
        For inputs that are codes the values that they can have: a bound that moves past a code that
        does not exist changes nothing.

    Raises
    ------
    PolicyError
        If a property does not hold, or a case comes out otherwise, before anything is changed.
    """
    report = verify(compiled)
    if not report.ok:
        raise PolicyError(
            f"{compiled.id}: {', '.join(report.failed())} does not hold; expected a policy that "
            "is verified, since a change is found by what fails after it"
        )
    pinned = pinned or {}
    for levels, outcome in pinned.items():
        _check_pinned(compiled, levels, outcome)
    if not all(check(compiled) for check in checks):
        raise PolicyError(f"{compiled.id}: a case comes out otherwise than it says")
    cells = Cells(compiled)
    return MutationReport(
        policy=compiled.id,
        digest=compiled.digest,
        cells=mutate_cells(cells, pinned),
        file=(*mutate_rules(cells, pinned), *mutate_bounds(compiled, checks, codes)),
    )


def _check_pinned(compiled: CompiledPolicy, levels: tuple[int, ...], outcome: Outcome) -> None:
    if len(levels) != len(compiled.shape) or OUTCOMES[compiled.outcomes[levels]] != outcome:
        raise PolicyError(f"{compiled.id}: levels {levels} do not give {outcome} as a case says")


def mutate_cells(cells: Cells, pinned: Pinned) -> CellMutation:
    """Give every cell that matters every other outcome; see `mutate`."""
    found = flips_found(cells)
    told = np.zeros(cells.outcomes.shape, bool)
    for levels in pinned:
        told[levels] = True
    by_properties = by_cases = 0
    survivors = []
    for old in range(len(OUTCOMES)):
        here = cells.reachable & (cells.outcomes == old)
        for new in range(len(OUTCOMES)):
            if new == old:
                continue
            by_properties += int((here & found[new]).sum())
            by_cases += int((here & ~found[new] & told).sum())
            left = here & ~found[new] & ~told
            if left.any():
                survivors.append(_survivors(cells, left, old, new))
    reachable = int(cells.reachable.sum())
    return CellMutation(
        table=cells.outcomes.size,
        reachable=reachable,
        tried=reachable * (len(OUTCOMES) - 1),
        by_properties=by_properties,
        by_cases=by_cases,
        survivors=tuple(survivors),
    )


def _survivors(cells: Cells, left: NDArray[np.bool_], old: int, new: int) -> Survivors:
    position = plainest(left)
    assert position is not None
    rules = cells.compiled.policy.rules
    counts = np.bincount(cells.compiled.rules[left], minlength=len(rules))
    return Survivors(
        old=OUTCOMES[old],
        new=OUTCOMES[new],
        old_text=cells.compiled.policy.outcome_text(OUTCOMES[old]),
        new_text=cells.compiled.policy.outcome_text(OUTCOMES[new]),
        cells=int(left.sum()),
        example=cells.case(position),
        rules={rule.id: int(n) for rule, n in zip(rules, counts, strict=True) if n},
    )


def mutate_rules(cells: Cells, pinned: Pinned) -> Iterator[FileMutant]:
    """Get every rule wrong in every way; see `mutate`."""
    forbidden = outcomes_forbidden(cells)
    for kind, what, outcomes in _changed_rules(cells):
        if (outcomes == cells.outcomes).all():
            found_by: Finder = "equivalent"
        elif _any_forbidden(forbidden, outcomes) or not _holds(cells.with_outcomes(outcomes)):
            found_by = "properties"
        elif any(OUTCOMES[outcomes[levels]] != outcome for levels, outcome in pinned.items()):
            found_by = "cases"
        else:
            found_by = "nothing"
        yield FileMutant(kind=kind, what=what, found_by=found_by)


def _any_forbidden(forbidden: NDArray[np.bool_], outcomes: NDArray[np.int8]) -> bool:
    """Most changes are found so, in a pass over the table and without its neighbours."""
    return any(bool((forbidden[o] & (outcomes == o)).any()) for o in range(len(OUTCOMES)))


def _holds(cells: Cells) -> bool:
    """Whether all properties hold that speak of what is decided; the first that fails ends it."""
    policy = cells.compiled.policy
    for prop in policy.properties:
        if broken(cells, prop) is not None:
            return False
    return all(
        name in TABLE_CHECKS or name in policy.exempt or fails(cells) is None
        for name, fails in PROPERTIES.items()
    )


def _changed_rules(cells: Cells) -> Iterator[tuple[str, str, NDArray[np.int8]]]:
    """Kind, what, and the table of outcomes of each change of a rule."""
    compiled = cells.compiled
    rules = compiled.policy.rules
    # What the rules after a position give; a changed rule decides only where no earlier one does.
    later = np.full(compiled.shape, OUTCOMES.index(rules[-1].outcome), np.int8)
    after_next = later
    for position in reversed(range(len(rules))):
        rule, is_last = rules[position], position == len(rules) - 1
        open_ = compiled.rules >= position

        def table(*painted: Rule, on: NDArray[np.int8], open_: Any = open_) -> NDArray[np.int8]:
            given = on.copy()
            for one in painted:
                given[compiled.cells(one.when)] = OUTCOMES.index(one.outcome)
            return np.where(open_, given, cells.outcomes)

        for outcome in OUTCOMES:
            if outcome != rule.outcome:
                what = f"{rule.id}: {outcome}"
                yield "outcome", what, table(replace(rule, outcome=outcome), on=later)
        if not is_last:
            yield "dropped", rule.id, table(on=later)
            following = rules[position + 1]
            what = f"{rule.id} / {following.id}"
            yield "swapped", what, table(rule, following, on=after_next)
        for what, when in _other_levels(cells, rule):
            yield "level", what, table(replace(rule, when=when), on=later)
        after_next = later
        later = later.copy()
        later[compiled.cells(rule.when)] = OUTCOMES.index(rule.outcome)


def _other_levels(cells: Cells, rule: Rule) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
    for domain, levels in rule.when.items():
        for level in cells.ids[domain]:
            if level not in levels:
                changed = (*levels, level)
                yield f"{rule.id}: {domain} + {level}", {**rule.when, domain: changed}
            elif len(levels) > 1:
                changed = tuple(v for v in levels if v != level)
                yield f"{rule.id}: {domain} - {level}", {**rule.when, domain: changed}


def mutate_bounds(
    compiled: CompiledPolicy,
    checks: Sequence[Callable[[CompiledPolicy], bool]],
    codes: Mapping[str, Sequence[float]] | None = None,
) -> Iterator[FileMutant]:
    """Move every bound of every test by one; see `mutate`."""
    policy = compiled.policy
    for section in ("requirements", "domains", "conditions"):
        entries: tuple[Any, ...] = getattr(policy, section)
        for place, entry in enumerate(entries):
            for what, changed in _moved(entry):
                moved = replace(
                    policy, **{section: (*entries[:place], changed, *entries[place + 1 :])}
                )
                yield FileMutant(
                    kind="bound",
                    what=f"{section}/{entry.id}: {what}",
                    found_by=_bound_found(compiled, moved, (section, place), checks, codes),
                )


def _bound_found(
    compiled: CompiledPolicy,
    moved: Any,
    part: tuple[str, int],
    checks: Sequence[Callable[[CompiledPolicy], bool]],
    codes: Mapping[str, Sequence[float]] | None,
) -> Finder:
    try:
        changed = type(compiled)(moved)
    except PolicyError:
        return "refused"
    # Which rule decides in a cell does not depend on how levels are read.
    changed.rules, changed.outcomes = compiled.rules, compiled.outcomes
    if read_alike(compiled, changed, *part, codes):
        return "equivalent"
    return "nothing" if all(check(changed) for check in checks) else "cases"


def _moved(
    entry: Requirement | Domain | Condition | Reading,
) -> Iterator[tuple[str, Any]]:
    """The entry with one bound of one of its tests moved, up and down."""
    if isinstance(entry, Domain):
        for place, reading in enumerate(entry.readings):
            for what, changed in _moved(reading):
                readings = (*entry.readings[:place], changed, *entry.readings[place + 1 :])
                yield f"{reading.level}: {what}", replace(entry, readings=readings)
        return
    for name in ("all", "any"):
        tests: tuple[Test, ...] = getattr(entry, name) or ()
        for place, test in enumerate(tests):
            for side in ("min", "max"):
                bound = getattr(test, side)
                if bound is None:
                    continue
                for step in _steps(bound):
                    changed = replace(test, **{side: bound + step})
                    what = f"{test.input} {side} {bound:g} -> {bound + step:g}"
                    yield (
                        what,
                        replace(entry, **{name: (*tests[:place], changed, *tests[place + 1 :])}),
                    )


def _steps(bound: float) -> tuple[float, float]:
    """By how much a bound of a count or of a share is moved."""
    return (-1.0, 1.0) if math.floor(bound) == bound else (-0.1, 0.1)
