"""Which versions an advisory is about, by the rules of the OSV schema."""

from __future__ import annotations

import subprocess

import pytest
from packaging.version import Version

import check_advisories
from check_advisories import affects, pinned


def advisory(events=(), versions=(), name="Some_Package", ecosystem="PyPI"):
    package = {"ecosystem": ecosystem, "name": name}
    ranges = [
        {"type": "ECOSYSTEM", "events": list(events)},
        {"type": "GIT", "events": [{"x": "y"}]},
    ]
    return {"affected": [{"package": package, "ranges": ranges, "versions": list(versions)}]}


FROM_2_TO_3 = [{"introduced": "2.0"}, {"fixed": "3.0"}]
TWICE = [*FROM_2_TO_3, {"introduced": "4.0"}, {"last_affected": "4.2"}]


@pytest.mark.parametrize(
    ("events", "version", "is_affected"),
    [
        (FROM_2_TO_3, "1.9", False),
        (FROM_2_TO_3, "2.0", True),
        (FROM_2_TO_3, "2.10", True),
        (FROM_2_TO_3, "3.0", False),
        (FROM_2_TO_3[::-1], "2.5", True),
        (TWICE, "3.5", False),
        (TWICE, "4.2", True),
        (TWICE, "4.3", False),
        ([{"introduced": "0"}], "99", True),
        ([], "1.0", False),
    ],
)
def test_a_version_within_a_range_is_affected(events, version, is_affected):
    assert affects(advisory(events), "some-package", Version(version)) is is_affected


def test_versions_that_are_named_are_affected():
    named = advisory(versions=["1.0", "1.0.post1", "no version"])
    assert affects(named, "some-package", Version("1.0.0"))
    assert not affects(named, "some-package", Version("1.1"))
    assert not affects(named, "other", Version("1.0"))
    assert not affects(advisory(versions=["1.0"], ecosystem="npm"), "some-package", Version("1.0"))


def test_pinned_versions_are_read():
    text = "# a\nnumpy==2.0\nSome_Package==1.0rc1 ; python_version > '3'\nother>=3\n"
    assert pinned(text) == {"numpy": Version("2.0"), "some-package": Version("1.0rc1")}


def test_a_copy_of_the_database_is_read_and_its_age_said(tmp_path, capsys, monkeypatch):
    folder, pins = tmp_path / "db", tmp_path / "constraints.txt"
    (folder / "vulns" / "some-package").mkdir(parents=True)
    (folder / "vulns" / "some-package" / "PYSEC-1.yaml").write_text(
        "id: PYSEC-1\naffected:\n- package: {ecosystem: PyPI, name: some-package}\n"
        "  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: '0'\n    - fixed: '2.0'\n"
    )
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "a"]):
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", folder, *who, *words], check=True)
    monkeypatch.setattr(check_advisories, "ACCEPTED", tmp_path / "accepted.toml")
    (tmp_path / "accepted.toml").write_text("")
    words = [str(folder), "--constraints", str(pins)]
    pins.write_text("some-package==1.9\n")
    assert check_advisories.main(words) == 1
    assert "some-package 1.9: PYSEC-1" in capsys.readouterr().out
    pins.write_text("some-package==2.0\n")
    assert check_advisories.main(words) == 0
    assert "1 packages, 1 advisories on them" in capsys.readouterr().out
    (tmp_path / "accepted.toml").write_text("PYSEC-1 = 'looked at'\n")
    assert check_advisories.main(words) == 1
    assert "PYSEC-1 is accepted and was not found" in capsys.readouterr().out
    pins.write_text("some-package==1.9\n")
    assert check_advisories.main([str(folder / ".git"), *words[1:]]) == 0
