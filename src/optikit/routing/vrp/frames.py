"""Tables of the vehicle routing problem: a frame of stops in, a frame of visits out.

Frames are taken as they come, pandas or polars: what is used of them is ``frame.columns`` and ``frame[column].to_numpy()``.
"""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...core.errors import InvalidProblemError, MissingExtraError
from ...core.problem import EntryError, as_numbers, shown
from ..metrics import Matrix, Network, Planar, Sphere
from .solution import Routes

if TYPE_CHECKING:
    from .problem import VRP

    AnyVRP = TypeVar("AnyVRP", bound=VRP)

_SYNONYMS = {
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "long", "longitude"),
    "x": ("x",),
    "y": ("y",),
}
"""Columns that are taken for coordinates, in any case, where none are named."""

COORDINATES = frozenset(synonym for synonyms in _SYNONYMS.values() for synonym in synonyms)


def from_frame(
    cls: type[AnyVRP],
    frame: Any,
    depot: Hashable,
    capacity: float,
    *,
    name: str = "name",
    demand: str = "demand",
    lat: str | None = None,
    lon: str | None = None,
    x: str | None = None,
    y: str | None = None,
    matrix: Any = None,
    num_vehicles: int | None = None,
    unit: str = "km",
    rounding: str = "exact",
    title: str = "",
) -> AnyVRP:
    """A problem from a frame with one row a stop, the depot among them.

    Parameters
    ----------
    cls : type
        The class to build.
    frame : pandas.DataFrame or polars.DataFrame
        One row a stop.
    depot : str or int
        Name of the depot, as in the table.
    capacity : float
        Of each vehicle, in the unit of the demand.
    name, demand : str
        Columns with the unique names (text or whole numbers) and the demands (>= 0; empty or 0 for the depot).
    lat, lon : str, optional
        Columns with degrees; distances are great circles. By default ``lat`` or ``latitude``, and ``lon``, ``lng``, ``long`` or
        ``longitude``, in any case.
    x, y : str, optional
        Columns with coordinates in the plane; distances are Euclidean. By default ``x`` and ``y``.
    matrix : array_like or frame, optional
        Distances instead of coordinates. An array has the rows of ``frame`` in both directions; a frame is labelled with
        names, aligned by them, and may hold more than are asked for.
    num_vehicles : int, optional
        Fleet size; None: as many as needed.
    unit : {"km", "m", "mi"}
        Of great-circle distances.
    rounding : str
        A key of `optikit.routing.metrics.ROUNDINGS`, for coordinates in the plane.
    title : str
        Name of the problem.

    Returns
    -------
    VRP
        With the clients in the order of their rows.

    Raises
    ------
    InvalidProblemError
        For a column, name or value that is missing or makes no sense, with its row (counted from 0) and name.

    Examples
    --------
    >>> import pandas as pd
    >>> from optikit.routing import VRP
    >>> stops = pd.DataFrame({"name": ["yard", "a", "b"], "x": [0, 3, 0], "y": [0, 0, 4], "demand": [0, 1, 1]})
    >>> VRP.from_frame(stops, depot="yard", capacity=2).clients
    ('a', 'b')
    """
    names = _names(frame, name)
    depot_row = _find_depot(names, depot, name)
    demands = _numbers(frame, demand, "demand", names, may_miss=depot_row)
    network: Network
    if matrix is not None:
        if any(column is not None for column in (lat, lon, x, y)):
            raise InvalidProblemError("matrix is given, and columns of coordinates too; name one of them")
        if rounding != "exact":
            raise InvalidProblemError(f"rounding is {rounding!r}, which is for coordinates; round the matrix itself")
        network = Matrix(_align(matrix, names))
    else:
        kind, first, second = _coordinates(frame, {"lat": lat, "lon": lon, "x": x, "y": y})
        axes = ("lat", "lon") if kind == "sphere" else ("x", "y")
        points = np.stack(
            [_numbers(frame, column, axis, names) for axis, column in zip(axes, (first, second), strict=True)], axis=1
        )
        if kind == "sphere" and rounding != "exact":
            raise InvalidProblemError(f"rounding is {rounding!r}; great-circle distances are not rounded, leave it out")
        network = Sphere(points, unit) if kind == "sphere" else Planar(points, rounding)  # type: ignore[arg-type]
    at_depot = demands[depot_row]
    if at_depot != 0:
        raise EntryError(
            f"{demand} of {names[depot_row]!r} (row {depot_row}) is {at_depot}, but that is the depot, which has none; "
            f"set it to 0, or add a client at the same place",
            (depot_row,),
        )
    for row in np.flatnonzero(demands < 0)[:1].tolist():
        raise EntryError(f"{demand} of {names[row]!r} (row {row}) is {demands[row]}; a demand is >= 0", (row,))
    return cls._from_rows(network, demands, capacity, depot_row, num_vehicles, names, title)


