"""Commands on policies: list, show, verify, compare, change on purpose, and DMN."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_count, as_day, as_path, as_seed
from risicoscreener.cli.common import (
    EXIT_FAILED,
    policies_of,
    progress,
    read_frame,
    say_json,
    to_plain,
    write_text,
)
from risicoscreener.errors import PolicyError, RisicoscreenerError
from risicoscreener.writing import check_place

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.decision import CompiledPolicy, PolicyBook
    from risicoscreener.decision.outcome import Outcome
    from risicoscreener.dossier import DossierTables
    from risicoscreener.impact.moves import PeopleComparison

LONG_AGO = dt.date(1900, 1, 1)
MOST_DIFF_PEOPLE = 1_000_000


def _named(arguments: argparse.Namespace, name: str) -> CompiledPolicy:
    """A policy by kind (the version of a day), by kind and version, or from a file.

    Raises
    ------
    PolicyError
        Naming what there is.
    """
    book: PolicyBook = policies_of(arguments)
    if name.endswith(".toml") and Path(name).exists():
        from risicoscreener.impact.policies import policy_of

        return policy_of(name)
    kind, sign, _ = name.partition("/")
    if not sign:
        on = getattr(arguments, "on", None) or dt.date.today()
        return book.pick(kind, on, on)
    versions = {v.id: v for of in book.kinds() for v in book.versions(of)}
    if not arguments.policies:
        from risicoscreener.decision import PolicyBook as Book

        examples = Book.examples()
        versions |= {v.id: v for of in examples.kinds() for v in examples.versions(of)}
    if name not in versions:
        near = [v for v in versions if v.startswith(f"{kind}/")] or list(versions)
        raise PolicyError(f"no policy {name!r}; expected one of {', '.join(near)}")
    return versions[name]


def _list(arguments: argparse.Namespace) -> int:
    book = policies_of(arguments)
    versions = [version for kind in book.kinds() for version in book.versions(kind)]
    titles = {version.id: version.policy.title.text(arguments.lang) for version in versions}
    if arguments.json:
        say_json([{"id": name, "title": title} for name, title in titles.items()])
        return 0
    for name, title in titles.items():
        print(f"{name:36} {title}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    if arguments.html:
        check_place(arguments.html)
    if arguments.on and "/" in arguments.policy:
        raise RisicoscreenerError(
            f"{arguments.policy} names a version, and --on picks one; give one of the two"
        )
    chosen = _named(arguments, arguments.policy)
    if arguments.html:
        write_text(arguments.html, chosen.policy.html(arguments.lang))
        print(arguments.html, file=sys.stderr)
    elif arguments.json:
        say_json({"id": chosen.id, "digest": chosen.digest, **to_plain(chosen.policy)})
    else:
        print(chosen.policy.text(arguments.lang))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from risicoscreener.decision import verify

    book = policies_of(arguments)
    if arguments.policy and ("/" in arguments.policy or arguments.policy.endswith(".toml")):
        chosen = [_named(arguments, arguments.policy)]
    else:
        kinds = [arguments.policy] if arguments.policy else list(book.kinds())
        chosen = [version for kind in kinds for version in book.versions(kind)]
    reports = [verify(version) for version in chosen]
    if arguments.json:
        say_json([r.to_dict() for r in reports])
    else:
        for report in reports:
            print(report.text(arguments.lang))
    return 0 if all(report.ok for report in reports) else EXIT_FAILED


def _diff(arguments: argparse.Namespace) -> int:
    from risicoscreener.decision import compare

    if arguments.people and arguments.cohort:
        raise RisicoscreenerError("--people and --cohort both say who; give one of them")
    if not (arguments.people or arguments.cohort):
        unused = {"--as-of": arguments.as_of, "--groups": arguments.groups}
        for option, value in unused.items():
            if value:
                raise RisicoscreenerError(f"{option} is about people; give --people or --cohort")
    old, new = (_named(arguments, name) for name in (arguments.old, arguments.new))
    cells = compare(old, new)
    people = _people_compared(arguments, old, new) if arguments.people or arguments.cohort else None
    if arguments.json:
        said = {"cells": cells.to_dict(), "people": None if people is None else people.to_dict()}
        say_json(said)
        return 0
    print(cells.text(arguments.lang))
    if people is not None:
        print(people.text(arguments.lang), end="")
    return 0


def _people_compared(
    arguments: argparse.Namespace, old: CompiledPolicy, new: CompiledPolicy
) -> PeopleComparison:
    """The same people screened under both, each as if it had always held."""
    from risicoscreener.impact.moves import compare_people, groups_of
    from risicoscreener.impact.policies import book_of
    from risicoscreener.models import Bundle
    from risicoscreener.models.shipped import shipped_bundle_bytes
    from risicoscreener.screening import Screener

    dossiers, index = _people(arguments)
    bundle = Bundle.load(arguments.bundle or shipped_bundle_bytes())
    tables = []
    for policy in (old, new):
        screener = Screener(bundle, book_of(policy, start=LONG_AGO))
        with progress(policy.id, arguments) as advance:
            tables.append(
                screener.screen_many(dossiers, policy.policy.kind, index, on_block=advance)
            )
    groups = read_frame(arguments.groups) if arguments.groups else groups_of(dossiers)
    if arguments.groups and "person_id" not in groups.columns:
        raise RisicoscreenerError(f"{arguments.groups} has no column person_id; expected one")
    return compare_people(tables[0], tables[1], groups, names=(old.id, new.id))


def _people(arguments: argparse.Namespace) -> tuple[DossierTables, pd.DataFrame | dt.date]:
    if arguments.cohort:
        from risicoscreener.synthetic import simulate

        seed, n = arguments.cohort
        cohort = simulate(n, seed=seed)
        return cohort.tables, arguments.as_of or cohort.index()
    from risicoscreener.dossier import DossierTables

    today = dt.date.today()
    dossiers = DossierTables.read(arguments.people, on_error="quarantine", recorded_by=today)
    return dossiers, arguments.as_of or today


def _dmn_export(arguments: argparse.Namespace) -> int:
    from risicoscreener.decision.dmn import to_dmn

    if arguments.out:
        check_place(arguments.out)
    xml = to_dmn(_named(arguments, arguments.policy))
    if arguments.out:
        write_text(arguments.out, xml)
        print(arguments.out, file=sys.stderr)
    else:
        print(xml, end="")
    return 0


def _dmn_import(arguments: argparse.Namespace) -> int:
    from risicoscreener.decision.dmn_draft import MAX_BYTES, from_dmn

    if arguments.out:
        check_place(arguments.out)
    with Path(arguments.file).open("rb") as stream:
        xml = stream.read(MAX_BYTES + 1)
    meaning = dict(arguments.outcome) or None
    draft = from_dmn(xml, arguments.decision, meaning)
    if arguments.out:
        write_text(arguments.out, draft.toml())
        print(arguments.out, file=sys.stderr)
    elif arguments.json:
        say_json(to_plain(draft))
    else:
        print(draft.toml(), end="")
    return 0


def _mutate(arguments: argparse.Namespace) -> int:
    from risicoscreener.decision.golden import read_golden
    from risicoscreener.decision.mutation import mutate
    from risicoscreener.features import catalogue

    compiled = _named(arguments, arguments.policy)
    golden = read_golden(arguments.cases) if arguments.cases else {}
    if golden and compiled.id not in golden:
        raise PolicyError(
            f"{arguments.cases} has no cases of {compiled.id}; it has those of {', '.join(golden)}"
        )
    if golden:
        cases = golden[compiled.id]
        wrong = cases.wrong(compiled)
        if wrong:
            first = "; ".join(wrong[:3])
            raise PolicyError(f"{compiled.id}: {len(wrong)} cases come out otherwise: {first}")
        report = mutate(compiled, cases.pinned(compiled), cases.checks(), catalogue().codes())
    else:
        report = mutate(compiled, codes=catalogue().codes())
    if arguments.json:
        say_json(report.to_dict())
    else:
        print(report.text(arguments.lang), end="")
    return EXIT_FAILED if report.survived else 0


def _as_cohort(text: str) -> tuple[int, int]:
    """A synthetic cohort as it is typed: ``SEED:N``."""
    seed, sign, n = text.partition(":")
    if not sign:
        raise argparse.ArgumentTypeError(f"{text!r} is no cohort; expected SEED:N, such as 1:2000")
    count = as_count(n)
    if count > MOST_DIFF_PEOPLE:
        raise argparse.ArgumentTypeError(
            f"{text!r} has {count:,} people; expected at most {MOST_DIFF_PEOPLE:,}"
        )
    return as_seed(seed), count


def _as_meaning(text: str) -> tuple[str, Outcome]:
    """What an output of a table means, as it is typed: ``approve=grant``."""
    from risicoscreener.decision import OUTCOMES

    name, _, outcome = text.rpartition("=")
    for known in OUTCOMES:
        if name and outcome == known:
            return name, known
    raise argparse.ArgumentTypeError(
        f"{text!r} is no outcome; expected OUTPUT=OUTCOME with one of {', '.join(OUTCOMES)}"
    )


WHICH = "kind (the version of today), kind/version such as leave/2021-07-01, or a TOML file"


def add_policies(commands: Any) -> None:
    """Declare the commands on policies."""
    group = commands.add_parser("policy", help="List, show, verify and compare policies.")
    actions = group.add_subparsers(required=True, metavar="ACTION")

    def command(to: Any, name: str, run: Any, about: str, *names: str) -> argparse.ArgumentParser:
        parser = add_command(to, name, run, about)
        for policy in names:
            parser.add_argument(policy, type=as_path, metavar=policy.upper(), help=WHICH)
        parser.add_argument(
            "--policies", type=as_path, metavar="DIR", help="policies; the shipped ones by default"
        )
        return parser

    command(actions, "list", _list, "List the policies.")
    show = command(actions, "show", _show, "Show a policy as text or as a page.", "policy")
    show.add_argument("--on", type=as_day, metavar="DATE", help="the version of this day (today)")
    show.add_argument("--html", type=as_path, metavar="FILE", help="write it as a page instead")
    check = command(actions, "verify", _verify, "Check every property in every cell.")
    check.add_argument("policy", nargs="?", metavar="POLICY", help="all by default")
    _add_diff(command(actions, "diff", _diff, "Compare two policies cell by cell.", "old", "new"))
    change = command(
        actions,
        "mutate",
        _mutate,
        "Change a policy in every cell and rule, and tell what would find it; ends on 1 if "
        "something finds nothing.",
        "policy",
    )
    change.add_argument("--cases", type=as_path, metavar="DIR", help="golden cases (TOML files)")

    dmn = actions.add_parser("dmn", help="Write or read DMN, the notation of rule engines.")
    ways = dmn.add_subparsers(required=True, metavar="WAY")
    export = command(ways, "export", _dmn_export, "Write a policy as DMN 1.5.", "policy")
    export.add_argument("-o", "--out", type=as_path, metavar="FILE", help="write it here")
    read = command(ways, "import", _dmn_import, "Read a decision table as a draft of a policy.")
    read.add_argument("file", type=as_path, metavar="FILE.dmn")
    read.add_argument("--decision", metavar="NAME", help="name or id, if there are several")
    read.add_argument(
        "--outcome",
        type=_as_meaning,
        action="append",
        default=[],
        metavar="OUTPUT=OUTCOME",
        help="what an output means, such as approve=grant; repeatable",
    )
    read.add_argument("-o", "--out", type=as_path, metavar="FILE", help="write it here")


def _add_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--people", type=as_path, metavar="DIR", help="also compare on these dossiers (tables)"
    )
    parser.add_argument(
        "--cohort", type=_as_cohort, metavar="SEED:N", help="or on N synthetic people"
    )
    parser.add_argument("--as-of", type=as_day, metavar="DATE", help="day of the picture")
    parser.add_argument(
        "--groups",
        type=as_path,
        metavar="FILE",
        help="table with person_id and columns that divide people (sex and prison by default)",
    )
    parser.add_argument(
        "--bundle", type=as_path, metavar="FILE", help="models; the shipped ones by default"
    )
