"""Golden vectors of instruments: what the source says, and the proof that ours says the same.

Vectors stand beside the file of their instrument: ``<version>.golden.json`` for few with many
expectations, ``<version>.golden.csv`` for many with few (further ones as
``<version>.golden-<name>.csv``). A file says where its vectors come from and how close a number
must be.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import ModelError
from risicoscreener.instruments.instrument import Instrument
from risicoscreener.instruments.scoring import EVERYONE
from risicoscreener.instruments.shipped import instruments

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from risicoscreener.instruments.result import InstrumentResult

TOLERANCE = 1e-9
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One input with what the source answers.

    Attributes
    ----------
    name
        Name of the case at its source.
    inputs
        What is given to `Instrument.score`.
    expected
        ``variant``, ``applicable``; per horizon ``probability``, ``percentage``, ``points``,
        ``scaled``, ``band``, ``linear_predictor`` (a single value stands for the first horizon);
        ``contributions`` by feature; ``refused`` and ``fallback``: code to fields. ``score``
        false: there must be none.
    tolerance
        How close a number must be.
    """

    name: str
    inputs: dict[str, Any]
    expected: dict[str, Any]
    tolerance: float = TOLERANCE


@dataclass(frozen=True, slots=True)
class GoldenFile:
    """Vectors of one instrument with one origin."""

    origin: str
    cases: tuple[GoldenCase, ...]


@dataclass(frozen=True, slots=True)
class InstrumentCheck:
    """What was found for one version of one instrument."""

    instrument: str
    version: str
    vectors: int
    origins: tuple[str, ...]
    differences: tuple[str, ...]
    unreached: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """It has vectors, reproduces all of them, and they reach every formula."""
        return self.vectors > 0 and not self.differences and not self.unreached

    def __str__(self) -> str:
        lines = [
            f"{'ok  ' if self.ok else 'FAIL'} {self.instrument} {self.version}: "
            f"{self.vectors} golden vectors"
        ]
        lines += [f"       {difference}" for difference in self.differences]
        lines += [f"       no vector reaches {formula}" for formula in self.unreached]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class InstrumentVerification:
    """What `verify` found; ``str`` of it is for a command line."""

    checks: tuple[InstrumentCheck, ...] = field(default_factory=tuple)

    @property
    def ok(self) -> bool:
        """Every instrument reproduces its golden vectors."""
        return all(check.ok for check in self.checks)

    @property
    def vectors(self) -> int:
        """Golden vectors of all instruments together."""
        return sum(check.vectors for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "ok": self.ok,
            "vectors": self.vectors,
            "instruments": [
                {
                    "instrument": check.instrument,
                    "version": check.version,
                    "vectors": check.vectors,
                    "ok": check.ok,
                    "origins": list(check.origins),
                    "differences": list(check.differences),
                    "unreached": list(check.unreached),
                }
                for check in self.checks
            ],
        }

    def __str__(self) -> str:
        verdict = "all reproduced" if self.ok else "NOT all reproduced"
        head = f"{self.vectors} golden vectors of {len(self.checks)} instruments: {verdict}"
        return "\n".join([head, *(str(check) for check in self.checks)])


def verify(*chosen: Instrument) -> InstrumentVerification:
    """Re-score every golden vector of some instruments, or of all that the package carries.

    A formula that no vector reaches counts as a failure: two populations whose formulas were
    swapped would otherwise go unseen.
    """
    each = chosen or instruments()
    return InstrumentVerification(tuple(check_golden(one, golden_files(one)) for one in each))


def check_golden(instrument: Instrument, stored: tuple[GoldenFile, ...]) -> InstrumentCheck:
    """Re-score the vectors of these files with an instrument."""
    found: list[str] = []
    reached: set[tuple[str | None, str]] = set()
    for case in (case for file in stored for case in file.cases):
        result, differences = score_case(instrument, case)
        if result.ok and result.applicable:
            reached |= {(result.variant, p) for p in (EVERYONE, *result.populations)}
        found += [f"{case.name}: {difference}" for difference in differences]
    wanted = {(f.variant, f.population) for f in instrument.definition.formulas}
    if instrument.composite:
        wanted = {(v, population) for _, population in wanted for v in instrument.variants[-1:]}
        reached |= {(v, p) for _, p in reached for v in instrument.variants[-1:]}
    return InstrumentCheck(
        instrument.id,
        instrument.version,
        count_vectors(stored),
        tuple(file.origin for file in stored),
        tuple(found),
        tuple(f"the {v} formula for {p}" for v, p in sorted(wanted - reached)),
    )


def score_case(instrument: Instrument, case: GoldenCase) -> tuple[InstrumentResult, list[str]]:
    """The result for one vector, and where it differs from what is expected."""
    result = instrument.score(case.inputs)
    return result, list(_differences(case, result, instrument.horizons[0]))


# -- compare -------------------------------------------------------------------------------


