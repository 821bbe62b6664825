"""The errors that this library raises.

A message says what is wrong, where, what was expected and what to do about it. Whoever
catches `RisicoscreenerError` catches all of them; each also has a stable ``code`` for scripts.
"""

from __future__ import annotations


def printable(text: str) -> str:
    """Text in which each letter that does not print, an end of line too, is an escape."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


class RisicoscreenerError(Exception):
    """Base of every error that the library raises on purpose.

    Its text prints: of what came from outside, letters that do not (codes that move the cursor of a
    terminal, that turn the direction of a line) are written as escapes.
    """

    code = "risicoscreener"

    def __str__(self) -> str:
        return "\n".join(map(printable, super().__str__().split("\n")))


class ProblemsError(RisicoscreenerError):
    """Something of many parts is wrong in places that are all named.

    Parameters
    ----------
    message
        One sentence on the whole.
    problems
        Every problem found (objects with a readable ``str``), not only the first.
    """

    def __init__(self, message: str, problems: tuple[object, ...] = ()) -> None:
        self.problems = problems
        lines = [message, *(f"  - {printable(str(problem))}" for problem in problems[:20])]
        if len(problems) > 20:
            lines.append(f"  - and {len(problems) - 20} more")
        super().__init__("\n".join(lines))


class DossierError(ProblemsError):
    """A dossier, or a set of dossier tables, is not what was declared."""

    code = "dossier"


class FeatureError(RisicoscreenerError):
    """A feature definition cannot be understood, or may not be used."""

    code = "feature"


class ModelError(RisicoscreenerError):
    """A model cannot be fitted, lowered or evaluated with what it was given."""

    code = "model"


class EvaluationError(RisicoscreenerError):
    """Predictions and outcomes cannot be evaluated as they are given."""

    code = "evaluation"


class OutcomeError(ModelError, EvaluationError):
    """Outcomes in time are not what was declared: models and evaluation both read them."""

    code = "outcome"


class BundleError(RisicoscreenerError):
    """A bundle is damaged, altered, of another version, or does not reproduce its own numbers."""

    code = "bundle"


class PolicyError(RisicoscreenerError):
    """A policy file cannot be understood, or no policy covers the case."""

    code = "policy"


class ConductError(RisicoscreenerError):
    """A definition of conduct cannot be understood, or conduct cannot be read by it."""

    code = "conduct"


class AudienceError(RisicoscreenerError):
    """There is no such audience, or what it may see cannot be understood."""

    code = "audience"


class ImpactError(RisicoscreenerError):
    """What is to be simulated does not fit together, or has values outside their range."""

    code = "impact"


class ReentryError(ProblemsError):
    """Something asked for around the decision does not fit: an intake, a plan, a notice, a view."""

    code = "reentry"


class PilotError(RisicoscreenerError):
    """The design or the data of a pilot do not fit together, or do not allow what is asked."""

    code = "pilot"


class MonitoringError(RisicoscreenerError):
    """What is to be watched cannot be understood, or its tables or its state do not fit."""

    code = "monitoring"


class GovernanceError(ProblemsError):
    """A document, an answer in it or a register of processing is not what it should be."""

    code = "governance"


class ServiceError(RisicoscreenerError):
    """The service cannot start as it was told to, or with what is installed."""

    code = "service"


class NativeError(RisicoscreenerError):
    """The compiled library is not the one that this version of the package was made with."""

    code = "native"


class DataError(RisicoscreenerError):
    """An external data set is absent or not the file that it should be."""

    code = "data"


class RecordError(RisicoscreenerError):
    """A decision, or a record of decisions, is not what it should be or cannot be reached."""

    code = "record"


class ScaleError(RisicoscreenerError):
    """Work in parts, in several processes or on several machines, cannot start or did not end."""

    code = "scale"


class PartError(ScaleError):
    """Work on one part failed, or the process that did it was lost; the other parts are sound.

    Parameters
    ----------
    part
        Name of the part.
    reason
        What went wrong in it.
    """

    code = "part"

    def __init__(self, part: str, reason: str) -> None:
        self.part, self.reason = part, reason
        super().__init__(f"{part}: {reason}")

    def __reduce__(self) -> tuple[type[PartError], tuple[str, str]]:
        return PartError, (self.part, self.reason)