def to_frame(problem: VRP, solution: Routes) -> Any:
    """A solution as a pandas frame with one row a stop, the depot at both ends of each route among them.

    Returns
    -------
    pandas.DataFrame
        ``route`` and ``position`` in it, from 0; ``stop`` (name), ``kind`` (``"depot"`` or ``"client"``), ``client`` (position in
        the clients' table, missing for the depot); ``demand`` delivered here; ``load_on_arrival`` and ``load_on_leaving``: what
        is on board then (a vehicle leaves the depot with all that its trip delivers); ``leg``, the distance from the stop
        before, and ``distance``, from the route's start. The legs add up to ``problem.evaluate(solution)``. Clients that no
        route visits have no row.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    InvalidSolutionError
        If the solution names a client or a depot that is not there.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError('to_frame needs pandas; pip install "optikit[frames]"') from None
    problem.evaluate(solution)  # refuses unknown clients and depots
    rows = [row for number, route in enumerate(solution.routes) for row in _rows(problem, number, route)]
    columns = ["route", "position", "stop", "kind", "client", "demand", "load_on_arrival", "load_on_leaving", "leg", "distance"]
    table = pd.DataFrame.from_records(rows, columns=columns)
    return table.astype({"route": "int64", "position": "int64", "client": "Int64", "leg": "float64", "distance": "float64"})


def _rows(problem: VRP, number: int, route: Any) -> list[tuple[Any, ...]]:
    demand = problem.demand[:, 0].tolist()
    depot = problem.depots[route.start]
    load = sum(demand[visit] for visit in route.trips[0].visits) if route.trips else 0
    rows: list[tuple[Any, ...]] = [(depot, "depot", None, 0, 0, load)]
    nodes = [route.start]
    for index, trip in enumerate(route.trips):
        for visit in trip.visits:
            arriving, load = load, load - demand[visit]
            rows.append((problem.clients[visit], "client", visit, demand[visit], arriving, load))  # type: ignore[index]
            nodes.append(problem.num_depots + visit)
        following = route.trips[index + 1].visits if index + 1 < len(route.trips) else ()
        # What a float sum leaves over at the end of a trip is not a load.
        load = sum(demand[visit] for visit in following)
        rows.append((problem.depots[trip.end], "depot", None, 0, 0, load))
        nodes.append(trip.end)
    legs = np.concatenate(([0.0], problem.network.legs(nodes[:-1], nodes[1:]))) if len(nodes) > 1 else np.zeros(1)
    so_far = np.cumsum(legs)
    return [(number, position, *row, legs[position], so_far[position]) for position, row in enumerate(rows)]


# -- columns ------------------------------------------------------------------


def _columns(frame: Any) -> list[Any]:
    if not hasattr(frame, "columns") or not hasattr(frame, "__getitem__"):
        raise InvalidProblemError(
            f"frame is a {type(frame).__name__}; expected a pandas or polars frame with one row a stop, "
            f"or use VRP.from_coordinates or VRP.from_matrix"
        )
    return list(frame.columns)


def _column(frame: Any, column: str, field: str) -> NDArray[Any]:
    columns = _columns(frame)
    if column not in columns:
        near = difflib.get_close_matches(str(column), [str(c) for c in columns], 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        if getattr(getattr(frame, "index", None), "name", None) == column:
            hint = "; it is the index: frame.reset_index() makes a column of it"
        listed = ", ".join(repr(c) for c in columns) or "none"
        raise InvalidProblemError(f"there is no column {column!r}{hint}. Columns: {listed}; say {field}=... for another one")
    values = np.asarray(frame[column].to_numpy())
    if values.ndim != 1:
        raise InvalidProblemError(f"the column {column!r} stands {values.shape[-1]} times; names of columns are unique")
    return values


def _names(frame: Any, column: str) -> list[Any]:
    names = [value.item() if isinstance(value, np.generic) else value for value in _column(frame, column, "name")]
    seen: dict[Any, int] = {}
    for row, value in enumerate(names):
        if _is_missing(value):
            raise EntryError(f"{column} in row {row} is missing; every stop needs a name", (row,))
        if isinstance(value, bool) or not isinstance(value, str | int):
            hint = "; convert the column with .astype(int)" if isinstance(value, float) else ""
            raise EntryError(f"{column} in row {row} is {shown(value)}; a name is text or a whole number{hint}", (row,))
        if value in seen:
            raise EntryError(f"{column} {value!r} stands in row {seen[value]} and in row {row}; names are unique", (row,))
        seen[value] = row
    if len(names) < 2:
        raise InvalidProblemError(f"frame has {len(names)} rows; a depot and at least one client are needed")
    return names


def _find_depot(names: list[Any], depot: Any, column: str) -> int:
    plain = depot.item() if isinstance(depot, np.generic) else depot
    for row, value in enumerate(names):
        if value == plain and isinstance(value, str) == isinstance(plain, str) and not isinstance(plain, bool):
            return row
    twin = next((value for value in names if str(value) == str(plain)), None)
    near = [twin] if twin is not None else difflib.get_close_matches(str(plain), [str(v) for v in names], 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InvalidProblemError(f"depot is {plain!r}, which is no {column} of the frame{hint}")


def _numbers(frame: Any, column: str, field: str, names: list[Any], may_miss: int | None = None) -> NDArray[Any]:
    """A column as int64 or float64 without gaps; a gap in row ``may_miss`` is 0."""
    values = _column(frame, column, field)
    if values.dtype.kind in "iu" and (not values.size or int(values.max()) < 2**63):
        return values.astype(np.int64)
    plain = values.tolist()
    for row, value in enumerate(plain):
        where = f"{column} of {names[row]!r} (row {row})"
        if _is_missing(value):
            if row != may_miss:
                raise EntryError(f"{where} is missing; fill it in, or drop the row", (row,))
            plain[row] = 0
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise EntryError(f"{where} is {shown(value)}; expected a number", (row,))
        elif abs(value) == float("inf"):
            raise EntryError(f"{where} is {value!r}; expected a finite number", (row,))
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise EntryError(f"{where} is {shown(value)}; an int fits in 64 bits: use a larger unit", (row,))
    return np.array(plain, dtype=np.int64 if all(isinstance(value, int) for value in plain) else np.float64)


def _is_missing(value: Any) -> bool:
    """None, NaN, NaT or pandas.NA, whose comparisons are neither true nor false."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return True


