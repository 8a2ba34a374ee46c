"""The judge of job sequences: plain Python on the original data, with no code of the solvers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...core.check import CheckReport, Violation
from ...errors import InvalidSolutionError
from .solution import JobSequences
from .timetable import NoTimetableError, Timetable, timetable

if TYPE_CHECKING:
    from .problem import FlowShop

SPELLED_OUT = 100
"""So many violations of one rule are listed one by one; the rest is counted."""


def evaluate(problem: FlowShop, solution: JobSequences) -> float:
    """Makespan or total flow time, in the user's unit; infinite where the orders have no timetable.

    Raises
    ------
    InvalidSolutionError
        For a solution of another class, one that names a job that is not there, or another number of factories or machines.
    """
    require_shape(problem, solution)
    if any(True for _ in _visits(problem, solution)):
        return math.inf
    try:
        exact = timetable(problem, solution, problem.tick_times if problem.lattice.exact else problem.times)
    except NoTimetableError:
        return math.inf
    return cost(problem, exact, 1.0 / problem.lattice.scale if problem.lattice.exact else None)


def cost(problem: FlowShop, times: Timetable, unit: float | None = None) -> float:
    """The objective of a timetable; ``unit`` where it is in ticks: the length of a tick."""
    ends = [row[-1] for row in times.end]
    scale = problem.lattice.scale

    def units(value: Any) -> float:
        return float(value) if unit is None else value / scale

    if problem.objective == "makespan":
        return units(max(ends))
    release = (problem.times if unit is None else problem.tick_times).release
    flows = [end - begin for end, begin in zip(ends, release, strict=True)]
    if problem.weight is None:
        return units(sum(flows)) if unit is not None else math.fsum(flows)
    weights = problem.weight.tolist()
    if unit is not None and problem.weight.dtype.kind == "i":
        return units(sum(weight * flow for weight, flow in zip(weights, flows, strict=True)))
    return math.fsum(weight * units(flow) for weight, flow in zip(weights, flows, strict=True))


def require_shape(problem: FlowShop, solution: JobSequences) -> None:
    """Raise `InvalidSolutionError` for what cannot be read as orders of this problem's jobs on its machines."""
    problem.require(solution)
    if len(solution.factories) != problem.factories:
        raise InvalidSolutionError(f"the solution has {len(solution.factories)} factories, the problem {problem.factories}")
    for f, orders in enumerate(solution.factories):
        if len(orders) not in (1, problem.num_machines):
            raise InvalidSolutionError(
                f"factories[{f}] has {len(orders)} orders; expected one for all machines, or {problem.num_machines}, one a machine"
            )
        for k, order in enumerate(orders):
            for place, job in enumerate(order):
                if not 0 <= job < problem.num_jobs:
                    raise InvalidSolutionError(f"factories[{f}][{k}][{place}] is {job}; jobs are 0 to {problem.num_jobs - 1}")


def check(problem: FlowShop, solution: JobSequences) -> CheckReport:
    """All rules: each job once at every stage, in one factory, one order where that is asked for, and no circle of waiting."""
    problem.require(solution)
    try:
        require_shape(problem, solution)
    except InvalidSolutionError as error:
        return CheckReport((Violation("shape", str(error)),))
    found = list(_visits(problem, solution))
    if not found:
        found += _overtaking(problem, solution)
    if not found and (problem.no_wait or problem.blocking):
        try:
            timetable(problem, solution)
        except NoTimetableError as error:
            named = ", ".join(map(problem.called, error.jobs[:10]))
            why = "may not wait between machines" if problem.no_wait else "keep their machines until the next ones are free"
            found.append(Violation("circle", f"these jobs wait for each other in a circle, as they {why}: {named}"))
    return CheckReport(tuple(found))


def _visits(problem: FlowShop, solution: JobSequences) -> Iterator[Violation]:
    """Each job is once at each stage, always in the same factory."""
    home: dict[int, int] = {}
    for stage in range(problem.num_stages):
        first, last = problem.first_machine[stage], problem.first_machine[stage + 1]
        visits: Counter[int] = Counter()
        for f in range(problem.factories):
            for order in solution.machine_orders(f, problem.num_machines)[first:last]:
                visits.update(order)
                for job in order:
                    if home.setdefault(job, f) != f:
                        message = f"{problem.called(job)} is in factories {home[job]} and {f}; a job stays in one"
                        yield Violation("two factories", message)
        wrong = [job for job in range(problem.num_jobs) if visits[job] != 1]
        for job in wrong[:SPELLED_OUT]:
            at = problem.stage_called(stage)
            if visits[job]:
                yield Violation("twice", f"{problem.called(job)} is {visits[job]} times at {at}", float(visits[job] - 1))
            else:
                yield Violation("missing", f"{problem.called(job)} is on no machine at {at}")
        if len(wrong) > SPELLED_OUT:
            rest = len(wrong) - SPELLED_OUT
            yield Violation("missing", f"{rest:,} more jobs are not once at {problem.stage_called(stage)}", float(rest))


def _overtaking(problem: FlowShop, solution: JobSequences) -> Iterator[Violation]:
    if problem.overtaking:
        return
    for f, orders in enumerate(solution.factories):
        for stage, order in enumerate(orders[1:], 1):
            if order != orders[0]:
                place = next(place for place, (job, other) in enumerate(zip(order, orders[0], strict=True)) if job != other)
                where = f" of factory {f}" if problem.factories > 1 else ""
                yield Violation(
                    "overtaking",
                    f"at {problem.stage_called(stage)}{where} {problem.called(order[place])} overtakes "
                    f"{problem.called(orders[0][place])}; all machines take the jobs in one order",
                )
                break
