"""What is written of features is what stands in `as_written`, to the letter.

What else a text must hold is said by the tests of its part; these see that nothing of it changes
unseen.
"""

from __future__ import annotations

import pytest

from written import check_written

from .as_written import DOCUMENTS, FOLDER


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_written_as_before(name):
    check_written(name, DOCUMENTS, FOLDER, "features.as_written")
