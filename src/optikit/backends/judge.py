"""From an engine's answer to an `Outcome`: what it found is checked and evaluated by the problem before anything is claimed."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..core.problem import Problem
from ..core.result import StopReason
from ..core.run import POLL_SECONDS, Outcome, Run
from ..core.solution import Solution
from ..ticks import Lattice
from .answer import Answer


class OutOfTimeError(Exception):
    """The deadline was met, or the solve cancelled, while a model was being built."""


def look(run: Run) -> Callable[[], None]:
    """A function for builders to call now and then: tells the callbacks, and raises `OutOfTimeError` when it is time to stop."""
    next_tick = run.seconds + POLL_SECONDS

    def pause() -> None:
        nonlocal next_tick
        reason = run.reason()
        if reason is None and run.seconds >= next_tick:
            reason = run.tick()
            next_tick = run.seconds + POLL_SECONDS
        if reason is not None:
            raise OutOfTimeError

    return pause


def offer(problem: Problem, run: Run, solution: Solution) -> None:
    """Make a solution the incumbent if the checker accepts it."""
    if problem.check(solution):
        run.improve(problem.evaluate(solution), lambda: solution)


def outcome_of(problem: Problem, run: Run, answer: Answer, solution: Solution | None, bound: float | None) -> Outcome:
    """The engine's last solution or the best that it streamed, whichever is better, with a bound in the user's units."""
    nearest = None
    if solution is not None:
        if problem.check(solution):
            offer(problem, run, solution)
        else:
            # Within a float engine's tolerance, but not within ours.
            nearest = solution
    best = run.incumbent
    return Outcome(
        reason=answer.reason,
        solution=best,
        nearest=nearest if best is None else None,
        bound=bound,
        infeasible=answer.infeasible,
        message=answer.message,
        versions=answer.versions,
    )


def unfinished(run: Run) -> Outcome:
    """The outcome of a solve that ended before its model was built."""
    reason = run.reason()
    assert reason is not None
    message = "the time was over before the model was built" if reason is StopReason.TIME else ""
    return Outcome(reason, solution=run.incumbent, message=message)


def round_up(lattice: Lattice, bound: float) -> float:
    """A float engine's lower bound, rounded up to the next objective that can be, where the lattice is exact."""
    if not lattice.exact:
        return bound
    ticks = bound * lattice.scale
    slack = 1e-5 + 1e-9 * abs(ticks)
    return lattice.units(math.ceil(ticks - slack)) if slack < 0.01 else bound
