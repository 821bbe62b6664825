"""What is written of dossiers is what stands in `as_written`, to the letter.

What else a text must hold is said by the tests of its part; these see that nothing of it changes
unseen.
"""

from __future__ import annotations

import pytest

from screening.as_written import DOCUMENTS, FOLDER
from written import check_written


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_written_as_before(name):
    check_written(name, DOCUMENTS, FOLDER, "screening.as_written")
