"""What is written of the examples: letters, time lines and where someone stands.

    PYTHONPATH=src:tests python -m screening.as_written    # after a change that is meant

The files in `as_written` are that, for a reader to look at when they change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from cases import OUTCOMES, example
from risicoscreener.dossier import Dossier, read_dossier
from risicoscreener.screening.admissible import admissible
from risicoscreener.screening.explanation import Explanation, explain
from risicoscreener.screening.picture import CurrentPicture
from written import write

FOLDER = Path(__file__).parent / "as_written"
KIND, DAY = "leave", dt.date(2024, 4, 15)


@cache
def _explained(name: str) -> Explanation:
    return explain(example(name), KIND)


def _letter(name: str, of: str, lang: str) -> str:
    found = _explained(name)
    letter = found.letter_to_person(lang) if of == "person" else found.letter_to_decider(lang)
    return letter.text()


@cache
def _dossier(name: str) -> Dossier:
    return read_dossier(example(name))


def _time_line(name: str, lang: str) -> str:
    return admissible(_dossier(name), as_of=DAY).text(lang)


def _standing(name: str, lang: str) -> str:
    return CurrentPicture(_dossier(name), day=DAY).text(lang)


def _documents() -> Iterator[tuple[str, Callable[[], str]]]:
    for name in OUTCOMES:
        for lang in ("nl", "en"):
            for of in ("person", "decider"):
                yield f"{name}.{of}.{lang}.txt", partial(_letter, name, of, lang)
            yield f"{name}.time_line.{lang}.txt", partial(_time_line, name, lang)
            yield f"{name}.standing.{lang}.txt", partial(_standing, name, lang)


DOCUMENTS = dict(_documents())


if __name__ == "__main__":
    write(DOCUMENTS, FOLDER)
