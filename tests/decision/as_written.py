"""What is written of policies for leave that stay as they are: pages, tables, reports.

    PYTHONPATH=src:tests python -m decision.as_written     # after a change that is meant

The files in `as_written` are that, for a reader to look at when they change.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from msgspec.structs import replace

from decision import trial
from risicoscreener.decision import CompiledPolicy, compare, verify
from risicoscreener.decision.dmn import to_dmn
from risicoscreener.decision.html import policy_html
from risicoscreener.decision.mutation import MutationReport, mutate
from risicoscreener.decision.page import policy_page
from written import write

FOLDER = Path(__file__).parent / "as_written"


@cache
def small() -> CompiledPolicy:
    """The trial policy with three of its domains."""
    policy, kept = trial.NEW.policy, {"conduct", "victims", "assessment"}
    lacking = {domain.id for domain in policy.domains} - kept
    return CompiledPolicy(
        replace(
            policy,
            domains=tuple(d for d in policy.domains if d.id in kept),
            rules=tuple(rule for rule in policy.rules if not lacking & set(rule.when)),
            conditions=tuple(c for c in policy.conditions if not lacking & set(c.when)),
            properties=(),
        )
    )


@cache
def _mutated() -> MutationReport:
    return mutate(small())


def _documents() -> dict[str, Callable[[], str]]:
    found: dict[str, Callable[[], str]] = {
        "small.dmn": lambda: to_dmn(small()),
        "page.en.html": partial(policy_html, trial.NEW.policy, "en"),
    }
    for lang in ("nl", "en"):
        found |= {
            f"page.{lang}.md": partial(policy_page, trial.NEW.policy, lang),
            f"compared.{lang}.txt": lambda lang=lang: compare(trial.OLD, trial.NEW).text(lang),
            f"verified.{lang}.txt": lambda lang=lang: verify(trial.NEW).text(lang),
            f"mutated.{lang}.txt": lambda lang=lang: _mutated().text(lang),
        }
    return found


DOCUMENTS = _documents()


if __name__ == "__main__":
    write(DOCUMENTS, FOLDER)
