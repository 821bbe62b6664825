"""Properties that must hold in every cell of a policy."""


class VerificationReport: ...


def verify(compiled): ...
