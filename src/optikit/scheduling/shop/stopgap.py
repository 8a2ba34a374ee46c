"""A schedule for a run whose time was over before its search had one: dispatched in a hurry, with nothing to compile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...backends.judge import offer
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...kernels.clock import now_ns
from ...kernels.jit import PLAIN
from .appending import appended
from .disjunctive import beyond_graph, disjunctive
from .dispatcher import Dispatcher
from .kernels.sequencing import dispatch
from .problem import Shop

if TYPE_CHECKING:
    from ...core.solution import Solution
    from .solution import Schedule

MOST_RANKED = 250
"""Operations above which those of a shop that is no more than its disjunctive graph follow rank by rank."""

MOST_IN_PYTHON = 2000
"""Operations that plain Python places in some tenths of a second, while kernels are being compiled."""

LARGE = 5_000
"""From so many operations on, checking and evaluating an answer takes time that is kept free for it."""

HASTE_SECONDS = 0.05
"""After so long the rule is dropped, and what is left comes as it stands."""


NOTHING_YET = "no schedule was found that keeps everything; the nearest one says what it breaks"
"""What a result says that has none."""


def in_haste(problem: Shop, run: Run, said: str = "") -> Outcome:
    """What a run ends with that met its limit: its best schedule, and where it has none, the first that comes to hand.

    Set-up counts against the limit, and at the first use in a process may take a tenth of a second, which is no reason for an
    answer without a schedule.
    """
    reason = run.reason() or StopReason.TIME
    if run.incumbent is not None:
        return Outcome(reason, run.incumbent, message=said)
    schedule = first_schedule(problem)
    if not problem.check(schedule):
        return Outcome(reason, nearest=schedule, message="; ".join(part for part in (said, NOTHING_YET) if part))
    run.improve(problem.evaluate(schedule), lambda: schedule)
    why = "there was no time for a search: this is the first schedule that came to hand"
    return Outcome(reason, schedule, message="; ".join(part for part in (said, why) if part))


def answer_first(problem: Shop, run: Run) -> None:
    """A schedule before anything else, where the shop is large or its kernels are being compiled."""
    waits = problem.num_operations > MOST_IN_PYTHON and not dispatch[PLAIN].ready(0.0)
    if waits or problem.num_operations >= LARGE:
        offer_in_time(problem, run, run.initial_solution or appended(problem))


def offer_in_time(problem: Shop, run: Run, schedule: Solution) -> None:
    """Offer a schedule; where the shop is large, the search ends sooner by what the last look at its answer will take.

    Whoever calls puts ``run.deadline`` back.
    """
    started = time.monotonic()
    offer(problem, run, schedule)
    if problem.num_operations >= LARGE and run.deadline is not None:
        run.deadline -= 3 * (time.monotonic() - started)


def first_schedule(problem: Shop) -> Schedule:
    """The operation that ends first is next, whatever the constraints are; a large classical shop has its operations rank by rank.

    While kernels are being compiled, a large one that is more than its disjunctive graph has them behind each other.
    """
    if problem.num_operations > MOST_RANKED and beyond_graph(problem) is None:
        graph = disjunctive(problem)
        return graph.schedule(*graph.any_order())
    is_compiled = dispatch[PLAIN].ready(0.0)
    if not is_compiled and problem.num_operations > MOST_IN_PYTHON:
        return appended(problem)
    dispatcher = Dispatcher(problem, way=None if is_compiled else "python")
    dispatcher.make("ect", False, now_ns() + int(1e9 * HASTE_SECONDS))
    return dispatcher.best()[2]
