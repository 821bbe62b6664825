"""Letters and explanations of the examples, as they are written.

    PYTHONPATH=src:tests python -m screening.explanation.as_written    # after a change that is meant

The files in `as_written` are that, for a reader to look at when they change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from cases import OUTCOMES, example
from risicoscreener.screening.explanation import Explanation, explain

FOLDER = Path(__file__).parent / "as_written"
KIND = "leave"


@cache
def _explained(name: str) -> Explanation:
    return explain(example(name), KIND)


def _letter(name: str, of: str, lang: str) -> str:
    found = _explained(name)
    letter = found.letter_to_person(lang) if of == "person" else found.letter_to_decider(lang)
    return letter.text()


def _documents() -> Iterator[tuple[str, Callable[[], str]]]:
    for name in OUTCOMES:
        for lang in ("nl", "en"):
            for of in ("person", "decider"):
                yield f"{name}.{of}.{lang}.txt", partial(_letter, name, of, lang)


DOCUMENTS = dict(_documents())


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, document in DOCUMENTS.items():
        (FOLDER / name).write_text(document(), "utf-8")
