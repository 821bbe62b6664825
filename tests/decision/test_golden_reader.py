"""Golden cases as the library reads them."""

from __future__ import annotations

import pytest

from decision.golden_cases import CASES, FINDINGS, FOLDER, SHIPPED
from risicoscreener.decision.golden import read_golden
from risicoscreener.errors import PolicyError

GOLDEN = read_golden(FOLDER)


@pytest.mark.parametrize("name", sorted({c.policy for c in CASES}))
def test_the_library_reads_the_cases_as_the_tests_do(name):
    golden, compiled = GOLDEN[name], SHIPPED[name]
    assert golden.wrong(compiled) == ()
    cases = [c for c in CASES if c.policy == name]
    assert golden.pinned(compiled) == {c.decide(compiled).levels: c.outcome for c in cases}
    assert len(golden.checks()) == len(cases) + sum(f.policy == name for f in FINDINGS)


def _write(folder, text):
    (folder / "cases.toml").write_text(text, "utf-8")
    return folder


def test_a_case_that_comes_out_otherwise_is_named(tmp_path, leave):
    usual = "\n".join(f"{name} = 0" for name in leave.inputs)
    scores = "\n".join(f"{name} = {{ probability = 0.01 }}" for name in leave.models)
    text = f"""
policy = "{leave.id}"
[usual.inputs]
{usual}
[usual.scores]
{scores}
[[cases]]
name = "no plan"
outcome = "grant"
[[readings]]
of = "conduct"
inputs = {{ escapes_detention = 1 }}
is = "good"
[[readings]]
of = "sentenced"
inputs = {{ is_sentenced = 1 }}
is = "met"
"""
    golden = read_golden(_write(tmp_path, text))[leave.id]
    assert golden.wrong(leave) == ("no plan", "conduct: {'escapes_detention': 1.0}")
    lacking = read_golden(_write(tmp_path, text.replace("is_sentenced = 0\n", "")))[leave.id]
    with pytest.raises(PolicyError, match="lack is_sentenced; expected a usual value"):
        lacking.pinned(leave)
    odd = read_golden(_write(tmp_path, text.replace('of = "conduct"', 'of = "condukt"')))[leave.id]
    with pytest.raises(PolicyError, match="a reading of 'condukt'"):
        odd.wrong(leave)


def test_a_folder_or_a_file_that_holds_no_cases_is_refused(tmp_path):
    with pytest.raises(PolicyError, match="has no TOML files"):
        read_golden(tmp_path)
    with pytest.raises(PolicyError, match="is not a folder"):
        read_golden(tmp_path / "none")
    with pytest.raises(PolicyError, match=r"cases.toml: .*expected golden cases"):
        read_golden(_write(tmp_path, "policy = 3"))
    (tmp_path / "more.toml").write_text('policy = "leave/2021-07-01"\nusual = {}\n')
    _write(tmp_path, 'policy = "leave/2021-07-01"\nusual = {}\n')
    with pytest.raises(PolicyError, match="two files of golden cases"):
        read_golden(tmp_path)
