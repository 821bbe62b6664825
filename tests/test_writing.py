"""A file is put in its place when it is whole."""

from __future__ import annotations

import os
import stat

import pytest

from risicoscreener.writing import (
    LONGEST_NAME,
    check_new_folder,
    check_place,
    put_folder_in_place,
    put_in_place,
)


def write(path, text="new"):
    with put_in_place(path) as unfinished:
        unfinished.write_text(text)


def write_half(path, fault):
    with put_in_place(path) as unfinished:
        unfinished.write_text("half")
        raise fault


def test_what_is_written_stands_in_its_place_and_nothing_beside_it(tmp_path):
    write(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_until_it_is_whole_the_old_file_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with put_in_place(path) as unfinished:
        unfinished.write_text("half")
        assert path.read_text() == "old"
        assert unfinished.parent == tmp_path
        assert unfinished.suffix == ".partial"
    assert path.read_text() == "half"


@pytest.mark.parametrize("fault", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_a_fault_leaves_what_was_there_and_no_half_file(tmp_path, fault):
    old = tmp_path / "old.txt"
    old.write_text("old")
    for path in (old, tmp_path / "never.txt"):
        with pytest.raises(type(fault)):
            write_half(path, fault)
    assert [p.name for p in tmp_path.iterdir()] == ["old.txt"]
    assert old.read_text() == "old"


def test_a_link_is_followed(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "there" / "real.txt")
    write(link)
    write(link, "again")
    assert link.is_symlink()
    assert (tmp_path / "there" / "real.txt").read_text() == "again"


def test_a_device_is_written_to_and_not_replaced():
    write("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_who_may_read_the_file_stays_as_it_was(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("old")
    path.chmod(0o640)
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_who_may_read_a_new_file_is_as_for_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("x")
    write(tmp_path / "written")
    assert (tmp_path / "written").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_longest_name_that_a_file_can_have_is_no_obstacle(tmp_path):
    name = "a" * 255
    assert len(name) > LONGEST_NAME
    write(tmp_path / name)
    assert (tmp_path / name).read_text() == "new"


def test_where_no_file_can_be_is_said_before_anything_is_written(tmp_path):
    (tmp_path / "file").write_text("x")
    for path, error in (
        (tmp_path, IsADirectoryError),
        (tmp_path / "nowhere" / "a", FileNotFoundError),
        (tmp_path / "file" / "a", NotADirectoryError),
    ):
        with pytest.raises(error) as caught:
            check_place(path)
        assert caught.value.filename == str(path)
        with pytest.raises(error), put_in_place(path):
            pytest.fail("there is nowhere to write")


def test_a_file_that_may_not_be_changed_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("old")
    asked = []
    monkeypatch.setattr(os, "access", lambda what, mode: asked.append((what, mode)))
    with pytest.raises(PermissionError):
        write(path)
    with pytest.raises(PermissionError):
        write(tmp_path / "new.txt")
    assert asked == [(path, os.W_OK), (tmp_path, os.W_OK)]
    assert path.read_text() == "old"


def write_folder(path, fault=None):
    with put_folder_in_place(path) as unfinished:
        (unfinished / "sub").mkdir()
        (unfinished / "sub" / "a.txt").write_text("whole")
        assert not (path / "sub").exists()
        if fault is not None:
            raise fault


def test_a_folder_stands_in_its_place_when_all_of_it_is_written(tmp_path):
    write_folder(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder" / "sub" / "a.txt").read_text() == "whole"
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["folder"]


def test_an_empty_folder_may_be_there_already(tmp_path):
    (tmp_path / "folder").mkdir()
    write_folder(tmp_path / "folder")
    assert (tmp_path / "folder" / "sub" / "a.txt").exists()


@pytest.mark.parametrize("fault", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_a_fault_leaves_no_folder_and_nothing_beside_it(tmp_path, fault):
    with pytest.raises(type(fault)):
        write_folder(tmp_path / "folder", fault)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_not_written_over(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    with pytest.raises(OSError, match="not empty"):
        write_folder(tmp_path / "folder")
    with pytest.raises(FileExistsError):
        write_folder(tmp_path / "folder" / "mine.txt")
    with pytest.raises(NotADirectoryError):
        check_new_folder(tmp_path / "folder" / "mine.txt" / "below")
    assert [p.name for p in tmp_path.rglob("*")] == ["folder", "mine.txt"]


def test_a_folder_that_may_not_be_made_is_refused_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda what, mode: what != tmp_path)
    with pytest.raises(PermissionError):
        check_new_folder(tmp_path / "a" / "b")
