"""A published instrument: loaded from its file, checked, and ready to score."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

from risicoscreener.instruments import many
from risicoscreener.instruments.answers import Choices
from risicoscreener.instruments.applying import Application
from risicoscreener.instruments.checking import check
from risicoscreener.instruments.definition import (
    Definition,
    Derived,
    Formula,
    Input,
    Level,
    Population,
    Rule,
    Shared,
    parsed,
)
from risicoscreener.instruments.result import InstrumentProblem, InstrumentResult, wording
from risicoscreener.instruments.scoring import (
    EVERYONE,
    CompiledTerm,
    choice_positions,
    compile_terms,
)
from risicoscreener.instruments.written import LEFT_TO_SCORE, Probabilities, Unusual, Written, write
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    import pandas as pd

    from risicoscreener.models.risk_model import RiskModel


class Instrument:
    """One version of a published instrument.

    It answers with a score, a band, each step in between and every objection, and never with an
    exception for what is given about a person. If dynamic inputs are missing it scores the static
    variant and says so. An answer that is assumed is named in the result.

    Parameters
    ----------
    definition
        The instrument file.
    shared
        What the family of instruments shares; the file that `definition.extends` names.

    Raises
    ------
    ModelError
        If the file contradicts itself.

    Examples
    --------
    >>> instrument = Instrument.load("osp_iic")
    >>> result = instrument.score(
    ...     {
    ...         "sex": "male",
    ...         "sexual_offence_ever": True,
    ...         "image_sanctions": 2,
    ...         "contact_adult_sanctions": 0,
    ...         "contact_child_sanctions": 0,
    ...         "non_contact_offences": 0,
    ...     }
    ... )
    >>> result.score.percentage, result.band
    (10.31, 'high')
    """

    def __init__(self, definition: Definition, shared: Shared | None = None) -> None:
        self.definition = definition
        self._shared = shared
        check(self)

    def __repr__(self) -> str:
        return f"<Instrument {self.id} {self.version}: {self.definition.title.en}>"

    # -- load ------------------------------------------------------------------------------

    @classmethod
    def load(cls, id: str, version: str | None = None) -> Instrument:
        """An instrument that the package carries.

        Parameters
        ----------
        id
            Its short name.
        version
            The latest if None.

        Raises
        ------
        ModelError
            If there is no such instrument or version.
        """
        from risicoscreener.instruments.shipped import shipped

        return shipped(id, version)

    @classmethod
    def from_toml(cls, text: str, shared: str | None = None) -> Instrument:
        """An instrument from the text of its file, and that of the file that it extends.

        Raises
        ------
        ModelError
            If the text is no instrument file, or contradicts itself.
        """
        family = None if shared is None else parsed(shared, Shared, "the shared file")
        return cls(parsed(text, Definition, "the instrument file"), family)

    # -- what it is ------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Short name."""
        return self.definition.id

    @property
    def version(self) -> str:
        """Version, as its source names it."""
        return self.definition.version

    @property
    def composite(self) -> bool:
        """It adds up the scores of other instruments."""
        return self.definition.kind == "composite"

    @cached_property
    def parts(self) -> dict[str, Instrument]:
        """The instruments that a composite one is made of."""
        return {
            p.instrument: Instrument.load(p.instrument, p.version) for p in self.definition.parts
        }

    @cached_property
    def variants(self) -> tuple[Level, ...]:
        """The variants that it has: ``static``, ``dynamic`` or both."""
        found = {f.variant for f in self.definition.formulas}
        found |= {v for part in self.parts.values() for v in part.variants}
        levels: tuple[Level, ...] = ("static", "dynamic")
        return tuple(level for level in levels if level in found)

    @cached_property
    def horizons(self) -> tuple[str, ...]:
        """Names of the horizons."""
        return tuple(h.name for h in self.definition.horizons)

    @cached_property
    def choices(self) -> Choices:
        """Codes of the choice inputs, by the name of their set."""
        return {**(self._shared.choices if self._shared else {}), **self.definition.choices}

    @cached_property
    def all_inputs(self) -> dict[str, Input]:
        """Inputs of the family."""
        return {**(self._shared.inputs if self._shared else {}), **self.definition.inputs}

    @cached_property
    def derived(self) -> dict[str, Derived]:
        """Definitions of the derived variables."""
        return {**(self._shared.derived if self._shared else {}), **self.definition.derived}

    @cached_property
    def populations(self) -> dict[str, Population]:
        """Groups for which there are formulas of their own."""
        return {
            **(self._shared.populations if self._shared else {}),
            **self.definition.populations,
        }

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """What must hold between inputs."""
        known = {**(self._shared.rules if self._shared else {}), **self.definition.rules}
        return {name: known[name] for name in self.definition.checks}

    @cached_property
    def inputs(self) -> dict[str, Input]:
        """What this instrument asks, the parts of a composite one included."""
        names = [n for need in self.definition.needs for n in need.inputs]
        names += self.definition.optional
        own = {name: self.all_inputs[name] for name in dict.fromkeys(names)}
        for part in self.parts.values():
            own.update(part.inputs)
        return own

    @cached_property
    def positions(self) -> dict[str, dict[str, int]]:
        """Per choice input the number of each code."""
        return choice_positions(self.inputs, self.choices, self.derived)

    @cached_property
    def formulas(self) -> dict[Level, list[tuple[Formula, tuple[CompiledTerm, ...]]]]:
        """Per variant the formulas with their terms as functions."""
        return {
            variant: [
                (formula, compile_terms(formula, self.positions))
                for formula in self.definition.formulas
                if formula.variant == variant
            ]
            for variant in self.variants
        }

    @cached_property
    def used(self) -> dict[Level, tuple[str, ...]]:
        """Per variant the inputs that its formulas, bands and applicability read."""
        found: dict[Level, tuple[str, ...]] = {}
        for variant, formulas in self.formulas.items():
            names = [term.variable for _, terms in formulas for term in terms]
            names += [n for f, _ in formulas for n in self._in_population(f.population)]
            names += [n for na in self.definition.not_applicable for c in na.when for n in c]
            if self.definition.shift is not None:
                names.append(self.definition.shift.when_true)
            reached = [name for name in self.reached(names) if name in self.inputs]
            found[variant] = tuple(dict.fromkeys(reached))
        return found

    def reached(self, names: Iterable[str]) -> Iterator[str]:
        """Names and all that they are computed from."""
        for name in names:
            yield name
            definition = self.derived.get(name)
            if definition is None:
                continue
            below = [o for o in definition.of if isinstance(o, str)]
            below += [n for c in (*definition.when, *definition.unless) for n in c]
            yield from self.reached(below)

    def _in_population(self, name: str) -> list[str]:
        conditions = [] if name == EVERYONE else self.populations[name].when
        return [n for condition in conditions for n in condition]

    @cached_property
    def levels(self) -> dict[str, Level]:
        """For which variant an input matters first: a static one concerns both."""
        static = {
            n for need in self.definition.needs if need.level == "static" for n in need.inputs
        }
        static |= set(self.used.get("static", ()))
        static |= {name for name, spec in self.inputs.items() if spec.gives in static}
        return {name: "static" if name in static else "dynamic" for name in self.inputs}

    # -- score -----------------------------------------------------------------------------

    def score(self, inputs: Mapping[str, Any]) -> InstrumentResult:
        """Everything that the instrument says about one person.

        Parameters
        ----------
        inputs
            Values by the names of `inputs`: numbers, dates (or ISO text), true or false, codes.
            None, NaN and NaT are missing. Inputs of other instruments of the family are ignored;
            any other name is objected to.
        """
        if self.composite:
            from risicoscreener.instruments.composite import score_composite

            return score_composite(self, inputs)
        return Application(self).result(inputs)

    def probabilities(self, inputs: Mapping[str, Any]) -> Probabilities | None:
        """The probabilities alone, at a fraction of the time of `score`.

        Parameters
        ----------
        inputs
            As for `score`.

        Returns
        -------
        A probability for each of `horizons`, the same doubles as in `score` (None for an
        instrument that gives points only); or None if there is no score.

        Examples
        --------
        >>> Instrument.load("ogrs3").probabilities({"sex": "male"}) is None
        True
        """
        try:
            return self._written.of_inputs(inputs)
        except (Unusual, *LEFT_TO_SCORE):
            return tuple(score.probability for score in self.score(inputs).scores) or None

    @cached_property
    def _written(self) -> Written:
        return write(self)

    def probabilities_many(self, frame: pd.DataFrame) -> np.ndarray:
        """The answers of `probabilities` for each row.

        Returns
        -------
        ndarray of shape (n, horizons), float64; NaN where there is none.

        Raises
        ------
        ModelError
            For a column that is no input of the family.
        """
        return many.probabilities_many(self, frame)

    def score_many(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The answers of `score` for each row, as columns.

        Returns
        -------
        A frame with the index of the input and the columns ``variant``, ``applicable``; per
        horizon ``probability_<horizon>``, ``percentage_``, ``points_``, ``scaled_``, ``band_``
        and ``linear_predictor_``; ``refused``, ``fallback`` and ``assumed`` with the codes and
        fields of the problems.

        Raises
        ------
        ModelError
            For a column that is no input of the family.
        """
        return many.score_many(self, frame)

    def unknown_fields(self, inputs: Mapping[str, Any]) -> list[InstrumentProblem]:
        """An objection to each name that no instrument of the family has."""
        known = {**self.all_inputs, **self.inputs}
        found = []
        for name, value in inputs.items():
            if name not in known:
                near = get_close_matches(str(name), known, n=3) or list(self.inputs)
                said = wording()["expected"]["field"]
                texts = {lang: said[lang].format(fields=", ".join(near)) for lang in LANGUAGES}
                found.append(
                    InstrumentProblem(
                        "refused", "unknown_field", (str(name),), (value,), Texts(**texts)
                    )
                )
        return found

    def defaults(self, variant: Level) -> dict[str, Any]:
        """What unanswered optional inputs count as."""
        return {
            name: self.inputs[name].default
            for name in self.used[variant]
            if self.inputs[name].default is not None
        }

    # -- lowering ----------------------------------------------------------------------------

    def model(self, *, variant: Level | None = None, horizon: str | None = None) -> RiskModel:
        """The instrument as a risk model, whose features are the derived variables.

        Parameters
        ----------
        variant
            The most complete one if None.
        horizon
            The first if None.

        Raises
        ------
        ModelError
            For a composite instrument, which is scored by its parts; for one that gives no
            probability; or for an unknown variant or horizon.
        """
        from risicoscreener.instruments.lowering import lower

        return lower(self, variant, horizon)

    def feature_values(
        self, inputs: Mapping[str, Any], *, variant: Level | None = None
    ) -> list[float]:
        """The values of the features of `model`, in their order; NaN where one does not apply.

        Raises
        ------
        ModelError
            If the inputs cannot be scored in that variant; `score` says why, without raising.
        """
        from risicoscreener.instruments.lowering import values_of

        return values_of(self, inputs, variant)
