"""What a report cannot see in a table: who made the model, for whom, from which data."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from risicoscreener.errors import EvaluationError
from risicoscreener.strict_toml import decode_toml


class About(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts on the study, each in the words of whoever gives them; empty where not given.

    They stand in the heading of the report and fill the checklists. ``evaluation`` says on whom
    the model is judged: the people that it was made on (``apparent``), people left out or
    resampled (``internal``), or others (``external``).
    """

    title: str = ""
    model: str = ""
    outcome: str = ""
    population: str = ""
    setting: str = ""
    period: str = ""
    intended_use: str = ""
    background: str = ""
    inequalities: str = ""
    objectives: str = ""
    source: str = ""
    eligibility: str = ""
    interventions: str = ""
    preparation: str = ""
    outcome_definition: str = ""
    outcome_assessors: str = ""
    outcome_blinded: str = ""
    predictors: str = ""
    predictor_assessors: str = ""
    predictors_available: str = ""
    sample_size: str = ""
    missing_predictors: str = ""
    imbalance: str = ""
    updating: str = ""
    calculation: str = ""
    thresholds: str = ""
    fairness: str = ""
    development: str = ""
    evaluation: Literal["", "apparent", "internal", "external"] = ""
    ethics: str = ""
    funding: str = ""
    conflicts: str = ""
    protocol: str = ""
    registration: str = ""
    data_sharing: str = ""
    code_sharing: str = ""
    involvement: str = ""
    input_quality: str = ""
    expertise: str = ""
    next_steps: str = ""
    synthetic: bool = False


def read_about(path: str | Path) -> About:
    """The facts in a TOML file with the fields of `About`.

    Raises
    ------
    EvaluationError
        If it is no TOML, or a field is unknown or of another type.
    OSError
        If the file cannot be read.
    """
    try:
        found: About = decode_toml(Path(path).read_bytes(), About)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        known = ", ".join(About.__struct_fields__)
        raise EvaluationError(f"{path} is not usable: {error}; known fields: {known}") from None
    return found
