"""The wheel gets the compiled library where there is a Rust compiler, and says so in its tag."""

from __future__ import annotations

import importlib.util
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LibraryHook(BuildHookInterface[Any]):
    """Compiles before a wheel is written; an editable installation has the library in place."""

    folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add what was compiled to the wheel."""
        building = _building(self.root)
        if version == "editable":
            building.build_if_possible(say=self.app.display_warning)
            return
        self.folder = tempfile.TemporaryDirectory()
        target = Path(self.folder.name) / building.NAME
        if not building.build_if_possible(target, say=self.app.display_warning):
            return
        build_data["force_include"][str(target)] = f"risicoscreener/native/{building.NAME}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"

    def finalize(self, *_: Any) -> None:
        """Throw away what was compiled beside the package."""
        if self.folder is not None:
            self.folder.cleanup()


def _building(root: str) -> Any:
    """The module that compiles, without the package around it."""
    path = Path(root) / "src" / "risicoscreener" / "native" / "building.py"
    spec = importlib.util.spec_from_file_location("building", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _platform() -> str:
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
