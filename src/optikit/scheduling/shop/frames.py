"""Tables of shops: a frame of operations in, a frame of their times out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import EntryError, InvalidProblemError, MissingExtraError
from ...inputs.tables import column_of, columns_of, is_missing, numbers_of
from ...inputs.wording import did_you_mean, shown
from ..clock import SECONDS, Clock
from .check import timetable
from .critical import critical_path
from .doors import Machines
from .parts import time_of

if TYPE_CHECKING:
    from .problem import Shop
    from .solution import Schedule

    AnyShop = TypeVar("AnyShop", bound=Shop)

OF_JOBS = ("release", "due", "deadline", "weight")
"""Columns that say something of the job: the same in all its rows, or given in one of them."""

OF_OPERATIONS = ("earliest", "latest", "omission", "resumable", "family")
"""Columns that say something of the operation: the same in the rows of its alternatives, or given in one of them."""

_DATES = ("release", "due", "deadline", "earliest", "latest")
_NOTHING = {"release": 0.0, "earliest": 0.0, "weight": 1.0, "resumable": False}


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
    machines: Iterable[Any] | None = None,
    setup: Mapping[Any, float] | None = None,
    transport: Mapping[Any, float] | None = None,
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
        Columns of jobs: by default those of these names. Numbers, or dates; gaps are filled from other rows of the job.
    earliest, latest, omission, resumable, family : str, optional
        Columns of operations: by default those of these names.
    machines : iterable, optional
        Names of all machines, in their order; a name in the frame that is not among them is refused.
    setup : mapping of (family, family) to float, optional
        Setup times between families, or between jobs where there is no column of families; pairs that are left out take none.
    transport : mapping of (machine, machine) to float, optional
        Times from machine to machine; pairs that are left out take none.
    clock : Clock, optional
        What numbers are by date and time; by default it begins at the earliest date of the frame, in minutes.
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
    table = _Table(
        frame, job, operation, position, {key: value for key, value in locals().items() if key in OF_JOBS + OF_OPERATIONS}
    )
    rows = table.rows
    fields: dict[str, Any] = {"objective": objective, "name": title, "job_names": tuple(table.jobs)}
    if order is not None:
        fields["order"] = order
    if table.named:
        fields["operation_names"] = tuple(table.names)
    found = Machines(machines)
    places = column_of(frame, machine, "machine")
    for row in rows:
        if is_missing(places[row]):
            raise EntryError(f"{machine} in row {row} is missing: an operation has no machine", (row,))
    fields["machine"] = [found.position(f"row {row}", places[row]) for row in rows]
    if found.names is not None:
        fields["machine_names"] = found.names
    lengths = column_of(frame, duration, "duration")
    clock = table.clock(clock, timed=lengths.dtype.kind == "m")
    if clock is not None:
        fields["clock"] = clock
    fields["duration"] = _lengths(frame, duration, lengths, clock)[rows]
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
    if setup is not None:
        fields["setup"] = _matrix("setup", setup, known)
    if transport is not None:
        fields["transport"] = _matrix("transport", transport, list(found.names or range(max(fields["machine"]) + 1)))
    return cls(job=table.job_of, operation=table.operation_of, **fields)


class _Table:
    """Rows sorted into jobs, operations and alternatives."""

    def __init__(
        self, frame: Any, job: str, operation: str | None, position: str | None, columns: Mapping[str, str | None]
    ) -> None:
        self.frame, present = frame, columns_of(frame)
        names = column_of(frame, job, "job")
        if not len(names):
            raise InvalidProblemError("frame has no rows; a shop has at least one operation")
        operation = "operation" if operation is None and "operation" in present else operation
        self.named = operation is not None
        self.columns = {field: field if column is None and field in present else column for field, column in columns.items()}
        owners = [_name(job, row, name) for row, name in enumerate(names.tolist())]
        labels = list(range(len(owners)))
        if operation is not None:
            labels = [_name(operation, row, name) for row, name in enumerate(column_of(frame, operation, "operation").tolist())]
        self.jobs = list(dict.fromkeys(owners))
        rank = np.zeros(len(owners)) if position is None else numbers_of(frame, position, "position", range(len(owners)))
        at = {name: index for index, name in enumerate(self.jobs)}
        rows = sorted(range(len(owners)), key=lambda row: (at[owners[row]], rank[row], row))
        operations: dict[tuple[Any, Any], list[int]] = {}
        for row in rows:
            operations.setdefault((owners[row], labels[row]), []).append(row)
        self.operations = list(operations.values())
        self.names = [label for _, label in operations]
        self.job_of = [at[owner] for owner, _ in operations]
        self.rows = [row for own in self.operations for row in own]
        self.operation_of = [index for index, own in enumerate(self.operations) for _ in own]

    def clock(self, clock: Clock | None, timed: bool) -> Clock | None:
        """The clock, made of the earliest date where there are dates and none is given."""
        dates = [value for field in _DATES for value in self._values(field) if not is_missing(value) and _is_date(value)]
        if clock is None and dates:
            origin = min(dates, key=lambda date: Clock(date).instant(0).timestamp())
            return Clock(origin)
        if clock is None and timed:
            raise InvalidProblemError("durations are lengths of time, but no date says when 0 is; say clock=Clock(start, unit=...)")
        if clock is not None and not isinstance(clock, Clock):
            raise InvalidProblemError(f"clock is {shown(clock)}; expected a Clock")
        return clock

    def _values(self, field: str) -> list[Any]:
        column = self.columns[field]
        if column is None:
            return []
        column_of(self.frame, column, field)  # says what is wrong with the name
        series = self.frame[column]
        if getattr(getattr(series, "dtype", None), "time_zone", None) is not None:
            return list(series.to_list())  # polars forgets the zone in an array
        return list(
            series.to_numpy() if str(series.dtype).startswith("datetime64[") and "," not in str(series.dtype) else series.to_list()
        )

    def gathered(self, field: str, clock: Clock | None) -> list[Any] | None:
        """One value a job or operation, from the rows that have one; they must agree."""
        if self.columns[field] is None:
            return None
        values = self._values(field)
        groups = self.operations
        if field in OF_JOBS:
            groups = [[] for _ in self.jobs]
            for row, operation in zip(self.rows, self.operation_of, strict=True):
                groups[self.job_of[operation]].append(row)
        read: Callable[[int], Any] = lambda row: self._read(field, row, values[row], clock)  # noqa: E731
        found = []
        for group in groups:
            given = [row for row in group if not is_missing(values[row])]
            told = [read(row) for row in given]
            if any(value != told[0] for value in told):
                row = next(row for row, value in zip(given, told, strict=True) if value != told[0])
                whose = "job" if field in OF_JOBS else "operation"
                raise EntryError(
                    f"{self.columns[field]} in row {row} is {shown(values[row])}, in row {given[0]} of the same {whose} "
                    f"{shown(values[given[0]])}",
                    (row,),
                )
            if not told and field == "family":
                raise EntryError(f"{self.columns[field]} in row {group[0]} is missing; every operation needs one", (group[0],))
            found.append(told[0] if told else _NOTHING.get(field, math.inf))
        return found

    def _read(self, field: str, row: int, value: Any, clock: Clock | None) -> Any:
        column = str(self.columns[field])
        if field == "family":
            return _name(column, row, value)
        if field == "resumable":
            plain = value.item() if isinstance(value, np.generic) else value
            if plain not in (True, False, 0, 1):
                raise EntryError(f"{column} in row {row} is {shown(value)}; expected True or False", (row,))
            return bool(plain)
        if field in _DATES and _is_date(value):
            assert clock is not None
            return clock.number(value)
        return time_of(f"{column} in row {row}", value, unbounded=field in ("due", "deadline", "latest", "omission"))


def _is_date(value: Any) -> bool:
    return hasattr(value, "isoformat") or isinstance(value, np.datetime64 | str)


def _name(column: str, row: int, value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    if is_missing(plain):
        raise EntryError(f"{column} in row {row} is missing; give it a name", (row,))
    if isinstance(plain, bool) or not isinstance(plain, str | int):
        hint = "; convert the column with .astype(int)" if isinstance(plain, float) else ""
        raise EntryError(f"{column} in row {row} is {shown(plain)}; a name is text or a whole number{hint}", (row,))
    return plain


def _lengths(frame: Any, column: str, values: NDArray[Any], clock: Clock | None) -> NDArray[Any]:
    """Durations as numbers: lengths of time in the clock's unit."""
    items = values.tolist() if values.dtype.kind == "O" else []
    if values.dtype.kind == "m" or any(isinstance(item, timedelta) for item in items):
        if clock is None:
            raise InvalidProblemError("durations are lengths of time, but no date says when 0 is; say clock=Clock(start, unit=...)")
        seconds = np.array(values, "timedelta64[us]").astype(np.float64) / 1e6
        missing = np.flatnonzero(np.isnat(np.array(values, "timedelta64[us]")))
        if missing.size:
            raise EntryError(f"{column} in row {missing[0]} is missing; fill it in, or drop the row", (int(missing[0]),))
        return np.asarray(seconds / SECONDS[clock.unit])
    numbers = numbers_of(frame, column, "duration", range(len(values)))
    wrong = np.flatnonzero(numbers < 0)
    if wrong.size:
        raise EntryError(f"{column} in row {wrong[0]} is {numbers[wrong[0]]}; a duration is >= 0", (int(wrong[0]),))
    return numbers


def _matrix(field: str, given: Any, names: list[Any]) -> NDArray[np.float64]:
    """A matrix from pairs of names."""
    if not isinstance(given, Mapping):
        raise InvalidProblemError(f"{field} is {shown(given)}; expected a mapping of pairs of names to times")
    matrix = np.zeros((len(names), len(names)))
    for pair, time in given.items():
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise InvalidProblemError(f"{field} has {shown(pair)}; expected a pair of names")
        for name in pair:
            if name not in names:
                raise InvalidProblemError(f"{field} names {shown(name)}, which is not in the frame{did_you_mean(name, names)}")
        matrix[names.index(pair[0]), names.index(pair[1])] = time_of(f"{field}[{shown(pair)}]", time)
    whole = np.rint(matrix)
    return whole.astype(np.int64) if (whole == matrix).all() else matrix


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
