"""Put the compiled kernels into the wheel, where they can be compiled.

The environment variable ``OPTIKIT_BUILD_KERNELS`` says how much is asked:

``auto`` (the default)
    Build them if numba and a linker are at hand in the build environment; otherwise make a pure wheel, whose kernels
    are compiled at first use where numba is installed.
``require``
    Have numba installed into the build environment, and fail if the kernels cannot be built.
``skip``
    Make the pure wheel.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

NEEDED = ["numba>=0.62", "numpy>=1.26"]


class KernelBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """The hook of the wheel target."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return NEEDED if _wanted() == "require" else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        wanted = _wanted()
        if version == "editable" or wanted == "skip":
            return
        missing = [name for name in ("numba", "numpy") if find_spec(name) is None]
        if missing and wanted == "auto":
            self.app.display_info(f"kernels are not compiled into the wheel: no {' and no '.join(missing)}")
            return
        self.scratch = tempfile.TemporaryDirectory()
        library = Path(self.scratch.name, _library_name(self.root))
        problem = _build(self.root, library)
        if problem and wanted == "require":
            raise RuntimeError(f"the kernels cannot be built: {problem}")
        if problem:
            self.app.display_warning(f"kernels are not compiled into the wheel: {problem}")
            return
        build_data["force_include"][str(library)] = f"optikit/_bin/{library.name}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform_tag(library)}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "scratch"):
            self.scratch.cleanup()


def _wanted() -> str:
    wanted = os.environ.get("OPTIKIT_BUILD_KERNELS", "auto")
    if wanted not in ("auto", "require", "skip"):
        raise ValueError(f"OPTIKIT_BUILD_KERNELS is {wanted!r}; auto, require or skip expected")
    return wanted


def _run(root: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python of the build environment that sees the sources and compiles nothing else into this process."""
    environment = {**os.environ, "PYTHONPATH": str(Path(root, "src"))}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)


def _library_name(root: str) -> str:
    code = "from optikit.kernels.native import library_name as name; import sys; sys.stdout.write(name())"
    return _run(root, "-c", code).stdout or "unknown"


def _build(root: str, library: Path) -> str:
    """Build the library; returns what went wrong, or nothing."""
    done = _run(root, "-m", "optikit.kernels.build", str(library))
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    return ""


def _platform_tag(library: Path) -> str:
    """The platforms on which the library runs.

    On Linux it names no other library and no version of a symbol, so any C library of the last decade carries it;
    should a linker have added one after all, the tag promises no more than the machine it was built on.
    """
    here = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if not here.startswith("linux"):
        return next(iter(platform_tags()))
    if b"GLIBC_" in library.read_bytes():
        return here
    machine = here.removeprefix("linux_")
    musl = next((tag for tag in platform_tags() if tag.startswith("musllinux")), None)
    return musl or f"manylinux_2_17_{machine}.manylinux2014_{machine}"
