"""Write the JSON Schemas of dossier, result, decision and evaluation report to docs/schema/.

Each gets an `$id` with the newest version in docs/schema/versions.toml, where the digest of what a
version says stands. If a schema says something else than its newest version, nothing is written:
add a version there (the message gives the lines), higher in its second number if what was valid
stays valid, in its first if not.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

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


VERSIONS = FOLDER / "versions.toml"


def text_of(name: str) -> str:
    """The schema as the file has it."""
    newest = versions()[Path(name).stem][-1]["version"]
    schema = {"$id": f"urn:risicoscreener:schema:{Path(name).stem}:{newest}", **SCHEMAS[name]()}
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def versions() -> dict[str, list[dict[str, str]]]:
    """For each schema its versions, oldest first, with the digest of what each says."""
    return tomllib.loads(VERSIONS.read_text("utf-8"))


def digest_of(name: str) -> str:
    """SHA-256 of what a schema asks; texts that describe it may change."""
    asked = _without_descriptions(SCHEMAS[name]())
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _without_descriptions(value: Any) -> Any:
    if isinstance(value, dict):
        # A field may be called "description": that one is a schema, and these are texts.
        kept = {k: v for k, v in value.items() if k != "description" or not isinstance(v, str)}
        return {key: _without_descriptions(part) for key, part in kept.items()}
    if isinstance(value, list):
        return [_without_descriptions(part) for part in value]
    return value


def unversioned() -> list[str]:
    """For each schema that says something else than its newest version, the lines to add."""
    known = versions()
    return [
        f'[[{Path(name).stem}]]\nversion = "…"\nsha256 = "{digest_of(name)}"'
        for name in SCHEMAS
        if known.get(Path(name).stem, [{}])[-1].get("sha256") != digest_of(name)
    ]


def main() -> int:
    if added := unversioned():
        print(
            f"add to {VERSIONS.relative_to(FOLDER.parent.parent)}:",
            *added,
            sep="\n",
            file=sys.stderr,
        )
        return 1
    for name in SCHEMAS:
        (FOLDER / name).write_text(text_of(name), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
