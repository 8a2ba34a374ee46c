"""A table of operations: its rows sorted into jobs, operations and alternatives, its columns read or refused by row."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import EntryError, InvalidProblemError
from ...inputs.tables import column_of, columns_of, is_missing, name_in, numbers_of
from ...inputs.wording import did_you_mean, shown
from ..clock import Clock, instant_of, is_date, length_of, time_of
from ..operations import clock_of
from .parts import DATES, Precedence, listed, moment_of

if TYPE_CHECKING:
    from .problem import Shop

OF_JOBS = ("release", "due", "deadline", "weight", "no_wait", "blocking")
"""Columns that say something of the job: the same in all its rows, or given in one of them."""

OF_OPERATIONS = ("earliest", "latest", "omission", "resumable", "family")
"""Columns that say something of the operation: the same in the rows of its alternatives, or given in one of them."""

_FLAGS = ("no_wait", "blocking", "resumable")
_NOTHING = {"release": 0.0, "earliest": 0.0, "weight": 1.0, **dict.fromkeys(_FLAGS, False)}


class Table:
    """Rows sorted into jobs, operations and alternatives."""

    def __init__(
        self,
        frame: Any,
        job: str,
        operation: str | None,
        position: str | None,
        columns: Mapping[str, str | None],
        given: Collection[str] = (),
    ) -> None:
        """``columns`` by field; None: that of the field's name, where there is one and the field is not ``given`` otherwise."""
        self.frame, present = frame, columns_of(frame)
        names = column_of(frame, job, "job")
        if not len(names):
            raise InvalidProblemError("frame has no rows; a shop has at least one operation")
        operation = "operation" if operation is None and "operation" in present else operation
        self.named = operation is not None
        found = [field for field, column in columns.items() if column is None and field in present and field not in given]
        self.columns = {field: field if field in found else column for field, column in columns.items()}
        owners = [name_in(job, row, name) for row, name in enumerate(names.tolist())]
        labels = list(range(len(owners)))
        if operation is not None:
            labels = [name_in(operation, row, name) for row, name in enumerate(column_of(frame, operation, "operation").tolist())]
        self.jobs = list(dict.fromkeys(owners))
        rank = np.zeros(len(owners)) if position is None else numbers_of(frame, position, "position", None)
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

    def clock(self, clock: Clock | None, start: Any, zone: Any, unit: Any) -> Clock | None:
        """The clock, made of the earliest release where those are dates and no other start is given."""
        dates = []
        for field in DATES:
            given = [(row, value) for row, value in enumerate(self._values(field)) if not is_missing(value)]
            dated = [(row, value) for row, value in given if is_date(value)]
            number = next(((row, value) for row, value in given if not is_date(value)), None)
            if dated and number is not None:
                raise EntryError(
                    f"{self.columns[field]} in row {number[0]} is {shown(number[1])}, in row {dated[0][0]} "
                    f"{shown(str(dated[0][1]))}; a column holds dates, or numbers",
                    (number[0],),
                )
            for row, value in dated:
                with in_row(row):
                    instant_of(f"{self.columns[field]} in row {row}", value)
            dates += [(field, value) for _, value in dated]
        begins = [value for field, value in dates if field in ("release", "earliest")]
        if clock is None and start is None and dates and not begins:
            raise InvalidProblemError(
                f"{self.columns[dates[0][0]]} holds dates, but nothing says when work may begin: say start=<date and time> (and "
                f"zone=..., unit=...), or give releases"
            )
        return clock_of(clock, start, zone, unit, begins)

    def _values(self, field: str) -> list[Any]:
        column = self.columns[field]
        if column is None:
            return []
        column_of(self.frame, column, field)  # says what is wrong with the name
        series = self.frame[column]
        kind = str(getattr(series, "dtype", ""))
        # Frames give dates without a zone as they are, those with one as such only in lists.
        return list(series.to_numpy() if kind.startswith("datetime64[") and "," not in kind else series.to_list())

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
        found = []
        for group in groups:
            given = [row for row in group if not is_missing(values[row])]
            told = []
            for row in given:
                with in_row(row):
                    told.append(self._read(field, row, values[row], clock))
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
            return name_in(column, row, value)
        if field in _FLAGS:
            plain = value.item() if isinstance(value, np.generic) else value
            if plain not in (True, False, 0, 1):
                raise EntryError(f"{column} in row {row} is {shown(value)}; expected True or False", (row,))
            return bool(plain)
        if field in DATES and is_date(value):
            return moment_of(field, f"{column} in row {row}", value, clock)
        number = time_of(f"{column} in row {row}", value, unbounded=field in ("due", "deadline", "latest", "omission"))
        if number < 0 and field != "due":
            raise InvalidProblemError(f"{column} in row {row} is {shown(value)}; expected a number >= 0")
        return number


