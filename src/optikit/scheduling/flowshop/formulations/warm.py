"""A start for engines, by our own heuristics."""

from __future__ import annotations

from ....backends.judge import offer
from ....core.run import POLL_SECONDS, Run
from ....kernels.clock import now_ns
from ....kernels.control import DEADLINE, LIMIT
from ..dispatch import dispatched
from ..greedy import Greedy
from ..instance import Shop, variant_of
from ..kernels.advance import advance
from ..orders import by_total
from ..problem import FlowShop

ITERATIONS = 200
"""Of the iterated greedy,"""

SHARE = 0.02
"""which gets this part of the time at most; half a second where there is no limit."""


def warm_start(problem: FlowShop, run: Run) -> None:
    """Make the run's start a schedule of the iterated greedy, where nobody gave one; while kernels compile, a dispatched one."""
    if run.initial_solution is not None:
        return
    solution = dispatched(problem, by_total(problem).tolist())
    variant = variant_of(problem)
    if advance[variant].ready(0.0) and run.reason() is None:
        island = Greedy(Shop(problem), run, 0, 2, 0.7, True)
        seconds = 0.5 if run.deadline is None else SHARE * run.remaining
        slots = island.control.slots
        slots[LIMIT] = ITERATIONS
        slots[DEADLINE] = now_ns() + int(1e9 * min(seconds, 10 * POLL_SECONDS))
        island.advance()
        found = island.read()
        if found is not None and problem.evaluate(found) <= problem.evaluate(solution):
            solution = found
    offer(problem, run, solution)
    run.initial_solution = solution
