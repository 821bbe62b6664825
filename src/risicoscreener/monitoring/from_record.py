"""Screenings and decisions from a record, as the table that is watched."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from risicoscreener.dossier.visible import visible
from risicoscreener.monitoring.tables import BUNDLE
from risicoscreener.screening.record.entries import (
    ScreeningBody,
    decision_body,
    dossier_in,
    foundation_in,
    result_in,
    screening_body,
)
from risicoscreener.screening.record.foundation import Foundation

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier.record import Dossier
    from risicoscreener.screening.record import RecordLog


def table_of_record(log: RecordLog, decision: str, model: str) -> pd.DataFrame:
    """A row for each screening of a kind in a record, for `reading.screenings_of`.

    Entries that were deleted are left out. Of a person who was screened twice on a day the last
    screening is taken; of each screening the last decision, whose day is when it was taken. A deep
    assessment is settled on the day of the first decision on its screening, or of the next
    screening of that person that asks none.

    Parameters
    ----------
    log
        SQLite or PostgreSQL.
    decision, model
        Kind of decision, and the model whose probability is watched.

    Returns
    -------
    Columns: person_id, as_of, probability, support, outcome, direction, decided_on, seconds,
    settled_on, prison and sex from the dossier as it was known, bundle (the models it was made
    with), and each feature. How many screenings were deleted stands in ``attrs["deleted"]``.
    """
    import pandas as pd

    rows: dict[tuple[str, dt.date], dict[str, Any]] = {}
    by_reference: dict[str, tuple[str, dt.date]] = {}
    made_with: dict[str, ScreeningBody] = {}
    deleted = 0
    for entry in log.entries():
        if entry.payload is None:
            deleted += entry.link.kind == "screening"
            continue
        if entry.link.kind == "screening":
            body = screening_body(entry)
            row = _screening(body, decision, model, entry.link.sequence)
            if row is not None:
                key = (row["person_id"], row["as_of"])
                by_reference[entry.payload.reference] = key
                rows[key] = row
                made_with.setdefault(body.foundation, body)
        elif entry.link.kind == "decision" and entry.payload.reference in by_reference:
            _decided(rows[by_reference[entry.payload.reference]], decision_body(entry))
    named = {name: _bundle(foundation_in(log, body)) for name, body in made_with.items()}
    for row in rows.values():
        row[BUNDLE] = named[row[BUNDLE]]
    frame = pd.DataFrame(_settled(list(rows.values())))
    if not len(frame):
        frame = pd.DataFrame(columns=["person_id", "as_of", "probability"])
    frame.attrs["deleted"] = deleted
    return frame


def _bundle(found: Foundation) -> str:
    """Id and the start of the hash: two bundles can have one id."""
    return f"{found.bundle_id} ({found.bundle_sha256[:8]})"


def _screening(
    body: ScreeningBody, decision: str, model: str, sequence: int
) -> dict[str, Any] | None:
    """The row of a screening; None if it is of another kind."""
    if body.decision != decision:
        return None
    result, dossier = result_in(body, sequence), dossier_in(body, sequence)
    found = next((one for one in result.models if one.name == model), None)
    return {
        "person_id": result.person_id,
        "as_of": result.as_of,
        "probability": None if found is None else found.probability,
        "support": "" if found is None else found.support,
        "outcome": result.outcome,
        "direction": "",
        "decided_on": None,
        "seconds": None,
        "settled_on": None,
        "prison": _prison(dossier, result.as_of),
        "sex": dossier.person.sex,
        BUNDLE: body.foundation,
        **result.values,
    }


def _prison(dossier: Dossier, as_of: dt.date) -> str:
    """Where someone is by the last stay known on a day; empty if that is not known."""
    stays = [row for _, row in visible(dossier.detentions, as_of) if row.arrived_on <= as_of]
    last = max(stays, key=lambda row: (row.arrived_on, row.recorded_at), default=None)
    return (last.prison or "") if last is not None else ""


def _decided(row: dict[str, Any], body: Any) -> None:
    day = max(body.decision.decided_at.date(), row["as_of"])
    row["direction"] = body.direction
    row["decided_on"] = day
    row["seconds"] = body.decision.seconds
    if row["settled_on"] is None:
        row["settled_on"] = day


def _settled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the day on which a later screening settled what an earlier one asked."""
    ordered = sorted(rows, key=lambda row: (row["person_id"], row["as_of"]))
    settling: dict[str, dt.date] = {}
    for row in reversed(ordered):
        if row["outcome"] != "deep_assessment":
            settling[row["person_id"]] = row["as_of"]
            row["settled_on"] = None
            continue
        later = settling.get(row["person_id"])
        if later is not None and (row["settled_on"] is None or later < row["settled_on"]):
            row["settled_on"] = later
    return ordered
