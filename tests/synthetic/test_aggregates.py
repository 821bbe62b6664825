"""Tables of aggregates of another country or year, and what is refused in them."""

from __future__ import annotations

import pytest

from risicoscreener.errors import DataError
from risicoscreener.synthetic.aims.aggregates import as_targets, read_aggregates
from risicoscreener.synthetic.aims.targets import target_named, targets

TABLE = """quantity,value,tolerance,source
any_2y,38,1.5,made up
female,5,,
"""


@pytest.fixture
def read(tmp_path):
    """Read a table with some content."""

    def call(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_aggregates(path)

    return call


def test_a_table_gives_targets_with_the_levers_and_units_of_the_package(read):
    first, second = read(TABLE)
    assert (first.key, first.target, first.tolerance, first.source) == (
        "any_2y",
        38.0,
        1.5,
        "made up",
    )
    assert first.fitted_by == target_named("any_2y").fitted_by
    assert first.is_gate
    assert second.tolerance == target_named("female").tolerance
    assert second.source.endswith("table.csv")


def test_the_same_table_may_be_toml_and_so_may_the_targets_of_a_scenario(read):
    plain = '[any_2y]\ntarget = 38\ntolerance = 1.5\nsource = "made up"\n[female]\ntarget = 5\n'
    nested = plain.replace("[any_2y]", "[targets.any_2y]").replace("[female]", "[targets.female]")
    for content in (plain, nested):
        found = read(content, "table.toml")
        assert [(t.key, t.target) for t in found] == [("any_2y", 38.0), ("female", 5.0)]


@pytest.mark.parametrize("content", ["\ufeff" + TABLE, TABLE.replace("\n", "\r\n"), TABLE + "\n\n"])
def test_a_table_is_read_however_a_spreadsheet_saved_it(read, content):
    assert [target.key for target in read(content)] == ["any_2y", "female"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("any_2,38", "there is no target 'any_2'; did you mean 'any_2y'"),
        (",38", "there is no target ''"),
        ("any_2y,138", "'any_2y' is 138; expected a percentage from 0 to 100"),
        ("any_2y,-1", "'any_2y' is -1; expected a percentage"),
        ("any_2y,many", "'any_2y' is 'many'; expected a percentage"),
        ("any_2y,nan", "'any_2y' is 'nan'; expected a percentage"),
        ("any_2y,", "'any_2y' is ''; expected a percentage"),
        ("stay_mean,-5", "'stay_mean' is -5; expected a number of days from zero up"),
        ("stay_mean,inf", "'stay_mean' is 'inf'; expected a number of days"),
        ("disposal_lag,-1", "a number of weeks"),
        ("auc_static,0.4", "an area under the curve from 0.5 to 1"),
        ("auc_gain,2", "a difference between areas"),
        ("debt_relative_risk,-1", "a relative risk from zero up"),
        ("trend,-130", "a difference between percentages"),
        ("conditions_per_case,0.5", "a mean number from one up"),
        ("any_2y,40\nany_2y,41", "'any_2y' is there twice"),
        ("any_2y,40\nany_1y,45", "'any_1y' is 45 and 'any_2y' is 40; expected the second not"),
        ("violence_2y,50\nany_2y,40", "violent reoffending is reoffending"),
        ("age_18_22,10\nage_23_44,30\nage_45,20", "make 60 % together; expected 100"),
        ("index_drugs,70\nindex_property,70", "make 140 % together; expected at most 100"),
    ],
)
def test_an_impossible_row_is_refused_by_its_name(read, row, said):
    with pytest.raises(DataError) as caught:
        read(f"quantity,value\n{row}\n")
    assert said in str(caught.value)
    assert "table.csv" in str(caught.value)


@pytest.mark.parametrize("tolerance", ["0", "-1", "wide", "nan"])
def test_a_tolerance_is_a_number_above_zero(read, tolerance):
    with pytest.raises(DataError, match="any_2y.*expected a number above zero"):
        read(f"quantity,value,tolerance\nany_2y,40,{tolerance}\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has the columns none; expected quantity and value"),
        ("quantity,value\n", "has no quantities"),
        ("quantity;value\nany_2y;40\n", "expected quantity and value"),
        ("quantity,value,colour\nany_2y,40,red\n", "expected quantity and value"),
        ("quantity,value,value\nany_2y,40,41\n", "expected quantity and value"),
        ("quantity\nany_2y\n", "expected quantity and value"),
        ("quantity,value\nany_2y,47,3\n", "row 2 has 3 cells; expected 2"),
        (b"quantity,value\n\xff\xfe", "is not UTF-8"),
        ('quantity,value\n"any_2y,40\n', "cannot be read as CSV"),
        (b"quantity,value\n" + b"#" * 1_000_001, "more than 1,000,000 bytes"),
    ],
)
def test_what_is_no_table_is_refused(read, content, said):
    with pytest.raises(DataError, match=said.replace("(", r"\(")):
        read(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("any_2y = 38", "'any_2y' is 38; expected a table with target"),
        ("[any_2y]\nvalue = 38", "expected a table with target"),
        ("[any_2y]\ntarget = true", "'any_2y' is True; expected a percentage"),
        ("[any_2y", "cannot be read as TOML"),
        ("targets = 3", "has no quantities"),
        ("", "has no quantities"),
    ],
)
def test_toml_of_another_form_is_refused(read, content, said):
    with pytest.raises(DataError, match=said):
        read(content, "table.toml")


def test_a_file_that_is_not_there_and_a_folder_are_said(tmp_path):
    with pytest.raises(DataError, match="nowhere.csv cannot be read: No such file"):
        read_aggregates(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="is a folder; expected a CSV or TOML file"):
        read_aggregates(tmp_path)


def test_the_targets_of_the_package_are_themselves_a_possible_table():
    rows = [{"quantity": t.key, "value": t.target, "tolerance": t.tolerance} for t in targets()]
    assert [t.target for t in as_targets(rows)] == [t.target for t in targets()]
