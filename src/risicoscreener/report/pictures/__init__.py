"""Pictures of evaluations: each takes a result and an optional ``ax``, and has a text alternative.

``plot_x(result, language="nl", ax=None)`` draws; ``describe_x(result, language="nl")`` says in
words what is drawn.
"""

from __future__ import annotations

__all__: list[str] = []
