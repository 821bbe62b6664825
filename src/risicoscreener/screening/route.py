"""The way from a person's facts to an outcome, for one kind of decision.

One plan of features serves all dated versions of the policy and the models that they read. The
day picks the version. A record and a batch both pass here, so that they are the same.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from operator import getitem
from typing import TYPE_CHECKING, Any, NamedTuple

from risicoscreener import native
from risicoscreener.decision import Score
from risicoscreener.errors import BundleError, PolicyError
from risicoscreener.features.one import compile_one
from risicoscreener.screening.at_once import AtOnce, at_once
from risicoscreener.screening.missing import missing_of
from risicoscreener.screening.result import ScreeningResult
from risicoscreener.screening.views import ModelView, PolicyView, bundle_used, take

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from risicoscreener.decision import CompiledPolicy, Decided, PolicyBook
    from risicoscreener.dossier import Dossier
    from risicoscreener.features import Catalogue
    from risicoscreener.models import Assessment, Bundle, RiskModel

SET_APART = "quarantined_rows"
"""Input that is no feature: how many rows of the dossier were unusable."""

JUDGMENT = "days_until_judgment"
"""Feature that tells the day of the judgment, for policies whose version it picks."""

LONGEST_VALIDITY = 36525


class Seen(NamedTuple):
    """What was found of one dossier on one day.

    Attributes
    ----------
    at
        Position of the version of the policy that applies.
    values
        Values of the features of the plan, NaN where unknown.
    assessments
        What each model says, by its position.
    decided
        What the version makes of it.
    """

    at: int
    values: list[float]
    assessments: dict[int, Assessment]
    decided: Decided


class Route:
    """Features, models and policy versions of one kind of decision.

    Attributes
    ----------
    plan
        Features that any version or any model of the route reads.
    policies
        The versions, oldest first.
    models
        The models that they read.
    model_inputs
        For each model the positions of its features in the plan.

    Raises
    ------
    PolicyError
        If a policy reads an input that is no feature, or a model that the bundle lacks.
    """

    def __init__(self, kind: str, book: PolicyBook, bundle: Bundle, definitions: Catalogue) -> None:
        self.kind = kind
        self.book = book
        self.bundle = bundle
        self.bundle_as_of = tuple(bundle_used(bundle, expired) for expired in (False, True))
        versions = book.versions(kind)
        _check_inputs(versions, definitions)
        _check_validity(versions)
        self.policies = tuple(PolicyView(version) for version in versions)
        self._view_of = {view.compiled.id: i for i, view in enumerate(self.policies)}
        self._spans = tuple(
            (i, version.policy.valid_from, version.policy.valid_until or dt.date.max)
            for i, version in enumerate(versions)
        )
        self.by_judgment = versions[-1].policy.date_basis == "judgment"
        named = dict.fromkeys(name for version in versions for name in version.models)
        self.models = tuple(
            ModelView(_model(bundle, name, versions), definitions) for name in named
        )
        self.plan = definitions.plan(self._features(versions))
        self.names = self.plan.names
        place = {name: i for i, name in enumerate(self.names)}
        self.set_apart = len(self.names)
        place[SET_APART] = self.set_apart
        self.model_inputs = tuple(
            tuple(place[name] for name in view.model.features) for view in self.models
        )
        self._values_of = tuple(map(take, self.model_inputs))
        self.inputs = tuple(tuple(place[name] for name in v.inputs) for v in versions)
        self._inputs_of = tuple(map(take, self.inputs))
        order = {name: i for i, name in enumerate(named)}
        self.models_of = tuple(tuple(order[name] for name in v.models) for v in versions)
        self.judgment = place.get(JUDGMENT)

    def _features(self, versions: tuple[CompiledPolicy, ...]) -> list[str]:
        names = [name for view in self.models for name in view.model.features]
        names += [name for version in versions for name in version.inputs if name != SET_APART]
        if self.by_judgment:
            names.append(JUDGMENT)
        return list(dict.fromkeys(names))

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs; what was compiled is made again there."""
        made_here = ("features_of", "_compiled")
        return {name: value for name, value in vars(self).items() if name not in made_here}

    @cached_property
    def features_of(self) -> Callable[[Dossier, dt.date], list[float]]:
        """Values of the plan for one dossier on a day."""
        return compile_one(self.plan)

    def version(self, as_of: dt.date, judged_on: dt.date | None) -> int:
        """Position of the version that applies.

        Raises
        ------
        PolicyError
            If none does.
        """
        day = judged_on if self.by_judgment and judged_on is not None else as_of
        for at, first, last in self._spans:
            if first <= day <= last:
                return at
        return self._view_of[self.book.pick(self.kind, as_of, judged_on).id]  # says what is wrong

    def screen_one(
        self, dossier: Dossier, as_of: dt.date, quarantined_rows: int
    ) -> ScreeningResult:
        """The result for one dossier on one day."""
        seen = self.look(dossier, as_of, quarantined_rows)
        return self.result(dossier.person_id, as_of, *seen, quarantined_rows)

    def screen_at_once(
        self, data: bytes, as_of: dt.date | None, last: dt.date
    ) -> ScreeningResult | None:
        """The result for a dossier from its bytes, by the compiled library; None if it cannot.

        Parameters
        ----------
        as_of
            Day of the picture; by default that of the latest recorded fact.
        last
            Last day on which a fact can have been recorded.
        """
        compiled = self._compiled if native.available() else None
        found = None if compiled is None else compiled.look(data, as_of, last)
        if compiled is None or found is None:
            return None
        values = found.values
        at = self._version_for(values, found.day)
        assessments = {
            m: compiled.programs[m].assess_passed(self._values_of[m](values), found.passed[m])
            for m in self.models_of[at]
        }
        compiled.done(found)
        seen = self._decide(at, values, assessments, 0)
        return self.result(found.person_id, found.day, *seen, 0)

    @cached_property
    def _compiled(self) -> AtOnce | None:
        """Plan and models in the compiled library, if it is there and can hold them."""
        return at_once(self.plan, [view.program for view in self.models], self.model_inputs)

    def look(self, dossier: Dossier, as_of: dt.date, quarantined_rows: int = 0) -> Seen:
        """What features, models and policy say of one dossier on one day."""
        return self.judge(self.features_of(dossier, as_of), as_of, quarantined_rows)

    def judge(self, values: list[float], as_of: dt.date, quarantined_rows: int = 0) -> Seen:
        """What models and policy say of the values of the features."""
        at = self._version_for(values, as_of)
        assessments = {
            m: self.models[m].program.assess_one(self._values_of[m](values))
            for m in self.models_of[at]
        }
        return self._decide(at, values, assessments, quarantined_rows)

    def _version_for(self, values: list[float], as_of: dt.date) -> int:
        """Position of the version that applies to someone with these values."""
        judged_on = None
        if self.judgment is not None and values[self.judgment] == values[self.judgment]:
            judged_on = as_of + dt.timedelta(days=int(values[self.judgment]))
        return self.version(as_of, judged_on)

    def _decide(
        self,
        at: int,
        values: list[float],
        assessments: dict[int, Assessment],
        quarantined_rows: int,
    ) -> Seen:
        decided = self.policies[at].compiled.decide_one(
            self.inputs_of(at, values, quarantined_rows),
            [score_of(assessment) for assessment in assessments.values()],
        )
        return Seen(at, values, assessments, decided)

    def inputs_of(
        self, at: int, values: Sequence[float], quarantined_rows: int = 0
    ) -> Sequence[float]:
        """What a version reads."""
        return self._inputs_of[at]([*values, float(quarantined_rows)])

    def result(
        self,
        person_id: str,
        as_of: dt.date,
        at: int,
        values: Sequence[float],
        assessments: dict[int, Assessment],
        decided: Decided,
        quarantined_rows: int,
    ) -> ScreeningResult:
        """A result put together from what features, models and the policy version ``at`` say.

        Raises
        ------
        BundleError
            After the last day on which the bundle may be used, by its own rule.
        """
        self.bundle.check_usable(as_of)
        view = self.policies[at]
        models = tuple(
            [
                self.models[m].found(self._values_of[m](values), assessment)
                for m, assessment in assessments.items()
            ]
        )
        levels = decided.levels
        silent = [found for found in models if found.support != "inside"]
        missing = (
            view.compiled.missing(self.inputs_of(at, values, quarantined_rows), decided)
            if view.lacks(decided)
            else ()
        )
        return ScreeningResult(
            person_id=person_id,
            decision=self.kind,
            as_of=as_of,
            outcome=decided.outcome,
            rule=view.rules[decided.rule],
            policy=view.used,
            bundle=self.bundle_as_of[self.bundle.expired(as_of)],
            domains=tuple(map(getitem, view.domains, levels)),
            requirements=tuple(map(getitem, view.requirements, decided.requirements)),
            conditions=tuple([view.conditions[i] for i in decided.conditions]),
            models=models,
            changes=view.changes(decided.cell, levels),
            missing=missing_of(missing, models) if missing or silent else (),
            values=known_values(self.names, values),
            quarantined_rows=quarantined_rows,
            valid_until=as_of + view.validity,
        )


