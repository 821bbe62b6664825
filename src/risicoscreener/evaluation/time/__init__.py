"""How good predicted incidences by a horizon are, under censoring and competing events."""

from __future__ import annotations
