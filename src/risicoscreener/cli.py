"""The command line: `risicoscreener …`.

Exit codes: 0 done; 1 something was verified and failed; 2 the command was typed wrongly;
3 the dossier or data are not usable; 4 the bundle is not usable; 5 a policy, feature or model is
not usable. With ``--outcome-exit-code``, `screen` ends on 0 (grant), 10 (deep assessment) or
11 (deny). 130 stopped; 141 whoever read the output went away.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from risicoscreener.errors import (
    BundleError,
    DataError,
    DossierError,
    FeatureError,
    ModelError,
    PolicyError,
    RisicoscreenerError,
)
from risicoscreener.writing import check_place, put_in_place

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.screening import Screener

EXIT_FAILED, EXIT_USAGE, EXIT_DATA, EXIT_BUNDLE, EXIT_DEFINITION = 1, 2, 3, 4, 5
EXIT_STOPPED, EXIT_PIPE = 130, 141
STANDARD_OUTPUT = 1
MOST_DIGITS = 18
OUTCOME_EXIT = {"grant": 0, "deep_assessment": 10, "deny": 11}
_EXIT_OF: tuple[tuple[type[RisicoscreenerError], int], ...] = (
    (DossierError, EXIT_DATA),
    (DataError, EXIT_DATA),
    (BundleError, EXIT_BUNDLE),
    (PolicyError, EXIT_DEFINITION),
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
    except KeyboardInterrupt:
        _complain("stopped", "stopped", arguments)
        return EXIT_STOPPED


def _complain(
    code: str, message: str, arguments: argparse.Namespace, problems: Iterable[object] = ()
) -> None:
    if getattr(arguments, "json", False):
        said = {"error": code, "message": message, "problems": [str(p) for p in problems]}
        print(json.dumps(said, ensure_ascii=not _speaks_utf8(sys.stderr)), file=sys.stderr)
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


def _speaks_utf8(stream: TextIO | None) -> bool:
    return stream is None or (stream.encoding or "utf-8").lower().replace("-", "") == "utf8"


def _drop_output() -> None:
    """If nobody takes the output, what is left of it must not fail again when Python ends."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, STANDARD_OUTPUT)
        os.close(nowhere)


# -- commands ------------------------------------------------------------------------------


def _screen(arguments: argparse.Namespace) -> int:
    if arguments.html:
        check_place(arguments.html)
    screener = _screener(arguments)
    result = screener.screen(
        _read_bytes(arguments.dossier),
        arguments.decision,
        as_of=arguments.as_of,
        on_error="quarantine" if arguments.quarantine else "raise",
    )
    if arguments.html:
        _write_text(arguments.html, _page(result.html(arguments.lang), arguments.lang))
    if arguments.json:
        _say_json(result.to_dict())
    else:
        print(result.text(arguments.lang), end="")
    if result.valid_until < dt.date.today():
        print(
            f"note: this is the picture of {result.as_of}; it was valid until "
            f"{result.valid_until} (give --as-of for another day)",
            file=sys.stderr,
        )
    return OUTCOME_EXIT[result.outcome] if arguments.outcome_exit_code else 0


def _screen_many(arguments: argparse.Namespace) -> int:
    from risicoscreener.dossier import DossierTables

    _check_outputs(arguments)
    screener = _screener(arguments)
    today = dt.date.today()
    dossiers = DossierTables.read(
        arguments.folder,
        on_error="raise" if arguments.strict else "quarantine",
        recorded_by=arguments.recorded_by or today,
    )
    index: Any = arguments.as_of or today
    if arguments.index:
        index = _read_frame(arguments.index)
    with _progress("screening", arguments) as advance:
        screened = screener.screen_many(dossiers, arguments.decision, index, on_block=advance)
    if arguments.out:
        screened.write(arguments.out)
    if arguments.quarantine_out:
        with put_in_place(arguments.quarantine_out) as unfinished:
            dossiers.quarantine.astype({"value": str}).to_csv(unfinished, index=False)
    counts = screened.counts()
    said = {"screened": len(screened), "outcomes": counts, "problems": len(dossiers.problems)}
    if arguments.json:
        print(json.dumps(said))
    else:
        for outcome, count in counts.items():
            print(f"{outcome:16} {count:10,}")
        if dossiers.problems:
            print(f"{len(dossiers.problems)} problem(s); rows set apart:", file=sys.stderr)
            for problem in dossiers.problems[:20]:
                print(f"  - {problem}", file=sys.stderr)
    return 0


