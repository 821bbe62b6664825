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


def most_sensitive(name: str, definitions: Mapping[str, Feature]) -> tuple[str, Sensitivity]:
    """The definition that decides, itself if possible, and its sensitivity."""
    involved = compile_plan([name], definitions).features
    worst = max((f.sensitivity for f in involved.values()), key=_ORDER.index)
    if involved[name].sensitivity == worst:
        return name, worst
    return next(n for n, f in involved.items() if f.sensitivity == worst), worst
