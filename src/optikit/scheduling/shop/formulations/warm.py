"""A start for engines: the best of some dispatching rules."""

from __future__ import annotations

from ....backends.judge import offer
from ....core.run import Run
from ..dispatcher import best_of
from ..problem import Shop
from ..stopgap import first_schedule

RULES = ("mwkr", "atc", "ect", "edd")
"""Those that are good for the makespan, and for due dates."""


def warm_start(problem: Shop, run: Run) -> None:
    """Make the run's start a dispatched schedule, where nobody gave one."""
    if run.initial_solution is not None:
        return
    schedule = best_of(problem, run, RULES) or first_schedule(problem)
    if schedule is not None and problem.check(schedule):
        offer(problem, run, schedule)
        run.initial_solution = schedule
