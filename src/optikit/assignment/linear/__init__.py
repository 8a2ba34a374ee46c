"""Linear assignment: the public names, and the menu of those who can solve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_names
from ...core.registry import Entry

if TYPE_CHECKING:
    from .certificate import DualPrices, HallViolator
    from .incremental import Reassignment
    from .problem import LinearAssignment
    from .ranking import k_best, ranked
    from .solution import Assignment

__all__ = ["Assignment", "DualPrices", "HallViolator", "LinearAssignment", "Reassignment", "k_best", "ranked"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Assignment": ".solution",
        "DualPrices": ".certificate",
        "HallViolator": ".certificate",
        "LinearAssignment": ".problem",
        "Reassignment": ".incremental",
        "k_best": ".ranking",
        "ranked": ".ranking",
    },
)

_HERE = "optikit.assignment.linear"

SOLVERS: tuple[Entry, ...] = (
    Entry(
        "jv",
        f"{_HERE}.search:JonkerVolgenant",
        "our shortest augmenting paths, compiled: every variant to proof",
        rule=lambda features, time_limit, n_jobs: True,
        why="it proves every variant, and is the fastest",
    ),
    Entry(
        "scipy",
        f"{_HERE}.formulations.scipy:Scipy",
        "scipy's linear_sum_assignment, and its matching of sparse graphs",
        rule=lambda features, time_limit, n_jobs: True,
    ),
    Entry("ortools", f"{_HERE}.formulations.ortools:OrTools", "OR-Tools' cost-scaling push-relabel, and its minimum-cost flow"),
    Entry("cpsat", f"{_HERE}.formulations.cpsat:CpSat", "OR-Tools CP-SAT, a literal for each pair"),
    Entry("highs", f"{_HERE}.formulations.milp:Highs", "HiGHS on the linear program, through PuLP"),
    Entry("cbc", f"{_HERE}.formulations.milp:Cbc", "CBC on the linear program, through PuLP"),
    Entry("milp", f"{_HERE}.formulations.milp:Milp", "any other solver that PuLP finds, in a child process"),
    Entry("networkx", f"{_HERE}.formulations.flow:NetworkX", "networkx' network simplex, in a child process; small"),
)
"""Who solves a linear assignment, best first (see `optikit.core.registry`)."""

KERNELS: tuple[str, ...] = tuple(
    f"{_HERE}.kernels.{name}" for name in ("float_matching", "whole_matching", "capacities", "small", "threshold")
)
"""Modules whose kernels `optikit.warmup` makes ready."""

BOUND = f"{_HERE}.bounds:lower_bound"
FORMULATIONS = {
    "cpsat": f"{_HERE}.formulations.cpsat:build_cpsat",
    "milp": f"{_HERE}.formulations.milp:build_milp",
    "networkx": f"{_HERE}.formulations.flow:build_flow",
    "ortools": f"{_HERE}.formulations.ortools:build_ortools",
}
EXPLAIN = f"{_HERE}.explain:explain"
IMPOSSIBLE = f"{_HERE}.explain:impossible"
READERS = {"costs": f"{_HERE}.files:read_costs"}
