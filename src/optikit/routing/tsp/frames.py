"""Tables of the travelling salesman problem: a frame of cities in, a frame of stops out."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...errors import InvalidProblemError, MissingExtraError
from ..metrics import Matrix, Network, Planar, Sphere
from ..tables import aligned_matrix, columns_of, names_of, points_of, row_of
from .check import ends, legs
from .solution import Tour

if TYPE_CHECKING:
    from .problem import TSP

    AnyTSP = TypeVar("AnyTSP", bound=TSP)


def from_frame(
    cls: type[AnyTSP],
    frame: Any,
    *,
    name: str | None = None,
    lat: str | None = None,
    lon: str | None = None,
    x: str | None = None,
    y: str | None = None,
    z: str | None = None,
    matrix: Any = None,
    unit: str = "km",
    rounding: str = "exact",
    closed: bool = True,
    first: Hashable = None,
    last: Hashable = None,
    title: str = "",
) -> AnyTSP:
    """A problem from a frame with one row a city.

    Parameters
    ----------
    cls : type
        The class to build.
    frame : pandas.DataFrame or polars.DataFrame
        One row a city.
    name : str, optional
        Column with the unique names (text or whole numbers). By default ``name``, where there is such a column; else cities
        are called by their rows.
    lat, lon : str, optional
        Columns with degrees; distances are great circles. By default ``lat`` or ``latitude``, and ``lon``, ``lng``, ``long`` or
        ``longitude``, in any case.
    x, y : str, optional
        Columns with coordinates in the plane; distances are Euclidean. By default ``x`` and ``y``.
    z : str, optional
        Column with the third coordinate.
    matrix : array_like or frame, optional
        Distances instead of coordinates, ``inf`` where there is no arc. An array has the rows of ``frame`` in both directions; a
        frame is labelled with names, aligned by them, and may hold more than are asked for. Columns of coordinates that are
        named beside it say where cities are drawn.
    unit : {"km", "m", "mi"}
        Of great-circle distances.
    rounding : str
        A key of `optikit.routing.metrics.ROUNDINGS`, for coordinates in the plane or in space.
    closed : bool
        Whether the tour goes back to where it began.
    first, last : str or int, optional
        Names of the ends, as in the table (rows, where there are no names).
    title : str
        Name of the problem.

    Raises
    ------
    InvalidProblemError
        For a column, name or value that is missing or makes no sense, with its row (counted from 0) and name.

    Examples
    --------
    >>> import pandas as pd
    >>> from optikit.routing import TSP
    >>> cities = pd.DataFrame({"name": ["a", "b", "c"], "x": [0, 3, 0], "y": [0, 0, 4]})
    >>> tsp = TSP.from_frame(cities, first="b")
    >>> tsp.names, tsp.first
    (('a', 'b', 'c'), 1)
    """
    columns = columns_of(frame)
    if name is None and "name" in columns:
        name = "name"
    names: Sequence[Any] = range(len(frame)) if name is None else names_of(frame, name, "city")
    if len(names) < 2:
        raise InvalidProblemError(f"frame has {len(names)} rows; a tour needs at least two cities")
    named = {"lat": lat, "lon": lon, "x": x, "y": y}
    network: Network
    places: Planar | Sphere | None = None
    if matrix is None:
        network = points_of(frame, names, named, unit=unit, rounding=rounding, z=z)
    else:
        if rounding != "exact":
            raise InvalidProblemError(f"rounding is {rounding!r}, which is for coordinates; round the matrix itself")
        network = Matrix(aligned_matrix(matrix, names, "city"))
        if z is not None:
            raise InvalidProblemError(f"z is {z!r}, but the matrix has the distances, and maps are flat; leave it out")
        if any(column is not None for column in named.values()):
            places = points_of(frame, names, named, unit=unit, rounding="exact")  # type: ignore[assignment]
    ends_at = {
        field: None if wanted is None else row_of(names, wanted, field, name or "row")
        for field, wanted in (("first", first), ("last", last))
    }
    return cls(network, None if name is None else names, closed, name=title, places=places, **ends_at)


def to_frame(problem: TSP, tour: Tour) -> Any:
    """A tour as a pandas frame with one row a stop; a closed tour begins and ends at the same city.

    Returns
    -------
    pandas.DataFrame
        ``position`` on the tour, from 0; ``city`` (its position in the problem) and ``name`` (the same, where cities have no
        names); ``leg``, the distance from the stop before, and ``distance``, from the start. The legs add up to
        ``problem.evaluate(tour)``.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    InvalidSolutionError
        If the tour names a city that is not there.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError('to_frame needs pandas; pip install "optikit[frames]"') from None
    problem.require(tour)
    told = tour.rotated(problem.first) if problem.closed and problem.first is not None else tour
    leg = np.concatenate(([0.0], legs(problem, told)))[: len(told) + problem.closed if len(told) else 0]
    tails, heads = ends(problem, np.asarray(told.order))
    stops = np.concatenate((tails[:1], heads)) if tails.size else np.asarray(told.order)
    if problem.names is None:
        name: Any = stops
    elif isinstance(problem.names, range):
        name = stops + problem.names.start
    else:
        name = np.array(problem.names, object)[stops]
    return pd.DataFrame(
        {"position": np.arange(len(stops)), "city": stops, "name": name, "leg": leg, "distance": np.cumsum(leg)},
        columns=["position", "city", "name", "leg", "distance"],
    )
