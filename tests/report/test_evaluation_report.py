"""What a report says is one structure: page, tables and JSON come from it, in two languages."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import jsonschema
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from report.tables import HOSTILE, binary, report, timed
from risicoscreener.errors import EvaluationError
from risicoscreener.report import EvaluationReport
from risicoscreener.report.evaluation import About, TableError, read_about, report_json_schema
from risicoscreener.report.evaluation.data import FigureValue, ReportData
from risicoscreener.report.evaluation.wording import texts


@pytest.fixture(scope="module")
def made() -> EvaluationReport:
    return report(binary(), groups=["sex"], name="tabel.csv")


@pytest.fixture(scope="module")
def by_horizon() -> EvaluationReport:
    return report(timed(), groups=["sex"], language="en")


@pytest.fixture(scope="module")
def page(made) -> str:
    return made.to_html()


class Outline(HTMLParser):
    """Headings, ids, links, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


# -- figures ---------------------------------------------------------------------------------------


def test_the_figures_are_those_of_other_programs(made):
    frame = binary()
    table = made.tables()["discrimination-table"]
    values = dict(zip(table["measure"], table["estimate"], strict=True))
    auc = next(v for name, v in values.items() if name.startswith("AUC"))
    assert auc == pytest.approx(roc_auc_score(frame["outcome"], frame["probability"]), abs=1e-12)
    loss = brier_score_loss(frame["outcome"], frame["probability"])
    assert min(abs(v - loss) for v in values.values()) < 1e-12


def test_the_icons_are_a_thousand_people_divided_as_in_the_table(made):
    frame, bands = binary(), made.tables()["icons-table"]
    assert bands["per_1000"].sum() == 1000
    assert (bands["with_outcome"] + bands["without_outcome"] == bands["per_1000"]).all()
    low, high = made.facts.options.cut_offs
    place = np.digitize(frame["probability"], [low, high])
    exact = np.bincount(place, frame["outcome"], minlength=3) / len(frame) * 1000
    assert np.abs(bands["with_outcome"] - exact).max() < 1


def test_groups_have_the_figures_of_their_own_people(made):
    frame, table = binary(), made.tables()["groups-0-table"].set_index("group")
    part = frame[frame["sex"] == "vrouw"]
    assert table.loc["vrouw", "people"] == len(part)
    expected = part["probability"].sum() / part["outcome"].sum()
    assert table.loc["vrouw", "expected_observed"] == pytest.approx(expected, abs=1e-12)


def test_a_second_model_is_compared_on_the_rows_that_it_has():
    frame = binary()
    frame.loc[:49, "probability_old"] = np.nan
    made = report(frame)
    lead = next(s.lead for s in made.data.sections if s.name == "comparison")
    assert "350 rijen" in lead
    table = made.tables()["models-0-table"]
    rest = frame.iloc[50:]
    auc = roc_auc_score(rest["outcome"], rest["probability_old"])
    assert table["second"].iloc[0] == pytest.approx(auc, abs=1e-12)


def test_outcomes_with_a_time_are_judged_at_the_horizon(by_horizon):
    measures = {v.measure for v in figures(by_horizon.data)}
    assert {"horizon_expected_observed", "horizon_auc", "horizon_ici"} <= measures
    assert any("730 days" in text for text in by_horizon.data.summary)


def test_a_second_model_is_compared_at_the_horizon_too():
    frame = timed()
    made = report(frame.assign(probability_old=frame["probability"] ** 1.1))
    table = made.tables()["differences-0-table"]
    assert table["measure"].iloc[0] == "Verschil in AUC bij de horizon"
    assert table["estimate"].iloc[0] == pytest.approx(0, abs=1e-12)
    assert table["estimate"].iloc[1] != 0
    assert table["p_value"].iloc[1:].between(0, 1).all()


def figures(data: ReportData) -> list[FigureValue]:
    rows = [row for table in data.tables().values() for row in table.rows]
    found = [value for row in rows for value in row if isinstance(value, FigureValue)]
    return found + [figure for verdict in data.verdicts for figure in verdict.figures]


