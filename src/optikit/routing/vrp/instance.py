"""From a problem to what the kernels read: ticks, neighbours, savings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...kernels.matrix_neighbours import matrix_in_slices
from ...kernels.neighbours import in_slices
from ..metrics import Matrix, Planar, Sphere
from .arrays import Instance
from .loads import load_ticks
from .problem import DENSE_NODES, VRP

PLANAR_NODES = 500
"""Above this many nodes planar arcs are computed rather than read: a matrix that leaves the cache is slower than a root
(measured: 0.8 of the iterations a second at 749 and 1,001 nodes, 1.25 times as many at 308)."""

SAVINGS_NEIGHBOURS = 40
"""Savings are computed between so many near neighbours."""


def make_instance(problem: VRP, neighbours: int, memory_limit: int | None = None) -> Instance:
    """`prepare` for who has the time."""
    instance = prepare(problem, neighbours, memory_limit)
    assert instance is not None
    return instance


def prepare(
    problem: VRP, neighbours: int, memory_limit: int | None = None, go_on: Callable[[], bool] = lambda: True
) -> Instance | None:
    """What the kernels read, in ticks; shared by all islands.

    Parameters
    ----------
    problem : VRP
        What is being solved.
    neighbours : int
        Length of the neighbour lists.
    memory_limit : int, optional
        Bytes; arcs are computed where a matrix would take more than half of them.
    go_on : callable
        Asked every few dozen milliseconds.

    Returns
    -------
    Instance or None
        None where ``go_on()`` said no.
    """
    network, lattice = problem.network, problem.lattice
    size = len(network)
    clients = np.arange(1, size)
    width = max(1, min(neighbours, size - 2))
    as_matrix = isinstance(network, Matrix) or (size <= DENSE_NODES and (memory_limit is None or 16 * size * size <= memory_limit))
    computed = not as_matrix or (isinstance(network, Planar) and size > PLANAR_NODES)
    ticks = problem.tick_matrix if as_matrix else np.zeros((1, 1), np.int64)
    dist = np.zeros((1, 1), np.int64) if computed else ticks
    points = _points(problem) if computed else np.zeros((1, 3))
    if size == 2:
        near = np.ones((2, 1), np.int32)  # a single client stands beside itself, which the kernels skip
    else:
        if as_matrix or isinstance(network, Matrix):
            lists = matrix_in_slices(ticks, width, num_depots=1, symmetrise="mean", go_on=go_on)
        else:
            places = network.vectors if isinstance(network, Sphere) else network.points
            lists = in_slices(places, width, num_depots=1, go_on=go_on)
        if lists is None:
            return None
        near = lists
    if not go_on():
        return None
    factor, offset = _rule(problem)

    def cost(tails: NDArray[Any], heads: NDArray[Any]) -> NDArray[np.int64]:
        """Ticks of some arcs: from the matrix, or as `metrics` computes them."""
        if as_matrix:
            some: NDArray[np.int64] = ticks[tails, heads]
            return some
        if isinstance(network, Sphere):
            return np.floor(network.legs(tails, heads) * lattice.scale + 0.5).astype(np.int64)
        return np.rint(network.legs(tails, heads) * lattice.scale).astype(np.int64)

    home = np.zeros(size - 1, np.int64)
    there_and_back = cost(home, clients) + cost(clients, home)
    breadth = min(SAVINGS_NEIGHBOURS, width)
    first = np.repeat(clients, breadth)
    second = near[1:, :breadth].reshape(-1).astype(np.int64)
    if not network.symmetric:
        first, second = np.concatenate([first, second]), np.concatenate([second, first])
    saving = cost(first, np.zeros_like(first))
    for sign, tails in ((1, np.zeros_like(first)), (-1, first)):
        if not go_on():
            return None
        saving = saving + sign * cost(tails, second)
    if not go_on():
        return None
    order = np.argsort(-saving, kind="stable")
    longest = int(there_and_back.max()) if as_matrix is False else max(int(there_and_back.max()), 2 * int(ticks.max()))
    demand, capacity = load_ticks(problem)
    total = problem.num_clients
    return Instance(
        num_nodes=size,
        num_neighbours=width,
        num_entries=dist.size,
        num_points=len(points),
        num_savings=len(order),
        capacity=capacity,
        max_vehicles=min(problem.num_vehicles or total, total),
        factor=factor,
        offset=offset,
        dist=dist.reshape(-1),
        x=np.ascontiguousarray(points[:, 0]),
        y=np.ascontiguousarray(points[:, 1]),
        z=np.ascontiguousarray(points[:, 2]),
        demand=np.concatenate(([0], demand)),
        absence=np.full(size, 2 * longest + 1, np.int64),  # more than any detour can cost
        neighbours=near,
        saving_from=first[order].astype(np.int32),
        saving_to=second[order].astype(np.int32),
    )


def variant(problem: VRP, instance: Instance) -> str:
    """The variant of the kernels that fits: see ``kernels/flags.py``."""
    if instance.num_entries > 1:
        return "matrix" if problem.network.symmetric else "asymmetric"
    if isinstance(problem.network, Planar) and problem.network.rounding == "ceil":
        return "ceil"
    return "globe" if isinstance(problem.network, Sphere) else "planar"


def _points(problem: VRP) -> NDArray[np.float64]:
    network = problem.network
    if isinstance(network, Sphere):
        return network.vectors
    assert not isinstance(network, Matrix)
    return np.column_stack([network.points, np.zeros(len(network))])


def _rule(problem: VRP) -> tuple[float, float]:
    """Factor and offset of `kernels.arcs.arc`."""
    network, scale = problem.network, problem.lattice.scale
    if isinstance(network, Matrix):
        return 1.0, 0.0
    if isinstance(network, Sphere):
        return 2 * network.radius * scale, 0.5
    assert isinstance(network, Planar)
    rule = network.tick_rule(problem.lattice)
    return float(rule.factor), float(rule.offset)


def mean_near_arc(instance: Instance) -> float:
    """Mean ticks between a client and its five nearest: the unit of temperatures."""
    size = instance.num_nodes
    if size == 2:
        return 1.0
    breadth = min(5, instance.num_neighbours)
    near = instance.neighbours.reshape(size, -1)[1:, :breadth].reshape(-1).astype(np.int64)
    tails = np.repeat(np.arange(1, size), breadth)
    if instance.num_entries > 1:
        arcs = instance.dist.reshape(size, size)[tails, near].astype(np.float64)
    else:
        step = [axis[tails] - axis[near] for axis in (instance.x, instance.y, instance.z)]
        # Half an angle on the globe is nearly half a chord.
        half = 0.5 if instance.z.any() else 1.0
        arcs = half * np.sqrt(step[0] ** 2 + step[1] ** 2 + step[2] ** 2) * instance.factor
    return max(float(arcs.mean()), 1e-9)
