"""Runs a command, and says what went wrong with it in one line."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence

from risicoscreener.cli.allocate import add_allocate
from risicoscreener.cli.bundles import add_bundles
from risicoscreener.cli.capacity import add_capacity
from risicoscreener.cli.common import (
    EXIT_BUNDLE,
    EXIT_DATA,
    EXIT_DEFINITION,
    EXIT_PIPE,
    EXIT_STOPPED,
    EXIT_USAGE,
    speaks_utf8,
)
from risicoscreener.cli.conditions import add_conditions
from risicoscreener.cli.conduct import add_conduct
from risicoscreener.cli.document import add_document
from risicoscreener.cli.impact import add_impact
from risicoscreener.cli.instruments import add_instruments
from risicoscreener.cli.intake import add_intake
from risicoscreener.cli.looking import add_looking
from risicoscreener.cli.making import add_making
from risicoscreener.cli.monitor import add_monitor
from risicoscreener.cli.notices import add_notices
from risicoscreener.cli.picture import add_picture
from risicoscreener.cli.pilot import add_pilot
from risicoscreener.cli.plan import add_plan
from risicoscreener.cli.policies import add_policies
from risicoscreener.cli.record import add_record
from risicoscreener.cli.reporting import add_reporting
from risicoscreener.cli.screening import add_screening
from risicoscreener.cli.serving import add_serve
from risicoscreener.cli.sharing import add_sharing
from risicoscreener.cli.synthetic import add_synthetic
from risicoscreener.errors import (
    BundleError,
    ConductError,
    DataError,
    DossierError,
    EvaluationError,
    FeatureError,
    GovernanceError,
    ModelError,
    MonitoringError,
    PilotError,
    PolicyError,
    RecordError,
    ReentryError,
    RisicoscreenerError,
    ScaleError,
    ServiceError,
)

STANDARD_OUTPUT = 1
_EXIT_OF: tuple[tuple[type[RisicoscreenerError], int], ...] = (
    (DossierError, EXIT_DATA),
    (DataError, EXIT_DATA),
    (EvaluationError, EXIT_DATA),
    (RecordError, EXIT_DATA),
    (ScaleError, EXIT_DATA),
    (ReentryError, EXIT_DATA),
    (PilotError, EXIT_DATA),
    (MonitoringError, EXIT_DATA),
    (GovernanceError, EXIT_DATA),
    (ServiceError, EXIT_DATA),
    (BundleError, EXIT_BUNDLE),
    (PolicyError, EXIT_DEFINITION),
    (ConductError, EXIT_DEFINITION),
    (FeatureError, EXIT_DEFINITION),
    (ModelError, EXIT_DEFINITION),
    (RisicoscreenerError, EXIT_USAGE),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code and never lets a stack trace out for bad input."""
    _escape_what_a_terminal_lacks()
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        code = command(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where what goes wrong can still be said
        return code
    except RisicoscreenerError as error:
        _complain(error.code, str(error), arguments, getattr(error, "problems", ()))
        return next(code for kind, code in _EXIT_OF if isinstance(error, kind))
    except BrokenPipeError:
        _drop_output()
        return EXIT_PIPE
    except OSError as error:
        _drop_output()
        _complain("file", _of_file(error), arguments)
        return EXIT_DATA
    except (UnicodeError, MemoryError, RecursionError) as error:
        _complain("input", _of_input(error), arguments)
        return EXIT_DATA
    except KeyboardInterrupt as stop:
        _complain("stopped", str(stop) or "stopped", arguments)
        return getattr(stop, "exit_code", EXIT_STOPPED)


def _complain(
    code: str, message: str, arguments: argparse.Namespace, problems: Iterable[object] = ()
) -> None:
    if getattr(arguments, "json", False):
        said = {"error": code, "message": message, "problems": [str(p) for p in problems]}
        print(json.dumps(said, ensure_ascii=not speaks_utf8(sys.stderr)), file=sys.stderr)
    else:
        print(f"error: {message}", file=sys.stderr)


def _of_file(error: OSError) -> str:
    """What went wrong with which file; libraries that read files leave out one or both."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else f"input or output: {reason}"


def _of_input(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory for this; take fewer people at once"
    if isinstance(error, RecursionError):
        return "a file is nested too deeply to be read; check that it is the right one"
    return f"a name or a text is not UTF-8: {error}"


def _escape_what_a_terminal_lacks() -> None:
    """A letter that the output's encoding lacks is written as an escape; it stops nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """If nobody takes the output, what is left of it must not fail again when Python ends."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, STANDARD_OUTPUT)
        os.close(nowhere)


def _parser() -> argparse.ArgumentParser:
    from risicoscreener import __version__

    parser = argparse.ArgumentParser(
        prog="risicoscreener",
        description="From a dossier to grant, deny or a deep assessment, with reasons. Reference "
        "policies and models fitted on synthetic people: not for decisions about people.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_screening(commands)
    add_conduct(commands)
    add_picture(commands)
    add_looking(commands)
    add_policies(commands)
    add_instruments(commands)
    add_bundles(commands)
    add_synthetic(commands)
    add_making(commands)
    add_reporting(commands)
    add_record(commands)
    add_impact(commands)
    add_allocate(commands)
    add_pilot(commands)
    add_capacity(commands)
    add_plan(commands)
    add_conditions(commands)
    add_intake(commands)
    add_notices(commands)
    add_sharing(commands)
    add_monitor(commands)
    add_serve(commands)
    add_document(commands)
    return parser
