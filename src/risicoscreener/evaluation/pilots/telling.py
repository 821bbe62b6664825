"""What a pilot found, or could find, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from risicoscreener.evaluation.figure import number
from risicoscreener.evaluation.wording import method_text, words
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from risicoscreener.evaluation.pilots.power import Power
    from risicoscreener.evaluation.pilots.result import PilotResult

TOPIC = "pilots"


def say(name: str, lang: str, /, **values: object) -> str:
    """A text of ``words.toml``, its places filled."""
    return words(TOPIC, name, lang, **values)


def amount(value: float, kind: str, lang: str) -> str:
    """A level or difference as it is read: of people in every 100."""
    if not math.isfinite(value):
        return say("unbounded", lang)
    if kind == "binary":
        return number(100 * value, 1, lang)
    return number(value, 3 if abs(value) < 10 else 1, lang)


def whole(value: float, lang: str) -> str:
    """A whole number with the thousands of the language; two decimals below 10."""
    text = f"{value:,.{0 if abs(value) >= 10 or value == round(value) else 2}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "nl" else text


def told(result: PilotResult, lang: str) -> str:
    """The effect, how it was found, and what to note."""
    check_language(lang)
    lines = [told_effect(result, lang), _how(result, lang), told_icc(result, lang)]
    if result.others:
        lines.append(say("others", lang) + ":")
        lines += [f"  - {line}" for line in told_others(result, lang)]
    if result.notes:
        lines.append(say("notes", lang) + ":")
        lines += [f"  - {say('note_' + note, lang)}" for note in result.notes]
    return "\n".join(lines) + "\n"


def told_effect(result: PilotResult, lang: str) -> str:
    """The effect in natural frequencies."""
    kind, effect = result.cells.kind, result.effect
    return say(
        f"effect_{kind}",
        lang,
        with_=amount(result.with_, kind, lang),
        without=amount(result.without, kind, lang),
        value=amount(effect.value, kind, lang),
        level=f"{100 * effect.level:.0f}%",
        low=amount(effect.low, kind, lang),
        high=amount(effect.high, kind, lang),
    )


def told_others(result: PilotResult, lang: str) -> list[str]:
    """A line for each other method."""
    kind = result.cells.kind
    return [
        say(
            "other",
            lang,
            method=method_text(f"pilot_{name}").text(lang),
            value=amount(one.value, kind, lang),
            low=amount(one.low, kind, lang),
            high=amount(one.high, kind, lang),
        )
        for name, one in result.others.items()
    ]


def _how(result: PilotResult, lang: str) -> str:
    return say(
        "how",
        lang,
        method=method_text(f"pilot_{result.plan.method}").text(lang),
        sites=len(result.design.sites),
        periods=len(result.design.periods),
        p=number(result.effect.p_value, 3, lang),
    )


def told_icc(result: PilotResult, lang: str) -> str:
    """How alike people of one site are."""
    if not result.icc.ok:
        return say("icc_none", lang)
    cac = number(result.cac, 2, lang) if math.isfinite(result.cac) else "–"
    return say("icc", lang, icc=result.icc.text(lang), cac=cac)


def told_power(found: Power, lang: str) -> str:
    """What a design can find, in words."""
    check_language(lang)

    def share(value: float) -> str:
        return number(100 * value, 0, lang) + "%"

    basis = say("basis_formula", lang)
    if found.runs:
        error = number(100 * found.monte_carlo_error, 1, lang)
        basis = say("basis_runs", lang, runs=found.runs, error=error)
    lines = [
        say(
            "power",
            lang,
            sites=found.sites,
            periods=found.periods,
            effect=number(found.effect, 3, lang),
            power=share(found.power),
            wanted=share(found.wanted),
            basis=basis,
        ),
        say("power_enough" if found.enough else "power_short", lang),
        say("power_detectable", lang, detectable=number(found.detectable, 3, lang))
        if found.detectable < found.possible
        else say("power_undetectable", lang),
    ]
    if found.most < found.wanted:
        lines.append(say("power_most", lang, most=share(found.most)))
    if found.p_floor > 1 - found.level:
        lines.append(say("power_floor", lang, floor=number(found.p_floor, 3, lang)))
    return "\n".join(lines) + "\n"
