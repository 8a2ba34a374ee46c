"""Scheduling: when each thing is done, and on what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .clock import Clock
    from .flowshop.problem import FlowShop
    from .flowshop.solution import JobSequences
    from .shop.calendars import Calendar
    from .shop.parts import Baseline, Precedence
    from .shop.problem import Shop
    from .shop.replanning import replan
    from .shop.shops import FlexibleJobShop, JobShop, OpenShop
    from .shop.solution import Schedule

__all__ = [
    "Baseline",
    "Calendar",
    "Clock",
    "FlexibleJobShop",
    "FlowShop",
    "JobSequences",
    "JobShop",
    "OpenShop",
    "Precedence",
    "Schedule",
    "Shop",
    "replan",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "FlowShop": ".flowshop.problem",
        "JobSequences": ".flowshop.solution",
        "Calendar": ".shop.calendars",
        "Clock": ".clock",
        **dict.fromkeys(("Baseline", "Precedence"), ".shop.parts"),
        "Shop": ".shop.problem",
        "replan": ".shop.replanning",
        **dict.fromkeys(("FlexibleJobShop", "JobShop", "OpenShop"), ".shop.shops"),
        "Schedule": ".shop.solution",
    },
)
