"""The bundle that the package ships: fitted on synthetic people, for demonstration only."""

from __future__ import annotations

from importlib.resources import files

from risicoscreener.errors import BundleError

SHIPPED_BUNDLE = "reference.json"


def shipped_bundle_bytes() -> bytes:
    """The shipped bundle as a file's bytes, for `Bundle.load`.

    Raises
    ------
    BundleError
        If the installation lacks it.
    """
    path = files("risicoscreener.models") / "bundles" / SHIPPED_BUNDLE
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"the installation has no bundle {SHIPPED_BUNDLE} ({error.strerror}); install the "
            "package again, or name a bundle file"
        ) from None