def test_rows_of_one_person_are_not_taken_for_independent():
    frame = binary()
    twice = pd.concat([frame, frame], ignore_index=True)
    found = report(twice).facts.performance.auc
    single = report(frame).facts.performance.auc
    assert found.value == pytest.approx(single.value, abs=1e-12)
    assert found.high - found.low == pytest.approx(single.high - single.low, rel=0.02)


def test_prisons_are_summarised_with_what_to_expect_of_another():
    frame = binary(600).assign(prison=lambda f: np.arange(len(f)) % 4)
    table = report(frame).tables()["prisons-table"]
    assert table["prisons"].tolist() == [4, 4, 4]
    assert (table["next_prison_low"] < table["mean_of_prisons_low"]).all()
    assert (table["next_prison_high"] > table["mean_of_prisons_high"]).all()


def test_unknown_outcomes_leave_bounds_that_hold_what_they_can_be():
    frame = binary(300)
    truth = frame["outcome"].mean()
    frame["outcome"] = frame["outcome"].where(frame["probability"] < 0.6)
    table = report(frame).tables()["bounds-table"].set_index("measure")
    low, high = table["possible_low"].iloc[0], table["possible_high"].iloc[0]
    assert low <= truth <= high
    assert high - low == pytest.approx(frame["outcome"].isna().mean(), abs=1e-12)


def test_an_outcome_of_somebody_who_was_refused_is_pointed_out():
    frame = binary(100).assign(decision=["deny"] * 10 + ["grant"] * 90)
    blocks = next(s.blocks for s in report(frame).data.sections if s.name == "missing")
    said = [b.text for b in blocks if getattr(b, "role", "") == "warning"]
    assert any(text.startswith("Bij 10 afgewezen rijen") for text in said)


# -- answers ---------------------------------------------------------------------------------------


def test_every_question_has_an_answer_with_its_rule_and_source(made):
    questions = texts("criteria.toml")["questions"]
    assert [v.question for v in made.data.verdicts] == list(questions)
    assert all(v.criterion and v.source and v.word and v.symbol for v in made.data.verdicts)


def test_levels_differ_in_word_and_symbol_and_not_in_colour_alone():
    from risicoscreener.report.evaluation.judging import SYMBOLS

    words = texts("words.toml")["level"]
    assert len(set(SYMBOLS.values())) == 4
    for lang in ("nl", "en"):
        assert len({word[lang] for word in words.values()}) == 4


@pytest.mark.parametrize(("factor", "level"), [(1.0, "good"), (0.5, "problem")])
def test_probabilities_that_are_right_pass_and_halved_ones_do_not(factor, level):
    rng = np.random.default_rng(5)
    truth = rng.beta(2, 3, 8000)
    frame = pd.DataFrame(
        {"probability": factor * truth, "outcome": (rng.random(8000) < truth).astype(int)}
    )
    answers = {v.question: v.level for v in report(frame).data.verdicts}
    assert answers["average"] == answers["levels"] == level
    assert answers["enough"] == answers["ranking"] == "good"


def test_a_group_that_is_wrong_is_named():
    rng = np.random.default_rng(6)
    truth, sex = rng.beta(2, 3, 4000), rng.choice(["man", "vrouw"], 4000)
    p = np.where(sex == "vrouw", truth / 2, truth)
    frame = pd.DataFrame({"probability": p, "outcome": rng.random(4000) < truth, "sex": sex})
    found = {v.question: v for v in report(frame, groups=["sex"]).data.verdicts}["groups"]
    assert found.level == "problem"
    assert "sex: vrouw" in found.sentence
    assert "sex: man" not in found.sentence


def test_each_answer_that_is_not_in_order_has_a_next_step_and_unsure_ones_share_one():
    data = report(binary(60)).data
    steps = next(s for s in data.sections if s.name == "next").blocks[0].items
    wrong = [v for v in data.verdicts if v.level == "problem"]
    unsure = [v for v in data.verdicts if v.level == "uncertain"]
    assert len(wrong) >= 1
    assert len(unsure) >= 1
    words = texts("chapters.toml")["next"]
    assert all(words[v.question]["nl"] in steps for v in wrong)
    assert not any(words[v.question]["nl"] in steps for v in unsure)
    assert sum(all(v.title in step for v in unsure) for step in steps) == 1


# -- one structure ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["made", "by_horizon"])
def test_the_json_fits_the_published_schema(name, request):
    plain = json.loads(request.getfixturevalue(name).to_json())
    schema = report_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(plain, schema)


