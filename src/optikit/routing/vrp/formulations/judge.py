"""From an engine's answer to an `Outcome`: what it found is checked and evaluated by the problem before anything is claimed."""

from __future__ import annotations

import math
from collections.abc import Callable

from ....backends.answer import Answer
from ....core.run import Outcome, Run
from ..problem import VRP
from ..solution import Routes


class OutOfTimeError(Exception):
    """The deadline was met, or the solve cancelled, while a model was being built."""


def look(run: Run) -> Callable[[], None]:
    """A function for builders to call now and then: raises `OutOfTimeError` when it is time to stop."""

    def pause() -> None:
        if run.reason() is not None:
            raise OutOfTimeError

    return pause


def offer(problem: VRP, run: Run, solution: Routes) -> None:
    """Make a solution the incumbent if the checker accepts it."""
    if problem.check(solution):
        run.improve(problem.evaluate(solution), lambda: solution)


def outcome_of(problem: VRP, run: Run, answer: Answer, solution: Routes | None, bound: float | None) -> Outcome:
    """The engine's last solution or the best that it streamed, whichever is better, with a bound in the user's units."""
    nearest = None
    if solution is not None:
        if problem.check(solution):
            offer(problem, run, solution)
        else:
            # Within a float engine's tolerance, but not within ours.
            nearest = solution
    best = run.progress().solution
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
    return Outcome(reason, solution=run.progress().solution)  # type: ignore[arg-type]


def round_up(problem: VRP, bound: float | None) -> float | None:
    """A float engine's bound, rounded up to the next objective that a solution can have where distances are exact in ticks."""
    if bound is None or not problem.lattice.exact:
        return bound
    ticks = bound * problem.lattice.scale
    slack = 1e-5 + 1e-9 * abs(ticks)
    return problem.lattice.units(math.ceil(ticks - slack)) if slack < 0.01 else bound
