"""The vehicle routing problem: the public names, and the menu of those who can solve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_names
from ...core.registry import Entry

if TYPE_CHECKING:
    from .problem import VRP, VehicleType
    from .solution import Route, Routes, Trip

__all__ = ["VRP", "Route", "Routes", "Trip", "VehicleType"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {"VRP": ".problem", "VehicleType": ".problem", "Route": ".solution", "Routes": ".solution", "Trip": ".solution"},
)

_HERE = "optikit.routing.vrp"

SOLVERS = (
    Entry(
        "exact",
        f"{_HERE}.exact:Exact",
        "dynamic programming over subsets; proves up to 14 clients",
        # Half a second for twelve clients, on half a CPU; each client doubles it.
        rule=lambda features, time_limit, n_jobs: (
            features["size"] <= 12 and (time_limit is None or time_limit >= 2.0 ** (features["size"] - 13))
        ),
        why="so few clients are solved to proof at once",
    ),
    Entry(
        "hgs",
        f"{_HERE}.search:HGS",
        "our metaheuristic, compiled: the best routes by a deadline",
        rule=lambda features, time_limit, n_jobs: True,
        why="the strongest search for this size",
    ),
    Entry(
        "ortools",
        f"{_HERE}.formulations.ortools:OrToolsRouting",
        "OR-Tools routing in a child process: guided local search",
        rule=lambda features, time_limit, n_jobs: True,
    ),
    Entry("cpsat", f"{_HERE}.formulations.cpsat:CpSat", "OR-Tools CP-SAT, one circuit of many loops; proves about 20 clients"),
    Entry("highs", f"{_HERE}.formulations.milp:Highs", "HiGHS on a commodity-flow model, through PuLP"),
    Entry("cbc", f"{_HERE}.formulations.milp:Cbc", "CBC on a commodity-flow model, through PuLP"),
    Entry("milp", f"{_HERE}.formulations.milp:Milp", "any other solver that PuLP finds, in a child process"),
    Entry("networkx", f"{_HERE}.formulations.flow:AssignmentBound", "a bound only: the assignment relaxation as a flow"),
    Entry("savings", f"{_HERE}.construct:Savings", "Clarke and Wright 1964: merge routes by the largest saving"),
    Entry("sweep", f"{_HERE}.construct:Sweep", "Gillett and Miller 1974: by angle around the depot"),
    Entry("insertion", f"{_HERE}.construct:Insertion", "Mole and Jameson 1976: fill one route after the other"),
)
"""Who solves a VRP, best first (see `optikit.core.registry`)."""

KERNELS = (f"{_HERE}.kernels.advance", f"{_HERE}.kernels.breed", f"{_HERE}.kernels.insertion", "optikit.kernels.neighbours")
"""Modules whose kernels `optikit.warmup` makes ready."""

FORMULATIONS = {
    "cpsat": f"{_HERE}.formulations.cpsat:build_cpsat",
    "milp": f"{_HERE}.formulations.milp:build_milp",
    "ortools": f"{_HERE}.formulations.ortools:build_ortools",
    "networkx": f"{_HERE}.formulations.flow:build_flow",
}
BOUND = f"{_HERE}.bounds:lower_bound"
EXPLAIN = f"{_HERE}.explain:explain"
IMPOSSIBLE = f"{_HERE}.explain:impossible"
READERS = {"vrplib": f"{_HERE}.files:read_vrplib", "csv": f"{_HERE}.files:read_csv"}
SOLUTION_FILE = f"{_HERE}.files:SOLUTION_FILE"
