"""The features that the package defines, and those that a user adds to them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from risicoscreener.errors import FeatureError
from risicoscreener.features.definition import Feature, feature_from_mapping
from risicoscreener.features.plan import FeaturePlan, compile_plan
from risicoscreener.features.wording import unit_label
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    import pandas as pd


class Catalogue(Mapping[str, Feature]):
    """Feature definitions by name; immutable, `with_features` gives a larger one."""

    def __init__(self, features: Mapping[str, Feature]) -> None:
        self._features = dict(features)

    def __getitem__(self, name: str) -> Feature:
        return self._features[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)

    def with_features(self, *features: Feature) -> Catalogue:
        """A catalogue that also has these.

        Raises
        ------
        FeatureError
            If a name is taken, or a definition does not resolve against the dossier.
        """
        joined = dict(self._features)
        for feature in features:
            if feature.name in joined:
                raise FeatureError(f"there is a feature {feature.name!r} already")
            joined[feature.name] = feature
        grown = Catalogue(joined)
        compile_plan([f.name for f in features], grown)
        return grown

    @classmethod
    def from_toml(cls, path: str | Path) -> Catalogue:
        """Definitions of one TOML file, one table each.

        Raises
        ------
        FeatureError
            If the file cannot be read or a definition is not understood.
        """
        try:
            text = Path(path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FeatureError(f"{path} cannot be read: {error}") from None
        return cls(_parse(text, str(path)))

    def plan(self, names: list[str] | tuple[str, ...] | None = None) -> FeaturePlan:
        """A plan for some features, all by default, in their order here."""
        return compile_plan(tuple(self) if names is None else names, self)

    def codes(self) -> dict[str, tuple[float, ...]]:
        """For each feature that can have a few values only, those values."""
        found = {name: feature.codes for name, feature in self.items()}
        return {name: codes for name, codes in found.items() if codes is not None}

    def dictionary(self, lang: str = "en") -> pd.DataFrame:
        """The data dictionary: a row for each feature, texts in ``nl`` or ``en``.

        Raises
        ------
        RisicoscreenerError
            For another language.
        """
        import pandas as pd

        check_language(lang)
        rows = [
            {
                "name": f.name,
                "group": f.group,
                "text": f.text[lang],
                "unit": unit_label(f.unit, lang),
                "low": f.low,
                "high": f.high,
                "direction": f.direction,
                "sensitivity": f.sensitivity,
                "table": f.table or "",
                "aggregate": f.aggregate,
                "made_of": ", ".join(f.inputs),
                "none_value": f.none_value,
                "source": f.source,
            }
            for f in self.values()
        ]
        return pd.DataFrame(rows).set_index("name")


def _parse(text: str, origin: str) -> dict[str, Feature]:
    try:
        raw = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise FeatureError(f"{origin} is not TOML: {error}") from None
    return {name: feature_from_mapping(name, entry, origin) for name, entry in raw.items()}


@cache
def catalogue() -> Catalogue:
    """The features that the package ships, grouped by the file they stand in."""
    features: dict[str, Feature] = {}
    folder = files("risicoscreener.features") / "definitions"
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            for name, feature in _parse(path.read_text("utf-8"), path.name).items():
                if name in features:
                    raise FeatureError(f"{path.name}: feature {name!r} is defined twice")
                features[name] = feature
    return Catalogue(features)
