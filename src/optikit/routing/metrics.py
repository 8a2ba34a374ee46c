"""How far it is from one node to another: matrices, points in the plane with a rounding rule, points on the globe.

Planar distances follow TSPLIB (Reinelt 1991, section 2) and VRPLIB; great-circle ("haversine")
distances are on a sphere of the Earth's mean radius (IUGG: 6371.0088 km).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.errors import InvalidProblemError
from ..core.problem import Frozen, as_numbers, frozen_array, refuse, refuse_overflow, shown
from ..core.ticks import KERNEL_LIMIT, Lattice

EARTH_RADIUS = {"km": 6371.0088, "m": 6371008.8, "mi": 6371.0088 / 1.609344}
"""Mean Earth radius by unit of length."""

LEAST_SPAN = 1e-140
"""Points in the plane lie all in one place, or span at least this much: squares of what is far below it underflow."""

Array = NDArray[Any]


class RoundingRule(NamedTuple):
    """``sign * floor(sign * distance * factor + offset) / divisor``."""

    factor: float
    offset: float
    divisor: float
    sign: float = 1.0


ROUNDINGS: Mapping[str, RoundingRule | None] = {
    "exact": None,
    "nearest": RoundingRule(1, 0.5, 1),
    "floor": RoundingRule(1, 0, 1),
    "ceil": RoundingRule(1, 0, 1, -1),
    "dimacs": RoundingRule(10, 0, 1),
    "one_decimal": RoundingRule(10, 0, 10),
}
"""Named rounding rules: ``nearest`` is TSPLIB's EUC_2D (floor(d + 0.5)), ``ceil`` its CEIL_2D, ``dimacs`` ten times the
distance, truncated (12th DIMACS challenge), ``one_decimal`` truncated to one decimal (Solomon's instances)."""


@dataclass(frozen=True, eq=False)
class Matrix(Frozen):
    """Distances given arc by arc.

    Parameters
    ----------
    distance : array_like, shape (num_nodes, num_nodes)
        ``distance[u, v]`` from u to v, >= 0, int or float; the diagonal is ignored. May be asymmetric.
    """

    kind: ClassVar[str] = "matrix"
    distance: Array

    def __post_init__(self) -> None:
        advice = (
            "one row and one column a node, a number in each cell; "
            "price a missing arc a little above the longest real detour, not with a huge number"
        )
        given = as_numbers("distance", self.distance, f"; {advice}")
        dtype = np.int64 if given.dtype.kind in "iu" else np.float64
        distance = frozen_array("distance", given, dtype, shape=(None, None), advice=advice)
        if distance.shape[0] != distance.shape[1]:
            raise InvalidProblemError(f"distance has shape {distance.shape}, expected a square matrix; {advice}")
        refuse("distance", distance, distance < 0, "a distance is >= 0")
        refuse_overflow("distance", distance, 2 * len(distance), "price a missing arc a little above the longest real detour")
        object.__setattr__(self, "distance", distance)

    def __len__(self) -> int:
        return int(self.distance.shape[0])

    @property
    def symmetric(self) -> bool:
        return bool(np.array_equal(self.distance, self.distance.T))

    def legs(self, tails: ArrayLike, heads: ArrayLike) -> Array:
        """Distances of arcs ``tails[i] -> heads[i]``; 0 where both are the same node."""
        u, v = np.asarray(tails, np.int64), np.asarray(heads, np.int64)
        return np.where(u == v, 0, self.distance[u, v])

    def matrix(self) -> Array:
        """All distances, shape (num_nodes, num_nodes), with a zero diagonal."""
        full = np.array(self.distance)
        np.fill_diagonal(full, 0)
        return full

    def lattice(self, max_items: int, limit: int = KERNEL_LIMIT) -> Lattice:
        lattice = Lattice.fit(self.matrix(), max_items=max_items, limit=limit, field="distance")
        if not lattice.exact:
            # Every node is left at least once: what that costs must stand out from the lattice's error.
            off = np.array(self.distance)
            np.fill_diagonal(off, np.inf)
            leaving = off.min(axis=1)
            least = float(leaving.sum()) or float(off[off > 0].min(initial=math.inf))
            if lattice.error > 1e-6 * least:
                largest = float(self.matrix().max())
                raise InvalidProblemError(
                    f"distance reaches {largest:.6g} where nodes can be left for {np.median(leaving):.6g}: no 64-bit integers hold "
                    f"sums of both; price a missing arc a little above the longest real detour, not with a huge number"
                )
        return lattice

    def ticks(self, lattice: Lattice) -> NDArray[np.int64]:
        """All distances in ticks, shape (num_nodes, num_nodes)."""
        return lattice.ticks(self.matrix())

    def take(self, order: ArrayLike) -> Matrix:
        """The nodes in another order (or some of them)."""
        order = np.asarray(order, np.int64)
        if np.array_equal(order, np.arange(len(self))):
            return self
        return Matrix(self.distance[np.ix_(order, order)])

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "distance": self.distance.tolist()}


