"""The generalized assignment problem: the public names, and the menu of those who can solve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_names
from ...core.registry import Entry

if TYPE_CHECKING:
    from .problem import GAP, GeneralizedAssignment
    from .solution import Allocation

__all__ = ["GAP", "Allocation", "GeneralizedAssignment"]
__getattr__, __dir__ = lazy_names(__name__, {"GAP": ".problem", "GeneralizedAssignment": ".problem", "Allocation": ".solution"})

_HERE = "optikit.assignment.generalized"

MOST_PROVED = 400
"""Pairs up to which `"auto"` sets out to prove."""

SOLVERS: tuple[Entry, ...] = (
    Entry(
        "chains_highs",
        f"{_HERE}.formulations.milp:ChainsThenHighs",
        "a moment of our ejection chains, then HiGHS from what they found; proves most small instances at once",
        rule=lambda features, time_limit, n_jobs: features["pairs"] <= MOST_PROVED,
        why="so few pairs are mostly solved to proof in a second",
    ),
    Entry(
        "ejection_chains",
        f"{_HERE}.search:EjectionChains",
        "our iterated ejection chains over the relaxation's prices, compiled: the best allocations by a deadline",
        rule=lambda features, time_limit, n_jobs: True,
        why="the strongest search for this size and time",
    ),
    Entry("highs", f"{_HERE}.formulations.milp:Highs", "HiGHS alone, a binary variable a pair, through PuLP"),
    Entry("cpsat", f"{_HERE}.formulations.cpsat:CpSat", "OR-Tools CP-SAT, a literal a pair"),
    Entry("cbc", f"{_HERE}.formulations.milp:Cbc", "CBC, a binary variable a pair, through PuLP"),
    Entry("milp", f"{_HERE}.formulations.milp:Milp", "any other solver that PuLP finds, in a child process"),
    Entry("greedy", f"{_HERE}.construct:Greedy", "job after job, the one with the most to lose first; may fail where it is tight"),
    Entry("lagrangean", f"{_HERE}.bounds:Lagrangean", "a bound only: the Lagrangean relaxation, a knapsack an agent"),
)
"""Who solves a generalized assignment, best first (see `optikit.core.registry`)."""

KERNELS: tuple[str, ...] = tuple(f"{_HERE}.kernels.{name}" for name in ("advance", "prices", "relax"))
"""Modules whose kernels `optikit.warmup` makes ready."""

BOUND = f"{_HERE}.bounds:lower_bound"
BOUND_SOLVER = f"{_HERE}.bounds:Lagrangean"
FORMULATIONS = {
    "cpsat": f"{_HERE}.formulations.cpsat:build_cpsat",
    "milp": f"{_HERE}.formulations.milp:build_milp",
}
EXPLAIN = f"{_HERE}.explain:explain"
IMPOSSIBLE = f"{_HERE}.explain:impossible"
READERS = {"gap": f"{_HERE}.files:read_gap"}