def known_values(names: Sequence[str], values: Sequence[float]) -> dict[str, float | None]:
    """Values by name, in which unknown is None."""
    return {
        name: value if value == value else None for name, value in zip(names, values, strict=True)
    }


def score_of(assessment: Assessment) -> Score:
    """What a policy reads of a model's answer."""
    interval, support = assessment.interval, assessment.support
    return Score(
        assessment.probability,
        None if interval is None else interval.lower,
        None if interval is None else interval.upper,
        support is None or support.status == "inside",
    )


def _check_inputs(versions: tuple[CompiledPolicy, ...], definitions: Catalogue) -> None:
    for version in versions:
        unknown = [n for n in version.inputs if n != SET_APART and n not in definitions]
        if unknown:
            raise PolicyError(
                f"policy {version.id} reads {', '.join(unknown)}, of which there is no feature "
                "definition; correct the policy, or give the definitions to the screener"
            )


def _check_validity(versions: tuple[CompiledPolicy, ...]) -> None:
    """The last day on which an outcome holds is a day that a calendar has."""
    for version in versions:
        days = version.policy.validity_days
        if days > LONGEST_VALIDITY:
            raise PolicyError(
                f"policy {version.id} has validity_days = {days}; expected at most "
                f"{LONGEST_VALIDITY}"
            )


def _model(bundle: Bundle, name: str, versions: tuple[CompiledPolicy, ...]) -> RiskModel:
    try:
        return bundle.model(name)
    except BundleError as error:
        using = ", ".join(version.id for version in versions if name in version.models)
        raise PolicyError(f"policy {using} reads a model that is not there: {error}") from None
