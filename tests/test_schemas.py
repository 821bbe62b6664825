"""The published schemas are those of the code, and say what the code accepts."""

from __future__ import annotations

import json

import jsonschema
import pytest

from cases import OUTCOMES, example
from schemas import FOLDER, SCHEMAS, digest_of, text_of, unversioned, versions


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_up_to_date(name):
    assert (FOLDER / name).read_text("utf-8") == text_of(name), "run: python scripts/schemas.py"


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_examples_fit_the_published_schema(name):
    schema = json.loads((FOLDER / "dossier.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(example(name), schema)


def test_the_schema_refuses_what_the_reader_refuses():
    plain = example("grant")
    plain["debts"][0]["amount_eur"] = -1
    schema = json.loads((FOLDER / "dossier.json").read_text("utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain, schema)


def test_a_schema_does_not_change_under_the_same_version():
    assert unversioned() == [], (
        "a new version in docs/schema/versions.toml, then scripts/schemas.py"
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_versions_of_a_schema_rise(name):
    listed = [tuple(map(int, v["version"].split("."))) for v in versions()[name.split(".")[0]]]
    assert listed == sorted(set(listed))


def test_the_digest_is_of_what_is_asked_and_not_of_how_it_is_described(monkeypatch):
    before = digest_of("dossier.json")
    schema = SCHEMAS["dossier.json"]()
    schema["$defs"]["Debt"]["description"] = "other words"
    monkeypatch.setitem(SCHEMAS, "dossier.json", lambda: schema)
    assert digest_of("dossier.json") == before
    schema["$defs"]["Debt"]["properties"].pop("amount_eur")
    assert digest_of("dossier.json") != before
    assert len(unversioned()) == 1
