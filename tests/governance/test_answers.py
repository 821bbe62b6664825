"""What people supply is checked whole, before anything is filled with it."""

from __future__ import annotations

import pytest

from risicoscreener.errors import GovernanceError
from risicoscreener.governance import Answers


def refused(given):
    with pytest.raises(GovernanceError) as caught:
        Answers(given)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"anex_iv": {}}, "a document: one of shared"),
        ({"annex_iv": "x"}, "a table"),
        ({"annex_iv": {"1a": "x"}}, "annex_iv.1a"),
        ({"shared": {"nobody": "x"}}, "shared.nobody"),
        ({"annex_iv": {"1a_provider": ""}}, "says something"),
        ({"annex_iv": {"1a_provider": 3}}, "says something"),
        ({"annex_iv": {"1a_provider": {"nl": "x"}}}, "in each of nl and en"),
        ({"annex_iv": {"1a_provider": "x" * 10_001}}, "at most 10000"),
        ({"register": {"status": "bezig"}}, "one of In ontwikkeling"),
        ({"register": {"name": "x" * 101}}, "at most 100"),
        ({"register": {"lars": "1"}}, "the register fills it in"),
    ],
)
def test_an_answer_that_cannot_be_is_named(given, said):
    assert any(said in problem for problem in refused(given))


def test_all_problems_are_named_at_once():
    given = {"annex_iv": {"1a": "x", "2b_tradeoffs": ""}, "register": {"status": "bezig"}}
    assert len(refused(given)) == 3


def test_an_own_answer_goes_before_a_shared_one():
    answers = Answers({"shared": {"organization": "Samen"}, "register": {"organization": "Eigen"}})
    assert answers.to("register", "organization", "organization") == "Eigen"
    assert answers.to("system_card", "organization", "organization") == "Samen"
    assert answers.to("register", "name") is None


@pytest.mark.parametrize("content", ["a = ", "a = 1\na = 2", "\x00"])
def test_a_file_that_is_no_toml_is_named(tmp_path, content):
    path = tmp_path / "answers.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(GovernanceError, match=r"answers\.toml is no TOML"):
        Answers.read(path)


def test_a_shared_answer_that_is_too_long_for_the_register_is_found_when_checked(known):
    from risicoscreener.governance import check_entry, entry_of, fill

    answers = Answers({"shared": {"organization": "x" * 101}})
    entry = entry_of(fill("register", known, answers), known)
    assert "organization" in [problem.field for problem in check_entry(entry)]
