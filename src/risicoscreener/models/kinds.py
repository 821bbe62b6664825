"""The kinds of estimator that a recipe may name, and how one is made from what it says.

The parameters of a kind are those of its class: name, type and default stand there and nowhere
else. `KINDS` is the register; a new kind is a line in it.
"""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, get_type_hints

import msgspec
from msgspec import Meta

from risicoscreener.errors import ModelError
from risicoscreener.models.calibrating.register import Method, method_names
from risicoscreener.models.risk_model import _Record

if TYPE_CHECKING:
    from collections.abc import Sequence

Calibrated = Literal[Method, "choose"]


class Kind(NamedTuple):
    """One kind of estimator.

    Attributes
    ----------
    module, name
        Where its class is; imported when the kind is used.
    in_time
        It learns from outcomes with a time and lowers at a horizon.
    maps
        It fits any calibration map by itself; for another kind one is fitted around it.
    made_of
        The parameter that takes other estimators: ``members`` (named) or ``base`` (one).
    """

    module: str
    name: str
    in_time: bool = False
    maps: bool = False
    made_of: Literal["", "members", "base"] = ""

    def load(self) -> Any:
        """The class."""
        return getattr(import_module(f"risicoscreener.models.{self.module}"), self.name)


KINDS = {
    "spline_logistic": Kind("estimators", "SplineLogisticClassifier", maps=True),
    "scorecard": Kind("estimators", "ScorecardClassifier"),
    "boosting": Kind("estimators", "AdditiveBoostingClassifier", maps=True),
    "paired": Kind("estimators", "PairedClassifier", made_of="base"),
    "stack": Kind("estimators", "StackedClassifier", made_of="members"),
    "cox": Kind("time", "CauseSpecificCox", in_time=True),
    "discrete_time": Kind("time", "DiscreteTimeHazard", in_time=True),
    "subdistribution": Kind("time", "SubdistributionHazard", in_time=True),
}

SAID_ELSEWHERE = {
    "monotone": "the key monotone of the model",
    "calibration": "the key calibration of the model",
    "replicates": "the key replicates of the model",
    "members": "the key members of the estimator",
    "base": "the key members of the estimator, with one member",
}
"""Parameters of the classes that a recipe says in one other place."""


class MemberRecipe(_Record, frozen=True):
    """One member of a stack, or the base of another: name, kind and parameters."""

    name: Annotated[str, Meta(min_length=1)]
    kind: str
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)


class EstimatorRecipe(_Record, frozen=True):
    """Which estimator a model is made with.

    Attributes
    ----------
    kind
        A name of `KINDS`.
    parameters
        Of its class, by name; what is not named has the default of the class.
    members
        Of a stack, or the one on which tables of pairs stand; by default those of the class.
    """

    kind: str = "spline_logistic"
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)
    members: tuple[MemberRecipe, ...] = ()

    @property
    def in_time(self) -> bool:
        """Whether it learns from outcomes with a time."""
        return self.kind in KINDS and KINDS[self.kind].in_time


def make_estimator(
    recipe: EstimatorRecipe,
    *,
    calibration: Calibrated = "logistic",
    knots: int | None = None,
    monotone: Sequence[int] | None = None,
    horizon_days: float | None = None,
    where: str = "estimator",
) -> Any:
    """An unfitted estimator, as a recipe says.

    Parameters
    ----------
    calibration
        Name of a calibration method, or ``choose``. A kind in time knows ``logistic`` and
        ``none``.
    knots
        Number of knots, for a kind that has them; None for the default of its class.
    monotone
        Direction per feature.
    horizon_days
        At which a kind in time lowers.
    where
        How a message calls the estimator.

    Raises
    ------
    ModelError
        For a kind, parameter or value that does not exist or makes no sense, naming the key, the
        value and what was expected.
    """
    kind = _kind(recipe.kind, where)
    parameters = dict(recipe.parameters)
    if knots is not None:
        if "knots" in parameters:
            raise ModelError(f"{where}.parameters.knots and knots both say it; expected one.")
        parameters["knots"] = knots
    estimator = _make(kind, parameters, where)
    if recipe.members:
        estimator.set_params(**_made_of(recipe, kind, where))
    made = _calibrated(estimator, kind, calibration, horizon_days, where)
    _check(estimator, where)
    return estimator.set_params(monotone=monotone) and made


