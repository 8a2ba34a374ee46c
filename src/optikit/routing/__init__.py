"""Routing: vehicles that visit places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .metrics import Matrix, Planar, Sphere
    from .vrp import VRP, Route, Routes, Trip, VehicleType
    from .vrp.search import HGS

__all__ = ["HGS", "VRP", "Matrix", "Planar", "Route", "Routes", "Sphere", "Trip", "VehicleType"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "HGS": ".vrp.search",
        "VRP": ".vrp.problem",
        "VehicleType": ".vrp.problem",
        "Route": ".vrp.solution",
        "Routes": ".vrp.solution",
        "Trip": ".vrp.solution",
        "Matrix": ".metrics",
        "Planar": ".metrics",
        "Sphere": ".metrics",
        "vrp": ".vrp",
        "metrics": ".metrics",
    },
)