def _coordinates(frame: Any, named: dict[str, str | None]) -> tuple[str, str, str]:
    """Which columns hold coordinates, and of which kind."""
    found: dict[str, str] = {}
    if any(column is not None for column in named.values()):
        found = {axis: column for axis, column in named.items() if column is not None}
    else:
        for axis, synonyms in _SYNONYMS.items():
            fitting = [column for column in _columns(frame) if str(column).casefold() in synonyms]
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
        f"no coordinates: expected the columns lat and lon, or x and y; columns: {_listed(_columns(frame))}. "
        f"Say lat=..., lon=..., or x=..., y=..., or matrix=..."
    )


def _listed(columns: Any) -> str:
    return ", ".join(repr(column) for column in columns) or "none"


# -- matrices ------------------------------------------------------------------


def _align(matrix: Any, names: Sequence[Any]) -> NDArray[Any]:
    """A matrix in the order of the frame's rows."""
    if not hasattr(matrix, "columns"):
        array = as_numbers("matrix", matrix, "; one row and one column a stop of the frame")
        if array.shape != (len(names), len(names)):
            raise InvalidProblemError(
                f"matrix has shape {array.shape}, expected ({len(names)}, {len(names)}): one row and one column a stop of the frame"
            )
        return array
    heads = list(matrix.columns)
    # A polars frame has no labels on its rows: they are those of its columns.
    tails = list(matrix.index) if hasattr(matrix, "index") else heads
    values = np.array(matrix.to_numpy())
    if values.shape != (len(tails), len(heads)):
        raise InvalidProblemError(f"matrix has shape {values.shape}; without labels on its rows it is square")
    places = []
    for side, labels in (("rows", tails), ("columns", heads)):
        place = {label: index for index, label in enumerate(labels)}
        if len(place) != len(labels):
            twice = next(label for index, label in enumerate(labels) if place[label] != index)
            raise InvalidProblemError(f"the {side} of matrix have the label {twice!r} twice")
        missing = [value for value in names if value not in place]
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            raise InvalidProblemError(f"the {side} of matrix lack {_listed(missing[:5])}{more}; labels are the names of the stops")
        places.append([place[value] for value in names])
    aligned = values[np.ix_(*places)]
    np.fill_diagonal(aligned, 0)
    gaps = np.isnan(aligned) if aligned.dtype.kind == "f" else np.vectorize(_is_missing, otypes=[bool])(aligned)
    for u, v in np.argwhere(gaps)[:1].tolist():
        raise InvalidProblemError(
            f"the distance from {names[u]!r} to {names[v]!r} is missing; price a missing arc a little above the longest real detour"
        )
    return aligned
