"""What a service is told before it starts, read from a TOML file or given by name."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta, Struct

from risicoscreener.dossier.reading import MAX_BYTES
from risicoscreener.errors import ServiceError
from risicoscreener.strict_toml import parse_toml

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
TokenType = Literal["at+jwt", "JWT"]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Count = Annotated[int, Meta(ge=1, le=10_000_000)]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a service is told before it starts.

    Attributes
    ----------
    record
        A file or ``postgresql://…``, in which each screening is before its answer is sent. Needed
        but for a demonstration.
    bundle, policies
        As for `Screener.load`.
    demo
        No tokens and no record, the pages to try a case by hand, and only for this machine.
    issuer, audience
        What tokens must name as theirs.
    keys
        The keys of the issuer as a JSON Web Key Set: a file, or an address with https.
    algorithms
        With which tokens may be signed; none that shares a secret. A key of the issuer that does
        not say its algorithm is used only where its type leaves one of these.
    token_types
        What tokens may say that they are (``typ``): access tokens by RFC 9068 alone. With ``JWT``
        also tokens that do not say so, for an issuer that cannot; those can be of another use.
    max_dossier_bytes, max_stream_lines
        How large one dossier, and how long a stream of them may be.
    requests_per_minute, burst
        How many screenings a client may ask for in a minute, and how many at once.
    max_at_once
        Requests that are worked on at one time; who comes then is asked to come back.
    client_share
        The share of ``max_at_once`` that one client may have, at least one request; 1 where there
        is no other client.
    threads
        Threads that screen.
    head_seconds, read_seconds, answer_seconds, stall_seconds
        How long a client may take to say what it wants and to send what it has to, the service to
        answer, and a client to take a part of the answer.
    stop_seconds
        How long running requests may take once the service is asked to stop.
    origins
        Other sites whose pages may call the service from a browser.
    public_url
        Where the service is reached, for its description.
    contact_name, contact_email, contact_url
        Who answers for the service.
    """

    record: str | None = None
    bundle: str | None = None
    policies: str | None = None
    demo: bool = False
    issuer: str | None = None
    audience: str | None = None
    keys: str | None = None
    algorithms: tuple[Algorithm, ...] = ("RS256", "PS256", "ES256", "EdDSA")
    token_types: tuple[TokenType, ...] = ("at+jwt",)
    max_dossier_bytes: Annotated[int, Meta(ge=1_000, le=MAX_BYTES)] = MAX_BYTES
    max_stream_lines: Count = 100_000
    requests_per_minute: Count = 6_000
    burst: Count = 200
    max_at_once: Count = 200
    client_share: Annotated[float, Meta(gt=0, le=1)] = 0.25
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    head_seconds: Seconds = 10.0
    read_seconds: Seconds = 30.0
    answer_seconds: Seconds = 30.0
    stall_seconds: Seconds = 30.0
    stop_seconds: Seconds = 30.0
    origins: tuple[str, ...] = ()
    public_url: str = "https://localhost:8443"
    contact_name: str = "risicoscreener"
    contact_email: str = "contact@example.org"
    contact_url: str = "https://example.org/contact"

    @property
    def max_at_once_of_client(self) -> int:
        """Requests of one client that are worked on at one time."""
        return max(1, int(self.max_at_once * self.client_share))

    def checked(self) -> Settings:
        """These settings, if a service can start with them.

        Raises
        ------
        ServiceError
            If something is missing, or cannot be meant.
        """
        if self.demo and self.record:
            raise ServiceError("demo has a record; expected none, since what is tried is made up")
        if not self.demo:
            _check_given(self)
        for origin in self.origins:
            _check_origin(origin)
        if _split(self.public_url).scheme not in ("https", "http"):
            raise ServiceError(f"public_url is {self.public_url!r}; expected https://…")
        return self


def read_settings(path: str | os.PathLike[str]) -> Settings:
    """Settings in a TOML file; the names are those of `Settings`.

    Raises
    ------
    ServiceError
        If it cannot be understood. The message has no value of the file, which can be a password.
    """
    name = os.fspath(path)
    try:
        plain = parse_toml(Path(path).read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeError):
        raise ServiceError(
            f"{name} is not TOML in UTF-8; expected settings as name = value"
        ) from None
    try:
        return msgspec.convert(plain, Settings)
    except msgspec.ValidationError as error:
        raise ServiceError(f"{name}: {error}") from None


def is_this_machine(host: str) -> bool:
    """Whether only programs on this machine can reach a service on this host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def asks_this_machine(header: str) -> bool:
    """Whether a header ``Host`` names this machine, and not a name that only leads here."""
    try:
        found = urlsplit(f"//{header}")
        return (
            found.netloc == header and "@" not in header and is_this_machine(found.hostname or "")
        )
    except ValueError:
        return False


def is_safe_address(address: str) -> bool:
    """Whether what is fetched there cannot be replaced on the way."""
    found = _split(address)
    return found.scheme == "https" or (
        found.scheme == "http" and is_this_machine(found.hostname or "")
    )


def _check_given(settings: Settings) -> None:
    for name in ("record", "issuer", "audience", "keys"):
        if not getattr(settings, name):
            raise ServiceError(
                f"{name} is not given; expected one, or a demonstration on this machine (--demo)"
            )
    keys = settings.keys or ""
    if "://" in keys and not is_safe_address(keys):
        raise ServiceError(f"keys is {keys!r}; expected a file, or an address with https")
    if not settings.algorithms:
        raise ServiceError("algorithms is empty; expected at least one, such as ES256")
    if not settings.token_types:
        raise ServiceError("token_types is empty; expected at+jwt")


def _check_origin(origin: str) -> None:
    found = _split(origin)
    if found.scheme not in ("https", "http") or not found.netloc or found.path or found.query:
        raise ServiceError(
            f"origins has {origin!r}; expected a site such as https://dossier.example.org"
        )


def _split(address: str) -> SplitResult:
    """The parts of an address; of one that is none, such as ``https://[``, all are empty."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
