"""A published instrument: loaded from its file, checked, and ready to score."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.errors import ModelError
from risicoscreener.instruments.answers import (
    Answers,
    Choices,
    Objection,
    expected,
    read_answers,
)
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
)
from risicoscreener.instruments.kernels import any_holds
from risicoscreener.instruments.result import (
    InstrumentProblem,
    InstrumentResult,
    InstrumentScore,
    wording,
)
from risicoscreener.instruments.scoring import (
    DOES_NOT_APPLY,
    EVERYONE,
    CompiledTerm,
    Evaluator,
    choice_positions,
    compile_terms,
    numeric,
    probability_of,
    score_of,
)
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

    import pandas as pd

    from risicoscreener.models.risk_model import RiskModel

INTERCEPT = "intercept"


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
        versions = {i.version: i for i in instruments() if i.id == id}
        if not versions:
            known = ", ".join(dict.fromkeys(i.id for i in instruments()))
            raise ModelError(f"there is no instrument {id!r}; there are: {known}.")
        if version is None:
            return max(versions.values(), key=lambda i: i.definition.published)
        if version not in versions:
            raise ModelError(
                f"instrument {id} has no version {version!r}; it has: {', '.join(versions)}."
            )
        return versions[version]

    @classmethod
    def from_toml(cls, text: str, shared: str | None = None) -> Instrument:
        """An instrument from the text of its file, and that of the file that it extends.

        Raises
        ------
        ModelError
            If the text is no instrument file, or contradicts itself.
        """
        family = None if shared is None else _read(shared, Shared, "the shared file")
        return cls(_read(text, Definition, "the instrument file"), family)

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
    def _level(self) -> dict[str, Level]:
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
        answers = read_answers(self.inputs, self.choices, inputs)
        problems = [*self.unknown_fields(inputs), *self._problems(answers)]
        if any(problem.kind == "refused" for problem in problems):
            return InstrumentResult(self.id, self.version, problems=tuple(problems))
        lacking = any(problem.kind == "fallback" for problem in problems)
        variant = "static" if lacking else self.variants[-1]
        return self._score_variant(variant, answers.values, problems)

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
        import pandas as pd

        strange = self.unknown_fields(dict.fromkeys(map(str, frame.columns), True))
        if strange:
            raise ModelError(strange[0].text("en"))
        names = [str(name) for name in frame.columns]
        records = frame.astype(object).itertuples(index=False, name=None)
        rows = [self._row(self.score(dict(zip(names, row, strict=True)))) for row in records]
        return pd.DataFrame(rows, index=frame.index, columns=self._columns())

    def _columns(self) -> list[str]:
        measures = [f"{m}_{h}" for h in self.horizons for m in _MEASURES]
        return ["variant", "applicable", *measures, "refused", "fallback", "assumed"]

    def _row(self, result: InstrumentResult) -> dict[str, Any]:
        row: dict[str, Any] = {"variant": result.variant, "applicable": result.applicable}
        for score in result.scores:
            row |= {f"{m}_{score.horizon}": getattr(score, m) for m in _MEASURES}
        for kind in ("refused", "fallback", "assumed"):
            row[kind] = "; ".join(
                f"{p.code}: {', '.join(p.fields)}" for p in result.problems if p.kind == kind
            )
        return row

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

    def _problems(self, answers: Answers) -> list[InstrumentProblem]:
        """Objections to the inputs: of type, missing, and between inputs."""
        kind_of = {"static": "refused", "dynamic": "fallback"}
        wrong = {name for objection in answers.objections for name in objection.fields}
        found = [
            objection.problem(kind_of[self._worst_level(objection.fields)])
            for objection in answers.objections
        ]
        evaluator = Evaluator(self.derived, answers.values)
        missing: dict[str, Level] = {}
        for need in self.definition.needs:
            if need.when and not any_holds(need.when, evaluator.known):
                continue
            if any_holds(need.unless, evaluator.known):
                continue
            for name in need.inputs:
                if name not in answers.values and name not in wrong:
                    missing.setdefault(name, need.level)
        for name, level in missing.items():
            text = expected(self.inputs[name], self.choices)
            found.append(
                InstrumentProblem(kind_of[level], "missing", (name,), (None,), text)  # type: ignore[arg-type]
            )
        for name, rule in self.rules.items():
            if evaluator.compute(rule.holds) is False:
                values = tuple(answers.values.get(field) for field in rule.fields)
                objection = Objection(name, tuple(rule.fields), values, rule.expected)
                found.append(objection.problem(kind_of[rule.level]))
        return found

    def _worst_level(self, fields: Iterable[str]) -> Level:
        return "static" if any(self._level[name] == "static" for name in fields) else "dynamic"

    def _score_variant(
        self, variant: Level, values: Mapping[str, Any], problems: list[InstrumentProblem]
    ) -> InstrumentResult:
        evaluator = Evaluator(self.derived, values)
        for case in self.definition.not_applicable:
            if any_holds(case.when, evaluator.known):
                return self._not_applicable(variant, case.band, case.text, problems)
        assumptions = self._assumptions(variant, values)
        filled = {**self.defaults(variant), **values}
        evaluator = Evaluator(self.derived, filled)
        computed = self._compute(variant, evaluator)
        if isinstance(computed, str):
            objection = Objection("not_computable", (computed,), (None,), self._text_of(computed))
            problems = [*problems, objection.problem("refused")]
            return InstrumentResult(self.id, self.version, problems=tuple(problems))
        contributions, totals, populations, derived = computed
        scores = tuple(
            score_of(self.definition.scale, self.definition.bands, h, totals[h], populations)
            for h in self.horizons
        )
        if assumptions:
            scores = self._with_most(variant, filled, [p.field for p in assumptions], scores)
        scores, remarks = self._shifted(scores, evaluator)
        return InstrumentResult(
            instrument=self.id,
            version=self.version,
            variant=variant,
            scores=scores,
            problems=(*problems, *assumptions),
            populations=populations,
            derived=derived,
            contributions=contributions,
            remarks=(*remarks, *self.definition.remarks),
        )

    def _compute(
        self, variant: Level, evaluator: Evaluator
    ) -> tuple[dict[str, float], dict[str, float], tuple[str, ...], dict[str, Any]] | str:
        """Contributions, the sum per horizon, populations and variables; or what is unknown."""
        contributions: dict[str, float] = {INTERCEPT: 0.0}
        intercepts = dict.fromkeys(self.horizons, 0.0)
        populations, derived = [], {}
        for formula, terms in self.formulas[variant]:
            if formula.population != EVERYONE:
                if not any_holds(self.populations[formula.population].when, evaluator.known):
                    continue
                populations.append(formula.population)
            for horizon in self.horizons:
                intercepts[horizon] += formula.constant + formula.intercepts.get(horizon, 0.0)
            for term in terms:
                value = evaluator.value(term.variable)
                if value is None:
                    return term.variable
                applies = value is not DOES_NOT_APPLY
                derived[term.variable] = value if applies else None
                x = numeric(value, self.positions.get(term.variable, {})) if applies else 0.0
                added = term.function(x) if applies else 0.0
                contributions[term.feature] = contributions.get(term.feature, 0.0) + added
        contributions[INTERCEPT] = intercepts[self.horizons[0]]
        of_terms = sum(added for name, added in contributions.items() if name != INTERCEPT)
        totals = {h: intercepts[h] + of_terms for h in self.horizons}
        return contributions, totals, tuple(dict.fromkeys(populations)), derived

    # -- what was not answered ---------------------------------------------------------------

    def defaults(self, variant: Level) -> dict[str, Any]:
        """What unanswered optional inputs count as."""
        return {
            name: self.inputs[name].default
            for name in self.used[variant]
            if self.inputs[name].default is not None
        }

    def _assumptions(self, variant: Level, values: Mapping[str, Any]) -> list[InstrumentProblem]:
        """What an optional input without an answer counts as."""
        needed = {n for need in self.definition.needs for n in need.inputs}
        found = []
        for name in self.used[variant]:
            spec = self.inputs[name]
            if name in values or name in needed or spec.gives:
                continue
            text = spec.unanswered or self._counts_as(spec)
            found.append(InstrumentProblem("assumed", "not_answered", (name,), (None,), text))
        return found

    def _counts_as(self, spec: Input) -> Texts:
        said = wording()["assumed"]
        phrases = {}
        for lang in LANGUAGES:
            if spec.default is None:
                phrases[lang] = said["nothing"][lang]
                continue
            shown = str(spec.default)
            if isinstance(spec.default, bool):
                shown = said["yes" if spec.default else "no"][lang]
            elif spec.choices:
                shown = self.choices[spec.choices][shown].text(lang)
            phrases[lang] = said["default"][lang].format(default=shown)
        return Texts(**phrases)

    def _with_most(
        self,
        variant: Level,
        filled: Mapping[str, Any],
        assumed: list[str],
        scores: tuple[InstrumentScore, ...],
    ) -> tuple[InstrumentScore, ...]:
        """Scores with the highest probability that the unanswered inputs could give."""
        worst = dict(filled)
        for name in assumed:
            totals = {}
            for answer in self._possible(name):
                found = self._compute(variant, Evaluator(self.derived, {**filled, name: answer}))
                if not isinstance(found, str):
                    totals[answer] = found[1][self.horizons[0]]
            if totals:
                worst[name] = max(totals, key=lambda answer: totals[answer])
        found = self._compute(variant, Evaluator(self.derived, worst))
        if isinstance(found, str):
            return scores
        most = [probability_of(self.definition.scale, h, found[1][h]) for h in self.horizons]
        return tuple(
            _replace(score, at_most=p) if p is not None else score
            for score, p in zip(scores, most, strict=True)
        )

    def _possible(self, name: str) -> list[Any]:
        spec = self.inputs[name]
        if spec.kind == "yes_no":
            return [False, True]
        return list(self.choices[spec.choices]) if spec.kind == "choice" else []

    # -- the rest of a result ----------------------------------------------------------------

    def _not_applicable(
        self, variant: Level, band: str, text: Texts, problems: list[InstrumentProblem]
    ) -> InstrumentResult:
        scores = tuple(
            InstrumentScore(h, probability=0.0, percentage=0.0, band=band) for h in self.horizons
        )
        return InstrumentResult(
            self.id,
            self.version,
            variant=variant,
            scores=scores,
            problems=tuple(problems),
            remarks=(text,),
            applicable=False,
        )

    def _shifted(
        self, scores: tuple[InstrumentScore, ...], evaluator: Evaluator
    ) -> tuple[tuple[InstrumentScore, ...], tuple[Texts, ...]]:
        """Bands one lower where the instrument says so."""
        shift = self.definition.shift
        if shift is None or evaluator.known(shift.when_true) is not True:
            return scores, ()
        order = [band.code for band in self.definition.bands[0].levels]
        lower = {code: order[max(0, i - 1)] for i, code in enumerate(order)}
        moved = tuple(_replace(s, band=lower.get(s.band or "", s.band)) for s in scores)
        return moved, (shift.text,) if moved != scores else ()

    def _text_of(self, variable: str) -> Texts:
        definition = self.derived.get(variable)
        if definition is not None and definition.text is not None:
            return definition.text
        return Texts(nl=variable, en=variable)

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


_MEASURES = ("probability", "percentage", "points", "scaled", "band", "linear_predictor")


def _replace(score: InstrumentScore, **changes: Any) -> InstrumentScore:
    return dataclasses.replace(score, **changes)


@cache
def instruments() -> tuple[Instrument, ...]:
    """All instruments and versions that the package carries, by id and date."""
    found = []
    for folder in sorted(_data().iterdir(), key=lambda path: path.name):
        if folder.is_dir():
            found += [_load(path) for path in folder.iterdir() if path.name.endswith(".toml")]
    return tuple(sorted(found, key=lambda i: (i.id, i.definition.published)))


def _data() -> Traversable:
    return files("risicoscreener.instruments") / "data"


def _load(path: Traversable) -> Instrument:
    text = path.read_text("utf-8")
    extends = tomllib.loads(text).get("extends")
    shared = (_data() / str(extends)).read_text("utf-8") if extends else None
    try:
        return Instrument.from_toml(text, shared)
    except ModelError as error:
        raise ModelError(f"{path.name}: {error}") from error


def _read(text: str, kind: type[Any], what: str) -> Any:
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{what} is not TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise ModelError(f"{what} is not what it should be: {error}.") from error
