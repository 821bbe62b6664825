"""What holds for each data set: definitions, nothing forbidden, and facts that agree."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from risicoscreener.datasets import Dataset
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import DataError
from risicoscreener.features import Feature, catalogue, compute_features

# -- columns -----------------------------------------------------------------------------------


def test_each_column_has_a_text_in_both_languages_a_unit_and_a_source(data: Dataset) -> None:
    for lang in ("nl", "en"):
        dictionary = data.dictionary(lang)
        assert list(dictionary.index) == [*data.definitions]
        assert set(dictionary.index) == set(data.frame.columns)
        for column in ("text", "unit", "source"):
            assert (dictionary[column].str.len() > 0).all()
    assert (data.dictionary("nl")["text"] != data.dictionary("en")["text"]).all()


def test_a_column_is_named_after_our_feature_or_after_the_data_set(data: Dataset) -> None:
    for name, definition in data.definitions.items():
        assert isinstance(definition, Feature)
        if definition.aggregate != "given":
            assert catalogue()[name] is definition
        else:
            assert name.startswith(f"{data.name}_")
            assert name not in catalogue()


def test_each_value_lies_in_the_range_of_its_definition(data: Dataset) -> None:
    for name, definition in data.definitions.items():
        known = data.frame[name].dropna()
        assert known.between(definition.low, definition.high).all(), name


def test_each_proxy_says_why_it_is_one(data: Dataset) -> None:
    assert data.proxies
    for name in data.proxies:
        definition = data.definitions[name]
        assert definition.why


def test_digests_are_those_of_the_definitions_and_differ(data: Dataset) -> None:
    digests = data.digests
    assert set(digests) == set(data.frame.columns)
    assert len(set(digests.values())) == len(digests)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in digests.values())


def test_a_digest_changes_with_what_determines_the_value_and_not_with_a_text(
    recid: Dataset,
) -> None:
    definition = recid.definitions["recid_prior_incarcerations"]
    assert dataclasses.replace(definition, unit="cases").digest == definition.digest
    assert dataclasses.replace(definition, field="rules").digest != definition.digest
    assert dataclasses.replace(definition, values={"1": 0.0}).digest != definition.digest


def test_source_licence_and_how_days_were_found_are_stated(data: Dataset) -> None:
    assert data.source
    assert data.licence
    for text in (data.dating, data.outcome_text, data.population, data.title):
        assert text.nl
        assert text.en
        assert text.nl != text.en


# -- nothing forbidden -------------------------------------------------------------------------


def test_race_is_kept_for_audit_and_is_no_feature(data: Dataset) -> None:
    assert set(data.audit.columns) <= {"race", "black"}
    codes = pd.get_dummies(data.audit.iloc[:, 0]).astype(float).to_numpy()
    for name in data.frame.columns:
        for code in codes.T:
            assert not np.array_equal(data.frame[name].to_numpy(), code), name


@pytest.mark.parametrize(
    "name",
    [
        "race",
        "recid_black",
        "compas_race",
        "dob",
        "first_name",
        "name",
        "person_id",
        "birth_year",
        "rossi_Ethnicity",
        "c_case_number",
    ],
)
def test_a_column_named_after_race_or_identity_cannot_reach_the_frame(
    recid: Dataset, name: str
) -> None:
    with pytest.raises(DataError, match=f"{name} may not be in the frame"):
        dataclasses.replace(
            recid,
            frame=recid.frame.assign(**{name: 1.0}),
            sensitivity=recid.sensitivity | {name: "allowed"},
            definitions=recid.definitions | {name: recid.definitions["recid_prior_incarcerations"]},
        )


def test_a_forbidden_column_cannot_reach_the_frame(recid: Dataset) -> None:
    with pytest.raises(DataError, match="recid_prior_incarcerations may not be in the frame"):
        dataclasses.replace(
            recid, sensitivity=recid.sensitivity | {"recid_prior_incarcerations": "forbidden"}
        )


def test_an_attribute_for_audit_cannot_be_a_feature_whatever_it_is_called(recid: Dataset) -> None:
    audit = recid.audit.rename(columns={"black": "recid_married"})
    with pytest.raises(DataError, match="recid_married may not be in the frame"):
        dataclasses.replace(recid, audit=audit)


def test_a_column_without_a_definition_cannot_reach_the_frame(recid: Dataset) -> None:
    with pytest.raises(DataError, match="a sensitivity and a definition"):
        dataclasses.replace(recid, frame=recid.frame.assign(recid_shoe_size=1.0))


def test_rows_of_other_people_cannot_be_put_together(recid: Dataset) -> None:
    with pytest.raises(DataError, match="do not have the same people"):
        dataclasses.replace(recid, outcome=recid.outcome.iloc[::-1])
    twice = [recid.frame.index[0], *recid.frame.index[:-1]]
    parts = {n: getattr(recid, n).set_axis(twice) for n in ("frame", "outcome", "audit")}
    with pytest.raises(DataError, match="each once"):
        dataclasses.replace(recid, **parts)
    with pytest.raises(DataError, match="outcome of 0 or 1"):
        dataclasses.replace(recid, outcome=recid.outcome + 1)
    with pytest.raises(DataError, match="numbers"):
        dataclasses.replace(recid, frame=recid.frame.astype(str))


def test_columns_can_be_left_out_but_not_unknown_ones(data: Dataset) -> None:
    fewer = data.without(*data.proxies)
    assert not fewer.proxies
    assert len(fewer.frame.columns) == len(data.frame.columns) - len(data.proxies)
    assert set(fewer.definitions) == set(fewer.frame.columns) == set(fewer.digests)
    with pytest.raises(DataError, match="no column shoe_size"):
        data.without("shoe_size")


# -- dossier facts -----------------------------------------------------------------------------


def tables_and_index(data: Dataset) -> tuple[DossierTables, pd.DataFrame]:
    assert data.tables is not None
    assert data.index is not None
    return data.tables, data.index


def test_each_row_has_a_dossier_without_problems(data: Dataset) -> None:
    tables, index = tables_and_index(data)
    assert tables.problems == ()
    assert tables.person_ids.to_pylist() == list(data.frame.index) == list(index["person_id"])


def test_a_dossier_goes_to_json_and_back(data: Dataset) -> None:
    tables, _ = tables_and_index(data)
    dossier = next(tables.select(np.array([3])).to_dossiers())
    assert read_dossier(dossier.to_json()) == dossier


def test_what_the_dossier_says_of_a_feature_is_what_the_frame_says_or_unknown(
    data: Dataset,
) -> None:
    tables, index = tables_and_index(data)
    ours = [name for name in data.frame.columns if name in catalogue()]
    computed = compute_features(tables, index, ours).values
    known = ~np.isnan(computed)
    assert np.array_equal(computed[known], data.frame[ours].to_numpy()[known])
    assert known.all(axis=0)[ours.index("age_years")]


def test_no_count_without_a_date_became_a_dated_fact(data: Dataset) -> None:
    tables, _ = tables_and_index(data)
    filled = {name for name, table in tables.tables.items() if table.num_rows}
    assert filled <= {"persons", "detentions", "audit"}


def test_attributes_for_audit_stand_only_in_the_audit_table(data: Dataset) -> None:
    tables, _ = tables_and_index(data)
    noted = tables.to_pandas("audit")
    assert set(noted["attribute"]) == {"origin_group"}
    expected = data.audit.iloc[:, 0].str.replace(" ", "-")
    assert list(noted["value"].astype(str)) == list(expected)


def test_loading_gives_a_readable_summary(data: Dataset) -> None:
    assert repr(data).startswith(f"<Dataset '{data.name}': {len(data.frame)} people")
