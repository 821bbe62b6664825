"""The pages of documents: whole, in both languages, and nothing that was typed is markup."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser

import pytest

from report.tables import HOSTILE
from risicoscreener import Screener
from risicoscreener.errors import RisicoscreenerError
from risicoscreener.governance import NAMES, Answers, Known, fill
from risicoscreener.report.governance_page import document_page


@pytest.fixture(scope="module")
def known():
    screener = Screener.load()
    return Known(screener.bundle, screener.policies, dt.date(2026, 11, 30))


class Found(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.ids, self.links, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []

    def handle_data(self, data):
        self.text.append(data)


def parsed(page):
    found = Found()
    found.feed(page)
    return found


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", [n for n in NAMES if n != "explanation"])
def test_a_page_has_every_field_and_no_script(known, name, lang):
    document = fill(name, known)
    found = parsed(document_page(document, lang))
    assert "script" not in found.tags
    assert len(set(found.ids)) == len(found.ids)
    assert all(link[1:] in found.ids for link in found.links if link.startswith("#"))
    text = " ".join("".join(found.text).split())
    for field in document.fields:
        assert " ".join(field.text.text(lang).split()) in text
    assert len(re.findall(r'class="note"', document_page(document, lang))) == len(document.left)


def test_what_was_typed_is_no_markup(known):
    answers = Answers({"annex_iv": {"1a_provider": HOSTILE}})
    page = document_page(fill("annex_iv", known, answers), "nl")
    assert HOSTILE not in page
    assert HOSTILE in "".join(parsed(page).text)


def test_a_language_that_is_not_spoken_is_refused(known):
    with pytest.raises(RisicoscreenerError, match="'fr'"):
        document_page(fill("tripod", known), "fr")
