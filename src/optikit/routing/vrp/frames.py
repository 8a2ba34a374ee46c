"""Tables of the vehicle routing problem: a frame of stops in, a frame of visits out.

What is read of a frame, and how, is in `optikit.routing.tables`.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...errors import EntryError, InvalidProblemError, MissingExtraError
from ..metrics import Matrix, Network
from ..tables import DEFAULT_UNIT, aligned_matrix, names_of, numbers_of, points_of, row_of
from .solution import Routes

if TYPE_CHECKING:
    from .problem import VRP

    AnyVRP = TypeVar("AnyVRP", bound=VRP)


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
        names, aligned by them, and may hold more than are asked for. The rows of a polars frame are labelled by a column that
        holds the names; without one, they are in the order of its columns.
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
    names = names_of(frame, name)
    if len(names) < 2:
        raise InvalidProblemError(f"the number of rows of the table is {len(names)}; a depot and at least one client are needed")
    depot_row = row_of(names, depot, "depot", name)
    demands = numbers_of(frame, demand, "demand", names, may_miss=depot_row)
    network: Network
    if matrix is not None:
        if any(column is not None for column in (lat, lon, x, y)):
            raise InvalidProblemError("matrix is given, and columns of coordinates too; name one of them")
        if rounding != "exact":
            raise InvalidProblemError(f"rounding is {rounding!r}, which is for coordinates; round the matrix itself")
        if unit != DEFAULT_UNIT:
            raise InvalidProblemError(f"unit is {unit!r}, which is for coordinates; distances have the unit of the matrix")
        network = Matrix(aligned_matrix(matrix, names))
    else:
        network = points_of(frame, names, {"lat": lat, "lon": lon, "x": x, "y": y}, unit=unit, rounding=rounding)
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
