"""Cases that a lawyer can read and add to, from `golden/<kind>-<version>.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from risicoscreener.decision import CompiledPolicy, Decided, PolicyBook, Score

FOLDER = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Case:
    policy: str
    name: str
    inputs: dict[str, float]
    scores: dict[str, Score]
    outcome: str
    rule: str
    conditions: tuple[str, ...]
    missing: tuple[str, ...]

    def arguments(self, compiled: CompiledPolicy) -> tuple[list[float], list[Score]]:
        assert set(self.inputs) == set(compiled.inputs), set(self.inputs) ^ set(compiled.inputs)
        assert set(self.scores) == set(compiled.models)
        return [float(self.inputs[n]) for n in compiled.inputs], [
            self.scores[m] for m in compiled.models
        ]

    def decide(self, compiled: CompiledPolicy) -> Decided:
        return compiled.decide_one(*self.arguments(compiled))


@dataclass(frozen=True)
class Found:
    """What should be found of one requirement, domain or condition, with these inputs."""

    policy: str
    of: str
    changed: str
    inputs: dict[str, float]
    scores: dict[str, Score]
    level: str

    def find(self, compiled: CompiledPolicy) -> str:
        policy = compiled.policy
        inputs = [float(self.inputs[n]) for n in compiled.inputs]
        decided = compiled.decide_one(inputs, [self.scores[m] for m in compiled.models])
        for requirement, truth in zip(policy.requirements, decided.requirements, strict=True):
            if requirement.id == self.of:
                return ("met", "not_met", "unknown")[truth]
        for domain, level in zip(compiled.domains, decided.levels, strict=True):
            if domain.id == self.of:
                return domain.levels[level].id
        position = [c.id for c in policy.conditions].index(self.of)
        if decided.outcome == "deny":
            return "denied"
        return "attached" if position in decided.conditions else "not_attached"


def _score(entry: dict) -> Score:
    return Score(
        entry["probability"], entry.get("lower"), entry.get("upper"), entry.get("supported", True)
    )


def read_cases() -> list[Case]:
    cases = []
    for path in sorted(FOLDER.glob("*.toml")):
        raw = tomllib.loads(path.read_text("utf-8"))
        usual = raw["usual"]
        for case in raw["cases"]:
            unknown = set(case) - {
                "name",
                "inputs",
                "scores",
                "outcome",
                "rule",
                "conditions",
                "missing",
            }
            assert not unknown, f"{path.name}: {unknown}"
            inputs = usual["inputs"] | case.get("inputs", {})
            assert set(inputs) == set(usual["inputs"]), f"{path.name}: {case['name']}"
            scores = {m: _score(e) for m, e in (usual["scores"] | case.get("scores", {})).items()}
            cases.append(
                Case(
                    raw["policy"],
                    case["name"],
                    inputs,
                    scores,
                    case["outcome"],
                    case["rule"],
                    tuple(case.get("conditions", ())),
                    tuple(case.get("missing", ())),
                )
            )
    return cases


def read_findings() -> list[Found]:
    findings = []
    for path in sorted(FOLDER.glob("*.toml")):
        raw = tomllib.loads(path.read_text("utf-8"))
        usual = raw["usual"]
        scores = {m: _score(e) for m, e in usual["scores"].items()}
        for entry in raw.get("readings", ()):
            assert {"of", "inputs", "is"} <= set(entry) <= {"of", "inputs", "scores", "is"}
            inputs = usual["inputs"] | entry["inputs"]
            assert set(inputs) == set(usual["inputs"]), f"{path.name}: {entry}"
            changed = ", ".join(f"{k}={v}" for k, v in entry["inputs"].items())
            own = scores | {m: _score(e) for m, e in entry.get("scores", {}).items()}
            findings.append(Found(raw["policy"], entry["of"], changed, inputs, own, entry["is"]))
    return findings


CASES = read_cases()
FINDINGS = read_findings()
SHIPPED = {
    p.id: p for kind in PolicyBook.shipped().kinds() for p in PolicyBook.shipped().versions(kind)
}
