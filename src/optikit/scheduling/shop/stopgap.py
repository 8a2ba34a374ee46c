"""A schedule for a run whose time was over before its search had one: dispatched in plain Python, with nothing to compile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.result import StopReason
from ...core.run import Outcome, Run
from .disjunctive import beyond_graph, disjunctive
from .dispatcher import Dispatcher
from .problem import Shop

if TYPE_CHECKING:
    from .solution import Schedule

MOST_DISPATCHED = 250
"""Operations that plain Python dispatches in some hundredths of a second."""


def in_haste(problem: Shop, run: Run, said: str = "") -> Outcome:
    """What a run ends with that met its limit: its best schedule, and where it has none, the first that comes to hand.

    Set-up counts against the limit, and at the first use in a process may take a tenth of a second, which is no reason for an
    answer without a schedule.
    """
    reason = run.reason() or StopReason.TIME
    if run.incumbent is not None:
        return Outcome(reason, run.incumbent, message=said)
    schedule = first_schedule(problem)
    if schedule is None or not problem.check(schedule):
        return Outcome(reason, nearest=schedule, message=said)
    run.improve(problem.evaluate(schedule), lambda: schedule)
    why = "there was no time for a search: this is the first schedule that came to hand"
    return Outcome(reason, schedule, message="; ".join(part for part in (said, why) if part))


def first_schedule(problem: Shop) -> Schedule | None:
    """The operation that ends first is next, whatever the constraints are; a large shop has its operations rank by rank.

    None for a large one that is more than its disjunctive graph: it would come too late.
    """
    if problem.num_operations <= MOST_DISPATCHED:
        dispatcher = Dispatcher(problem, way="python")
        dispatcher.make("ect", False)
        return dispatcher.best()[2]
    if beyond_graph(problem) is not None:
        return None
    graph = disjunctive(problem)
    return graph.schedule(*graph.any_order())
