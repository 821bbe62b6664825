"""A policy as a page: everything of the file is on it, in either language, and it stands alone."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from msgspec.structs import replace

from decision.changing import TEXT, with_outcome
from decision.golden_cases import SHIPPED
from risicoscreener.decision import Policy
from risicoscreener.decision.page import policy_page
from risicoscreener.decision.policy import Exemption, Property
from risicoscreener.decision.wording import texts
from risicoscreener.errors import RisicoscreenerError
from risicoscreener.texts import Texts

VOID = {"meta", "br", "wbr"}


class Page(HTMLParser):
    """Text, tags and attributes; fails where tags are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.said = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.said += data

    def named(self, name: str) -> list[str]:
        return [a[name] for _, a in self.tags if name in a]


@cache
def _html(name: str, lang: str) -> str:
    return SHIPPED[name].policy.html(lang)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _texts(policy: Policy):
    for entry in (*policy.requirements, *policy.conditions, *policy.rules, *policy.properties):
        yield entry.text
    for domain in policy.domains:
        yield domain.title
        yield from (level.text for level in domain.levels)
    for _, entry in ((r, r) for r in (*policy.requirements, *policy.domains)):
        yield entry.supplier
    yield from policy.outcomes.values()


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_all_that_the_file_says_is_on_the_page(compiled, lang):
    policy = compiled.policy
    page = Page(_html(policy.id, lang))
    said = _plain(page.said).lower()
    for text in _texts(policy):
        assert _plain(text.text(lang)).lower() in said
    for rule in policy.rules:
        assert f"rule-{rule.id}" in page.named("id")
    assert ("html", {"lang": lang}) in page.tags


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_a_page_stands_alone_and_can_be_walked_through_without_a_mouse(compiled):
    html = _html(compiled.id, "nl")
    page = Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe", "object"}
    assert "url(" not in html
    assert "@import" not in html
    ids = page.named("id")
    assert len(ids) == len(set(ids))
    for href in page.named("href"):
        assert href.startswith("#")
        assert href[1:] in ids
    for label in page.named("aria-labelledby"):
        assert label in ids
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    scrolls = [a for _, a in page.tags if a.get("class") == "scroll"]
    assert all(a["tabindex"] == "0" and a["role"] == "region" for a in scrolls)


OWN = Property(
    id="own", text=TEXT, source="a trial", when={"conduct": ("intolerable",)}, outcomes=("deny",)
)
DEMANDS = {
    "none": {},
    "proven": {"properties": (OWN,)},
    "fails": {"properties": (replace(OWN, when={"conduct": ("good",)}),)},
    "not_applicable": {"exempt": {"victims_count": Exemption(TEXT, "a trial")}},
}


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("state", ["proven", "fails", "not_applicable"])
def test_a_page_says_of_each_property_whether_it_is_proven(leave, state, lang):
    policy, other = (replace(leave.policy, **DEMANDS[name]) for name in ("none", state))
    word = texts("html", state).text(lang)
    counts = [len(re.findall(rf">\s*{word}\s*<", p.html(lang))) for p in (policy, other)]
    assert counts[1] == counts[0] + 1
    heading = texts("page", "properties").text(lang)
    assert heading not in policy_page(policy, lang)
    assert heading in policy_page(other, lang)
    if state == "not_applicable":
        said = texts("page", "exempt").text(lang).split(":")[0]
        assert f"\n- {said}: " in policy_page(other, lang)


def test_what_is_still_to_be_read_is_marked_and_counted(leave):
    parts = leave.policy.requirements
    count = sum(r.to_verify for r in parts)
    assert count > 0
    only = replace(
        leave.policy,
        models=tuple(replace(m, to_verify=False) for m in leave.policy.models),
        domains=tuple(replace(d, to_verify=False) for d in leave.policy.domains),
        conditions=tuple(replace(c, to_verify=False) for c in leave.policy.conditions),
        rules=tuple(replace(r, to_verify=False) for r in leave.policy.rules),
    )
    page = Page(only.html("en"))
    assert f"{count} of " in page.said
    # Once in the sentence at the head, once at the entry, once or more in the list of sources.
    marked = sum(a.get("class") == "unread" for _, a in page.tags)
    assert marked >= 1 + 2 * count
    none = replace(only, requirements=tuple(replace(r, to_verify=False) for r in parts))
    assert "still to be read" not in none.html("en")


def test_what_is_not_proven_is_said_with_the_case_that_breaks_it(leave):
    assert "Proven in each of 77760 cases" in leave.policy.html("en")
    broken = with_outcome(leave.policy, "conduct_intolerable", "grant").policy
    html = broken.html("en")
    assert 'class="failing"' in html
    assert "NOT proven" in html
    assert "Someone with" in html


def test_texts_are_escaped(leave):
    odd = Texts(nl="<script>x</script>", en="a & b")
    html = replace(leave.policy, title=odd, status=odd).html("nl")
    assert "<script>" not in html
    assert "&lt;script&gt;x" in html


def test_a_policy_names_its_own_outcomes_and_who_decides(leave):
    called = {"grant": Texts(nl="bevorderen", en="promote")}
    policy = replace(leave.policy, outcomes=called, decided_by=TEXT)
    for said in (policy.html("nl"), policy.text("nl")):
        assert "bevorderen" in said
        assert TEXT.nl in said


def test_a_language_that_is_not_spoken_is_refused(leave):
    with pytest.raises(RisicoscreenerError, match="language"):
        leave.policy.html("fr")
