"""The public keys of an issuer: each for the one algorithm that it is meant for (RFC 7517, 8725).

A key that does not say its algorithm is used only where its type and the settings leave one: a
curve has one, an RSA key has six. To guess would check signatures in a way that nobody chose.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec
from msgspec import Struct

from risicoscreener.errors import ServiceError
from risicoscreener.serve.settings import is_safe_address
from risicoscreener.strict_json import decode_json

LARGEST_KEYS = 1_000_000
MOST_KEYS = 1_000
FETCH_SECONDS = 5.0
LEAST_RSA_BITS = 2_048
RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
OF_CURVE = {
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("OKP", "Ed448"): ("EdDSA",),
}


class Unusable(Exception):  # noqa: N818  (a state of a key, of which others may be used)
    """A key that is not used, and why."""


class Keys(Struct, frozen=True):
    """Keys of an issuer.

    Attributes
    ----------
    usable
        By name and algorithm; keys for `jwt.decode`.
    unusable
        By name, why a key is not used.
    """

    usable: dict[tuple[str, str], Any] = {}
    unusable: dict[str, str] = {}

    def names(self) -> frozenset[str]:
        """All names."""
        return frozenset(name for name, _ in self.usable) | frozenset(self.unusable)


def read_keys(source: str, allowed: Sequence[str]) -> Keys:
    """The keys in a file or at an address.

    Parameters
    ----------
    source
        A file, or an address with https.
    allowed
        The algorithms with which tokens may be signed.

    Raises
    ------
    ServiceError
        If they cannot be had, or there is none that can be used.
    """
    content = _fetch(source) if "://" in source else _read(source)
    try:
        listed = decode_json(content, dict[str, Any]).get("keys")
    except msgspec.DecodeError:
        listed = None
    if not isinstance(listed, list):
        raise ServiceError(f"keys: {source} is no JSON Web Key Set that can be used")
    found = _sorted_out([one for one in listed if isinstance(one, dict)][:MOST_KEYS], allowed)
    if not found.usable:
        why = "".join(f"; key {name!r} {why}" for name, why in list(found.unusable.items())[:5])
        raise ServiceError(f"keys: {source} has no public key to check signatures with{why}")
    return found


def _sorted_out(listed: list[dict[str, Any]], allowed: Sequence[str]) -> Keys:
    found = Keys({}, {})
    for plain in listed:
        name = str(plain.get("kid") or "")
        try:
            algorithm = algorithm_of(plain, allowed)
            found.usable[name, algorithm] = _made(plain, algorithm)
        except Unusable as error:
            found.unusable[name] = str(error)
    return found


def algorithm_of(plain: dict[str, Any], allowed: Sequence[str]) -> str:
    """The one algorithm that a key is used with.

    Raises
    ------
    Unusable
        If it is not for signatures, its algorithm does not fit its type or is not allowed, or it
        does not say which and several are allowed.
    """
    kind, curve = plain.get("kty"), plain.get("crv")
    operations = plain.get("key_ops", ["verify"])
    if plain.get("use", "sig") != "sig" or not isinstance(operations, list):
        raise Unusable("is not for signatures")
    if "verify" not in operations:
        raise Unusable("is not for signatures")
    if "d" in plain or kind == "oct":
        raise Unusable("is a secret; expected a public key")
    of_type = RSA if kind == "RSA" else OF_CURVE.get((str(kind), str(curve)), ())
    said = plain.get("alg")
    left = [one for one in of_type if one in allowed and said in (None, one)]
    if not left:
        raise Unusable("has a type or an algorithm that is not allowed")
    if len(left) > 1:
        raise Unusable(
            f"does not say its algorithm; expected alg, or one of {', '.join(left)} in algorithms"
        )
    return left[0]


def _made(plain: dict[str, Any], algorithm: str) -> Any:
    import jwt

    try:
        key = jwt.PyJWK(plain, algorithm).key
    except (jwt.PyJWTError, ArithmeticError, ValueError, TypeError, KeyError):
        raise Unusable("cannot be read") from None
    if algorithm in RSA and key.key_size < LEAST_RSA_BITS:
        raise Unusable(f"has {key.key_size} bits; expected at least {LEAST_RSA_BITS}")
    return key


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()[:LARGEST_KEYS]
    except OSError as error:
        raise ServiceError(f"keys: {path}: {error.strerror}") from None


class _Safely(HTTPRedirectHandler):
    """Follows an issuer to another address only if what is there cannot be replaced on the way."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """The request at the other address."""
        if not is_safe_address(newurl):
            raise ValueError("it leads to an address without https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetch(address: str) -> bytes:
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310  (checked)
    try:
        with build_opener(_Safely).open(request, timeout=FETCH_SECONDS) as answer:
            content: bytes = answer.read(LARGEST_KEYS)
    except (OSError, ValueError) as error:
        raise ServiceError(f"keys: {address}: {type(error).__name__}") from None
    return content