def _kind(name: str, where: str) -> Kind:
    if name not in KINDS:
        raise ModelError(f"{where}.kind is {name!r}; expected one of {', '.join(KINDS)}.")
    return KINDS[name]


def _made_of(recipe: EstimatorRecipe, kind: Kind, where: str) -> dict[str, Any]:
    """The parameter with the members, for a kind that is made of others."""
    count = len(recipe.members)
    if not kind.made_of or (kind.made_of == "base" and count != 1):
        made_of = ", ".join(name for name, known in KINDS.items() if known.made_of)
        raise ModelError(
            f"{where}.members has {count} for kind {recipe.kind!r}; expected members for one of "
            f"{made_of}, and one of them for a kind with a base."
        )
    members = [_member(one, f"{where}.members") for one in recipe.members]
    return {kind.made_of: members if kind.made_of == "members" else members[0][1]}


def _member(member: MemberRecipe, where: str) -> tuple[str, Any]:
    here = f"{where} {member.name!r}"
    kind = _kind(member.kind, here)
    if kind.in_time or kind.made_of:
        plain = ", ".join(n for n, k in KINDS.items() if not k.in_time and not k.made_of)
        raise ModelError(f"{here}.kind is {member.kind!r}; expected one of {plain}.")
    estimator = _make(kind, member.parameters, here)
    _check(estimator, here)
    return member.name, estimator


def _make(kind: Kind, given: dict[str, Any], where: str) -> Any:
    """The estimator with these parameters, each of the type that the class says."""
    made_of = kind.load()
    hints = get_type_hints(made_of.__init__, localns={"Method": Method, "AdditiveClassifier": Any})
    known = [n for n in signature(made_of).parameters if n not in SAID_ELSEWHERE]
    parameters = {}
    for name, value in given.items():
        key = f"{where}.parameters.{name}"
        if name in SAID_ELSEWHERE:
            raise ModelError(f"{key} is {value!r}; expected {SAID_ELSEWHERE[name]} instead.")
        if name not in known:
            raise ModelError(f"{key} is {value!r}; expected one of {', '.join(known)}.")
        try:
            parameters[name] = msgspec.convert(value, hints[name])
        except msgspec.ValidationError as error:
            raise ModelError(f"{key} is {value!r}: {error}.") from None
    return made_of(**parameters)


def _check(estimator: Any, where: str) -> None:
    """Ask the estimator itself whether its parameters make sense."""
    try:
        estimator._check_parameters()
    except ValueError as error:
        raise ModelError(f"{where}.parameters: {error}") from None


def _calibrated(
    estimator: Any, kind: Kind, calibration: Calibrated, horizon_days: float | None, where: str
) -> Any:
    """The estimator with the map that was asked, its own or one around it."""
    key = f"{where.removesuffix('estimator')}calibration"
    if kind.in_time:
        if calibration not in ("none", "logistic") or horizon_days is None:
            problem = "a kind in time needs a horizon, and logistic or none as calibration"
            raise ModelError(
                f"{key} is {calibration!r} with horizon_days {horizon_days!r}; {problem}."
            )
        from risicoscreener.models.at_horizon import AtHorizon

        return AtHorizon(estimator, horizon_days, calibrated=calibration == "logistic")
    if calibration not in (*method_names(), "choose"):
        expected = ", ".join([*method_names(), "choose"])
        raise ModelError(f"{key} is {calibration!r}; expected one of {expected}.")
    if calibration == "none":
        return estimator.set_params(calibration=None)
    if calibration == "logistic" or (kind.maps and calibration != "choose"):
        return estimator.set_params(calibration=calibration)
    from risicoscreener.models.calibrating import CalibratedAdditive

    return CalibratedAdditive(estimator, method=calibration)
