"""Writes the data dictionary of the features, in Dutch and in English, from their definitions.

python scripts/data_dictionary.py
python scripts/data_dictionary.py --check    (says whether the files are up to date)
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from risicoscreener.features import Feature, catalogue
from risicoscreener.features.definition import GROUPS
from risicoscreener.features.sensitivity import most_sensitive
from risicoscreener.features.wording import formula, label, unit_label

DOCS = Path(__file__).resolve().parent.parent / "docs"
LANGUAGES = ("nl", "en")
WORDS: dict[str, dict[str, Any]] = {
    "nl": {
        "title": "Kenmerken: gegevenswoordenboek",
        "intro": "Gemaakt uit de definities door `python scripts/data_dictionary.py`; wijzig die "
        "en niet dit bestand. Wat de formules betekenen staat in [features.md](features.md). "
        "Een kenmerk is onbekend als de bron niet is geraadpleegd en niets is vastgelegd; de kolom "
        "*zonder feit* zegt wat het is als wel is gekeken en niets past.",
        "head": [
            "kenmerk",
            "betekenis",
            "eenheid",
            "bereik",
            "formule",
            "zonder feit",
            "risico",
            "gebruik",
            "bron",
        ],
        "to": "tot",
        "zero": "0",
        "unknown": "onbekend",
        "through": "door",
        "count": "{n} kenmerken, waarvan {sensitive} proxy of verboden.",
        "sources": "Bronnen",
    },
    "en": {
        "title": "Features: data dictionary",
        "intro": "Made from the definitions by `python scripts/data_dictionary.py`; change those "
        "and not this file. What the formulas mean is in [features.md](features.md). A feature is "
        "unknown if the register was not consulted and nothing is recorded; the column *no fact* "
        "says what it is if it was looked for and nothing matches.",
        "head": [
            "feature",
            "meaning",
            "unit",
            "range",
            "formula",
            "no fact",
            "risk",
            "use",
            "source",
        ],
        "to": "to",
        "zero": "0",
        "unknown": "unknown",
        "through": "through",
        "count": "{n} features, of which {sensitive} are proxy or forbidden.",
        "sources": "Sources",
    },
}
ZERO_WITHOUT_ROWS = ("count", "any", "sum", "distinct", "days_covered", "slope")


def document(lang: str) -> str:
    """The dictionary as Markdown."""
    words, known = WORDS[lang], catalogue()
    sources = {
        text: i + 1 for i, text in enumerate(dict.fromkeys(f.source for f in known.values()))
    }
    sensitive = sum(most_sensitive(name, known)[1] != "allowed" for name in known)
    lines = [f"# {words['title']}", "", str(words["intro"]), ""]
    lines += [str(words["count"]).format(n=len(known), sensitive=sensitive), ""]
    for group in GROUPS:
        lines += [f"## {label('group', group, lang)}", "", _row(words["head"])]
        lines.append(_row(["---"] * len(words["head"])))
        for feature in known.values():
            if feature.group == group:
                lines.append(_row(_cells(feature, lang, sources[feature.source])))
        lines.append("")
    lines += [f"## {words['sources']}", ""]
    lines += [f"{number}. {text}" for text, number in sources.items()]
    return "\n".join(lines) + "\n"


def _cells(feature: Feature, lang: str, source: int) -> list[str]:
    words = WORDS[lang]
    return [
        f"`{feature.name}`",
        feature.text[lang],
        unit_label(feature.unit, lang),
        f"{_short(feature.low)} {words['to']} {_short(feature.high)}",
        f"`{formula(feature)}`",
        _without_rows(feature, lang),
        label("direction", feature.direction, lang),
        _use(feature, lang),
        str(source),
    ]


def _without_rows(feature: Feature, lang: str) -> str:
    if feature.aggregate in ZERO_WITHOUT_ROWS:
        return str(WORDS[lang]["zero"])
    if feature.table is None:
        return ""
    if feature.none_value is None:
        return str(WORDS[lang]["unknown"])
    return _short(feature.none_value)


def _use(feature: Feature, lang: str) -> str:
    name, sensitivity = most_sensitive(feature.name, catalogue())
    said = label("sensitivity", sensitivity, lang)
    if sensitivity == "allowed":
        return said
    if name != feature.name:
        return f"{said} ({WORDS[lang]['through']} `{name}`)"
    return f"{said}: {feature.why[lang]}"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _short(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def path_of(lang: str) -> Path:
    """Where the dictionary in a language stands."""
    return DOCS / f"data_dictionary_{lang}.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    if not parser.parse_args().check:
        for lang in LANGUAGES:
            path_of(lang).write_text(document(lang), "utf-8")
        return 0
    stale = [lang for lang in LANGUAGES if path_of(lang).read_text("utf-8") != document(lang)]
    for lang in stale:
        print(f"{path_of(lang)} is out of date: python scripts/data_dictionary.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
