"""Random problems for hypothesis: small, and full of corner cases."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from optikit.routing import TSP, VRP
from optikit.routing.metrics import ROUNDINGS


@st.composite
def vrps(draw, min_clients: int = 1, max_clients: int = 6, limited: bool | None = None):
    """Instances with equal points, zero demands, tight capacities, asymmetric matrices, ints and floats."""
    n = draw(st.integers(min_clients, max_clients)) + 1
    whole = draw(st.booleans())
    decimals = st.floats(0, 9, allow_subnormal=False).map(lambda x: round(x, 3))
    # Thirds and multiples of pi have no exact lattice, and three thirds still fill a vehicle of one.
    irrational = st.sampled_from([1 / 3, 2 / 3, 1.0, math.pi / 10, math.pi / 5])
    demands = st.integers(0, 9) if whole else draw(st.sampled_from([decimals, irrational]))
    demand = [0, *draw(st.lists(demands, min_size=n - 1, max_size=n - 1))]
    largest, total = max(demand), sum(demand)
    capacity = draw(st.sampled_from([largest, largest * 1.5, (largest + total) / 2, total, total + 1]))
    if whole:
        capacity = int(np.ceil(capacity))
    num_vehicles = None
    if draw(st.booleans()) if limited is None else limited:
        num_vehicles = draw(st.integers(1, n - 1))
    depot = draw(st.integers(0, n - 1))
    demand = [*demand[1 : depot + 1], 0, *demand[depot + 1 :]]
    kind = draw(st.sampled_from(["planar", "rounded", "sphere", "ints", "floats", "symmetric"]))
    if kind in ("planar", "rounded", "sphere"):
        # Points that all lie within 1e-140 are refused.
        coordinate = st.integers(-20, 20) | st.floats(-20, 20).map(lambda x: x if abs(x) > 1e-100 else 0.0)
        points = draw(st.lists(st.tuples(coordinate, coordinate), min_size=n, max_size=n))
        rounding = draw(st.sampled_from(["nearest", "ceil", "floor", "dimacs", "one_decimal"])) if kind == "rounded" else "exact"
        metric = "haversine" if kind == "sphere" else "euclidean"
        return VRP.from_coordinates(
            points, demand, capacity, depot=depot, num_vehicles=num_vehicles, metric=metric, rounding=rounding
        )
    cell = st.integers(0, 50) if kind == "ints" else st.floats(0, 50).map(lambda x: round(x, 7))
    rows = np.array(draw(st.lists(st.lists(cell, min_size=n, max_size=n), min_size=n, max_size=n)))
    if kind == "symmetric":
        rows = np.maximum(rows, rows.T)
    return VRP.from_matrix(rows, demand, capacity, depot=depot, num_vehicles=num_vehicles)


@st.composite
def tsps(draw, min_cities: int = 2, max_cities: int = 6, missing: bool | None = None):
    """Closed and open, with fixed ends and without; equal points, all norms, asymmetric and one-way, ints and floats."""
    n = draw(st.integers(min_cities, max_cities))
    closed = draw(st.booleans())
    ends = {"closed": closed}
    if draw(st.booleans()):
        ends["first"] = draw(st.integers(0, n - 1))
    if not closed and draw(st.booleans()):
        ends["last"] = draw(st.sampled_from([city for city in range(n) if city != ends.get("first")]))
    if missing is None:
        missing = draw(st.booleans())
    norms = ["euclidean", "manhattan", "maximum", "att", "xray1", "xray2", "haversine", "geo"]
    matrices = ["symmetric", "tilted", "ints", "floats"]
    kind = draw(st.sampled_from(matrices if missing else [*norms, *matrices]))
    if kind in norms:
        axes = 3 if kind.startswith("xray") else 2 if kind in ("att", "haversine", "geo") else draw(st.integers(2, 3))
        # Points that all lie within 1e-140 are refused.
        coordinate = st.integers(-20, 20) | st.floats(-20, 20).map(lambda x: x if abs(x) > 1e-100 else 0.0)
        points = draw(st.lists(st.tuples(*[coordinate] * axes), min_size=n, max_size=n))
        rounding = "exact" if kind in ("haversine", "geo") else draw(st.sampled_from(["exact", *ROUNDINGS]))
        return TSP.from_coordinates(points, metric=kind, rounding=rounding, **ends)
    cell = st.floats(0, 50).map(lambda x: round(x, 7)) if kind == "floats" else st.integers(0, 50)
    if missing:
        cell = cell | st.just(math.inf)
    rows = np.array(draw(st.lists(st.lists(cell, min_size=n, max_size=n), min_size=n, max_size=n)))
    if kind == "tilted":  # the same both ways but for what goes up or down
        height = np.array(draw(st.lists(st.integers(0, 20), min_size=n, max_size=n)))
        return TSP.from_matrix(np.maximum(rows, rows.T) + 20 + height[:, None] - height, **ends)
    return TSP.from_matrix(np.maximum(rows, rows.T) if kind == "symmetric" else rows, **ends)
