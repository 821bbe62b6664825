"""An entry of the Algoritmeregister: what is right passes, and each fault is one error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.governance import check_entry
from risicoscreener.governance.register import as_rich_text, schema

GOOD = {
    "name": "Screenen",
    "description_short": "Kort.",
    "organization": "Dienst Voorbeeld",
    "status": "In gebruik",
    "contact_email": "algoritmes@voorbeeld.example",
    "publication_category": "Hoog-risico AI-systeem",
    "lang": "nld",
}


def fields_of(entry):
    return [problem.field for problem in check_entry(entry)]


def test_an_entry_with_what_is_required_is_right():
    assert check_entry(GOOD) == ()


def test_an_entry_with_everything_is_right():
    whole = GOOD | {
        "category": ["Recht", "Werk"],
        "begin_date": "2026-01",
        "website": "https://voorbeeld.example/x",
        "goal": "<p>Doel</p><ul><li>een</li></ul>",
        "lawful_basis_grouping": [{"title": "Pbw", "link": "https://wetten.overheid.nl/x"}],
        "impacttoetsen_grouping": [{"title": "DPIA"}],
        "standard_version": "1.0",
    }
    assert check_entry(whole) == ()


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("empty", [None, "", "absent"])
def test_what_is_required_and_absent_is_one_error(name, empty):
    entry = {k: v for k, v in GOOD.items() if k != name}
    if empty != "absent":
        entry[name] = empty
    assert fields_of(entry) == [name]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("name", "x" * 101, "at most 100 characters"),
        ("description_short", "x" * 401, "at most 400 characters"),
        ("methods_and_models", "x" * 5001, "at most 5000 characters"),
        ("name", 7, "a text"),
        ("name", "<b>vet</b>", "tags none"),
        ("goal", "<script>x</script>", "tags div, br"),
        ("goal", '<p onclick="x">x</p>', "tags div, br"),
        ("status", "in gebruik", "one of In ontwikkeling"),
        ("category", "Recht", "a list"),
        ("category", "", "a list"),
        ("goal", [], "a text"),
        ("begin_date", {}, "a text"),
        ("standard_version", "", "one of 1.0"),
        ("category", ["Recht", "Sport"], "one of Organisatie"),
        ("lang", "nl", "one of nld"),
        ("standard_version", "0.4", "one of 1.0"),
        ("begin_date", "2026-13", "a month as YYYY-MM"),
        ("begin_date", "jan2026", "a month as YYYY-MM"),
        ("website", "http://voorbeeld.example", "begins with https://"),
        ("contact_email", "bel de afdeling", "an address of mail"),
        ("lawful_basis_grouping", [{"title": "Pbw"}], "required"),
        ("lawful_basis_grouping", [{"title": "x" * 101, "link": "https://x"}], "at most 100"),
        ("lawful_basis_grouping", ["Pbw"], "an object"),
        ("lawful_basis_grouping", [{"title": "a", "link": "b", "wet": "c"}], "title, link"),
        ("impacttoetsen_grouping", [{"title": "DPIA", "link": "voorbeeld"}], "https://"),
        ("lars", "123", "nothing: the register fills it in"),
        ("risk_management", "x", "a field of configuration v1.0"),
    ],
)
def test_each_fault_is_one_error_that_says_what_was_expected(name, value, expected):
    (problem,) = check_entry(GOOD | {name: value})
    assert problem.field.startswith(name)
    assert expected in problem.expected
    assert problem.field in problem.text("nl")
    assert problem.field in problem.text("en")


def test_lengths_are_counted_without_tags_as_the_register_does():
    # Its own code joins the texts between tags with a space, and counts those.
    half = "x" * 1249
    assert check_entry(GOOD | {"goal": f"<p>{half}</p><p>{half}</p>"}) == ()
    assert check_entry(GOOD | {"goal": f"<p>{half}</p><p>{half}xx</p>"})[0].field == "goal"
    assert check_entry(GOOD | {"goal": "<p>" + "&amp;" * 2500 + "</p>"}) == ()


def test_facts_become_paragraphs_in_which_nothing_is_a_tag():
    assert as_rich_text("een < twee\n\ndrie & vier") == "<p>een &lt; twee</p><p>drie &amp; vier</p>"
    assert as_rich_text("<p>al</p>") == "<p>al</p>"
    assert check_entry(GOOD | {"goal": as_rich_text("een < twee & <drie")}) == ()


def test_the_longest_texts_pass():
    for name, asked in schema().items():
        if asked["type"] == "string" and name in GOOD and name != "contact_email":
            assert check_entry(GOOD | {name: "x" * asked["max_length"]}) == ()


@pytest.mark.parametrize("entry", [[], "entry", None, 3])
def test_what_is_no_object_is_one_error(entry):
    (problem,) = check_entry(entry)
    assert "an object" in problem.expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=4,
)


NAME = st.sampled_from(sorted(schema())) | st.text("abc_", min_size=1, max_size=5)


@given(st.dictionaries(NAME, JSON, max_size=4))
def test_whatever_is_given_a_field_has_at_most_one_error(entry):
    fields = [problem.field.split("[")[0] for problem in check_entry(entry)]
    assert len(fields) == len(set(fields))
    assert {"name", "lang"} - set(entry) <= set(fields)
