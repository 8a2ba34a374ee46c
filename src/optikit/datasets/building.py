"""Problems of the numbers that generators draw: one function a problem class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..routing.tsp.problem import TSP
    from ..routing.vrp.problem import VRP


def vrp(numbers: Mapping[str, Any], name: str) -> VRP:
    """From points, demands and a capacity; the first point is the depot. Distances are rounded to the nearest integer."""
    from ..routing.vrp.problem import VRP

    return VRP.from_coordinates(numbers["points"], numbers["demand"], numbers["capacity"], rounding="nearest", name=name)


def tsp(numbers: Mapping[str, Any], name: str) -> TSP:
    """From points with a rounding, or a matrix of distances."""
    from ..routing.tsp.problem import TSP

    if "distance" in numbers:
        return TSP.from_matrix(numbers["distance"], name=name)
    return TSP.from_coordinates(numbers["points"], rounding=numbers["rounding"], name=name)
