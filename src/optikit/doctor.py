"""What a bug report needs to know of a machine: versions, CPU, how kernels run, paths."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from . import __version__

PACKAGES = (
    "numpy",
    "scipy",
    "joblib",
    "click",
    "rich",
    "numba",
    "llvmlite",
    "pandas",
    "matplotlib",
    "ortools",
    "pulp",
    "highspy",
    "networkx",
)
"""Packages whose versions matter, by the names that pip knows."""


def examine() -> Iterator[tuple[str, str]]:
    """Findings as (topic, text); nothing is compiled and nothing of the optional packages is imported."""
    yield "optikit", f"{__version__} in {_shortened(os.path.dirname(__file__))}"
    yield "python", f"{platform.python_version()} {platform.python_implementation()}, {_shortened(sys.executable)}"
    yield "platform", platform.platform()
    yield "cpu", f"{cpu_model()}, {_usable_cpus()} of {os.cpu_count()} usable"
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"
    yield from _kernels()
    for name in sorted(os.environ):
        if name.startswith("OPTIKIT_"):
            yield name, os.environ[name]


def _kernels() -> Iterator[tuple[str, str]]:
    from .kernels import native, store
    from .kernels.jit import Kernel, Unavailable

    library = native.library_path()
    yield "kernel library", _shortened(library) if os.path.exists(library) else f"none ({_shortened(library)})"
    folder = store.folder()
    nearest = folder
    while not os.path.exists(nearest) and os.path.dirname(nearest) != nearest:
        nearest = os.path.dirname(nearest)
    writable = "writable" if store.is_writable(nearest) else "not writable"
    yield "kernel cache", f"{_shortened(folder)} ({writable})"
    jit = "jit" if importlib.util.find_spec("numba") is not None else 'python, slow: pip install "optikit[jit]"'
    for module in importlib.import_module("optikit.routing.vrp").KERNELS:
        for kernel in vars(importlib.import_module(module)).values():
            if isinstance(kernel, Kernel) and kernel.__module__ == module:
                for variant in kernel.variants.values():
                    try:
                        variant.using("aot")
                        way = "aot"
                    except Unavailable as reason:
                        way = f"{jit} ({reason})"
                    way = os.environ.get("OPTIKIT_KERNELS") or way
                    yield "kernel", f"{module.removeprefix('optikit.')}.{kernel.__name__}[{variant.name}]: {way}"


def cpu_model() -> str:
    """The processor, by the name its maker gave it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key.strip() == "model name":
                    return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _usable_cpus() -> int:
    from joblib import cpu_count

    return int(cpu_count())


def _shortened(path: str) -> str:
    """The home folder as ~: a report is for others to read."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if home not in ("", "/", os.sep) and path.startswith(home + os.sep) else path
