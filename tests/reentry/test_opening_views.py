"""Whoever changes a view can compute its hash anew: it opens only with what its purpose names."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import cases
from cases import EXAMPLES
from risicoscreener.dossier import read_dossier
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing import Consent, View, open_view, purposes, share
from risicoscreener.reentry.sharing.view import SCREENING, digest_of_view
from risicoscreener.screening import Screener
from risicoscreener.screening.audience import audiences

DAY = dt.date(2024, 4, 15)
VIEWS = [one for one in purposes() if one.form == "view"]


@cache
def view_for(place: int) -> View:
    """A view for a purpose, with an extract where there can be one."""
    purpose = VIEWS[place]
    dossier = read_dossier((EXAMPLES / "deep_assessment.json").read_bytes())
    consent = Consent(
        person_id=dossier.person_id,
        recipient=purpose.recipient,
        purpose=purpose.id,
        given_on=DAY,
        reference="T-1",
    )
    given_: dict[str, Any] = {"consent": consent}
    if purpose.extract:
        given_["result"] = Screener.load().screen(
            cases.example("deep_assessment"), "leave", as_of=DAY
        )
    return share(dossier, purpose.recipient, purpose.id, DAY, **given_)


def sealed(plain: dict[str, Any]) -> bytes:
    """A view with its hash computed anew, as somebody would who changed it."""
    try:
        view = msgspec.convert(plain, View)
        plain = {**plain, "sha256": digest_of_view(msgspec.structs.replace(view, sha256=""))}
    except (msgspec.ValidationError, ValueError, OverflowError):
        pass
    return json.dumps(plain).encode()


def changed(place: int, **content: Any) -> bytes:
    plain = json.loads(view_for(place).to_json())
    plain["content"] |= content
    return sealed(plain)


@pytest.mark.parametrize("place", range(len(VIEWS)))
def test_a_view_as_it_was_given_opens(place):
    view = view_for(place)
    assert open_view(view.to_json(), DAY) == view
    assert open_view(json.dumps(json.loads(view.to_json()), indent=2), DAY) == view
    assert open_view(sealed(json.loads(view.to_json())), DAY) == view


# --- crafted by hand --------------------------------------------------------------------------

MAYOR = next(i for i, one in enumerate(VIEWS) if one.id == "return_serious_offence")
CARE = next(i for i, one in enumerate(VIEWS) if one.id == "continuity_of_care")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"persons": [{"person_id": "x"}]}, "persons: Expected `object`, got `array`"),
        ({"persons": "x"}, "persons: Expected `object`"),
        ({"persons": {"person_id": "x"}}, "persons: Object missing required field"),
        ({"victims": [{"interest": "weighty"}]}, "table 'victims' is there or lacking"),
        ({"debts": []}, "table 'debts' is there or lacking"),
        ({"convictions": [{"offence_class": "sexual", "victim": "a name"}]}, "unknown field"),
        ({"convictions": [{"offence_class": "sexual", "a\nb": "x"}]}, r"unknown field `a\\nb`"),
        ({"convictions": [{"offence_class": "a name and an address"}]}, "Invalid enum value"),
        ({"convictions": [{"offence_class": "theft"}]}, "offence_class is 'theft'; expected one"),
        ({"convictions": [{"offence_class": None}]}, "Expected `str`, got `null`"),
        ({"convictions": ["x"]}, "Expected `object`, got `str`"),
        ({"convictions": {"offence_class": "sexual"}}, "Expected `array`, got `object`"),
        ({"detentions": [{}, {}]}, "detentions has 2 rows; expected the last only"),
        ({"detentions": [{"released_on": None}]}, "released_on is null; expected it left out"),
        ({"detentions": [{"released_on": "soon"}]}, "Invalid RFC3339"),
        ({"screening": {}}, "expected none, since no extract is for this purpose"),
    ],
)
def test_content_that_the_purpose_does_not_name_does_not_open(content, said):
    with pytest.raises(ReentryError, match=said):
        open_view(changed(MAYOR, **content), DAY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recipient": "press"}, "recipient is 'press'; expected one of"),
        ({"purpose": "news"}, "purpose of mayor is 'news'; expected one of"),
        ({"recipient": "researcher", "purpose": "research"}, "is given pseudonymised only"),
        ({"fields": ["victims.interest"]}, r"does not name victims.interest; expected of"),
        ({"fields": []}, "is there or lacking"),
        ({"fields": ["x"]}, "does not name x"),
        ({"fields": ["a\x1eb\nc"]}, r"does not name a\\x1eb\\nc; expected of"),
        ({"a\nb": 1}, r"this is no view: .*`a\\nb`"),
        ({"fields": ["persons.person_id"] * 2}, "does not name a field twice"),
        ({"consent": "T-1"}, "consent is 'T-1'; expected none"),
        ({"source": "art. 1\nvalid for ever"}, "is no line of text"),
        ({"title": {"nl": "x\x1b[2J", "en": "x"}}, "is no line of text"),
        ({"as_of": "0001-01-01"}, "has no basis for"),
        ({"as_of": "2024-04-16"}, "expected a day from then"),
        ({"ends_on": "2024-04-14"}, "the view expired"),
        ({"more": 1}, "this is no view"),
    ],
)
def test_what_a_view_says_of_itself_has_to_fit_the_table(change, said):
    with pytest.raises(ReentryError, match=said):
        open_view(sealed({**json.loads(view_for(MAYOR).to_json()), **change}), DAY)


def test_a_view_without_the_consent_that_it_needs_does_not_open():
    for nothing in (None, ""):
        plain = {**json.loads(view_for(CARE).to_json()), "consent": nothing}
        with pytest.raises(ReentryError, match="expected a reference"):
            open_view(sealed(plain), DAY)


def test_a_view_cannot_be_used_longer_than_its_purpose_allows():
    place = next(i for i, one in enumerate(VIEWS) if one.keep_from == "issue")
    plain = {**json.loads(view_for(place).to_json()), "ends_on": "2199-01-01"}
    with pytest.raises(ReentryError, match="ends_on is 2199-01-01; expected .* at the latest"):
        open_view(sealed(plain), DAY)


def test_a_key_that_is_there_twice_is_refused():
    text = view_for(MAYOR).to_json().decode()
    twice = text.replace('"content":', '"content":{},"content":', 1)
    with pytest.raises(ReentryError, match="content is there twice"):
        open_view(twice, DAY)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff", "\ud800", b'"\\ud800"', None, 7, b'{"content":' * 100_000, b"[" * 100_000,
        b'{"content": 1' + b"0" * 5000 + b"}", b"NaN",
    ],
    ids=lambda data: str(data)[:12],
)  # fmt: skip
def test_what_is_no_view_is_refused_in_one_sentence(data):
    with pytest.raises(ReentryError, match="this is no view"):
        open_view(data, DAY)


def test_a_view_of_any_depth_is_refused_cleanly():
    """What can be read can be written again for its hash: reading goes deeper."""
    text = view_for(MAYOR).to_json().decode()
    for depth in (*range(100, 900, 100), *range(900, 1000, 3)):
        deep = text.replace('"content":{', f'"content":{{"x":{"[" * depth}{"]" * depth},', 1)
        with pytest.raises(ReentryError):
            open_view(deep, DAY)


def test_a_view_by_an_own_table_opens_with_that_table():
    wider = [
        msgspec.structs.replace(one, fields={**one.fields, "debts": ("kind",)})
        if (one.recipient, one.id) == ("mayor", "return_serious_offence")
        else one
        for one in purposes()
    ]
    dossier = read_dossier((EXAMPLES / "deep_assessment.json").read_bytes())
    view = share(dossier, "mayor", "return_serious_offence", DAY, table=wider)
    assert open_view(view.to_json(), DAY, table=wider) == view
    with pytest.raises(ReentryError, match=r"does not name debts.kind"):
        open_view(view.to_json(), DAY)


# --- extracts -----------------------------------------------------------------------------------

EXTRACTS = [i for i, one in enumerate(VIEWS) if one.extract]


@pytest.mark.parametrize("place", EXTRACTS)
def test_an_extract_for_another_reader_opens_only_if_this_one_may_see_all_of_it(place):
    recipient = VIEWS[place].recipient
    own = view_for(place).content[SCREENING]
    whole = Screener.load().screen(cases.example("deep_assessment"), "leave", as_of=DAY)
    wider = whole.to_dict()
    if recipient == "decision_maker":
        assert open_view(changed(place, screening=wider), DAY)
        return
    with pytest.raises(ReentryError, match="expected only what|another person"):
        open_view(changed(place, screening=wider), DAY)
    with pytest.raises(ReentryError, match="fields that no screening has"):
        open_view(changed(place, screening={**own, "note": "a name"}), DAY)
    with pytest.raises(ReentryError, match="another person or a later day"):
        open_view(changed(place, screening={**own, "person_id": "somebody"}), DAY)
    with pytest.raises(ReentryError, match="another person or a later day"):
        open_view(changed(place, screening={**own, "as_of": "2024-04-16"}), DAY)
    with pytest.raises(ReentryError, match="Expected `object`"):
        open_view(changed(place, screening=[]), DAY)
    beyond = next(name for name in wider["values"] if name not in own["values"])
    values = {**own["values"], beyond: 1.0}
    with pytest.raises(ReentryError, match="expected only what"):
        open_view(changed(place, screening={**own, "values": values}), DAY)
    assert audiences()[recipient]


# --- fuzz ---------------------------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(("2024-01-01", "persons", "person_id", "victims.interest", "T-1", "mayor"))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("persons", "nl", "kind", "interest")), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            found += places(inner, (*path, i))
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


class Changed(bytes):
    """A view that was changed; hypothesis would print all of it."""

    said: str

    def __repr__(self) -> str:
        return self.said


@st.composite
def mutated(draw: st.DrawFn) -> Changed:
    """A valid view in which some values were replaced, removed, added or moved; sealed again."""
    place = draw(st.integers(0, len(VIEWS) - 1))
    plain = json.loads(view_for(place).to_json())
    if SCREENING in plain["content"] and draw(st.booleans()):
        del plain["content"][SCREENING]  # so that the tables get their share of changes
    said = []
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([p for p in places(plain) if p]))
        outer = at(plain, path[:-1])
        how = draw(st.sampled_from(("replace", "remove", "add", "copy")))
        said.append(f"{VIEWS[place].id}: {how} at {path}")
        match how:
            case "replace":
                outer[path[-1]] = draw(VALUES)
            case "remove":
                del outer[path[-1]]
            case "add" if isinstance(outer, dict):
                outer[draw(st.sampled_from(("persons", "victims", "sex", "x")))] = draw(VALUES)
            case "add":
                outer.append(draw(VALUES))
            case "copy":
                copied = json.dumps(at(plain, draw(st.sampled_from(places(plain)))))
                outer[path[-1]] = json.loads(copied)
    found = Changed(sealed(plain))
    found.said = "; ".join(said)
    return found


@given(mutated())
@settings(deadline=None, max_examples=400)
def test_a_changed_view_is_refused_cleanly_or_has_only_what_its_purpose_names(data):
    try:
        view = open_view(data, DAY)
    except ReentryError as error:
        assert str(error)
        assert len(str(error).splitlines()) == 1
        return
    purpose = next(o for o in purposes() if (o.recipient, o.id) == (view.recipient, view.purpose))
    assert set(view.fields) <= set(purpose.named)
    for table, content in view.content.items():
        if table == SCREENING:
            assert purpose.extract
            continue
        rows = [content] if table == "persons" else content
        assert {f"{table}.{name}" for row in rows for name in row} <= set(purpose.named)
    for lang in ("nl", "en"):
        assert view.text(lang)
        assert "None" not in view.text(lang)
    assert view.html("nl")
    assert set(view.to_frames()) <= set(purpose.fields)


@given(st.binary(max_size=60) | st.text(max_size=60))
@example(b'{"format_version": 1}')
@settings(deadline=None)
def test_any_bytes_are_refused_cleanly(data):
    with pytest.raises(ReentryError):
        open_view(data, DAY)
