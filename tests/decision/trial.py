"""Two policies for leave that stay as they are, whatever becomes of the shipped ones."""

from __future__ import annotations

from pathlib import Path

from risicoscreener.decision import PolicyBook

FOLDER = Path(__file__).parent / "trial_policies"
OLD, NEW = PolicyBook.from_directory(FOLDER).versions("leave")
