"""The version that applies on a day."""

from __future__ import annotations

import datetime as dt
import pickle
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from msgspec.structs import replace

from decision.golden_cases import SHIPPED
from risicoscreener.decision import CompiledPolicy, PolicyBook
from risicoscreener.decision.book import _folder, _ReadWhenAsked, _shipped, shipped_parts
from risicoscreener.errors import PolicyError

NEW = SHIPPED["leave/2021-07-01"]
OLD = SHIPPED["leave/1999-01-01"]


def version(compiled: CompiledPolicy, **changes) -> CompiledPolicy:
    return CompiledPolicy(replace(compiled.policy, **changes))


@pytest.mark.parametrize(
    ("day", "picked"),
    [
        (date(1999, 1, 1), "leave/1999-01-01"),
        (date(2021, 6, 30), "leave/1999-01-01"),
        (date(2021, 7, 1), "leave/2021-07-01"),
        (date(2030, 1, 1), "leave/2021-07-01"),
    ],
)
def test_the_day_of_the_decision_picks_the_version(day, picked):
    assert PolicyBook.shipped().pick("leave", day).id == picked


def test_a_judgment_does_not_pick_where_the_decision_does():
    assert (
        PolicyBook.shipped().pick("leave", date(2022, 1, 1), date(2020, 1, 1)).id
        == "leave/2021-07-01"
    )


@pytest.mark.parametrize(
    ("judged_on", "picked"),
    [
        (date(2021, 6, 30), "2008-07-01"),
        (date(2021, 7, 1), "2021-07-01"),
        (None, "2021-07-01"),
    ],
)
def test_the_day_of_the_judgment_picks_the_version_of_conditional_release(judged_on, picked):
    found = PolicyBook.shipped().pick("conditional_release", date(2023, 1, 1), judged_on)
    assert found.id == f"conditional_release/{picked}"


def test_a_day_before_every_version_is_refused_with_what_is_known():
    with pytest.raises(PolicyError) as caught:
        PolicyBook.shipped().pick("leave", date(1998, 12, 31))
    message = str(caught.value)
    assert "'leave' on 1998-12-31 (day of the decision)" in message
    assert "1999-01-01 to 2021-06-30, 2021-07-01 to now" in message
    assert f"known kinds: {', '.join(PolicyBook.shipped().kinds())}" in message


def test_a_judgment_before_every_version_is_refused_as_such():
    with pytest.raises(PolicyError, match=r"on 1990-01-01 \(day of the judgment\)"):
        PolicyBook.shipped().pick("conditional_release", date(2023, 1, 1), date(1990, 1, 1))


def test_a_kind_that_is_not_there_is_refused_with_those_that_are():
    kinds = ", ".join(PolicyBook.shipped().kinds())
    with pytest.raises(PolicyError, match=f"'parole'; expected one of {kinds}"):
        PolicyBook.shipped().pick("parole", date(2022, 1, 1))
    with pytest.raises(PolicyError, match="'parole'"):
        PolicyBook.shipped().versions("parole")


def test_a_moment_or_a_text_is_not_a_day():
    for moment in (dt.datetime(2022, 1, 1), "2022-01-01"):
        with pytest.raises(PolicyError, match="is not a day"):
            PolicyBook.shipped().pick("leave", moment)


def test_shipped_policies_are_read_once():
    assert PolicyBook.shipped() is PolicyBook.shipped()


def test_folders_of_drafts_and_hidden_ones_are_no_kinds(tmp_path):
    text = files("risicoscreener.decision").joinpath("policies/leave/2021-07-01.toml").read_text()
    for name in ("leave", "_draft", ".kept"):
        tmp_path.joinpath(name).mkdir()
        tmp_path.joinpath(name, "2021-07-01.toml").write_text(text if name == "leave" else "no")
    assert PolicyBook.from_directory(tmp_path).kinds() == ("leave",)


def test_shared_parts_are_those_of_the_shipped_policies():
    assert {"requirements", "conditions"} <= {*shipped_parts.__wrapped__()}


def test_kinds_are_counted_and_found_before_any_is_read():
    kinds = _ReadWhenAsked(_folder("policies"))
    assert len(kinds) == len([*kinds]) == len(PolicyBook.shipped().kinds())
    assert "leave" in kinds
    assert not kinds.found


