"""When each operation starts, given the orders on the machines: plain Python on exact ints, or on the user's floats.

Given the orders, the earliest starts are the best for both objectives, which no delay improves. Where jobs may wait between
machines, stage after stage gives them. Else they are longest paths in the graph of what waits for what, and where that graph
has a cycle whose length is positive there is no timetable.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .solution import JobSequences

if TYPE_CHECKING:
    from .problem import FlowShop


@dataclass(frozen=True)
class Times:
    """The numbers of a problem as lists: all in ticks, or all in the user's unit.

    Parameters
    ----------
    duration : list of list
        By job and stage.
    setup : list of list of list or None
        By stage, job before and job after.
    first_setup : list of list or None
        By stage and job.
    release : list
        By job.
    """

    duration: list[list[Any]]
    setup: list[list[list[Any]]] | None
    first_setup: list[list[Any]] | None
    release: list[Any]

    def before(self, stage: int, earlier: int | None, job: int) -> Any:
        """Setup of a machine of the stage for ``job``, after ``earlier`` or at first."""
        if earlier is None:
            return self.first_setup[stage][job] if self.first_setup else 0
        return self.setup[stage][earlier][job] if self.setup else 0


@dataclass(frozen=True)
class Timetable:
    """Starts and ends of all operations.

    Parameters
    ----------
    start, end, leave : list of list
        By job and stage: when work begins, when it ends, and when the job leaves the machine (later than its end only where it
        is blocked).
    factory, machine : list and list of list
        Where: the factory of each job, and the number of the machine among those of its stage.
    before : list of list
        The job before it on the same machine, or None.
    """

    start: list[list[Any]]
    end: list[list[Any]]
    leave: list[list[Any]]
    factory: list[int]
    machine: list[list[int]]
    before: list[list[int | None]]


class NoTimetableError(Exception):
    """The orders contradict each other: ``jobs`` wait for each other in a circle."""

    def __init__(self, jobs: Sequence[int]) -> None:
        self.jobs = tuple(jobs)
        super().__init__(f"jobs {self.jobs} wait for each other")


def timetable(problem: FlowShop, solution: JobSequences, times: Times | None = None) -> Timetable:
    """The earliest timetable of complete orders.

    Parameters
    ----------
    problem : FlowShop
    solution : JobSequences
        With every job once at each stage, in one factory.
    times : Times, optional
        By default the problem's own, in the user's unit.

    Raises
    ------
    NoTimetableError
        Where jobs that may not wait, or block each other, would wait in a circle.
    """
    times = times or problem.times
    n, m = problem.num_jobs, problem.num_stages
    factory = [0] * n
    machine = [[0] * m for _ in range(n)]
    before: list[list[int | None]] = [[None] * m for _ in range(n)]
    for f in range(problem.factories):
        orders = solution.machine_orders(f, problem.num_machines)
        for index, order in enumerate(orders):
            stage, number = problem.machine_place[index]
            earlier = None
            for job in order:
                factory[job], machine[job][stage], before[job][stage] = f, number, earlier
                earlier = job
    if problem.no_wait:
        start = _without_waiting(problem, times, before)
    elif problem.blocking:
        start = _blocking(problem, times, before)
    else:
        start = _stage_by_stage(problem, times, solution, before)
    end = [[begin + work for begin, work in zip(*row, strict=True)] for row in zip(start, times.duration, strict=True)]
    leave = end
    if problem.blocking:
        leave = [[*row[1:], done[-1]] for row, done in zip(start, end, strict=True)]
    return Timetable(start, end, leave, factory, machine, before)


def _stage_by_stage(problem: FlowShop, times: Times, solution: JobSequences, before: list[list[int | None]]) -> list[list[Any]]:
    n, m = problem.num_jobs, problem.num_stages
    ready = list(times.release)
    start: list[list[Any]] = [[0] * m for _ in range(n)]
    rows = [solution.machine_orders(f, problem.num_machines) for f in range(problem.factories)]
    for stage in range(m):
        end = list(ready)
        for orders in rows:
            for order in orders[problem.first_machine[stage] : problem.first_machine[stage + 1]]:
                for job in order:
                    earlier = before[job][stage]
                    free = times.before(stage, earlier, job) + (0 if earlier is None else end[earlier])
                    start[job][stage] = max(ready[job], free)
                    end[job] = start[job][stage] + times.duration[job][stage]
        ready = end
    return start


def _without_waiting(problem: FlowShop, times: Times, before: list[list[int | None]]) -> list[list[Any]]:
    """A job is rigid: its start on the first machine is all that is sought."""
    n, m = problem.num_jobs, problem.num_stages
    offset = []
    for row in times.duration:
        sums = [0 * row[0]]
        for work in row:
            sums.append(sums[-1] + work)
        offset.append(sums)
    waits: list[list[tuple[int, Any]]] = [[] for _ in range(n)]
    begin = list(times.release)
    for job in range(n):
        for stage in range(m):
            earlier = before[job][stage]
            setup = times.before(stage, earlier, job)
            if earlier is None:
                begin[job] = max(begin[job], setup - offset[job][stage])
            else:
                waits[job].append((earlier, offset[earlier][stage + 1] + setup - offset[job][stage]))
    order = _sorted(n, [[earlier for earlier, _ in row] for row in waits])
    ordered = len(order) == n
    order += [job for job in range(n) if job not in set(order)]
    for _ in range(n + 1):
        late = []
        for job in order:
            for earlier, lag in waits[job]:
                if begin[earlier] + lag > begin[job]:
                    begin[job] = begin[earlier] + lag
                    late.append(job)
        if ordered or not late:
            return [[begin[job] + offset[job][stage] for stage in range(m)] for job in range(n)]
    raise NoTimetableError(sorted(set(late)))


def _blocking(problem: FlowShop, times: Times, before: list[list[int | None]]) -> list[list[Any]]:
    """A machine is free when its job has begun on the next one."""
    n, m = problem.num_jobs, problem.num_stages
    waits: list[list[int]] = [[] for _ in range(n * m)]
    for job in range(n):
        for stage in range(m):
            earlier = before[job][stage]
            if stage:
                waits[job * m + stage].append(job * m + stage - 1)
            if earlier is not None:
                waits[job * m + stage].append(earlier * m + min(stage + 1, m - 1))
    order = _sorted(n * m, waits)
    if len(order) < n * m:
        raise NoTimetableError(sorted({node // m for node in set(range(n * m)) - set(order)}))
    start: list[list[Any]] = [[0] * m for _ in range(n)]
    for node in order:
        job, stage = divmod(node, m)
        earlier = before[job][stage]
        ready = start[job][stage - 1] + times.duration[job][stage - 1] if stage else times.release[job]
        free = times.before(stage, earlier, job)
        if earlier is not None:
            last = stage == m - 1
            free += start[earlier][stage] + times.duration[earlier][stage] if last else start[earlier][stage + 1]
        start[job][stage] = max(ready, free)
    return start


def _sorted(count: int, waits: Sequence[Sequence[int]]) -> list[int]:
    """The nodes, each after those it waits for; without those in a circle, and those that wait for one."""
    missing = [len(row) for row in waits]
    followers: list[list[int]] = [[] for _ in range(count)]
    for node, row in enumerate(waits):
        for other in row:
            followers[other].append(node)
    free = deque(node for node in range(count) if not missing[node])
    order = []
    while free:
        node = free.popleft()
        order.append(node)
        for follower in followers[node]:
            missing[follower] -= 1
            if not missing[follower]:
                free.append(follower)
    return order
