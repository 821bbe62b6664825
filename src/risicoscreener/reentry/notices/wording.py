"""The sentences of notices, from their file."""

from __future__ import annotations

from risicoscreener.texts import Sentences

say = Sentences("risicoscreener.reentry.notices").say
