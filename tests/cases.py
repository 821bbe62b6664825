"""The example dossiers, for tests of the whole chain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
KINDS = ("conditional_release", "leave", "low_security")
OUTCOMES = ("grant", "deep_assessment", "deny")


def example(name: str) -> dict[str, Any]:
    """One of the example dossiers as plain values."""
    plain: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    return plain
