"""A recipe: which models a bundle holds, of which features and outcomes, as a file.

`bundle_fitting.fit_bundle` carries it out on dossier tables and observed outcomes.
"""

from __future__ import annotations

import math
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from risicoscreener.errors import ModelError
from risicoscreener.features.sensitivity import Waiver
from risicoscreener.models.ensemble import MIN_REPLICATES
from risicoscreener.models.kinds import Calibrated, EstimatorRecipe, make_estimator
from risicoscreener.models.risk_model import _Record
from risicoscreener.models.support import PopulationRule
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from risicoscreener.models.time import TimeToEvent

DIRECTIONS = {"increasing": 1, "decreasing": -1, "none": 0}
LONGEST_HORIZON = 36525
MAX_BYTES = 1_000_000
MAX_REPLICATES = 1000
Name = Annotated[str, Meta(min_length=1)]


class FollowUp(_Record, frozen=True):
    """Columns of the observations that say how long people were followed, and what ended it.

    Attributes
    ----------
    event
        Column with the time from the start to the event; unknown (NaN) if there was none.
    observed
        Column with the time from the start to the reading of the registers, or one number for
        all.
    competing
        Columns with the times of events that rule the event out.
    unit
        Of these columns.
    lag_days, limit_days
        As for `follow_up`: within which nearly all events are registered, and the end in any case.
    """

    event: Name
    observed: Name | Annotated[float, Meta(gt=0)]
    competing: tuple[Name, ...] = ()
    unit: Literal["days", "years"] = "days"
    lag_days: Annotated[float, Meta(ge=0)] = 0.0
    limit_days: Annotated[float, Meta(gt=0)] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it names."""
        observed = (self.observed,) if isinstance(self.observed, str) else ()
        return (self.event, *observed, *self.competing)

    def read(self, frame: pd.DataFrame) -> TimeToEvent:
        """The outcome of each row."""
        from risicoscreener.models.time import follow_up

        observed = frame[self.observed] if isinstance(self.observed, str) else self.observed
        return follow_up(
            frame[self.event],
            observed,
            competing={name: frame[name] for name in self.competing},
            lag_days=self.lag_days,
            limit_days=self.limit_days,
            unit=self.unit,
            name=self.event,
        )


class ModelRecipe(_Record, frozen=True):
    """How one model of a bundle is made.

    Attributes
    ----------
    observed
        Name of the table of observations: one row for each person and index day.
    outcome_column
        Column of that table with 0 or 1; for an estimator in time ``follow_up`` instead.
    features
        Names of the catalogue; those that are not allowed need a waiver of the recipe.
    horizon_days
        Days within which the outcome counts; without it, the outcome is how something ends.
    monotone
        Hold each term to the direction of its feature's definition.
    knots
        Number of knots of each term; by default that of the estimator.
    estimator
        Its kind and parameters; by default the spline logistic.
    calibration
        Name of a calibration method, or ``choose``; for an estimator in time ``logistic`` (at
        the horizon) or ``none``.
    replicates
        Of the bootstrap for the interval; 0 for the interval that the estimator has by itself.
    cut_offs, alpha
        If given, the model carries sets of the risk bands between these probabilities, with
        coverage ``1 - alpha``.
    patterns
        If given, the model carries a program for each frequent pattern of what is known.
    """

    name: Name
    observed: Name
    features: Annotated[tuple[str, ...], Meta(min_length=1)]
    outcome: Texts
    population: Texts
    title: Texts
    description: Texts
    outcome_column: Name | None = None
    follow_up: FollowUp | None = None
    horizon_days: Annotated[int, Meta(gt=0, le=LONGEST_HORIZON)] | None = None
    competing_events: tuple[str, ...] = ()
    censoring: str = ""
    required: tuple[str, ...] = ()
    population_rules: tuple[PopulationRule, ...] = ()
    max_missing_share: Annotated[float, Meta(ge=0, le=1)] = 0.5
    monotone: bool = True
    knots: Annotated[int, Meta(ge=2, le=50)] | None = None
    estimator: EstimatorRecipe = EstimatorRecipe()
    calibration: Calibrated = "logistic"
    replicates: Annotated[int, Meta(ge=0, le=MAX_REPLICATES)] = 0
    cut_offs: tuple[float, ...] = ()
    alpha: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    patterns: Literal["pattern", "known"] | None = None

    def __post_init__(self) -> None:
        _refuse_twice(self.features, f"model {self.name!r} has the feature")
        ruled = [rule.feature for rule in self.population_rules]
        strange = [name for name in (*self.required, *ruled) if name not in self.features]
        if strange:
            raise ModelError(
                f"model {self.name!r} requires or bounds {', '.join(strange)}, of which it is not "
                "made; add it to its features, or leave it out"
            )
        for rule in self.population_rules:
            _check_rule(self.name, rule)
        self._check_outcome()
        self._check_uncertainty()
        self.unfitted()

    def _check_outcome(self) -> None:
        """An estimator in time has a follow-up and a horizon, another a column of 0 and 1."""
        given = self.outcome_column is not None, self.follow_up is not None
        if given != (not self.estimator.in_time, self.estimator.in_time):
            wanted = "follow_up" if self.estimator.in_time else "outcome_column"
            raise ModelError(
                f"model {self.name!r} has estimator.kind {self.estimator.kind!r}, "
                f"outcome_column {self.outcome_column!r} and "
                f"{'a' if given[1] else 'no'} follow_up; expected {wanted} alone"
            )

    def _check_uncertainty(self) -> None:
        """What is asked of the interval can be made together."""
        if 0 < self.replicates < MIN_REPLICATES:
            raise ModelError(
                f"model {self.name!r} has replicates {self.replicates}; expected 0 or at least "
                f"{MIN_REPLICATES}"
            )
        asked = {
            "replicates": self.replicates,
            "patterns": self.patterns,
            "cut_offs": self.cut_offs,
        }
        barred = ("replicates", "patterns", "cut_offs") if self.estimator.in_time else ()
        if self.patterns is not None:
            barred = (*barred, "replicates")
        wrong = [f"{name} {asked[name]!r}" for name in barred if asked[name]]
        if wrong:
            raise ModelError(
                f"model {self.name!r} has {', '.join(wrong)}; expected none with estimator.kind "
                f"{self.estimator.kind!r} and patterns {self.patterns!r}"
            )
        inside = all(0.0 < cut < 1.0 for cut in self.cut_offs)
        if not inside or list(self.cut_offs) != sorted(set(self.cut_offs)):
            raise ModelError(
                f"model {self.name!r} has cut_offs {list(self.cut_offs)}; expected ascending "
                "probabilities between 0 and 1"
            )

    def unfitted(self, monotone: list[int] | None = None) -> Any:
        """The estimator, not yet fitted, its terms held to these directions."""
        return make_estimator(
            self.estimator,
            calibration=self.calibration,
            knots=self.knots,
            monotone=monotone,
            horizon_days=self.horizon_days,
            where=f"model {self.name!r}: estimator",
        )


class Recipe(_Record, frozen=True):
    """What a bundle is to hold.

    Attributes
    ----------
    id
        Name of the bundle; the day on which it is made is added.
    owner
        Role that answers for it; never a name.
    population
        Synthetic population on which the command line fits it.
    review_months
        After how many months it must be reviewed.
    """

    id: Name
    owner: Name
    population: Name
    review_months: Annotated[int, Meta(ge=1, le=60)]
    models: Annotated[tuple[ModelRecipe, ...], Meta(min_length=1)]
    waivers: tuple[Waiver, ...] = ()

    def __post_init__(self) -> None:
        _refuse_twice([model.name for model in self.models], "the recipe has the model")

    @classmethod
    def load(cls, path: str | Path) -> Recipe:
        """A recipe from a TOML file.

        Raises
        ------
        ModelError
            If it cannot be read or is not a recipe, naming the place in the file.
        """
        try:
            with Path(path).open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
            text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        except (OSError, ValueError) as error:
            raise ModelError(f"recipe {path} cannot be read: {error}") from None
        if len(raw) > MAX_BYTES:
            raise ModelError(f"recipe {path} has more than {MAX_BYTES:,} bytes; is it a recipe?")
        return cls._parse(text, f"recipe {path}")

    @classmethod
    def default(cls) -> Recipe:
        """The recipe of the shipped bundle."""
        path = files("risicoscreener.models") / "recipes" / "reference.toml"
        return cls._parse(path.read_text("utf-8"), "the shipped recipe")

    @classmethod
    def _parse(cls, text: str, where: str) -> Recipe:
        try:
            return msgspec.convert(parse_toml(text), cls)
        except RecursionError:
            raise ModelError(f"{where} is not a recipe: it is nested too deeply") from None
        except (ValueError, msgspec.ValidationError, ModelError) as error:
            raise ModelError(f"{where} is not a recipe: {error}") from None


def _refuse_twice(names: Iterable[str], what: str) -> None:
    listed = list(names)
    twice = sorted({name for name in listed if listed.count(name) > 1})
    if twice:
        raise ModelError(f"{what} {', '.join(twice)} twice; expected each once")


def _check_rule(model: str, rule: PopulationRule) -> None:
    """A rule bounds something, by numbers between which there is someone."""
    bounds = [bound for bound in (rule.minimum, rule.maximum) if bound is not None]
    if not bounds or not all(map(math.isfinite, bounds)) or bounds != sorted(bounds):
        raise ModelError(
            f"the population rule of model {model!r} for {rule.feature} has minimum "
            f"{rule.minimum} and maximum {rule.maximum}; expected a number for one or both, the "
            "minimum not above the maximum"
        )
