"""The travelling salesman problem: the public names, and the menu of those who can solve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_names
from ...core.registry import Entry

if TYPE_CHECKING:
    from .problem import TSP
    from .solution import Tour

__all__ = ["TSP", "Tour"]
__getattr__, __dir__ = lazy_names(__name__, {"TSP": ".problem", "Tour": ".solution"})

_HERE = "optikit.routing.tsp"

SOLVERS: tuple[Entry, ...] = (
    Entry(
        "exact",
        f"{_HERE}.exact:Exact",
        "branch and cut; proves most instances of up to 200 cities in seconds",
        rule=lambda features, time_limit, n_jobs: features["size"] <= (200 if features["symmetric"] else 100),
        why="so few cities are mostly solved to proof in seconds",
    ),
    Entry(
        "eax",
        f"{_HERE}.search:EAX",
        "our genetic search with edge assembly crossover, compiled: the best tours by a deadline",
        rule=lambda features, time_limit, n_jobs: features["size"] <= 2_000 * (10.0 if time_limit is None else time_limit),
        why="the strongest search for this size and time",
    ),
    Entry(
        "lin_kernighan",
        f"{_HERE}.search:LinKernighan",
        "our iterated Lin-Kernighan, compiled: good tours at once, up to a million cities",
        rule=lambda features, time_limit, n_jobs: True,
        why="the strongest search for so many cities in the time",
    ),
    Entry(
        "ortools",
        f"{_HERE}.formulations.ortools:OrToolsRouting",
        "OR-Tools routing in a child process: guided local search",
        rule=lambda features, time_limit, n_jobs: True,
    ),
    Entry("cpsat", f"{_HERE}.formulations.cpsat:CpSat", "OR-Tools CP-SAT, one circuit; proves about 100 cities"),
    Entry("highs", f"{_HERE}.formulations.milp:Highs", "HiGHS, subtours forbidden as they turn up, through PuLP; proves about 100"),
    Entry("cbc", f"{_HERE}.formulations.milp:Cbc", "CBC, subtours forbidden as they turn up, through PuLP"),
    Entry("milp", f"{_HERE}.formulations.milp:Milp", "any other solver that PuLP finds, in a child process"),
    Entry("space_filling_curve", f"{_HERE}.construct:SpaceFillingCurve", "the cities along Hilbert's curve; no quality, no time"),
    Entry("greedy", f"{_HERE}.construct:Greedy", "the shortest edge that fits, again and again"),
    Entry("christofides", f"{_HERE}.construct:Christofides", "Christofides 1976, at most half as long again as the best; small"),
    Entry("nearest_neighbour", f"{_HERE}.construct:NearestNeighbour", "on to the nearest city that is left"),
    Entry("insertion", f"{_HERE}.construct:Insertion", "city after city where it lengthens the tour least"),
    Entry("held_karp", f"{_HERE}.bounds:HeldKarp", "a bound only: Held and Karp's ascent; any map, matrices of 6,000 nodes"),
)
"""Who solves a TSP, best first (see `optikit.core.registry`)."""

KERNELS: tuple[str, ...] = (
    *(f"{_HERE}.kernels.{name}" for name in ("one_tree", "links", "spanning", "cut_tree", "tighten", "lifted_cycle")),
    *(f"{_HERE}.kernels.{name}" for name in ("advance", "evolve", "measure", "hilbert", "greedy")),
    "optikit.kernels.neighbours",
)
"""Modules whose kernels `optikit.warmup` makes ready."""

BOUND = f"{_HERE}.bounds:lower_bound"
BOUND_SOLVER = f"{_HERE}.bounds:HeldKarp"
FORMULATIONS = {
    "cpsat": f"{_HERE}.formulations.cpsat:build_cpsat",
    "milp": f"{_HERE}.formulations.milp:build_milp",
    "ortools": f"{_HERE}.formulations.ortools:build_ortools",
}
EXPLAIN = f"{_HERE}.explain:explain"
IMPOSSIBLE = f"{_HERE}.explain:impossible"
READERS = {"tsplib": f"{_HERE}.files:read_tsplib"}
SOLUTION_FILE = f"{_HERE}.files:SOLUTION_FILE"
