"""The comparison with the Node library notices a difference, and draws what it says it draws."""

from __future__ import annotations

import importlib.util
import json
import random
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cases import ROOT

STUB = """
const half = { OGRS3: { result: [0.5, 0.5] } };
const answers = {
  probabilityOfNonSexualViolence: [0.5, 0.5], offenderSexualProbability: [0, 0],
  indecentImageProbability: [0, 0], riskOfSeriousRecidivism: [0.5, 0.5],
};
module.exports = { calculateOGRS3: () => half, calculateRisk: () => answers };
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "compare_with_node", ROOT / "scripts" / "compare_with_node.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_library_that_answers_something_else_is_noticed(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "index.js").write_text(STUB)
    assert script.main([str(tmp_path), "--n", "50", "--json"]) == 1
    found = {row["quantity"]: row for row in json.loads(capsys.readouterr().out)}
    assert found["ogrs3"]["differences"] > 40
    assert found["snsv"]["differences"] > 40


def test_the_same_seed_draws_the_same_people(script: ModuleType) -> None:
    first, second = (
        [script.draw(dice) for _ in range(20)] for dice in (random.Random(7), random.Random(7))
    )
    assert first == second


def test_the_edges_are_among_the_drawn(script: ModuleType) -> None:
    dice = random.Random(0)
    people = [script.draw(dice) for _ in range(3000)]
    births = {(p["birth_date"].month, p["birth_date"].day) for p in people}
    assert (2, 29) in births
    assert {p["previous_sanctions"] for p in people} >= {0, 1, 2, 3, 49, 50, 51, 60}
    assert {p["offence_type"] for p in people} == set(range(20))
    assert any(p["conviction_date"] == p["sentence_date"] == p["assessment_date"] for p in people)
    birthdays = [
        p
        for p in people
        if (p["sentence_date"].month, p["sentence_date"].day)
        == (p["birth_date"].month, p["birth_date"].day)
    ]
    assert len(birthdays) > 100


def test_yes_is_nought_for_the_library(script: ModuleType) -> None:
    person = script.draw(random.Random(3)) | {"sexual_history": True, "past_arson": False}
    given = script.for_library(person)
    assert (given["sexualOffenceHistory"], given["arson"]) == (0, 1)
