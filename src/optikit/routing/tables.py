"""Frames with one row a place: their columns of names, numbers and coordinates, and matrices labelled by names.

Frames are taken as they come, pandas or polars: what is used of them is ``frame.columns`` and ``frame[column].to_numpy()``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import EntryError, InvalidProblemError
from ..inputs.arrays import WHOLE_LIMIT, as_numbers, is_rounded, refuse_times
from ..inputs.wording import did_you_mean, shown
from .metrics import Planar, Space, Sphere

_SYNONYMS = {
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "long", "longitude"),
    "x": ("x",),
    "y": ("y",),
}
"""Columns that are taken for coordinates, in any case, where none are named."""

DEFAULT_UNIT = "km"
"""Of great-circle distances."""

COORDINATES = frozenset(synonym for synonyms in _SYNONYMS.values() for synonym in synonyms)


def columns_of(frame: Any) -> list[Any]:
    """The names of a frame's columns; refused where it is no frame."""
    if type(frame).__name__ == "LazyFrame":
        raise InvalidProblemError("frame is a LazyFrame, which holds no values yet; call frame.collect() first")
    if not hasattr(frame, "columns") or not hasattr(frame, "__getitem__"):
        raise InvalidProblemError(
            f"frame is a {type(frame).__name__}; expected a pandas or polars frame with one row a place, "
            f"or use from_coordinates or from_matrix"
        )
    return list(frame.columns)


def column_of(frame: Any, column: str, field: str) -> NDArray[Any]:
    """A column as an array; where it is missing, the refusal says how to name another one."""
    columns = columns_of(frame)
    if column is None or not isinstance(column, Hashable):
        raise InvalidProblemError(f"{field} is {shown(column)}; expected the name of a column: {_listed(columns)}")
    if column not in columns:
        hint = did_you_mean(column, columns)
        if getattr(getattr(frame, "index", None), "name", None) == column:
            hint = "; it is the index: frame.reset_index() makes a column of it"
        raise InvalidProblemError(
            f"there is no column {column!r}{hint}. Columns: {_listed(columns)}; say {field}=... for another one"
        )
    values = _exact(frame[column])
    if values.ndim != 1:
        raise InvalidProblemError(f"the column {column!r} stands {values.shape[-1]} times; names of columns are unique")
    return values


def _exact(values: Any) -> NDArray[Any]:
    """What a frame or a column holds; as its own items where numpy makes floats of whole numbers and gaps, and rounds some."""
    array = np.asarray(values.to_numpy())
    if array.dtype.kind == "f" and not (np.abs(array) < WHOLE_LIMIT).all():
        if hasattr(values, "columns"):
            return np.array([values[column].to_list() for column in values.columns], dtype=object).T
        if hasattr(values, "to_list"):
            return np.array(values.to_list(), dtype=object)
    return array


def names_of(frame: Any, column: str, noun: str = "stop") -> list[Any]:
    """A column of unique names, text or whole numbers."""
    names = [value.item() if isinstance(value, np.generic) else value for value in column_of(frame, column, "name")]
    seen: dict[Any, int] = {}
    for row, value in enumerate(names):
        if _is_missing(value):
            raise EntryError(f"{column} in row {row} is missing; every {noun} needs a name", (row,))
        if isinstance(value, bool) or not isinstance(value, str | int):
            hint = "; convert the column with .astype(int)" if isinstance(value, float) else ""
            raise EntryError(f"{column} in row {row} is {shown(value)}; a name is text or a whole number{hint}", (row,))
        if value in seen:
            raise EntryError(f"{column} {value!r} stands in row {seen[value]} and in row {row}; names are unique", (row,))
        seen[value] = row
    return names


def row_of(names: Sequence[Any], wanted: Hashable, field: str, column: str) -> int:
    """The row whose name is ``wanted``; ``field`` and ``column`` say in the refusal what is what."""
    plain = wanted.item() if isinstance(wanted, np.generic) else wanted
    for row, value in enumerate(names):
        if value == plain and isinstance(value, str) == isinstance(plain, str) and not isinstance(plain, bool):
            return row
    twin = next((value for value in names if str(value) == str(plain)), None)
    hint = f"; did you mean {twin!r}?" if twin is not None else did_you_mean(plain, names)
    raise InvalidProblemError(f"{field} is {plain!r}, which is no {column} of the frame{hint}")


