"""Kinds of help as data: who needs it, who refused it, and what may change its effect."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from risicoscreener.decision.policy import Test
from risicoscreener.errors import ReentryError
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.sensitivity import Waiver, about_victims, effective_sensitivity
from risicoscreener.strict_toml import decode_toml
from risicoscreener.texts import Texts

RISK = "risk"
"""Name of the risk among what may change an effect."""
Names = tuple[Annotated[str, Meta(min_length=1)], ...]


class Need(Struct, frozen=True, forbid_unknown_fields=True):
    """One need: it is there if all its tests hold."""

    tests: Annotated[tuple[Test, ...], Meta(min_length=1)]
    text: Texts


class Aid(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A kind of help.

    Attributes
    ----------
    id, title
        Its name.
    unit, hours
        What a place takes of the capacity: so many of a unit for each person.
    needs
        Who has none of them is not proposed; without any the help is for everybody.
    refused
        Tests of which each that holds says that the person does not want the help.
    modifiers
        Features by which the effect may differ, besides the risk: only they order people.
    adjust
        Features in which people with and without the help must be alike.
    risk
        Which model of the bundle gives the risk.
    source, remark, to_verify
        Where it comes from, and what was not checked.
    """

    id: str
    title: Texts
    unit: Texts
    hours: Annotated[float, Meta(gt=0)]
    needs: tuple[Need, ...]
    refused: tuple[Test, ...]
    modifiers: Names
    source: str
    remark: Texts
    to_verify: bool
    adjust: Names = ()
    risk: str = ""

    @property
    def features(self) -> Names:
        """All features that it reads, each once."""
        read = [test.input for need in self.needs for test in need.tests]
        read += [test.input for test in self.refused]
        return tuple(dict.fromkeys((*self.modifiers, *self.adjust, *read)))

    @property
    def learned_from(self) -> Names:
        """The features that a model is made of: not those that only say who refused."""
        return tuple(dict.fromkeys((*self.modifiers, *self.adjust)))


class _Waived(Struct, frozen=True, forbid_unknown_fields=True):
    features: Names
    sensitivity: str
    reason: str
    granted_by: str
    granted_on: dt.date

    def waivers(self) -> list[Waiver]:
        plain = msgspec.structs.asdict(self)
        del plain["features"]
        return [msgspec.convert({**plain, "feature": f}, Waiver) for f in self.features]


class _Defaults(Struct, frozen=True, forbid_unknown_fields=True):
    risk: str
    adjust: Names


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    defaults: _Defaults
    aids: Annotated[tuple[Aid, ...], Meta(min_length=1)]
    waivers: tuple[_Waived, ...] = ()


class Aids(Struct, frozen=True):
    """The kinds of help of a file, with the waivers for what they read."""

    all: Mapping[str, Aid]
    waivers: tuple[Waiver, ...]

    def __getitem__(self, id: str) -> Aid:
        if id not in self.all:
            raise ReentryError(f"help {id!r}; expected one of {', '.join(self.all)}")
        return self.all[id]


@cache
def shipped_aids() -> Aids:
    """The kinds of help that the package comes with."""
    return _read((files(__package__) / "aids.toml").read_bytes(), "aids.toml")


def read_aids(path: str | Path) -> Aids:
    """Kinds of help of one's own, as a TOML file like the shipped one.

    Raises
    ------
    ReentryError
        If the file cannot be read or a feature may not be used.
    """
    try:
        return _read(Path(path).read_bytes(), str(path))
    except OSError as error:
        raise ReentryError(f"{path} cannot be read: {error.strerror}") from None


def _read(content: bytes, name: str) -> Aids:
    try:
        found: _File = decode_toml(content, _File)
        waivers = tuple(waiver for group in found.waivers for waiver in group.waivers())
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise ReentryError(f"{name}: {error}") from None
    filled = [
        msgspec.structs.replace(
            aid, adjust=aid.adjust or found.defaults.adjust, risk=aid.risk or found.defaults.risk
        )
        for aid in found.aids
    ]
    for aid in filled:
        check_features(aid, catalogue(), f"{name}: {aid.id}")
    return Aids({aid.id: aid for aid in filled}, waivers)


def check_features(aid: Aid, definitions: Catalogue, where: str) -> None:
    """Refuse features that there are not, that are forbidden or that are about victims.

    Raises
    ------
    ReentryError
        Naming them.
    """
    absent = [name for name in aid.features if name not in definitions]
    if absent:
        raise ReentryError(f"{where}: {absent[0]!r}; expected the name of a feature")
    kinds = effective_sensitivity(aid.features, definitions)
    barred = [name for name, kind in kinds.items() if kind == "forbidden"]
    barred += about_victims(aid.features, definitions)
    if barred:
        raise ReentryError(
            f"{where}: {', '.join(barred)}; expected no forbidden feature and none about victims, "
            "whatever waiver there is"
        )
