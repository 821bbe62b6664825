"""The sentences of this part, from their file."""

from __future__ import annotations

from risicoscreener.texts import Sentences

SENTENCES = Sentences("risicoscreener.reentry.plan")
say = SENTENCES.say
in_both = SENTENCES.in_both