@dataclass(frozen=True, eq=False)
class Planar(Frozen):
    """Points in the plane; Euclidean distances, rounded by a named rule. Needs no memory for arcs.

    Parameters
    ----------
    points : array_like of float, shape (num_nodes, 2)
        x and y.
    rounding : str
        A key of `ROUNDINGS`: ``"exact"``, ``"nearest"``, ``"floor"``, ``"ceil"``, ``"dimacs"`` or ``"one_decimal"``.
    """

    kind: ClassVar[str] = "planar"
    symmetric: ClassVar[bool] = True
    points: Array
    rounding: str = "exact"

    def __post_init__(self) -> None:
        if not isinstance(self.rounding, str) or self.rounding not in ROUNDINGS:
            raise InvalidProblemError(f"rounding is {self.rounding!r}; expected one of {', '.join(ROUNDINGS)}")
        points = frozen_array("points", self.points, np.float64, shape=(None, 2), advice="one row a node: x and y")
        refuse("points", points, np.abs(points) > 1e15, "a coordinate is below 1e15 in size; use a larger unit")
        span = float(np.ptp(points, axis=0).max()) if len(points) else 0.0
        if 0 < span < LEAST_SPAN:
            raise InvalidProblemError(
                f"points span {span:.4g}; the squares of distances below {LEAST_SPAN:g} are lost in floats: use a smaller unit"
            )
        object.__setattr__(self, "points", points)

    def __len__(self) -> int:
        return len(self.points)

    @property
    def rule(self) -> RoundingRule | None:
        return ROUNDINGS[self.rounding]

    def _round(self, length: Array, factor: float, offset: float, sign: float) -> Array:
        """``sign * floor(sign * length * factor + offset)``, in place: a matrix is large."""
        length *= sign * factor
        length += offset
        np.floor(length, out=length)
        length *= sign
        return length

    def _all_lengths(self) -> NDArray[np.float64]:
        # Written out, not hypot: the kernels compute the very same expression, bit for bit.
        x, y = self.points[:, 0], self.points[:, 1]
        squared, dy = np.subtract.outer(x, x), np.subtract.outer(y, y)
        squared *= squared
        dy *= dy
        squared += dy
        return np.sqrt(squared, out=squared)

    def legs(self, tails: ArrayLike, heads: ArrayLike) -> Array:
        """Distances of arcs ``tails[i] -> heads[i]``; 0 where both are the same node."""
        u, v = np.asarray(tails, np.int64), np.asarray(heads, np.int64)
        step = self.points[u] - self.points[v]
        length = np.atleast_1d(np.sqrt(step[..., 0] * step[..., 0] + step[..., 1] * step[..., 1]))
        if self.rule is not None:
            factor, offset, divisor, sign = self.rule
            length = self._round(length, factor, offset, sign) / divisor
        return np.where(u == v, 0.0, length)

    def matrix(self) -> Array:
        """All distances, shape (num_nodes, num_nodes), with a zero diagonal."""
        full = self._all_lengths()
        if self.rule is not None:
            factor, offset, divisor, sign = self.rule
            full = self._round(full, factor, offset, sign)
            full /= divisor
        np.fill_diagonal(full, 0)
        return full

    def lattice(self, max_items: int, limit: int = KERNEL_LIMIT) -> Lattice:
        # No arc is longer than the diagonal of the bounding box, and rounding adds at most one unit.
        span = self.points.max(axis=0) - self.points.min(axis=0) if len(self) else np.zeros(2)
        longest = np.array([math.hypot(*span)])
        if self.rule is None:
            return Lattice.fit(longest, max_items=max_items, limit=limit, field="distance", exact=False)
        largest = float(longest[0]) * self.rule.factor + 1
        if largest * max_items >= limit:
            raise InvalidProblemError(
                f"points span {float(longest[0]):.4g}; {max_items} such arcs overflow the {limit:.0e} that sums may reach"
            )
        return Lattice(self.rule.divisor, 0.0, max_items)

    def tick_rule(self, lattice: Lattice) -> RoundingRule:
        """The rule that gives ticks: ``sign * floor(sign * distance * factor + offset)``."""
        return RoundingRule(lattice.scale, 0.5, 1) if self.rule is None else self.rule

    def ticks(self, lattice: Lattice) -> NDArray[np.int64]:
        """All distances in ticks, shape (num_nodes, num_nodes)."""
        factor, offset, _, sign = self.tick_rule(lattice)
        full = self._round(self._all_lengths(), factor, offset, sign).astype(np.int64)
        np.fill_diagonal(full, 0)
        return full

    def take(self, order: ArrayLike) -> Planar:
        """The nodes in another order (or some of them)."""
        return Planar(self.points[np.asarray(order, np.int64)], self.rounding)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "points": self.points.tolist(), "rounding": self.rounding}


