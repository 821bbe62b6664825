"""What scenarios call requirements, conditions and outcomes, and what a result says of them."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from risicoscreener.decision import PolicyBook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from risicoscreener.decision import CompiledPolicy
    from risicoscreener.screening import ScreeningResult

POLICY_TAG = "beleid:"
HERE = Path(__file__).parent
OUTCOMES = {
    "is de uitkomst toewijzen": "grant",
    "is de uitkomst eerst verdiepend onderzoek": "deep_assessment",
    "is de uitkomst afwijzen": "deny",
    "wordt hij gepromoveerd": "grant",
    "wordt hij niet gepromoveerd": "deny",
    "weegt de directeur of hij wordt gepromoveerd": "deep_assessment",
    "blijft hij in het plusprogramma": "grant",
    "weegt de directeur af of hij wordt gedegradeerd": "deep_assessment",
    "wordt hij gedegradeerd": "deny",
    "is er geen grond voor uitstel of achterwege blijven": "grant",
    "is er een grond voor uitstel of achterwege blijven": "deny",
    "is de uitkomst niet toewijzen": "not_grant",
}
"""Sentences on the outcome, in the words of the kind of decision."""
LEVELS = {"voldaan": "met", "niet voldaan": "not_met"}


@cache
def names() -> dict[str, dict[str, list[str]]]:
    """What scenarios call the parts of policies: ``names.toml``."""
    return tomllib.loads((HERE / "names.toml").read_text("utf-8"))


@cache
def policies() -> dict[str, CompiledPolicy]:
    book = PolicyBook.shipped()
    return {p.id: p for kind in book.kinds() for p in book.versions(kind)}


def policy_of_tags(tags: Iterable[str]) -> str | None:
    """The policy of the tag ``beleid:<kind>/<version>``."""
    for tag in tags:
        if tag.startswith(POLICY_TAG):
            return tag.removeprefix(POLICY_TAG)
    return None


def part_named(phrase: str, compiled: CompiledPolicy) -> str:
    """The one requirement or domain of the policy that scenarios call so."""
    ids = {r.id for r in compiled.policy.requirements} | {d.id for d in compiled.domains}
    return _one_of(phrase, names()["requirements"], ids, compiled.id)


def condition_named(phrase: str, compiled: CompiledPolicy) -> str:
    """The one condition of the policy that scenarios call so."""
    ids = {c.id for c in compiled.policy.conditions}
    return _one_of(phrase, names()["conditions"], ids, compiled.id)


def _one_of(phrase: str, named: dict[str, list[str]], ids: set[str], policy: str) -> str:
    assert phrase in named, f"{phrase!r} is not in names.toml"
    found = [name for name in named[phrase] if name in ids]
    assert len(found) == 1, (
        f"{policy}: {phrase!r} stands for {named[phrase]}, of which the policy has {found}; "
        f"expected one of {sorted(ids)}"
    )
    return found[0]


def level_of(phrase: str, result: ScreeningResult) -> str:
    """Whether a part of the policy is met; a domain is met at its best level."""
    compiled = policies()[result.policy.id]
    name = part_named(phrase, compiled)
    for requirement in result.requirements:
        if requirement.name == name:
            return requirement.level
    domain = result.domain(name)
    if not domain.known:
        return "unknown"
    best = next(d for d in compiled.domains if d.id == name).levels[0].id
    return "met" if domain.level == best else "not_met"


def cites(citation: str, result: ScreeningResult) -> bool:
    """Whether one of the reasons of the outcome refers to this article."""
    pattern = re.compile(re.escape(citation) + r"(?![0-9A-Za-z])")
    return any(
        pattern.search(one) for source in sources_of_reasons(result) for one in articles(source)
    )


def articles(source: str) -> list[str]:
    """Each article of a source with its law: ``Pm art. 5; art. 6`` has ``Pm art. 6``."""
    found: list[str] = []
    law = ""
    for part in source.split("; "):
        if not part.startswith("art. "):
            law = part.split(" art", maxsplit=1)[0]
        found.append(f"{law} {part}" if part.startswith("art. ") else part)
    return found


def sources_of_reasons(result: ScreeningResult) -> list[str]:
    """Sources of the rule that decided, and of the parts on which it rests."""
    compiled = policies()[result.policy.id]
    rule = next(r for r in compiled.policy.rules if r.id == result.rule.id)
    sources = [rule.source]
    if "admissibility" in rule.when:
        sources += [r.source for r in result.requirements if r.level != "met"]
    sources += [d.source for d in compiled.policy.domains if d.id in rule.when]
    return sources
