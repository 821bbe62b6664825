"""An instrument file that contradicts itself is refused, and golden vectors catch the rest."""

from __future__ import annotations

from importlib.resources import files

import pytest

from risicoscreener.errors import ModelError
from risicoscreener.instruments import Instrument, golden_files, instruments, verify
from risicoscreener.instruments.golden import check_golden
from risicoscreener.instruments.kernels import KERNELS

DATA = files("risicoscreener.instruments") / "data"
SHARED = (DATA / "england_wales.toml").read_text("utf-8")
OGRS4G = (DATA / "ogrs4g" / "1.0.toml").read_text("utf-8")
OSP_DC = (DATA / "osp_dc" / "1.0.toml").read_text("utf-8")


def changed(text, old, new, count=-1):
    assert old in text
    return text.replace(old, new, count)


class TestContradictions:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('kind = "logit"', 'kind = "probit"', "not what it should be"),
            ("optional =", "optionals =", "unknown field"),
            ('"sanctions", "age_at', '"sanctoins", "age_at', "sanctoins is needed"),
            ("two_years = 5.0", "one_year = 5.0", "unknown horizon 'one_year'"),
            ('variable = "female", coefficient', 'variable = "woman", coefficient', "woman"),
            ("burglary_domestic = 0.155944202809011, ", "", "burglary_domestic"),
            ('variable = "sanctions", coefficient = -0.0042757301284995',
             'variable = "sanctions"', "give one of"),
            ("start = 75.0", "start = 45.0", "bands must ascend"),
        ],
    )  # fmt: skip
    def test_are_refused_in_words(self, old, new, said):
        with pytest.raises(ModelError, match=said):
            Instrument.from_toml(changed(OGRS4G, old, new), SHARED)

    def test_a_formula_that_was_moved_to_another_population_no_longer_agrees_with_itself(self):
        moved = changed(OGRS4G, 'population = "male"\n', 'population = "female"\n', 1)
        with pytest.raises(ModelError, match="applies to"):
            Instrument.from_toml(moved, SHARED)

    def test_populations_that_overlap_are_refused(self):
        wider = changed(SHARED, '[populations.female]\nwhen = [{ sex = "female" }]',
                        '[populations.female]\nwhen = [{ sex = ["male", "female"] }]')  # fmt: skip
        own = changed(OGRS4G, 'applies_to = [{ sex = "female" }]',
                      'applies_to = [{ sex = ["male", "female"] }]')  # fmt: skip
        with pytest.raises(ModelError, match="populations female and male overlap"):
            Instrument.from_toml(own, wider)

    def test_a_variable_computed_from_itself_is_refused(self):
        circle = changed(SHARED, 'of = ["followup_date", "conviction_date"]', 'of = ["followup"]')
        with pytest.raises(ModelError, match="followup is computed from itself"):
            Instrument.from_toml(OGRS4G, circle)

    def test_an_unknown_kernel_is_refused(self):
        with pytest.raises(ModelError, match="unknown kernel 'round_years'"):
            Instrument.from_toml(OGRS4G, changed(SHARED, '"whole_years"', '"round_years"'))

    def test_what_is_no_toml_is_refused(self):
        with pytest.raises(ModelError, match="not TOML"):
            Instrument.from_toml("id = ")

    def test_every_kernel_says_what_it_does(self):
        assert all(kernel.__doc__ for kernel in KERNELS.values())


class TestGolden:
    @pytest.mark.parametrize("instrument", instruments(), ids=lambda i: f"{i.id}-{i.version}")
    def test_every_vector_is_reproduced_and_every_formula_reached(self, instrument):
        report = verify(instrument)
        assert report.ok, str(report)

    @pytest.mark.parametrize("instrument", instruments(), ids=lambda i: f"{i.id}-{i.version}")
    def test_every_file_says_where_its_vectors_come_from(self, instrument):
        stored = golden_files(instrument)
        assert stored
        assert all(file.origin and file.cases for file in stored)

    def test_formulas_of_men_and_women_that_were_swapped_are_caught(self):
        swapped = (
            OGRS4G.replace('"male"', '"@"').replace('"female"', '"male"').replace('"@"', '"female"')
        )
        swapped = swapped.replace('variable = "male"', 'variable = "female"')
        instrument = Instrument.from_toml(swapped, SHARED)
        check = check_golden(instrument, golden_files(Instrument.load("ogrs4g", "1.0")))
        assert len(check.differences) > 100

    @pytest.mark.parametrize(
        "coefficient", ["5.01702292499072", "-0.0175014516689226", "0.0000198538471606"]
    )
    def test_a_coefficient_off_by_a_third_of_a_thousandth_is_caught(self, coefficient):
        wrong = changed(OGRS4G, coefficient, f"{float(coefficient) * 1.0003!r}")
        instrument = Instrument.from_toml(wrong, SHARED)
        check = check_golden(instrument, golden_files(Instrument.load("ogrs4g", "1.0")))
        assert check.differences

    def test_a_formula_that_no_vector_reaches_is_a_failure(self):
        instrument = Instrument.load("ogrs4g", "1.0")
        fixtures = tuple(f for f in golden_files(instrument) if "fixtures" in f.origin)
        check = check_golden(instrument, fixtures)
        assert not check.differences
        assert "the static formula for female" in check.unreached
        assert not check.ok

    def test_a_wrong_number_of_points_is_caught(self):
        wrong = Instrument.from_toml(changed(OSP_DC, "[[1, 5], [2, 10]", "[[1, 5], [2, 9]"), SHARED)
        check = check_golden(wrong, golden_files(Instrument.load("osp_dc", "1.0")))
        assert any("contact_adult_sanctions" in d for d in check.differences)

    def test_without_vectors_nothing_is_proven(self):
        assert not check_golden(Instrument.load("ogrs4g", "1.0"), ()).ok
