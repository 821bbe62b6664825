"""The small cohorts in the repository are what their commands make, and they can be screened."""

from __future__ import annotations

import shlex

import pandas as pd
import pytest

from cases import ROOT
from risicoscreener import screen_many
from risicoscreener.cli import main
from risicoscreener.synthetic import Cohort, DataCard, verify_cohort
from risicoscreener.synthetic.storing.digest import leaves_of

DATA = ROOT / "data" / "synthetic"
FOLDERS = sorted(path for path in DATA.iterdir() if path.is_dir())
NAMES = [path.name for path in FOLDERS]


def test_the_cohorts_in_the_repository_are_small_and_known():
    assert NAMES == ["flow_2000", "sentenced_40"]
    size = sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file())
    assert size < 4_000_000


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_stored_cohort_is_what_its_card_says(folder):
    assert verify_cohort(folder).differing == ()
    assert DataCard.read(folder).name == folder.name


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_stored_cohort_is_what_its_command_makes(folder, tmp_path, monkeypatch):
    card = DataCard.read(folder)
    program, *arguments = shlex.split(card.command)
    assert program == "risicoscreener"
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 0
    made = leaves_of(Cohort.read(tmp_path / folder.name))
    stored = {table.name: table.sha256 for table in card.tables}
    assert [name for name in stored if stored[name] != made[name].sha256] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_the_page_on_a_stored_cohort_is_that_of_its_card(folder):
    assert (folder / "CARD.md").read_text("utf-8") == DataCard.read(folder).to_markdown()


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_the_readme_has_the_command_of_a_stored_cohort(folder):
    command = DataCard.read(folder).command.replace(folder.name, f"data/synthetic/{folder.name}")
    assert f"\n{command}\n" in (DATA / "README.md").read_text("utf-8")


def test_the_stored_cohort_is_screened_by_its_index():
    folder = DATA / "sentenced_40"
    index = pd.read_parquet(folder / "index.parquet")
    screened = screen_many(Cohort.read(folder).tables, "leave", index)
    assert len(screened) == 40
    assert len(set(screened.outcomes)) > 1
