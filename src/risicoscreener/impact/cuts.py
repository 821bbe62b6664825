"""Cut-offs of a model in a policy: net benefit, queues and fairness beside each other.

Every candidate is put in the policy and simulated; what a measure is stands in `evaluation`. The
result lists all candidates and why each falls off. It names the best of those within the limits,
and chooses nothing where none is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from risicoscreener.decision import CompiledPolicy
from risicoscreener.errors import ImpactError
from risicoscreener.evaluation.comparing import compare
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.groups import contrasts, group_measures
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.utility import net_benefit
from risicoscreener.impact.policies import book_of
from risicoscreener.impact.simulation import simulate
from risicoscreener.impact.spread import Spread, spread
from risicoscreener.impact.wording import number, percent, say

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from risicoscreener.impact.people import People
    from risicoscreener.impact.result import Impact
    from risicoscreener.impact.settings import Settings
    from risicoscreener.screening import Screener

Cuts = tuple[float, ...]
GAPS = {
    "false_negative_gap": "false_negative_rate",
    "false_positive_gap": "false_positive_rate",
    "calibration_gap": "expected_observed",
}
"""Limits on how far groups may lie apart, and the figure of `evaluation.groups` that is meant."""
FOR_SPREAD = 20
"""Replicates of intervals that are not used: only how far groups lie apart is."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user asks of cut-offs; None for what is not limited.

    Attributes
    ----------
    assessments_per_week
        Most deep assessments that are asked for, a week.
    wait_days
        Longest median wait of who needs one.
    granted_share
        Smallest share of the requests that is granted.
    false_negative_gap, false_positive_gap, calibration_gap
        Largest difference between groups in the share of events missed, in the share of others
        wrongly alarmed, and in expected over observed.
    """

    assessments_per_week: float | None = None
    wait_days: float | None = None
    granted_share: float | None = None
    false_negative_gap: float | None = None
    false_positive_gap: float | None = None
    calibration_gap: float | None = None

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not None and not (isinstance(value, (int, float)) and value >= 0):
                raise ImpactError(f"limit {name} is {value!r}; expected a number of 0 or more")

    @property
    def on_groups(self) -> tuple[str, ...]:
        """Which limits on groups are given."""
        return tuple(name for name in GAPS if getattr(self, name) is not None)


@dataclass(frozen=True, eq=False)
class Candidate:
    """One set of cut-offs.

    Attributes
    ----------
    cuts
        Lowest first.
    net_benefit
        `Estimate` of acting from the cut-off meant, at the threshold of the user.
    granted_share, assessments_per_week, wait_days
        `Spread` each, over replicates of the simulation.
    gaps
        By the names of `GAPS` how far groups lie apart; NaN where that cannot be told.
    falls_off
        Names of the limits that it does not meet; empty if it meets all.
    impact
        The whole simulation.
    acted
        Of the people of the sample on whom is acted, as a probability of 1 or 0.
    """

    cuts: Cuts
    net_benefit: Estimate
    granted_share: Spread
    assessments_per_week: Spread
    wait_days: Spread
    gaps: dict[str, float]
    falls_off: tuple[str, ...]
    impact: Impact
    acted: Sample

    @property
    def label(self) -> str:
        """The cut-offs as text."""
        return " / ".join(f"{cut:g}" for cut in self.cuts)

    def found(self, limit: str) -> float:
        """What is held against a limit."""
        return self.gaps[limit] if limit in GAPS else float(getattr(self, limit).value)


@dataclass(frozen=True, eq=False, repr=False)
class CutChoice:
    """All candidates, those within the limits, and the best of these.

    Attributes
    ----------
    model, policy
        Of which model in which policy.
    threshold
        Probability at which a wrong alarm and a missed event weigh as the user says.
    limits
        What was asked.
    candidates
        In the order in which they were given.
    """

    model: str
    policy: str
    threshold: float
    limits: Limits
    candidates: tuple[Candidate, ...]

    def __repr__(self) -> str:
        return f"<CutChoice {self.model}: {len(self.feasible)} of {len(self.candidates)} feasible>"

    @property
    def feasible(self) -> tuple[Candidate, ...]:
        """Candidates that meet all limits."""
        return tuple(c for c in self.candidates if not c.falls_off)

    @property
    def best(self) -> Candidate | None:
        """The feasible candidate with the highest net benefit; None if nothing is feasible."""
        known = [c for c in self.feasible if c.net_benefit.ok]
        return max(known, key=lambda c: c.net_benefit.value, default=None)

    @property
    def not_told_apart(self) -> tuple[Candidate, ...]:
        """Other feasible candidates whose net benefit may be as high, by the paired difference."""
        best = self.best
        if best is None:
            return ()

        def is_lower(other: Candidate) -> bool:
            found = compare(other.acted, best.acted, cut_offs=[self.threshold])
            return found["net_benefit", self.threshold].favours == "second"

        return tuple(c for c in self.feasible if c is not best and not is_lower(c))

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each candidate, and why it falls off in words."""
        import pandas as pd

        rows = [
            {
                "cuts": c.label,
                "net_benefit": c.net_benefit.value,
                "net_benefit_low": c.net_benefit.low,
                "net_benefit_high": c.net_benefit.high,
                "granted_share": c.granted_share.value,
                "assessments_per_week": c.assessments_per_week.value,
                "wait_days": c.wait_days.value,
                **c.gaps,
                "feasible": not c.falls_off,
                "best": c is self.best,
                "why": self._why(c, lang),
            }
            for c in self.candidates
        ]
        return pd.DataFrame(rows)

    def text(self, lang: str = "nl") -> str:
        """All candidates in words, the best first if there is one."""
        n, feasible = len(self.candidates), len(self.feasible)
        lines = [
            say("cuts", "title", lang, model=self.model, policy=self.policy, n=n, feasible=feasible)
        ]
        if self.best is None:
            lines.append(say("cuts", "none", lang))
        else:
            benefit = self.best.net_benefit.text(lang)
            lines.append(say("cuts", "best", lang, cuts=self.best.label, benefit=benefit))
            if self.not_told_apart:
                others = ", ".join(c.label for c in self.not_told_apart)
                lines.append(say("cuts", "near", lang, others=others))
        lines += ["", *(f"- {self._row(c, lang)}" for c in self.candidates), ""]
        return "\n".join([*lines, say("words", "warning", lang)]) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "model": self.model,
            "policy": self.policy,
            "threshold": self.threshold,
            "limits": msgspec.to_builtins(self.limits),
            "best": None if self.best is None else list(self.best.cuts),
            "candidates": [
                {
                    "cuts": list(c.cuts),
                    "net_benefit": c.net_benefit.to_dict(),
                    **{name: _plain(c.found(name)) for name in _SIMULATED},
                    **{name: _plain(value) for name, value in c.gaps.items()},
                    "falls_off": list(c.falls_off),
                }
                for c in self.candidates
            ],
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, index=False, escape=True)

    def _row(self, c: Candidate, lang: str) -> str:
        verdict = say("cuts", "meets", lang)
        if c.falls_off:
            verdict = say("cuts", "fails", lang, why=self._why(c, lang))
        return say(
            "cuts",
            "row",
            lang,
            cuts=c.label,
            benefit=c.net_benefit.text(lang, 4),
            granted=percent(c.granted_share.value, lang),
            weekly=number(c.assessments_per_week.value, lang),
            wait=number(c.wait_days.value, lang),
            verdict=verdict,
        )

    def _why(self, c: Candidate, lang: str) -> str:
        return "; ".join(self._said(c, name, lang) for name in c.falls_off)

    def _said(self, c: Candidate, name: str, lang: str) -> str:
        found, limit = c.found(name), getattr(self.limits, name)
        if math.isnan(found):
            return say("cuts", "unknown", lang, name=name)
        shown = percent if name == "granted_share" else number
        return say("cuts", name, lang, found=shown(found, lang, 1), limit=shown(limit, lang, 1))


