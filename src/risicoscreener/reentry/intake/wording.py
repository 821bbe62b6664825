"""The sentences of an intake, from their file."""

from __future__ import annotations

from risicoscreener.texts import Sentences

say = Sentences("risicoscreener.reentry.intake").say
