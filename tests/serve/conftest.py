"""What tests of the service share."""

from __future__ import annotations

import pytest

from serving import EVERYTHING, Issuer, on_a_day, running


@pytest.fixture(scope="session")
def issuer(tmp_path_factory):
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
def service(issuer, tmp_path_factory):
    """A service with a record, in this process."""
    record = tmp_path_factory.mktemp("record") / "record.db"
    with running(issuer.settings(record), today=on_a_day) as found:
        yield found


@pytest.fixture(scope="session")
def everything(issuer):
    """The header of a client that may all."""
    return issuer.bearer(*EVERYTHING)