def _differences(case: GoldenCase, result: Any, horizon: str) -> Iterator[str]:
    wanted = case.expected
    if wanted.get("score", True) != result.ok:
        said = "; ".join(problem.text("en") for problem in result.problems)
        yield f"expected {'a' if wanted.get('score', True) else 'no'} score ({said})"
        return
    for name in ("variant", "applicable"):
        if name in wanted and wanted[name] != getattr(result, name):
            yield f"{name}: expected {wanted[name]!r}, got {getattr(result, name)!r}"
    scores = {score.horizon: score for score in result.scores}
    for measure in _MEASURES:
        for at, value in _by_horizon(wanted.get(measure), horizon).items():
            got = getattr(scores[at], measure)
            if not _same(value, got, case.tolerance):
                yield f"{measure} at {at}: expected {value!r}, got {got!r}"
    for feature, value in wanted.get("contributions", {}).items():
        got = result.contributions.get(feature, 0.0)
        if not _same(value, got, case.tolerance):
            yield f"contribution of {feature}: expected {value!r}, got {got!r}"
    for kind in ("refused", "fallback"):
        if kind in wanted:
            got = _grouped(result.problems, kind)
            if got != {code: sorted(fields) for code, fields in wanted[kind].items()}:
                yield f"{kind}: expected {wanted[kind]!r}, got {got!r}"


_MEASURES = ("probability", "percentage", "points", "scaled", "band", "linear_predictor")


def _by_horizon(value: Any, first: str) -> dict[str, Any]:
    if value is None:
        return {}
    return value if isinstance(value, dict) else {first: value}


def _same(wanted: Any, got: Any, tolerance: float) -> bool:
    if isinstance(wanted, str) or wanted is None or got is None:
        return bool(wanted == got)
    return abs(wanted - got) <= tolerance * max(1.0, abs(wanted))


def _grouped(problems: Any, kind: str) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for problem in problems:
        if problem.kind == kind:
            found.setdefault(problem.code, set()).update(problem.fields)
    return {code: sorted(fields) for code, fields in found.items()}


# -- read ----------------------------------------------------------------------------------


def golden_files(instrument: Instrument) -> tuple[GoldenFile, ...]:
    """The stored vectors of an instrument, in the order of their files' names."""
    folder = files("risicoscreener.instruments") / "data" / instrument.id
    start = f"{instrument.version}.golden"
    found = [path for path in folder.iterdir() if path.name.startswith(start)]
    found.sort(key=lambda path: path.name)
    return tuple(_read(instrument, path) for path in found)


def count_vectors(stored: tuple[GoldenFile, ...]) -> int:
    """How many vectors stand in these files together."""
    return sum(len(file.cases) for file in stored)


def _read(instrument: Instrument, path: Traversable) -> GoldenFile:
    text = path.read_text("utf-8")
    try:
        if path.name.endswith(".json"):
            return _from_json(json.loads(text))
        return _from_csv(instrument, text)
    except (ValueError, KeyError) as error:
        raise ModelError(f"golden file {path.name} cannot be read ({error!r}).") from error


def _from_json(stored: Mapping[str, Any]) -> GoldenFile:
    tolerance = stored.get("tolerance", TOLERANCE)
    return GoldenFile(
        stored["origin"],
        tuple(
            GoldenCase(v["name"], v["inputs"], v["expected"], v.get("tolerance", tolerance))
            for v in stored["vectors"]
        ),
    )


def _from_csv(instrument: Instrument, text: str) -> GoldenFile:
    """Comment lines say ``origin`` and ``tolerance``; columns are ``name``, inputs, expectations.

    Expectations are ``expected.<measure>`` or ``expected.<measure>.<horizon>``.
    """
    lines = text.splitlines()
    said = dict(line[1:].split(":", 1) for line in lines if line.startswith("#") and ":" in line)
    said = {key.strip(): value.strip() for key, value in said.items()}
    tolerance = float(said.get("tolerance", TOLERANCE))
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return GoldenFile(said["origin"], tuple(_case(instrument, row, tolerance) for row in rows))


def _case(instrument: Instrument, row: Mapping[str, str], tolerance: float) -> GoldenCase:
    inputs: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for column, cell in row.items():
        if cell == "" or column == "name":
            continue
        if not column.startswith("expected."):
            inputs[column] = _input(instrument, column, cell)
            continue
        measure, _, horizon = column.removeprefix("expected.").partition(".")
        value = _expectation(measure, cell)
        if horizon:
            expected.setdefault(measure, {})[horizon] = value
        else:
            expected[measure] = value
    return GoldenCase(row["name"], inputs, expected, tolerance)


def _input(instrument: Instrument, name: str, cell: str) -> Any:
    kind = instrument.all_inputs[name].kind
    if kind in ("integer", "number"):
        return float(cell)
    return _TRUTH[cell.lower()] if kind == "yes_no" else cell


def _expectation(measure: str, cell: str) -> Any:
    if measure in ("variant", "band"):
        return cell
    if measure in ("score", "applicable"):
        return _TRUTH[cell.lower()]
    return float(cell)
