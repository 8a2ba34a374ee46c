"""Combinatorial optimisation for people who ship decisions: routing, assignment and scheduling.

Importing this package loads no third-party module; every public name is imported when it is first used.
"""

from __future__ import annotations

import logging as _logging
from typing import TYPE_CHECKING

from ._lazy import lazy_names
from ._version import __version__ as __version__

if TYPE_CHECKING:
    from . import assignment, bench, datasets, errors, routing, scheduling, testing
    from .api import compare, explain, formulate, lower_bound, solve, solve_many, warmup
    from .core.check import CheckReport, Violation
    from .core.problem import Problem
    from .core.result import Result, Status, StopReason
    from .core.run import Callback, CancelToken, Progress
    from .core.solution import Solution
    from .core.solver import Capabilities, Solver
    from .core.stop import Stop
    from .reading import read

_logging.getLogger("optikit").addHandler(_logging.NullHandler())

_HOME_OF = {
    "assignment": ".assignment",
    "bench": ".bench",
    "datasets": ".datasets",
    "errors": ".errors",
    "routing": ".routing",
    "scheduling": ".scheduling",
    "testing": ".testing",
    **dict.fromkeys(("compare", "explain", "formulate", "lower_bound", "solve", "solve_many", "warmup"), ".api"),
    "read": ".reading",
    **dict.fromkeys(("CheckReport", "Violation"), ".core.check"),
    "Problem": ".core.problem",
    **dict.fromkeys(("Result", "Status", "StopReason"), ".core.result"),
    **dict.fromkeys(("Callback", "CancelToken", "Progress"), ".core.run"),
    "Solution": ".core.solution",
    **dict.fromkeys(("Capabilities", "Solver"), ".core.solver"),
    "Stop": ".core.stop",
}

__all__ = [
    "Callback",
    "CancelToken",
    "Capabilities",
    "CheckReport",
    "Problem",
    "Progress",
    "Result",
    "Solution",
    "Solver",
    "Status",
    "Stop",
    "StopReason",
    "Violation",
    "assignment",
    "bench",
    "compare",
    "datasets",
    "errors",
    "explain",
    "formulate",
    "lower_bound",
    "read",
    "routing",
    "scheduling",
    "solve",
    "solve_many",
    "testing",
    "warmup",
]
__getattr__, __dir__ = lazy_names(__name__, _HOME_OF)
