"""Our own solver: shortest augmenting paths, and for bottlenecks paths below a rising threshold; it ends with a proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from ...core.problem import Problem
from ...core.registry import impossible
from ...core.result import StopReason
from ...core.run import POLL_SECONDS, Outcome, Run
from ...core.solution import Solution
from ...core.solver import Capabilities, Solver
from ...kernels.clock import now_ns
from ...kernels.control import DEADLINE, Control
from .bounds import lower_bound
from .capacities import SemiMatching
from .certificate import DualPrices
from .matcher import ROUNDING
from .problem import LinearAssignment
from .reduction import Reduced
from .solution import Assignment

PROVED = 1e-9
"""Of the objective, or of 1: bounds as near as that prove it."""

MOST_AGAIN = 10_000
"""Places of columns up to which a search that rounding spoilt is done again."""

SUMS = 16
"""By so many roundings of the largest number a sum along a path may miss, about."""

SECONDS_A_PASS = 2e-9
"""For each cost, about: what a pass over all of them takes, kept back from the time limit for the judge."""


class Sliced(Protocol):
    """What goes on until its control block says return."""

    control: Control

    def advance(self) -> bool:
        """Whether there is no more to do."""


@dataclass(frozen=True)
class JonkerVolgenant(Solver):
    """Shortest augmenting paths on lists of cheap columns, compiled; dense and sparse, ints exactly, floats as they are.

    Sums: the prices of rows and columns that come with the answer are its certificate, which the problem itself judges. Rows and
    columns that may be left out are part of the search; columns with capacities have one of their own
    (`optikit.assignment.linear.capacities`), and become several only where there are too many of them for it
    (`optikit.assignment.linear.reduction`). Bottlenecks: `optikit.assignment.linear.bottleneck`. A pair of rows that cannot be
    served ends it with a set of Hall's.

    References
    ----------
    R. Jonker and A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems",
    Computing 38, 1987.
    """

    name: ClassVar[str] = "jv"
    solves: ClassVar[type[LinearAssignment]] = LinearAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(exact=True, bounds=True, stops=frozenset({"time"}))

    def _prepare(self, problem: Problem, run: Run) -> Outcome | None:
        """As every solver, but without the cheap bound: the prices prove more, and a pass over all costs is time."""
        start = run.initial_solution
        if start is not None:
            run.improve(problem.evaluate(start), lambda: start)
        _ = problem.fingerprint
        reasons = impossible(problem)
        if not reasons:
            return None
        from .explain import counted

        certificate = counted(problem)  # type: ignore[arg-type]
        return Outcome(StopReason.PROVEN, certificate=certificate, infeasible=True, message="; ".join(reasons))

    def _run(self, problem: LinearAssignment, run: Run) -> Outcome:
        if problem.objective == "bottleneck":
            from .bottleneck import solve_bottleneck

            return solve_bottleneck(problem, run)
        if problem.capacity is not None and SemiMatching.takes(problem):
            return self._with_capacities(problem, run)
        copies = _few_copies(problem)
        while True:
            reduced = Reduced(problem, copies)
            search = reduced.matcher()
            reason = advance(search, run, SECONDS_A_PASS * _entries(problem))
            run.iterations += search.augmentations
            matching = search.matching()
            if reason is not None or copies is None or not (short := reduced.is_short(matching)).any():
                break
            copies = np.where(short, 2 * copies, copies)
        if reason is not None:
            found = completed(problem, reduced.assignment(matching))
            return Outcome(reason, solution=found, bound=lower_bound(problem))
        if matching.violator is not None:
            violator = reduced.violator(matching.violator)
            return Outcome(StopReason.PROVEN, certificate=violator, infeasible=True, message=said(problem, violator))
        found = reduced.assignment(matching)
        return _settled(problem, found, reduced.prices(matching), run)

    def _with_capacities(self, problem: LinearAssignment, run: Run) -> Outcome:
        search = SemiMatching(problem)
        reason = advance(search, run, SECONDS_A_PASS * _entries(problem))
        run.iterations += search.augmentations
        if reason is not None:
            return Outcome(reason, solution=completed(problem, search.assignment()), bound=lower_bound(problem))
        violator = search.violator()
        if violator is not None:
            return Outcome(StopReason.PROVEN, certificate=violator, infeasible=True, message=said(problem, violator))
        found = search.assignment()
        return _settled(problem, found, search.prices(), run)


def _settled(problem: LinearAssignment, found: Assignment, prices: DualPrices, run: Run) -> Outcome:
    """The outcome of a search that ended; with lower prices where rounding keeps its own from a proof.

    That happens where costs are of many magnitudes. From the lower prices it is searched once more: what rounding had hidden may
    have been a better assignment.
    """
    if problem.whole or _proves(problem, found, prices):
        return Outcome(StopReason.PROVEN, found, certificate=prices)
    from .potentials import prices_of

    def enough() -> bool:
        return run.reason() is not None

    prices = prices_of(problem, found, enough)
    if not _proves(problem, found, prices) and int(np.minimum(problem.places, problem.num_rows).sum()) <= MOST_AGAIN:
        reduced = Reduced(problem)
        search = reduced.matcher(prices, found)
        if advance(search, run) is None and search.matching().violator is None:
            other, sign = reduced.assignment(search.matching()), -1 if problem.maximize else 1
            if sign * problem.evaluate(other) < sign * problem.evaluate(found):
                found, prices = other, prices_of(problem, other, enough)
    return Outcome(StopReason.PROVEN, found, certificate=prices)


def _proves(problem: LinearAssignment, found: Assignment, prices: Any) -> bool:
    """Whether prices prove an assignment; where rounding cannot matter, they are not asked."""
    objective = problem.evaluate(found)
    near = PROVED * max(1.0, abs(objective))
    exits = np.abs(np.concatenate((problem.row_exit, problem.column_exit)))
    largest = max(abs(problem.range.least), abs(problem.range.greatest), exits[np.isfinite(exits)].max(initial=0))
    return SUMS * ROUNDING * largest <= near or abs(problem.proved(prices) - objective) <= near


def _few_copies(problem: LinearAssignment) -> Any:
    """Copies of columns to begin with: twice a fair share of the rows; None where there are not many more places."""
    fair = 2 * -(-problem.num_rows // problem.num_columns) + 1
    places = np.minimum(problem.places, problem.num_rows)
    has_room = problem.capacity is not None and problem.leave_column is None and int(places.sum()) > 2 * fair * problem.num_columns
    return np.full(problem.num_columns, fair) if has_room else None


def said(problem: LinearAssignment, violator: Any) -> str:
    """Hall's set in words."""
    from .explain import sentence

    return sentence(problem, violator)


