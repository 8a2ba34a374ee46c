"""fast-tsp: local search on neighbour lists, with Lin-Kernighan steps where its preparation fits the time; symmetric problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmarks.peers import BUDGET, answered, seconds_left
from optikit import Capabilities, Problem, Solver
from optikit.core.run import Outcome, Run
from optikit.routing.tsp import TSP
from optikit.routing.tsp.reduction import dense, tour_of

LARGEST = 2**16 - 1
"""fast-tsp counts in 16 bits: longer distances are rounded to this scale, and the tour that it finds is costed by the true ones."""


@dataclass(frozen=True)
class FastTSP(Solver):
    """fast-tsp, which uses all the time that it gets; no seed, no trace."""

    name: ClassVar[str] = "fast-tsp"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = Capabilities(
        threads=True, deterministic=False, stops=BUDGET, late=5.0, requires=("fast_tsp",), extra="peers"
    )

    def _unsupported(self, problem: TSP) -> str | None:
        if not problem.symmetric:
            return "fast-tsp takes symmetric distances"
        if problem.network.has_missing or not problem.closed:
            return "fast-tsp takes closed tours, and every arc must be there"
        return None

    def _run(self, problem: TSP, run: Run) -> Outcome:
        import fast_tsp

        ticks = dense(problem)
        largest = max(1, int(ticks.max()))
        if largest > LARGEST:
            ticks = np.rint(ticks * (LARGEST / largest)).astype(np.int64)
        tour = fast_tsp.find_tour(ticks, duration_seconds=max(0.001, seconds_left(run)), max_threads=run.n_jobs)
        return answered(problem, run, tour_of(problem, tour))
