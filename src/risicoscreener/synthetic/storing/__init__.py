"""Cohorts in folders: parts, a card that says what they are, and a digest of what they say."""
