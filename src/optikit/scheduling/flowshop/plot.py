"""Gantt charts of flow shops."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...errors import UnsupportedError
from ...inputs.arguments import typed
from ...inputs.wording import amount, shown
from ...pictures import headed
from ..gantt import Bar, draw_gantt
from .critical import critical_path
from .frames import table_of

if TYPE_CHECKING:
    from .problem import FlowShop
    from .solution import JobSequences

BY = ("machine", "job")


def plot_gantt(
    problem: FlowShop,
    solution: JobSequences,
    path: str | os.PathLike[str] | None = None,
    *,
    by: str = "machine",
    critical: bool = True,
    title: str | None = None,
    figsize: Sequence[float] | None = None,
    dpi: int = 150,
) -> Any:
    """Draw a schedule as a Gantt chart.

    Parameters
    ----------
    problem : FlowShop
    solution : JobSequences
        With a timetable.
    path : path, optional
        Where to save the picture; the ending names the format (png, svg, pdf, ...).
    by : {"machine", "job"}
        What a row is.
    critical : bool
        Whether the critical path is marked.
    title : str, optional
        By default the problem's name and the objective.
    figsize : sequence of float, optional
        Width and height in inches.
    dpi : int
        Dots an inch.

    Returns
    -------
    matplotlib.figure.Figure
        With dates on the axis where the problem has a clock.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    UnsupportedError
        For an option that is not of its type.
    InvalidSolutionError
        For orders that have no timetable.
    """
    if not isinstance(by, str) or by not in BY:
        raise UnsupportedError(f"by is {shown(by)}; expected 'machine' or 'job'")
    critical = typed("critical", critical, "bool")
    table = table_of(problem, solution)
    on_path = critical_path(problem, table) if critical else []
    n, m = problem.num_jobs, problem.num_stages
    job_names = [str(job if problem.job_names is None else problem.job_names[job]) for job in range(n)]
    machine_names = [_machine_name(problem, f, k) for f in range(problem.factories) for k in range(problem.num_machines)]

    def machine_of(job: int, stage: int) -> int:
        return int(table.factory[job] * problem.num_machines + problem.first_machine[stage] + table.machine[job][stage])

    def row_of(job: int, stage: int) -> int:
        return machine_of(job, stage) if by == "machine" else job

    bars, marked = [], set(on_path)
    for job in range(n):
        for stage in range(m):
            row, start, end = row_of(job, stage), table.start[job][stage], table.end[job][stage]
            group, text = (
                (job, job_names[job]) if by == "machine" else (machine_of(job, stage), machine_names[machine_of(job, stage)])
            )
            bars.append(Bar(row, start, end, group, text, (job, stage) in marked))
            if table.leave[job][stage] > end:
                bars.append(Bar(row, end, table.leave[job][stage], group, kind="held"))
            setup = problem.times.before(stage, table.before[job][stage], job)
            if setup and by == "machine":
                bars.append(Bar(row, start - setup, start, kind="setup"))
    value = problem.evaluate(solution)
    what = f"{problem.objective.replace('_', ' ')} {amount(value)}"
    return draw_gantt(
        machine_names if by == "machine" else job_names,
        bars,
        chain=[(row_of(*place), table.start[place[0]][place[1]], table.end[place[0]][place[1]]) for place in on_path],
        clock=problem.clock,
        title=title,
        default_title=headed(problem.name, what),
        groups=job_names if by == "machine" else machine_names,
        path=path,
        figsize=figsize,
        dpi=dpi,
    )


def _machine_name(problem: FlowShop, factory: int, machine: int) -> str:
    stage, number = problem.machine_place[machine]
    name = str(stage if problem.stage_names is None else problem.stage_names[stage])
    if problem.first_machine[stage + 1] - problem.first_machine[stage] > 1:
        name = f"{name}/{number}"
    return f"{factory}: {name}" if problem.factories > 1 else name
