"""What is installed."""

from __future__ import annotations

import importlib.util
import sys


def is_installed(module: str) -> bool:
    """Whether a module can be imported, without importing it."""
    if module in sys.modules:
        return sys.modules[module] is not None
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


_HEAVY = {"ortools": ("ortools.sat.python.cp_model", 0.4)}
"""What takes long to import: of which module, and the seconds of a processor (measured: OR-Tools 9.15, which imports pandas)."""


def imports_within(module: str, seconds: float) -> bool:
    """Whether a module is imported by now, or would be in so many seconds; what is not known to be slow is."""
    heavy, needed = _HEAVY.get(module, (module, 0.0))
    return heavy in sys.modules or needed <= seconds


def pays_to_import(module: str, seconds: float | None) -> bool:
    """Whether at least half of so many seconds (None: any number) would be left after importing a module."""
    return seconds is None or imports_within(module, seconds / 2)


def versions() -> dict[str, str]:
    """Versions of what every result depends on."""
    import numpy as np

    from .._version import __version__

    return {"optikit": __version__, "python": ".".join(map(str, sys.version_info[:3])), "numpy": np.__version__}
