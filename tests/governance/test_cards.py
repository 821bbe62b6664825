"""Cards of the Dutch reporting standard, against its published schemas."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest

from risicoscreener.errors import GovernanceError
from risicoscreener.governance import Answers, entry_of, fill

ANSWERED = Answers(
    {
        "shared": {"organization": "Dienst Voorbeeld", "model_licence": "EUPL-1.2"},
        "system_card": {"type": "AI-systeem", "risk_group": "hoog-risico AI"},
    }
)


def schema(name):
    path = files("risicoscreener.governance") / "standards" / f"{name}_schema.json"
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("answers", [Answers(), ANSWERED])
def test_a_system_card_is_after_the_schema(known, answers):
    card = entry_of(fill("system_card", known, answers), known)
    jsonschema.validate(card, schema("systemcard"))
    assert set(card) <= set(schema("systemcard")["properties"])


def test_what_nobody_confirmed_is_not_in_a_card(known):
    assert "ai_act_profile" not in entry_of(fill("system_card", known), known)
    card = entry_of(fill("system_card", known, ANSWERED), known)
    assert card["ai_act_profile"] == {"type": "AI-systeem", "risk_group": "hoog-risico AI"}
    assert "legal_base" not in card


def test_laws_are_in_a_card_once_a_lawyer_answered(known):
    answers = Answers({"shared": {"legal_basis": "Penitentiaire beginselenwet."}})
    card = entry_of(fill("system_card", known, answers), known)
    jsonschema.validate(card, schema("systemcard"))
    assert {"name", "link"} == set(card["legal_base"][0])
    assert all(
        one["link"].startswith("https://wetten.overheid.nl/BWBR") for one in card["legal_base"]
    )


def test_model_cards_are_after_the_schema_with_the_figures_of_the_bundle(known):
    cards = entry_of(fill("model_card", known, ANSWERED), known)
    assert len(cards) == len(known.bundle.models)
    for card, model in zip(cards, known.bundle.models, strict=True):
        jsonschema.validate(card, schema("modelcard"))
        (index,) = card["model_index"]
        values = {m["type"]: m["value"] for m in index["results"][0]["metrics"]}
        assert values["auc"] == model.performance.auc


def test_a_model_card_without_a_licence_is_not_made(known):
    with pytest.raises(GovernanceError, match="needs one"):
        entry_of(fill("model_card", known), known)
