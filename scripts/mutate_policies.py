"""Gives each rule of each shipped policy another outcome, and counts what finds it.

    python scripts/mutate_policies.py

A changed policy is found by the properties (`verify`), or by the golden cases in
tests/decision/golden. Ends with 1 if some change is found by neither.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from msgspec.structs import replace

from risicoscreener.decision import OUTCOMES, CompiledPolicy, verify

TESTS = Path(__file__).resolve().parent.parent / "tests"


@dataclass(frozen=True)
class Mutant:
    """One rule with another outcome, and what finds it."""

    policy: str
    rule: str
    outcome: str
    by_properties: bool
    by_cases: bool

    @property
    def found(self) -> bool:
        """Either finds it."""
        return self.by_properties or self.by_cases


def mutants(compiled: CompiledPolicy) -> list[Mutant]:
    """Every way to give one rule of a policy another outcome, tried."""
    return [
        _tried(compiled, rule.id, outcome)
        for rule in compiled.policy.rules
        for outcome in OUTCOMES
        if outcome != rule.outcome
    ]


def _tried(compiled: CompiledPolicy, rule: str, outcome: str) -> Mutant:
    policy = compiled.policy
    rules = tuple(replace(r, outcome=outcome) if r.id == rule else r for r in policy.rules)
    broken = CompiledPolicy(replace(policy, rules=rules))
    broken.rules = compiled.rules  # which rule decides is the same; saves the time
    cases = [case for case in _golden().CASES if case.policy == compiled.id]
    return Mutant(
        policy=compiled.id,
        rule=rule,
        outcome=outcome,
        by_properties=not verify(broken).ok,
        by_cases=any(case.decide(broken).outcome != case.outcome for case in cases),
    )


def _golden() -> ModuleType:
    """The golden cases, which are read by the tests' own reader."""
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    from decision import golden_cases

    return golden_cases


def line(name: str, found: list[Mutant]) -> str:
    """The counts of one policy, or of all."""
    properties = sum(mutant.by_properties for mutant in found)
    cases = sum(mutant.by_cases for mutant in found)
    neither = sum(not mutant.found for mutant in found)
    only_cases = sum(not mutant.by_properties for mutant in found)
    return (
        f"{name:<32}{len(found):>9}{properties:>12}{cases:>8}{only_cases - neither:>16}{neither:>9}"
    )


def main() -> int:
    print(
        f"{'policy':<32}{'changes':>9}{'properties':>12}{'cases':>8}"
        f"{'by cases alone':>16}{'neither':>9}"
    )
    every: list[Mutant] = []
    for name, compiled in _golden().SHIPPED.items():
        found = mutants(compiled)
        print(line(name, found), flush=True)
        every += found
    print(line("all", every))
    missed = [mutant for mutant in every if not mutant.found]
    for mutant in missed:
        print(f"not found: {mutant.policy}, rule {mutant.rule} gives {mutant.outcome}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
