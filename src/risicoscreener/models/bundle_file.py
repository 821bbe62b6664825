"""The file of a bundle: canonical JSON in an envelope with the format and the hash of the content.

Canonical JSON: keys sorted, no spaces, UTF-8, numbers as Python writes them; no pickle and no
code. A file of an older format is brought to the present one step by step (`_MIGRATIONS`) after its
own hash was checked, and keeps that hash: it names the bundle in the records of what it scored.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.errors import BundleError
from risicoscreener.models.signing import Signature
from risicoscreener.strict_json import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORMAT = "risicoscreener-bundle"
FORMAT_VERSION = 2
MAX_BYTES = 64_000_000

LATER_FIELDS = ("use_until",)
LATER_PARTS = ("patterns", "golden_patterns", "bands", "golden_bands")
LATER_TRAINING = ("sample_size",)
"""What format 2 got since its first file; what lacks it is written, and hashed, as before."""


@dataclass(frozen=True, slots=True)
class BundleFile:
    """What stands in a file of which the hash fits its content.

    Attributes
    ----------
    content
        Plain data of the present format, whatever that of the file.
    sha256
        Of the content as the file has it.
    signature
        None if it bears none; whose it is has not been looked at.
    where
        What the file is called in a message.
    """

    content: dict[str, Any]
    sha256: str
    signature: Signature | None
    where: str


def read_file(source: str | os.PathLike[str] | bytes) -> BundleFile:
    """Read a file and see that it is whole.

    Raises
    ------
    BundleError
        If it is no bundle, was cut off or changed, is of an unknown format version, or has a
        signature that cannot be read.
    """
    raw, where = _read(source)
    envelope = _parse(raw, where)
    content = _open_envelope(envelope, where)
    return BundleFile(content, envelope["sha256"], _signature(envelope, where), where)


def file_bytes(content: Mapping[str, Any], sha256: str, signature: Signature | None) -> bytes:
    """The file: one object with the format, the content, its sha256, and its signature if any."""
    envelope = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "sha256": sha256,
        "content": content,
    }
    if signature is not None:
        envelope["signature"] = msgspec.to_builtins(signature)
    return _canonical(envelope)


def leave_out_what_lacks(content: dict[str, Any]) -> None:
    """Take out, in place, each later part of the format that this bundle does not have."""
    for name in LATER_FIELDS:
        if content[name] is None:
            del content[name]
    for model in content["models"]:
        for part, names in ((model, LATER_PARTS), (model["training"], LATER_TRAINING)):
            for name in names:
                if not part[name]:
                    del part[name]


def content_hash(content: Mapping[str, Any]) -> str:
    """sha256, in hexadecimal, of the canonical JSON of the content of a bundle."""
    return hashlib.sha256(_canonical(content)).hexdigest()


def _canonical(plain: Any) -> bytes:
    try:
        text = json.dumps(
            plain,
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
        )
    except ValueError as error:
        raise BundleError(
            "the content holds NaN or a number too large to be finite; fit the models again."
        ) from error
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        broken = error.object[error.start : error.end]
        raise BundleError(
            f"the content holds {broken!r}, half a character; correct the text."
        ) from None


def _read(source: str | os.PathLike[str] | bytes) -> tuple[bytes, str]:
    """The bytes and how to call them in a message."""
    if isinstance(source, bytes):
        raw, where = source, "the bundle"
    else:
        where = f"bundle {os.fspath(source)}"
        try:
            with Path(source).open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BundleError(f"{where} cannot be read ({reason}); check the path.") from error
    if len(raw) > MAX_BYTES:
        raise BundleError(
            f"{where} has more than {MAX_BYTES} bytes; at most {MAX_BYTES} are read. Is this the "
            "right file?"
        )
    return raw, where


def _parse(raw: bytes, where: str) -> dict[str, Any]:
    """Strict JSON: no NaN, no infinity, no second key of the same name."""
    try:
        envelope, repeated = read_json(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except BundleError as error:
        raise BundleError(f"{where}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise BundleError(
            f"{where} is not JSON or was cut off ({error}); copy the file again."
        ) from error
    if repeated:
        twice = ", ".join(sorted({one.key for one in repeated}))
        raise BundleError(f"{where}: it has {twice} twice in one object; copy the file again.")
    if not isinstance(envelope, dict) or envelope.get("format") != FORMAT:
        raise BundleError(f"{where} is JSON but not a bundle (no format {FORMAT!r}).")
    return envelope


def _refuse_constant(constant: str) -> float:
    raise BundleError(f"it holds {constant}, which is no number; fit the model again.")


def _open_envelope(envelope: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The content, if the version is known, nothing is added and the hash fits."""
    version = envelope.get("format_version")
    if type(version) is not int or not 1 <= version <= FORMAT_VERSION:
        raise BundleError(
            f"{where} has format version {version!r}; this library reads 1 to {FORMAT_VERSION}. "
            "Use the library version that wrote it, or write it again with this one."
        )
    unknown = sorted(set(envelope) - {*_ENVELOPE, "signature"})
    content = envelope.get("content")
    if unknown or not isinstance(content, dict):
        raise BundleError(f"{where} has unknown fields ({', '.join(unknown)}) or no content.")
    found = content_hash(content)
    if found != envelope.get("sha256"):
        raise BundleError(
            f"{where} was changed after it was saved: its sha256 is {found}, the file says "
            f"{envelope.get('sha256')}. Take the original file; never edit a bundle by hand."
        )
    for older in range(version, FORMAT_VERSION):
        _MIGRATIONS[older](content)
    return content


def _name_the_covariance(content: dict[str, Any]) -> None:
    """Format 1 knew one kind of uncertainty, and did not name it."""
    try:
        programs = [model["program"] for model in content["models"]]
        carried = [p["uncertainty"] for p in programs if p.get("uncertainty") is not None]
        for uncertainty in carried:
            uncertainty["kind"] = "covariance"
    except (KeyError, TypeError, AttributeError):
        return  # no bundle of format 1; the conversion says what is wrong with it


_ENVELOPE = ("format", "format_version", "sha256", "content")
_MIGRATIONS: dict[int, Callable[[dict[str, Any]], None]] = {1: _name_the_covariance}
"""Per format version what makes its content, in place, that of the next."""


def _signature(envelope: Mapping[str, Any], where: str) -> Signature | None:
    if "signature" not in envelope:
        return None
    try:
        return msgspec.convert(envelope["signature"], Signature)
    except msgspec.ValidationError as error:
        raise BundleError(f"{where} has a signature that cannot be read: {error}.") from error
