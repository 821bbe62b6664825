"""What documents ask: every field is answerable, in both languages, by facts that there are."""

from __future__ import annotations

import pytest

from risicoscreener.errors import GovernanceError
from risicoscreener.governance import NAMES, layouts
from risicoscreener.governance.fact import read_toml_of
from risicoscreener.governance.facts import fact, names, of_software
from risicoscreener.governance.layout import layout, roles
from risicoscreener.governance.register import MADE_BY_THE_REGISTER, required, schema
from risicoscreener.texts import LANGUAGES


@pytest.mark.parametrize("name", NAMES)
def test_a_document_asks_for_facts_that_there_are_and_of_roles_that_there_are(name):
    for field in layout(name).all_fields:
        assert set(field.facts) <= set(names()), field.id
        assert field.who in {"", *roles()}, field.id
        supplied = field.facts or field.who or field.id in MADE_BY_THE_REGISTER
        assert supplied, f"{field.id}: nobody supplies it"
        assert not field.propose or field.who, f"{field.id}: nobody confirms it"


@pytest.mark.parametrize("name", NAMES)
def test_every_text_says_something_in_both_languages(name):
    asked = layout(name)
    texts = [asked.title, asked.lead, *(s.title for s in asked.sections)]
    texts += [field.text for field in asked.all_fields]
    assert all(text.text(lang).strip() for text in texts for lang in LANGUAGES)


def test_a_legal_text_that_was_not_read_in_full_is_marked():
    law = {"annex_iv", "fria", "dpia", "explanation"}
    assert {name for name, asked in layouts().items() if asked.to_verify} == law
    assert all(layouts()[name].remark is not None for name in law)


def test_the_register_asks_exactly_the_fields_of_its_configuration():
    assert [f.id for f in layout("register").all_fields] == list(schema())


def test_what_the_register_requires_is_not_optional_here():
    for field in layout("register").all_fields:
        if required(field.id):
            assert not field.optional, field.id


def test_the_configuration_of_the_register_is_the_published_one():
    # Fields, lengths and values as they stand in v1.0, read by hand.
    limits = {name: asked.get("max_length") for name, asked in schema().items()}
    assert limits["name"] == 100
    assert limits["description_short"] == 400
    assert limits["methods_and_models"] == 5000
    assert schema()["status"]["permitted_values"] == [
        "In ontwikkeling",
        "In gebruik",
        "Buiten gebruik",
    ]
    assert [name for name in schema() if required(name)] == [
        "name",
        "description_short",
        "organization",
        "status",
        "contact_email",
        "publication_category",
        "lang",
    ]


def test_an_unknown_document_is_named():
    with pytest.raises(GovernanceError, match="'annex_v'; expected one of model_card"):
        layout("annex_v")


def test_every_fact_is_used_by_a_document():
    used = {name for one in layouts().values() for f in one.all_fields for name in f.facts}
    assert set(names()) == used


def test_a_statement_on_the_software_names_a_page_that_there_is(known):
    from pathlib import Path

    root = Path(__file__).parents[2]
    for name, told in of_software().items():
        for place in str(told["where"]).split(", "):
            there = (root / place).exists() or (root / "src" / "risicoscreener" / place).exists()
            assert there, f"{name}: {place}"
        assert fact(name, known).lines


def test_the_states_of_tripod_are_called_as_in_a_report():
    import tomllib
    from importlib.resources import files

    path = files("risicoscreener.report.evaluation") / "texts" / "chapters.toml"
    chapters = tomllib.loads(path.read_text("utf-8"))
    for name, texts in read_toml_of("texts.toml")["tripod"].items():
        assert texts == chapters["checklists"][name]