def test_numbers_are_the_same_in_both_languages(made):
    other = made.in_language("en")
    assert other.facts is made.facts
    nl, en = figures(made.data), figures(other.data)
    assert [(f.measure, f.value, f.low, f.high) for f in nl] == [
        (f.measure, f.value, f.low, f.high) for f in en
    ]
    assert list(made.data.tables()) == list(other.data.tables())
    assert [v.level for v in made.data.verdicts] == [v.level for v in other.data.verdicts]


def test_no_text_is_left_in_the_other_language(made, page):
    nl, en = Outline(page).text, Outline(made.in_language("en").to_html()).text
    assert not re.findall(r"\b(the|with|people|probability)\b", without_sources(nl))
    assert not re.findall(r"\b(de|het|van|met|mensen|kans)\b", en)


def without_sources(text: str) -> str:
    """Column names and titles of papers keep their language."""
    return re.sub(r"probability(_old)?|[A-Z][^\n]*\(\d{4}\)[^\n]*", "", text)


def test_every_text_of_the_report_is_there_in_both_languages():
    for file in ("words.toml", "chapters.toml"):
        for section in texts(file).values():
            assert all(set(text) == {"nl", "en"} for text in section.values())
            for text in section.values():
                assert (
                    re.findall(r"{\w+}", text["nl"]).sort()
                    == re.findall(r"{\w+}", text["en"]).sort()
                )


def test_tables_of_pictures_and_others_can_be_written(made, tmp_path):
    written = made.save_tables(tmp_path / "tables")
    assert {p.stem for p in written} == set(made.data.tables())
    read = pd.read_csv(tmp_path / "tables" / "calibration-table.csv")
    assert {"estimate", "estimate_low", "estimate_high"} <= set(read.columns)


def test_each_picture_has_words_and_a_table_with_its_numbers(made):
    pictures = [b for s in made.data.sections for b in s.blocks if hasattr(b, "description")]
    assert len(pictures) >= 6
    assert all(len(p.description) > 40 and p.table.rows for p in pictures)


def test_the_same_table_seed_and_date_give_the_same_bytes():
    frame = binary(150).drop(columns=["prison", "probability_old"])
    pages = [report(frame, groups=["sex"], seed=4).to_html() for _ in range(2)]
    assert pages[0] == pages[1]


def test_another_seed_moves_intervals_and_no_values():
    drawn = {"ici_by_chance"}  # what chance alone gives is drawn too
    one, other = (
        [f for f in figures(report(binary(150), seed=s).data) if f.measure not in drawn]
        for s in (1, 2)
    )
    assert [f.value for f in one] == [f.value for f in other]
    assert [f.low for f in one] != [f.low for f in other]


def test_the_origin_names_table_digest_seed_date_and_versions(made):
    origin = made.data.origin
    assert (origin.table, origin.seed, origin.made_on) == ("tabel.csv", 0, "2026-11-29")
    assert len(origin.sha256) == 64
    assert {"risicoscreener", "numpy", "scipy"} <= set(origin.versions)


# -- page ------------------------------------------------------------------------------------------


