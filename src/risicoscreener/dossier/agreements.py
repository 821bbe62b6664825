"""What one field of a row asks of another: rows that contradict themselves are not taken for facts.

A date and the value that it dates come together: an end of which nobody noted how it was would
count as a good one, and so take away what stands in the way of a liberty. A grade fits the kind of
conduct, and the parts of a sentence fit the whole.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a field has to be in rows in which other fields are what ``where`` says.

    Exactly one of ``needed``, ``codes``, ``low`` and ``at_most`` says what; but for ``needed``, a
    field without a value agrees.

    Attributes
    ----------
    field
        The field that has to agree, and that a problem names.
    where
        Field to the codes of which it has one; with no codes it has any value at all.
    needed
        The field has a value.
    codes
        The field is one of these.
    low
        The field is at least this number.
    at_most
        The field is at most the number in this other field, where that is given.
    """

    field: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    needed: bool = False
    codes: tuple[str, ...] = ()
    low: int | None = None
    at_most: str | None = None

    def fields(self) -> tuple[str, ...]:
        """The fields that it is about."""
        bound = () if self.at_most is None else (self.at_most,)
        return (self.field, *bound, *(name for name, _ in self.where))

    def expected(self, bound: object = None) -> str:
        """What was expected, as a clause; ``bound`` is the value of the field of ``at_most``."""
        if self.at_most is not None:
            return f"at most {self.at_most} ({bound})"
        what = "a value"
        if self.codes:
            what = " or ".join(self.codes)
        elif self.low is not None:
            what = f"{self.low} or more"
        return f"{what}, since {self._why()}"

    def _why(self) -> str:
        said = [
            f"{name} is {' or '.join(codes)}" if codes else f"{name} is given"
            for name, codes in self.where
        ]
        return " and ".join(said)


def _with(field: str, day: str, **kinds: tuple[str, ...]) -> Agreement:
    return Agreement(field, where=((day, ()), *kinds.items()), needed=True)


AGREEMENTS: dict[str, tuple[Agreement, ...]] = {
    "detentions": (
        Agreement("conditional_days", at_most="sentence_days"),
        Agreement("sentence_days", where=(("regime", ("sentence", "self_reporter")),), low=1),
    ),
    "conduct": (
        Agreement("grade", where=(("kind", ("positive_act",)),), codes=("desired",)),
        Agreement("grade", where=(("kind", ("incident",)),), codes=("undesired", "intolerable")),
    ),
    "programme": (_with("status", "status_on"),),
    "liberties": (_with("decision", "decided_on"), _with("outcome", "ended_on")),
    # Other assessments, such as of needs, end in a report and not in a word for or against.
    "assessments": (_with("outcome", "done_on", kind=("deep_risk_assessment",)),),
}
"""By table; a table that is not here has none."""
