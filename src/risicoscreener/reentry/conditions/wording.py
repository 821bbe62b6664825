"""The sentences of this part, from their file."""

from __future__ import annotations

from risicoscreener.texts import Sentences

_SENTENCES = Sentences("risicoscreener.reentry.conditions")
say = _SENTENCES.say
in_both = _SENTENCES.in_both
