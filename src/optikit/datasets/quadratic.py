"""Quadratic assignment in the manner of the literature. (Taillard's uniform instances are in `taillard`: his numbers.)"""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..inputs.arguments import check_count
from .stream import Integers, Stream, roots

LARGEST = 5_000
"""Facilities: two matrices take 400 MB."""

HIGHEST = 9
"""Flows reach 10 to this power."""

_UNIT = 2**28


def structured(
    *, size: int = 50, seed: int = 0, group: int = 10, radius: int = 20, span: int = 1000, low: int = -5, high: int = 4
) -> dict[str, Integers]:
    """Places in small groups, and asymmetric flows from nothing to very large, as of real instances (taiXXb).

    After E. D. Taillard, Comparison of iterative searches for the quadratic assignment problem, Location Science 3 (1995), 87-105,
    section 3: groups of 1 to ``group`` places each, uniform in number, lie within ``radius`` of a centre, and the centres within
    ``span`` of the origin; both directions and distances are uniform. Distances are Euclidean and rounded. A flow is 10^X rounded
    down, X uniform from ``low`` to ``high``: with the defaults more than half of the flows are 0.

    Parameters
    ----------
    size : int
        Facilities and locations.
    seed : int
        Which instance.
    group, radius, span : int
        As said.
    low, high : int
        Exponents; ``high`` is at most 9.

    Returns
    -------
    dict
        ``flow`` and ``distance``, shape (size, size), the diagonals 0; ``places``, shape (size, 2).

    Examples
    --------
    >>> drawn = structured(size=20, seed=1)
    >>> bool((drawn["distance"] == drawn["distance"].T).all()), int(drawn["flow"].max()) < 10_000
    (True, True)
    """
    size, seed = _sized(size, seed)
    group, radius, span = check_count("group", group, 1), check_count("radius", radius, 0), check_count("span", span, 0)
    if radius + span > 10**6:
        raise UnsupportedError(f"radius is {radius:,} and span {span:,}; expected at most 1,000,000 together")
    high = check_count("high", high, 0, most=HIGHEST)
    low = check_count("low", low, -1000, most=high)  # 2^20 (high - low) stays below 2^32
    of_group = np.repeat(np.arange(size), Stream("structured groups", seed).between(1, group, size))[:size]
    centres = _around(Stream("structured centres", seed), size, span)
    places = centres[of_group] + _around(Stream("structured places", seed), size, radius)
    squares = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    exponents = low * 2**20 + Stream("structured flows", seed).below(max(1, (high - low) * 2**20), size * size)
    flow = _powers(exponents).reshape(size, size)
    np.fill_diagonal(flow, 0)
    return {"flow": flow, "distance": (roots(4 * squares) + 1) // 2, "places": places}


def _around(stream: Stream, count: int, most: int) -> Integers:
    """Points around the origin: the direction uniform, and the distance uniform on 0, ..., most."""
    found: list[Integers] = []
    while sum(map(len, found)) < count:
        block = stream.between(-(2**15), 2**15, 2 * 256).reshape(-1, 2)
        squares = (block**2).sum(axis=1)
        found.append(block[(squares > 0) & (squares <= 2**30)])  # within a circle all directions are alike
    points = np.concatenate(found)[:count]
    far = stream.between(0, most, count)
    return far[:, None] * points // np.maximum(roots((points**2).sum(axis=1)), 1)[:, None]


def _powers(exponents: Integers) -> Integers:
    """10 to the power of each exponent / 2^20, rounded down, in integers."""
    coarse, fine = _tables()
    whole, part = exponents >> 20, exponents & (2**20 - 1)
    mantissa = coarse[part >> 10] * fine[part & 1023] // _UNIT
    return np.where(whole < 0, 0, mantissa * 10 ** np.maximum(whole, 0) // _UNIT)


@cache
def _tables() -> tuple[Integers, Integers]:
    """10^(k / 1024) and 10^(k / 1024^2) for k = 0, ..., 1023, times 2^28."""
    with localcontext() as context:
        context.prec = 40
        coarse, fine = (
            np.array([int(Decimal(10) ** (Decimal(k) / unit) * _UNIT) for k in range(1024)], dtype=np.int64)
            for unit in (1024, 1024**2)
        )
    return coarse, fine


def grid(*, rows: int = 5, columns: int = 6, seed: int = 0, density: int = 60, most: int = 10) -> dict[str, Any]:
    """Locations on a grid with rectangular distances, and symmetric random flows, as of Nugent and of Skorin-Kapov.

    After C. E. Nugent, T. E. Vollmann, J. Ruml, An experimental comparison of techniques for the assignment of facilities to
    locations, Operations Research 16 (1968), 150-173, and J. Skorin-Kapov, Tabu search applied to the quadratic assignment problem,
    ORSA Journal on Computing 2 (1990), 33-45.

    Parameters
    ----------
    rows, columns : int
        Of the grid.
    seed : int
        Which instance.
    density : int
        Per cent of the pairs of facilities between which something flows.
    most : int
        Flows are uniform on 1, ..., most.

    Returns
    -------
    dict
        ``flow`` and ``distance``, shape (rows * columns, rows * columns), both symmetric; ``places``, shape (rows * columns, 2).

    Examples
    --------
    >>> drawn = grid(rows=2, columns=3, seed=1)
    >>> drawn["distance"][0].tolist()
    [0, 1, 2, 1, 2, 3]
    """
    places = _grid(rows, columns)
    size, seed = _sized(len(places), seed)
    density, most = check_count("density", density, 0, most=100), check_count("most", most, 1, most=10**6)
    stream = Stream("grid flows", seed)
    pairs = size * (size - 1) // 2
    flow = _symmetric(size, np.where(stream.below(100, pairs) < density, stream.between(1, most, pairs), 0))
    return {"flow": flow, "distance": _manhattan(places), "places": places}


def palubeckis(*, rows: int = 5, columns: int = 6, seed: int = 0, most: int = 10) -> dict[str, Any]:
    """Locations on a grid, and flows of which the optimum is known, though no flow tells.

    After G. Palubeckis, Generating hard test instances with known optimal solution for the rectilinear quadratic assignment
    problem, Journal of Global Optimization 15 (1999), 127-156, with rules of our own. There is a hidden placement. Between
    facilities that are neighbours there, something flows, uniform on 0, ..., most; no placement brings them nearer. Then, as many
    times as there are pairs, a facility b is taken that lies on a shortest way from a to c there: w is added to the flows of a and
    b and of b and c, and taken from that of a and c. By the triangle inequality no placement gains by it, and the hidden one loses
    nothing. At last the same is added to all flows, so that none is negative, which adds the same to every placement.

    Parameters
    ----------
    rows, columns : int
        Of the grid; distances are rectangular.
    seed : int
        Which instance.
    most : int
        The largest w, and flow between neighbours before.

    Returns
    -------
    dict
        ``flow`` and ``distance``, shape (rows * columns, rows * columns), both symmetric; ``places``, shape (rows * columns, 2);
        ``placement``, the hidden one, location by facility; ``optimum``, what it costs.

    Examples
    --------
    >>> drawn = palubeckis(rows=3, columns=3, seed=1)
    >>> p = drawn["placement"]
    >>> int((drawn["flow"] * drawn["distance"][p][:, p]).sum()) == drawn["optimum"]
    True
    """
    places = _grid(rows, columns)
    size, seed = _sized(len(places), seed)
    most = check_count("most", most, 1, most=10**6)
    distance = _manhattan(places)
    edges = Stream("palubeckis neighbours", seed).between(0, most, size * size).reshape(size, size)
    flow = np.where(np.triu(distance == 1), edges, 0)  # by location, above the diagonal
    count = size * (size - 1) // 2
    a, c = Stream("palubeckis ends", seed).below(size, 2 * count).reshape(2, -1)
    within = Stream("palubeckis between", seed)
    low, high = np.minimum(places[a], places[c]), np.maximum(places[a], places[c])
    shares = within.below(2**20, 2 * count).reshape(-1, 2)
    middle = low + shares * (high - low + 1) // 2**20
    b = middle[:, 0] * columns + middle[:, 1]
    w = Stream("palubeckis weights", seed).between(1, most, count)
    told = (b != a) & (b != c)
    a, b, c, w = a[told], b[told], c[told], w[told]
    for one, other, weight in ((a, b, w), (b, c, w), (a, c, -w)):
        np.add.at(flow, (np.minimum(one, other), np.maximum(one, other)), weight)
    flow = flow + flow.T
    flow -= min(0, int(flow.min()))
    np.fill_diagonal(flow, 0)
    placement = Stream("palubeckis placement", seed).permutation(size)
    return {
        "flow": flow[placement][:, placement],
        "distance": distance,
        "places": places,
        "placement": placement,
        "optimum": int((flow * distance).sum()),
    }


def grid_size(settings: dict[str, Any]) -> int:
    """Facilities of a grid."""
    return int(settings["rows"] * settings["columns"])


def _sized(size: Any, seed: Any) -> tuple[int, int]:
    return check_count("size", size, 2, most=LARGEST), check_count("seed", seed, 0)


def _grid(rows: int, columns: int) -> Integers:
    rows, columns = check_count("rows", rows, 1, most=LARGEST), check_count("columns", columns, 1, most=LARGEST)
    if rows * columns > LARGEST:
        raise UnsupportedError(f"rows is {rows:,} and columns {columns:,}; expected at most {LARGEST:,} locations")
    return np.stack(np.divmod(np.arange(rows * columns), columns), axis=1)


def _manhattan(places: Integers) -> Integers:
    apart: Integers = np.abs(places[:, None] - places[None]).sum(axis=2)
    return apart


def _symmetric(size: int, pairs: Integers) -> Integers:
    matrix = np.zeros((size, size), dtype=np.int64)
    matrix[np.triu_indices(size, 1)] = pairs
    return matrix + matrix.T
