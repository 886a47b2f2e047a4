"""Builds the module in C that compiled packs run on; an installation where it cannot be built does without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

NAME = "dutyrules.compiler._lines"
SOURCE = "src/dutyrules/compiler/_lines.c"


class LinesHook(BuildHookInterface):
    """Compiles `_lines.c` for a wheel, and in its place for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the module and have it put into the wheel."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        module = Extension(NAME, [SOURCE], optional=True)
        command = build_ext(Distribution({"name": "dutyrules", "package_dir": {"": "src"}, "ext_modules": [module]}))
        command.inplace = version == "editable"
        command.build_temp = str(root / "build" / "c")
        command.build_lib = str(root / "build" / "lib")
        command.force = True
        command.ensure_finalized()
        built = root / command.get_ext_fullpath(NAME)
        built.unlink(missing_ok=True)
        command.run()
        if not built.is_file():
            self.app.display_warning(f"{NAME} could not be built: logs are read in the general way")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if not command.inplace:
            build_data["force_include"][str(built)] = f"dutyrules/compiler/{built.name}"
