"""Parameters of the generator: numbers with a mark and a source, read from a data file."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import DataError
from risicoscreener.synthetic.kinds import (
    KINDS,
    Parameter,
    checked,
    did_you_mean,
    names_of,
    refusal,
)

DEFAULT_POPULATION = "flow"


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
        New values by path, in the order in which they are made. A path may go into a table:
        ``outcomes.any_2y.female`` is one coefficient, ``offences.mix.drugs`` one weight.

    Raises
    ------
    DataError
        For a population or a path that does not exist, or a value that cannot be meant: it names
        the path, the value and what was expected.
    """
    common, populations = _read()
    if population != DEFAULT_POPULATION and population not in populations:
        known = ", ".join(population_names())
        raise DataError(
            f"there is no population {population!r}; expected one of {known}"
            f"{did_you_mean(str(population), population_names())}"
        )
    entries = common | populations.get(population, {})
    values: dict[str, Any] = {}
    for path, value in (changes or {}).items():
        values |= _changed(entries, values, path, value)
    return Parameters(population, _checked(entries, values) if values else entries)


def population_names() -> tuple[str, ...]:
    """The populations that there are parameters of."""
    return (DEFAULT_POPULATION, *_read()[1])


def _changed(
    entries: Mapping[str, Parameter], values: Mapping[str, Any], path: str, value: Any
) -> dict[str, Any]:
    """The new value of the parameter that a path names or leads into, by its path."""
    if path in entries:
        return {path: value}
    whole, _, name = str(path).rpartition(".")
    if whole not in entries or not isinstance(entries[whole].value, Mapping):
        raise DataError(
            f"there is no parameter {path!r}; parameters.toml names all of them"
            f"{did_you_mean(path, entries)}"
        )
    known = names_of(entries[whole]) if entries[whole].kind != "by_year" else (name,)
    if name not in known:
        raise DataError(
            f"there is no {name!r} in {whole}; expected one of {', '.join(known)}"
            f"{did_you_mean(name, known)}"
        )
    old = values.get(whole, entries[whole].value)
    return {whole: {**old, name: value}} if isinstance(old, Mapping) else {}


def _checked(
    entries: Mapping[str, Parameter], values: Mapping[str, Any] | None = None
) -> dict[str, Parameter]:
    """The same parameters with new values, each with one that it may have beside the others."""
    new = values or {}

    def value_of(path: str) -> Any:
        return new.get(path, entries[path].value)

    found = dict(entries)
    for path in sorted(entries, key=lambda path: path not in new):
        value = checked(path, value_of(path), entries[path], value_of)
        found[path] = replace(entries[path], value=value)
        if path in new:
            found[path] = replace(found[path], mark="A", source="changed by the caller")
    return found


@cache
def _read() -> tuple[dict[str, Parameter], dict[str, dict[str, Parameter]]]:
    raw, variables = _toml("parameters.toml"), _variables()
    populations = raw.pop("populations")
    common = dict(_leaves(raw, variables))
    own = {name: dict(_leaves(tree, variables)) for name, tree in populations.items()}
    for replaced in own.values():
        _checked({**common, **replaced})
    return _checked(common), own


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files("risicoscreener.synthetic") / name).read_text("utf-8"))


def _variables() -> dict[str, tuple[str, ...]]:
    """The variables that each linear predictor may name."""
    raw = _toml("variables.toml")
    return {
        path: tuple(v for name in names for v in raw["sets"].get(name.removeprefix("@"), [name]))
        for path, names in raw["predictors"].items()
    }


_FIELDS = frozenset(field.name for field in fields(Parameter)) - {"variables"}


def _leaves(
    tree: Mapping[str, Any], variables: Mapping[str, tuple[str, ...]], path: str = ""
) -> Iterator[tuple[str, Parameter]]:
    for name, node in tree.items():
        here = f"{path}.{name}" if path else name
        if not isinstance(node, Mapping):
            raise refusal(f"{here} in parameters.toml", node, "a table with value, mark and source")
        if "value" in node:
            yield here, _parameter(here, node, variables)
        else:
            yield from _leaves(node, variables, here)


def _parameter(
    path: str, node: Mapping[str, Any], variables: Mapping[str, tuple[str, ...]]
) -> Parameter:
    for name in node:
        if name not in _FIELDS:
            raise DataError(
                f"{path} in parameters.toml has the key {name!r}; expected one of "
                f"{', '.join(sorted(_FIELDS))}"
            )
    for name in ("mark", "source", "kind"):
        if name not in node:
            raise DataError(f"{path} in parameters.toml lacks {name!r}; {_HELP[name]}")
    if node["kind"] == "coefficients" and path not in variables:
        raise DataError(
            f"{path} in parameters.toml is a linear predictor; variables.toml has to say which "
            "variables it may name"
        )
    return Parameter(**node, variables=variables.get(path, ()))


_HELP = {
    "mark": "expected C, D, M or A",
    "source": "expected where the value comes from",
    "kind": f"expected one of {', '.join(KINDS)}",
}
