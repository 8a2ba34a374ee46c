"""Flow shops: the public names, and the menu of those who can solve them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._lazy import lazy_names
from ...core.registry import Entry
from ...inputs.installed import pays_to_import

if TYPE_CHECKING:
    from .problem import FlowShop
    from .solution import JobSequences

__all__ = ["FlowShop", "JobSequences"]
__getattr__, __dir__ = lazy_names(__name__, {"FlowShop": ".problem", "JobSequences": ".solution"})

_HERE = "optikit.scheduling.flowshop"


def _few(features: Mapping[str, Any]) -> bool:
    """Where jobs overtake without waiting, line-ups do not hold all schedules: CP-SAT is ahead for longer."""
    rigid = features["hybrid"] and (features["no_wait"] or features["blocking"])
    return bool(features["num_jobs"] <= (12 if rigid else 8))


SOLVERS: tuple[Entry, ...] = (
    Entry(
        "johnson",
        f"{_HERE}.construct:Johnson",
        "Johnson's rule: the shortest makespan on two machines, proved at once",
        rule=lambda features, time_limit, n_jobs: features["johnson"],
        why="two machines need no search",
    ),
    Entry(
        "round_trip",
        f"{_HERE}.round_trip:RoundTrip",
        "an asymmetric tour through jobs that do not wait, for the makespan; proves some 100 jobs in seconds",
        rule=lambda features, time_limit, n_jobs: features["round_trip"],
        why="the makespan of jobs that do not wait is the length of a tour",
    ),
    Entry(
        "portfolio",
        f"{_HERE}.portfolio:SideBySide",
        "a search and CP-SAT side by side, which share what they find and prove",
        rule=lambda features, time_limit, n_jobs: n_jobs >= 2 and features["size"] * features["num_jobs"] <= 600_000,
        why="there are threads for a search and for proofs",
    ),
    Entry(
        "cpsat",
        f"{_HERE}.formulations.cpsat:CpSat",
        "OR-Tools CP-SAT on intervals; proves some 10 jobs on 5 machines in seconds",
        rule=lambda features, time_limit, n_jobs: _few(features) and pays_to_import("ortools", time_limit),
        why="so few jobs are mostly solved to proof in seconds",
    ),
    Entry(
        "annealing",
        f"{_HERE}.search:SimulatedAnnealing",
        "our iterated greedy, and annealing of the orders of all machines, compiled: where jobs overtake",
        rule=lambda features, time_limit, n_jobs: features["overtaking"],
        why="where jobs overtake, one order for all machines is not enough",
    ),
    Entry(
        "iterated_greedy",
        f"{_HERE}.search:IteratedGreedy",
        "our iterated greedy, and beam searches where they are of use, compiled: the best orders by a deadline",
        rule=lambda features, time_limit, n_jobs: True,
        why="the strongest search for such shops",
    ),
    Entry("highs", f"{_HERE}.formulations.milp:Highs", "HiGHS on ranks or on pairs of jobs, through PuLP; proves about 8 jobs"),
    Entry("cbc", f"{_HERE}.formulations.milp:Cbc", "CBC on ranks or on pairs of jobs, through PuLP"),
    Entry("milp", f"{_HERE}.formulations.milp:Milp", "any other solver that PuLP finds, in a child process"),
    Entry("neh", f"{_HERE}.construct:NEH", "Nawaz, Enscore and Ham 1983; with several factories NEH2"),
    Entry("lr", f"{_HERE}.construct:LiuReeves", "LR(x) of Liu and Reeves, for the total flow time"),
    Entry("cds", f"{_HERE}.construct:CDS", "Campbell, Dudek and Smith 1970"),
    Entry("palmer", f"{_HERE}.construct:Palmer", "Palmer's slope index"),
    Entry("gupta", f"{_HERE}.construct:Gupta", "Gupta's index"),
)
"""Who solves a flow shop, best first (see `optikit.core.registry`)."""

KERNELS: tuple[str, ...] = (f"{_HERE}.kernels.advance", f"{_HERE}.kernels.anneal", f"{_HERE}.kernels.beam", f"{_HERE}.kernels.fill")
"""Modules whose kernels `optikit.warmup` makes ready."""

BOUND = f"{_HERE}.bounds:lower_bound"
FORMULATIONS = {"cpsat": f"{_HERE}.formulations.cpsat:build_cpsat", "milp": f"{_HERE}.formulations.milp:build_milp"}
EXPLAIN = f"{_HERE}.explain:explain"
READERS = {"flowshop": f"{_HERE}.files:read_flowshop", "flowshop-csv": f"{_HERE}.files:read_flowshop_csv"}
