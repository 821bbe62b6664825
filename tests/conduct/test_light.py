"""Reading one record for conduct, victims and a reader loads no heavy library."""

from __future__ import annotations

from cases import EXAMPLES
from test_architecture import HEAVY, modules_loaded_by

CODE = f"""
import datetime as dt
import risicoscreener as rs
from risicoscreener.conduct import classify, regrade
from risicoscreener.victims import duties, interests

day = dt.date(2024, 4, 15)
dossier = rs.read_dossier(open({str(EXAMPLES / "deep_assessment.json")!r}, "rb").read())
classify(dossier, day).html("en"), interests(dossier, day).text("nl"), duties(dossier, day)
rs.screen(regrade(dossier, day), "leave", as_of=day).for_audience("person").html("nl")
"""


def test_one_record_loads_no_heavy_library():
    assert not modules_loaded_by(CODE) & HEAVY
