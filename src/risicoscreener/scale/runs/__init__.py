"""Runs over a folder of dossiers in parts, of any size, which can be continued."""

from risicoscreener.scale.runs.course import Run
from risicoscreener.scale.runs.running import (
    read_problems,
    read_results,
    read_run,
    screen_folder,
)

__all__ = ["Run", "read_problems", "read_results", "read_run", "screen_folder"]
