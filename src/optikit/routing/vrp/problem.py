"""The vehicle routing problem: vehicles of limited capacity serve clients from a depot, over the shortest distance.

The data model is made for the richer problems to come (several depots, vehicle types and load dimensions); what no solver
handles yet is refused with a clear word. Nodes are numbered depots first, then clients; public client numbers are positions
in the clients' table.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.check import CheckReport
from ...core.problem import Problem
from ...errors import EntryError, InvalidProblemError
from ...inputs.arrays import as_numbers, frozen_array, refuse, refuse_overflow
from ...inputs.forms import check_form, check_keys, reading
from ...inputs.keywords import keywords, refuse_unknown, strict
from ...inputs.wording import an, shown
from ...ticks import KERNEL_LIMIT, Lattice
from ..metrics import Matrix, Network, Planar, Sphere, network_from_dict
from ..names import Name, plain_names, refuse_twins
from .fleet import VehicleType
from .loads import fit_lattice, measure
from .solution import Routes

__all__ = ["DENSE_NODES", "VRP", "VehicleType"]

DENSE_NODES = 2_500
"""Up to this many nodes a matrix of all arcs may be made (50 MB); above it, arcs are computed where coordinates serve."""

_SPLIT = "leave out clients that no vehicle could serve"

_KEYS = ("problem", "schema_version", "name", "network", "depots", "clients", "vehicle_types")
_KEYS_OF = {
    "depots": dict.fromkeys(("name",)),
    "clients": dict.fromkeys(("name", "demand")),
    "vehicle_types": dict.fromkeys(("name", "capacity", "count")),
}
"""Of the JSON form, and of the items of its lists."""

LIMIT = KERNEL_LIMIT >> 10
"""Of sums of distances in ticks, so that penalties find room above them."""


@dataclass(frozen=True, eq=False)
class VRP(Problem):
    """The capacitated vehicle routing problem (Dantzig and Ramser 1959).

    Build it with `from_frame`, `from_coordinates`, `from_matrix` or `read`; the constructor takes the parts as they are.

    Parameters
    ----------
    network : Matrix or Planar or Sphere
        Distances between nodes: the depots first, then the clients in the order of their table.
    demand : array_like, shape (num_clients,) or (num_clients, num_loads)
        What is delivered to each client, >= 0, int or float.
    vehicle_types : sequence of VehicleType
        The fleet.
    clients, depots : sequence of str or int, optional
        Names; by default ``c0, c1, ...`` and ``depot``.
    name : str
        For titles.

    Raises
    ------
    InvalidProblemError
        For data that make no sense: the message names the field, the index, the value and a way out.

    Examples
    --------
    >>> vrp = VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
    >>> vrp.evaluate(Routes.of([[0, 1]]))
    12.0
    """

    solution_type: ClassVar[type[Routes]] = Routes

    network: Network
    demand: NDArray[Any]
    vehicle_types: tuple[VehicleType, ...]
    clients: tuple[Name, ...] | None = None
    depots: tuple[Name, ...] = ("depot",)
    name: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.network, Matrix | Planar | Sphere):
            raise InvalidProblemError(f"network is {an(type(self.network))}; expected a Matrix, Planar or Sphere")
        if isinstance(self.network, Matrix):
            self.network.require_all_arcs()
        depots = plain_names("depots", self.depots)
        if not depots:
            raise InvalidProblemError("depots is empty; expected the name of one")
        num_clients = len(self.network) - len(depots)
        if num_clients < 1:
            raise InvalidProblemError(
                f"there are {len(self.network)} nodes and {len(depots)} depots; at least one client is needed"
            )
        demand = as_numbers("demand", self.demand)
        if demand.ndim == 1:
            demand = demand.reshape(-1, 1)
        dtype = np.int64 if demand.dtype.kind in "iu" else np.float64
        demand = frozen_array("demand", demand, dtype, shape=(num_clients, None), advice="one row a client, none for the depot")
        refuse("demand", demand[:, 0] if demand.shape[1] == 1 else demand, (demand < 0).ravel(), "a demand is >= 0")
        refuse_overflow("demand", demand[:, 0] if demand.shape[1] == 1 else demand, num_clients, _SPLIT)
        if isinstance(self.vehicle_types, VehicleType):
            object.__setattr__(self, "vehicle_types", (self.vehicle_types,))
        if not isinstance(self.vehicle_types, Iterable) or isinstance(self.vehicle_types, str | bytes | Mapping):
            raise InvalidProblemError(f"vehicle_types is {shown(self.vehicle_types)}; expected VehicleTypes in a sequence")
        if not isinstance(self.name, str):
            raise InvalidProblemError(f"name is {shown(self.name)}; expected text")
        types = tuple(self.vehicle_types)
        for index, vehicle_type in enumerate(types):
            if not isinstance(vehicle_type, VehicleType):
                raise InvalidProblemError(f"vehicle_types[{index}] is {shown(vehicle_type)}; expected a VehicleType")
            if len(vehicle_type.capacity) != demand.shape[1]:
                raise InvalidProblemError(
                    f"vehicle_types[{index}].capacity has {len(vehicle_type.capacity)} entries, demand {demand.shape[1]} columns"
                )
        for what, count in (("depots", len(depots)), ("vehicle types", len(types)), ("load dimensions", demand.shape[1])):
            if count != 1:
                raise InvalidProblemError(f"{count} {what}: this version of optikit solves problems with exactly one")
        clients = plain_names("clients", self.clients) if self.clients is not None else tuple(f"c{i}" for i in range(num_clients))
        if len(clients) != num_clients:
            raise InvalidProblemError(f"clients has {len(clients)} names; the network has {num_clients} nodes after the depots")
        refuse_twins(depots + clients)
        for field, value in (("demand", demand), ("vehicle_types", types), ("clients", clients), ("depots", depots)):
            object.__setattr__(self, field, value)
        # Both raise where no lattice fits: better now than inside a solver.
        _ = self.lattice, self.load_ticks

    # -- in -----------------------------------------------------------------

    @classmethod
    @strict
    def from_coordinates(
        cls,
        points: ArrayLike,
        demand: ArrayLike,
        capacity: float,
        *,
        depot: int = 0,
        num_vehicles: int | None = None,
        metric: str = "euclidean",
        rounding: str = "exact",
        unit: str = "km",
        names: Sequence[Name] | None = None,
        name: str = "",
    ) -> Self:
        """From one point a node.

        Parameters
        ----------
        points : array_like of float, shape (num_nodes, 2)
            x and y, or latitude and longitude in degrees where ``metric`` is ``"haversine"``. No matrix is made of them.
        demand : array_like, shape (num_nodes,)
            The depot's entry is 0.
        capacity : float
            Of each vehicle, in the unit of the demand.
        depot : int
            Row of the depot.
        num_vehicles : int, optional
            Fleet size; None: as many as needed.
        metric : {"euclidean", "haversine"}
            How distances are measured.
        rounding : str
            A key of `optikit.routing.metrics.ROUNDINGS` (Euclidean only).
        unit : {"km", "m", "mi"}
            Of the haversine distances.
        names : sequence of str or int, optional
            One a row.

        Examples
        --------
        >>> VRP.from_coordinates([(0, 0), (3, 4)], demand=[0, 1], capacity=1).evaluate(Routes.of([[0]]))
        10.0
        """
        network: Network
        if metric == "euclidean":
            if unit != "km":
                raise InvalidProblemError(
                    f"unit is {shown(unit)}, which is for metric='haversine'; in the plane distances have the unit of the points"
                )
            network = Planar(points, rounding)  # type: ignore[arg-type]
        elif metric == "haversine":
            if rounding != "exact":
                raise InvalidProblemError(f"rounding is {rounding!r}; haversine distances are not rounded, leave it out")
            network = Sphere(points, unit)  # type: ignore[arg-type]
        else:
            raise InvalidProblemError(f"metric is {metric!r}; expected 'euclidean' or 'haversine', or use from_matrix")
        return cls._from_rows(network, demand, capacity, depot, num_vehicles, names, name)

    @classmethod
    @strict
    def from_matrix(
        cls,
        distance: ArrayLike,
        demand: ArrayLike,
        capacity: float,
        *,
        depot: int = 0,
        num_vehicles: int | None = None,
        names: Sequence[Name] | None = None,
        name: str = "",
    ) -> Self:
        """From a matrix of distances, shape (num_nodes, num_nodes), possibly asymmetric; the rest as in `from_coordinates`.

        Examples
        --------
        >>> VRP.from_matrix([[0, 5], [7, 0]], demand=[0, 1], capacity=1).evaluate(Routes.of([[0]]))
        12.0
        """
        network = Matrix(distance)  # type: ignore[arg-type]
        return cls._from_rows(network, demand, capacity, depot, num_vehicles, names, name)

    @classmethod
    def _from_rows(
        cls,
        network: Network,
        demand: ArrayLike,
        capacity: float,
        depot: int,
        num_vehicles: int | None,
        names: Sequence[Name] | None,
        name: str,
    ) -> Self:
        """One row a node, the depot among them: put it first."""
        num_nodes = len(network)
        if num_nodes < 2:
            raise InvalidProblemError(f"the number of nodes is {num_nodes}; a depot and at least one client are needed")
        if isinstance(depot, bool) or not isinstance(depot, int | np.integer) or not 0 <= depot < num_nodes:
            raise InvalidProblemError(f"depot is {depot!r}; expected a row from 0 to {num_nodes - 1}")
        advice = "one entry a node, 0 for the depot"
        given = as_numbers("demand", demand, f"; {advice}")
        given = frozen_array(
            "demand", given, np.int64 if given.dtype.kind in "iu" else np.float64, shape=(num_nodes,), advice=advice
        )
        refuse("demand", given, given < 0, "a demand is >= 0")
        refuse_overflow("demand", given, num_nodes, _SPLIT)
        vehicle_type = VehicleType((capacity,), num_vehicles)
        if isinstance(network, Matrix):
            network.require_all_arcs()
        at_depot = given[depot]
        if at_depot != 0:
            raise InvalidProblemError(
                f"demand[{depot}] is {at_depot}, but row {depot} is the depot, which has none; set it to 0, "
                f"or add a client at the same place"
            )
        order = np.concatenate(([depot], np.delete(np.arange(num_nodes), depot)))
        names = None if names is None else plain_names("names", names)
        if names is not None and len(names) != num_nodes:
            raise InvalidProblemError(f"names has {len(names)} entries, expected {num_nodes}: one a node, the depot among them")
        try:
            return cls(
                network=network.take(order),
                demand=given[order[1:]],
                vehicle_types=(vehicle_type,),
                clients=None if names is None else tuple(names[i] for i in order[1:]),
                depots=("depot",) if names is None else (names[depot],),
                name=name,
            )
        except EntryError:
            # What no lattice holds is refused again, now with the row that the user knows.
            network.lattice(2 * (num_nodes - 1), LIMIT)
            fit_lattice(given, vehicle_type.capacity[0])
            raise

    @classmethod
    def from_frame(cls, frame: Any, depot: Hashable, capacity: float, **options: Any) -> Self:
        """From a frame with one row a stop: see `optikit.routing.vrp.frames.from_frame`."""
        from .frames import from_frame

        refuse_unknown("from_frame", options, keywords(from_frame))
        return from_frame(cls, frame, depot, capacity, **options)

    @classmethod
    @strict
    def read(cls, path: Any, rounding: str | None = None, *, edge_weight_format: str | None = None) -> Self:
        """From a VRPLIB file: see `optikit.routing.vrp.files.read_vrplib`."""
        from .files import read_vrplib

        return read_vrplib(path, rounding, cls, edge_weight_format=edge_weight_format)

    # -- facts ----------------------------------------------------------------

    @property
    def num_clients(self) -> int:
        return int(self.demand.shape[0])

    @property
    def num_depots(self) -> int:
        return len(self.depots)

    @property
    def capacity(self) -> float:
        """Capacity of the (only) vehicle type in the (only) load dimension."""
        return self.vehicle_types[0].capacity[0]

    @property
    def num_vehicles(self) -> int | None:
        """Fleet size; None: no limit."""
        return self.vehicle_types[0].count

    @property
    def on_globe(self) -> bool:
        """Whether places are latitudes and longitudes: `to_geojson` asks for them."""
        return isinstance(self.network, Sphere)

    @cached_property
    def position_of(self) -> Mapping[Name, int]:
        """Client name -> position in the clients' table."""
        assert self.clients is not None
        return {name: index for index, name in enumerate(self.clients)}

    @cached_property
    def lattice(self) -> Lattice:
        """Ticks of distance. A solution has at most two arcs a client."""
        return self.network.lattice(2 * self.num_clients, LIMIT)

    @cached_property
    def tick_matrix(self) -> NDArray[np.int64]:
        """All distances in ticks, shape (num_nodes, num_nodes), read-only; kept, so that bound and search share it."""
        ticks = self.network.ticks(self.lattice)
        ticks.flags.writeable = False
        return ticks

    @cached_property
    def load_lattice(self) -> Lattice:
        """Ticks of load: see `optikit.routing.vrp.loads`."""
        return fit_lattice(self.demand[:, 0], self.capacity)

    @cached_property
    def load_ticks(self) -> tuple[NDArray[np.int64], int]:
        """Demands and the largest load of a vehicle in ticks, by which everybody judges: see `optikit.routing.vrp.loads`."""
        return measure(self)

    @property
    def error(self) -> float:  # type: ignore[override]
        return self.lattice.error

    @property
    def sums_are_exact(self) -> bool:  # type: ignore[override]
        return self.lattice.whole

    @cached_property
    def features(self) -> Mapping[str, Any]:
        return {
            "size": self.num_clients,
            "coordinates": not isinstance(self.network, Matrix),
            "symmetric": self.network.symmetric,
            "limited_fleet": self.num_vehicles is not None,
        }

    # -- the judge ------------------------------------------------------------

    def evaluate(self, solution: Routes) -> float:
        """Total distance, in the unit of the network."""
        from .check import evaluate

        return evaluate(self, solution)

    def terms(self, solution: Routes) -> dict[str, float]:
        return {"distance": self.evaluate(solution)}

    def check(self, solution: Routes) -> CheckReport:
        from .check import check

        return check(self, solution)

    # -- out ------------------------------------------------------------------

    def to_frame(self, solution: Routes) -> Any:
        """One row a stop: see `optikit.routing.vrp.frames.to_frame`."""
        from .frames import to_frame

        return to_frame(self, solution)

    def plot(self, solution: Routes, path: str | None = None, **options: Any) -> Any:
        """A map of the routes: see `optikit.routing.vrp.plot.plot_routes`."""
        from .plot import plot_routes

        refuse_unknown("plot", options, keywords(plot_routes))
        return plot_routes(self, solution, path, **options)

    def to_geojson(self, solution: Routes) -> dict[str, Any]:
        """Routes and stops as a GeoJSON FeatureCollection: see `optikit.routing.vrp.files.to_geojson`."""
        from .files import to_geojson

        return to_geojson(self, solution)

    def to_dict(self) -> dict[str, Any]:
        return {
            "problem": "VRP",
            "schema_version": self.schema_version,
            "name": self.name,
            "network": self.network.to_dict(),
            "depots": [{"name": name} for name in self.depots],
            "clients": [
                {"name": name, "demand": demand} for name, demand in zip(self.clients or (), self.demand.tolist(), strict=True)
            ],
            "vehicle_types": [{"name": t.name, "capacity": list(t.capacity), "count": t.count} for t in self.vehicle_types],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of a VRP"
        check_form(data, form, cls.schema_version, InvalidProblemError, "VRP")
        with reading(form, InvalidProblemError):
            check_keys(data, _KEYS, form, InvalidProblemError)
            for field, keys in _KEYS_OF.items():
                for index, item in enumerate(data[field]):
                    if not isinstance(item, Mapping) or item.keys() != keys.keys():
                        check_keys(item, keys, f"{field}[{index}]", InvalidProblemError)
            return cls(
                network=network_from_dict(data["network"]),
                demand=[client["demand"] for client in data["clients"]],  # type: ignore[arg-type]
                vehicle_types=tuple(VehicleType(tuple(t["capacity"]), t["count"], t["name"]) for t in data["vehicle_types"]),
                clients=tuple(client["name"] for client in data["clients"]),
                depots=tuple(depot["name"] for depot in data["depots"]),
                name=data["name"],
            )
