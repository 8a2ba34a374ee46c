"""Tables of flow shops: one row an operation in, one row an operation out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import EntryError, InvalidProblemError, InvalidSolutionError, MissingExtraError
from ...inputs.arrays import WHOLE_LIMIT, as_numbers
from ...inputs.names import Name
from ...inputs.tables import column_of, columns_of, is_missing, name_in
from ...inputs.wording import shown
from ..clock import SECONDS, Clock, instant_of, is_date
from ..operations import clock_of, lengths_of, matrix_of
from .critical import critical_path
from .solution import JobSequences
from .timetable import NoTimetableError, timetable

if TYPE_CHECKING:
    from .problem import FlowShop

    AnyFlowShop = TypeVar("AnyFlowShop", bound=FlowShop)


def from_frame(
    cls: type[AnyFlowShop],
    frame: Any,
    *,
    job: str = "job",
    machine: str | None = None,
    duration: str = "duration",
    release: str | None = None,
    weight: str | None = None,
    machines: Any = None,
    factories: int = 1,
    permutation: bool = True,
    no_wait: bool = False,
    blocking: bool = False,
    setup: Any = None,
    first_setup: Any = None,
    objective: str = "makespan",
    start: Any = None,
    zone: str | None = None,
    unit: str | None = None,
    clock: Clock | None = None,
    title: str = "",
) -> AnyFlowShop:
    """A problem from a frame with one row an operation.

    Parameters
    ----------
    cls : type
        The class to build.
    frame : pandas.DataFrame or polars.DataFrame
        One row for every job and stage. Jobs and stages are numbered as they first appear; a job's rows may stand in any order, but
        the first job names the stages in theirs.
    job, machine, duration : str
        Columns: the names of the job and of its stage (by default ``machine`` or ``stage``), and how long it is there: numbers in
        the unit of time, or lengths of time (timedelta).
    release, weight : str, optional
        Columns of jobs: by default those of these names, weights where the objective is the total flow time. Releases may be
        dates. Gaps are filled from other rows of the job. Due dates mean nothing to these objectives; a column of deadlines is
        refused, as a flow shop cannot keep them.
    machines : mapping of name to int, or sequence, optional
        Machines of each stage; stages that a mapping does not name have one.
    factories, permutation, no_wait, blocking, objective
        As in `FlowShop`.
    setup : mapping of (job, job) or (stage, job, job) to float or timedelta, or array_like, optional
        Setup times by names, where pairs that are left out take none; or an array as in `FlowShop`, where jobs and stages are
        numbered as they first appear.
    first_setup : mapping of job or (stage, job) to float or timedelta, or array_like, optional
        The same before the first job of a machine.
    start : datetime or str, optional
        The moment that time 0 stands for: tables and charts then tell dates. By default the earliest release, where those are
        dates.
    zone, unit : str, optional
        Time zone and unit of times, as in `Clock`; minutes by default.
    clock : Clock, optional
        All three at once.
    title : str
        Name of the problem.

    Raises
    ------
    InvalidProblemError
        For a column, name or value that is missing or makes no sense, with its row (counted from 0) and name; for a job that lacks
        an operation, or has one twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from optikit.scheduling import FlowShop
    >>> rows = [("a", "saw", 3), ("a", "drill", 2), ("b", "saw", 1), ("b", "drill", 4)]
    >>> shop = FlowShop.from_frame(pd.DataFrame(rows, columns=["job", "machine", "duration"]))
    >>> shop.durations.tolist(), shop.stage_names
    ([[3, 2], [1, 4]], ('saw', 'drill'))
    """
    if machine is None:
        machine = "stage" if "stage" in columns_of(frame) and "machine" not in columns_of(frame) else "machine"
    jobs, stages = _names(frame, job, "job"), _names(frame, machine, "machine")
    job_names, stage_names = list(dict.fromkeys(jobs)), list(dict.fromkeys(stages))
    if not job_names:
        raise InvalidProblemError("frame has no rows; a flow shop has one row for every job and machine")
    present = columns_of(frame)
    release = "release" if release is None and "release" in present else release
    released = [] if release is None else _cells(frame, release, "release")
    begins = [
        instant_of(f"{release} in row {row}", value)
        for row, value in enumerate(released)
        if not is_missing(value) and is_date(value)
    ]
    clock = clock_of(clock, start, zone, unit, begins)
    times = lengths_of(frame, duration, clock, [f"{a!r} on {b!r}" for a, b in zip(jobs, stages, strict=True)])
    job_at = {name: index for index, name in enumerate(job_names)}
    stage_at = {name: index for index, name in enumerate(stage_names)}
    durations = np.zeros((len(job_names), len(stage_names)), times.dtype)
    seen: dict[tuple[int, int], int] = {}
    for row, (a, b) in enumerate(zip(jobs, stages, strict=True)):
        place = job_at[a], stage_at[b]
        if place in seen:
            raise EntryError(f"job {a!r} is on machine {b!r} in row {seen[place]} and in row {row}; once is enough", (row,))
        if times[row] < 0:
            raise EntryError(f"{duration} of job {a!r} on {b!r} (row {row}) is {shown(times[row])}; expected a number >= 0", (row,))
        seen[place] = row
        durations[place] = times[row]
    for name, at in job_at.items():
        missing = [stage for stage, k in stage_at.items() if (at, k) not in seen]
        if missing:
            what = ", ".join(repr(stage) for stage in missing[:5])
            raise InvalidProblemError(
                f"job {name!r} has no operation on {what}: in a flow shop every job visits every machine; add a row, with "
                f"duration 0 where it only passes"
            )
    if "deadline" in present and not all(map(is_missing, column_of(frame, "deadline", "deadline"))):
        raise InvalidProblemError(
            "the frame has a column 'deadline', which a flow shop cannot keep; leave it out, or make a JobShop of the frame"
        )
    weight = "weight" if weight is None and "weight" in present and objective == "total_flow_time" else weight
    return cls(
        durations=durations,
        machines=_machines(machines, stage_names),
        factories=factories,
        permutation=permutation,
        no_wait=no_wait,
        blocking=blocking,
        setup=_setups("setup", setup, [job_names, job_names], clock, stage_names),
        first_setup=_setups("first_setup", first_setup, [job_names], clock, stage_names),
        release=None if release is None else _per_job(frame, release, "release", jobs, clock if begins else None, 0),
        weight=None if weight is None else _per_job(frame, weight, "weight", jobs, None, 1),
        objective=objective,
        job_names=job_names,
        stage_names=stage_names,
        clock=clock,
        name=title,
    )


def _names(frame: Any, column: str, field: str) -> list[Name]:
    """A column of names, each of which may stand in many rows."""
    needed = "every operation has a job and a machine"
    return [name_in(column, row, name, needed) for row, name in enumerate(column_of(frame, column, field))]


def _machines(given: Any, stages: list[Name]) -> Any:
    if not hasattr(given, "items"):
        return given
    unknown = [name for name in given if name not in stages]
    if unknown:
        raise InvalidProblemError(
            f"machines names {shown(unknown[0])}, which is no machine of the frame: {', '.join(map(repr, stages))}"
        )
    return [given.get(name, 1) for name in stages]


def _setups(field: str, given: Any, axes: list[list[Name]], clock: Clock | None, stages: list[Name]) -> Any:
    """Setup times by names as an array with a layer for each stage; an array as it is."""
    if not isinstance(given, Mapping):
        return given
    times = matrix_of(field, given, axes, clock, stages)
    return times if times.ndim > len(axes) else np.broadcast_to(times, (len(stages), *times.shape))


def _cells(frame: Any, column: str, field: str) -> list[Any]:
    """A column's own items: arrays forget the time zones of dates."""
    values = column_of(frame, column, field)
    return list(frame[column].to_list() if hasattr(frame[column], "to_list") else values)