_SIMULATED = ("granted_share", "assessments_per_week", "wait_days")


def choose_cuts(
    people: People,
    screener: Screener,
    policy: CompiledPolicy,
    model: str,
    candidates: Sequence[Cuts],
    settings: Settings,
    *,
    sample: Sample,
    threshold: float,
    limits: Limits,
    labels: npt.ArrayLike | None = None,
    acting_from: int = -1,
    on_candidate: Callable[[int], None] | None = None,
) -> CutChoice:
    """What candidate cut-offs of a model would do, and which of them meet the limits.

    Parameters
    ----------
    people, settings
        As for `simulate`; settings are of the one kind of the policy.
    screener
        Its models; its policies are not used.
    policy, model
        The policy in which the cut-offs of this model are replaced.
    candidates
        As many cut-offs as the policy has for the model, ascending, for each candidate.
    sample
        Probabilities of the model and outcomes, of people whom it did not see.
    threshold
        Probability at which acting and not acting are worth the same: it fixes what a wrong alarm
        weighs against a missed event, the same for every candidate.
    limits
        Asked of each candidate.
    labels
        Groups of the people of the sample, in the order in which these were given; needed for
        limits on groups.
    acting_from
        From which of the cut-offs on is acted; the highest one by default.
    on_candidate
        Called with the number of candidates done.

    Raises
    ------
    ImpactError
        If there are no candidates, one does not fit the policy, or labels are lacking.
    EvaluationError, PolicyError
        As from the functions that are used.
    """
    _check(policy, model, candidates, settings, limits, labels)
    found = []
    for done, cuts in enumerate(candidates, start=1):
        given = tuple(float(cut) for cut in cuts)
        found.append(
            _examined(
                people, screener, _with_cuts(policy, model, given), given, settings,
                _Judged(sample, given[acting_from], threshold, limits, labels),
            )
        )  # fmt: skip
        if on_candidate is not None:
            on_candidate(done)
    return CutChoice(model, policy.id, threshold, limits, tuple(found))


