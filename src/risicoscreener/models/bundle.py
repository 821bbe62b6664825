"""Bundle: one file with the models that a policy reads, which proves itself when it is loaded.

Canonical JSON: keys sorted, no spaces, UTF-8, numbers as Python writes them; no pickle and no
code. The hash says that the content is what was saved. The golden vectors say that the models
answer what they answered when they were fitted, also if someone changed a coefficient and
computed the hash again. Neither says who made the file: for that, sign it.

A file of an older format is brought to the present one step by step (`_MIGRATIONS`) after its own
hash was checked, and keeps that hash: it names the bundle in the records of what it scored.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from risicoscreener.errors import BundleError, ModelError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.features.sensitivity import Waiver, about_victims
from risicoscreener.models.risk_model import RiskModel, _Record
from risicoscreener.models.signing import Signature, check_signature, sign
from risicoscreener.models.support import texts
from risicoscreener.strict_json import read_json
from risicoscreener.texts import Texts
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from risicoscreener.features.definition import Feature
    from risicoscreener.models.signing import PrivateKey, PublicKey

FORMAT = "risicoscreener-bundle"
FORMAT_VERSION = 2
MAX_BYTES = 64_000_000
MIN_GOLDEN_VECTORS = 50

LATER_FIELDS = ("use_until",)
LATER_PARTS = ("patterns", "golden_patterns", "bands", "golden_bands")
LATER_TRAINING = ("sample_size",)
"""What format 2 got since its first file; what lacks it is written, and hashed, as before."""

Standing = Literal["current", "review_due", "refused"]
"""Within its review date; past it, which each result says; past the last day of its own rule."""


class HistoryEntry(_Record, frozen=True):
    """What was done to a bundle: fitted, recalibrated, refitted, extended; by which role, when.

    ``details`` holds what was measured: numbers and short words by name.
    """

    on: date
    action: Annotated[str, Meta(min_length=1)]
    by: str = ""
    note: str = ""
    details: dict[str, float | str] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What was checked in a bundle and what was found; ``str`` of it is for a command line."""

    bundle_id: str
    sha256: str
    checks: tuple[tuple[str, bool, str], ...]

    @property
    def ok(self) -> bool:
        """Every check passed."""
        return all(passed for _, passed, _ in self.checks)

    def __str__(self) -> str:
        verdict = "verified" if self.ok else "NOT verified"
        lines = [f"bundle {self.bundle_id}: {verdict}", f"  sha256 {self.sha256}"]
        for name, passed, detail in self.checks:
            lines.append(f"  {'ok  ' if passed else 'FAIL'}  {name}: {detail}")
        return "\n".join(lines)


