"""The documents in examples/governance/ are those that the models, policies and texts make now."""

from __future__ import annotations

import json

import pytest

import governance_examples as made
from risicoscreener.governance import check_entry


@pytest.fixture(scope="module")
def contents():
    return made.contents()


def test_every_file_is_as_it_is_made_now(contents):
    for name, text in contents.items():
        found = (made.FOLDER / name).read_text("utf-8")
        assert found == text, f"{name}: run scripts/governance_examples.py and read what changed"


def test_the_entry_of_the_register_has_no_errors():
    assert check_entry(json.loads((made.FOLDER / "register.json").read_text("utf-8"))) == ()


def test_no_example_names_the_person(contents):
    for name in ("logbook.jsonl", "register.json", "system_card.json", "model_cards.json"):
        assert "EXAMPLE" not in contents[name]