@dataclass(frozen=True, eq=False)
class _Judged:
    """How a cut-off is judged on a sample."""

    sample: Sample
    cut_off: float
    threshold: float
    limits: Limits
    labels: npt.ArrayLike | None

    @property
    def acted(self) -> Sample:
        """Acting or not, as a probability of 1 or 0: net benefit keeps its one definition."""
        acted = (self.sample.probability >= self.cut_off).astype(np.float64)
        return Sample.of(
            acted, self.sample.outcome, weight=self.sample.weight, cluster=self.sample.cluster
        )

    def benefit(self) -> Estimate:
        """Net benefit at the threshold of acting from the cut-off on."""
        return net_benefit(self.acted, self.threshold)["net_benefit"]

    def gaps(self) -> dict[str, float]:
        """How far groups lie apart."""
        if self.labels is None:
            return {}
        measures = {m: group_measures(self.cut_off)[m] for m in GAPS.values()}
        found = contrasts(
            self.sample, self.labels, measures, replicates=FOR_SPREAD, shuffles=FOR_SPREAD
        )
        apart = {one.measure: one.difference.value for one in found.spreads}
        return {name: apart.get(measure, math.nan) for name, measure in GAPS.items()}


def _examined(
    people: People,
    screener: Screener,
    policy: CompiledPolicy,
    cuts: Cuts,
    settings: Settings,
    judged: _Judged,
) -> Candidate:
    from risicoscreener.screening import Screener as Chain

    chain = Chain(screener.bundle, book_of(policy), screener.definitions)
    impact = simulate(people, chain, settings, label=" / ".join(f"{c:g}" for c in cuts))
    weeks, level = settings.n_days / 7, settings.level
    share = impact.values("granted") / impact.values("asked")
    weekly = impact.values("assessments") / weeks
    simulated = {
        "granted_share": spread("granted_share", share, level),
        "assessments_per_week": spread("assessments_per_week", weekly, level),
        "wait_days": spread("wait_days", impact.values("wait_median"), level),
    }
    gaps = judged.gaps()
    values = {**{name: one.value for name, one in simulated.items()}, **gaps}
    if not impact.values("needed").any():
        values["wait_days"] = 0.0  # nobody waits
        simulated["wait_days"] = Spread("wait_days", 0.0, 0.0, 0.0, level)
    return Candidate(
        cuts,
        judged.benefit(),
        **simulated,
        gaps=gaps,
        falls_off=tuple(_not_met(judged.limits, values)),
        impact=impact,
        acted=judged.acted,
    )


def _not_met(limits: Limits, values: dict[str, float]) -> list[str]:
    """Limits that are not met; what is not known meets none."""
    failed = []
    for name in limits.__struct_fields__:
        limit = getattr(limits, name)
        if limit is None:
            continue
        value = values.get(name, math.nan)
        within = value >= limit if name == "granted_share" else value <= limit
        if not within:
            failed.append(name)
    return failed


def _with_cuts(policy: CompiledPolicy, model: str, cuts: Cuts) -> CompiledPolicy:
    models = tuple(
        msgspec.structs.replace(one, cuts=cuts) if one.model == model else one
        for one in policy.policy.models
    )
    return CompiledPolicy(msgspec.structs.replace(policy.policy, models=models))


def _check(
    policy: CompiledPolicy,
    model: str,
    candidates: Sequence[Cuts],
    settings: Settings,
    limits: Limits,
    labels: npt.ArrayLike | None,
) -> None:
    if model not in policy.models:
        raise ImpactError(
            f"{policy.id} has no model {model!r}; expected one of {', '.join(policy.models)}"
        )
    if settings.kinds != (policy.policy.kind,):
        raise ImpactError(
            f"settings are of {', '.join(settings.kinds)}; expected {policy.policy.kind} alone"
        )
    if not len(candidates):
        raise ImpactError("there are no candidates; expected one or more sets of cut-offs")
    wanted = len(policy.cuts[policy.models.index(model)])
    for cuts in candidates:
        if len(cuts) != wanted:
            raise ImpactError(
                f"candidate {tuple(cuts)} has {len(cuts)} cut-offs; expected {wanted}, as {model} "
                f"has in {policy.id}"
            )
    if limits.on_groups and labels is None:
        raise ImpactError(
            f"{', '.join(limits.on_groups)} is limited and labels is None; expected a group for "
            "each row of the sample"
        )


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
