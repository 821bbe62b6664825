"""The detention of the example, replayed from its facts, gives what is stored."""

from __future__ import annotations

import importlib.util
import json

import pytest

from cases import EXAMPLES, OUTCOMES

FOLDER = EXAMPLES / "detention"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("example_detention", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def replayed(example):
    return example.followed()


@pytest.fixture(scope="module")
def stored():
    return json.loads((FOLDER / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("part", ["outcomes", "moved", "alerts"])
def test_the_replay_is_what_is_stored(example, replayed, stored, part):
    renew = "if that is meant, python examples/detention/run.py --write"
    assert json.loads(example.as_lines(example.in_brief(replayed)))[part] == stored[part], renew


def test_all_outcomes_occur_in_several_kinds(stored):
    kinds = [{o for _, _, o in spans} for spans in stored["outcomes"].values()]
    assert sum(set(OUTCOMES) <= found for found in kinds) >= 3
    assert sum("grant" in found for found in kinds) >= 5


def test_the_law_of_july_2021_comes_in_between(stored):
    assert ["2021-07-01", "leave", "policy"] in [moved[:3] for moved in stored["moved"]]


def test_the_last_day_is_that_of_a_screening_from_scratch(replayed):
    picture = replayed.picture
    for kind in picture.kinds:
        if picture.standing(kind).outcome is None:
            continue
        scratch = picture.routes.screener.screen(picture.dossier, kind, as_of=picture.day)
        assert picture.result(kind) == scratch
