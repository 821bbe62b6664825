"""One set of prepared routes, and a picture of someone with all registers consulted."""

from __future__ import annotations

from typing import Any

import pytest

from following import index_case, inquiry, person, stay
from risicoscreener.dossier.schema import tables
from risicoscreener.screening.picture import CurrentPicture
from risicoscreener.screening.picture.compiled import PictureRoutes


@pytest.fixture(scope="session")
def routes(screener) -> PictureRoutes:
    return PictureRoutes(screener)


@pytest.fixture
def inside(routes) -> CurrentPicture:
    """Someone who arrived on 3 January 2022, with nothing on record."""
    picture = CurrentPicture(person(), day="2022-01-03", routes=routes)
    picture.add("detentions", stay())
    picture.add("convictions", index_case())
    for subject in tables()["inquiries"].columns["subject"].codes:
        picture.add("inquiries", inquiry(subject))
    plan: dict[str, Any] = {"recorded_at": "2022-01-10", "occurred_on": "2022-01-10"}
    picture.add("programme", {**plan, "kind": "plan_made"})
    goal = {"goal": "network", "supports_leave": True, "status": "open", "status_on": "2022-01-10"}
    picture.add("programme", {**plan, "kind": "goal", **goal})
    return picture
