"""The integral intake: what is known of someone, what is missing, who asks it by when.

The questionnaire is data (``questions.toml``); the answers are facts of the dossier.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from risicoscreener.reentry.intake.curve import IntakeCurve, intake_curve
from risicoscreener.reentry.intake.progress import Intake, IntakeItem, intake
from risicoscreener.reentry.intake.questions import Question, Questionnaire, status_text

if TYPE_CHECKING:
    from risicoscreener.reentry.intake.many import completeness, intake_many
    from risicoscreener.reentry.intake.reference import Reference
    from risicoscreener.reentry.intake.sheets import (
        CellProblem,
        ReadIntake,
        read_intake_sheet,
        write_intake_sheet,
    )
    from risicoscreener.reentry.intake.value import IntakeValue
    from risicoscreener.reentry.intake.valuing import intake_value

__all__ = [
    "CellProblem",
    "Intake",
    "IntakeCurve",
    "IntakeItem",
    "IntakeValue",
    "Question",
    "Questionnaire",
    "ReadIntake",
    "Reference",
    "completeness",
    "intake",
    "intake_curve",
    "intake_many",
    "intake_value",
    "read_intake_sheet",
    "status_text",
    "write_intake_sheet",
]

_LAZY = {
    "CellProblem": "sheets",
    "IntakeValue": "value",
    "ReadIntake": "sheets",
    "Reference": "reference",
    "completeness": "many",
    "intake_many": "many",
    "intake_value": "valuing",
    "read_intake_sheet": "sheets",
    "write_intake_sheet": "sheets",
}


def __getattr__(name: str) -> Any:
    # Tables need pyarrow and pandas, which a caller with one dossier does not pay for.
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
