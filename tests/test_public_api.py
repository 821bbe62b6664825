"""What callers rely on stays, or its going away is a choice that somebody made."""

from __future__ import annotations

import copy
import json

import pytest

pytest.importorskip("griffe", reason="the list of public names is read with griffe (extra docs)")

from public_api import GOLDEN, differences, public_api

AGAIN = "run: python scripts/public_api.py, and say in CHANGELOG.md what callers have to do"


@pytest.fixture(scope="module")
def found():
    return public_api()


@pytest.fixture(scope="module")
def golden():
    return json.loads(GOLDEN.read_text("utf-8"))


def test_nothing_public_is_gone_or_another(golden, found):
    breaks, _ = differences(golden, found)
    assert not breaks, AGAIN


def test_what_is_new_is_in_the_list(golden, found):
    _, added = differences(golden, found)
    assert not added, AGAIN


def test_every_public_name_is_understood(found):
    assert [name for name, said in found.items() if said["kind"] == "unknown"] == []


def changed(found, name, **parts):
    other = copy.deepcopy(found)
    other[name] |= parts
    return other


def test_what_breaks_a_caller_is_told_from_what_does_not(found):
    name = "risicoscreener.screen"
    parameters = found[name]["parameters"]
    without = {key: said for key, said in found.items() if key != name}
    assert differences(found, without) == ([f"{name} is gone"], [])
    assert differences(without, found) == ([], [f"{name} is new"])
    for other in (
        parameters[1:],
        [*parameters, "[keyword-only] more: int"],
        ["other", *parameters],
    ):
        assert len(differences(found, changed(found, name, parameters=other))[0]) == 1
    longer = [*parameters, "[keyword-only] more: int = 0"]
    assert differences(found, changed(found, name, parameters=longer))[0] == []
    assert len(differences(found, changed(found, name, returns="str"))[0]) == 1


def test_a_method_that_goes_is_found(found):
    other = copy.deepcopy(found)
    del other["risicoscreener.Screener"]["members"]["screen"]
    assert differences(found, other)[0] == ["risicoscreener.Screener.screen is gone"]
