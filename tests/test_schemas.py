"""The published schemas are those of the code, and say what the code accepts."""

from __future__ import annotations

import json

import jsonschema
import pytest

from cases import OUTCOMES, example
from schemas import FOLDER, SCHEMAS, text_of


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
