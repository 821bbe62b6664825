"""The command line: `risicoscreener …`.

Exit codes: 0 done; 1 something was verified and failed; 2 the command was typed wrongly;
3 the dossier or data are not usable; 4 the bundle is not usable; 5 a policy, feature or model is
not usable. With ``--outcome-exit-code``, `screen` ends on 0 (grant), 10 (deep assessment) or
11 (deny).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import (
    BundleError,
    DataError,
    DossierError,
    FeatureError,
    ModelError,
    PolicyError,
    RisicoscreenerError,
)

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.screening import Screener

EXIT_FAILED, EXIT_USAGE, EXIT_DATA, EXIT_BUNDLE, EXIT_DEFINITION = 1, 2, 3, 4, 5
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
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except RisicoscreenerError as error:
        _complain(error, arguments)
        return next(code for kind, code in _EXIT_OF if isinstance(error, kind))
    except OSError as error:
        print(f"error: {error.filename or ''}: {error.strerror}", file=sys.stderr)
        return EXIT_DATA
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _complain(error: RisicoscreenerError, arguments: argparse.Namespace) -> None:
    if getattr(arguments, "json", False):
        problems = [str(p) for p in getattr(error, "problems", ())]
        said = {"error": error.code, "message": str(error), "problems": problems}
        print(json.dumps(said, ensure_ascii=False), file=sys.stderr)
    else:
        print(f"error: {error}", file=sys.stderr)


# -- commands ------------------------------------------------------------------------------


def _screen(arguments: argparse.Namespace) -> int:
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
        sys.stdout.write(_pretty(result.to_json()))
    else:
        sys.stdout.write(result.text(arguments.lang))
    if result.valid_until < dt.date.today():
        print(
            f"note: this is the picture of {result.as_of}; it was valid until "
            f"{result.valid_until} (give --as-of for another day)",
            file=sys.stderr,
        )
    return OUTCOME_EXIT[result.outcome] if arguments.outcome_exit_code else 0


def _screen_many(arguments: argparse.Namespace) -> int:
    from risicoscreener.dossier import DossierTables

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
    if arguments.quarantine_out:
        dossiers.quarantine.astype({"value": str}).to_csv(arguments.quarantine_out, index=False)
    return 0


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
        print(json.dumps([item.to_dict() for item in found], ensure_ascii=False, indent=2))
        return 0
    if not arguments.feature:
        sys.stdout.write(result.text(arguments.lang) + "\n")
    for item in found:
        print(item.text(arguments.lang))
    return 0


def _features(arguments: argparse.Namespace) -> int:
    from risicoscreener.features import catalogue
    from risicoscreener.features.one import compile_one

    known = catalogue()
    names = arguments.name or [n for n, f in known.items() if arguments.group in (None, f.group)]
    plan = known.plan(names)
    values: dict[str, float | None] = {}
    if arguments.dossier:
        dossier = _read_dossier(arguments.dossier)
        as_of = arguments.as_of or _latest_day(dossier)
        found = compile_one(plan)(dossier, as_of)
        values = {n: (None if v != v else v) for n, v in zip(names, found, strict=True)}
    if arguments.json:
        rows = known.dictionary(arguments.lang).loc[names].reset_index()
        said = json.loads(rows.to_json(orient="records"))
        for row in said:
            if values:
                row["value"] = values[row["name"]]
        print(json.dumps(said, ensure_ascii=False, indent=2))
        return 0
    for name in names:
        feature = known[name]
        value = f" = {values[name]}" if values else ""
        flag = "" if feature.sensitivity == "allowed" else f" [{feature.sensitivity}]"
        print(f"{name}{value}{flag}: {feature.text[arguments.lang]} ({feature.unit})")
    return 0


def _policy_list(arguments: argparse.Namespace) -> int:
    book = _policies(arguments)
    for kind in book.kinds():
        for version in book.versions(kind):
            print(f"{version.id:34} {version.policy.title.text(arguments.lang)}")
    return 0


def _policy_show(arguments: argparse.Namespace) -> int:
    on = arguments.on or dt.date.today()
    chosen = _policies(arguments).pick(arguments.kind, on, on)
    print(chosen.policy.text(arguments.lang))
    return 0


def _policy_verify(arguments: argparse.Namespace) -> int:
    from risicoscreener.decision import verify

    book = _policies(arguments)
    kinds = [arguments.kind] if arguments.kind else list(book.kinds())
    reports = [verify(version) for kind in kinds for version in book.versions(kind)]
    if arguments.json:
        print(json.dumps([r.to_dict() for r in reports], ensure_ascii=False, indent=2))
    else:
        for report in reports:
            print(report.text(arguments.lang))
    return 0 if all(report.ok for report in reports) else EXIT_FAILED


def _bundle_show(arguments: argparse.Namespace) -> int:
    bundle = _bundle(arguments)
    plain = bundle.to_dict()
    for model in plain["models"]:
        del model["golden"]
        model["features"] = [term["feature"] for term in model["program"]["terms"]]
        del model["program"], model["provenance"]
    if arguments.json:
        print(json.dumps(plain, ensure_ascii=False, indent=2, default=str))
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
    print(report)
    return 0 if report.ok else EXIT_FAILED


def _synth(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic import simulate

    with _progress("simulating", arguments) as advance:
        cohort = simulate(
            arguments.n,
            seed=arguments.seed,
            population=arguments.population,
            on_block=lambda done: advance(done, arguments.n),
        )
    cohort.write(arguments.out)
    print(f"{arguments.n:,} synthetic people written to {arguments.out}", file=sys.stderr)
    return 0


def _fit(arguments: argparse.Namespace) -> int:
    from risicoscreener.models.recipe import Recipe, fit_bundle
    from risicoscreener.synthetic import simulate

    recipe = Recipe.load(arguments.recipe) if arguments.recipe else Recipe.default()
    with _progress("simulating", arguments) as advance:
        cohort = simulate(
            arguments.n,
            seed=arguments.seed,
            population=recipe.population,
            on_block=lambda done: advance(done, arguments.n),
        )
    with _progress("fitting", arguments) as advance:
        bundle = fit_bundle(
            recipe,
            cohort.tables,
            cohort.truth.observations(),
            data_set=f"synthetic cohort {recipe.population}, n = {arguments.n}, "
            f"seed {arguments.seed}",
            synthetic=True,
            command=f"risicoscreener fit -n {arguments.n} --seed {arguments.seed}",
            made_on=arguments.made_on or dt.date.today(),
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

    return Bundle.load(arguments.bundle or shipped_bundle_bytes())


def _read_bytes(path: str) -> bytes:
    from risicoscreener.dossier.reading import MAX_BYTES

    if path == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    file = Path(path)
    if file.is_dir():
        raise DossierError(f"{path} is a folder; expected a file with one dossier as JSON")
    if file.exists() and file.stat().st_size > MAX_BYTES:
        size = file.stat().st_size
        raise DossierError(f"{path} has {size:,} bytes; expected at most {MAX_BYTES:,}")
    return file.read_bytes()


def _read_dossier(path: str) -> Dossier:
    from risicoscreener.dossier import read_dossier

    return read_dossier(_read_bytes(path))


def _latest_day(dossier: Dossier) -> dt.date:
    from risicoscreener.screening import latest_day

    return latest_day(dossier)


def _read_frame(path: str) -> Any:
    import pandas as pd

    try:
        if path.endswith(".parquet"):
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype=str)
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise DossierError(f"{path} cannot be read as a table: {error}") from None


def _pretty(data: bytes) -> str:
    import msgspec

    return msgspec.json.format(data, indent=2).decode() + "\n"


def _page(fragment: str, lang: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f"<title>risicoscreener</title></head><body><main>\n{fragment}</main></body></html>\n"
    )


def _write_text(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="utf-8")


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


# -- what can be typed ---------------------------------------------------------------------


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; expected YYYY-MM-DD") from None


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
    parser.add_argument("--bundle", metavar="FILE", help="models; the shipped ones by default")
    parser.add_argument("--policies", metavar="DIR", help="policies; the shipped ones by default")


def _add_case(parser: argparse.ArgumentParser) -> None:
    _add_sources(parser)
    parser.add_argument(
        "--decision", default="leave", help="leave, low_security or conditional_release (leave)"
    )
    parser.add_argument("--as-of", type=_day, metavar="DATE", help="day of the picture")


def _add_screening(commands: Any) -> None:
    one = _add(commands, "screen", _screen, "Screen one dossier.")
    one.add_argument("dossier", metavar="DOSSIER.json", help="a dossier as JSON, - for stdin")
    _add_case(one)
    one.add_argument("--quarantine", action="store_true", help="set bad rows apart, do not stop")
    one.add_argument("--html", metavar="FILE", help="also write the result as a page")
    one.add_argument("--outcome-exit-code", action="store_true", help="0, 10 or 11 by outcome")

    many = _add(commands, "screen-many", _screen_many, "Screen a folder of dossier tables.")
    many.add_argument("folder", help="folder with persons.parquet (or .csv) and the other tables")
    _add_case(many)
    many.add_argument("--index", metavar="FILE", help="table with person_id and as_of")
    many.add_argument("--out", metavar="FILE", help="write results (.parquet or .csv)")
    many.add_argument("--strict", action="store_true", help="stop at bad rows")
    many.add_argument("--quarantine-out", metavar="FILE", help="write bad rows with reasons (.csv)")
    many.add_argument("--recorded-by", type=_day, metavar="DATE", help="no fact may be later")

    why = _add(commands, "explain", _explain, "Show from which facts the values of a result come.")
    why.add_argument("dossier", metavar="DOSSIER.json")
    _add_case(why)
    why.add_argument("--feature", action="append", metavar="NAME", help="a feature; repeatable")


def _add_looking(commands: Any) -> None:
    from risicoscreener.features.definition import GROUPS

    listing = _add(commands, "features", _features, "List features, or their values in a dossier.")
    listing.add_argument("name", nargs="*", help="features; all by default")
    listing.add_argument("--group", choices=GROUPS, help="only of this group")
    listing.add_argument("--dossier", metavar="FILE", help="compute them for this dossier")
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
        parser.add_argument("--policies", metavar="DIR")

    bundle = commands.add_parser("bundle", help="Show or verify a bundle of models.")
    actions = bundle.add_subparsers(required=True, metavar="ACTION")
    for name, command, text in (
        ("show", _bundle_show, "Show what is in a bundle."),
        ("verify", _bundle_verify, "Check hash, definitions and golden vectors."),
    ):
        parser = _add(actions, name, command, text)
        parser.add_argument("bundle", nargs="?", metavar="FILE", help="the shipped one by default")


def _add_making(commands: Any) -> None:
    synth = _add(commands, "synth", _synth, "Write a synthetic cohort with its truth apart.")
    synth.add_argument("-n", type=_count, default=1000, help="number of people (1000)")
    synth.add_argument("--seed", type=int, default=1)
    synth.add_argument("--population", default="sentenced", choices=("sentenced", "flow"))
    synth.add_argument("--out", required=True, metavar="DIR")

    fit = _add(commands, "fit", _fit, "Fit the models of a recipe on a synthetic cohort.")
    fit.add_argument("-n", type=_count, default=50_000, help="number of people (50000)")
    fit.add_argument("--seed", type=int, default=1)
    fit.add_argument("--recipe", metavar="FILE", help="the shipped recipe by default")
    fit.add_argument("--made-on", type=_day, metavar="DATE", help="date in the bundle (today)")
    fit.add_argument("--out", required=True, metavar="FILE")


if __name__ == "__main__":
    sys.exit(main())
