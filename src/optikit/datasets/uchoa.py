"""Capacitated vehicle routing in the manner of the X set.

E. Uchoa, D. Pecin, A. Pessoa, M. Poggi, T. Vidal, A. Subramanian, New benchmark instances for the Capacitated Vehicle Routing
Problem, European Journal of Operational Research 257 (2017), 845-858, section 4.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..inputs.arguments import check_count, check_number
from ..inputs.wording import did_you_mean
from .stream import Integers, Stream, decay, roots

GRID = 1000
"""Coordinates are 0, ..., 1000."""

LARGEST, LARGEST_CLUSTERED = 500_000, 20_000
"""Clients that find a point of their own without a search."""

DECAY = 40
"""A clustered client is drawn to a seed at distance d with probability exp(-d / 40)."""

DEPOTS = ("center", "corner", "random")
CLIENTS = ("random", "clustered", "mixed")
DEMANDS = {
    "unitary": (1, 1),
    "1-10": (1, 10),
    "5-10": (5, 10),
    "1-100": (1, 100),
    "50-100": (50, 100),
    "quadrant": (1, 100),
    "many-small": (1, 100),
}


def uchoa(
    *,
    size: int = 100,
    seed: int = 0,
    depot: str = "random",
    clients: str = "random",
    demand: str = "1-100",
    route_size: float | None = None,
) -> dict[str, Any]:
    """Points, demands and a capacity.

    Parameters
    ----------
    size : int
        Clients.
    seed : int
        Which instance.
    depot : {"center", "corner", "random"}
        Where the depot is: the paper's C (500, 500), E (0, 0) and R.
    clients : {"random", "clustered", "mixed"}
        How clients lie: the paper's R, C and RC. Clusters grow around 3 to 8 seeds, which are clients too; of a mixed
        instance half the clients are at random. No two clients share a point.
    demand : str
        ``"unitary"``, ``"1-10"``, ``"5-10"``, ``"1-100"``, ``"50-100"`` (uniform); ``"quadrant"``, the paper's Q: 51 to 100 in
        the lower left and the upper right quarter, 1 to 50 in the others; ``"many-small"``, its SL: 70 to 95 per cent are 1 to
        10, the others 50 to 100.
    route_size : float, optional
        Clients a route, on average: the capacity is this times the mean demand, rounded up. By default drawn from the
        triangular distribution on 3, 6, 25.

    Returns
    -------
    dict
        ``points``, shape (size + 1, 2), the depot first; ``demand``, the depot's is 0; ``capacity``.

    Examples
    --------
    >>> drawn = uchoa(size=3, seed=1, demand="5-10", depot="corner")
    >>> drawn["points"].shape, drawn["points"][0].tolist(), drawn["demand"][0].item()
    ((4, 2), [0, 0], 0)
    """
    size, seed = check_count("size", size, 1), check_count("seed", seed, 0)
    for name, value, known in (("depot", depot, DEPOTS), ("clients", clients, CLIENTS), ("demand", demand, tuple(DEMANDS))):
        if value not in known:
            raise UnsupportedError(f"{name} is {value!r}{did_you_mean(value, known)}; expected one of {', '.join(known)}")
    most = LARGEST if clients == "random" else LARGEST_CLUSTERED
    if size > most:
        raise UnsupportedError(f"size is {size:,}; {clients} clients on a grid of {GRID + 1} x {GRID + 1} points: {most:,} at most")
    at = {"center": [GRID // 2, GRID // 2], "corner": [0, 0]}.get(depot)
    place = np.array(at) if at is not None else Stream("uchoa depot", seed).between(0, GRID, 2)
    points = np.concatenate((place.reshape(1, 2), _clients(size, seed, clients, place)))
    routes = _route_size(seed) if route_size is None else Fraction(check_number("route_size", route_size, 1))
    amounts = _demands(size, seed, demand, points[1:])
    capacity = max(int(-(-routes * int(amounts.sum()) // size)), int(amounts.max()))
    return {"points": points, "demand": np.concatenate(([0], amounts)), "capacity": capacity}


def _clients(size: int, seed: int, clients: str, depot: Integers) -> Integers:
    """Points in the order in which they are found: those at random, the seeds of clusters, those that join a cluster."""
    scattered = {"random": size, "clustered": 0, "mixed": size // 2}[clients]
    seeds = int(Stream("uchoa seeds", seed).between(3, 8, 1)[0]) if scattered < size else 0
    anywhere = min(scattered + seeds, size)
    candidates, chances = Stream("uchoa clients", seed), Stream("uchoa chances", seed)
    taken = {(int(depot[0]), int(depot[1]))}
    found: list[tuple[int, int]] = []

    def take(points: Integers, goal: int) -> int:
        """Take what is free until there are so many; how many were looked at."""
        for looked, (x, y) in enumerate(points.tolist()):
            if len(found) >= goal:
                return looked
            if (x, y) not in taken:
                taken.add((x, y))
                found.append((x, y))
        return len(points)

    while len(found) < size:
        block = candidates.between(0, GRID, 2 * 1024).reshape(-1, 2)
        chance = chances.below(2**30, 1024)
        start = take(block, anywhere)
        if len(found) >= anywhere:
            pull = _pull(block, np.array(found[scattered:anywhere], dtype=np.int64).reshape(-1, 2))
            drawn = chance < pull
            drawn[:start] = False
            take(block[drawn], size)
    return np.array(found, dtype=np.int64)


def _pull(points: Integers, centers: Integers) -> Integers:
    """2^30 times the sum over the centers of exp(-distance / 40), distances in steps of 1/1024."""
    whole, part = decay(DECAY)
    pull = np.zeros(len(points), dtype=np.int64)
    for center in centers:
        away = roots(((points - center) ** 2).sum(axis=1) << 20)
        near = away >> 10 < len(whole)
        pull[near] += whole[away[near] >> 10] * part[away[near] & 1023] >> 30
    return pull


def _demands(size: int, seed: int, demand: str, points: Integers) -> Integers:
    stream = Stream("uchoa demands", seed)
    if demand == "many-small":
        share = int(Stream("uchoa share", seed).between(70, 95, 1)[0])
        large = stream.permutation(size) >= size * share // 100
        return np.where(large, stream.between(50, 100, size), stream.between(1, 10, size))
    if demand == "quadrant":
        half = points < GRID // 2
        return stream.between(1, 50, size) + np.where(half[:, 0] == half[:, 1], 50, 0)
    return stream.between(*DEMANDS[demand], size)


def _route_size(seed: int) -> Fraction:
    """From the triangular distribution on 3, 6, 25, in steps of 1/1024: by its inverse, with an integer square root."""
    low, peak, high, unit = 3, 6, 25, 2**20
    u = int(Stream("uchoa route size", seed).below(unit, 1)[0])
    if u * (high - low) < unit * (peak - low):
        away = roots(np.array([u * (high - low) * (peak - low)]))[0]
        return low + Fraction(int(away), 1024)
    away = roots(np.array([(unit - u) * (high - low) * (high - peak)]))[0]
    return high - Fraction(int(away), 1024)
