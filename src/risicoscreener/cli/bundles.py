"""The commands about bundles of models: `bundle show`, `verify`, `limit`, `diff`, `sign`, `key`."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_day, as_path
from risicoscreener.cli.common import EXIT_FAILED, bundle_of, say_json, to_plain
from risicoscreener.errors import BundleError
from risicoscreener.writing import check_place, put_in_place

if TYPE_CHECKING:
    from risicoscreener.models import RiskModel

PASSWORD_VARIABLE = "RISICOSCREENER_KEY_PASSWORD"  # noqa: S105  (a name, not a password)


def _bundle_show(arguments: argparse.Namespace) -> int:
    bundle = bundle_of(arguments)
    shown = to_plain(bundle)
    for model in shown["models"]:
        for part in ("golden", "golden_patterns", "golden_bands"):
            del model[part]
        model["patterns"] = [
            {"known": [term["feature"] for term in pattern["program"]["terms"]]}
            | {name: pattern[name] for name in ("n", "events")}
            for pattern in model["patterns"]
        ]
        model["features"] = [term["feature"] for term in model["program"]["terms"]]
        del model["program"], model["provenance"]
    if arguments.json:
        say_json(shown)
        return 0
    until = "" if bundle.use_until is None else f", to be used until {bundle.use_until}"
    print(
        f"{bundle.id}: made {bundle.created}, review on {bundle.review_on}{until}, {bundle.owner}"
    )
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
        _show_parts(model, arguments.lang)
    for waiver in bundle.waivers:
        print(f"waiver: {waiver.feature}: {waiver.reason} ({waiver.granted_by})")
    return 0


def _show_parts(model: RiskModel, lang: str) -> None:
    """What a model carries besides its program."""
    needed = model.training.sample_size
    if needed is not None:
        print(f"  {needed.text(lang, model.training.n)}")
    for pattern in model.patterns:
        known = ", ".join(pattern.program.features)
        print(f"  program for known {known}: n = {pattern.n:,}, events = {pattern.events:,}")
    if model.bands is not None:
        cut_offs = ", ".join(f"{cut:g}" for cut in model.bands.cut_offs)
        strata = ", ".join(stratum.name for stratum in model.bands.strata)
        coverage = 1.0 - model.bands.alpha
        print(f"  sets of risk bands: coverage {coverage:g}, cut-offs {cut_offs}, strata {strata}")


def _bundle_verify(arguments: argparse.Namespace) -> int:
    from risicoscreener.features import catalogue

    bundle = bundle_of(arguments, trusted_keys=_trusted(arguments))
    known = [name for name in bundle.features if name in catalogue()]
    report = bundle.verify(catalogue().plan(known).digests, arguments.on)
    if arguments.json:
        say_json({**to_plain(report), "ok": report.ok})
    else:
        print(report)
    return 0 if report.ok else EXIT_FAILED


def _trusted(arguments: argparse.Namespace) -> list[Any] | None:
    from risicoscreener.models.signing import read_public_key

    return [read_public_key(path) for path in arguments.trust] if arguments.trust else None


def _bundle_diff(arguments: argparse.Namespace) -> int:
    from risicoscreener.models import Bundle
    from risicoscreener.models.difference import compare_bundles

    found = compare_bundles(Bundle.load(arguments.old), Bundle.load(arguments.new))
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang))
    return 0


def _bundle_sign(arguments: argparse.Namespace) -> int:
    from risicoscreener.models import Bundle
    from risicoscreener.models.signing import read_private_key

    check_place(arguments.out)
    password = os.environ.get(PASSWORD_VARIABLE)
    key = read_private_key(arguments.key, None if password is None else password.encode())
    Bundle.load(arguments.bundle).save(arguments.out, private_key=key)
    signature = Bundle.load(arguments.out, trusted_keys=[key.public_key()]).signature
    assert signature is not None
    print(f"signed with key {signature.key_id}, written to {arguments.out}", file=sys.stderr)
    return 0


def _bundle_limit(arguments: argparse.Namespace) -> int:
    from risicoscreener.models import Bundle

    check_place(arguments.out)
    on = arguments.on or dt.date.today()
    made = Bundle.load(arguments.bundle).with_use_until(arguments.use_until, on=on, by=arguments.by)
    made.save(arguments.out)
    print(
        f"{made.id}: reviewed by {made.review_on}, used until {made.use_until}; not signed, "
        f"written to {arguments.out}",
        file=sys.stderr,
    )
    return 0


def _bundle_key(arguments: argparse.Namespace) -> int:
    from risicoscreener.models.signing import generate_key, private_pem, public_pem

    for path in (arguments.private, arguments.public):
        check_place(path)
        if Path(path).exists():
            raise BundleError(f"{path} is there already; a key is never overwritten")
    key = generate_key()
    _write_secret(arguments.private, private_pem(key))
    with put_in_place(Path(arguments.public)) as unfinished:
        unfinished.write_bytes(public_pem(key))
    print(f"private key in {arguments.private}, public key in {arguments.public}", file=sys.stderr)
    return 0


def _write_secret(path: str, content: bytes) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def add_bundles(commands: Any) -> None:
    """Declare the commands about bundles."""
    bundle = commands.add_parser("bundle", help="Show, verify, compare or sign bundles of models.")
    actions = bundle.add_subparsers(required=True, metavar="ACTION")
    show = add_command(actions, "show", _bundle_show, "Show what is in a bundle.")
    check = add_command(
        actions, "verify", _bundle_verify, "Check hash, signature, definitions and golden vectors."
    )
    for parser in (show, check):
        parser.add_argument(
            "bundle", type=as_path, nargs="?", metavar="FILE", help="the shipped one by default"
        )
    check.add_argument(
        "--trust",
        type=as_path,
        action="append",
        metavar="PEM",
        help="public key that must have signed it; may be given more than once",
    )
    check.add_argument(
        "--on", type=as_day, metavar="DATE", help="also check review date and last day of use then"
    )
    limit = add_command(
        actions, "limit", _bundle_limit, "Give a bundle a last day of use, after which it refuses."
    )
    limit.add_argument("bundle", type=as_path, metavar="FILE")
    limit.add_argument("--use-until", type=as_day, required=True, metavar="DATE")
    limit.add_argument("--by", required=True, metavar="ROLE", help="the role that sets it")
    limit.add_argument("--on", type=as_day, metavar="DATE", help="when it is set (today)")
    limit.add_argument("--out", type=as_path, required=True, metavar="FILE")
    diff = add_command(actions, "diff", _bundle_diff, "Say in words what changed between two.")
    diff.add_argument("old", type=as_path, metavar="OLD")
    diff.add_argument("new", type=as_path, metavar="NEW")
    sign = add_command(
        actions,
        "sign",
        _bundle_sign,
        f"Sign a bundle with an Ed25519 key; its password, if any, is in ${PASSWORD_VARIABLE}.",
    )
    sign.add_argument("bundle", type=as_path, metavar="FILE")
    sign.add_argument("--key", type=as_path, required=True, metavar="PEM", help="private key")
    sign.add_argument("--out", type=as_path, required=True, metavar="FILE")
    key = add_command(actions, "key", _bundle_key, "Make a pair of keys to sign with.")
    key.add_argument("--private", type=as_path, required=True, metavar="PEM")
    key.add_argument("--public", type=as_path, required=True, metavar="PEM")