def _check_outputs(arguments: argparse.Namespace) -> None:
    """What would go wrong after the work goes wrong before it."""
    from risicoscreener.screening.table import check_results_path

    out, apart = arguments.out, arguments.quarantine_out
    if arguments.index and arguments.as_of:
        raise RisicoscreenerError("--index and --as-of both say on which day; give one of them")
    if out:
        check_results_path(out)
    if apart:
        check_place(apart)
    if out and apart and os.path.realpath(out) == os.path.realpath(apart):
        raise RisicoscreenerError(f"--out and --quarantine-out are both {out}; give two files")


def _explain(arguments: argparse.Namespace) -> int:
    from risicoscreener.features.lineage import lineage

    screener = _screener(arguments)
    dossier = _read_dossier(arguments.dossier)
    result = screener.screen(dossier, arguments.decision, as_of=arguments.as_of)
    names = arguments.feature or list(
        dict.fromkeys(name for model in result.models for name in model.reasons)
    )
    found = [lineage(dossier, name, result.as_of, screener.definitions) for name in names]
    if arguments.json:
        _say_json([item.to_dict() for item in found])
        return 0
    if not arguments.feature:
        print(result.text(arguments.lang))
    for item in found:
        print(item.text(arguments.lang))
    return 0


def _features(arguments: argparse.Namespace) -> int:
    from risicoscreener.features import catalogue
    from risicoscreener.features.one import compile_one
    from risicoscreener.features.wording import unit_label

    if arguments.as_of and not arguments.dossier:
        raise RisicoscreenerError("--as-of is the day of a dossier; give --dossier too")
    if arguments.name and arguments.group:
        raise RisicoscreenerError("features are named or of a --group; give one of the two")
    known = catalogue()
    names = list(dict.fromkeys(arguments.name)) or [
        n for n, f in known.items() if arguments.group in (None, f.group)
    ]
    plan = known.plan(names)
    values: dict[str, float | None] = {}
    if arguments.dossier:
        dossier = _read_dossier(arguments.dossier)
        found = compile_one(plan)(dossier, _day_of_picture(dossier, arguments.as_of))
        values = {n: (None if v != v else v) for n, v in zip(names, found, strict=True)}
    if arguments.json:
        rows = known.dictionary(arguments.lang).loc[names].reset_index()
        said = json.loads(rows.to_json(orient="records"))
        for row in said:
            if values:
                row["value"] = values[row["name"]]
        _say_json(said)
        return 0
    for name in names:
        feature = known[name]
        value = f" = {values[name]}" if values else ""
        flag = "" if feature.sensitivity == "allowed" else f" [{feature.sensitivity}]"
        unit = unit_label(feature.unit, arguments.lang)
        print(f"{name}{value}{flag}: {feature.text[arguments.lang]} ({unit})")
    return 0


def _policy_list(arguments: argparse.Namespace) -> int:
    book = _policies(arguments)
    versions = [version for kind in book.kinds() for version in book.versions(kind)]
    titles = {version.id: version.policy.title.text(arguments.lang) for version in versions}
    if arguments.json:
        _say_json([{"id": name, "title": title} for name, title in titles.items()])
        return 0
    for name, title in titles.items():
        print(f"{name:34} {title}")
    return 0


def _policy_show(arguments: argparse.Namespace) -> int:
    on = arguments.on or dt.date.today()
    chosen = _policies(arguments).pick(arguments.kind, on, on)
    if arguments.json:
        _say_json({"id": chosen.id, "digest": chosen.digest, **_plain(chosen.policy)})
    else:
        print(chosen.policy.text(arguments.lang))
    return 0


def _policy_verify(arguments: argparse.Namespace) -> int:
    from risicoscreener.decision import verify

    book = _policies(arguments)
    kinds = [arguments.kind] if arguments.kind else list(book.kinds())
    reports = [verify(version) for kind in kinds for version in book.versions(kind)]
    if arguments.json:
        _say_json([r.to_dict() for r in reports])
    else:
        for report in reports:
            print(report.text(arguments.lang))
    return 0 if all(report.ok for report in reports) else EXIT_FAILED


