"""An instrument answers with score, band, every step and every objection."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument_inputs import CURRENT, any_value, complete, valid, without
from risicoscreener.errors import ModelError
from risicoscreener.instruments import Instrument, instruments

ALL = instruments()


def load(id: str) -> Instrument:
    return Instrument.load(id, "1.0")


def problems(result, kind):
    return {p.code: p.fields for p in result.problems if p.kind == kind}


class TestVariants:
    def test_the_dynamic_variant_is_scored_when_everything_is_answered(self):
        result = load("ogrs4g").score(complete("ogrs4g"))
        assert result.variant == "dynamic"

    def test_a_missing_dynamic_input_falls_back_to_static_and_is_named(self):
        result = load("ogrs4g").score(complete("ogrs4g", impulsivity=None))
        assert (result.variant, result.missing_dynamic) == ("static", ("impulsivity",))

    def test_an_unusable_dynamic_input_falls_back_too(self):
        result = load("ogrs4g").score(complete("ogrs4g", impulsivity="a bit"))
        assert result.variant == "static"
        assert problems(result, "fallback") == {"not_allowed": ("impulsivity",)}

    def test_a_missing_static_input_gives_no_score(self):
        result = load("ogrs4g").score(complete("ogrs4g", birth_date=None))
        assert result.scores == ()
        assert problems(result, "refused") == {"missing": ("birth_date",)}

    def test_the_static_variant_is_the_same_whether_dynamic_inputs_lack_one_or_all(self):
        one = load("ogrs4g").score(complete("ogrs4g", impulsivity=None))
        none = load("ogrs4g").score(
            {k: v for k, v in complete("ogrs4g").items() if k in load("ogrs4g").used["static"]}
        )
        assert one.score.probability == none.score.probability

    def test_a_composite_instrument_says_dynamic_when_its_part_is(self):
        assert load("rsr").score(complete("rsr", sanctions=9)).variant == "dynamic"


class TestObjections:
    def test_all_are_said_and_not_only_the_first(self):
        result = load("ogrs4v").score(
            complete("ogrs4v", sanctions=0, birth_date="tomorrow", sex=None)
        )
        assert {(p.code, p.fields) for p in result.problems} >= {
            ("out_of_range", ("sanctions",)),
            ("wrong_kind", ("birth_date",)),
            ("missing", ("sex",)),
        }

    def test_an_objection_says_the_field_the_value_and_what_was_expected_in_both_languages(self):
        (problem,) = load("ogrs4g").score(complete("ogrs4g", sanctions=0)).problems[:1]
        assert (problem.field, problem.value) == ("sanctions", 0)
        assert problem.text("en") == "sanctions is 0; expected: a whole number from 1 to 999"
        assert problem.text("nl") == (
            "sanctions is 0; verwacht: een geheel getal van 1 tot en met 999"
        )

    def test_an_unknown_name_is_refused_with_the_nearest_one(self):
        result = load("ogrs4g").score({**complete("ogrs4g"), "sanction": 2})
        (problem,) = [p for p in result.problems if p.code == "unknown_field"]
        assert not result.ok
        assert "sanctions" in problem.expected.en

    def test_inputs_of_a_sister_instrument_are_ignored(self):
        assert load("osp_iic").score(complete("rsr", sanctions=9)).ok

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"conviction_date": "1989-12-31"}, "conviction_after_birth"),
            ({"conviction_date": "1990-01-01"}, "conviction_after_birth"),
            ({"age_at_first_sanction": 35}, "first_sanction_not_after_conviction"),
            ({"conviction_date": "2025-04-02"}, "conviction_near_assessment"),
            ({"violent_sanctions": 3}, "violent_within_all"),
            ({"followup_date": "1990-01-01"}, "followup_after_birth"),
            ({"followup_date": "2100-01-01"}, "followup_age_below_110"),
        ],
    )
    def test_inputs_that_do_not_agree_give_no_score(self, changes, rule):
        result = load("ogrs4v").score(complete("ogrs4v", **changes))
        assert not result.ok
        assert rule in problems(result, "refused")

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"image_sanctions": 0, "contact_adult_sanctions": 0}, "some_sexual_sanction"),
            ({"sanctions": 1}, "sexual_within_all"),
            ({"sexual_offence_ever": False}, "no_sexual_sanction_without_history"),
            ({"last_sexual_offence_date": "1990-01-01"}, "sexual_offence_after_birth"),
            ({"last_sexual_offence_date": "2100-01-01"}, "sexual_offence_age_below_110"),
        ],
    )
    def test_sexual_history_must_agree_with_its_counts(self, changes, rule):
        result = load("osp_dc").score(complete("osp_dc", **changes))
        assert not result.ok
        assert rule in problems(result, "refused")

    def test_drug_use_without_an_answer_on_motivation_falls_back(self):
        result = load("ogrs4g").score(complete("ogrs4g", heroin=True, drug_motivation=None))
        assert result.variant == "static"
        assert "drug_use_needs_motivation" in problems(result, "fallback")

    def test_a_conviction_of_three_months_after_the_assessment_still_counts(self):
        assert load("ogrs4g").score(complete("ogrs4g", conviction_date="2025-04-01")).ok

    def test_an_objection_within_a_part_names_the_part_and_stops_the_whole(self):
        result = load("rsr").score(complete("rsr", sanctions=9, image_sanctions=None))
        assert not result.ok
        assert {p.part for p in result.problems if p.code == "missing"} == {"osp_dc"}


class TestOffenceCodes:
    def test_a_code_gives_the_category(self):
        by_code = complete("ogrs4g", offence_category=None, offence_code="02700")
        by_category = complete("ogrs4g", offence_category="other_offences")
        assert load("ogrs4g").score(by_code).scores == load("ogrs4g").score(by_category).scores

    @pytest.mark.parametrize("code", ["1234", "99999", "00000", 2700])
    def test_a_code_without_a_category_gives_no_score(self, code):
        inputs = complete("ogrs4g", offence_category=None, offence_code=code)
        result = load("ogrs4g").score(inputs)
        assert not result.ok
        assert "unknown_code" in problems(result, "refused")

    def test_a_code_that_contradicts_the_category_gives_no_score(self):
        result = load("ogrs4g").score(complete("ogrs4g", offence_code="02700"))
        assert not result.ok
        assert "contradicts" in problems(result, "refused")


class TestTypes:
    @pytest.mark.parametrize("missing", [None, float("nan"), pd.NaT, pd.NA, np.nan])
    def test_every_way_to_say_missing_is_missing(self, missing):
        result = load("ogrs4g").score({**complete("ogrs4g"), "sex": missing})
        assert problems(result, "refused") == {"missing": ("sex",)}

    def test_numbers_and_dates_of_numpy_and_pandas_are_understood(self):
        plain = complete("ogrs4g")
        theirs = plain | {
            "sanctions": np.float64(2.0),
            "age_at_first_sanction": np.int32(18),
            "birth_date": pd.Timestamp("1990-01-01"),
            "conviction_date": np.datetime64("2024-01-01"),
            "unemployed": np.bool_(True),
        }
        assert load("ogrs4g").score(theirs).scores == load("ogrs4g").score(plain).scores

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sanctions", "2"),
            ("sanctions", True),
            ("sanctions", 2.5),
            ("birth_date", "01-01-1990"),
            ("birth_date", 19900101),
            ("birth_date", "1990-02-30"),
            ("sex", 1),
        ],
    )
    def test_a_value_of_another_type_is_not_guessed_at(self, name, value):
        result = load("ogrs4g").score({**complete("ogrs4g"), name: value})
        assert not result.ok
        assert {p.code for p in result.problems} <= {"wrong_kind", "not_allowed"}

    def test_a_result_is_plain_data(self):
        result = load("rsr").score(complete("rsr", sanctions=9))
        assert json.loads(json.dumps(result.to_dict())) == result.to_dict()

    @pytest.mark.parametrize("lang", ["nl", "en"])
    def test_a_result_reads_as_text(self, lang):
        text = load("rsr").score(complete("rsr", sanctions=9)).text(lang)
        assert "two_years: " in text


class TestNotAnswered:
    def test_an_optional_input_without_an_answer_is_named_with_what_it_counts_as(self):
        result = load("ogrs4g").score(complete("ogrs4g"))
        heroin = next(p for p in result.problems if p.fields == ("heroin",))
        assert heroin.kind == "assumed"
        assert heroin.text("en") == "heroin was not answered and counts as no"

    def test_the_result_says_the_most_that_the_answers_could_make_of_it(self):
        instrument, inputs = load("ogrs4g"), complete("ogrs4g")
        open_ = instrument.score(inputs).score
        drugs = [n for n, s in instrument.inputs.items() if s.default is False]
        worst = instrument.score(inputs | dict.fromkeys(drugs, True)).score
        assert open_.at_most == pytest.approx(worst.probability, abs=1e-12)
        assert open_.at_most > open_.probability

    def test_nothing_is_left_open_when_everything_is_answered(self):
        instrument = load("ogrs4g")
        drugs = dict.fromkeys(
            [n for n, s in instrument.inputs.items() if s.default is False], False
        )
        result = instrument.score(complete("ogrs4g") | drugs)
        assert result.assumed == ()
        assert result.score.at_most is None

    def test_without_a_start_the_conviction_date_counts_and_is_said_to(self):
        result = load("ogrs4g").score(complete("ogrs4g", followup_date=None))
        assert "followup_date" in result.assumed
        assert (
            result.contributions
            == load("ogrs4g").score(complete("ogrs4g", followup_date="2024-01-01")).contributions
        )

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    @pytest.mark.parametrize("id", CURRENT)
    def test_an_input_taken_away_never_lowers_the_risk_unsaid(self, id, data):
        instrument = load(id)
        inputs = data.draw(valid(id))
        name = data.draw(st.sampled_from(sorted(inputs)))
        full, less = instrument.score(inputs), instrument.score(without(inputs, name))
        assert full.ok
        if less.ok and less.score.probability < full.score.probability:
            assert name in (*less.assumed, *less.missing_dynamic)


class TestArithmetic:
    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    @pytest.mark.parametrize("id", [one for one in CURRENT if one != "rsr"])
    def test_contributions_add_up_to_the_sum(self, id, data):
        result = load(id).score(data.draw(valid(id)))
        if not result.applicable:
            return
        total = sum(result.contributions.values())
        score = result.score
        wanted = {"osp_dc": score.points, "osp_iic": score.probability}.get(
            id, score.linear_predictor
        )
        assert total == pytest.approx(wanted, abs=1e-12)

    @settings(max_examples=40, deadline=None)
    @given(inputs=valid("rsr"))
    def test_the_composite_is_the_sum_of_its_parts_and_constants_up_to_its_ceiling(self, inputs):
        result = load("rsr").score(inputs)
        total = sum(result.contributions.values())
        assert result.score.percentage == pytest.approx(min(total, 99.99))
        for name, part in result.parts.items():
            assert result.contributions[name] == part.score.percentage

    def test_a_percentage_is_rounded_halves_up(self):
        from decimal import Decimal

        from risicoscreener.instruments.scoring import rounded

        assert [rounded(Decimal(x), 2) for x in ("0.005", "2.675", "1.004")] == [0.01, 2.68, 1.0]

    @pytest.mark.parametrize(
        ("percentage", "band"),
        [(49.99, "low"), (50.0, "medium"), (74.99, "medium"), (75.0, "high"), (90.0, "very_high")],
    )
    def test_a_cut_off_belongs_to_the_higher_band(self, percentage, band):
        from risicoscreener.instruments.scoring import band_of

        bands = load("ogrs4g").definition.bands
        assert band_of(bands, "two_years", {"percentage": percentage}, ()) == band

    def test_a_hundred_percent_is_reported_as_the_ceiling(self):
        from risicoscreener.instruments.scoring import percentage_of

        assert percentage_of(load("ogrs4g").definition.scale, 0.999999) == 99.99


class TestMany:
    @settings(max_examples=25, deadline=None)
    @given(data=st.data())
    @pytest.mark.parametrize("instrument", ALL, ids=lambda i: f"{i.id}-{i.version}")
    def test_a_table_gives_the_answers_of_one_row_at_a_time(self, instrument, data):
        rows = data.draw(
            st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        name: any_value(instrument, name) | st.just("?") | st.none()
                        for name in instrument.inputs
                    },
                ),
                min_size=1,
                max_size=3,
            )
        )
        frame = pd.DataFrame(rows, columns=list(instrument.inputs))
        many = instrument.score_many(frame)
        for row, found in zip(rows, many.to_dict("records"), strict=True):
            one = instrument.score(row)
            assert found["variant"] == one.variant or (one.variant is None)
            for score in one.scores:
                for measure in ("probability", "percentage", "points", "linear_predictor"):
                    wanted, got = getattr(score, measure), found[f"{measure}_{score.horizon}"]
                    assert got == wanted or (wanted is None and pd.isna(got))
                band = found[f"band_{score.horizon}"]
                assert band == score.band or (score.band is None and pd.isna(band))
            assert bool(found["refused"]) == any(p.kind == "refused" for p in one.problems)

    def test_the_index_is_kept(self):
        frame = pd.DataFrame([complete("osp_iic")], index=["a"])
        assert list(load("osp_iic").score_many(frame).index) == ["a"]

    def test_a_strange_column_is_refused_in_words(self):
        frame = pd.DataFrame([{**complete("osp_iic"), "sexx": 1}])
        with pytest.raises(ModelError, match="sexx"):
            load("osp_iic").score_many(frame)

    def test_a_whole_column_that_is_missing_is_a_fallback_in_each_row(self):
        inputs = complete("snsv")
        frame = pd.DataFrame([inputs, inputs]).assign(temper=np.nan)
        assert list(load("snsv").score_many(frame)["fallback"]) == ["missing: temper"] * 2


class TestNeverAnException:
    GARBAGE = (
        st.none()
        | st.text(max_size=5)
        | st.integers()
        | st.floats()
        | st.booleans()
        | (st.lists(st.text(max_size=3), max_size=3))
        | st.dictionaries(st.text(max_size=2), st.integers(), max_size=1)
    )

    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    @pytest.mark.parametrize("instrument", ALL, ids=lambda i: f"{i.id}-{i.version}")
    def test_garbage_is_answered_with_objections(self, instrument, data):
        inputs = {
            name: data.draw(self.GARBAGE | any_value(instrument, name))
            for name in instrument.inputs
        }
        result = instrument.score(inputs)
        assert result.ok or any(p.kind == "refused" for p in result.problems)
        assert result.text("nl")


class TestLoading:
    def test_the_latest_version_is_the_default(self):
        assert Instrument.load("rsr").version == "1.0"

    def test_an_unknown_instrument_names_those_that_there_are(self):
        with pytest.raises(ModelError, match="ogrs4g"):
            Instrument.load("ogrs5")

    def test_an_unknown_version_names_those_that_there_are(self):
        with pytest.raises(ModelError, match=r"1\.0"):
            Instrument.load("ogrs4g", "9")

    @pytest.mark.parametrize("instrument", ALL, ids=lambda i: f"{i.id}-{i.version}")
    def test_every_instrument_says_its_source_and_licence(self, instrument):
        origin = instrument.definition.origin
        assert origin.licence
        assert origin.commit or origin.published
        assert all(formula.source for formula in instrument.definition.formulas)
