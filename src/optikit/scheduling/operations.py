"""Tables of operations: what all shops read in the same way, from frames and from CSV files."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import EntryError, FileFormatError, InvalidProblemError
from ..inputs.csv_tables import CsvFrame, csv_frame
from ..inputs.tables import column_of, is_missing, numbers_of
from ..inputs.wording import comma, shown
from .clock import Clock, length_of

NUMBERS = ("duration", "position", "weight", "omission")
TRUTH = ("no_wait", "blocking", "resumable")
DATED = ("release", "due", "deadline", "earliest", "latest")
NAMES = ("job", "machine", "operation", "family")

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")

Made = TypeVar("Made")


def read_operations(path: str | os.PathLike[str], columns: Mapping[str, Any], make: Callable[[CsvFrame], Made]) -> Made:
    """What ``make`` makes of a table of operations.

    Parameters
    ----------
    path : path
        Values apart by commas, semicolons or tabs, in UTF-8; the first line names the columns.
    columns : mapping of str to str
        Which column has which role (`NUMBERS`, `TRUTH`, `DATED`, `NAMES`); by default that of its name.
    make : callable
        From a frame, whose rows an `EntryError` counts.

    Raises
    ------
    FileFormatError
        With the line.
    """
    text, lines = csv_frame(path, "operation")
    roles = {column: role for role in (*NUMBERS, *TRUTH, *DATED, *NAMES) if (column := columns.get(role) or role) in text}
    try:
        frame = CsvFrame((column, _cells(column, roles.get(column, ""), list(words))) for column, words in text.items())
        return make(frame)
    except EntryError as error:
        said = re.sub(r"\bin row (\d+)", lambda found: f"in line {lines[int(found[1])]}", str(error))
        raise FileFormatError(os.fspath(path), said, lines[error.index[0]] if error.index else None) from None
    except InvalidProblemError as error:
        raise FileFormatError(os.fspath(path), str(error)) from None


def _cells(column: str, role: str, words: list[str]) -> list[Any]:
    """Cells of a column; None for those that are empty."""
    if role in DATED and not all(_is_number(word) for word in words if word):
        return [word or None for word in words]
    if role in NUMBERS or role in DATED:
        return [_number(column, row, word) for row, word in enumerate(words)]
    if role in TRUTH:
        return [_truth(column, row, word) for row, word in enumerate(words)]
    return [word or None for word in words]


def _is_number(word: str) -> bool:
    try:
        return "_" not in word and not math.isnan(float(word))
    except ValueError:
        return False


def _number(column: str, row: int, word: str) -> int | float | None:
    if not word:
        return None
    if not _is_number(word):
        raise EntryError(f"{column} is {shown(word)}; expected a number{comma(word)}", (row,))
    return int(word) if word.lstrip("+-").isdecimal() else float(word)


def _truth(column: str, row: int, word: str) -> bool | None:
    if word and word.casefold() not in (*_TRUE, *_FALSE):
        raise EntryError(f"{column} is {shown(word)}; expected true or false", (row,))
    return word.casefold() in _TRUE if word else None


def clock_of(start: Any, zone: Any, unit: Any) -> Clock | None:
    """The clock of a file's options."""
    if start is None and zone is not None:
        raise InvalidProblemError(f"zone is {shown(zone)}, but no start says when 0 is; say start=<date and time>")
    return None if start is None else Clock(start, zone, "min" if unit is None else unit)


def lengths_of(frame: Any, column: str, clock: Clock | None, names: Sequence[Any] | None = None) -> NDArray[Any]:
    """A column of durations as numbers: lengths of time count in the clock's unit."""
    values = column_of(frame, column, "duration")
    items = (values.astype("timedelta64[us]") if values.dtype.kind == "m" else values).tolist()
    if not any(isinstance(item, timedelta) for item in items):
        return numbers_of(frame, column, "duration", names)
    for row, item in enumerate(items):
        if is_missing(item):
            raise EntryError(f"{column} in row {row} is missing; fill it in, or drop the row", (row,))
        if not isinstance(item, timedelta):
            expected = "others are lengths of time; a column holds these, or numbers"
            raise EntryError(f"{column} in row {row} is {shown(item)}, {expected}", (row,))
    return np.array([length_of(f"{column} in row {row}", item, clock) for row, item in enumerate(items)])
