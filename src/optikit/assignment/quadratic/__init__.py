"""The quadratic assignment problem: the public names, and the menu of those who can solve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_names
from ...core.registry import Entry

if TYPE_CHECKING:
    from .problem import QAP, QuadraticAssignment
    from .solution import Placement

__all__ = ["QAP", "Placement", "QuadraticAssignment"]
__getattr__, __dir__ = lazy_names(__name__, {"QAP": ".problem", "QuadraticAssignment": ".problem", "Placement": ".solution"})

_HERE = "optikit.assignment.quadratic"

MOST_PROVED = 16
"""Free locations up to which `"auto"` sets out to prove."""

SOLVERS: tuple[Entry, ...] = (
    Entry(
        "exact",
        f"{_HERE}.exact:Exact",
        "branch and bound on the dual ascent; proves most instances of up to 16 locations in seconds",
        rule=lambda features, time_limit, n_jobs: features["places"] <= MOST_PROVED,
        why="so few locations are mostly solved to proof in seconds",
    ),
    Entry(
        "memetic",
        f"{_HERE}.search:Memetic",
        "our memetic search with robust tabu search, compiled: the best placements by a deadline",
        rule=lambda features, time_limit, n_jobs: True,
        why="the strongest search for this size and time",
    ),
    Entry("robust_tabu", f"{_HERE}.search:RobustTabu", "our robust tabu search (Taillard 1991), compiled: one walk without end"),
    Entry("faq", f"{_HERE}.faq:FAQ", "scipy's fast approximate quadratic assignment (Vogelstein et al. 2015), with 2-exchange"),
    Entry("cpsat", f"{_HERE}.formulations.cpsat:CpSat", "OR-Tools CP-SAT; proves about 10 locations, and takes side constraints"),
    Entry("highs", f"{_HERE}.formulations.milp:Highs", "HiGHS on a linearisation, through PuLP; proves about 10 locations"),
    Entry("cbc", f"{_HERE}.formulations.milp:Cbc", "CBC on a linearisation, through PuLP"),
    Entry("milp", f"{_HERE}.formulations.milp:Milp", "any other solver that PuLP finds, in a child process"),
    Entry("greedy", f"{_HERE}.construct:Greedy", "one facility after the other, where it costs least"),
    Entry("dual_ascent", f"{_HERE}.bounds:DualAscent", "a bound only: the dual ascent of Hahn and Grant, up to 100 locations"),
    Entry(
        "gilmore_lawler", f"{_HERE}.bounds:GilmoreLawler", "the bound of Gilmore and Lawler, and the placement of its assignment"
    ),
)
"""Who solves a quadratic assignment, best first (see `optikit.core.registry`)."""

KERNELS: tuple[str, ...] = tuple(f"{_HERE}.kernels.{name}" for name in ("evolve", "narrow", "tree", "lap"))
"""Modules whose kernels `optikit.warmup` makes ready."""

BOUND = f"{_HERE}.bounds:lower_bound"
BOUND_SOLVER = f"{_HERE}.bounds:DualAscent"
FORMULATIONS = {
    "cpsat": f"{_HERE}.formulations.cpsat:build_cpsat",
    "milp": f"{_HERE}.formulations.milp:build_milp",
}
EXPLAIN = f"{_HERE}.explain:explain"
IMPOSSIBLE = f"{_HERE}.explain:impossible"
READERS = {"qaplib": f"{_HERE}.files:read_qaplib"}
SOLUTION_FILE = f"{_HERE}.files:SOLUTION_FILE"
