"""Sentences come from their file when they are asked for, filled, in a language that is spoken."""

from __future__ import annotations

import sys

import pytest

from risicoscreener.errors import RisicoscreenerError
from risicoscreener.texts import InWords, Sentences, Texts

FILE = """
[days]
left = { nl = "nog {n} dagen voor {who}", en = "{n} days left for {who}" }

[title]
nl = "Plan van {section}"
en = "Plan of {section}"
"""
PRISON = Texts(nl="de inrichting", en="the prison")


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "package_with_texts"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    sys.modules.pop(folder.name, None)


@pytest.fixture
def sentences(package):
    (package / "texts.toml").write_text(FILE, "utf-8")
    return Sentences(package.name)


def test_a_sentence_is_said_in_each_language_with_its_values(sentences):
    assert sentences.say("days", "left", "nl", n=3, who="u") == "nog 3 dagen voor u"
    assert sentences.say("days", "left", "en", n=3, who="you") == "3 days left for you"


def test_a_sentence_without_a_section_has_values_of_any_name(sentences):
    assert sentences.say_alone("title", "en", section="work") == "Plan of work"


def test_of_a_text_that_is_filled_in_each_language_has_its_own(sentences):
    assert sentences.in_both("days", "left", n=3, who=PRISON) == Texts(
        nl="nog 3 dagen voor de inrichting", en="3 days left for the prison"
    )


def test_nothing_is_read_until_a_sentence_is_asked_for_and_then_once(package):
    sentences = Sentences(package.name, "late.toml")
    (package / "late.toml").write_text(FILE, "utf-8")
    assert sentences.say("days", "left", "en", n=1, who="all") == "1 days left for all"
    (package / "late.toml").unlink()
    assert sentences.say("days", "left", "en", n=2, who="all") == "2 days left for all"


def test_a_language_that_is_not_spoken_is_named(sentences):
    with pytest.raises(RisicoscreenerError, match="language 'fr' is not spoken"):
        sentences.say("days", "left", "fr", n=3, who="vous")


@pytest.mark.parametrize(("section", "key"), [("weeks", "left"), ("days", "gone")])
def test_a_sentence_that_is_not_there_is_named(sentences, section, key):
    with pytest.raises(KeyError, match="weeks|gone"):
        sentences.say(section, key, "nl")


def test_a_gap_that_is_not_filled_is_named(sentences):
    with pytest.raises(KeyError, match="who"):
        sentences.say("days", "left", "nl", n=3)


class Finding(InWords, frozen=True):
    kind = "finding"
    name: str

    def sections(self, lang):
        return [({"nl": "Gevonden", "en": "Found"}[lang], [self.name])]


def test_what_says_itself_does_so_in_each_language_and_escapes_what_comes_from_outside():
    found = Finding("a < b")
    assert found.text() == "Gevonden\n  - a < b\n"
    assert found.text("en") == "Found\n  - a < b\n"
    assert '<article class="finding" lang="en">' in found.html("en")
    assert "a &lt; b" in found.html("en")
    assert found.to_dict() == {"name": "a < b"}
    with pytest.raises(RisicoscreenerError, match="language 'fr' is not spoken"):
        found.html("fr")


@pytest.mark.parametrize(("set_to", "heading"), [(None, "Gevonden"), ("en_GB", "Found")])
def test_in_a_notebook_it_is_in_the_language_that_is_set(monkeypatch, set_to, heading):
    monkeypatch.delenv("RISICOSCREENER_LANG", raising=False)
    if set_to is not None:
        monkeypatch.setenv("RISICOSCREENER_LANG", set_to)
    assert str(Finding("a")).startswith(heading)
    assert f"<h4>{heading}</h4>" in Finding("a")._repr_html_()
