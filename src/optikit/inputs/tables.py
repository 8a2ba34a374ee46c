"""Frames: their columns of names and numbers, checked at the door.

Frames are taken as they come, pandas or polars: what is used of them is ``frame.columns`` and ``frame[column].to_numpy()``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import EntryError, InvalidProblemError
from .arrays import WHOLE_LIMIT, is_rounded, refuse_times
from .wording import an, convertible, did_you_mean, shown


def columns_of(frame: Any) -> list[Any]:
    """The names of a frame's columns; refused where it is no frame."""
    if type(frame).__name__ == "LazyFrame":
        raise InvalidProblemError("frame is a LazyFrame, which holds no values yet; call frame.collect() first")
    if not hasattr(frame, "columns") or not hasattr(frame, "__getitem__"):
        raise InvalidProblemError(
            f"frame is {an(type(frame))}; expected a pandas or polars frame (arrays have constructors of their own)"
        )
    return list(frame.columns)


def column_of(frame: Any, column: str, field: str) -> NDArray[Any]:
    """A column as an array; where it is missing, the refusal says how to name another one."""
    columns = columns_of(frame)
    if column is None or not isinstance(column, Hashable):
        raise InvalidProblemError(f"{field} is {shown(column)}; expected the name of a column: {listed(columns)}")
    if column not in columns:
        hint = did_you_mean(column, columns)
        if getattr(getattr(frame, "index", None), "name", None) == column:
            hint = "; it is the index: frame.reset_index() makes a column of it"
        raise InvalidProblemError(
            f"there is no column {column!r}{hint}; columns: {listed(columns)}; say {field}=... for another one"
        )
    values = values_of(frame[column])
    if values.ndim != 1:
        raise InvalidProblemError(f"the column {column!r} stands {values.shape[-1]} times; names of columns are unique")
    return values


def values_of(values: Any) -> NDArray[Any]:
    """What a frame or a column holds; as its own items where numpy makes floats of whole numbers and gaps, and rounds some."""
    array = np.asarray(values.to_numpy())
    if array.dtype.kind == "f" and not (np.abs(array.astype(np.float64, copy=False)) < WHOLE_LIMIT).all():
        if hasattr(values, "columns"):
            return np.array([values[column].to_list() for column in values.columns], dtype=object).T
        if hasattr(values, "to_list"):
            return np.array(values.to_list(), dtype=object)
    return array


def names_of(frame: Any, column: str, noun: str = "stop") -> list[Any]:
    """A column of unique names, text or whole numbers."""
    values = column_of(frame, column, "name")
    names = [name_in(column, row, value, f"every {noun} needs a name") for row, value in enumerate(values)]
    seen: dict[Any, int] = {}
    for row, value in enumerate(names):
        if value in seen:
            raise EntryError(f"{column} {value!r} stands in row {seen[value]} and in row {row}; names are unique", (row,))
        seen[value] = row
    return names


def name_in(column: str, row: int, value: Any, needed: str = "give it a name") -> Any:
    """One name of a column: text or a whole number; where it is missing, the refusal says what is ``needed``."""
    plain = value.item() if isinstance(value, np.generic) and value.dtype.kind not in "mM" else value
    if is_missing(plain):
        raise EntryError(f"{column} in row {row} is missing; {needed}", (row,))
    if isinstance(plain, bool) or not isinstance(plain, str | int):
        hint = "; convert the column with .astype(int)" if isinstance(plain, float) else ""
        raise EntryError(f"{column} in row {row} is {shown(plain)}; a name is text or a whole number{hint}", (row,))
    return plain


def row_of(names: Sequence[Any], wanted: Hashable, field: str, column: str) -> int:
    """The row whose name is ``wanted``; ``field`` and ``column`` say in the refusal what is what."""
    plain = wanted.item() if isinstance(wanted, np.generic) else wanted
    for row, value in enumerate(names):
        if value == plain and isinstance(value, str) == isinstance(plain, str) and not isinstance(plain, bool):
            return row
    twin = next((value for value in names if str(value).casefold() == str(plain).casefold()), None)
    hint = f"; did you mean {twin!r}?" if twin is not None else did_you_mean(plain, names)
    some = listed(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    raise InvalidProblemError(f"{field} is {shown(plain)}, which is no {column} of the table{hint}; there are {some}")


def numbers_of(
    frame: Any, column: str, field: str, names: Sequence[Any] | None, may_miss: int | None = None, never: float | None = None
) -> NDArray[Any]:
    """A column as int64 or float64 without gaps; a gap in row ``may_miss`` is 0, and of infinities ``never`` may be there.

    ``names`` are those of the rows; None: they have none.
    """

    def at(row: int) -> str:
        return f"{column} in row {row}" if names is None else f"{column} of {names[row]!r} (row {row})"

    values = column_of(frame, column, field)
    refuse_times(column, values)
    if values.dtype.kind in "iu" and (not values.size or int(values.max()) < 2**63):
        return values.astype(np.int64)
    if values.dtype.kind == "f" and np.isfinite(values).all():
        return values.astype(np.float64)
    plain = values.tolist()
    for row, value in enumerate(plain):
        if is_missing(value):
            if row != may_miss:
                raise EntryError(f"{at(row)} is missing; fill it in, or drop the row", (row,))
            plain[row] = 0
        elif isinstance(value, bool | np.timedelta64) or not isinstance(value, int | float):
            raise EntryError(f"{at(row)} is {shown(value)}; expected a number{convertible(value)}", (row,))
        elif abs(value) == float("inf") and value != never:
            raise EntryError(f"{at(row)} is {value!r}; expected a finite number", (row,))
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise EntryError(f"{at(row)} is {shown(value)}; an int fits in 64 bits: use a larger unit", (row,))
    if all(isinstance(value, int) for value in plain):
        return np.array(plain, dtype=np.int64)
    for row, value in enumerate(plain):
        if is_rounded(value):
            way_out = "beside fractions all are floats, which skip integers above 2^53; use a larger unit"
            raise EntryError(f"{at(row)} is {value}; {way_out}", (row,))
    return np.array(plain, dtype=np.float64)


def is_missing(value: Any) -> bool:
    """None, NaN, NaT or pandas.NA, whose comparisons are neither true nor false."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return True


def listed(columns: Any) -> str:
    return ", ".join(repr(column) for column in columns) or "none"
