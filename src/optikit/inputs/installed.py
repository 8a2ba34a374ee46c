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


def versions() -> dict[str, str]:
    """Versions of what every result depends on."""
    import numpy as np

    from .._version import __version__

    return {"optikit": __version__, "python": ".".join(map(str, sys.version_info[:3])), "numpy": np.__version__}