def _bundle_show(arguments: argparse.Namespace) -> int:
    bundle = _bundle(arguments)
    plain = _plain(bundle)
    for model in plain["models"]:
        del model["golden"]
        model["features"] = [term["feature"] for term in model["program"]["terms"]]
        del model["program"], model["provenance"]
    if arguments.json:
        _say_json(plain)
        return 0
    print(f"{bundle.id}: made {bundle.created}, review on {bundle.review_on}, {bundle.owner}")
    print(bundle.disclaimer.text(arguments.lang))
    for model in bundle.models:
        print(f"\n{model.name}: {model.title.text(arguments.lang)}")
        print(f"  n = {model.training.n:,}, events = {model.training.events:,}")
        performance = model.performance
        if performance is not None:
            print(
                f"  AUC {performance.auc:.3f}, Brier {performance.brier:.4f}, calibration slope "
                f"{performance.calibration_slope:.2f}, intercept "
                f"{performance.calibration_intercept:+.3f} ({performance.method})"
            )
        print(f"  features: {', '.join(model.features)}")
    for waiver in bundle.waivers:
        print(f"waiver: {waiver.feature}: {waiver.reason} ({waiver.granted_by})")
    return 0


def _bundle_verify(arguments: argparse.Namespace) -> int:
    from risicoscreener.features import catalogue

    bundle = _bundle(arguments)
    known = [name for name in bundle.features if name in catalogue()]
    report = bundle.verify(catalogue().plan(known).digests)
    if arguments.json:
        _say_json({**_plain(report), "ok": report.ok})
    else:
        print(report)
    return 0 if report.ok else EXIT_FAILED


