"""A risk model: a scoring program with what a reader must know before believing it."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.features.definition import Sensitivity
from risicoscreener.features.sensitivity import Waiver
from risicoscreener.models.missing.patterns import PatternSubmodels, Submodel
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.uncertainty.conformal import ConformalBands
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from risicoscreener.models.answers import Assessment

Scorer = ScoringProgram | PatternSubmodels
"""What gives a probability, with the same methods."""

GOLDEN_TOLERANCE = 1e-9
"""Largest difference, relative to 1 or to the value if larger, at which a vector reproduces."""


class _Record(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Plain frozen data that refuses fields it does not know."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data: dictionaries, lists, numbers and text."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


class SampleSizeNeeded(_Record, frozen=True):
    """How many people the model needed by the criteria of Riley et al. (2019, 2020).

    Attributes
    ----------
    parameters
        Free parameters that the fit is worth; of a penalised fit its effective number.
    n, events
        People needed, and those of them with the outcome; None if no number is enough, as the
        model predicts no better than chance out of fold.
    decided_by, target
        The criterion that needs the most people, and what it aims at.
    """

    parameters: Annotated[float, Meta(gt=0)]
    n: Annotated[int, Meta(ge=1)] | None = None
    events: Annotated[int, Meta(ge=0)] | None = None
    decided_by: str = ""
    target: float = 0.0

    def enough(self, n: int) -> bool:
        """Whether ``n`` people are as many as needed."""
        return self.n is not None and n >= self.n

    def text(self, lang: str = "nl", n: int | None = None) -> str:
        """What is needed, in ``nl`` or ``en``; with ``n`` also whether that is enough."""
        from risicoscreener.models.honesty.wording import sentence

        lines = [sentence("size", "parameters", lang, parameters=round(self.parameters))]
        if self.n is None:
            return " ".join([*lines, sentence("size", "nothing", lang)])
        criterion = sentence("criterion", self.decided_by, lang, target=f"{self.target:g}")
        lines.append(
            sentence("size", "needed", lang, n=self.n, events=self.events, criterion=criterion)
        )
        if n is not None:
            lines.append(sentence("size", "enough" if self.enough(n) else "short", lang, n=n))
        return " ".join(lines)


class Training(_Record, frozen=True):
    """What the model was made on.

    ``period_from`` and ``period_until`` bound the dates of the index moments; ``censoring``
    says in words how incomplete follow-up was dealt with. ``sample_size`` is what it needed;
    None for models of before that was computed.
    """

    n: Annotated[int, Meta(ge=0)]
    events: Annotated[int, Meta(ge=0)]
    period_from: date | None = None
    period_until: date | None = None
    censoring: str = ""
    missing_share: dict[str, float] = msgspec.field(default_factory=dict)
    sample_size: SampleSizeNeeded | None = None


class Performance(_Record, frozen=True):
    """Cross-validated performance: each person scored by a fit that did not see that person.

    Each figure has a 95% interval in ``intervals`` under its own name, where one was computed.
    ``calibration_intercept`` is calibration in the large (slope fixed at 1).
    """

    auc: float
    brier: float
    calibration_intercept: float
    calibration_slope: float
    method: str
    intervals: dict[str, tuple[float, float]] = msgspec.field(default_factory=dict)


class Provenance(_Record, frozen=True):
    """Where numbers come from: data set, command and date."""

    data_set: str
    command: str
    made_on: date


class GoldenVector(_Record, frozen=True):
    """One made-up input with the answers that the program must reproduce.

    ``values`` holds None for unknown. ``outside`` and ``unknown`` name the features that
    support found outside, and those that it misses. No vector is a person of the training data.
    """

    values: tuple[float | None, ...]
    linear_predictor: float
    probability: float
    contributions: tuple[float, ...]
    interval: tuple[float, float] | None
    status: str | None
    outside: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @classmethod
    def record(cls, program: Scorer, values: Sequence[float]) -> GoldenVector:
        """The answers of a program as they are now."""
        return cls._of(values, program.assess_one(values))

    @classmethod
    def _of(cls, values: Sequence[float], found: Assessment) -> GoldenVector:
        interval, support = found.interval, found.support
        return cls(
            values=tuple(None if isnan(x) else float(x) for x in values),
            linear_predictor=found.linear_predictor,
            probability=found.probability,
            contributions=tuple(found.contributions),
            interval=None if interval is None else (interval.lower, interval.upper),
            status=None if support is None else support.status,
            outside=() if support is None else tuple(o.feature for o in support.outside),
            unknown=() if support is None else support.unknown_required,
        )

    def inputs(self) -> list[float]:
        """The input as numbers, NaN for unknown."""
        return [float("nan") if x is None else x for x in self.values]

    def difference(self, program: Scorer) -> str | None:
        """What a program answers differently, as ``field: expected …, got …``; None if nothing."""
        if len(self.values) != len(program.features):
            return f"values: {len(self.values)} for {len(program.features)} features"
        inputs = self.inputs()
        got = self._of(inputs, program.assess_one(inputs))
        for field in ("linear_predictor", "probability", "contributions", "interval"):
            expected, found = getattr(self, field), getattr(got, field)
            if not _close(expected, found):
                return f"{field}: expected {expected!r}, got {found!r}"
        for field in ("status", "outside", "unknown"):
            expected, found = getattr(self, field), getattr(got, field)
            if expected != found:
                return f"{field}: expected {expected!r}, got {found!r}"
        return None


class GoldenSet(_Record, frozen=True):
    """One probability with the sets of outcomes and bands that must come out again."""

    stratum: str
    probability: float
    outcomes: tuple[int, ...]
    bands: tuple[int, ...]
    interval: tuple[float, float]

    @classmethod
    def record(cls, bands: ConformalBands, stratum: str, probability: float) -> GoldenSet:
        """The answers of the sets as they are now."""
        return cls(
            stratum=stratum,
            probability=probability,
            outcomes=bands.outcomes_one(probability, stratum),
            bands=bands.bands_one(probability, stratum),
            interval=bands.interval_one(probability, stratum),
        )

    def difference(self, bands: ConformalBands) -> str | None:
        """What the sets answer differently; None if nothing."""
        got = self.record(bands, self.stratum, self.probability)
        for field in ("outcomes", "bands", "interval"):
            expected, found = getattr(self, field), getattr(got, field)
            if not _close(expected, found):
                return f"{field}: expected {expected!r}, got {found!r}"
        return None


class RiskModel(_Record, frozen=True, dict=True):
    """The probability of an outcome within a horizon, for a population.

    Parameters
    ----------
    name
        Short name by which a policy refers to it, such as ``violence_2y``.
    outcome
        What is predicted, in words.
    horizon_days
        Days within which the outcome counts, from the moment that ``outcome`` names; None if it is
        the end of something (a leave), however long that lasts.
    population
        For whom the model was made.
    competing_events
        Events that end the time at risk, such as death or deportation, and how they count.
    program
        What scores.
    title, description
        For readers, in Dutch and English.
    training, performance, provenance
        What it was made on, how well it does, and per coefficient where it comes from; the
        key ``*`` of ``provenance`` stands for all that are not named.
    sensitive, waivers
        The features that are not plainly allowed, and the permission for each.
    golden
        Inputs with the answers that the program must reproduce.
    patterns, golden_patterns
        Programs for the most frequent patterns of what is known, ``program`` being that for all
        others; and inputs with the answers that they must reproduce.
    bands, golden_bands
        Sets of risk bands with a stated coverage; and probabilities with the sets that they must
        reproduce.
    synthetic
        Made on synthetic data: fit for demonstration only.
    """

    name: Annotated[str, Meta(min_length=1)]
    outcome: Texts
    horizon_days: Annotated[int, Meta(gt=0)] | None
    population: Texts
    program: ScoringProgram
    title: Texts
    description: Texts
    training: Training
    synthetic: bool
    performance: Performance | None = None
    competing_events: tuple[str, ...] = ()
    provenance: dict[str, Provenance] = msgspec.field(default_factory=dict)
    sensitive: dict[str, Sensitivity] = msgspec.field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    golden: tuple[GoldenVector, ...] = ()
    patterns: tuple[Submodel, ...] = ()
    golden_patterns: tuple[GoldenVector, ...] = ()
    bands: ConformalBands | None = None
    golden_bands: tuple[GoldenSet, ...] = ()

    def __post_init__(self) -> None:
        waived = {(waiver.feature, waiver.sensitivity) for waiver in self.waivers}
        barred = [f"{n} ({kind})" for n, kind in self.sensitive.items() if (n, kind) not in waived]
        if barred:
            raise ModelError(
                f"model {self.name!r} uses {', '.join(barred)} without a recorded waiver; record "
                "one, or fit without."
            )
        if self.patterns:
            self._check_patterns()

    def _check_patterns(self) -> None:
        self.scorer  # noqa: B018  (unusable submodels fail here, not at the first score)
        whole = self.program.uncertainty is None
        if any((submodel.program.uncertainty is None) != whole for submodel in self.patterns):
            raise ModelError(
                f"some programs of model {self.name!r} carry uncertainty and others do not; give "
                "it to all, or to none."
            )

    def __repr__(self) -> str:
        kind = "synthetic, " if self.synthetic else ""
        return (
            f"<RiskModel {self.name!r}: {self.outcome.en}{self._within}, "
            f"{kind}{self.training.events} of {self.training.n} with the outcome>"
        )

    @property
    def _within(self) -> str:
        return "" if self.horizon_days is None else f", {self.horizon_days} days"

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, in the order in which values are given."""
        return self.program.features

    @cached_property
    def scorer(self) -> Scorer:
        """What scores a person: the program, or with patterns that of what is known."""
        return PatternSubmodels(self.program, self.patterns) if self.patterns else self.program

    def with_patterns(self, submodels: PatternSubmodels) -> RiskModel:
        """The model with a program per pattern; its own program is for all other patterns.

        Parameters
        ----------
        submodels
            Their fall-back must be the program of the model (its support may lack).

        Raises
        ------
        ModelError
            If it is another program.
        """
        from risicoscreener.models.golden import pattern_vectors

        supported = msgspec.structs.replace(submodels.fallback, support=self.program.support)
        if supported != self.program:
            raise ModelError(
                f"the fall-back of the submodels is not the program of model {self.name!r}."
            )
        scorer = PatternSubmodels(self.program, submodels.submodels)
        return msgspec.structs.replace(
            self, patterns=submodels.submodels, golden_patterns=pattern_vectors(scorer)
        )

    def with_bands(self, bands: ConformalBands) -> RiskModel:
        """The model with sets of risk bands, made on its probabilities out of fold."""
        from risicoscreener.models.golden import golden_sets

        return msgspec.structs.replace(self, bands=bands, golden_bands=golden_sets(bands))

    def differences(self) -> list[str]:
        """Golden vectors that the model does not reproduce, one sentence each.

        Every vector is scored by the path for one person; those of the program also as a batch.
        """
        checks: list[tuple[str, str | None]] = [
            (f"vector {i}", vector.difference(self.program)) for i, vector in enumerate(self.golden)
        ]
        checks += [
            (f"pattern vector {i}", vector.difference(self.scorer))
            for i, vector in enumerate(self.golden_patterns)
        ]
        if self.bands is not None:
            checks += [
                (f"set {i}", golden.difference(self.bands))
                for i, golden in enumerate(self.golden_bands)
            ]
        found = [
            f"model {self.name!r}, {what}: {said}" for what, said in checks if said is not None
        ]
        return found or self._batch_differences()

    def unproven(self) -> str | None:
        """A part that no golden vector speaks of; None if there is none."""
        seen = {"".join("01"[x is not None] for x in v.values) for v in self.golden_patterns}
        unseen = [submodel.known for submodel in self.patterns if submodel.known not in seen]
        if unseen:
            return f"no golden vector of pattern {unseen[0]}"
        if self.bands is not None:
            named = {golden.stratum for golden in self.golden_bands}
            lacking = [s.name for s in self.bands.strata if s.name not in named]
            if lacking:
                return f"no golden set of stratum {lacking[0]}"
        return None

    def _batch_differences(self) -> list[str]:
        """Golden vectors that the path for many people does not reproduce."""
        if not self.golden:
            return []
        matrix = np.array([vector.inputs() for vector in self.golden])
        got = self.program.score_many(matrix).linear_predictor
        expected = np.array([vector.linear_predictor for vector in self.golden])
        wrong = np.flatnonzero(~np.isclose(got, expected, rtol=GOLDEN_TOLERANCE, atol=1e-9))
        return [
            f"model {self.name!r}, vector {i}, as a batch: expected linear predictor "
            f"{expected[i]!r}, got {got[i]!r}"
            for i in wrong
        ]

    def to_frame(self) -> pd.DataFrame:
        """The terms of the program: one row per knot and per unknown value."""
        return self.program.to_frame()


def _close(expected: Any, found: Any) -> bool:
    """Numbers, or tuples of numbers, equal but for rounding."""
    if expected is None or found is None:
        return expected is found
    if isinstance(expected, tuple):
        return len(expected) == len(found) and all(map(_close, expected, found))
    return bool(abs(expected - found) <= GOLDEN_TOLERANCE * max(1.0, abs(expected)))