def _per_job(frame: Any, column: str, field: str, jobs: list[Name], clock: Clock | None, nothing: int) -> NDArray[Any]:
    """A column that says the same in all rows of a job, or says it in one of them; ``clock``: they are dates."""
    cells = _cells(frame, column, field)
    given = [row for row, cell in enumerate(cells) if not is_missing(cell)]
    first: dict[Name, int] = {}
    told: dict[Name, Any] = dict.fromkeys(jobs, nothing)
    for row in given:
        name, where = jobs[row], f"{column} of job {jobs[row]!r} (row {row})"
        if clock is None:
            value = cells[row].item() if isinstance(cells[row], np.generic) else cells[row]
            if isinstance(value, bool) or not isinstance(value, int | float) or math.isinf(value):
                raise EntryError(f"{where} is {shown(value)}; expected a finite number", (row,))
            if value < 0:
                raise EntryError(f"{where} is {shown(value)}; expected a number >= 0", (row,))
            value = int(value) if abs(value) < WHOLE_LIMIT and value == int(value) else value  # gaps make floats of whole numbers
        elif not is_date(cells[row]):
            raise EntryError(f"{where} is {shown(cells[row])}, others are dates; a column holds dates, or numbers", (row,))
        else:
            value = clock.number(cells[row], where)
            value = int(value) if value == int(value) else value
            if value < 0:
                raise EntryError(f"{where} is {shown(str(cells[row]))}, before the clock begins at {clock.origin}", (row,))
        other = first.setdefault(name, row)
        if other != row and told[name] != value:
            raise EntryError(
                f"{column} of job {name!r} is {shown(cells[other])} in row {other} and {shown(cells[row])} in row {row}; a job "
                f"has one",
                (row,),
            )
        told[name] = value
    return as_numbers(column, list(told.values()))