class Bundle(_Record, frozen=True, dict=True):
    """Models with everything needed to trust, replay and retire them.

    Parameters
    ----------
    id
        Name of this bundle, written in every result.
    created, review_on
        Date it was made, and date from which it must be reviewed.
    library_version
        Version of the library that made it.
    owner
        Role that answers for it; never a name.
    models
        The models, by distinct names.
    definitions
        Per feature the sha256 of its definition when the models were fitted.
    history
        What was done to it, oldest first.
    disclaimer
        In Dutch and English; set by `create` from whether the data were synthetic.
    use_until
        Last day as of which it may screen, by its own rule, not before ``review_on``; from
        ``review_on`` on each result warns. None: it warns and does not refuse.
    """

    id: Annotated[str, Meta(min_length=1)]
    created: date
    review_on: date
    library_version: str
    owner: Annotated[str, Meta(min_length=1)]
    synthetic: bool
    disclaimer: Texts
    models: Annotated[tuple[RiskModel, ...], Meta(min_length=1)]
    definitions: dict[str, str] = msgspec.field(default_factory=dict)
    history: tuple[HistoryEntry, ...] = ()
    use_until: date | None = None

    def __post_init__(self) -> None:
        if self.use_until is not None and self.use_until < self.review_on:
            raise BundleError(
                f"use_until is {self.use_until}, before the review date {self.review_on}; expected "
                "that day or a later one: a bundle warns before it refuses."
            )
        names = [model.name for model in self.models]
        if len(set(names)) < len(names):
            raise BundleError(f"models {', '.join(names)}: names must differ.")
        if any(model.synthetic for model in self.models) and not self.synthetic:
            raise BundleError(
                "a model made on synthetic data is in a bundle not marked synthetic; mark it."
            )

    def __repr__(self) -> str:
        names = ", ".join(model.name for model in self.models)
        return f"<Bundle {self.id!r}: {names}; to be reviewed {self.review_on}>"

    @classmethod
    def create(
        cls,
        *,
        id: str,
        models: Iterable[RiskModel],
        owner: str,
        created: date,
        review_on: date,
        library_version: str,
        definitions: Mapping[str, str] | None = None,
        history: Iterable[HistoryEntry] = (),
        use_until: date | None = None,
    ) -> Bundle:
        """A bundle of fitted models; ``synthetic`` and the disclaimer follow from the models.

        Raises
        ------
        BundleError
            If a model has fewer golden vectors than a bundle needs or does not reproduce them,
            if ``definitions`` lacks a feature of a model, or if ``use_until`` lies before
            ``review_on``.
        """
        models = tuple(models)
        synthetic = any(model.synthetic for model in models)
        wording = texts()["disclaimer"]["synthetic" if synthetic else "real"]
        needed = {name for model in models for name in model.features}
        bundle = cls(
            id=id,
            created=created,
            review_on=review_on,
            library_version=library_version,
            owner=owner,
            synthetic=synthetic,
            disclaimer=Texts(nl=wording["nl"], en=wording["en"]),
            models=models,
            definitions={k: v for k, v in sorted((definitions or {}).items()) if k in needed},
            history=tuple(history),
            use_until=use_until,
        )
        undefined = [name for name in bundle.features if definitions and name not in definitions]
        if undefined:
            raise BundleError(
                f"the definition of {', '.join(undefined)} is not given; hand in the sha256 of "
                "each feature of the models."
            )
        _check_golden(bundle)
        return bundle

    # -- use -------------------------------------------------------------------------------

    @property
    def features(self) -> tuple[str, ...]:
        """Features of all models, each once, in order of first use."""
        return tuple(dict.fromkeys(name for model in self.models for name in model.features))

    def model(self, name: str) -> RiskModel:
        """The model of that name.

        Raises
        ------
        BundleError
            If the bundle has none.
        """
        for model in self.models:
            if model.name == name:
                return model
        known = ", ".join(model.name for model in self.models)
        raise BundleError(f"bundle {self.id!r} has no model {name!r}; it has: {known}.")

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """Recorded permissions for sensitive features, of all models."""
        return tuple(dict.fromkeys(waiver for model in self.models for waiver in model.waivers))

    def expired(self, on: date) -> bool:
        """The review date has been reached without a newer bundle."""
        return on >= self.review_on

    def standing(self, on: date) -> Standing:
        """Whether it may be relied on, on a day: it is current, warns, or refuses."""
        if self.use_until is not None and on > self.use_until:
            return "refused"
        return "review_due" if self.expired(on) else "current"

    def check_usable(self, on: date) -> None:
        """Refuse a day after the last one of its own rule.

        Raises
        ------
        BundleError
            Naming the last day, and who reviews it.
        """
        if self.standing(on) == "refused":
            raise BundleError(
                f"bundle {self.id!r} may be used up to and including {self.use_until} by its own "
                f"rule, and {on} is later; its review was due {self.review_on}. Have it reviewed "
                f"by its owner ({self.owner}) and use the bundle that comes of that; a screening "
                "as of an earlier day can still be repeated."
            )

    def with_use_until(self, use_until: date | None, *, on: date, by: str) -> Bundle:
        """The same models with another last day of use; what was changed is in its history.

        Parameters
        ----------
        use_until
            The last day; None for a bundle that warns and does not refuse.
        on, by
            When, and by which role.

        Raises
        ------
        BundleError
            If it lies before the review date.
        """
        said = "no last day of use" if use_until is None else f"to be used until {use_until}"
        entry = HistoryEntry(on=on, action="last day of use set", by=by, note=said)
        return msgspec.structs.replace(self, use_until=use_until, history=(*self.history, entry))

    # -- store -----------------------------------------------------------------------------

    @cached_property
    def sha256(self) -> str:
        """Hash of the content, as in the file: what identifies this bundle in a record.

        A bundle that was loaded keeps the hash of its file, also if that is of an older format.
        """
        return content_hash(self._content())

    @property
    def signature(self) -> Signature | None:
        """The signature of the file from which it was loaded; None if it had none."""
        found: Signature | None = self.__dict__.get("_signature")
        return found

    def _content(self) -> dict[str, Any]:
        """Plain data, once through the types: an integer given for a number becomes one."""
        plain: dict[str, Any] = msgspec.to_builtins(
            msgspec.convert(msgspec.to_builtins(self), Bundle)
        )
        for name in LATER_FIELDS:
            if plain[name] is None:
                del plain[name]
        for model in plain["models"]:
            for part, names in ((model, LATER_PARTS), (model["training"], LATER_TRAINING)):
                for name in names:
                    if not part[name]:
                        del part[name]
        return plain

    def to_bytes(self, private_key: PrivateKey | None = None) -> bytes:
        """The file: one object with the format, the content and the sha256 of the content.

        Parameters
        ----------
        private_key
            Ed25519 key that signs the hash (see `signing.read_private_key`). Without one, the
            signature of the file that was loaded stays, if the content is what was signed.
        """
        content = self._content()
        envelope = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "sha256": content_hash(content),
            "content": content,
        }
        signature = self.signature
        if private_key is not None:
            signature = sign(str(envelope["sha256"]), private_key)
        elif signature is not None and envelope["sha256"] != self.sha256:
            signature = None  # what was signed is of an older format
        if signature is not None:
            envelope["signature"] = msgspec.to_builtins(signature)
        return _canonical(envelope)

    def save(self, path: str | os.PathLike[str], *, private_key: PrivateKey | None = None) -> Path:
        """Write the file; whoever reads meanwhile finds the old file or the new, never half."""
        content, target = self.to_bytes(private_key), Path(path)
        with put_in_place(target) as unfinished:
            unfinished.write_bytes(content)
        return target

    @classmethod
    def load(
        cls,
        source: str | os.PathLike[str] | bytes,
        *,
        definitions: Mapping[str, str] | None = None,
        trusted_keys: Iterable[PublicKey] | None = None,
    ) -> Bundle:
        """Read a bundle and prove that it is whole and answers what it should.

        Parameters
        ----------
        source
            Path of a file, or its bytes.
        definitions
            Per feature the sha256 of the definition that this installation computes with; with
            None that comparison is left out.
        trusted_keys
            Ed25519 keys, of which one must have signed the file (see `signing.read_public_key`);
            with None anyone may have made it, but a signature that it bears must still fit.

        Raises
        ------
        BundleError
            If the file is no bundle, was cut off or changed, is of an unknown format version,
            does not reproduce its golden vectors, was fitted with other feature definitions, is
            not signed as it should be, or has a model that uses facts about victims.
        """
        raw, where = _read(source)
        envelope = _parse(raw, where)
        content = _open_envelope(envelope, where)
        signature = _signature(envelope, where)
        check_signature(signature, envelope["sha256"], trusted_keys, where)
        bundle = _convert(content, where)
        bundle.__dict__.update(sha256=envelope["sha256"], _signature=signature)
        bundle.check_no_victims(catalogue())
        _check_golden(bundle)
        if definitions is not None:
            bundle.check_definitions(definitions)
        return bundle

    # -- prove -----------------------------------------------------------------------------

    def check_definitions(self, definitions: Mapping[str, str]) -> None:
        """Compare the feature definitions of the fit with those in use.

        Raises
        ------
        BundleError
            Naming the features that are unknown here, or defined differently.
        """
        absent = [name for name in self.features if name not in definitions]
        changed = [
            name
            for name in self.features
            if name in definitions and self.definitions.get(name) != definitions[name]
        ]
        if absent or changed:
            parts = [f"not defined here: {', '.join(absent)}"] if absent else []
            parts += [f"defined differently: {', '.join(changed)}"] if changed else []
            raise BundleError(
                f"bundle {self.id!r} was fitted with other feature definitions ({'; '.join(parts)})"
                ". Install the library version that it names "
                f"({self.library_version}), or fit the models again."
            )

    def check_no_victims(self, definitions: Mapping[str, Feature]) -> None:
        """No model uses facts about victims.

        Parameters
        ----------
        definitions
            What the names of features mean.

        Raises
        ------
        BundleError
            Naming the features.
        """
        barred = about_victims(self.features, definitions)
        if barred:
            raise BundleError(
                f"bundle {self.id!r} uses {', '.join(barred)}, made of facts about victims, which "
                "no model may use; fit its models again without them."
            )

    def verify(
        self, definitions: Mapping[str, str] | None = None, on: date | None = None
    ) -> VerificationReport:
        """Check everything that can be checked without stopping at the first failure.

        Parameters
        ----------
        definitions
            As for `load`; with None that check is left out.
        on
            Date at which the review date is looked at; with None it is not.
        """
        checks = [_golden_check(model) for model in self.models]
        if self.signature is not None:
            checks.append(("signature", True, f"fits, of key {self.signature.key_id}"))
        if definitions is not None:
            try:
                self.check_definitions(definitions)
                checks.append(("feature definitions", True, f"{len(self.features)} as fitted"))
            except BundleError as error:
                checks.append(("feature definitions", False, str(error)))
        if on is not None:
            checks.append(("review date", not self.expired(on), f"to be reviewed {self.review_on}"))
            if self.use_until is not None:
                may = self.standing(on) != "refused"
                checks.append(("last day of use", may, f"to be used until {self.use_until}"))
        return VerificationReport(self.id, self.sha256, tuple(checks))


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