def test_the_page_has_no_script_and_asks_nothing_of_the_network(page):
    outline = Outline(page)
    assert not outline.all("script")
    assert not [a for _, a in outline.tags for name in a if name.startswith("on")]
    policy = next(a for a in outline.all("meta") if a.get("http-equiv"))
    assert "default-src 'none'" in policy["content"]
    links = [a.get("href") or a.get("xlink:href") or a.get("src") for _, a in outline.tags]
    assert all(link.startswith("#") for link in links if link)
    addresses = set(re.findall(r"https?://[^\"'\s<]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_headings_are_in_order_and_ids_are_unique(page):
    outline = Outline(page)
    ranks = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert ranks[0] == 1
    assert ranks.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(ranks))
    ids = [a["id"] for _, a in outline.tags if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for a in outline.all("a")}
    assert targets <= set(ids)


def test_every_table_has_a_caption_and_scopes(page):
    outline = Outline(page)
    assert len(outline.all("caption")) == len(outline.all("table"))
    assert all(a.get("scope") in ("col", "row") for a in outline.all("th"))


def test_names_with_markup_show_as_text():
    frame = binary().rename(columns={"sex": HOSTILE, "probability_old": f"probability_{HOSTILE}"})
    frame.loc[:99, HOSTILE] = '"><img src=x onerror=alert(1)>'
    frame.loc[100:199, HOSTILE] = "$\\frac{1}{0}$ & -->"
    about = {"title": HOSTILE, "model": HOSTILE, "outcome": "{0} ${x} {{ 7*7 }}"}
    made = report(frame, groups=[HOSTILE], about=about, name=HOSTILE)
    page = made.to_html()
    outline = Outline(page)
    assert not outline.all("script")
    assert not outline.all("img")
    assert HOSTILE in outline.text
    assert "{0} ${x} {{ 7*7 }}" in outline.text
    assert HOSTILE not in page
    assert "<script" not in made._repr_html_()


@pytest.mark.parametrize(
    "name",
    ["x" * 300, "a\nb\tc", "\x00\x0b\x1b[31m", "👩🏽‍🚀 مرحبا 你好", "-->]]>", "\ud800", "$x_{$"],
)
def test_any_name_of_a_group_can_be_shown_and_drawn(name):
    frame = binary(120).drop(columns=["prison", "probability_old"]).replace({"sex": {"man": name}})
    page = report(frame, groups=["sex"]).to_html()
    page.encode("utf-8")
    assert not set(page) & {chr(code) for code in range(32) if chr(code) not in "\n\t"}


def test_cells_that_a_spreadsheet_would_compute_are_made_texts(tmp_path):
    frame = binary().replace({"sex": {"man": "=1+1"}})
    made = report(frame, groups=["sex"])
    made.save_tables(tmp_path)
    assert "\n'=1+1," in (tmp_path / "groups-0-table.csv").read_text("utf-8")


def test_a_notebook_shows_the_page_in_a_frame_of_its_own():
    shown = report(binary(60))._repr_html_()
    assert shown.startswith("<iframe title=")
    assert 'sandbox=""' in shown


# -- checklists ------------------------------------------------------------------------------------


def test_checklists_have_the_items_of_the_published_lists():
    tripod = [item["number"] for item in texts("tripod_ai.toml")["items"]]
    assert len(tripod) == 52
    assert sorted({int(re.sub(r"\D", "", n)) for n in tripod}) == list(range(1, 28))
    probast = [item["number"] for item in texts("probast_ai.toml")["items"]]
    assert len(probast) == 18
    assert [sum(n.startswith(f"{d}.") for n in probast) for d in (1, 2, 3, 4)] == [3, 4, 4, 7]


def test_items_name_facts_and_chapters_that_exist(made):
    chapters = {s.name for s in made.data.sections} | {"summary"}
    for file in ("tripod_ai.toml", "probast_ai.toml"):
        for item in texts(file)["items"]:
            assert item.get("fact", "title") in About.__struct_fields__
            assert item.get("section", "summary") in chapters


def test_a_fact_that_is_given_fills_its_item_and_others_stay_open():
    made = report(binary(100), about={"ethics": "commissie 12"})
    table = made.tables()["tripod-table"].set_index("item")
    assert table.loc["17", "state"] == "ingevuld"
    assert table.loc["17", "where"] == "commissie 12"
    assert table.loc["18a", "state"] == "open"


def test_judged_on_its_own_people_is_answered_with_no():
    made = report(binary(100), about=About(evaluation="apparent"))
    table = made.tables()["probast-table"].set_index("item")
    assert table.loc["4.1", "state"] == "nee"


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", [{"cut_offs": (0.5, 0.2)}, {"cut_offs": (0, 0.5)}, {"replicates": 5}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(EvaluationError):
        report(binary(50), **options)


def test_a_frame_that_cannot_be_used_is_refused():
    with pytest.raises(TableError, match="probability"):
        report(binary(50).assign(probability=2.0))


def test_facts_in_a_file_are_read_strictly(tmp_path):
    path = tmp_path / "about.toml"
    path.write_text('outcome = "terug binnen twee jaar"\n', "utf-8")
    assert read_about(path).outcome == "terug binnen twee jaar"
    path.write_text('uitkomst = "x"\n', "utf-8")
    with pytest.raises(EvaluationError, match="known fields"):
        read_about(path)
