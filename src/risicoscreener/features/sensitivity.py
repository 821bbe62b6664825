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

from risicoscreener.errors import FeatureError
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
    return {name: _most_sensitive(name, definitions)[1] for name in names}


def _most_sensitive(name: str, definitions: Mapping[str, Feature]) -> tuple[str, Sensitivity]:
    """The definition that decides, itself if possible, and its sensitivity."""
    involved = compile_plan([name], definitions).features
    worst = max((f.sensitivity for f in involved.values()), key=_ORDER.index)
    if involved[name].sensitivity == worst:
        return name, worst
    return next(n for n, f in involved.items() if f.sensitivity == worst), worst


def check_features(
    names: Iterable[str], definitions: Mapping[str, Feature], waivers: Iterable[Waiver] = ()
) -> tuple[Waiver, ...]:
    """The waivers that a model of these features needs, out of those that were granted.

    Raises
    ------
    FeatureError
        Naming every feature that is a proxy or forbidden without a waiver, and why it is.
    """
    granted = {(w.feature, w.sensitivity): w for w in waivers}
    used, refused = [], []
    for name in names:
        source, sensitivity = _most_sensitive(name, definitions)
        if sensitivity == "allowed":
            continue
        if (name, sensitivity) in granted:
            used.append(granted[name, sensitivity])
            continue
        through = "" if source == name else f", through {source}"
        refused.append(f"{name} ({sensitivity}{through}: {definitions[source].why['en']})")
    if refused:
        raise FeatureError(
            f"features that need a recorded waiver: {'; '.join(refused)}. Leave them out, or give "
            "a Waiver with feature, sensitivity, reason, granted_by and granted_on"
        )
    return tuple(used)
