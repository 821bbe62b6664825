"""Changes each shipped policy in many ways, and counts what finds each change.

    python scripts/mutate_policies.py [KIND/VERSION …]

A change is found by the properties of the policy, or by the golden cases in tests/decision/golden.
With names the whole report of those policies is shown. Ends with 1 if some change of a cell or of
a rule or a bound is found by neither.
"""

from __future__ import annotations

import sys
from pathlib import Path

from risicoscreener.decision import CompiledPolicy, PolicyBook
from risicoscreener.decision.golden import read_golden
from risicoscreener.decision.mutation import MutationReport, mutate
from risicoscreener.features import catalogue

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "decision" / "golden"


def shipped() -> list[CompiledPolicy]:
    """Every version of every kind."""
    book = PolicyBook.shipped()
    return [version for kind in book.kinds() for version in book.versions(kind)]


def reported(compiled: CompiledPolicy) -> MutationReport:
    """The changes of one policy, with its golden cases."""
    golden = read_golden(GOLDEN).get(compiled.id)
    codes = catalogue().codes()
    if golden is None:
        return mutate(compiled, codes=codes)
    return mutate(compiled, golden.pinned(compiled), golden.checks(), codes)


def unseen(report: MutationReport, *kinds: str) -> int:
    """How many changes of these kinds nothing finds."""
    return sum(mutant.kind in kinds for mutant in report.unseen())


def line(report: MutationReport) -> str:
    """The counts of one policy."""
    cells = report.cells
    rules = unseen(report, "outcome", "dropped", "swapped", "level")
    return (
        f"{report.policy:<36}{cells.tried:>10,}{cells.by_properties:>12,}{cells.by_cases:>8,}"
        f"{cells.survived:>9,}{len(report.file):>9,}{rules:>8,}{unseen(report, 'bound'):>8,}"
    )


def main(names: list[str]) -> int:
    print(
        f"{'policy':<36}{'cells x 2':>10}{'properties':>12}{'cases':>8}{'neither':>9}"
        f"{'in file':>9}{'rules':>8}{'bounds':>8}"
    )
    print(f"{'':<36}{'':>10}{'find':>12}{'only':>8}{'':>9}{'':>9}{'unseen':>8}{'unseen':>8}")
    missed = 0
    for compiled in shipped():
        if names and compiled.id not in names:
            continue
        report = reported(compiled)
        print(line(report), flush=True)
        missed += report.survived
        if names:
            print(report.text("en"))
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
