"""Golden cases of a policy in a file: what it decides, from inputs and probabilities on.

A file names its policy, the ``usual`` inputs and scores, ``cases`` that change some of them and
say the outcome and the rule, and ``readings`` that say how one part of the policy is read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import Outcome, Score
from risicoscreener.errors import PolicyError
from risicoscreener.strict_toml import parse_toml

if TYPE_CHECKING:
    from risicoscreener.decision.compiled import CompiledPolicy

TRUTHS = ("met", "not_met", "unknown")


class GoldenScore(Struct, frozen=True, forbid_unknown_fields=True):
    """What a model says, as `Score`."""

    probability: float
    lower: float | None = None
    upper: float | None = None
    supported: bool = True


class Given(Struct, frozen=True):
    """Inputs and scores; a case gives those that differ from the usual ones."""

    inputs: dict[str, float] = msgspec.field(default_factory=dict)
    scores: dict[str, GoldenScore] = msgspec.field(default_factory=dict)


class GoldenCase(Given, frozen=True, kw_only=True):
    """Someone, and what the policy decides: the outcome and, if said, the rule."""

    name: str
    outcome: Outcome
    rule: str | None = None


class GoldenReading(Given, frozen=True, kw_only=True, rename={"level": "is"}):
    """How one part of a policy is read from changed inputs and scores.

    ``level`` is a level, ``met``, ``not_met`` or ``unknown`` of a requirement, or ``attached``,
    ``not_attached`` or ``denied`` of a condition.
    """

    of: str
    level: str


class GoldenFile(Struct, frozen=True):
    """The cases of one policy; ``policy`` is its id."""

    policy: str
    usual: Given
    cases: tuple[GoldenCase, ...] = ()
    readings: tuple[GoldenReading, ...] = ()

    def pinned(self, compiled: CompiledPolicy) -> dict[tuple[int, ...], Outcome]:
        """The outcomes that the cases say, by the levels of their cell.

        Raises
        ------
        PolicyError
            If a case lacks an input or score that the policy reads.
        """
        return {
            compiled.decide_one(*self.arguments(compiled, case)).levels: case.outcome
            for case in self.cases
        }

    def checks(self) -> tuple[Callable[[CompiledPolicy], bool], ...]:
        """For each case and reading a function: whether a policy does what it says."""
        return (
            *(partial(self._decides, case) for case in self.cases),
            *(partial(self._reads, reading) for reading in self.readings),
        )

    def wrong(self, compiled: CompiledPolicy) -> tuple[str, ...]:
        """Names of the cases and readings that come out otherwise."""
        said = [
            *(case.name for case in self.cases),
            *(f"{reading.of}: {reading.inputs}" for reading in self.readings),
        ]
        return tuple(
            name for name, check in zip(said, self.checks(), strict=True) if not check(compiled)
        )

    def _decides(self, case: GoldenCase, compiled: CompiledPolicy) -> bool:
        decided = compiled.decide_one(*self.arguments(compiled, case))
        rule = compiled.policy.rules[decided.rule].id
        return decided.outcome == case.outcome and case.rule in (None, rule)

    def _reads(self, reading: GoldenReading, compiled: CompiledPolicy) -> bool:
        decided = compiled.decide_one(*self.arguments(compiled, reading))
        policy = compiled.policy
        for requirement, truth in zip(policy.requirements, decided.requirements, strict=True):
            if requirement.id == reading.of:
                return TRUTHS[truth] == reading.level
        for domain, level in zip(compiled.domains, decided.levels, strict=True):
            if domain.id == reading.of:
                return domain.levels[level].id == reading.level
        named = [c.id for c in policy.conditions]
        if reading.of not in named:
            raise PolicyError(
                f"{self.policy}: a reading of {reading.of!r}; expected a requirement, a domain or "
                "a condition of the policy"
            )
        if decided.outcome == "deny":
            return reading.level == "denied"
        is_attached = named.index(reading.of) in decided.conditions
        return reading.level == ("attached" if is_attached else "not_attached")

    def arguments(self, compiled: CompiledPolicy, given: Given) -> tuple[list[float], list[Score]]:
        """Inputs and scores of a case, as `CompiledPolicy.decide_one` takes them.

        Raises
        ------
        PolicyError
            If the policy reads one that is not there.
        """
        inputs = {**self.usual.inputs, **given.inputs}
        scores = {**self.usual.scores, **given.scores}
        lacking = {*compiled.inputs} - {*inputs} | {*compiled.models} - {*scores}
        if lacking:
            raise PolicyError(
                f"golden cases of {self.policy} lack {', '.join(sorted(lacking))}; expected a "
                "usual value for all that the policy reads"
            )
        named = [scores[name] for name in compiled.models]
        return (
            [float(inputs[name]) for name in compiled.inputs],
            [Score(s.probability, s.lower, s.upper, s.supported) for s in named],
        )


def read_golden(folder: str | Path) -> dict[str, GoldenFile]:
    """The golden cases in the TOML files of a folder, by policy.

    Raises
    ------
    PolicyError
        If there is no such folder, or a file is not understood.
    """
    if not Path(folder).is_dir():
        raise PolicyError(f"{folder} is not a folder; expected one with TOML files of golden cases")
    found = [_read(path) for path in sorted(Path(folder).glob("*.toml"))]
    if not found:
        raise PolicyError(f"{folder} has no TOML files; expected golden cases of policies")
    by_policy: dict[str, GoldenFile] = {}
    for golden in found:
        if golden.policy in by_policy:
            raise PolicyError(f"{folder}: {golden.policy} has two files of golden cases; join them")
        by_policy[golden.policy] = golden
    return by_policy


def _read(path: Path) -> GoldenFile:
    try:
        return msgspec.convert(parse_toml(path.read_text("utf-8")), GoldenFile)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise PolicyError(f"{path}: {error}; expected golden cases of a policy") from None