def numbers_of(frame: Any, column: str, field: str, names: Sequence[Any], may_miss: int | None = None) -> NDArray[Any]:
    """A column as int64 or float64 without gaps; a gap in row ``may_miss`` is 0."""
    values = column_of(frame, column, field)
    refuse_times(column, values)
    if values.dtype.kind in "iu" and (not values.size or int(values.max()) < 2**63):
        return values.astype(np.int64)
    if values.dtype.kind == "f" and np.isfinite(values).all():
        return values.astype(np.float64)
    plain = values.tolist()
    for row, value in enumerate(plain):
        where = f"{column} of {names[row]!r} (row {row})"
        if _is_missing(value):
            if row != may_miss:
                raise EntryError(f"{where} is missing; fill it in, or drop the row", (row,))
            plain[row] = 0
        elif isinstance(value, bool | np.timedelta64) or not isinstance(value, int | float):
            raise EntryError(f"{where} is {shown(value)}; expected a number", (row,))
        elif abs(value) == float("inf"):
            raise EntryError(f"{where} is {value!r}; expected a finite number", (row,))
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise EntryError(f"{where} is {shown(value)}; an int fits in 64 bits: use a larger unit", (row,))
    if all(isinstance(value, int) for value in plain):
        return np.array(plain, dtype=np.int64)
    for row, value in enumerate(plain):
        if is_rounded(value):
            way_out = "beside fractions all are floats, which skip integers above 2^53; use a larger unit"
            raise EntryError(f"{column} of {names[row]!r} (row {row}) is {value}; {way_out}", (row,))
    return np.array(plain, dtype=np.float64)


