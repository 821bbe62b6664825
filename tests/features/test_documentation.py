"""What is written about features is what they are."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from data_dictionary import LANGUAGES, document, path_of
from risicoscreener.features import catalogue, lineage
from risicoscreener.features.definition import Case
from risicoscreener.features.wording import formula

from .strategies import a_feature

PAGE = Path(__file__).parents[2] / "docs" / "features.md"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_data_dictionary_is_up_to_date(lang):
    same = path_of(lang).read_text("utf-8") == document(lang)
    assert same, "run: python scripts/data_dictionary.py"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_data_dictionary_has_every_feature_once(lang):
    named = re.findall(r"^\| `(\w+)` \|", document(lang), flags=re.MULTILINE)
    assert sorted(named) == sorted(catalogue())


def test_the_page_on_features_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    (tmp_path / "own.toml").write_text(next(text for kind, text in blocks if kind == "toml"))
    scope: dict[str, object] = {}
    for kind, text in blocks:
        if kind == "python":
            exec(compile(text, str(PAGE), "exec"), scope)
    assert capsys.readouterr().out == next(text for kind, text in blocks if kind == "text")


def test_the_page_names_every_reason_for_which_a_value_is_unknown_and_every_aggregate():
    from risicoscreener.features.definition import OF_FEATURES, OF_PERSON, OF_ROWS

    page = PAGE.read_text("utf-8")
    assert all(f"`{name}`" in page for name in (*OF_ROWS, *OF_PERSON, *OF_FEATURES))


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        (
            a_feature(open=True, where={"kind": ["tax", "@judicial"], "amount_eur": {"min": 3}}),
            "count in debts, open, kind in tax @judicial, amount_eur >= 3",
        ),
        (
            a_feature(where={"since": {"max": dt.date(2021, 12, 1)}}),
            "count in debts, since <= 2021-12-01",
        ),
        (
            a_feature("t", "sum", field="amount_eur", window_days=60, skip_days=30, cap=9.0),
            "sum of amount_eur in debts, 30 to 60 days ago; at most 9",
        ),
        (
            a_feature(skip_days=30, since_arrival=True),
            "count in debts, at least 30 days ago, since arrival",
        ),
        (
            a_feature(table="convictions", where={"index_offence": True}, on="judged_on"),
            "count in convictions, index_offence true, by judged_on",
        ),
        (
            a_feature("t", "slope", window_days=60, bin_days=30),
            "slope in debts, less than 60 days ago, bins of 30 days",
        ),
        (a_feature("t", "kernel", kernel="longest_gap"), "kernel by longest_gap in debts"),
        (
            a_feature("t", "person", field="sex", values={"male": 1.0}),
            "person of sex in person; male = 1",
        ),
        (a_feature("t", "ratio", numerator="a", denominator="b", scale=100.0), "100 * a / b"),
        (
            a_feature("t", "ratio", numerator="a", denominator="b", none_value=1.0),
            "a / b; 1 if b <= 0",
        ),
        (
            a_feature("t", "linear", terms={"a": 1.0, "b": -2.5, "c": -1.0}, constant=1.0),
            "1 + a - 2.5 * b - c",
        ),
        (
            a_feature(
                "t",
                "cases",
                cases=(Case("a", 1.0, low=2.0), Case("b", float("nan"), high=0.0)),
                otherwise=0.0,
                requires=("a",),
            ),
            "1 if 2 <= a; unknown if b <= 0; otherwise 0; requires a",
        ),
    ],
)
def test_a_formula_says_on_one_line_what_is_computed(feature, said):
    assert formula(feature) == said


def test_lineage_is_the_function_and_not_the_module():
    assert callable(lineage)
