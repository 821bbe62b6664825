"""A compiled library that does the same in less time, where there is one; see docs/decisions/0075.

Nothing needs it: without it every result is the same, made by Python and numpy alone. It knows
nothing of Python and nothing of a feature, a model or a field by name: it is handed these as data.
"""

from risicoscreener.native.loading import Library, available, library, why_not, without

__all__ = ["Library", "available", "library", "why_not", "without"]
