"""What a result says in words of what no example has, sentence by sentence."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from cases import example
from risicoscreener import Screener
from risicoscreener.screening.render import (
    SHOWN_CONTRIBUTIONS,
    SHOWN_IF_KNOWN,
    outline,
    say,
    say_days,
    say_number,
    say_percent,
)
from risicoscreener.screening.result import (
    BandSetFound,
    Contribution,
    IfKnownFound,
    OutsideSupport,
    ScreeningResult,
)
from risicoscreener.texts import Texts


@pytest.fixture(scope="module")
def result() -> ScreeningResult:
    return Screener.load().screen(example("grant"), "leave", as_of="2024-04-15")


def risk(result: ScreeningResult, lang: str = "en", **changes: object) -> list[tuple[str, str]]:
    """Mark and text of each line on the first model, of which something is changed."""
    first, *others = result.models
    page = outline(replace(result, models=(replace(first, **changes), *others)), lang)
    section = next(s for s in page.sections if s.heading.startswith(say("heading", "risk", lang)))
    return [(line.mark, line.text) for line in section.lines]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (None, None),
        (1, "1 day"),
        (2, "2 days"),
        (364, "364 days"),
        (365, "1 years"),
        (366, "1 years"),
        (367, "367 days"),
        (730, "2 years"),
        (731, "2 years"),
        (732, "732 days"),
        (1460, "4 years"),
        (1462, "4 years"),
        (1463, "1463 days"),
    ],
)
def test_within_what_time_is_said_in_years_where_it_is_a_number_of_years(result, days, said):
    (_, text), *_ = risk(result, horizon_days=days)
    assert (f" within {said}: " in text) is (said is not None)
    assert ("within" in text) is (said is not None)


def test_the_interval_is_that_of_its_level(result):
    """A model can be fitted with an interval of another level than 95 per cent."""
    bounds = {"probability": 0.1, "lower": 0.05, "upper": 0.2}
    for level, en, nl in ((0.95, "95%", "95%"), (0.9, "90%", "90%"), (0.995, "99.5%", "99,5%")):
        assert f"10.0% ({en} interval 5.0% to 20.0%)" in risk(result, level=level, **bounds)[0][1]
        told = risk(result, "nl", level=level, **bounds)[0][1]
        assert f"10,0% ({nl}-interval 5,0% tot 20,0%)" in told


@pytest.mark.parametrize("bound", ["lower", "upper"])
def test_without_both_bounds_there_is_no_interval(result, bound):
    (_, text), *_ = risk(result, probability=0.1, **{bound: None})
    assert text.endswith(": 10.0%")


def test_whether_the_model_may_speak_is_marked(result):
    assert risk(result)[1][0] == "ok"
    told = Texts(nl="x", en="Unlike all others.")
    for support in ("outside", "insufficient"):
        assert ("unknown", "Unlike all others.") in risk(result, support=support, support_text=told)


def test_a_value_outside_the_data_is_said_with_what_is_usual(result):
    name = result.models[0].contributions[0].feature
    text = result.models[0].contributions[0].text.text("en")
    one = OutsideSupport(feature=name, value=9.5, low=None, high=3.0, typical=1.0, reason="r")
    other = replace(one, feature="of_nobody")
    told = risk(result, outside=(one, other))
    assert ("unknown", f"{text} is 9.5; typical is 1 (unknown to 3)") in told
    assert ("unknown", "of_nobody is 9.5; typical is 1 (unknown to 3)") in told


def test_an_unusual_combination_is_said_with_its_features(result):
    found = result.models[0].contributions[:2]
    told = risk(result, unusual=tuple(c.feature for c in found))
    (line,) = [text for mark, text in told if mark == "unknown" and "combination" in text]
    listed = [f"{c.text.text('en')}: {say_number(c.value, 'en')}" for c in found]
    assert line.endswith("; ".join(listed))
    assert not [text for _, text in risk(result) if "combination" in text]


def test_what_knowing_more_could_change_is_said_where_it_shows(result):
    def known(*spans: tuple[float, float]) -> list[str]:
        listed = tuple(
            IfKnownFound(feature=f"of_{n}", lowest=low, highest=high)
            for n, (low, high) in enumerate(spans)
        )
        told = risk(result, probability=0.1, lowest=0.01, highest=0.4, if_known=listed)
        return [text for mark, text in told if mark == "unknown" and text.startswith("If ")]

    one = "If 'of_0' were known, the probability would lie between 5.0% and 20.0%."
    every = "If everything were known, the probability would lie between 1.0% and 40.0%."
    assert known((0.05, 0.2)) == [one]
    assert known((0.05, 0.2), (0.1, 0.1)) == [one, every]
    assert known((0.1, 0.1)) == []
    assert known((0.1, 0.1), (0.1, 0.1001)) == []
    assert len(known(*[(0.05, 0.2)] * (SHOWN_IF_KNOWN + 1))) == SHOWN_IF_KNOWN + 1
    for absent in ({"lowest": None, "highest": 0.4}, {"lowest": 0.01, "highest": None}):
        listed = (IfKnownFound(feature="of_0", lowest=0.05, highest=0.2),)
        told = risk(result, probability=0.1, if_known=listed, **absent)
        assert not [text for _, text in told if text.startswith("If ")]


def test_bands_that_cannot_be_ruled_out_count_from_one(result):
    found = BandSetFound(coverage=0.9, cut_offs=(0.1, 0.25), bands=(0, 1), lower=0.02, upper=0.12)
    told = [text for _, text in risk(result, band_set=found) if "Of people" in text]
    assert told
    assert "between 2.0% and 12.0%" in told[0]
    assert "90.0%" in told[0]
    assert "1, 2 of 3" in told[0]


def test_a_program_for_who_lacks_a_value_names_it(result):
    names = [c.feature for c in result.models[0].contributions]
    texts = [c.text.text("en") for c in result.models[0].contributions]
    told = [text for _, text in risk(result, pattern=tuple(names[2:])) if "people of whom" in text]
    lower = [t[:1].lower() + t[1:] for t in texts[:2]]
    assert told == [say("phrase", "pattern", "en", features="; ".join(lower))]
    for pattern in (None, tuple(names)):
        assert not [t for _, t in risk(result, pattern=pattern) if "people of whom" in t]


def test_the_largest_contributions_that_show_are_said_with_their_sums(result):
    def factor(n: int, weight: float, value: float | None = 1.0) -> Contribution:
        text = Texts(nl=f"Kenmerk {n}", en=f"Feature {n}")
        return Contribution(f"f{n}", "conduct", value, weight, text, "")

    weights = (0.5, -0.4, 0.3, 0.2, 0.1, 0.006, 0.9)
    listed = tuple(factor(n, weight) for n, weight in enumerate(weights))
    sums = {"conduct": -0.25, "debt": 0.5, "person": 0.004}
    told = [t for _, t in risk(result, contributions=listed, by_group=sums)]
    assert say("phrase", "relative", "en") in told
    assert "Summed by group (log-odds): debt +0.50; conduct -0.25" in told
    features = [text for text in told if text.startswith("Feature")]
    assert len(features) == SHOWN_CONTRIBUTIONS
    assert features[0].startswith("Feature 0: 1 (raises the probability; +0.50")
    assert features[1].startswith("Feature 1: 1 (lowers the probability; -0.40")
    dutch = [t for _, t in risk(result, "nl", contributions=listed, by_group=sums)]
    assert [t for t in dutch if t.startswith("Kenmerk 0: 1 (verhoogt de kans; +0,50")]
    none = [t for _, t in risk(result, contributions=(factor(0, 0.004),), by_group=sums)]
    assert say("phrase", "relative", "en") not in none
    alone = [t for _, t in risk(result, contributions=listed, by_group={"person": 0.004})]
    assert not [t for t in alone if t.startswith("Summed")]


def section(result: ScreeningResult, name: str) -> list[tuple[str, str]]:
    page = outline(result, "en")
    found = [s for s in page.sections if s.heading == say("heading", name, "en")]
    return [(line.mark, line.text) for s in found for line in s.lines]


def test_what_is_weighed_is_marked_where_it_is_not_known(result):
    first, *others = result.domains
    assert {mark for mark, _ in section(result, "domains")} == {""}
    unknown = replace(result, domains=(replace(first, known=False), *others))
    assert [mark for mark, _ in section(unknown, "domains")] == ["unknown"] + [""] * len(others)


@pytest.mark.parametrize(
    ("level", "mark"), [("met", "ok"), ("not_met", "no"), ("unknown", "unknown")]
)
def test_a_requirement_is_marked_by_its_level(result, level, mark):
    first, *others = result.requirements
    found = replace(result, requirements=(replace(first, level=level), *others))
    assert section(found, "requirements")[0][0] == mark
    sign = {"ok": "+", "no": "-", "unknown": "?"}[mark]
    assert f" {sign} {first.text.text('en')}" in found.text("en")


def test_what_would_have_to_change_is_said_in_a_sentence():
    denied = Screener.load().screen(example("deny"), "leave", as_of="2024-04-15")
    (change, *_) = denied.changes
    lacking = replace(denied.requirements[0], level="not_met")
    step = replace(change.steps[0], domain="admissibility")
    two = replace(change, steps=(step, change.steps[0]), outcome="grant")
    found = replace(denied, changes=(two,), requirements=(lacking, *denied.requirements[1:]))
    said = section(found, "changes")[0][1]
    other = change.steps[0]
    assert said == (
        f"if these are met: {lacking.text.text('en')} and {other.title.text('en')} becomes "
        f"'{other.text_to.text('en')}': grant"
    )
    met = replace(denied, changes=(replace(two, steps=(step,)),))
    assert "becomes" in section(met, "changes")[0][1]  # where nothing is lacking


def test_notes_say_what_is_set_apart_and_what_expired(result):
    def notes(**changes: object) -> list[str]:
        return [text for _, text in section(replace(result, **changes), "notes")]

    assert not [t for t in notes() if "unusable" in t or "review date" in t]
    assert [t for t in notes(quarantined_rows=2) if t.startswith("2 row(s) of the dossier")]
    expired = replace(result.bundle, expired=True, review_on=dt.date(2030, 5, 6))
    assert [t for t in notes(bundle=expired) if "(6 May 2030)" in t]
    assert notes()[-1] == f"{result.policy.id} ({result.policy.digest[:12]}), {result.bundle.id}"


def test_a_model_that_was_made_of_people_has_no_warning(result):
    real = replace(result, bundle=replace(result.bundle, synthetic=False))
    warning = say("phrase", "not_for_decisions", "en")
    for found, is_warned in ((result, True), (real, False)):
        assert (warning in found.text("en")) is is_warned
        assert (f'<p role="note"><strong>{warning}</strong></p>' in found.html("en")) is is_warned


def test_numbers_in_words():
    assert [say_days(n, "en") for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert [say_number(v, "nl") for v in (None, float("nan"), 1.5)] == [
        "onbekend",
        "onbekend",
        "1,5",
    ]
    assert [say_percent(0.1234, lang) for lang in ("nl", "en")] == ["12,3%", "12.3%"]
