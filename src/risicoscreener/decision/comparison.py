"""Two versions of a policy, cell by cell."""


class Comparison: ...


def compare(old, new): ...
