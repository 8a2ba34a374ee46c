"""Features of a GeoJSON FeatureCollection (RFC 7946): longitude first, lines cut at the antimeridian."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

Place = tuple[float, float]
"""Longitude and latitude in degrees."""


def places(degrees: NDArray[Any]) -> list[Place]:
    """Points of latitude and longitude the other way round, with longitudes within -180 and 180."""
    return [((lon + 180) % 360 - 180 if abs(lon) > 180 else lon, lat) for lat, lon in degrees.tolist()]


def collection(features: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(place: Place) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(place)}


def line(way: Sequence[Place]) -> dict[str, Any]:
    """A LineString, or a MultiLineString where the way crosses the antimeridian."""
    parts = [[list(way[0])]]
    for (lon, lat), (next_lon, next_lat) in pairwise(way):
        if abs(next_lon - lon) > 180:
            side = math.copysign(180.0, lon)
            to_edge, beyond = side - lon, next_lon + side
            share = to_edge / (to_edge + beyond) if to_edge + beyond else 0.0
            edge = lat + share * (next_lat - lat)
            parts[-1].append([side, edge])
            parts.append([[-side, edge]])
        parts[-1].append([next_lon, next_lat])
    if len(parts) == 1:
        return {"type": "LineString", "coordinates": parts[0]}
    return {"type": "MultiLineString", "coordinates": parts}
