"""Named instances: recomputed from their published seeds, drawn by seeded generators, or fetched with a checksum.

A key is ``family/name``; a bare name works where only one instance has it; a generator takes parameters:
``cvrp/uchoa:size=200,seed=1``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from . import taillard
    from .catalogue import select
    from .generators import GENERATORS
    from .instance import Instance, Selection
    from .loading import add, fetch, generate, index, info, load, numbers, path

__all__ = [
    "GENERATORS",
    "Instance",
    "Selection",
    "add",
    "fetch",
    "generate",
    "index",
    "info",
    "load",
    "numbers",
    "path",
    "select",
    "taillard",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "GENERATORS": ".generators",
        "Instance": ".instance",
        "Selection": ".instance",
        "select": ".catalogue",
        "taillard": ".taillard",
        **dict.fromkeys(("add", "fetch", "generate", "index", "info", "load", "numbers", "path"), ".loading"),
    },
)
