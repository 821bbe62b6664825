"""What of a policy rests on facts about victims, for whoever has to keep them from a reader."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from risicoscreener.decision.policy import ADMISSIBILITY, QUARANTINED_ROWS, Domain
from risicoscreener.features.catalogue import catalogue
from risicoscreener.features.sensitivity import about_victims

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.decision import CompiledPolicy
    from risicoscreener.decision.policy import Condition, Requirement
    from risicoscreener.features.definition import Feature


class OfVictims(NamedTuple):
    """Names of the parts of a policy that rest on facts about victims.

    Attributes
    ----------
    inputs
        Also those without a definition, of which nobody knows what they are about.
    requirements, domains
        Those that read such an input.
    conditions
        Those that read one, or are attached by such a domain: they protect victims.
    """

    inputs: frozenset[str]
    requirements: frozenset[str]
    domains: frozenset[str]
    conditions: frozenset[str]

    @property
    def weighed(self) -> frozenset[str]:
        """The domains, and admissibility if a requirement is among them."""
        return self.domains | ({ADMISSIBILITY} if self.requirements else frozenset())


def of_victims(compiled: CompiledPolicy, definitions: Mapping[str, Feature]) -> OfVictims:
    """What of a policy rests on facts about victims.

    Parameters
    ----------
    compiled
        The version of the policy.
    definitions
        Features by name.
    """
    if definitions is catalogue():
        return _of_catalogue(compiled)
    return _found(compiled, definitions)


@lru_cache(maxsize=128)
def _of_catalogue(compiled: CompiledPolicy) -> OfVictims:
    return _found(compiled, catalogue())


def _found(compiled: CompiledPolicy, definitions: Mapping[str, Feature]) -> OfVictims:
    policy = compiled.policy
    undefined = {n for n in compiled.inputs if n not in definitions and n != QUARANTINED_ROWS}
    inputs = frozenset(about_victims(compiled.inputs, definitions)) | undefined
    domains = frozenset(d.id for d in policy.domains if not inputs.isdisjoint(_read_by(d)))
    return OfVictims(
        inputs,
        frozenset(r.id for r in policy.requirements if not inputs.isdisjoint(_read_by(r))),
        domains,
        frozenset(
            c.id
            for c in policy.conditions
            if not (inputs.isdisjoint(_read_by(c)) and domains.isdisjoint(c.when))
        ),
    )


def _read_by(part: Domain | Requirement | Condition) -> list[str]:
    """Names of the inputs that a part of a policy reads."""
    clauses = part.readings if isinstance(part, Domain) else (part,)
    return [t.input for one in clauses for t in (*(one.all or ()), *(one.any or ()))]
