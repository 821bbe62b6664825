"""The wheel gets the compiled library where there is a Rust compiler, and says so in its tag."""

from __future__ import annotations

import importlib.util
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def building_of(root: str) -> Any:
    """The module that compiles, without the package around it."""
    path = Path(root) / "src" / "risicoscreener" / "native" / "building.py"
    spec = importlib.util.spec_from_file_location("building", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class LibraryHook(BuildHookInterface[Any]):
    """Compiles before a wheel is written; an editable installation has the library in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        building = building_of(self.root)
        if version == "editable":
            building.build_if_possible()
            return
        self.folder = tempfile.TemporaryDirectory()
        target = Path(self.folder.name) / building.NAME
        if not building.build_if_possible(target):
            return
        build_data["force_include"][str(target)] = f"risicoscreener/native/{building.NAME}"
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self.folder.cleanup()
