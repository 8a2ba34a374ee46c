"""How far it is from one node to another: matrices, points in the plane or in space with a rounding rule, points on the globe.

Distances follow TSPLIB (Reinelt 1991, section 2, and its documentation of 1995) and VRPLIB; great-circle ("haversine") distances
are on a sphere of the Earth's mean radius (IUGG: 6371.0088 km).

Every network has ``legs`` and ``matrix`` (the user's units), ``lattice``, ``ticks`` and ``leg_ticks`` (what kernels add up),
``symmetric`` and ``has_missing``. Those from coordinates also say how a kernel computes their ticks without a matrix:
``coordinates``, the name of a ``norm``, and ``tick_rule(lattice)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import InvalidProblemError
from ...inputs.forms import check_keys
from ...inputs.wording import shown
from .globe import EARTH_RADIUS, Geo, Sphere
from .matrix import Matrix
from .points import LEAST_SPAN, NORMS, Planar, Rounded, Space
from .rounding import ROUNDINGS, RoundingRule

__all__ = [
    "EARTH_RADIUS", "LEAST_SPAN", "NORMS", "ROUNDINGS", "Geo", "Matrix", "Network", "Planar", "Rounded", "RoundingRule", "Space",
    "Sphere", "network_from_dict",
]  # fmt: skip

_KEYS = {
    "matrix": ("distance",),
    "planar": ("points", "rounding"),
    "space": ("points", "norm", "rounding"),
    "sphere": ("points", "unit"),
    "geo": ("points",),
}
"""What the JSON form of each kind holds."""

Network = Matrix | Planar | Space | Sphere | Geo
"""Where the arcs of a routing problem come from."""


def network_from_dict(data: Any, field: str = "network") -> Network:
    """Read back what ``to_dict`` of a network wrote; ``field`` is what messages call it."""
    if not isinstance(data, Mapping):
        raise InvalidProblemError(f"{field} is {shown(data)}; expected an object with a kind: matrix, planar, space, sphere or geo")
    if (keys := _KEYS.get(str(data.get("kind")))) is not None:
        check_keys(data, ("kind", *keys), field, InvalidProblemError)
    match data.get("kind"):
        case "matrix":
            return Matrix.from_dict(data)
        case "planar":
            return Planar(data["points"], data["rounding"])
        case "space":
            return Space(data["points"], data["norm"], data["rounding"])
        case "sphere":
            return Sphere(data["points"], data["unit"])
        case "geo":
            return Geo(data["points"])
        case kind:
            raise InvalidProblemError(f"{field}.kind is {shown(kind)}; expected matrix, planar, space, sphere or geo")
