"""One small file for each library with which a user could carry out a task, under one interface.

`_interface` says what a competitor is; a file for each task (``_features`` and so on) says what is
to be done, on which data, how we do it and what counts as the same answer; a file for each library
(``with_polars`` and so on) does it in that library.
"""

from __future__ import annotations

import importlib
import pkgutil

from competitors._interface import Competitor, Task


def all_tasks() -> dict[str, Task]:
    """The tasks by their short names, in the order of the chain."""
    modules = (importlib.import_module(f"competitors._{name}") for name in _TASKS)
    return {task.id: task for module in modules for task in module.TASKS}


def all_competitors() -> list[Competitor]:
    """The competitors of all files, in the order of their names."""
    names = [m.name for m in pkgutil.iter_modules(__path__) if m.name.startswith("with_")]
    modules = [importlib.import_module(f"competitors.{name}") for name in sorted(names)]
    return [competitor for module in modules for competitor in module.COMPETITORS]


_TASKS = ("features", "probability", "decision", "single", "batch", "instruments")
