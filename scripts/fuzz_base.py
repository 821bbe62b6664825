"""What a parser is for those who damage files, and where good files are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fuzz_mutators import Mutator

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "src" / "risicoscreener"
EXAMPLES = ROOT / "examples"
COHORT = ROOT / "data" / "synthetic" / "sentenced_40" / "dossiers"
DAY = dt.date(2024, 1, 1)

Seeds = Callable[[], list[tuple[str, bytes]]]
Reader = Callable[[Path], object]


@dataclass(frozen=True)
class Parser:
    """Something that reads files.

    Attributes
    ----------
    read
        Reads the file at a path, which stands alone in a folder.
    seeds
        Good files: name and content.
    change
        How to damage one.
    """

    read: Reader
    seeds: Seeds
    change: Mutator


def files_of(*patterns: str) -> Seeds:
    """Files of the checkout that match patterns."""

    @cache
    def found() -> list[tuple[str, bytes]]:
        paths = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
        return [(path.name, path.read_bytes()) for path in paths]

    return found
