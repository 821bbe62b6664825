"""What a small change of the code would break, and no other test sees."""

from __future__ import annotations

import importlib

import pytest

from cases import example
from risicoscreener import screen
from risicoscreener.texts import default_language

PARTS = ("", ".admissible", ".explanation", ".picture", ".record")
NAMES = [
    (module, name)
    for module in (f"risicoscreener.screening{part}" for part in PARTS)
    for name in importlib.import_module(module).__all__
]


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_each_public_name_is_there(module, name):
    found = getattr(importlib.import_module(module), name)
    assert getattr(found, "__name__", name) == name


@pytest.mark.parametrize(
    ("said", "lang"), [(None, "nl"), ("nl", "nl"), ("en", "en"), ("EN_gb", "en"), ("fr", "nl")]
)
def test_the_language_is_that_of_the_environment_and_dutch_where_nothing_is_said(
    monkeypatch, said, lang
):
    monkeypatch.delenv("RISICOSCREENER_LANG", raising=False)
    if said is not None:
        monkeypatch.setenv("RISICOSCREENER_LANG", said)
    assert default_language() == lang


def test_a_model_that_the_policy_does_not_read_is_said_with_the_policy():
    result = screen(example("grant"), "leave", as_of="2024-04-15")
    assert [result.model(found.name) for found in result.models] == [*result.models]
    with pytest.raises(KeyError, match=f"{result.policy.id} does not read model 'nothing'"):
        result.model("nothing")


def test_a_domain_that_the_policy_does_not_weigh_is_said_with_the_policy():
    result = screen(example("grant"), "leave", as_of="2024-04-15")
    assert result.domain("risk").name == "risk"
    with pytest.raises(KeyError, match=f"{result.policy.id} does not weigh 'nothing'"):
        result.domain("nothing")


@pytest.mark.parametrize("module", [f"risicoscreener.screening{part}" for part in PARTS])
def test_a_name_that_is_not_there_is_an_error_that_names_the_package(module):
    with pytest.raises(AttributeError, match=f"'{module}' has no attribute 'nothing'"):
        getattr(importlib.import_module(module), "nothing")  # noqa: B009
