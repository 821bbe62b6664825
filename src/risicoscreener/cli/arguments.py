"""What can be typed: dates, paths and numbers, and what many commands have in common."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from typing import Any

MOST_DIGITS = 18
MOST_PROCESSES = 1024


def as_day(text: str) -> dt.date:
    """A date as it is typed."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; expected YYYY-MM-DD")
    return day


def as_path(text: str) -> str:
    """A file or folder; an empty one is most often a variable of a script that was not set."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a file or folder")
    return text


def as_seed(text: str) -> int:
    """A seed as it is typed."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no seed; expected a whole number of at most {MOST_DIGITS} digits"
        )
    return int(text)


def as_count(text: str) -> int:
    """A number of people as it is typed."""
    try:
        count = int(text.replace("_", ""))
    except ValueError:
        count = 0
    if not 1 <= count <= 100_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of people from 1 up")
    return count


def as_jobs(text: str) -> int:
    """A number of processes as it is typed."""
    count = int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0
    if not 1 <= count <= MOST_PROCESSES:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of processes; expected a whole number from 1 to "
            f"{MOST_PROCESSES}"
        )
    return count


def add_command(
    commands: Any, name: str, command: Callable[[argparse.Namespace], int], help_text: str
) -> argparse.ArgumentParser:
    """Declare one command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help_text, description=help_text
    )
    parser.set_defaults(command=command)
    parser.add_argument("--lang", choices=("nl", "en"), default="nl", help="language (nl)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Declare where models and policies come from."""
    parser.add_argument(
        "--bundle", type=as_path, metavar="FILE", help="models; the shipped ones by default"
    )
    parser.add_argument(
        "--policies", type=as_path, metavar="DIR", help="policies; the shipped ones by default"
    )


def add_case(
    parser: argparse.ArgumentParser, as_of: str = "that of the latest recorded fact, not today"
) -> None:
    """Declare what a decision is about, and of which day the picture is where none is given."""
    add_sources(parser)
    parser.add_argument(
        "--decision", default="leave", help="leave, low_security or conditional_release (leave)"
    )
    parser.add_argument(
        "--as-of", type=as_day, metavar="DATE", help=f"day of the picture; by default {as_of}"
    )