def _entries(problem: LinearAssignment) -> int:
    return int(problem.features["entries"])


def advance(search: Sliced, run: Run, reserve: float = 0.0) -> StopReason | None:
    """Let a search go on in slices until it is done (None) or the run says stop, ``reserve`` seconds before the deadline."""
    while True:
        remaining = max(run.remaining - min(reserve, run.remaining / 2), 0.0)
        search.control.slots[DEADLINE] = now_ns() + int(1e9 * min(POLL_SECONDS, remaining))
        if search.advance():
            return None
        reason = run.tick()
        if reason is not None:
            return reason
        if remaining < reserve and run.deadline is not None:
            return StopReason.TIME


def completed(problem: LinearAssignment, assignment: Assignment) -> Solution | None:
    """An assignment in the making, its other rows taken to what is left, the cheapest first in each row; None where that fails."""
    if problem.is_sparse:
        return None
    column_of = np.array(assignment.column_of)
    load = np.bincount(column_of[column_of >= 0], minlength=problem.num_columns)
    sign, order = (-1, problem.num_rows) if problem.maximize else (1, problem.num_rows)
    for row in np.flatnonzero(column_of < 0)[:order].tolist():
        costs = np.where(load < problem.places, sign * problem.cost[row].astype(np.float64), np.inf)
        column = int(costs.argmin())
        if costs[column] < problem.row_exit[row]:
            column_of[row] = column
            load[column] += 1
    finished = Assignment(column_of)
    return finished if problem.check(finished) else None
