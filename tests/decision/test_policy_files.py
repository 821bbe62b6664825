"""A policy file is read strictly; an error names the file, the place and what was expected."""

from __future__ import annotations

import pickle
import re
from importlib.resources import files

import msgspec
import pytest
from msgspec.structs import replace

from decision.golden_cases import SHIPPED
from risicoscreener.decision import CompiledPolicy, Policy
from risicoscreener.decision.wording import cited
from risicoscreener.errors import PolicyError
from risicoscreener.features import catalogue
from risicoscreener.texts import Texts

TEXT = (files("risicoscreener.decision") / "policies" / "leave" / "2021-07-01.toml").read_text(
    "utf-8"
)

FLAWED = 'id = "dossier_is_sound"\nwhen = { dossier = ["flawed"] }'
REASON = 'reason = { nl = "een proef", en = "a trial" }\nsource = "a trial"\n'
NO_SOURCE = REASON.replace('source = "a trial"', 'source = " "')


def refused(old: str, new: str) -> str:
    """The message on a file in which a piece of text is another."""
    assert old in TEXT
    with pytest.raises(PolicyError) as caught:
        Policy.from_toml(TEXT.replace(old, new, 1), "leave/2021-07-01.toml")
    message = str(caught.value)
    assert message.startswith("leave/2021-07-01.toml")
    return message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "leave"', "kind = leave", "is not TOML"),
        ('kind = "leave"', 'kind = "leave"\nmood = 1', "unknown field `mood`"),
        ('kind = "leave"\n', "", "missing required field `kind`"),
        ('kind = "leave"', 'kind = "no leave"', "kind: 'no leave'; expected a name"),
        ('id = "not_admissible"', 'id = "not admissible"', "'not admissible'; expected letters, digits"),
        ("validity_days = 28", "validity_days = 0", "validity_days: 0; expected at least 1"),
        ("validity_days = 28", "validity_days = 2.5", "Expected `int`, got `float` - at `$.validity_days`"),
        ("valid_from = 2021-07-01", 'valid_from = "soon"', "at `$.valid_from`"),
        (
            "valid_from = 2021-07-01",
            "valid_from = 2021-07-01\nvalid_until = 2021-06-01",
            "valid_until: 2021-06-01; expected 2021-07-01 or later",
        ),
        ('date_basis = "decision"', 'date_basis = "mood"', "Invalid enum value 'mood' - at `$.date_basis`"),
        ("cuts = [0.05, 0.15]", "cuts = [0.15, 0.05]", "'leave_failure': cuts [0.15, 0.05]; expected ascending"),
        ("cuts = [0.05, 0.15]", "cuts = [0.05, 0.05]", "expected ascending cuts"),
        ("cuts = [0.05, 0.15]", "cuts = [0.05, 1.5]", "expected probabilities between 0 and 1"),
        ("cuts = [0.05, 0.15]", "cuts = [0.05, 1.0]", "expected probabilities between 0 and 1"),
        ("cuts = [0.05, 0.15]", "cuts = [0.0, 0.15]", "expected probabilities between 0 and 1"),
        ("cuts = [0.05, 0.15]", "cuts = [0.05, nan]", "expected probabilities between 0 and 1"),
        ("cuts = [0.10, 0.25]", "cuts = [0.10]", "'violence_2y': 1 cuts; expected 2 as in the first model"),
        ("cuts = [0.05, 0.15]", "cuts = []", "0 cuts; expected 1 or 2 or 3 cuts"),
        ('model = "violence_2y"', 'model = "leave_failure"', "models: 'leave_failure' twice"),
        (
            'all = [{ input = "is_sentenced", min = 1 }]',
            "",
            "requirements 'sentenced': both or neither of all and any; expected exactly one",
        ),
        (
            'all = [{ input = "is_sentenced", min = 1 }]',
            'all = [{ input = "is_sentenced", min = 1 }]\nany = [{ input = "is_sentenced", min = 1 }]',
            "expected exactly one of all and any",
        ),
        ('all = [{ input = "is_sentenced", min = 1 }]', "all = []", "tests: nothing; expected at least one"),
        ('{ input = "is_sentenced", min = 1 }', "{ min = 1 }", "missing required field `input`"),
        ('{ input = "is_sentenced", min = 1 }', '{ input = "", min = 1 }', "no input; expected the name"),
        ('{ input = "is_sentenced", min = 1 }', '{ input = "is_sentenced" }', "no finite min or max"),
        ('{ input = "is_sentenced", min = 1 }', '{ input = "is_sentenced", min = inf }', "no finite min or max"),
        (
            '{ input = "is_sentenced", min = 1 }',
            '{ input = "is_sentenced", min = 1, max = 0 }',
            "test of 'is_sentenced': min 1.0 above max 0.0; expected min at most max",
        ),
        ('{ input = "is_sentenced", min = 1 }', '{ input = "is_sentenced", mni = 1 }', "unknown field `mni`"),
        ('id = "plan_goal"', 'id = "sentenced"', "requirements: 'sentenced' twice"),
        ('id = "sentenced"', 'id = "is he sentenced"', "expected letters, digits and underscores"),
        ('source = "Rtvi art. 15 (Stcrt. 2021-28357)"', 'source = " "', "no source; expected the article"),
        (
            'source = "Rtvi art. 15 (Stcrt. 2021-28357)"',
            'source = "Rtvi art. 15; ; project"',
            "requirements 'plan_goal': a gap in source 'Rtvi art. 15; ; project'; expected the article",
        ),
        ("remark = { nl", 'remark = { de = "x", nl', "unknown field `de` - at `$.models[0].remark`"),
        ('remark = { nl = "grenswaarden van een referentiebeleid", en', "remark = { en", "missing required field `nl`"),
        (
            'remark = { nl = "grenswaarden van een referentiebeleid"',
            'remark = { nl = " "',
            "models 'leave_failure': remark without nl; expected a text, or no remark at all",
        ),
        ('id = "effort"', 'id = "conduct"', "domains: 'conduct' twice"),
        ('id = "effort"', 'id = "risk"', "domains: 'risk' twice; expected each name once (or it is built in)"),
        ('otherwise = "good"', 'otherwise = "fine"', "otherwise: level 'fine'; expected one of good, mixed"),
        ('otherwise = "good"\n', "", "missing required field `otherwise`"),
        ('  level = "mixed"', '  level = "fine"', "readings[2]: level 'fine'; expected one of good, mixed"),
        ('  id = "mixed"', '  id = "unknown"', "levels: 'unknown' twice"),
        ('conduct = ["poor"]', 'conduct = ["bad"]', "when conduct: level 'bad'; expected one of good, mixed"),
        ('conduct = ["poor"]', 'mood = ["poor"]', "rules 'conduct_poor': domain 'mood'; expected one of adm"),
        ('conduct = ["poor"]', "conduct = []", "when conduct: nothing; expected at least one"),
        ('conduct = ["poor"]', 'conduct = ["poor", "poor"]', "when conduct: 'poor' twice"),
        ('risk = ["high"], ass', 'risk = ["very_high"], ass', "level 'very_high'; expected one of low, moderate, h"),
        ('outcome = "deny"', 'outcome = "refuse"', "Invalid enum value 'refuse' - at `$.rules[0].outcome`"),
        ('id = "conduct_poor"', 'id = "refuses_plan"', "rules: 'refuses_plan' twice"),
        ('id = "not_known"', 'id = "not_known"\nwhen = { risk = ["low"] }', "expected a rule for all cases"),
        ('when = { victims = ["weighty"] }', 'when = { victims = ["heavy"] }', "conditions 'escort_for_victims'"),
        ('{ nl = "werkt aan alle doelen van het plan", en', "{ en", "missing required field `nl`"),
        (FLAWED, FLAWED.replace("dossier =", "mood ="), "'dossier_is_sound': domain 'mood'; expected one of adm"),
        ('outcomes = ["deny"]', 'matters = "mood"', "'requirements_come_first': domain 'mood'; expected one of adm"),
        ('outcomes = ["deny"]', 'conditions = ["none"]', "condition 'none'; expected one of same_day, for_the_goal, "),
        ('id = "dossier_is_sound"', 'id = "dossier is sound"', "properties 'dossier is sound': the name"),
        ('id = "dossier_is_sound"', 'id = "requirements_are_known"', "properties: 'requirements_are_known' twice"),
        ("[[models]]", "[exempt.complete]\n" + REASON + "\n[[models]]", "exempt 'complete': may not be exempted; expected"),
        ("[[models]]", "[exempt.victims_count]\n" + NO_SOURCE + "\n[[models]]", "exempt 'victims_count': no source; expected where"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_what_was_expected(old, new, said):
    assert said in refused(old, new)


def test_a_level_for_all_other_cases_below_the_readings_is_explained():
    moved = TEXT.replace('otherwise = "good"\n', "", 1).replace(
        '    { input = "undesired_weeks_6m", min = 3 },\n  ]\n',
        '    { input = "undesired_weeks_6m", min = 3 },\n  ]\notherwise = "good"\n',
        1,
    )
    with pytest.raises(
        PolicyError, match=r"domains\[0\]: `otherwise` stands in the last of its readings"
    ):
        Policy.from_toml(moved, "leave/2021-07-01.toml")


@pytest.mark.parametrize("part", ["levels", "readings"])
def test_a_domain_without_levels_or_readings_is_refused(leave, part):
    first, *others = leave.policy.domains
    lacking = replace(leave.policy, domains=(replace(first, **{part: ()}), *others))
    with pytest.raises(PolicyError, match=f"'{first.id}': {part}: nothing; expected at least one"):
        CompiledPolicy(lacking)


@pytest.mark.parametrize("part", ["models", "requirements", "domains", "conditions", "rules"])
def test_an_entry_that_is_there_twice_is_refused(leave, part):
    first, *others = getattr(leave.policy, part)
    name = first.model if part == "models" else first.id
    double = replace(leave.policy, **{part: (first, first, *others)})
    with pytest.raises(PolicyError, match=f": {part}: '{name}' twice; expected each name once"):
        CompiledPolicy(double)


@pytest.mark.parametrize("part", ["requirements", "rules"])
def test_a_policy_without_requirements_or_rules_is_refused(leave, part):
    with pytest.raises(PolicyError, match=f": {part}: nothing; expected at least one"):
        CompiledPolicy(replace(leave.policy, **{part: ()}))


@pytest.mark.parametrize("part", ["models", "requirements", "domains", "conditions", "rules"])
def test_what_names_a_part_is_one_word(leave, part):
    first, *others = getattr(leave.policy, part)
    name = {"model" if part == "models" else "id": "two words"}
    policy = replace(leave.policy, **{part: (replace(first, **name), *others)})
    with pytest.raises(
        PolicyError, match=f": {part} 'two words': the name 'two words'; expected l"
    ):
        CompiledPolicy(policy)


def test_a_reading_says_all_or_any(leave):
    conduct, *others = leave.policy.domains
    first, *rest = conduct.readings
    both = replace(first, all=first.any or first.all, any=first.any or first.all)
    policy = replace(leave.policy, domains=(replace(conduct, readings=(both, *rest)), *others))
    said = rf"'{conduct.id}': readings\[0\]: both or neither of all and any; expected exactly one"
    with pytest.raises(PolicyError, match=said):
        CompiledPolicy(policy)


def test_a_condition_says_all_or_any_or_nothing(leave):
    first, *others = leave.policy.conditions
    test = leave.policy.requirements[0].all
    for parts in ({}, {"all": test}, {"any": test}):
        kept = (replace(first, all=None, any=None), *others)
        said = (replace(kept[0], **parts), *others)
        assert CompiledPolicy(replace(leave.policy, conditions=said)).policy.conditions == said
    both = (replace(first, all=test, any=test), *others)
    with pytest.raises(PolicyError, match=f"'{first.id}': both or neither of all and any"):
        CompiledPolicy(replace(leave.policy, conditions=both))


def test_a_condition_depends_on_levels_that_there_are(leave):
    first, *others = leave.policy.conditions
    policy = replace(leave.policy, conditions=(replace(first, when={"mood": ("x",)}), *others))
    with pytest.raises(PolicyError, match=f"conditions '{first.id}': domain 'mood'; expected one"):
        CompiledPolicy(policy)


def test_an_outcome_may_hold_for_one_day(leave):
    assert CompiledPolicy(replace(leave.policy, validity_days=1)).policy.validity_days == 1


def test_a_policy_made_in_memory_is_checked_as_well(leave):
    rule = replace(leave.policy.rules[-1], when={"risk": ("low",)})
    with pytest.raises(
        PolicyError, match="leave/2021-07-01: rules 'not_known'.*a rule for all cases"
    ):
        CompiledPolicy(replace(leave.policy, rules=(*leave.policy.rules[:-1], rule)))


def test_a_policy_with_too_many_cells_is_refused(leave):
    gravity = next(d for d in leave.policy.domains if d.id == "gravity")
    more = tuple(replace(gravity, id=f"gravity_{i}") for i in range(6))
    with pytest.raises(
        PolicyError, match="cells; expected at most 20000000: join domains or levels"
    ):
        CompiledPolicy(replace(leave.policy, domains=(*leave.policy.domains, *more)))


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_every_input_of_a_shipped_policy_is_in_the_catalogue_of_features(compiled):
    assert set(compiled.inputs) - set(catalogue()) == {"quarantined_rows"}
    assert len(set(compiled.inputs)) == len(compiled.inputs)


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_every_shipped_policy_says_that_it_is_a_reference_to_be_checked(compiled):
    assert "to be checked by lawyers" in compiled.policy.status.en
    assert "te toetsen" in compiled.policy.status.nl


def test_inputs_are_in_the_order_of_their_first_use(leave):
    assert leave.inputs[:3] == (
        "is_sentenced",
        "plan_goal_supports_leave",
        "days_until_conditional_release",
    )
    assert leave.models == ("leave_failure", "violence_2y")


def test_the_digest_is_of_the_content_and_not_of_the_layout():
    first = CompiledPolicy(Policy.from_toml(TEXT, "a"))
    spaced = CompiledPolicy(
        Policy.from_toml("# a remark\n" + TEXT.replace("\n[[rules]]", "\n\n[[rules]]"), "b")
    )
    changed = CompiledPolicy(Policy.from_toml(TEXT.replace("0.15]", "0.16]", 1), "c"))
    assert len(first.digest) == 64
    assert first.digest == spaced.digest
    assert first.digest != changed.digest


def test_a_compiled_policy_goes_to_another_process_whole(leave):
    there = pickle.loads(pickle.dumps(leave))
    assert there.digest == leave.digest
    assert there.inputs == leave.inputs
    assert (there.outcomes == leave.outcomes).all()


def test_tables_cannot_be_written_to(leave):
    for table in (leave.rules, leave.outcomes, leave.attached):
        with pytest.raises(ValueError, match="read-only"):
            table[...] = 0


def test_built_in_domains_come_first_with_their_levels(leave):
    built_in = {d.id: [level.id for level in d.levels] for d in leave.domains if d.built_in}
    assert built_in == {
        "admissibility": ["met", "not_met", "unknown"],
        "dossier": ["sound", "flawed"],
        "risk": ["low", "moderate", "high"],
        "certainty": ["certain", "near_cut", "outside"],
    }
    assert [d.id for d in leave.domains][:4] == list(built_in)


@pytest.mark.parametrize(
    ("cuts", "levels"),
    [
        ((0.2,), ["low", "high"]),
        ((0.1, 0.2), ["low", "moderate", "high"]),
        ((0.1, 0.2, 0.3), ["low", "moderate", "high", "very_high"]),
    ],
)
def test_bands_are_named_by_their_number(leave, cuts, levels):
    policy = leave.policy
    rules = (replace(policy.rules[0]), policy.rules[-1])
    models = tuple(replace(m, cuts=cuts) for m in policy.models)
    compiled = CompiledPolicy(replace(policy, models=models, rules=rules, conditions=()))
    assert [level.id for level in compiled.domains[2].levels] == levels


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_page_of_a_policy_holds_every_part_with_its_source(compiled, lang):
    policy = compiled.policy
    page = policy.text(lang)
    parts = (*policy.requirements, *policy.domains, *policy.rules, *policy.conditions)
    for part in parts:
        assert f"**{part.id}**" in page
        assert cited(part.source, part.remark).text(lang) in page
        if not hasattr(part, "title"):
            assert part.text.text(lang) in page
    for domain in policy.domains:
        for level in domain.levels:
            assert level.text.text(lang) in page
    marked = sum(p.to_verify for p in (*parts, *policy.models))
    mark = {"nl": "[bron nog na te lezen]", "en": "[source still to be read]"}[lang]
    assert page.count(mark) == marked
    positions = [page.index(f"**{rule.id}**") for rule in policy.rules]
    assert positions == sorted(positions)


LOCATION = r"(?:\d+[a-z]?(?::\d+)*|[a-z]|\d+°)"
LOCATIONS = rf"{LOCATION}(?:(?:-|, ){LOCATION})*"
ARTICLE = rf"art\. {LOCATIONS}(?:,? (?:lid|sub|onder) {LOCATIONS})*"
TEXT_OF = r"(?:BWBR\d{7}, \d{4}(?:-\d\d-\d\d)?|Stcrt\. \d{4}-\d+|Wet straffen en beschermen)"
CITATION = "|".join(
    [
        rf"(?:Rtvi|Rspog|Pbw|Pm|Sr|Sv|Awb) {ARTICLE}(?:; {ARTICLE})*(?: \({TEXT_OF}\))?",
        r"2012/29/EU art\. \d+",
        r"Stcrt\. \d{4}-\d+",
        r"Aanwijzing v\.i\. \(2021A001\)(?: § \d(?:-\d)?)?",
        r"Kamerbrief Recht doen, kansen bieden \(2019\)",
        r"NRC \d\d-\d\d-\d{4}",
        r"commissievantoezicht\.nl, (?:Detentiefasering|Toelichting 4)",
        r"cjib\.nl, Verlofmogelijkheden tijdens detentie",
        r"dji\.nl, Promoveren / degraderen",
        r"PROCES \d{4}/\d, p\. \d+-\d+",
        r"RSJ \d\d-\d\d-\d{4}, \d\d/\d{4,5}/G[AVB]",
        r"Kamerstukken II \d{4}/\d\d, \d{5}, nr\. \d+",
        "project",
    ]
)
SOURCE = re.compile(rf"(?:{CITATION})(?:; (?:{CITATION}))*")


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_a_source_is_a_citation_without_a_sentence_in_any_language(compiled):
    for part in _parts(compiled.policy):
        assert SOURCE.fullmatch(part.source), part.source


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_a_remark_says_something_in_each_language_and_not_the_same_words(compiled):
    remarks = [part.remark for part in _parts(compiled.policy) if part.remark is not None]
    assert remarks
    for remark in remarks:
        assert remark.nl.strip()
        assert remark.en.strip()
        assert remark.nl != remark.en


@pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
def test_what_is_a_choice_of_the_project_says_which_choice_and_is_no_text_to_read(compiled):
    for part in _parts(compiled.policy):
        if part.source == "project":
            assert part.remark is not None
        if part.remark is not None and "project" in part.remark.en:
            assert "keuze van het project" in part.remark.nl
        if part.to_verify:
            assert part.source != "project"


def test_a_choice_of_the_project_is_a_source_said_in_each_language():
    assert cited("project") == Texts(nl="keuze van het project", en="choice of the project")
    both = cited("Rtvi art. 4; project", Texts(nl="de weging", en="the weighing"))
    assert both.nl == "Rtvi art. 4; keuze van het project; de weging"
    assert both.en == "Rtvi art. 4; choice of the project; the weighing"


def _parts(policy):
    return (
        *policy.models,
        *policy.requirements,
        *policy.domains,
        *policy.conditions,
        *policy.rules,
    )


def test_the_page_reads_as_sentences(leave):
    page = leave.policy.text("en")
    assert "  Reads: `is_sentenced` at least 1." in page
    assert "`days_until_release` from 0 to 365" in page
    assert "`deep_assessment_state` equal to 3" in page
    assert "moderate risk: probability from 0.05, below 0.15" in page
    assert "If risk is 'moderate risk' or 'high risk'." in page
    assert "(unknown counts as yes)" in page


def test_every_text_is_in_two_languages_and_filled(leave):
    for compiled in SHIPPED.values():
        texts = list(_texts(msgspec.to_builtins(compiled.policy)))
        assert texts
        for text in texts:
            assert text["nl"].strip()
            assert text["en"].strip()
            assert "{" not in text["nl"] + text["en"]


def _texts(value):
    if isinstance(value, dict):
        if set(value) == {"nl", "en"}:
            yield value
        else:
            for part in value.values():
                yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)


@pytest.mark.parametrize("source", ["one; ; two", "one;; two", "; one", "one; "])
def test_a_gap_between_sources_is_said(source):
    assert f"a gap in source {source!r}" in refused(
        'source = "Rtvi art. 14 lid 3 sub c (BWBR0010171, 2017)"', f'source = "{source}"'
    )


def test_two_sources_are_two():
    known = 'source = "Rtvi art. 14 lid 3 sub c (BWBR0010171, 2017)"'
    text = TEXT.replace(known, 'source = "one; two"', 1)
    policy = Policy.from_toml(text, "leave/2021-07-01.toml")
    assert "one; two" in {requirement.source for requirement in policy.requirements}
