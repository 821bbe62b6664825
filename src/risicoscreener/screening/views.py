"""What a policy version and a model say, prepared once so that a result is put together fast.

A result consists mostly of texts and sources that do not depend on the person. They are made
here, one record for each level, rule, requirement and condition, and shared by all results.
"""

from __future__ import annotations

import datetime as dt
from math import isfinite
from operator import eq, itemgetter
from typing import TYPE_CHECKING, Any

from risicoscreener.decision.compiled import Change, keep
from risicoscreener.decision.outcome import OUTCOMES, Outcome
from risicoscreener.models.missing.bounds import reach_of
from risicoscreener.models.missing.patterns import PatternSubmodels
from risicoscreener.models.straight import added_up
from risicoscreener.models.support import STATUSES, texts
from risicoscreener.models.uncertainty.leverage import explain_leverage
from risicoscreener.screening.result import (
    REASONS,
    BandSetFound,
    BundleUsed,
    ChangeFound,
    ChangeStep,
    ConditionFound,
    Contribution,
    DomainFound,
    IfKnownFound,
    ModelFound,
    OutsideSupport,
    PolicyUsed,
    RequirementFound,
    RequirementLevel,
    RuleFound,
)
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from risicoscreener.decision import CompiledPolicy, Decided
    from risicoscreener.features.definition import Feature
    from risicoscreener.models import Assessment, Bundle, OutsideFeature, RiskModel, SupportResult

REQUIREMENT_LEVELS: tuple[RequirementLevel, ...] = ("met", "not_met", "unknown")


class PolicyView:
    """One version of a policy: its rules, requirements, domains and conditions as found."""

    def __init__(self, compiled: CompiledPolicy) -> None:
        policy = compiled.policy
        self.compiled = compiled
        self.validity = dt.timedelta(days=policy.validity_days)
        self.used = PolicyUsed(
            id=compiled.id,
            title=policy.title,
            digest=compiled.digest,
            status=policy.status,
            outcomes={o: policy.outcomes[o] for o in OUTCOMES if o in policy.outcomes},
        )
        self.rules = tuple(
            RuleFound(id=r.id, text=r.text, source=r.source, remark=r.remark, to_verify=r.to_verify)
            for r in policy.rules
        )
        self.requirements = tuple(
            tuple(
                RequirementFound(
                    name=r.id,
                    text=r.text,
                    level=level,
                    source=r.source,
                    remark=r.remark,
                    to_verify=r.to_verify,
                )
                for level in REQUIREMENT_LEVELS
            )
            for r in policy.requirements
        )
        self.domains = tuple(
            tuple(
                DomainFound(
                    name=domain.id,
                    title=domain.title,
                    level=level.id,
                    text=level.text,
                    known=level.id != "unknown",
                )
                for level in domain.levels
            )
            for domain in compiled.domains
        )
        self.conditions = tuple(
            ConditionFound(
                id=c.id, text=c.text, source=c.source, remark=c.remark, to_verify=c.to_verify
            )
            for c in policy.conditions
        )
        self._changes: dict[int, tuple[ChangeFound, ...]] = {}
        self._found: dict[tuple[tuple[tuple[int, int, int], ...], Outcome], ChangeFound] = {}
        self._unknown = tuple(
            len(levels) - 1 if levels[-1].level == "unknown" else -1 for levels in self.domains
        )

    def lacks(self, decided: Decided) -> bool:
        """Whether a requirement or a domain is unknown."""
        if 2 in decided.requirements:
            return True
        return any(map(eq, self._unknown, decided.levels))

    def changes(self, cell: int, levels: Sequence[int]) -> tuple[ChangeFound, ...]:
        """What would give more liberty than a cell of the table does."""
        found = self._changes.get(cell)
        if found is None:
            found = tuple(
                self._change(tuple((d, levels[d], level) for d, level in change.steps), change)
                for change in self.compiled.changes(cell)
            )
            keep(self._changes, cell, found)
        return found

    def _change(self, steps: tuple[tuple[int, int, int], ...], change: Change) -> ChangeFound:
        """A change as found; the few that there are are shared by many cells."""
        key = (steps, change.outcome)
        found = self._found.get(key)
        if found is None:
            made = tuple(self._step(*step) for step in steps)
            found = self._found[key] = ChangeFound(steps=made, outcome=change.outcome)
        return found

    def _step(self, domain: int, now: int, then: int) -> ChangeStep:
        before, after = self.domains[domain][now], self.domains[domain][then]
        return ChangeStep(
            domain=before.name,
            title=before.title,
            level_from=before.level,
            level_to=after.level,
            text_to=after.text,
        )


