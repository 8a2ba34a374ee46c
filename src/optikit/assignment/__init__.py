"""Assignment: who does what: linear, generalized, quadratic."""

from __future__ import annotations

from .._lazy import lazy_names

__all__: list[str] = []
__getattr__, __dir__ = lazy_names(__name__, {})
