"""What is written of dossiers: results, letters, time lines, pictures and what moved.

    PYTHONPATH=src:tests python -m screening.as_written    # after a change that is meant

The files in `as_written` are that, for a reader to look at when they change.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from cases import EXAMPLES, OUTCOMES, example
from risicoscreener.dossier import Dossier, read_dossier
from risicoscreener.screening import Screener
from risicoscreener.screening.admissible import admissible
from risicoscreener.screening.explanation import Explanation, explain
from risicoscreener.screening.picture import (
    CurrentPicture,
    Followed,
    follow,
    read_events,
)
from written import write

FOLDER = Path(__file__).parent / "as_written"
KIND, DAY = "leave", dt.date(2024, 4, 15)
LITTLE = {"conditional_release": "deny", "promotion": "grant", "penitentiary_programme": "grant"}
"""Kinds of decision, each with the example of which one of it is asked, with little known."""
IN_FULL = ("deny", "little_known.conditional_release")
"""Of these also what a page shows and what other programs get."""


@cache
def _screener() -> Screener:
    return Screener.load()


def _little_known(name: str) -> dict[str, Any]:
    """An example of which registers were not consulted, and one fact is not possible."""
    dossier = example(name)
    dossier["inquiries"] = dossier["inquiries"][:1]
    dossier["debts"] = [*dossier.get("debts", []), {"recorded_at": "2024-02-30"}]
    return dossier


@cache
def _explained(name: str, kind: str = KIND) -> Explanation:
    if name in LITTLE.values() and kind in LITTLE:
        return explain(_little_known(name), kind, as_of=DAY, on_error="quarantine")
    return explain(example(name), kind)


def _letter(name: str, kind: str, of: str, lang: str) -> str:
    found = _explained(name, kind)
    letter = found.letter_to_person(lang) if of == "person" else found.letter_to_decider(lang)
    return letter.text()


def _result(name: str, kind: str, lang: str) -> str:
    return _explained(name, kind).result.text(lang)


def _page(name: str, kind: str, lang: str) -> str:
    return _explained(name, kind).result.html(lang) + "\n"


def _plain(name: str, kind: str) -> str:
    """What other programs get of an explanation beside the result."""
    plain = _explained(name, kind).to_dict()
    del plain["result"]
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


@cache
def _dossier(name: str) -> Dossier:
    return read_dossier(example(name))


def _time_line(name: str, lang: str) -> str:
    return admissible(_dossier(name), as_of=DAY).text(lang)


def _standing(name: str, lang: str) -> str:
    return CurrentPicture(_dossier(name), day=DAY).text(lang)


@cache
def _followed() -> Followed:
    found = read_events((EXAMPLES / "detention" / "events.jsonl").read_bytes(), "events.jsonl")
    kinds = ("leave", "conditional_release")
    return follow(found.person, found.events, kinds=kinds, until="2023-04-27", screener=_screener())


def _detention(lang: str) -> str:
    return _followed().text(lang)


def _drawing(name: str, lang: str) -> str:
    """What is drawn of a time line: each bar and line, what stands beside the axes, the legend."""
    from matplotlib.colors import to_hex

    line = admissible(_dossier(name), ["leave", "low_security"], as_of=DAY)
    ax = line.plot(language=lang)
    told = [ax.get_title(loc="left"), *(f"{end:g}" for end in (*ax.get_xlim(), *ax.get_ylim()))]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    told += [f"{at:g} {label}" for at, label in zip(ax.get_yticks(), labels, strict=True)]
    for bar in ax.patches:
        places = bar.get_x(), bar.get_width(), bar.get_y(), bar.get_height(), bar.get_linewidth()
        look = f"{to_hex(bar.get_facecolor())} {bar.get_hatch()}".rstrip()
        told.append(f"{bar.get_gid()} {' '.join(f'{place:g}' for place in places)} {look}")
    told += [
        f"{line.get_gid()} {line.get_xdata()[0]:g} {line.get_linestyle()}" for line in ax.lines
    ]
    legend = ax.get_legend()
    told += [text.get_text() for text in legend.get_texts()]
    told += [f"{side:g}" for side in ax.figure.get_size_inches()]
    told += [name for name, side in ax.spines.items() if side.get_visible()]
    return "\n".join(told) + "\n"


def _in_each_language(name: str, document: Callable[..., str], *given: str) -> Iterator[Any]:
    for lang in ("nl", "en"):
        yield f"{name}.{lang}.txt", partial(document, *given, lang=lang)


def _documents() -> Iterator[tuple[str, Callable[[], str]]]:
    for name in OUTCOMES:
        yield from _in_each_language(f"{name}.time_line", _time_line, name)
        yield from _in_each_language(f"{name}.standing", _standing, name)
    asked = [(name, KIND, name) for name in OUTCOMES]
    asked += [(name, kind, f"little_known.{kind}") for kind, name in LITTLE.items()]
    for name, kind, called in asked:
        for of in ("person", "decider"):
            yield from _in_each_language(f"{called}.{of}", _letter, name, kind, of)
        yield from _in_each_language(f"{called}.result", _result, name, kind)
        if called in IN_FULL:
            yield f"{called}.page.nl.html", partial(_page, name, kind, "nl")
            yield f"{called}.json", partial(_plain, name, kind)
    yield from _in_each_language("detention", _detention)
    yield from _in_each_language("grant.drawing", _drawing, "grant")


DOCUMENTS = dict(_documents())


if __name__ == "__main__":
    write(DOCUMENTS, FOLDER)
