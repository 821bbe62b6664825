"""Results of every release stay readable, and those of this release are what they were."""

from __future__ import annotations

import json

import jsonschema
import pytest

from comparing import differences
from golden_results import FOLDER, results
from risicoscreener import __version__
from risicoscreener.screening import ScreeningResult, result_json_schema

STORED = sorted(FOLDER.rglob("*.json"))


def test_the_results_of_the_examples_are_those_stored_for_this_release():
    now = results()
    stored = {p.name: p.read_text("utf-8") for p in STORED if p.parent.name == __version__}
    assert stored.keys() == now.keys(), "run: python scripts/golden_results.py"
    for name, text in now.items():
        found = differences(json.loads(stored[name]), json.loads(text))
        assert not found, f"{name} changed; if that is meant: python scripts/golden_results.py"


@pytest.mark.parametrize("path", STORED, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_stored_result_is_read_and_speaks(path):
    result = ScreeningResult.from_json(path.read_bytes())
    assert result.text("nl") != result.text("en")
    jsonschema.validate(result.to_dict(), result_json_schema())