class ModelView:
    """One model: the texts of its features and of its support."""

    def __init__(self, model: RiskModel, definitions: Mapping[str, Feature]) -> None:
        self.model = model
        self.program = model.scorer
        self.features = tuple(
            (name, feature.group, Texts(nl=feature.text["nl"], en=feature.text["en"]), feature.unit)
            for name, feature in ((name, definitions[name]) for name in model.features)
        )
        self.groups = _groups([group for _, group, _, _ in self.features])
        wording = texts()["support"]
        self.support_texts = {
            status: Texts(nl=wording[status]["nl"], en=wording[status]["en"]) for status in STATUSES
        }
        uncertainty = model.program.uncertainty
        self.level = None if uncertainty is None else uncertainty.level
        self.reach = reach_of(model.scorer)

    def found(self, values: Sequence[float], assessment: Assessment) -> ModelFound:
        """What the model says of the person with these values of its features."""
        added = assessment.contributions
        interval, support = assessment.interval, assessment.support
        status = "inside" if support is None else support.status
        if_known, lowest, highest = self._if_known(values, assessment.linear_predictor)
        model = self.model
        return ModelFound(  # by position, which takes a tenth of the time that names take
            model.name,
            model.outcome,
            model.horizon_days,
            assessment.probability,
            None if interval is None else interval.lower,
            None if interval is None else interval.upper,
            self.level,
            assessment.linear_predictor,
            status,
            self.support_texts[status],
            tuple(map(_outside, support.outside)) if support and support.outside else (),
            () if support is None else support.unknown_required,
            self._contributions(values, added),
            {group: added_up(members(added)) for group, members in self.groups},
            self._unusual(values, support),
            if_known,
            lowest,
            highest,
            self._pattern(values),
            self._band_set(assessment.probability),
        )

    def _pattern(self, values: Sequence[float]) -> tuple[str, ...] | None:
        """The features of the program that was used, if it is that of a pattern."""
        if not isinstance(self.program, PatternSubmodels):
            return None
        return self.program.known_for(values)

    def _band_set(self, probability: float) -> BandSetFound | None:
        """The bands that cannot be ruled out, if the model has sets."""
        bands = self.model.bands
        if bands is None:
            return None
        lower, upper = bands.interval_one(probability)
        return BandSetFound(
            coverage=1.0 - bands.alpha,
            cut_offs=bands.cut_offs,
            bands=bands.bands_one(probability),
            lower=lower,
            upper=upper,
        )

    def _if_known(
        self, values: Sequence[float], linear_predictor: float
    ) -> tuple[tuple[IfKnownFound, ...], float | None, float | None]:
        """What knowing what is unknown could change."""
        if isfinite(sum(values)) or all(map(eq, values, values)):
            return (), None, None
        bounds = self.reach.bounds(values, linear_predictor)
        found = tuple(
            IfKnownFound(feature=item.feature, lowest=item.lowest, highest=item.highest)
            for item in bounds.features
        )
        return found, bounds.lowest, bounds.highest

    def _unusual(self, values: Sequence[float], support: SupportResult | None) -> tuple[str, ...]:
        """The features that make the combination unusual, if it is."""
        if support is None or not support.leverage_exceeded:
            return () if support is None else support.farthest
        first, *others = explain_leverage(self.program, values)[:REASONS]
        return (first.feature, *(part.feature for part in others if part.falls_by > 0))

    def _contributions(
        self, values: Sequence[float], added: Sequence[float]
    ) -> tuple[Contribution, ...]:
        found = [
            Contribution(name, group, value if value == value else None, part, text, unit)
            for (name, group, text, unit), value, part in zip(
                self.features, values, added, strict=True
            )
        ]
        found.sort(key=_size, reverse=True)  # a stable sort, also backwards
        return tuple(found)


def _size(item: Contribution) -> float:
    return abs(item.contribution)


def _groups(
    groups: Sequence[str],
) -> tuple[tuple[str, Callable[[Sequence[float]], Sequence[float]]], ...]:
    """Each group with what takes its members out of the contributions."""
    places: dict[str, list[int]] = {}
    for i, group in enumerate(groups):
        places.setdefault(group, []).append(i)
    return tuple((group, take(members)) for group, members in places.items())


def take(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """What takes the elements at some places out of a list."""
    if len(places) == 1:  # of one place `itemgetter` gives no sequence
        return itemgetter(slice(places[0], places[0] + 1))
    return itemgetter(*places) if places else itemgetter(slice(0))


def _outside(item: OutsideFeature) -> OutsideSupport:
    return OutsideSupport(
        feature=item.feature,
        value=item.value,
        low=_finite(item.low),
        high=_finite(item.high),
        typical=_finite(item.typical),
        reason=item.reason,
    )


def _finite(bound: float) -> float | None:
    return bound if float("-inf") < bound < float("inf") else None


def bundle_used(bundle: Bundle, expired: bool) -> BundleUsed:
    """The bundle as a result names it."""
    return BundleUsed(
        id=bundle.id,
        synthetic=bundle.synthetic,
        disclaimer=bundle.disclaimer,
        review_on=bundle.review_on,
        expired=expired,
    )
