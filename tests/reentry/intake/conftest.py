from __future__ import annotations

import pandas as pd
import pytest

from cases import ROOT
from risicoscreener.dossier import DossierTables
from risicoscreener.reentry.intake import Reference

COHORT = ROOT / "data" / "synthetic" / "sentenced_40"


@pytest.fixture(scope="session")
def small_cohort():
    """Forty synthetic people, and for each the day of a picture."""
    tables = DossierTables.read(COHORT / "dossiers")
    index = pd.read_parquet(COHORT / "index.parquet")
    index["as_of"] = [pd.Timestamp(day).date() for day in index["as_of"]]
    return tables, index


@pytest.fixture(scope="session")
def reference(small_cohort):
    return Reference.of(*small_cohort)
