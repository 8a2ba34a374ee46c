"""The critical path of a schedule: operations each of which begins when the one before allows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .problem import FlowShop
from .timetable import Times, Timetable

Operation = tuple[int, int]
"""Job and stage."""


def critical_path(problem: FlowShop, table: Timetable, times: Times | None = None) -> list[Operation]:
    """From time 0, or a release, to the end of all.

    Parameters
    ----------
    problem : FlowShop
    table : Timetable
    times : Times, optional
        Those of which the timetable was made; by default the problem's own.

    Returns
    -------
    list of (job, stage)
        The operations in their order. Of jobs that do not wait, those between the stages at which they meet their neighbours are on
        the path too.
    """
    times = times or problem.times
    last = max(range(problem.num_jobs), key=lambda job: table.end[job][-1])
    operation: Operation | None = (last, problem.num_stages - 1)
    path: list[Operation] = []
    tolerance = 1e-9 * max(1.0, float(table.end[last][-1]))
    while operation is not None and operation not in path[-problem.num_stages :]:
        path.append(operation)
        operation = _before(problem, table, times, operation, tolerance)
    return path[::-1]


def _before(problem: FlowShop, table: Timetable, times: Times, operation: Operation, tolerance: float) -> Operation | None:
    """What the operation waits for; None where it begins at its release, after a first setup, or at 0."""
    job, stage = operation
    if problem.no_wait:
        # All of a job moves at once: on the way back to the stage at which it meets the job before.
        tight = [(time, k, other) for k in range(problem.num_stages) for time, other in _machine(table, times, job, k)]
        gaps = [(abs(table.start[job][k] - time), k, other) for time, k, other in tight]
        if not gaps or min(gaps)[0] > tolerance:
            return (job, stage - 1) if stage else None
        _, meeting, other = min(gaps)
        if meeting == stage:
            return other, stage
        return job, stage - 1 if meeting < stage else stage + 1
    waits: list[tuple[Any, Operation]] = [(time, (other, stage)) for time, other in _machine(table, times, job, stage)]
    if stage:
        waits.append((table.end[job][stage - 1], (job, stage - 1)))
    if not waits:
        return None
    time, before = max(waits, key=lambda wait: wait[0])
    if time < table.start[job][stage] - tolerance or table.start[job][stage] <= times.release[job] + (
        tolerance if not stage else -1
    ):
        return None
    other, at = before
    if problem.blocking and other != job and at + 1 < problem.num_stages and table.leave[other][at] > table.end[other][at]:
        return _before(problem, table, times, (other, at + 1), tolerance)  # it left when what held it up there was over
    return before


def _machine(table: Timetable, times: Times, job: int, stage: int) -> Iterator[tuple[Any, int]]:
    """When the machine is ready for the job, and the job that was on it before."""
    other = table.before[job][stage]
    if other is not None:
        yield table.leave[other][stage] + times.before(stage, other, job), other
