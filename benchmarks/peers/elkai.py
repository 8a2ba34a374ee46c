"""LKH (Helsgaun 2000), through its Python package elkai."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmarks.peers import BUDGET, answered, seconds_left
from optikit import Capabilities, Problem, Solver
from optikit.core.run import Outcome, Run
from optikit.inputs.ranges import parameter
from optikit.routing.tsp import TSP
from optikit.routing.tsp.reduction import dense, tour_of

LIMIT = 2**31 - 1

MANY = 10**6
"""Trials that no time suffices for."""


@dataclass(frozen=True)
class Elkai(Solver):
    """LKH, so many runs of it. Its package offers neither a clock nor a seed, but passes LKH's own words on: ``TIME_LIMIT`` counts
    processor seconds of the trials, and the ascent before them takes what it takes.

    Parameters
    ----------
    runs : int
        Of LKH, each from another start and for an equal part of the time. Without a time limit, each makes as many trials as
        there are cities.

    References
    ----------
    K. Helsgaun, "An effective implementation of the Lin-Kernighan traveling salesman heuristic", European Journal of Operational
    Research 126(1), 2000.
    """

    name: ClassVar[str] = "elkai"
    solves: ClassVar[type[Problem]] = TSP
    capabilities: ClassVar[Capabilities] = Capabilities(
        seeded=True, deterministic=False, stops=BUDGET, late=60.0, requires=("elkai",), extra="peers"
    )
    runs: int = parameter(10, least=1, most=10**6)

    def _unsupported(self, problem: TSP) -> str | None:
        if problem.num_cities < 3:
            return "elkai needs three cities at least"
        if int(dense(problem).max()) * 100 > LIMIT:
            return "elkai counts in 32 bits, and these distances are longer; round them"
        return None

    def _run(self, problem: TSP, run: Run) -> Outcome:
        from elkai import _elkai

        ticks = dense(problem)
        kind = "TSP" if (ticks == ticks.T).all() else "ATSP"
        head = f"TYPE : {kind}\nDIMENSION : {len(ticks)}\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : FULL_MATRIX\n"
        rows = "\n".join(" ".join(map(str, row)) for row in ticks.tolist())
        settings = f"PROBLEM_FILE = :stdin:\nRUNS = {self.runs}\nSEED = {run.seed % LIMIT}\n"
        if run.deadline is not None:
            settings += f"MAX_TRIALS = {MANY}\nTIME_LIMIT = {max(0.01, seconds_left(run) / self.runs)}\n"
        tour = _elkai.solve_problem(settings, f"{head}EDGE_WEIGHT_SECTION\n{rows}\n")
        return answered(problem, run, tour_of(problem, [city - 1 for city in tour]))
