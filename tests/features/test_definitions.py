"""What a definition may hold, what is said of one with faults, and what makes its digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from dataclasses import fields

import pytest

from risicoscreener.errors import FeatureError
from risicoscreener.features import Catalogue, Feature, catalogue
from risicoscreener.features.definition import GROUPS, OF_FEATURES, OF_PERSON, OF_ROWS, Case

from .strategies import TEXTS, a_feature

POINTS = "table where open on window_days since_arrival skip_days"
READ = {
    "count": POINTS,
    "any": POINTS,
    "sum": f"{POINTS} field",
    "max": f"{POINTS} field values none_value",
    "distinct": f"{POINTS} field",
    "last": f"{POINTS} field values none_value",
    "days_until": f"{POINTS} field none_value",
    "days_since_last": f"{POINTS} none_value",
    "days_since_first": f"{POINTS} none_value",
    "age_at_first": f"{POINTS} none_value",
    "days_covered": "table where open on window_days since_arrival",
    "slope": "table where open on window_days since_arrival bin_days",
    "kernel": f"{POINTS} kernel none_value",
    "age": "",
    "person": "field values",
    "given": "field values",
    "ratio": "numerator denominator scale none_value",
    "linear": "terms constant",
    "cases": "cases requires otherwise",
}
"""What each aggregate reads."""

NEEDED = {
    **{name: {"field": "kind"} for name in ("sum", "max", "distinct", "last", "days_until")},
    "slope": {"window_days": 60, "bin_days": 30},
    "kernel": {"kernel": "longest_gap"},
    "person": {"field": "sex", "values": {"male": 1.0}},
    "given": {"field": "elsewhere"},
    "ratio": {"numerator": "a", "denominator": "b"},
    "linear": {"terms": {"a": 1.0}},
    "cases": {"cases": (Case("a", 1.0),)},
}
"""What each aggregate cannot do without, beside the table."""

SET = {
    "table": "debts",
    "where": {"kind": ["fine"]},
    "open": True,
    "on": "until",
    "window_days": 60,
    "skip_days": 1,
    "since_arrival": True,
    "field": "kind",
    "values": {"fine": 1.0},
    "bin_days": 30,
    "kernel": "longest_gap",
    "none_value": 0.0,
    "numerator": "a",
    "denominator": "b",
    "scale": 2.0,
    "terms": {"a": 1.0},
    "constant": 1.0,
    "cases": (Case("a", 1.0),),
    "requires": ("a",),
    "otherwise": 0.0,
}
"""Something that each field can be set to."""

EVERYWHERE = {
    "cap": 3.0,
    "low": -1.0,
    "high": 4.0,
    "direction": "increasing",
    "sensitivity": "proxy",
    "why": {"nl": "daarom", "en": "because"},
}


def test_each_aggregate_and_each_field_is_looked_at_here():
    assert {*READ} == {*OF_ROWS, *OF_PERSON, *OF_FEATURES, "given"}
    always = {"name", "group", "aggregate", "text", "unit", "source", *EVERYWHERE}
    assert {field.name for field in fields(Feature)} == {*SET, *always}


@pytest.mark.parametrize("aggregate", READ)
def test_what_an_aggregate_does_not_read_is_refused_and_what_it_reads_is_not(aggregate):
    needed = NEEDED.get(aggregate, {})
    for name, value in SET.items():
        given = {**needed, name: value}
        if name in READ[aggregate].split():
            feature = a_feature("trial", aggregate, **EVERYWHERE, **given)
            assert getattr(feature, name) == value
        else:
            with pytest.raises(FeatureError) as error:
                a_feature("trial", aggregate, **given)
            said = f"feature 'trial': {aggregate} does not read {name}; leave it out"
            assert said in str(error.value)


@pytest.mark.parametrize("aggregate", READ)
def test_what_an_aggregate_needs_it_must_have(aggregate):
    needed = NEEDED.get(aggregate, {})
    for name in needed:
        less = {key: value for key, value in needed.items() if key != name}
        with pytest.raises(FeatureError) as error:
            a_feature("trial", aggregate, **less)
        assert f"no {name}; {aggregate} needs it" in str(error.value)
    if aggregate in OF_ROWS:
        with pytest.raises(FeatureError) as error:
            a_feature("trial", aggregate, **needed, table=None)
        assert str(error.value).endswith("no table; expected the table whose rows it is made of")


def refused(**changes) -> str:
    with pytest.raises(FeatureError) as error:
        a_feature("trial", **changes)
    return str(error.value)


FAULTS = [
    ({"group": "taxes"}, f"group 'taxes'; expected one of {', '.join(GROUPS)}"),
    ({"direction": "up"}, "direction 'up'; expected increasing, decreasing or none"),
    ({"low": 2.0, "high": 1.0}, "range 2.0 to 1.0 is empty"),
    ({"low": math.nan}, "range nan to inf is empty"),
    ({"text": {}}, "no text in nl and en"),
    ({"text": {"nl": "", "en": "trial"}}, "no text in nl"),
    (
        {"sensitivity": "secret", "why": EVERYWHERE["why"]},
        "sensitivity 'secret'; expected allowed, proxy or forbidden",
    ),
    (
        {"sensitivity": "forbidden", "why": {"nl": "daarom"}},
        "forbidden without a reason; give `why` in nl and en",
    ),
    ({"sensitivity": "proxy", "why": {"en": "because"}}, None),
    ({"source": ""}, "no source"),
    ({"field": "kind", "kernel": "longest_gap"}, "count does not read field, kernel; leave it out"),
    ({"window_days": -3}, "window_days -3; expected at least 1"),
    ({"window_days": 0}, "window_days 0; expected at least 1"),
    ({"skip_days": -1}, "skip_days -1; expected from 0 to less than the window"),
    (
        {"skip_days": 5, "window_days": 5},
        "skip_days 5; expected from 0 to less than the window",
    ),
    (
        {"skip_days": 1, "window_days": 1},
        "skip_days 1; expected from 0 to less than the window",
    ),
    (
        {"aggregate": "mean"},
        f"aggregate 'mean'; expected one of {', '.join(READ)}",
    ),
    (
        {"aggregate": "slope"},
        "no window_days and no bin_days; slope needs it",
    ),
    (
        {"aggregate": "slope", "window_days": 10, "bin_days": 3},
        "bin_days 3; expected a whole number of bins in 10 days",
    ),
    (
        {"aggregate": "slope", "window_days": 10, "bin_days": -1},
        "bin_days -1; expected a whole number of bins in 10 days",
    ),
    (
        {"aggregate": "slope", "window_days": 10, "bin_days": 10},
        "one bin; a slope needs at least two",
    ),
    (
        {"aggregate": "cases", "cases": (Case("a", 1.0), Case("a", 1.0, high=math.nan))},
        "a case with a limit that is no number",
    ),
    (
        {"aggregate": "cases", "cases": (Case("a", 1.0, low=math.nan),)},
        "a case with a limit that is no number",
    ),
]


@pytest.mark.parametrize(("changes", "said"), FAULTS)
def test_of_one_fault_that_fault_alone_is_said(changes, said):
    said = said or "proxy without a reason; give `why` in nl and en"
    assert refused(**changes) == f"feature 'trial': {said}"


def test_of_several_faults_all_are_said():
    assert refused(group="x", direction="up", field="kind", window_days=0) == (
        f"feature 'trial': group 'x'; expected one of {', '.join(GROUPS)}; direction 'up'; expected "
        "increasing, decreasing or none; count does not read field; leave it out; window_days 0; "
        "expected at least 1"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"low": 1.0, "high": 1.0},
        {"window_days": 1},
        {"window_days": 2, "skip_days": 1},
        {"skip_days": 10_000},
        {"aggregate": "slope", "window_days": 2, "bin_days": 1},
        {"aggregate": "cases", "cases": (Case("a", math.nan, low=0.0, high=0.0),)},
        *({"direction": name} for name in ("increasing", "decreasing", "none")),
        *({"group": name} for name in GROUPS),
    ],
)
def test_the_least_that_can_be_meant_is_taken(changes):
    feature = a_feature("trial", **changes)
    assert {name: getattr(feature, name) for name in changes} == changes


def test_what_is_not_given_is_the_usual():
    feature = Feature("trial", "debt", "age", **TEXTS)
    plain = {name: getattr(feature, name) for name in ("direction", "sensitivity", "low", "high")}
    assert plain == {
        "direction": "none", "sensitivity": "allowed", "low": 0.0, "high": math.inf,
    }  # fmt: skip
    assert (feature.scale, feature.constant, feature.skip_days) == (1.0, 0.0, 0)
    assert (feature.open, feature.since_arrival) == (False, False)
    assert (Case("a", 1.0).low, Case("a", 1.0).high) == (-math.inf, math.inf)


def test_the_inputs_of_a_feature_are_named_once_in_the_order_of_the_definition():
    ratio = a_feature("t", "ratio", numerator="b", denominator="a")
    assert ratio.inputs == ("b", "a")
    assert a_feature("t", "ratio", numerator="a", denominator="a").inputs == ("a",)
    assert a_feature("t", "linear", terms={"b": 1.0, "a": 0.0}).inputs == ("b", "a")
    cases = (Case("c", 1.0), Case("a", 2.0), Case("c", 3.0))
    assert a_feature("t", "cases", cases=cases, requires=("b", "a")).inputs == ("c", "a", "b")
    assert a_feature().inputs == ()


def test_the_codes_of_a_feature_are_the_values_of_its_cases_in_order():
    cases = (Case("a", 3.0), Case("a", 1.0), Case("b", 3.0))
    assert a_feature("t", "cases", cases=cases).codes == (1.0, 3.0)
    assert a_feature("t", "cases", cases=cases, otherwise=0.0).codes == (0.0, 1.0, 3.0)
    assert a_feature().codes is None
    own = Catalogue({"f": a_feature("f"), "t": a_feature("t", "cases", cases=cases)})
    assert own.codes() == {"t": (1.0, 3.0)}


def test_a_digest_is_that_of_all_that_determines_the_value_with_numbers_as_doubles():
    feature = a_feature(
        "trial",
        "max",
        field="kind",
        values={"fine": 1, "tax": 2.5},
        where={"since": {"min": dt.date(2020, 1, 2)}, "kind": ["fine", "tax"], "void": True},
        window_days=30,
    )
    plain = {
        "aggregate": "max", "bin_days": None, "cap": None, "cases": [], "constant": 0.0,
        "denominator": None, "field": "kind", "kernel": None, "name": "trial", "none_value": None,
        "numerator": None, "on": None, "open": False, "otherwise": None, "requires": [],
        "scale": 1.0, "since_arrival": False, "skip_days": 0.0, "table": "debts", "terms": {},
        "values": {"fine": 1.0, "tax": 2.5},
        "where": {"kind": ["fine", "tax"], "since": {"min": "2020-01-02"}, "void": True},
        "window_days": 30.0,
    }  # fmt: skip
    written = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    assert feature.digest == hashlib.sha256(written.encode()).hexdigest()


def test_a_digest_does_not_change_with_what_is_only_told():
    first = a_feature("trial", "age")
    told = {**EVERYWHERE, "text": {"nl": "a", "en": "b"}, "group": "person", "unit": "years"}
    del told["cap"]
    assert a_feature("trial", "age", **told, source="elsewhere").digest == first.digest
    assert a_feature("trial", "age", cap=3.0).digest != first.digest


def test_a_digest_of_a_plan_is_that_of_a_definition_with_those_it_is_made_of():
    own = {
        "top": a_feature("top"),
        "bottom": a_feature("bottom", "any"),
        "trial": a_feature("trial", "ratio", numerator="top", denominator="bottom"),
        "twice": a_feature("twice", "linear", terms={"trial": 2.0}),
    }
    found = Catalogue(own).plan(["twice", "top", "trial"]).digests
    joined = "".join(own[name].digest for name in ("trial", "top", "bottom"))
    trial = hashlib.sha256(joined.encode()).hexdigest()
    twice = hashlib.sha256(f"{own['twice'].digest}{trial}".encode()).hexdigest()
    assert found == {"twice": twice, "top": own["top"].digest, "trial": trial}
    assert [*found] == ["twice", "top", "trial"]


WHOLE = """
[trial]
group = "debt"
aggregate = "cases"
cases = [{ feature = "a", value = 1, min = 2, max = 3 }, { feature = "b", value = 4 }]
range = [-1, 9]
unit = "debts"
source = "own"
text = { nl = "proef", en = "trial" }
"""


def from_file(tmp_path, text):
    (tmp_path / "own.toml").write_text(text)
    return Catalogue.from_toml(tmp_path / "own.toml")


def test_a_definition_of_a_file_is_read_with_its_range_and_its_cases(tmp_path):
    found = from_file(tmp_path, WHOLE)["trial"]
    assert (found.low, found.high) == (-1.0, 9.0)
    assert found.cases == (Case("a", 1.0, 2.0, 3.0), Case("b", 4.0))


@pytest.mark.parametrize("key", ["direction", "sensitivity"])
def test_each_direction_and_sensitivity_can_be_given(tmp_path, key):
    known = {
        "direction": ("increasing", "decreasing", "none"),
        "sensitivity": ("allowed", "proxy", "forbidden"),
    }
    for value in known[key]:
        text = f"{WHOLE}{key} = '{value}'\nwhy = {{ nl = 'daarom', en = 'because' }}\n"
        assert getattr(from_file(tmp_path, text)["trial"], key) == value
    with pytest.raises(FeatureError, match="Invalid enum value 'other'"):
        from_file(tmp_path, f"{WHOLE}{key} = 'other'\n")


def test_a_key_that_is_unknown_is_told_with_all_that_are_known(tmp_path):
    with pytest.raises(FeatureError) as error:
        from_file(tmp_path, WHOLE + "low = 3\nname = 'x'\nhigh = 4\n")
    known = {field.name for field in fields(Feature)} - {"name", "low", "high"} | {"range"}
    assert str(error.value).endswith(
        f"own.toml: feature 'trial' has unknown keys high, low, name; known: "
        f"{', '.join(sorted(known))}"
    )


def test_a_fault_is_told_with_the_file_and_the_feature(tmp_path):
    for text, said in (
        (WHOLE.replace("[-1, 9]", "[3, 1]"), "feature 'trial': range 3.0 to 1.0 is empty"),
        (WHOLE.replace('"debts"', "3"), "feature 'trial': Expected `str`, got `int` - at `$.unit`"),
    ):
        with pytest.raises(FeatureError) as error:
            from_file(tmp_path, text)
        assert str(error.value) == f"{tmp_path / 'own.toml'}: {said}"


@pytest.mark.parametrize("given", ["[1]", "[1, 2, 3]", "'all'"])
def test_a_range_is_two_numbers(tmp_path, given):
    with pytest.raises(FeatureError, match="expected the lowest and the highest value"):
        from_file(tmp_path, WHOLE.replace("[-1, 9]", given))


@pytest.mark.parametrize("given", ["[1]", "{ a = 1 }", "[{ feature = 'a', value = 1 }, 3]"])
def test_cases_are_a_list_of_tables(tmp_path, given):
    text = "\n".join(
        f"cases = {given}" if line.startswith("cases") else line for line in WHOLE.splitlines()
    )
    with pytest.raises(FeatureError, match="expected a list of tables"):
        from_file(tmp_path, text)


@pytest.mark.parametrize("name", ["Trial", "1trial", "'tri al'", "trial-", '""'])
def test_a_name_is_of_small_letters_digits_and_underscores(tmp_path, name):
    with pytest.raises(FeatureError, match="expected a name of small letters, digits"):
        from_file(tmp_path, WHOLE.replace("[trial]", f"[{name}]"))


def test_a_feature_of_the_catalogue_is_found_by_its_name_and_added_to():
    grown = catalogue().with_features(a_feature("own_a"), a_feature("own_b"))
    assert [*grown] == [*catalogue(), "own_a", "own_b"]
    assert len(grown) == len(catalogue()) + 2
    assert grown["own_a"].name == "own_a"
