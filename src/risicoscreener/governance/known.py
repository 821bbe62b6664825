"""What documents are filled from: a bundle, policies, an evaluation and a record, on a day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.governance.fact import say

if TYPE_CHECKING:
    from risicoscreener.decision import CompiledPolicy, PolicyBook
    from risicoscreener.governance.evaluation import Evaluation
    from risicoscreener.models import Bundle, RiskModel
    from risicoscreener.monitoring.settings import MonitorSettings
    from risicoscreener.screening.explanation import Explanation
    from risicoscreener.screening.record import RecordLog
    from risicoscreener.texts import Lang, Texts


@dataclass(frozen=True)
class Use:
    """How a record shows that screenings were used; counts only.

    Attributes
    ----------
    first, last
        Days of the first and the last screening; None without any.
    screenings
        By kind of decision.
    decisions, overridden
        Decisions of people, and those that differ from what the screening came to.
    deleted
        Entries that were deleted, of which nothing is counted.
    """

    record: str
    first: dt.date | None
    last: dt.date | None
    screenings: Mapping[str, int]
    decisions: int
    overridden: int
    deleted: int

    @classmethod
    def of(cls, log: RecordLog, until: dt.date) -> Use:
        """What a record holds up to and including a day."""
        from risicoscreener.screening.record.entries import decision_body, screening_body

        kinds: Counter[str] = Counter()
        days: list[dt.date] = []
        decisions = overridden = deleted = 0
        for entry in log.entries():
            day = entry.link.recorded_at.date()
            if day > until:
                break
            if entry.payload is None:
                deleted += 1
            elif entry.link.kind == "screening":
                kinds[screening_body(entry).decision] += 1
                days.append(day)
            elif entry.link.kind == "decision":
                decisions += 1
                overridden += decision_body(entry).direction != "agreed"
        first, last = (days[0], days[-1]) if days else (None, None)
        return cls(log.id, first, last, dict(sorted(kinds.items())), decisions, overridden, deleted)


@dataclass(frozen=True)
class Known:
    """What documents are filled from.

    Parameters
    ----------
    bundle, policies
        The models and the dated policies in use.
    as_of
        Day of the documents: it picks the policies and says whether the bundle is to be reviewed.
    definitions
        Of the features; the shipped ones by default.
    evaluation
        An evaluation report by its language (`evaluation.by_language`); empty if nobody evaluated.
    use
        What a record shows; None without a record.
    monitor
        How the models are watched, as `monitoring.read_settings` reads it; None if nobody said.
    model
        The model that a document is about; None for all.
    explanation
        The screening that a document is about; None if it is about no person.

    Raises
    ------
    BundleError
        If the model that is to be watched is not in the bundle.
    """

    bundle: Bundle
    policies: PolicyBook
    as_of: dt.date
    definitions: Catalogue = field(default_factory=catalogue)
    evaluation: Mapping[Lang, Evaluation] = field(default_factory=dict)
    use: Use | None = None
    monitor: MonitorSettings | None = None
    model: RiskModel | None = None
    explanation: Explanation | None = None

    def __post_init__(self) -> None:
        if self.monitor is not None:
            self.bundle.model(self.monitor.model)  # a plan for a model that is not there is none

    @property
    def models(self) -> tuple[RiskModel, ...]:
        """The model that it is about, or all."""
        return self.bundle.models if self.model is None else (self.model,)

    @cached_property
    def in_force(self) -> tuple[CompiledPolicy, ...]:
        """The version of each kind of decision that is in force on the day."""
        return tuple(
            self.policies.pick(kind, self.as_of) for kind in self.policies.kinds(self.as_of)
        )

    @property
    def bundle_source(self) -> str:
        """How the bundle is named as a source."""
        return f"bundle {self.bundle.id}, sha256 {self.bundle.sha256[:16]}"

    @property
    def policy_source(self) -> Texts:
        """How the policies are named as a source."""
        return say("source", "policies", ids=", ".join(v.id for v in self.in_force))
