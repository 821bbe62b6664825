"""What a screening says: plain records that explain themselves, in Dutch and in English.

A result carries every text and source that it rests on, so that it can be read, stored and
shown elsewhere without the library that made it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import Outcome
from risicoscreener.errors import RecordError
from risicoscreener.strict_json import decode_json
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.decision import PolicyBook
    from risicoscreener.features.definition import Feature
    from risicoscreener.screening.audience import Audience
    from risicoscreener.texts import Lang

RequirementLevel = Literal["met", "not_met", "unknown"]
RESULT_SCHEMA_VERSION = 1


class RuleFound(Struct, frozen=True, kw_only=True):
    """The rule of the policy that gave the outcome.

    Attributes
    ----------
    source
        The citation, the same in every language; ``project`` stands for a choice of the project.
    remark
        What is taken from it, what was not read, or what is a choice; None: nothing to say.
    to_verify
        The source was not read.
    """

    id: str
    text: Texts
    source: str
    remark: Texts | None = None
    to_verify: bool


class PolicyUsed(Struct, frozen=True, kw_only=True):
    """The version of the policy that applied on the day, and what it is worth.

    ``outcomes`` says what outcomes are called in this kind of decision, where grant, deny and deep
    assessment are not the words for them.
    """

    id: str
    title: Texts
    digest: str
    status: Texts
    outcomes: dict[Outcome, Texts] = {}


class BundleUsed(Struct, frozen=True, kw_only=True):
    """The models that scored, and whether they may still be relied on."""

    id: str
    synthetic: bool
    disclaimer: Texts
    review_on: dt.date
    expired: bool


class DomainFound(Struct, frozen=True, kw_only=True):
    """One thing that the policy weighs, at the level found."""

    name: str
    title: Texts
    level: str
    text: Texts
    known: bool


class RequirementFound(Struct, frozen=True, kw_only=True):
    """One legal requirement, whether it is met, and where it stands.

    ``to_verify``: the source was not read in full. Source and remark as in `RuleFound`.
    """

    name: str
    text: Texts
    level: RequirementLevel
    source: str
    remark: Texts | None = None
    to_verify: bool


class ConditionFound(Struct, frozen=True, kw_only=True):
    """A condition that must hold if the liberty is granted; source and remark as in `RuleFound`."""

    id: str
    text: Texts
    source: str
    remark: Texts | None = None
    to_verify: bool


class Contribution(Struct, frozen=True, gc=False):
    """What one feature adds to the log-odds of a model, compared with the average person.

    ``value`` is None if unknown; then the contribution is that of not knowing.
    """

    feature: str
    group: str
    value: float | None
    contribution: float
    text: Texts
    unit: str


class OutsideSupport(Struct, frozen=True, kw_only=True):
    """A feature that lies outside what the model was made on, and what is typical there."""

    feature: str
    value: float
    low: float | None
    high: float | None
    typical: float | None
    reason: str


class IfKnownFound(Struct, frozen=True, kw_only=True):
    """Between what the probability would lie if one unknown feature were known, all else as it is.

    The feature may be anything that occurs in the data of the model.
    """

    feature: str
    lowest: float
    highest: float


class BandSetFound(Struct, frozen=True, kw_only=True):
    """The risk bands that cannot be ruled out, as far as people like this one can tell.

    Attributes
    ----------
    coverage
        Least share of people whose set holds.
    cut_offs
        Probabilities between the bands.
    bands
        Numbers of the bands, 0 for the one below the first cut-off.
    lower, upper
        Interval of the share with the outcome among people with about this probability.
    """

    coverage: float
    cut_offs: tuple[float, ...]
    bands: tuple[int, ...]
    lower: float
    upper: float


class ModelFound(Struct, frozen=True, gc=False):
    """One probability with its interval, support and contributions.

    Attributes
    ----------
    probability, lower, upper
        Calibrated probability of the outcome, within ``horizon_days`` if it has a horizon, and its
        interval at ``level``; the bounds are None for a model that carries none.
    support
        ``inside``, ``outside`` or ``insufficient``: whether the model may speak of this person.
    contributions
        Per feature, largest first; ``by_group`` has their sums.
    unusual
        If the combination of features hardly occurs in the data of the model: those that make it
        so, the most first.
    if_known
        Per unknown feature what knowing it could change, the largest change first.
    lowest, highest
        Between what the probability would lie if all unknown features were known; None if none
        is unknown.
    pattern
        The features that were used, if the model has a program for people of whom just these are
        known; else None.
    band_set
        The risk bands that cannot be ruled out; None for a model without such sets.
    """

    name: str
    outcome: Texts
    horizon_days: int | None
    probability: float
    lower: float | None
    upper: float | None
    level: float | None
    linear_predictor: float
    support: Literal["inside", "outside", "insufficient"]
    support_text: Texts
    outside: tuple[OutsideSupport, ...]
    unknown: tuple[str, ...]
    contributions: tuple[Contribution, ...]
    by_group: dict[str, float]
    unusual: tuple[str, ...] = ()
    if_known: tuple[IfKnownFound, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    pattern: tuple[str, ...] | None = None
    band_set: BandSetFound | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Names of the features that weigh most, at most three."""
        return tuple(c.feature for c in self.contributions[:REASONS])


