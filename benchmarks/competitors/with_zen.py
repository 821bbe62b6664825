"""zen-engine: the policy as a decision table in JSON."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from competitors._decision import names, rules
from competitors._interface import Competitor

KEY = "policy"


@cache
def engine() -> Any:
    """An engine with the table, which it has read and compiled."""
    import zen

    inputs = [{"id": f"i{i}", "name": name, "field": name} for i, name in enumerate(names())]
    table = {
        "hitPolicy": "first",
        "inputs": inputs,
        "outputs": [{"id": "o", "name": "outcome", "field": "outcome"}],
        "rules": [
            {"_id": str(number), "o": str(rule.outcome)}
            | {f"i{i}": ", ".join(map(str, levels)) for i, levels in rule.levels.items()}
            for number, rule in enumerate(rules())
        ],
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
        {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 0, "y": 0}},
        {
            "id": "table",
            "name": "table",
            "type": "decisionTableNode",
            "position": {"x": 0, "y": 0},
            "content": table,
        },
    ]
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    content = {KEY: {"nodes": nodes, "edges": edges}}
    return zen.ZenEngine({"loader": {"type": "static", "content": content}})


class Decision(Competitor):
    name = "zen-engine"
    task = "decision"
    does = "the outcome"
    tuned = "one decision table, first hit, read once; `evaluate_batch`; its own threads"
    needs = ("zen",)
    largest = 10_000

    def prepare(self, data: np.ndarray) -> list[dict[str, Any]]:
        engine()
        cases = (dict(zip(names(), case, strict=True)) for case in data.T.tolist())
        return [{"key": KEY, "context": case} for case in cases]

    def run(self, prepared: list[dict[str, Any]]) -> list[int]:
        found = engine().evaluate_batch(prepared)
        return [each["data"]["result"]["outcome"] for each in found]


COMPETITORS = (Decision(),)
