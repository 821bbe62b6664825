"""Builds the compiled library in the package, if its sources were changed since."""

from __future__ import annotations

import sys

from risicoscreener.native.building import BUILT, BuildingError, build, is_fresh


def main() -> int:
    """Exit code 0 if a library is there that was made of the sources as they are."""
    if is_fresh():
        BUILT.touch()
        return 0
    try:
        print(f"built {build()}")
    except (BuildingError, OSError) as error:
        print(f"error: no compiled library: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
