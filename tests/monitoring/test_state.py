"""A test that goes on from a file: what the file says, and what is not believed of it."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
from functools import cache

import msgspec
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import ROOT
from risicoscreener.cli import main
from risicoscreener.errors import MonitoringError
from risicoscreener.monitoring import (
    checked_state,
    monitor,
    outcomes_of,
    read_settings,
    read_state,
    screenings_of,
)
from risicoscreener.texts import LANGUAGES

FOLDER = ROOT / "examples" / "monitoring"
ALL = read_settings(FOLDER / "all_streams.toml")
FIRST, NEXT = dt.date(2018, 4, 1), dt.date(2018, 6, 1)


@cache
def tables():
    screened = pd.read_parquet(FOLDER / "screened.parquet")
    screened = screened[screened["as_of"].astype(str) < "2018-06-01"]
    # of some people it is not known whether the model may speak of them
    screened.loc[screened.index[::7], "support"] = None
    return screenings_of(screened, ALL.model), outcomes_of(
        pd.read_parquet(FOLDER / "outcomes.parquet")
    )


def run(as_of=FIRST, state=None, settings=ALL):
    return monitor(settings, *tables(), as_of=as_of, state=state)


@pytest.fixture(scope="module")
def before():
    return run()


def written(plain, path):
    """A file with a checksum that is right, whatever is in it."""
    state = json.dumps(plain).encode()
    checksum = hashlib.sha256(state).hexdigest()
    head = json.dumps({"format_version": 2, "checksum": checksum}).encode()
    path.write_bytes(head[:-1] + b', "state": ' + state + b"}")
    return path


def state_of(before):
    return json.loads(before.state.to_json())["state"]


def first_format(before, path):
    path.write_text(json.dumps(state_of(before) | {"format_version": 1}))
    return path


def test_a_state_goes_on_as_it_was_and_looked_at_again_is_the_same(before, tmp_path):
    before.state.save(tmp_path / "state.json")
    again = run(FIRST, read_state(tmp_path / "state.json"))
    assert again.to_dict() == before.to_dict()
    assert again.state.to_json() == before.state.to_json()


def test_a_new_state_is_for_its_owner_alone_and_a_kept_one_stays_as_it_was(before, tmp_path):
    path = tmp_path / "state.json"
    before.state.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    before.state.save(path)
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]


def test_a_state_that_cannot_be_written_leaves_the_one_before(before, tmp_path, monkeypatch):
    path = tmp_path / "state.json"
    before.state.save(path)
    content = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        run(NEXT, before.state).state.save(path)
    assert path.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no state of a monitor, or was cut off"),
        (b"[]", "no state of a monitor"),
        (b'{"settings": 1}', "no state of a monitor"),
        (b"\xff", "no state of a monitor"),
        (b'{"format_version": 1, "settings": "x"}', "no state of a monitor"),
        (b'{"format_version": 3}', "in format 3; expected 2 or 1"),
        (b'{"format_version": 2, "checksum": "x", "state": {}}', "changed after it was written"),
        (b"[" * 100_000, "no state of a monitor"),
    ],
)
def test_a_file_that_is_no_state_is_refused(content, said, tmp_path):
    path = tmp_path / "state.json"
    path.write_bytes(content)
    with pytest.raises(MonitoringError, match=said) as refused:
        read_state(path)
    assert str(path) in str(refused.value)
    assert "start anew" in str(refused.value) or "version of this library" in str(refused.value)


@given(st.data())
def test_a_state_that_was_cut_off_or_changed_is_not_believed(before, tmp_path_factory, data):
    whole = before.state.to_json()
    path = tmp_path_factory.mktemp("cut") / "state.json"
    place = data.draw(st.integers(0, len(whole) - 2))
    if data.draw(st.booleans()):
        found = whole[:place]
    else:
        other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
        found = whole[:place] + bytes([other]) + whole[place + 1 :]
    path.write_bytes(found)
    with pytest.raises(MonitoringError, match=r"state\.json"):
        read_state(path)


PLACES = {
    "another stream than expected, slope": lambda s: s["streams"].pop("slope"),
    "stream slope: it has other periods": lambda s: s["streams"]["slope"]["points"].pop(),
    "stream slope: it holds a bet that is none": lambda s: s["streams"]["slope"]["parts"][
        "screened since"
    ]["log_wealth"].pop(),
    "support: it has another part than expected, outside": lambda s: s["streams"]["support"][
        "parts"
    ].pop("outside"),
    "support: it has no range of outside": lambda s: s["baseline"]["ranges"]["support"].pop(
        "outside"
    ),
    "support: it has a count that is none": lambda s: s["streams"]["support"]["points"][0][6].pop(),
    "its alarm is of 1999-01": lambda s: s["streams"]["score"].update(alarm="1999-01"),
    "lacks the groups of prison": lambda s: s["baseline"]["groups"].pop("prison"),
    "lacks the bins of score": lambda s: s["baseline"]["bins"].pop("score"),
    "bins of score that are none": lambda s: s["baseline"]["bins"]["score"]["edges"].reverse(),
    "lacks the limits of cusum": lambda s: s["baseline"]["limits"].clear(),
    "lacks the timing of outcomes": lambda s: s["baseline"]["timing"].clear(),
    "timing of outcomes that is none": lambda s: s["baseline"]["timing"][0][1].clear(),
    "parts do not rise in risk": lambda s: s["baseline"]["timing"].reverse(),
    "its CUSUM is not what was begun": lambda s: s["streams"]["cusum"].update(cusum=None),
    "its CUSUM is none": lambda s: s["streams"]["cusum"]["cusum"].update(values=[-1.0, 0.0]),
    "its confidence sequence is not": lambda s: s["streams"]["calibration_matured"].update(
        sequence=None
    ),
    "its confidence sequence is none": lambda s: s["streams"]["calibration_matured"]["sequence"][
        "log_up"
    ].pop(),
    "does not have a queue for each period": lambda s: s["queue"].pop(),
    "has period 2018-02 where 2018-01 is due": lambda s: s["periods"].pop("2018-01"),
}


@pytest.mark.parametrize("said", PLACES)
def test_a_state_that_is_not_whole_is_refused_by_what_it_lacks(said, before, tmp_path):
    plain = state_of(before)
    PLACES[said](plain)
    path = written(plain, tmp_path / "state.json")
    with pytest.raises(MonitoringError, match=said) as refused:
        checked_state(read_state(path), ALL, str(path))
    assert str(path) in str(refused.value)


VALUES = (None, True, -1, 0, 1, 0.5, -3.5, 1e9, 1e300, "", "2018-01", "x", [], [1.0, 2.0], {}, -0.0)


@given(st.data())
def test_whatever_is_in_a_state_it_is_refused_or_goes_on(before, tmp_path_factory, data):
    plain = state_of(before)
    for _ in range(data.draw(st.integers(1, 3))):
        place = plain
        while True:
            key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else
                                            range(len(place))))  # fmt: skip
            inner = place[key]
            if not (isinstance(inner, dict | list) and inner) or data.draw(st.integers(0, 4)) == 0:
                break
            place = inner
        if data.draw(st.booleans()):
            del place[key]
        else:
            place[key] = copy.deepcopy(data.draw(st.sampled_from(VALUES)))
        if not plain:
            break
    path = written(plain, tmp_path_factory.mktemp("any") / "state.json")
    try:
        found = run(NEXT, read_state(path))
    except MonitoringError as error:
        assert "\n" not in str(error)
        return
    assert read_state_of(found, path) == found.state
    assert found.text("en")


def read_state_of(found, path):
    found.state.save(path)
    return read_state(path)


# -- from an earlier version -------------------------------------------------------------------


def test_a_state_of_the_first_format_goes_on_and_is_kept_with_a_checksum(before, tmp_path):
    path = first_format(before, tmp_path / "state.json")
    found = run(NEXT, read_state(path))
    assert found.state.to_json() == run(NEXT, before.state).state.to_json()
    found.state.save(path)
    assert json.loads(path.read_text())["format_version"] == 2
    assert not found.begun_before


def test_a_test_that_an_earlier_version_began_goes_on_with_the_bets_it_has(before, tmp_path):
    plain = state_of(before)
    plain["streams"]["support"]["parts"].pop("unknown")
    plain["baseline"]["ranges"]["support"].pop("unknown")
    for point in plain["streams"]["support"]["points"]:
        point[6].pop()
    path = tmp_path / "state.json"
    path.write_text(json.dumps(plain | {"format_version": 1}))
    found = run(NEXT, read_state(path))
    now = found.state.streams["support"]
    assert list(now.parts) == ["outside", "insufficient"]
    later = run(NEXT, before.state).state.streams["support"]
    assert now.parts == {name: later.parts[name] for name in now.parts}
    assert [point.hits for point in now.points] == [point.hits[:2] for point in later.points]
    assert found.to_dict()["begun_before"] == ["support"]
    for lang in LANGUAGES:
        assert found.name_of(found["support"], lang) in found.text(lang)
    assert "earlier version" in found.text("en")
    found.state.save(path)
    assert run(NEXT, read_state(path)).begun_before


def test_the_command_names_the_file_and_leaves_it_as_it_was(before, tmp_path, capsys):
    path = tmp_path / "state.json"
    plain = state_of(before)
    plain["streams"]["support"]["parts"].pop("outside")
    written(plain, path)
    content = path.read_bytes()
    words = ["--screened", str(FOLDER / "screened.parquet"), "--state", str(path)]
    words += ["--outcomes", str(FOLDER / "outcomes.parquet"), "--as-of", "2018-05-01"]
    assert main(["monitor", str(FOLDER / "all_streams.toml"), *words]) == 3
    said = capsys.readouterr().err
    assert f"{path} is wrong in stream support" in said
    assert said.count("\n") == 1
    assert path.read_bytes() == content


def test_a_state_of_another_configuration_is_refused_by_its_file(before):
    other = msgspec.structs.replace(ALL, level=0.1)
    with pytest.raises(MonitoringError, match=r"^kept\.json belongs to another configuration"):
        checked_state(before.state, other, "kept.json")