REASONS = 3
"""How many features are given as reasons of a probability."""


class ChangeFound(Struct, frozen=True, kw_only=True):
    """Something that would make the outcome better: what must change, and to which outcome."""

    steps: tuple[ChangeStep, ...]
    outcome: Outcome


class ChangeStep(Struct, frozen=True, kw_only=True):
    """One thing that would have to be at another level."""

    domain: str
    title: Texts
    level_from: str
    level_to: str
    text_to: Texts


class MissingFound(Struct, frozen=True, kw_only=True):
    """Something that is not known, that the outcome depends on, and who can supply it."""

    name: str
    text: Texts
    supplier: Texts


class ScreeningResult(Struct, frozen=True, kw_only=True, gc=False):
    """The outcome for one person and one liberty on one day, with all that it rests on.

    A person decides. The result supports that decision, explains itself and can be replayed.
    """

    schema_version: int = RESULT_SCHEMA_VERSION
    person_id: str
    decision: str
    as_of: dt.date
    outcome: Outcome
    rule: RuleFound
    policy: PolicyUsed
    bundle: BundleUsed
    domains: tuple[DomainFound, ...]
    requirements: tuple[RequirementFound, ...]
    conditions: tuple[ConditionFound, ...]
    models: tuple[ModelFound, ...]
    changes: tuple[ChangeFound, ...]
    missing: tuple[MissingFound, ...]
    values: dict[str, float | None]
    quarantined_rows: int
    valid_until: dt.date

    def domain(self, name: str) -> DomainFound:
        """What was found for one domain, such as ``conduct`` or ``victims``.

        Raises
        ------
        KeyError
            If the policy does not weigh it.
        """
        for found in self.domains:
            if found.name == name:
                return found
        raise KeyError(f"{self.policy.id} does not weigh {name!r}")

    def model(self, name: str) -> ModelFound:
        """What one model says.

        Raises
        ------
        KeyError
            If the policy does not read it.
        """
        for found in self.models:
            if found.name == name:
                return found
        raise KeyError(f"{self.policy.id} does not read model {name!r}")

    def for_audience(
        self,
        audience: str | Audience,
        *,
        policies: PolicyBook | None = None,
        definitions: Mapping[str, Feature] | None = None,
    ) -> ScreeningResult:
        """The result as a reader may see it, bound to the purpose of that reader.

        What is not named for the reader is left out. Facts about victims are shown only to who may
        see them: for others neither the rule, nor the conditions, nor what would help tells two
        cases apart that differ in those facts alone, except by the outcome.

        Parameters
        ----------
        audience
            ``person``, ``decision_maker``, ``victim_service``, ``probation``, ``municipality`` or
            ``evaluator`` (`audience.audiences`), or an `Audience` of your own.
        policies
            The policies with which the result was made; those of the package by default.
        definitions
            What the features are; the shipped catalogue by default. One that is not defined is not
            shown, and a requirement or condition that reads it counts as about victims.

        Raises
        ------
        AudienceError
            If there is no such reader, or the policy of the result is not among the policies.
        """
        from risicoscreener.screening.audience import for_audience

        return for_audience(self, audience, policies=policies, definitions=definitions)

    def text(self, lang: Lang = "nl") -> str:
        """The result as plain text in ``nl`` or ``en``."""
        from risicoscreener.screening.render import as_text

        return as_text(self, lang)

    def html(self, lang: Lang = "nl") -> str:
        """The result as an HTML fragment in ``nl`` or ``en``."""
        from risicoscreener.screening.render import as_html

        return as_html(self, lang)

    def _repr_html_(self) -> str:
        from risicoscreener.screening.render import as_html
        from risicoscreener.texts import default_language

        return as_html(self, default_language())

    def __str__(self) -> str:
        from risicoscreener.screening.render import as_text
        from risicoscreener.texts import default_language

        return as_text(self, default_language())

    def to_dict(self) -> dict[str, Any]:
        """Plain values; unknown numbers are None."""
        plain: dict[str, Any] = msgspec.json.decode(self.to_json())
        return plain

    def to_json(self) -> bytes:
        """The result as JSON, after `result_json_schema`."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes | str) -> ScreeningResult:
        """A result that was stored with `to_json`.

        Raises
        ------
        RecordError
            If it is not one, naming the place in it.
        """
        try:
            return decode_json(data, cls)
        except msgspec.DecodeError as error:
            raise RecordError(f"this is no result of a screening: {error}") from None


def result_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a result."""
    from risicoscreener.dossier.json_schema import DIALECT

    schema = msgspec.json.schema(ScreeningResult)
    return {"$schema": DIALECT, "title": "ScreeningResult", **schema}
