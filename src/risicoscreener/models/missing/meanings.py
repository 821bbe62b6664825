"""What a missing value means, as declared: some may be imputed, others are an answer."""

from __future__ import annotations

from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from risicoscreener.errors import ModelError
from risicoscreener.strict_toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from risicoscreener.features.definition import Feature

Meaning = Literal["unknown", "not_asked", "refused", "not_applicable", "not_yet"]

NOTHING_MATCHED = frozenset(
    {
        "max",
        "last",
        "days_until",
        "days_since_last",
        "days_since_first",
        "age_at_first",
        "kernel",
        "ratio",
    }
)
"""Aggregates that are missing where nothing matches, unless the definition has a ``none_value``."""


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """Another feature lies between these bounds (inclusive); never true if it is missing."""

    feature: str
    low: float | None = None
    high: float | None = None

    def holds(self, column: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """For which values of that feature."""
        found = ~np.isnan(column)
        if self.low is not None:
            found &= column >= self.low
        if self.high is not None:
            found &= column <= self.high
        return found


class MissingRule(Struct, frozen=True, forbid_unknown_fields=True):
    """What it means that a feature is missing, always or where a condition holds."""

    feature: str
    meaning: Meaning
    when: Condition | None = None


class MissingPolicy(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """What missing values mean. The first rule of a feature that holds counts; else ``unknown``.

    Examples
    --------
    >>> import pandas as pd
    >>> policy = MissingPolicy(
    ...     (MissingRule("days_since_last", "not_applicable", Condition("priors", high=0.0)),)
    ... )
    >>> nan = float("nan")
    >>> frame = pd.DataFrame({"priors": [0.0, 2.0], "days_since_last": [nan, nan]})
    >>> policy.meanings(frame)["days_since_last"].tolist()
    ['not_applicable', 'unknown']
    """

    rules: tuple[MissingRule, ...] = ()

    @classmethod
    def from_toml(cls, path: str | Path) -> MissingPolicy:
        """A policy from a file with a list ``rules`` of tables.

        Raises
        ------
        ModelError
            Naming the file and what is wrong in it.
        """
        try:
            return msgspec.convert(parse_toml(Path(path).read_text("utf-8")), cls)
        except (OSError, ValueError, msgspec.ValidationError) as error:
            raise ModelError(f"{path} holds no policy of missing values: {error}") from None

    @classmethod
    def from_definitions(
        cls, definitions: Mapping[str, Feature], names: Sequence[str]
    ) -> MissingPolicy:
        """What the definitions declare.

        A definition without ``none_value`` that is missing where nothing matches is taken as
        ``not_applicable`` throughout, because a missing value of it may be just that; a rule with
        a condition can say better. All others are ``unknown`` where they are missing.

        Raises
        ------
        ModelError
            For a name without a definition.
        """
        absent = [name for name in names if name not in definitions]
        if absent:
            raise ModelError(f"there is no definition of {', '.join(absent)}.")
        return cls(
            tuple(
                MissingRule(name, "not_applicable")
                for name in names
                if definitions[name].aggregate in NOTHING_MATCHED
                and definitions[name].none_value is None
            )
        )

    @cached_property
    def _by_feature(self) -> dict[str, list[MissingRule]]:
        found: dict[str, list[MissingRule]] = {}
        for rule in self.rules:
            found.setdefault(rule.feature, []).append(rule)
        return found

    def meanings(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The meaning of each missing value; an empty text for a known one.

        Raises
        ------
        ModelError
            If a rule names a column that the frame does not have.
        """
        import pandas as pd

        named = {rule.feature for rule in self.rules}
        named |= {rule.when.feature for rule in self.rules if rule.when is not None}
        absent = sorted(named - set(map(str, frame.columns)))
        if absent:
            raise ModelError(f"rules name columns {', '.join(absent)}, which the frame lacks.")
        found = {}
        for name in map(str, frame.columns):
            meaning = np.where(frame[name].isna().to_numpy(), "unknown", "").astype(object)
            for rule in reversed(self._by_feature.get(name, [])):
                holds = np.ones(len(frame), dtype=bool)
                if rule.when is not None:
                    holds = rule.when.holds(frame[rule.when.feature].to_numpy(np.float64))
                meaning[holds & (meaning != "")] = rule.meaning
            found[name] = meaning
        return pd.DataFrame(found, index=frame.index)

    def to_impute(self, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Which missing values may be filled in: ``(n, F)``."""
        fillable = [meaning for meaning, entry in meaning_texts().items() if entry["imputed"]]
        return self.meanings(frame).isin(fillable).to_numpy()

    def table(self, frame: pd.DataFrame, lang: str = "nl") -> pd.DataFrame:
        """How many values are missing per feature (rows) and meaning (columns)."""
        meanings = self.meanings(frame)
        counts = {
            entry[lang]: (meanings == meaning).sum() for meaning, entry in meaning_texts().items()
        }
        import pandas as pd

        return pd.DataFrame(counts)


@cache
def meaning_texts() -> dict[str, dict[str, Any]]:
    """Per meaning whether it may be imputed, and its text in ``nl`` and ``en``."""
    path = files("risicoscreener.models.missing") / "meanings.toml"
    plain = parse_toml(path.read_text("utf-8"))
    return {name: entry for name, entry in plain.items() if isinstance(entry, dict)}
