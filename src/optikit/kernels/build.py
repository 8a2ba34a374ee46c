"""Build the shared library of kernels that a wheel carries: ``python -m optikit.kernels.build [file]``.

Needs numba and a C compiler that links (the environment variable CC, else cc, gcc or clang).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from optikit.kernels.fingerprint import module_fingerprint
from optikit.kernels.jit import kernels_of
from optikit.kernels.native import fingerprint_symbol, library_path

MANY = 10
"""So many modules are worth the processes that compile them side by side: each of these imports numba."""

_DECLARES_KERNEL = re.compile(rb"^@kernel\b", re.MULTILINE)

# The library names no other: what it calls (the clock, memory, the maths library) is in every Python process, and
# without versions of symbols one file serves every C library.
_LINK = {
    "darwin": ["-dynamiclib", "-Wl,-undefined,dynamic_lookup"],
    "win32": ["-shared"],
}
_LINK_ELSEWHERE = ["-shared", "-nostdlib", "-Wl,--strip-all", "-Wl,--build-id=none", "-Wl,-z,noexecstack"]


def discover(package: str = "optikit") -> list[str]:
    """The modules of a package that declare kernels, by name; told by their text, so only these need be imported."""
    found = []
    for folder in import_module(package).__path__:
        for file in Path(folder).rglob("*.py"):
            if _DECLARES_KERNEL.search(file.read_bytes()):
                parts = file.relative_to(folder).with_suffix("").parts
                found.append(".".join((package, *parts)).removesuffix(".__init__"))
    return sorted(found)


def find_linker() -> str | None:
    """The C compiler that links the library; None if there is none."""
    named = os.environ.get("CC")
    if named:
        return shutil.which(named)
    return next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)


def build_library(file: Path, modules: Sequence[str]) -> None:
    """Compile every variant of every kernel of some modules, and link them into one shared library.

    Raises
    ------
    RuntimeError
        If there is no linker or it fails.
    TypeError
        If a kernel needs more than the kernel language allows.
    """
    linker = find_linker()
    if linker is None:
        raise RuntimeError("no C compiler to link with: set CC, or install cc, gcc or clang")
    with tempfile.TemporaryDirectory() as scratch:
        objects = []
        for module, compiled in zip(modules, _compiled(modules), strict=True):
            objects.append(Path(scratch, f"{module}.o"))
            objects[-1].write_bytes(compiled)
        made = Path(scratch, file.name)
        command = [linker, *_LINK.get(sys.platform, _LINK_ELSEWHERE), "-o", str(made), *map(str, objects)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{linker} failed: {done.stderr.strip()}")
        file.parent.mkdir(parents=True, exist_ok=True)
        # A running process may have the old file mapped: replace it, never write into it.
        staged = file.with_name(f".{file.name}.new")
        shutil.copyfile(made, staged)
        os.replace(staged, file)


def _compiled(modules: Sequence[str]) -> list[bytes]:
    """The objects of modules: where there are many, of as many at once as there are processors."""
    if len(modules) < MANY:
        return [_compile(module) for module in modules]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return list(pool.map(_compile, modules))


def _compile(module: str) -> bytes:
    """The object of a module's kernels, with the fingerprint of what they were made from."""
    from optikit.kernels.compile import compile_object

    import_module(module)
    kernels = kernels_of(module)
    entries = [(kernel, variant) for kernel in kernels for variant in kernel.variants.values()]
    digest = "".join(f"\\{byte:02x}" for byte in module_fingerprint(kernels))
    constant = f'@{fingerprint_symbol(module)} = constant [32 x i8] c"{digest}"'
    compiled: bytes = compile_object(entries, constants=constant)
    return compiled


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Build the shared library of compiled kernels.")
    parser.add_argument("file", nargs="?", type=Path, default=Path(library_path()), help="where to write it")
    parser.add_argument("--package", default="optikit", help="the package whose kernels are built")
    options = parser.parse_args(argv)
    build_library(options.file, discover(options.package))


if __name__ == "__main__":
    main()
