"""Points on the globe: great circles, and TSPLIB's own idea of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InvalidProblemError
from ...inputs.arrays import frozen_array, refuse
from ...inputs.frozen import Frozen
from ...inputs.wording import shown
from ...ticks import KERNEL_LIMIT, Lattice
from .rounding import Array, RoundingRule

EARTH_RADIUS = {"km": 6371.0088, "m": 6371008.8, "mi": 6371.0088 / 1.609344}
"""Mean Earth radius by unit of length (IUGG)."""

TSPLIB_RADIUS = 6378.388
TSPLIB_PI = 3.141592
"""The constants of TSPLIB's GEO distances, which are what its published values hold for."""

_BELOW = 1 - 1e-7
"""Angles between unit vectors and the arc cosines of TSPLIB's formula differ by less than this part of them, from 1 km on."""

_ROWS = 100  # of a matrix at once: large ones leave the cache


def _vectors(latitude: Array, longitude: Array) -> NDArray[np.float64]:
    """Unit vectors of places, from radians."""
    east, north = np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude)
    return np.ascontiguousarray(np.stack((east, north, np.sin(latitude)), axis=1))


def _degrees(points: Array) -> Array:
    points = frozen_array("points", points, np.float64, shape=(None, 2), advice="one row a node: latitude and longitude")
    latitude, longitude = points[:, 0], points[:, 1]
    refuse("latitude", latitude, np.abs(latitude) > 90, "a latitude is within -90 and 90 degrees; are the columns swapped?")
    refuse("longitude", longitude, np.abs(longitude) > 360, "a longitude is within -360 and 360 degrees")
    return points


def _length(u: Array, v: Array) -> Array:
    """Of the sums of vectors, axis by axis: shape (..., 3) broadcasts without room for it."""
    x, y, z = (u[..., axis] + v[..., axis] for axis in range(3))
    total: Array = x * x
    total += y * y
    total += z * z
    return np.sqrt(total)


def _both_halves(count: int, ticks_of: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]]) -> NDArray[np.int64]:
    """A symmetric matrix, of which each pair is computed once: a few rows at a time, which stay in the cache."""
    nodes = np.arange(count)
    ticks = np.empty((count, count), np.int64)
    for first in range(0, count, _ROWS):
        rows = slice(first, first + _ROWS)
        ticks[rows, first:] = ticks_of(nodes[rows, None], nodes[first:])
        ticks[first:, rows] = ticks[rows, first:].T
    return ticks


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
    norm: ClassVar[str] = "sphere"
    symmetric: ClassVar[bool] = True
    has_missing: ClassVar[bool] = False
    points: Array
    unit: Literal["km", "m", "mi"] = "km"

    def __post_init__(self) -> None:
        if not isinstance(self.unit, str) or self.unit not in EARTH_RADIUS:
            raise InvalidProblemError(f"unit is {shown(self.unit)}; expected one of {', '.join(EARTH_RADIUS)}")
        object.__setattr__(self, "points", _degrees(self.points))

    def __len__(self) -> int:
        return len(self.points)

    @property
    def radius(self) -> float:
        return EARTH_RADIUS[self.unit]

    @property
    def longest(self) -> float:
        """No arc is longer: half of the equator."""
        return math.pi * self.radius

    @cached_property
    def vectors(self) -> NDArray[np.float64]:
        """Unit vectors of the points, shape (num_nodes, 3)."""
        return _vectors(np.radians(self.points[:, 0]), np.radians(self.points[:, 1]))

    @property
    def coordinates(self) -> NDArray[np.float64]:
        """What kernels compute lengths from: the unit vectors."""
        return self.vectors

    def legs(self, tails: ArrayLike, heads: ArrayLike) -> Array:
        """Distances of arcs ``tails[i] -> heads[i]``; 0 where both are the same node."""
        u, v = (self.vectors[np.asarray(ends, np.int64)] for ends in (tails, heads))
        # The angle between two unit vectors, accurate from zero to antipodes (Kahan), where the arcsine of the haversine
        # formula loses half of its digits.
        apart, together = _length(u, -v), _length(u, v)
        lengths: Array = 2 * self.radius * np.arctan2(apart, together)
        return lengths

    def matrix(self) -> Array:
        """All distances, shape (num_nodes, num_nodes), with a zero diagonal."""
        nodes = np.arange(len(self))
        return self.legs(nodes[:, None], nodes[None, :])

    def lattice(self, max_items: int, limit: int = KERNEL_LIMIT) -> Lattice:
        # Half of the equator bounds every arc. Kernels may differ from numpy by some ulps of it: counted into an item's error.
        fitted = Lattice.fit(np.array([self.longest]), max_items=max_items, limit=limit, field="distance", exact=False)
        return Lattice(fitted.scale, fitted.item_error + 8 * math.ulp(self.longest), max_items)

    def tick_rule(self, lattice: Lattice) -> RoundingRule:
        """The rule that gives ticks of half the angle between two vectors: ``floor(angle * factor + offset)``."""
        return RoundingRule(2 * self.radius * lattice.scale, 0.5, 1)

    def ticks(self, lattice: Lattice) -> NDArray[np.int64]:
        """All distances in ticks, shape (num_nodes, num_nodes)."""
        return _both_halves(len(self), lambda rows, columns: self.leg_ticks(lattice, rows, columns))

    def leg_ticks(self, lattice: Lattice, tails: ArrayLike, heads: ArrayLike) -> NDArray[np.int64]:
        """Ticks of arcs ``tails[i] -> heads[i]``."""
        return np.floor(self.legs(tails, heads) * lattice.scale + 0.5).astype(np.int64)

    def take(self, order: ArrayLike) -> Sphere:
        """The nodes in another order (or some of them)."""
        return Sphere(self.points[np.asarray(order, np.int64)], self.unit)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "points": self.points.tolist(), "unit": self.unit}


