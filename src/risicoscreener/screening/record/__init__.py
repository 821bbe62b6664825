"""What people decide on screenings, and a record of both that can be proven and repeated."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risicoscreener.screening.record.checkpoint import Checkpoint, keep, read_checkpoints
    from risicoscreener.screening.record.decision import (
        Actor,
        ConditionSet,
        Decision,
        Reason,
        SecondReading,
        check_decision,
        decision_json_schema,
        digest_of,
        findings_of,
        read_decision,
        read_second_reading,
        reasons,
        second_reader_of,
        second_reading_json_schema,
    )
    from risicoscreener.screening.record.entries import (
        DecisionBody,
        KeyEvent,
        decision_body,
        result_of,
        standing,
    )
    from risicoscreener.screening.record.log import RecordLog
    from risicoscreener.screening.record.opening import open_log
    from risicoscreener.screening.record.replaying import Replay, Replayer, replay, replay_all
    from risicoscreener.screening.record.retention import Due, bases, categories
    from risicoscreener.screening.record.verification import Verification

_HOME = {
    "Actor": "decision",
    "Checkpoint": "checkpoint",
    "ConditionSet": "decision",
    "Decision": "decision",
    "DecisionBody": "entries",
    "Due": "retention",
    "KeyEvent": "entries",
    "Reason": "decision",
    "RecordLog": "log",
    "Replay": "replaying",
    "Replayer": "replaying",
    "SecondReading": "decision",
    "Verification": "verification",
    "bases": "retention",
    "categories": "retention",
    "check_decision": "decision",
    "decision_body": "entries",
    "decision_json_schema": "decision",
    "digest_of": "decision",
    "findings_of": "decision",
    "keep": "checkpoint",
    "open_log": "opening",
    "read_checkpoints": "checkpoint",
    "read_decision": "decision",
    "read_second_reading": "decision",
    "reasons": "decision",
    "replay": "replaying",
    "replay_all": "replaying",
    "result_of": "entries",
    "second_reader_of": "decision",
    "second_reading_json_schema": "decision",
    "standing": "entries",
}

__all__ = [
    "Actor",
    "Checkpoint",
    "ConditionSet",
    "Decision",
    "DecisionBody",
    "Due",
    "KeyEvent",
    "Reason",
    "RecordLog",
    "Replay",
    "Replayer",
    "SecondReading",
    "Verification",
    "bases",
    "categories",
    "check_decision",
    "decision_body",
    "decision_json_schema",
    "digest_of",
    "findings_of",
    "keep",
    "open_log",
    "read_checkpoints",
    "read_decision",
    "read_second_reading",
    "reasons",
    "replay",
    "replay_all",
    "result_of",
    "second_reader_of",
    "second_reading_json_schema",
    "standing",
]


def __getattr__(name: str) -> object:
    # Whoever only screens does not pay for the record.
    if name in _HOME:
        module = import_module(f"{__name__}.{_HOME[name]}")
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
