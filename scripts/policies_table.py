"""The policies that ship in a table: who decides, size, sources, proofs, and cases.

    python scripts/policies_table.py [--check]

Writes docs/policies/table.md; with ``--check`` it only says whether that is as the policies are.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mutate_policies import GOLDEN, shipped
from risicoscreener.decision import CompiledPolicy, verify
from risicoscreener.decision.golden import read_golden
from risicoscreener.decision.properties import sourced
from risicoscreener.decision.wording import PROJECT

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "policies" / "table.md"
COLUMNS = (
    "policy",
    "title",
    "decided by",
    "rules",
    "cells",
    "sources read",
    "sources to read",
    "entries to verify",
    "properties proven",
    "golden cases",
    "scenarios",
)
HEAD = """# The policies that ship

Made by `python scripts/policies_table.py`; a test holds it to the policy files.

A *cell* is a combination of levels, and the policy has one outcome in each. *Sources read* are the
citations on which only entries rest that need no more reading; *sources to read* are the others;
*entries to verify* are those marked `to_verify`. A choice of the project is no source. *Properties
proven* are those of every policy that apply and those of the policy itself, each shown in every
cell ([verification](verification.md)). *Golden cases* are people with inputs and an outcome;
*readings* say how one part is read from inputs. *Scenarios* are cases told in Dutch from the law
([scenarios](scenarios.md)).

"""


def told_scenarios() -> dict[str, int]:
    """Number of cases that the scenarios tell, by policy."""
    tests = str(ROOT / "tests")
    if tests not in sys.path:
        sys.path.insert(0, tests)
    from scenarios.reading import told

    found: dict[str, int] = {}
    for case in told():
        found[case.policy] = found.get(case.policy, 0) + 1
    return found


def sources_of(compiled: CompiledPolicy) -> tuple[int, int, int]:
    """How many sources are read, how many are not, and how many entries are marked."""
    read: set[str] = set()
    unread: set[str] = set()
    marked = 0
    for _, part in sourced(compiled.policy):
        marked += part.to_verify
        named = {source.strip() for source in part.source.split(";")} - {PROJECT}
        (unread if part.to_verify else read).update(named)
    return len(read - unread), len(unread), marked


def rows() -> list[tuple[str, ...]]:
    """A row for each version of each kind."""
    golden, scenarios = read_golden(GOLDEN), told_scenarios()
    found = []
    for compiled in shipped():
        policy, report = compiled.policy, verify(compiled)
        proven = sum(check.ok and check.exempt is None for check in report.checks)
        applying = sum(check.exempt is None for check in report.checks)
        read, unread, marked = sources_of(compiled)
        cases = golden.get(compiled.id)
        found.append(
            (
                f"`{compiled.id}`",
                policy.title.en,
                "" if policy.decided_by is None else policy.decided_by.en,
                str(len(policy.rules)),
                f"{report.cells:,}",
                str(read),
                str(unread),
                str(marked),
                f"{proven} of {applying}",
                "0" if cases is None else f"{len(cases.cases)} + {len(cases.readings)} readings",
                str(scenarios.get(compiled.id, 0)),
            )
        )
    return found


def page() -> str:
    """The page as it should be."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(row) + " |" for row in rows()]
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    made = page()
    if "--check" in sys.argv[1:]:
        same = PAGE.is_file() and PAGE.read_text("utf-8") == made
        print("up to date" if same else f"{PAGE} is not up to date: run this script")
        return int(not same)
    PAGE.write_text(made, "utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
