"""What goes away is said to whoever uses it, and has gone when its version comes."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

import pytest

import risicoscreener
from risicoscreener.deprecation import RemovalWarning, deprecated, version_numbers
from risicoscreener.errors import RisicoscreenerError

PACKAGE = Path(risicoscreener.__file__).parent


def overdue(source: str, version: str) -> list[str]:
    """Lines with what should have gone by a version."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "deprecated":
            removed_in = next(k.value.value for k in node.keywords if k.arg == "removed_in")
            if version_numbers(removed_in) <= version_numbers(version):
                found.append(f"line {node.lineno}: removed_in={removed_in}")
    return found


@deprecated(since="0.1", removed_in="0.3", instead="new")
def old(value: int) -> int:
    """Twice the value."""
    return 2 * value


@deprecated(since="0.1", removed_in="0.3", instead="New")
class Old:
    def __init__(self, value: int) -> None:
        self.value = value


def test_a_function_that_goes_away_works_and_warns_where_it_is_called():
    with pytest.warns(RemovalWarning, match=r"old is deprecated .* goes in 0\.3; use new") as said:
        assert old(2) == 4
    assert said[0].filename == __file__
    assert old.__doc__ == "Twice the value."
    assert old.__deprecated__.endswith("use new")


def test_a_class_that_goes_away_is_the_same_class_and_warns_when_made():
    with pytest.warns(RemovalWarning, match="use New"):
        made = Old(3)
    assert isinstance(made, Old)
    assert made.value == 3


def test_nothing_is_said_where_nothing_is_used():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        deprecated(since="0.1", removed_in="0.2", instead="it")(lambda: None)


@pytest.mark.parametrize(
    ("since", "removed_in"), [("0.3", "0.3"), ("0.3", "0.2"), ("0.10", "0.9"), ("0.2", "0.2.0")]
)
def test_what_goes_before_it_is_marked_is_refused(since, removed_in):
    with pytest.raises(RisicoscreenerError, match="removed_in is"):
        deprecated(since=since, removed_in=removed_in, instead="it")


@pytest.mark.parametrize("version", ["", "soon", "1.", "1.0rc1", "v1"])
def test_a_version_is_numbers_with_dots(version):
    with pytest.raises(RisicoscreenerError, match="expected numbers"):
        version_numbers(version)


def test_nothing_in_the_package_is_overdue():
    found = {
        str(path.relative_to(PACKAGE)): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := overdue(path.read_text("utf-8"), risicoscreener.__version__))
    }
    assert not found


def test_something_overdue_would_be_found():
    source = '@deprecated(since="0.1", removed_in="0.3", instead="new")\ndef old(): ...\n'
    assert overdue(source, "0.2.9") == []
    assert overdue(source, "0.3.0") == ["line 1: removed_in=0.3"]


@pytest.mark.parametrize(
    ("old_name", "name"), [("Validation", "HeldOutPerformance"), ("Part", "PartPerformance")]
)
def test_an_old_name_is_the_same_class_until_the_version_in_which_it_goes(old_name, name):
    from risicoscreener.models import honesty

    gone = version_numbers(risicoscreener.__version__) >= (0, 3)
    assert getattr(honesty, old_name, None) is (None if gone else getattr(honesty, name))
