"""What the package ships, how a user adds to it, and what is refused."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import DossierError, FeatureError, ModelError, RisicoscreenerError
from risicoscreener.features import (
    Catalogue,
    Index,
    Waiver,
    catalogue,
    compile_plan,
    compute_features,
    effective_sensitivity,
    register_kernel,
)
from risicoscreener.features.definition import Case
from risicoscreener.features.kernels import kernel
from risicoscreener.features.one import compile_one
from risicoscreener.features.sensitivity import most_sensitive
from risicoscreener.models.checking import check_sensitivity
from strategies import a_debt, a_person, dossiers

from .strategies import a_feature, days_of

PLAN = catalogue().plan()
ONE = compile_one(PLAN)
DAY = dt.date(2024, 6, 1)


# --- what is shipped --------------------------------------------------------------------------


def test_sixty_features_and_more_cover_history_debt_housing_and_conduct():
    by_group = Counter(feature.group for feature in catalogue().values())
    four = {group: by_group[group] for group in ("criminal_history", "debt", "housing", "conduct")}
    assert sum(four.values()) >= 60
    assert min(four.values()) >= 10


@pytest.mark.parametrize("name", catalogue())
def test_each_feature_says_what_it_is_in_both_languages(name):
    feature = catalogue()[name]
    assert feature.text["nl"] != feature.text["en"]
    assert feature.unit
    assert feature.source
    assert math.isfinite(feature.low)
    assert math.isfinite(feature.high)
    assert (feature.sensitivity == "allowed") == (not feature.why)


@settings(max_examples=150, deadline=None)
@given(dossiers(max_rows=4), st.data())
def test_values_stay_in_the_range_of_their_feature(dossier, data):
    day = data.draw(days_of(dossier))
    # Ranges in days are of a hundred years: nobody in prison is older.
    assume(12 <= (day - dossier.person.birth_date).days / 365.25 <= 100)
    for name, value in zip(PLAN.names, ONE(dossier, day), strict=True):
        feature = catalogue()[name]
        assert math.isnan(value) or feature.low <= value <= feature.high, name


def test_nothing_that_is_kept_for_audit_is_in_any_feature():
    assert "audit" not in PLAN.of_rows


def test_the_dictionary_has_a_row_for_each_feature_in_either_language():
    dutch, english = (catalogue().dictionary(lang) for lang in ("nl", "en"))
    assert list(dutch.index) == list(english.index) == list(catalogue())
    assert dutch.loc["debts_open", "text"] == catalogue()["debts_open"].text["nl"]
    assert (dutch.loc["debts_open", "unit"], english.loc["debts_open", "unit"]) == (
        "schulden",
        "debts",
    )
    assert english.loc["violent_share", "made_of"] == "convictions_violent, convictions_total"
    with pytest.raises(RisicoscreenerError, match="'fr' is not spoken"):
        catalogue().dictionary("fr")


def test_missingness_counts_what_is_unknown_of_each_feature():
    known = read_dossier({**a_person("p1"), "debts": [a_debt()]})
    unknown = read_dossier(a_person("p2"))
    others = [unknown, read_dossier(a_person("p3")), read_dossier(a_person("p4"))]
    table = compute_features(
        DossierTables.from_dossiers([known, *others]), DAY, ["age_years", "debts_open"]
    )
    found = table.missingness()
    assert found["unknown"].tolist() == [0, 3]
    assert found["share"].tolist() == [0.0, 0.75]
    assert found["group"].tolist() == ["person", "debt"]


def test_a_table_of_features_becomes_a_frame_by_person_and_day():
    tables = DossierTables.from_dossiers([read_dossier(a_person("p1"))])
    frame = compute_features(tables, DAY, ["age_years"]).to_frame()
    assert frame.index.names == ["person_id", "as_of"]
    assert frame.loc[("p1", "2024-06-01"), "age_years"] == pytest.approx(34.4, abs=0.1)


def test_an_index_can_be_a_frame_of_people_and_days():
    import pandas as pd

    tables = DossierTables.from_dossiers([read_dossier(a_person(f"p{i}")) for i in range(3)])
    rows = pd.DataFrame({"person_id": ["p2", "p0"], "as_of": ["2024-06-01", "2020-01-01"]})
    index = Index.from_frame(tables, rows)
    assert index.positions.tolist() == [2, 0]
    found = compute_features(tables, rows, ["age_years"])
    assert found.person_ids.to_pylist() == ["p2", "p0"]
    assert found.values[0, 0] > found.values[1, 0]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"person_id": ["p0"]}, "no column as_of"),
        ({"person_id": ["p9"], "as_of": ["2024-06-01"]}, "index row 0: person p9 is not in"),
        ({"person_id": ["p0"], "as_of": [None]}, "index row 0: as_of is missing"),
        ({"person_id": ["p0"], "as_of": ["soon"]}, "as_of has no dates"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(columns, said):
    import pandas as pd

    tables = DossierTables.from_dossiers([read_dossier(a_person("p0"))])
    with pytest.raises(DossierError, match=said):
        compute_features(tables, pd.DataFrame(columns))


@pytest.mark.parametrize("position", [-1, 1])
def test_an_index_with_a_position_outside_the_persons_is_refused(position):
    tables = DossierTables.from_dossiers([read_dossier(a_person("p0"))])
    index = Index(np.array([position]), np.array([19000], dtype=np.int32))
    with pytest.raises(DossierError, match=f"index row 0: position {position}; expected 0 to 0"):
        compute_features(tables, index, ["age_years"])


# --- adding a feature -------------------------------------------------------------------------

FIVE_LINES = """
[tax_debts]
group = "debt"
aggregate = "count"
table = "debts"
where = { kind = ["tax"] }
unit = "debts"
source = "own"
text = { nl = "belastingschulden", en = "tax debts" }
"""
DOSSIER = read_dossier({**a_person(), "debts": [a_debt(kind="tax"), a_debt()]})


def test_a_feature_from_a_file_joins_those_that_are_shipped(tmp_path):
    (tmp_path / "own.toml").write_text(FIVE_LINES)
    grown = catalogue().with_features(*Catalogue.from_toml(tmp_path / "own.toml").values())
    tables = DossierTables.from_dossiers([DOSSIER])
    found = compute_features(tables, DAY, ["tax_debts", "debts_open"], definitions=grown)
    assert found.values.tolist() == [[1.0, 2.0]]
    assert "tax_debts" not in catalogue()


def test_a_feature_made_in_python_joins_those_that_are_shipped():
    share = a_feature("tax_share", "ratio", numerator="tax_debts", denominator="debts_open")
    grown = catalogue().with_features(share, a_feature("tax_debts", where={"kind": ["tax"]}))
    assert compile_one(grown.plan(["tax_share"]))(DOSSIER, DAY) == [0.5]


@pytest.mark.usefixtures("own_kernels")
def test_a_kernel_can_be_added_and_is_the_same_for_one_and_for_many():
    def many(days, segment, n):
        latest = np.full(n, np.inf)
        np.minimum.at(latest, segment, days)
        return 1 / (1 + latest)

    register_kernel("recency_of_the_tests", lambda days: 1 / (1 + min(days)), many)
    own = Catalogue({"trial": a_feature("trial", "kernel", kernel="recency_of_the_tests")})
    alone = compile_one(own.plan())(DOSSIER, DAY)
    found = compute_features(DossierTables.from_dossiers([DOSSIER]), DAY, definitions=own)
    assert found.values[0].tolist() == alone
    with pytest.raises(FeatureError, match="exists already"):
        register_kernel("recency_of_the_tests", min, many)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 9_000), min_size=1, max_size=5), min_size=1, max_size=4))
def test_the_longest_gap_is_the_same_for_one_and_for_many(people):
    gaps = kernel("longest_gap")
    segment = np.repeat(np.arange(len(people)), [len(days) for days in people])
    found = gaps.many(np.array([d for days in people for d in days]), segment, len(people))
    assert found.tolist() == [gaps.one(days) for days in people]


def test_a_digest_changes_with_what_is_computed_and_not_with_how_it_is_told():
    feature = a_feature("trial", "days_since_last", none_value=3)
    assert (
        feature.digest
        == a_feature(
            "trial", "days_since_last", none_value=3.0, low=-1, direction="increasing"
        ).digest
    )
    assert feature.digest != a_feature("trial", "days_since_last", none_value=4).digest
    assert feature.digest != a_feature("trial", "days_since_last", none_value=3, open=True).digest


def test_a_digest_of_a_derived_feature_changes_with_what_it_is_made_of():
    def digest(**changes):
        top, bottom = a_feature("top", **changes), a_feature("bottom")
        ratio = a_feature("trial", "ratio", numerator="top", denominator="bottom")
        return Catalogue({f.name: f for f in (top, bottom, ratio)}).plan(["trial"]).digests["trial"]

    assert digest() == digest()
    assert digest() != digest(open=True)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("windows = 3", "unknown keys windows"),
        ("window_days = 'a year'", r"Expected `int \| null`, got `str`"),
        ("window_days = \"__import__('os').abort()\"", r"Expected `int \| null`, got `str`"),
        ("window_days = 0", "window_days 0; expected at least 1"),
        ("skip_days = -1", "skip_days -1; expected from 0"),
        ("window_days = 5\nskip_days = 5", "skip_days 5; expected from 0 to less than the window"),
        ("range = [3, 1]", "range 3.0 to 1.0 is empty"),
        ("range = 3", "range 3; expected the lowest and the highest"),
        ("sensitivity = 'secret'", "Invalid enum value 'secret'"),
        ("sensitivity = 'proxy'", "proxy without a reason"),
        ("direction = 'up'", "Invalid enum value 'up'"),
        ("none_value = 3", "count does not read none_value"),
        ("numerator = 'debts_open'", "count does not read numerator"),
        ("cases = 3", "cases 3; expected a list of tables"),
        (
            "cases = [{ feature = 'a', than = 3 }]",
            "a case has keys than; expected feature, value, min, max",
        ),
        ("cases = [{ feature = 'a' }]", "missing required field `value`"),
    ],
)
def test_a_definition_with_a_fault_is_refused_by_file_feature_and_what_was_expected(
    tmp_path, change, said
):
    path = tmp_path / "own.toml"
    path.write_text(FIVE_LINES + change + "\n")
    with pytest.raises(FeatureError, match=f"own.toml: feature 'tax_debts'.*{said}"):
        Catalogue.from_toml(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('group = "debt"', "missing required field `group`"),
        ('aggregate = "count"', "missing required field `aggregate`"),
        ('table = "debts"', "no table; expected the table"),
        ('source = "own"', "missing required field `source`"),
        ('text = { nl = "belastingschulden", en = "tax debts" }', "missing required field `text`"),
    ],
)
def test_a_definition_that_lacks_something_is_refused(tmp_path, line, said):
    path = tmp_path / "own.toml"
    path.write_text(FIVE_LINES.replace(line, ""))
    with pytest.raises(FeatureError, match=f"own.toml: feature 'tax_debts'.*{said}"):
        Catalogue.from_toml(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = [", "own.toml is not TOML"),
        ("count = 3", "feature 'count' is 3; expected a table of keys"),
        ("['Tax debts']\ngroup = 'debt'", "expected a name of small letters"),
    ],
)
def test_a_file_that_is_no_list_of_definitions_is_refused(tmp_path, text, said):
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(FeatureError, match=said):
        Catalogue.from_toml(tmp_path / "own.toml")


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(FeatureError, match=r"none.toml cannot be read"):
        Catalogue.from_toml(tmp_path / "none.toml")
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FeatureError, match=r"own.toml cannot be read"):
        Catalogue.from_toml(tmp_path / "own.toml")


@pytest.mark.parametrize(
    ("aggregate", "changes", "said"),
    [
        ("mean", {}, "aggregate 'mean'; expected one of count, any"),
        ("count", {"group": "taxes"}, "group 'taxes'; expected one of criminal_history"),
        ("sum", {}, "no field; sum needs it"),
        ("slope", {}, "no window_days and no bin_days; slope needs it"),
        (
            "slope",
            {"window_days": 10, "bin_days": 3},
            "bin_days 3; expected a whole number of bins in 10",
        ),
        ("slope", {"window_days": 10, "bin_days": 10}, "one bin; a slope needs at least two"),
        (
            "slope",
            {"window_days": 10, "bin_days": 5, "skip_days": 1},
            "slope does not read skip_days",
        ),
        ("days_covered", {"skip_days": 1}, "days_covered does not read skip_days"),
        ("ratio", {"numerator": "a"}, "no denominator; ratio needs it"),
        ("linear", {}, "no terms; linear needs it"),
        ("cases", {}, "no cases; cases needs it"),
        ("cases", {"cases": (Case("a", 1.0, low=math.nan),)}, "a limit that is no number"),
        ("person", {"field": "sex"}, "no values; person needs it"),
        ("age", {"window_days": 3}, "age does not read window_days"),
        ("count", {"text": {"nl": "alleen"}}, "no text in en"),
        ("count", {"source": ""}, "no source"),
    ],
)
def test_a_definition_that_is_not_whole_is_refused(aggregate, changes, said):
    with pytest.raises(FeatureError, match=f"feature 'trial': .*{said}"):
        a_feature("trial", aggregate, **changes)


@pytest.mark.parametrize(
    ("aggregate", "changes", "said"),
    [
        ("count", {"table": "audit"}, "reads 'audit', kept for audit only"),
        ("count", {"table": "taxes"}, "there is no table 'taxes'"),
        ("count", {"where": {"colour": ["red"]}}, "table 'debts' has no field 'colour'; known: "),
        ("count", {"where": {"kind": ["car"]}}, "'car' is not in vocabulary 'debt_kind'; known: "),
        ("count", {"where": {"kind": ["@cars"]}}, "'@cars' is not in vocabulary"),
        ("count", {"where": {"kind": [3]}}, "kind = \\[3\\]; expected codes"),
        ("count", {"where": {"amount_eur": [3]}}, "no condition on a number; expected"),
        ("count", {"where": {"amount_eur": {"min": "x"}}}, "no condition on a number; expected"),
        ("count", {"where": {"since": {"min": 3}}}, "no condition on a date; expected"),
        ("count", {"where": {"since": {"until": dt.date(2024, 1, 1)}}}, "no condition on a date"),
        ("count", {"where": {"amount_eur": {}}}, "no condition on a number; expected"),
        ("count", {"where": {"since": True}}, "no condition on a date; expected"),
        ("count", {"on": "kind"}, "'kind' is not a date"),
        ("count", {"table": "convictions", "open": True}, "table 'convictions' has no spells"),
        ("days_covered", {"table": "conduct"}, "table 'conduct' has no spells"),
        ("sum", {"field": "kind"}, "sum of 'kind', which is a code; expected a integer or number"),
        ("distinct", {"field": "amount_eur"}, "distinct of 'amount_eur', which is a number"),
        ("days_until", {"field": "kind"}, "days_until of 'kind', which is a code; expected a date"),
        ("last", {"field": "creditor", "values": {"state": 1.0}}, "no value for "),
        ("max", {"field": "amount_eur", "values": {"state": 1.0}}, "only codes are given values"),
        ("max", {"field": "kind", "values": {"car": 1.0}}, "values for car; known codes of 'kind'"),
        ("person", {"field": "sex", "values": {"x": 1.0}}, "values for x; known codes of 'sex'"),
        ("person", {"field": "name", "values": {"x": 1.0}}, "table 'persons' has no field 'name'"),
        ("kernel", {"kernel": "hawkes"}, "kernel 'hawkes' does not exist; known: longest_gap"),
        (
            "ratio",
            {"numerator": "debt_open", "denominator": "x"},
            "no feature 'debt_open'; did you mean debts_open",
        ),
        ("linear", {"terms": {"trial": 1.0}}, "features made of each other: trial -> trial"),
    ],
)
def test_a_definition_that_does_not_fit_the_dossier_is_refused(aggregate, changes, said):
    with pytest.raises(FeatureError, match=said):
        catalogue().with_features(a_feature("trial", aggregate, **changes))


def test_features_made_of_each_other_are_refused():
    first = a_feature("first", "linear", terms={"second": 1.0})
    second = a_feature("second", "cases", cases=(Case("debts_open", 1.0),), requires=("first",))
    with pytest.raises(FeatureError, match="made of each other: first -> second -> first"):
        catalogue().with_features(first, second)


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(FeatureError, match="there is a feature 'debts_open' already"):
        catalogue().with_features(a_feature("debts_open"))


def test_a_feature_that_does_not_exist_is_refused_with_what_was_meant():
    with pytest.raises(FeatureError, match="no feature 'debt_open'; did you mean debts_open"):
        compile_plan(["debt_open"], catalogue())


# --- sensitivity ------------------------------------------------------------------------------


WHY = {"nl": "armoede", "en": "poverty"}
POOR = a_feature("poor", sensitivity="proxy", why=WHY)
ORIGIN = a_feature("origin", sensitivity="forbidden", why=WHY)
PLAIN = a_feature("plain")
SHARE = a_feature("share", "ratio", numerator="plain", denominator="poor")
DEEPER = a_feature("deeper", "linear", terms={"plain": 1.0, "share": 1.0})
GUARDED = a_feature("guarded", "cases", cases=(Case("plain", 1.0),), requires=("origin",))
OWN = {f.name: f for f in (POOR, ORIGIN, PLAIN, SHARE, DEEPER, GUARDED)}


def test_what_is_made_of_a_proxy_is_a_proxy_however_deep():
    found = effective_sensitivity(["plain", "poor", "share", "deeper"], OWN)
    assert list(found.values()) == ["allowed", "proxy", "proxy", "proxy"]


def test_what_requires_something_forbidden_is_forbidden():
    assert effective_sensitivity(["guarded"], OWN) == {"guarded": "forbidden"}


def test_the_definition_that_makes_it_sensitive_is_named():
    assert most_sensitive("deeper", OWN) == ("poor", "proxy")
    assert most_sensitive("poor", OWN) == ("poor", "proxy")
    assert most_sensitive("plain", OWN) == ("plain", "allowed")


def test_in_the_catalogue_nothing_derived_is_less_sensitive_than_what_it_is_made_of():
    order = ["allowed", "proxy", "forbidden"]
    found = effective_sensitivity(catalogue(), catalogue())
    for feature in catalogue().values():
        assert all(
            order.index(found[n]) <= order.index(found[feature.name]) for n in feature.inputs
        )
    assert "proxy" in {found[f.name] for f in catalogue().values() if f.inputs}


def test_a_derived_proxy_needs_a_waiver_of_its_own_before_a_model_reads_it():
    sensitivity = effective_sensitivity(["share"], OWN)
    with pytest.raises(ModelError, match=r"share \(proxy\)"):
        check_sensitivity(["share"], sensitivity, [])
    waiver = Waiver(
        feature="share", sensitivity="proxy", reason="measured", granted_by="board", granted_on=DAY
    )
    assert check_sensitivity(["share"], sensitivity, [waiver]) == (waiver,)
    with pytest.raises(ModelError, match=r"guarded \(forbidden\)"):
        check_sensitivity(["guarded"], effective_sensitivity(["guarded"], OWN), [waiver])
