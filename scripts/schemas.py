"""Write the JSON Schemas of dossier, result, decision and evaluation report to docs/schema/."""

from __future__ import annotations

import json
from pathlib import Path

from risicoscreener.dossier import dossier_json_schema
from risicoscreener.report.evaluation import report_json_schema
from risicoscreener.screening import result_json_schema
from risicoscreener.screening.record import decision_json_schema, second_reading_json_schema

FOLDER = Path(__file__).parent.parent / "docs" / "schema"
SCHEMAS = {
    "dossier.json": dossier_json_schema,
    "result.json": result_json_schema,
    "decision.json": decision_json_schema,
    "second_reading.json": second_reading_json_schema,
    "evaluation_report.json": report_json_schema,
}


def text_of(name: str) -> str:
    """The schema as the file has it."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        (FOLDER / name).write_text(text_of(name), "utf-8")
