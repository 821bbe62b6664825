"""Tests over the features of one dossier as of a day, by which questions and goals are read."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from risicoscreener.decision.compiled import truth
from risicoscreener.decision.outcome import TRUE
from risicoscreener.decision.policy import Test
from risicoscreener.errors import ReentryError
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.one import OneFunction, compile_one

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier


@dataclass(frozen=True)
class Reader:
    """Values of some features of a dossier, and whether tests on them hold.

    Parameters
    ----------
    names
        The features that are read.
    definitions
        Where they are defined; the shipped ones by default.

    Raises
    ------
    ReentryError
        For a feature that there is not.
    """

    names: tuple[str, ...]
    function: OneFunction

    @classmethod
    def of(cls, names: Iterable[str], definitions: Catalogue | None = None) -> Reader:
        """A reader of these features, each once."""
        known = catalogue() if definitions is None else definitions
        wanted = tuple(dict.fromkeys(names))
        for name in wanted:
            if name not in known:
                raise ReentryError(f"input {name!r}; expected the name of a feature")
        return cls(wanted, compile_one(known.plan(wanted)))

    def values(self, dossier: Dossier, as_of: dt.date) -> dict[str, float]:
        """Each value by name, NaN where unknown."""
        return dict(zip(self.names, self.function(dossier, as_of), strict=True))


def holds(tests: Sequence[Test], values: dict[str, float], *, every: bool = True) -> int:
    """``TRUE``, ``FALSE`` or ``UNKNOWN``: whether all tests hold, or with ``every=False`` any."""
    if not tests:
        return TRUE
    clause = tuple(
        (
            place,
            -math.inf if test.min is None else test.min,
            math.inf if test.max is None else test.max,
        )
        for place, test in enumerate(tests)
    )
    return truth(every, clause, [values[test.input] for test in tests])


def inputs_of(tests: Iterable[Test]) -> Iterable[str]:
    """The features that some tests read."""
    return (test.input for test in tests)