def _convert(content: Mapping[str, Any], where: str) -> Bundle:
    """Typed content; unknown fields, wrong types and unusable numbers are refused."""
    try:
        return msgspec.convert(content, Bundle)
    except (msgspec.ValidationError, ModelError) as error:
        raise BundleError(
            f"{where} holds something that this library does not accept: {str(error).rstrip('.')}. "
            "Fit the models again, or use the library version that wrote it."
        ) from error


def _golden_check(model: RiskModel) -> tuple[str, bool, str]:
    """Name, outcome and detail of the check of the golden vectors of a model."""
    differences, unproven = model.differences(), model.unproven()
    passed = not differences and unproven is None and len(model.golden) >= MIN_GOLDEN_VECTORS
    counts = [f"{len(model.golden)} vectors"]
    counts += [f"{len(model.golden_patterns)} of patterns"] if model.patterns else []
    counts += [f"{len(model.golden_bands)} sets"] if model.bands is not None else []
    detail = differences[0] if differences else unproven or f"{', '.join(counts)} reproduced"
    return f"golden vectors of {model.name}", passed, detail


def _check_golden(bundle: Bundle) -> None:
    """Every model has its golden vectors and reproduces them."""
    for model in bundle.models:
        if len(model.golden) < MIN_GOLDEN_VECTORS:
            raise BundleError(
                f"model {model.name!r} has {len(model.golden)} golden vectors; at least "
                f"{MIN_GOLDEN_VECTORS} are needed. Make the model with fit_risk_model."
            )
        unproven = model.unproven()
        if unproven is not None:
            raise BundleError(
                f"model {model.name!r} has {unproven}. Make the model with fit_risk_model, "
                "with_patterns and with_bands."
            )
        differences = model.differences()
        if differences:
            raise BundleError(
                f"bundle {bundle.id!r} does not reproduce its golden vectors ({len(differences)} "
                f"differ; first: {differences[0]}). It must not score: a coefficient was changed "
                "or this machine computes differently. Take the original file."
            )
