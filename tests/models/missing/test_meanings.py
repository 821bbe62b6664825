"""What a missing value means is declared, and decides whether it may be imputed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risicoscreener.errors import ModelError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.models.missing import Condition, MissingPolicy, MissingRule, meaning_texts

NAN = float("nan")
FRAME = pd.DataFrame({"priors": [0.0, 2.0, NAN, 1.0], "days": [NAN, NAN, NAN, 30.0]})
RULES = (
    MissingRule("days", "not_applicable", Condition("priors", high=0.0)),
    MissingRule("days", "refused", Condition("priors", low=2.0)),
)


def test_the_first_rule_that_holds_gives_the_meaning():
    found = MissingPolicy(RULES).meanings(FRAME)
    assert found["days"].tolist() == ["not_applicable", "refused", "unknown", ""]
    assert found["priors"].tolist() == ["", "", "unknown", ""]
    always = (MissingRule("days", "not_yet"), *RULES)
    assert MissingPolicy(always).meanings(FRAME)["days"].tolist() == ["not_yet"] * 3 + [""]


def test_only_what_is_merely_not_known_may_be_filled_in():
    assert {name for name, entry in meaning_texts().items() if entry["imputed"]} == {
        "unknown",
        "not_asked",
    }
    to_impute = MissingPolicy(RULES).to_impute(FRAME)
    np.testing.assert_array_equal(
        to_impute, [[False, False], [False, False], [True, True], [False, False]]
    )


def test_without_rules_everything_missing_is_unknown():
    np.testing.assert_array_equal(MissingPolicy().to_impute(FRAME), FRAME.isna())


def test_the_table_counts_meanings_in_both_languages():
    policy = MissingPolicy(RULES)
    assert policy.table(FRAME, "en").loc["days", "refused to answer"] == 1
    assert policy.table(FRAME, "nl").loc["days", "niet van toepassing"] == 1
    assert policy.table(FRAME).to_numpy().sum() == FRAME.isna().to_numpy().sum()


def test_definitions_that_are_missing_where_nothing_matches_are_not_filled_in():
    definitions = catalogue()
    silent = [n for n, f in definitions.items() if f.aggregate == "last" and f.none_value is None]
    counted = [n for n, f in definitions.items() if f.aggregate == "count"]
    assert silent
    policy = MissingPolicy.from_definitions(definitions, [*silent, *counted])
    assert {rule.feature for rule in policy.rules} == set(silent)
    with pytest.raises(ModelError, match="no definition of shoe_size"):
        MissingPolicy.from_definitions(definitions, ["shoe_size"])


def test_a_policy_is_read_from_a_file(tmp_path):
    path = tmp_path / "missing.toml"
    path.write_text(
        '[[rules]]\nfeature = "days"\nmeaning = "not_applicable"\n'
        'when = { feature = "priors", high = 0.0 }\n'
    )
    assert MissingPolicy.from_toml(path).rules == RULES[:1]
    path.write_text('[[rules]]\nfeature = "days"\nmeaning = "lost"\n')
    with pytest.raises(ModelError, match=r"missing\.toml"):
        MissingPolicy.from_toml(path)


def test_a_rule_about_a_column_that_is_not_there_is_refused():
    with pytest.raises(ModelError, match="columns shoe_size"):
        MissingPolicy((MissingRule("shoe_size", "not_asked"),)).meanings(FRAME)
