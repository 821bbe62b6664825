"""The scenarios as data: each row of each outline, with the policy and the article it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_bdd.feature import get_features

from scenarios.finding import policy_of_tags

if TYPE_CHECKING:
    from pytest_bdd.parser import Feature, ScenarioTemplate

HERE = Path(__file__).parent
CASE = "geval"
"""Column of an outline that says in words which edge of the law a row is about."""
ARTICLE = re.compile(
    r"\b(Rtvi|Rspog|Pbw|Pm|Sr|Sv)\b.*?(\bart\. \d+|Stcrt\. \d{4}-\d+)|Wet straffen en beschermen"
)


@dataclass(frozen=True)
class Told:
    """One case that a scenario tells."""

    policy: str
    file: str
    scenario: str
    article: str
    case: str | None
    steps: tuple[str, ...]


@cache
def told() -> tuple[Told, ...]:
    """Every case of every scenario."""
    return tuple(
        case
        for feature in get_features([str(HERE)])
        for scenario in feature.scenarios.values()
        for case in _cases(feature, scenario)
    )


def _cases(feature: Feature, scenario: ScenarioTemplate) -> list[Told]:
    policy = policy_of_tags(scenario.tags) or policy_of_tags(feature.tags)
    assert policy is not None, f"{feature.filename}: expected a tag @beleid:<kind>/<version>"
    rows = [row for examples in scenario.examples for row in examples.as_contexts()] or [{}]
    article = "" if scenario.rule is None else scenario.rule.name
    return [
        Told(
            policy,
            Path(feature.filename).name,
            scenario.name,
            article,
            row.get(CASE),
            tuple(step.name for step in scenario.render(row).steps),
        )
        for row in rows
    ]