def _synth(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic import simulate

    Path(arguments.out).mkdir(parents=True, exist_ok=True)
    with _progress("simulating", arguments) as advance:
        cohort = simulate(
            arguments.n,
            seed=arguments.seed,
            population=arguments.population,
            on_block=_so_far(advance, arguments.n),
        )
    cohort.write(arguments.out)
    print(f"{arguments.n:,} synthetic people written to {arguments.out}", file=sys.stderr)
    return 0


def _fit(arguments: argparse.Namespace) -> int:
    from risicoscreener.models.recipe import Recipe, fit_bundle
    from risicoscreener.synthetic import simulate

    check_place(arguments.out)
    recipe = Recipe.load(arguments.recipe) if arguments.recipe else Recipe.default()
    made_on = arguments.made_on or dt.date.today()
    made_by = f"risicoscreener fit -n {arguments.n} --seed {arguments.seed} --made-on {made_on}"
    if arguments.recipe:
        made_by += f" --recipe {shlex.quote(Path(arguments.recipe).name)}"
    with _progress("simulating", arguments) as advance:
        cohort = simulate(
            arguments.n,
            seed=arguments.seed,
            population=recipe.population,
            on_block=_so_far(advance, arguments.n),
        )
    with _progress("fitting", arguments) as advance:
        bundle = fit_bundle(
            recipe,
            cohort.tables,
            cohort.truth.observations(),
            data_set=f"synthetic cohort {recipe.population}, n = {arguments.n}, "
            f"seed {arguments.seed}",
            synthetic=True,
            command=made_by,
            made_on=made_on,
            on_model=lambda _name: advance(1, len(recipe.models)),
        )
    bundle.save(arguments.out)
    print(f"bundle {bundle.id} written to {arguments.out}", file=sys.stderr)
    return 0


# -- what commands share -------------------------------------------------------------------


def _screener(arguments: argparse.Namespace) -> Screener:
    from risicoscreener.screening import Screener

    return Screener.load(bundle=arguments.bundle, policies=arguments.policies)


def _policies(arguments: argparse.Namespace) -> Any:
    from risicoscreener.decision import PolicyBook

    if arguments.policies:
        return PolicyBook.from_directory(arguments.policies)
    return PolicyBook.shipped()


def _bundle(arguments: argparse.Namespace) -> Any:
    from risicoscreener.models import Bundle
    from risicoscreener.models.shipped import shipped_bundle_bytes

    return Bundle.load(shipped_bundle_bytes() if arguments.bundle is None else arguments.bundle)


def _read_bytes(path: str) -> bytes:
    from risicoscreener.dossier.reading import MAX_BYTES

    if path == "-":
        if sys.stdin is None:
            raise DossierError("standard input is closed; expected one dossier as JSON")
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    if Path(path).is_dir():
        raise DossierError(f"{path} is a folder; expected a file with one dossier as JSON")
    with Path(path).open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DossierError(f"{path} has more than {MAX_BYTES:,} bytes; expected at most that many")
    return data


def _read_dossier(path: str) -> Dossier:
    from risicoscreener.dossier import read_dossier

    return read_dossier(_read_bytes(path), recorded_by=dt.date.today())


def _day_of_picture(dossier: Dossier, as_of: dt.date | None) -> dt.date:
    from risicoscreener.screening import day_of_picture

    return day_of_picture(dossier, as_of)


def _read_frame(path: str) -> Any:
    import pandas as pd

    if Path(path).is_dir():
        raise DossierError(f"{path} is a folder; expected a table with person_id and as_of")
    try:
        if path.endswith(".parquet"):
            frame = pd.read_parquet(path)
            # The truth of a cohort has its people in the index, as pandas keeps it in the file.
            return frame.reset_index() if "person_id" in frame.index.names else frame
        # Nothing is guessed: someone's id may be NA, and a column that is there twice stays so.
        rows = pd.read_csv(path, header=None, dtype=str, keep_default_na=False, na_values=[""])
    except ValueError as error:
        raise DossierError(f"{path} cannot be read as a table: {error}") from None
    return rows.iloc[1:].set_axis(rows.iloc[0], axis="columns").reset_index(drop=True)


def _plain(record: Any) -> Any:
    """Dictionaries, lists, numbers and text."""
    import msgspec

    return msgspec.to_builtins(record)


def _say_json(value: Any) -> None:
    """JSON on standard output; in an encoding that lacks letters they are written as escapes."""
    print(json.dumps(value, ensure_ascii=not _speaks_utf8(sys.stdout), indent=2))


def _page(fragment: str, lang: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f"<title>risicoscreener</title></head><body><main>\n{fragment}</main></body></html>\n"
    )


def _write_text(path: str, text: str) -> None:
    with put_in_place(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


@contextmanager
def _progress(label: str, arguments: argparse.Namespace) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, if that is a terminal and no JSON was asked for."""
    if getattr(arguments, "json", False) or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, advance=done, total=total)


def _so_far(advance: Callable[[int, int], None], total: int) -> Callable[[int], None]:
    """Report a number done so far to a bar that wants what was just done."""
    before = 0

    def report(done: int) -> None:
        nonlocal before
        advance(done - before, total)
        before = done

    return report


# -- what can be typed ---------------------------------------------------------------------


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; expected YYYY-MM-DD")
    return day


def _path(text: str) -> str:
    """A file or folder; an empty one is most often a variable of a script that was not set."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a file or folder")
    return text


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no seed; expected a whole number of at most {MOST_DIGITS} digits"
        )
    return int(text)


def _count(text: str) -> int:
    try:
        count = int(text.replace("_", ""))
    except ValueError:
        count = 0
    if not 1 <= count <= 100_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of people from 1 up")
    return count


