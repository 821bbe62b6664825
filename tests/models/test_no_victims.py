"""No model is made of facts about victims: not when it is fitted, not when it is loaded."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import pandas as pd
import pytest

from risicoscreener.decision import PolicyBook
from risicoscreener.errors import BundleError, ModelError
from risicoscreener.features import Feature, catalogue
from risicoscreener.features.sensitivity import Waiver, about_victims
from risicoscreener.models import Bundle
from risicoscreener.models.checking import check_no_victims, check_sensitivity
from risicoscreener.models.fitting import fit_risk_model
from risicoscreener.models.shipped import shipped_bundle_bytes
from risicoscreener.screening import Screener

TEXT = {"nl": "x", "en": "x"}


def own(name, **changes):
    usual = {"group": "person", "aggregate": "count", "text": TEXT, "unit": "", "source": "project"}
    return Feature(name, **{**usual, **changes})


HIDDEN = own("hidden", aggregate="ratio", numerator="victims_known", denominator="age_years")
INQUIRIES = own("asked_victims", table="inquiries", where={"subject": ["victims"]})
ANY_INQUIRY = own("asked_anything", table="inquiries")
OTHER_INQUIRY = own("asked_debts", table="inquiries", where={"subject": ["debts"]})


def test_every_feature_of_the_group_is_barred_and_no_other():
    known = catalogue()
    barred = set(about_victims(known, known))
    assert barred == {name for name, feature in known.items() if feature.group == "victims"}


def test_what_is_derived_is_barred_too():
    known = catalogue().with_features(HIDDEN, INQUIRIES, ANY_INQUIRY, OTHER_INQUIRY)
    names = ["hidden", "asked_victims", "asked_anything", "asked_debts", "not_defined"]
    assert about_victims(names, known) == ("hidden", "asked_victims", "asked_anything")
    with pytest.raises(ModelError, match="features hidden are made of facts about victims"):
        check_no_victims(["hidden"], known)


def test_a_waiver_changes_nothing():
    waiver = Waiver(
        feature="victims_known",
        sensitivity="forbidden",
        reason="none",
        granted_by="owner",
        granted_on=dt.date(2022, 1, 1),
    )
    with pytest.raises(ModelError, match="victims_known"):
        check_sensitivity(["victims_known"], {"victims_known": "forbidden"}, [waiver])


def test_no_model_is_fitted_on_them():
    frame = pd.DataFrame({"victims_known": np.arange(100.0)})
    with pytest.raises(ModelError, match="victims_known are made of facts about victims"):
        fit_risk_model(
            frame,
            np.arange(100) % 2,
            name="m",
            outcome=None,
            horizon_days=None,
            population=None,
            title=None,
            description=None,
            sensitivity={"victims_known": "allowed"},
            provenance=None,
            synthetic=True,
        )


def renamed_bundle() -> bytes:
    """The shipped bundle with a feature of its models under the name of one about victims."""
    bundle = Bundle.load(shipped_bundle_bytes())
    old = bundle.models[0].features[0]
    text = msgspec.json.encode(bundle._content()).replace(f'"{old}"'.encode(), b'"victims_known"')
    changed = msgspec.json.decode(text, type=Bundle)
    return changed.to_bytes()


def test_no_bundle_that_uses_them_is_loaded():
    with pytest.raises(BundleError, match="uses victims_known, made of facts about victims"):
        Bundle.load(renamed_bundle())


def test_no_screener_is_made_of_definitions_that_hide_them():
    bundle = Bundle.load(shipped_bundle_bytes())
    name = next(n for n in bundle.features if catalogue()[n].aggregate in ("ratio", "cases"))
    inner = catalogue()[name].inputs[0]
    rest = {n: f for n, f in catalogue().items() if n != inner}
    assert inner not in about_victims([inner], rest)
    with pytest.raises(BundleError):
        bundle.check_no_victims({**rest, inner: own(inner, table="victims")})
    Screener(bundle, PolicyBook.shipped())
