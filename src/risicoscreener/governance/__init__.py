"""Documents about the system, filled from facts and not from forms; what people must supply.

>>> from risicoscreener.governance import Known, fill, open_fields
>>> known = Known(bundle, policies, as_of)                                   # doctest: +SKIP
>>> print(fill("annex_iv", known).text("en"))                                # doctest: +SKIP
>>> print(open_fields(known).text("en"))                                     # doctest: +SKIP

A field is filled by a fact, which names where it comes from, or by the answer of a person, or it
is open. Nothing is invented, and what nobody confirmed does not go out.
"""

from __future__ import annotations

from risicoscreener.governance.answers import Answers
from risicoscreener.governance.document import Document, Field, OpenFields, Section
from risicoscreener.governance.entries import entry_of
from risicoscreener.governance.evaluation import Evaluation, by_language, read_evaluation
from risicoscreener.governance.fact import Fact
from risicoscreener.governance.filling import fill, open_fields
from risicoscreener.governance.known import Known, Use
from risicoscreener.governance.layout import NAMES, Layout, layouts
from risicoscreener.governance.live import LoggedScreener, to_file
from risicoscreener.governance.processing import Activities, ProcessingLines, lines_of
from risicoscreener.governance.register import Problem, check_entry

__all__ = [
    "NAMES",
    "Activities",
    "Answers",
    "Document",
    "Evaluation",
    "Fact",
    "Field",
    "Known",
    "Layout",
    "LoggedScreener",
    "OpenFields",
    "Problem",
    "ProcessingLines",
    "Section",
    "Use",
    "by_language",
    "check_entry",
    "entry_of",
    "fill",
    "layouts",
    "lines_of",
    "open_fields",
    "read_evaluation",
    "to_file",
]
