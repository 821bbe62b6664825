"""A screener as bytes and names, so that other processes and machines can make it again.

What travels is the file of the bundle and the texts of policies and definitions, not objects: each
process reads them with the checks of any file (hash, golden vectors, completeness), once.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.decision import CompiledPolicy, Policy, PolicyBook
from risicoscreener.errors import ScaleError
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.definition import Case, Feature
from risicoscreener.models import Bundle
from risicoscreener.screening.screener import Screener, default_screener

if TYPE_CHECKING:
    import pyarrow as pa

    from risicoscreener.dossier import DossierTables
    from risicoscreener.features import Index

_DAY = "_day"


@dataclass(frozen=True)
class CarriedFeatures:
    """Feature definitions as text; ``None`` for those that the package ships.

    A kernel that was added with `register_kernel` goes by its name: register it in each process.
    """

    definitions: bytes | None
    version: str

    @classmethod
    def of(cls, definitions: Catalogue | None) -> CarriedFeatures:
        """What is carried of a catalogue."""
        text = None if definitions is None else _text_of(definitions)
        shipped = text is None or text == _text_of(catalogue())
        return cls(None if text is None or shipped else _packed(text), _version())

    def catalogue(self) -> Catalogue:
        """The definitions, in this process.

        Raises
        ------
        ScaleError
            If this process runs another version of the library.
        """
        check_version(self.version)
        if self.definitions is None:
            return catalogue()
        plain = json.loads(zlib.decompress(self.definitions), object_hook=_day_of_text)
        return Catalogue({name: _feature(entry) for name, entry in plain.items()})


@dataclass(frozen=True)
class CarriedScreener:
    """What screens for one kind of decision: a bundle, versions of a policy, definitions."""

    decision: str
    bundle: bytes
    policies: bytes
    features: CarriedFeatures

    @classmethod
    def of(cls, screener: Screener | None, decision: str) -> CarriedScreener:
        """What is carried of a screener, that with what the package ships by default.

        Raises
        ------
        PolicyError
            If it has no policy of that kind, or one that cannot be used with its bundle.
        """
        chosen = default_screener() if screener is None else screener
        chosen.route(decision)
        policies = [compiled.policy for compiled in chosen.policies.versions(decision)]
        return cls(
            decision,
            _packed(chosen.bundle.to_bytes()),
            _packed(msgspec.json.encode(policies)),
            CarriedFeatures.of(chosen.definitions),
        )

    def screener(self) -> Screener:
        """The screener, in this process: read and checked once, however often it is sent.

        Raises
        ------
        BundleError, PolicyError
            If what arrived is not sound.
        ScaleError
            If this process runs another version of the library.
        """
        return _made(self)

    def screen(self, dossiers: DossierTables, index: Index | dt.date, n_threads: int) -> pa.Table:
        """Screen dossiers here: `ScreenedTable.to_arrow` with codes as text."""
        screened = self.screener().screen_many(dossiers, self.decision, index, n_threads=n_threads)
        return as_plain(screened.to_arrow())

    def schema(self) -> pa.Schema:
        """The columns that `screen` gives."""
        from risicoscreener.dossier import DossierTables

        return self.screen(DossierTables.from_dossiers([]), dt.date.today(), 1).schema


def as_plain(table: pa.Table) -> pa.Table:
    """A table with text where it has dictionaries, also in lists."""
    import pyarrow as pa

    fields = [field.with_type(_plain_type(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def check_version(version: str) -> None:
    """That another process runs the library of the one that sent the work.

    Raises
    ------
    ScaleError
        If it does not.
    """
    if version != _version():
        raise ScaleError(
            f"this process has risicoscreener {_version()}, the one that sent the work {version}; "
            "expected the same on every machine"
        )


def _plain_type(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return kind.value_type
    return pa.list_(_plain_type(kind.value_type)) if pa.types.is_list(kind) else kind


@lru_cache(maxsize=8)
def _made(carried: CarriedScreener) -> Screener:
    """The screener in this process, read and checked once."""
    definitions = carried.features.catalogue()
    policies = msgspec.json.decode(zlib.decompress(carried.policies), type=list[Policy])
    return Screener(
        Bundle.load(zlib.decompress(carried.bundle)),
        PolicyBook(CompiledPolicy(policy) for policy in policies),
        definitions,
    )


def _packed(content: bytes) -> bytes:
    return zlib.compress(content, 1)


def _version() -> str:
    from risicoscreener import __version__

    return __version__


def _text_of(definitions: Catalogue) -> bytes:
    plain = {name: asdict(feature) for name, feature in definitions.items()}
    return json.dumps(plain, default=_day_as_text).encode()


def _feature(plain: dict[str, Any]) -> Feature:
    cases = tuple(Case(**case) for case in plain.pop("cases"))
    return Feature(**{**plain, "cases": cases, "requires": tuple(plain["requires"])})


def _day_as_text(value: Any) -> dict[str, str]:
    if type(value) is not dt.date:
        raise ScaleError(f"a feature definition holds {value!r}; expected text, numbers and days")
    return {_DAY: value.isoformat()}


def _day_of_text(plain: dict[str, Any]) -> Any:
    return dt.date.fromisoformat(plain[_DAY]) if plain.keys() == {_DAY} else plain