@contextlib.contextmanager
def in_row(row: int) -> Iterator[None]:
    """Refusals bear the row, which readers of files count in lines."""
    try:
        yield
    except InvalidProblemError as error:
        raise EntryError(str(error), (row,)) from None


def rules_of(shop: Shop, given: Any) -> list[Precedence]:
    """Precedences between operations that are given by their names: in rows of a frame, in mappings, or in tuples."""
    if given is None:
        return []
    rows = _rows_of(given) if hasattr(given, "columns") else listed("precedences", given, "a sequence or a frame")
    rules = []
    for index, row in enumerate(rows):
        where = f"precedences[{index}]"
        if isinstance(row, Precedence):
            rules.append(row)
            continue
        if isinstance(row, tuple | list) and 2 <= len(row) <= len(_PLACES):
            row = dict(zip(_PLACES, row, strict=False))
        if not isinstance(row, Mapping):
            raise InvalidProblemError(
                f"{where} is {shown(row)}; expected (before, after), with lags where needed, or a mapping of these names"
            )
        parts = {key: value for key, value in row.items() if key in ("before", "after") or not is_missing(value)}
        unknown = [key for key in parts if key not in (*_PLACES, "kind")]
        if unknown or "before" not in parts or "after" not in parts:
            wrong = f"has {shown(unknown[0])}" if unknown else "lacks before or after"
            raise InvalidProblemError(f"{where} {wrong}; expected before, after and, where needed, kind, min_lag, max_lag")
        for end in ("before", "after"):
            name = parts[end]
            if not isinstance(name, tuple | list) or len(name) != 2:
                raise InvalidProblemError(f"{end} of {where} is {shown(name)}; expected (job, operation)")
            parts[end] = shop.find_operation(*name)
        for lag in ("min_lag", "max_lag"):
            if lag in parts:
                parts[lag] = length_of(f"{lag} of {where}", parts[lag], shop.clock)
        rules.append(Precedence(**parts))
    return rules


_PLACES = ("before", "after", "min_lag", "max_lag")


def _rows_of(frame: Any) -> list[dict[str, Any]]:
    """Rows of a frame of precedences as mappings."""
    present = columns_of(frame)
    one_job = "job" in present and "before_job" not in present
    names = {end: ("job" if one_job else f"{end}_job", end) for end in ("before", "after")}
    known = [*dict.fromkeys(column for pair in names.values() for column in pair), "kind", "min_lag", "max_lag"]
    unknown = [column for column in present if column not in known]
    if unknown:
        raise InvalidProblemError(
            f"the frame of precedences has a column {shown(unknown[0])}{did_you_mean(unknown[0], known)}; expected "
            f"{', '.join(known)}"
        )
    columns = {column: (column_of(frame, column, "precedences"), frame[column].to_list())[1] for column in present}
    for column in (column for pair in names.values() for column in pair):
        if column not in columns:
            raise InvalidProblemError(f"the frame of precedences has no column {column!r}; expected {', '.join(known)}")
    kinds = [column for column in ("kind", "min_lag", "max_lag") if column in columns]
    return [
        {end: (columns[job][row], columns[operation][row]) for end, (job, operation) in names.items()}
        | {column: columns[column][row] for column in kinds}
        for row in range(len(columns["before"]))
    ]
