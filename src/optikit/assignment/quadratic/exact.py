"""The proved optimum of small problems: branch and bound on the dual ascent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...backends.judge import offer
from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import POLL_SECONDS, Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from .construct import greedy
from .instance import Core, make_core
from .islands import Island
from .problem import QuadraticAssignment

MOST_FREE = 32
"""Free locations that are taken on: 55 MB of tableaus, and far more than are mostly proved."""

STEPS = 1
"""Of the tabu search that finds the first placement, times the fourth power of the number of locations."""

ROOT_ROUNDS = 200
WORTH = 2_000
"""Of ascent before the first branching, as long as they raise the bound by one part in so many."""


@dataclass(frozen=True)
class Exact(Solver):
    """Branch and bound: the dual ascent of Hahn and Grant at every node, its tableau handed down from the node above.

    A short tabu search goes before, so that the best placement is mostly known at once and the tree only proves it. An iteration is
    a node.

    Parameters
    ----------
    rounds : int
        Of ascent at a node, at most; fewer where they promise nothing.

    References
    ----------
    P. Hahn, T. Grant and N. Hall, "A branch-and-bound algorithm for the quadratic assignment problem based on the Hungarian
    method", European Journal of Operational Research 108, 1998.
    """

    name: ClassVar[str] = "exact"
    solves: ClassVar[type[Problem]] = QuadraticAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(
        exact=True, bounds=True, anytime=True, start=True, stops=frozenset({"time", "target", "gap"})
    )

    rounds: int = parameter(30, least=1, most=10**6, tune=(3, 100), log=True)

    def _unsupported(self, problem: QuadraticAssignment) -> str | None:
        free = problem.num_locations - len(problem.fixed)
        if free > MOST_FREE:
            return f"{free} free locations; branch and bound takes up to {MOST_FREE}"
        return None

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        from ...kernels.clock import now_ns
        from .tableau import Tableau

        core = make_core(problem)
        if core.num_facilities == 0 or core.size == 1:
            place = np.arange(core.num_facilities)
            offer(problem, run, core.placement(place))
            return Outcome(StopReason.PROVEN, run.incumbent, bound=core.bound(core.cost(place)))
        if run.incumbent is None:
            offer(problem, run, core.placement(greedy(core, lambda: run.reason() is None)))
        if not _ready(core, run):
            return Outcome(run.reason() or StopReason.TIME, run.incumbent, message="the kernels were being compiled")
        island = _first(core, run)
        tableau = Tableau(core, deep=True, rounds=self.rounds, root_rounds=ROOT_ROUNDS, worth=WORTH)
        known = core.is_feasible(island.best())
        tableau.begin(island.best() if known else None, island.population.best if known else None)
        best, done = tableau.upper, False
        reason = run.tick()
        while reason is None and not done:
            done = tableau.advance(now_ns() + int(1e9 * min(run.remaining, POLL_SECONDS)))
            run.iterations = tableau.nodes
            if tableau.upper < best:
                best = tableau.upper
                offer(problem, run, core.placement(tableau.tree.best.astype(np.int64)))
            bound = tableau.root_bound
            if not done and bound is not None:
                run.tighten(core.bound(min(bound, tableau.upper)))
            reason = run.tick()
        if done and run.incumbent is None:
            return Outcome(StopReason.PROVEN, infeasible=True, message="no placement is without a forbidden pair")
        if done:
            run.tighten(core.bound(tableau.proved))
            return Outcome(StopReason.PROVEN, run.incumbent)
        return Outcome(reason or StopReason.TIME, run.incumbent)


def _ready(core: Core, run: Run) -> bool:
    """Whether the kernels are there, after waiting for them: at the first use of all they are compiled."""
    from .instance import make_instance
    from .islands import kernel_of
    from .kernels.tree import branch

    variants = kernel_of(*make_instance(core)), branch.variants["plain"]
    return all(variant.ready(min(run.remaining, 3600.0)) for variant in variants)


def _first(core: Core, run: Run) -> Island:
    """A good placement to begin with, by a short search."""
    from ...kernels.clock import now_ns
    from ...kernels.control import DEADLINE, ITERATIONS, LIMIT
    from .arrays import Parameters
    from .instance import make_instance

    instance, variant = make_instance(core)
    size = core.size
    parameters = Parameters(steps=40 * size, tenure=3 * size, patience=10**15, rest=100)
    start = run.incumbent
    place = np.arange(size) if start is None else core.place(start)  # type: ignore[arg-type]
    island = Island(core, instance, variant, parameters, 10, run, 0, place)
    slots = island.control.slots
    slots[LIMIT] = STEPS * size**4
    while run.reason() is None and slots[ITERATIONS] < slots[LIMIT]:
        slots[DEADLINE] = now_ns() + int(1e9 * min(run.remaining, POLL_SECONDS))
        island.advance()
        run.tick()
    if (found := island.read()) is not None:
        offer(core.problem, run, found)
    return island
