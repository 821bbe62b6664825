"""Documents: filled by facts that name their source, by people, or open; never by invention."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec
import pytest

from cases import example
from risicoscreener.errors import BundleError, GovernanceError
from risicoscreener.governance import NAMES, Answers, Known, Use, entry_of, fill, open_fields
from risicoscreener.governance.document import LEFT
from risicoscreener.screening.explanation import explain

ABOUT_SYSTEM = [name for name in NAMES if name != "explanation"]


@pytest.fixture(scope="module")
def documents(known):
    return {name: fill(name, known) for name in ABOUT_SYSTEM}


@pytest.mark.parametrize("name", ABOUT_SYSTEM)
def test_a_field_without_a_fact_and_without_an_answer_is_open(documents, name):
    for field in documents[name].fields:
        assert all(fact.source and fact.lines for fact in field.facts), field.id
        if not field.facts:
            assert field.state in ("open", "proposed"), field.id
        assert field.left == (field.state in LEFT)
        assert field.who or not field.left, f"{field.id}: nobody is asked"


@pytest.mark.parametrize("name", ABOUT_SYSTEM)
def test_what_is_counted_is_what_there_is(documents, name):
    document = documents[name]
    assert sum(document.counts().values()) == len(document.fields)
    assert len(document.left) == sum(document.counts()[state] for state in LEFT)


@pytest.mark.parametrize("name", ABOUT_SYSTEM)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_document_is_read_in_both_languages(documents, name, lang):
    document = documents[name]
    for text in (document.text(lang), document.markdown(lang)):
        assert document.title.text(lang).lower() in text.lower()
        assert "{" not in text
    frame = document.to_frame(lang)
    assert list(frame["state"]) == [field.state for field in document.fields]


@pytest.mark.parametrize("name", ABOUT_SYSTEM)
def test_plain_values_are_json(documents, name):
    plain = msgspec.json.decode(msgspec.json.encode(documents[name].to_dict()))
    assert plain["counts"] == documents[name].counts()


def test_figures_are_those_of_the_bundle(known, documents):
    model = known.bundle.model("violence_2y")
    said = documents["model_card"].field("violence_2y.performance").content("en")
    assert f"{model.performance.auc:.3f}" in said
    assert f"{model.performance.calibration_slope:.2f}" in said
    assert "violence_2y" not in documents["model_card"].field("any_2y.what").content("en")
    data = documents["model_card"].field("violence_2y.data").content("en")
    assert str(model.training.n) in data
    assert str(model.training.events) in data


def test_a_document_names_the_policies_of_its_day(known):
    then = replace(known, as_of=dt.date(2020, 6, 1))
    now, old = (fill("annex_iv", k).field("1a_purpose").content("en") for k in (known, then))
    assert "leave/2021-07-01" in now
    assert "leave/2021-07-01" not in old
    assert "leave/1999-01-01" in old


def test_what_an_exempted_policy_may_do_is_not_denied(known):
    source = "the risk score alone never denies"
    said = fill("annex_iv", known).field("2b_logic").content("en")
    assert said.count(source) == 2  # among the properties, and as a limit
    [compiled, *_] = known.in_force

    class Exempted:
        id = compiled.id
        domains = compiled.domains
        policy = msgspec.structs.replace(
            compiled.policy,
            exempt={
                "score_never_denies_alone": next(iter(known.in_force[1].policy.exempt.values()))
            },
        )

    other = replace(known)
    other.__dict__["in_force"] = (Exempted,)
    from risicoscreener.governance.facts import fact

    assert [line.en for line in fact("limits_of_score", other).lines] == [
        "what is unknown or unusable never leads to a grant"
    ]


def test_a_model_on_synthetic_data_is_still_in_development_and_a_real_one_is_asked(known):
    suggested = fill("register", known).field("status")
    assert (suggested.state, suggested.content("nl")) == ("to_complete", "In ontwikkeling")
    assert "status" not in entry_of(fill("register", known), known)
    real = msgspec.structs.replace(
        known.bundle,
        synthetic=False,
        models=tuple(msgspec.structs.replace(m, synthetic=False) for m in known.bundle.models),
    )
    field = fill("register", replace(known, bundle=real)).field("status")
    assert (field.state, field.content("nl")) == ("open", "")


OF_THE_SYSTEM_ITSELF = {
    "register": {"name", "description_short", "methods_and_models", "lang", "standard_version"},
    "system_card": {
        *("name", "description", "version", "technical_design"),
        *("version_requirements", "hardware_requirements"),
    },
    "model_card": {"what", "version", "data", "features", "sensitive", "technique", "performance"},
    "annex_iv": {"1a_version", "1c_software", "1e_hardware", "2b_logic", "3_input"},
    "fria": set(),
    "dpia": {"4_technique"},
}
"""What software, models and policies say of themselves. How an organisation works with them (who
watches, which data, what status, what is done about risks) no program knows."""


@pytest.mark.parametrize("name", OF_THE_SYSTEM_ITSELF)
def test_only_what_the_system_says_of_itself_is_filled_without_a_person(known, name):
    whole = replace(known, use=Use("r", known.as_of, known.as_of, {"leave": 1}, 1, 0, 0))
    fields = fill(name, whole).fields
    filled = {field.id.split(".")[-1] for field in fields if field.state == "filled"}
    assert filled == OF_THE_SYSTEM_ITSELF[name]


def test_how_people_intervene_is_suggested_and_does_not_go_out_until_they_say_it(known):
    for name in ("register", "system_card"):
        field = fill(name, known).field("human_intervention")
        assert (field.state, field.who) == ("to_complete", "prison")
        assert "differ" in field.content("en")
        assert "human_intervention" not in entry_of(fill(name, known), known)
    answers = Answers({"shared": {"oversight": "De directeur beslist."}})
    entry = entry_of(fill("register", known, answers), known)
    assert entry["human_intervention"] == "<p>De directeur beslist.</p>"


def test_an_answer_closes_a_field_in_every_document_that_shares_it(known):
    answers = Answers({"shared": {"organization": "Dienst Voorbeeld"}})
    for name in ("register", "system_card"):
        field = fill(name, known, answers).field("organization")
        assert (field.state, field.content("en")) == ("answered", "Dienst Voorbeeld")
    before, after = (len(open_fields(known, a).fields) for a in (Answers(), answers))
    assert before - after == 2


def test_a_proposal_goes_out_only_once_somebody_confirms_it(known):
    assert "publication_category" not in entry_of(fill("register", known), known)
    confirmed = Answers({"register": {"publication_category": "Impactvolle algoritmes"}})
    entry = entry_of(fill("register", known, confirmed), known)
    assert entry["publication_category"] == "Impactvolle algoritmes"


def test_what_facts_say_and_a_person_must_complete_does_not_go_out(known):
    document = fill("register", known)
    assert document.field("goal").state == "to_complete"
    assert document.field("lawful_basis_grouping").state == "to_complete"
    assert not {"goal", "lawful_basis_grouping"} & set(entry_of(document, known))


def test_a_document_without_a_form_of_a_standard_says_which_have_one(known):
    with pytest.raises(GovernanceError, match="expected register, system_card"):
        entry_of(fill("dpia", known), known)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (dt.date(2027, 11, 23), None),
        (dt.date(2027, 11, 24), "were to be reviewed"),
        (dt.date(2028, 6, 1), "may not be used any more"),
    ],
)
def test_a_bundle_that_warns_or_refuses_is_said_in_each_document(known, day, said):
    limited = known.bundle.with_use_until(dt.date(2028, 5, 31), on=known.as_of, by="owner")
    document = fill("dpia", replace(known, bundle=limited, as_of=day))
    warned = [w.en for w in document.warnings if w != limited.disclaimer]
    assert (said is None and not warned) or said in warned[0]


def test_a_day_before_the_models_were_made_is_said(known):
    before = replace(known, as_of=known.bundle.created - dt.timedelta(days=1))
    assert any("not in use on that day" in w.en for w in fill("dpia", before).warnings)
    assert not any("not in use" in w.en for w in fill("dpia", known).warnings)


def test_use_is_counted_from_a_record(known, tmp_path):
    from risicoscreener import Screener
    from risicoscreener.screening.record import Actor, Decision, Reason, digest_of, open_log

    screener = Screener(known.bundle, known.policies)
    with open_log(str(tmp_path / "r.db"), create=True) as log:
        for name in ("grant", "deny"):
            data = example(name)
            log.append_screening(screener.screen(data, "leave"), data, screener)
        use = Use.of(log, dt.date.max)
        assert (dict(use.screenings), use.decisions, use.deleted) == ({"leave": 2}, 0, 0)
        for outcome, reasons in (("deny", ()), ("deep_assessment", (Reason("facts_wrong"),))):
            opened = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
            log.append_decision(
                Decision(
                    screening=digest_of(screener.screen(example("deny"), "leave")),
                    decided_by=Actor("director", "DIR-00A1"),
                    prison="PI-1",
                    opened_at=opened,
                    decided_at=opened + dt.timedelta(minutes=9),
                    seconds=400.0,
                    outcome=outcome,
                    reasons=reasons,
                )
            )
        use = Use.of(log, dt.date.max)
        assert (use.decisions, use.overridden) == (2, 1)
        said = fill("fria", replace(known, use=use)).field("b_period").content("en")
        assert "leave 2" in said
        assert Use.of(log, dt.date(2000, 1, 1)).first is None


def test_the_settings_of_monitoring_are_the_plan_for_it(known):
    from cases import EXAMPLES
    from risicoscreener.monitoring import read_settings

    plan = read_settings(EXAMPLES / "monitoring" / "settings.toml")
    before, after = (
        fill("annex_iv", replace(known, monitor=given)).field("9_monitoring").content("en")
        for given in (None, plan)
    )
    assert plan.owner not in before
    assert plan.owner in after
    assert after.count("Who acts:") == len(plan.streams)
    assert "Calibration in the large" in before
    assert "(calibration, prison)" in after
    with pytest.raises(BundleError, match="no model 'other'"):
        replace(known, monitor=msgspec.structs.replace(plan, model="other"))


def test_text_that_was_typed_is_no_markup(known):
    hostile = "<script>alert(1)</script> [x](javascript:y) | *z*\n\n---\n1. own heading"
    answers = Answers({"annex_iv": {"1a_provider": hostile}})
    document = fill("annex_iv", known, answers)
    assert "<script>" not in document.markdown("en")
    assert "[x](" not in document.markdown("en")
    assert "\n---" not in document.markdown("en")
    assert "\n1. own" not in document.markdown("en")
    assert "<script>" not in document._repr_html_()


@pytest.mark.parametrize("name", ["grant", "deny", "deep_assessment"])
def test_an_explanation_is_filled_but_for_what_people_decide(known, screener, name):
    found = explain(example(name), screener=screener)
    document = fill("explanation", replace(known, explanation=found, as_of=found.result.as_of))
    assert {f.id for f in document.left} == {"deployer", "role", "decision", "contact"}
    letter = found.letter_to_person("en")
    told = document.text("en")
    for section in letter.sections:
        for line in (*section.paragraphs, *section.items):
            assert line in told


def test_an_explanation_says_nothing_that_the_letter_to_the_person_does_not(known, screener):
    found = explain(example("deny"), screener=screener)
    document = fill("explanation", replace(known, explanation=found))
    letter = found.letter_to_person("nl")
    allowed = {line for s in letter.sections for line in (*s.paragraphs, *s.items)}
    facts = [fact for field in document.fields for fact in field.facts]
    told = {line.nl for f in facts if f.name.startswith("person_") for line in f.lines}
    assert told - allowed == {
        "Geen: er wordt nu niet verleend.",
        "Het advies berust niet op een berekende kans.",
    }


def test_an_explanation_needs_a_screening(known):
    with pytest.raises(GovernanceError, match="about a screening"):
        fill("explanation", known)


def test_known_is_what_it_was_given(known):
    assert isinstance(known, Known)
    assert known.models == known.bundle.models
    assert replace(known, model=known.bundle.models[0]).models == known.bundle.models[:1]


def test_each_column_of_a_dossier_is_among_the_personal_data(known):
    from risicoscreener.dossier.schema import persons, tables
    from risicoscreener.reentry.sharing.wording import field_label

    said = fill("dpia", known).field("2_data").content("en")
    about = {"recorded_at", "fact_id", "supersedes", "void"}
    for spec in (persons(), *tables().values()):
        if spec.name != "audit":
            for name in set(spec.columns) - about:
                assert field_label(spec.name, name, "en") in said
    assert "origin" in said  # what is kept for audit alone is named, too