def _parser() -> argparse.ArgumentParser:
    from risicoscreener import __version__

    parser = argparse.ArgumentParser(
        prog="risicoscreener",
        description="From a dossier to grant, deny or a deep assessment, with reasons. Reference "
        "policies and models fitted on synthetic people: not for decisions about people.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_screening(commands)
    _add_looking(commands)
    _add_making(commands)
    return parser


def _add(
    commands: Any, name: str, command: Callable[[argparse.Namespace], int], help_text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help_text, description=help_text
    )
    parser.set_defaults(command=command)
    parser.add_argument("--lang", choices=("nl", "en"), default="nl", help="language (nl)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bundle", type=_path, metavar="FILE", help="models; the shipped ones by default"
    )
    parser.add_argument(
        "--policies", type=_path, metavar="DIR", help="policies; the shipped ones by default"
    )


def _add_case(parser: argparse.ArgumentParser) -> None:
    _add_sources(parser)
    parser.add_argument(
        "--decision", default="leave", help="leave, low_security or conditional_release (leave)"
    )
    parser.add_argument("--as-of", type=_day, metavar="DATE", help="day of the picture")


def _add_screening(commands: Any) -> None:
    one = _add(commands, "screen", _screen, "Screen one dossier.")
    one.add_argument(
        "dossier", type=_path, metavar="DOSSIER.json", help="a dossier as JSON, - for stdin"
    )
    _add_case(one)
    one.add_argument("--quarantine", action="store_true", help="set bad rows apart, do not stop")
    one.add_argument("--html", type=_path, metavar="FILE", help="also write the result as a page")
    one.add_argument("--outcome-exit-code", action="store_true", help="0, 10 or 11 by outcome")

    many = _add(commands, "screen-many", _screen_many, "Screen a folder of dossier tables.")
    many.add_argument(
        "folder", type=_path, help="folder with persons.parquet (or .csv) and the other tables"
    )
    _add_case(many)
    many.add_argument("--index", type=_path, metavar="FILE", help="table with person_id and as_of")
    many.add_argument("--out", type=_path, metavar="FILE", help="write results (.parquet or .csv)")
    many.add_argument("--strict", action="store_true", help="stop at bad rows")
    many.add_argument(
        "--quarantine-out", type=_path, metavar="FILE", help="write bad rows with reasons (.csv)"
    )
    many.add_argument("--recorded-by", type=_day, metavar="DATE", help="no fact may be later")

    why = _add(commands, "explain", _explain, "Show from which facts the values of a result come.")
    why.add_argument("dossier", type=_path, metavar="DOSSIER.json")
    _add_case(why)
    why.add_argument("--feature", action="append", metavar="NAME", help="a feature; repeatable")


def _add_looking(commands: Any) -> None:
    from risicoscreener.features.definition import GROUPS

    listing = _add(commands, "features", _features, "List features, or their values in a dossier.")
    listing.add_argument("name", nargs="*", help="features; all by default")
    listing.add_argument("--group", choices=GROUPS, help="only of this group")
    listing.add_argument(
        "--dossier", type=_path, metavar="FILE", help="compute them for this dossier"
    )
    listing.add_argument("--as-of", type=_day, metavar="DATE")

    policy = commands.add_parser("policy", help="List, show or verify policies.")
    actions = policy.add_subparsers(required=True, metavar="ACTION")
    listed = _add(actions, "list", _policy_list, "List the policies.")
    show = _add(actions, "show", _policy_show, "Show a policy as text.")
    show.add_argument("kind", help="leave, low_security or conditional_release")
    show.add_argument("--on", type=_day, metavar="DATE", help="the version of this day (today)")
    check = _add(actions, "verify", _policy_verify, "Check every property in every cell.")
    check.add_argument("kind", nargs="?", help="all by default")
    for parser in (listed, show, check):
        parser.add_argument("--policies", type=_path, metavar="DIR")

    bundle = commands.add_parser("bundle", help="Show or verify a bundle of models.")
    actions = bundle.add_subparsers(required=True, metavar="ACTION")
    for name, command, text in (
        ("show", _bundle_show, "Show what is in a bundle."),
        ("verify", _bundle_verify, "Check hash, definitions and golden vectors."),
    ):
        parser = _add(actions, name, command, text)
        parser.add_argument(
            "bundle", type=_path, nargs="?", metavar="FILE", help="the shipped one by default"
        )


def _add_making(commands: Any) -> None:
    synth = _add(commands, "synth", _synth, "Write a synthetic cohort with its truth apart.")
    synth.add_argument("-n", type=_count, default=1000, help="number of people (1000)")
    synth.add_argument("--seed", type=_seed, default=1)
    synth.add_argument("--population", default="sentenced", choices=("sentenced", "flow"))
    synth.add_argument("--out", type=_path, required=True, metavar="DIR")

    fit = _add(commands, "fit", _fit, "Fit the models of a recipe on a synthetic cohort.")
    fit.add_argument("-n", type=_count, default=50_000, help="number of people (50000)")
    fit.add_argument("--seed", type=_seed, default=1)
    fit.add_argument("--recipe", type=_path, metavar="FILE", help="the shipped recipe by default")
    fit.add_argument("--made-on", type=_day, metavar="DATE", help="date in the bundle (today)")
    fit.add_argument("--out", type=_path, required=True, metavar="FILE")


if __name__ == "__main__":
    sys.exit(main())
