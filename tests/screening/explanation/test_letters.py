"""Letters: plain enough, whole, honest about what they are, and silent about victims."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from html.parser import HTMLParser

import pytest
import textstat
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import OUTCOMES, example
from risicoscreener.dossier.schema import tables
from risicoscreener.features import catalogue
from risicoscreener.screening.explanation import Explanation, explain
from risicoscreener.screening.explanation.letter import Letter, Section
from risicoscreener.screening.explanation.wording import _read, advice, disputes, remedies
from risicoscreener.screening.screener import default_screener

BOOK = default_screener().policies
KINDS = BOOK.kinds(dt.date(2022, 6, 1))
"""The kinds of decision that there are on every day of these tests."""
LETTERS = [(name, kind) for name in OUTCOMES for kind in KINDS]


@cache
def explained(name: str, kind: str) -> Explanation:
    """The explanation of an example, made once."""
    return explain(example(name), kind)


@pytest.mark.parametrize(("name", "kind"), LETTERS)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_both_letters_are_whole_in_both_languages(name, kind, lang):
    found = explained(name, kind)
    for letter in (found.letter_to_person(lang), found.letter_to_decider(lang)):
        text = letter.text()
        assert "{" not in text
        assert "None" not in text
        assert ".." not in text
        assert max(map(len, text.splitlines())) <= 88
        assert all(s.items or s.paragraphs for s in letter.sections)
        assert found.result.person_id in text


@pytest.mark.parametrize(("name", "kind"), LETTERS)
def test_the_letter_to_the_person_says_what_it_must(name, kind):
    text = " ".join(explained(name, kind).letter_to_person("nl").text().split())
    assert "Een mens neemt het besluit." in text
    assert "verzonnen mensen" in text
    assert "Klopt er iets niet?" in text
    assert "Bent u het niet eens met het besluit?" in text


def sentences(letter: Letter) -> list[str]:
    """The sentences of a letter; those that quote facts and the words of a policy are no prose."""
    quoted = ("Klopt er iets niet?",)
    told = list(letter.opening)
    for section in letter.sections:
        told += section.paragraphs
        if section.heading not in quoted:
            told += section.items
    return [s for text in told for s in re.split(r"(?<=[.!?])\s+", text) if s]


@pytest.mark.parametrize(("name", "kind"), LETTERS)
def test_the_dutch_letter_reads_at_level_b1(name, kind):
    """Flesch-Douma of 60 or more is plain language; a sentence has some twelve words."""
    textstat.set_lang("nl")
    told = sentences(explained(name, kind).letter_to_person("nl"))
    words = [len(s.split()) for s in told]
    assert sum(words) / len(words) <= 12
    assert textstat.flesch_reading_ease(" ".join(told)) >= 60


def test_a_hard_text_would_not_pass_as_plain():
    textstat.set_lang("nl")
    hard = (
        "Ingevolge de vigerende penitentiaire regelgeving dient de verlofverlening te worden "
        "geconditioneerd door de verantwoordelijke functionaris teneinde recidiverisico's te mitigeren."
    )
    assert textstat.flesch_reading_ease(hard) < 30


def victims_of(protection: str, objects: bool, asked: bool, informed: bool) -> list[dict]:
    row = {
        "recorded_at": "2023-02-01",
        "known_on": "2023-01-30",
        "interest": "known",
        "contact_wish": "no_contact",
        "protection_need": protection,
        "no_contact_asked": asked,
        "area_ban_asked": asked,
        "objects_to_liberty": objects,
    }
    return [row | ({"informed_on": "2023-02-01"} if informed else {})]


VICTIMS = st.builds(
    victims_of,
    st.sampled_from(["none", "some", "high"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


def assessed(outcome: str) -> dict:
    """A deep assessment with an outcome."""
    days = dict.fromkeys(("recorded_at", "asked_on", "done_on"), "2024-03-01")
    return {"kind": "deep_risk_assessment", "outcome": outcome, **days}


ASSESSED = [[], [assessed("favourable")], [assessed("unfavourable")]]


@given(
    st.sampled_from(OUTCOMES), st.sampled_from(KINDS), st.sampled_from(ASSESSED), VICTIMS, VICTIMS
)
@settings(max_examples=40, deadline=None)
def test_what_victims_said_cannot_be_read_off_the_letter(name, kind, assessments, some, others):
    letters, outcomes = [], []
    for victims in (some, others):
        raw = example(name) | {"victims": victims, "assessments": assessments}
        found = explain(raw, kind)
        outcomes.append(found.result.outcome)
        letters.append(found.letter_to_person("nl"))
    if outcomes[0] != outcomes[1] or outcomes[0] == "grant":
        return  # then the outcome, or a condition that must be kept, tells something
    assert letters[0] == letters[1]


def test_a_letter_about_weighty_interests_says_only_that_they_were_considered():
    raw = example("grant") | {"victims": victims_of("high", True, True, False)}
    found = explain(raw, "leave")
    assert [r.name for r in found.reasons] == ["victims"]
    text = found.letter_to_person("nl").text()
    assert "belangen van slachtoffers" in text
    assert "bezwaar van een slachtoffer" not in text
    assert "behoefte aan bescherming" not in text
    assert "Geen contact met de slachtoffers" not in text
    assert "bescherming" in found.letter_to_decider("nl").text()


class Reader(HTMLParser):
    """The text of a page, and what it would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.active: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if tag in ("script", "link", "img", "iframe") or {"src", "href", "onclick"} & set(names):
            self.active.append(tag)

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_holds_the_letter_and_runs_nothing():
    letter = Letter(
        lang="nl",
        title="<script>x</script>",
        opening=("a & b",),
        sections=(Section(heading="H", items=("<img src=x onerror=y>",)),),
    )
    reader = Reader()
    reader.feed(letter.html())
    assert reader.active == []
    said = " ".join(reader.words)
    assert "<script>x</script>" in said
    assert "<img src=x onerror=y>" in said
    assert letter._repr_html_() == letter.html()