@dataclass(frozen=True, eq=False)
class Geo(Frozen):
    """Points on TSPLIB's globe: kilometres as whole numbers, by the formula of its GEO files (documentation of 1995, section 2.4).

    For values that agree with published ones; `Sphere` is the better globe. Two cities in one place are 1 km apart, as the
    formula has it.

    Parameters
    ----------
    points : array_like of float, shape (num_nodes, 2)
        Latitude and longitude as ``DDD.MM``: degrees before the point, minutes behind it.

    Examples
    --------
    >>> Geo([(16.47, 96.10), (16.47, 94.44)]).legs([0], [1]).tolist()  # the first two of burma14
    [153.0]
    """

    kind: ClassVar[str] = "geo"
    norm: ClassVar[str] = "sphere"
    symmetric: ClassVar[bool] = True
    has_missing: ClassVar[bool] = False
    points: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _degrees(self.points))

    def __len__(self) -> int:
        return len(self.points)

    @property
    def longest(self) -> float:
        """No arc is longer: half of the equator."""
        return math.floor(math.pi * TSPLIB_RADIUS + 1)

    @cached_property
    def radians(self) -> NDArray[np.float64]:
        """Latitude and longitude in TSPLIB's radians, shape (num_nodes, 2)."""
        whole = np.trunc(self.points)
        return np.ascontiguousarray(TSPLIB_PI * (whole + 5.0 * (self.points - whole) / 3.0) / 180.0)

    @cached_property
    def coordinates(self) -> NDArray[np.float64]:
        """What kernels compute lengths from: unit vectors, shape (num_nodes, 3)."""
        return _vectors(*self.radians.T)

    @property
    def degrees(self) -> NDArray[np.float64]:
        """Latitude and longitude in degrees and their fractions, for maps; shape (num_nodes, 2)."""
        whole = np.trunc(self.points)
        return np.asarray(whole + 5.0 * (self.points - whole) / 3.0)

    def legs(self, tails: ArrayLike, heads: ArrayLike) -> Array:
        """Distances of arcs ``tails[i] -> heads[i]``; 0 where both are the same node."""
        u, v = np.asarray(tails, np.int64), np.asarray(heads, np.int64)
        (latitude, longitude), shape = self.radians.T, np.broadcast_shapes(u.shape, v.shape)
        q1 = np.cos(longitude[u] - longitude[v])
        q2 = np.cos(latitude[u] - latitude[v])
        q3 = np.cos(latitude[u] + latitude[v])
        angle = np.arccos(np.clip(0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3), -1.0, 1.0))
        return np.where(u == v, 0.0, np.floor(TSPLIB_RADIUS * angle + 1.0)).reshape(shape or 1)

    def matrix(self) -> Array:
        """All distances, shape (num_nodes, num_nodes), with a zero diagonal."""
        nodes = np.arange(len(self))
        return self.legs(nodes[:, None], nodes[None, :])

    def lattice(self, max_items: int, limit: int = KERNEL_LIMIT) -> Lattice:
        if self.longest * max_items >= limit:
            raise InvalidProblemError(f"{max_items} arcs of up to {self.longest:.0f} overflow the {limit:.0e} that sums may reach")
        return Lattice(1.0, 0.0, max_items)

    def tick_rule(self, lattice: Lattice) -> RoundingRule:
        """As of a `Sphere`; never above the formula's own, and below it where that is within a ten millionth of a whole number."""
        return RoundingRule(2 * TSPLIB_RADIUS * _BELOW, 1.0, 1)

    def ticks(self, lattice: Lattice) -> NDArray[np.int64]:
        """All distances in ticks, shape (num_nodes, num_nodes)."""
        return _both_halves(len(self), lambda rows, columns: self.leg_ticks(lattice, rows, columns))

    def leg_ticks(self, lattice: Lattice, tails: ArrayLike, heads: ArrayLike) -> NDArray[np.int64]:
        """Ticks of arcs ``tails[i] -> heads[i]``."""
        return lattice.ticks(self.legs(tails, heads))

    def take(self, order: ArrayLike) -> Geo:
        """The nodes in another order (or some of them)."""
        return Geo(self.points[np.asarray(order, np.int64)])

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "points": self.points.tolist()}
