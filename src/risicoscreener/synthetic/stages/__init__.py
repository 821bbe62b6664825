"""The stages in which people are drawn, in order; `lives` puts them together."""
