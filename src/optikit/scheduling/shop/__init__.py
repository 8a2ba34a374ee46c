"""Job shops, flexible job shops and open shops: the public names, and the menu of those who can solve them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._lazy import lazy_names
from ...core.registry import Entry
from ...inputs.installed import pays_to_import

if TYPE_CHECKING:
    from ..clock import Clock
    from .calendars import Calendar
    from .parts import Baseline, Precedence
    from .problem import Shop
    from .replanning import replan
    from .shops import FlexibleJobShop, JobShop, OpenShop
    from .solution import Schedule

__all__ = [
    "Baseline",
    "Calendar",
    "Clock",
    "FlexibleJobShop",
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
        "Calendar": ".calendars",
        "Clock": "..clock",
        **dict.fromkeys(("Baseline", "Precedence"), ".parts"),
        "Shop": ".problem",
        "replan": ".replanning",
        **dict.fromkeys(("FlexibleJobShop", "JobShop", "OpenShop"), ".shops"),
        "Schedule": ".solution",
    },
)

_HERE = "optikit.scheduling.shop"


def _few(features: Mapping[str, Any], time_limit: float | None) -> bool:
    """Whether CP-SAT alone does best: by proof, or on blocking jobs, which it has time to untangle (decision 17)."""
    if features["blocking"] and (time_limit is None or time_limit >= 2):
        return bool(features["num_modes"] <= 150)
    return bool(features["num_modes"] <= 50)


SOLVERS: tuple[Entry, ...] = (
    Entry(
        "cpsat",
        f"{_HERE}.formulations.cpsat:CpSat",
        "OR-Tools CP-SAT, intervals; takes everything, and proves",
        rule=lambda features, time_limit, n_jobs: _few(features, time_limit) and pays_to_import("ortools", time_limit),
        why="so few operations are mostly solved to proof in seconds, or, where jobs block machines, better than by our search",
    ),
    Entry(
        "portfolio",
        f"{_HERE}.portfolio:SideBySide",
        "a search and CP-SAT side by side on two threads, sharing solutions, bounds and proofs",
        rule=lambda features, time_limit, n_jobs: n_jobs >= 2,
        why="one finds and the other proves",
    ),
    Entry(
        "tabu",
        f"{_HERE}.tabu:TabuSearch",
        "our tabu search on critical blocks with path relinking, compiled: makespan or lateness of job, flexible and open shops",
        rule=lambda features, time_limit, n_jobs: True,
        why="the strongest search where the disjunctive graph holds everything",
    ),
    Entry(
        "critical_arcs",
        f"{_HERE}.arcs:CriticalArcs",
        "our annealing on critical arcs, compiled: sums of ends, tardiness and tardy jobs of job, flexible and open shops",
        rule=lambda features, time_limit, n_jobs: features["kind"] != "open",
        why="the strongest search where the ends of jobs decide, and the disjunctive graph holds everything",
    ),
    Entry(
        "general",
        f"{_HERE}.general:General",
        "our annealing over sequences, compiled: every constraint and every objective",
        rule=lambda features, time_limit, n_jobs: True,
        why="the search that takes every constraint and objective",
    ),
    Entry(
        "highs",
        f"{_HERE}.formulations.milp:Highs",
        "HiGHS on the disjunctive model of Manne, through PuLP; small job and open shops",
    ),
    Entry("cbc", f"{_HERE}.formulations.milp:Cbc", "CBC on the disjunctive model of Manne, through PuLP"),
    Entry("milp", f"{_HERE}.formulations.milp:Milp", "any other solver that PuLP finds, in a child process"),
    Entry("dispatching", f"{_HERE}.construct:BestRule", "the best of all dispatching rules"),
    Entry("atc", f"{_HERE}.construct:ATC", "dispatching by apparent tardiness cost"),
    Entry("spt", f"{_HERE}.construct:SPT", "dispatching, the shortest processing time first"),
    Entry("lpt", f"{_HERE}.construct:LPT", "dispatching, the longest processing time first"),
    Entry("wspt", f"{_HERE}.construct:WSPT", "dispatching, the shortest for its weight first"),
    Entry("edd", f"{_HERE}.construct:EDD", "dispatching, the earliest due date first"),
    Entry("slack", f"{_HERE}.construct:Slack", "dispatching, the least slack first"),
    Entry("critical_ratio", f"{_HERE}.construct:CriticalRatio", "dispatching, the least time to work left first"),
    Entry("mwkr", f"{_HERE}.construct:MWKR", "dispatching, the most work remaining first"),
    Entry("lwkr", f"{_HERE}.construct:LWKR", "dispatching, the least work remaining first"),
    Entry("mopnr", f"{_HERE}.construct:MOPNR", "dispatching, the most operations remaining first"),
    Entry("fifo", f"{_HERE}.construct:FIFO", "dispatching, first come, first served"),
    Entry("ect", f"{_HERE}.construct:ECT", "dispatching, the earliest completion first"),
    Entry("random", f"{_HERE}.construct:RandomRule", "dispatching at random, the best of many"),
)
"""Who solves a shop, best first (see `optikit.core.registry`)."""

KERNELS: tuple[str, ...] = (f"{_HERE}.kernels.tabu", f"{_HERE}.kernels.arcs", f"{_HERE}.kernels.sequencing")
"""Modules whose kernels `optikit.warmup` makes ready."""

BOUND = f"{_HERE}.bounds:lower_bound"
FORMULATIONS = {
    "cpsat": f"{_HERE}.formulations.cpsat:build_cpsat",
    "milp": f"{_HERE}.formulations.milp:build_milp",
}
EXPLAIN = f"{_HERE}.explain:explain"
IMPOSSIBLE = f"{_HERE}.explain:impossible"
READERS = {
    "jsplib": f"{_HERE}.files:read_jsplib",
    "fjsplib": f"{_HERE}.files:read_fjsplib",
    "openshop": f"{_HERE}.files:read_openshop",
    "taillard-jobshop": f"{_HERE}.files:read_taillard_jobshop",
    "taillard-openshop": f"{_HERE}.files:read_taillard_openshop",
    "shop-csv": f"{_HERE}.csv_file:read_shop_csv",
}
