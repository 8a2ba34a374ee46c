"""Tables of shops: a frame of operations in, a frame of their times out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import EntryError, InvalidProblemError, MissingExtraError
from ...inputs.tables import column_of, is_missing
from ..clock import SECONDS, Clock
from ..operations import lengths_of, matrix_of
from .check import timetable
from .critical import critical_path
from .doors import Machines
from .fields import MOST_TIME
from .table import OF_JOBS, OF_OPERATIONS, Table, in_row, rules_of

if TYPE_CHECKING:
    from .problem import Shop
    from .solution import Schedule

    AnyShop = TypeVar("AnyShop", bound=Shop)


def from_frame(
    cls: type[AnyShop],
    frame: Any,
    *,
    job: str = "job",
    machine: str = "machine",
    duration: str = "duration",
    operation: str | None = None,
    position: str | None = None,
    release: str | None = None,
    due: str | None = None,
    deadline: str | None = None,
    weight: str | None = None,
    earliest: str | None = None,
    latest: str | None = None,
    omission: str | None = None,
    resumable: str | None = None,
    family: str | None = None,
    no_wait: str | bool | None = None,
    blocking: str | bool | None = None,
    machines: Iterable[Any] | None = None,
    setup: Mapping[Any, Any] | None = None,
    first_setup: Mapping[Any, Any] | None = None,
    transport: Mapping[Any, Any] | None = None,
    precedences: Any = (),
    calendars: Any = None,
    start: Any = None,
    zone: str | None = None,
    unit: str | None = None,
    clock: Clock | None = None,
    order: Any = None,
    objective: Any = "makespan",
    title: str = "",
) -> AnyShop:
    """A shop from a frame with one row an operation; several rows with one job and operation are its alternatives.

    Parameters
    ----------
    cls : type
        The class to build.
    frame : pandas.DataFrame or polars.DataFrame
        Rows of a job in the order of its operations, or with a ``position``; rows of different jobs may be mixed.
    job, machine, duration : str
        Columns with the names of jobs and machines, and the durations: numbers in the unit of time, or lengths of time
        (timedelta).
    operation : str, optional
        Column with names of operations; by default ``operation``, where there is such a column, else each row is one.
    position : str, optional
        Column with numbers by which the operations of a job are sorted; by default they are as the rows are.
    release, due, deadline, weight : str, optional
        Columns of jobs: by default those of these names. Numbers, or dates; gaps are filled from other rows of the job. A release
        before the clock begins has been; a deadline before it is refused.
    earliest, latest, omission, resumable, family : str, optional
        Columns of operations: by default those of these names.
    no_wait, blocking : str or bool, optional
        Columns of jobs, with True or False: by default those of these names. Or one bool for all jobs.
    machines : iterable, optional
        Names of all machines, in their order; a name in the frame that is not among them is refused.
    setup : mapping of (family, family) or (machine, family, family) to float or timedelta, optional
        Setup times between families, or between jobs where there is no column of families; pairs that are left out take none.
    first_setup : mapping of family or (machine, family) to float or timedelta, optional
        The same before the first operation of a machine.
    transport : mapping of (machine, machine) to float or timedelta, optional
        Times from machine to machine; pairs that are left out take none.
    precedences : sequence or frame, optional
        Rules between operations by their names: ``(before, after)``, ``(before, after, min_lag)`` or ``(before, after, min_lag,
        max_lag)``, where each operation is ``(job, operation)``; or mappings with the keys ``before``, ``after``, ``kind``,
        ``min_lag`` and ``max_lag`` of `Precedence`; or a frame with the columns ``before_job``, ``before``, ``after_job``,
        ``after`` (or ``job``, where both are of one) and, as far as needed, ``kind``, ``min_lag``, ``max_lag``. Lags are numbers,
        or lengths of time. Where there is no column of operations they are called by their places in their jobs, from 0.
    calendars : Calendar or mapping of machine to Calendar, optional
        Working time, as in `Shop`.
    start : datetime or str, optional
        The moment that time 0 stands for; by default the earliest release, where those are dates.
    zone, unit : str, optional
        Time zone and unit of times, as in `Clock`; minutes by default.
    clock : Clock, optional
        All three at once.
    order : str, optional
        As in `Shop`.
    objective : str or mapping
        As in `Shop`.
    title : str
        Name of the problem.

    Raises
    ------
    InvalidProblemError
        For a column, name or value that is missing or makes no sense, with its row (counted from 0).

    Examples
    --------
    >>> import pandas as pd
    >>> from optikit.scheduling import FlexibleJobShop
    >>> rows = [("chair", "cut", "saw", 3), ("chair", "cut", "laser", 2), ("chair", "paint", "booth", 4), ("bed", "cut", "saw", 5)]
    >>> shop = FlexibleJobShop.from_frame(pd.DataFrame(rows, columns=["job", "operation", "machine", "duration"]))
    >>> shop.num_operations, shop.num_modes, shop.machine_names
    (3, 4, ('saw', 'laser', 'booth'))
    """
    columns = {key: value for key, value in locals().items() if key in OF_JOBS + OF_OPERATIONS}
    all_jobs = {field: columns.pop(field) for field in ("no_wait", "blocking") if isinstance(columns[field], bool | np.bool_)}
    table = Table(frame, job, operation, position, {**columns, **dict.fromkeys(all_jobs)}, given=tuple(all_jobs))
    rows = table.rows
    fields: dict[str, Any] = {"objective": objective, "name": title, "job_names": tuple(table.jobs), **all_jobs}
    if calendars is not None:
        fields["calendars"] = calendars
    if order is not None:
        fields["order"] = order
    if table.named:
        fields["operation_names"] = tuple(table.names)
    found = Machines(machines)
    places = column_of(frame, machine, "machine")
    for row in rows:
        if is_missing(places[row]):
            raise EntryError(f"{machine} in row {row} is missing: an operation has no machine", (row,))
    fields["machine"] = []
    for row in rows:
        with in_row(row):
            fields["machine"].append(found.position(f"row {row}", places[row]))
    if found.names is not None:
        fields["machine_names"] = found.names
    clock = table.clock(clock, start, zone, unit)
    if clock is not None:
        fields["clock"] = clock
    durations = lengths_of(frame, duration, clock)
    for row in np.flatnonzero((durations < 0) | (durations > MOST_TIME)).tolist():
        way_out = "a duration is >= 0" if durations[row] < 0 else "use a larger unit"
        raise EntryError(f"{duration} in row {row} is {durations[row]}; {way_out}", (row,))
    fields["duration"] = durations[rows]
    for field in OF_JOBS + OF_OPERATIONS:
        values = table.gathered(field, clock)
        if values is not None:
            fields[field] = values
    families = fields.pop("family", None)
    if families is not None:
        known = list(dict.fromkeys(families))
        fields["family"] = [known.index(name) for name in families]
    else:
        known = list(table.jobs)
    where = list(found.names or range(max(fields["machine"]) + 1))
    if setup is not None:
        fields["setup"] = matrix_of("setup", setup, [known, known], clock, where)
    if first_setup is not None:
        fields["first_setup"] = matrix_of("first_setup", first_setup, [known], clock, where)
    if transport is not None:
        fields["transport"] = matrix_of("transport", transport, [where, where], clock)
    try:
        shop = cls(job=table.job_of, operation=table.operation_of, **fields)
    except EntryError as error:  # its index is no row of the frame
        raise InvalidProblemError(str(error)) from None
    rules = rules_of(shop, precedences)
    return dataclasses.replace(shop, precedences=rules) if rules else shop


def to_frame(shop: Shop, schedule: Schedule) -> Any:
    """A schedule as a pandas frame with one row an operation, job by job.

    Returns
    -------
    pandas.DataFrame
        ``job``, ``operation`` and ``machine`` (names, where there are such, else positions; no machine for what is left out),
        ``start``, ``end`` and ``duration`` (the last without breaks), ``late`` (how much after the due date of its job it ends),
        ``critical`` (whether it is on the critical path). Where the problem has a clock, times are dates in its zone, and lengths
        of time timedeltas.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError('to_frame needs pandas; pip install "optikit[frames]"') from None
    table = timetable(shop, schedule)
    place = np.arange(shop.num_operations) - shop.job_ptr[shop.job]
    absent = ~table.present
    start, end = (np.where(absent, math.nan, times) for times in (table.start, table.end))
    length = np.where(absent, math.nan, shop.duration[np.maximum(table.mode, 0)].astype(np.float64))
    due = shop.due[shop.job]
    late = np.where(due < math.inf, np.maximum(end - np.where(due < math.inf, due, 0.0), 0.0), math.nan)
    on_path = np.zeros(shop.num_operations, bool)
    on_path[list(critical_path(shop, schedule).operations)] = True

    def named(names: Any, positions: NDArray[Any]) -> Any:
        if names is None:
            return (
                pd.array(np.where(positions < 0, 0, positions), dtype="Int64")
                if (positions >= 0).all()
                else pd.array([None if position < 0 else position for position in positions.tolist()], dtype="Int64")
            )
        return [None if position < 0 else names[position] for position in positions.tolist()]

    columns: dict[str, Any] = {
        "job": named(shop.job_names, shop.job),
        "operation": place if shop.operation_names is None else list(shop.operation_names),
        "machine": named(shop.machine_names, table.machine),
        "start": start,
        "end": end,
        "duration": length,
        "late": late,
        "critical": on_path,
    }
    if shop.clock is not None:
        unit = SECONDS[shop.clock.unit]
        origin = pd.Timestamp(shop.clock.instant(0))
        for column in ("duration", "late", "start", "end"):
            passed = pd.to_timedelta(np.rint(columns[column] * unit * 1e6) / 1e6, unit="s")
            columns[column] = passed if column in ("duration", "late") else _dates(pd, origin, passed)
    return pd.DataFrame(columns)


def _dates(pd: Any, origin: Any, passed: Any) -> Any:
    """Dates so long after another, counted as time that passes."""
    if origin.tzinfo is None:
        return origin + passed
    return (origin.tz_convert("UTC") + passed).tz_convert(origin.tzinfo)