def to_frame(problem: FlowShop, solution: JobSequences) -> Any:
    """A schedule as a pandas frame with one row an operation, by start.

    Returns
    -------
    pandas.DataFrame
        ``job`` and ``machine`` (names, or positions), ``factory`` and ``number`` (of the machine among those of its stage) where
        there are several, ``start`` and ``end``, and ``leave`` where jobs block machines, ``duration``, and ``critical`` (whether
        it is on the critical path). Where the problem has a clock, times are dates, and durations timedeltas.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    InvalidSolutionError
        For orders that have no timetable, in the words of the checker.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError('to_frame needs pandas; pip install "optikit[frames]"') from None
    table = table_of(problem, solution)
    rows = [(job, stage) for job in range(problem.num_jobs) for stage in range(problem.num_stages)]
    rows.sort(key=lambda place: (table.start[place[0]][place[1]], place[1], table.end[place[0]][place[1]]))

    def told(times: list[list[Any]]) -> list[Any]:
        numbers = [times[job][stage] for job, stage in rows]
        return numbers if problem.clock is None else [problem.clock.instant(number) for number in numbers]

    columns: dict[str, Any] = {
        "job": [job if problem.job_names is None else problem.job_names[job] for job, _ in rows],
        "machine": [stage if problem.stage_names is None else problem.stage_names[stage] for _, stage in rows],
    }
    if problem.is_hybrid:
        columns["number"] = [table.machine[job][stage] for job, stage in rows]
    if problem.factories > 1:
        columns["factory"] = [table.factory[job] for job, _ in rows]
    columns["start"], columns["end"] = told(table.start), told(table.end)
    if problem.blocking:
        columns["leave"] = told(table.leave)
    columns["duration"] = lengths = [problem.times.duration[job][stage] for job, stage in rows]
    if problem.clock is not None:
        unit = SECONDS[problem.clock.unit]
        columns["duration"] = [timedelta(seconds=float(length) * unit) for length in lengths]
    on_path = set(critical_path(problem, table))
    columns["critical"] = [place in on_path for place in rows]
    return pd.DataFrame(columns)


def table_of(problem: FlowShop, solution: JobSequences) -> Any:
    """The timetable of a solution in the user's unit, or the checker's words why there is none."""
    report = problem.check(solution)
    try:
        if report:
            return timetable(problem, solution)
    except NoTimetableError:
        pass
    raise InvalidSolutionError(f"the solution has no timetable: {report}")
