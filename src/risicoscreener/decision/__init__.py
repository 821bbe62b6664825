"""Probability, conduct and victims' interests to an outcome: dated, compiled, verified policies.

Knows ordinal domains and named numbers; knows nothing of features or models.
"""

from risicoscreener.decision.book import PolicyBook
from risicoscreener.decision.comparison import Comparison, compare
from risicoscreener.decision.compiled import Change, CompiledPolicy, Missing
from risicoscreener.decision.many import DecidedColumns
from risicoscreener.decision.outcome import OUTCOMES, Decided, Score
from risicoscreener.decision.policy import Policy
from risicoscreener.decision.verification import VerificationReport, verify

__all__ = [
    "OUTCOMES",
    "Change",
    "Comparison",
    "CompiledPolicy",
    "Decided",
    "DecidedColumns",
    "Missing",
    "Policy",
    "PolicyBook",
    "Score",
    "VerificationReport",
    "compare",
    "verify",
]
