"""A cohort in a folder has a card, which says what it is and proves what it holds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import risicoscreener
import risicoscreener.synthetic
from risicoscreener.errors import DataError, DossierError
from risicoscreener.synthetic import (
    DataCard,
    Scenario,
    cohort,
    simulate,
    verify_cohort,
    write_cohort,
)
from risicoscreener.synthetic.aims.estimates import Estimate
from risicoscreener.synthetic.aims.targets import target_named, targets
from risicoscreener.synthetic.cohort import BLOCK_SIZE
from risicoscreener.synthetic.storing import attained as module_of_attained
from risicoscreener.synthetic.storing import storage
from risicoscreener.synthetic.storing.attained import MOST_MEASURED, attained
from risicoscreener.synthetic.storing.digest import digest_of, leaves_of

N = BLOCK_SIZE + 150


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("once") / "people"
    return folder, write_cohort(folder, 150, seed=3, population="sentenced")


@pytest.fixture(scope="module")
def in_parts_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts") / "people"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cohort, "PART_SIZE", BLOCK_SIZE)
        patch.setattr(storage, "PART_BLOCKS", 1)
        write_cohort(folder, N, seed=3)
    return folder


@pytest.fixture(params=["one file", "parts"])
def folder(request, once, in_parts_once, tmp_path):
    source = once[0] if request.param == "one file" else in_parts_once
    return shutil.copytree(source, tmp_path / "people")


def last_file(path):
    return sorted(path.iterdir())[-1] if path.is_dir() else path


def changed(path, change):
    """A table rewritten with something changed in the last part of it."""
    file = last_file(path)
    pq.write_table(change(pq.read_table(file)), file)


def test_a_cohort_is_what_its_card_says(folder):
    check = verify_cohort(folder)
    assert check.ok
    assert "the content is what the card says" in str(check)


def test_the_digest_of_parts_is_that_of_the_cohort_drawn_at_once(in_parts_once):
    tables = {name: leaves.sha256 for name, leaves in leaves_of(simulate(N, seed=3)).items()}
    card = DataCard.read(in_parts_once)
    assert {table.name: table.sha256 for table in card.tables} == tables
    assert card.sha256 == digest_of(tables)


def test_rows_are_counted_over_all_parts(in_parts_once):
    made = simulate(N, seed=3)
    rows = {table.name: table.rows for table in DataCard.read(in_parts_once).tables}
    assert rows["dossiers/conduct"] == made.tables.tables["conduct"].num_rows
    assert rows["truth/persons"] == N


def test_files_that_another_program_wrote_again_are_still_what_the_card_says(folder):
    for name in ("dossiers/debts", "truth/persons", "index"):
        file = last_file(folder / f"{name}.parquet")
        pq.write_table(pq.read_table(file), file, compression="zstd", row_group_size=37)
    assert verify_cohort(folder).ok


def test_a_changed_amount_is_found_in_its_table(folder):
    def dearer(table):
        amounts = table["amount_eur"].to_pylist()
        place = table.column_names.index("amount_eur")
        return table.set_column(place, "amount_eur", [[amounts[0] + 0.01, *amounts[1:]]])

    changed(folder / "dossiers" / "debts.parquet", dearer)
    check = verify_cohort(folder)
    assert check.differing == ("dossiers/debts",)
    assert "not what the card says: dossiers/debts" in str(check)


def test_a_lost_row_is_found_in_its_table(folder):
    changed(folder / "dossiers" / "conduct.parquet", lambda table: table[:-1])
    assert verify_cohort(folder).differing == ("dossiers/conduct",)


@pytest.mark.parametrize("table", ["persons", "interventions"])
def test_a_changed_truth_is_found_in_its_table(folder, table):
    file = last_file(folder / "truth" / f"{table}.parquet")
    frame = pd.read_parquet(file)
    name = next(name for name in frame if name.startswith("any_2y"))
    frame[name] = 1 - frame[name]
    frame.to_parquet(file)
    assert verify_cohort(folder).differing == (f"truth/{table}",)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table[:-1],
        lambda table: table.take(np.arange(len(table))[::-1]),
    ],
    ids=["a row less", "turned round"],
)
def test_an_index_that_is_not_on_the_people_is_found(folder, change):
    changed(folder / "index.parquet", change)
    assert verify_cohort(folder).differing == ("index",)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop_columns("as_of"),
        lambda table: table.set_column(
            table.column_names.index("as_of"), "as_of", pa.array(["no day"] * len(table))
        ),
    ],
    ids=["a column less", "no days"],
)
def test_an_index_with_other_columns_is_found(folder, change):
    changed(folder / "index.parquet", change)
    if (folder / "index.parquet").is_dir():  # of one part, which does not fit the others
        with pytest.raises(DataError, match="index of the cohort"):
            verify_cohort(folder)
    else:
        assert verify_cohort(folder).differing == ("index",)


def test_an_index_that_is_lost_is_said(folder):
    shutil.move(folder / "index.parquet", folder / "elsewhere")
    with pytest.raises(DataError, match="index of the cohort"):
        verify_cohort(folder)


def test_a_card_that_does_not_agree_with_itself_is_found(folder):
    content = json.loads((folder / "card.json").read_text())
    content["sha256"] = "0" * 64
    (folder / "card.json").write_text(json.dumps(content))
    assert verify_cohort(folder).differing == ("card",)


def test_a_table_that_is_no_longer_sound_is_refused(folder):
    def before_birth(table):
        place = table.column_names.index("recorded_at")
        days = [dt.date(1901, 1, 1)] * len(table)
        return table.set_column(place, "recorded_at", [days])

    changed(folder / "dossiers" / "debts.parquet", before_birth)
    with pytest.raises(DossierError, match="debts"):
        verify_cohort(folder)


def test_a_card_is_read_as_it_was_written(once):
    folder, card = once
    assert DataCard.read(folder) == card


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[: len(text) // 2], "cannot be read as the card of a cohort"),
        (lambda text: text.replace('"n": 150', '"n": "many"'), "Expected `int`, got `str`"),
        (lambda text: text.replace('"n": 150', '"n": 150, "n": 151'), "'n' twice"),
        (lambda text: text.replace('"n": 150', '"n": 150, "made_by": "x"'), "made_by"),
        (lambda text: text.replace('"format_version": 1', '"format_version": 9'), "version 9"),
    ],
    ids=["cut off", "no number", "twice", "unknown", "version"],
)
def test_what_is_no_card_is_refused(once, tmp_path, spoil, said):
    text = (once[0] / "card.json").read_text()
    assert spoil(text) != text
    (tmp_path / "card.json").write_text(spoil(text))
    with pytest.raises(DataError, match=re.escape(said)):
        DataCard.read(tmp_path)


def test_a_folder_without_a_card_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"card\.json cannot be read.*No such file"):
        DataCard.read(tmp_path)


def test_the_card_says_how_the_cohort_was_made(once):
    _, card = once
    assert (card.name, card.n, card.seed, card.population) == ("people", 150, 3, "sentenced")
    assert card.library_version == risicoscreener.__version__
    assert card.numpy_version == np.__version__
    as_of = simulate(150, seed=3, population="sentenced").truth.persons["as_of"]
    assert card.index_days == (as_of.min().date(), as_of.max().date())
    assert card.command == (
        "risicoscreener synth make -n 150 --seed 3 --population sentenced --out people"
    )


def test_with_changed_parameters_the_card_has_a_line_of_python_that_makes_it_again(
    tmp_path, monkeypatch
):
    share = np.float32(0.5)
    changes = {"calendar.extracted_on": dt.date(2024, 6, 30), "people.female_share": share}
    card = write_cohort(tmp_path / "one" / "people", 40, changes=changes)
    assert card.registers_read_on == dt.date(2024, 6, 30)
    assert card.changes == {"calendar.extracted_on": "2024-06-30", "people.female_share": 0.5}
    assert DataCard.read(tmp_path / "one" / "people") == card
    monkeypatch.chdir(tmp_path)
    again = eval(card.command, {"risicoscreener": risicoscreener, "datetime": dt})
    assert again == card


def test_the_card_of_a_scenario_says_what_changes_and_names_it_in_its_command(tmp_path):
    women = Scenario.load("women")
    card = write_cohort(tmp_path / "people", 40, scenario=women)
    assert (card.scenario, card.population) == ("women", women.population)
    assert card.command == "risicoscreener synth make -n 40 --seed 1 --scenario women --out people"
    assert card.changes == women.changes
    assert f"| scenario | `women`: {women.description.en} |" in card.to_markdown()
    assert DataCard.read(tmp_path / "people") == card


def test_the_command_of_a_scenario_of_ones_own_names_its_file(tmp_path):
    mine = dataclasses.replace(Scenario.load("women"), id="mine")
    card = write_cohort(tmp_path / "people", 40, scenario=mine)
    assert "--scenario mine.toml" in card.command


def test_changes_beside_a_scenario_are_in_the_line_that_makes_the_cohort_again(
    tmp_path, monkeypatch
):
    changes = {"people.female_share": 0.5}
    biased = Scenario.load("label_bias_150")
    card = write_cohort(tmp_path / "one" / "people", 40, scenario=biased, changes=changes)
    assert card.changes == {**biased.changes, **changes}
    monkeypatch.chdir(tmp_path)
    again = eval(card.command, {"risicoscreener": risicoscreener})
    assert again == card


def test_every_field_has_a_meaning(once):
    assert not [(t.name, f.name) for t in once[1].tables for f in t.fields if not f.meaning]


def test_the_meaning_of_a_field_names_its_outcome_and_its_horizon(once):
    persons = next(table for table in once[1].tables if table.name == "truth/persons")
    found = {field.name: field for field in persons.fields}
    chance = found["probability_violence_5y"]
    assert chance.meaning.startswith("true probability of a case of violence within five years")
    assert (chance.kind, chance.unit) == ("number", "0 to 1")
    assert found["as_of"].kind == "day"
    assert found["years_to_any"].unit == "years"


def test_fields_of_dossiers_are_described_by_the_schema(once):
    debts = next(table for table in once[1].tables if table.name == "dossiers/debts")
    found = {field.name: field for field in debts.fields}
    assert found["person_id"].kind == "text"
    assert found["amount_eur"].unit == "EUR"
    assert "from 0 to 100,000,000" in found["amount_eur"].meaning
    assert (found["kind"].kind, found["kind"].unit) == ("code", "")
    assert "a code of `debt_kind`" in found["kind"].meaning
    assert "known from `arranged_on`" in found["arrangement"].meaning


@pytest.fixture(scope="module")
def with_targets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("targets") / "people"
    return folder, write_cohort(folder, 300, seed=3, with_targets=True)


def test_the_card_says_what_the_cohort_reaches_of_each_target(with_targets):
    folder, card = with_targets
    assert DataCard.read(folder) == card
    assert card.attained.n == 300
    rows = {one.quantity: one for one in card.attained.targets}
    assert list(rows) == [target.quantity for target in targets()]
    people = simulate(300, seed=3).tables.to_pandas("persons")
    women = rows[target_named("female").quantity]
    assert women.reached == f"{100 * (people['sex'] == 'female').mean():.1f}"
    assert rows[target_named("trend").quantity].reached is None


@pytest.mark.parametrize(
    ("errors_beyond", "met"), [(0.0, True), (2.9, True), (3.1, False), (float("nan"), None)]
)
def test_a_target_is_met_within_its_tolerance_and_the_error_of_a_small_cohort(
    monkeypatch, errors_beyond, met
):
    female = target_named("female")
    value = female.target + female.tolerance + errors_beyond * 0.5
    found = {"female": Estimate(value, 0.5, "binomial", 300)}
    monkeypatch.setattr(module_of_attained, "reach", lambda *_, **__: found)
    rows = {one.quantity: one for one in attained(300, seed=1, population="flow").targets}
    assert rows[female.quantity].is_within is met


def test_no_more_people_are_measured_than_a_card_needs(monkeypatch):
    asked = []
    monkeypatch.setattr(module_of_attained, "reach", lambda n, **_: asked.append(n) or {})
    assert attained(MOST_MEASURED + 1, seed=1, population="flow").n == MOST_MEASURED
    assert asked == [MOST_MEASURED]


def test_the_page_shows_targets_with_their_marks(with_targets):
    page = (with_targets[0] / "CARD.md").read_text()
    assert "first 300 people" in page
    women = with_targets[1].attained.targets[0]
    assert f"| women | C | 6 % | 1 | {women.reached} | {women.error} | yes |" in page
    trend = target_named("trend")
    assert f"| {trend.quantity} | C | {trend.target:g} points |" in page
    assert "|  |  | not shown |" in page


def test_published_figures_of_all_releases_are_not_held_against_others(tmp_path):
    card = write_cohort(tmp_path / "people", 40, population="sentenced", with_targets=True)
    assert card.attained is None
    assert "## Targets" not in card.to_markdown()


def test_the_page_says_what_a_cohort_is_not_and_why_nobody_real_is_in_it(once):
    page = (once[0] / "CARD.md").read_text()
    assert "Not evidence about the Netherlands" in page
    assert "No personal data went in" in page
    assert once[1].sha256 in page
    for table in once[1].tables:
        assert f"### {table.name}\n" in page
