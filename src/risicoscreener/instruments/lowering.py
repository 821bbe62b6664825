"""From an instrument to a risk model: terms as tables of knots over the derived variables.

Each feature is a derived variable, for one population where the formula is for one: so a variable
whose effect differs between men and women becomes two features, of which one does not apply (NaN,
and adds nothing). What applies to everyone is required, and if it is unknown it counts as its
worst value: an unknown answer never lowers the risk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import ModelError
from risicoscreener.instruments.answers import read_answers
from risicoscreener.instruments.kernels import any_holds
from risicoscreener.instruments.scoring import (
    DOES_NOT_APPLY,
    EVERYONE,
    Evaluator,
    numeric,
)
from risicoscreener.models.calibration import Calibration, Identity, Table, expit_one
from risicoscreener.models.golden import golden_vectors
from risicoscreener.models.piecewise import MAX_KNOTS
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.risk_model import Provenance, RiskModel, Training
from risicoscreener.models.support import FeatureRange, PopulationRule, Support
from risicoscreener.models.terms import Term

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from risicoscreener.instruments.definition import FormulaTerm, Level
    from risicoscreener.instruments.instrument import Instrument
    from risicoscreener.instruments.scoring import CompiledTerm

NO_PROBABILITY = -30.0
"""Log odds that stand for probability zero; a calibration table maps them to it exactly."""


@dataclass(slots=True)
class _Feature:
    """One feature of the model: its variable, population and the terms that it sums."""

    name: str
    variable: str
    population: str
    terms: list[CompiledTerm] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def value(self, x: float) -> float:
        return sum(term.function(x) for term in self.terms)


def lower(instrument: Instrument, variant: Level | None, horizon: str | None) -> RiskModel:
    """The risk model of one variant and horizon; see `Instrument.model`."""
    variant, horizon = _chosen(instrument, variant, horizon)
    features = _features(instrument, variant)
    scale = _Scale(instrument, horizon)
    terms = tuple(_term(instrument, feature, scale) for feature in features)
    program = ScoringProgram(
        intercept=scale.intercept(_intercept(instrument, variant, horizon)),
        terms=terms,
        calibration=scale.calibration(),
        support=_support(instrument, features),
    )
    definition = instrument.definition
    chosen = next(h for h in definition.horizons if h.name == horizon)
    suffix = f"_{variant}" if len(instrument.variants) > 1 else ""
    return RiskModel(
        name=f"{instrument.id}{suffix}_{horizon}",
        outcome=definition.outcome,
        horizon_days=chosen.days,
        population=definition.population,
        program=program,
        title=definition.title,
        description=definition.use,
        training=Training(
            n=0,
            events=0,
            censoring="published coefficients; the development sample is described at the source",
        ),
        provenance=_provenance(instrument, features),
        golden=golden_vectors(program),
        synthetic=False,
    )


def values_of(
    instrument: Instrument, inputs: Mapping[str, Any], variant: Level | None
) -> list[float]:
    """The values of the features; see `Instrument.feature_values`."""
    variant, _ = _chosen(instrument, variant, None)
    result = instrument.score(inputs)
    unusable = [p for p in result.problems if p.kind == "refused"]
    if variant == "dynamic":
        unusable += [p for p in result.problems if p.kind == "fallback"]
    if unusable:
        raise ModelError(
            f"instrument {instrument.id} cannot be scored as {variant}: "
            f"{' '.join(problem.text('en') for problem in unusable)}"
        )
    answers = read_answers(instrument.inputs, instrument.choices, inputs)
    defaults = instrument.defaults(variant)
    evaluator = Evaluator(instrument.derived, {**defaults, **answers.values})
    return [_number(instrument, evaluator, feature) for feature in _features(instrument, variant)]


def _number(instrument: Instrument, evaluator: Evaluator, feature: _Feature) -> float:
    if feature.population != EVERYONE:
        when = instrument.populations[feature.population].when
        if not any_holds(when, evaluator.known):
            return math.nan
    value = evaluator.value(feature.variable)
    if value is None or value is DOES_NOT_APPLY:
        return math.nan
    return numeric(value, instrument.positions.get(feature.variable, {}))


def _chosen(
    instrument: Instrument, variant: Level | None, horizon: str | None
) -> tuple[Level, str]:
    if instrument.composite:
        parts = ", ".join(instrument.parts)
        raise ModelError(
            f"instrument {instrument.id} is the sum of its parts and no single program; take the "
            f"models of its parts ({parts}), or use score()."
        )
    variant = variant or instrument.variants[-1]
    if variant not in instrument.variants:
        raise ModelError(
            f"instrument {instrument.id} has no {variant} variant; it has: "
            f"{', '.join(instrument.variants)}."
        )
    horizon = horizon or instrument.horizons[0]
    if horizon not in instrument.horizons:
        raise ModelError(
            f"instrument {instrument.id} has no horizon {horizon!r}; it has: "
            f"{', '.join(instrument.horizons)}."
        )
    return variant, horizon


def _features(instrument: Instrument, variant: Level) -> list[_Feature]:
    """The features in the order of the file, then those that only say who it is for."""
    found: dict[str, _Feature] = {}
    for formula, terms in instrument.formulas[variant]:
        for term in terms:
            feature = found.setdefault(
                term.feature, _Feature(term.feature, term.variable, formula.population)
            )
            feature.terms.append(term)
            label = term.definition.label
            place = term.definition.source or formula.source
            feature.sources.append(f"{place} {label}".strip())
    for rule in _applicability(instrument):
        if rule.feature not in found:
            found[rule.feature] = _Feature(rule.feature, rule.feature, EVERYONE)
    return list(found.values())


def _intercept(instrument: Instrument, variant: Level, horizon: str) -> float:
    """The intercept of the formulas for everyone; those of a population belong to its features."""
    own = [f for f, _ in instrument.formulas[variant] if f.population != EVERYONE]
    if any(formula.intercepts or formula.constant for formula in own):
        raise ModelError(
            f"instrument {instrument.id} has an intercept for a population; write it as a term "
            "of a variable that says who belongs to it."
        )
    formulas = [f for f, _ in instrument.formulas[variant]]
    return sum(f.constant + f.intercepts.get(horizon, 0.0) for f in formulas)


# -- terms ---------------------------------------------------------------------------------


class _Scale:
    """How the sum of the instrument becomes a linear predictor and a calibration map."""

    def __init__(self, instrument: Instrument, horizon: str) -> None:
        self.scale, self.horizon, self.id = instrument.definition.scale, horizon, instrument.id
        self.instrument = instrument
        tabulated = horizon in self.scale.probabilities
        if self.scale.kind == "points" and self.scale.slope is None and not tabulated:
            raise ModelError(
                f"instrument {instrument.id} gives points and no probability for {horizon}; a "
                "risk model is about a probability. Use score()."
            )

    @property
    def table(self) -> bool:
        """The probability is looked up by the number of points."""
        return self.horizon in self.scale.probabilities

    def factor(self) -> float:
        """What a unit of the sum is on the scale of the linear predictor."""
        if self.table:
            return POINT
        return 1.0 if self.scale.slope is None else self.scale.slope

    def intercept(self, constant: float) -> float:
        """Intercept of the program."""
        if self.scale.kind == "probability" or self.table:
            return constant * self.factor()
        return constant * self.factor() + self.line_intercept()

    def line_intercept(self) -> float:
        """Intercept of the line from points to log odds; 0 without one."""
        return self.scale.intercept_at(self.horizon) or 0.0

    def effect(self, value: float) -> float:
        """What a value of a term adds to the linear predictor."""
        if self.scale.kind == "probability":
            return math.log(value / (1.0 - value)) if value > 0.0 else NO_PROBABILITY
        return value * self.factor()

    def calibration(self) -> Calibration:
        """The map that makes the probability exact."""
        if self.table:
            return self._steps()
        if self.scale.kind == "probability":
            return _nothing_below(expit_one(NO_PROBABILITY / 2))
        if self.scale.none_below is not None and self.scale.slope is not None:
            reached = self.line_intercept() + self.scale.slope * (self.scale.none_below - 0.5)
            return _nothing_below(expit_one(reached))
        return Identity()

    def _steps(self) -> Table:
        """A step at half a point below each entry of the table of probabilities."""
        before: list[float] = [0.0]
        after: list[float] = [self.scale.probabilities[self.horizon][0].value]
        for step in self.scale.probabilities[self.horizon][1:]:
            edge = expit_one(POINT * (step.start - 0.5))
            before += [edge, edge]
            after += [after[-1], step.value]
        return Table(before=(*before, 1.0), after=(*after, after[-1]))


POINT = 0.1
"""Log odds by which points are told apart in a program that looks a probability up by points."""


def _nothing_below(edge: float) -> Table:
    """Probability zero below an edge, and unchanged from there on."""
    return Table(before=(0.0, edge, edge, 1.0), after=(0.0, 0.0, edge, 1.0))


def _term(instrument: Instrument, feature: _Feature, scale: _Scale) -> Term:
    knots = _knots(instrument, feature)
    jumps = [_breaks(term.definition) for term in feature.terms]
    breaks = {start for starts in jumps for start in starts}
    places: list[float] = []
    values: list[float] = []
    for knot in knots:
        if knot in breaks and places:
            places.append(knot)
            values.append(scale.effect(feature.value(math.nextafter(knot, -math.inf))))
        places.append(knot)
        values.append(scale.effect(feature.value(knot)) if feature.terms else 0.0)
    missing = max(values) if _required(instrument, feature) else 0.0
    return Term(feature.name, tuple(places), tuple(values), missing=missing)


def _breaks(term: FormulaTerm) -> list[float]:
    return [step.start for step in term.steps]


def _knots(instrument: Instrument, feature: _Feature) -> list[float]:
    """Where the function of a feature must be tabulated to be exact."""
    low, high, whole = _limits(instrument, feature)
    terms = [term.definition for term in feature.terms]
    curved = any(len(term.polynomial) > 1 or term.values for term in terms)
    if curved:
        if not whole or high - low + 1 > MAX_KNOTS:
            raise ModelError(
                f"{feature.name} of instrument {instrument.id} has a curve over values that are "
                f"not at most {MAX_KNOTS} whole numbers; it cannot be tabulated exactly."
            )
        return [low + i for i in range(int(high - low) + 1)]
    inside = {start for term in terms for start in _breaks(term) if low < start <= high}
    return sorted({low, high} | inside)


def _limits(instrument: Instrument, feature: _Feature) -> tuple[float, float, bool]:
    """Lowest and highest value, and whether only whole numbers occur."""
    name = feature.variable
    if name in instrument.positions:
        return 0.0, len(instrument.positions[name]) - 1.0, True
    spec = instrument.all_inputs.get(name)
    if spec is not None:
        if spec.kind == "yes_no":
            return 0.0, 1.0, True
        low, high, whole = spec.minimum, spec.maximum, spec.kind == "integer"
    else:
        definition = instrument.derived[name]
        low, high, whole = definition.low, definition.high, definition.whole
    if low is None or high is None:
        raise ModelError(
            f"{name} of instrument {instrument.id} has no limits; give low and high in its file."
        )
    return float(low), float(high), whole


# -- support and provenance ------------------------------------------------------------------


def _required(instrument: Instrument, feature: _Feature) -> bool:
    """It applies to everyone, so that no value means unknown."""
    return feature.population == EVERYONE and _always(instrument, feature.variable)


def _always(instrument: Instrument, name: str) -> bool:
    definition = instrument.derived.get(name)
    if definition is None:
        return True
    if definition.when or definition.unless:
        return False
    return all(_always(instrument, o) for o in definition.of if isinstance(o, str))


def _support(instrument: Instrument, features: list[_Feature]) -> Support:
    ranges = []
    for feature in features:
        low, high, whole = _limits(instrument, feature)
        middle = (low + high) / 2.0
        ranges.append(FeatureRange(low, high, float(int(middle)) if whole else middle))
    return Support(
        features=tuple(feature.name for feature in features),
        ranges=tuple(ranges),
        rules=tuple(_applicability(instrument)),
        required=tuple(f.name for f in features if _required(instrument, f)),
        max_missing_share=1.0,
    )


def _applicability(instrument: Instrument) -> Iterator[PopulationRule]:
    """Whom the instrument does not apply to, as rules: each named value is out of bounds."""
    for case in instrument.definition.not_applicable:
        for condition in case.when:
            if len(condition) != 1:
                raise ModelError(
                    f"instrument {instrument.id}: each condition of not_applicable must name one "
                    "input to be lowered."
                )
            ((name, wanted),) = condition.items()
            kept = [
                n for n in (0.0, 1.0) if n != numeric(wanted, instrument.positions.get(name, {}))
            ]
            yield PopulationRule(name, minimum=kept[0], maximum=kept[0])


def _provenance(instrument: Instrument, features: list[_Feature]) -> dict[str, Provenance]:
    origin = instrument.definition.origin
    state = f" @ {origin.commit}" if origin.commit else ""
    place = origin.repository or origin.url
    data_set = f"{origin.title}: {place}{state}; {origin.licence}"
    made_on = origin.published or instrument.definition.published
    whole = {"*": Provenance(data_set=data_set, command=origin.note, made_on=made_on)}
    return whole | {
        feature.name: Provenance(
            data_set=data_set,
            command="; ".join(dict.fromkeys(feature.sources)),
            made_on=made_on,
        )
        for feature in features
        if feature.sources
    }
