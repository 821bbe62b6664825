"""Scenarios as files: a fit is kept as one, which can be read, changed and drawn from."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from risicoscreener.errors import DataError
from risicoscreener.synthetic.aims.calibration import PEOPLE, Calibrated, calibrate
from risicoscreener.synthetic.aims.targets import Target, target_named
from risicoscreener.synthetic.scenario import ID, SUFFIX, Scenario
from risicoscreener.texts import Texts
from risicoscreener.writing import check_place, put_in_place

_TEXTS = ("title", "description", "unchanged", "expected")


def check_scenario_place(path: str | Path) -> None:
    """Check that a scenario can be written to a path, before any work for it.

    Raises
    ------
    DataError
        If the name cannot be that of a scenario.
    OSError
        If there can be no file.
    """
    path = Path(path)
    if path.suffix != SUFFIX or not ID.fullmatch(path.stem):
        raise DataError(
            f"{path.name!r} is no name of a scenario; expected lower-case letters, digits and "
            f"underscores, a letter first, and {SUFFIX} at the end"
        )
    check_place(path)


def write_scenario(scenario: Scenario, path: str | Path) -> None:
    """Write a scenario, after which `Scenario.load` gives it back.

    Raises
    ------
    DataError
        If the name cannot be that of a scenario.
    OSError
        If the file cannot be written.
    """
    check_scenario_place(path)
    with put_in_place(path) as unfinished:
        unfinished.write_text(scenario_text(scenario), encoding="utf-8")


def scenario_text(scenario: Scenario) -> str:
    """A scenario as TOML."""
    lines = [f"mark = {_toml(scenario.mark)}", f"source = {_toml(scenario.source)}"]
    lines += [f"people = {scenario.people}", f"population = {_toml(scenario.population)}"]
    for name in _TEXTS:
        texts: Texts = getattr(scenario, name)
        lines += ["", f"[{name}]", f"nl = {_toml(texts.nl)}", f"en = {_toml(texts.en)}"]
    lines += ["", "[changes]"]
    lines += [f"{_toml(path)} = {_toml(value)}" for path, value in scenario.changes.items()]
    for key, aim in scenario.targets.items():
        lines += ["", f"[targets.{key}]", f"target = {aim.target}", f"tolerance = {aim.tolerance}"]
    return "\n".join(lines) + "\n"


def fitted_scenario(name: str, found: Calibrated, population: str, n: int) -> Scenario:
    """The scenario of which the free parameters are those of a fit.

    It has no targets any more: its changes meet them.

    Parameters
    ----------
    name
        Id of the scenario.
    n
        Size of the cohorts of the fit.
    """
    with_lever = [target for target in found.wanted if target.fitted_by is not None]
    fitted = with_lever or found.wanted
    keys = ", ".join(target.key for target in fitted)
    reached = "; ".join(_reached(target, found) for target in fitted)
    return Scenario(
        id=name,
        title=Texts(nl=f"Geijkt: {name}", en=f"Fitted: {name}"),
        description=Texts(
            nl=f"Vrije parameters zijn geijkt op {keys}.",
            en=f"Free parameters are fitted to {keys}.",
        ),
        unchanged=Texts(nl="Alle andere parameters.", en="All other parameters."),
        expected=Texts(
            nl=f"Bij {n} mensen bereikt: {reached}.", en=f"Reached by {n} people: {reached}."
        ),
        mark="D",
        source="; ".join(dict.fromkeys(target.source for target in fitted)),
        people=n,
        population=population,
        changes=found.changes,
    )


def targets_of(scenario: Scenario) -> tuple[Target, ...]:
    """The targets that a scenario has of its own, with the levers of the package."""
    return tuple(
        replace(target_named(key), target=aim.target, tolerance=aim.tolerance, alternative=None)
        for key, aim in scenario.targets.items()
    )


def fitted(
    scenario: Scenario,
    *,
    n: int = PEOPLE,
    seed: int = 1,
    n_jobs: int = 1,
    on_step: Callable[[str], None] | None = None,
) -> Scenario:
    """A scenario with its free parameters fitted to the targets that it has of its own.

    Raises
    ------
    DataError
        As `calibrate`, or if a target that has no lever does not hold after the fit.
    """
    found = calibrate(
        targets_of(scenario),
        population=scenario.population,
        changes=scenario.changes,
        n=n,
        seed=seed,
        n_jobs=n_jobs,
        on_step=on_step,
    )
    found.check()
    return replace(scenario, changes=found.changes, targets={})


def plain_scenario(scenario: Scenario) -> dict[str, Any]:
    """A scenario as plain data, days as text."""
    return {
        "id": scenario.id,
        **{name: msgspec.to_builtins(getattr(scenario, name)) for name in _TEXTS},
        "mark": scenario.mark,
        "source": scenario.source,
        "people": scenario.people,
        "population": scenario.population,
        "changes": msgspec.to_builtins(dict(scenario.changes)),
        "targets": {
            key: {"target": aim.target, "tolerance": aim.tolerance}
            for key, aim in scenario.targets.items()
        },
    }


def _reached(target: Target, found: Calibrated) -> str:
    value = target.show(found.reached[target.key].value)
    return f"{target.key} {value} ({target.target:g})"


def _toml(value: Any) -> str:
    """A value as it is written in TOML; texts are escaped as in JSON, which TOML allows."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_toml(str(key))} = {_toml(part)}" for key, part in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_toml(part) for part in value)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