def test_versions_are_given_oldest_first():
    book = PolicyBook([NEW, OLD])
    assert book.kinds() == ("leave",)
    assert [p.id for p in book.versions("leave")] == ["leave/1999-01-01", "leave/2021-07-01"]


def test_versions_that_overlap_are_refused():
    late = version(OLD, valid_until=date(2021, 7, 1))
    with pytest.raises(PolicyError, match="overlap; expected valid_until = 2021-06-30"):
        PolicyBook([late, NEW])
    with pytest.raises(PolicyError, match="overlap"):
        PolicyBook([version(OLD, valid_until=None), NEW])


def test_a_gap_between_versions_is_refused():
    early = version(OLD, valid_until=date(2021, 6, 29))
    with pytest.raises(PolicyError, match="no version of leave between 2021-06-29 and 2021-07-01"):
        PolicyBook([early, NEW])


def test_a_version_that_is_there_twice_is_refused():
    with pytest.raises(PolicyError, match="leave/2021-07-01 is there twice"):
        PolicyBook([NEW, version(NEW)])


def test_versions_that_differ_in_the_day_that_picks_are_refused():
    with pytest.raises(PolicyError, match="differ in date_basis"):
        PolicyBook([version(OLD, date_basis="judgment"), NEW])


def test_a_version_that_ended_is_not_picked_after_its_end():
    book = PolicyBook([OLD])
    with pytest.raises(PolicyError, match="on 2021-07-01"):
        book.pick("leave", date(2021, 7, 1))


def test_a_folder_of_policies_is_read(tmp_path):
    _write(tmp_path, "leave/2021-07-01.toml")
    (tmp_path / "leave" / "README.md").write_text("not a policy")
    (tmp_path / "note.txt").write_text("not a kind")
    (tmp_path / ".git").mkdir()
    book = PolicyBook.from_directory(tmp_path)
    assert book.pick("leave", date(2022, 1, 1)).digest == NEW.digest


@pytest.mark.parametrize("name", ["leave/2021-07-02.toml", "permission/2021-07-01.toml"])
def test_a_file_that_is_not_named_after_its_content_is_refused(tmp_path, name):
    _write(tmp_path, name)
    with pytest.raises(
        PolicyError, match=f"{name} holds leave/2021-07-01; expected it in leave/2021-07-01.toml"
    ):
        PolicyBook.from_directory(tmp_path)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "leave").mkdir()
    (tmp_path / "leave" / "2021-07-01.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyError, match=r"leave/2021-07-01.toml cannot be read"):
        PolicyBook.from_directory(tmp_path)


def test_a_folder_without_policies_is_refused(tmp_path):
    with pytest.raises(PolicyError, match="has no policies"):
        PolicyBook.from_directory(tmp_path)
    with pytest.raises(PolicyError, match="is not a folder"):
        PolicyBook.from_directory(tmp_path / "absent")


def _write(folder, name):
    from importlib.resources import files

    text = (files("risicoscreener.decision") / "policies/leave/2021-07-01.toml").read_text("utf-8")
    (folder / name).parent.mkdir()
    (folder / name).write_text(text, "utf-8")


def test_a_day_has_the_kinds_of_which_a_version_is_in_force():
    book = PolicyBook.shipped()
    before, since = book.kinds(date(2021, 6, 30)), book.kinds(date(2021, 7, 1))
    assert set(before) - set(since) == {"regime_leave", "very_low_security"}
    assert set(since) - set(before) == {"extramural_leave", "long_leave"}
    assert set(before) | set(since) < set(book.kinds())
    assert book.kinds(date(1900, 1, 1)) == ()


def test_of_the_shipped_policies_a_kind_is_read_when_it_is_asked_for():
    book = _shipped.__wrapped__()
    assert len(book.kinds()) > 10
    assert not book._versions.found
    assert book.versions("leave")[-1].id == NEW.id
    assert list(book._versions.found) == ["leave"]
    with pytest.raises(PolicyError, match="no policy for 'parole'"):
        book.versions("parole")


def test_the_shipped_policies_are_those_of_their_folder_also_in_another_process():
    whole = PolicyBook.from_directory(Path(str(files("risicoscreener.decision") / "policies")))
    sent = pickle.loads(pickle.dumps(_shipped.__wrapped__()))
    for book in (PolicyBook.shipped(), sent):
        assert book.kinds() == whole.kinds()
        for kind in whole.kinds():
            found, expected = book.versions(kind), whole.versions(kind)
            assert [c.digest for c in found] == [c.digest for c in expected]
