"""What a small change of the code would break, and no other test sees."""

from __future__ import annotations

from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from decision.golden_cases import CASES, SHIPPED
from risicoscreener import decision
from risicoscreener.decision import CompiledPolicy, Policy
from risicoscreener.decision.dmn import to_dmn
from risicoscreener.decision.drafting import _completed
from risicoscreener.decision.page import _domain
from risicoscreener.errors import PolicyError

TEXT = (files("risicoscreener.decision") / "policies" / "leave" / "2021-07-01.toml").read_text(
    "utf-8"
)


def leave(old: str = "", new: str = "") -> Policy:
    return Policy.from_toml(TEXT.replace(old, new, 1) if old else TEXT, "leave/2021-07-01.toml")


def test_a_policy_may_hold_for_one_day():
    one_day = leave("valid_from = 2021-07-01", "valid_from = 2021-07-01\nvalid_until = 2021-07-01")
    assert one_day.valid_until == one_day.valid_from


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_what_an_exported_policy_refers_to_is_in_the_file(compiled):
    root = ET.fromstring(to_dmn(compiled))
    ids = {element.get("id") for element in root.iter()}
    named = [element.get("href") for element in root.iter() if element.get("href")]
    assert named
    assert {href.removeprefix("#") for href in named} <= ids


def test_a_domain_without_words_for_unknown_is_shown_with_those_of_all():
    domain = next(d for d in leave().domains if d.unknown is not None)
    said = [text.en for text in _domain(replace(domain, unknown=None))]
    assert any("unknown" in line for line in said)
    assert all("XX" not in line for line in said)


def test_a_wrong_number_of_inputs_is_said_with_their_names():
    compiled = CompiledPolicy(leave())
    with pytest.raises(PolicyError) as caught:
        compiled.decide_one((), ())
    assert f"({', '.join(compiled.inputs)})" in str(caught.value)
    assert f"({', '.join(compiled.models)})" in str(caught.value)


def test_a_domain_that_is_unknown_by_itself_waits_for_no_input():
    compiled = CompiledPolicy(leave('otherwise = "good"', 'otherwise = "unknown"'))
    case = next(c for c in CASES if c.policy == "leave/2021-07-01" and not c.missing)
    inputs, scores = case.arguments(compiled)
    decided = compiled.decide_one(inputs, scores)
    (missing,) = compiled.missing(inputs, decided)
    assert (missing.name, missing.inputs) == ("conduct", ())


def test_a_domain_of_which_nothing_is_said_cannot_be_changed_by_the_person():
    silent = leave("changeable = true\n")
    domain = next(d for d in silent.domains if d.id == "conduct")
    assert not domain.changeable
    assert next(d for d in leave().domains if d.id == "conduct").changeable


def test_a_part_that_is_not_there_is_said_with_those_that_are():
    parts = {"requirements": [{"id": "one"}, {"id": "two"}]}
    with pytest.raises(PolicyError) as caught:
        _completed({"like": "three"}, "requirements", "here.toml", parts)
    assert str(caught.value).endswith("'three'; expected one of one, two")


@pytest.mark.parametrize("name", decision.__all__)
def test_each_public_name_is_there(name):
    assert getattr(getattr(decision, name), "__name__", name) == name
