"""Texts of figures and pictures name one thing by one word."""

from __future__ import annotations

import re
import tomllib

import pytest

from cases import ROOT

PACKAGE = ROOT / "src" / "risicoscreener"
FILES = sorted(
    [
        *(PACKAGE / "evaluation").rglob("*.toml"),
        *(PACKAGE / "report" / "pictures").glob("*.toml"),
    ]
)


def dutch(values: dict) -> list[str]:
    found = [values["nl"]] if isinstance(values.get("nl"), str) else []
    return found + [text for v in values.values() if isinstance(v, dict) for text in dutch(v)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_cut_off_a_score_and_a_loss_have_one_dutch_name(path):
    for text in dutch(tomllib.loads(path.read_text("utf-8"))):
        other = re.search(r"\b[Gg]rens\b|Brier-score|\b[Ll]og-?loss\b|drempelwaarde", text)
        assert not other, text


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_numbers_in_dutch_have_a_decimal_comma_and_percents_no_space(path):
    for text in dutch(tomllib.loads(path.read_text("utf-8"))):
        assert not re.search(r"\d \%|\b0\.\d", text), text


def test_every_title_begins_with_a_capital():
    for path in (PACKAGE / "evaluation" / "texts").glob("*.toml"):
        for name, one in tomllib.loads(path.read_text("utf-8")).items():
            for title in one.get("title", {}).values():
                assert title[0] == title[0].upper(), (name, title)
