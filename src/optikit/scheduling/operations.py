"""Tables of operations: what all shops read in the same way, from frames and from CSV files."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import EntryError, FileFormatError, InvalidProblemError
from ..inputs.csv_tables import CsvFrame, csv_frame
from ..inputs.tables import column_of, is_missing, numbers_of
from ..inputs.wording import comma, did_you_mean, shown
from .clock import Clock, instant_of, length_of, time_of

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
        said = re.sub(r"\brow (\d+)", lambda found: f"line {lines[int(found[1])]}", str(error))
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


def clock_of(clock: Any, start: Any, zone: Any, unit: Any, begins: Sequence[Any] = ()) -> Clock | None:
    """The clock of a table: one that is given, or one that begins at ``start``, else with the first of the dates ``begins``.

    Raises
    ------
    InvalidProblemError
        Where two say what 0 is, or nothing does though a zone or a unit is given.
    """
    said = {"start": start, "zone": zone, "unit": unit}
    one = next((name for name, value in said.items() if value is not None), None)
    if clock is not None and not isinstance(clock, Clock):
        raise InvalidProblemError(f"clock is {shown(clock)}; expected a Clock")
    if clock is not None and one is not None:
        raise InvalidProblemError(f"clock and {one} both say what 0 is; leave one of them out")
    if clock is not None:
        return clock
    if start is None and begins:
        start = min(begins, key=lambda moment: (found := instant_of("a date", moment)).replace(tzinfo=found.tzinfo or UTC))
    if start is not None:
        return Clock(start, zone, "min" if unit is None else unit)
    if one is not None:
        raise InvalidProblemError(
            f"{one} is {shown(said[one])}, but no start says when 0 is; say start=<date and time>, or leave it out"
        )
    return None


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


def matrix_of(
    field: str, given: Any, axes: Sequence[Sequence[Any]], clock: Clock | None, places: Sequence[Any] | None = None
) -> NDArray[Any]:
    """Times by names, one an axis; where keys have a name more, the first is one of the ``places``, a machine or a stage.

    Pairs that are left out take no time; lengths of time count in the clock's unit.
    """
    if not isinstance(given, Mapping):
        example = ("'a'", "('a', 'b')")[len(axes) - 1]
        raise InvalidProblemError(f"{field} is {shown(given)}; expected a mapping of names to times, such as {{{example}: 5}}")
    keys = [pair if isinstance(pair, tuple) else (pair,) for pair in given]
    by_place = places is not None and any(len(key) == len(axes) + 1 for key in keys)
    axes = [places or [], *axes] if by_place else axes
    matrix = np.zeros([len(names) for names in axes])
    at = [{name: index for index, name in enumerate(names)} for names in axes]
    for key, (pair, value) in zip(keys, given.items(), strict=True):
        if len(key) != len(axes):
            kinds = {1: "a name", 2: "a pair of names", 3: "a machine and a pair of names"}
            raise InvalidProblemError(f"{field} has {shown(pair)}; expected {kinds[len(axes)]}, the same for all of its times")
        for name, known in zip(key, at, strict=True):
            if not isinstance(name, Hashable) or name not in known:
                raise InvalidProblemError(
                    f"{field} names {shown(name)}, which is not in the frame{did_you_mean(name, list(known))}"
                )
        called = f"{field}[{shown(pair)}]"
        time = time_of(called, length_of(called, value, clock))
        if time < 0:
            raise InvalidProblemError(f"{called} is {shown(value)}; a {field.replace('_', ' ')} is >= 0")
        matrix[tuple(known[name] for name, known in zip(key, at, strict=True))] = time
    whole = np.rint(matrix)
    return whole.astype(np.int64) if (whole == matrix).all() else matrix
