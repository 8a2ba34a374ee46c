"""Frames with one row a place: their coordinates, and matrices labelled by names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidProblemError
from ..inputs.arrays import as_numbers, refuse_times
from ..inputs.tables import columns_of, is_missing, listed, names_of, numbers_of, row_of, values_of
from ..inputs.wording import shown
from .metrics import Planar, Space, Sphere
from .metrics.matrix import PRICED

__all__ = [
    "COORDINATES", "DEFAULT_UNIT", "aligned_matrix", "columns_of", "names_of", "numbers_of", "points_of", "row_of",
]  # fmt: skip

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
                raise InvalidProblemError(f"the columns {listed(fitting)} could all be {axis}; say which: {axis}={fitting[0]!r}")
            found.update((axis, column) for column in fitting)
    on_globe, in_plane = {"lat", "lon"} <= found.keys(), {"x", "y"} <= found.keys()
    if on_globe and in_plane:
        raise InvalidProblemError(
            f"the columns {listed(found.values())} are coordinates on the globe and in the plane; "
            f"say lat=..., lon=..., or x=..., y=..."
        )
    if on_globe:
        return "sphere", found["lat"], found["lon"]
    if in_plane:
        return "plane", found["x"], found["y"]
    raise InvalidProblemError(
        f"no coordinates: expected the columns lat and lon, or x and y; columns: {listed(columns_of(frame))}. "
        f"Say lat=..., lon=..., or x=..., y=..., or matrix=..."
    )


def _labelled(matrix: Any, names: Sequence[Any]) -> tuple[list[Any], list[Any], NDArray[Any]]:
    """The labels of a frame's rows and columns, and what it holds.

    Where rows have no labels (polars), one column holds them; without such a column they stand in the order of the columns,
    which a diagonal that is not 0 belies.
    """
    columns_of(matrix)
    heads = list(matrix.columns)
    if hasattr(matrix, "index"):
        return list(matrix.index), heads, values_of(matrix)
    for column in heads:
        labels = matrix[column].to_list()
        if set(names) <= {label for label in labels if isinstance(label, str | int)}:
            rest = matrix[[head for head in heads if head != column]]
            return labels, list(rest.columns), values_of(rest)
    values = values_of(matrix)
    if values.shape != (len(heads), len(heads)):
        raise InvalidProblemError(
            f"matrix has shape {values.shape}; its rows have no labels: add a column with the names, or make it square"
        )
    for place, (head, value) in enumerate(zip(heads, values.diagonal().tolist())):
        if not is_missing(value) and value != 0:
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
            raise InvalidProblemError(f"the {side} of matrix lack {listed(missing[:5])}{more}; a label is the name of a {noun}")
        places.append([place[value] for value in names])
    aligned = values[np.ix_(*places)]
    refuse_times("matrix", aligned)
    np.fill_diagonal(aligned, 0)
    gaps = np.isnan(aligned) if aligned.dtype.kind == "f" else np.vectorize(is_missing, otypes=[bool])(aligned)
    for u, v in np.argwhere(gaps)[:1].tolist():
        raise InvalidProblemError(f"the distance from {names[u]!r} to {names[v]!r} is missing; {PRICED}")
    return aligned
