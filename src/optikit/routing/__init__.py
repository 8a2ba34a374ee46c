"""Routing: vehicles that visit places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .metrics import Geo, Matrix, Planar, Space, Sphere
    from .tsp import TSP, Tour
    from .vrp import VRP, Route, Routes, Trip, VehicleType
    from .vrp.search import HGS

__all__ = [
    "HGS", "TSP", "VRP", "Geo", "Matrix", "Planar", "Route", "Routes", "Space", "Sphere", "Tour", "Trip", "VehicleType",
]  # fmt: skip
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "HGS": ".vrp.search",
        "VRP": ".vrp.problem",
        "VehicleType": ".vrp.problem",
        "Route": ".vrp.solution",
        "Routes": ".vrp.solution",
        "Trip": ".vrp.solution",
        "TSP": ".tsp.problem",
        "Tour": ".tsp.solution",
        "Geo": ".metrics",
        "Matrix": ".metrics",
        "Planar": ".metrics",
        "Space": ".metrics",
        "Sphere": ".metrics",
        "tsp": ".tsp",
        "vrp": ".vrp",
        "metrics": ".metrics",
    },
)
