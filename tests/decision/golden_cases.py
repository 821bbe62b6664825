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


CASES = read_cases()
SHIPPED = {
    p.id: p for kind in PolicyBook.shipped().kinds() for p in PolicyBook.shipped().versions(kind)
}
