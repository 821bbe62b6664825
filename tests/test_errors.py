"""What an error says can be printed, whatever it quotes."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.cli import main
from risicoscreener.errors import (
    PartError,
    ProblemsError,
    RisicoscreenerError,
    ScaleError,
    printable,
)

CLEARS_A_SCREEN = "\x1b[2J\x1b[H"
TURNS_A_LINE = "\u202e"


@given(st.text())
def test_what_prints_is_as_it_was_and_all_else_is_an_escape(text):
    said = printable(text)
    assert said.isprintable()
    assert (said == text) is text.isprintable()


@pytest.mark.parametrize("letter", ["\x1b", "\a", "\r", "\x00", "\x9b", TURNS_A_LINE, "\ud800"])
def test_a_letter_that_does_not_print_is_named(letter):
    assert printable(f"a{letter}b") == f"a{ascii(letter)[1:-1]}b"


@given(st.text(), st.lists(st.text(), max_size=3))
def test_errors_print_in_lines_of_their_own(message, problems):
    said = str(ProblemsError("Not usable", tuple(problems)))
    assert said.split("\n") == ["Not usable", *(f"  - {printable(text)}" for text in problems)]
    for error in (RisicoscreenerError(message), PartError("part 1", message)):
        assert all(line.isprintable() for line in str(error).split("\n"))


def test_ends_of_lines_of_an_error_stay():
    assert str(ScaleError("one\ntwo")) == "one\ntwo"


def test_an_error_of_another_process_says_the_same():
    error = PartError("part 1", f"no {CLEARS_A_SCREEN}")
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == r"part 1: no \x1b[2J\x1b[H"


def test_a_file_does_not_write_on_a_terminal_what_it_likes(tmp_path, capsys):
    policy = tmp_path / "policy.toml"
    name = CLEARS_A_SCREEN + TURNS_A_LINE
    policy.write_text("".join(f"\\u{ord(letter):04x}" for letter in name).join(('"', '" = 1\n')))
    assert main(["policy", "verify", str(policy)]) != 0
    said = capsys.readouterr().err
    assert r"\x1b[2J\x1b[H\u202e" in said
    assert said.rstrip("\n").isprintable()
