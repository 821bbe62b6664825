"""Bundle: one file with the models that a policy reads, which proves itself when it is loaded.

The hash says that the content is what was saved (`bundle_file`). The golden vectors say that the
models answer what they answered when they were fitted (`bundle_proof`). Neither says who made the
file: for that, sign it (`signing`).
"""

from __future__ import annotations

import os
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from risicoscreener.errors import BundleError, ModelError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.features.sensitivity import Waiver
from risicoscreener.models.bundle_file import (
    content_hash,
    file_bytes,
    leave_out_what_lacks,
    read_file,
)
from risicoscreener.models.bundle_proof import (
    VerificationReport,
    check_definitions,
    check_golden,
    check_no_victims,
    verify,
)
from risicoscreener.models.risk_model import RiskModel, _Record
from risicoscreener.models.signing import Signature, check_signature, sign
from risicoscreener.models.support import texts
from risicoscreener.texts import Texts
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from risicoscreener.features.definition import Feature
    from risicoscreener.models.signing import PrivateKey, PublicKey

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
        check_golden(bundle)
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
        leave_out_what_lacks(plain)
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
        sha256, signature = content_hash(content), self.signature
        if private_key is not None:
            signature = sign(sha256, private_key)
        elif signature is not None and sha256 != self.sha256:
            signature = None  # what was signed is of an older format
        return file_bytes(content, sha256, signature)

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
        file = read_file(source)
        check_signature(file.signature, file.sha256, trusted_keys, file.where)
        bundle = _convert(file.content, file.where)
        bundle.__dict__.update(sha256=file.sha256, _signature=file.signature)
        bundle.check_no_victims(catalogue())
        check_golden(bundle)
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
        check_definitions(self, definitions)

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
        check_no_victims(self, definitions)

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
        return verify(self, definitions, on)


def _convert(content: Mapping[str, Any], where: str) -> Bundle:
    """Typed content; unknown fields, wrong types and unusable numbers are refused."""
    try:
        return msgspec.convert(content, Bundle)
    except (msgspec.ValidationError, ModelError) as error:
        raise BundleError(
            f"{where} holds something that this library does not accept: {str(error).rstrip('.')}. "
            "Fit the models again, or use the library version that wrote it."
        ) from error
