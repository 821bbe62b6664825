"""The picture of someone over time: what is known, what moves, and what has to be looked at."""