def _is_missing(value: Any) -> bool:
    """None, NaN, NaT or pandas.NA, whose comparisons are neither true nor false."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return True


def points_of(
    frame: Any,
    names: Sequence[Any],
    named: dict[str, str | None],
    *,
    unit: str,
    rounding: str,
    z: str | None = None,
) -> Planar | Space | Sphere:
    """The network of the coordinates in a frame: great circles for degrees, else Euclidean distances.

    Parameters
    ----------
    frame : pandas.DataFrame or polars.DataFrame
        One row a place.
    names : sequence
        Names of the rows, for messages.
    named : dict
        The columns that the user named for ``lat``, ``lon``, ``x`` and ``y``; None where none.
    unit, rounding : str
        As in `Sphere` and `Planar`.
    z : str, optional
        Column with a third coordinate.
    """
    kind, *columns = _axes(frame, named)
    axes = ["lat", "lon"] if kind == "sphere" else ["x", "y"]
    if kind == "plane" and unit != DEFAULT_UNIT:
        raise InvalidProblemError(
            f"unit is {shown(unit)}, which is for latitudes and longitudes; in the plane distances have the unit of x and y"
        )
    if kind == "sphere" and rounding != "exact":
        raise InvalidProblemError(f"rounding is {shown(rounding)}; great-circle distances are not rounded, leave it out")
    if z is not None:
        if kind == "sphere":
            raise InvalidProblemError(f"z is {z!r}, but the distances are great circles; leave it out, or name x and y")
        axes, columns = [*axes, "z"], [*columns, z]
    points = np.stack([numbers_of(frame, column, axis, names) for axis, column in zip(axes, columns, strict=True)], axis=1)
    if kind == "sphere":
        return Sphere(points, unit)  # type: ignore[arg-type]
    return Planar(points, rounding) if z is None else Space(points, "euclidean", rounding)


def _axes(frame: Any, named: dict[str, str | None]) -> tuple[str, str, str]:
    """Which columns hold coordinates, and of which kind."""
    found: dict[str, str] = {}
    if any(column is not None for column in named.values()):
        found = {axis: column for axis, column in named.items() if column is not None}
    else:
        for axis, synonyms in _SYNONYMS.items():
            fitting = [column for column in columns_of(frame) if str(column).casefold() in synonyms]
            if len(fitting) > 1:
                raise InvalidProblemError(f"the columns {_listed(fitting)} could all be {axis}; say which: {axis}={fitting[0]!r}")
            found.update((axis, column) for column in fitting)
    on_globe, in_plane = {"lat", "lon"} <= found.keys(), {"x", "y"} <= found.keys()
    if on_globe and in_plane:
        raise InvalidProblemError(
            f"the columns {_listed(found.values())} are coordinates on the globe and in the plane; "
            f"say lat=..., lon=..., or x=..., y=..."
        )
    if on_globe:
        return "sphere", found["lat"], found["lon"]
    if in_plane:
        return "plane", found["x"], found["y"]
    raise InvalidProblemError(
        f"no coordinates: expected the columns lat and lon, or x and y; columns: {_listed(columns_of(frame))}. "
        f"Say lat=..., lon=..., or x=..., y=..., or matrix=..."
    )


def _listed(columns: Any) -> str:
    return ", ".join(repr(column) for column in columns) or "none"


def _labelled(matrix: Any, names: Sequence[Any]) -> tuple[list[Any], list[Any], NDArray[Any]]:
    """The labels of a frame's rows and columns, and what it holds.

    Where rows have no labels (polars), one column holds them; without such a column they stand in the order of the columns,
    which a diagonal that is not 0 belies.
    """
    columns_of(matrix)
    heads = list(matrix.columns)
    if hasattr(matrix, "index"):
        return list(matrix.index), heads, _exact(matrix)
    for column in heads:
        labels = matrix[column].to_list()
        if set(names) <= {label for label in labels if isinstance(label, str | int)}:
            rest = matrix[[head for head in heads if head != column]]
            return labels, list(rest.columns), _exact(rest)
    values = _exact(matrix)
    if values.shape != (len(heads), len(heads)):
        raise InvalidProblemError(
            f"matrix has shape {values.shape}; its rows have no labels: add a column with the names, or make it square"
        )
    for place, (head, value) in enumerate(zip(heads, values.diagonal().tolist())):
        if not _is_missing(value) and value != 0:
            raise InvalidProblemError(
                f"matrix has {shown(value)} from {head!r} to itself (row {place}): its rows, which have no labels, seem to be in "
                f"another order than its columns; add a column with the names, or set the diagonal to 0"
            )
    return heads, heads, values


def aligned_matrix(matrix: Any, names: Sequence[Any], noun: str = "stop") -> NDArray[Any]:
    """A matrix in the order of the names; one that is a frame is aligned by its labels."""
    if not hasattr(matrix, "columns"):
        array = as_numbers("matrix", matrix, f"; one row and one column a {noun} of the frame")
        wanted = (len(names), len(names))
        if array.shape != wanted:
            raise InvalidProblemError(
                f"matrix has shape {array.shape}, expected {wanted}: one row and one column a {noun} of the frame"
            )
        return array
    tails, heads, values = _labelled(matrix, names)
    places = []
    for side, labels in (("rows", tails), ("columns", heads)):
        place = {label: index for index, label in enumerate(labels)}
        if len(place) != len(labels):
            twice = next(label for index, label in enumerate(labels) if place[label] != index)
            raise InvalidProblemError(f"the {side} of matrix have the label {twice!r} twice")
        missing = [value for value in names if value not in place]
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            raise InvalidProblemError(
                f"the {side} of matrix lack {_listed(missing[:5])}{more}; labels are the names of the {noun}s"
            )
        places.append([place[value] for value in names])
    aligned = values[np.ix_(*places)]
    refuse_times("matrix", aligned)
    np.fill_diagonal(aligned, 0)
    gaps = np.isnan(aligned) if aligned.dtype.kind == "f" else np.vectorize(_is_missing, otypes=[bool])(aligned)
    for u, v in np.argwhere(gaps)[:1].tolist():
        raise InvalidProblemError(
            f"the distance from {names[u]!r} to {names[v]!r} is missing; price a missing arc a little above the longest real detour"
        )
    return aligned
