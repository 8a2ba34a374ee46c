"""The travelling salesman problem: the shortest tour, or path, through all cities.

Symmetric or asymmetric, closed or open, with fixed ends, from a handful of cities to a million: no matrix is made where
coordinates serve, and cities have names only where they are given some.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.check import CheckReport
from ...core.problem import Problem
from ...errors import InvalidProblemError
from ...inputs.forms import check_form, check_keys, reading
from ...inputs.keywords import keywords, refuse_unknown, strict
from ...inputs.wording import an, shown
from ...ticks import KERNEL_LIMIT, Lattice
from ..metrics import NORMS, Geo, Matrix, Network, Planar, Space, Sphere, network_from_dict
from ..names import Name, compact, plain_names, refuse_twins
from .solution import Tour

__all__ = ["TSP"]

_KEYS = ("problem", "schema_version", "name", "network", "names", "closed", "first", "last", "places")
_ROWS = 1_000  # of a matrix at once
"""Of the JSON form."""


@dataclass(frozen=True, eq=False)
class TSP(Problem):
    """The travelling salesman problem: visit each city once, over the least total distance.

    Build it with `from_coordinates`, `from_matrix`, `from_frame`, `from_graph` or `read`; the constructor takes the parts as
    they are.

    Parameters
    ----------
    network : Matrix, Planar, Space, Sphere or Geo
        Distances between cities. An infinite one in a `Matrix` is an arc that does not exist: tours avoid it.
    names : sequence of str or int, optional
        One a city, unique. None: cities are called by their positions.
    closed : bool
        Whether the tour goes back to where it began; False: a path.
    first : int, optional
        City where a path begins. For a closed tour, which begins anywhere, only the one from which tables tell it.
    last : int, optional
        City where a path ends.
    name : str
        For titles.
    places : Planar or Sphere, optional
        Where cities are drawn, if the network does not say so, or not so well: streets have their own matrix.

    Raises
    ------
    InvalidProblemError
        For data that make no sense: the message names the field, the index, the value and a way out.

    Examples
    --------
    >>> tsp = TSP.from_coordinates([(0, 0), (3, 4), (0, 4)])
    >>> tsp.evaluate(Tour([0, 1, 2]))
    12.0
    >>> tsp.replace(closed=False).evaluate(Tour([0, 1, 2]))
    8.0
    """

    solution_type: ClassVar[type[Tour]] = Tour

    network: Network
    names: Sequence[Name] | None = None
    closed: bool = True
    first: int | None = None
    last: int | None = None
    name: str = ""
    places: Planar | Sphere | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.network, Matrix | Planar | Space | Sphere | Geo):
            raise InvalidProblemError(f"network is {an(type(self.network))}; expected a Matrix, Planar, Space, Sphere or Geo")
        if self.num_cities < 2:
            raise InvalidProblemError(f"the number of cities is {self.num_cities}; a tour needs at least two")
        if self.names is not None:
            names = compact(plain_names("names", self.names))
            if len(names) != self.num_cities:
                raise InvalidProblemError(f"names has {len(names)} entries, expected {self.num_cities}: one a city")
            refuse_twins(names)
            object.__setattr__(self, "names", names)
        if self.places is not None:
            if not isinstance(self.places, Planar | Sphere):
                raise InvalidProblemError(f"places is {an(type(self.places))}; expected a Planar or a Sphere")
            if len(self.places) != self.num_cities:
                raise InvalidProblemError(f"places has {len(self.places)} points, expected {self.num_cities}: one a city")
        if not isinstance(self.name, str):
            raise InvalidProblemError(f"name is {shown(self.name)}; expected text, for titles")
        if not isinstance(self.closed, bool | np.bool_):
            raise InvalidProblemError(f"closed is {shown(self.closed)}; expected True (a round trip) or False (a path)")
        object.__setattr__(self, "closed", bool(self.closed))
        for field in ("first", "last"):
            object.__setattr__(self, field, self._end(field, getattr(self, field)))
        if self.closed and self.last is not None:
            raise InvalidProblemError(
                f"last is {self.last}, but the tour is closed and ends where it began; say closed=False for a path"
            )
        if self.first is not None and self.first == self.last:
            raise InvalidProblemError(
                f"first and last are both {self.first}: a path ends at another city; for a round trip say closed=True without last"
            )
        _ = self.lattice  # raises where no lattice fits: better now than inside a solver

    def _end(self, field: str, city: Any) -> int | None:
        if city is None:
            return None
        if isinstance(city, bool) or not isinstance(city, int | np.integer) or not 0 <= city < self.num_cities:
            raise InvalidProblemError(f"{field} is {shown(city)}; expected the position of a city, 0 to {self.num_cities - 1}")
        return int(city)

    # -- in -----------------------------------------------------------------

    @classmethod
    @strict
    def from_coordinates(
        cls,
        points: ArrayLike,
        *,
        metric: str = "euclidean",
        rounding: str = "exact",
        unit: str = "km",
        closed: bool = True,
        first: int | None = None,
        last: int | None = None,
        names: Sequence[Name] | None = None,
        name: str = "",
    ) -> Self:
        """From one point a city. No matrix is made of them.

        Parameters
        ----------
        points : array_like of float, shape (num_cities, 2) or (num_cities, 3)
            x and y, or x, y and z; latitude and longitude in degrees where ``metric`` is ``"haversine"``.
        metric : str
            ``"haversine"``, TSPLIB's ``"geo"`` (degrees and minutes as DDD.MM), or a key of `optikit.routing.metrics.NORMS`:
            ``"euclidean"``, ``"manhattan"``, ``"maximum"``, ``"att"``, ``"xray1"``, ``"xray2"``.
        rounding : str
            A key of `optikit.routing.metrics.ROUNDINGS`, for the norms.
        unit : {"km", "m", "mi"}
            Of the haversine distances, and only of these.
        closed, first, last, names, name
            As in `TSP`.

        Examples
        --------
        >>> TSP.from_coordinates([(0, 0, 0), (1, 2, 2)]).evaluate(Tour([0, 1]))
        6.0
        """
        network: Network
        if unit != "km" and isinstance(metric, str) and metric in ("geo", *NORMS):
            raise InvalidProblemError(f"unit is {shown(unit)}, which is for metric='haversine'; {metric} distances have their own")
        if metric in ("haversine", "geo"):
            if rounding != "exact":
                raise InvalidProblemError(f"rounding is {shown(rounding)}; {metric} distances have their own, leave it out")
            network = Sphere(points, unit) if metric == "haversine" else Geo(points)  # type: ignore[arg-type]
        elif isinstance(metric, str) and metric in NORMS:
            plain = metric == "euclidean" and _num_axes(points) != 3
            network = Planar(points, rounding) if plain else Space(points, metric, rounding)  # type: ignore[arg-type]
        else:
            known = ", ".join(["haversine", "geo", *NORMS])
            raise InvalidProblemError(f"metric is {shown(metric)}; expected one of {known}, or use from_matrix")
        return cls(network, names, closed, first, last, name)

    @classmethod
    @strict
    def from_matrix(
        cls,
        distance: ArrayLike,
        *,
        closed: bool = True,
        first: int | None = None,
        last: int | None = None,
        names: Sequence[Name] | None = None,
        name: str = "",
        places: Planar | Sphere | None = None,
    ) -> Self:
        """From a matrix of distances, shape (num_cities, num_cities), possibly asymmetric; ``inf`` where there is no arc.

        Examples
        --------
        >>> TSP.from_matrix([[0, 5], [7, 0]]).evaluate(Tour([0, 1]))
        12.0
        """
        return cls(Matrix(distance), names, closed, first, last, name, places)  # type: ignore[arg-type]

    @classmethod
    def from_frame(cls, frame: Any, **options: Any) -> Self:
        """From a frame with one row a city: see `optikit.routing.tsp.frames.from_frame`."""
        from .frames import from_frame

        refuse_unknown("from_frame", options, keywords(from_frame))
        return from_frame(cls, frame, **options)

    @classmethod
    def from_graph(cls, graph: Any, **options: Any) -> Self:
        """From a networkx graph: see `optikit.routing.tsp.nx_graphs.from_graph`."""
        from .nx_graphs import from_graph

        refuse_unknown("from_graph", options, keywords(from_graph))
        return from_graph(cls, graph, **options)

    @classmethod
    @strict
    def read(cls, path: Any, rounding: str | None = None) -> Self:
        """From a TSPLIB file: see `optikit.routing.tsp.files.read_tsplib`."""
        from .files import read_tsplib

        return read_tsplib(path, rounding, cls)

    # -- facts ----------------------------------------------------------------

    @property
    def num_cities(self) -> int:
        return len(self.network)

    @property
    def symmetric(self) -> bool:
        return self.network.symmetric

    @property
    def on_globe(self) -> bool:
        """Whether places are latitudes and longitudes: `to_geojson` asks for them."""
        return isinstance(self.places if self.places is not None else self.network, Sphere | Geo)

    def called(self, city: int) -> str:
        """A city as it stands in a sentence: ``'Bonn' (3)`` with its position; ``city 3``, where its name is a number."""
        name = city if self.names is None else self.names[city]
        return f"{name!r} ({city})" if isinstance(name, str) else f"city {name}"

    @cached_property
    def lattice(self) -> Lattice:
        """Ticks of distance.

        The legs of a tour add up to less than 2^52 ticks; and where arcs are missing, any n + 1 arcs, missing ones at the price
        `forbidden` among them, to less than 2^62.
        """
        limit = KERNEL_LIMIT >> 10
        if self.network.has_missing:
            limit = min(limit, (KERNEL_LIMIT >> 1) // (self.num_cities + 2))
        return self.network.lattice(self.num_cities, limit)

    @cached_property
    def forbidden(self) -> int:
        """Ticks of an arc that may not be used: more than any tour costs that has no such arc."""
        return 1 + self.num_cities * (int(self.network.longest * self.lattice.scale) + 1)

    @cached_property
    def tick_matrix(self) -> NDArray[np.int64]:
        """All distances in ticks, shape (num_cities, num_cities), read-only; `forbidden` where there is no arc."""
        network, lattice = self.network, self.lattice
        ticks = network.ticks(lattice, self.forbidden) if isinstance(network, Matrix) else network.ticks(lattice)
        ticks.flags.writeable = False
        return ticks

    @cached_property
    def potentials(self) -> NDArray[np.int64]:
        """Whole numbers p of the cities, shape (num_cities,), that take out what distances owe to their direction.

        ``ticks[u, v] + p[u] - p[v]`` is as near to the same of ``v, u`` as can be, by least squares over the arcs that exist both
        ways. A closed tour costs the same with them; a neighbour that is near only because it lies downhill is near no more.
        """
        if self.symmetric:
            return np.zeros(self.num_cities, np.int64)
        ticks = self.tick_matrix
        excess = np.zeros(self.num_cities)
        for first in range(0, self.num_cities, _ROWS):
            rows = slice(first, first + _ROWS)
            there, back = ticks[rows], ticks[:, rows].T
            both = (there < self.forbidden) & (back < self.forbidden)
            excess[rows] = np.where(both, back - there, 0).sum(axis=1) / (2 * self.num_cities)
        level: NDArray[np.int64] = np.rint(excess - excess[0]).astype(np.int64)
        return level

    @cached_property
    def undirected(self) -> bool:
        """Whether tours cost the same both ways: distances are symmetric, or a closed tour's are but for `potentials`."""
        if self.symmetric or not self.closed:
            return self.symmetric
        ticks, level = self.tick_matrix, self.potentials
        return all(
            np.array_equal(ticks[rows] - ticks[:, rows].T, 2 * (level - level[rows, None]))
            for rows in (slice(first, first + _ROWS) for first in range(0, self.num_cities, _ROWS))
        )

    def leg_ticks(self, tails: ArrayLike, heads: ArrayLike) -> NDArray[np.int64]:
        """Ticks of arcs ``tails[i] -> heads[i]``, without a matrix; `forbidden` where there is no arc."""
        network, lattice = self.network, self.lattice
        if isinstance(network, Matrix):
            return network.leg_ticks(lattice, tails, heads, self.forbidden)
        return network.leg_ticks(lattice, tails, heads)

    @property
    def error(self) -> float:  # type: ignore[override]
        return self.lattice.error

    @property
    def sums_are_exact(self) -> bool:  # type: ignore[override]
        # Kernels may take an arc of TSPLIB's globe for 1 km less (see `Geo.tick_rule`).
        return self.lattice.whole and not isinstance(self.network, Geo)

    @cached_property
    def features(self) -> Mapping[str, Any]:
        return {
            "size": self.num_cities,
            "coordinates": not isinstance(self.network, Matrix),
            "symmetric": self.symmetric,
            "closed": self.closed,
            "has_missing": self.network.has_missing,
        }

    # -- the judge ------------------------------------------------------------

    def evaluate(self, solution: Tour) -> float:
        """Total distance, in the unit of the network; infinite where the tour uses an arc that does not exist."""
        from .check import evaluate

        return evaluate(self, solution)

    def terms(self, solution: Tour) -> dict[str, float]:
        return {"distance": self.evaluate(solution)}

    def check(self, solution: Tour) -> CheckReport:
        from .check import check

        return check(self, solution)

    # -- out ------------------------------------------------------------------

    def to_frame(self, solution: Tour) -> Any:
        """One row a stop: see `optikit.routing.tsp.frames.to_frame`."""
        from .frames import to_frame

        return to_frame(self, solution)

    def to_graph(self, solution: Tour | None = None) -> Any:
        """A networkx graph of the tour, or of all arcs: see `optikit.routing.tsp.nx_graphs.to_graph`."""
        from .nx_graphs import to_graph

        return to_graph(self, solution)

    def plot(self, solution: Tour, path: str | None = None, **options: Any) -> Any:
        """A map of the tour: see `optikit.routing.tsp.plot.plot_tour`."""
        from .plot import plot_tour

        refuse_unknown("plot", options, keywords(plot_tour))
        return plot_tour(self, solution, path, **options)

    def to_geojson(self, solution: Tour) -> dict[str, Any]:
        """Tour and cities as a GeoJSON FeatureCollection: see `optikit.routing.tsp.files.to_geojson`."""
        from .files import to_geojson

        return to_geojson(self, solution)

    def to_dict(self) -> dict[str, Any]:
        return {
            "problem": "TSP",
            "schema_version": self.schema_version,
            "name": self.name,
            "network": self.network.to_dict(),
            "names": None if self.names is None else list(self.names),
            "closed": self.closed,
            "first": self.first,
            "last": self.last,
            "places": None if self.places is None else self.places.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        form = "the JSON form of a TSP"
        check_form(data, form, cls.schema_version, InvalidProblemError, "TSP")
        check_keys(data, _KEYS, form, InvalidProblemError)
        with reading(form, InvalidProblemError):
            return cls(
                network=network_from_dict(data["network"]),
                names=data["names"],
                closed=data["closed"],
                first=data["first"],
                last=data["last"],
                name=data["name"],
                places=None if data["places"] is None else network_from_dict(data["places"], "places"),  # type: ignore[arg-type]
            )


def _num_axes(points: Any) -> int | None:
    """Coordinates of a point; None where that is none: the network then says what is wrong."""
    if hasattr(points, "shape"):
        return int(points.shape[1]) if len(points.shape) == 2 else None
    first = points[0] if isinstance(points, Sequence) and len(points) else None
    return len(first) if isinstance(first, Sequence | np.ndarray) else None
