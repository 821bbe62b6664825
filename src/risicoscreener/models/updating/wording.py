"""The sentences of model updating, in Dutch and English."""

from __future__ import annotations

from typing import Literal, get_args

from risicoscreener.errors import ModelError
from risicoscreener.texts import Sentences

Rung = Literal["none", "in_the_large", "logistic", "refit", "extension", "refit_and_extension"]

RUNGS: tuple[Rung, ...] = get_args(Rung)
"""The ladder, from the smallest change to the largest."""


SENTENCES = Sentences("risicoscreener.models.updating")


def sentence(part: str, entry: str | None, lang: str, /, **values: object) -> str:
    """One sentence in ``nl`` or ``en``, its places filled."""
    if entry is None:
        return SENTENCES.say_alone(part, lang, **values)
    return SENTENCES.say(part, entry, lang, **values)


def check_rung(rung: str) -> Rung:
    """The rung, if the ladder has it.

    Raises
    ------
    ModelError
        Otherwise.
    """
    for known in RUNGS:
        if rung == known:
            return known
    raise ModelError(f"rung {rung!r} is not on the ladder; choose one of {', '.join(RUNGS)}.")


def shown(number: float) -> str:
    """A p-value or statistic with three digits; very small ones as a bound."""
    return "< 0.001" if 0 <= number < 0.001 else f"{number:.3g}"
