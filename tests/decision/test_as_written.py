"""What is written of a policy is what stands in `as_written`, to the letter.

What else a text must hold is said by the tests of its part; these see that nothing of it changes
unseen.
"""

from __future__ import annotations

import pytest

from decision.as_written import DOCUMENTS, FOLDER
from written import check_written


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_written_as_before(name):
    check_written(name, DOCUMENTS, FOLDER, "decision.as_written")


def test_there_is_a_document_for_each_file():
    assert {path.name for path in FOLDER.iterdir()} == {*DOCUMENTS}
