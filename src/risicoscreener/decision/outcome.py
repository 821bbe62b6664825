"""What goes into a decision beside inputs, and what comes out of it for one person."""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

Outcome = Literal["deny", "deep_assessment", "grant"]
OUTCOMES: tuple[Outcome, ...] = ("deny", "deep_assessment", "grant")
"""In the order of liberty, least first."""
DENY, DEEP_ASSESSMENT, GRANT = range(3)

TRUE, FALSE, UNKNOWN = range(3)
"""Truth in Kleene's logic; of a requirement: met, not met, unknown."""


class Score(NamedTuple):
    """What one model says of one person.

    Attributes
    ----------
    probability
        Calibrated probability, 0-1. What is not a number from 0 to 1 counts as not supported.
    lower, upper
        Bounds of its interval; None (or NaN) counts as equal to ``probability``.
    supported
        Whether the model may speak of this person.
    """

    probability: float
    lower: float | None
    upper: float | None
    supported: bool


class Decided(Struct, frozen=True, gc=False):
    """The outcome for one person, as positions in the lists of the policy.

    Attributes
    ----------
    requirements
        Per requirement 0 (met), 1 (not met) or 2 (unknown).
    levels
        Per domain the level found, 0 the best; the built-in domains come first.
    cell
        Flat position in the table of the policy.
    rule
        Position of the rule that gave the outcome.
    outcome
        ``deny``, ``deep_assessment`` or ``grant``.
    conditions
        Positions of the conditions that are attached; none with ``deny``.
    bands
        Per model the band of its probability, 0 the lowest; without a probability the highest.
    """

    requirements: tuple[int, ...]
    levels: tuple[int, ...]
    cell: int
    rule: int
    outcome: Outcome
    conditions: tuple[int, ...]
    bands: tuple[int, ...]
