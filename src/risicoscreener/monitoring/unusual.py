"""Who agrees with screenings more, or less, often than others do in like cases."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from risicoscreener.errors import RecordError
from risicoscreener.evaluation.figure import number
from risicoscreener.monitoring.following import FEWEST, check_fast
from risicoscreener.monitoring.wording import say
from risicoscreener.screening.record.decision import FASTEST_READING
from risicoscreener.screening.record.entries import DecisionBody

Stratum = tuple[str, str, str]


@dataclass(frozen=True)
class UnusualDecider:
    """One decider beside the others.

    Attributes
    ----------
    decider
        Pseudonym.
    n, agreed
        Decisions in cases that others had too, and those that followed the screening.
    expected
        How many would have, with the share of the others in cases of the same kind, outcome of
        the screening and risk band.
    p
        Two-sided p-value of the difference, after Holm's correction for the number of deciders.
    fast
        Share of the decisions in less than the time that reading takes.
    """

    decider: str
    n: int
    agreed: int
    expected: float
    p: float
    fast: float
    level: float

    @property
    def differs(self) -> bool:
        """Whether chance does not explain the difference."""
        return self.p < 1 - self.level

    def text(self, lang: str = "nl") -> str:
        """In a sentence, in ``nl`` or ``en``."""
        name = "as_others"
        if self.differs:
            name = "more" if self.agreed > self.expected else "less"
        return say(
            "sentence",
            name,
            lang,
            decider=self.decider,
            agreed=self.agreed,
            n=self.n,
            expected=number(self.expected, 1, lang),
            p=number(self.p, 3, lang),
        )


def unusual_deciders(
    decisions: Iterable[DecisionBody],
    *,
    level: float = 0.95,
    fewest: int = FEWEST.fewest_people,
    fast_seconds: float = FASTEST_READING,
) -> tuple[UnusualDecider, ...]:
    """Every decider with enough decisions beside the others, the most unlike first.

    Indirect standardisation: what a decider did is compared with what the others did in cases of
    the same kind, outcome of the screening and risk band. Of two deciders it cannot be said who of
    the two is unusual; and whoever agrees more often may have been right to.

    Parameters
    ----------
    level
        1 minus the chance that any decider is called unlike the others where none is.
    fewest
        Deciders with fewer decisions are left out, of themselves and of what is said.

    Raises
    ------
    RecordError
        If the level does not lie between 0 and 1, or ``fast_seconds`` is below 0 or no number.

    Notes
    -----
    With ``m`` own cases in a stratum and ``N`` of others, of which a share ``p`` agreed, the
    difference has variance ``m p (1 - p) (1 + m / N)``; ``p`` under the hypothesis is that of all.
    The normal approximation needs some tens of decisions. That cases of one decider are alike in
    what the strata leave out is not allowed for.
    """
    if not 0 < level < 1:
        raise RecordError(f"level is {level!r}; expected a number between 0 and 1")
    check_fast(fast_seconds)
    found = list(decisions)
    cases: Counter[Stratum] = Counter()
    agreed: Counter[Stratum] = Counter()
    of: dict[str, list[DecisionBody]] = {}
    for body in found:
        cases[_stratum(body)] += 1
        agreed[_stratum(body)] += body.direction == "agreed"
        of.setdefault(body.decision.decided_by.id, []).append(body)
    compared = [
        _beside(decider, own, cases, agreed, fast_seconds, level)
        for decider, own in of.items()
        if len(own) >= fewest
    ]
    return _corrected([one for one in compared if one.n])


def _stratum(body: DecisionBody) -> Stratum:
    return body.kind, body.advice, body.band


def _beside(
    decider: str,
    own: list[DecisionBody],
    cases: Counter[Stratum],
    agreed: Counter[Stratum],
    fast_seconds: float,
    level: float,
) -> UnusualDecider:
    mine = Counter(_stratum(body) for body in own)
    followed = Counter(_stratum(body) for body in own if body.direction == "agreed")
    n = hits = 0
    expected = variance = 0.0
    for stratum, m in mine.items():
        others = cases[stratum] - m
        if not others:
            continue
        n += m
        hits += followed[stratum]
        expected += m * (agreed[stratum] - followed[stratum]) / others
        share = agreed[stratum] / cases[stratum]
        variance += m * share * (1 - share) * (1 + m / others)
    p = 1.0
    if variance:
        p = math.erfc(abs(hits - expected) / math.sqrt(2 * variance))
    fast = sum(body.decision.seconds < fast_seconds for body in own) / len(own)
    return UnusualDecider(decider, n, hits, expected, p, fast, level)


def _corrected(found: list[UnusualDecider]) -> tuple[UnusualDecider, ...]:
    """With p-values after Holm (1979), smallest first."""
    ordered = sorted(found, key=lambda one: (one.p, one.decider))
    corrected, largest = [], 0.0
    for place, one in enumerate(ordered):
        largest = max(largest, min(1.0, one.p * (len(ordered) - place)))
        corrected.append(replace(one, p=largest))
    return tuple(corrected)
