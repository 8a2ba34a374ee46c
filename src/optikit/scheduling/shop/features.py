"""What a shop is made of: for the rules of the menu, and for solvers that cannot take everything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .parts import CHAIN, OPEN

if TYPE_CHECKING:
    from .problem import Shop

EXTRAS = {
    "setup": "setup times",
    "release": "release dates",
    "deadline": "deadlines",
    "precedence": "precedences",
    "transport": "transport times",
    "no_wait": "jobs that may not wait",
    "blocking": "blocking",
    "calendar": "calendars",
    "optional": "optional operations",
    "window": "windows of single operations",
    "baseline": "a price of change",
}
"""What may come on top of the classical shops, in words."""


def features_of(shop: Shop) -> Mapping[str, Any]:
    """Sizes, the kind, the terms of the objective, and which of `EXTRAS` there are."""
    modes = np.diff(shop.mode_ptr)
    optional = bool((shop.omission < math.inf).any())
    found: dict[str, Any] = {
        "size": shop.num_operations,
        "num_jobs": shop.num_jobs,
        "num_machines": shop.num_machines,
        "num_modes": shop.num_modes,
        "kind": kind_of(shop),
        "terms": tuple(shop.objective),
        "due": bool((shop.due < math.inf).any()),
        "setup": shop.setup is not None or shop.first_setup is not None,
        "release": bool((shop.release > 0).any()),
        "deadline": bool((shop.deadline < math.inf).any()),
        "precedence": bool(shop.precedences),
        "transport": shop.transport is not None and bool((shop.transport > 0).any()),
        "no_wait": bool(shop.no_wait.any()),
        "blocking": bool(shop.blocking.any()),
        "calendar": any(calendar is not None for calendar in shop.calendars),
        "resumable": bool(shop.resumable.any()),
        "optional": optional,
        "window": bool((shop.earliest > 0).any() or (shop.latest < math.inf).any()),
        "baseline": shop.baseline is not None,
    }
    found["one_visit"] = bool((modes == 1).all()) and len(np.unique(shop.job * shop.num_machines + shop.machine)) == len(shop.job)
    found["classical"] = found["kind"] != "mixed" and found["terms"] == ("makespan",) and not any(found[key] for key in EXTRAS)
    return found


def kind_of(shop: Shop) -> str:
    """``"job"``, ``"flexible"`` or ``"open"`` for shops in which all jobs are alike, else ``"mixed"``."""
    several = shop.num_modes > shop.num_operations
    if (shop.order == CHAIN).all():
        return "flexible" if several else "job"
    return "open" if (shop.order == OPEN).all() and not several else "mixed"
