"""Which features may enter a model: through derived features too, and only with a reason.

A ratio made of a proxy is a proxy. What counts is the most sensitive definition that a value
depends on, not what its own definition says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from risicoscreener.features.definition import Feature, Sensitivity
from risicoscreener.features.plan import compile_plan

_ORDER: tuple[Sensitivity, ...] = ("allowed", "proxy", "forbidden")


class Waiver(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Recorded permission to use a feature that is, or stands for, a protected attribute.

    ``sensitivity`` is what is waived: a waiver for a proxy does not cover a forbidden feature.
    ``granted_by`` is a role, never a name.
    """

    feature: str
    sensitivity: Literal["proxy", "forbidden"]
    reason: Annotated[str, Meta(min_length=1)]
    granted_by: Annotated[str, Meta(min_length=1)]
    granted_on: dt.date


def effective_sensitivity(
    names: Iterable[str], definitions: Mapping[str, Feature]
) -> dict[str, Sensitivity]:
    """For each feature the sensitivity of the most sensitive definition that it depends on.

    Raises
    ------
    FeatureError
        For an unknown feature.
    """
    return {name: most_sensitive(name, definitions)[1] for name in names}


VICTIMS = "victims"


def about_victims(names: Iterable[str], definitions: Mapping[str, Feature]) -> tuple[str, ...]:
    """Which features are made of facts about victims, directly or through other features.

    They are for the weighing that a policy does, and never for a model: who was harmed says nothing
    of what someone will do, and no waiver can change that. A name without a definition is none.

    Parameters
    ----------
    names
        Names of features; those that are not defined are left out of account.
    definitions
        Features by name.
    """

    def reads(name: str, above: frozenset[str]) -> bool:
        feature = definitions.get(name)
        if feature is None or name in above:
            return False
        if VICTIMS in (feature.group, feature.table):
            return True
        subjects = feature.where.get("subject", ())
        if feature.table == "inquiries" and (not subjects or VICTIMS in subjects):
            return True
        return any(reads(inner, above | {name}) for inner in feature.inputs)

    return tuple(name for name in names if reads(name, frozenset()))


def most_sensitive(name: str, definitions: Mapping[str, Feature]) -> tuple[str, Sensitivity]:
    """The definition that decides, itself if possible, and its sensitivity."""
    involved = compile_plan([name], definitions).features
    worst = max((f.sensitivity for f in involved.values()), key=_ORDER.index)
    if involved[name].sensitivity == worst:
        return name, worst
    return next(n for n, f in involved.items() if f.sensitivity == worst), worst
