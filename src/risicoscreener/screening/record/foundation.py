"""What screenings of one kind rest on: policies, models and feature definitions.

It is not about a person, and is stored once for all entries, each part by its sha256.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from risicoscreener.errors import RecordError, RisicoscreenerError
from risicoscreener.screening.record.chain import canonical, sha256_of
from risicoscreener.strict_json import decode_json

if TYPE_CHECKING:
    from risicoscreener.features import Feature
    from risicoscreener.features.catalogue import Catalogue
    from risicoscreener.models import Bundle
    from risicoscreener.screening.screener import Screener


DAY = "$day"


class Foundation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the screenings of one kind by one screener rest on.

    Attributes
    ----------
    library_version
        Version of this library that screened.
    kind
        Kind of decision.
    policies
        Digests of all versions of its policy, oldest first; the day picks one.
    policy_files
        sha256 of each of them as it is stored: with its keys in their order, which shows in results
        and which the digest leaves out.
    bundle_id, bundle_sha256
        The models, as `Bundle` names them.
    bundle_file, definitions
        sha256 of the file of the models and of the feature definitions.
    digests
        Per feature the hash of all that determines its value.
    """

    library_version: str
    kind: str
    policies: tuple[str, ...]
    policy_files: tuple[str, ...]
    bundle_id: str
    bundle_sha256: str
    bundle_file: str
    definitions: str
    digests: dict[str, str]


class Stored(Struct, frozen=True):
    """A foundation with all that it names: the content of each part by its sha256."""

    sha256: str
    foundation: Foundation
    blobs: dict[str, bytes]


def foundation_of(screener: Screener, kind: str) -> Stored:
    """What screenings of a kind by this screener rest on."""
    from risicoscreener import __version__

    route = screener.route(kind)
    versions = screener.policies.versions(kind)
    policies = [msgspec.json.encode(version.policy) for version in versions]
    names = tuple(dict.fromkeys([*route.names, *screener.bundle.features]))
    plan = screener.definitions.plan(names)
    definitions = encoded_definitions(plan.features)
    bundle = screener.bundle.to_bytes()
    foundation = Foundation(
        library_version=__version__,
        kind=kind,
        policies=tuple(version.digest for version in versions),
        policy_files=tuple(map(sha256_of, policies)),
        bundle_id=screener.bundle.id,
        bundle_sha256=screener.bundle.sha256,
        bundle_file=sha256_of(bundle),
        definitions=sha256_of(definitions),
        digests=plan.digests,
    )
    parts = [canonical(foundation), *policies, bundle, definitions]
    return Stored(sha256_of(parts[0]), foundation, {sha256_of(part): part for part in parts})


def screener_of(foundation: Foundation, blob: Callable[[str], bytes]) -> Screener:
    """The screener that a foundation describes.

    Parameters
    ----------
    blob
        Gives the content of a sha256.

    Raises
    ------
    RecordError
        If a part is not there, or this library does not read it.
    """
    from risicoscreener.decision import PolicyBook
    from risicoscreener.decision.compiled import CompiledPolicy
    from risicoscreener.decision.policy import Policy
    from risicoscreener.screening.screener import Screener

    try:
        policies = [decode_json(blob(d), Policy) for d in foundation.policy_files]
        return Screener(
            _bundle(blob(foundation.bundle_file)),
            PolicyBook(map(CompiledPolicy, policies)),
            decoded_definitions(blob(foundation.definitions)),
        )
    except (RisicoscreenerError, msgspec.MsgspecError) as error:
        raise RecordError(f"what the screening rests on cannot be used: {error}") from error


@lru_cache(maxsize=4)
def _bundle(content: bytes) -> Bundle:
    """The models in a file; kinds of decision share them."""
    from risicoscreener.models import Bundle

    return Bundle.load(content)


def encoded_definitions(features: Mapping[str, Feature]) -> bytes:
    """Feature definitions as JSON: what is not at its default, in the order of the plan.

    Keys stay in their order, on which the hash of a sum of features depends. Ranges may be open, so
    that this JSON has infinities, which Python writes and reads. A day is an object with `DAY`.
    """
    plain = [_given(feature) for feature in features.values()]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), default=_plain_day).encode()


def decoded_definitions(content: bytes) -> Catalogue:
    """The definitions that were encoded."""
    from risicoscreener.features.catalogue import Catalogue
    from risicoscreener.features.definition import Feature

    features = [
        msgspec.convert(plain, Feature) for plain in json.loads(content, object_hook=_day_of)
    ]
    return Catalogue({feature.name: feature for feature in features})


def _plain_day(value: object) -> dict[str, str]:
    if isinstance(value, dt.date):
        return {DAY: value.isoformat()}
    raise RecordError(f"a feature definition has {value!r}; expected numbers, texts and days")


def _day_of(plain: dict[str, Any]) -> Any:
    return dt.date.fromisoformat(plain[DAY]) if plain.keys() == {DAY} else plain


def _given(definition: Any) -> dict[str, Any]:
    """The fields of a definition, or of a case in it, that are not at their default."""
    given = {}
    for item in fields(definition):
        value = getattr(definition, item.name)
        usual = item.default if item.default_factory is MISSING else item.default_factory()
        if usual is MISSING or value != usual:
            given[item.name] = [_given(case) for case in value] if item.name == "cases" else value
    return given