@dataclass(frozen=True, eq=False)
class Sphere(Frozen):
    """Points on the globe; great-circle (haversine) distances. Needs no memory for arcs.

    Parameters
    ----------
    points : array_like of float, shape (num_nodes, 2)
        Latitude and longitude in degrees.
    unit : {"km", "m", "mi"}
        Unit of the distances.
    """

    kind: ClassVar[str] = "sphere"
    symmetric: ClassVar[bool] = True
    points: Array
    unit: Literal["km", "m", "mi"] = "km"

    def __post_init__(self) -> None:
        if not isinstance(self.unit, str) or self.unit not in EARTH_RADIUS:
            raise InvalidProblemError(f"unit is {self.unit!r}; expected one of {', '.join(EARTH_RADIUS)}")
        points = frozen_array("points", self.points, np.float64, shape=(None, 2), advice="one row a node: latitude and longitude")
        refuse(
            "latitude", points[:, 0], np.abs(points[:, 0]) > 90, "a latitude is within -90 and 90 degrees; are the columns swapped?"
        )
        refuse("longitude", points[:, 1], np.abs(points[:, 1]) > 360, "a longitude is within -180 and 180 degrees")
        object.__setattr__(self, "points", points)

    def __len__(self) -> int:
        return len(self.points)

    @property
    def radius(self) -> float:
        return EARTH_RADIUS[self.unit]

    @cached_property
    def vectors(self) -> NDArray[np.float64]:
        """Unit vectors of the points, shape (num_nodes, 3)."""
        latitude, longitude = np.radians(self.points[:, 0]), np.radians(self.points[:, 1])
        east, north = np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude)
        return np.ascontiguousarray(np.stack((east, north, np.sin(latitude)), axis=1))

    def legs(self, tails: ArrayLike, heads: ArrayLike) -> Array:
        """Distances of arcs ``tails[i] -> heads[i]``; 0 where both are the same node."""
        u, v = self.vectors[np.asarray(tails, np.int64)], self.vectors[np.asarray(heads, np.int64)]
        # The angle between two unit vectors, accurate from zero to antipodes (Kahan), where the arcsine of the haversine
        # formula loses half of its digits.
        apart, together = np.sqrt(((u - v) ** 2).sum(axis=-1)), np.sqrt(((u + v) ** 2).sum(axis=-1))
        lengths: Array = 2 * self.radius * np.arctan2(apart, together)
        return lengths

    def matrix(self) -> Array:
        """All distances, shape (num_nodes, num_nodes), with a zero diagonal."""
        nodes = np.arange(len(self))
        return self.legs(nodes[:, None], nodes[None, :])

    def lattice(self, max_items: int, limit: int = KERNEL_LIMIT) -> Lattice:
        # Half of the equator bounds every arc. Kernels may differ from numpy by some ulps of it: counted into an item's error.
        half_round = math.pi * self.radius
        fitted = Lattice.fit(np.array([half_round]), max_items=max_items, limit=limit, field="distance", exact=False)
        return Lattice(fitted.scale, fitted.item_error + 8 * math.ulp(half_round), max_items)

    def ticks(self, lattice: Lattice) -> NDArray[np.int64]:
        """All distances in ticks, shape (num_nodes, num_nodes)."""
        return np.floor(self.matrix() * lattice.scale + 0.5).astype(np.int64)

    def take(self, order: ArrayLike) -> Sphere:
        """The nodes in another order (or some of them)."""
        return Sphere(self.points[np.asarray(order, np.int64)], self.unit)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "points": self.points.tolist(), "unit": self.unit}


Network = Matrix | Planar | Sphere
"""Where the arcs of a routing problem come from."""


def network_from_dict(data: Any) -> Network:
    """Read back what ``to_dict`` of a network wrote."""
    if not isinstance(data, Mapping):
        raise InvalidProblemError(f"network is {shown(data)}; expected an object with a kind: matrix, planar or sphere")
    match data.get("kind"):
        case "matrix":
            return Matrix(data["distance"])
        case "planar":
            return Planar(data["points"], data["rounding"])
        case "sphere":
            return Sphere(data["points"], data["unit"])
        case kind:
            raise InvalidProblemError(f"network.kind is {shown(kind)}; expected matrix, planar or sphere")
