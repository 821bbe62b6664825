"""Dossier tables with one fault in them, which nobody has seen yet."""

from __future__ import annotations

import pyarrow as pa

from risicoscreener.dossier import DossierTables


def with_a_debt_below_zero(dossiers: DossierTables) -> tuple[DossierTables, str]:
    """Tables in which the second debt is below zero, not validated again, and whose debt it is."""
    table = dossiers.tables["debts"]
    amounts = table.column("amount_eur").to_pylist()
    amounts[1] = -5.0
    place = table.column_names.index("amount_eur")
    broken = table.set_column(place, "amount_eur", pa.array(amounts))
    return DossierTables({**dossiers.tables, "debts": broken}), table.column("person_id")[1].as_py()
