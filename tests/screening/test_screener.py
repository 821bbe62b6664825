"""The screener: what picks the version, what counts, and what a result says."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import jsonschema
import msgspec
import pandas as pd
import pytest

import risicoscreener as rs
from cases import EXAMPLES, KINDS, OUTCOMES, example
from risicoscreener import Screener
from risicoscreener.decision import CompiledPolicy, PolicyBook
from risicoscreener.decision.wording import cited
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.schema import EPOCH, tables
from risicoscreener.errors import BundleError, DossierError, PolicyError, RisicoscreenerError
from risicoscreener.features import Feature, catalogue
from risicoscreener.features.definition import GROUPS
from risicoscreener.features.wording import group_label
from risicoscreener.models import Bundle
from risicoscreener.models.shipped import shipped_bundle_bytes
from risicoscreener.screening import result_json_schema
from risicoscreener.screening.explanation import explain
from risicoscreener.screening.missing import _supplier
from risicoscreener.screening.result import Contribution
from risicoscreener.screening.views import PolicyView


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_three_people_have_the_three_outcomes(outcome):
    result = rs.screen((EXAMPLES / f"{outcome}.json").read_bytes(), decision="leave")
    assert result.outcome == outcome
    jsonschema.validate(result.to_dict(), result_json_schema())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OUTCOMES)
def test_every_result_fits_the_schema_and_speaks_both_languages(screener, kind, name):
    result = screener.screen(example(name), kind)
    jsonschema.validate(json.loads(result.to_json()), result_json_schema())
    dutch, english = result.text("nl"), result.text("en")
    assert dutch != english
    for text in (dutch, english, result.html("nl"), result.html("en")):
        assert "{" not in text.split("</style>")[-1]
        assert result.person_id in text
    assert "synthetisch" in dutch
    assert "synthetic" in english
    assert "Referentiebeleid" in dutch
    assert "Reference policy" in english


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_source_is_shown_with_the_remark_on_it_in_the_language_of_the_result(
    screener, kind, lang
):
    result = screener.screen(example("deep_assessment"), kind)
    text, page = result.text(lang), unescape(result.html(lang))
    unread = {"nl": "; nog te verifiëren", "en": "; to be verified"}[lang]
    for found in (result.rule, *result.requirements, *result.conditions):
        said = cited(found.source, found.remark).text(lang) + unread * found.to_verify
        assert f"{found.text.text(lang)}" in text
        assert f" [{said}]" in text
        assert f" <cite>{said}</cite>" in page
    other = "en" if lang == "nl" else "nl"
    remarks = [f.remark for f in (result.rule, *result.requirements) if f.remark]
    assert not any(remark.text(other) in text for remark in remarks)


def test_names_of_outcomes_stand_in_a_result_in_one_order_however_a_file_has_them():
    newest = PolicyBook.shipped().versions("promotion")[-1]
    order = ["deny", "deep_assessment", "grant"]
    for names in (order, order[::-1], order[1:2]):
        named = {name: newest.policy.outcomes[name] for name in names}
        view = PolicyView(CompiledPolicy(msgspec.structs.replace(newest.policy, outcomes=named)))
        assert list(view.used.outcomes) == [name for name in order if name in named]


def test_a_choice_of_the_project_is_named_as_such(screener, granted):
    newest = PolicyBook.shipped().versions("low_security")[-1]
    rule = next(r for r in PolicyView(newest).rules if r.source == "project")
    result = msgspec.structs.replace(screener.screen(granted), rule=rule)
    assert "deugdelijk dossier" in rule.remark.nl
    assert f"[keuze van het project; {rule.remark.nl}]" in result.text("nl")
    assert f"<cite>choice of the project; {rule.remark.en}</cite>" in result.html("en")


def test_the_sums_by_group_are_said_in_one_line_largest_first(screener):
    model = screener.screen(example("deep_assessment")).models[0]
    sums = {"person": 0.2, "conduct": -0.714, "debt": 0.001, "housing": 0.305}
    result = _with_model(screener, msgspec.structs.replace(model, by_group=sums))
    line = "Opgeteld per groep (log-odds): gedrag in detentie -0,71; huisvesting +0,30; persoon +0,20\n"
    assert line in result.text("nl")
    line = "Summed by group (log-odds): conduct -0.71; housing +0.30; person +0.20\n"
    assert line in result.text("en")
    assert line.strip() in result.html("en")


def test_a_contribution_says_what_it_does_to_the_probability_and_compared_with_whom(screener):
    model = screener.screen(example("deep_assessment")).models[0]
    (first, second, third, *_) = model.contributions
    added = tuple(
        Contribution(c.feature, c.group, c.value, size, c.text, c.unit)
        for c, size in ((first, -0.5), (second, 0.25), (third, 0.004))
    )
    result = _with_model(screener, msgspec.structs.replace(model, contributions=added))
    dutch, english = result.text("nl"), result.text("en")
    assert "(verlaagt de kans; -0,50 log-odds ten opzichte van gemiddeld)" in dutch
    assert "(verhoogt de kans; +0,25 log-odds ten opzichte van gemiddeld)" in dutch
    assert "(lowers the probability; -0.50 log-odds compared with average)" in english
    assert "(raises the probability; +0.25 log-odds compared with average)" in english
    assert third.text.en not in english
    assert "ten opzichte van de gemiddelde persoon in de trainingsgegevens" in dutch
    assert "relative to the average person of the training data" in english


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_group_of_features_has_a_name_and_another_one_stays_as_it_is(lang):
    names = [group_label(group, lang) for group in GROUPS]
    assert len(set(names)) == len(GROUPS)
    assert not set(names) & set(GROUPS)
    assert group_label("taxes", lang) == "taxes"


def test_without_contributions_nothing_is_said_of_an_average(screener):
    model = screener.screen(example("deep_assessment")).models[0]
    result = _with_model(screener, msgspec.structs.replace(model, contributions=(), by_group={}))
    assert "average" not in result.text("en")
    assert "Summed" not in result.text("en")


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_that_a_model_may_speak_of_someone_is_said_too(screener, lang):
    result = screener.screen(example("deep_assessment"))
    for model in result.models:
        assert model.support == "inside"
        assert f" + {model.support_text.text(lang)}\n" in result.text(lang)
        assert f'<li class="ok">{model.support_text.text(lang)}</li>' in result.html(lang)


def _with_model(screener, model):
    """A result that rests on one model that says this."""
    return msgspec.structs.replace(screener.screen(example("deep_assessment")), models=(model,))


def test_a_language_that_is_not_spoken_is_refused(screener, granted):
    with pytest.raises(RisicoscreenerError, match="expected nl or en"):
        screener.screen(granted).text("fr")


def test_what_comes_from_outside_is_escaped_in_html(screener, granted):
    hostile = msgspec.structs.replace(
        screener.screen(granted), person_id="<script>alert(1)</script>"
    )
    assert "<script>" not in hostile.html("en")


def test_the_day_picks_the_version_of_a_leave(screener, granted):
    assert screener.screen(granted, as_of="2024-04-15").policy.id == "leave/2021-07-01"
    before = screener.screen(granted, as_of="2021-06-30")
    assert before.policy.id != "leave/2021-07-01"


def test_the_judgment_picks_the_version_of_conditional_release(screener, granted):
    assert screener.screen(granted, "conditional_release").policy.id == (
        "conditional_release/2021-07-01"
    )
    for fact in granted["convictions"]:
        fact |= {"offence_on": "2014-01-01", "judged_on": "2015-01-01"}
        fact["recorded_at"] = "2015-02-01"
    granted["detentions"][0]["judged_on"] = "2015-01-01"
    old = screener.screen(granted, "conditional_release")
    assert old.policy.id != "conditional_release/2021-07-01"


def test_without_a_judgment_the_newest_version_applies_and_says_that_it_is_unknown(
    screener, granted
):
    del granted["detentions"][0]["judged_on"]
    result = screener.screen(granted, "conditional_release")
    assert result.policy.id == "conditional_release/2021-07-01"
    assert result.outcome != "grant"


def test_facts_recorded_after_the_day_of_the_picture_do_not_exist_for_it(screener):
    plain = example("deny")
    day = dt.date(2024, 2, 1)
    before = screener.screen(plain, as_of=day)
    rng = random.Random(3)
    for name in tables():
        rows = plain.get(name, [])
        plain[name] = [r for r in rows if r["recorded_at"] <= day.isoformat()]
        later = [r for r in rows if r["recorded_at"] > day.isoformat()]
        rng.shuffle(later)
        plain[name] += later[: len(later) // 2]
    assert screener.screen(plain, as_of=day) == before


def test_the_picture_changes_when_a_fact_becomes_known(screener):
    plain = example("deny")
    assert screener.screen(plain, as_of="2024-02-19").domain("conduct").level != "intolerable"
    assert screener.screen(plain, as_of="2024-02-20").domain("conduct").level == "intolerable"


def test_by_default_the_picture_is_of_the_latest_recorded_fact(screener, granted):
    result = screener.screen(granted)
    assert result.as_of == dt.date(2024, 4, 15)
    assert result.valid_until == result.as_of + dt.timedelta(days=28)


def test_victims_interests_can_turn_a_grant(screener, granted):
    granted["victims"] = [
        {
            "recorded_at": "2024-04-01",
            "known_on": "2024-04-01",
            "interest": "known",
            "protection_need": "high",
            "no_contact_asked": True,
            "area_ban_asked": True,
            "objects_to_liberty": True,
        }
    ]
    result = screener.screen(granted)
    assert result.domain("victims").level == "weighty"
    assert result.outcome != "grant"
    assert {step.domain for change in result.changes for step in change.steps}


def test_conditions_meet_what_victims_asked(screener, granted):
    granted["victims"] = [
        {
            "recorded_at": "2024-04-01",
            "known_on": "2024-04-01",
            "interest": "known",
            "protection_need": "some",
            "no_contact_asked": True,
            "area_ban_asked": False,
            "objects_to_liberty": False,
        }
    ]
    attached = {c.id for c in screener.screen(granted).conditions}
    assert "no_contact" in attached
    assert "area_ban" not in attached


def test_contributions_add_up_to_the_linear_predictor(screener, granted):
    for found in screener.screen(granted).models:
        program = screener.bundle.model(found.name).program
        total = program.reference + sum(c.contribution for c in found.contributions)
        assert total == pytest.approx(found.linear_predictor, abs=1e-9)
        by_group = sum(found.by_group.values())
        assert by_group == pytest.approx(sum(c.contribution for c in found.contributions))
        sizes = [abs(c.contribution) for c in found.contributions]
        assert sizes == sorted(sizes, reverse=True)


def test_an_expired_bundle_is_said_in_each_result(screener, granted):
    old = msgspec.structs.replace(screener.bundle, review_on=dt.date(2024, 1, 1))
    result = Screener(old, screener.policies).screen(granted)
    assert result.bundle.expired
    assert "1 januari 2024" in result.text("nl")
    assert "1 January 2024" in result.text("en")


def test_every_group_of_features_has_a_supplier():
    assert all(_supplier(group).nl and _supplier(group).en for group in GROUPS)


def test_a_bundle_fitted_with_other_definitions_is_refused(screener):
    known = dict(catalogue())
    changed = copy.copy(known["age_years"])
    object.__setattr__(changed, "cap", 40.0)
    from risicoscreener.features import Catalogue

    with pytest.raises(BundleError, match="age_years"):
        Screener(screener.bundle, screener.policies, Catalogue(known | {"age_years": changed}))


def test_a_policy_that_reads_what_is_not_there_is_refused(screener, tmp_path):
    source = next(p for p in _policy_files() if p.name == "2021-07-01.toml")
    target = tmp_path / "leave" / source.name
    target.parent.mkdir()
    text = source.read_text("utf-8").replace("is_sentenced", "is_sentensed")
    target.write_text(text, "utf-8")
    wrong = Screener.load(policies=tmp_path)
    with pytest.raises(PolicyError, match="is_sentensed"):
        wrong.screen(example("grant"))
    target.write_text(source.read_text("utf-8").replace('"violence_2y"', '"violence_9y"'), "utf-8")
    with pytest.raises(PolicyError, match="violence_9y"):
        Screener.load(policies=tmp_path).screen(example("grant"))


def _policy_files():
    from importlib.resources import files

    return sorted((files("risicoscreener.decision") / "policies" / "leave").iterdir())


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("coefficient", "golden"),
        ("hash", "sha256"),
        ("golden", "golden"),
        ("cut", "cut off"),
    ],
)
def test_a_corrupted_bundle_refuses_to_load_each_with_its_own_message(damage, said):
    from risicoscreener.models.bundle import content_hash

    envelope = json.loads(shipped_bundle_bytes())
    content = envelope["content"]
    if damage == "coefficient":
        content["models"][0]["program"]["terms"][0]["values"][0] += 0.1
    elif damage == "golden":
        content["models"][1]["golden"][3]["probability"] += 1e-6
    if damage in ("coefficient", "golden"):
        envelope["sha256"] = content_hash(content)
    if damage == "hash":
        envelope["sha256"] = "0" * 64
    data = json.dumps(envelope).encode()
    if damage == "cut":
        data = data[: len(data) // 2]
    with pytest.raises(BundleError, match=said):
        Bundle.load(data)


def test_the_messages_about_a_corrupted_bundle_differ():
    from risicoscreener.models.bundle import content_hash

    said = set()
    for part in ("terms", "golden", "hash"):
        envelope = json.loads(shipped_bundle_bytes())
        model = envelope["content"]["models"][0]
        if part == "terms":
            model["program"]["terms"][0]["values"][0] += 0.1
        elif part == "golden":
            model["golden"][0]["linear_predictor"] += 0.5
        if part != "hash":
            envelope["sha256"] = content_hash(envelope["content"])
        else:
            envelope["sha256"] = "f" * 64
        with pytest.raises(BundleError) as caught:
            Bundle.load(json.dumps(envelope).encode())
        said.add(str(caught.value))
    assert len(said) == 3


def test_many_threads_may_share_a_screener(granted):
    fresh = Screener.load()
    start = threading.Barrier(4)

    def work(_: int) -> set[bytes]:
        start.wait()
        return {fresh.screen(granted, kind).to_json() for kind in KINDS}

    with ThreadPoolExecutor(4) as pool:
        assert len({frozenset(found) for found in pool.map(work, range(4))}) == 1


def test_frames_are_validated_before_they_are_screened(screener):
    persons = pd.DataFrame({"person_id": ["a"], "birth_date": ["1990-01-01"], "sex": ["male"]})
    screened = screener.screen_many({"persons": persons}, "leave", "2024-01-01")
    assert screened.counts()["grant"] == 0
    with pytest.raises(DossierError, match="sex"):
        screener.screen_many({"persons": persons.assign(sex="neither")}, "leave", "2024-01-01")
    with pytest.raises(DossierError, match="expected dossier tables"):
        screener.screen_many(3, "leave", "2024-01-01")


def test_rows_that_were_set_apart_bar_a_grant_in_a_batch_too(screener, granted):
    sound = DossierTables.from_dossiers([rs.read_dossier(granted)])
    raw = dict(sound.tables)
    assert screener.screen_many(sound, "leave", "2024-04-15").counts()["grant"] == 1
    debts = raw["debts"].to_pandas(date_as_object=True)
    debts["amount_eur"] = -1.0
    import pyarrow as pa

    raw["debts"] = pa.Table.from_pandas(debts, preserve_index=False)
    flawed = DossierTables.from_arrow(raw, on_error="quarantine")
    screened = screener.screen_many(flawed, "leave", "2024-04-15")
    assert screened.counts()["grant"] == 0
    assert screened.to_frame()["dossier"].tolist() == ["flawed"]


@pytest.mark.parametrize("as_bytes", [False, True])
def test_what_day_it_is_is_told_to_a_screener(screener, granted, as_bytes):
    def on(year, month, day):
        said = dt.date(year, month, day)
        return Screener(screener.bundle, screener.policies, screener.definitions, lambda: said)

    source = json.dumps(granted).encode() if as_bytes else granted
    plain = screener.screen(source)
    then, before = on(2024, 4, 15), on(2024, 1, 31)
    assert plain.as_of == dt.date(2024, 4, 15)
    assert then.screen(source).to_json() == plain.to_json()
    assert on(2999, 1, 1).screen(source, as_of="2026-11-01").as_of == dt.date(2026, 11, 1)
    for late in (dt.date(2024, 4, 16), "2024-04-16"):
        for ask in (then.screen, lambda *given, **more: explain(*given, screener=then, **more)):
            with pytest.raises(DossierError, match="including today"):
                ask(source, as_of=late)
    for ask in (before.screen, lambda given: explain(given, screener=before)):
        with pytest.raises(DossierError, match="on or before 2024-01-31"):
            ask(source)
    one = DossierTables.from_dossiers([rs.read_dossier(granted)])
    frames = {name: table.to_pandas() for name, table in one.tables.items()}
    assert then.screen_many(one).as_of.tolist() == [(dt.date(2024, 4, 15) - EPOCH).days]
    for given, day, said in (
        (one, "2024-04-16", "including today"),
        (one, {"person_id": [granted["person_id"]], "as_of": ["2024-04-16"]}, "including today"),
        (frames, "2024-01-31", "on or before 2024-01-31"),
    ):
        with pytest.raises(DossierError, match=said):
            (before if given is frames else then).screen_many(
                given, "leave", pd.DataFrame(day) if isinstance(day, dict) else day
            )
    with pytest.raises(DossierError, match="last is 2024-04-16"):
        then.screen_over_days(one, last="2024-04-16")
    with pytest.raises(DossierError, match="as_of is 2024-04-16"):
        then.screen_features(pd.DataFrame(index=["case-0001"]), as_of="2024-04-16")


def test_a_screener_that_was_told_the_day_equals_one_that_was_not(screener):
    told = Screener(screener.bundle, screener.policies, screener.definitions, lambda: None)
    assert told == screener
    assert pickle.loads(pickle.dumps(screener)) is not screener  # sent to other processes


@pytest.mark.parametrize(("day", "said"), [("2999-01-01", "today"), ("1950-01-01", "birth")])
def test_an_index_day_that_cannot_be_meant_is_refused(screener, granted, day, said):
    tables_of_one = DossierTables.from_dossiers([rs.read_dossier(granted)])
    index = pd.DataFrame({"person_id": [granted["person_id"]], "as_of": [day]})
    with pytest.raises(DossierError, match=said):
        screener.screen_many(tables_of_one, "leave", index)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_results_of_a_batch_are_written_and_read_back(screener, cohort, tmp_path, suffix):
    index = cohort.truth.persons.reset_index()[["person_id", "as_of"]].head(50)
    screened = screener.screen_many(cohort.tables, "leave", index)
    path = tmp_path / f"results.{suffix}"
    screened.write(path)
    read = pd.read_csv(path) if suffix == "csv" else pd.read_parquet(path)
    assert read["outcome"].tolist() == screened.outcomes.tolist()
    with pytest.raises(DossierError, match=r"\.parquet or \.csv"):
        screened.write(tmp_path / "results.xlsx")
    with pytest.raises(IndexError):
        screened.result(50)


def test_a_users_feature_can_be_read_by_a_users_policy(tmp_path):
    added = Feature(
        name="old_enough",
        group="person",
        aggregate="age",
        text={"nl": "leeftijd", "en": "age"},
        unit="years",
        source="test",
    )
    grown = catalogue().with_features(added)
    source = next(p for p in _policy_files() if p.name == "2021-07-01.toml")
    (tmp_path / "leave").mkdir()
    text = source.read_text("utf-8").replace(
        '[{ input = "is_sentenced", min = 1 }]', '[{ input = "old_enough", min = 18 }]'
    )
    (tmp_path / "leave" / source.name).write_text(text, "utf-8")
    result = Screener.load(policies=tmp_path, definitions=grown).screen(example("grant"))
    assert result.values["old_enough"] == pytest.approx(44.9, abs=0.1)


def test_what_would_have_to_be_met_is_said_requirement_by_requirement(screener):
    result = screener.screen(example("deny"), "low_security")
    lacking = [r for r in result.requirements if r.level != "met"]
    assert lacking
    assert any(step.domain == "admissibility" for c in result.changes for step in c.steps)
    for lang in ("nl", "en"):
        changes = result.text(lang).split(lacking[0].source)[-1]
        assert all(r.text.text(lang) in changes for r in lacking)
