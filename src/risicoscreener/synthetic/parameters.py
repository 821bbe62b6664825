"""Parameters of the generator: numbers with a mark and a source, read from a data file."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from numbers import Real
from typing import Any

import numpy as np

from risicoscreener.errors import DataError

EPOCH = dt.date(1970, 1, 1)
DEFAULT_POPULATION = "flow"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its value, its mark (C, D, M or A) and where it comes from."""

    value: Any
    mark: str
    source: str


@dataclass(frozen=True)
class Parameters:
    """The parameters of one population, by path such as ``people.female_share``."""

    population: str
    entries: Mapping[str, Parameter]

    def __getitem__(self, path: str) -> Any:
        """The value at a path; a day is given in days since 1970-01-01."""
        value = self.entries[path].value
        return (value - EPOCH).days if isinstance(value, dt.date) else value

    def linear(self, path: str, variables: Mapping[str, Any]) -> np.ndarray:
        """The linear predictor with the coefficients at a path.

        Parameters
        ----------
        path
            A parameter whose value is coefficients, named after the variables they multiply.
        variables
            Arrays by name, shape (n,); those that the predictor does not name are not used.

        Raises
        ------
        DataError
            If the predictor names a variable that there is not.
        """
        coefficients = dict(self[path])
        shape = np.broadcast_shapes(*(np.shape(values) for values in variables.values()))
        total = np.full(shape, coefficients.pop("intercept", 0.0), dtype=np.float64)
        for name, coefficient in coefficients.items():
            if name not in variables:
                known = ", ".join(["intercept", *variables])
                raise DataError(f"{path} names the variable {name!r}; expected one of {known}")
            total = total + coefficient * variables[name]
        return total


def load_parameters(
    population: str = DEFAULT_POPULATION, changes: Mapping[str, Any] | None = None
) -> Parameters:
    """The parameters of a population, with some of them changed.

    Parameters
    ----------
    population
        ``flow`` (all releases) or ``sentenced`` (sentences of at least half a year).
    changes
        New values by path, for a sensitivity analysis.

    Raises
    ------
    DataError
        For a population or a path that does not exist, or a value of another shape.
    """
    common, populations = _read()
    if population != DEFAULT_POPULATION and population not in populations:
        known = ", ".join([DEFAULT_POPULATION, *populations])
        raise DataError(f"there is no population {population!r}; expected one of {known}")
    entries = common | populations.get(population, {})
    for path, value in (changes or {}).items():
        if path not in entries:
            raise DataError(f"there is no parameter {path!r}; parameters.toml names all of them")
        _check_shape(path, entries[path].value, value)
        entries[path] = Parameter(value, "A", "changed by the caller")
    return Parameters(population, entries)


def _check_shape(path: str, old: Any, new: Any) -> None:
    kinds = {Mapping: "a table", list | tuple: "a list", str: "text", dt.date: "a date"}
    expected = next((name for kind, name in kinds.items() if isinstance(old, kind)), "a number")
    found = next((name for kind, name in kinds.items() if isinstance(new, kind)), "a number")
    is_number = isinstance(new, Real) and not isinstance(new, bool)
    if found != expected or (expected == "a number" and not is_number):
        raise DataError(f"{path} is {new!r}; expected {expected} such as {old!r}")


@cache
def _read() -> tuple[dict[str, Parameter], dict[str, dict[str, Parameter]]]:
    text = (files("risicoscreener.synthetic") / "parameters.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    populations = {name: dict(_leaves(tree)) for name, tree in raw.pop("populations").items()}
    return dict(_leaves(raw)), populations


def _leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Parameter]]:
    for name, node in tree.items():
        here = f"{path}.{name}" if path else name
        if "value" in node:
            yield here, Parameter(**node)
        else:
            yield from _leaves(node, here)
