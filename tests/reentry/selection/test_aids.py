"""Kinds of help are data; what may not be read is refused whatever the file says."""

from __future__ import annotations

import numpy as np
import pytest

from cases import ROOT
from reentry.selection.worlds import cohort, people
from risicoscreener.errors import ModelError, ReentryError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.features.sensitivity import about_victims, effective_sensitivity
from risicoscreener.reentry.selection import people_for, read_aids, shipped_aids

SHIPPED = ROOT / "src" / "risicoscreener" / "reentry" / "selection" / "aids.toml"


def test_no_help_reads_a_forbidden_feature_or_one_about_victims():
    for aid in shipped_aids().all.values():
        kinds = effective_sensitivity(aid.features, catalogue())
        assert "forbidden" not in kinds.values()
        assert not about_victims(aid.features, catalogue())
        assert "sex_female" not in aid.features


@pytest.mark.parametrize("name", ["unlawful_stay", "victims_known", "removal_or_extradition"])
def test_a_file_cannot_make_a_help_read_them(tmp_path, name):
    text = SHIPPED.read_text("utf-8").replace('"incidents_6m", "plan', f'"{name}", "plan')
    (tmp_path / "own.toml").write_text(text, "utf-8")
    with pytest.raises(ReentryError, match=f"supervision: {name}; expected no forbidden"):
        read_aids(tmp_path / "own.toml")


def test_a_proxy_without_a_waiver_reaches_no_model(tmp_path):
    text = SHIPPED.read_text("utf-8").replace('"incidents_6m", "plan', '"sex_female", "plan')
    (tmp_path / "own.toml").write_text(text, "utf-8")
    made = cohort(200, 2)
    with pytest.raises(ModelError, match="sex_female"):
        people_for(made.tables, made.index(), "supervision", aids=read_aids(tmp_path / "own.toml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "supervision"', "id = 3", "aids"),
        (
            '"incidents_6m", "plan',
            '"no_such_feature", "plan',
            "'no_such_feature'; expected the name",
        ),
        ("hours = 60.0", "hours = 0.0", "hours"),
    ],
)
def test_mistakes_in_a_file_are_named(tmp_path, old, new, said):
    (tmp_path / "own.toml").write_text(SHIPPED.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(ReentryError, match=said):
        read_aids(tmp_path / "own.toml")


def test_needs_are_what_the_features_say():
    seen = people("debt_help")
    debts = seen.modifiers["debts_open"].to_numpy()
    first = np.where(np.isnan(debts), np.nan, debts >= 2)
    assert np.array_equal(seen.needs[:, 0], first, equal_nan=True)
    unknown = np.isnan(seen.need_level)
    assert unknown.any()
    assert (np.nansum(seen.needs[unknown], axis=1) == 0).all()
    assert np.isnan(seen.needs[unknown]).any(axis=1).all()


def test_audit_attributes_and_later_facts_change_nothing():
    """What is told after the day, and what only audits may see, moves no picture."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from risicoscreener.dossier import DossierTables

    made = cohort(200, 2)
    index = made.index()
    before = people_for(made.tables, index, "debt_help")
    days = dict(zip(index["person_id"], index["as_of"].dt.date, strict=True))
    raw = {}
    for name, table in made.tables.tables.items():
        known = pa.array([name != "audit"] * len(table))
        if name != "audit" and "recorded_at" in table.column_names:
            owners = table.column("person_id").cast(pa.string())
            limits = pa.array([days[str(p)] for p in owners.to_pylist()], pa.date32())
            known = pc.less_equal(table.column("recorded_at").combine_chunks(), limits)
        raw[name] = table.filter(known)
    after = people_for(DossierTables.from_arrow(raw), index, "debt_help")
    for one, other in ((before.modifiers, after.modifiers), (before.adjust, after.adjust)):
        assert one.equals(other)
    assert np.array_equal(before.needs, after.needs, equal_nan=True)
    assert (before.site == after.site).all()
