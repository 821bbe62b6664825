"""Ed25519 signatures of bundles: who made the file, where the hash says only that it is whole.

Keys are PEM files as ``openssl genpkey -algorithm ed25519`` writes them. What is signed is the
sha256 of the content with the name of the format before it, so that a signature can't be taken
for one of something else. Needs the extra ``sign`` (cryptography).
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct

from risicoscreener.errors import BundleError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    PrivateKey: TypeAlias = Ed25519PrivateKey
    PublicKey: TypeAlias = Ed25519PublicKey

PREFIX = b"risicoscreener-bundle sha256 "
MAX_KEY_BYTES = 100_000


class Signature(Struct, frozen=True, forbid_unknown_fields=True):
    """A signature in a file: the key that made it, and the signature, both in base64."""

    public_key: str
    signature: str
    algorithm: Literal["ed25519"] = "ed25519"

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of the sha256 of the public key, to name it by."""
        return hashlib.sha256(_decoded(self.public_key, "its public key")).hexdigest()[:16]


def sign(sha256: str, private_key: PrivateKey, prefix: bytes = PREFIX) -> Signature:
    """Signature of the hash of a bundle, or of what another prefix names."""
    return Signature(
        public_key=_encoded(private_key.public_key().public_bytes_raw()),
        signature=_encoded(private_key.sign(prefix + sha256.encode("ascii"))),
    )


def check_signature(
    signature: Signature | None,
    sha256: str,
    trusted_keys: Iterable[PublicKey] | None,
    where: str,
    prefix: bytes = PREFIX,
) -> None:
    """Refuse a signature that does not fit, and with ``trusted_keys`` one that is not theirs.

    Raises
    ------
    BundleError
        If the signature is absent though keys are given, is of another key, or does not fit.
    """
    if signature is None:
        if trusted_keys is not None:
            raise BundleError(
                f"{where} is not signed; a signature of a trusted key was expected. Ask its owner "
                "for the signed file."
            )
        return
    _check_fit(signature, sha256, where, prefix)
    if trusted_keys is not None:
        trusted = {_encoded(key.public_bytes_raw()) for key in trusted_keys}
        if _encoded(_decoded(signature.public_key, "its public key")) not in trusted:
            raise BundleError(
                f"{where} is signed by key {signature.key_id}, which is not among the trusted "
                "keys. Ask its owner which key is theirs."
            )


def _check_fit(signature: Signature, sha256: str, where: str, prefix: bytes) -> None:
    _cryptography()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = _decoded(signature.public_key, f"the public key of {where}")
    try:
        key = Ed25519PublicKey.from_public_bytes(raw)
        key.verify(
            _decoded(signature.signature, f"the signature of {where}"),
            prefix + sha256.encode("ascii"),
        )
    except (InvalidSignature, ValueError):
        raise BundleError(
            f"the signature of {where} does not fit its content. Take the original file."
        ) from None


# -- keys --------------------------------------------------------------------------------------


def generate_key() -> PrivateKey:
    """A new private key."""
    _cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


def private_pem(key: PrivateKey) -> bytes:
    """A private key as an unencrypted PEM file; keep it where only its owner can read it."""
    from cryptography.hazmat.primitives import serialization as s

    return key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())


def public_pem(key: PrivateKey | PublicKey) -> bytes:
    """The public key as a PEM file, to hand out."""
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)


def read_private_key(path: str | os.PathLike[str], password: bytes | None = None) -> PrivateKey:
    """A private key from a PEM file.

    Raises
    ------
    BundleError
        If the file cannot be read, is no PEM of an Ed25519 key, or the password does not fit.
    """
    _cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return _read_key(path, lambda pem: load_pem_private_key(pem, password), Ed25519PrivateKey)


def read_public_key(path: str | os.PathLike[str]) -> PublicKey:
    """A public key from a PEM file.

    Raises
    ------
    BundleError
        If the file cannot be read or is no PEM of an Ed25519 key.
    """
    _cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    return _read_key(path, load_pem_public_key, Ed25519PublicKey)


def _read_key(path: str | os.PathLike[str], read: Any, kind: type) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        with Path(path).open("rb") as stream:
            key = read(stream.read(MAX_KEY_BYTES))
    except OSError as error:
        raise BundleError(f"key {path} cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BundleError(f"key {path} is no PEM file that can be read: {error}") from None
    if not isinstance(key, kind):
        raise BundleError(f"key {path} is not an Ed25519 key; make one that is.")
    return key


def _cryptography() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise BundleError(
            "signatures need the package cryptography: install risicoscreener[sign]."
        ) from None


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise BundleError(f"{what} is not base64. Take the original file.") from None
