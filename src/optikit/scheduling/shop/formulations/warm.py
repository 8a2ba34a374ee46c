"""A start for engines: the best of some dispatching rules."""

from __future__ import annotations

from ....backends.judge import offer
from ....core.run import Run
from ....kernels.jit import PLAIN
from ..construct import Dispatcher, deadline_of
from ..kernels.sequencing import dispatch
from ..problem import Shop

RULES = ("mwkr", "atc", "ect", "edd")
"""Those that are good for the makespan, and for due dates."""


def warm_start(problem: Shop, run: Run) -> None:
    """Make the run's start a dispatched schedule, where nobody gave one; none while kernels compile."""
    if run.initial_solution is not None or not dispatch[PLAIN].ready(0.0):
        return
    dispatcher = Dispatcher(problem, run.seed)
    for rule in RULES:
        for delays in (False, True):
            if run.reason() is not None:
                return
            dispatcher.make(rule, delays, deadline_of(run))
    breach, _, schedule = dispatcher.best()
    if breach == 0 and problem.check(schedule):
        offer(problem, run, schedule)
        run.initial_solution = schedule
