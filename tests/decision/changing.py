"""Policies broken on purpose."""

from __future__ import annotations

from msgspec.structs import replace

from risicoscreener.decision import CompiledPolicy, Policy
from risicoscreener.decision.policy import Rule
from risicoscreener.texts import Texts

TEXT = Texts(nl="proef", en="trial")


def with_outcome(policy: Policy, rule: str, outcome: str) -> CompiledPolicy:
    """One rule gives another outcome."""
    rules = tuple(replace(r, outcome=outcome) if r.id == rule else r for r in policy.rules)
    assert rules != policy.rules
    return CompiledPolicy(replace(policy, rules=rules))


def with_when(policy: Policy, rule: str, when: dict[str, tuple[str, ...]]) -> CompiledPolicy:
    """One rule holds in other cases."""
    rules = tuple(replace(r, when=when) if r.id == rule else r for r in policy.rules)
    assert rules != policy.rules
    return CompiledPolicy(replace(policy, rules=rules))


def without_rule(policy: Policy, rule: str) -> CompiledPolicy:
    rules = tuple(r for r in policy.rules if r.id != rule)
    assert len(rules) == len(policy.rules) - 1
    return CompiledPolicy(replace(policy, rules=rules))


def with_rule(
    policy: Policy, at: int, when: dict[str, tuple[str, ...]], outcome: str, name: str = "trial"
) -> CompiledPolicy:
    """One more rule, before the rule at a position."""
    rule = Rule(id=name, text=TEXT, outcome=outcome, source="a trial", when=when)
    return CompiledPolicy(replace(policy, rules=(*policy.rules[:at], rule, *policy.rules[at:])))


def without_domain(policy: Policy, domain: str) -> CompiledPolicy:
    """A domain is weighed nowhere."""

    def left(when: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {d: levels for d, levels in when.items() if d != domain}

    rules = [r for r in policy.rules if not r.when or left(r.when)]
    return CompiledPolicy(
        replace(
            policy,
            domains=tuple(d for d in policy.domains if d.id != domain),
            rules=tuple(replace(r, when=left(r.when)) for r in rules),
            conditions=tuple(replace(c, when=left(c.when)) for c in policy.conditions),
        )
    )
