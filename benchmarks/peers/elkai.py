"""LKH (Helsgaun 2000), through its Python package elkai."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmarks.peers import answered
from optikit import Capabilities, Problem, Solver
from optikit.core.run import Outcome, Run
from optikit.inputs.ranges import parameter
from optikit.routing.tsp import TSP
from optikit.routing.tsp.reduction import dense, tour_of

LIMIT = 2**31 - 1


@dataclass(frozen=True)
class Elkai(Solver):
    """LKH, so many runs of it. It knows no clock and no seed: a suite's time limit does not bind it, and its time is what it took.

    Parameters
    ----------
    runs : int
        Of LKH, each from another start.

    References
    ----------
    K. Helsgaun, "An effective implementation of the Lin-Kernighan traveling salesman heuristic", European Journal of Operational
    Research 126(1), 2000.
    """

    name: ClassVar[str] = "elkai"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = Capabilities(stops=frozenset(), requires=("elkai",), extra="peers")
    runs: int = parameter(10, least=1, most=10**6)

    def _unsupported(self, problem: TSP) -> str | None:
        if problem.num_cities < 3:
            return "elkai needs three cities at least"
        if int(dense(problem).max()) * 100 > LIMIT:
            return "elkai counts in 32 bits, and these distances are longer; round them"
        return None

    def _run(self, problem: TSP, run: Run) -> Outcome:
        import elkai

        tour = elkai.DistanceMatrix(dense(problem).tolist()).solve_tsp(self.runs)
        return answered(problem, run, tour_of(problem, tour[:-1]))