def test_every_input_with_advice_is_a_feature_or_counts_bad_rows():
    assert {name for name in advice() if name not in catalogue()} == {"quarantined_rows"}


def test_nothing_about_victims_is_something_to_act_on_for_the_person():
    about = [n for n in advice() if n in catalogue() and catalogue()[n].group == "victims"]
    assert all(advice()[name].who == "prison" for name in about)


def test_facts_of_every_table_can_be_disputed():
    of_policies = {"inquiries", "audit", "persons"}
    assert set(tables()) - of_policies <= set(disputes())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_decision_can_be_objected_to(kind):
    assert remedies(kind)


def test_every_sentence_is_in_both_languages():
    for section in _read("letter").values():
        for name, told in section.items():
            assert set(told) == {"nl", "en"}, name
            assert set(re.findall(r"{(\w+)}", told["nl"])) == set(
                re.findall(r"{(\w+)}", told["en"])
            )


def test_terms_of_the_remedies_are_those_of_the_law():
    assert {r.term_days for kind in KINDS for r in remedies(kind)} <= {7, None}
    assert dt.timedelta(days=7)


POLICIES = [version.policy for kind in BOOK.kinds() for version in BOOK.versions(kind)]


def test_every_requirement_has_plain_words():
    told = _read("plain")["requirement"]
    assert {r.id for p in POLICIES for r in p.requirements} == set(told)


def test_plain_words_are_of_something_that_there_is():
    told = _read("plain")
    assert set(told["condition"]) <= {c.id for p in POLICIES for c in p.conditions}
    levels = {d.id: set() for v in _versions() for d in v.domains}
    for version in _versions():
        for domain in version.domains:
            levels[domain.id] |= {level.id for level in domain.levels}
    for domain, listed in told["level"].items():
        assert set(listed) <= levels[domain], domain


def _versions():
    return [version for kind in BOOK.kinds() for version in BOOK.versions(kind)]


def test_plain_words_are_short():
    for section in ("requirement", "condition"):
        for name, told in _read("plain")[section].items():
            for sentence in re.split(r"(?<=[.!?])\s+", told["nl"]):
                assert len(sentence.split()) <= 20, name
