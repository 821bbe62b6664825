"""No regular expression of the package takes time that explodes with the text that it is given."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import risicoscreener
from blowing_up import growth

PACKAGE = Path(risicoscreener.__file__).parent
CALLS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}


def patterns_in(path: Path) -> list[tuple[str, int, str, int]]:
    """The expressions that stand in a module: file, line, expression, flags."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        of_re = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "re"
        given = [k.value for k in node.keywords if k.arg == "pattern"]
        if of_re and node.func.attr in CALLS:
            given += node.args[:1]
        flags = sum(
            int(getattr(re, part.attr))
            for arg in (*node.args[1:], *(k.value for k in node.keywords))
            for part in ast.walk(arg)
            if isinstance(part, ast.Attribute) and getattr(part.value, "id", "") == "re"
        )
        where = path.relative_to(PACKAGE).as_posix()
        found += [
            (where, node.lineno, one.value, flags)
            for one in given
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
    return found


PATTERNS = [one for path in sorted(PACKAGE.rglob("*.py")) for one in patterns_in(path)]


def test_the_expressions_of_the_package_are_found():
    assert len(PATTERNS) > 30
    assert any(where == "dossier/record.py" for where, *_ in PATTERNS)


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [pytest.param(p, f, id=f"{where}:{line}") for where, line, p, f in PATTERNS],
)
def test_an_expression_of_the_package_takes_time_as_the_text_is_long(pattern, flags):
    assert growth(pattern, flags) == "line"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("(a+)+$", "explosion"), ("(a*)*b", "explosion"), ("(ab|[ac]b)*x", "explosion"),
        ("(a|aa)+$", "explosion"), (r"([a-z]+\d?)*x", "explosion"), ("(.*)*x", "explosion"),
        ("a*a*b", "power"), (r"\s*x?\s*$", "power"), (r"\d+\d+", "power"), (".*.*=.*", "power"),
        ("a{1,200}a{1,200}b", "power"),
        ("a*b*c", "line"), ("(ab)*c", "line"), (r"(\d{3},)*\d{1,3}", "line"), ("(a|b)*c", "line"),
        ('(?:[^"\\\\]|\\\\.)*"', "line"), ("a{1,3}a{1,3}b", "line"), ("x*y?z*", "line"),
    ],
)  # fmt: skip
def test_how_time_grows_is_told(pattern, expected):
    assert growth(pattern) == expected
