"""Tours as cycles of one undirected graph: what 1-trees, cuts and branch and cut work on.

A symmetric problem is such a graph already; a path has the dummy of `reduction` as one more node. For an asymmetric one each node
becomes two, one that is entered and one that is left, with an edge between them that every cycle must use (Jonker and Volgenant,
"Transforming asymmetric into symmetric traveling salesman problems", Operations Research Letters 2, 1983). That edge is kept
as such, and not made cheap by a large negative number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import reduction
from .problem import TSP
from .solution import Tour

NO_EDGE = -1
"""Length of an edge that does not exist."""


@dataclass(frozen=True)
class Graph:
    """An undirected graph; its cycles through all nodes with all fixed edges are the tours of a problem, at their cost.

    Parameters
    ----------
    length : numpy.ndarray of int64, shape (num_nodes, num_nodes)
        Ticks of the edges, symmetric; NO_EDGE where there is none, on the diagonal for instance.
    fixed : numpy.ndarray of int64, shape (num_fixed, 2)
        Edges that every tour uses.
    doubled : bool
        Whether it is that of an asymmetric problem: node u and node u + num_nodes / 2 are where a city is left and entered.
    """

    length: NDArray[np.int64]
    fixed: NDArray[np.int64]
    doubled: bool = False

    @property
    def num_nodes(self) -> int:
        return len(self.length)

    @classmethod
    def of(cls, problem: TSP) -> Graph:
        """The graph of a problem, from its matrix."""
        return _symmetric(problem) if problem.undirected else _asymmetric(problem)


def num_graph_nodes(problem: TSP) -> int:
    """Nodes of the graph of a problem."""
    return reduction.num_nodes(problem) * (1 if problem.undirected else 2)


def _symmetric(problem: TSP) -> Graph:
    size, cities = reduction.num_nodes(problem), problem.num_cities
    length = np.full((size, size), NO_EDGE)
    exists = problem.tick_matrix < problem.forbidden
    length[:cities, :cities] = np.where(exists, reduction.levelled(problem)[:cities, :cities], NO_EDGE)
    np.fill_diagonal(length, NO_EDGE)
    fixed = []
    if not problem.closed:
        ends = [end for end in (problem.first, problem.last) if end is not None]
        # With one end given, the other is any city: the dummy's edge to the given one is what must be used.
        near = ends if len(ends) == 2 else range(cities)
        length[cities, near] = length[near, cities] = 0
        fixed = [(end, cities) for end in ends]
    return Graph(length, np.array(fixed, np.int64).reshape(-1, 2))


def _asymmetric(problem: TSP) -> Graph:
    arcs = reduction.dense(problem)
    size = len(arcs)
    arcs = np.where(arcs < problem.forbidden, arcs, NO_EDGE)
    np.fill_diagonal(arcs, 0)
    length = np.full((2 * size, 2 * size), NO_EDGE)
    length[:size, size:] = arcs
    length[size:, :size] = arcs.T
    nodes = np.arange(size)
    return Graph(length, np.column_stack([nodes, nodes + size]), doubled=True)


def edges_of(problem: TSP, tour: Tour) -> NDArray[np.int64]:
    """Edges of the graph that a tour uses, shape (num_graph_nodes, 2), the smaller node first."""
    cycle = reduction.cycle_of(problem, tour)
    tails, heads = cycle, np.roll(cycle, -1)
    if not problem.undirected:
        size = len(cycle)
        tails, heads = np.concatenate([tails, cycle]), np.concatenate([heads + size, cycle + size])
    return np.sort(np.column_stack([tails, heads]), axis=1)


def tour_of_edges(problem: TSP, edges: ArrayLike) -> Tour:
    """The tour that uses these edges, which must be one cycle through all nodes of the graph."""
    beside: dict[int, list[int]] = {}
    for u, v in np.asarray(edges, np.int64).tolist():
        beside.setdefault(u, []).append(v)
        beside.setdefault(v, []).append(u)
    nodes = list(_around(beside))
    if not problem.undirected:
        size = len(nodes) // 2
        # An arc goes from a node's side that is left, below `size`, to another's side that is entered.
        start = nodes.index(0)
        nodes = nodes[start:] + nodes[:start]
        if nodes[1] == size:
            nodes = [nodes[0], *nodes[:0:-1]]
        nodes = [node for node in nodes if node < size]
    return reduction.tour_of(problem, nodes)


def _around(beside: dict[int, list[int]]) -> Iterable[int]:
    """The nodes of a cycle in its order."""
    start = min(beside)
    before, node = start, beside[start][0]
    yield start
    while node != start:
        yield node
        left, right = beside[node]
        before, node = node, right if left == before else left
