"""Texts that are kept as they were written, for a reader to look at when they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

Documents = Mapping[str, Callable[[], str]]


def check_written(name: str, documents: Documents, folder: Path, module: str) -> None:
    """That a document is what its file holds, to the letter."""
    same = documents[name]() == (folder / name).read_text("utf-8")
    assert same, f"{name} changed; if that is meant: PYTHONPATH=src:tests python -m {module}"


def write(documents: Documents, folder: Path) -> None:
    """Write the files anew."""
    folder.mkdir(exist_ok=True)
    for name, document in documents.items():
        (folder / name).write_text(document(), "utf-8")
